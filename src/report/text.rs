//! Reports for a terminal: what needs a look, where it stands, and nothing that is in order.

use std::collections::BTreeSet;

use crate::model::{
    case::Examination,
    document::Document,
    fact::{Fact, Record},
    finding::{Finding, Outcome},
    paper::Paper,
    problem::Problem,
    value::Value,
};

use super::{
    Lang,
    batch::Summary,
    cited::{self, Index},
    signatures, terms, words,
};

/// Pieces of evidence printed for one finding; the rest is counted.
const MOST_EVIDENCE: usize = 20;

/// Items set apart that are printed for one finding; the rest is counted.
const MOST_APART: usize = 20;

/// The escape sequence of an outcome's colour.
const fn paint(outcome: Outcome) -> &'static str {
    match outcome {
        Outcome::Fail => "\u{1b}[1;31m",
        Outcome::MissingEvidence => "\u{1b}[1;35m",
        Outcome::ManualReview => "\u{1b}[1;33m",
        Outcome::Pass => "\u{1b}[1;32m",
        Outcome::NotApplicable => "\u{1b}[2m",
    }
}

fn painted(text: &str, outcome: Outcome, colour: bool) -> String {
    if colour { format!("{}{text}\u{1b}[0m", paint(outcome)) } else { text.to_owned() }
}

/// Text from documents on one line and printable.
fn tame(text: &str) -> String {
    printable(&text.split_whitespace().collect::<Vec<_>>().join(" "))
}

/// Text without what could move the cursor or turn the direction of what follows: control characters
/// other than line feeds, and overrides of direction.
#[must_use]
pub fn printable(text: &str) -> String {
    let turns = |c: char| matches!(c, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}');
    text.chars().filter(|c| *c == '\n' || !(c.is_control() || turns(*c))).collect()
}

/// One line for a case: mark, name, outcome and counts.
#[must_use]
pub fn line(case: &Summary, lang: Lang, colour: bool) -> String {
    let counts: Vec<String> = words::WORST_FIRST
        .into_iter()
        .map(|outcome| (outcome, case.count(outcome)))
        .filter(|(_, count)| *count > 0)
        .map(|(outcome, count)| format!("{} {count}", words::outcome(outcome, lang)))
        .collect();
    let verdict = format!("{} {}", words::mark(case.outcome), words::outcome(case.outcome, lang));
    format!(
        "{}  {}  {}  {}",
        painted(&verdict, case.outcome, colour),
        tame(&case.id),
        tame(&case.title),
        counts.join(lang.of(" · ", ", "))
    )
}

/// A case: its line, every finding that needs a look, and the problems.
#[must_use]
pub fn examination(case: &Examination, lang: Lang, colour: bool) -> String {
    let index = Index::of(case);
    let mut out = line(&Summary::of(case), lang, colour) + "\n";
    for found in words::open(case) {
        out.push('\n');
        finding(&mut out, found, case, &index, (lang, colour));
    }
    if !case.judgement.is_empty() {
        out += &format!("\n{}\n", lang.of("需要人来判断：", "For a person to judge:"));
        for item in &case.judgement {
            judgement(&mut out, item, case, (lang, colour));
        }
    }
    let signed = signatures_text(&case.documents, lang, false);
    if !signed.is_empty() {
        out += &format!("\n{}\n{signed}", lang.of("电子签名和印章：", "Signatures and seals:"));
    }
    if !case.problems.is_empty() {
        out += &format!("\n{}\n", lang.of("读取中的问题：", "Problems:"));
        case.problems.iter().for_each(|item| problem(&mut out, item, lang));
    }
    out
}

/// A line, and what is known of it where that can be said in words.
fn judgement(out: &mut String, item: &Finding, case: &Examination, (lang, colour): (Lang, bool)) {
    *out += &format!(
        "  {} {} {} {}\n",
        painted(words::mark(item.outcome), item.outcome, colour),
        item.code,
        item.clause.number,
        tame(lang.say(&item.message))
    );
    for words in
        item.reasons.iter().chain(&item.notes).filter_map(|reason| terms::reason(reason, &case.reasons, lang))
    {
        *out += &format!("      {words}\n");
    }
}

