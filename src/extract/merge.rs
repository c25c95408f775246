//! Two readings of one document laid over each other: what they agree on, and what they do not.

use std::collections::BTreeSet;

use rust_decimal::Decimal;
use unicode_normalization::UnicodeNormalization;

use super::{clear::WHOLE, confirm};
use crate::{
    model::{
        anchor::Anchor,
        fact::{Fact, Reading, Record},
        value::{Money, Value, words},
    },
    rulebook::types::{DocumentType, Kind},
};

/// A value that another sure reading contradicts.
const DISPUTED: f32 = 0.5;
/// Readings that do not guess at pictures.
const SURE: &[&str] = &["text", "xml", "xbrl", "tag", "data", "cell"];

/// Who reads a code on the page.
const CODE: &str = "qr";

/// Places that a quotient is printed with at least; with fewer a number is meant as it stands.
const QUOTIENT: u32 = 4;

/// A document as all readings of it say.
#[derive(Debug, Default)]
pub(super) struct Merged {
    pub(super) record: Record,
    /// Lists that have more rows in one reading than in another.
    pub(super) differing: Vec<String>,
    /// Data that was not believed, since its checksum is wrong: by whom it was read.
    pub(super) disbelieved: BTreeSet<&'static str>,
}

impl Merged {
    pub(super) fn of(record: Record) -> Self {
        Self { record, ..Self::default() }
    }
}

/// How two readings of a field stand to each other.
enum Agreement {
    Same,
    /// One is a piece of the other, as a name that runs over two rows.
    Part,
    Differs,
}

/// Whether two values of a kind are neither the same nor one a piece of the other.
pub(super) fn differ(kind: &Kind, own: &Value, other: &Value) -> bool {
    matches!(agreement(kind, own, other), Agreement::Differs)
}

fn agreement(kind: &Kind, own: &Value, other: &Value) -> Agreement {
    match (own, other) {
        (Value::Text(own), Value::Text(other)) => texts(kind, own, other),
        // Stars stand for no tax.
        (Value::Money(money), Value::Text(stars)) | (Value::Text(stars), Value::Money(money))
            if money.yuan.is_zero() && stars.chars().all(|c| c == '*') =>
        {
            Agreement::Same
        }
        _ if own.agrees(other) => Agreement::Same,
        _ => Agreement::Differs,
    }
}

fn texts(kind: &Kind, own: &str, other: &str) -> Agreement {
    let folded = |text: &str| -> String {
        let bare = text.nfkc().filter(|c| c.is_alphanumeric() || "%-*+.".contains(*c));
        bare.collect::<String>().to_uppercase()
    };
    let (bare, piece) = (folded(own), folded(other));
    match kind {
        _ if bare == piece => Agreement::Same,
        // 壹万圆整 is a piece of 贰拾壹万圆整 and another amount.
        Kind::Words => match (words::parse(own), words::parse(other)) {
            (Ok(own), Ok(other)) if own == other => Agreement::Same,
            _ => Agreement::Differs,
        },
        // A name may be cut where its row ends, but one that is whole and goes on is another one's: a branch is not
        // its company.
        Kind::Organisation | Kind::Person => {
            let cut = bare.starts_with(&piece) && !WHOLE.iter().any(|word| piece.ends_with(word));
            if cut { Agreement::Part } else { Agreement::Differs }
        }
        _ if bare.contains(&piece) || piece.contains(&bare) => Agreement::Part,
        _ => Agreement::Differs,
    }
}

/// Lays a second reading of a document over the first: what only the second has is taken over, what
/// both have is compared.
pub(super) fn merge(first: &mut Merged, second: Record, kind: &DocumentType) {
    let Merged { record: first, differing, .. } = first;
    for (field, fact) in second.fields {
        let wanted = kind.fields.iter().find(|own| own.name == field).map_or(&Kind::Text, |own| &own.kind);
        match first.fields.get_mut(&field) {
            Some(own) if own.value.is_some() => compare(wanted, own, fact),
            // What could not be read here was read there, or nowhere.
            Some(own) if fact.value.is_some() => *own = fact,
            Some(_) => {}
            None => {
                first.fields.insert(field, fact);
            }
        }
    }
    for (name, rows) in second.rows {
        match first.rows.get_mut(&name) {
            None => {
                first.rows.insert(name, rows);
            }
            // Row by row only where there are as many: else nobody knows which row is which, and lists that
            // come to the same may be one of them in short, as where a page refers to a list of its own.
            Some(own) if own.len() == rows.len() => {
                for (own, row) in own.iter_mut().zip(rows) {
                    merge_row(own, row);
                }
            }
            Some(own) => {
                let key = kind.rows.iter().find(|list| list.name == name).map(|list| list.key.as_str());
                let same = key.is_some_and(|key| comes_to_the_same(own, &rows, key));
                if !same {
                    differing.push(name);
                }
            }
        }
    }
}

