//! Where readings are kept: in a store, or in a small cache.

use std::sync::{
    Arc, Mutex, PoisonError,
    atomic::{AtomicUsize, Ordering},
};

use crate::{
    pipeline::{Key, Shelf},
    store::{Cache, Reading, Store, StoreError},
};

use super::now;

/// A shelf over a store or a cache. What it cannot do is read again; the first trouble is remembered,
/// to be said once.
#[derive(Debug)]
pub struct Kept {
    place: Place,
    trouble: Mutex<Option<StoreError>>,
    missed: AtomicUsize,
    found: AtomicUsize,
}

#[derive(Debug)]
enum Place {
    Store(Arc<Store>),
    Cache(Cache),
}

impl Kept {
    /// Readings kept in a store.
    #[must_use]
    pub fn in_store(store: Arc<Store>) -> Self {
        Self::at(Place::Store(store))
    }

    /// Readings kept in a cache.
    #[must_use]
    pub fn in_cache(cache: Cache) -> Self {
        Self::at(Place::Cache(cache))
    }

    fn at(place: Place) -> Self {
        Self { place, trouble: Mutex::default(), missed: AtomicUsize::new(0), found: AtomicUsize::new(0) }
    }

    /// How many readings had to be made, and how many were found, so far.
    #[must_use]
    pub fn counts(&self) -> (usize, usize) {
        (self.missed.load(Ordering::Relaxed), self.found.load(Ordering::Relaxed))
    }

    /// The first thing that went wrong since it was last asked.
    pub fn trouble(&self) -> Option<StoreError> {
        self.trouble.lock().unwrap_or_else(PoisonError::into_inner).take()
    }

    fn or_trouble<T>(&self, result: Result<T, StoreError>) -> Option<T> {
        match result {
            Ok(value) => Some(value),
            Err(error) => {
                self.trouble.lock().unwrap_or_else(PoisonError::into_inner).get_or_insert(error);
                None
            }
        }
    }
}

impl Shelf for Kept {
    fn find(&self, key: &Key) -> Option<Vec<u8>> {
        let name = key.text();
        let found = match &self.place {
            Place::Store(store) => store.reading(&name),
            Place::Cache(cache) => cache.reading(&name),
        };
        let found = self.or_trouble(found).flatten();
        let counted = if found.is_some() { &self.found } else { &self.missed };
        counted.fetch_add(1, Ordering::Relaxed);
        found
    }

    fn keep(&self, key: &Key, bytes: &[u8]) {
        let name = key.text();
        let done = match &self.place {
            Place::Store(store) => {
                let reading =
                    Reading { key: name, sha256: key.document.0.clone(), made_with: key.made_with.clone() };
                store.keep_reading(&reading, bytes, now())
            }
            Place::Cache(cache) => cache.keep_reading(&name, bytes),
        };
        self.or_trouble(done);
    }
}
