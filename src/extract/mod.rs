//! A typed document to facts, each with the place where it stands.

mod currency;
pub mod custom;
pub mod declaration;
mod kind;
mod locate;
mod rows;
mod sheet;

use crate::{
    model::{
        document::Document, fact::Record, paper::Paper, problem::Problem, segment::Segment, value::Value,
    },
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

fn first_page(segment: &Segment) -> u32 {
    segment.slices.first().map_or(1, |slice| slice.page)
}

/// Reads the facts of a workbook or separated text whose columns a document type knows.
#[must_use]
pub fn extract_sheets(document: &Document, types: &[DocumentType]) -> Vec<Paper> {
    sheet::papers(document, types)
}

/// Whether two readings of a field mean the same.
#[must_use]
pub fn same(a: &Value, b: &Value) -> bool {
    match (a, b) {
        (Value::Money(a), Value::Money(b)) => a.yuan == b.yuan,
        _ => a == b,
    }
}
