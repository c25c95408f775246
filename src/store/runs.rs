//! Examinations that were made, each once, whatever dies while it is written down.

use sqlx::{AnyConnection, AssertSqlSafe, Connection, Row};

use super::{Database, Kind, ROWS, Store, StoreError, failed, parameters, stored, within};

/// An examination and what it is found by. Texts are in wire form.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Run {
    /// The hash of all that went into it.
    pub key: String,
    /// The case's identifier, the same in every run of it.
    pub application: String,
    /// The name of its folder or archive.
    pub name: String,
    /// Declared.
    pub applicant_name: Option<String>,
    /// Declared.
    pub applicant_uscc: Option<String>,
    /// Declared.
    pub category: Option<String>,
    /// The pack it was checked with.
    pub pack: String,
    /// Its version.
    pub pack_version: String,
    /// The day that counted as today, ISO.
    pub today: String,
    /// How it ended.
    pub outcome: String,
    /// What lists of cases show of it, as JSON of whoever recorded it.
    pub summary: String,
    /// What was handed in, as JSON of whoever recorded it.
    pub handed_in: String,
    /// Files by name, with their hash.
    pub documents: Vec<(String, String)>,
    /// What was declared and what was read.
    pub facts: Vec<FactRow>,
    /// What came of the rules.
    pub findings: Vec<FindingRow>,
    /// The reports that were made of it.
    pub reports: Vec<RunReport>,
}

/// The latest run of an application by a pack.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Past {
    /// The run.
    pub key: String,
    /// The case's identifier.
    pub application: String,
    /// Category, name and code of the applicant, between blanks.
    pub applicant: String,
    /// The day that counted as today, ISO.
    pub today: String,
}

/// A report of a run.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct RunReport {
    /// The name of its file.
    pub name: String,
    /// The hash of its bytes.
    pub sha256: String,
}

/// A fact of a run.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct FactRow {
    /// Its number in the run.
    pub id: u32,
    /// `declaration`, or the type of the document.
    pub subject: String,
    /// The field, lists with the number of the row.
    pub field: String,
    /// The value; `None` where it was not read.
    pub value: Option<String>,
    /// The file it stands in.
    pub file: Option<String>,
    /// The page it stands on.
    pub page: Option<u32>,
    /// How surely it was read.
    pub confidence: String,
}

/// A finding of a run.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct FindingRow {
    /// The rule.
    pub rule: String,
    /// Its code.
    pub code: String,
    /// How it ended.
    pub outcome: String,
    /// How much it matters.
    pub severity: String,
    /// Reason codes, separated by blanks.
    pub reasons: String,
    /// What was declared.
    pub declared: Option<String>,
    /// What was found.
    pub found: Option<String>,
    /// Found minus declared.
    pub difference: Option<String>,
}

impl Store {
    /// Records a run with the bytes of its reports, whole or not at all; answers whether it was new.
    ///
    /// # Errors
    ///
    /// Where the store cannot be written.
    pub fn record(&self, run: &Run, reports: Vec<Vec<u8>>, now: i64) -> Result<bool, StoreError> {
        self.wait(async {
            for (report, bytes) in run.reports.iter().zip(reports) {
                self.blobs.put(Kind::Report, &report.sha256, bytes).await?;
            }
            let failed = failed("record a run");
            let mut connection = self.pool.acquire().await.map_err(&failed)?;
            let mut change = self.change(&mut connection).await.map_err(&failed)?;
            let new = written(&mut change, run, now).await.map_err(&failed)?;
            change.commit().await.map_err(&failed)?;
            Ok(new)
        })
    }

    /// The summary and the reports of a run that was recorded.
    ///
    /// # Errors
    ///
    /// Where the store cannot be reached.
    pub fn run(&self, key: &str) -> Result<Option<(String, Vec<RunReport>)>, StoreError> {
        self.wait(async {
            let failed = failed("look for a run");
            let row = sqlx::query("SELECT summary FROM run WHERE key = $1").bind(key);
            let Some(row) = row.fetch_optional(&self.pool).await.map_err(&failed)? else { return Ok(None) };
            let reports = sqlx::query("SELECT name, sha256 FROM run_report WHERE run = $1 ORDER BY name");
            let reports = reports.bind(key).fetch_all(&self.pool).await.map_err(&failed)?;
            let reports =
                reports.iter().map(|row| RunReport { name: row.get(0), sha256: row.get(1) }).collect();
            Ok(Some((row.get(0), reports)))
        })
    }

    /// The latest run of each application by a pack of any version, by identifier and applicant. Runs of which it was not
    /// kept what was handed in are none of them.
    ///
    /// # Errors
    ///
    /// Where the store cannot be reached.
    pub fn past(&self, pack: &str) -> Result<Vec<Past>, StoreError> {
        self.wait(async {
            let rows = sqlx::query(
                "SELECT run.key, run.application, own.applicant, run.today
                 FROM run JOIN handed_in AS own ON own.run = run.key
                 WHERE run.pack = $1 AND NOT EXISTS (
                   SELECT 1 FROM run AS later JOIN handed_in AS of_later ON of_later.run = later.key
                   WHERE later.application = run.application AND later.pack = run.pack
                     AND of_later.applicant = own.applicant
                     AND (later.made_at > run.made_at OR (later.made_at = run.made_at AND later.key > run.key)))",
            );
            let rows =
                rows.bind(stored(pack)).fetch_all(&self.pool).await.map_err(failed("look for past runs"))?;
            let mut past: Vec<Past> = rows
                .iter()
                .map(|row| Past {
                    key: row.get(0),
                    application: row.get(1),
                    applicant: row.get(2),
                    today: row.get(3),
                })
                .collect();
            past.sort_by(|a, b| (&a.application, &a.applicant).cmp(&(&b.application, &b.applicant)));
            Ok(past)
        })
    }

