//! Pages with words and strokes, and sheets with cells.

use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};

use super::{
    geometry::{Rect, Size, Turn},
    look::Look,
    name::{self, Name},
    warp::{Onto, Warp},
};

/// A page as it is read: upright, in points, origin top left, y down.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub struct Page {
    /// From 1, in the order of the file.
    pub number: u32,
    /// Size of the upright page.
    pub size: Size,
    /// How the page as stored has to be turned to stand upright. Boxes refer to the turned page.
    pub turn: Turn,
    /// How a page that was scanned askew or photographed from the side was laid flat to be read. As long as
    /// this is set, `size` and all boxes refer to the flat page.
    pub flat: Option<Flat>,
    /// Pixels an inch of a picture page; 0 for pages that are not pictures.
    pub dpi: f64,
    /// Whether the picture did not say its resolution and 72 was assumed.
    pub assumed_dpi: bool,
    /// Words, in the order they were found.
    pub words: Vec<Word>,
    /// What is written round seals, each in the box of its seal: it stands in no line.
    pub seals: Vec<Word>,
    /// Lines and thin boxes drawn on the page: the rulings of tables.
    pub strokes: Vec<Rect>,
    /// What the page looks like, where it is a picture as a whole and something stands on it.
    pub look: Option<Look>,
    /// Where pictures stand on the page.
    pub pictures: Vec<Rect>,
    /// Whether the text of the page can be believed.
    pub layer: TextLayer,
    /// Where glyphs stand whose characters cannot be believed, on a page whose other text can: these
    /// places have to be read as a picture, and no word of the text layer stands in them.
    pub doubtful: Vec<Rect>,
    /// Text that is in the file and that nobody sees. It is said and never used.
    pub hidden: Vec<HiddenWord>,
    /// Lines in reading order, filled by `arrange`.
    pub lines: Vec<Line>,
    /// Tables, filled by `arrange`.
    pub tables: Vec<Table>,
}

/// Share of a picture that the words on it cover at least, where they are what stands in it.
const SAYING: f64 = 0.02;

impl Page {
    /// Pictures of which the page's words say little: a scan with a header or a stamp, or a receipt
    /// pasted on a page.
    pub fn unsaid_pictures(&self) -> impl Iterator<Item = &Rect> {
        let area = |bounds: &Rect| bounds.width() * bounds.height();
        self.pictures.iter().filter(move |picture| {
            let words = self.words.iter().filter(|word| picture.holds(&word.bounds));
            words.map(|word| area(&word.bounds)).sum::<f64>() < SAYING * area(picture)
        })
    }

    /// Brings everything on the page to where it stands on another picture of it.
    pub fn map(&mut self, onto: &impl Onto) {
        for word in &mut self.words {
            let middle = word.bounds.center_y();
            let mut last = f64::MIN;
            for edge in &mut word.edges {
                last = last.max(onto.point((*edge, middle)).0);
                *edge = last;
            }
            word.bounds = onto.bounds(&word.bounds);
        }
        let hidden = self.hidden.iter_mut().map(|word| &mut word.bounds);
        let seals = self.seals.iter_mut().map(|word| &mut word.bounds);
        let lines = self.lines.iter_mut().map(|line| &mut line.bounds);
        let cells = self.tables.iter_mut().flat_map(|table| {
            let cells = table.cells.iter_mut().map(|cell| &mut cell.bounds);
            cells.chain([&mut table.bounds])
        });
        let places = [&mut self.strokes, &mut self.pictures, &mut self.doubtful];
        let places = places.into_iter().flatten();
        for bounds in hidden.chain(seals).chain(lines).chain(cells).chain(places) {
            *bounds = onto.bounds(bounds);
        }
    }
}

/// A page laid flat.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Flat {
    /// Takes points of the flat page to points of the upright page as it lies.
    pub onto: Warp,
    /// The size of the upright page as it lies.
    pub size: Size,
}

/// What a page's own text layer is worth.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub enum TextLayer {
    /// There is none: a scan or a picture.
    #[default]
    None,
    /// Every glyph resolved to a character.
    Trusted,
    /// Too many glyphs could not be resolved; the page has to be read as a picture.
    Doubtful,
}

/// Characters that stand together, without white space.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Word {
    /// The characters.
    pub text: String,
    /// The box round them.
    pub bounds: Rect,
    /// Left edge of every character and, last, the right edge of the last one: `chars + 1` entries,
    /// non-decreasing. Empty where the characters' own places are unknown; see [`Word::edge`].
    pub edges: Vec<f64>,
    /// Where the characters come from.
    pub origin: Origin,
}

impl Word {
    /// The box round the characters `from..to` (counted in characters).
    #[must_use]
    pub fn part(&self, from: usize, to: usize) -> Rect {
        Rect { left: self.edge(from), right: self.edge(to), ..self.bounds }
    }

