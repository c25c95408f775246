//! Samples and their evaluations for a terminal.

use rust_decimal::Decimal;

use crate::{
    model::{case::MadeWith, value::money},
    report::{Lang, text::printable},
    sample::{
        Evaluation, Figures, Sample, Verdict, fen,
        monetary::Misstatement,
        worksheet::{Fault, Head},
    },
};

use super::{meaning, plan, reason};

/// Items and faults that are printed; the rest is counted.
const MOST: usize = 50;

/// A plan, what was drawn with its places, and what was set apart.
#[must_use]
pub fn sample_text(sample: &Sample, head: &Head, made_with: &MadeWith, lang: Lang) -> String {
    let mut out = String::new();
    for (_, zh, en, value) in plan(sample, head, made_with) {
        out += &format!("{}{}{}\n", lang.of(zh, en), lang.of("：", ": "), meaning(&value, lang));
    }
    if sample.plan.whole {
        out += lang.of(
            "样本量不小于总体，或抽样恰好抽到全部：全部审查，不作推断。\n",
            "No sample smaller than the population would do, or all of it was drawn: everything is examined, and nothing is projected.\n",
        );
    }
    out += &format!("\n{}\n", lang.of("抽出的项目：", "Drawn:"));
    let items =
        sample.drawn.iter().filter_map(|number| Some((number, sample.population.items.get(number - 1)?)));
    for (number, item) in items {
        let certain = if sample.is_certain(item.book) { lang.of("  必查", "  certain") } else { "" };
        out += &format!(
            "  {number:>4}  {:>18}  {}  {}  {}  {} {}{certain}\n",
            money::wire(item.book),
            item.date,
            item.number,
            item.name,
            item.file,
            item.place
        );
    }
    if !sample.population.apart.is_empty() {
        out += &format!("\n{}\n", lang.of("不参与抽样的项目：", "Set apart:"));
    }
    for apart in &sample.population.apart {
        let amount = apart.amount.map_or_else(|| "?".to_owned(), money::wire);
        let item = &apart.item;
        out += &format!(
            "        {amount:>18}  {}  {}  {}  {} {}\n",
            reason(apart, lang),
            item.number,
            item.name,
            item.file,
            item.place
        );
    }
    printable(&out)
}

/// What was found, what it makes, and whether it is tolerable.
#[must_use]
pub fn evaluation_text(sample: &Sample, head: &Head, evaluation: &Evaluation, lang: Lang) -> String {
    let colon = lang.of("：", ": ");
    let mut out = format!("{}{colon}{} · {}\n", lang.of("申报", "case"), head.case, meaning(&head.of, lang));
    let mut row = |zh, en, value: String| out += &format!("{}{colon}{value}\n", lang.of(zh, en));
    row("置信度（%）", "confidence (%)", sample.order.confidence.to_string());
    row(
        "已审查",
        "examined",
        format!("{} / {}", sample.drawn.len() - evaluation.missing.len(), sample.drawn.len()),
    );
    match &evaluation.figures {
        None => {
            let shown: Vec<String> = evaluation.missing.iter().take(MOST).map(ToString::to_string).collect();
            let more = if evaluation.missing.len() > MOST { " …" } else { "" };
            let numbers = shown.join(", ") + more;
            row("未审查的序号", "not examined", format!("{} ({numbers})", evaluation.missing.len()));
        }
        Some(Figures::Monetary { over, under }) => {
            row("发现的高估（元）", "overstatement found (yuan)", yuan(over.known));
            row("推断错报（元）", "projected misstatement (yuan)", yuan(over.projected));
            row("基本精确度（元）", "basic precision (yuan)", yuan(over.basic_precision));
            row("增量准备（元）", "incremental allowance (yuan)", yuan(over.incremental));
            row("错报上限（元）", "upper misstatement limit (yuan)", yuan(over.upper_limit));
            row("可容忍错报（元）", "tolerable misstatement (yuan)", yuan(sample.order.tolerable));
            row("发现的低估（元，单独评价）", "understatement found (yuan, apart)", yuan(under.known));
            row("推断低估（元）", "projected understatement (yuan)", yuan(under.projected));
            out += &errors(over, lang);
            out += &errors(under, lang);
        }
        Some(Figures::Attribute { deviating, upper_count, upper_rate, endless_rate }) => {
            let numbers: Vec<String> = deviating.iter().map(ToString::to_string).collect();
            row("偏差数", "deviations", format!("{} ({})", deviating.len(), numbers.join(", ")));
            row("偏差上限（项）", "upper limit (items)", upper_count.to_string());
            row("偏差率上限（%）", "upper deviation rate (%)", upper_rate.to_string());
            row(
                "偏差率上限（%，按二项分布）",
                "upper deviation rate (%, Clopper-Pearson)",
                endless_rate.to_string(),
            );
            row("可容忍偏差率（%）", "tolerable deviation rate (%)", sample.order.tolerable.to_string());
        }
    }
    let (zh, en) = match evaluation.verdict {
        Verdict::Supported => (
            "上限不超过可容忍水平：样本支持总体。",
            "The limit is tolerable: the sample supports the population.",
        ),
        Verdict::Exceeded => (
            "上限超过可容忍水平：样本不支持总体，需扩大审查或调整。",
            "The limit is more than is tolerable: the sample does not support the population; examine more, or have it corrected.",
        ),
        Verdict::Open => {
            ("尚有项目未审查，不作结论。", "Items are still to be examined: there is no conclusion.")
        }
    };
    printable(&format!("{out}{}\n", lang.of(zh, en)))
}

fn errors(found: &Misstatement, lang: Lang) -> String {
    let line = |error: &crate::sample::monetary::Error| {
        format!(
            "  {:>4}  {} → {}  {} {}  {} {}\n",
            error.number,
            money::wire(error.book),
            money::wire(error.audited),
            lang.of("污染率", "taint"),
            error.taint.round_dp(6).normalize(),
            lang.of("推断", "projected"),
            yuan(error.projected),
        )
    };
    found.errors.iter().map(line).collect()
}

/// What is wrong with a worksheet, one line each.
#[must_use]
pub fn faults_text(faults: &[Fault], lang: Lang) -> String {
    let lines = faults.iter().take(MOST).map(|fault| format!("{}: {}", fault.at, lang.say(&fault.message)));
    let more = (faults.len() > MOST).then(|| format!("… {}", faults.len() - MOST));
    printable(&lines.chain(more).collect::<Vec<_>>().join("\n"))
}

fn yuan(amount: Decimal) -> String {
    money::wire(fen(amount))
}
