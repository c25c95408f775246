//! A typed document to facts, each with the place where it stands.

mod choice;
mod clear;
mod content;
mod currency;
pub mod custom;
pub mod declaration;
mod doubt;
mod footing;
mod form;
mod heading;
mod joined;
mod kind;
mod locate;
mod merge;
mod payload;
mod periods;
mod reach;
mod rows;
mod sheet;

use crate::{
    model::{
        document::{Document, Format},
        fact::{Fact, Record},
        paper::Paper,
        problem::Problem,
        segment::Segment,
        support::FLAWS,
    },
    rulebook::types::{DocumentType, Kind},
};

use form::Filled;
pub use kind::reread_as;
use merge::Merged;

/// What classification calls a stretch of no known type.
const OTHER: &str = "other";

/// Reads the facts of all documents of a file: what its data says, and what its pages say.
#[must_use]
pub fn papers(document: &Document, segments: &[Segment], types: &[DocumentType]) -> Vec<Paper> {
    let mut segments = segments.to_vec();
    let mut told = payload::Assigned::of(document, &mut segments, types);
    let mut papers: Vec<Paper> = (0..)
        .zip(&segments)
        .map(|(at, segment)| {
            let kind = types.iter().find(|kind| kind.id == segment.document_type);
            paper(document, segment, kind, told.take(at))
        })
        .collect();
    for (kind, record) in told.alone {
        let confidence = payload::TYPE_CONFIDENCE;
        let segment = Segment { document_type: kind.id.clone(), confidence, slices: Vec::new() };
        papers.push(paper(document, &segment, Some(kind), Some(record)));
    }
    if papers.is_empty() && document.format == Format::Xml && !document.payloads.is_empty() {
        papers.push(unknown_data(document));
    }
    papers
}

/// Reads the facts of one document of a file from its pages alone.
#[must_use]
pub fn extract(document: &Document, segment: &Segment, types: &[DocumentType]) -> Paper {
    let kind = types.iter().find(|kind| kind.id == segment.document_type);
    paper(document, segment, kind, None)
}

/// Something independent of how and where a value was read says the same.
fn confirm(fact: &mut Fact) {
    confirm_figures(fact);
    fact.evidence.clear = true;
}

/// Other figures fit a value's: they are no other ones, whatever they are meant for.
fn confirm_figures(fact: &mut Fact) {
    fact.evidence.confidence = fact.evidence.confidence.max(payload::EXACT);
    if fact.problem.is_some_and(|problem| FLAWS.contains(&problem)) {
        fact.problem = None;
    }
}

/// What the pages of a document say.
fn located(kind: &DocumentType, document: &Document, segment: &Segment) -> Filled {
    if kind.form {
        return form::pages(kind, document, segment);
    }
    let mut record = Record::default();
    locate::fields(kind, segment, &mut record);
    for list in &kind.rows {
        let found = rows::rows(list, segment);
        for (name, records) in [(Some(&list.name), found.lines), (list.sums.as_ref(), found.sums)] {
            if let (Some(name), false) = (name, records.is_empty()) {
                record.rows.insert(name.clone(), records);
            }
        }
    }
    custom::run(kind, segment, &mut record);
    Filled { record, problems: Vec::new() }
}

