//! A small memory of readings in a folder, for who names no store: bounded, and safe to delete.

use std::{
    path::Path,
    sync::{Mutex, PoisonError},
};

use super::{Kind, StoreError, blobs::Blobs, runtime};

/// A folder with readings that takes no more than so many bytes; the oldest go first.
#[derive(Debug)]
pub struct Cache {
    runtime: tokio::runtime::Runtime,
    blobs: Blobs,
    bound: u64,
    /// Bytes written since it was last looked at how many there are.
    fresh: Mutex<u64>,
}

impl Cache {
    /// Opens a folder, and makes it if it is missing.
    ///
    /// # Errors
    ///
    /// Where the folder cannot be made.
    pub fn open(folder: &Path, bound: u64) -> Result<Self, StoreError> {
        let runtime = runtime()?;
        let blobs = runtime.block_on(Blobs::open(&folder.to_string_lossy()))?;
        Ok(Self { runtime, blobs, bound, fresh: Mutex::new(bound) })
    }

    /// The bytes of a reading, if it was kept.
    ///
    /// # Errors
    ///
    /// Where the folder cannot be read.
    pub fn reading(&self, key: &str) -> Result<Option<Vec<u8>>, StoreError> {
        self.runtime.block_on(self.blobs.get(Kind::Reading, key))
    }

    /// Keeps a reading, in place of what was there.
    ///
    /// # Errors
    ///
    /// Where the folder cannot be written.
    pub fn keep_reading(&self, key: &str, bytes: &[u8]) -> Result<(), StoreError> {
        self.runtime.block_on(self.blobs.put(Kind::Reading, key, bytes.to_vec()))?;
        let mut fresh = self.fresh.lock().unwrap_or_else(PoisonError::into_inner);
        *fresh += bytes.len() as u64;
        // Looking at all of them costs more than one of them; so it is done now and then.
        if *fresh > self.bound / 16 {
            *fresh = 0;
            self.runtime.block_on(self.within_bounds())?;
        }
        Ok(())
    }

    async fn within_bounds(&self) -> Result<(), StoreError> {
        let mut held = self.blobs.list(Kind::Reading).await?;
        held.sort_by_key(|one| one.written);
        let mut all: u64 = held.iter().map(|one| one.bytes).sum();
        for one in &held {
            if all <= self.bound {
                break;
            }
            self.blobs.delete(one).await?;
            all -= one.bytes;
        }
        Ok(())
    }
}
