//! What of a document is not clear after all, once all of it was located: see [`super::clear`].

use std::sync::LazyLock;

use regex::Regex;

use super::{kind, reach::stands_alone};
use crate::{
    model::{
        fact::{Fact, Record},
        segment::Segment,
        value::Value,
    },
    rulebook::types::{DocumentType, FieldSpec},
};

/// By whom a code is confirmed that carries a check.
pub(super) const CHECK: &str = "check_digit";

/// What numbers of papers are called in the end.
const NUMBERS: [&str; 6] = ["编号", "号码", "单号", "流水号", "证号", "票号"];

/// A number of something with what it is called.
static NUMBERED: LazyLock<Option<Regex>> = LazyLock::new(|| {
    let words: Vec<String> = NUMBERS.iter().map(|word| spaced(word)).collect();
    let called = format!(r"[\u{{4e00}}-\u{{9fff}}\s]{{0,8}}(?:{})", words.join("|"));
    Regex::new(&format!(r"(?P<called>{called})\s*[:：]?\s*(?P<number>[0-9A-Za-z][0-9A-Za-z-]{{5,}})")).ok()
});

/// A pattern for a word whose characters may be spread.
fn spaced(word: &str) -> String {
    word.chars().map(String::from).collect::<Vec<_>>().join(r"\s*")
}

/// What of a document is not clear after all, now that all of it was located.
pub(super) fn doubt(kind: &DocumentType, segment: &Segment, record: &mut Record, labels: &[&Regex]) {
    // Where something is missing that such documents have, it may be another kind of document.
    let is_whole = kind.missing(segment, record).is_empty();
    let strange = strange_numbers(segment, record, labels);
    let is_code = |fact: &&Fact| matches!(fact.value, Some(Value::Code(_)));
    let wire = |fact: &Fact| fact.value.as_ref().map(Value::wire);
    let codes: Vec<String> = record.fields.values().filter(is_code).filter_map(wire).collect();
    for (name, fact) in &mut record.fields {
        let is_open = match &fact.value {
            // One that goes by a name nobody knows may be the one that is meant.
            Some(Value::Code(_)) => {
                let fits = |field: &FieldSpec| strange.iter().any(|number| is_number_of(field, number));
                kind.fields.iter().any(|field| field.name == *name && fits(field))
            }
            // A text ran on into what it holds of another field.
            Some(Value::Text(text)) => codes.iter().any(|code| text.contains(code.as_str())),
            _ => false,
        };
        fact.evidence.clear &= is_proved(fact) || is_whole && !is_open;
    }
}

/// Whether a number is one as a field holds, by its shape and by what the field's own labels call it.
fn is_number_of(field: &FieldSpec, number: &str) -> bool {
    let fits = kind::read(&field.kind, number).is_some_and(|read| read.to - read.from == number.len());
    let called = |label: &Regex| {
        let label = label.as_str().replace(r"\s*", "");
        NUMBERS.iter().any(|word| label.ends_with(word))
    };
    fits && (field.labels.is_empty() || field.labels.iter().any(called))
}

/// Whether the value carries a check that came out right.
fn is_proved(fact: &Fact) -> bool {
    fact.evidence.readings.iter().any(|reading| reading.by == CHECK && reading.value.is_some())
}

/// The numbers of a document that go by names nobody knows.
fn strange_numbers(segment: &Segment, record: &Record, labels: &[&Regex]) -> Vec<String> {
    let Some(numbered) = NUMBERED.as_ref() else { return Vec::new() };
    let is_taken = |number: &str| {
        let values = record.fields.values().filter_map(|fact| fact.value.as_ref());
        values.map(Value::wire).any(|value| value.contains(number))
    };
    let rows = segment.slices.iter().flat_map(|slice| &slice.rows);
    let all = rows.flat_map(|row| numbered.captures_iter(&row.text).map(move |found| (row, found)));
    let strange = all.filter_map(|(row, found)| {
        let (called, number) = (found.name("called")?, found.name("number")?.as_str());
        let is_known = |label: &&Regex| {
            let mut hits = label.find_iter(&row.text).filter(|hit| stands_alone(row, hit.start()));
            hits.any(|hit| hit.start() < called.end() && called.start() < hit.end())
        };
        let has_figures = number.contains(|c: char| c.is_ascii_digit());
        (has_figures && !is_taken(number) && !labels.iter().any(is_known)).then(|| number.to_owned())
    });
    strange.collect()
}
