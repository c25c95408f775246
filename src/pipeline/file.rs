//! One handed-in file on its way from bytes to pages with words, and whether it was read before.

use std::sync::{
    Arc, Mutex, PoisonError, RwLock,
    atomic::{AtomicUsize, Ordering},
};

use super::{
    Progress, Step, Tools,
    kept::{self, Key},
    recognition::{self, Answer},
};
use crate::{
    arrange,
    model::{document::Document, page::Page},
    read,
};

/// A file with everything in it, the file first.
pub(super) struct File {
    /// Only read until the last page is answered, so that pages are read side by side.
    documents: RwLock<Vec<Document>>,
    /// Under what it will be kept; `None` where it was.
    key: Option<Key>,
    /// Documents and pages, by their places, that have to be looked at as pictures.
    pub(super) wanted: Vec<(usize, usize)>,
    /// Pages that are still to be read.
    left: AtomicUsize,
    /// Answers by document and page.
    answers: Mutex<Vec<((usize, usize), Answer)>>,
}

impl File {
    /// Takes a file from the shelf, or reads it without recognising anything.
    pub(super) fn open(
        name: &str,
        bytes: &Arc<[u8]>,
        tools: &Tools,
        made_with: &str,
        progress: Progress,
    ) -> Self {
        let key = Key { document: read::id(bytes), made_with: made_with.to_owned(), part: String::new() };
        let found = tools.shelf.as_ref().and_then(|shelf| shelf.find(&key));
        let (documents, key) = match found.and_then(|found| kept::unpacked(&found, name, bytes)) {
            Some(documents) => (documents, None),
            None => {
                let read = tools.opener.read(name, Arc::clone(bytes), &tools.limits, &tools.trust);
                (flattened(read), Some(key))
            }
        };
        let wanted = if key.is_some() { wanted(&documents) } else { Vec::new() };
        let file = Self {
            left: AtomicUsize::new(wanted.len()),
            documents: RwLock::new(documents),
            key,
            wanted,
            answers: Mutex::default(),
        };
        if file.wanted.is_empty() {
            file.finish(tools, progress);
        }
        file
    }

    /// Under what a page of it is kept until all of it is; `None` where it has no other page to wait for.
    pub(super) fn key_of(&self, document: &Document, page: &Page) -> Option<Key> {
        let made_with = self.key.as_ref().filter(|_| self.wanted.len() > 1)?.made_with.clone();
        Some(Key { document: document.id.clone(), made_with, part: format!("page {}", page.number) })
    }

    /// Looks at one of its documents.
    pub(super) fn with<A>(&self, document: usize, look: impl FnOnce(&Document) -> A) -> Option<A> {
        self.documents.read().unwrap_or_else(PoisonError::into_inner).get(document).map(look)
    }

    /// Takes what was read on a page, and tells whether it was the last one.
    pub(super) fn answered(&self, document: usize, page: usize, answer: Option<Answer>) -> bool {
        let mut answers = self.answers.lock().unwrap_or_else(PoisonError::into_inner);
        answers.extend(answer.map(|answer| ((document, page), answer)));
        drop(answers);
        self.left.fetch_sub(1, Ordering::AcqRel) == 1
    }

    /// Puts the answers on their pages, arranges all pages, and keeps what was read.
    pub(super) fn finish(&self, tools: &Tools, progress: Progress) {
        let Some(key) = &self.key else { return };
        let mut answers = std::mem::take(&mut *self.answers.lock().unwrap_or_else(PoisonError::into_inner));
        // They come in any order, and what they say is said in one.
        answers.sort_by_key(|(place, _)| *place);
        let mut documents = self.documents.write().unwrap_or_else(PoisonError::into_inner);
        for ((document, page), answer) in answers {
            if let Some(document) = documents.get_mut(document) {
                answer.put_on(document, page);
            }
        }
        documents.iter_mut().flat_map(|document| &mut document.pages).for_each(arrange::arrange);
        if let (Some(shelf), Some(packed)) = (&tools.shelf, kept::packed(&documents)) {
            shelf.keep(key, &packed);
        }
        if let Some(file) = documents.first() {
            let pages = documents.iter().map(|one| one.pages.len() + one.sheets.len()).sum();
            progress(Step::Read { file: &file.name, pages });
        }
    }

    /// The file and what lies in it.
    pub(super) fn into_documents(self) -> Vec<Document> {
        self.documents.into_inner().unwrap_or_else(PoisonError::into_inner)
    }
}

fn wanted(documents: &[Document]) -> Vec<(usize, usize)> {
    let pages = documents.iter().enumerate().flat_map(|(d, document)| {
        let wanted = document.pages.iter().enumerate().filter(|(_, page)| recognition::wanted(page));
        wanted.map(move |(p, _)| (d, p))
    });
    pages.collect()
}

/// A document and its parts, each behind what it lies in.
fn flattened(mut document: Document) -> Vec<Document> {
    let parts = std::mem::take(&mut document.parts);
    let mut all = vec![document];
    all.extend(parts.into_iter().flat_map(flattened));
    all
}
