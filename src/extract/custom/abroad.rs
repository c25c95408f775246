//! Papers from abroad: which way round their days are written, and what proves their sums.

use std::sync::LazyLock;

use chrono::NaiveDate;
use regex::Regex;
use rust_decimal::Decimal;

use super::agreement;
use crate::{
    extract::{confirm, kind, locate, reach},
    model::{
        fact::{Fact, Reading, Record},
        segment::Segment,
        text::Row,
        value::{Money, Value},
    },
    rulebook::types::{DocumentType, Kind},
};

/// A day in figures with its year last.
static FIGURES: LazyLock<Option<Regex>> = LazyLock::new(|| {
    Regex::new(r"(?-u:\b)(\d{1,2})\s?[-/.]\s?(\d{1,2})\s?[-/.]\s?((?:19|20)\d{2})(?-u:\b)").ok()
});
/// Languages that write the day first.
static DAY_FIRST: LazyLock<Option<Regex>> = LazyLock::new(|| {
    Regex::new(r"(?i)\b(?:rechnung|facture|factuur|fattura|sdn\.?\s*bhd|mwst|tva|btw)\b|\bRM\s?\d").ok()
});
/// Rows that say a sum, and no sum of a part, as at one rate of tax.
static SUM: LazyLock<Option<Regex>> =
    LazyLock::new(|| Regex::new(r"(?i)^[^%]*\b(?:total|net+|amount\s+due|payable)\b[^%]*$").ok());

/// Rows that say what was given and what came back.
static PAYMENT: LazyLock<Option<Regex>> =
    LazyLock::new(|| Regex::new(r"(?i)\b(?:cash|change|tender(?:ed)?|paid|payment|balance)\b").ok());

/// The problem of a sum that nothing else on the paper proves.
const UNPROVED: &str = "sum-unproved";

/// Days that may be read in two ways are read as the others on the paper are written, or as its language
/// writes them.
pub(super) fn days(kind: &DocumentType, segment: &Segment, record: &mut Record) {
    let rows = || segment.slices.iter().flat_map(|slice| &slice.rows);
    let Some(day_first) = day_first(rows()) else { return };
    for field in kind.fields.iter().filter(|field| field.kind == Kind::Date) {
        let Some(fact) = record.fields.get_mut(&field.name).filter(|fact| fact.value.is_none()) else {
            continue;
        };
        let Some((first, second, year)) = figures(&fact.evidence.raw).next() else { continue };
        let (day, month) = if day_first { (first, second) } else { (second, first) };
        let Some(day) = NaiveDate::from_ymd_opt(year, month, day) else { continue };
        fact.value = Some(Value::Date(day));
        fact.problem = None;
        fact.evidence.confidence = fact.evidence.confidence.max(0.9);
        let seen = fact.evidence.readings.first().and_then(|reading| reading.seen);
        let by = fact.evidence.readings.first().map_or("text", |reading| reading.by);
        fact.evidence.readings = vec![Reading { seen, ..Reading::new(by, fact.value.clone()) }];
    }
}

/// Two figures of a day and its year, as they stand, of every day in a text.
fn figures(text: &str) -> impl Iterator<Item = (u32, u32, i32)> {
    let found = FIGURES.as_ref().into_iter().flat_map(|pattern| pattern.captures_iter(text));
    found.filter_map(|day| Some((day[1].parse().ok()?, day[2].parse().ok()?, day[3].parse().ok()?)))
}

/// Whether days stand before months on a paper; `None` where nothing tells, or it is written both ways.
fn day_first<'r>(rows: impl Iterator<Item = &'r Row> + Clone) -> Option<bool> {
    let plain = |(first, second, _): (u32, u32, i32)| match (first > 12, second > 12) {
        (true, false) => Some(true),
        (false, true) => Some(false),
        _ => None,
    };
    let mut told: Vec<bool> = rows.clone().flat_map(|row| figures(&row.text)).filter_map(plain).collect();
    told.sort_unstable();
    told.dedup();
    match told.as_slice() {
        [one] => Some(*one),
        [] => rows
            .map(|row| &row.text)
            .any(|text| DAY_FIRST.as_ref().is_some_and(|p| p.is_match(text)))
            .then_some(true),
        _ => None,
    }
}

