//! A finding as a card: the verdict, what differs, why, the clause, and the places.

use maud::{Markup, html};

use crate::model::{finding::Finding, value::money};

use super::{Desk, badge, evidence};
use crate::report::{Lang, terms, words};

/// A finding that needs a look.
pub(super) fn card(desk: Desk<'_>, finding: &Finding) -> Markup {
    let lang = desk.lang;
    html! {
        article.card data-outcome=(finding.outcome.name()) {
            div.head {
                (badge(finding.outcome, lang))
                span.code { (finding.code) }
                span.severity data-severity=(finding.severity.name()) { (words::severity(finding.severity, lang)) }
                span.rule { (finding.rule) }
            }
            h3 { (lang.say(&finding.message)) }
            (compared(finding, lang))
            (explained(desk, finding))
            (reasons(desk, finding))
            (clause(finding, lang))
            @let searched = terms::searched(&finding.searched, lang);
            @if !searched.is_empty() {
                details.fold {
                    summary { (searched) }
                    ul.faint { @for file in &finding.searched { li { (file) } } }
                }
            }
            (evidence::all(desk, &desk.index.of_finding(finding)))
        }
    }
}

/// A clause that a person has to judge.
pub(super) fn judgement(desk: Desk<'_>, finding: &Finding) -> Markup {
    let lang = desk.lang;
    html! {
        article.card.judgement {
            div.head { (badge(finding.outcome, lang)) span.code { (finding.code) } span.rule { (finding.rule) } }
            h3 { (lang.say(&finding.message)) }
            (reasons(desk, finding))
            (clause(finding, lang))
            (evidence::all(desk, &desk.index.of_finding(finding)))
        }
    }
}

/// A row for a finding that needs no look.
pub(super) fn settled(desk: Desk<'_>, finding: &Finding) -> Markup {
    let lang = desk.lang;
    html! {
        tr {
            td.code { (finding.code) }
            td.nowrap { (finding.clause.number) }
            td {
                (lang.say(&finding.message))
                @for note in &finding.notes { div.faint { (terms::reason(note, &desk.case.reasons, lang).unwrap_or_else(|| note.clone())) } }
            }
            td.amounts {
                @if let Some(found) = &finding.found { (words::shown(found)) }
                @else if let Some(declared) = &finding.declared { (words::shown(declared)) }
            }
            td.faint { (evidence::places(desk, &desk.index.of_finding(finding))) }
        }
    }
}

fn compared(finding: &Finding, lang: Lang) -> Markup {
    let sides =
        [(lang.of("申报", "Declared"), &finding.declared), (lang.of("查得", "Found"), &finding.found)];
    html! {
        @if finding.declared.is_some() || finding.found.is_some() {
            dl.compared {
                @for (name, side) in sides {
                    div {
                        dt { (name) }
                        dd {
                            @match side {
                                Some(value) => {
                                    (words::shown(value))
                                    @if value.unit.as_deref() == Some("元")
                                        && let Some(wan) = money::parse_figures(&value.value).and_then(words::in_wan) {
                                        small { (wan) }
                                    }
                                }
                                None => span.faint { (lang.of("没有", "none")) },
                            }
                        }
                    }
                }
                @if let Some(difference) = finding.difference {
                    div.difference {
                        dt { (lang.of("相差（查得 − 申报）", "Difference (found − declared)")) }
                        dd {
                            (words::difference(difference))
                            @if let Some(wan) = words::in_wan(difference) { small { (wan) } }
                        }
                    }
                }
            }
        }
    }
}

fn explained(desk: Desk<'_>, finding: &Finding) -> Markup {
    let lang = desk.lang;
    html! {
        @if !finding.explanation.is_empty() {
            table.explained {
                caption { (lang.of("未计入或单列的条目", "Items set apart")) }
                tbody {
                    @for reason in &finding.explanation {
                        tr {
                            td {
                                (terms::explanation(&reason.kind, lang))
                                @if let Some(place) = &reason.elsewhere { div.elsewhere { "→ " (place) } }
                                @let alternatives = terms::alternatives(&reason.alternatives, lang);
                                @if !alternatives.is_empty() { div.elsewhere { (alternatives) } }
                            }
                            td.number { @if let Some(amount) = reason.amount { (words::yuan(amount)) } }
                            td.faint { (evidence::places(desk, &desk.index.of_ids(&reason.evidence))) }
                        }
                    }
                }
            }
        }
    }
}

fn reasons(desk: Desk<'_>, finding: &Finding) -> Markup {
    let lang = desk.lang;
    let line = |code: &str, is_note: bool| {
        html! {
            li.note[is_note] {
                @if is_note { span.tag { (lang.of("附注", "note")) } " " }
                @if let Some(words) = terms::reason(code, &desk.case.reasons, lang) { (words) " " }
                code { (code) }
            }
        }
    };
    html! {
        @if !finding.reasons.is_empty() || !finding.notes.is_empty() {
            ul.reasons {
                @for code in &finding.reasons { (line(code, false)) }
                @for code in &finding.notes { (line(code, true)) }
            }
        }
    }
}

fn clause(finding: &Finding, lang: Lang) -> Markup {
    html! {
        @if !finding.clause.number.is_empty() || !finding.clause.text.is_empty() {
            blockquote {
                cite { (lang.of("依据 ", "Clause ")) (finding.clause.number) }
                @if !finding.clause.text.is_empty() { q { (finding.clause.text) } }
            }
        }
    }
}
