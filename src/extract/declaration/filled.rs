//! A declaration from a form that was filled in: its fields are named as the keys are.

use super::Keys;
use crate::{
    model::{
        fact::{Fact, Record},
        paper::Paper,
        value::Value,
    },
    rulebook::declared::{Key, Shape},
};

/// What the applicant declared by a form, which may stand in several papers of one file: what an earlier one
/// says goes before what a later one does. `own` are the keys that only the call has.
#[must_use]
pub fn from_form(papers: &[&Paper], own: &[Key]) -> Record {
    let keys = Keys(own);
    let mut record = Record::default();
    for paper in papers {
        for (path, fact) in &paper.record.fields {
            let (names, place) = placed(&mut record, path);
            if let Some(fact) = shaped(path, fact, keys) {
                place.fields.entry(names).or_insert(fact);
            }
        }
        for (path, rows) in &paper.record.rows {
            let rows = rows.iter().map(|row| row_of(path, row, keys));
            let (name, place) = placed(&mut record, path);
            place.rows.entry(name).or_default().extend(rows);
        }
    }
    record
}

/// The record that a path leads to, made where it is not there, and the path's last name.
fn placed<'r>(record: &'r mut Record, path: &str) -> (String, &'r mut Record) {
    let (groups, name) = path.rsplit_once('.').unwrap_or(("", path));
    let mut place = record;
    for group in groups.split('.').filter(|group| !group.is_empty()) {
        place = place.groups.entry(group.to_owned()).or_default();
    }
    (name.to_owned(), place)
}

fn row_of(path: &str, row: &Record, keys: Keys<'_>) -> Record {
    // A list of texts has no keys of its own.
    if keys.shape(path) == Some(Shape::Texts) {
        return row.clone();
    }
    let mut own = Record::default();
    for (name, fact) in &row.fields {
        own.fields.extend(shaped(&format!("{path}.{name}"), fact, keys).map(|fact| (name.clone(), fact)));
    }
    for (name, rows) in &row.rows {
        let path = format!("{path}.{name}");
        own.rows.insert(name.clone(), rows.iter().map(|row| row_of(&path, row, keys)).collect());
    }
    own
}

/// A fact in the shape that a declaration gives its key; `None` for what is no key of one.
fn shaped(path: &str, fact: &Fact, keys: Keys<'_>) -> Option<Fact> {
    let shape = keys.shape(path)?;
    let mut fact = fact.clone();
    fact.value = fact.value.map(|value| as_shape(shape, value));
    for reading in &mut fact.evidence.readings {
        reading.value = reading.value.take().map(|value| as_shape(shape, value));
    }
    Some(fact)
}

fn as_shape(shape: Shape, value: Value) -> Value {
    match (shape, value) {
        (Shape::Text, Value::Code(text)) => Value::Text(text),
        (Shape::Text, value @ (Value::Number(_) | Value::Date(_))) => Value::Text(value.wire()),
        (Shape::Code, Value::Text(text)) => Value::Code(text.trim().to_uppercase()),
        (Shape::Number, Value::Text(text)) => text.parse().map_or(Value::Text(text), Value::Number),
        (_, value) => value,
    }
}
