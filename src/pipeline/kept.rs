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
        problem::Problem,
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
        named([self.document.0.as_bytes(), self.made_with.as_bytes(), self.part.as_bytes()])
    }
}

/// The hash of all that a reading depends on besides the bytes.
pub(super) fn made_with(tools: &Tools) -> String {
    let engines: String =
        tools.engines.iter().map(|one| format!("{}\t{}\n", one.name(), one.version())).collect();
    let limits = format!("{:?}", tools.limits);
    let fonts = read::fonts();
    let texts = [env!("HEYAN_READING_CODE"), &engines, &limits, &fonts];
    named(texts.into_iter().map(str::as_bytes).chain(tools.trust.certificates()))
}

/// The hash of all that an examination depends on: the case as it was handed in, the pack, the day, and
/// what it is made with.
#[must_use]
pub fn key(case: &CaseFiles, pack: &Pack, tools: &Tools, today: NaiveDate) -> String {
    let made_with = made_with(tools);
    let rules = format!("{pack:?} {:?} {:?} {today}", tools.types, tools.lists);
    let given = format!("{:?} {:?}", case.problems, case.elsewhere);
    let files = case.declaration.iter().map(|(name, bytes)| (name, bytes)).chain(&case.attachments);
    let files: String = files.map(|(name, bytes)| format!("{} {name}\n", read::id(bytes).0)).collect();
    let texts = [env!("HEYAN_REPORT_CODE"), &made_with, &rules, &case.name, &given, &files];
    named(texts.map(str::as_bytes))
}

/// One name for several things, each told from the next.
fn named<'t>(things: impl IntoIterator<Item = &'t [u8]>) -> String {
    let mut all = Vec::new();
    for thing in things {
        all.extend((thing.len() as u64).to_le_bytes());
        all.extend(thing);
    }
    read::id(&all).0
}

/// A file and what lies in it, as they are kept. The bytes of the file itself are at hand whenever it
/// is asked for; those of its parts are kept.
#[derive(Deserialize)]
struct Kept {
    documents: Vec<Document>,
    bytes: Vec<Vec<u8>>,
}

/// The same before it is written, lent.
#[derive(Serialize)]
struct Keeping<'d> {
    documents: &'d [Document],
    bytes: Vec<&'d [u8]>,
}

/// What went wrong with the machine, and may go right the next time.
const PASSING: &[&str] =
    &["reader-timeout", "reader-out-of-memory", "reader-killed", "page-not-read", "case-crashed"];

/// Whether something went wrong that may go right the next time.
#[must_use]
pub fn may_pass<'p>(problems: impl IntoIterator<Item = &'p Problem>) -> bool {
    problems.into_iter().any(|problem| PASSING.contains(&problem.code))
}

/// A reading as bytes; `None` where it is not worth keeping.
pub(super) fn packed(documents: &[Document]) -> Option<Vec<u8>> {
    if may_pass(documents.iter().flat_map(|document| &document.problems)) {
        return None;
    }
    let bytes = documents.iter().skip(1).map(|document| &*document.bytes).collect();
    sealed(&Keeping { documents, bytes })
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
