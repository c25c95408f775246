//! Separated text: charset and separator are told from the content.

use std::sync::Arc;

use super::{Content, cell};
use crate::{
    container::charset::{decoded, mended},
    model::{limits::Limits, page::Sheet},
};

/// Separators, the more usual first; ties go to the earlier.
const SEPARATORS: [char; 4] = [',', '\t', ';', '|'];

/// Whether bytes are text that splits into columns; `head` is the beginning of a file.
pub(super) fn claims(head: &[u8], _bytes: &[u8]) -> bool {
    let Some(text) = decoded(head) else { return false };
    let start = text.trim_start();
    !start.starts_with(['<', '{']) && separator(&text).is_some()
}

/// Reads the file as one sheet.
pub(super) fn read(bytes: &Arc<[u8]>, limits: &Limits) -> Content {
    let mut content = Content::default();
    let read = mended(bytes);
    if read.lost > 0 {
        content.problems.push(super::text::damaged(read.lost));
    }
    let text = read.text;
    let (rows, whole) = split(&text, separator(&text).unwrap_or(','), limits.cells);
    if !whole {
        content.problems.push(super::too_many_cells(limits.cells));
    }
    let rows = rows.into_iter().map(|row| row.iter().map(|text| cell::from_marked(text)).collect()).collect();
    content.sheets.push(Sheet { rows, ..Sheet::default() });
    content
}

/// The separator that gives two columns or more in most lines, where there is one.
fn separator(text: &str) -> Option<char> {
    let best = SEPARATORS
        .into_iter()
        .map(|separator| {
            let (rows, _) = split(text, separator, 4000);
            let filled = rows.iter().filter(|row| row.iter().any(|cell| !cell.trim().is_empty()));
            let (lines, columns, wide) =
                filled.fold((0_usize, 0_usize, 0_usize), |(lines, columns, wide), row| {
                    (lines + 1, columns.max(row.len()), wide + usize::from(row.len() > 1))
                });
            (separator, lines, columns, wide)
        })
        .filter(|(_, lines, columns, wide)| *columns > 1 && *wide > 0 && (*wide * 2 >= *lines || *wide >= 3))
        .max_by(|a, b| a.3.cmp(&b.3).then(a.2.cmp(&b.2)).then_with(|| rank(b.0).cmp(&rank(a.0))));
    best.map(|(separator, ..)| separator)
}

fn rank(separator: char) -> usize {
    SEPARATORS.iter().position(|one| *one == separator).unwrap_or(SEPARATORS.len())
}

/// Splits text into rows, at most `most` cells; the second value tells whether that was all.
///
/// RFC 4180, but lenient: a quote inside an unquoted field stands for itself, as does text after a
/// closing quote, and a quoted field that never ends takes its line only.
fn split(text: &str, separator: char, most: usize) -> (Vec<Vec<String>>, bool) {
    let mut rows = Vec::new();
    let mut row = Vec::new();
    let mut cells = 0;
    let mut rest = text;
    while !rest.is_empty() {
        if cells >= most {
            return (rows, false);
        }
        let (field, after) = field(rest, separator);
        row.push(field);
        cells += 1;
        let mut following = after.chars();
        match following.next() {
            Some(next) if next == separator => {
                rest = following.as_str();
                if rest.is_empty() {
                    row.push(String::new());
                }
            }
            Some('\r') => {
                rest = following.as_str();
                rest = rest.strip_prefix('\n').unwrap_or(rest);
                rows.push(std::mem::take(&mut row));
            }
            Some(_) => {
                rest = following.as_str();
                rows.push(std::mem::take(&mut row));
            }
            None => rest = "",
        }
    }
    if !row.is_empty() {
        rows.push(row);
    }
    (rows, true)
}

/// One field and what follows it, beginning with a separator or a line end.
fn field(text: &str, separator: char) -> (String, &str) {
    let ends = |c: char| c == separator || c == '\n' || c == '\r';
    if let Some(quoted) = text.strip_prefix('"')
        && let Some((mut value, after)) = unquoted(quoted)
    {
        let end = after.find(ends).unwrap_or(after.len());
        value.push_str(&after[..end]);
        return (value, &after[end..]);
    }
    let end = text.find(ends).unwrap_or(text.len());
    (text[..end].to_owned(), &text[end..])
}

/// The content up to the closing quote, with doubled quotes as one; `None` if none closes.
fn unquoted(text: &str) -> Option<(String, &str)> {
    /// A field longer than this is a quote that was never meant as one.
    const LONGEST: usize = 64 << 10;
    let mut value = String::new();
    let mut rest = text;
    loop {
        let at = rest.find('"')?;
        value.push_str(&rest[..at]);
        rest = &rest[at + 1..];
        if value.len() > LONGEST {
            return None;
        }
        match rest.strip_prefix('"') {
            Some(more) => {
                value.push('"');
                rest = more;
            }
            None => return Some((value, rest)),
        }
    }
}
