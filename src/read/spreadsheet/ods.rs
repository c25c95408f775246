//! Workbooks of Open Document (ods), after OASIS OpenDocument 1.2, part 1.
//!
//! Read here and not through calamine: numbers stand as decimals in the file, and a repeated row of a
//! hostile file costs nothing.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
};

use super::{
    Content, encrypted,
    grid::{COLUMNS, Formula, Found, Left, ROWS},
    settle, sums, too_many_sheets, unreadable,
};
use crate::{
    container::{
        archive::ArchiveLimits,
        xml_stream::{Event, Tag, stream},
        zip::part,
    },
    model::{
        limits::Limits,
        page::{Cell, CellValue},
    },
    read::{archive, cell, text},
};

/// Reads all sheets, hidden ones too.
pub(in crate::read) fn read(bytes: &Arc<[u8]>, limits: &Limits) -> Content {
    let mut content = Content::default();
    let bounds = ArchiveLimits::of_package(limits);
    if let Ok(Some(manifest)) = part(bytes, "META-INF/manifest.xml", bounds)
        && is_encrypted(&manifest)
    {
        content.problems.push(encrypted());
        return content;
    }
    let content_part = match part(bytes, "content.xml", bounds) {
        Ok(Some(part)) => part,
        Ok(None) => {
            content.problems.push(unreadable(None, "no content.xml"));
            return content;
        }
        Err(trouble) => {
            content.problems.push(archive::problem(&trouble));
            return content;
        }
    };
    let mut book = Book::new(limits);
    let trouble = stream(&content_part, |event| book.take(event));
    if book.sheets > limits.sheets {
        content.problems.push(too_many_sheets(book.sheets, limits.sheets));
    } else if let Some(trouble) = trouble {
        let odd = text::of_xml(&trouble);
        content.problems.push(odd.unwrap_or_else(|| unreadable(None, &trouble.to_string())));
    }
    book.close_sheet();
    settle(book.found, &book.left, limits, &mut content);
    content
}

/// Whether the list of parts says that their bytes are encrypted.
fn is_encrypted(manifest: &[u8]) -> bool {
    let mut found = false;
    let _ = stream(manifest, |event| {
        found |= matches!(event, Event::Open(tag) if tag.name() == "encryption-data");
        !found
    });
    found
}

/// What is known while the file is gone through.
struct Book {
    found: Vec<Found>,
    sheets: usize,
    allowed: usize,
    left: Left,
    /// Style whose properties are being told.
    style: Option<String>,
    /// Styles of tables that are not shown, and of rows and columns without height or width.
    unseen: BTreeSet<String>,
    /// Styles of white letters, and those that put a colour under them.
    white: BTreeSet<String>,
    filled: BTreeSet<String>,
    sheet: Option<Found>,
    /// Number of the row and column that come next, from 0.
    row: u32,
    column: u32,
    /// Column that the next declaration of columns begins with.
    declared: u32,
    /// Groups of rows or columns that are folded away, by the depth at which they began.
    folded: Vec<bool>,
    line: Line,
    open: Option<Open>,
    /// Tables inside cells are drawn, and no part of the sheet.
    inner: u32,
}

/// The row that is being read.
#[derive(Default)]
struct Line {
    repeated: u32,
    hidden: bool,
    cells: Vec<(u32, Cell)>,
}

/// The cell that is being read.
#[derive(Default)]
struct Open {
    attributes: BTreeMap<&'static str, String>,
    repeated: u32,
    /// Whether its letters are white on no colour.
    unseen: bool,
    text: String,
    paragraphs: u32,
    /// How deep elements stand that are not the cell's own text: remarks and drawings.
    aside: u32,
    within: u32,
}

/// Attributes of a cell that say what it holds.
const TOLD: &[&str] =
    &["value-type", "value", "date-value", "time-value", "boolean-value", "string-value", "formula"];

impl Book {
    const fn new(limits: &Limits) -> Self {
        Self {
            found: Vec::new(),
            sheets: 0,
            allowed: limits.sheets,
            left: Left::of(limits),
            style: None,
            unseen: BTreeSet::new(),
            white: BTreeSet::new(),
            filled: BTreeSet::new(),
            sheet: None,
            row: 0,
            column: 0,
            declared: 0,
            folded: Vec::new(),
            line: Line { repeated: 1, hidden: false, cells: Vec::new() },
            open: None,
            inner: 0,
        }
    }

