//! Words to lines and rows in reading order, and ruled tables.
//!
//! Works on one page at a time and gives words no meaning.

mod lines;
mod tables;

use crate::model::page::Page;

/// Fills `lines` and `tables` of a page from its words and strokes.
pub fn arrange(page: &mut Page) {
    page.lines = lines::lines(&page.words, &page.strokes);
    page.tables = tables::tables(&page.words, &page.strokes);
}
