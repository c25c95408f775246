//! What could not be read or understood: data for the reviewer, never a reason to stop.

use serde::{Deserialize, Serialize};

use super::{
    finding::Message,
    name::{self, Name},
};

/// Something a reader, a recogniser or an extractor has to say about a file.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Problem {
    /// Stable kebab-case code, such as `file-empty` or `pdf-encrypted`.
    #[serde(with = "name")]
    pub code: Name,
    /// The file, as named in the case; empty for the case as a whole.
    pub file: String,
    /// The page, from 1, where one is meant.
    pub page: Option<u32>,
    /// What was found, what was wanted, and how to mend it.
    pub message: Message,
}

impl Problem {
    /// A problem without a file or page; see [`Problem::at`] and [`Problem::on_page`].
    pub fn new(code: Name, zh: impl Into<String>, en: impl Into<String>) -> Self {
        Self { code, file: String::new(), page: None, message: Message { zh: zh.into(), en: en.into() } }
    }

    /// The same problem, said of a file.
    #[must_use]
    pub fn at(mut self, file: &str) -> Self {
        file.clone_into(&mut self.file);
        self
    }

    /// The same problem, said of a page.
    #[must_use]
    pub const fn on_page(mut self, page: u32) -> Self {
        self.page = Some(page);
        self
    }
}
