//! Rows of a document as one text, for what runs over several of them.

use crate::model::{
    segment::Slice,
    text::{Glyph, Row},
};

/// The text of all rows as one, which knows the glyph of every byte.
pub(super) struct Joined<'a> {
    pub(super) text: String,
    /// For every byte, its row and the byte in it.
    owners: Vec<(&'a Row, usize)>,
}

impl<'a> Joined<'a> {
    /// Joins rows, and pages, by what stands between them.
    pub(super) fn of(slices: &'a [Slice], between_rows: &str, between_pages: &str) -> Self {
        let mut joined = Self { text: String::new(), owners: Vec::new() };
        for slice in slices {
            for (at, row) in (1..).zip(&slice.rows) {
                let between = if at < slice.rows.len() { between_rows } else { between_pages };
                joined.text.push_str(&row.text);
                joined.text.push_str(between);
                joined.owners.extend((0..row.text.len() + between.len()).map(|byte| (row, byte)));
            }
        }
        joined
    }

    /// The glyphs of a stretch of the text, each once.
    pub(super) fn glyphs(&self, range: std::ops::Range<usize>) -> Vec<Glyph> {
        let mut glyphs: Vec<Glyph> = Vec::new();
        let mut last = None;
        for (row, byte) in self.owners.get(range).unwrap_or_default() {
            let Some(at) = row.glyph_at.get(*byte) else { continue };
            let key = (std::ptr::from_ref::<Row>(row), *at);
            if last != Some(key) {
                glyphs.extend(row.glyphs.get(*at).cloned());
                last = Some(key);
            }
        }
        glyphs
    }
}
