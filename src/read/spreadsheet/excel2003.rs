//! Workbooks in the XML of Excel 2003, which programs like to call xls.

use std::sync::Arc;

use super::{
    Content,
    grid::{Formula, Found, Left},
    settle, too_many_sheets, unreadable,
};
use crate::{
    container::{
        charset,
        xml_stream::{Event, Tag, stream},
    },
    model::{limits::Limits, page::Cell},
    read::{cell, text},
};

/// The namespace of Excel's XML of 2003.
const SPREADSHEET: &str = "urn:schemas-microsoft-com:office:spreadsheet";

/// The day that stands before a time without a date: day 0 of the calendars from 1900 and from 1904.
const DAY_ZERO: &[&str] = &["1899-12-30T", "1899-12-31T"];
const DAY_ZERO_OF_1904: &[&str] = &["1904-01-01T"];

/// Whether a file is a workbook in the XML of Excel 2003.
pub(in crate::read) fn claims(head: &[u8], _: &[u8]) -> bool {
    let text = charset::decoded(head).unwrap_or_default();
    text.trim_start().starts_with("<?xml") && text.contains(SPREADSHEET) && text.contains("Workbook")
}

/// Reads all sheets, hidden ones too.
pub(in crate::read) fn read(bytes: &Arc<[u8]>, limits: &Limits) -> Content {
    let mut content = Content::default();
    let mut book = Book { left: Left::of(limits), allowed: limits.sheets, ..Book::default() };
    let trouble = stream(bytes, |event| book.take(event));
    if book.sheets > limits.sheets {
        content.problems.push(too_many_sheets(book.sheets, limits.sheets));
    }
    let said = |trouble| text::of_xml(&trouble).unwrap_or_else(|| unreadable(None, &trouble.to_string()));
    content.problems.extend(trouble.map(said));
    settle(book.found, &book.left, limits, &mut content);
    content
}

/// What is known while the file is gone through.
#[derive(Default)]
struct Book {
    found: Vec<Found>,
    sheets: usize,
    allowed: usize,
    left: Left,
    /// Number of the row and column that come next, from 0.
    row: u32,
    column: u32,
    /// Column that the next declaration of columns begins with.
    declared: u32,
    from_1904: bool,
    open: Option<Open>,
    /// How deep the file stands in a remark, whose text has the names of data and is none.
    aside: u32,
    /// The element whose text is being read.
    inside: Option<&'static str>,
    kind: String,
    text: String,
}

/// The cell that is being read.
#[derive(Default)]
struct Open {
    /// Columns it reaches over beside its own.
    across: u32,
    formula: Option<String>,
    valued: bool,
}

impl Book {
    fn take(&mut self, event: Event<'_>) -> bool {
        match event {
            Event::Open(_) if self.aside > 0 => self.aside += 1,
            Event::Close(_) if self.aside > 0 => self.aside -= 1,
            Event::Open(tag) => return self.begin(tag),
            Event::Text(piece) if self.inside.is_some() && self.aside == 0 => self.text.push_str(&piece),
            Event::Text(_) => {}
            Event::Close(name) => return self.end(name),
        }
        true
    }

    fn begin(&mut self, tag: &Tag<'_>) -> bool {
        match tag.name() {
            "Comment" => self.aside = 1,
            "Date1904" => self.from_1904 = true,
            "Worksheet" => {
                self.sheets += 1;
                if self.sheets > self.allowed {
                    return false;
                }
                self.found.push(Found::named(&tag.attribute("Name").unwrap_or_default()));
                (self.row, self.column, self.declared) = (0, 0, 0);
            }
            "Column" => {
                let from = index(tag).unwrap_or(self.declared);
                let to = from.saturating_add(number(tag, "Span"));
                if let Some(found) = self.found.last_mut().filter(|_| is_unseen(tag, "Width")) {
                    found.hidden_columns.push((from.saturating_add(1), to.saturating_add(1)));
                }
                self.declared = to.saturating_add(1);
            }
            "Row" => {
                self.row = index(tag).unwrap_or(self.row);
                self.column = 0;
                if let Some(found) = self.found.last_mut().filter(|_| is_unseen(tag, "Height")) {
                    let to = self.row.saturating_add(number(tag, "Span"));
                    found.hidden_rows.push((self.row.saturating_add(1), to.saturating_add(1)));
                }
            }
            "Cell" => {
                self.column = index(tag).unwrap_or(self.column);
                let (across, down) = (number(tag, "MergeAcross"), number(tag, "MergeDown"));
                let (bottom, right) = (self.row.saturating_add(down), self.column.saturating_add(across));
                if let Some(found) = self.found.last_mut() {
                    found.merge((self.row, self.column, bottom, right), &mut self.left);
                }
                self.open = Some(Open { across, formula: tag.attribute("Formula"), valued: false });
            }
            "Data" => {
                self.kind = tag.attribute("Type").unwrap_or_default();
                self.listen("Data");
            }
            "Visible" => self.listen("Visible"),
            _ => {}
        }
        true
    }

    fn listen(&mut self, name: &'static str) {
        self.inside = Some(name);
        self.text.clear();
    }

    fn end(&mut self, name: &str) -> bool {
        match name {
            "Data" => {
                self.inside = None;
                let enough = self.left.take_text(self.text.len());
                let cell = self.typed();
                if let Some(open) = self.open.as_mut() {
                    open.valued = true;
                }
                let (row, column, left) = (self.row, self.column, &mut self.left);
                return enough
                    && self.found.last_mut().is_some_and(|found| found.put(row, column, cell, left));
            }
            "Visible" => {
                self.inside = None;
                let hidden =
                    ["SheetHidden", "SheetVeryHidden"].iter().any(|word| self.text.trim().starts_with(word));
                if let Some(found) = self.found.last_mut() {
                    found.sheet.hidden |= hidden;
                }
            }
            "Cell" => {
                let open = self.open.take().unwrap_or_default();
                // Formulas name cells by their distance here, which nothing adds up again.
                if open.formula.is_some()
                    && !open.valued
                    && let Some(found) = self.found.last_mut()
                {
                    let text = String::new();
                    found.formulas.push(Formula { row: self.row, column: self.column, text, valued: false });
                }
                self.column = self.column.saturating_add(1).saturating_add(open.across);
            }
            "Row" => self.row = self.row.saturating_add(1),
            _ => {}
        }
        true
    }

    fn typed(&self) -> Cell {
        let text = self.text.as_str();
        match self.kind.as_str() {
            "Number" => cell::from_decimal(text),
            "DateTime" => {
                let zero = if self.from_1904 { DAY_ZERO_OF_1904 } else { DAY_ZERO };
                let time = zero.iter().find_map(|day| text.trim().strip_prefix(day));
                time.map_or_else(
                    || cell::from_iso(text),
                    |time| cell::from_text(time.split('.').next().unwrap_or(time)),
                )
            }
            "Boolean" => cell::from_bool(text.trim() == "1"),
            "Error" => cell::from_error(text.trim()),
            _ => cell::from_text(text),
        }
    }
}

/// A place that is told, from 0.
fn index(tag: &Tag<'_>) -> Option<u32> {
    tag.attribute("Index")?.parse::<u32>().ok()?.checked_sub(1)
}

fn number(tag: &Tag<'_>, name: &str) -> u32 {
    tag.attribute(name).and_then(|value| value.parse().ok()).unwrap_or(0)
}

fn is_unseen(tag: &Tag<'_>, extent: &str) -> bool {
    tag.attribute("Hidden").as_deref() == Some("1") || tag.attribute(extent).as_deref() == Some("0")
}
