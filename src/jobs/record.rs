//! An examination as the store records it.

use crate::{
    model::{
        anchor::Anchor,
        case::Examination,
        fact::{Fact, Record},
        value::{Value, money},
    },
    store::{FactRow, FindingRow, Run, RunReport},
};

/// The rows of an examination. `summary` is what lists of cases show of it, `handed_in` what it consists of
/// ([`super::hand_in`]), `reports` are its reports.
#[must_use]
pub fn record(
    case: &Examination,
    key: &str,
    summary: String,
    handed_in: String,
    reports: Vec<RunReport>,
) -> Run {
    let mut facts = Vec::new();
    rows("declaration", None, &case.declaration, &mut facts);
    for paper in &case.papers {
        rows(&paper.document_type, Some(&paper.file), &paper.record, &mut facts);
    }
    let findings = case.findings.iter().chain(&case.judgement).map(|finding| FindingRow {
        rule: finding.rule.clone(),
        code: finding.code.clone(),
        outcome: finding.outcome.name().to_owned(),
        severity: finding.severity.name().to_owned(),
        reasons: finding.reasons.join(" "),
        declared: finding.declared.as_ref().map(|shown| shown.value.clone()),
        found: finding.found.as_ref().map(|shown| shown.value.clone()),
        difference: finding.difference.map(money::wire),
    });
    Run {
        key: key.to_owned(),
        application: case.id.clone(),
        name: case.name.clone(),
        applicant_name: case.applicant_name.clone(),
        applicant_uscc: case.applicant_uscc.clone(),
        category: case.category.clone(),
        pack: case.made_with.pack.clone(),
        pack_version: case.made_with.pack_version.clone(),
        today: case.made_with.today.clone(),
        outcome: case.outcome.name().to_owned(),
        summary,
        handed_in,
        documents: case.documents.iter().map(|one| (one.name.clone(), one.id.0.clone())).collect(),
        facts,
        findings: findings.collect(),
        reports,
    }
}

fn rows(subject: &str, file: Option<&str>, record: &Record, to: &mut Vec<FactRow>) {
    record.for_each("", &mut |field, fact: &Fact| {
        let page = fact.evidence.anchors.iter().find_map(|anchor| match anchor {
            Anchor::Box { page, .. } => Some(*page),
            _ => None,
        });
        to.push(FactRow {
            id: fact.id.0,
            subject: subject.to_owned(),
            field,
            value: fact.value.as_ref().map(Value::wire),
            file: file.map(str::to_owned),
            page,
            confidence: format!("{:.2}", fact.evidence.confidence),
        });
    });
}
