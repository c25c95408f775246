//! What stands in a document before it has pages: paragraphs, tables, sections.

use super::Hidden;

/// A piece of a document that stands by itself.
pub(super) enum Block {
    Paragraph(Paragraph),
    Table(Table),
}

/// Pieces in a row, broken into lines by the layout.
#[derive(Default)]
pub(super) struct Paragraph {
    pub(super) pieces: Vec<Piece>,
    pub(super) new_page: bool,
}

pub(super) enum Piece {
    Text {
        text: String,
        size: f64,
        hidden: Option<Hidden>,
    },
    Tab,
    Line,
    Page,
    /// A picture with its width and height in points, 0 where they are not told.
    Picture {
        part: String,
        width: f64,
        height: f64,
    },
}

#[derive(Default)]
pub(super) struct Table {
    /// Widths of the columns of its grid, in points.
    pub(super) grid: Vec<f64>,
    pub(super) rows: Vec<Row>,
}

#[derive(Default)]
pub(super) struct Row {
    /// Columns of the grid that are left out before the first cell.
    pub(super) before: usize,
    pub(super) cells: Vec<Cell>,
}

pub(super) struct Cell {
    pub(super) span: usize,
    /// Whether it goes on with the cell above.
    pub(super) continues: bool,
    pub(super) blocks: Vec<Block>,
}

/// What stands at the head or foot of the pages of a section.
#[derive(Default)]
pub(super) struct Edge {
    /// Of its first page, where that has one of its own.
    pub(super) first: Option<Vec<Block>>,
    /// Of the document's pages with even numbers, where those have one of their own.
    pub(super) even: Option<Vec<Block>>,
    pub(super) usual: Vec<Block>,
}

/// A stretch of a document on paper of one size.
pub(super) struct Section {
    pub(super) blocks: Vec<Block>,
    pub(super) width: f64,
    pub(super) height: f64,
    /// Left, top, right, bottom.
    pub(super) margins: [f64; 4],
    pub(super) header: Edge,
    pub(super) footer: Edge,
    /// Whether it goes on where the section before ended.
    pub(super) continues: bool,
}
