//! Tables that call themselves xls and are text: HTML, and the XML of Excel 2003.

use std::sync::Arc;

use super::{
    Content,
    grid::{Found, Left},
    settle, too_many_sheets, unreadable,
};
use crate::{
    container::{
        charset,
        xml_stream::{Event, Tag, stream},
    },
    model::{limits::Limits, page::Cell},
    read::cell,
};

/// The namespace of Excel's XML of 2003.
const SPREADSHEET: &str = "urn:schemas-microsoft-com:office:spreadsheet";

/// Whether a file is an HTML page with a table in it.
pub(in crate::read) fn claims_html(head: &[u8], bytes: &[u8]) -> bool {
    let text = charset::decoded(head).unwrap_or_default().trim_start().to_ascii_lowercase();
    let page = text.starts_with("<!doctype html")
        || ["<html", "<table", "<head", "<meta", "<body", "<div", "<style"]
            .iter()
            .any(|tag| text.starts_with(tag));
    page && charset::decoded(bytes).is_some_and(|text| text.to_ascii_lowercase().contains("<table"))
}

/// Whether a file is a workbook in the XML of Excel 2003.
pub(in crate::read) fn claims_xml(head: &[u8], _: &[u8]) -> bool {
    let text = charset::decoded(head).unwrap_or_default();
    text.trim_start().starts_with("<?xml") && text.contains(SPREADSHEET) && text.contains("Workbook")
}

/// Reads all tables of an HTML page as one sheet, as spreadsheet programs do; text beside them gets rows
/// of its own.
pub(in crate::read) fn html(bytes: &Arc<[u8]>, limits: &Limits) -> Content {
    let mut content = Content::default();
    let text = named_charset(bytes)
        .and_then(|name| charset::named(&name, bytes))
        .or_else(|| charset::decoded(bytes))
        .unwrap_or_default();
    let mut page = Page {
        found: Found::default(),
        left: Left::of(limits),
        row: 0,
        column: 0,
        deep: 0,
        cell: None,
        text: String::new(),
        taken: Vec::new(),
        unseen_row: false,
    };
    let mut rest = text.as_ref();
    while let Some(at) = rest.find('<') {
        let (before, tagged) = rest.split_at(at);
        page.text.push_str(&resolved(before));
        let Some(tag) = HtmlTag::read(tagged) else {
            page.text.push('<');
            rest = tagged.get(1..).unwrap_or_default();
            continue;
        };
        rest = tag.after;
        // Scripts and styles are no text.
        if !tag.end && matches!(tag.name.as_str(), "script" | "style" | "title") {
            let end = format!("</{}", tag.name);
            let close = rest.to_ascii_lowercase().find(&end).unwrap_or(rest.len());
            rest = rest.get(close..).unwrap_or_default();
            continue;
        }
        if !page.take(&tag) {
            break;
        }
    }
    page.text.push_str(&resolved(rest));
    page.loose_text();
    let Page { found, left, .. } = page;
    settle(vec![found], &left, limits, &mut content);
    content
}

/// The charset that the page's head names.
fn named_charset(bytes: &[u8]) -> Option<String> {
    if bytes.starts_with(b"\xff\xfe") || bytes.starts_with(b"\xfe\xff") {
        return None;
    }
    let head = String::from_utf8_lossy(bytes.get(..2048).unwrap_or(bytes)).to_ascii_lowercase();
    let (_, rest) = head.split_once("charset=")?;
    let name: String = rest
        .trim_start_matches(['"', '\''])
        .chars()
        .take_while(|c| c.is_ascii_alphanumeric() || matches!(c, '-' | '_'))
        .collect();
    (!name.is_empty()).then_some(name)
}

struct HtmlTag<'t> {
    name: String,
    end: bool,
    attributes: &'t str,
    after: &'t str,
}

impl<'t> HtmlTag<'t> {
    /// Reads a tag, comment or declaration at the beginning; `None` where `<` stands for itself.
    fn read(text: &'t str) -> Option<Self> {
        if let Some(comment) = text.strip_prefix("<!--") {
            let after = comment.split_once("-->").map_or("", |(_, after)| after);
            return Some(Self { name: String::new(), end: false, attributes: "", after });
        }
        let inside = text.strip_prefix('<')?;
        let end = inside.starts_with('/');
        let inside = inside.trim_start_matches('/');
        if !inside.starts_with(|c: char| c.is_ascii_alphabetic() || c == '!' || c == '?') {
            return None;
        }
        let close = inside.find('>')?;
        let (tag, after) = (inside.get(..close)?, inside.get(close + 1..)?);
        let split = tag.find(|c: char| c.is_whitespace() || c == '/').unwrap_or(tag.len());
        let (name, attributes) = tag.split_at(split);
        Some(Self { name: name.to_ascii_lowercase(), end, attributes, after })
    }

