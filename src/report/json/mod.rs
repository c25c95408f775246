//! Reports for programs: the published schema and how an examination becomes it.
//!
//! The same examination gives the same bytes: maps are ordered, boxes are rounded to a tenth of a
//! point and confidences to a hundredth.

pub mod wire;

use std::collections::BTreeMap;

use schemars::generate::SchemaSettings;

use crate::model::{
    anchor::{Anchor, column_letters},
    case::Examination,
    document::{Document, Properties},
    fact::{Fact, FactId, Record},
    finding::{Finding, Message, Outcome, Shown},
    geometry::Rect,
    paper::Paper,
    problem::Problem,
    signature::Signature,
    value::{Value, money},
};

use super::{
    Lang,
    cited::{Cited, Index, document_of},
};

/// An examination as JSON, indented, with a line end.
pub fn to_json(case: &Examination) -> Result<String, serde_json::Error> {
    Ok(serde_json::to_string_pretty(&examination(case))? + "\n")
}

/// What `heyan extract --format json` prints: an array with an object for each document found, and
/// one for each file in which none was found.
pub fn papers_json(
    papers: &[Paper],
    documents: &[Document],
    lang: Lang,
) -> Result<String, serde_json::Error> {
    Ok(serde_json::to_string_pretty(&found(papers, documents, lang))? + "\n")
}

/// The JSON Schema of [`wire::Report`].
pub fn schema() -> Result<String, serde_json::Error> {
    let schema = SchemaSettings::draft2020_12()
        .for_serialize()
        .into_generator()
        .into_root_schema_for::<wire::Report>();
    Ok(serde_json::to_string_pretty(&schema)? + "\n")
}

/// An examination in the published form.
#[must_use]
pub fn examination(case: &Examination) -> wire::Report {
    let index = Index::of(case);
    let mut documents = found(&case.papers, &case.documents, Lang::Zh);
    for (at, document) in documents.iter_mut().enumerate() {
        document.id = Some(document_key(at));
    }
    let cited = case.findings.iter().chain(&case.judgement).flat_map(|finding| index.of_finding(finding));
    wire::Report {
        schema: "heyan.report/1",
        case: wire::Case {
            id: case.id.clone(),
            name: case.name.clone(),
            category: case.category.clone(),
            applicant: wire::Applicant {
                name: case.applicant_name.clone(),
                uscc: case.applicant_uscc.clone(),
            },
        },
        made_with: wire::MadeWith {
            heyan: case.made_with.heyan.clone(),
            pack: case.made_with.pack.clone(),
            pack_version: case.made_with.pack_version.clone(),
            today: case.made_with.today.clone(),
            engines: case.made_with.engines.clone(),
        },
        outcome: case.outcome.name(),
        counts: Outcome::ALL.map(|outcome| (outcome.name(), super::words::count(case, outcome))).into(),
        findings: findings(&case.findings, &index),
        judgement: case.judgement.iter().map(|finding| judgement(finding, &index)).collect(),
        evidence: cited.map(|cited| (key(cited.id), evidence(cited))).collect(),
        documents,
        reconciliation: case
            .sums
            .iter()
            .map(|row| wire::Reconciled {
                part: row.part.clone(),
                sums: row.sums.iter().map(|(source, sum)| (source.clone(), money::wire(*sum))).collect(),
            })
            .collect(),
        totals: case.totals.iter().map(|(name, sum)| (name.clone(), money::wire(*sum))).collect(),
        problems: case.problems.iter().map(problem).collect(),
        not_checked: case.not_checked.iter().map(|message| Lang::Zh.say(message).to_owned()).collect(),
    }
}

/// The identifier of a fact in a report.
fn key(id: FactId) -> String {
    format!("e{}", id.0)
}

/// The identifier of a document in a report, from its index.
pub(super) fn document_key(at: usize) -> String {
    format!("d{}", at + 1)
}

fn keys(ids: &[FactId], index: &Index<'_>) -> Vec<String> {
    ids.iter().filter(|id| index.get(**id).is_some()).map(|id| key(*id)).collect()
}

