//! Workbooks and separated text: a heading row found by its column names, then one record a row.

use std::collections::BTreeMap;

use chrono::{Datelike, NaiveDate};
use rust_decimal::Decimal;

use super::{
    currency,
    heading::{self, Heading, Reaching},
    periods,
};
use crate::{
    model::{
        anchor::Anchor,
        document::Document,
        fact::{Evidence, Fact, FactId, Method, Reading, Record},
        page::{Cell, CellValue, Sheet},
        paper::{Content, Paper},
        problem::Problem,
        value::{Money, Period, Value, date, money},
    },
    rulebook::types::{DocumentType, Kind, RowsSpec},
};

/// One paper for each sheet that a document type knows the columns of.
pub(super) fn papers(document: &Document, types: &[DocumentType]) -> Vec<Paper> {
    let mut papers = Vec::new();
    for (number, sheet) in (1_u32..).zip(&document.sheets) {
        let best = types
            .iter()
            .filter(|kind| kind.sheets)
            .flat_map(|kind| kind.rows.iter().map(move |list| (kind, list)))
            .filter_map(|(kind, list)| heading::find(list, sheet).map(|heading| (kind, list, heading)))
            .max_by_key(|(_, list, heading)| (heading.columns.len() >= list.least, heading.columns.len()));
        let mut paper = Paper {
            file: document.name.clone(),
            document: document.id.clone(),
            format: document.format,
            pages: (number, number),
            document_type: "other".to_owned(),
            type_confidence: 0.0,
            record: Record::default(),
            problems: Vec::new(),
            assumed_dpi: false,
            content: Content::default(),
        };
        if let Some((kind, list, Heading { last, columns })) = best {
            kind.id.clone_into(&mut paper.document_type);
            paper.type_confidence = 0.97;
            read(kind, list, sheet, last, &columns, &mut paper);
        }
        if !sheet.rows.is_empty() {
            papers.push(paper);
        }
    }
    papers
}

fn read(
    kind: &DocumentType,
    list: &RowsSpec,
    sheet: &Sheet,
    heading: usize,
    columns: &BTreeMap<usize, usize>,
    paper: &mut Paper,
) {
    let reaching = Reaching::of(sheet);
    let mut records = Vec::new();
    for (at, row) in sheet.rows.iter().enumerate().skip(heading + 1) {
        let joined: String = row.iter().map(|cell| cell.text.as_str()).collect::<Vec<_>>().join(" ");
        if joined.trim().is_empty() || list.skip.as_ref().is_some_and(|skip| skip.is_match(joined.trim())) {
            continue;
        }
        let mut record = Record::default();
        for (cell_at, number) in columns {
            let Some(spec) = list.columns.get(*number) else { continue };
            // A name or date may stand once for several rows; an amount that did would count doubly.
            let shared = || reaching.cell(sheet, at, *cell_at);
            let own = row.get(*cell_at).map(|cell| (cell, at));
            let Some((cell, at)) = (if spec.kind == Kind::Money { own } else { shared().or(own) }) else {
                continue;
            };
            if let Some(value) = value(&spec.kind, cell) {
                record.fields.insert(spec.name.clone(), fact(value, cell, sheet, at, *cell_at));
            } else if spec.kind == Kind::Money && meant_as_amount(cell) {
                record.fields.insert(spec.name.clone(), unreadable(cell, sheet, at, *cell_at));
            }
        }
        currency::mark_foreign(&mut record, false);
        periods::settle(&mut record);
        if record.fields.contains_key(&list.key) {
            records.push(record);
        }
    }
    // The account stands in every row, or above the heading.
    for field in &kind.fields {
        let found = match field.kind {
            Kind::Choice => choice(field, sheet, heading),
            _ => labelled(field, sheet, heading)
                .or_else(|| records.iter().find_map(|record| record.fields.get(&field.name).cloned())),
        };
        if let Some(fact) = found {
            paper.record.fields.insert(field.name.clone(), fact);
        }
    }
    summarise(&records, paper);
    if records.is_empty() {
        paper.problems.push(
            Problem::new("table-empty", "表头之下没有数据行", "no row of data stands below the heading row")
                .at(&paper.file),
        );
    }
    paper.record.rows.insert(list.name.clone(), records);
}

fn value(kind: &Kind, cell: &Cell) -> Option<Value> {
    let text = cell.text.trim();
    if text.is_empty() || text.eq_ignore_ascii_case("null") || text == "-" || text == "--" {
        return None;
    }
    match kind {
        Kind::Money => {
            let amount = match cell.value {
                CellValue::Number(number) => money::plausible(number),
                _ => money::parse_figures(text).or_else(|| money::parse_scientific(text)),
            };
            amount.map(|amount| Value::Money(Money::yuan(amount)))
        }
        Kind::Date => match cell.value {
            CellValue::DateTime(at) => Some(Value::Date(at.date())),
            _ => period_or_day(text),
        },
        Kind::Period => match cell.value {
            // Of a month that is kept as a day the first is shown.
            CellValue::DateTime(at) if at.day() == 1 => date::month_of(at.date()).map(Value::Period),
            _ => super::kind::read(kind, text).map(|read| read.value),
        },
        Kind::Code | Kind::Digits(_) => Some(Value::Code(text.to_owned())),
        _ => Some(Value::Text(text.to_owned())),
    }
}

