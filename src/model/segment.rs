//! A stretch of a file that is one document: pages, or bands of a page.

use super::{geometry::Rect, text::Row};

/// A page of a document, or the band of a page where several documents share it.
#[derive(Clone, Debug)]
pub struct Slice {
    /// The page, from 1.
    pub page: u32,
    /// The part of the page.
    pub bounds: Rect,
    /// The rows in it, from top to bottom.
    pub rows: Vec<Row>,
    /// What is written round the seals in it.
    pub seals: Vec<Row>,
    /// Vertical and horizontal rulings in it.
    pub strokes: Vec<Rect>,
}

impl Slice {
    /// What of it lies in a part of it.
    #[must_use]
    pub fn part(&self, bounds: Rect) -> Self {
        Self {
            page: self.page,
            bounds,
            rows: self.rows.iter().filter_map(|row| row.within(&bounds)).collect(),
            seals: self.seals.iter().filter(|seal| bounds.holds(&seal.bounds())).cloned().collect(),
            strokes: self.strokes.iter().filter(|stroke| bounds.holds(stroke)).copied().collect(),
        }
    }
}

/// One document and where it stands.
#[derive(Clone, Debug, Default)]
pub struct Segment {
    /// Identifier of the type; `other` where none was recognised.
    pub document_type: String,
    /// How surely, 0 to 1.
    pub confidence: f32,
    /// Where it stands, in reading order.
    pub slices: Vec<Slice>,
}
