//! Glyphs on a page, as they are put together to words.

use std::rc::Rc;

use crate::model::{geometry::Rect, page::Concealment};

/// A glyph on the page.
#[derive(Clone, Debug)]
pub(in crate::read) struct Mark {
    /// Its characters, possibly several (a ligature) or U+FFFD.
    pub(in crate::read) text: Rc<str>,
    /// Its box: as wide as it advances, as high as its font.
    pub(in crate::read) bounds: Rect,
    /// Font size as drawn, in points.
    pub(in crate::read) size: f64,
    /// Which way the line runs, in degrees clockwise from rightwards: −180 to 180.
    pub(in crate::read) angle: f64,
    /// Whether glyphs stand upright below one another: vertical writing.
    pub(in crate::read) vertical: bool,
    /// Its place in the order of drawing.
    pub(in crate::read) order: usize,
    /// Its colour; `None` where it is no single one.
    pub(in crate::read) colour: Option<[u8; 3]>,
    /// How opaque it is, 0 to 1.
    pub(in crate::read) opacity: f32,
    /// Why nobody sees it.
    pub(in crate::read) concealed: Option<Concealment>,
    /// Whether it may be one that nobody sees, through a mask or on a ground of unknown looks.
    pub(in crate::read) veiled: bool,
    /// Whether there is reason not to believe its characters.
    pub(in crate::read) doubtful: bool,
    /// Stands for its font; 0 where that is not known.
    pub(in crate::read) font: u64,
}

impl Mark {
    /// A glyph of another format: seen, believed, of no known colour or font.
    pub(in crate::read) fn plain(text: &str, bounds: Rect, size: f64, angle: f64) -> Self {
        Self {
            text: text.into(),
            bounds,
            size,
            angle,
            vertical: false,
            order: usize::MAX,
            colour: None,
            opacity: 1.0,
            concealed: None,
            veiled: false,
            doubtful: false,
            font: 0,
        }
    }
}
