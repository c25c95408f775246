//! `heyan verify`: cases to reports.

use std::{
    collections::BTreeSet,
    fs,
    path::{Path, PathBuf},
};

use anyhow::{Context, Result};
use chrono::NaiveDate;
use clap::Args;

use super::{Ending, case, crops::Crops, say, tools};
use crate::{
    model::{case::Examination, finding::Outcome},
    pipeline::{self, Tools},
    report::{self, Lang, Options, REPORTS},
};

/// Verifies cases and writes report.json and report.html for each.
///
/// A case is a folder (or a zip of one) with declaration.json and attachments/. For each case
/// `OUT/<case>/report.json` and `report.html` are written, for several also `OUT/batch.json` and
/// `batch.html`. A folder of cases is a batch. The input is left untouched.
#[derive(Args)]
pub(super) struct Verify {
    /// Cases: folders, zip archives, or folders of them.
    #[arg(required_unless_present = "schema", value_name = "CASE")]
    cases: Vec<PathBuf>,
    /// The call's rule pack.
    #[arg(long, default_value = "jiangsu-2023")]
    pack: String,
    /// A folder with packs of its own (DIR/packs/<pack>/), instead of the built-in ones.
    #[arg(long, value_name = "DIR")]
    rules: Option<PathBuf>,
    /// A folder of root certificates (DER or PEM) whose signatures are trusted; none if not given.
    #[arg(long, value_name = "DIR")]
    trust: Option<PathBuf>,
    /// Where reports are written.
    #[arg(long, default_value = "heyan-reports", value_name = "DIR")]
    out: PathBuf,
    /// The day that counts as today (YYYY-MM-DD); the clock's day if not given.
    #[arg(long, value_name = "DATE", value_parser = day)]
    today: Option<NaiveDate>,
    /// How many pages are read side by side; one for each core if not given.
    #[arg(long, value_name = "N")]
    jobs: Option<usize>,
    /// What to print: text, json or html.
    #[arg(long, default_value = "text", value_parser = ["text", "json", "html"])]
    format: String,
    /// Language of reports: zh or en.
    #[arg(long, default_value = "zh", value_parser = ["zh", "en"])]
    lang: String,
    /// Print the JSON Schema of report.json and stop.
    #[arg(long)]
    schema: bool,
}

impl Verify {
    pub(super) fn run(self) -> Result<Ending> {
        if self.schema {
            say::result(&report::json::schema()?);
            return Ok(Ending::Fine);
        }
        let pack = tools::pack(&self.pack, self.rules.as_deref())?;
        let (mut paths, mut broken) = (Vec::new(), 0);
        for path in &self.cases {
            match case::cases(path) {
                Ok(found) => paths.extend(found),
                Err(error) => {
                    broken += 1;
                    say::error(&error);
                }
            }
        }
        let several = paths.len() + broken > 1;
        let mut tools = tools::open(self.jobs)?;
        tools.trust = tools::trust(self.trust.as_deref())?;
        let today = self.today.unwrap_or_else(|| chrono::Local::now().date_naive());
        let lang = Lang::named(&self.lang).unwrap_or_default();
        let mut taken: BTreeSet<String> = BTreeSet::new();
        let (mut done, mut folders) = (Vec::new(), Vec::new());
        for path in &paths {
            let files = match case::load(path, &tools) {
                Ok(files) => files,
                // One case that cannot be opened is not the others' trouble.
                Err(error) => {
                    broken += 1;
                    say::error(&error);
                    continue;
                }
            };
            let progress = say::Progress::new(&files.name);
            let examination = pipeline::examine(&files, &pack, &tools, today, &|at, of| progress.at(at, of));
            drop(progress);
            let folder = unique(&examination.name, &mut taken);
            let named = self.write(&examination, &folder, lang, &tools)?;
            if self.format == "text" {
                let text = report::text::examination(&examination, lang, say::colour());
                say::result(&format!("{}\n{named}\n\n", text.trim_end()));
            }
            done.push(examination);
            folders.push(folder);
            // The bytes and pages of a case that is written are needed no more.
            if several && let Some(last) = done.last_mut() {
                for document in &mut last.documents {
                    document.bytes = Vec::new().into();
                    document.pages.clear();
                    document.sheets.clear();
                }
            }
        }
        // What stands in the way of each was said above.
        if done.is_empty() {
            return Ok(Ending::Trouble);
        }
        if several {
            self.batch(&done, &folders, lang)?;
        }
        match (self.format.as_str(), done.as_slice()) {
            ("json", [one]) if !several => say::result(&report::json::to_json(one)?),
            ("json", many) => {
                let reports: Vec<String> =
                    many.iter().map(report::json::to_json).collect::<Result<_, _>>()?;
                say::result(&format!(
                    "[{}]\n",
                    reports.iter().map(|r| r.trim_end()).collect::<Vec<_>>().join(",\n")
                ));
            }
            ("html", [one]) => {
                let crops = Crops::of(&*tools.opener);
                say::result(&report::html::page(one, lang, &|d, p, b| crops.crop(d, p, b)));
            }
            _ => {}
        }
        let open = done.iter().any(|e| e.outcome > Outcome::Pass || !e.problems.is_empty());
        Ok(match (broken, open) {
            (0, false) => Ending::Fine,
            (0, true) => Ending::Findings,
            _ => Ending::Trouble,
        })
    }

