//! Where every fact of an examination stands, by its number: what turns a citation into a place.

use std::collections::{BTreeMap, BTreeSet};

use crate::model::{
    anchor::{Anchor, column_letters},
    case::Examination,
    document::Document,
    fact::{Fact, FactId},
    finding::Finding,
    paper::Paper,
};

use super::{Lang, terms};

/// A fact with the paper it stands in.
#[derive(Clone, Debug)]
pub(super) struct Cited<'a> {
    /// Its number.
    pub id: FactId,
    /// Index into the examination's papers; `None` for a declaration that is data.
    pub paper: Option<usize>,
    /// The file; empty for a declaration that is data.
    pub file: &'a str,
    /// Path of the field inside the paper or the declaration.
    pub field: String,
    /// The fact itself.
    pub fact: &'a Fact,
}

impl Cited<'_> {
    /// The characters as they stand, or the value where there are none.
    pub(super) fn raw(&self) -> String {
        if self.fact.evidence.raw.is_empty() {
            self.fact.value.as_ref().map(crate::model::value::Value::wire).unwrap_or_default()
        } else {
            self.fact.evidence.raw.clone()
        }
    }

    /// File and place in words, such as `a.pdf 第 3 页`.
    pub(super) fn place(&self, lang: Lang) -> String {
        let place = self.fact.evidence.anchors.first().map(|anchor| place(anchor, lang));
        match (self.paper, place) {
            (None, place) => {
                format!(
                    "{} {}",
                    lang.of("申报书", "declaration"),
                    place.unwrap_or_else(|| self.field.clone())
                )
            }
            (Some(_), Some(place)) => format!("{} {place}", self.file),
            (Some(_), None) => self.file.to_owned(),
        }
    }

    /// The field's name in words.
    pub(super) fn name(&self, lang: Lang) -> String {
        terms::field(&self.field, lang)
    }
}

/// A place in words.
pub(super) fn place(anchor: &Anchor, lang: Lang) -> String {
    match anchor {
        Anchor::Box { page, .. } => match lang {
            Lang::Zh => format!("第 {page} 页"),
            Lang::En => format!("page {page}"),
        },
        Anchor::Cell { sheet, row, column } => {
            let cell = format!("{}{row}", column_letters(*column));
            if sheet.is_empty() { cell } else { format!("{sheet}!{cell}") }
        }
        Anchor::Node { path } => path.clone(),
        Anchor::Form { field } => field.clone(),
    }
}

/// All numbered facts of an examination.
pub(super) struct Index<'a> {
    facts: BTreeMap<FactId, Cited<'a>>,
}

impl<'a> Index<'a> {
    /// Walks the declaration and all papers. Facts without a number cannot be cited and are left out.
    pub(super) fn of(case: &'a Examination) -> Self {
        let mut facts = BTreeMap::new();
        let file =
            case.declared_in.and_then(|at| case.papers.get(at)).map_or("", |paper| paper.file.as_str());
        case.declaration.for_each("", &mut |field, fact| {
            facts.insert(fact.id, Cited { id: fact.id, paper: case.declared_in, file, field, fact });
        });
        for (at, paper) in case.papers.iter().enumerate() {
            paper.record.for_each("", &mut |field, fact| {
                facts.insert(
                    fact.id,
                    Cited { id: fact.id, paper: Some(at), file: paper.file.as_str(), field, fact },
                );
            });
        }
        facts.remove(&FactId(0));
        Self { facts }
    }

    /// The fact of a number.
    pub(super) fn get(&self, id: FactId) -> Option<&Cited<'a>> {
        self.facts.get(&id)
    }

    /// The facts of numbers, without those that are unknown.
    pub(super) fn of_ids(&self, ids: &[FactId]) -> Vec<&Cited<'a>> {
        ids.iter().filter_map(|id| self.get(*id)).collect()
    }

    /// What a finding cites, without repetition: first what explains it, then the rest.
    pub(super) fn of_finding(&self, finding: &Finding) -> Vec<&Cited<'a>> {
        let explained = finding.explanation.iter().flat_map(|reason| &reason.evidence);
        let mut seen = BTreeSet::new();
        let ids: Vec<FactId> =
            explained.chain(&finding.evidence).copied().filter(|id| seen.insert(*id)).collect();
        self.of_ids(&ids)
    }
}

/// The file a paper stands in.
pub(super) fn document_of<'a>(paper: &Paper, documents: &'a [Document]) -> Option<&'a Document> {
    documents
        .iter()
        .find(|document| document.name == paper.file && document.id == paper.document)
        .or_else(|| documents.iter().find(|document| document.name == paper.file))
}