fn finding(
    out: &mut String,
    finding: &Finding,
    case: &Examination,
    index: &Index<'_>,
    (lang, colour): (Lang, bool),
) {
    let verdict = format!("{} {}", words::mark(finding.outcome), words::outcome(finding.outcome, lang));
    *out += &format!(
        "{}  {}  {}  {}\n",
        painted(&verdict, finding.outcome, colour),
        finding.code,
        finding.clause.number,
        tame(lang.say(&finding.message))
    );
    let mut compared = Vec::new();
    if let Some(declared) = &finding.declared {
        compared.push(format!("{} {}", lang.of("申报", "declared"), tame(&words::shown(declared))));
    }
    if let Some(found) = &finding.found {
        compared.push(format!("{} {}", lang.of("查得", "found"), tame(&words::shown(found))));
    }
    if let Some(difference) = finding.difference {
        compared.push(format!("{} {}", lang.of("相差", "difference"), words::difference(difference)));
    }
    if !compared.is_empty() {
        *out += &format!("    {}\n", compared.join(lang.of("　", "  ")));
    }
    for reason in finding.explanation.iter().take(MOST_APART) {
        let amount = reason.amount.map(|amount| format!(" {}", words::yuan(amount))).unwrap_or_default();
        let files: BTreeSet<&str> = index
            .of_ids(&reason.evidence)
            .iter()
            .map(|item| if item.paper.is_some() { item.file } else { lang.of("申报书", "declaration") })
            .collect();
        let files = files.into_iter().map(tame).collect::<Vec<_>>().join(", ");
        let elsewhere =
            reason.elsewhere.as_ref().map(|place| format!(" → {}", tame(place))).unwrap_or_default();
        let alternatives = match terms::alternatives(&reason.alternatives, lang) {
            none if none.is_empty() => none,
            some => format!(" · {some}"),
        };
        let kind = terms::explanation(&reason.kind, lang);
        *out += &format!("    = {kind}{amount}  [{files}]{elsewhere}{alternatives}\n");
    }
    if let Some(rest) = finding.explanation.len().checked_sub(MOST_APART).filter(|rest| *rest > 0) {
        *out += &match lang {
            Lang::Zh => format!("    = 另有 {rest} 项\n"),
            Lang::En => format!("    = and {rest} more\n"),
        };
    }
    for reason in finding.reasons.iter().chain(&finding.notes) {
        *out +=
            &format!("    {reason}  {}\n", terms::reason(reason, &case.reasons, lang).unwrap_or_default())
                .replace("  \n", "\n");
    }
    let cited = index.of_finding(finding);
    for item in cited.iter().take(MOST_EVIDENCE) {
        let raw = tame(&item.raw());
        let raw = if raw.is_empty() { lang.of("（未能读出）", "(unread)").to_owned() } else { raw };
        *out += &format!("    → {}  {}  {raw}\n", tame(&item.place(lang)), item.name(lang));
    }
    let searched = terms::searched(&finding.searched, lang);
    if !searched.is_empty() {
        *out += &format!("    → {searched}\n");
    }
    if cited.len() > MOST_EVIDENCE {
        let rest = cited.len() - MOST_EVIDENCE;
        *out += &match lang {
            Lang::Zh => format!("    → 另有 {rest} 处\n"),
            Lang::En => format!("    → and {rest} more\n"),
        };
    }
}

fn problem(out: &mut String, problem: &Problem, lang: Lang) {
    let page = match (problem.page, lang) {
        (Some(page), Lang::Zh) => format!(" 第 {page} 页"),
        (Some(page), Lang::En) => format!(" page {page}"),
        (None, _) => String::new(),
    };
    let file = tame(&problem.file);
    let file = if file.is_empty() { lang.of("（全案）", "(case)") } else { &file };
    *out += &format!("  ! {file}{page}  {}  {}\n", problem.code, tame(lang.say(&problem.message)));
}

/// The signatures of files, and what was found of each; nothing where nothing is signed. With
/// `remarks` also what files say about themselves that may be worth a look.
#[must_use]
pub fn signatures_text(documents: &[Document], lang: Lang, remarks: bool) -> String {
    let mut out = String::new();
    for document in documents {
        let lines = signatures::lines(document, lang);
        let said = document.properties.remarks.iter().filter(|_| remarks);
        let said = said.map(|remark| format!("· {}", lang.say(remark)));
        let lines: Vec<String> = lines.into_iter().chain(said).collect();
        if !lines.is_empty() {
            out += &format!("  {}\n", tame(&document.name));
        }
        for line in lines {
            out += &format!("    {}\n", printable(&line.replace('\n', " ")));
        }
    }
    out
}

/// What `heyan extract` prints: each document with its fields and where they stand.
#[must_use]
pub fn papers_text(papers: &[Paper], lang: Lang, colour: bool) -> String {
    let mut out = String::new();
    for paper in papers {
        if !out.is_empty() {
            out.push('\n');
        }
        let (first, last) = paper.pages;
        let pages = if first == last { first.to_string() } else { format!("{first}–{last}") };
        let pages = match lang {
            Lang::Zh => format!("第 {pages} 页"),
            Lang::En => format!("page {pages}"),
        };
        let title = format!("{} {pages}", tame(&paper.file));
        let title = if colour { format!("\u{1b}[1m{title}\u{1b}[0m") } else { title };
        out += &format!(
            "{title}  {} ({})  {:.2}\n",
            terms::document_type(&paper.document_type, lang),
            paper.document_type,
            paper.type_confidence
        );
        paper.record.for_each("", &mut |path, fact| field(&mut out, &path, fact, lang, colour));
        paper.problems.iter().for_each(|item| problem(&mut out, item, lang));
    }
    out
}

/// What a form declares: each value with its place, line by line.
#[must_use]
pub fn record_text(record: &Record, lang: Lang, colour: bool) -> String {
    let mut out = String::new();
    record.for_each("", &mut |path, fact| field(&mut out, &path, fact, lang, colour));
    out
}

/// How many places of a value are named; a sum may have been computed from thousands.
const PLACES: usize = 3;

fn field(out: &mut String, path: &str, fact: &Fact, lang: Lang, colour: bool) {
    let value = match &fact.value {
        Some(value) => tame(&value.wire()),
        None => {
            let why = format!("{} {}", lang.of("未读出", "unread"), fact.problem.unwrap_or_default());
            painted(why.trim_end(), Outcome::ManualReview, colour)
        }
    };
    let anchors = &fact.evidence.anchors;
    let mut places: Vec<String> =
        anchors.iter().take(PLACES).map(|anchor| tame(&cited::place(anchor, lang))).collect();
    if let Some(more) = anchors.len().checked_sub(PLACES + 1) {
        places.push(match lang {
            Lang::Zh => format!("另有 {} 处", more + 1),
            Lang::En => format!("{} more", more + 1),
        });
    }
    *out += &format!("  {path} = {value}  [{}]  {:.2}\n", places.join(", "), fact.evidence.confidence);
    for reading in &fact.evidence.readings {
        if reading.differs_from(fact) {
            let read = reading.value.as_ref().map_or_else(|| "–".to_owned(), Value::wire);
            let line = format!("    ≠ {} {}", reading.by, tame(&read));
            *out += &(painted(&line, Outcome::ManualReview, colour) + "\n");
        }
    }
}
