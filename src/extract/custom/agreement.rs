//! Independent readings of one amount, compared: figures, words, arithmetic.

use super::schedule::ARITHMETIC;
use crate::{
    extract::confirm,
    model::{
        fact::{Method, Reading, Record},
        segment::Segment,
        value::{Money, Value, words},
    },
    rulebook::types::DocumentType,
};

/// The amount that a field holds.
pub(super) fn money(record: &Record, field: &str) -> Option<Money> {
    match record.value(field)? {
        Value::Money(money) => Some(*money),
        _ => None,
    }
}

/// The amount that a field printed in words says.
pub(super) fn words(record: &Record, field: &str) -> Option<Money> {
    words::parse(record.text(field)?).ok().map(Money::yuan)
}

/// Notes what another way of knowing says of a field, and moves its confidence accordingly.
pub(super) fn compare(record: &mut Record, field: &str, by: &'static str, other: Money) {
    let Some(fact) = record.fields.get_mut(field) else { return };
    let Some(Value::Money(own)) = fact.value else { return };
    fact.evidence.readings.push(Reading::new(by, Some(Value::Money(other))));
    if own.yuan == other.yuan {
        confirm(fact);
    } else {
        fact.evidence.confidence = fact.evidence.confidence.min(0.5);
        fact.problem = fact.problem.or(Some("readings-differ"));
    }
}

/// VAT invoices: `gross = net + tax`, and the words say the same as the figures.
pub(super) fn invoice(_: &DocumentType, _: &Segment, record: &mut Record) {
    if let (Some(net), Some(tax)) = (money(record, "net"), money(record, "tax")) {
        let sum = Money::yuan(net.yuan + tax.yuan);
        compare(record, "gross", ARITHMETIC, sum);
        if let Some(gross) = money(record, "gross") {
            compare(record, "net", ARITHMETIC, Money::yuan(gross.yuan - tax.yuan));
            compare(record, "tax", ARITHMETIC, Money::yuan(gross.yuan - net.yuan));
        }
    }
    in_words(record, "gross", "gross_in_words");
    red_letter(record);
}

/// A title under a seal may lose its head; an invoice with a number of 20 digits and no code is a
/// digital one all the same.
pub(super) fn kind(_: &DocumentType, _: &Segment, record: &mut Record) {
    let digital = record.text("invoice_number").is_some_and(|number| number.len() == 20);
    if !digital || record.fields.contains_key("invoice_code") {
        return;
    }
    let Some(fact) = record.fields.get_mut("invoice_kind") else { return };
    let Some(Value::Text(name)) = &fact.value else { return };
    let better = match name.as_str() {
        "special" => "digital_special",
        "general" => "digital_general",
        _ => return,
    };
    fact.value = Some(Value::Text(better.to_owned()));
    fact.evidence.method = Method::Custom;
    let seen = fact.evidence.readings.first().and_then(|reading| reading.seen);
    fact.evidence.readings = vec![Reading { seen, ..Reading::new("number", fact.value.clone()) }];
}

/// A negative invoice is a red letter.
fn red_letter(record: &mut Record) {
    let Some(gross) = money(record, "gross") else { return };
    let Some(mut fact) = record.fields.get("gross").cloned() else { return };
    let is_red = |money: &Money| Value::Bool(money.yuan.is_sign_negative() && !money.yuan.is_zero());
    fact.value = Some(is_red(&gross));
    // Who read the amount read its sign.
    for reading in &mut fact.evidence.readings {
        if let Some(Value::Money(money)) = &reading.value {
            reading.value = Some(is_red(money));
        }
    }
    record.fields.insert("red_letter".to_owned(), fact);
}

/// The words of a payment say the same as its figures.
pub(super) fn amount(_: &DocumentType, _: &Segment, record: &mut Record) {
    in_words(record, "amount", "amount_in_words");
}

/// The words of what was charged say the same as its figures.
pub(super) fn gross(_: &DocumentType, _: &Segment, record: &mut Record) {
    in_words(record, "gross", "gross_in_words");
}

fn in_words(record: &mut Record, figures: &str, field: &str) {
    let Some(said) = words(record, field) else { return };
    compare(record, figures, "words", said);
    confirm_words(record, figures, field);
}

/// Words that say exactly what the figures do are confirmed by them.
pub(super) fn confirm_words(record: &mut Record, figures: &str, field: &str) {
    let (said, amount) = (words(record, field), money(record, figures));
    let is_same = said.zip(amount).is_some_and(|(said, amount)| said.yuan == amount.yuan);
    if is_same && let Some(fact) = record.fields.get_mut(field) {
        fact.evidence.readings.push(Reading::new("figures", fact.value.clone()));
        confirm(fact);
    }
}
