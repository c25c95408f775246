//! Workbooks of Office Open XML (xlsx, xlsm).
//!
//! Calamine gives the cells; the sheets' XML is gone through once more for what it does not give:
//! hidden rows and columns, merged cells, long numbers.

use std::{
    collections::{BTreeMap, BTreeSet},
    io::Cursor,
    sync::Arc,
};

use calamine::{DataRef, Reader as _, SheetType, SheetVisible, Xlsx, XlsxError, XlsxFormulaMetadata};

use super::{
    Content, cell_of, encrypted,
    grid::{Formula, Found, Left, place, range},
    length, looks, settle, sums, too_many_sheets, unreadable,
};
use crate::{
    container::{
        archive::ArchiveLimits,
        package::Package,
        xml::XmlLimits,
        xml_stream::{Event, stream},
        zip::measure,
    },
    model::{limits::Limits, page::CellValue},
    read::{archive, cell},
};

/// Reads all sheets, hidden ones too.
pub(in crate::read) fn read(bytes: &Arc<[u8]>, limits: &Limits) -> Content {
    let mut content = Content::default();
    // The workbook reader unpacks without bounds, so every part is tried with bounds first.
    let bounds = ArchiveLimits::of_package(limits);
    let sizes = match measure(bytes, bounds) {
        Ok(sizes) => sizes,
        Err(trouble) => {
            content.problems.push(archive::problem(&trouble));
            return content;
        }
    };
    let mut book = match Xlsx::new(Cursor::new(Arc::clone(bytes))) {
        Ok(book) => book,
        Err(XlsxError::Password) => {
            content.problems.push(encrypted());
            return content;
        }
        Err(error) => {
            content.problems.push(unreadable(None, &error.to_string()));
            return content;
        }
    };
    let mut sheets = book.sheets_metadata().to_vec();
    let largest = sizes.iter().max().copied().unwrap_or(0);
    // Several sheets may name the same part, and each reads it again.
    if sheets.len() > limits.sheets || largest.saturating_mul(sheets.len() as u64) > limits.sheet_bytes {
        let again = usize::try_from(limits.sheet_bytes / largest.max(1)).unwrap_or(usize::MAX);
        let allowed = limits.sheets.min(again);
        content.problems.push(too_many_sheets(sheets.len(), allowed));
        sheets.truncate(allowed);
    }
    let package = Package::new(bytes, bounds, XmlLimits::of(limits));
    let parts = package.sheets();
    let unseen = package.beside_main("styles.xml").map(|root| looks::unseen(&root)).unwrap_or_default();
    let mut left = Left::of(limits);
    let mut all = Vec::new();
    for sheet in sheets {
        let mut found = Found::named(&sheet.name);
        found.sheet.hidden = sheet.visible != SheetVisible::Visible;
        // A sheet that is a chart has no cells.
        if sheet.typ != SheetType::ChartSheet {
            let taken = cells(&mut book, &sheet.name, &mut found, &mut left);
            if let Some(part) = parts.get(&sheet.name).and_then(|path| package.part(path)) {
                structure(&part, &unseen, &mut found, &mut left);
                if taken.again {
                    again(&part, &mut found, &mut left);
                }
            }
            content.problems.extend(taken.trouble.map(|why| unreadable(Some(&sheet.name), &why)));
        }
        all.push(found);
    }
    settle(all, &left, limits, &mut content);
    content
}

/// How far the cells of a sheet were read.
#[derive(Default)]
struct Taken {
    trouble: Option<String>,
    /// Whether cells have to be looked at again: numbers longer than a binary fraction can hold, errors
    /// that calamine does not know.
    again: bool,
}

