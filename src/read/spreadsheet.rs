//! Workbooks (xlsx): every sheet, cell by cell, as a person sees it.
//!
//! Formulas are not computed; what the writing program stored as their value counts.

use std::{io::Cursor, sync::Arc};

use calamine::{DataRef, ExcelDateTime, Reader as _, Xlsx};

use super::{Content, archive, cell};
use crate::{
    container::archive::ArchiveLimits,
    container::zip::measure,
    model::{
        limits::Limits,
        page::{Cell, CellValue, Sheet},
        problem::Problem,
    },
};

/// Columns beyond this are refused: a cell placed there by mistake would make every row as wide.
const COLUMNS: u32 = 16_384;
const ROWS: u32 = 1_048_576;
/// Several sheets of a workbook may name the same part, and each reads it again: sheets times the
/// largest part is refused beyond so many bytes.
const READ_AGAIN: u64 = 6 << 30;

/// Reads all sheets, hidden ones too.
pub(super) fn read(bytes: &Arc<[u8]>, limits: &Limits) -> Content {
    let mut content = Content::default();
    // The workbook reader unpacks without bounds, so every part is tried with bounds first.
    let bounds = ArchiveLimits { total_bytes: limits.workbook_bytes, ..archive::bounds(limits) };
    let sizes = match measure(bytes, bounds) {
        Ok(sizes) => sizes,
        Err(trouble) => {
            content.problems.push(archive::problem(&trouble));
            return content;
        }
    };
    let mut book = match Xlsx::new(Cursor::new(Arc::clone(bytes))) {
        Ok(book) => book,
        Err(error) => {
            content.problems.push(unreadable(None, &error.to_string()));
            return content;
        }
    };
    let mut names = book.sheet_names();
    let largest = sizes.iter().max().copied().unwrap_or(0);
    if names.len() > limits.sheets || largest.saturating_mul(names.len() as u64) > READ_AGAIN {
        let again = usize::try_from(READ_AGAIN / largest.max(1)).unwrap_or(usize::MAX);
        let allowed = limits.sheets.min(again);
        content.problems.push(too_many_sheets(names.len(), allowed));
        names.truncate(allowed);
    }
    let mut left = Left { cells: limits.cells, text: limits.cell_text };
    for name in names {
        match sheet(&mut book, &name, &mut left) {
            Ok(sheet) => content.sheets.push(sheet),
            Err(why) => {
                content.sheets.push(Sheet { name: name.clone(), ..Sheet::default() });
                content.problems.push(unreadable(Some(&name), &why));
            }
        }
    }
    if left.cells == 0 {
        content.problems.push(super::too_many_cells(limits.cells));
    } else if left.text == 0 {
        content.problems.push(too_much_text(limits.cell_text));
    }
    if content.sheets.is_empty() {
        content.problems.push(unreadable(None, "no sheet"));
    }
    content
}

/// What may still be taken from a workbook.
struct Left {
    cells: usize,
    text: usize,
}

fn sheet(book: &mut Xlsx<Cursor<Arc<[u8]>>>, name: &str, left: &mut Left) -> Result<Sheet, String> {
    let mut cells = book.worksheet_cells_reader(name).map_err(|error| error.to_string())?;
    let mut rows: Vec<Vec<Cell>> = Vec::new();
    while left.cells > 0 && left.text > 0 {
        let Some(found) = cells.next_cell().map_err(|error| error.to_string())? else { break };
        let (row, column) = found.get_position();
        // Any number of cells may name one long text that the workbook shares among them.
        let length = match found.get_value() {
            DataRef::SharedString(text) => text.len(),
            DataRef::String(text) => text.len(),
            _ => 0,
        };
        left.text = left.text.saturating_sub(length);
        if left.text == 0 {
            break;
        }
        let cell = cell(found.get_value());
        if cell.value == CellValue::Empty || row >= ROWS || column >= COLUMNS {
            continue;
        }
        let (row, column) = (row as usize, column as usize);
        let empty_rows = row.saturating_sub(rows.len());
        if rows.len() <= row {
            rows.resize_with(row + 1, Vec::new);
        }
        let Some(cells) = rows.get_mut(row) else { continue };
        // Empty cells before this one and empty rows above cost memory too, and count.
        let grown = (column + 1).saturating_sub(cells.len()).max(1) + empty_rows / 8;
        if grown > left.cells {
            left.cells = 0;
            break;
        }
        left.cells -= grown;
        if cells.len() <= column {
            cells.resize_with(column + 1, Cell::default);
        }
        if let Some(place) = cells.get_mut(column) {
            *place = cell;
        }
    }
    Ok(Sheet { name: name.to_owned(), rows, ..Sheet::default() })
}

