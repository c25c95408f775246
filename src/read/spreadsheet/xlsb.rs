//! Binary workbooks (xlsb), after [MS-XLSB].
//!
//! Calamine gives cells and formulas; hidden rows and columns and merged cells are read from the parts'
//! records.

use std::{
    collections::BTreeMap,
    io::Cursor,
    panic::{AssertUnwindSafe, catch_unwind},
    sync::Arc,
};

use calamine::{Reader as _, SheetType, SheetVisible, Xlsb, XlsbError};

use super::{
    Content, cell_of, encrypted,
    grid::{Formula, Found, Left},
    length, settle, sums, too_many_sheets, unreadable,
};
use crate::{
    container::{archive::ArchiveLimits, package::Package, xml::XmlLimits, zip::measure},
    model::limits::Limits,
    read::{archive, cell},
};

const ROW: u32 = 0;
const FORMULA_ERROR: u32 = 11;
const COLUMNS: u32 = 60;
const SHEET: u32 = 156;
const MERGED: u32 = 176;

type Book = Xlsb<Cursor<Arc<[u8]>>>;

/// Reads all sheets, hidden ones too.
pub(in crate::read) fn read(bytes: &Arc<[u8]>, limits: &Limits) -> Content {
    let mut content = Content::default();
    let bounds = ArchiveLimits::of_package(limits);
    if let Err(trouble) = measure(bytes, bounds) {
        content.problems.push(archive::problem(&trouble));
        return content;
    }
    // Calamine takes lengths in the file at their word and panics where they lie.
    let opened = catch_unwind(AssertUnwindSafe(|| Xlsb::new(Cursor::new(Arc::clone(bytes)))));
    let mut book = match opened {
        Ok(Ok(book)) => book,
        Ok(Err(XlsbError::Password)) => {
            content.problems.push(encrypted());
            return content;
        }
        Ok(Err(error)) => {
            content.problems.push(unreadable(None, &error.to_string()));
            return content;
        }
        Err(_) => {
            content.problems.push(unreadable(None, "a record is shorter than it says"));
            return content;
        }
    };
    let mut sheets = book.sheets_metadata().to_vec();
    if sheets.len() > limits.sheets {
        content.problems.push(too_many_sheets(sheets.len(), limits.sheets));
        sheets.truncate(limits.sheets);
    }
    let package = Package::new(bytes, bounds, XmlLimits::of(limits));
    let parts = parts(&package);
    let mut left = Left::of(limits);
    let mut all = Vec::new();
    for sheet in sheets {
        let mut found = Found::named(&sheet.name);
        found.sheet.hidden = sheet.visible != SheetVisible::Visible;
        if sheet.typ != SheetType::ChartSheet {
            let outcome =
                catch_unwind(AssertUnwindSafe(|| cells(&mut book, &sheet.name, &mut found, &mut left)));
            let trouble = outcome.unwrap_or_else(|_| Err("a record is shorter than it says".to_owned()));
            content.problems.extend(trouble.err().map(|why| unreadable(Some(&sheet.name), &why)));
            // Formulas that calamine cannot put into words are not checked.
            let _ = catch_unwind(AssertUnwindSafe(|| formulas(&mut book, &sheet.name, &mut found)));
            if let Some(part) = parts.get(&sheet.name).and_then(|path| package.part(path)) {
                structure(&part, &mut found, &mut left);
            }
        }
        all.push(found);
    }
    settle(all, &left, limits, &mut content);
    content
}

fn cells(book: &mut Book, name: &str, found: &mut Found, left: &mut Left) -> Result<(), String> {
    let mut cells = book.worksheet_cells_reader(name).map_err(|error| error.to_string())?;
    while let Some(next) = cells.next_cell().map_err(|error| error.to_string())? {
        let (row, column) = next.get_position();
        let value = next.get_value();
        if !left.take_text(length(value)) || !found.put(row, column, cell_of(value), left) {
            break;
        }
    }
    Ok(())
}

fn formulas(book: &mut Book, name: &str, found: &mut Found) {
    let Ok(mut cells) = book.worksheet_cells_reader(name) else { return };
    while let Ok(Some(next)) = cells.next_formula() {
        let (row, column) = next.get_position();
        if sums::plausible(next.get_value()) {
            found.formulas.push(Formula { row, column, text: next.get_value().clone(), valued: true });
        }
    }
}

