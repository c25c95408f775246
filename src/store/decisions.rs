//! What people decided. The program only recommends; what was decided stands beside it and is never
//! changed.

use sqlx::Row;

use super::{Store, StoreError, failed, stored, within};

/// A person's decision on an application, or on one finding of it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Decision {
    /// Its name, of whoever makes it; the same decision twice is one.
    pub id: String,
    /// The case's identifier.
    pub application: String,
    /// The examination that was looked at.
    pub run: String,
    /// The rule; empty for the whole application.
    pub rule: String,
    /// What was decided.
    pub outcome: String,
    /// Why.
    pub reason: String,
    /// Who decided.
    pub decided_by: String,
}

impl Store {
    /// Keeps a decision; answers whether it was new.
    ///
    /// # Errors
    ///
    /// Where the store cannot be written.
    pub fn decide(&self, decision: &Decision, now: i64) -> Result<bool, StoreError> {
        let row = sqlx::query(
            "INSERT INTO decision (id, application, run, rule, outcome, reason, decided_by, decided_at)
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8) ON CONFLICT DO NOTHING",
        )
        .bind(within(&decision.id))
        .bind(within(&decision.application))
        .bind(stored(&decision.run))
        .bind(stored(&decision.rule))
        .bind(stored(&decision.outcome))
        .bind(stored(&decision.reason))
        .bind(stored(&decision.decided_by))
        .bind(now);
        Ok(self.wait(row.execute(&self.pool)).map_err(failed("keep a decision"))?.rows_affected() == 1)
    }

    /// The decisions on an application, the first one first.
    ///
    /// # Errors
    ///
    /// Where the store cannot be reached.
    pub fn decisions(&self, application: &str) -> Result<Vec<Decision>, StoreError> {
        let rows = sqlx::query(
            "SELECT id, application, run, rule, outcome, reason, decided_by FROM decision
             WHERE application = $1 ORDER BY decided_at, id",
        );
        let rows = rows.bind(within(application)).fetch_all(&self.pool);
        let decision = |row: &sqlx::any::AnyRow| Decision {
            id: row.get(0),
            application: row.get(1),
            run: row.get(2),
            rule: row.get(3),
            outcome: row.get(4),
            reason: row.get(5),
            decided_by: row.get(6),
        };
        Ok(self.wait(rows).map_err(failed("list decisions"))?.iter().map(decision).collect())
    }
}
