//! The index of what applications use, for holding later ones against them.

use sqlx::{AnyConnection, AssertSqlSafe, Row};

use super::{ROWS, Store, StoreError, failed, parameters, runs::Run, stored};
use crate::model::reuse::Use;

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
                let sql = format!(
                    "SELECT key, call, application, applicant_name, applicant_uscc, file, page, facts
                     FROM reuse WHERE key IN {}",
                    parameters(1, keys.len())
                );
                let query =
                    keys.iter().fold(sqlx::query(AssertSqlSafe(sql)), |query, key| query.bind(stored(key)));
                let rows = query.fetch_all(&self.pool).await.map_err(failed("look for other uses"))?;
                found.extend(rows.iter().map(used));
            }
            found.sort_unstable();
            Ok(found)
        })
    }
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

/// Writes what an examination found in place of what an earlier one of the application did.
pub(super) async fn indexed(to: &mut AnyConnection, run: &Run) -> Result<(), sqlx::Error> {
    let uscc = run.uses.first().and_then(|one| one.applicant_uscc.as_deref()).unwrap_or_default();
    sqlx::query("DELETE FROM reuse WHERE application = $1 AND applicant_uscc = $2")
        .bind(stored(&run.application))
        .bind(stored(uscc))
        .execute(&mut *to)
        .await?;
    for rows in run.uses.chunks(ROWS) {
        let sql = format!(
            "INSERT INTO reuse (key, call, application, applicant_name, applicant_uscc, file, page, facts)
             VALUES {}",
            parameters(rows.len(), 8)
        );
        let query = rows.iter().fold(sqlx::query(AssertSqlSafe(sql)), |query, one| {
            let text = |text: &Option<String>| stored(text.as_deref().unwrap_or_default());
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
