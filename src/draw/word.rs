//! Pages of Word documents, drawn from the same layout that their words were read from.

use std::{cell::RefCell, collections::BTreeMap};

use hayro::{
    kurbo::{Affine, Rect},
    vello_cpu::{RenderContext, color::palette::css},
};
use image::{RgbImage, imageops};

use super::{DrawError, glyphs::Face, painted, picture, sides};
use crate::{
    container::word::{self, Laid, LaidPicture, LaidWord, WordLimits},
    model::limits::Limits,
};

/// A laid out document with the font that stands in for all of its fonts.
pub(super) struct Opened {
    laid: Laid,
    face: Option<Face>,
    /// Pictures that were decoded, by their part; `None` for one that cannot be.
    decoded: RefCell<BTreeMap<String, Option<RgbImage>>>,
    limits: Limits,
}

impl Opened {
    pub(super) fn open(bytes: &[u8], limits: &Limits) -> Result<Self, DrawError> {
        let laid = word::open(bytes, &WordLimits::of(limits))
            .map_err(|trouble| DrawError::Unopened(trouble.to_string()))?;
        let face = Face::stand_in(["", ""], false);
        Ok(Self { laid, face, decoded: RefCell::default(), limits: limits.clone() })
    }

    pub(super) fn page(&self, number: u32, dpi: f64) -> Result<RgbImage, DrawError> {
        let index = (number as usize).checked_sub(1);
        let page = index.and_then(|index| self.laid.pages.get(index)).ok_or(DrawError::NoSuchPage(number))?;
        let scale = if dpi > 0.0 { dpi } else { 150.0 } / 72.0;
        let (across, down) = ((page.width * scale).round(), (page.height * scale).round());
        let (width, height) = sides(number, across, down, self.limits.pixels)?;
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
        let mut image = painted(&context, number)?;
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
        let image = decoded.entry(picture.part.clone()).or_insert_with(|| {
            bytes().and_then(|bytes| picture::Opened::open(bytes, &self.limits).ok()?.page(1, 0.0).ok())
        });
        let Some(image) = image else { return };
        let place = &picture.place;
        let width = super::pixel(((place.right - place.left) * scale).round()).max(1);
        let height = super::pixel(((place.bottom - place.top) * scale).round()).max(1);
        let fitted = imageops::resize(image, width, height, imageops::FilterType::Triangle);
        let (x, y) = (super::pixel(place.left * scale), super::pixel(place.top * scale));
        imageops::replace(page, &fitted, i64::from(x), i64::from(y));
    }
}
