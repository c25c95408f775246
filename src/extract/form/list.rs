//! Lists in a form: a heading row, then a line for each row below it, over pages.

use regex::Regex;

use super::{
    super::{heading, locate},
    Filled,
    cell::{self, Label, Source},
    grid::{At, Grid},
};
use crate::{
    model::{fact::Record, problem::Problem, value::Value},
    rulebook::types::{DocumentType, Kind, RowsSpec},
};

use std::{collections::BTreeMap, ops::Range};

/// A part of a list in one table.
struct Part<'a> {
    list: &'a RowsSpec,
    grid: usize,
    /// Its heading's rows; empty where it goes on from the page before.
    heading: Range<usize>,
    /// Its rows.
    rows: Range<usize>,
    /// Column of the table to column of the list.
    columns: BTreeMap<usize, usize>,
    /// The unit that each column's heading names, or the table's caption.
    units: BTreeMap<usize, &'static str>,
}

/// Where the lists of a form stand.
pub(super) struct Lists<'a> {
    parts: Vec<Part<'a>>,
    grids: &'a [Grid<'a>],
}

impl<'a> Lists<'a> {
    pub(super) fn of(kind: &'a DocumentType, grids: &'a [Grid<'a>]) -> Self {
        let labels: Vec<&Regex> = kind.fields.iter().flat_map(|field| &field.labels).collect();
        let mut parts: Vec<Part> = Vec::new();
        for (number, grid) in grids.iter().enumerate() {
            let height = grid.sheet.rows.len();
            let mut open = carried(&parts, number, grids);
            let mut at = 0;
            while at < height {
                if let Some(part) = headed(kind, grid, number, at) {
                    parts.extend(open.take());
                    at = part.heading.end;
                    open = Some(part);
                    continue;
                }
                let first = grid.in_row(at).next();
                let is_label = |text: &str| {
                    labels
                        .iter()
                        .any(|label| Label::of(label, text).is_some_and(|one| one.value_from.is_none()))
                };
                let said = grid.in_row(at).count();
                let ends = |text: &str| is_label(text) || said == 1 && cell::is_heading(text);
                if first.is_some_and(|first| ends(&grid.text(first))) {
                    parts.extend(open.take());
                } else if let Some(part) = &mut open {
                    part.rows.end = at + 1;
                }
                at += 1;
            }
            parts.extend(open);
        }
        Self { parts, grids }
    }

    /// Whether a row of a table belongs to a list.
    pub(super) fn hold(&self, grid: usize, row: usize) -> bool {
        let of_grid = self.parts.iter().filter(|part| part.grid == grid);
        of_grid.into_iter().any(|part| part.heading.contains(&row) || part.rows.contains(&row))
    }

    /// Reads all lines, and puts those that belong under a line of another list there.
    pub(super) fn read(&self, filled: &mut Filled) {
        for part in &self.parts {
            for at in part.rows.clone() {
                let Some(line) = line(part, &self.grids[part.grid], at, &mut filled.problems) else {
                    continue;
                };
                filled.record.rows.entry(part.list.name.clone()).or_default().push(line);
            }
        }
        let mut lists: Vec<&RowsSpec> = self.parts.iter().map(|part| part.list).collect();
        lists.dedup_by_key(|list| &list.name);
        for list in lists {
            if let Some(under) = &list.under {
                nest(list, under, filled);
            }
        }
    }
}

/// The list that goes on from the table before, if it reached its end and the columns are as many.
fn carried<'a>(parts: &[Part<'a>], number: usize, grids: &[Grid]) -> Option<Part<'a>> {
    let before = number.checked_sub(1)?;
    let (above, own) = (grids.get(before)?, grids.get(number)?);
    // Sheets are tables by themselves.
    own.page?;
    let last = parts.last().filter(|part| part.grid == before && part.rows.end == above.sheet.rows.len())?;
    let width = |grid: &Grid| grid.sheet.rows.first().map_or(0, Vec::len);
    (width(above) == width(own)).then(|| Part {
        list: last.list,
        grid: number,
        heading: 0..0,
        rows: 0..0,
        columns: last.columns.clone(),
        units: last.units.clone(),
    })
}

