//! A table as it is handed in, as a list.

use std::collections::{BTreeMap, BTreeSet};

use thiserror::Error;

use crate::model::{
    page::Sheet,
    value::{Money, code, date, fold::folded, money},
};

use super::{
    Kind, Line,
    kinds::{Column, Shape},
};

/// The heads of a list stand in one of its first rows, under a title or two.
const HEADS_WITHIN: usize = 20;
/// Of so many mistakes the rest is only counted.
const NAMED: usize = 20;

/// Why a table is no list of the kind.
#[derive(Debug, Error, PartialEq, Eq)]
pub enum ListError {
    /// No row has the columns that are needed.
    #[error(
        "no row of the first {HEADS_WITHIN} heads the columns {wanted}; the row that comes nearest says {found}"
    )]
    NoHeads {
        /// What the columns may be headed.
        wanted: String,
        /// The row that heads most of them.
        found: String,
    },
    /// Lines that cannot be read; a list is imported whole or not at all.
    #[error("{count} cells cannot be read:\n{named}")]
    Cells {
        /// How many.
        count: usize,
        /// Each with its cell, what was found and what was wanted.
        named: String,
    },
    /// There is no line.
    #[error("there is no line under the heads")]
    Empty,
}

/// What came of a table.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Imported {
    /// The sheet.
    pub sheet: String,
    /// The lines.
    pub lines: Vec<Line>,
    /// Units of amounts, by the name of the column.
    pub units: BTreeMap<String, String>,
    /// Rows that were passed over, from 1, since what a line needs is empty there: titles, sums, remarks.
    pub passed: Vec<u32>,
    /// Rows whose amount is none, or in no known unit, from 1; the rest of the line counts.
    pub left_out: Vec<u32>,
    /// Rows that say again what another line says, from 1.
    pub again: Vec<u32>,
}

/// Reads the first of some sheets that has the columns of a kind.
///
/// # Errors
///
/// Where none has, or where some cell cannot be read.
pub fn import(sheets: &[Sheet], kind: &Kind) -> Result<Imported, ListError> {
    let mut nearest: Option<(usize, String)> = None;
    for sheet in sheets {
        for (at, row) in sheet.rows.iter().enumerate().take(HEADS_WITHIN) {
            let texts: Vec<&str> = row.iter().map(|cell| cell.text.as_str()).collect();
            let places = places(&texts, kind);
            let has = |column: &&Column| places.contains_key(column.name);
            if kind.columns.iter().filter(|column| column.required).all(|column| has(&column)) {
                return lines(sheet, at + 1, &places, kind);
            }
            let found = kind.columns.iter().filter(has).count();
            if nearest.as_ref().is_none_or(|(most, _)| found > *most) {
                let said: Vec<&str> = texts.into_iter().filter(|text| !text.trim().is_empty()).collect();
                nearest = Some((found, said.join(" | ").chars().take(200).collect()));
            }
        }
    }
    let required = kind.columns.iter().filter(|column| column.required);
    Err(ListError::NoHeads {
        wanted: required.map(|column| column.headings.join("/")).collect::<Vec<_>>().join(", "),
        found: nearest.map_or_else(|| "nothing".to_owned(), |(_, said)| format!("`{said}`")),
    })
}

/// In which column of the sheet, from 0, each column of the kind stands; the first that fits.
fn places(texts: &[&str], kind: &Kind) -> BTreeMap<&'static str, usize> {
    let mut taken = BTreeSet::new();
    let mut places = BTreeMap::new();
    let heads: Vec<String> = texts.iter().map(|text| folded(text)).collect();
    for column in kind.columns {
        let fits = |heading: &str| {
            let heading = folded(heading);
            heads.iter().enumerate().position(|(at, head)| !taken.contains(&at) && head.contains(&heading))
        };
        if let Some(at) = column.headings.iter().find_map(|heading| fits(heading)) {
            taken.insert(at);
            places.insert(column.name, at);
        }
    }
    places
}

/// In which unit each column of amounts is: its heading says so, or what stands over the table (单位：万元). Of a
/// column of which nobody says it the unit is not known: yuan and tens of thousands look alike.
fn units(
    sheet: &Sheet,
    heads: usize,
    places: &BTreeMap<&'static str, usize>,
    kind: &Kind,
) -> BTreeMap<String, String> {
    let over = sheet.rows.iter().take(heads).flatten().map(|cell| folded(&cell.text));
    let mut over = over.filter_map(|text| {
        let said = text.rsplit_once("单位:")?.1.trim_start_matches("人民币").to_owned();
        unit(|unit| said.starts_with(unit))
    });
    let over = over.next_back();
    let amounts = kind.columns.iter().filter(|column| column.shape == Shape::Amount);
    let own = |column: &Column| {
        let head = folded(&sheet.rows.get(heads)?.get(*places.get(column.name)?)?.text);
        // Where it is said, and not in a word such as 元器件.
        let own = unit(|unit| head.ends_with(unit) || head.contains(&format!("({unit})")));
        Some((column.name.to_owned(), own.or(over)?.to_owned()))
    };
    amounts.filter_map(own).collect()
}

