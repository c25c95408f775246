//! What is remembered from one run to the next: files, readings, examinations, work to do.
//!
//! A store is a database (SQLite in one file, or PostgreSQL) for what is looked up, and a folder or a
//! bucket of S3 for what is large. One SQL text serves both. Bytes are written before the
//! row that names them, so that a row never leads to nothing, whenever the power goes.
//!
//! Calls block; they may come from many threads, and from several programs at once. No clock is asked
//! here: who calls says what time it is, in milliseconds since 1970.

mod blobs;
mod cache;
mod decisions;
mod error;
mod queue;
mod readings;
mod reuse;
mod runs;

use std::{borrow::Cow, future::Future, str::FromStr, time::Duration};

use sqlx::{
    AnyConnection, AnyPool, Connection, Executor, SqlStr,
    any::{AnyConnectOptions, AnyPoolOptions},
    migrate::{Migration, MigrationType, Migrator},
};

use self::blobs::{Blobs, Kind};

pub use self::{
    cache::Cache,
    decisions::Decision,
    error::StoreError,
    queue::{Job, Lease, State},
    readings::Reading,
    runs::{FactRow, FindingRow, Past, Run, RunReport},
};

/// The schema, step by step. A step that was published is never changed.
const SCHEMA: &[(i64, &str, &str)] = &[
    (1, "first", include_str!("schema/0001_first.sql")),
    (2, "across", include_str!("schema/0002_across.sql")),
    (3, "handed in", include_str!("schema/0003_handed_in.sql")),
];
/// Rows of one statement: as many as both databases take of the widest.
const ROWS: usize = 500;
/// How long one program waits for another that writes.
const PATIENCE: Duration = Duration::from_secs(30);
/// How often the schema is tried: of two programs that make it at once, one has to try again.
const TRIES: usize = 10;
/// What every connection to SQLite is told. What is committed is on the disk.
const SQLITE: &str = "PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA busy_timeout = 30000;";

/// A store, open.
#[derive(Debug)]
pub struct Store {
    runtime: tokio::runtime::Runtime,
    pool: AnyPool,
    blobs: Blobs,
    database: Database,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Database {
    Sqlite,
    Postgres,
}

impl Store {
    /// Opens a store, and makes it if there is none: `place` is the path of an SQLite file or a
    /// `postgres://` URL, `files` a folder or `s3://BUCKET/PREFIX`. Without `files` they lie beside the SQLite file, in a
    /// folder of its name and `.files`.
    ///
    /// # Errors
    ///
    /// Where the place is no store, cannot be reached or cannot be written.
    pub fn open(place: &str, files: Option<&str>) -> Result<Self, StoreError> {
        let (database, url, beside) = match place.split_once("://") {
            Some(("postgres" | "postgresql", _)) => (Database::Postgres, place.to_owned(), None),
            Some(("sqlite", path)) if !path.is_empty() => sqlite(path),
            None if !place.is_empty() => sqlite(place),
            _ => return Err(StoreError::NoStore { place: place.to_owned() }),
        };
        let files = files.map(str::to_owned).or(beside).ok_or(StoreError::NoFiles)?;
        let runtime = runtime()?;
        let pool = runtime
            .block_on(connected(database, &url))
            .map_err(|why| StoreError::Unusable { place: without_password(place), why: why.to_string() })?;
        let blobs = runtime.block_on(Blobs::open(&files))?;
        Ok(Self { runtime, pool, blobs, database })
    }

    fn wait<T>(&self, work: impl Future<Output = T>) -> T {
        self.runtime.block_on(work)
    }
}

impl Drop for Store {
    fn drop(&mut self) {
        self.runtime.block_on(self.pool.close());
    }
}

/// One thread waits for disks and networks; the work is done by those who ask.
fn runtime() -> Result<tokio::runtime::Runtime, StoreError> {
    Ok(tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build()?)
}

fn sqlite(path: &str) -> (Database, String, Option<String>) {
    (Database::Sqlite, format!("sqlite://{}?mode=rwc", escaped(path)), Some(format!("{path}.files")))
}

/// A path as part of a URL.
fn escaped(path: &str) -> String {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-._~/".contains(&byte);
    let one = |byte: u8| if plain(byte) { char::from(byte).to_string() } else { format!("%{byte:02X}") };
    path.bytes().map(one).collect()
}

/// A URL as it may be shown.
fn without_password(place: &str) -> String {
    match place.split_once("://").and_then(|(kind, rest)| Some((kind, rest.rsplit_once('@')?))) {
        Some((kind, (user, at))) => {
            format!("{kind}://{}@{at}", user.split_once(':').map_or(user, |(user, _)| user))
        }
        None => place.to_owned(),
    }
}

async fn connected(database: Database, url: &str) -> Result<AnyPool, sqlx::Error> {
    sqlx::any::install_default_drivers();
    let options = AnyConnectOptions::from_str(url)?;
    // The pool tries again and again and says nothing of why; a first connection of its own does.
    let mut first = AnyConnection::connect_with(&options).await?;
    told(database, &mut first).await?;
    first.close().await?;
    let pool = AnyPoolOptions::new()
        .max_connections(4)
        .acquire_timeout(PATIENCE)
        .after_connect(move |connection, _| Box::pin(told(database, connection)))
        .connect_with(options)
        .await?;
    let steps = SCHEMA.iter().map(|(version, name, sql)| {
        let sql = SqlStr::from_static(sql);
        Migration::new(*version, Cow::Borrowed(*name), MigrationType::Simple, sql, false)
    });
    let schema = Migrator::with_migrations(steps.collect());
    for _ in 1..TRIES {
        if schema.run(&pool).await.is_ok() {
            return Ok(pool);
        }
        tokio::time::sleep(Duration::from_millis(200)).await;
    }
    schema.run(&pool).await?;
    Ok(pool)
}

/// Tells a new connection how to work.
async fn told(database: Database, connection: &mut AnyConnection) -> Result<(), sqlx::Error> {
    match database {
        Database::Sqlite => connection.execute(SQLITE).await.map(|_| ()),
        Database::Postgres => Ok(()),
    }
}

/// `($1, $2), ($3, $4)`: parameters as both databases count them.
fn parameters(rows: usize, columns: usize) -> String {
    let row = |row: usize| {
        (1..=columns).map(|at| format!("${}", row * columns + at)).collect::<Vec<_>>().join(", ")
    };
    (0..rows).map(|at| format!("({})", row(at))).collect::<Vec<_>>().join(", ")
}

/// A text as both databases take it: PostgreSQL has no NUL.
fn stored(text: &str) -> String {
    text.replace('\0', "\u{fffd}")
}

/// A text that an index of both databases takes: PostgreSQL's have a bound. What is cut may fall
/// together with another; nobody who means well has such names.
fn within(text: &str) -> String {
    stored(text.get(..text.floor_char_boundary(1000)).unwrap_or(text))
}

/// An error of the database, with what it was asked to do.
fn failed(doing: &'static str) -> impl Fn(sqlx::Error) -> StoreError {
    move |why| StoreError::Database { doing, why }
}
