//! The report for a reviewer's desk: one file that opens offline, with the places on the pages.
//!
//! Everything that comes from documents is text to maud, which escapes it, and the page forbids
//! itself to load or run anything from elsewhere.

mod documents;
mod evidence;
mod finding;

use base64::{Engine as _, engine::general_purpose::STANDARD};
use maud::{DOCTYPE, Markup, PreEscaped, html};
use sha2::{Digest, Sha256};

use crate::model::{
    case::Examination,
    finding::{Finding, Outcome},
};

use super::{Crops, Lang, cited::Index, terms, words};

const STYLE: &str = include_str!("style.css");

/// Opens what is folded before printing, for browsers whose style sheets cannot.
const SCRIPT: &str =
    "addEventListener('beforeprint',()=>document.querySelectorAll('details').forEach(d=>d.open=true))";

/// Allows the page's own style and script and nothing else.
fn policy(script: &str) -> String {
    let hash = STANDARD.encode(Sha256::digest(script));
    format!("default-src 'none'; img-src data:; style-src 'unsafe-inline'; script-src 'sha256-{hash}'")
}

/// Everything a part of the page needs to know.
#[derive(Clone, Copy)]
struct Desk<'a> {
    case: &'a Examination,
    index: &'a Index<'a>,
    crops: Crops<'a>,
    lang: Lang,
}

/// An examination as one HTML file.
#[must_use]
pub fn page(case: &Examination, lang: Lang, crops: Crops<'_>) -> String {
    let index = Index::of(case);
    let desk = Desk { case, index: &index, crops, lang };
    let open = words::open(case);
    let body = html! {
        (header(desk))
        main {
            @if !open.is_empty() {
                section {
                    h2 { (lang.of("需要处理的事项", "What needs a look")) " " span.faint { (open.len()) } }
                    @for item in &open { (finding::card(desk, item)) }
                }
            } @else if case.problems.is_empty() {
                p.calm { (lang.of("没有需要处理的事项：所有适用的条款均符合。", "Nothing needs a look: every clause that applies is met.")) }
            }
            @if !case.judgement.is_empty() {
                section {
                    h2 { (lang.of("需要人来判断的条款", "Clauses a person has to judge")) " " span.faint { (case.judgement.len()) } }
                    p.faint { (lang.of("不计入结论。以下列出应看的内容和找到的材料。", "Outside the outcome: what to look at, and what was found.")) }
                    @for item in &case.judgement { (finding::judgement(desk, item)) }
                }
            }
            (sums(desk))
            (settled(desk, Outcome::Pass))
            (settled(desk, Outcome::NotApplicable))
            (documents::problems(desk))
            (documents::papers(desk))
            (documents::not_checked(desk))
        }
        (footer(desk))
    };
    shell(words::title(case), &body, SCRIPT, lang)
}

/// The frame of a page: head, style, policy.
pub(super) fn shell(title: &str, body: &Markup, script: &str, lang: Lang) -> String {
    html! {
        (DOCTYPE)
        html lang=(lang.of("zh-CN", "en")) {
            head {
                meta charset="utf-8";
                meta http-equiv="Content-Security-Policy" content=(policy(script));
                meta name="viewport" content="width=device-width, initial-scale=1";
                title { (title) " · " (lang.of("核验报告", "heyan report")) }
                style { (PreEscaped(STYLE)) }
            }
            body { (body) script { (PreEscaped(script)) } }
        }
    }
    .into_string()
        + "\n"
}

