//! The cells of a form, whether rulings on a page or a sheet hold them.

use std::{
    borrow::Cow,
    cell::OnceCell,
    collections::{BTreeMap, BTreeSet},
    ops::Range,
};

use unicode_normalization::UnicodeNormalization;

use super::super::{locate, sheet};
use crate::{
    model::{
        fact::Fact,
        geometry::Rect,
        page::{Cell, CellValue, MergedCells, Origin, Page, Sheet, Table},
        segment::Slice,
        text::{Glyph, Row},
        value::Value,
    },
    rulebook::types::Kind,
};

/// What stands so many points above a table may be its caption.
const CAPTION: f64 = 60.0;

/// A row and a column, from 0.
pub(super) type At = (usize, usize);

/// A table of a form.
pub(super) struct Grid<'a> {
    /// Its texts, and which of its cells are merged.
    pub(super) sheet: Cow<'a, Sheet>,
    /// What stands over it.
    pub(super) caption: String,
    /// The page it is printed on, from 1; `None` for a sheet.
    pub(super) page: Option<u32>,
    /// What its cells print, by their first row and column; a sheet prints nothing.
    printed: BTreeMap<At, Vec<Row>>,
    /// For every place that a merged cell covers, the cell.
    covered: BTreeMap<At, MergedCells>,
    /// What its cells say: asked for once for every label.
    said: OnceCell<Vec<(At, String)>>,
}

impl<'a> Grid<'a> {
    /// A sheet as a form.
    pub(super) fn of_sheet(sheet: &'a Sheet) -> Self {
        let covered = covered(&sheet.merged);
        Self {
            sheet: Cow::Borrowed(sheet),
            caption: String::new(),
            page: None,
            printed: BTreeMap::new(),
            covered,
            said: OnceCell::new(),
        }
    }

    /// The ruled tables in a stretch of a page, from top to bottom.
    /// `running` are the rows that are in none.
    pub(super) fn of_page(page: &Page, slice: &Slice, running: &[Row]) -> Vec<Self> {
        let inside = page.tables.iter().filter(|table| slice.bounds.holds(&table.bounds));
        inside.map(|table| Self::of_table(table, slice, running)).collect()
    }

    fn of_table(table: &Table, slice: &Slice, running: &[Row]) -> Self {
        let mut rows = vec![vec![Cell::default(); table.columns as usize]; table.rows as usize];
        let (mut merged, mut printed) = (Vec::new(), BTreeMap::new());
        for cell in &table.cells {
            let at = (cell.row as usize, cell.column as usize);
            let near = slice.rows.iter().filter(|row| row.bounds().overlap_y(&cell.bounds) > 0.0);
            let lines = own_lines(near.filter_map(|row| row.within(&cell.bounds)), cell.bounds.right);
            let text = joined(&lines).text;
            if let Some(place) = rows.get_mut(at.0).and_then(|row| row.get_mut(at.1)) {
                let value = if text.is_empty() { CellValue::Empty } else { CellValue::Text };
                *place = Cell { text, value };
            }
            if cell.row_span > 1 || cell.column_span > 1 {
                let (top, left) = (cell.row + 1, cell.column + 1);
                let (bottom, right) = (cell.row + cell.row_span, cell.column + cell.column_span);
                merged.push(MergedCells { top, left, bottom, right });
            }
            printed.insert(at, lines);
        }
        merged.sort_by_key(|cell| (cell.top, cell.left));
        let near = Rect {
            top: table.bounds.top - CAPTION,
            bottom: table.bounds.top,
            left: slice.bounds.left,
            right: slice.bounds.right,
        };
        let above: Vec<String> =
            running.iter().filter_map(|row| row.within(&near)).map(|row| row.text).collect();
        Self {
            covered: covered(&merged),
            sheet: Cow::Owned(Sheet { rows, merged, ..Sheet::default() }),
            caption: above.join("\n"),
            page: Some(slice.page),
            printed,
            said: OnceCell::new(),
        }
    }

    /// What a cell says: full width folded, lines joined.
    pub(super) fn text(&self, at: At) -> String {
        match self.printed.get(&at) {
            Some(lines) => joined(lines).text,
            None => self.cell(at).map(|cell| cell.text.trim().nfkc().collect()).unwrap_or_default(),
        }
    }

    /// Some bytes of what a cell says, as they are printed.
    pub(super) fn printed(&self, at: At, bytes: Range<usize>) -> String {
        match self.printed.get(&at) {
            Some(lines) => printed(&joined(lines), bytes),
            None => {
                let whole = bytes == (0..self.text(at).len());
                let cell = self.cell(at).filter(|_| whole).map(|cell| cell.text.trim().to_owned());
                cell.unwrap_or_else(|| self.text(at).get(bytes).unwrap_or_default().to_owned())
            }
        }
    }