/// The list that a heading in this row begins: the one that knows most of its columns.
fn headed<'a>(kind: &'a DocumentType, grid: &Grid, number: usize, at: usize) -> Option<Part<'a>> {
    let found = kind.rows.iter().filter_map(|list| {
        let heading = heading::at(list, &grid.sheet, at)?;
        let has_key = heading.columns.values().any(|column| list.columns[*column].name == list.key);
        // A row that adds nothing to a heading below it is a line of the list above.
        let below = heading::at(list, &grid.sheet, at + 1);
        let adds = below.is_none_or(|below| below.columns.len() < heading.columns.len());
        (has_key && adds).then_some((list, heading))
    });
    let most = found.fold(None, |best: Option<(&RowsSpec, heading::Heading)>, one| match best {
        Some(best) if best.1.columns.len() >= one.1.columns.len() => Some(best),
        _ => Some(one),
    });
    let (list, heading) = most?;
    let rows = at..heading.last + 1;
    let unit = |column: &usize| {
        let named = rows.clone().rev().find_map(|row| cell::unit_in(&grid.text((row, *column))));
        named.or_else(|| cell::caption(grid, at)).map(|unit| (*column, unit))
    };
    let units = heading.columns.keys().filter_map(unit).collect();
    Some(Part {
        list,
        grid: number,
        rows: rows.end..rows.end,
        heading: rows,
        columns: heading.columns,
        units,
    })
}

fn line(part: &Part, grid: &Grid, at: usize, problems: &mut Vec<Problem>) -> Option<Record> {
    let list = part.list;
    let said: Vec<At> = grid.in_row(at).collect();
    let joined: String = said.iter().map(|place| grid.text(*place)).collect::<Vec<_>>().join(" ");
    if said.is_empty() || list.skip.as_ref().is_some_and(|skip| skip.is_match(joined.trim())) {
        return None;
    }
    let mut line = Record::default();
    for (column, number) in &part.columns {
        let spec = &list.columns[*number];
        // A name or a day may stand once for several rows; an amount that did would count doubly.
        let place = grid.first((at, *column));
        if place.0 != at && spec.kind.is_figures() && spec.kind != Kind::Date {
            continue;
        }
        let text = grid.text(place);
        if text.is_empty() || matches!(text.trim(), "-" | "--" | "/" | "—" | "无") {
            continue;
        }
        let source = Source { field_kind: &spec.kind, choices: &spec.choices, last: false };
        let unit = part.units.get(column).copied();
        let found = cell::in_cell(&source, grid, place, 0, unit).into_iter().next();
        let fact = found.unwrap_or_else(|| grid.unreadable(place, locate::UNREADABLE));
        line.fields.insert(spec.name.clone(), fact);
    }
    let key = part.columns.iter().find(|(_, number)| list.columns[**number].name == list.key);
    // A key that reaches down from the line above is that line's.
    let has_key = key.is_some_and(|(column, _)| grid.first((at, *column)).0 == at);
    if has_key && line.fields.contains_key(&list.key) {
        for (column, fact) in &line.fields {
            problems.extend(super::said_of(&format!("{}.{column}", list.name), fact));
        }
        return Some(line);
    }
    // A number in front of an empty row is printed with the form.
    if said.len() > 1 {
        let place = grid.describe((at, 0));
        let (name, key) = (&list.name, &list.key);
        problems.push(Problem::new(
            "form-row-incomplete",
            format!("清单“{name}”中有一行缺少“{key}”，未读取（{place}：{joined}）；请补全"),
            format!(
                "a row of the list `{name}` has no `{key}` and was not read ({place}: {joined}); fill it in"
            ),
        ));
    }
    None
}

/// Puts the lines of a list under those of another that say the same in the column that joins them.
fn nest(list: &RowsSpec, under: &str, filled: &mut Filled) {
    let Some((parent, own)) = list.name.rsplit_once('.') else { return };
    let lines = filled.record.rows.remove(&list.name).unwrap_or_default();
    for mut line in lines {
        let joint = line.fields.remove(under).and_then(|fact| fact.value);
        let parents = filled.record.rows.get_mut(parent);
        let home =
            parents.into_iter().flatten().find(|one| joint.is_some() && one.value(under) == joint.as_ref());
        match home {
            Some(home) => home.rows.entry(own.to_owned()).or_default().push(line),
            None => {
                let joint = joint.as_ref().map(Value::wire).unwrap_or_default();
                filled.problems.push(Problem::new(
                    "form-row-belongs-nowhere",
                    format!("清单“{own}”中有一行的“{under}”是“{joint}”，在清单“{parent}”中没有对应的行，未采用；请更正"),
                    format!("a row of `{own}` has the {under} `{joint}`, of which there is none in `{parent}`, and was not used; mend it"),
                ));
            }
        }
    }
}