/// The sums that should agree, side by side; those that differ from the first one of their row stand out.
fn sums(desk: Desk<'_>) -> Markup {
    let Desk { case, lang, .. } = desk;
    let sources: Vec<&str> = terms::SOURCES
        .iter()
        .map(|(source, ..)| *source)
        .filter(|source| case.sums.iter().any(|row| row.sums.contains_key(*source)))
        .collect();
    html! {
        @if !case.sums.is_empty() {
            section {
                h2 { (lang.of("金额对照", "Sums side by side")) }
                div.scroll { table.fields {
                    thead { tr {
                        th { (lang.of("项目", "part")) }
                        @for source in &sources { th.number { (terms::source(source, lang)) } }
                    } }
                    tbody { @for row in &case.sums { tr {
                        td { (terms::part(&row.part, lang)) }
                        @for source in &sources { td.number {
                            @match row.sums.get(*source) {
                                Some(sum) => { (words::yuan(*sum)) }
                                None => { "–" }
                            }
                        } }
                    } } }
                } }
            }
        }
    }
}

/// An outcome as mark and word, on its colour.
pub(super) fn badge(outcome: Outcome, lang: Lang) -> Markup {
    html! {
        span.badge data-outcome=(outcome.name()) {
            span aria-hidden="true" { (words::mark(outcome)) } " " (words::outcome(outcome, lang))
        }
    }
}

fn header(desk: Desk<'_>) -> Markup {
    let Desk { case, lang, .. } = desk;
    html! {
        header.top data-outcome=(case.outcome.name()) {
            p.kind {
                (lang.of("材料核验报告", "Evidence verification report"))
                @if let Some(category) = &case.category { " · " (terms::category(category, lang)) }
            }
            h1 { (words::title(case)) }
            dl.facts {
                div { dt { (lang.of("案号", "Case")) } dd.mono { (case.id) } }
                @if let Some(uscc) = &case.applicant_uscc {
                    div { dt { (lang.of("统一社会信用代码", "Credit code")) } dd.mono { (uscc) } }
                }
                @if case.name != case.id { div { dt { (lang.of("材料", "Folder")) } dd { (case.name) } } }
                div { dt { (lang.of("核验基准日", "As of")) } dd.mono { (case.made_with.today) } }
            }
            div.verdict {
                div.outcome { (badge(case.outcome, lang)) }
                ul.counts {
                    @for outcome in words::WORST_FIRST {
                        @let count = words::count(case, outcome);
                        li.zero[count == 0] data-outcome=(outcome.name()) {
                            span.mark aria-hidden="true" { (words::mark(outcome)) }
                            b { (count) } " " (words::outcome(outcome, lang))
                        }
                    }
                }
            }
            @if !case.totals.is_empty() {
                dl.facts.totals {
                    @for (name, sum) in &case.totals {
                        div { dt { (terms::field(name, lang)) } dd.mono { (words::yuan(*sum)) } }
                    }
                }
            }
            p.faint { (lang.of(
                "「不符」是给复核人的建议，不是决定。每一项都附有材料上的位置，请对照判断。",
                "“Fail” is a recommendation to the reviewer, not a decision. Each finding shows where it stands on the page.",
            )) }
        }
    }
}

/// Findings that need no look, folded.
fn settled(desk: Desk<'_>, outcome: Outcome) -> Markup {
    let found: Vec<&Finding> = desk.case.findings.iter().filter(|item| item.outcome == outcome).collect();
    html! {
        @if !found.is_empty() {
            details.fold {
                summary { (badge(outcome, desk.lang)) " " (found.len()) }
                div.scroll { table.settled { tbody {
                    @for item in found { (finding::settled(desk, item)) }
                } } }
            }
        }
    }
}

fn footer(desk: Desk<'_>) -> Markup {
    let Desk { case, lang, .. } = desk;
    let made = &case.made_with;
    html! {
        footer {
            p {
                "heyan " (made.heyan) " · " (lang.of("规则包 ", "pack ")) (made.pack) " " (made.pack_version)
                " · " (lang.of("基准日 ", "as of ")) (made.today)
                @for (name, version) in &made.engines { " · " (name) " " (version) }
            }
            p { (lang.of("同样的材料、规则包和引擎版本，得到同样的报告。", "The same files, pack and engines give the same report.")) }
        }
    }
}
