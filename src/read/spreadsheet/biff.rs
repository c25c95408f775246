//! What the records of an xls workbook say besides cells, after [MS-XLS].

/// What is told of a workbook.
#[derive(Default)]
pub(super) struct Told {
    /// Whether its records are encrypted.
    pub(super) encrypted: bool,
    /// Its sheets in the order of the workbook.
    pub(super) sheets: Vec<Look>,
}

/// What is told of a sheet.
#[derive(Default)]
pub(super) struct Look {
    /// Hidden rows, from 1.
    pub(super) rows: Vec<(u32, u32)>,
    /// Hidden columns, from 1.
    pub(super) columns: Vec<(u32, u32)>,
    /// Merged cells from 0: top, left, bottom, right.
    pub(super) merged: Vec<(u32, u32, u32, u32)>,
    /// How many places the smallest rectangle round all cells has.
    pub(super) area: u64,
}

const FORMULA: u16 = 0x0006;
const END: u16 = 0x000a;
const FILE_PASS: u16 = 0x002f;
const COLUMN: u16 = 0x007d;
const SHEET: u16 = 0x0085;
const MERGED: u16 = 0x00e5;
const DIMENSIONS: u16 = 0x0200;
const ROW: u16 = 0x0208;
const BEGIN: u16 = 0x0809;
/// Records of cells; row and column stand first in all of them.
const CELLS: &[u16] = &[FORMULA, 0x00bd, 0x00d6, 0x00fd, 0x0203, 0x0204, 0x0205, 0x027e];

/// Walks the records of a workbook's stream.
pub(super) fn told(stream: &[u8], sheets: usize) -> Told {
    let mut told = Told::default();
    let mut starts = Vec::new();
    walk(stream, 0, |kind, data| {
        match kind {
            FILE_PASS => told.encrypted = short(data, 0) != Some(0) || data.len() > 2,
            SHEET => starts.extend(long(data, 0)),
            _ => {}
        }
        kind != END
    });
    if !told.encrypted {
        told.sheets = starts.iter().take(sheets).map(|start| look(stream, *start as usize)).collect();
    }
    told
}

fn look(stream: &[u8], start: usize) -> Look {
    let mut look = Look::default();
    // Rows and columns of all cells: lowest and highest.
    let mut bounds: Option<(u32, u32, u32, u32)> = None;
    let mut claimed = 0;
    let mut deep = 0_u32;
    walk(stream, start, |kind, data| {
        match kind {
            BEGIN => deep += 1,
            END => deep = deep.saturating_sub(1),
            // Charts inside the sheet have records of their own.
            _ if deep != 1 => {}
            ROW => {
                let hidden = short(data, 12).is_some_and(|flags| flags & 0x20 != 0);
                let flat = short(data, 6).is_some_and(|height| height & 0x7fff == 0);
                if let Some(row) = short(data, 0).filter(|_| hidden || flat) {
                    look.rows.push((u32::from(row) + 1, u32::from(row) + 1));
                }
            }
            COLUMN => {
                let hidden = short(data, 8).is_some_and(|flags| flags & 1 != 0) || short(data, 4) == Some(0);
                if let (Some(from), Some(to), true) = (short(data, 0), short(data, 2), hidden) {
                    look.columns.push((u32::from(from) + 1, u32::from(to) + 1));
                }
            }
            MERGED => {
                let corner = |at: usize| short(data, at).map(u32::from);
                let count = usize::from(short(data, 0).unwrap_or(0));
                let one = |at: usize| {
                    let at = 2 + at * 8;
                    Some((corner(at)?, corner(at + 4)?, corner(at + 2)?, corner(at + 6)?))
                };
                look.merged.extend((0..count).map_while(one));
            }
            DIMENSIONS => {
                let rows = long(data, 4).zip(long(data, 0)).map_or(0, |(to, from)| to.saturating_sub(from));
                let columns = short(data, 10).zip(short(data, 8));
                let columns = columns.map_or(0, |(to, from)| to.saturating_sub(from));
                claimed = u64::from(rows) * u64::from(columns);
            }
            kind if CELLS.contains(&kind) => {
                if let (Some(row), Some(column)) = (short(data, 0), short(data, 2)) {
                    let (row, column) = (u32::from(row), u32::from(column));
                    let (top, left, bottom, right) = bounds.unwrap_or((row, column, row, column));
                    bounds = Some((top.min(row), left.min(column), bottom.max(row), right.max(column)));
                }
            }
            _ => {}
        }
        deep > 0
    });
    let real = bounds
        .map_or(0, |(top, left, bottom, right)| u64::from(bottom - top + 1) * u64::from(right - left + 1));
    // Room is made for as many cells as the sheet claims to have.
    look.area = real.max(claimed);
    look
}

/// Hands on every record from `start` until `visit` answers `false` or the stream ends.
fn walk(stream: &[u8], start: usize, mut visit: impl FnMut(u16, &[u8]) -> bool) {
    let mut at = start;
    while let (Some(kind), Some(length)) = (short(stream, at), short(stream, at.saturating_add(2))) {
        let from = at + 4;
        let end = from.saturating_add(usize::from(length)).min(stream.len());
        if !visit(kind, stream.get(from..end).unwrap_or_default()) {
            return;
        }
        at = end;
    }
}

fn short(bytes: &[u8], at: usize) -> Option<u16> {
    bytes.get(at..at.checked_add(2)?)?.try_into().ok().map(u16::from_le_bytes)
}

fn long(bytes: &[u8], at: usize) -> Option<u32> {
    bytes.get(at..at.checked_add(4)?)?.try_into().ok().map(u32::from_le_bytes)
}
