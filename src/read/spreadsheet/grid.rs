//! Cells put where they belong, within bounds, and what was found round them.

use crate::model::{
    limits::Limits,
    page::{Cell, CellValue, MergedCells, Sheet},
    problem::Problem,
};

/// Columns beyond this are refused: a cell placed there by mistake would make every row as wide.
pub(super) const COLUMNS: u32 = 16_384;
pub(super) const ROWS: u32 = 1_048_576;

/// What may still be taken from a workbook.
#[derive(Default)]
pub(super) struct Left {
    cells: usize,
    text: usize,
    /// Merged ranges, of which each is kept.
    merged: usize,
    /// Whether a merged range was left out.
    unmerged: bool,
}

impl Left {
    pub(super) const fn of(limits: &Limits) -> Self {
        Self { cells: limits.cells, text: limits.cell_text, merged: limits.merged_cells, unmerged: false }
    }

    /// Whether nothing more may be taken.
    pub(super) const fn nothing(&self) -> bool {
        self.cells == 0 || self.text == 0
    }

    /// Takes text from what is left; any number of cells may name one long text that they share.
    pub(super) const fn take_text(&mut self, bytes: usize) -> bool {
        self.text = self.text.saturating_sub(bytes);
        self.text > 0
    }

    /// What was left out because nothing was left.
    pub(super) fn problem(&self, limits: &Limits) -> Option<Problem> {
        if self.cells == 0 {
            Some(crate::read::too_many_cells(limits.cells))
        } else if self.text == 0 {
            Some(too_much_text(limits.cell_text))
        } else if self.unmerged {
            Some(too_many_merged(limits.merged_cells))
        } else {
            None
        }
    }
}

/// A formula with the place it stands in; row and column from 0.
pub(super) struct Formula {
    pub(super) row: u32,
    pub(super) column: u32,
    pub(super) text: String,
    /// Whether the file holds what it came to.
    pub(super) valued: bool,
}

/// A sheet as it came out of a file, before anything is said of it.
#[derive(Default)]
pub(super) struct Found {
    pub(super) sheet: Sheet,
    /// Hidden rows, from 1, both ends inclusive.
    pub(super) hidden_rows: Vec<(u32, u32)>,
    /// Hidden columns, from 1, both ends inclusive.
    pub(super) hidden_columns: Vec<(u32, u32)>,
    pub(super) formulas: Vec<Formula>,
    /// Cells whose style shows nothing of them: row and column from 0.
    pub(super) unseen: Vec<(u32, u32)>,
}

impl Found {
    pub(super) fn named(name: &str) -> Self {
        Self { sheet: Sheet { name: name.to_owned(), ..Sheet::default() }, ..Self::default() }
    }

    /// Puts a cell in its place (row and column from 0); `false` where no more may be taken.
    pub(super) fn put(&mut self, row: u32, column: u32, cell: Cell, left: &mut Left) -> bool {
        if left.nothing() {
            return false;
        }
        if cell.value == CellValue::Empty || row >= ROWS || column >= COLUMNS {
            return true;
        }
        let (row, column) = (row as usize, column as usize);
        let rows = &mut self.sheet.rows;
        let empty_rows = row.saturating_sub(rows.len());
        let width = rows.get(row).map_or(0, Vec::len);
        // Empty cells before this one and empty rows above cost memory too, and count.
        let grown = (column + 1).saturating_sub(width).max(1) + empty_rows / 8;
        if grown > left.cells {
            left.cells = 0;
            return false;
        }
        left.cells -= grown;
        if rows.len() <= row {
            rows.resize_with(row + 1, Vec::new);
        }
        if let Some(cells) = rows.get_mut(row) {
            if cells.len() <= column {
                cells.resize_with(column + 1, Cell::default);
            }
            if let Some(place) = cells.get_mut(column) {
                *place = cell;
            }
        }
        true
    }

    /// A merged range, corners from 0 (top, left, bottom, right); one of a single cell is none.
    pub(super) fn merge(&mut self, (top, left, bottom, right): (u32, u32, u32, u32), room: &mut Left) {
        let sound = top <= bottom && left <= right && (top < bottom || left < right);
        if !sound || bottom >= ROWS || right >= COLUMNS {
            return;
        }
        match room.merged.checked_sub(1) {
            Some(merged) => {
                room.merged = merged;
                let (top, left, bottom, right) = (top + 1, left + 1, bottom + 1, right + 1);
                self.sheet.merged.push(MergedCells { top, left, bottom, right });
            }
            None => room.unmerged = true,
        }
    }

    /// The sheet, with hidden rows and columns one by one as far as there are cells.
    pub(super) fn settled(mut self) -> (Sheet, Vec<Formula>) {
        let rows = self.sheet.rows.len();
        let columns = self.sheet.rows.iter().map(Vec::len).max().unwrap_or(0);
        self.sheet.hidden_rows = within(&self.hidden_rows, rows);
        self.sheet.hidden_columns = within(&self.hidden_columns, columns);
        self.sheet.merged.sort_by_key(|one| (one.top, one.left, one.bottom, one.right));
        self.sheet.merged.dedup();
        (self.sheet, self.formulas)
    }
}

/// The numbers that spans cover, up to `most`, each once however many spans cover it.
fn within(spans: &[(u32, u32)], most: usize) -> Vec<u32> {
    let most = u32::try_from(most).unwrap_or(u32::MAX);
    let mut spans = spans.to_vec();
    spans.sort_unstable();
    let mut found: Vec<u32> = Vec::new();
    for (from, to) in spans {
        let next = found.last().map_or(1, |last| last.saturating_add(1));
        found.extend(from.max(next)..=to.min(most));
    }
    found
}

/// Row and column from 0 of a reference such as `B12`; `$` before either is passed over.
pub(super) fn place(reference: &str) -> Option<(u32, u32)> {
    let plain = reference.trim().replace('$', "");
    let split = plain.find(|c: char| c.is_ascii_digit())?;
    let (letters, digits) = plain.split_at(split);
    let column = letters.chars().try_fold(0_u32, |sum, c| {
        let letter = c.to_ascii_uppercase();
        letter.is_ascii_uppercase().then(|| sum.checked_mul(26)?.checked_add(letter as u32 - 64)).flatten()
    })?;
    let row: u32 = digits.parse().ok()?;
    Some((row.checked_sub(1)?, column.checked_sub(1)?))
}

/// Corners from 0 of a range such as `A1:C3`: top, left, bottom, right.
pub(super) fn range(reference: &str) -> Option<(u32, u32, u32, u32)> {
    let (from, to) = reference.split_once(':').unwrap_or((reference, reference));
    let ((top, left), (bottom, right)) = (place(from)?, place(to)?);
    Some((top.min(bottom), left.min(right), top.max(bottom), left.max(right)))
}

fn too_many_merged(allowed: usize) -> Problem {
    Problem::new(
        "too-many-merged-cells",
        format!("工作簿的合并单元格超过 {allowed} 处，其余未按合并处理；请取消合并后提交"),
        format!(
            "the workbook has more than {allowed} merged ranges and the others were read as single cells; unmerge them"
        ),
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
