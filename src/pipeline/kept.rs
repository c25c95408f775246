//! Readings that are kept: what was read of some bytes, whoever handed them in and under what name.
//!
//! A reading is found again by its key, the hash of the bytes and of all that it depends on: the code
//! that reads, the engines, the roots that signatures are checked against, the bounds and the fonts.

use std::sync::Arc;

use chrono::NaiveDate;
use serde::{Deserialize, Serialize, de::DeserializeOwned};
use sha2::{Digest, Sha256};

use super::Tools;
use crate::{
    model::{
        case::CaseFiles,
        document::{Document, DocumentId},
    },
    read,
    rulebook::packs::Pack,
};

/// Keeps readings from one run to the next. What it cannot keep or find is read again, so that its
/// trouble is never a case's.
pub trait Shelf: Send + Sync {
    /// What was kept under a key.
    fn find(&self, key: &Key) -> Option<Vec<u8>>;
    /// Keeps something under a key, in place of what was there.
    fn keep(&self, key: &Key, bytes: &[u8]);
}

impl<S: Shelf + ?Sized> Shelf for Arc<S> {
    fn find(&self, key: &Key) -> Option<Vec<u8>> {
        (**self).find(key)
    }

    fn keep(&self, key: &Key, bytes: &[u8]) {
        (**self).keep(key, bytes);
    }
}

/// Under what a reading is kept.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Key {
    /// The file that was read.
    pub document: DocumentId,
    /// The hash of what it was read with.
    pub made_with: String,
    /// Which reading of the file: all of it, or some places of a page again.
    pub part: String,
}

impl Key {
    /// The key as one text of hexadecimal digits.
    #[must_use]
    pub fn text(&self) -> String {
        hex(Sha256::new()
            .chain_update(&self.document.0)
            .chain_update(&self.made_with)
            .chain_update(&self.part))
    }
}

/// The hash of all that a reading depends on besides the bytes.
pub(super) fn made_with(tools: &Tools) -> String {
    let mut hash = Sha256::new_with_prefix(env!("HEYAN_READING_CODE"));
    let mut add = |text: &[u8]| {
        hash.update((text.len() as u64).to_le_bytes());
        hash.update(text);
    };
    for engine in &tools.engines {
        add(engine.name().as_bytes());
        add(engine.version().as_bytes());
    }
    add(format!("{:?}", tools.limits).as_bytes());
    tools.trust.certificates().for_each(&mut add);
    add(read::fonts().as_bytes());
    hex(hash)
}

/// The hash of all that an examination depends on: the case as it was handed in, the pack, the day, and
/// what it is made with.
#[must_use]
pub fn key(case: &CaseFiles, pack: &Pack, tools: &Tools, today: NaiveDate) -> String {
    let mut hash = Sha256::new_with_prefix(env!("HEYAN_REPORT_CODE"));
    let mut add = |text: &[u8]| {
        hash.update((text.len() as u64).to_le_bytes());
        hash.update(text);
    };
    add(made_with(tools).as_bytes());
    add(format!("{pack:?} {:?} {today}", tools.types).as_bytes());
    add(case.name.as_bytes());
    add(format!("{:?}", case.problems).as_bytes());
    for (name, bytes) in case.declaration.iter().map(|(name, bytes)| (name, bytes)).chain(&case.attachments) {
        add(name.as_bytes());
        add(&Sha256::digest(bytes));
    }
    hex(hash)
}

fn hex(hash: Sha256) -> String {
    hash.finalize().iter().map(|byte| format!("{byte:02x}")).collect()
}

/// A file and what lies in it, as they are kept. The bytes of the file itself are at hand whenever it
/// is asked for; those of its parts are kept.
#[derive(Serialize, Deserialize)]
struct Kept {
    documents: Vec<Document>,
    bytes: Vec<Vec<u8>>,
}

/// What went wrong with the machine, and may go right the next time.
const PASSING: &[&str] = &["reader-timeout", "reader-out-of-memory", "reader-killed", "page-not-read"];

/// A reading as bytes; `None` where it is not worth keeping.
pub(super) fn packed(documents: &[Document]) -> Option<Vec<u8>> {
    let mut problems = documents.iter().flat_map(|document| &document.problems);
    if problems.any(|problem| PASSING.contains(&problem.code)) {
        return None;
    }
    let bytes = documents.iter().skip(1).map(|document| document.bytes.to_vec()).collect();
    sealed(&Kept { documents: documents.to_vec(), bytes })
}

/// A kept reading under the name that its file has now; `None` where it is damaged, or took something
/// from another name.
pub(super) fn unpacked(packed: &[u8], name: &str, bytes: &Arc<[u8]>) -> Option<Vec<Document>> {
    let Kept { mut documents, bytes: of_parts } = opened(packed)?;
    let first = documents.first_mut()?;
    first.bytes = Arc::clone(bytes);
    let before = first.name.clone();
    if before != name && read::takes_its_name(&documents) && read::stem(&before) != read::stem(name) {
        return None;
    }
    for (document, bytes) in documents.iter_mut().skip(1).zip(of_parts) {
        document.bytes = bytes.into();
    }
    for document in &mut documents {
        renamed(&mut document.name, &before, name);
        document.problems.iter_mut().for_each(|problem| renamed(&mut problem.file, &before, name));
    }
    Some(documents)
}

/// Anything as bytes, their hash before them: what was written in part is told from what is whole.
pub(super) fn sealed(what: &impl Serialize) -> Option<Vec<u8>> {
    let body = postcard::to_stdvec(what).ok()?;
    let mut sealed = Sha256::digest(&body).to_vec();
    sealed.extend(body);
    Some(sealed)
}

/// What was [`sealed`]; `None` where it is damaged.
pub(super) fn opened<T: DeserializeOwned>(sealed: &[u8]) -> Option<T> {
    let (hash, body) = sealed.split_at_checked(Sha256::output_size())?;
    (Sha256::digest(body).as_slice() == hash).then(|| postcard::from_bytes(body).ok())?
}

/// A path that begins with a file's name, under its other name.
fn renamed(path: &mut String, before: &str, now: &str) {
    if let Some(rest) = path.strip_prefix(before).filter(|rest| rest.is_empty() || rest.starts_with('/')) {
        *path = format!("{now}{rest}");
    }
}