/// The first unit that is meant; longer names contain shorter ones, and come first.
fn unit(is_meant: impl Fn(&str) -> bool) -> Option<&'static str> {
    money::UNITS.iter().map(|(unit, _)| *unit).find(|unit| is_meant(unit))
}

/// An amount and its unit, where the cell names one: `56.78万元`.
pub(super) fn amount(text: &str, of_column: Option<&str>) -> Option<Money> {
    let text = text.trim();
    let own = unit(|unit| text.ends_with(unit));
    let figures = own.and_then(|unit| text.strip_suffix(unit)).unwrap_or(text);
    Money::in_unit(money::parse_figures(figures)?, own.or(of_column)?)
}

fn lines(
    sheet: &Sheet,
    from: usize,
    places: &BTreeMap<&'static str, usize>,
    kind: &Kind,
) -> Result<Imported, ListError> {
    let units = units(sheet, from.saturating_sub(1), places, kind);
    let mut found = Imported { sheet: sheet.name.clone(), units, ..Imported::default() };
    let mut above: BTreeMap<&str, String> = BTreeMap::new();
    let (mut seen, mut mistakes): (BTreeSet<Vec<String>>, Vec<String>) = Default::default();
    for (at, row) in sheet.rows.iter().enumerate().skip(from) {
        let number = u32::try_from(at + 1).unwrap_or(u32::MAX);
        let text = |name: &str| {
            let cell = places.get(name).and_then(|place| row.get(*place));
            cell.map(|cell| cell.text.trim()).filter(|text| !text.is_empty())
        };
        let needed: Vec<&Column> = kind.columns.iter().filter(|column| column.required).collect();
        // A row that says none of it itself is a remark, whatever stands above it.
        let is_line = needed.iter().any(|column| text(column.name).is_some());
        for column in needed.iter().filter(|column| column.carries) {
            above.extend(text(column.name).map(|text| (column.name, text.to_owned())));
        }
        let text =
            |name: &str| text(name).or_else(|| above.get(name).map(String::as_str).filter(|_| is_line));
        let named = needed.first().and_then(|column| text(column.name));
        // A sum under a list is no line of it.
        if named.is_none_or(|name| ["合计", "总计", "小计"].contains(&folded(name).as_str())) {
            if row.iter().any(|cell| !cell.text.trim().is_empty()) {
                found.passed.push(number);
            }
            continue;
        }
        let mut line = Line { row: number, cells: BTreeMap::new() };
        for column in kind.columns {
            let Some(text) = text(column.name) else {
                if column.required {
                    mistakes.push(format!("row {number}: {} is empty", column.headings.join("/")));
                }
                continue;
            };
            if column.shape == Shape::Amount {
                let unit = found.units.get(column.name).map(String::as_str);
                if amount(text, unit).is_none() {
                    found.left_out.push(number);
                    continue;
                }
            } else if let Some(wanted) = unreadable(text, column.shape) {
                mistakes.push(format!("row {number}: found `{text}`, wanted {wanted}"));
            }
            let place = places.get(column.name).map_or(0, |place| place + 1);
            let place = u32::try_from(place).unwrap_or(u32::MAX);
            line.cells.insert(column.name.to_owned(), (place, text.to_owned()));
        }
        let says: Vec<String> = line.cells.values().map(|(_, text)| folded(text)).collect();
        if seen.insert(says) { found.lines.push(line) } else { found.again.push(number) }
    }
    if !mistakes.is_empty() {
        let count = mistakes.len();
        mistakes.truncate(NAMED);
        return Err(ListError::Cells { count, named: mistakes.join("\n") });
    }
    if found.lines.is_empty() { Err(ListError::Empty) } else { Ok(found) }
}

/// What was wanted where a cell is no such thing.
fn unreadable(text: &str, shape: Shape) -> Option<&'static str> {
    match shape {
        Shape::Text | Shape::Amount => None,
        Shape::Uscc => (!code::uscc_is_valid(&folded(text)))
            .then_some("a credit code of 18 characters with a right check character"),
        Shape::Day => date::parse_day(text).is_none().then_some("a day, such as 2023-03-31"),
    }
}
