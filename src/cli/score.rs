//! `heyan score`: what is extracted against what a careful reader found.

use std::{
    collections::{BTreeMap, BTreeSet},
    fmt::Write,
    fs,
    path::{Path, PathBuf},
};

use anyhow::{Context, Result};
use clap::Args;
use serde_json::Value as Json;
use unicode_normalization::UnicodeNormalization;

use super::{Ending, say, tools};
use crate::{
    model::{
        fact::{Fact, Record},
        paper::Paper,
        support::{Sort, Support, support},
        value::{Value, date, money},
    },
    pipeline::{self, Understood},
    rulebook::Confidence,
};

/// Compares what is extracted with the `<file>.truth.json` beside each file.
///
/// Prints, per document type and field: labelled, exact, wrong, missing; then the files that differ.
/// A value counts as exact after folding widths, white space, brackets and case; amounts are compared
/// as numbers and dates as dates. A value where the label says there is none is wrong.
#[derive(Args)]
pub(super) struct Score {
    /// The folder; sub-folders are searched.
    #[arg(value_name = "DIR")]
    folder: PathBuf,
    /// Count only labels that a person read by eye.
    #[arg(long)]
    by_eye: bool,
    /// Count only files whose name ends so, such as `pdf`.
    #[arg(long, value_name = "ENDING")]
    ending: Option<String>,
    /// Print every difference, not only the first forty.
    #[arg(long)]
    all: bool,
    /// Print also how often values are right of which the same speaks, how often those are that are said
    /// to be so sure, and how many are wrong among those that need nobody's look.
    #[arg(long)]
    reliability: bool,
    #[command(flatten)]
    reading: tools::Reading,
}

/// How many files are held and read at once.
const SIDE_BY_SIDE: usize = 16;

/// How often a field was labelled, and how it came out.
#[derive(Default)]
struct Tally {
    labelled: u32,
    exact: u32,
    wrong: u32,
    missing: u32,
}

impl Tally {
    fn add(&mut self, other: &Self) {
        self.labelled += other.labelled;
        self.exact += other.exact;
        self.wrong += other.wrong;
        self.missing += other.missing;
    }

    fn row(&self, name: &str, format: &str) -> String {
        let share = |part: u32| {
            if self.labelled == 0 { 0.0 } else { f64::from(part) * 100.0 / f64::from(self.labelled) }
        };
        format!(
            "{name:<24} {format:<6} {:>8} {:>6} {:>6.1}% {:>6} {:>6.1}% {:>7} {:>6.1}%\n",
            self.labelled,
            self.exact,
            share(self.exact),
            self.wrong,
            share(self.wrong),
            self.missing,
            share(self.missing)
        )
    }
}

/// Everything counted.
#[derive(Default)]
struct Tallies {
    /// Type and format of file, then field.
    fields: BTreeMap<(String, String), BTreeMap<String, Tally>>,
    /// Type, then how many documents were labelled and how many of them were told rightly.
    types: BTreeMap<String, (u32, u32)>,
    /// A line for every field that is not exact.
    differences: Vec<String>,
    /// Every value that was read and that a label says.
    values: Vec<Judged>,
}

/// A value beside its label.
struct Judged {
    right: bool,
    confidence: f32,
    accepted: bool,
    /// What kind of value it is, and, if it was read in a picture, the engine's score and what else
    /// speaks for it.
    sort: Sort,
    support: Option<(f32, Support)>,
}

/// Lower ends of the groups of scores.
const SCORES: [f32; 4] = [0.99, 0.97, 0.9, 0.0];
/// Lower ends of the groups of stated confidence.
const STATED: [f32; 8] = [0.99, 0.98, 0.97, 0.95, 0.9, 0.8, 0.6, 0.0];

/// The first of these ends that is not above.
fn group(ends: &[f32], of: f32) -> f32 {
    ends.iter().copied().find(|end| of >= *end).unwrap_or_default()
}

