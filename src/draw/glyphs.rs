//! Outlines of letters: out of fonts that a file carries, else out of a font of this machine.

use std::{cell::RefCell, collections::HashMap, sync::Arc};

use hayro::kurbo::BezPath;
use skrifa::{
    FontRef, GlyphId, MetadataProvider,
    instance::{LocationRef, Size},
    outline::{DrawSettings, OutlinePen},
};

use crate::container::fonts;

/// A font whose glyphs can be drawn.
pub(super) struct Face {
    bytes: Arc<Vec<u8>>,
    index: u32,
    /// Outlines that were asked for before, in a square of one by one with y downwards.
    known: RefCell<HashMap<u32, Option<Arc<BezPath>>>>,
}

/// A glyph of a font.
pub(super) struct Glyph {
    /// Its outline in sizes, y downwards, the base line at 0.
    pub(super) outline: Arc<BezPath>,
    /// How far it advances, in sizes.
    pub(super) advance: f64,
}

impl Face {
    /// A font out of a file; `None` where it is none that can be drawn.
    pub(super) fn embedded(bytes: &[u8]) -> Option<Self> {
        let face = Self { bytes: Arc::new(bytes.to_vec()), index: 0, known: RefCell::default() };
        face.font().is_some_and(|font| font.outline_glyphs().iter().next().is_some()).then_some(face)
    }

    /// The font of this machine that stands in for one of these names.
    pub(super) fn stand_in(names: [&str; 2], serif: bool) -> Option<Self> {
        let font = fonts::stand_in(names, true, serif)?;
        Some(Self { bytes: Arc::clone(&font.bytes), index: font.index, known: RefCell::default() })
    }

    fn font(&self) -> Option<FontRef<'_>> {
        FontRef::from_index(&self.bytes, self.index).ok()
    }

    /// The glyph of a character; `None` where the font has none.
    pub(super) fn character(&self, character: char) -> Option<Glyph> {
        let font = self.font()?;
        let map = font.charmap();
        // Fonts of signs have their characters in an area of private use.
        let signs =
            || Some(u32::from(character)).filter(|code| *code < 256).and_then(|c| map.map(0xf000 + c));
        let id = map.map(character).filter(|id| id.to_u32() > 0).or_else(signs)?;
        self.glyph(id.to_u32())
    }

    /// A glyph by its number.
    pub(super) fn glyph(&self, id: u32) -> Option<Glyph> {
        let font = self.font()?;
        let units = f64::from(font.metrics(Size::unscaled(), LocationRef::default()).units_per_em.max(1));
        let advance =
            font.glyph_metrics(Size::unscaled(), LocationRef::default()).advance_width(GlyphId::new(id));
        let outline =
            self.known.borrow_mut().entry(id).or_insert_with(|| outline(&font, id, units)).clone()?;
        Some(Glyph { outline, advance: advance.map_or(1.0, |advance| f64::from(advance) / units) })
    }
}

fn outline(font: &FontRef<'_>, id: u32, units: f64) -> Option<Arc<BezPath>> {
    let glyph = font.outline_glyphs().get(GlyphId::new(id))?;
    let mut pen = Pen { path: BezPath::new(), scale: 1.0 / units };
    glyph.draw(DrawSettings::unhinted(Size::unscaled(), LocationRef::default()), &mut pen).ok()?;
    Some(Arc::new(pen.path))
}

struct Pen {
    path: BezPath,
    scale: f64,
}

impl Pen {
    fn point(&self, x: f32, y: f32) -> (f64, f64) {
        (f64::from(x) * self.scale, -f64::from(y) * self.scale)
    }
}

impl OutlinePen for Pen {
    fn move_to(&mut self, x: f32, y: f32) {
        self.path.move_to(self.point(x, y));
    }

    fn line_to(&mut self, x: f32, y: f32) {
        self.path.line_to(self.point(x, y));
    }

    fn quad_to(&mut self, cx0: f32, cy0: f32, x: f32, y: f32) {
        self.path.quad_to(self.point(cx0, cy0), self.point(x, y));
    }

    fn curve_to(&mut self, cx0: f32, cy0: f32, cx1: f32, cy1: f32, x: f32, y: f32) {
        self.path.curve_to(self.point(cx0, cy0), self.point(cx1, cy1), self.point(x, y));
    }

    fn close(&mut self) {
        self.path.close_path();
    }
}
