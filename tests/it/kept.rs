//! Readings that are kept: what is found on the shelf is what would be read.

use std::{
    collections::BTreeMap,
    fs,
    path::{Path, PathBuf},
    sync::{Arc, Mutex},
};

use heyan::{
    model::document::Document,
    pipeline::{self, Key, Shelf, Tools},
};

/// A shelf in memory that counts how often something was found on it.
#[derive(Default)]
struct Remembered {
    kept: Mutex<BTreeMap<String, Vec<u8>>>,
    found: Mutex<usize>,
}

impl Shelf for Remembered {
    fn find(&self, key: &Key) -> Option<Vec<u8>> {
        let found = self.kept.lock().unwrap().get(&key.text()).cloned();
        *self.found.lock().unwrap() += usize::from(found.is_some());
        found
    }

    fn keep(&self, key: &Key, bytes: &[u8]) {
        self.kept.lock().unwrap().insert(key.text(), bytes.to_vec());
    }
}

fn open(name: &str, bytes: &Arc<[u8]>, tools: &Tools) -> Vec<Document> {
    let files = BTreeMap::from([(name.to_owned(), Arc::clone(bytes))]);
    pipeline::open(&files, tools, &|_| {})
}

/// All of a document but its bytes, and their hash.
fn said(documents: &[Document]) -> String {
    let hashes: Vec<_> = documents.iter().map(|one| heyan::read::id(&one.bytes)).collect();
    format!("{} {hashes:?}", serde_json::to_string(documents).unwrap())
}

fn files(folder: &Path, found: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() { files(&path, found) } else { found.push(path) }
    }
}

#[test]
fn a_kept_reading_is_what_is_read_under_any_name() {
    let shelf = Arc::new(Remembered::default());
    let plain = Tools::new(Vec::new(), 2).unwrap();
    let keeping = Tools { shelf: Some(Box::new(Arc::clone(&shelf))), ..Tools::new(Vec::new(), 2).unwrap() };
    let mut all = Vec::new();
    files(&Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/formats"), &mut all);
    all.sort();
    let mut again = 0;
    for path in &all {
        let bytes: Arc<[u8]> = fs::read(path).unwrap().into();
        let ending = path.extension().map_or("", |ending| ending.to_str().unwrap());
        let first = format!("attachments/first.{ending}");
        let other = format!("elsewhere/in a folder/other.{ending}");
        open(&first, &bytes, &keeping);
        for name in [&first, &other] {
            let before = *shelf.found.lock().unwrap();
            let found = open(name, &bytes, &keeping);
            assert_eq!(said(&found), said(&open(name, &bytes, &plain)), "{} as {name}", path.display());
            again += *shelf.found.lock().unwrap() - before;
        }
    }
    assert!(again > all.len(), "{again} of {} twice found", all.len());
}

#[test]
fn a_damaged_reading_is_read_again() {
    let shelf = Arc::new(Remembered::default());
    let keeping = Tools { shelf: Some(Box::new(Arc::clone(&shelf))), ..Tools::new(Vec::new(), 1).unwrap() };
    let bytes: Arc<[u8]> = b"name,amount\nA,3847.25\n".as_slice().into();
    let right = said(&open("a.csv", &bytes, &keeping));
    let whole = shelf.kept.lock().unwrap().clone();
    for (key, kept) in &whole {
        for damaged in [Vec::new(), kept[..kept.len() - 1].to_vec(), {
            let mut changed = kept.clone();
            *changed.last_mut().unwrap() ^= 1;
            changed
        }] {
            shelf.kept.lock().unwrap().insert(key.clone(), damaged);
            assert_eq!(said(&open("a.csv", &bytes, &keeping)), right);
            assert_eq!(*shelf.kept.lock().unwrap(), whole, "it is kept anew");
        }
    }
    assert!(!whole.is_empty());
}
