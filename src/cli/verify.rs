//! `heyan verify`: cases to reports.

use std::{collections::BTreeSet, fs, path::PathBuf};

use anyhow::{Context, Result, anyhow};
use chrono::NaiveDate;
use clap::Args;

use super::{
    Ending,
    batch::{self, Desk, Wanted},
    case, lists,
    memory::{self, Memory},
    packs, say, tools,
    whole::{whole, written},
};
use crate::{
    jobs::now,
    model::finding::Outcome,
    report::{self, Lang, batch::Summary},
};

/// Verifies cases and writes report.json and report.html for each.
///
/// A case is a folder (or a zip of one) with a declaration and attachments/. The declaration is
/// declaration.json, or declaration.xlsx on the template, or the form itself (declaration.docx or .pdf);
/// `heyan declare` shows what is read of it. For each case `OUT/<case>/report.json` and `report.html` are written, for several also `OUT/batch.json` and
/// `batch.html`. A folder of cases is a batch. The input is left untouched.
#[derive(Args)]
pub(super) struct Verify {
    /// Cases: folders, zip archives, or folders of them.
    #[arg(required_unless_present = "schema", value_name = "CASE")]
    cases: Vec<PathBuf>,
    /// The call's rule pack: its name, or the path of its folder or of its pack.toml, so that an old call
    /// is verified by the rules that held then (with --today).
    #[arg(long, default_value = "jiangsu-2023", value_name = "ID|PATH")]
    pack: String,
    /// A folder with packs of its own (DIR/packs/<pack>/) instead of the built-in ones, or document types of
    /// its own (DIR/documents/<type>.toml) beside them, or both.
    #[arg(long, value_name = "DIR")]
    rules: Option<PathBuf>,
    /// A folder of root certificates (DER or PEM) whose signatures are trusted; none if not given.
    #[arg(long, value_name = "DIR")]
    trust: Option<PathBuf>,
    /// A folder of lists (`heyan lists`) that cases are held against.
    #[arg(long, value_name = "DIR")]
    lists: Option<PathBuf>,
    /// Where reports are written.
    #[arg(long, default_value = "heyan-reports", value_name = "DIR")]
    out: PathBuf,
    /// The day that counts as today (YYYY-MM-DD); the clock's day if not given.
    #[arg(long, value_name = "DATE", value_parser = day)]
    today: Option<NaiveDate>,
    /// Remembers files, readings, reports and how far a batch is: the path of an SQLite file, or a
    /// postgres:// URL. A batch that was stopped goes on from there with the same command.
    #[arg(long, value_name = "URL")]
    store: Option<String>,
    /// Where the store's files lie: a folder, or s3://BUCKET/PREFIX with the usual AWS_ variables;
    /// beside the SQLite file if not given.
    #[arg(long, value_name = "PLACE", requires = "store")]
    files: Option<String>,
    /// Reads everything anew and keeps nothing: without it and without a store, readings are kept in
    /// a cache that is safe to delete (HEYAN_CACHE, else the user's cache folder).
    #[arg(long)]
    no_cache: bool,
    /// How many pages are read side by side; one for each core if not given.
    #[arg(long, value_name = "N")]
    jobs: Option<usize>,
    /// Say each file that is read, on standard error; those whose readings were kept are not.
    #[arg(long, short)]
    verbose: bool,
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
        let pack = packs::open(&self.pack, self.rules.as_deref())?;
        let (wanted, mut broken) = self.wanted();
        let several = wanted.len() + broken > 1;
        if wanted.is_empty() {
            return Ok(Ending::Trouble);
        }
        let mut tools = tools::open(self.jobs)?;
        tools::add_types(&mut tools.types, self.rules.as_deref())?;
        tools.trust = tools::trust(self.trust.as_deref())?;
        tools.lists = lists::open(self.lists.as_deref())?;
        let memory = Memory::open(self.store.as_deref(), self.files.as_deref(), !self.no_cache, &mut tools)?;
        let lang = Lang::named(&self.lang).unwrap_or_default();
        let mut today = self.today.unwrap_or_else(|| chrono::Local::now().date_naive());
        let batch =
            batch::name(&wanted, &self.out, &format!("{} {} {:?}", self.pack, self.lang, self.today))?;
        if let Some(store) = memory.store.as_deref() {
            // A batch that goes on after midnight is still the batch of the day it was begun.
            let begun = store.begin(&batch, &today.to_string(), now()).map_err(memory::advised)?;
            today = begun.parse().unwrap_or(today);
        }
        if !pack.in_force.contains(today) {
            let (from, to) = (pack.in_force.from, pack.in_force.to);
            say::hint(&format!(
                "{today} lies outside the days on which {} is in force, {from} to {to}",
                pack.id
            ));
        }
        let prints = self.format == "text";
        let store = memory.store.as_deref();
        let desk = Desk {
            pack: &pack,
            tools: &tools,
            store,
            batch: &batch,
            today,
            lang,
            out: &self.out,
            prints,
            says_files: self.verbose,
        };
        let came = desk.verify(&wanted, tools::jobs(self.jobs))?;
        let (mut done, mut folders) = (Vec::new(), Vec::new());
        for (one, came) in wanted.iter().zip(came) {
            match came {
                Ok(came) => {
                    say::result(&came.printed);
                    done.push(came.summary);
                    folders.push(one.folder.as_str());
                }
                // One case that cannot be opened is not the others' trouble.
                Err(why) => {
                    broken += 1;
                    say::error(&anyhow!("{} was not examined: {why}", one.path.display()));
                }
            }
        }
        if done.is_empty() {
            return Ok(Ending::Trouble);
        }
        if several {
            self.batch(&done, &folders, lang)?;
        }
        self.print(&folders, several)?;
        if let Some((made, found)) = memory.counts().filter(|_| several) {
            say::note(&format!("{made} readings made, {found} found"));
        }
        let open = done.iter().any(|one| one.outcome > Outcome::Pass || one.problems > 0);
        Ok(match (broken, open) {
            (0, false) => Ending::Fine,
            (0, true) => Ending::Findings,
            _ => Ending::Trouble,
        })
    }

    /// The cases that are meant, and how many of the places named cannot be opened.
    fn wanted(&self) -> (Vec<Wanted>, usize) {
        let (mut wanted, mut broken, mut taken) = (Vec::new(), 0, BTreeSet::new());
        for path in &self.cases {
            match case::cases(path) {
                Ok(found) => wanted.extend(found.into_iter().map(|path| {
                    let folder = unique(&case::name(&path), &mut taken);
                    Wanted { path, folder }
                })),
                Err(error) => {
                    broken += 1;
                    say::error(&error);
                }
            }
        }
        (wanted, broken)
    }

    /// Prints what was asked for besides text.
    fn print(&self, folders: &[&str], several: bool) -> Result<()> {
        let path = match (self.format.as_str(), folders) {
            ("json", _) if several => self.out.join("batch.json"),
            ("json" | "html", [one]) => self.out.join(one).join(format!("report.{}", self.format)),
            _ => return Ok(()),
        };
        let mut file = fs::File::open(&path).with_context(|| format!("{} cannot be read", path.display()))?;
        say::copy(&mut file);
        Ok(())
    }

    fn batch(&self, done: &[Summary], folders: &[&str], lang: Lang) -> Result<()> {
        written(&self.out.join("batch.json"), |mut to| {
            let reports =
                folders.iter().map(|folder| fs::read_to_string(self.out.join(folder).join("report.json")));
            Ok(report::batch::batch_json(reports, &mut to)?)
        })?;
        let link =
            |at: usize| format!("{}/report.html", in_link(folders.get(at).copied().unwrap_or_default()));
        whole(&self.out.join("batch.html"), report::batch::batch_html(done, &link, lang).as_bytes())?;
        if self.format == "text" {
            say::result(&report::batch::batch_text(done, lang, say::colour()));
            say::result(&format!("→ {}\n", self.out.join("batch.html").display()));
        }
        Ok(())
    }
}

/// A day as it is typed.
pub(super) fn day(text: &str) -> Result<NaiveDate, &'static str> {
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