    /// What a cell says, line by line.
    pub(super) fn lines(&self, at: At) -> Vec<String> {
        match self.printed.get(&at) {
            Some(lines) => lines.iter().map(|line| line.text.clone()).collect(),
            None => self.text(at).lines().map(str::to_owned).collect(),
        }
    }

    fn cell(&self, (row, column): At) -> Option<&Cell> {
        self.sheet.rows.get(row)?.get(column)
    }

    /// The places of all cells that say something, row by row. No form has more than so many.
    pub(super) fn places(&self) -> impl Iterator<Item = At> {
        const MOST: usize = 20_000;
        (0..self.sheet.rows.len()).flat_map(|row| self.in_row(row)).take(MOST)
    }

    /// The places of the cells of a row that say something.
    pub(super) fn in_row(&self, row: usize) -> impl Iterator<Item = At> {
        let cells = self.sheet.rows.get(row).into_iter().flatten().enumerate();
        cells.filter(|(_, cell)| !cell.text.trim().is_empty()).map(move |(column, _)| (row, column))
    }

    /// What its cells say, row by row.
    pub(super) fn said(&self) -> &[(At, String)] {
        self.said.get_or_init(|| self.places().map(|at| (at, self.text(at))).collect())
    }

    /// The cells to the right of one that say something, in its first row.
    pub(super) fn right_of(&self, at: At) -> Vec<At> {
        let width = self.sheet.rows.get(at.0).map_or(0, Vec::len);
        let mut found = BTreeSet::new();
        for column in self.last(at).1 + 1..width {
            let first = self.first((at.0, column));
            if !self.text(first).is_empty() {
                found.insert((first.1, first.0));
            }
        }
        found.into_iter().map(|(column, row)| (row, column)).collect()
    }

    /// The cells above one that say something and what they say, the nearest first.
    pub(super) fn above(&self, at: At) -> impl Iterator<Item = (At, String)> {
        let up = (0..at.0).rev().map(move |row| self.first((row, at.1)));
        up.map(|at| (at, self.text(at))).filter(|(_, text)| !text.is_empty())
    }

    /// Whether somebody read a cell in a picture.
    pub(super) fn is_recognised(&self, at: At) -> bool {
        let glyphs = self.printed.get(&at).into_iter().flatten().flat_map(|line| &line.glyphs);
        glyphs.into_iter().any(|glyph| matches!(glyph.origin, Origin::Recognized { .. }))
    }

    /// The first place of the cell that covers one.
    pub(super) fn first(&self, at: At) -> At {
        self.covered.get(&at).map_or(at, |cell| (cell.top as usize - 1, cell.left as usize - 1))
    }

    fn last(&self, at: At) -> At {
        self.covered.get(&at).map_or(at, |cell| (cell.bottom as usize - 1, cell.right as usize - 1))
    }

    /// The value that a sheet holds in a cell as such, and not as a text.
    pub(super) fn held(&self, at: At) -> Option<&CellValue> {
        let cell = self.cell(at).filter(|_| self.page.is_none())?;
        matches!(cell.value, CellValue::Number(_) | CellValue::DateTime(_) | CellValue::Bool(_))
            .then_some(&cell.value)
    }

    /// A value read from some bytes of what a cell says.
    pub(super) fn fact(&self, at: At, value: Value, checked: Option<bool>, bytes: Range<usize>) -> Fact {
        match self.printed.get(&at) {
            Some(lines) => {
                let row = joined(lines);
                locate::value_fact(value, checked, super::super::reach::span(&row, bytes.start, bytes.end))
            }
            None => {
                let cell = self.cell(at).cloned().unwrap_or_default();
                let mut fact = sheet::fact(value, &cell, &self.sheet, at.0, at.1);
                if checked == Some(false) {
                    fact.problem = Some(locate::CHECK_DIGIT);
                }
                fact
            }
        }
    }

    /// A field that stands in a cell and does not read as what it should be.
    pub(super) fn unreadable(&self, at: At, problem: &'static str) -> Fact {
        let mut fact = match self.printed.get(&at) {
            Some(lines) => locate::unreadable(&joined(lines)),
            None => sheet::unreadable(&self.cell(at).cloned().unwrap_or_default(), &self.sheet, at.0, at.1),
        };
        fact.problem = Some(problem);
        fact
    }

    /// A cell's own place in words, such as `第 3 页` or `基本信息!B4`.
    pub(super) fn describe(&self, (row, column): At) -> String {
        match self.page {
            Some(page) => format!("第 {page} 页"),
            None => {
                let letters = u32::try_from(column + 1).map(crate::model::anchor::column_letters);
                format!("{}!{}{}", self.sheet.name, letters.unwrap_or_default(), row + 1)
            }
        }
    }

