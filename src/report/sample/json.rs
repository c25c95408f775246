//! Samples and their evaluations for programs. Amounts are plain decimals in yuan, shares plain decimals in percent.

use std::collections::BTreeMap;

use serde_json::{Map, Value, json};

use crate::{
    model::{case::MadeWith, value::money},
    sample::{
        Evaluation, Figures, Item, Sample, fen,
        monetary::{Error, Misstatement},
        worksheet::Head,
    },
};

use super::plan;

/// A plan, what was drawn and what was set apart.
#[must_use]
pub fn sample_json(sample: &Sample, head: &Head, made_with: &MadeWith) -> String {
    let plan: BTreeMap<&str, String> =
        plan(sample, head, made_with).into_iter().map(|(key, _, _, value)| (key, value)).collect();
    let drawn = sample.drawn.iter().filter_map(|number| {
        let item = sample.population.items.get(number - 1)?;
        let mut shown = shown(item);
        shown.insert("number".to_owned(), json!(number));
        shown.insert("book".to_owned(), json!(money::wire(item.book)));
        shown.insert("certain".to_owned(), json!(sample.is_certain(item.book)));
        Some(Value::Object(shown))
    });
    let apart = sample.population.apart.iter().map(|apart| {
        let mut shown = shown(&apart.item);
        shown.insert("reason".to_owned(), json!(apart.reason));
        shown.insert("amount".to_owned(), json!(apart.amount.map(money::wire)));
        Value::Object(shown)
    });
    let sample =
        json!({ "plan": plan, "drawn": drawn.collect::<Vec<_>>(), "set_apart": apart.collect::<Vec<_>>() });
    format!("{sample:#}\n")
}

fn shown(item: &Item) -> Map<String, Value> {
    let fields = [
        ("name", &item.name),
        ("item_number", &item.number),
        ("date", &item.date),
        ("file", &item.file),
        ("place", &item.place),
    ];
    fields.into_iter().map(|(name, text)| (name.to_owned(), json!(text))).collect()
}

/// What was found, what it makes, and whether it is tolerable.
#[must_use]
pub fn evaluation_json(sample: &Sample, head: &Head, evaluation: &Evaluation) -> String {
    let figures = match &evaluation.figures {
        None => Value::Null,
        Some(Figures::Monetary { over, under }) => json!({
            "overstatement": {
                "known": yuan(over.known),
                "projected": yuan(over.projected),
                "basic_precision": yuan(over.basic_precision),
                "incremental_allowance": yuan(over.incremental),
                "upper_limit": yuan(over.upper_limit),
                "errors": errors(over),
            },
            "understatement": { "known": yuan(under.known), "projected": yuan(under.projected), "errors": errors(under) },
        }),
        Some(Figures::Attribute { deviating, upper_count, upper_rate, endless_rate }) => json!({
            "deviating": deviating,
            "upper_count": upper_count,
            "upper_rate": upper_rate.to_string(),
            "clopper_pearson": endless_rate.to_string(),
        }),
    };
    let shown = json!({
        "case": head.case,
        "of": head.of,
        "method": sample.order.method.name(),
        "confidence": sample.order.confidence.to_string(),
        "tolerable": sample.order.tolerable.to_string(),
        "drawn": sample.drawn.len(),
        "not_examined": evaluation.missing,
        "verdict": evaluation.verdict.name(),
        "figures": figures,
    });
    format!("{shown:#}\n")
}

fn errors(found: &Misstatement) -> Vec<Value> {
    let shown = |error: &Error| {
        json!({
            "number": error.number,
            "book": money::wire(error.book),
            "audited": money::wire(error.audited),
            "taint": error.taint.round_dp(10).normalize().to_string(),
            "projected": yuan(error.projected),
            "certain": error.certain,
        })
    };
    found.errors.iter().map(shown).collect()
}

fn yuan(amount: rust_decimal::Decimal) -> String {
    money::wire(fen(amount))
}