    fn attribute(&self, name: &str) -> Option<String> {
        let lower = self.attributes.to_ascii_lowercase();
        let (_, rest) = lower.split_once(&format!("{name}="))?;
        let value = match rest.chars().next()? {
            quote @ ('"' | '\'') => rest.get(1..)?.split(quote).next()?,
            _ => rest.split(|c: char| c.is_whitespace() || c == '/').next()?,
        };
        Some(value.to_owned())
    }

    fn span(&self, name: &str) -> u32 {
        self.attribute(name).and_then(|value| value.trim().parse().ok()).unwrap_or(1).clamp(1, 1000)
    }

    fn is_unseen(&self) -> bool {
        let style = self.attribute("style").unwrap_or_default().replace(' ', "");
        style.contains("display:none") || style.contains("visibility:hidden")
    }
}

/// The page while it is gone through.
struct Page {
    found: Found,
    left: Left,
    row: u32,
    column: u32,
    /// Tables inside tables.
    deep: u32,
    /// The spans of the cell that is open: across, down.
    cell: Option<(u32, u32)>,
    text: String,
    /// For each column, the row from which on it is free of cells that reach down from above.
    taken: Vec<u32>,
    unseen_row: bool,
}

impl Page {
    fn take(&mut self, tag: &HtmlTag<'_>) -> bool {
        match (tag.name.as_str(), tag.end) {
            ("table", false) => {
                if self.deep == 0 {
                    self.loose_text();
                }
                self.deep += 1;
            }
            ("table", true) => {
                self.deep = self.deep.saturating_sub(1);
                if self.deep == 0 {
                    self.close_cell();
                    self.row += u32::from(self.column > 0);
                    self.column = 0;
                    self.taken.clear();
                }
            }
            ("tr", false) if self.deep == 1 => {
                self.close_cell();
                self.row += u32::from(self.column > 0);
                self.column = 0;
                self.unseen_row = tag.is_unseen();
                if self.unseen_row {
                    self.found.hidden_rows.push((self.row + 1, self.row + 1));
                }
            }
            ("tr", true) if self.deep == 1 => {
                self.close_cell();
                self.row += 1;
                self.column = 0;
            }
            ("td" | "th", false) if self.deep == 1 => {
                self.close_cell();
                self.text.clear();
                self.cell = Some((tag.span("colspan"), tag.span("rowspan")));
            }
            ("td" | "th", true) if self.deep == 1 => self.close_cell(),
            ("br" | "p" | "div" | "li" | "tr" | "h1" | "h2" | "h3", _) => {
                if self.deep == 0 && tag.name != "br" {
                    self.loose_text();
                }
                self.text.push('\n');
            }
            ("td" | "th", _) => self.text.push(' '),
            _ => {}
        }
        !self.left.nothing()
    }

    /// Text that stands beside all tables.
    fn loose_text(&mut self) {
        let cell = cell::from_text(&settled(&std::mem::take(&mut self.text)));
        if !cell.text.is_empty() && self.left.take_text(cell.text.len()) {
            self.found.put(self.row, 0, cell, &mut self.left);
            self.row += 1;
        }
    }

    fn close_cell(&mut self) {
        let Some((across, down)) = self.cell.take() else { return };
        let cell = cell::from_text(&settled(&std::mem::take(&mut self.text)));
        while self.taken.get(self.column as usize).is_some_and(|free| *free > self.row) {
            self.column += 1;
        }
        if self.left.take_text(cell.text.len()) {
            self.found.put(self.row, self.column, cell, &mut self.left);
        }
        let (bottom, right) = (self.row + down - 1, self.column + across - 1);
        self.found.merge(self.row, self.column, bottom, right);
        if down > 1 && right < 16_384 {
            let width = (right as usize + 1).max(self.taken.len());
            self.taken.resize(width, 0);
            if let Some(columns) = self.taken.get_mut(self.column as usize..=right as usize) {
                columns.fill(bottom + 1);
            }
        }
        self.column += across;
    }
}

/// White space of HTML counts once; lines stay lines.
fn settled(text: &str) -> String {
    let lines = text.split('\n').map(|line| line.split_whitespace().collect::<Vec<_>>().join(" "));
    lines.filter(|line| !line.is_empty()).collect::<Vec<_>>().join("\n")
}