/// Whether a column of amounts adds up to the same in both lists. On pages a first row may sum up those
/// of the list that it refers to.
fn comes_to_the_same(own: &[Record], rows: &[Record], column: &str) -> bool {
    let amount = |row: &Record| match row.value(column)? {
        Value::Money(money) => Some(money.yuan),
        _ => None,
    };
    let sum = |rows: &[Record]| rows.iter().map(amount).sum::<Option<Decimal>>();
    let (Some(own), Some(other)) = (sum(own), sum(rows)) else { return false };
    own == other || other == own + own && rows.first().and_then(amount) == Some(own)
}

/// Of a row the numbers are compared; names and units wrap and are cut on the page.
fn merge_row(own: &mut Record, row: Record) {
    for (column, fact) in row.fields {
        if let Some(first) = own.fields.get_mut(&column)
            && let (Some(a), Some(b)) = (&first.value, &fact.value)
        {
            let same = match (a, b) {
                (Value::Money(a), Value::Money(b)) => a.yuan == b.yuan || !is_rounded(a, b),
                _ => matches!(agreement(&Kind::Text, a, b), Agreement::Same),
            };
            if same {
                compare(&Kind::Text, first, fact);
            }
        }
    }
}

/// Whether one number is the other with fewer places, as a quotient is printed in the room there is.
fn is_rounded(a: &Money, b: &Money) -> bool {
    let places = a.yuan.scale().min(b.yuan.scale());
    let apart = (a.yuan - b.yuan).abs();
    places >= QUOTIENT && apart < Decimal::new(1, places)
}

/// Notes what another reading says of a value, and moves its confidence accordingly.
fn compare(kind: &Kind, own: &mut Fact, other: Fact) {
    let (Some(value), Some(read)) = (own.value.clone(), other.value) else { return };
    // Both places are shown: the second is where the same field is printed.
    for anchor in other.evidence.anchors {
        if !own.evidence.anchors.contains(&anchor) {
            let at = match anchor {
                Anchor::Box { .. } => {
                    own.evidence.anchors.iter().take_while(|one| matches!(one, Anchor::Box { .. })).count()
                }
                _ => own.evidence.anchors.len(),
            };
            own.evidence.anchors.insert(at, anchor);
        }
    }
    let readings = other.evidence.readings;
    match agreement(kind, &value, &read) {
        Agreement::Same => {
            confirm(own);
            let by: Vec<&'static str> = readings
                .iter()
                .filter(|reading| reading.value.as_ref() == Some(&read))
                .map(|reading| reading.by)
                .collect();
            // What was compared and found the same is noted in the words of the first.
            own.evidence.readings.extend(by.into_iter().map(|by| Reading::new(by, Some(value.clone()))));
        }
        // It was looked at and confirms nothing; either of them may be cut.
        Agreement::Part => {
            own.evidence.clear = false;
            own.evidence.readings.extend(readings.iter().map(|one| Reading::new(one.by, None)));
        }
        Agreement::Differs => {
            // A code on the page is there to be held against the page, however the page was read.
            let by = |readings: &[Reading]| readings.first().map(|reading| reading.by);
            let held = by(&own.evidence.readings) == Some(CODE);
            let sure = held || by(&readings).is_some_and(|by| SURE.contains(&by));
            own.evidence.readings.extend(readings);
            if sure {
                own.evidence.confidence = own.evidence.confidence.min(DISPUTED);
                own.problem = own.problem.or(Some("readings-differ"));
            }
        }
    }
}
