//! Examinations that were made, each once, whatever dies while it is written down.

use sqlx::{AnyConnection, Connection, QueryBuilder, Row};

use super::{Database, Kind, Store, StoreError, failed};

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
    /// Files by name, with their hash.
    pub documents: Vec<(String, String)>,
    /// What was declared and what was read.
    pub facts: Vec<FactRow>,
    /// What came of the rules.
    pub findings: Vec<FindingRow>,
    /// The reports that were made of it.
    pub reports: Vec<RunReport>,
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

/// Rows of one statement: as many as both databases take of the widest.
const ROWS: usize = 500;

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
    .bind(&run.key)
    .bind(&run.application)
    .bind(&run.pack)
    .bind(&run.pack_version)
    .bind(&run.today)
    .bind(&run.outcome)
    .bind(&run.summary)
    .bind(now);
    if row.execute(&mut *to).await?.rows_affected() == 0 {
        return Ok(false);
    }
    sqlx::query(
        "INSERT INTO application (id, name, applicant_name, applicant_uscc, category) VALUES ($1, $2, $3, $4, $5)
         ON CONFLICT (id) DO UPDATE SET name = excluded.name, applicant_name = excluded.applicant_name,
           applicant_uscc = excluded.applicant_uscc, category = excluded.category",
    )
    .bind(&run.application)
    .bind(&run.name)
    .bind(&run.applicant_name)
    .bind(&run.applicant_uscc)
    .bind(&run.category)
    .execute(&mut *to)
    .await?;
    for rows in run.reports.chunks(ROWS) {
        let mut sql = QueryBuilder::new("INSERT INTO run_report (run, name, sha256) ");
        sql.push_values(rows, |mut row, report| {
            row.push_bind(&run.key).push_bind(&report.name).push_bind(&report.sha256);
        });
        sql.build().execute(&mut *to).await?;
    }
    for rows in run.documents.chunks(ROWS) {
        let mut sql = QueryBuilder::new("INSERT INTO run_document (run, file, sha256) ");
        sql.push_values(rows, |mut row, (file, sha256)| {
            row.push_bind(&run.key).push_bind(file).push_bind(sha256);
        });
        // An archive may hold two files of one name.
        sql.push(" ON CONFLICT DO NOTHING");
        sql.build().execute(&mut *to).await?;
    }
    for rows in run.facts.chunks(ROWS) {
        let mut sql =
            QueryBuilder::new("INSERT INTO fact (run, id, subject, field, value, file, page, confidence) ");
        sql.push_values(rows, |mut row, fact| {
            row.push_bind(&run.key).push_bind(i64::from(fact.id)).push_bind(&fact.subject);
            row.push_bind(&fact.field).push_bind(&fact.value).push_bind(&fact.file);
            row.push_bind(fact.page.map(i64::from)).push_bind(&fact.confidence);
        });
        sql.build().execute(&mut *to).await?;
    }
    for (at, rows) in run.findings.chunks(ROWS).enumerate() {
        let mut sql = QueryBuilder::new(
            "INSERT INTO finding (run, position, rule, code, outcome, severity, reasons, declared, found, difference) ",
        );
        let mut position = i64::try_from(at * ROWS).unwrap_or(i64::MAX);
        sql.push_values(rows, |mut row, finding| {
            row.push_bind(&run.key).push_bind(position).push_bind(&finding.rule).push_bind(&finding.code);
            row.push_bind(&finding.outcome).push_bind(&finding.severity).push_bind(&finding.reasons);
            row.push_bind(&finding.declared).push_bind(&finding.found).push_bind(&finding.difference);
            position += 1;
        });
        sql.build().execute(&mut *to).await?;
    }
    Ok(true)
}
