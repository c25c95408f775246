//! Forms: values stand in the cells beside their labels' cells or behind labels in running rows, and lists
//! stand under heading rows. Pages and sheets are read alike.

mod cell;
mod grid;
mod list;

use regex::Regex;
use unicode_normalization::UnicodeNormalization;

use super::{merge, reach::stands_alone};
use crate::{
    model::{
        document::Document,
        fact::{Fact, Method, Record},
        page::Page,
        problem::Problem,
        segment::{Segment, Slice},
        text::Row,
        value::Value,
    },
    rulebook::types::{DocumentType, FieldSpec, Kind},
};

use cell::{Label, Source};
use grid::Grid;

/// What a form says, and what it leaves open.
#[derive(Default)]
pub(super) struct Filled {
    pub(super) record: Record,
    pub(super) problems: Vec<Problem>,
}

/// Reads the pages of a form.
pub(super) fn pages(kind: &DocumentType, document: &Document, segment: &Segment) -> Filled {
    let page = |slice: &Slice| document.pages.iter().find(|page| page.number == slice.page);
    let (mut grids, mut running) = (Vec::new(), Vec::new());
    for slice in &segment.slices {
        let free = outside(slice, page(slice));
        grids.extend(page(slice).into_iter().flat_map(|page| Grid::of_page(page, slice, &free)));
        running.extend(free);
    }
    filled(kind, &grids, &running)
}

/// Reads a workbook that is a form, all its sheets together.
pub(super) fn sheets(kind: &DocumentType, document: &Document) -> Filled {
    let grids: Vec<Grid> = document.sheets.iter().map(Grid::of_sheet).collect();
    filled(kind, &grids, &[])
}

/// The form that a workbook is, by the marks of its first rows, and how surely.
pub(super) fn workbook<'t>(
    document: &Document,
    types: &'t [DocumentType],
) -> Option<(&'t DocumentType, f32)> {
    const HEAD: usize = 12;
    let rows = document.sheets.iter().flat_map(|sheet| sheet.rows.iter().take(HEAD));
    let cells: Vec<String> = rows.flatten().map(|cell| cell.text.nfkc().collect()).collect();
    let found = types.iter().filter(|kind| kind.form).find(|kind| {
        let marks = kind.marks.iter().filter(|mark| cells.iter().any(|cell| mark.pattern.is_match(cell)));
        marks.map(|mark| mark.weight).sum::<f64>() >= kind.threshold
    });
    found.map(|kind| (kind, 0.9))
}

/// The rows of a slice without what stands in tables.
fn outside(slice: &Slice, page: Option<&Page>) -> Vec<Row> {
    let tables = page.map(|page| page.tables.as_slice()).unwrap_or_default();
    let is_free = |bounds| !tables.iter().any(|table| table.bounds.holds(bounds));
    let free = slice
        .rows
        .iter()
        .map(|row| Row::of(row.glyphs.iter().filter(|glyph| is_free(&glyph.bounds)).cloned().collect()));
    free.filter(|row| !row.glyphs.is_empty()).collect()
}

fn filled(kind: &DocumentType, grids: &[Grid], running: &[Row]) -> Filled {
    let mut filled = Filled::default();
    let labels: Vec<&Regex> = kind.fields.iter().flat_map(|field| &field.labels).chain(&kind.stops).collect();
    let lists = list::Lists::of(kind, grids);
    for field in &kind.fields {
        if filled.record.fields.get(&field.name).is_some_and(|fact| fact.value.is_some())
            || filled.record.rows.contains_key(&field.name)
        {
            // A field may have several entries; the first that reads wins.
            continue;
        }
        let mut found = in_cells(field, grids, &labels, &lists);
        found.extend(in_rows(field, running, &labels));
        if field.labels.is_empty() {
            found.extend(in_title(kind, field, running, grids));
        }
        if field.kind == Kind::Texts {
            // Each of them is a row of its own, as every list of a record is.
            let texts = found.into_iter().find(|facts| !facts.is_empty()).unwrap_or_default();
            let row = |fact| {
                let mut row = Record::default();
                row.fields.insert("value".to_owned(), fact);
                row
            };
            if !texts.is_empty() {
                filled.record.rows.insert(field.name.clone(), texts.into_iter().map(row).collect());
            }
            continue;
        }
        if let Some(fact) = agreed(&field.kind, found.into_iter().flatten().collect()) {
            filled.record.fields.insert(field.name.clone(), fact);
        }
    }
    lists.read(&mut filled);
    filled.record.for_each_mut(&mut |fact| fact.evidence.method = Method::Declared);
    for (name, fact) in &filled.record.fields {
        filled.problems.extend(said_of(name, fact));
    }
    filled
}

/// The first that was read, with what other places say otherwise; else the first that was not read.
fn agreed(kind: &Kind, found: Vec<Fact>) -> Option<Fact> {
    let (mut read, mut unread): (Vec<Fact>, Vec<Fact>) =
        found.into_iter().partition(|fact| fact.value.is_some());
    if read.is_empty() {
        return (!unread.is_empty()).then(|| unread.swap_remove(0));
    }
    let mut first = read.remove(0);
    for other in read {
        // Several persons and addresses may stand in a form under one label.
        let is_one = !matches!(kind, Kind::Text | Kind::Person);
        let differs =
            first.value.as_ref().zip(other.value.as_ref()).is_some_and(|(a, b)| merge::differ(kind, a, b));
        if is_one && differs {
            first.problem = Some(TWICE);
            first.evidence.anchors.extend(other.evidence.anchors);
            first.evidence.readings.extend(other.evidence.readings);
        }
    }
    Some(first)
}

