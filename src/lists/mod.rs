//! Lists that authorities keep: who was recognised before, when each city closes, whom a city recommends. Imported
//! once from a table, with where each line stands in it, and handed to rules like any document; of a long list
//! only the lines that concern the case.

mod import;
mod kinds;

use std::collections::{BTreeMap, BTreeSet};

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};

use crate::model::{
    anchor::Anchor,
    document::{DocumentId, Format},
    fact::{Evidence, Fact, FactId, Method, Reading, Record},
    paper::{Content, Paper},
    value::{Value, date, fold::folded},
};

use kinds::Shape;

pub use import::{Imported, ListError, import};
pub use kinds::{KINDS, Kind};

/// The form of a list's file.
pub const SCHEMA: &str = "heyan.list/1";

/// A list, as it is kept.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct List {
    /// [`SCHEMA`].
    pub schema: String,
    /// One of [`KINDS`].
    pub kind: String,
    /// What it is called; words in it say which programme it is of.
    pub title: String,
    /// From 1; a later import under the same name is a further version.
    pub version: u32,
    /// The number of the notice it was published with.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub document_number: Option<String>,
    /// The day it was published.
    pub issued_on: NaiveDate,
    /// The day it was imported.
    pub imported_on: NaiveDate,
    /// The first and last day of the years it covers, where it covers years.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub covers: Option<(NaiveDate, NaiveDate)>,
    /// The name of the file it was imported from.
    pub source: String,
    /// The SHA-256 of that file.
    pub sha256: String,
    /// The sheet the lines stand in.
    pub sheet: String,
    /// The units of its amounts, by the name of the column.
    #[serde(skip_serializing_if = "BTreeMap::is_empty", default)]
    pub units: BTreeMap<String, String>,
    /// Its lines, in their order.
    pub lines: Vec<Line>,
}

/// A line of a list.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Line {
    /// The row of the sheet, from 1.
    pub row: u32,
    /// By the name of the column: the column of the sheet, from 1, and what stands there.
    pub cells: BTreeMap<String, (u32, String)>,
}

/// Lists with what is needed to find lines in them.
#[derive(Clone, Debug, Default)]
pub struct Lists {
    lists: Vec<(List, BTreeMap<String, Vec<usize>>)>,
}

impl Lists {
    /// Of several versions of one list the caller hands in the one that counts.
    #[must_use]
    pub fn new(lists: Vec<List>) -> Self {
        let indexed = |list: List| {
            let mut places: BTreeMap<String, Vec<usize>> = BTreeMap::new();
            for (at, line) in list.lines.iter().enumerate() {
                for (_, text) in line.cells.values() {
                    places.entry(folded(text)).or_default().push(at);
                }
            }
            (list, places)
        };
        Self { lists: lists.into_iter().map(indexed).collect() }
    }

    /// The lists themselves.
    pub fn iter(&self) -> impl Iterator<Item = &List> {
        self.lists.iter().map(|(list, _)| list)
    }

    /// Each list as a document, with the lines in which one of the texts stands: names, codes, the city. Of some kinds
    /// all lines concern everybody.
    #[must_use]
    pub fn papers(&self, of: &[String]) -> Vec<Paper> {
        let texts: Vec<String> = of.iter().map(|text| folded(text)).filter(|text| !text.is_empty()).collect();
        let one = |(list, places): &(List, BTreeMap<String, Vec<usize>>)| {
            let found: BTreeSet<usize> =
                texts.iter().filter_map(|text| places.get(text)).flatten().copied().collect();
            let kind = KINDS.iter().find(|kind| kind.name == list.kind);
            let concerns_all = kind.is_some_and(|kind| kind.concerns_all);
            if concerns_all {
                return list.paper(list.lines.iter(), kind);
            }
            list.paper(found.into_iter().filter_map(|at| list.lines.get(at)), kind)
        };
        self.lists.iter().map(one).collect()
    }
}

impl List {
    fn paper<'l>(&self, lines: impl Iterator<Item = &'l Line>, kind: Option<&Kind>) -> Paper {
        let mut record = Record::default();
        let head = |value: Value| fact(value, String::new(), Vec::new());
        record.fields.insert("title".to_owned(), head(Value::Text(self.title.clone())));
        record.fields.insert("issued_on".to_owned(), head(Value::Date(self.issued_on)));
        if let Some(number) = &self.document_number {
            record.fields.insert("document_number".to_owned(), head(Value::Text(number.clone())));
        }
        for (name, day) in
            self.covers.iter().flat_map(|(from, to)| [("covers_from", from), ("covers_to", to)])
        {
            record.fields.insert(name.to_owned(), head(Value::Date(*day)));
        }
        let rows = lines.map(|line| self.record(line, kind)).collect();
        record.rows.insert(kind.map_or("lines", |kind| kind.rows).to_owned(), rows);
        Paper {
            file: format!("lists/{}", self.source),
            document: DocumentId(self.sha256.clone()),
            format: if self.source.to_lowercase().ends_with(".csv") { Format::Csv } else { Format::Xlsx },
            pages: (1, 1),
            document_type: self.kind.clone(),
            type_confidence: 1.0,
            record,
            problems: Vec::new(),
            assumed_dpi: false,
            content: Content::default(),
        }
    }

    fn record(&self, line: &Line, kind: Option<&Kind>) -> Record {
        let shape = |name: &str| {
            let column = kind?.columns.iter().find(|column| column.name == name)?;
            Some(column.shape)
        };
        let cell = |(name, (column, text)): (&String, &(u32, String))| {
            let value = match shape(name) {
                Some(Shape::Day) => Value::Date(date::parse_day(text)?),
                Some(Shape::Amount) => {
                    Value::Money(import::amount(text, self.units.get(name).map(String::as_str))?)
                }
                Some(Shape::Uscc) => Value::Code(folded(text)),
                _ => Value::Text(text.clone()),
            };
            let at = Anchor::Cell { sheet: self.sheet.clone(), row: line.row, column: *column };
            Some((name.clone(), fact(value, text.clone(), vec![at])))
        };
        Record { fields: line.cells.iter().filter_map(cell).collect(), ..Record::default() }
    }
}

fn fact(value: Value, raw: String, anchors: Vec<Anchor>) -> Fact {
    let evidence = Evidence {
        raw,
        anchors,
        method: Method::Payload,
        confidence: 1.0,
        clear: true,
        accepted: true,
        readings: vec![Reading::new("cell", Some(value.clone()))],
    };
    Fact { id: FactId(0), value: Some(value), problem: None, evidence }
}
