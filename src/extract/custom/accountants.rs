//! How many accountants sign an audit report.

use std::sync::LazyLock;

use regex::Regex;
use rust_decimal::Decimal;

use crate::{
    extract::{
        locate::value_fact,
        reach::{span, stands_alone},
    },
    model::{
        fact::{Method, Record},
        segment::Segment,
        text::{Glyph, Row},
        value::Value,
    },
    rulebook::types::DocumentType,
};

/// What stands beside a signature. In running text the words are followed by others: 中国注册会计师审计准则.
static SIGNS: LazyLock<Option<Regex>> = LazyLock::new(|| {
    Regex::new(r"中\s*国\s*注\s*册\s*会\s*计\s*师\s*(?P<end>:|\(\s*(?:签|盖|项\s*目\s*合\s*伙)|$)").ok()
});

/// Counts the places at which accountants sign. Whether somebody did sign there is for a person to see; a report
/// without such a place says nothing of how many there are.
pub(super) fn count(_: &DocumentType, segment: &Segment, record: &mut Record) {
    let rows = segment.slices.iter().flat_map(|slice| &slice.rows);
    let places: Vec<Vec<Glyph>> = rows.flat_map(signatures).collect();
    if places.is_empty() {
        return;
    }
    let number = Value::Number(Decimal::from(places.len()));
    let mut fact = value_fact(number, None, &places.concat());
    fact.evidence.method = Method::Custom;
    record.fields.insert("cpa_count".to_owned(), fact);
}

fn signatures(row: &Row) -> Vec<Vec<Glyph>> {
    let Some(signs) = SIGNS.as_ref() else { return Vec::new() };
    let found = signs.captures_iter(&row.text).filter_map(|found| {
        let (whole, end) = (found.get(0)?, found.name("end")?);
        // A sentence that happens to break behind these words has others right in front of them.
        let is_alone = !end.is_empty() || stands_alone(row, whole.start());
        is_alone.then(|| span(row, whole.start(), end.start()).to_vec())
    });
    found.collect()
}
