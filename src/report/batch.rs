//! Several cases together: a list to begin with, worst first.

use maud::html;

use crate::model::case::Examination;

use super::{Lang, html as page, json, terms, text, words};

/// The reports of several cases as one JSON array, in the order given.
pub fn batch_json(cases: &[Examination]) -> Result<String, serde_json::Error> {
    let reports: Vec<_> = cases.iter().map(json::examination).collect();
    Ok(serde_json::to_string_pretty(&reports)? + "\n")
}

/// The cases from worst to best; those of one outcome in the order given.
fn worst_first(cases: &[Examination]) -> Vec<(usize, &Examination)> {
    let mut sorted: Vec<_> = cases.iter().enumerate().collect();
    sorted.sort_by_key(|(_, case)| std::cmp::Reverse(case.outcome));
    sorted
}

/// A line for each case, worst first.
#[must_use]
pub fn batch_text(cases: &[Examination], lang: Lang, colour: bool) -> String {
    worst_first(cases).into_iter().map(|(_, case)| text::line(case, lang, colour) + "\n").collect()
}

/// A table of the cases, worst first. `link` gives the address of a case's own report from its index.
#[must_use]
pub fn batch_html(cases: &[Examination], link: &dyn Fn(usize) -> String, lang: Lang) -> String {
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
            div.scroll { table.batch {
                thead { tr {
                    th { (lang.of("结论", "Outcome")) }
                    th { (lang.of("申报", "Case")) }
                    th { (lang.of("类别", "Category")) }
                    @for outcome in words::WORST_FIRST { th.number { (words::outcome(outcome, lang)) } }
                    th.number { (lang.of("读取问题", "Problems")) }
                    th { (lang.of("首要事项", "First of all")) }
                } }
                tbody {
                    @for (at, case) in worst_first(cases) {
                        tr {
                            td { (page::badge(case.outcome, lang)) }
                            td {
                                a href=(link(at)) { (words::title(case)) }
                                div.faint.mono { (case.id) }
                            }
                            td { @if let Some(category) = &case.category { (terms::category(category, lang)) } }
                            @for outcome in words::WORST_FIRST {
                                @let count = words::count(case, outcome);
                                td.number.zero[count == 0] { (count) }
                            }
                            td.number.zero[case.problems.is_empty()] { (case.problems.len()) }
                            td.first { @if let Some(first) = words::open(case).first() {
                                span.mono { (first.code) } " " (lang.say(&first.message))
                            } }
                        }
                    }
                }
            } }
        }
    };
    page::shell(title, &body, lang)
}