    /// Whether some cell says what a pattern looks for.
    pub(super) fn says(&self, pattern: &regex::Regex) -> bool {
        self.said().iter().any(|(_, text)| pattern.is_match(text))
    }

    /// Whether a kind's value is held and not written.
    pub(super) fn is_held_as(&self, at: At, kind: &Kind) -> bool {
        matches!(
            (self.held(at), kind),
            (Some(CellValue::Number(_)), Kind::Amount | Kind::Number | Kind::Money)
                | (Some(CellValue::DateTime(_)), Kind::Date)
                | (Some(CellValue::Bool(_)), Kind::YesNo)
        )
    }
}

/// White space that ends a line before its cell is full, in letter heights: what stands in the next line is
/// something else, and no figures that go on.
const NOT_FULL: f64 = 1.1;

/// The lines of a cell that ends at `right`. A row goes across the page, and may take in two lines of a cell
/// beside one of another. The gap before a line's first character says whether the line before was full.
fn own_lines(rows: impl Iterator<Item = Row>, right: f64) -> Vec<Row> {
    let words = rows.flat_map(|row| {
        // Inside a word there is no white space at all; a word of the line below may begin farther left.
        let parted = row.glyphs.chunk_by(|_, next| next.gap.abs() < f64::EPSILON);
        parted.map(<[Glyph]>::to_vec).collect::<Vec<_>>()
    });
    let mut words: Vec<(Rect, Vec<Glyph>)> = words
        .filter_map(|word| Some((Rect::around(word.iter().map(|glyph| &glyph.bounds))?, word)))
        .collect();
    words.sort_by(|a, b| a.0.center_y().total_cmp(&b.0.center_y()));
    let on_one = |a: &(Rect, Vec<Glyph>), b: &(Rect, Vec<Glyph>)| {
        b.0.center_y() - a.0.center_y() < a.0.height().min(b.0.height()) / 2.0
    };
    let line = |line: &mut [(Rect, Vec<Glyph>)]| {
        line.sort_by(|a, b| a.0.left.total_cmp(&b.0.left));
        let mut glyphs: Vec<Glyph> = Vec::new();
        for (bounds, word) in line {
            let before = glyphs.last().map(|glyph| glyph.bounds.right);
            if let Some(first) = word.first_mut() {
                first.gap = before.map_or(f64::MAX, |right| (bounds.left - right) / bounds.height().max(1.0));
            }
            glyphs.append(word);
        }
        Row::of(glyphs)
    };
    let mut lines: Vec<Row> = words.chunk_by_mut(on_one).map(line).collect();
    for at in 1..lines.len() {
        let end = lines[at - 1].bounds();
        let is_full = right - end.right < NOT_FULL * end.height();
        if let Some(first) = lines[at].glyphs.first_mut() {
            first.gap = if is_full { 0.0 } else { 1.0 };
        }
    }
    lines
}

fn covered(merged: &[MergedCells]) -> BTreeMap<At, MergedCells> {
    /// No form merges more cells than this; a sheet may claim to.
    const MOST: usize = 100_000;
    let places = |cell: &MergedCells| {
        let cell = *cell;
        let rows = cell.top.max(1) - 1..cell.bottom;
        rows.flat_map(move |row| {
            (cell.left.max(1) - 1..cell.right).map(move |column| ((row as usize, column as usize), cell))
        })
    };
    merged.iter().flat_map(places).take(MOST).collect()
}

/// Some bytes of a row's text as they are printed, before anything was folded.
pub(super) fn printed(row: &Row, bytes: Range<usize>) -> String {
    let mut out = String::new();
    let mut before = None;
    for (byte, c) in row.text.char_indices().filter(|(byte, _)| bytes.contains(byte)) {
        let at = row.glyph_at.get(byte).copied();
        if c == ' ' {
            out.push(' ');
        } else if at != before {
            out.extend(at.and_then(|at| row.glyphs.get(at)).map(|glyph| glyph.printed));
            before = at;
        }
    }
    out
}

/// The lines of a cell as one row; what goes on behind a full line does so without white space, except between
/// Latin words. Figures and capitals go on as one code.
fn joined(lines: &[Row]) -> Row {
    let mut glyphs: Vec<Glyph> = Vec::new();
    for line in lines {
        let mut line = line.glyphs.clone();
        if let ([.., before, last], Some(first)) = (glyphs.as_slice(), line.first_mut()) {
            let ends = ",.".contains(last.printed) && before.printed.is_ascii_alphabetic();
            let is_word = last.printed.is_ascii_lowercase() || ends;
            if is_word && first.printed.is_ascii_alphanumeric() {
                first.gap = 1.0;
            }
        }
        glyphs.extend(line);
    }
    Row::of(glyphs)
}