fn period_or_day(text: &str) -> Option<Value> {
    // Times of day go: 2022-05-01T00:00:00.000Z. Those behind white space end the day by themselves.
    let day = text.split('T').next().unwrap_or(text).trim();
    if let Some(month) = day.split_whitespace().next().filter(|first| first.len() == 6)
        && month.bytes().all(|byte| byte.is_ascii_digit())
    {
        return Period::month(month.get(..4)?.parse().ok()?, month.get(4..)?.parse().ok()?)
            .map(Value::Period);
    }
    match date::parse(day)? {
        date::Printed::Day(day) => Some(Value::Date(day)),
        date::Printed::Month(month) => Some(Value::Period(month)),
    }
}

pub(super) fn fact(value: Value, cell: &Cell, sheet: &Sheet, row: usize, column: usize) -> Fact {
    let number = |at: usize| u32::try_from(at + 1).unwrap_or(u32::MAX);
    let anchor = Anchor::Cell { sheet: sheet.name.clone(), row: number(row), column: number(column) };
    Fact {
        id: FactId::default(),
        value: Some(value.clone()),
        problem: None,
        evidence: Evidence {
            raw: cell.text.clone(),
            anchors: vec![anchor],
            method: Method::Payload,
            confidence: 0.99,
            clear: false,
            accepted: false,
            readings: vec![Reading::new("cell", Some(value))],
        },
    }
}

/// Whether an amount should stand in a cell: it has digits, or is an error such as `#N/A`.
fn meant_as_amount(cell: &Cell) -> bool {
    cell.value == CellValue::Error || cell.text.contains(|c: char| c.is_ascii_digit() || c == '#')
}

/// An amount stands there, but not one that can be counted.
pub(super) fn unreadable(cell: &Cell, sheet: &Sheet, row: usize, column: usize) -> Fact {
    let mut fact = fact(Value::Text(String::new()), cell, sheet, row, column);
    fact.value = None;
    fact.problem = Some("unreadable");
    fact.evidence.confidence = 0.0;
    fact.evidence.readings.clear();
    fact
}

fn choice(field: &crate::rulebook::types::FieldSpec, sheet: &Sheet, heading: usize) -> Option<Fact> {
    field.choices.iter().find_map(|(pattern, value)| {
        sheet.rows.iter().enumerate().take(heading + 3).find_map(|(row_at, row)| {
            let line = row.iter().map(|cell| cell.text.as_str()).collect::<Vec<_>>().join("|");
            let hit = pattern.find(&line)?;
            let column = line.get(..hit.start())?.matches('|').count();
            let cell = row.get(column)?;
            Some(fact(Value::Text(value.clone()), cell, sheet, row_at, column))
        })
    })
}

fn labelled(field: &crate::rulebook::types::FieldSpec, sheet: &Sheet, heading: usize) -> Option<Fact> {
    for (row_at, row) in sheet.rows.iter().enumerate().take(heading) {
        for (column, cell) in row.iter().enumerate() {
            for label in &field.labels {
                let Some(hit) = label.find(&cell.text) else { continue };
                let rest =
                    cell.text.get(hit.end()..).unwrap_or_default().trim_start_matches([':', '：', ' ', '\t']);
                if !rest.is_empty() {
                    let own = Cell { text: rest.to_owned(), value: CellValue::Text };
                    let value = value(&field.kind, &own)?;
                    return Some(fact(value, cell, sheet, row_at, column));
                }
                if let Some((next_at, next)) =
                    row.iter().enumerate().skip(column + 1).find(|(_, c)| !c.text.is_empty())
                {
                    let value = value(&field.kind, next)?;
                    return Some(fact(value, next, sheet, row_at, next_at));
                }
            }
        }
    }
    None
}

/// Sums and the span of all rows, each citing what it was computed from.
fn summarise(records: &[Record], paper: &mut Paper) {
    let anchors = |field: &str| -> Vec<Anchor> {
        records.iter().filter_map(|r| r.fields.get(field)).flat_map(|f| f.evidence.anchors.clone()).collect()
    };
    let computed = |value: Value, anchors: Vec<Anchor>| Fact {
        id: FactId::default(),
        value: Some(value.clone()),
        problem: None,
        evidence: Evidence {
            raw: value.wire(),
            anchors,
            method: Method::Computed,
            confidence: 0.99,
            clear: false,
            accepted: false,
            readings: vec![Reading::new("sum", Some(value))],
        },
    };
    for (total, column) in [("total", "payable"), ("cash_paid", "cash_paid")] {
        let facts: Vec<&Fact> = records.iter().filter_map(|record| record.fields.get(column)).collect();
        let amounts = facts.iter().map(|fact| match fact.value {
            Some(Value::Money(money)) => Some(money.yuan),
            _ => None,
        });
        if facts.is_empty() {
            continue;
        }
        // A sum that leaves out what could not be read would be a wrong one.
        let mut sum = match amounts.sum::<Option<Decimal>>() {
            Some(sum) => computed(super::kind::amount(sum), anchors(column)),
            None => Fact { value: None, ..computed(Value::Text(String::new()), anchors(column)) },
        };
        sum.problem = facts.iter().find_map(|fact| fact.problem);
        paper.record.fields.insert(total.to_owned(), sum);
    }
    let days = |field: &str| -> Vec<NaiveDate> {
        records
            .iter()
            .filter_map(|record| match record.value(field) {
                Some(Value::Date(day)) => Some(*day),
                _ => None,
            })
            .collect()
    };
    if let Some(first) = days("start").into_iter().min() {
        paper.record.fields.insert("billing_from".into(), computed(Value::Date(first), anchors("start")));
    }
    if let Some(last) = days("end").into_iter().max() {
        paper.record.fields.insert("billing_to".into(), computed(Value::Date(last), anchors("end")));
    }
}
