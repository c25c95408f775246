//! Verdicts as facts, so that rules can use them.

use crate::model::{
    anchor::Anchor,
    document::Document,
    fact::{Evidence, Fact, FactId, Method},
    geometry::Rect,
    paper::Paper,
    signature::{Signature, Verdict},
    value::Value,
};

/// The field that says how a paper's file is signed.
const FIELD: &str = "signature";
/// What it says where nothing is signed.
const UNSIGNED: &str = "unsigned";
/// Formats that can carry a signature; of others it would be idle to say that they carry none.
const CARRIERS: &[&str] = &["pdf", "ofd", "xml"];

/// Puts into a paper's facts what its file's signatures are worth: the worst verdict decides.
pub fn attest(paper: &mut Paper, document: &Document) {
    let worst = document.signatures.iter().max_by_key(|one| one.verdict);
    if worst.is_none() && !CARRIERS.contains(&document.format.name()) {
        return;
    }
    let name = worst.map_or(UNSIGNED, |one| one.verdict.name());
    let evidence = Evidence {
        raw: worst.map(raw).unwrap_or_default(),
        anchors: anchors(paper, document, worst.map(|one| one.verdict)),
        method: Method::Payload,
        confidence: 1.0,
        clear: false,
        accepted: true,
        readings: Vec::new(),
    };
    let value = Some(Value::Code(name.to_owned()));
    paper.record.fields.insert(FIELD.to_owned(), Fact { id: FactId(0), value, problem: None, evidence });
}

/// Who signed, as the certificate says.
fn raw(signature: &Signature) -> String {
    signature.seal.clone().or_else(|| signature.signer.clone()).unwrap_or_default()
}

/// Where the signatures of this verdict show on the paper's own pages, else anywhere in the file, else
/// the paper's first page as a whole.
fn anchors(paper: &Paper, document: &Document, verdict: Option<Verdict>) -> Vec<Anchor> {
    let (first, last) = paper.pages;
    let all: Vec<(u32, Rect)> = document
        .signatures
        .iter()
        .filter(|one| Some(one.verdict) == verdict)
        .flat_map(|one| one.places.iter().copied())
        .collect();
    let own: Vec<(u32, Rect)> =
        all.iter().copied().filter(|(page, _)| (first..=last).contains(page)).collect();
    let places = if own.is_empty() { all } else { own };
    if !places.is_empty() {
        return places.into_iter().map(|(page, bounds)| Anchor::Box { page, bounds }).collect();
    }
    match document.pages.iter().find(|page| page.number == first) {
        Some(page) => {
            vec![Anchor::Box { page: first, bounds: Rect::new(0.0, 0.0, page.size.width, page.size.height) }]
        }
        None => vec![Anchor::Node { path: FIELD.to_owned() }],
    }
}
