//! A typed document to facts, each with the place where it stands.

mod currency;
pub mod custom;
pub mod declaration;
mod heading;
mod kind;
mod locate;
mod rows;
mod sheet;

use crate::{
    model::{document::Document, fact::Record, paper::Paper, problem::Problem, segment::Segment},
    rulebook::types::DocumentType,
};

pub use kind::reread_as;

/// Reads the facts of one document of a file.
#[must_use]
pub fn extract(document: &Document, segment: &Segment, types: &[DocumentType]) -> Paper {
    let mut record = Record::default();
    let mut problems = Vec::new();
    if let Some(kind) = types.iter().find(|kind| kind.id == segment.document_type) {
        locate::fields(kind, segment, &mut record);
        for list in &kind.rows {
            let found = rows::rows(list, kind, segment);
            if !found.is_empty() {
                record.rows.insert(list.name.clone(), found);
            }
        }
        custom::run(&kind.custom, segment, &mut record);
        currency::mark_foreign(&mut record);
        for field in
            kind.fields.iter().filter(|field| field.required && !record.fields.contains_key(&field.name))
        {
            problems.push(
                Problem::new(
                    "field-not-found",
                    format!("{}：没有找到字段 {}", kind.title, field.name),
                    format!("{}: the field {} was not found", kind.id, field.name),
                )
                .at(&document.name)
                .on_page(first_page(segment)),
            );
        }
    }
    if let Some(kind) = types.iter().find(|kind| kind.id == segment.document_type)
        && is_several(kind, segment)
    {
        problems.push(
            Problem::new(
                "several-documents",
                format!("{}：这里似乎不止一份，只读出了第一份", kind.title),
                format!("{}: there seem to be several here, of which only the first was read", kind.id),
            )
            .at(&document.name)
            .on_page(first_page(segment)),
        );
    }
    Paper {
        file: document.name.clone(),
        document: document.id.clone(),
        format: document.format,
        pages: (first_page(segment), segment.slices.last().map_or(1, |slice| slice.page)),
        document_type: segment.document_type.clone(),
        type_confidence: segment.confidence,
        record,
        problems,
        assumed_dpi: document.pages.iter().any(|page| page.assumed_dpi),
    }
}

/// Whether something stands twice that one document of the type prints once.
fn is_several(kind: &DocumentType, segment: &Segment) -> bool {
    let rows = segment.slices.iter().flat_map(|slice| &slice.rows);
    kind.once.as_ref().is_some_and(|once| rows.filter(|row| once.is_match(&row.text)).count() > 1)
}

fn first_page(segment: &Segment) -> u32 {
    segment.slices.first().map_or(1, |slice| slice.page)
}

/// Reads the facts of a workbook or separated text whose columns a document type knows.
#[must_use]
pub fn extract_sheets(document: &Document, types: &[DocumentType]) -> Vec<Paper> {
    sheet::papers(document, types)
}
