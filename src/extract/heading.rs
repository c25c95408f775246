//! Where the heading of a table in a sheet stands, and what merged cells mean beside it.

use std::collections::BTreeMap;

use crate::{
    model::page::{Cell, Sheet},
    rulebook::types::RowsSpec,
};

/// How far down a sheet a heading row may stand.
const PREAMBLE: usize = 40;
/// Over how many rows a heading may reach.
const DEEPEST: usize = 3;

/// A heading: its last row from 0, and sheet column to list column.
pub(super) struct Heading {
    pub(super) last: usize,
    pub(super) columns: BTreeMap<usize, usize>,
}

/// The first heading that names enough columns.
///
/// It may reach over several rows: a name may stand over several columns (`金额` over `含税` and
/// `不含税`) or reach down over several rows. A heading of more rows counts only where it names more.
pub(super) fn find(list: &RowsSpec, sheet: &Sheet) -> Option<Heading> {
    (0..sheet.rows.len().min(PREAMBLE)).find_map(|row| at(list, sheet, row))
}

/// The heading that begins in a row, from 0.
pub(super) fn at(list: &RowsSpec, sheet: &Sheet, row: usize) -> Option<Heading> {
    (1..=DEEPEST)
        .filter(|deep| row + deep <= sheet.rows.len())
        .map(|deep| Heading { last: row + deep - 1, columns: columns(list, sheet, row, deep) })
        .filter(|heading| heading.columns.len() >= list.least)
        // Of those that name as many columns, the one of the fewest rows.
        .max_by(|a, b| a.columns.len().cmp(&b.columns.len()).then(b.last.cmp(&a.last)))
}

/// Sheet column to list column, for a heading of `deep` rows from row `at`.
fn columns(list: &RowsSpec, sheet: &Sheet, at: usize, deep: usize) -> BTreeMap<usize, usize> {
    let names = names(sheet, at, deep);
    let mut columns: BTreeMap<usize, usize> = BTreeMap::new();
    for (number, spec) in list.columns.iter().enumerate() {
        // Headings in order of preference: the first that some cell says exactly.
        let cell = spec.headings.iter().find_map(|heading| {
            names.iter().position(|names| {
                names.iter().any(|name| {
                    heading.find(name).is_some_and(|hit| hit.start() == 0 && exact(name, hit.end()))
                })
            })
        });
        if let Some(cell) = cell {
            columns.entry(cell).or_insert(number);
        }
    }
    columns
}

/// What each column may be called: what stands lowest, and all from above joined.
fn names(sheet: &Sheet, at: usize, deep: usize) -> Vec<Vec<String>> {
    let rows = sheet.rows.get(at..at + deep).unwrap_or_default();
    let width = rows.iter().map(Vec::len).max().unwrap_or(0);
    (0..width)
        .map(|column| {
            let mut texts: Vec<&str> = (at..at + deep).map(|row| shown(sheet, row, column)).collect();
            texts.dedup();
            texts.retain(|text| !text.is_empty());
            let mut names: Vec<String> = texts.last().map(|text| (*text).to_owned()).into_iter().collect();
            if texts.len() > 1 {
                names.push(texts.concat());
            }
            names
        })
        .collect()
}

/// What a person sees in a place: a merged cell shows its first.
fn shown(sheet: &Sheet, row: usize, column: usize) -> &str {
    let text = |row: usize, column: usize| {
        let cell = sheet.rows.get(row).and_then(|row| row.get(column));
        cell.map_or("", |cell| cell.text.trim().trim_start_matches('\u{feff}'))
    };
    let own = text(row, column);
    if !own.is_empty() {
        return own;
    }
    let inside = |from: u32, to: u32, at: usize| (from as usize..=to as usize).contains(&(at + 1));
    // Sorted by their first row: those that begin below need no look.
    let mut above = sheet.merged.iter().take_while(|merged| merged.top as usize <= row + 1);
    let merged = above.find(|one| inside(one.top, one.bottom, row) && inside(one.left, one.right, column));
    merged.map_or("", |one| text(one.top as usize - 1, one.left as usize - 1))
}

/// A heading may be followed by a unit or a remark in brackets, and by nothing else.
fn exact(name: &str, end: usize) -> bool {
    let rest = name.get(end..).unwrap_or_default().trim();
    rest.is_empty() || rest.starts_with(['(', '（', '/', '['])
}

/// Merged cells that reach down over several rows, by their first column.
pub(super) struct Reaching(BTreeMap<u32, Vec<(u32, u32)>>);

impl Reaching {
    pub(super) fn of(sheet: &Sheet) -> Self {
        let mut found: BTreeMap<u32, Vec<(u32, u32)>> = BTreeMap::new();
        for merged in sheet.merged.iter().filter(|merged| merged.bottom > merged.top) {
            found.entry(merged.left).or_default().push((merged.top, merged.bottom));
        }
        Self(found)
    }

    /// The cell that is shown in a place (from 0), and its row: for an empty cell under a merged one
    /// that reaches down, the first of it.
    pub(super) fn cell<'s>(&self, sheet: &'s Sheet, row: usize, column: usize) -> Option<(&'s Cell, usize)> {
        let cell = |row: usize| sheet.rows.get(row).and_then(|row| row.get(column));
        let own = cell(row);
        if own.is_some_and(|own| !own.text.is_empty()) {
            return own.map(|own| (own, row));
        }
        let (row_number, column_number) = (u32::try_from(row + 1).ok()?, u32::try_from(column + 1).ok()?);
        let spans = self.0.get(&column_number)?;
        let at = spans.partition_point(|(top, _)| *top <= row_number).checked_sub(1)?;
        let (top, bottom) = spans.get(at)?;
        let first = *top as usize - 1;
        (*bottom >= row_number).then(|| cell(first).map(|cell| (cell, first))).flatten()
    }
}
