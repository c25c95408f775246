//! One of a closed list, by what stands in the document.

use regex::{Match, Regex};

use super::{
    joined::Joined,
    locate::{evidence, reading, sureness},
    reach::span,
};
use crate::{
    model::{
        fact::{Fact, FactId},
        segment::Slice,
        text::Row,
        value::Value,
    },
    rulebook::types::FieldSpec,
};

/// The first of a field's choices that is found.
pub(super) fn choice(field: &FieldSpec, slices: &[Slice]) -> Option<Fact> {
    // Sentences run on from row to row.
    let running = field.wraps.then(|| Joined::of(slices, "", "\n"));
    let found = field.choices.iter().find_map(|(pattern, value)| {
        let in_row = slices.iter().flat_map(|slice| &slice.rows).find_map(|row| {
            let found = pattern.find(&row.text)?;
            Some((found.as_str().to_owned(), span(row, found.start(), found.end()).to_vec()))
        });
        let (raw, glyphs) = in_row.or_else(|| {
            let running = running.as_ref()?;
            let found = pattern.find(&running.text)?;
            Some((found.as_str().to_owned(), running.glyphs(found.range())))
        })?;
        let value = Value::Text(value.clone());
        let reading = reading(&glyphs, Some(value.clone()));
        Some(Fact {
            id: FactId::default(),
            value: Some(value),
            problem: None,
            evidence: evidence(raw, &glyphs, sureness(&glyphs), vec![reading]),
        })
    });
    found.map(|mut fact| {
        fact.evidence.clear = is_only_choice(field, slices, &fact);
        fact
    })
}

/// Whether no other choice stands in the document but as a part of the words of the one that was taken.
fn is_only_choice(field: &FieldSpec, slices: &[Slice], fact: &Fact) -> bool {
    let taken = |value: &String| matches!(&fact.value, Some(Value::Text(text)) if text == value);
    let rows = || slices.iter().flat_map(|slice| &slice.rows);
    let own: Vec<&Regex> =
        field.choices.iter().filter(|(_, value)| taken(value)).map(|(pattern, _)| pattern).collect();
    let is_part = |row: &Row, other: &Match| {
        own.iter().any(|own| {
            own.find_iter(&row.text).any(|own| own.start() <= other.start() && other.end() <= own.end())
        })
    };
    let mut others = field.choices.iter().filter(|(_, value)| !taken(value));
    !others
        .any(|(pattern, _)| rows().any(|row| pattern.find_iter(&row.text).any(|other| !is_part(row, &other))))
}