    /// What was handed in for a run, as JSON of whoever recorded it.
    ///
    /// # Errors
    ///
    /// Where the store cannot be reached.
    pub fn handed_in(&self, run: &str) -> Result<Option<String>, StoreError> {
        self.wait(async {
            let row = sqlx::query("SELECT files FROM handed_in WHERE run = $1").bind(run);
            let row = row.fetch_optional(&self.pool).await.map_err(failed("look for what was handed in"))?;
            Ok(row.map(|row| row.get(0)))
        })
    }

    /// The bytes of a report, if they are there.
    ///
    /// # Errors
    ///
    /// Where the store cannot be reached.
    pub fn report(&self, sha256: &str) -> Result<Option<Vec<u8>>, StoreError> {
        self.wait(self.blobs.get(Kind::Report, sha256))
    }

    /// Begins a change. SQLite is told at once that it will be written to: what only read before and
    /// writes later is refused where another program wrote in between.
    pub(super) async fn change<'c>(
        &self,
        connection: &'c mut AnyConnection,
    ) -> Result<sqlx::Transaction<'c, sqlx::Any>, sqlx::Error> {
        match self.database {
            Database::Sqlite => connection.begin_with("BEGIN IMMEDIATE").await,
            Database::Postgres => connection.begin().await,
        }
    }
}

async fn written(to: &mut AnyConnection, run: &Run, now: i64) -> Result<bool, sqlx::Error> {
    let row = sqlx::query(
        "INSERT INTO run (key, application, pack, pack_version, today, outcome, summary, made_at)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8) ON CONFLICT DO NOTHING",
    )
    .bind(stored(&run.key))
    .bind(within(&run.application))
    .bind(stored(&run.pack))
    .bind(stored(&run.pack_version))
    .bind(stored(&run.today))
    .bind(stored(&run.outcome))
    .bind(stored(&run.summary))
    .bind(now);
    if row.execute(&mut *to).await?.rows_affected() == 0 {
        return Ok(false);
    }
    sqlx::query(
        "INSERT INTO application (id, name, applicant_name, applicant_uscc, category) VALUES ($1, $2, $3, $4, $5)
         ON CONFLICT (id) DO UPDATE SET name = excluded.name, applicant_name = excluded.applicant_name,
           applicant_uscc = excluded.applicant_uscc, category = excluded.category",
    )
    .bind(within(&run.application))
    .bind(stored(&run.name))
    .bind(run.applicant_name.as_deref().map(stored))
    .bind(run.applicant_uscc.as_deref().map(stored))
    .bind(run.category.as_deref().map(stored))
    .execute(&mut *to)
    .await?;
    let applicant = [&run.category, &run.applicant_name, &run.applicant_uscc];
    let applicant = applicant.map(|part| part.as_deref().unwrap_or_default()).join(" ");
    sqlx::query("INSERT INTO handed_in (run, applicant, files) VALUES ($1, $2, $3)")
        .bind(stored(&run.key))
        .bind(stored(&applicant))
        .bind(stored(&run.handed_in))
        .execute(&mut *to)
        .await?;
    for rows in run.reports.chunks(ROWS) {
        let sql = format!("INSERT INTO run_report (run, name, sha256) VALUES {}", parameters(rows.len(), 3));
        let query = rows.iter().fold(sqlx::query(AssertSqlSafe(sql)), |query, report| {
            query.bind(&run.key).bind(stored(&report.name)).bind(&report.sha256)
        });
        query.execute(&mut *to).await?;
    }
    for rows in run.documents.chunks(ROWS) {
        // An archive may hold two files of one name.
        let sql = format!(
            "INSERT INTO run_document (run, file, sha256) VALUES {} ON CONFLICT DO NOTHING",
            parameters(rows.len(), 3)
        );
        let query = rows.iter().fold(sqlx::query(AssertSqlSafe(sql)), |query, (file, sha256)| {
            query.bind(&run.key).bind(within(file)).bind(sha256)
        });
        query.execute(&mut *to).await?;
    }
    let maybe = |text: &Option<String>| text.as_deref().map(stored);
    for rows in run.facts.chunks(ROWS) {
        let sql = format!(
            "INSERT INTO fact (run, id, subject, field, value, file, page, confidence) VALUES {}",
            parameters(rows.len(), 8)
        );
        let query = rows.iter().fold(sqlx::query(AssertSqlSafe(sql)), |query, fact| {
            query
                .bind(&run.key)
                .bind(i64::from(fact.id))
                .bind(stored(&fact.subject))
                .bind(stored(&fact.field))
                .bind(maybe(&fact.value))
                .bind(maybe(&fact.file))
                .bind(fact.page.map(i64::from))
                .bind(&fact.confidence)
        });
        query.execute(&mut *to).await?;
    }
    let mut positions = 0_i64..;
    for rows in run.findings.chunks(ROWS) {
        let sql = format!(
            "INSERT INTO finding (run, position, rule, code, outcome, severity, reasons, declared, found, difference)
             VALUES {}",
            parameters(rows.len(), 10)
        );
        let query =
            rows.iter().zip(&mut positions).fold(sqlx::query(AssertSqlSafe(sql)), |query, (finding, at)| {
                query
                    .bind(&run.key)
                    .bind(at)
                    .bind(&finding.rule)
                    .bind(&finding.code)
                    .bind(&finding.outcome)
                    .bind(&finding.severity)
                    .bind(&finding.reasons)
                    .bind(maybe(&finding.declared))
                    .bind(maybe(&finding.found))
                    .bind(&finding.difference)
            });
        query.execute(&mut *to).await?;
    }
    Ok(true)
}