fn findings(findings: &[Finding], index: &Index<'_>) -> Vec<wire::Finding> {
    let mut seen: BTreeMap<&str, u32> = BTreeMap::new();
    findings
        .iter()
        .map(|finding| {
            let times = seen.entry(&finding.rule).or_default();
            *times += 1;
            let id = if *times == 1 { finding.rule.clone() } else { format!("{}-{times}", finding.rule) };
            wire::Finding {
                id,
                rule: finding.rule.clone(),
                code: finding.code.clone(),
                clause: clause(finding),
                outcome: finding.outcome.name(),
                severity: finding.severity.name(),
                reasons: finding.reasons.clone(),
                notes: finding.notes.clone(),
                message: message(&finding.message),
                declared: finding.declared.as_ref().map(shown),
                found: finding.found.as_ref().map(shown),
                difference: finding.difference.map(money::wire),
                explanation: finding
                    .explanation
                    .iter()
                    .map(|reason| wire::Explanation {
                        kind: reason.kind.clone(),
                        amount: reason.amount.map(money::wire),
                        evidence: keys(&reason.evidence, index),
                        elsewhere: reason.elsewhere.clone(),
                        alternatives: reason.alternatives.clone(),
                    })
                    .collect(),
                evidence: keys(&finding.evidence, index),
                searched: finding.searched.clone(),
            }
        })
        .collect()
}

fn judgement(finding: &Finding, index: &Index<'_>) -> wire::Judgement {
    wire::Judgement {
        rule: finding.rule.clone(),
        code: finding.code.clone(),
        clause: clause(finding),
        outcome: finding.outcome.name(),
        reasons: finding.reasons.clone(),
        message: message(&finding.message),
        notes: finding.notes.clone(),
        evidence: keys(&finding.evidence, index),
    }
}

fn clause(finding: &Finding) -> wire::Clause {
    wire::Clause { number: finding.clause.number.clone(), text: finding.clause.text.clone() }
}

fn message(message: &Message) -> wire::Message {
    wire::Message { zh: message.zh.clone(), en: message.en.clone() }
}

fn shown(shown: &Shown) -> wire::Shown {
    wire::Shown { value: shown.value.clone(), unit: shown.unit.clone() }
}

fn problem(problem: &Problem) -> wire::Problem {
    wire::Problem {
        code: problem.code,
        file: (!problem.file.is_empty()).then(|| problem.file.clone()),
        page: problem.page,
        message: message(&problem.message),
    }
}

fn evidence(cited: &Cited<'_>) -> wire::Evidence {
    let mut anchors = cited.fact.evidence.anchors.iter().map(anchor);
    wire::Evidence {
        document: cited.paper.map(document_key),
        file: cited.paper.map(|_| cited.file.to_owned()),
        anchor: anchors.next().unwrap_or_default(),
        more_anchors: anchors.collect(),
        raw: cited.fact.evidence.raw.clone(),
        field: cited.field.clone(),
        value: cited.fact.value.as_ref().map(Value::wire),
        problem: cited.fact.problem,
    }
}

fn anchor(anchor: &Anchor) -> wire::Anchor {
    let none = wire::Anchor::default();
    match anchor {
        Anchor::Box { page, bounds } => {
            wire::Anchor { page: Some(*page), bounds: Some(rounded(bounds)), ..none }
        }
        Anchor::Cell { sheet, row, column } => wire::Anchor {
            sheet: Some(sheet.clone()),
            row: Some(*row),
            column: Some(column_letters(*column)),
            ..none
        },
        Anchor::Node { path } => wire::Anchor { path: Some(path.clone()), ..none },
        Anchor::Form { field } => wire::Anchor { form: Some(field.clone()), ..none },
    }
}

fn rounded(bounds: &Rect) -> [f64; 4] {
    // Adding zero turns a negative zero, which would print a sign, into a plain one.
    [bounds.left, bounds.top, bounds.right, bounds.bottom].map(|edge| (edge * 10.0).round() / 10.0 + 0.0)
}

fn hundredths(share: f32) -> f64 {
    (f64::from(share) * 100.0).round() / 100.0
}

/// The papers, then the files in which no paper was found and which hold no further files.
fn found(papers: &[Paper], documents: &[Document], lang: Lang) -> Vec<wire::Document> {
    let is_bare = |document: &&Document| {
        let stands_in = |paper: &Paper| paper.file == document.name;
        let is_opened =
            document.problems.is_empty() && (!document.parts.is_empty() || document.format.is_archive());
        !papers.iter().any(stands_in) && !is_opened
    };
    let of_papers = papers.iter().map(|paper| of_paper(paper, document_of(paper, documents), lang));
    of_papers.chain(documents.iter().filter(is_bare).map(|document| of_file(document, lang))).collect()
}

