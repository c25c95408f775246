//! Work to be done, leased to one worker at a time.

use sqlx::{AssertSqlSafe, Row};

use super::{Database, Store, StoreError, failed, stored};

/// How far a job is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum State {
    /// Nobody has it.
    Waiting,
    /// A worker has it, or had it when it died.
    Leased,
    /// It is done.
    Done,
    /// It was given up.
    Dead,
}

impl State {
    const ALL: [Self; 4] = [Self::Waiting, Self::Leased, Self::Done, Self::Dead];

    const fn name(self) -> &'static str {
        match self {
            Self::Waiting => "waiting",
            Self::Leased => "leased",
            Self::Done => "done",
            Self::Dead => "dead",
        }
    }
}

/// A job as it stands in the store.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Job {
    /// Its name in the batch.
    pub key: String,
    /// How far it is.
    pub state: State,
    /// Who has it.
    pub leased_by: String,
    /// Why it was given up or has to be tried again.
    pub said: String,
}

/// A job in the hands of a worker. Whoever lost it to another changes nothing by it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Lease {
    /// The batch.
    pub batch: String,
    /// The job's name in it.
    pub key: String,
    /// What is to be done.
    pub body: String,
    /// How often it was handed out since it last got further, this time included.
    pub delivered: i64,
    /// Grows with every lease: a worker whose lease was given to another holds an older one.
    pub token: i64,
}

impl Store {
    /// Begins a batch, or goes on with it; answers the day that counted as today when it was begun.
    ///
    /// # Errors
    ///
    /// Where the store cannot be written.
    pub fn begin(&self, batch: &str, today: &str, now: i64) -> Result<String, StoreError> {
        self.wait(async {
            let failed = failed("begin a batch");
            let row = sqlx::query(
                "INSERT INTO batch (key, today, begun_at) VALUES ($1, $2, $3) ON CONFLICT DO NOTHING",
            );
            row.bind(batch).bind(today).bind(now).execute(&self.pool).await.map_err(&failed)?;
            let row = sqlx::query("SELECT today FROM batch WHERE key = $1").bind(batch);
            Ok(row.fetch_one(&self.pool).await.map_err(&failed)?.get(0))
        })
    }

    /// Forgets a batch and its jobs; what came of them stays.
    ///
    /// # Errors
    ///
    /// Where the store cannot be written.
    pub fn finish(&self, batch: &str) -> Result<(), StoreError> {
        self.wait(async {
            let failed = failed("finish a batch");
            // The jobs first: a batch without any begins them all again, and finds them done.
            for sql in ["DELETE FROM job WHERE batch = $1", "DELETE FROM batch WHERE key = $1"] {
                sqlx::query(sql).bind(batch).execute(&self.pool).await.map_err(&failed)?;
            }
            Ok(())
        })
    }

    /// Adds a job; answers whether it was new.
    ///
    /// # Errors
    ///
    /// Where the store cannot be written.
    pub fn push(&self, batch: &str, key: &str, body: &str) -> Result<bool, StoreError> {
        let row = sqlx::query(
            "INSERT INTO job (batch, key, body, state, delivered, leased_until, leased_by, token, said)
             VALUES ($1, $2, $3, 'waiting', 0, 0, '', 0, '') ON CONFLICT DO NOTHING",
        );
        let done = self.wait(row.bind(batch).bind(key).bind(stored(body)).execute(&self.pool));
        Ok(done.map_err(failed("add a job"))?.rows_affected() == 1)
    }

    /// Hands out the next job that nobody has, of those that were handed out least: what may have killed
    /// its worker waits until the others had their turn. That it was handed out is counted before anyone works on
    /// it, so that a job that kills its workers is known.
    ///
    /// # Errors
    ///
    /// Where the store cannot be written.
    pub fn lease(&self, batch: &str, by: &str, now: i64, until: i64) -> Result<Option<Lease>, StoreError> {
        // SQLite has one writer at a time; PostgreSQL passes over what another worker is taking.
        let others = match self.database {
            Database::Sqlite => "",
            Database::Postgres => "FOR UPDATE SKIP LOCKED",
        };
        let sql = format!(
            "UPDATE job SET state = 'leased', delivered = delivered + 1, leased_until = $1, leased_by = $2,
               token = token + 1
             WHERE batch = $3 AND key IN (
               SELECT key FROM job WHERE batch = $3 AND state IN ('waiting', 'leased') AND leased_until <= $4
               ORDER BY delivered, key LIMIT 1 {others})
             RETURNING key, body, delivered, token"
        );
        let row = sqlx::query(AssertSqlSafe(sql)).bind(until).bind(by).bind(batch).bind(now);
        let row = self.wait(row.fetch_optional(&self.pool)).map_err(failed("hand out a job"))?;
        Ok(row.map(|row| Lease {
            batch: batch.to_owned(),
            key: row.get(0),
            body: row.get(1),
            delivered: row.get(2),
            token: row.get(3),
        }))
    }

