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
        segment::{Segment, Slice},
        text::{Glyph, Row},
        value::Value,
    },
    rulebook::types::DocumentType,
};

/// What stands beside a signature. In running text the words are followed by others: 中国注册会计师审计准则.
static SIGNS: LazyLock<Option<Regex>> = LazyLock::new(|| {
    Regex::new(r"中\s*国\s*注\s*册\s*会\s*计\s*师\s*(?P<end>:|\(\s*(?:签|盖|项\s*目\s*合\s*伙)|$)").ok()
});

/// Whether somebody did sign at a place is for a person to see.
const SEEN: f32 = 0.9;

/// Counts the places at which accountants sign, on the page that has most of them: their licences behind a report
/// name them as well. A report without such a place says nothing of how many there are.
pub(super) fn count(_: &DocumentType, segment: &Segment, record: &mut Record) {
    let of_page = |slice: &Slice| slice.rows.iter().flat_map(signatures).collect::<Vec<_>>();
    let Some(places) = segment.slices.iter().map(of_page).max_by_key(Vec::len).filter(|all| !all.is_empty())
    else {
        return;
    };
    let number = Value::Number(Decimal::from(places.len()));
    let mut fact = value_fact(number, None, &places.concat());
    fact.evidence.method = Method::Custom;
    fact.evidence.confidence = fact.evidence.confidence.min(SEEN);
    record.fields.insert("cpa_count".to_owned(), fact);
}

fn signatures(row: &Row) -> Vec<Vec<Glyph>> {
    let Some(signs) = SIGNS.as_ref() else { return Vec::new() };
    let found = signs.captures_iter(&row.text).filter_map(|found| {
        let (whole, end) = (found.get(0)?, found.name("end")?);
        // A sentence has other words right in front of these.
        stands_alone(row, whole.start()).then(|| span(row, whole.start(), end.start()).to_vec())
    });
    found.collect()
}
