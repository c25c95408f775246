//! Glyphs that a file draws itself (Type 3): what they look like, as one outline.

use hayro::{
    hayro_interpret::{
        BlendMode, ClipPath, Device, DrawMode, DrawProps, Image, ImageDrawProps, Paint, SoftMask,
        font::{GlyphRun, Type3Glyph},
    },
    kurbo::{Affine, BezPath},
};

use super::collect::{self, PIECES};

/// What the procedure of a glyph fills, in thousandths of an em; empty where it draws otherwise, by a
/// picture of dots or by strokes, or more than any letter has.
///
/// # Panics
///
/// Ends the reading of the file, as [`collect::spend`] does, when the steps are used up.
pub(super) fn outline<'a>(glyph: &Type3Glyph<'a>, paint: &Paint<'a>, steps: &mut usize) -> BezPath {
    let mut found = Fills { outline: BezPath::new(), steps, only: true };
    glyph.interpret(&mut found, Affine::IDENTITY, Affine::IDENTITY, paint);
    if found.only && found.outline.elements().len() <= PIECES { found.outline } else { BezPath::new() }
}

struct Fills<'s> {
    outline: BezPath,
    steps: &'s mut usize,
    /// Whether everything that was drawn is in the outline.
    only: bool,
}

impl Device<'_> for Fills<'_> {
    fn draw_path(&mut self, path: &BezPath, props: DrawProps<'_>, mode: &DrawMode) {
        collect::spend(self.steps, 1 + path.elements().len() / 8);
        match mode {
            DrawMode::Fill(_) if self.outline.elements().len() <= PIECES => {
                self.outline.extend(props.transform * path.clone());
            }
            _ => self.only = false,
        }
    }

    fn draw_glyph_run(&mut self, run: &GlyphRun<'_, '_>, _: DrawProps<'_>, _: &DrawMode) {
        collect::spend(self.steps, 1 + run.glyphs().len());
        self.only = false;
    }

    fn draw_image(&mut self, _: Image<'_, '_>, _: ImageDrawProps<'_>) {
        collect::spend(self.steps, 1);
        self.only = false;
    }

    fn push_clip_path(&mut self, _: &ClipPath) {}

    fn push_transparency_group(&mut self, _: f32, _: Option<SoftMask<'_>>, _: BlendMode) {}

    fn pop_clip(&mut self) {}

    fn pop_transparency_group(&mut self) {}
}
