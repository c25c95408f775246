//! A sample as something to read: for a terminal, for a program, and as the worksheet an auditor fills in.

mod json;
mod tables;
mod text;
mod workbook;

pub use json::{evaluation_json, sample_json};
pub use tables::{tables_json, tables_text};
pub use text::{evaluation_text, faults_text, sample_text};
pub use workbook::workbook;

use crate::{
    model::{case::MadeWith, value::money},
    sample::{
        Apart, BASES, Method, OF, Sample, monetary,
        worksheet::{self, Head},
    },
};

use super::Lang;

/// A line of a plan: key, Chinese, English, value.
type Row = (&'static str, &'static str, &'static str, String);

/// The plan as an auditor names its parts. Amounts in yuan, shares in percent.
fn plan(sample: &Sample, head: &Head, made_with: &MadeWith) -> Vec<Row> {
    let (order, plan, population) = (&sample.order, &sample.plan, &sample.population);
    let mus = order.method == Method::Mus;
    let none = || "—".to_owned();
    let enlarged = monetary::enlarged(order.expected, order.confidence).filter(|_| !order.expected.is_zero());
    let needed = plan.needed.map_or_else(none, |needed| needed.to_string());
    let mut rows: Vec<Row> = vec![
        (worksheet::CASE, "申报", "case", head.case.clone()),
        (worksheet::OF, "抽样对象", "what is sampled", head.of.clone()),
        (worksheet::BASIS, "金额口径", "which amounts count", head.basis.clone()),
        (
            worksheet::METHOD,
            "抽样方法（mus 货币单元，random 随机）",
            "method",
            order.method.name().to_owned(),
        ),
        (worksheet::CONFIDENCE, "置信度（%）", "confidence (%)", order.confidence.to_string()),
    ];
    let amounts = |amount| if mus { money::wire(amount) } else { amount.to_string() };
    let (tolerable, expected) = (amounts(order.tolerable), amounts(order.expected));
    rows.extend(if mus {
        [
            (worksheet::TOLERABLE, "可容忍错报（元）", "tolerable misstatement (yuan)", tolerable),
            (worksheet::EXPECTED, "预计错报（元）", "expected misstatement (yuan)", expected),
        ]
    } else {
        [
            (worksheet::TOLERABLE, "可容忍偏差率（%）", "tolerable deviation rate (%)", tolerable),
            (worksheet::EXPECTED, "预计偏差率（%）", "expected deviation rate (%)", expected),
        ]
    });
    rows.extend([
        (worksheet::SEED, "随机种子", "seed", order.seed.to_string()),
        ("population_items", "总体项数", "items of the population", population.items.len().to_string()),
        (
            "population_book",
            "总体账面金额（元）",
            "booked amount of the population (yuan)",
            money::wire(population.book()),
        ),
        (worksheet::FINGERPRINT, "总体指纹", "fingerprint of the population", population.fingerprint()),
        ("needed", "所需样本量", "sample size needed", needed),
    ]);
    rows.extend(if mus {
        vec![
            (
                "confidence_factor",
                "置信系数（零错报）",
                "confidence factor (no error)",
                order.factors().at(0).to_string(),
            ),
            (
                "expansion_factor",
                "扩张系数",
                "expansion factor",
                enlarged.map_or_else(none, |factor| factor.to_string()),
            ),
            (
                "interval",
                "抽样间隔（元）",
                "sampling interval (yuan)",
                plan.interval.map_or_else(none, money::wire),
            ),
        ]
    } else {
        vec![("allowed", "允许偏差数", "deviations that may be found", plan.allowed.to_string())]
    });
    rows.extend([
        ("drawn", "抽出项数", "items drawn", sample.drawn.len().to_string()),
        (
            "whole",
            "是否全部审查",
            "whether everything is examined",
            if plan.whole { "yes" } else { "no" }.to_owned(),
        ),
        (
            "made_with",
            "生成",
            "made with",
            format!(
                "heyan {}, {} {}, {}",
                made_with.heyan, made_with.pack, made_with.pack_version, made_with.today
            ),
        ),
    ]);
    rows
}

/// What a name of [`OF`] or [`BASES`] means.
fn meaning(name: &str, lang: Lang) -> &str {
    let of = OF.iter().find(|row| row.0 == name).map(|row| lang.of(row.2, row.3));
    let basis = BASES.iter().find(|row| row.0 == name).map(|row| lang.of(row.3, row.4));
    of.or(basis).unwrap_or(name)
}

/// Why an item was set apart, in words.
fn reason(apart: &Apart, lang: Lang) -> &'static str {
    let row = crate::sample::APART.iter().find(|row| row.0 == apart.reason);
    row.map_or(apart.reason, |row| lang.of(row.1, row.2))
}
