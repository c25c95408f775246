//! Bytes by name, in a folder: written whole or not at all, and on the disk when they are said to be.

use std::fmt;

use futures_util::TryStreamExt;
use object_store::{ObjectStore, ObjectStoreExt, local::LocalFileSystem, path::Path};

use super::StoreError;

/// What kinds of bytes are kept, each in a folder of its own.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    /// Files as they were handed in.
    Document,
    /// What was read of them.
    Reading,
    /// Reports.
    Report,
}

impl Kind {
    const fn folder(self) -> &'static str {
        match self {
            Self::Document => "documents",
            Self::Reading => "readings",
            Self::Report => "reports",
        }
    }
}

/// A place for bytes.
#[derive(Debug)]
pub(super) struct Blobs(LocalFileSystem);

/// What one file takes.
#[derive(Clone, Debug)]
pub(super) struct Held {
    pub path: Path,
    pub bytes: u64,
    pub written: chrono::DateTime<chrono::Utc>,
}

impl Blobs {
    /// A folder, made if it is missing.
    pub(super) fn open(place: &str) -> Result<Self, StoreError> {
        let unusable =
            |why: &dyn fmt::Display| StoreError::Unusable { place: place.to_owned(), why: why.to_string() };
        std::fs::create_dir_all(place).map_err(|error| unusable(&error))?;
        let folder = LocalFileSystem::new_with_prefix(place).map_err(|error| unusable(&error))?;
        Ok(Self(folder.with_fsync(true)))
    }

    /// Keeps bytes under a name, in place of what was there.
    pub(super) async fn put(&self, kind: Kind, name: &str, bytes: Vec<u8>) -> Result<(), StoreError> {
        let done = self.0.put(&path(kind, name), bytes.into()).await;
        done.map(|_| ()).map_err(|why| StoreError::Files { doing: "be written", why })
    }

    /// The bytes under a name, if there are any.
    pub(super) async fn get(&self, kind: Kind, name: &str) -> Result<Option<Vec<u8>>, StoreError> {
        let failed = |why| StoreError::Files { doing: "be read", why };
        match self.0.get(&path(kind, name)).await {
            Ok(found) => Ok(Some(found.bytes().await.map_err(failed)?.into())),
            Err(object_store::Error::NotFound { .. }) => Ok(None),
            Err(why) => Err(failed(why)),
        }
    }

    /// Everything of a kind.
    pub(super) async fn list(&self, kind: Kind) -> Result<Vec<Held>, StoreError> {
        let found = self.0.list(Some(&Path::from(kind.folder())));
        let held =
            found.map_ok(|meta| Held { path: meta.location, bytes: meta.size, written: meta.last_modified });
        held.try_collect().await.map_err(|why| StoreError::Files { doing: "be listed", why })
    }

    /// Lets go of one.
    pub(super) async fn delete(&self, held: &Held) -> Result<(), StoreError> {
        match self.0.delete(&held.path).await {
            Ok(()) | Err(object_store::Error::NotFound { .. }) => Ok(()),
            Err(why) => Err(StoreError::Files { doing: "be deleted", why }),
        }
    }
}

/// Names are hashes; folders by their first digits stay small.
fn path(kind: Kind, name: &str) -> Path {
    let first = name.get(..2).unwrap_or(name);
    Path::from_iter([kind.folder(), first, name])
}
