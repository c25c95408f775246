//! What is remembered between runs: a store that is named, or a small cache of readings.

use std::{path::PathBuf, sync::Arc};

use anyhow::Result;

use super::say;
use crate::{
    jobs::Kept,
    pipeline::Tools,
    store::{Cache, Store, StoreError},
};

/// What the cache may take.
const CACHE: u64 = 2 << 30;

/// The memory of one run of the program.
pub(super) struct Memory {
    /// The store, if one was named.
    pub(super) store: Option<Arc<Store>>,
    shelf: Option<Arc<Kept>>,
}

impl Memory {
    /// Opens the store that is named, else the cache unless none is wanted, and has the tools keep their
    /// readings there. A cache that cannot be used is done without.
    pub(super) fn open(
        store: Option<&str>,
        files: Option<&str>,
        cache: bool,
        tools: &mut Tools,
    ) -> Result<Self> {
        let store = match store {
            Some(place) => Some(Arc::new(Store::open(place, files).map_err(advised)?)),
            None => None,
        };
        let shelf = match (&store, folder()) {
            (Some(store), _) => Some(Kept::in_store(Arc::clone(store))),
            (None, Some(folder)) if cache => match Cache::open(&folder, CACHE) {
                Ok(cache) => Some(Kept::in_cache(cache)),
                Err(error) => {
                    say::hint(&format!("readings are not kept: {error}"));
                    None
                }
            },
            _ => None,
        };
        let shelf = shelf.map(Arc::new);
        if let Some(shelf) = &shelf {
            tools.shelf = Some(Box::new(Arc::clone(shelf)));
        }
        Ok(Self { store, shelf })
    }

    /// How many readings were made and how many were found.
    pub(super) fn counts(&self) -> Option<(usize, usize)> {
        self.shelf.as_ref().map(|shelf| shelf.counts())
    }
}

impl Drop for Memory {
    fn drop(&mut self) {
        if let Some(error) = self.shelf.as_ref().and_then(|shelf| shelf.trouble()) {
            say::hint(&format!("some readings were not kept: {error}"));
        }
    }
}

/// The cache's folder: `HEYAN_CACHE`, else `heyan` in the user's cache folder.
fn folder() -> Option<PathBuf> {
    if let Some(folder) = std::env::var_os("HEYAN_CACHE") {
        return Some(folder.into());
    }
    let cache = std::env::var_os("XDG_CACHE_HOME").map(PathBuf::from);
    let home = || std::env::var_os("HOME").map(|home| PathBuf::from(home).join(".cache"));
    Some(cache.or_else(home)?.join("heyan"))
}

/// An error of the store with what can be done about it.
pub(super) fn advised(error: StoreError) -> anyhow::Error {
    let advice = match &error {
        StoreError::NoStore { .. } => "name a file, as in --store heyan.db",
        StoreError::NoPlace { .. } => "name a folder, as in --files heyan-files",
        StoreError::NoFiles => "name a folder for them with --files",
        _ => {
            "see whether the place is there, can be written and has room; what was done is kept, and the same command goes on from there"
        }
    };
    say::advised(error.to_string(), advice.to_owned())
}
