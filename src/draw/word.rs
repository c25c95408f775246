//! Pages of Word documents, drawn from the same layout that their words were read from.

use std::{cell::RefCell, collections::BTreeMap, io::Cursor};

use hayro::{
    kurbo::{Affine, Rect},
    vello_cpu::{self, Pixmap, RenderContext, color::palette::css},
};
use image::{RgbImage, imageops};

use super::{DrawError, PIXELS, glyphs::Face};
use crate::{
    container::{
        archive::ArchiveLimits,
        picture,
        word::{self, Laid, LaidPicture, LaidWord, WordLimits},
    },
    model::limits::Limits,
};

/// A laid out document with the font that stands in for all of its fonts.
pub(super) struct Opened {
    laid: Laid,
    face: Option<Face>,
    /// Pictures that were decoded, by their part; `None` for one that cannot be.
    decoded: RefCell<BTreeMap<String, Option<RgbImage>>>,
}

impl Opened {
    pub(super) fn open(bytes: &[u8]) -> Result<Self, DrawError> {
        let laid =
            word::open(bytes, &limits()).map_err(|trouble| DrawError::Unopened(trouble.to_string()))?;
        Ok(Self { laid, face: Face::stand_in(["", ""], false), decoded: RefCell::default() })
    }

    pub(super) fn page(&self, number: u32, dpi: f64) -> Result<RgbImage, DrawError> {
        let index = (number as usize).checked_sub(1);
        let page = index.and_then(|index| self.laid.pages.get(index)).ok_or(DrawError::NoSuchPage(number))?;
        let scale = if dpi > 0.0 { dpi } else { 150.0 } / 72.0;
        let (across, down) = ((page.width * scale).round(), (page.height * scale).round());
        let side = f64::from(u16::MAX);
        #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "sides are positive")]
        let pixels = (across * down) as u64;
        if pixels > PIXELS || across >= side || down >= side {
            return Err(DrawError::TooLarge { page: number, pixels, allowed: PIXELS });
        }
        #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "looked at above")]
        let (width, height) = (across.max(1.0) as u16, down.max(1.0) as u16);
        let mut context = RenderContext::new(width, height);
        context.set_paint(css::BLACK);
        context.set_transform(Affine::scale(scale));
        for stroke in &page.strokes {
            context.fill_rect(&Rect::new(stroke.left, stroke.top, stroke.right, stroke.bottom));
        }
        for word in page.words.iter().filter(|word| word.hidden.is_none()) {
            self.word(&mut context, word, scale);
        }
        context.flush();
        let mut pixmap = Pixmap::new(width, height);
        context.render_with(
            &mut pixmap,
            &mut vello_cpu::Resources::default(),
            vello_cpu::RasterizerSettings {
                target_init: vello_cpu::TargetInit::Clear(css::WHITE),
                ..Default::default()
            },
        );
        // On a white ground every pixel is opaque, so that the colours can be taken as they are.
        let colours = pixmap.data_as_u8_slice().chunks_exact(4).flat_map(|p| [p[0], p[1], p[2]]).collect();
        let mut image = RgbImage::from_raw(u32::from(width), u32::from(height), colours)
            .ok_or(DrawError::Crashed(number))?;
        for picture in &page.pictures {
            self.picture(&mut image, picture, scale);
        }
        Ok(image)
    }

    /// Every character in the place it was given, whatever the font would have given it.
    fn word(&self, context: &mut RenderContext, word: &LaidWord, scale: f64) {
        let Some(face) = &self.face else { return };
        // The box reaches a size above the base line and a fifth below it.
        let size = (word.place.bottom - word.place.top) / 1.2;
        let base = word.place.top + size;
        for (character, edges) in word.text.chars().zip(word.edges.windows(2)) {
            let Some(glyph) = face.character(character) else { continue };
            let wide = edges[1] - edges[0];
            // Letters wider than their place are drawn narrower, others keep their shape.
            let narrow = (wide / (glyph.advance * size).max(0.1)).min(1.0);
            let place = Affine::translate((edges[0], base)) * Affine::scale_non_uniform(size * narrow, size);
            context.set_transform(Affine::scale(scale) * place);
            context.fill_path(&glyph.outline);
        }
        context.set_transform(Affine::scale(scale));
    }

    /// A picture over its place; one that cannot be decoded leaves it empty.
    fn picture(&self, page: &mut RgbImage, picture: &LaidPicture, scale: f64) {
        let mut decoded = self.decoded.borrow_mut();
        let bytes =
            || self.laid.pictures.iter().find(|(part, _)| *part == picture.part).map(|(_, bytes)| bytes);
        let image =
            decoded.entry(picture.part.clone()).or_insert_with(|| bytes().and_then(|bytes| decode(bytes)));
        let Some(image) = image else { return };
        let place = &picture.place;
        let width = super::pixel(((place.right - place.left) * scale).round()).max(1);
        let height = super::pixel(((place.bottom - place.top) * scale).round()).max(1);
        let fitted = imageops::resize(image, width, height, imageops::FilterType::Triangle);
        let (x, y) = (super::pixel(place.left * scale), super::pixel(place.top * scale));
        imageops::replace(page, &fitted, i64::from(x), i64::from(y));
    }
}

/// Decodes a picture whose header promises no more pixels than are allowed.
fn decode(bytes: &[u8]) -> Option<RgbImage> {
    let header = picture::headers(bytes, 1).into_iter().next()?;
    if u64::from(header.width) * u64::from(header.height) > PIXELS {
        return None;
    }
    let format = image::guess_format(bytes).ok()?;
    image::load(Cursor::new(bytes), format).ok().map(image::DynamicImage::into_rgb8)
}

/// The same bounds as for reading.
const fn limits() -> WordLimits {
    const LIMITS: Limits = Limits::DEFAULT;
    WordLimits {
        archive: ArchiveLimits {
            entries: LIMITS.archive_entries,
            total_bytes: LIMITS.workbook_bytes,
            ratio: LIMITS.archive_ratio,
            memory: LIMITS.unpacker_memory,
        },
        nodes: LIMITS.file_words,
        depth: LIMITS.xml_depth,
        pages: LIMITS.pages,
        words: LIMITS.file_words,
    }
}
