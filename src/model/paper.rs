//! A document as understood: one invoice, one licence, one report, whatever file it stood in.

use super::{
    document::{DocumentId, Format},
    fact::Record,
    look::Look,
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
    /// What its pages look like and say as a whole.
    pub content: Content,
}

/// What a document looks like and says, whoever hands it in.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Content {
    /// The looks of its pages that are pictures, by their numbers.
    pub looks: Vec<(u32, Look)>,
    /// The hash of its text, where all of it was printed and not recognised, and where it is long enough.
    pub wording: Option<String>,
}
