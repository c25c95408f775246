//! A document as understood: one invoice, one licence, one report, whatever file it stood in.

use super::{
    document::{DocumentId, Format},
    fact::Record,
    problem::Problem,
};

/// One document found in a file. A file with three invoices gives three papers.
#[derive(Clone, Debug)]
pub struct Paper {
    /// The file it stands in, as named in the case.
    pub file: String,
    /// That file's content hash.
    pub document: DocumentId,
    /// That file's format.
    pub format: Format,
    /// First and last page (or sheet), from 1, both inclusive.
    pub pages: (u32, u32),
    /// Identifier of the document type (`vat_invoice`, …); `other` where none was recognised.
    pub document_type: String,
    /// How surely the type was told, 0 to 1.
    pub type_confidence: f32,
    /// Its facts. Lists such as `items` are rows.
    pub record: Record,
    /// What was not understood.
    pub problems: Vec<Problem>,
    /// Whether any page of it is a picture without a stated resolution.
    pub assumed_dpi: bool,
}
