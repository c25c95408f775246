//! Bytes by name, in a folder or in S3: written whole or not at all, and there to stay when they are said
//! to be.

use std::{fmt, sync::Arc, time::Duration};

use futures_util::TryStreamExt;
use object_store::{
    ObjectStore, ObjectStoreExt, RetryConfig,
    aws::{AmazonS3Builder, AmazonS3ConfigKey},
    local::LocalFileSystem,
    path::Path,
    prefix::PrefixStore,
};

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
pub(super) struct Blobs(Arc<dyn ObjectStore>);

/// How long S3 is asked again before it counts as out of reach.
const PATIENCE: Duration = Duration::from_secs(30);

/// What one file takes.
#[derive(Clone, Debug)]
pub(super) struct Held {
    pub path: Path,
    pub bytes: u64,
    pub written: chrono::DateTime<chrono::Utc>,
}

impl Blobs {
    /// A folder, made if it is missing, or `s3://BUCKET/PREFIX`, which has to be there. Who asks S3 and
    /// where it is stands in the environment, in the variables that its programs share
    /// (`AWS_ACCESS_KEY_ID`, `AWS_SECRET_ACCESS_KEY`, `AWS_REGION`, `AWS_ENDPOINT`), or in the query
    /// (`?region=…&endpoint=…`), which goes before.
    pub(super) async fn open(place: &str) -> Result<Self, StoreError> {
        let unusable =
            |why: &dyn fmt::Display| StoreError::Unusable { place: shown(place), why: why.to_string() };
        match place.split_once("://") {
            Some(("s3", path)) => {
                let blobs = bucket(path).map_err(|error| unusable(&error))?;
                // Better said now than in the night.
                let first = blobs.0.list(None).try_next().await;
                first.map_err(|error| unusable(&error))?;
                Ok(blobs)
            }
            Some(_) => Err(StoreError::NoPlace { place: shown(place) }),
            None => {
                std::fs::create_dir_all(place).map_err(|error| unusable(&error))?;
                let folder = LocalFileSystem::new_with_prefix(place).map_err(|error| unusable(&error))?;
                Ok(Self(Arc::new(folder.with_fsync(true))))
            }
        }
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

/// A place without what may be secret in it.
fn shown(place: &str) -> String {
    place.split_once('?').map_or(place, |(place, _)| place).to_owned()
}

fn bucket(path: &str) -> Result<Blobs, object_store::Error> {
    // Whoever set another provider of cryptography before keeps it.
    let _ = rustls::crypto::ring::default_provider().install_default();
    let (path, options) = path.split_once('?').unwrap_or((path, ""));
    let (name, prefix) = path.split_once('/').unwrap_or((path, ""));
    let retry = RetryConfig { max_retries: 5, retry_timeout: PATIENCE, ..RetryConfig::default() };
    let mut bucket = AmazonS3Builder::from_env().with_bucket_name(name).with_retry(retry);
    for (key, value) in form_urlencoded::parse(options.as_bytes()) {
        bucket = bucket.with_config(key.parse::<AmazonS3ConfigKey>()?, value);
    }
    Ok(Blobs(Arc::new(PrefixStore::new(bucket.build()?, prefix))))
}

/// Names are hashes; folders by their first digits stay small.
fn path(kind: Kind, name: &str) -> Path {
    let first = name.get(..2).unwrap_or(name);
    Path::from_iter([kind.folder(), first, name])
}