fn cell(value: &DataRef<'_>) -> Cell {
    match value {
        DataRef::Int(number) => Cell { text: number.to_string(), value: CellValue::Number((*number).into()) },
        DataRef::Float(number) => cell::from_float(*number),
        DataRef::String(text) => cell::from_text(text),
        DataRef::SharedString(text) => cell::from_text(text),
        DataRef::Bool(value) => {
            Cell { text: if *value { "TRUE" } else { "FALSE" }.to_owned(), value: CellValue::Bool(*value) }
        }
        DataRef::DateTime(moment) => date(moment),
        DataRef::DateTimeIso(text) | DataRef::DurationIso(text) => {
            let moment = text.parse::<chrono::NaiveDateTime>().ok().or_else(|| {
                text.parse::<chrono::NaiveDate>().ok().and_then(|date| date.and_hms_opt(0, 0, 0))
            });
            moment.map_or_else(|| cell::from_text(text), shown)
        }
        DataRef::Error(error) => Cell { text: error.to_string(), value: CellValue::Error },
        DataRef::Empty => Cell::default(),
    }
}

/// A date; a span of time stays the number it is.
fn date(moment: &ExcelDateTime) -> Cell {
    let found = if moment.is_datetime() { moment_of(moment) } else { None };
    found.map_or_else(|| cell::from_float(moment.as_f64()), shown)
}

/// Calamine counts days from 1900 or 1904 as the workbook says.
fn moment_of(moment: &ExcelDateTime) -> Option<chrono::NaiveDateTime> {
    let (year, month, day, hour, minute, second, milli) = moment.to_ymd_hms_milli();
    chrono::NaiveDate::from_ymd_opt(i32::from(year), u32::from(month), u32::from(day))?.and_hms_milli_opt(
        u32::from(hour),
        u32::from(minute),
        u32::from(second),
        u32::from(milli),
    )
}

fn shown(moment: chrono::NaiveDateTime) -> Cell {
    // Midnight is how a date without a time is stored.
    let midnight = moment.time() == chrono::NaiveTime::MIN;
    let text = moment.format(if midnight { "%Y-%m-%d" } else { "%Y-%m-%d %H:%M:%S" }).to_string();
    Cell { text, value: CellValue::DateTime(moment) }
}

fn too_many_sheets(found: usize, allowed: usize) -> Problem {
    Problem::new(
        "too-many-sheets",
        format!("工作簿有 {found} 张工作表，只读取前 {allowed} 张；请拆分后提交"),
        format!("the workbook has {found} sheets, only the first {allowed} were read; split it"),
    )
}

fn too_much_text(allowed: usize) -> Problem {
    Problem::new(
        "too-much-text",
        format!("表格中的文字超过 {allowed} 字节，其余未读取；请拆分后提交"),
        format!(
            "the cells hold more than {allowed} bytes of text and the rest was not read; split the table"
        ),
    )
}

fn unreadable(sheet: Option<&str>, why: &str) -> Problem {
    let (zh, en) =
        sheet.map_or_else(Default::default, |name| (format!("工作表“{name}”"), format!("sheet {name}: ")));
    Problem::new(
        "workbook-unreadable",
        format!("{zh}电子表格已损坏，无法读取（{why}）；请用表格软件重新另存为 xlsx 后提交"),
        format!(
            "{en}the workbook is damaged and cannot be read ({why}); save it again as xlsx and hand that in"
        ),
    )
}
