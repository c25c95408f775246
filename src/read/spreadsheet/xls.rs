//! Old workbooks (xls, and et of WPS): records of BIFF in a compound file.

use std::{
    io::Cursor,
    panic::{AssertUnwindSafe, catch_unwind},
    sync::Arc,
};

use calamine::{Data, DataRef, Reader as _, SheetVisible, Xls, XlsError};

use super::{
    Content,
    biff::{self, Told},
    cell_of, encrypted,
    grid::{Formula, Found, Left},
    length, settle, sums, too_many_sheets, unreadable,
};
use crate::{
    container::ole::{self, Compound},
    model::{limits::Limits, page::CellValue},
    read::too_many_cells,
};

/// Reads all sheets, hidden ones too.
pub(in crate::read) fn read(bytes: &Arc<[u8]>, limits: &Limits) -> Content {
    let mut content = Content::default();
    let file = Compound::open(bytes);
    let found = file.as_ref().and_then(|file| {
        let name = ["Workbook", "Book"].into_iter().find(|name| file.has(name))?;
        file.stream(name).zip(file.size(name))
    });
    let Some((stream, size)) = found else {
        content.problems.push(unreadable(None, "no stream of records"));
        return content;
    };
    if (stream.len() as u64) < size {
        content.problems.push(unreadable(None, "its end is missing"));
        return content;
    }
    let told = biff::told(&stream, limits.sheets);
    if told.encrypted {
        content.problems.push(encrypted());
        return content;
    }
    let area: u64 = told.sheets.iter().map(|sheet| sheet.area).sum();
    // Calamine makes room for every place between the first and the last cell of a sheet.
    if area > limits.sparse_cells {
        content.problems.push(too_many_cells(limits.cells));
        return content;
    }
    // Calamine takes tables of sectors at their word and would follow a chain in circles: it is given
    // the stream that was looked at here, by itself. It panics where lengths in that lie.
    let plain = || Ok(Cursor::new(Arc::from(ole::holding("Workbook", &stream)?)));
    match catch_unwind(AssertUnwindSafe(|| plain().map_err(XlsError::Io).and_then(Xls::new))) {
        Ok(Ok(book)) => sheets(book, told, limits, &mut content),
        Ok(Err(XlsError::Password)) => content.problems.push(encrypted()),
        Ok(Err(error)) => content.problems.push(unreadable(None, &error.to_string())),
        Err(_) => content.problems.push(unreadable(None, "a record is shorter than it says")),
    }
    content
}

fn sheets(mut book: Xls<Cursor<Arc<[u8]>>>, told: Told, limits: &Limits, content: &mut Content) {
    let mut sheets = book.sheets_metadata().to_vec();
    if sheets.len() > limits.sheets {
        content.problems.push(too_many_sheets(sheets.len(), limits.sheets));
        sheets.truncate(limits.sheets);
    }
    let mut left = Left::of(limits);
    let mut all = Vec::new();
    let mut looks = told.sheets.into_iter();
    for sheet in sheets {
        let mut found = Found::named(&sheet.name);
        found.sheet.hidden = sheet.visible != SheetVisible::Visible;
        match book.worksheet_range(&sheet.name) {
            Ok(range) => {
                let (top, first) = range.start().unwrap_or_default();
                for (row, column, value) in range.used_cells() {
                    let (row, column) = (from(top, row), from(first, column));
                    let value = borrowed(value);
                    let cell = cell_of(&value);
                    if !left.take_text(length(&value)) || !found.put(row, column, cell, &mut left) {
                        break;
                    }
                }
            }
            Err(error) => content.problems.push(unreadable(Some(&sheet.name), &error.to_string())),
        }
        if let Ok(range) = book.worksheet_formula(&sheet.name) {
            let (top, first) = range.start().unwrap_or_default();
            for (row, column, text) in range.used_cells().filter(|(_, _, text)| sums::plausible(text)) {
                let (row, column) = (from(top, row), from(first, column));
                // A sum that came to an empty text was never computed.
                let cells = found.sheet.rows.get(row as usize);
                let valued = cells
                    .and_then(|row| row.get(column as usize))
                    .is_some_and(|cell| cell.value != CellValue::Empty);
                found.formulas.push(Formula { row, column, text: text.clone(), valued });
            }
        }
        if let Some(look) = looks.next() {
            found.hidden_rows = look.rows;
            found.hidden_columns = look.columns;
            look.merged.into_iter().for_each(|range| found.merge(range, &mut left));
        }
        all.push(found);
    }
    settle(all, &left, limits, content);
}

/// A number that is counted from the first used row or column.
fn from(start: u32, offset: usize) -> u32 {
    start.saturating_add(u32::try_from(offset).unwrap_or(u32::MAX))
}

fn borrowed(value: &Data) -> DataRef<'_> {
    match value {
        Data::Int(number) => DataRef::Int(*number),
        Data::Float(number) => DataRef::Float(*number),
        Data::String(text) => DataRef::SharedString(text),
        Data::Bool(value) => DataRef::Bool(*value),
        Data::DateTime(moment) => DataRef::DateTime(*moment),
        Data::DateTimeIso(text) => DataRef::DateTimeIso(text.clone()),
        Data::DurationIso(text) => DataRef::DurationIso(text.clone()),
        Data::Error(error) => DataRef::Error(error.clone()),
        _ => DataRef::Empty,
    }
}