    fn take(&mut self, event: Event<'_>) -> bool {
        match event {
            Event::Open(tag) if self.inner > 0 => self.inner += u32::from(tag.name() == "table"),
            Event::Close(name) if self.inner > 0 => self.inner -= u32::from(name == "table"),
            Event::Open(tag) if self.open.is_some() => self.inside(tag),
            Event::Close(name) if self.open.is_some() => self.leave(name),
            Event::Text(text) => {
                if let Some(open) = self.open.as_mut().filter(|open| open.aside == 0 && open.within > 0) {
                    open.text.push_str(&text);
                }
            }
            Event::Open(tag) => return self.begin(tag),
            Event::Close(name) => self.end(name),
        }
        !self.left.nothing()
    }

    fn begin(&mut self, tag: &Tag<'_>) -> bool {
        let is_unseen = |book: &Self| {
            tag.attribute("style-name").is_some_and(|name| book.unseen.contains(&name))
                || tag.attribute("visibility").is_some_and(|word| word == "collapse" || word == "filter")
        };
        match tag.name() {
            "style" => self.style = tag.attribute("name"),
            "table-properties" if tag.attribute("display").as_deref() == Some("false") => self.is_unseen(),
            "table-row-properties" if nothing(tag.attribute("row-height")) => self.is_unseen(),
            "table-column-properties" if nothing(tag.attribute("column-width")) => self.is_unseen(),
            "text-properties" if is_white(tag.attribute("color")) => self.white.extend(self.style.clone()),
            "table-cell-properties" if is_coloured(tag.attribute("background-color")) => {
                self.filled.extend(self.style.clone());
            }
            "table" => {
                self.sheets += 1;
                if self.sheets > self.allowed {
                    return false;
                }
                let mut sheet = Found::named(&tag.attribute("name").unwrap_or_default());
                sheet.sheet.hidden = is_unseen(self);
                self.sheet = Some(sheet);
                (self.row, self.column, self.declared) = (0, 0, 0);
                self.folded.clear();
            }
            "table-row-group" | "table-column-group" => {
                self.folded.push(tag.attribute("display").as_deref() == Some("false"));
            }
            "table-column" => {
                let repeated = count(tag, "number-columns-repeated").min(COLUMNS);
                let to = self.declared.saturating_add(repeated).min(COLUMNS);
                let hidden = is_unseen(self) || self.folded.contains(&true);
                if let Some(sheet) = self.sheet.as_mut().filter(|_| hidden) {
                    sheet.hidden_columns.push((self.declared + 1, to));
                }
                self.declared = to;
            }
            "table-row" => {
                self.column = 0;
                let hidden = is_unseen(self) || self.folded.contains(&true);
                let repeated = count(tag, "number-rows-repeated");
                self.line = Line { repeated, hidden, cells: Vec::new() };
            }
            "table-cell" | "covered-table-cell" if self.sheet.is_some() => {
                let told = TOLD.iter().filter_map(|name| Some((*name, tag.attribute(name)?)));
                let mut attributes: BTreeMap<&'static str, String> = told.collect();
                // The value type of errors stands under the same name in another namespace.
                if tag.mentions("calcext:value-type=\"error\"") {
                    attributes.insert("value-type", "error".to_owned());
                }
                let (across, down) =
                    (count(tag, "number-columns-spanned"), count(tag, "number-rows-spanned"));
                if let Some(sheet) = self.sheet.as_mut().filter(|_| across > 1 || down > 1) {
                    let (bottom, right) =
                        (self.row.saturating_add(down - 1), self.column.saturating_add(across - 1));
                    sheet.merge((self.row, self.column, bottom, right), &mut self.left);
                }
                let repeated = count(tag, "number-columns-repeated");
                let style = tag.attribute("style-name");
                let unseen =
                    style.is_some_and(|style| self.white.contains(&style) && !self.filled.contains(&style));
                self.open = Some(Open { attributes, repeated, unseen, ..Open::default() });
            }
            _ => {}
        }
        true
    }

    fn end(&mut self, name: &str) {
        match name {
            "style" => self.style = None,
            "table-row-group" | "table-column-group" => {
                self.folded.pop();
            }
            "table-row" => self.close_row(),
            "table" => self.close_sheet(),
            _ => {}
        }
    }

    /// The style that is being told shows nothing.
    fn is_unseen(&mut self) {
        self.unseen.extend(self.style.clone());
    }

