//! The index of what applications use, for holding later ones against them.

use std::collections::BTreeSet;

use sqlx::{AnyConnection, AssertSqlSafe, Row};

use super::{ROWS, Store, StoreError, failed, parameters, stored};
use crate::model::reuse::Use;

/// The columns of a row, in the order in which they are bound and read.
const COLUMNS: &str = "key, call, application, applicant_name, applicant_uscc, file, page, facts";

impl Store {
    /// Everything of these keys that the latest examination of any application found, in a fixed order.
    ///
    /// # Errors
    ///
    /// Where the store cannot be reached.
    pub fn uses(&self, keys: &[&str]) -> Result<Vec<Use>, StoreError> {
        self.wait(async {
            let mut found = Vec::new();
            for keys in keys.chunks(ROWS) {
                let sql = format!("SELECT {COLUMNS} FROM reuse WHERE key IN {}", parameters(1, keys.len()));
                let query =
                    keys.iter().fold(sqlx::query(AssertSqlSafe(sql)), |query, key| query.bind(stored(key)));
                let rows = query.fetch_all(&self.pool).await.map_err(failed("look for other uses"))?;
                found.extend(rows.iter().map(used));
            }
            found.sort_unstable();
            Ok(found)
        })
    }

    /// Keeps what the latest examination of an application found, in place of what an earlier one did.
    ///
    /// # Errors
    ///
    /// Where the store cannot be written.
    pub fn index(&self, uses: &[Use]) -> Result<(), StoreError> {
        let Some(itself) = uses.first() else { return Ok(()) };
        self.wait(async {
            let failed = failed("keep what an application uses");
            let sql = format!("SELECT {COLUMNS} FROM reuse WHERE application = $1");
            let known = sqlx::query(AssertSqlSafe(sql));
            let known =
                known.bind(stored(&itself.application)).fetch_all(&self.pool).await.map_err(&failed)?;
            let mut known: Vec<Use> = known.iter().map(used).collect();
            known.retain(|one| one.is_of_one_application(itself));
            known.sort_unstable();
            let found = rows(uses);
            if known.iter().eq(found.iter().copied()) {
                return Ok(());
            }
            let mut connection = self.pool.acquire().await.map_err(&failed)?;
            let mut change = self.change(&mut connection).await.map_err(&failed)?;
            replaced(&mut change, &known, &found).await.map_err(&failed)?;
            change.commit().await.map_err(&failed)
        })
    }
}

async fn replaced(to: &mut AnyConnection, known: &[Use], found: &[&Use]) -> Result<(), sqlx::Error> {
    let text = |text: &Option<String>| stored(text.as_deref().unwrap_or_default());
    let versions: BTreeSet<_> = known
        .iter()
        .map(|one| (&one.application, &one.call, &one.applicant_name, &one.applicant_uscc))
        .collect();
    for (application, call, name, uscc) in versions {
        sqlx::query(
            "DELETE FROM reuse
             WHERE application = $1 AND call = $2 AND applicant_name = $3 AND applicant_uscc = $4",
        )
        .bind(stored(application))
        .bind(stored(call))
        .bind(text(name))
        .bind(text(uscc))
        .execute(&mut *to)
        .await?;
    }
    for rows in found.chunks(ROWS) {
        let sql = format!("INSERT INTO reuse ({COLUMNS}) VALUES {}", parameters(rows.len(), 8));
        let query = rows.iter().fold(sqlx::query(AssertSqlSafe(sql)), |query, one| {
            query
                .bind(stored(&one.key))
                .bind(stored(&one.call))
                .bind(stored(&one.application))
                .bind(text(&one.applicant_name))
                .bind(text(&one.applicant_uscc))
                .bind(text(&one.file))
                .bind(one.page.map_or(0, i64::from))
                .bind(serde_json::to_string(&one.facts).unwrap_or_default())
        });
        query.execute(&mut *to).await?;
    }
    Ok(())
}

fn used(row: &sqlx::any::AnyRow) -> Use {
    let text = |at: usize| Some(row.get::<String, _>(at)).filter(|text| !text.is_empty());
    Use {
        key: row.get(0),
        call: row.get(1),
        application: row.get(2),
        applicant_name: text(3),
        applicant_uscc: text(4),
        file: text(5),
        page: u32::try_from(row.get::<i64, _>(6)).ok().filter(|page| *page > 0),
        facts: serde_json::from_str(row.get(7)).unwrap_or_default(),
    }
}

/// Leaves the first, which is the application itself, out: nothing is looked for by it.
fn rows(uses: &[Use]) -> Vec<&Use> {
    let mut rows: Vec<&Use> = uses.iter().filter(|one| !one.key.is_empty()).collect();
    rows.sort_unstable();
    rows
}
