//! `heyan lists`: lists of authorities, imported from tables.

use std::{
    collections::BTreeMap,
    path::{Path, PathBuf},
};

use anyhow::{Context, Result};
use chrono::NaiveDate;
use clap::{Args, Subcommand};

use super::{Ending, extract, say, tools, verify::day, whole::whole};
use crate::{
    lists::{self, KINDS, List, Lists, SCHEMA},
    model::page::Sheet,
    pipeline, read,
};

/// Imports lists that authorities keep, for `verify --lists`, and shows those there are.
///
/// A list is who was recognised before, when each city closes, whom a city recommends, who belongs to a cluster
/// or chain, or which cities and counties there are. It is kept with its day, its version and where each line stands in the table it came from, and
/// findings cite it like any document.
#[derive(Args)]
pub(super) struct ListsCommand {
    #[command(subcommand)]
    what: What,
}

#[derive(Subcommand)]
enum What {
    /// Reads a table (csv, xlsx, xls, ods) and keeps it as a list; the table is left untouched.
    Import(Import),
    /// Prints the lists of a folder, and how many lines each has.
    Show {
        /// The folder of lists.
        #[arg(value_name = "DIR")]
        lists: PathBuf,
    },
}

#[derive(Args)]
struct Import {
    /// The table.
    #[arg(value_name = "FILE")]
    file: PathBuf,
    /// What kind of list it is.
    #[arg(long, value_parser = KINDS.iter().map(|kind| kind.name).collect::<Vec<_>>())]
    kind: String,
    /// What it is called; its words say of which programme it is (平台, 上云).
    #[arg(long)]
    title: String,
    /// The day it was published.
    #[arg(long, value_name = "DATE", value_parser = day)]
    issued_on: NaiveDate,
    /// The number of the notice it was published with.
    #[arg(long, value_name = "NUMBER")]
    document_number: Option<String>,
    /// The years it covers, such as 2018-2022: that somebody is not in it says something of these years only.
    #[arg(long, value_name = "YEARS", value_parser = years)]
    covers: Option<(NaiveDate, NaiveDate)>,
    /// The sheet of a workbook; if not given, the first that has the columns. Each sheet is a list of its own.
    #[arg(long, value_name = "NAME")]
    sheet: Option<String>,
    /// The folder of lists; it is made if it is missing.
    #[arg(long, value_name = "DIR")]
    lists: PathBuf,
    /// The list's name in the folder; its kind if not given. A list that is there becomes an earlier version.
    #[arg(long, value_name = "NAME")]
    name: Option<String>,
    /// The day that counts as today (YYYY-MM-DD); the clock's day if not given.
    #[arg(long, value_name = "DATE", value_parser = day)]
    today: Option<NaiveDate>,
}

impl ListsCommand {
    pub(super) fn run(self) -> Result<Ending> {
        match self.what {
            What::Import(import) => import.run(),
            What::Show { lists } => {
                for (path, list) in newest(&lists)? {
                    let covers = list.covers.map_or_else(String::new, |(from, to)| {
                        format!(", {} to {}", from.format("%Y"), to.format("%Y"))
                    });
                    say::result(&format!(
                        "{}: {} 「{}」, version {}, published {}{covers}, {} lines\n",
                        path.display(),
                        list.kind,
                        list.title,
                        list.version,
                        list.issued_on,
                        list.lines.len()
                    ));
                }
                Ok(Ending::Fine)
            }
        }
    }
}