/// Text with the references that tables use.
fn resolved(text: &str) -> String {
    // Line ends of the source are blanks.
    let text = text.replace(['\n', '\r', '\t'], " ");
    if !text.contains('&') {
        return text;
    }
    let mut out = String::new();
    let mut rest = text.as_str();
    while let Some(at) = rest.find('&') {
        out.push_str(rest.get(..at).unwrap_or_default());
        rest = rest.get(at..).unwrap_or_default();
        let end = rest.find(';').filter(|end| *end < 10);
        let name = end.and_then(|end| rest.get(1..end));
        let character = name.and_then(|name| match name {
            "nbsp" => Some(' '),
            "amp" => Some('&'),
            "lt" => Some('<'),
            "gt" => Some('>'),
            "quot" => Some('"'),
            "apos" => Some('\''),
            "yen" => Some('¥'),
            _ => {
                let number = name.strip_prefix('#')?;
                let hex = number.strip_prefix(['x', 'X']);
                let code = hex.map_or_else(|| number.parse().ok(), |hex| u32::from_str_radix(hex, 16).ok());
                code.and_then(char::from_u32)
            }
        });
        match (character, end) {
            (Some(character), Some(end)) => {
                out.push(character);
                rest = rest.get(end + 1..).unwrap_or_default();
            }
            _ => {
                out.push('&');
                rest = rest.get(1..).unwrap_or_default();
            }
        }
    }
    out.push_str(rest);
    out
}

/// Reads all sheets of a workbook in the XML of Excel 2003.
pub(in crate::read) fn xml(bytes: &Arc<[u8]>, limits: &Limits) -> Content {
    let mut content = Content::default();
    let mut left = Left::of(limits);
    let mut all: Vec<Found> = Vec::new();
    let (mut row, mut column, mut declared) = (0_u32, 0_u32, 0_u32);
    let (mut kind, mut text, mut inside) = (String::new(), String::new(), "");
    let mut sheets = 0;
    let trouble = stream(bytes, |event| {
        match event {
            Event::Open(tag) => match tag.name() {
                "Worksheet" => {
                    sheets += 1;
                    if sheets > limits.sheets {
                        return false;
                    }
                    all.push(Found::named(&tag.attribute("Name").unwrap_or_default()));
                    (row, column, declared) = (0, 0, 0);
                }
                "Column" => {
                    let from = index(tag).unwrap_or(declared);
                    let to = from.saturating_add(number(tag, "Span"));
                    let found = all.last_mut().filter(|_| is_unseen(tag, "Width"));
                    if let Some(found) = found {
                        found.hidden_columns.push((from.saturating_add(1), to.saturating_add(1)));
                    }
                    declared = to.saturating_add(1);
                }
                "Row" => {
                    row = index(tag).unwrap_or(row);
                    column = 0;
                    let found = all.last_mut().filter(|_| is_unseen(tag, "Height"));
                    if let Some(found) = found {
                        let to = row.saturating_add(number(tag, "Span"));
                        found.hidden_rows.push((row.saturating_add(1), to.saturating_add(1)));
                    }
                }
                "Cell" => {
                    column = index(tag).unwrap_or(column);
                    let (across, down) = (number(tag, "MergeAcross"), number(tag, "MergeDown"));
                    if let Some(found) = all.last_mut() {
                        found.merge(row, column, row.saturating_add(down), column.saturating_add(across));
                    }
                }
                "Data" => {
                    kind = tag.attribute("Type").unwrap_or_default();
                    inside = "Data";
                    text.clear();
                }
                "Visible" => {
                    inside = "Visible";
                    text.clear();
                }
                _ => {}
            },
            Event::Text(piece) if !inside.is_empty() => text.push_str(&piece),
            Event::Close("Data") => {
                inside = "";
                let enough = left.take_text(text.len());
                let cell = typed(&kind, &text);
                return enough && all.last_mut().is_some_and(|found| found.put(row, column, cell, &mut left));
            }
            Event::Close("Visible") => {
                inside = "";
                if let Some(found) = all.last_mut() {
                    found.sheet.hidden |=
                        text.trim().starts_with("SheetHidden") || text.trim().starts_with("SheetVeryHidden");
                }
            }
            Event::Close("Cell") => column = column.saturating_add(1),
            Event::Close("Row") => row = row.saturating_add(1),
            _ => {}
        }
        true
    });
    if sheets > limits.sheets {
        content.problems.push(too_many_sheets(sheets, limits.sheets));
    }
    content.problems.extend(trouble.map(|trouble| unreadable(None, &trouble.to_string())));
    settle(all, &left, limits, &mut content);
    content
}

fn typed(kind: &str, text: &str) -> Cell {
    match kind {
        "Number" => cell::from_decimal(text),
        "DateTime" => cell::from_iso(text),
        "Boolean" => cell::from_bool(text.trim() == "1"),
        "Error" => cell::from_error(text.trim()),
        _ => cell::from_text(text),
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