fn cells(book: &mut Xlsx<Cursor<Arc<[u8]>>>, name: &str, found: &mut Found, left: &mut Left) -> Taken {
    let mut taken = Taken::default();
    let mut cells = match book.worksheet_cells_reader(name) {
        Ok(cells) => cells,
        Err(error) => {
            taken.trouble = Some(error.to_string());
            return taken;
        }
    };
    let mut shared: BTreeMap<usize, (String, (u32, u32))> = BTreeMap::new();
    while !left.nothing() {
        let record = match cells.next_cell_with_formula_metadata() {
            Ok(Some(record)) => record,
            Ok(None) => break,
            Err(XlsxError::CellError(_)) => {
                taken.again = true;
                continue;
            }
            Err(error) => {
                taken.trouble = Some(error.to_string());
                break;
            }
        };
        let (row, column) = record.pos;
        let valued = record.value != DataRef::Empty;
        if let Some(formula) = record.formula {
            let text = match formula {
                XlsxFormulaMetadata::Normal { formula } => Some(formula),
                XlsxFormulaMetadata::Shared { shared_index, formula, .. } => {
                    left.take_text(formula.len());
                    shared.insert(shared_index, (formula.clone(), record.pos));
                    Some(formula)
                }
                XlsxFormulaMetadata::SharedDerived { shared_index } => {
                    let template = shared.get(&shared_index).filter(|(text, _)| sums::plausible(text));
                    template.and_then(|(text, start)| {
                        calamine::expand_shared_formula(text, *start, record.pos).ok()
                    })
                }
                _ => None,
            };
            let text = text.filter(|text| sums::plausible(text)).unwrap_or_default();
            if (!valued || !text.is_empty()) && left.take_text(text.len()) {
                found.formulas.push(Formula { row, column, text, valued });
            }
        }
        if !valued {
            continue;
        }
        if let DataRef::Float(number) = record.value {
            taken.again |= number.abs() >= 1e15;
        }
        if !left.take_text(length(&record.value)) || !found.put(row, column, cell_of(&record.value), left) {
            break;
        }
    }
    taken
}

/// Hidden rows and columns, merged cells, and cells of styles that show nothing.
fn structure(part: &[u8], unseen: &BTreeSet<usize>, found: &mut Found, left: &mut Left) {
    let yes = |value: Option<String>| value.is_some_and(|value| value == "1" || value == "true");
    let none = |value: Option<String>| value.and_then(|value| value.parse::<f64>().ok()) == Some(0.0);
    let number = |value: Option<String>| value.and_then(|value| value.parse::<u32>().ok());
    let mut row = 0;
    // What is broken in the file was said when its cells were read.
    let _ = stream(part, |event| {
        let Event::Open(tag) = event else { return true };
        match tag.name() {
            "row" => {
                row = number(tag.attribute("r")).unwrap_or(row + 1);
                if tag.mentions("hidden") && yes(tag.attribute("hidden"))
                    || tag.mentions("ht=") && none(tag.attribute("ht"))
                {
                    found.hidden_rows.push((row, row));
                }
            }
            "c" if !unseen.is_empty() => {
                let style = tag.attribute("s").and_then(|style| style.parse().ok());
                if style.is_some_and(|style| unseen.contains(&style)) {
                    found.unseen.extend(tag.attribute("r").as_deref().and_then(place));
                }
            }
            "col" => {
                let hidden = yes(tag.attribute("hidden")) || none(tag.attribute("width"));
                if let Some(from) = number(tag.attribute("min")).filter(|_| hidden) {
                    let to = number(tag.attribute("max")).unwrap_or(from);
                    found.hidden_columns.push((from, to));
                }
            }
            "mergeCell" => {
                if let Some(cells) = tag.attribute("ref").as_deref().and_then(range) {
                    found.merge(cells, left);
                }
            }
            _ => {}
        }
        true
    });
}

/// Takes cells from the XML itself: errors that have no name in calamine, and whole numbers with more
/// digits than a binary fraction holds, which are codes that a program wrote as numbers.
fn again(part: &[u8], found: &mut Found, left: &mut Left) {
    let (mut at, mut kind, mut inside, mut text) = (None, None, false, String::new());
    let _ = stream(part, |event| {
        match event {
            Event::Open(tag) if tag.name() == "c" => {
                at = tag.attribute("r").as_deref().and_then(place);
                kind = tag.attribute("t");
            }
            Event::Open(tag) if tag.name() == "v" => {
                inside = true;
                text.clear();
            }
            Event::Text(piece) if inside => text.push_str(&piece),
            Event::Close("v") => {
                inside = false;
                let Some((row, column)) = at else { return true };
                let known = found.sheet.rows.get(row as usize).and_then(|row| row.get(column as usize));
                let taken = known.is_some_and(|cell| cell.value != CellValue::Empty);
                let whole = text.len() > 15 && text.bytes().all(|byte| byte.is_ascii_digit());
                let cell = match kind.as_deref() {
                    Some("e") if !taken => cell::from_error(text.trim()),
                    Some("n") | None if whole => cell::from_decimal(&text),
                    _ => return true,
                };
                return found.put(row, column, cell, left);
            }
            _ => {}
        }
        true
    });
}
