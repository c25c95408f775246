//! Independent readings of one amount, compared: figures, words, arithmetic.

use crate::model::{
    fact::{Reading, Record},
    segment::Segment,
    value::{Money, Value},
};

fn money(record: &Record, field: &str) -> Option<Money> {
    match record.value(field)? {
        Value::Money(money) => Some(*money),
        _ => None,
    }
}

/// Notes what another way of knowing says of a field, and moves its confidence accordingly.
fn compare(record: &mut Record, field: &str, by: &'static str, other: Money) {
    let Some(fact) = record.fields.get_mut(field) else { return };
    let Some(Value::Money(own)) = fact.value else { return };
    fact.evidence.readings.push(Reading { by, value: Some(Value::Money(other)) });
    if own.yuan == other.yuan {
        fact.evidence.confidence = fact.evidence.confidence.max(0.99);
    } else {
        fact.evidence.confidence = fact.evidence.confidence.min(0.5);
        fact.problem = fact.problem.or(Some("readings-differ"));
    }
}

/// VAT invoices: `gross = net + tax`, and the words say the same as the figures.
pub(super) fn invoice(_: &Segment, record: &mut Record) {
    if let (Some(net), Some(tax)) = (money(record, "net"), money(record, "tax")) {
        let sum = Money::yuan(net.yuan + tax.yuan);
        compare(record, "gross", "arithmetic", sum);
        if let Some(gross) = money(record, "gross") {
            compare(record, "net", "arithmetic", Money::yuan(gross.yuan - tax.yuan));
            compare(record, "tax", "arithmetic", Money::yuan(gross.yuan - net.yuan));
        }
    }
    if let Some(words) = money(record, "gross_in_words") {
        compare(record, "gross", "words", words);
    }
    red_letter(record);
}

/// A negative invoice is a red letter.
fn red_letter(record: &mut Record) {
    let Some(gross) = money(record, "gross") else { return };
    let Some(mut fact) = record.fields.get("gross").cloned() else { return };
    fact.value = Some(Value::Bool(gross.yuan.is_sign_negative() && !gross.yuan.is_zero()));
    fact.evidence.readings.clear();
    record.fields.insert("red_letter".to_owned(), fact);
}

/// Bank receipts: the words say the same as the figures.
pub(super) fn receipt(_: &Segment, record: &mut Record) {
    if let Some(words) = money(record, "amount_in_words") {
        compare(record, "amount", "words", words);
    }
}
