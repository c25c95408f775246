//! Several cases together: a list to begin with, worst first.
//!
//! A list needs little of each case, its [`Summary`]; the cases themselves are let go one by one.

use std::{
    collections::BTreeMap,
    io::{self, Write},
};

use maud::html;
use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};

use crate::model::{
    case::Examination,
    finding::{Message, Outcome},
    value::money,
};

use super::{Lang, html as page, terms, text, words};

/// What a list of cases shows of one.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Summary {
    /// The case's identifier.
    pub id: String,
    /// What it is called: its applicant, else its folder.
    pub title: String,
    /// Declared category.
    pub category: Option<String>,
    /// How it ended.
    pub outcome: Outcome,
    /// How many findings ended how.
    pub counts: BTreeMap<Outcome, usize>,
    /// How much could not be read or understood.
    pub problems: usize,
    /// The findings that need a look, worst first.
    pub open: Vec<Open>,
}

/// A finding that needs a look.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Open {
    /// The rule's code.
    pub code: String,
    /// How it ended.
    pub outcome: Outcome,
    /// What to tell the reviewer.
    pub message: Message,
    /// Found minus declared, in yuan.
    pub difference: Option<Decimal>,
}

impl Summary {
    /// What a list shows of a case.
    #[must_use]
    pub fn of(case: &Examination) -> Self {
        let open = words::open(case).into_iter().map(|finding| Open {
            code: finding.code.clone(),
            outcome: finding.outcome,
            message: finding.message.clone(),
            difference: finding.difference,
        });
        Self {
            id: case.id.clone(),
            title: words::title(case).to_owned(),
            category: case.category.clone(),
            outcome: case.outcome,
            counts: Outcome::ALL.map(|outcome| (outcome, words::count(case, outcome))).into(),
            problems: case.problems.len(),
            open: open.collect(),
        }
    }

    pub(super) fn count(&self, outcome: Outcome) -> usize {
        self.counts.get(&outcome).copied().unwrap_or_default()
    }

    /// The largest amount by which something differs from what was declared, in yuan.
    fn amount(&self) -> Decimal {
        self.open.iter().filter_map(|open| open.difference).map(|one| one.abs()).max().unwrap_or_default()
    }
}

/// Writes the reports of several cases as one JSON array, in the order given, each as it was written
/// for itself. Only one of them is in memory at a time.
///
/// # Errors
///
/// Where a report cannot be had or the array cannot be written.
pub fn batch_json(reports: impl Iterator<Item = io::Result<String>>, to: &mut impl Write) -> io::Result<()> {
    to.write_all(b"[")?;
    let mut any = false;
    for report in reports {
        to.write_all(if any { b",\n" } else { b"\n" })?;
        any = true;
        for (at, line) in report?.trim_end().lines().enumerate() {
            to.write_all(if at == 0 { b"  " } else { b"\n  " })?;
            to.write_all(line.as_bytes())?;
        }
    }
    to.write_all(if any { b"\n]\n" } else { b"]\n" })
}

/// The cases from worst to best; those of one outcome in the order given.
fn worst_first(cases: &[Summary]) -> Vec<(usize, &Summary)> {
    let mut sorted: Vec<_> = cases.iter().enumerate().collect();
    sorted.sort_by_key(|(_, case)| std::cmp::Reverse(case.outcome));
    sorted
}

/// A line for each case, worst first.
#[must_use]
pub fn batch_text(cases: &[Summary], lang: Lang, colour: bool) -> String {
    worst_first(cases).into_iter().map(|(_, case)| text::line(case, lang, colour) + "\n").collect()
}

/// Sorts the table by the head that is clicked, and leaves the rows that are asked for.
const SCRIPT: &str = include_str!("html/batch.js");

/// A table of the cases, worst first, that can be sorted and filtered. `link` gives the address of a
/// case's own report from its index.
#[must_use]
pub fn batch_html(cases: &[Summary], link: &dyn Fn(usize) -> String, lang: Lang) -> String {
    let title = lang.of("核验结果一览", "Cases at a glance");
    let body = html! {
        header.top {
            p.kind { (lang.of("材料核验 · 批次", "Evidence verification · batch")) }
            h1 { (title) }
            p.lead {
                @match lang { Lang::Zh => { "共 " (cases.len()) " 个申报，最需要看的在前。" } Lang::En => { (cases.len()) " cases, worst first." } }
            }
        }
        main {
            (wanted(cases, lang))
            div.scroll { table.batch {
                thead { tr {
                    th { (lang.of("结论", "Outcome")) }
                    th { (lang.of("申报", "Case")) }
                    th { (lang.of("类别", "Category")) }
                    @for outcome in words::WORST_FIRST { th.number { (words::outcome(outcome, lang)) } }
                    th.number { (lang.of("读取问题", "Problems")) }
                    th.number { (lang.of("最大差额", "Largest difference")) }
                    th { (lang.of("首要事项", "First of all")) }
                } }
                tbody {
                    @for (place, (at, case)) in worst_first(cases).into_iter().enumerate() {
                        @let codes: Vec<&str> = case.open.iter().map(|open| open.code.as_str()).collect();
                        tr data-outcome=(case.outcome.name()) data-rules=(codes.join(" ")) data-amount=(case.amount()) {
                            td data-sort=(place) { (page::badge(case.outcome, lang)) }
                            td {
                                a href=(link(at)) { (case.title) }
                                div.faint.mono { (case.id) }
                            }
                            td { @if let Some(category) = &case.category { (terms::category(category, lang)) } }
                            @for outcome in words::WORST_FIRST {
                                @let count = case.count(outcome);
                                td.number.zero[count == 0] data-sort=(count) { (count) }
                            }
                            td.number.zero[case.problems == 0] data-sort=(case.problems) { (case.problems) }
                            td.number data-sort=(case.amount()) {
                                @if !case.amount().is_zero() { (words::grouped(&money::wire(case.amount()))) }
                            }
                            td.first { @if let Some(first) = case.open.first() {
                                span.mono { (first.code) } " " (lang.say(&first.message))
                            } }
                        }
                    }
                }
            } }
        }
    };
    page::shell(title, &body, SCRIPT, lang)
}

/// What can be asked for: an outcome, a rule with something to look at, and a least difference.
fn wanted(cases: &[Summary], lang: Lang) -> maud::Markup {
    let mut rules: BTreeMap<&str, usize> = BTreeMap::new();
    for open in cases.iter().flat_map(|case| &case.open) {
        *rules.entry(&open.code).or_default() += 1;
    }
    html! {
        form.wanted {
            label {
                (lang.of("结论", "Outcome")) " "
                select name="outcome" {
                    option value="" { (lang.of("全部", "all")) }
                    @for outcome in words::WORST_FIRST {
                        @let count = cases.iter().filter(|case| case.outcome == outcome).count();
                        @if count > 0 { option value=(outcome.name()) { (words::outcome(outcome, lang)) " (" (count) ")" } }
                    }
                }
            }
            label {
                (lang.of("规则", "Rule")) " "
                select name="rule" {
                    option value="" { (lang.of("全部", "all")) }
                    @for (code, count) in &rules { option value=(code) { (code) " (" (count) ")" } }
                }
            }
            label {
                (lang.of("差额不少于（元）", "Difference of at least (yuan)")) " "
                input name="least" type="number" min="0" step="any";
            }
            span { output { (cases.len()) } " " (lang.of("个申报", "cases")) }
        }
    }
}
