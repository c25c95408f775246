//! A value with its evidence. What the applicant typed and what a document says are the same type.

use std::collections::BTreeMap;

use super::{anchor::Anchor, page::Flaws, value::Value};

/// A fact's number within one examination, given by the pipeline in order of reading.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct FactId(pub u32);

/// A named value and where it was seen, or the trouble that kept it from being read.
#[derive(Clone, Debug, PartialEq)]
pub struct Fact {
    /// Its number; 0 until the pipeline has numbered all facts of a case.
    pub id: FactId,
    /// The value; `None` where the field is there but could not be read.
    pub value: Option<Value>,
    /// Why the value is missing or doubtful, as a kebab-case code.
    pub problem: Option<&'static str>,
    /// How it is known.
    pub evidence: Evidence,
}

/// How a value is known.
#[derive(Clone, Debug, PartialEq)]
pub struct Evidence {
    /// The characters as they stand in the source.
    pub raw: String,
    /// Where they stand.
    pub anchors: Vec<Anchor>,
    /// How they were found.
    pub method: Method,
    /// How surely the value was read, 0 to 1. It says nothing of how hard it is to forge.
    pub confidence: f32,
    /// Whether nothing else in the document could be meant by the field, and the value is all that stands in its
    /// place and ends as such values do. It says nothing of the characters.
    pub clear: bool,
    /// Whether nobody needs to look at the value again: it is as sure as the rulebook asks of its kind, and
    /// nothing is said of it.
    pub accepted: bool,
    /// Independent readings of the same field, the one that was taken first.
    pub readings: Vec<Reading>,
}

/// One reading of a field.
#[derive(Clone, Debug, PartialEq)]
pub struct Reading {
    /// Who read it: `text`, `ppocr`, `tesseract`, `qr`, `words`, `arithmetic`, `cell`, `form`.
    pub by: &'static str,
    /// What was read, in the wire form of [`Value`]; `None` if this reader found nothing.
    pub value: Option<Value>,
    /// How it was seen, if it was read in a picture the first time.
    pub seen: Option<Seen>,
}

/// The readers that are engines and may misread what another engine misreads: the names of
/// `recognize::ENGINES`.
pub const ENGINES: [&str; 2] = ["ppocr", "tesseract"];

/// How characters were seen in a picture.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Seen {
    /// The engine's own score of the least sure of them, 0 to 1. It is not a probability of being right.
    pub score: f32,
    /// What the score does not say, of any of them.
    pub flaws: Flaws,
}

impl Reading {
    /// What somebody read, or that he found nothing.
    #[must_use]
    pub const fn new(by: &'static str, value: Option<Value>) -> Self {
        Self { by, value, seen: None }
    }

    /// Whether an engine read it.
    #[must_use]
    pub fn is_by_engine(&self) -> bool {
        ENGINES.contains(&self.by)
    }

    /// Whether it says something else than the fact, or found nothing where the fact has a value.
    #[must_use]
    pub fn differs_from(&self, fact: &Fact) -> bool {
        match (&self.value, &fact.value) {
            (Some(own), Some(value)) => !own.agrees(value),
            (own, value) => own.is_some() != value.is_some(),
        }
    }
}

/// How a value was found.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Method {
    /// The applicant typed it.
    Declared,
    /// Structured data: XML, cells, QR code.
    Payload,
    /// By labels and places, as a document type's file says.
    Located,
    /// By a named function for what labels cannot say.
    Custom,
    /// Computed from other facts.
    Computed,
}

impl Method {
    /// The name used in outputs.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Declared => "declared",
            Self::Payload => "payload",
            Self::Located => "located",
            Self::Custom => "custom",
            Self::Computed => "computed",
        }
    }
}

/// Facts by name, records inside a record, and lists of records.
///
/// A declaration and a document are both records, so rules compare like with like.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Record {
    /// Single values.
    pub fields: BTreeMap<String, Fact>,
    /// Objects inside this one (`applicant`, `investment`).
    pub groups: BTreeMap<String, Record>,
    /// Lists (`items`, `invoices`, `services`).
    pub rows: BTreeMap<String, Vec<Record>>,
}

impl Record {
    /// The value of a field, if it was read.
    #[must_use]
    pub fn value(&self, field: &str) -> Option<&Value> {
        self.fields.get(field).and_then(|fact| fact.value.as_ref())
    }

    /// The text or code of a field, if it was read.
    #[must_use]
    pub fn text(&self, field: &str) -> Option<&str> {
        match self.value(field)? {
            Value::Text(text) | Value::Code(text) => Some(text),
            _ => None,
        }
    }

    /// Calls `visit` for every fact, in a fixed order.
    pub fn for_each_mut(&mut self, visit: &mut impl FnMut(&mut Fact)) {
        self.fields.values_mut().for_each(&mut *visit);
        for group in self.groups.values_mut() {
            group.for_each_mut(visit);
        }
        for row in self.rows.values_mut().flatten() {
            row.for_each_mut(visit);
        }
    }

    /// Calls `visit` with the path and the fact, for every fact, in the same order as
    /// [`Record::for_each_mut`].
    pub fn for_each<'a>(&'a self, prefix: &str, visit: &mut impl FnMut(String, &'a Fact)) {
        let join = |name: &str| if prefix.is_empty() { name.to_owned() } else { format!("{prefix}.{name}") };
        for (name, fact) in &self.fields {
            visit(join(name), fact);
        }
        for (name, group) in &self.groups {
            group.for_each(&join(name), visit);
        }
        for (name, rows) in &self.rows {
            for (at, row) in rows.iter().enumerate() {
                row.for_each(&format!("{}[{at}]", join(name)), visit);
            }
        }
    }
}
