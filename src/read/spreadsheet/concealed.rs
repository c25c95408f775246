//! What a workbook holds and does not show: hidden sheets, rows and columns, values under merged cells.

use std::fmt::Write;

use crate::model::{
    anchor::column_letters,
    page::{Cell, CellValue, Sheet},
    problem::Problem,
};

/// How many places a message names.
const NAMED: usize = 12;

/// What there is to say of a sheet. Hidden rows and columns without a value hide nothing.
/// `unseen` are cells whose style shows nothing, row and column from 0; of `steps` cells may be looked at.
pub(super) fn problems(sheet: &Sheet, unseen: &[(u32, u32)], steps: &mut usize) -> Vec<Problem> {
    let mut found = Vec::new();
    let filled = |cell: &Cell| cell.value != CellValue::Empty;
    let name = &sheet.name;
    if sheet.hidden && sheet.rows.iter().flatten().any(filled) {
        found.push(Problem::new(
            "hidden-sheet",
            format!("工作表“{name}”被隐藏，打开文件时看不到，其内容已读取；请取消隐藏或删除后重新提交"),
            format!(
                "sheet {name:?} is hidden from who opens the file; its cells were read; show or delete it"
            ),
        ));
    }
    let rows: Vec<u32> =
        sheet.hidden_rows.iter().copied().filter(|row| row_of(sheet, *row).iter().any(filled)).collect();
    if !rows.is_empty() {
        let named = spans(&rows, |row| row.to_string());
        found.push(Problem::new(
            "hidden-rows",
            format!("工作表“{name}”第 {named} 行被隐藏（含筛选），其内容已读取并计入；请取消隐藏后重新提交"),
            format!(
                "rows {named} of sheet {name:?} are hidden or filtered away; their cells were read and count; show them"
            ),
        ));
    }
    let columns = filled_columns(sheet);
    if !columns.is_empty() {
        let named = spans(&columns, column_letters);
        found.push(Problem::new(
            "hidden-columns",
            format!("工作表“{name}”第 {named} 列被隐藏，其内容已读取；请取消隐藏后重新提交"),
            format!("columns {named} of sheet {name:?} are hidden; their cells were read; show them"),
        ));
    }
    found.extend(colourless(sheet, unseen));
    found.extend(covered(sheet, steps));
    found
}

/// The hidden columns in which something stands.
fn filled_columns(sheet: &Sheet) -> Vec<u32> {
    let width =
        if sheet.hidden_columns.is_empty() { 0 } else { sheet.rows.iter().map(Vec::len).max().unwrap_or(0) };
    let mut filled = vec![false; width];
    for row in sheet.rows.iter().filter(|_| width > 0) {
        for (known, cell) in filled.iter_mut().zip(row) {
            *known |= cell.value != CellValue::Empty;
        }
    }
    let is_filled = |column: &u32| filled.get((*column as usize).saturating_sub(1)) == Some(&true);
    sheet.hidden_columns.iter().copied().filter(is_filled).collect()
}

/// Values of which the style of their cell shows nothing.
fn colourless(sheet: &Sheet, unseen: &[(u32, u32)]) -> Option<Problem> {
    let filled = unseen.iter().filter(|(row, column)| {
        let cell = row_of(sheet, row.saturating_add(1)).get(*column as usize);
        cell.is_some_and(|cell| cell.value != CellValue::Empty)
    });
    let cells: Vec<String> = filled
        .take(NAMED + 1)
        .map(|(row, column)| format!("{}{}", letters(*column as usize), row + 1))
        .collect();
    let (named, name) = (listed(cells)?, &sheet.name);
    Some(Problem::new(
        "unseen-cells",
        format!(
            "工作表“{name}”的单元格 {named} 有内容但不显示（白色字体或空白格式），已读取；请恢复显示后重新提交"
        ),
        format!(
            "cells {named} of sheet {name:?} hold values that are not shown (white letters or an empty format); they were read; show them"
        ),
    ))
}

/// `A1, B2` for places; a long list ends in `…`.
fn listed(mut cells: Vec<String>) -> Option<String> {
    let more = cells.len() > NAMED;
    cells.truncate(NAMED);
    let mut named = cells.join(", ");
    if more {
        named.push('…');
    }
    (!named.is_empty()).then_some(named)
}

/// Values that stand under a merged cell, where only its first cell is seen.
/// Ranges of a hostile file may cover the whole sheet each.
fn covered(sheet: &Sheet, steps: &mut usize) -> Option<Problem> {
    let mut cells = Vec::new();
    for merged in &sheet.merged {
        let (from, to) = ((merged.left as usize).saturating_sub(1), merged.right as usize);
        // Beyond the last row there is nothing, however far the range claims to reach.
        let last = merged.bottom.min(u32::try_from(sheet.rows.len()).unwrap_or(u32::MAX));
        let first = row_of(sheet, merged.top).get(from).map_or("", |cell| cell.text.as_str());
        for row in merged.top..=last {
            let looked_at = row_of(sheet, row).len().min(to).saturating_sub(from) + 1;
            *steps = steps.saturating_sub(looked_at);
            let inside = row_of(sheet, row).iter().enumerate().take(to).skip(from);
            for (column, cell) in inside {
                let shown = row == merged.top && column == from;
                // Programs that merge by filling repeat the value they show.
                if !shown && cell.value != CellValue::Empty && cell.text != first {
                    cells.push(format!("{}{row}", letters(column)));
                }
            }
        }
        if cells.len() > NAMED {
            break;
        }
        if *steps == 0 {
            cells.push("…".to_owned());
            break;
        }
    }
    let (named, name) = (listed(cells)?, &sheet.name);
    Some(Problem::new(
        "covered-cells",
        format!("工作表“{name}”的合并单元格遮住了有内容的单元格 {named}，已读取；请取消合并后核对"),
        format!(
            "merged cells of sheet {name:?} cover cells with values: {named}; they were read; unmerge and check"
        ),
    ))
}

fn row_of(sheet: &Sheet, row: u32) -> &[Cell] {
    sheet.rows.get((row as usize).saturating_sub(1)).map_or(&[], Vec::as_slice)
}

/// The letters of a column from 0.
pub(super) fn letters(column: usize) -> String {
    column_letters(u32::try_from(column).map_or(u32::MAX, |column| column.saturating_add(1)))
}

/// `3–5, 9` for ascending numbers; a long list ends in `…`.
fn spans(numbers: &[u32], name: impl Fn(u32) -> String) -> String {
    let mut runs: Vec<(u32, u32)> = Vec::new();
    for number in numbers {
        match runs.last_mut() {
            Some((_, last)) if last.checked_add(1) == Some(*number) => *last = *number,
            _ => runs.push((*number, *number)),
        }
    }
    let mut text = String::new();
    for (at, (from, to)) in runs.iter().enumerate() {
        if at == NAMED {
            text.push('…');
            break;
        }
        let before = if at == 0 { "" } else { ", " };
        let _ = if from == to {
            write!(text, "{before}{}", name(*from))
        } else {
            write!(text, "{before}{}–{}", name(*from), name(*to))
        };
    }
    text
}
