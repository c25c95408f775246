//! The lower part of the page: the documents with their fields, problems, and what was not checked.

use maud::{Markup, html};

use crate::{
    model::{fact::Fact, paper::Paper},
    report::{cited, cited::document_of, json::document_key, signatures, terms, words},
};

use super::Desk;

/// What could not be read or understood.
pub(super) fn problems(desk: Desk<'_>) -> Markup {
    let lang = desk.lang;
    html! {
        @if !desk.case.problems.is_empty() {
            section {
                h2 { (lang.of("读取中的问题", "Problems in reading")) " " span.faint { (desk.case.problems.len()) } }
                p.faint { (lang.of("读不出不等于不符：与之有关的事项保持待定。", "Unread is not a mismatch: what hangs on it stays open.")) }
                ul.problems { @for problem in &desk.case.problems {
                    li {
                        span.mark aria-hidden="true" { "!" } " "
                        @if problem.file.is_empty() { span.file { (lang.of("全案", "whole case")) } }
                        @else { span.file { (problem.file) } }
                        @if let Some(page) = problem.page {
                            @match lang { crate::report::Lang::Zh => { " 第 " (page) " 页" } crate::report::Lang::En => { " page " (page) } }
                        }
                        div { (lang.say(&problem.message)) " " code { (problem.code) } }
                    }
                } }
            }
        }
    }
}

/// Every document that was found, with its fields folded.
pub(super) fn papers(desk: Desk<'_>) -> Markup {
    let lang = desk.lang;
    let is_unread = |document: &&crate::model::document::Document| {
        document.parts.is_empty() && !desk.case.papers.iter().any(|paper| paper.file == document.name)
    };
    html! {
        section {
            h2 { (lang.of("材料清单", "Documents")) " " span.faint { (desk.case.papers.len()) } }
            @for (at, paper) in desk.case.papers.iter().enumerate() {
                details.paper {
                    summary {
                        span.key { (document_key(at)) }
                        span.type { (terms::document_type(&paper.document_type, lang)) }
                        span.file { (paper.file) }
                        span.faint { (pages(desk, paper)) }
                        @if !paper.problems.is_empty() { span.doubt { "! " (paper.problems.len()) } }
                    }
                    (fields(desk, paper))
                }
            }
            @for document in desk.case.documents.iter().filter(is_unread) {
                p.paper.bare {
                    span.type { (lang.of("没有识别出内容", "nothing recognised")) } " "
                    span.file { (document.name) } " " span.faint { (document.format.name()) }
                }
            }
        }
    }
}

fn pages(desk: Desk<'_>, paper: &Paper) -> String {
    let (first, last) = paper.pages;
    let range = if first == last { first.to_string() } else { format!("{first}–{last}") };
    match desk.lang {
        crate::report::Lang::Zh => format!("第 {range} 页 · {}", paper.format.name()),
        crate::report::Lang::En => format!("page {range} · {}", paper.format.name()),
    }
}

fn fields(desk: Desk<'_>, paper: &Paper) -> Markup {
    let lang = desk.lang;
    let mut rows: Vec<(String, &Fact)> = Vec::new();
    paper.record.for_each("", &mut |path, fact| rows.push((path, fact)));
    html! {
        @if let Some(document) = document_of(paper, &desk.case.documents) {
            (signatures::list(document, lang))
            @for remark in &document.properties.remarks { p.faint { (lang.say(remark)) } }
        }
        @for problem in &paper.problems { p.doubt { "! " (lang.say(&problem.message)) " " code { (problem.code) } } }
        @if rows.is_empty() { p.faint { (lang.of("没有取得字段。", "No fields were found.")) } }
        @else {
            div.scroll { table.fields {
                thead { tr {
                    th { (lang.of("内容", "Field")) }
                    th { (lang.of("值", "Value")) }
                    th { (lang.of("位置", "Place")) }
                    th.number { (lang.of("识读把握", "Confidence")) }
                } }
                tbody { @for (path, fact) in rows {
                    tr {
                        td { (terms::field(&path, lang)) }
                        td { @match &fact.value {
                            Some(value) => { (words::value(value)) }
                            None => span.doubt { (lang.of("未能读出", "unread")) " " (fact.problem.unwrap_or_default()) },
                        }
                        @for other in &fact.evidence.readings {
                            @if other.differs_from(fact) { div.doubt {
                                "≠ " (terms::reader(other.by, lang)) " "
                                (other.value.as_ref().map_or_else(|| "–".to_owned(), words::value))
                            } }
                        } }
                        td.faint { @if let Some(anchor) = fact.evidence.anchors.first() { (cited::place(anchor, lang)) } }
                        td.number { (format!("{:.0}%", fact.evidence.confidence * 100.0)) }
                    }
                } }
            } }
        }
    }
}

/// What no offline check can tell.
pub(super) fn not_checked(desk: Desk<'_>) -> Markup {
    html! {
        @if !desk.case.not_checked.is_empty() {
            section.unchecked {
                h2 { (desk.lang.of("没有核验的内容", "What was not checked")) }
                ul { @for message in &desk.case.not_checked { li { (desk.lang.say(message)) } } }
            }
        }
    }
}