/// How often values were right, by what they have in common.
fn reliability(values: &[Judged], confidence: &Confidence) -> String {
    let mut by_support: BTreeMap<(Sort, Support, i32), (u32, u32)> = BTreeMap::new();
    let mut by_stated: BTreeMap<i32, (u32, u32, f64)> = BTreeMap::new();
    let hundredths = |share: f32| (share * 100.0).round() as i32;
    for one in values {
        if let Some((score, support)) = one.support {
            let key = (one.sort, support, -hundredths(group(&SCORES, score)));
            let (all, right) = by_support.entry(key).or_default();
            (*all, *right) = (*all + 1, *right + u32::from(one.right));
        }
        let (all, right, stated) = by_stated.entry(-hundredths(group(&STATED, one.confidence))).or_default();
        (*all, *right) = (*all + 1, *right + u32::from(one.right));
        *stated += f64::from(one.confidence);
    }
    let share = |right: u32, all: u32| f64::from(right) / f64::from(all.max(1));
    let mut text =
        format!("\n{:<8} {:<10} {:>6} {:>6} {:>6} {:>7}\n", "read as", "support", "score", "n", "right", "");
    for ((sort, support, score), (all, right)) in by_support {
        let (score, share) = (f64::from(-score) / 100.0, share(right, all));
        let _ = writeln!(
            text,
            "{:<8} {:<10} {score:>6.2} {all:>6} {right:>6} {share:>7.4}",
            sort.name(),
            support.name()
        );
    }
    let _ = writeln!(text, "\n{:<8} {:>6} {:>6} {:>7} {:>7}", "stated", "n", "right", "mean", "share");
    for (from, (all, right, stated)) in by_stated {
        let (from, mean) = (f64::from(-from) / 100.0, stated / f64::from(all.max(1)));
        let _ = writeln!(text, "{from:<8.2} {all:>6} {right:>6} {mean:>7.4} {:>7.4}", share(right, all));
    }
    let _ = writeln!(text, "\n{:<8} {:>6} {:>8} {:>6}", "accepted", "from", "n", "wrong");
    for sort in Sort::ALL {
        let from = confidence.auto_accept(sort);
        let is_accepted = |one: &&Judged| one.sort == sort && one.accepted;
        let accepted: Vec<&Judged> = values.iter().filter(is_accepted).collect();
        let wrong = accepted.iter().filter(|one| !one.right).count();
        let _ = writeln!(text, "{:<8} {from:>6.2} {:>8} {wrong:>6}", sort.name(), accepted.len());
    }
    text
}

impl Tallies {
    fn table(&self) -> String {
        let mut text = format!(
            "{:<24} {:<6} {:>8} {:>6} {:>7} {:>6} {:>7} {:>7} {:>7}\n",
            "field", "format", "labelled", "exact", "", "wrong", "", "missing", ""
        );
        for ((kind, format), fields) in &self.fields {
            let mut all = Tally::default();
            fields.values().for_each(|tally| all.add(tally));
            let _ = write!(text, "\n{}", all.row(kind, format));
            for (field, tally) in fields {
                text.push_str(&tally.row(&format!("  {field}"), ""));
            }
        }
        text.push_str("\ntype told rightly\n");
        for (kind, (labelled, right)) in &self.types {
            let _ = writeln!(text, "  {kind:<22} {right} of {labelled}");
        }
        text
    }
}

