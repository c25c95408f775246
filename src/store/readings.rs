//! Readings by their key, and the files they were read from.

use sqlx::Row;

use super::{Kind, Store, StoreError, failed};

/// What is known of a reading besides its bytes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reading {
    /// Under what it is found again.
    pub key: String,
    /// The file that was read.
    pub sha256: String,
    /// The hash of what it was read with.
    pub made_with: String,
}

impl Store {
    /// The bytes of a reading, if it was kept.
    ///
    /// # Errors
    ///
    /// Where the store cannot be reached.
    pub fn reading(&self, key: &str) -> Result<Option<Vec<u8>>, StoreError> {
        self.wait(async {
            let row =
                sqlx::query("SELECT 1 FROM reading WHERE key = $1").bind(key).fetch_optional(&self.pool);
            match row.await.map_err(failed("look for a reading"))? {
                Some(_) => self.blobs.get(Kind::Reading, key).await,
                None => Ok(None),
            }
        })
    }

    /// Keeps a reading, in place of what was there.
    ///
    /// # Errors
    ///
    /// Where the store cannot be written.
    pub fn keep_reading(&self, reading: &Reading, bytes: &[u8], now: i64) -> Result<(), StoreError> {
        self.wait(async {
            self.blobs.put(Kind::Reading, &reading.key, bytes.to_vec()).await?;
            let row = sqlx::query(
                "INSERT INTO reading (key, sha256, made_with, bytes, kept_at) VALUES ($1, $2, $3, $4, $5)
                 ON CONFLICT (key) DO UPDATE SET bytes = excluded.bytes, kept_at = excluded.kept_at",
            )
            .bind(&reading.key)
            .bind(&reading.sha256)
            .bind(&reading.made_with)
            .bind(i64::try_from(bytes.len()).unwrap_or(i64::MAX))
            .bind(now);
            row.execute(&self.pool).await.map(|_| ()).map_err(failed("keep a reading"))
        })
    }

    /// Keeps a file under the hash of its bytes; once is enough.
    ///
    /// # Errors
    ///
    /// Where the store cannot be written.
    pub fn keep_document(
        &self,
        sha256: &str,
        format: &str,
        bytes: &[u8],
        now: i64,
    ) -> Result<(), StoreError> {
        self.wait(async {
            let known = sqlx::query("SELECT 1 FROM document WHERE sha256 = $1").bind(sha256);
            let known = known.fetch_optional(&self.pool).await.map_err(failed("look for a file"))?;
            if known.is_some() {
                return Ok(());
            }
            self.blobs.put(Kind::Document, sha256, bytes.to_vec()).await?;
            let row = sqlx::query(
                "INSERT INTO document (sha256, format, bytes, kept_at) VALUES ($1, $2, $3, $4)
                 ON CONFLICT DO NOTHING",
            )
            .bind(sha256)
            .bind(format)
            .bind(i64::try_from(bytes.len()).unwrap_or(i64::MAX))
            .bind(now);
            row.execute(&self.pool).await.map(|_| ()).map_err(failed("keep a file"))
        })
    }

    /// The bytes of a file that was handed in, if it was kept.
    ///
    /// # Errors
    ///
    /// Where the store cannot be reached.
    pub fn document(&self, sha256: &str) -> Result<Option<Vec<u8>>, StoreError> {
        self.wait(self.blobs.get(Kind::Document, sha256))
    }

    /// How many files, readings and runs there are.
    ///
    /// # Errors
    ///
    /// Where the store cannot be reached.
    pub fn counts(&self) -> Result<[i64; 3], StoreError> {
        self.wait(async {
            let row = sqlx::query(
                "SELECT (SELECT count(*) FROM document), (SELECT count(*) FROM reading), (SELECT count(*) FROM run)",
            );
            let row = row.fetch_one(&self.pool).await.map_err(failed("count"))?;
            Ok([row.get(0), row.get(1), row.get(2)])
        })
    }
}