fn of_paper(paper: &Paper, document: Option<&Document>, lang: Lang) -> wire::Document {
    let (first, last) = paper.pages;
    let concerns = |problem: &&Problem| problem.page.is_none_or(|page| (first..=last).contains(&page));
    let of_file = document.map(|document| document.problems.as_slice()).unwrap_or_default();
    let mut problems: Vec<&Problem> = Vec::new();
    for problem in paper.problems.iter().chain(of_file.iter().filter(concerns)) {
        if !problems.contains(&problem) {
            problems.push(problem);
        }
    }
    wire::Document {
        id: None,
        file: paper.file.clone(),
        sha256: paper.document.0.clone(),
        format: paper.format.name(),
        pages: [first, last],
        document_type: paper.document_type.clone(),
        type_confidence: hundredths(paper.type_confidence),
        assumed_dpi: paper.assumed_dpi,
        fields: fields(&paper.record),
        groups: paper.record.groups.iter().map(|(name, group)| (name.clone(), record(group))).collect(),
        rows: rows(&paper.record),
        signatures: document.map(|document| signatures(document, lang)).unwrap_or_default(),
        properties: document.and_then(|document| properties(&document.properties, lang)),
        problems: problems.into_iter().map(|problem| document_problem(problem, lang)).collect(),
    }
}

fn of_file(document: &Document, lang: Lang) -> wire::Document {
    let count = u32::try_from(document.pages.len().max(document.sheets.len())).unwrap_or(u32::MAX);
    wire::Document {
        id: None,
        file: document.name.clone(),
        sha256: document.id.0.clone(),
        format: document.format.name(),
        pages: [count.min(1), count],
        document_type: "other".to_owned(),
        type_confidence: 0.0,
        assumed_dpi: document.pages.iter().any(|page| page.assumed_dpi),
        fields: BTreeMap::new(),
        groups: BTreeMap::new(),
        rows: BTreeMap::new(),
        signatures: signatures(document, lang),
        properties: properties(&document.properties, lang),
        problems: document.problems.iter().map(|problem| document_problem(problem, lang)).collect(),
    }
}

fn signatures(document: &Document, lang: Lang) -> Vec<wire::Signature> {
    let one = |signature: &Signature| wire::Signature {
        kind: signature.kind.name(),
        verdict: signature.verdict.name(),
        covers_whole_file: signature.covers_whole_file,
        signer: signature.signer.clone(),
        issuer: signature.issuer.clone(),
        certificate_valid: signature.certificate_valid.clone().map(|(from, to)| [from, to]),
        signed_at: signature.signed_at.clone(),
        seal: signature.seal.clone(),
        message: lang.say(&signature.message).to_owned(),
        anchors: signature
            .places
            .iter()
            .map(|(page, bounds)| anchor(&Anchor::Box { page: *page, bounds: *bounds }))
            .collect(),
    };
    document.signatures.iter().map(one).collect()
}

fn properties(properties: &Properties, lang: Lang) -> Option<wire::Properties> {
    (*properties != Properties::default()).then(|| wire::Properties {
        producer: properties.producer.clone(),
        creator: properties.creator.clone(),
        created: properties.created.clone(),
        modified: properties.modified.clone(),
        revisions: properties.revisions,
        remarks: properties.remarks.iter().map(|remark| lang.say(remark).to_owned()).collect(),
    })
}

fn document_problem(problem: &Problem, lang: Lang) -> wire::DocumentProblem {
    wire::DocumentProblem {
        code: problem.code,
        page: problem.page,
        message: lang.say(&problem.message).to_owned(),
    }
}

fn record(group: &Record) -> wire::Record {
    wire::Record { fields: fields(group) }
}

fn fields(record: &Record) -> BTreeMap<String, wire::Field> {
    record.fields.iter().map(|(name, fact)| (name.clone(), field(fact))).collect()
}

fn rows(record: &Record) -> BTreeMap<String, Vec<BTreeMap<String, wire::Field>>> {
    record.rows.iter().map(|(name, rows)| (name.clone(), rows.iter().map(fields).collect())).collect()
}

fn field(fact: &Fact) -> wire::Field {
    let evidence = &fact.evidence;
    wire::Field {
        value: fact.value.as_ref().map(Value::wire),
        problem: fact.problem,
        raw: evidence.raw.clone(),
        confidence: hundredths(evidence.confidence),
        accepted: evidence.accepted,
        method: evidence.method.name(),
        anchors: evidence.anchors.iter().map(anchor).collect(),
        readings: evidence
            .readings
            .iter()
            .map(|reading| wire::Reading {
                by: reading.by,
                value: reading.value.as_ref().map(Value::wire),
                score: reading.seen.map(|seen| hundredths(seen.score)),
            })
            .collect(),
    }
}