impl Score {
    pub(super) fn run(self) -> Result<Ending> {
        let mut truths = Vec::new();
        find(&self.folder, &mut truths)?;
        truths.retain(|file| {
            self.ending
                .as_ref()
                .is_none_or(|ending| file.to_string_lossy().to_lowercase().ends_with(&ending.to_lowercase()))
        });
        anyhow::ensure!(!truths.is_empty(), "no <file>.truth.json was found below {}", self.folder.display());
        let (tools, _memory) = self.reading.open()?;
        let progress = say::Progress::new("score", "pages");
        let mut tallies = Tallies::default();
        let mut done = 0;
        for some in truths.chunks(SIDE_BY_SIDE) {
            progress.at(done, truths.len());
            done += some.len();
            let mut files = BTreeMap::new();
            for file in some {
                let bytes = fs::read(file).with_context(|| format!("{} cannot be read", file.display()))?;
                files.insert(self.name(file), bytes.into());
            }
            let understood = pipeline::understand(&files, &tools, &|_| {});
            for file in some {
                let truth: Json = serde_json::from_slice(&fs::read(truth_of(file))?)
                    .with_context(|| format!("{} is not JSON", truth_of(file).display()))?;
                self.count(&self.name(file), &truth, &understood, &mut tallies);
            }
        }
        drop(progress);
        say::result(&tallies.table());
        if self.reliability {
            say::result(&reliability(&tallies.values, &tools.confidence));
        }
        let differences = tallies.differences;
        let shown = if self.all { differences.len() } else { differences.len().min(40) };
        let mut text = format!("\n{} differences", differences.len());
        if shown < differences.len() {
            let _ = write!(text, ", the first {shown} (--all for the rest)");
        }
        text.push('\n');
        differences.iter().take(shown).for_each(|line| text.push_str(line));
        say::result(&text);
        Ok(if differences.is_empty() { Ending::Fine } else { Ending::Findings })
    }

    fn name(&self, file: &Path) -> String {
        file.strip_prefix(&self.folder).unwrap_or(file).display().to_string()
    }

    fn count(&self, name: &str, truth: &Json, understood: &Understood, tallies: &mut Tallies) {
        let inside = |found: &str| {
            found.strip_prefix(name).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
        };
        let document = understood.documents.iter().find(|document| document.name == name);
        let format = document.map_or("?", |document| document.format.name());
        let mut left: Vec<&Paper> = understood.papers.iter().filter(|paper| inside(&paper.file)).collect();
        for label in labels(truth) {
            let source = label.get("label_source").and_then(Json::as_str);
            if self.by_eye && !source.is_some_and(|source| source.contains("eye")) {
                continue;
            }
            let wanted = label.get("document_type").and_then(Json::as_str).unwrap_or("other").to_owned();
            let paper = take(&mut left, &wanted, label);
            let told = tallies.types.entry(wanted.clone()).or_default();
            told.0 += 1;
            told.1 += u32::from(paper.is_some());
            if paper.is_none() && wanted != "other" {
                let found: BTreeSet<&str> = left.iter().map(|paper| paper.document_type.as_str()).collect();
                let found = found.into_iter().collect::<Vec<_>>().join(", ");
                let found = if found.is_empty() { "—" } else { &found };
                tallies
                    .differences
                    .push(format!("{name}  document_type: wanted \"{wanted}\", found {found}\n"));
            }
            let tally = tallies.fields.entry((wanted, format.to_owned())).or_default();
            for (field, label) in label.get("fields").and_then(Json::as_object).into_iter().flatten() {
                let fact = paper.and_then(|paper| meant(&paper.record, field, label));
                // Without a paper nothing is right, not even that something is not said.
                let verdict = if paper.is_some() { compare(label, fact) } else { Verdict::Missing };
                if let Some((fact, value)) = fact.and_then(|fact| Some((fact, fact.value.as_ref()?))) {
                    tallies.values.push(Judged {
                        right: matches!(verdict, Verdict::Exact),
                        confidence: fact.evidence.confidence,
                        accepted: fact.evidence.accepted,
                        sort: Sort::of(value),
                        support: support(fact),
                    });
                }
                let entry = tally.entry(field.clone()).or_default();
                entry.labelled += 1;
                match verdict {
                    Verdict::Exact => entry.exact += 1,
                    Verdict::Wrong => entry.wrong += 1,
                    Verdict::Missing => entry.missing += 1,
                }
                if !matches!(verdict, Verdict::Exact) {
                    let value = fact.and_then(|fact| fact.value.as_ref());
                    let found = value.map_or_else(|| "—".to_owned(), Value::wire);
                    tallies.differences.push(format!("{name}  {field}: wanted {label}, found {found}\n"));
                }
            }
        }
    }
}