/// The problem of a field that stands in two places with two values.
const TWICE: &str = "declared-differently";

fn said_of(name: &str, fact: &Fact) -> Option<Problem> {
    let raw = &fact.evidence.raw;
    let (code, zh, en) = match fact.problem? {
        TWICE => {
            let values: Vec<String> =
                fact.evidence.readings.iter().filter_map(|one| one.value.as_ref().map(Value::wire)).collect();
            let values = values.join(" / ");
            (
                TWICE,
                format!("申报书中“{name}”在多处填写不一致：{values}；请更正为一致"),
                format!(
                    "`{name}` stands in several places of the form with different values: {values}; mend them"
                ),
            )
        }
        cell::NO_UNIT => (
            cell::NO_UNIT,
            format!("“{name}”填写为 {raw}，但未写明单位（元、万元）；请补充单位"),
            format!(
                "`{name}` is {raw} without a unit (元, 万元); write it behind the amount or in its label"
            ),
        ),
        cell::UNITS_DIFFER => (
            cell::UNITS_DIFFER,
            format!("“{name}”填写为 {raw}，其单位与标签或表头的单位不同；请更正"),
            format!("`{name}` is {raw}, in another unit than its label or heading says; mend it"),
        ),
        cell::SEVERAL => (
            cell::SEVERAL,
            format!("“{name}”有多个填写值（{raw}），无法判断以哪个为准；请只保留一个"),
            format!("`{name}` has several values ({raw}), and it cannot be told which is meant; leave one"),
        ),
        locate if fact.value.is_none() => (
            locate,
            format!("“{name}”填写为“{raw}”，无法读作所需的内容；请按要求更正"),
            format!("`{name}` is filled in as `{raw}`, which does not read as what it should be; mend it"),
        ),
        _ => return None,
    };
    let problem = Problem::new(code, zh, en);
    let page = fact.evidence.anchors.iter().find_map(|anchor| match anchor {
        crate::model::anchor::Anchor::Box { page, .. } => Some(*page),
        _ => None,
    });
    Some(match page {
        Some(page) => problem.on_page(page),
        None => problem,
    })
}

/// What stands beside or below the label's cell, for every cell that is one of the field's labels. An earlier
/// label goes before a later one.
fn in_cells(field: &FieldSpec, grids: &[Grid], labels: &[&Regex], lists: &list::Lists) -> Vec<Vec<Fact>> {
    let mut found = Vec::new();
    for label in &field.labels {
        for (number, grid) in grids.iter().enumerate() {
            if field.in_table.as_ref().is_some_and(|pattern| !grid.says(pattern)) {
                continue;
            }
            for (at, text) in grid.said().iter().filter(|(at, _)| !lists.hold(number, at.0)) {
                let Some(label) = Label::of(label, text) else { continue };
                let source = Source { field_kind: &field.kind, choices: &field.choices, last: field.last };
                found.push(cell::beside(&source, grid, *at, &label, text, labels));
            }
        }
        if found.iter().any(|facts| !facts.is_empty()) {
            break;
        }
    }
    found.retain(|facts| !facts.is_empty());
    found
}

/// What stands behind the label and a colon in rows that are in no table.
fn in_rows(field: &FieldSpec, rows: &[Row], labels: &[&Regex]) -> Vec<Vec<Fact>> {
    let mut found = Vec::new();
    for row in rows {
        for label in &field.labels {
            let Some(hit) = label.find_iter(&row.text).find(|hit| stands_alone(row, hit.start())) else {
                continue;
            };
            let Some(behind) = cell::behind_colon(&row.text, hit.end()) else { continue };
            let end = super::reach::value_end(field, row, behind, labels, &[]);
            let source = Source { field_kind: &field.kind, choices: &field.choices, last: field.last };
            let remark = row.text.get(hit.end()..behind).unwrap_or_default();
            let facts = cell::in_row(&source, row, behind..end.max(behind), remark);
            if !facts.is_empty() {
                found.push(facts);
                break;
            }
        }
    }
    found
}

/// A choice that the title makes, as of a field without a label: 标杆工厂申报书.
fn in_title(kind: &DocumentType, field: &FieldSpec, rows: &[Row], grids: &[Grid]) -> Option<Vec<Fact>> {
    const TITLE: usize = 12;
    // What tells a form by standing in the upper part of its page is its title.
    let is_title = |text: &str| {
        let heads = kind.marks.iter().filter(|mark| mark.above < 1.0 && mark.weight > 0.0);
        heads.into_iter().any(|mark| mark.pattern.is_match(text))
    };
    let made = |text: &str| {
        let found =
            field.choices.iter().find_map(|(pattern, value)| Some((pattern.find(text)?.range(), value)));
        found.map(|(range, value)| (range, Value::Text(value.clone())))
    };
    let in_rows = rows.iter().take(TITLE).filter(|row| is_title(&row.text));
    let mut found = in_rows.filter_map(|row| {
        let (range, value) = made(&row.text)?;
        Some(vec![cell::row_fact(row, value, None, range)])
    });
    let in_cells = || {
        let grid = grids.first()?;
        let mut titles = grid.places().take(TITLE).filter(|at| is_title(&grid.text(*at)));
        titles.find_map(|at| {
            let (range, value) = made(&grid.text(at))?;
            Some(vec![grid.fact(at, value, None, range)])
        })
    };
    found.next().or_else(in_cells)
}