    /// An element inside a cell.
    fn inside(&mut self, tag: &Tag<'_>) {
        let Some(open) = self.open.as_mut() else { return };
        match tag.name() {
            "table" => self.inner = 1,
            _ if open.aside > 0 => open.aside += 1,
            "annotation" | "frame" | "custom-shape" | "line" | "g" | "shapes" | "ruby-text" => open.aside = 1,
            "p" | "h" => {
                open.within += 1;
                if open.paragraphs > 0 {
                    open.text.push('\n');
                }
                open.paragraphs += 1;
            }
            "s" => {
                // No cell is shown with more blanks than this.
                let blanks = count(tag, "c").min(1000);
                open.text.extend(std::iter::repeat_n(' ', blanks as usize));
            }
            "tab" => open.text.push('\t'),
            "line-break" => open.text.push('\n'),
            _ => {}
        }
    }

    fn leave(&mut self, name: &str) {
        let Some(open) = self.open.as_mut() else { return };
        if open.aside > 0 {
            open.aside -= 1;
        } else if name == "p" || name == "h" {
            open.within = open.within.saturating_sub(1);
        } else if (name == "table-cell" || name == "covered-table-cell")
            && let Some(open) = self.open.take()
        {
            self.close_cell(open);
        }
    }

    fn close_cell(&mut self, open: Open) {
        let cell = open.cell();
        let repeated = open.repeated.min(COLUMNS.saturating_sub(self.column));
        if let Some(text) = open.attributes.get("formula") {
            let valued = cell.value != CellValue::Empty || open.attributes.contains_key("value-type");
            let text = if sums::plausible(text) { text.clone() } else { String::new() };
            let kept = (!valued || !text.is_empty()) && self.left.take_text(text.len());
            if let Some(sheet) = self.sheet.as_mut().filter(|_| kept) {
                sheet.formulas.push(Formula { row: self.row, column: self.column, text, valued });
            }
        }
        if cell.value != CellValue::Empty {
            if let Some(sheet) = self.sheet.as_mut().filter(|_| open.unseen) {
                sheet.unseen.push((self.row, self.column));
            }
            for column in self.column..self.column.saturating_add(repeated) {
                if !self.left.take_text(cell.text.len()) {
                    break;
                }
                self.line.cells.push((column, cell.clone()));
            }
        }
        self.column = self.column.saturating_add(repeated);
    }

    fn close_row(&mut self) {
        let Some(sheet) = self.sheet.as_mut() else { return };
        let line = std::mem::take(&mut self.line);
        let to = self.row.saturating_add(line.repeated).min(ROWS);
        if line.hidden && to > self.row {
            sheet.hidden_rows.push((self.row + 1, to));
        }
        if !line.cells.is_empty() {
            'rows: for row in self.row..to {
                for (column, cell) in &line.cells {
                    // The first of repeated rows was paid for when its cells were read.
                    let paid = row == self.row || self.left.take_text(cell.text.len());
                    if !paid || !sheet.put(row, *column, cell.clone(), &mut self.left) {
                        break 'rows;
                    }
                }
            }
        }
        self.row = to;
    }

    fn close_sheet(&mut self) {
        self.found.extend(self.sheet.take());
    }
}

impl Open {
    fn cell(&self) -> Cell {
        let told = |name: &str| self.attributes.get(name).map(String::as_str);
        match told("value-type") {
            Some("error") => cell::from_error(self.text.trim()),
            Some("float" | "currency" | "percentage") => {
                told("value").map_or_else(Cell::default, cell::from_decimal)
            }
            Some("date") => told("date-value").map_or_else(Cell::default, cell::from_iso),
            Some("boolean") => cell::from_bool(told("boolean-value") == Some("true")),
            Some("time") if !self.text.trim().is_empty() => cell::from_text(&self.text),
            Some("time") => told("time-value").map_or_else(Cell::default, cell::from_text),
            _ => cell::from_text(told("string-value").filter(|_| self.text.is_empty()).unwrap_or(&self.text)),
        }
    }
}

/// A number of repetitions or spanned places, 1 where none is given.
fn count(tag: &Tag<'_>, name: &str) -> u32 {
    tag.attribute(name).and_then(|value| value.parse().ok()).unwrap_or(1).max(1)
}

fn is_white(colour: Option<String>) -> bool {
    colour.is_some_and(|colour| colour.eq_ignore_ascii_case("#ffffff"))
}

fn is_coloured(colour: Option<String>) -> bool {
    colour.is_some_and(|colour| colour != "transparent" && !is_white(Some(colour)))
}

/// Whether a length such as `0cm` is nothing.
fn nothing(length: Option<String>) -> bool {
    length.is_some_and(|length| {
        let digits = length.trim_end_matches(|c: char| c.is_ascii_alphabetic() || c == '%');
        digits.parse::<f64>() == Ok(0.0)
    })
}