fn paper(document: &Document, segment: &Segment, kind: Option<&DocumentType>, told: Option<Merged>) -> Paper {
    let mut merged = told.unwrap_or_default();
    let mut problems = Vec::new();
    if let Some(kind) = kind {
        let located = located(kind, document, segment);
        problems.extend(located.problems.into_iter().map(|problem| problem.at(&document.name)));
        let mut say = |problem: Problem| {
            let page = problem.page.unwrap_or_else(|| first_page(segment));
            problems.push(problem.at(&document.name).on_page(page));
        };
        merge::merge(&mut merged, located.record, kind);
        let from_abroad = kind.fields.iter().any(|field| field.kind == Kind::MoneyAbroad);
        currency::mark_foreign(&mut merged.record, from_abroad);
        for list in &merged.differing {
            say(Problem::new(
                "rows-differ",
                format!("{}：随附数据与页面的明细（{list}）行数不同，未逐行核对；请核对明细", kind.title),
                format!(
                    "{}: the data and the page have different numbers of {list}, which were not compared row by row; check them",
                    kind.id
                ),
            ));
        }
        for by in &merged.disbelieved {
            say(Problem::new(
                "checksum-wrong",
                format!("{}：{by} 中的数据校验码不符，未采信；请查验原件", kind.title),
                format!(
                    "{}: the checksum of the data in its {by} is wrong, and nothing was taken from it; check the original",
                    kind.id
                ),
            ));
        }
        for field in kind.missing(segment, &merged.record) {
            say(Problem::new(
                "field-not-found",
                format!("{}：没有找到字段 {}", kind.title, field.name),
                format!("{}: the field {} was not found", kind.id, field.name),
            ));
        }
        for problem in footing::problems(kind, &merged.record) {
            say(problem);
        }
        if is_several(kind, segment) {
            say(Problem::new(
                "several-documents",
                format!("{}：这里似乎不止一份，只读出了第一份", kind.title),
                format!("{}: there seem to be several here, of which only the first was read", kind.id),
            ));
        }
    }
    Paper {
        file: document.name.clone(),
        document: document.id.clone(),
        format: document.format,
        pages: (first_page(segment), segment.slices.last().map_or(1, |slice| slice.page)),
        document_type: segment.document_type.clone(),
        type_confidence: segment.confidence,
        record: merged.record,
        problems,
        assumed_dpi: document.pages.iter().any(|page| page.assumed_dpi),
        content: content::of(document, segment),
    }
}

/// Data that no document type knows.
fn unknown_data(document: &Document) -> Paper {
    let kinds: Vec<&str> = document.payloads.iter().map(|payload| payload.kind.as_str()).collect();
    let kinds = kinds.join(", ");
    let nothing = Segment { document_type: "other".to_owned(), confidence: 0.0, slices: Vec::new() };
    let mut paper = paper(document, &nothing, None, None);
    paper.problems.push(
        Problem::new(
            "data-not-understood",
            format!("结构化数据（{kinds}）不是已知的票据格式，未提取字段；请提交版式文件（PDF 或 OFD）"),
            format!(
                "the data ({kinds}) is of no known kind and nothing was taken from it; hand in the PDF or OFD"
            ),
        )
        .at(&document.name),
    );
    paper
}

/// Whether something stands twice that one document of the type prints once.
fn is_several(kind: &DocumentType, segment: &Segment) -> bool {
    let rows = segment.slices.iter().flat_map(|slice| &slice.rows);
    kind.once.as_ref().is_some_and(|once| rows.filter(|row| once.is_match(&row.text)).count() > 1)
}

fn first_page(segment: &Segment) -> u32 {
    segment.slices.first().map_or(1, |slice| slice.page)
}

/// Reads the facts of a workbook or separated text whose columns a document type knows, or which is a form as
/// a whole.
#[must_use]
pub fn extract_sheets(document: &Document, types: &[DocumentType]) -> Vec<Paper> {
    match form::workbook(document, types) {
        Some((kind, sure)) => vec![of_workbook(document, kind, sure)],
        None => sheet::papers(document, types),
    }
}

/// The papers of a file that was handed in as the declaration: what else lies in it is a document like any
/// other, and what is of no known type is taken as the form.
#[must_use]
pub fn handed_in(document: &Document, segments: &[Segment], types: &[DocumentType]) -> Vec<Paper> {
    let Some(kind) = types.iter().find(|kind| kind.form) else { return Vec::new() };
    let mut segments = segments.to_vec();
    if segments.iter().all(|segment| segment.document_type != kind.id) {
        for segment in segments.iter_mut().filter(|segment| segment.document_type == OTHER) {
            segment.document_type.clone_from(&kind.id);
            segment.confidence = AS_HANDED_IN;
        }
    }
    let mut found = papers(document, &segments, types);
    if !document.sheets.is_empty() {
        found.push(of_workbook(document, kind, AS_HANDED_IN));
    }
    found
}

/// How sure the type of a file is that only its name or place makes the declaration.
const AS_HANDED_IN: f32 = 0.5;

fn of_workbook(document: &Document, kind: &DocumentType, confidence: f32) -> Paper {
    let Filled { record, problems } = form::sheets(kind, document);
    let segment = Segment { document_type: kind.id.clone(), confidence, slices: Vec::new() };
    let mut paper = paper(document, &segment, None, Some(Merged::of(record)));
    paper.pages = (1, u32::try_from(document.sheets.len()).unwrap_or(u32::MAX));
    paper.problems = problems.into_iter().map(|problem| problem.at(&document.name)).collect();
    paper
}
