//! Why the store did not do what was asked.

use thiserror::Error;

/// A store that cannot be opened, or an operation that failed. What was there before is whole.
#[derive(Debug, Error)]
pub enum StoreError {
    /// The place does not say what kind of store it is.
    #[error("`{place}` is no store: wanted a path, sqlite://PATH or postgres://USER@HOST/DATABASE")]
    NoStore {
        /// What was given.
        place: String,
    },
    /// The place for files is neither a folder nor a bucket.
    #[error("`{place}` is no place for files: wanted a folder or s3://BUCKET/PREFIX")]
    NoPlace {
        /// What was given.
        place: String,
    },
    /// A PostgreSQL store was named without a place for files.
    #[error("a store in PostgreSQL keeps files elsewhere, and no place was named")]
    NoFiles,
    /// The place cannot be used.
    #[error("the store {place} cannot be opened: {why}")]
    Unusable {
        /// The place.
        place: String,
        /// The system's own words.
        why: String,
    },
    /// The database refused.
    #[error("the store's database could not {doing}: {why}")]
    Database {
        /// What was being done.
        doing: &'static str,
        /// The database's own words.
        why: sqlx::Error,
    },
    /// Files could not be written or read.
    #[error("the store's files could not {doing}: {why}")]
    Files {
        /// What was being done.
        doing: &'static str,
        /// The system's own words.
        why: object_store::Error,
    },
    /// The system gave no threads to work with.
    #[error("the store could not be started: {0}")]
    Start(#[from] std::io::Error),
}
