//! Pages of PDF files, drawn by hayro.

use std::sync::Arc;

use hayro::{
    PixmapSettings, RenderCache, RenderSettings,
    hayro_interpret::{
        InterpreterSettings,
        font::{FontData, FontQuery},
    },
    hayro_syntax::Pdf,
    render,
    vello_cpu::color::palette::css::WHITE,
};
use image::RgbImage;

use super::{DrawError, sides};
use crate::{container::fonts, model::limits::Limits};

/// A parsed file. Caches of glyphs live as long as one page, which is what hayro lets borrow.
pub(super) struct Opened {
    pdf: Pdf,
    settings: InterpreterSettings,
    /// Pixels of a page at most.
    pixels: u64,
}

impl Opened {
    pub(super) fn open(bytes: &[u8], limits: &Limits) -> Result<Self, DrawError> {
        let open = std::panic::catch_unwind(|| Pdf::new(bytes.to_vec()));
        match open {
            Ok(Ok(pdf)) => Ok(Self { pdf, settings: settings(), pixels: limits.pixels }),
            Ok(Err(error)) => Err(DrawError::Unopened(format!("{error:?}"))),
            Err(_) => Err(DrawError::Unopened("the parser failed".to_owned())),
        }
    }

    pub(super) fn page(&self, number: u32, dpi: f64) -> Result<RgbImage, DrawError> {
        let pages = self.pdf.pages();
        let index = (number as usize).checked_sub(1);
        let page = index.and_then(|index| pages.get(index)).ok_or(DrawError::NoSuchPage(number))?;
        let dpi = if dpi > 0.0 { dpi } else { 150.0 };
        // A page may say that its units are larger than a point; boxes are in points.
        let unit = page.raw().get::<f32>("UserUnit".as_bytes()).map_or(1.0, f64::from);
        let unit = if unit.is_finite() && (0.01..=1000.0).contains(&unit) { unit } else { 1.0 };
        let dpi = dpi * unit;
        let (width, height) = page.render_dimensions();
        let across = f64::from(width) * dpi / 72.0;
        let down = f64::from(height) * dpi / 72.0;
        sides(number, across, down, self.pixels)?;
        #[expect(clippy::cast_possible_truncation, reason = "a scale needs no more digits")]
        let scale = (dpi / 72.0) as f32;
        let pixmap = render(
            page,
            &RenderCache::new(),
            &self.settings,
            &RenderSettings::default(),
            &PixmapSettings { x_scale: scale, y_scale: scale, bg_color: WHITE },
        );
        super::opaque(&pixmap, number)
    }
}

/// Where fonts that are named and not embedded come from: Chinese ones from this machine.
fn settings() -> InterpreterSettings {
    InterpreterSettings {
        font_resolver: Arc::new(|query| match query {
            FontQuery::Standard(font) => Some(font.get_font_data()),
            FontQuery::Fallback(wanted) => {
                let names = [&wanted.post_script_name, &wanted.font_name, &wanted.font_family];
                let names = names.into_iter().flatten().map(String::as_str);
                let chinese = wanted.character_collection.is_some();
                fonts::stand_in(names, chinese, wanted.is_serif).map_or_else(
                    || Some(wanted.pick_standard_font().get_font_data()),
                    |font| Some((Arc::clone(&font.bytes) as FontData, font.index)),
                )
            }
        }),
        ..InterpreterSettings::default()
    }
}