/// Net and tax prove the gross amount of an invoice, and it them.
pub(super) fn gross(_: &DocumentType, _: &Segment, record: &mut Record) {
    let amounts = ["net", "tax", "gross"].map(|field| agreement::money(record, field));
    let [Some(net), Some(tax), Some(gross)] = amounts else { return };
    let others = [gross.yuan - tax.yuan, gross.yuan - net.yuan, net.yuan + tax.yuan];
    for (field, other) in ["net", "tax", "gross"].into_iter().zip(others) {
        agreement::compare(record, field, super::schedule::ARITHMETIC, Money::yuan(other));
    }
}

/// The sum of a slip is what was given less what came back, or net and tax, where it is printed as well; or what
/// stands beside two of its words for a sum. One that nothing proves is not read.
pub(super) fn till(_: &DocumentType, segment: &Segment, record: &mut Record) {
    let amounts = amounts(segment);
    let paid = agreement::money(record, "tendered").zip(agreement::money(record, "change"));
    let paid =
        paid.map(|(tendered, change)| tendered.yuan - change.yuan).filter(|paid| *paid > Decimal::ZERO);
    let parts = agreement::money(record, "net").zip(agreement::money(record, "tax"));
    let taxed = parts.map(|(net, tax)| net.yuan + tax.yuan);
    let sums = || amounts.iter().filter(|(words, _)| *words == Words::Sum);
    let is = |fact: &Fact, sum: Decimal| matches!(fact.value, Some(Value::Money(money)) if money.yuan == sum);
    let found = match paid {
        Some(paid) => {
            let printed =
                || amounts.iter().filter(|(words, fact)| *words != Words::Payment && is(fact, paid));
            printed().find(|(words, _)| *words == Words::Sum).or_else(|| printed().next())
        }
        None if taxed.is_some_and(|taxed| sums().any(|(_, fact)| is(fact, taxed))) => {
            sums().find(|(_, fact)| taxed.is_some_and(|taxed| is(fact, taxed)))
        }
        None => sums().rev().find(|(_, fact)| {
            let Some(Value::Money(sum)) = fact.value else { return false };
            sums().filter(|(_, other)| is(other, sum.yuan)).count() > 1
        }),
    };
    let is_taxed = |fact: &Fact| taxed.is_some_and(|taxed| is(fact, taxed));
    // Net is what is without tax on some slips, and what is to be paid on others.
    if !found.is_some_and(|(_, fact)| is_taxed(fact)) {
        record.fields.remove("net");
        record.fields.remove("tax");
    }
    let by = if paid.is_some() || found.is_some_and(|(_, fact)| is_taxed(fact)) {
        super::schedule::ARITHMETIC
    } else {
        "repetition"
    };
    match (found, record.fields.get_mut("gross")) {
        (Some((_, fact)), _) => {
            let mut fact = fact.clone();
            fact.evidence.readings.push(Reading::new(by, fact.value.clone()));
            confirm(&mut fact);
            record.fields.insert("gross".to_owned(), fact);
        }
        (None, Some(fact)) => {
            fact.value = None;
            fact.problem = Some(UNPROVED);
            fact.evidence.confidence = 0.0;
        }
        (None, None) => {}
    }
    // They are no facts of the receipt, only what proves one.
    record.fields.remove("tendered");
    record.fields.remove("change");
}

/// What the words before an amount say it is.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Words {
    Sum,
    Payment,
    Other,
}

/// Every amount of a slip that stands by itself at the end of its row.
fn amounts(segment: &Segment) -> Vec<(Words, Fact)> {
    let says = |pattern: &LazyLock<Option<Regex>>, text: &str| {
        pattern.as_ref().is_some_and(|pattern| pattern.is_match(text))
    };
    let last = |row: &Row| {
        let from = row.text.trim_end().rfind(' ').map_or(0, |at| at + 1);
        let read = kind::read(&Kind::MoneyAbroad, row.text.get(from..)?)?;
        let glyphs = reach::span(row, from + read.from, from + read.to);
        let words = match row.text.get(..from)? {
            text if says(&PAYMENT, text) => Words::Payment,
            text if says(&SUM, text) => Words::Sum,
            _ => Words::Other,
        };
        Some((words, locate::value_fact(read.value, None, glyphs)))
    };
    segment.slices.iter().flat_map(|slice| &slice.rows).filter_map(last).collect()
}
