//! Word documents (docx, ECMA-376) laid out on pages.
//!
//! A docx has no pages of its own: every program breaks its lines as its fonts demand. The pages here
//! are a layout of this program, the same on every machine, and both reading and drawing take theirs
//! from here.

mod blocks;
mod colour;
mod layout;
mod numbering;
mod parse;
mod styles;

pub use parse::{Trouble, open};

/// How much of a document is taken.
#[derive(Clone, Copy, Debug)]
pub struct WordLimits {
    /// Bounds of the package.
    pub archive: super::archive::ArchiveLimits,
    /// Elements and stretches of text of one part.
    pub nodes: usize,
    /// Pages that are laid out.
    pub pages: usize,
    /// Words on all pages.
    pub words: usize,
}

/// A page, in points, origin top left, y down.
#[derive(Clone, Debug, Default)]
pub struct LaidPage {
    /// Width.
    pub width: f64,
    /// Height; larger than the paper where a row of a table is.
    pub height: f64,
    /// Words in reading order, hidden ones too.
    pub words: Vec<LaidWord>,
    /// Rulings of tables.
    pub strokes: Vec<Place>,
    /// Pictures.
    pub pictures: Vec<LaidPicture>,
}

/// Left, top, right and bottom edge.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Place {
    /// Left edge.
    pub left: f64,
    /// Top edge.
    pub top: f64,
    /// Right edge.
    pub right: f64,
    /// Bottom edge.
    pub bottom: f64,
}

impl Place {
    /// The same box further right and down.
    fn moved(&self, x: f64, y: f64) -> Self {
        Self { left: self.left + x, top: self.top + y, right: self.right + x, bottom: self.bottom + y }
    }
}

/// Characters that stand together, without white space.
#[derive(Clone, Debug, Default)]
pub struct LaidWord {
    /// The characters.
    pub text: String,
    /// The box round them.
    pub place: Place,
    /// Left edge of every character and, last, the right edge of the last one.
    pub edges: Vec<f64>,
    /// Whether the document keeps the words from being shown, and why.
    pub hidden: Option<Hidden>,
}

/// Why words of a document are not shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Hidden {
    /// Marked as hidden text.
    Marked,
    /// In the colour of what they stand on.
    Ground,
}

/// A picture on a page.
#[derive(Clone, Debug, Default)]
pub struct LaidPicture {
    /// The part of the package that holds it.
    pub part: String,
    /// Where it stands.
    pub place: Place,
}

/// What was made of a document.
#[derive(Clone, Debug, Default)]
pub struct Laid {
    /// The pages.
    pub pages: Vec<LaidPage>,
    /// Pictures in the document by their part, once each.
    pub pictures: Vec<(String, Vec<u8>)>,
    /// What kept the document from being read whole.
    pub troubles: Vec<Trouble>,
    /// What there was more of than allowed.
    pub cut: Option<Cut>,
}

/// What a document has more of than is laid out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Cut {
    /// Pages.
    Pages,
    /// Words.
    Words,
}