impl Import {
    fn run(self) -> Result<Ending> {
        let kind =
            KINDS.iter().find(|kind| kind.name == self.kind).context("there is no such kind of list")?;
        let name = self.name.clone().unwrap_or_else(|| self.kind.clone());
        if name.is_empty() || !name.chars().all(|c| c.is_alphanumeric() || matches!(c, '-' | '_')) {
            return Err(say::advised(
                format!("`{name}` is no name of a list"),
                "letters, figures, - and _ make one".to_owned(),
            ));
        }
        if kind.covers_years && self.covers.is_none() {
            return Err(say::advised(
                format!("a {} says nothing of anybody without the years it covers", self.kind),
                "--covers 2018-2022 names them".to_owned(),
            ));
        }
        let bytes = extract::bytes(&self.file)?;
        let source = self.file.file_name().unwrap_or_default().to_string_lossy().into_owned();
        let tools = tools::without_engines(Some(1))?;
        let files = BTreeMap::from([(source.clone(), std::sync::Arc::clone(&bytes))]);
        let documents = pipeline::open(&files, &tools, &|_| {});
        let sheets: Vec<Sheet> = documents.iter().flat_map(|document| document.sheets.clone()).collect();
        if sheets.is_empty() {
            return Err(say::advised(
                format!("{} holds no table", self.file.display()),
                "save it as csv or xlsx first".to_owned(),
            ));
        }
        let names: Vec<String> = sheets.iter().map(|sheet| sheet.name.clone()).collect();
        let is_meant = |sheet: &Sheet| self.sheet.as_ref().is_none_or(|name| *name == sheet.name);
        let meant: Vec<Sheet> = sheets.iter().filter(|sheet| is_meant(sheet)).cloned().collect();
        if let Some(name) = self.sheet.as_ref().filter(|_| meant.is_empty()) {
            return Err(say::advised(
                format!("{} has no sheet `{name}`", self.file.display()),
                format!("there is {}", names.join(", ")),
            ));
        }
        let found = lists::import(&meant, kind)
            .with_context(|| format!("{} is no {}", self.file.display(), kind.title))?;
        let others: Vec<&str> = meant
            .iter()
            .filter(|sheet| sheet.name != found.sheet && lists::import(&[(*sheet).clone()], kind).is_ok())
            .map(|sheet| sheet.name.as_str())
            .collect();
        if !others.is_empty() {
            say::hint(&format!(
                "only the sheet `{}` was imported; {} are lists as well: import each with --sheet and a --name of its own",
                found.sheet,
                others.join(", ")
            ));
        }
        let known = if self.lists.exists() { tools::entries(&self.lists)? } else { Vec::new() };
        let versions = known.iter().filter_map(|path| named(path)).filter(|(own, _)| *own == name);
        let version = versions.map(|(_, version)| version).max().unwrap_or(0) + 1;
        let list = List {
            schema: SCHEMA.to_owned(),
            kind: self.kind,
            title: self.title,
            version,
            document_number: self.document_number,
            issued_on: self.issued_on,
            imported_on: self.today.unwrap_or_else(|| chrono::Local::now().date_naive()),
            covers: self.covers,
            source,
            sha256: read::id(&bytes).0,
            sheet: found.sheet,
            units: found.units,
            lines: found.lines,
        };
        let path = self.lists.join(format!("{name}.{version}.json"));
        whole(&path, (serde_json::to_string_pretty(&list)? + "\n").as_bytes())?;
        say::result(&format!("{}: {} lines of {}\n", path.display(), list.lines.len(), kind.title));
        for (rows, why) in [
            (&found.passed, "passed over, no line of the list"),
            (&found.again, "passed over, the same as another line"),
            (
                &found.left_out,
                "imported without their amount, which is none or in no known unit (万元 in its heading, or 单位：万元 over the table)",
            ),
        ] {
            if !rows.is_empty() {
                let numbers: Vec<String> = rows.iter().take(10).map(u32::to_string).collect();
                let more = if rows.len() > 10 { " and more" } else { "" };
                say::hint(&format!("{} rows {why}: {}{more}", rows.len(), numbers.join(", ")));
            }
        }
        Ok(Ending::Fine)
    }
}

/// The lists of a folder, of each the newest version.
pub(super) fn open(folder: Option<&Path>) -> Result<Lists> {
    let Some(folder) = folder else { return Ok(Lists::default()) };
    let found = newest(folder)?;
    if found.is_empty() {
        return Err(say::advised(
            format!("there is no list in {}", folder.display()),
            "`heyan lists import` makes one of a table".to_owned(),
        ));
    }
    Ok(Lists::new(found.into_iter().map(|(_, list)| list).collect()))
}

fn newest(folder: &Path) -> Result<Vec<(PathBuf, List)>> {
    let mut of_name: BTreeMap<String, (u32, PathBuf)> = BTreeMap::new();
    for path in tools::entries(folder)? {
        let Some((name, version)) = named(&path) else { continue };
        let newest = of_name.entry(name).or_insert((version, path.clone()));
        if newest.0 < version {
            *newest = (version, path);
        }
    }
    let read = |(_, path): (u32, PathBuf)| {
        let text =
            std::fs::read_to_string(&path).with_context(|| format!("{} cannot be read", path.display()))?;
        let list: List =
            serde_json::from_str(&text).with_context(|| format!("{} is no list", path.display()))?;
        if list.schema != SCHEMA || KINDS.iter().all(|kind| kind.name != list.kind) {
            return Err(say::advised(
                format!("{} is a list of schema `{}` and kind `{}`", path.display(), list.schema, list.kind),
                format!("wanted {SCHEMA}, and one of the kinds of `heyan lists import --help`"),
            ));
        }
        Ok((path, list))
    };
    of_name.into_values().map(read).collect()
}

/// A list's name and version, from its path.
fn named(path: &Path) -> Option<(String, u32)> {
    let name = path.file_name()?.to_str()?.strip_suffix(".json")?;
    let (name, version) = name.rsplit_once('.')?;
    Some((name.to_owned(), version.parse().ok()?))
}

/// `2018-2022`, or one year.
fn years(text: &str) -> Result<(NaiveDate, NaiveDate), &'static str> {
    let wanted = "wanted years, such as 2018-2022";
    let (from, to) = text.split_once('-').unwrap_or((text, text));
    let year = |text: &str| text.parse::<i32>().ok().filter(|year| (1900..=2200).contains(year));
    let (from, to) = year(from).zip(year(to)).filter(|(from, to)| from <= to).ok_or(wanted)?;
    NaiveDate::from_ymd_opt(from, 1, 1).zip(NaiveDate::from_ymd_opt(to, 12, 31)).ok_or(wanted)
}
