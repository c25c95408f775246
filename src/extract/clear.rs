//! Whether a value is clear: it is all that stands in its place, and ends as values of its kind end.
//!
//! The characters of a text layer are certain, and a value found by its label may still be another one's, or a part
//! of one. What is clear was right more often, as was counted (`rules/confidence.toml`).

use std::ops::Range;

use regex::{Match, Regex};

use super::{
    kind,
    reach::{LABEL_GAP, is_han, run_on},
};
use crate::{
    model::{
        segment::Slice,
        text::{Glyph, Row},
        value::Value,
    },
    rulebook::types::{FieldSpec, Kind},
};

/// Words that a name ends with when it is whole.
pub(super) const WHOLE: &[&str] = &[
    "公司", "厂", "所", "院", "中心", "集团", "局", "厅", "部", "社", "店", "行", "会", "联盟", "政府",
    "大学", "学校",
];

/// What may stand behind it in brackets: which kind of firm it is.
const IN_BRACKETS: &[&str] = &["(有限合伙)", "(普通合伙)", "(特殊普通合伙)", "(集团)"];

/// What those of firms abroad end with, in capital letters and without points.
const ENDS_ABROAD: &[&str] = &[
    "LTD",
    "LIMITED",
    "INC",
    "LLC",
    "CORP",
    "CORPORATION",
    "COMPANY",
    "PLC",
    "GMBH",
    "AG",
    "KG",
    "SE",
    "BV",
    "NV",
    "SA",
    "SAS",
    "SARL",
    "SRL",
    "SPA",
    "OY",
    "AB",
    "APS",
    "AS",
    "BHD",
    "KK",
];

/// What no text ends with that is whole.
const GO_ON: [char; 8] = ['至', '、', ',', '，', '(', '（', '-', '及'];

/// Letters of a Chinese person's name.
const PERSON: std::ops::RangeInclusive<usize> = 2..=4;

/// Whether a value that was read from bytes `from..to` of what stands in its place is all of it, and whole.
pub(super) fn is_clear(kind: &Kind, value: &Value, place: &str, (from, to): (usize, usize)) -> bool {
    let (before, behind) = (place.get(..from).unwrap_or_default(), place.get(to..).unwrap_or_default());
    let is_nothing = |rest: &str| !rest.chars().any(char::is_alphanumeric);
    let is_all = is_nothing(before) && (is_nothing(behind) || *kind == Kind::Date && is_time(behind));
    // White space between groups of three parts as well what is counted from what it costs.
    let is_parted = *kind == Kind::MoneyAbroad
        && place.get(from..to).is_some_and(|figures| figures.trim().contains(char::is_whitespace));
    is_all && !is_parted && ends_so(kind, value)
}

/// Whether a text is a time of day, as it stands behind a day.
fn is_time(text: &str) -> bool {
    let parts: Vec<&str> = text.trim().split([':', '：']).collect();
    let is_part = |part: &&str| (1..=2).contains(&part.len()) && part.chars().all(|c| c.is_ascii_digit());
    (2..=3).contains(&parts.len()) && parts.iter().all(is_part)
}

/// Whether it ends as values of its kind do.
fn ends_so(kind: &Kind, value: &Value) -> bool {
    let (Value::Text(text) | Value::Code(text)) = value else { return true };
    let folded: String = text.replace('（', "(").replace('）', ")").replace(char::is_whitespace, "");
    match kind {
        Kind::Organisation if folded.chars().any(is_han) => {
            WHOLE.iter().chain(IN_BRACKETS).any(|end| folded.ends_with(end))
        }
        Kind::Organisation => {
            let words = text.to_uppercase().replace('.', "");
            let last = words.trim_end_matches(|c: char| !c.is_alphanumeric()).rsplit([' ', ',']).next();
            last.is_some_and(|last| ENDS_ABROAD.contains(&last))
        }
        Kind::Person => PERSON.contains(&folded.chars().filter(|c| is_han(*c)).count()),
        // What has a colon in it has another label in it, and what ends so goes on.
        Kind::Text => !folded.contains([':', '：']) && !folded.ends_with(GO_ON),
        _ => true,
    }
}

/// Whether what a pattern found goes on where nothing of the pattern says that it ends.
pub(super) fn is_cut(row: &Row, all: &Match, group: &Match) -> bool {
    let letter_at = |byte: usize| row.glyph_at.get(byte).and_then(|at| row.glyphs.get(*at));
    // Figures and Latin letters end where an ideograph begins; a name may begin with Latin letters.
    let goes_on = |letter: Option<char>, edge: Option<char>| {
        letter.zip(edge).is_some_and(|(one, edge)| one.is_alphanumeric() && (is_han(edge) || !is_han(one)))
    };
    let close = |byte: usize| letter_at(byte).is_some_and(|glyph| glyph.gap < LABEL_GAP);
    let before = row.text.get(..group.start()).and_then(|text| text.chars().next_back());
    let behind = row.text.get(group.end()..).and_then(|text| text.chars().next());
    let found = group.as_str();
    all.start() == group.start() && goes_on(before, found.chars().next()) && close(group.start())
        || all.end() == group.end() && goes_on(behind, found.chars().next_back()) && close(group.end())
}

/// Whether a row has other amounts than what a pattern found: which of them is meant it does not say.
pub(super) fn is_among_others(kind: &Kind, row: &Row, range: &Range<usize>) -> bool {
    let has_amount = |rest: Option<&str>| {
        rest.is_some_and(|rest| {
            rest.split_whitespace().any(|word| word.contains('.') && kind::read(&Kind::Money, word).is_some())
        })
    };
    kind.is_money() && (has_amount(row.text.get(..range.start)) || has_amount(row.text.get(range.end..)))
}

/// Whether a name or a text seems to run on in the next row, though its field does not.
pub(super) fn runs_on(
    field: &FieldSpec,
    glyphs: &[Glyph],
    slice: &Slice,
    number: usize,
    labels: &[&Regex],
) -> bool {
    // A name in Latin letters says itself where it ends.
    let is_told = field.kind == Kind::Organisation && !glyphs.iter().any(|glyph| is_han(glyph.printed));
    if field.wraps || is_told || !matches!(field.kind, Kind::Text | Kind::Organisation) {
        return false;
    }
    let mut more = glyphs.to_vec();
    run_on(&mut more, slice, number, labels);
    more.len() > glyphs.len()
}