    /// Says that a job is still worked on, and whether it got further since; answers whether it is
    /// still the worker's.
    ///
    /// # Errors
    ///
    /// Where the store cannot be written.
    pub fn beat(&self, lease: &Lease, until: i64, further: bool) -> Result<bool, StoreError> {
        let row = sqlx::query(
            "UPDATE job SET leased_until = $1, delivered = CASE WHEN $2 = 1 THEN 1 ELSE delivered END
             WHERE batch = $3 AND key = $4 AND token = $5 AND state = 'leased'",
        )
        .bind(until)
        .bind(i64::from(further))
        .bind(&lease.batch)
        .bind(&lease.key)
        .bind(lease.token);
        Ok(self.wait(row.execute(&self.pool)).map_err(failed("keep a lease"))?.rows_affected() == 1)
    }

    /// Ends a lease: the job is done, given up, or waits to be tried again from `at` on. Answers whether
    /// it was still the worker's.
    ///
    /// # Errors
    ///
    /// Where the store cannot be written.
    pub fn end(&self, lease: &Lease, state: State, at: i64, said: &str) -> Result<bool, StoreError> {
        let row = sqlx::query(
            "UPDATE job SET state = $1, leased_until = $2, leased_by = '', said = $3
             WHERE batch = $4 AND key = $5 AND token = $6 AND state = 'leased'",
        )
        .bind(state.name())
        .bind(at)
        .bind(stored(said))
        .bind(&lease.batch)
        .bind(&lease.key)
        .bind(lease.token);
        Ok(self.wait(row.execute(&self.pool)).map_err(failed("end a lease"))?.rows_affected() == 1)
    }

    /// Ends a lease as if the job had not been handed out: it waits, and nothing is counted against it.
    /// Answers whether it was still the worker's.
    ///
    /// # Errors
    ///
    /// Where the store cannot be written.
    pub fn give_back(&self, lease: &Lease) -> Result<bool, StoreError> {
        let row = sqlx::query(
            "UPDATE job SET state = 'waiting', leased_until = 0, leased_by = '', delivered = delivered - 1
             WHERE batch = $1 AND key = $2 AND token = $3 AND state = 'leased'",
        )
        .bind(&lease.batch)
        .bind(&lease.key)
        .bind(lease.token);
        Ok(self.wait(row.execute(&self.pool)).map_err(failed("give a job back"))?.rows_affected() == 1)
    }

    /// Takes all jobs back from a worker that is known to be dead.
    ///
    /// # Errors
    ///
    /// Where the store cannot be written.
    pub fn take_back(&self, batch: &str, from: &str) -> Result<(), StoreError> {
        let row = sqlx::query(
            "UPDATE job SET state = 'waiting', leased_until = 0, leased_by = '', token = token + 1
             WHERE batch = $1 AND leased_by = $2 AND state = 'leased'",
        );
        let done = self.wait(row.bind(batch).bind(from).execute(&self.pool));
        done.map(|_| ()).map_err(failed("take a job back"))
    }

    /// All jobs of a batch, in their order.
    ///
    /// # Errors
    ///
    /// Where the store cannot be reached.
    pub fn jobs(&self, batch: &str) -> Result<Vec<Job>, StoreError> {
        let rows = sqlx::query("SELECT key, state, leased_by, said FROM job WHERE batch = $1 ORDER BY key");
        let rows = self.wait(rows.bind(batch).fetch_all(&self.pool)).map_err(failed("list jobs"))?;
        let state = |name: &str| State::ALL.into_iter().find(|state| state.name() == name);
        let job = |row: &sqlx::any::AnyRow| Job {
            key: row.get(0),
            state: state(row.get(1)).unwrap_or(State::Waiting),
            leased_by: row.get(2),
            said: row.get(3),
        };
        Ok(rows.iter().map(job).collect())
    }
}
