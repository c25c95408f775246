//! Why a document type could not be loaded.

use thiserror::Error;

/// Why a document type could not be loaded.
#[derive(Debug, Error)]
pub enum TypeError {
    /// Not TOML, or not of this shape; the message has line and column.
    #[error("rules/documents/{file}.toml: {source}")]
    Shape {
        /// The type's file.
        file: String,
        /// What the reader says.
        source: Box<toml::de::Error>,
    },
    /// A pattern that is no regular expression.
    #[error("rules/documents/{file}.toml: pattern `{pattern}`: {source}")]
    Pattern {
        /// The type's file.
        file: String,
        /// The pattern.
        pattern: String,
        /// What the pattern reader says.
        source: Box<regex::Error>,
    },
    /// A kind that does not exist.
    #[error("rules/documents/{file}.toml: field `{field}` has the unknown kind `{kind}`")]
    Kind {
        /// The type's file.
        file: String,
        /// The field.
        field: String,
        /// The kind.
        kind: String,
    },
    /// A layout or region that does not exist.
    #[error("rules/documents/{file}.toml: field `{field}` names the unknown region `{region}`")]
    Region {
        /// The type's file.
        file: String,
        /// The field.
        field: String,
        /// The region.
        region: String,
    },
    /// A layout that lacks what need not be there.
    #[error(
        "rules/documents/{file}.toml: layout `{layout}` lacks `{field}`, which is no `required` field; leave it out, or make it required"
    )]
    Lacks {
        /// The type's file.
        file: String,
        /// The layout.
        layout: String,
        /// What it lacks.
        field: String,
    },
    /// Something that can never find anything, or that nothing reads.
    #[error("rules/documents/{file}.toml: {what}")]
    Idle {
        /// The type's file.
        file: String,
        /// What it is, and how to mend it.
        what: String,
    },
}
