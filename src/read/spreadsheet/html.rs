//! Tables of HTML pages, which programs like to call xls.
//!
//! What the page itself keeps from being shown is not read, and that is said; rows and columns of a table
//! that are hidden are read and said, as in workbooks.

use std::{borrow::Cow, sync::Arc};

use super::{
    Content,
    grid::{Found, Left},
    html_tag::{HtmlTag, Reach, Unseen, position, resolved},
    settle,
};
use crate::{
    container::charset,
    model::{limits::Limits, problem::Problem},
    read::{cell, text as odd},
};

/// How many characters of hidden text a message shows.
const SHOWN: usize = 60;

/// Whether a file is an HTML page with a table in it.
pub(in crate::read) fn claims(head: &[u8], bytes: &[u8]) -> bool {
    let text = charset::decoded(head).unwrap_or_default().trim_start().to_ascii_lowercase();
    let page = text.starts_with("<!doctype html")
        || ["<html", "<table", "<head", "<meta", "<body", "<div", "<style"]
            .iter()
            .any(|tag| text.starts_with(tag));
    page && charset::decoded(bytes).is_some_and(|text| text.to_ascii_lowercase().contains("<table"))
}

/// Reads all tables of an HTML page as one sheet, as spreadsheet programs do; text beside them gets rows
/// of its own.
pub(in crate::read) fn read(bytes: &Arc<[u8]>, limits: &Limits) -> Content {
    let mut content = Content::default();
    let text = decoded(bytes, &mut content);
    let mut page = Page { left: Left::of(limits), ..Page::default() };
    let last = text.rfind('>').unwrap_or(0);
    let mut rest = text.as_ref();
    while let Some(at) = rest.find('<') {
        let (before, tagged) = rest.split_at(at);
        page.write(&resolved(before));
        let Some(tag) = HtmlTag::read(tagged) else {
            // Where no tag ends any more there is none.
            if text.len() - tagged.len() > last {
                rest = tagged;
                break;
            }
            page.write("<");
            rest = tagged.get(1..).unwrap_or_default();
            continue;
        };
        rest = tag.after;
        // Scripts and styles are no text.
        if !tag.end && matches!(tag.name.as_str(), "script" | "style" | "title") {
            let close = position(rest, &format!("</{}", tag.name)).unwrap_or(rest.len());
            rest = rest.get(close..).unwrap_or_default();
            continue;
        }
        if !page.pass(&tag) {
            rest = "";
            break;
        }
    }
    page.write(&resolved(rest));
    page.close_cell();
    page.loose_text();
    page.reveal();
    let Page { found, left, secret, .. } = page;
    content.problems.extend(hidden(&secret));
    settle(vec![found], &left, limits, &mut content);
    content
}

/// The text of a page: by its mark of order, by the charset that its head names so far as the bytes bear
/// that out, else by a guess.
fn decoded<'b>(bytes: &'b [u8], content: &mut Content) -> Cow<'b, str> {
    let named = named_charset(bytes);
    let read = match &named {
        Some(name) => charset::declared(name, bytes),
        None => charset::read(bytes).map(|read| (read, false)),
    };
    let (read, differs) = read.unwrap_or_else(|| (charset::mended(bytes), false));
    if let Some(name) = named.filter(|_| differs) {
        content.problems.push(odd::other_charset(&name));
    } else if read.lost > 0 {
        content.problems.push(odd::damaged(read.lost));
    }
    read.text
}

/// What to say of text that a browser does not show.
fn hidden(secret: &str) -> Option<Problem> {
    let shown: String = secret.split_whitespace().collect::<Vec<_>>().join(" ").chars().take(SHOWN).collect();
    (!shown.is_empty()).then(|| {
        Problem::new(
            "hidden-text",
            format!("网页表格中有不显示的内容（“{shown}”），未采用；请核对文件来源"),
            format!("the page holds text that is not shown ({shown:?}); it was not used; check where the file comes from"),
        )
    })
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

/// The page while it is gone through.
#[derive(Default)]
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
    /// The number of the column that the next `col` of the table describes, from 0.
    described: u32,
    /// The element that is passed over because it is not shown.
    unseen: Option<Unseen>,
    /// The beginning of all text that is not shown.
    secret: String,
}

impl Page {
    fn write(&mut self, text: &str) {
        match self.unseen.as_mut() {
            Some(unseen) => unseen.text.push_str(text),
            None => self.text.push_str(text),
        }
    }

    /// Passes over what is not shown, and takes everything else.
    fn pass(&mut self, tag: &HtmlTag<'_>) -> bool {
        if let Some(unseen) = self.unseen.as_mut() {
            let reach = unseen.take(tag);
            if reach == Reach::Inside {
                unseen.text.push(' ');
                return true;
            }
            self.reveal();
            if reach == Reach::End {
                return true;
            }
        }
        let is_row = tag.name == "tr" && self.deep == 1;
        if !tag.end && !is_row && !tag.is_empty() && tag.is_unseen() {
            if matches!(tag.name.as_str(), "td" | "th") && self.deep == 1 {
                self.close_cell();
            }
            self.unseen = Some(Unseen::of(tag));
            return true;
        }
        self.take(tag)
    }

    /// The element that is not shown has ended.
    fn reveal(&mut self) {
        if let Some(unseen) = self.unseen.take()
            && self.secret.trim().len() < 4 * SHOWN
        {
            self.secret.push(' ');
            self.secret.push_str(unseen.text.trim());
        }
    }

    fn take(&mut self, tag: &HtmlTag<'_>) -> bool {
        match (tag.name.as_str(), tag.end) {
            ("table", false) => {
                if self.deep == 0 {
                    self.loose_text();
                    self.described = 0;
                }
                self.deep += 1;
            }
            ("col", false) if self.deep == 1 => {
                let from = self.described;
                self.described += tag.span("span");
                if tag.is_unseen() {
                    self.found.hidden_columns.push((from + 1, self.described));
                }
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
                // A caption, or what stands between rows.
                self.loose_text();
                if tag.is_unseen() {
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
                if self.column == 0 {
                    self.loose_text();
                }
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
        let cell = cell::from_marked(&settled(&std::mem::take(&mut self.text)));
        if !cell.text.is_empty() && self.left.take_text(cell.text.len()) {
            self.found.put(self.row, 0, cell, &mut self.left);
            self.row += 1;
        }
    }

    fn close_cell(&mut self) {
        let Some((across, down)) = self.cell.take() else { return };
        let cell = cell::from_marked(&settled(&std::mem::take(&mut self.text)));
        while self.taken.get(self.column as usize).is_some_and(|free| *free > self.row) {
            self.column += 1;
        }
        if self.left.take_text(cell.text.len()) {
            self.found.put(self.row, self.column, cell, &mut self.left);
        }
        let (bottom, right) = (self.row + down - 1, self.column + across - 1);
        self.found.merge((self.row, self.column, bottom, right), &mut self.left);
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
