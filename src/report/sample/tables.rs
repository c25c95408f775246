//! The tables that samples are planned by, computed: what printed ones can be held against.

use rust_decimal::Decimal;
use serde_json::json;

use crate::{
    report::Lang,
    sample::{Factors, attribute, expansion},
};

/// Errors up to which factors are listed.
const ERRORS: usize = 10;
/// Tolerable rates, in percent.
const TOLERABLE: &[i64] = &[2, 3, 4, 5, 6, 7, 8, 9, 10, 15, 20];
/// Expected rates, in quarters of a percent.
const EXPECTED: std::ops::RangeInclusive<i64> = 0..=16;

/// A sample size of a table: tolerable and expected rate, items, deviations allowed.
type Cell = (Decimal, Decimal, Option<attribute::Size>);

fn sizes(confidence: Decimal) -> Vec<Cell> {
    let rates =
        EXPECTED.flat_map(|quarters| TOLERABLE.iter().map(move |rate| (Decimal::from(*rate), quarters)));
    let rates = rates.map(|(tolerable, quarters)| (tolerable, Decimal::new(25 * quarters, 2).normalize()));
    rates
        .filter(|(tolerable, expected)| expected < tolerable)
        .map(|(tolerable, expected)| (tolerable, expected, attribute::size(confidence, tolerable, expected)))
        .collect()
}

/// Factors and sample sizes at a confidence in percent, for a terminal.
#[must_use]
pub fn tables_text(confidence: Decimal, lang: Lang) -> String {
    let factors = Factors::exact(confidence);
    let mut out = format!("{}\n", lang.of("错报数  置信系数（泊松）", "errors  confidence factor (Poisson)"));
    for errors in 0..=ERRORS {
        out += &format!("{errors:>6}  {}\n", factors.at(errors).round_dp(4));
    }
    let expansion = expansion(confidence).map_or_else(|| "—".to_owned(), |factor| factor.to_string());
    out += &format!("{}{expansion}\n\n", lang.of("扩张系数：", "expansion factor: "));
    out += lang.of(
        "属性抽样样本量（允许偏差数）；行：预计偏差率（%），列：可容忍偏差率（%）\n",
        "attribute sample sizes (deviations allowed); rows: expected rate (%), columns: tolerable rate (%)\n",
    );
    out += &format!("{:>6}{}\n", "", TOLERABLE.iter().map(|rate| format!("{rate:>10}")).collect::<String>());
    let sizes = sizes(confidence);
    for quarters in EXPECTED {
        let expected = Decimal::new(25 * quarters, 2).normalize();
        let shown = TOLERABLE.iter().map(|rate| {
            let cell = sizes.iter().find(|cell| cell.0 == Decimal::from(*rate) && cell.1 == expected);
            let size = cell.and_then(|cell| cell.2);
            format!(
                "{:>10}",
                size.map_or_else(|| "—".to_owned(), |size| format!("{}({})", size.items, size.allowed))
            )
        });
        out += &format!("{expected:>6}{}\n", shown.collect::<String>());
    }
    out
}

/// The same for a program.
#[must_use]
pub fn tables_json(confidence: Decimal) -> String {
    let factors = Factors::exact(confidence);
    let factors: Vec<String> = (0..=ERRORS).map(|errors| factors.at(errors).to_string()).collect();
    let sizes: Vec<_> = sizes(confidence)
        .into_iter()
        .map(|(tolerable, expected, size)| {
            json!({
                "tolerable": tolerable.to_string(),
                "expected": expected.to_string(),
                "items": size.map(|size| size.items),
                "allowed": size.map(|size| size.allowed),
            })
        })
        .collect();
    let tables = json!({
        "confidence": confidence.to_string(),
        "confidence_factors": factors,
        "expansion_factor": expansion(confidence).map(|factor| factor.to_string()),
        "attribute_sizes": sizes,
    });
    format!("{tables:#}\n")
}