    /// Writes the reports of one case, and says where.
    fn write(&self, examination: &Examination, folder: &str, lang: Lang, tools: &Tools) -> Result<String> {
        let out = self.out.join(folder);
        let crops = Crops::of(&*tools.opener);
        let draw = |d: &_, p, b| crops.crop(d, p, b);
        let options = Options { lang, colour: false, crops: &draw };
        let mut named = Vec::new();
        for kind in REPORTS.iter().filter(|kind| kind.name != "text") {
            let path = out.join(format!("report.{}", kind.extension));
            whole(&path, &(kind.make)(examination, &options)?)?;
            named.push(path.display().to_string());
        }
        Ok(format!("→ {}", named.join("  ")))
    }

    fn batch(&self, done: &[Examination], folders: &[String], lang: Lang) -> Result<()> {
        whole(&self.out.join("batch.json"), report::batch::batch_json(done)?.as_bytes())?;
        let link = |at: usize| format!("{}/report.html", in_link(folders.get(at).map_or("", String::as_str)));
        whole(&self.out.join("batch.html"), report::batch::batch_html(done, &link, lang).as_bytes())?;
        if self.format == "text" {
            say::result(&report::batch::batch_text(done, lang, say::colour()));
            say::result(&format!("→ {}\n", self.out.join("batch.html").display()));
        }
        Ok(())
    }
}

/// A day as it is typed.
fn day(text: &str) -> Result<NaiveDate, &'static str> {
    text.parse().map_err(|_| "wanted a day of the calendar, such as 2023-03-01")
}

/// A folder name of its own for every case, also where two cases have one name.
fn unique(name: &str, taken: &mut BTreeSet<String>) -> String {
    let safe: String =
        name.chars().map(|c| if c == '/' || c == '\\' || c.is_control() { '_' } else { c }).collect();
    let safe = if safe.trim_matches('.').is_empty() { "case".to_owned() } else { safe };
    let mut free = safe.clone();
    for number in 2.. {
        if taken.insert(free.clone()) {
            break;
        }
        free = format!("{safe}-{number}");
    }
    free
}

/// A folder's name as part of a link: `#`, `%` and the like would lead elsewhere.
fn in_link(name: &str) -> String {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-._~".contains(&byte);
    name.bytes()
        .map(|byte| if plain(byte) { char::from(byte).to_string() } else { format!("%{byte:02X}") })
        .collect()
}

/// Writes a file whole or not at all.
pub(super) fn whole(path: &Path, bytes: &[u8]) -> Result<()> {
    let folder = path.parent().unwrap_or_else(|| Path::new("."));
    fs::create_dir_all(folder).with_context(|| format!("{} cannot be made", folder.display()))?;
    let mut part = path.as_os_str().to_owned();
    part.push(".part");
    fs::write(&part, bytes).with_context(|| format!("{} cannot be written", path.display()))?;
    fs::rename(&part, path).with_context(|| format!("{} cannot be written", path.display()))
}