/// What a careful reader found, document by document.
fn labels(truth: &Json) -> Vec<&Json> {
    truth.get("documents").and_then(Json::as_array).map_or(vec![truth], |all| all.iter().collect())
}

fn truth_of(file: &Path) -> PathBuf {
    let mut name = file.as_os_str().to_owned();
    name.push(".truth.json");
    name.into()
}

/// Files that have a truth beside them, in a fixed order.
fn find(folder: &Path, found: &mut Vec<PathBuf>) -> Result<()> {
    let mut entries = fs::read_dir(folder)
        .with_context(|| format!("{} cannot be listed", folder.display()))?
        .map(|entry| entry.map(|entry| entry.path()))
        .collect::<Result<Vec<_>, _>>()?;
    entries.sort();
    for entry in entries {
        if entry.is_dir() {
            find(&entry, found)?;
        } else if truth_of(&entry).is_file() {
            found.push(entry);
        }
    }
    Ok(())
}

/// The paper a label means: of its type and, if the label has pages, on them; else any that is left.
fn take<'a>(left: &mut Vec<&'a Paper>, wanted: &str, label: &Json) -> Option<&'a Paper> {
    let first_page = label.get("pages").and_then(|p| p.get(0)).and_then(Json::as_u64);
    let on_page = |paper: &&Paper| first_page.is_none_or(|page| u64::from(paper.pages.0) == page);
    let at = left
        .iter()
        .position(|paper| paper.document_type == wanted && on_page(paper))
        .or_else(|| left.iter().position(|paper| paper.document_type == wanted))?;
    Some(left.remove(at))
}

/// Labels that are a field of some row, and where that stands.
const OF_ROWS: &[(&str, &str, &str)] = &[("item", "items", "name")];

/// The fact that a label means; of a field of rows the one that agrees, else the first.
fn meant<'a>(record: &'a Record, field: &str, label: &Json) -> Option<&'a Fact> {
    let Some((_, rows, column)) = OF_ROWS.iter().find(|(name, ..)| *name == field) else {
        return record.fields.get(field);
    };
    let facts = || record.rows.get(*rows).into_iter().flatten().filter_map(|row| row.fields.get(*column));
    facts().find(|fact| matches!(compare(label, Some(fact)), Verdict::Exact)).or_else(|| facts().next())
}

enum Verdict {
    Exact,
    Wrong,
    Missing,
}

fn compare(label: &Json, fact: Option<&Fact>) -> Verdict {
    let value = fact.and_then(|fact| fact.value.as_ref());
    let label = match label {
        Json::Null => return if value.is_none() { Verdict::Exact } else { Verdict::Wrong },
        Json::String(text) => text.clone(),
        other => other.to_string(),
    };
    let Some(value) = value else { return Verdict::Missing };
    let same = match value {
        Value::Money(found) => money::parse_figures(&label) == Some(found.yuan),
        Value::Number(found) => money::parse_figures(&label) == Some(*found),
        Value::Date(found) => date::parse_day(&label) == Some(*found),
        other => folded(&other.wire()) == folded(&label),
    };
    if same { Verdict::Exact } else { Verdict::Wrong }
}

/// Widths, white space, brackets and Latin case do not count.
fn folded(text: &str) -> String {
    text.nfkc()
        .filter(|c| !c.is_whitespace())
        .map(|c| match c {
            '〔' | '[' | '【' | '（' => '(',
            '〕' | ']' | '】' | '）' => ')',
            other => other,
        })
        .collect::<String>()
        .to_uppercase()
}