/// The parts of the sheets by their names.
fn parts(package: &Package<'_>) -> BTreeMap<String, String> {
    let path = package.main().unwrap_or_else(|| "xl/workbook.bin".to_owned());
    let relations = package.relations(&path);
    let mut found = BTreeMap::new();
    records(&package.part(&path).unwrap_or_default(), |kind, data| {
        if kind == SHEET {
            let read = || {
                let (relation, after) = wide(data.get(8..)?)?;
                let (name, _) = wide(after)?;
                Some((name, relations.get(&relation)?.clone()))
            };
            found.extend(read());
        }
    });
    found
}

/// Hidden rows and columns, merged cells, and formulas that came to an error, which calamine passes
/// over.
fn structure(part: &[u8], found: &mut Found, left: &mut Left) {
    let mut current = 0;
    records(part, |kind, data| {
        let mut read = || match kind {
            ROW => {
                current = long(data, 0)?;
                let row = current.checked_add(1)?;
                // fDyZero, [MS-XLSB] 2.4.741; a height of nothing is as good as hidden.
                let height = data.get(8..10)?;
                if data.get(11)? & 0x10 != 0 || height == [0, 0] {
                    found.hidden_rows.push((row, row));
                }
                Some(())
            }
            COLUMNS => {
                let (from, to) = (long(data, 0)?.checked_add(1)?, long(data, 4)?.checked_add(1)?);
                if data.get(16)? & 1 != 0 || long(data, 8)? == 0 {
                    found.hidden_columns.push((from, to));
                }
                Some(())
            }
            MERGED => {
                found.merge((long(data, 0)?, long(data, 8)?, long(data, 4)?, long(data, 12)?), left);
                Some(())
            }
            FORMULA_ERROR => {
                found.put(current, long(data, 0)?, cell::from_error(error(*data.get(8)?)), left);
                Some(())
            }
            _ => None,
        };
        // A record that is too short says nothing.
        read().unwrap_or_default();
    });
}

/// How an error is printed, [MS-XLSB] 2.5.97.2.
const fn error(code: u8) -> &'static str {
    match code {
        0x00 => "#NULL!",
        0x07 => "#DIV/0!",
        0x0f => "#VALUE!",
        0x17 => "#REF!",
        0x1d => "#NAME?",
        0x24 => "#NUM!",
        0x2a => "#N/A",
        _ => "#ERROR!",
    }
}

/// Every record with its number, until the bytes end.
fn records(bytes: &[u8], mut visit: impl FnMut(u32, &[u8])) {
    let mut at = 0;
    // Numbers and lengths are written seven bits a byte, the lowest first.
    let variable = |at: &mut usize, most: u32| {
        let mut value = 0_u32;
        for step in 0..most {
            let byte = *bytes.get(*at)?;
            *at += 1;
            value |= u32::from(byte & 0x7f) << (7 * step);
            if byte & 0x80 == 0 {
                break;
            }
        }
        Some(value)
    };
    while let Some(kind) = bytes.get(at).copied() {
        // Numbers keep their continuation bit out: two bytes where the first has it.
        let number = if kind & 0x80 == 0 {
            at += 1;
            u32::from(kind)
        } else {
            match variable(&mut at, 2) {
                Some(number) => number,
                None => break,
            }
        };
        let Some(length) = variable(&mut at, 4) else { break };
        let end = at.saturating_add(length as usize).min(bytes.len());
        visit(number, bytes.get(at..end).unwrap_or_default());
        at = end;
    }
}

/// A text of UTF-16 with its length in front, and what follows.
fn wide(bytes: &[u8]) -> Option<(String, &[u8])> {
    let count = long(bytes, 0)? as usize;
    let end = count.checked_mul(2)?.checked_add(4)?;
    let units: Vec<u16> =
        bytes.get(4..end)?.chunks_exact(2).map(|pair| u16::from_le_bytes([pair[0], pair[1]])).collect();
    Some((String::from_utf16_lossy(&units), bytes.get(end..)?))
}

fn long(bytes: &[u8], at: usize) -> Option<u32> {
    bytes.get(at..at.checked_add(4)?)?.try_into().ok().map(u32::from_le_bytes)
}