    /// The left edge of character `at`; spread evenly where the characters' places are unknown.
    #[must_use]
    pub fn edge(&self, at: usize) -> f64 {
        self.edges.get(at).copied().unwrap_or_else(|| {
            let count = self.text.chars().count().max(1);
            #[expect(clippy::cast_precision_loss, reason = "a word has few characters")]
            let share = at.min(count) as f64 / count as f64;
            self.bounds.left + self.bounds.width() * share
        })
    }
}

/// Characters that are in a file and are not seen on the page.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct HiddenWord {
    /// The characters.
    pub text: String,
    /// Where they would stand.
    pub bounds: Rect,
    /// Why nobody sees them.
    pub concealment: Concealment,
}

/// Why characters are not seen.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub enum Concealment {
    /// Drawn invisibly, as by scanners that lay what they read under the picture.
    Invisible,
    /// In the colour of the ground.
    GroundColour,
    /// Under something drawn later.
    Covered,
    /// Beside the page or cut away.
    OffPage,
}

/// Where a word's characters come from.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub enum Origin {
    /// The text layer of the file.
    Printed,
    /// An engine that read a picture.
    Recognized {
        /// Name of the engine, a row of the engine table.
        #[serde(with = "name")]
        engine: Name,
        /// The engine's own score, 0 to 1. It is not a probability of being right.
        score: f32,
        /// What the score does not say.
        flaws: Flaws,
    },
}

/// Why characters that were recognised may be wrong although their score is high.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Flaws {
    /// A seal's ink lies on them.
    pub sealed: bool,
    /// Ink that no word accounts for stands beside them: they may go on there, or something lies over them.
    pub touched: bool,
    /// They stand unevenly: one may have been overlooked.
    pub uneven: bool,
    /// They are what a seal itself says, and not what is printed under it.
    pub of_seal: bool,
    /// They were seen in few pixels: of faxes and coarse scans more is misread at the same score.
    pub small: bool,
}

impl Flaws {
    /// Whether there is one.
    #[must_use]
    pub const fn any(self) -> bool {
        self.sealed || self.touched || self.uneven
    }

    /// Those of either.
    #[must_use]
    pub const fn or(self, other: Self) -> Self {
        Self {
            sealed: self.sealed || other.sealed,
            touched: self.touched || other.touched,
            uneven: self.uneven || other.uneven,
            of_seal: self.of_seal || other.of_seal,
            small: self.small || other.small,
        }
    }
}

/// Words on one base line, without a wide gap between them, from left to right.
///
/// A row of a form or table is several lines side by side: a gap wider than about two characters,
/// or a ruling, parts them.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Line {
    /// Indices into `Page::words`, from left to right.
    pub words: Vec<usize>,
    /// The box round the words.
    pub bounds: Rect,
    /// Lines with the same number stand beside each other on one base line.
    pub row: u32,
}

/// A table found from its rulings or from columns that line up.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Table {
    /// The box round it.
    pub bounds: Rect,
    /// Cells, row by row.
    pub cells: Vec<TableCell>,
    /// Number of rows.
    pub rows: u32,
    /// Number of columns.
    pub columns: u32,
}

/// A cell of a [`Table`], possibly merged over several columns or rows.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct TableCell {
    /// From 0.
    pub row: u32,
    /// From 0.
    pub column: u32,
    /// At least 1.
    pub row_span: u32,
    /// At least 1.
    pub column_span: u32,
    /// Its box.
    pub bounds: Rect,
    /// Indices into `Page::words`, in reading order.
    pub words: Vec<usize>,
}

/// One sheet of a workbook, or a separated text file as a sheet of its own.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub struct Sheet {
    /// The sheet's name; the file's stem for separated text.
    pub name: String,
    /// Rows of cells from row 1, column A; ragged.
    pub rows: Vec<Vec<Cell>>,
    /// Whether the sheet is hidden from who opens the workbook.
    pub hidden: bool,
    /// Hidden rows, from 1, ascending.
    pub hidden_rows: Vec<u32>,
    /// Hidden columns, from 1, ascending.
    pub hidden_columns: Vec<u32>,
    /// Cells merged into one; their value stands in the first.
    pub merged: Vec<MergedCells>,
}

/// Cells merged into one. Rows and columns from 1, both ends inclusive.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct MergedCells {
    /// First row.
    pub top: u32,
    /// First column.
    pub left: u32,
    /// Last row.
    pub bottom: u32,
    /// Last column.
    pub right: u32,
}

/// A spreadsheet cell.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Cell {
    /// What a person would see, trimmed; without the apostrophe or tab that marks codes in separated text.
    pub text: String,
    /// What the file holds.
    pub value: CellValue,
}

/// What a cell holds.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub enum CellValue {
    /// Nothing.
    #[default]
    Empty,
    /// Text, also where it looks like a number.
    Text,
    /// A number, exact as far as the file tells.
    Number(Decimal),
    /// A date or a date with time.
    DateTime(chrono::NaiveDateTime),
    /// True or false.
    Bool(bool),
    /// An error such as `#REF!`.
    Error,
}
