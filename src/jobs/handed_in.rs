//! What was handed in for a run, kept so that the case can be looked at again by other rules.

use std::{
    collections::{BTreeMap, HashMap},
    sync::Arc,
};

use serde::{Deserialize, Serialize};

use super::now;
use crate::{
    model::{
        case::{CaseFiles, Examination},
        document::{Document, Format},
        problem::Problem,
    },
    read,
    store::{Store, StoreError},
};

/// Names and hashes of what a case consists of, as the store has it.
#[derive(Serialize, Deserialize)]
struct HandedIn {
    name: String,
    declaration: Option<(String, String)>,
    attachments: BTreeMap<String, String>,
    problems: Vec<Problem>,
}

/// Keeps the files of a case in a store; answers what it consists of, for its run.
///
/// # Errors
///
/// Where the store cannot be written.
pub fn hand_in(store: &Store, files: &CaseFiles, case: &Examination) -> Result<String, StoreError> {
    let read: HashMap<&str, &Document> = case.documents.iter().map(|one| (one.name.as_str(), one)).collect();
    let keep = |name: &str, bytes: &Arc<[u8]>| {
        // What was read has its hash; a declaration that is data was not.
        let known = read.get(name).map(|one| (one.id.clone(), one.format));
        let (id, format) = known.unwrap_or_else(|| (read::id(bytes), Format::Unknown));
        let id = id.0;
        store.keep_document(&id, format.name(), bytes, now())?;
        Ok::<_, StoreError>((name.to_owned(), id))
    };
    let handed_in = HandedIn {
        name: files.name.clone(),
        declaration: files.declaration.as_ref().map(|(name, bytes)| keep(name, bytes)).transpose()?,
        attachments: files
            .attachments
            .iter()
            .map(|(name, bytes)| keep(name, bytes))
            .collect::<Result<_, _>>()?,
        problems: files.problems.clone(),
    };
    Ok(serde_json::to_string(&handed_in).unwrap_or_default())
}

/// The files of a case as they were handed in for a run; `None` where it was not kept which they are, or one of them is
/// no longer in the store.
///
/// # Errors
///
/// Where the store cannot be reached.
pub fn handed_in(store: &Store, run: &str) -> Result<Option<CaseFiles>, StoreError> {
    let said = store.handed_in(run)?.unwrap_or_default();
    let Ok(HandedIn { name, declaration, attachments, problems }) = serde_json::from_str(&said) else {
        return Ok(None);
    };
    let mut case = CaseFiles { name, problems, ..CaseFiles::default() };
    if let Some((name, id)) = declaration {
        let Some(bytes) = store.document(&id)? else { return Ok(None) };
        case.declaration = Some((name, bytes.into()));
    }
    for (name, id) in attachments {
        let Some(bytes) = store.document(&id)? else { return Ok(None) };
        case.attachments.insert(name, bytes.into());
    }
    Ok(Some(case))
}
