//! `heyan rules diff`: what differs between two packs, and which outcomes of cases it changes.

use std::{
    collections::BTreeMap,
    path::{Path, PathBuf},
};

use anyhow::Result;
use chrono::NaiveDate;
use clap::Args;
use serde::Serialize;

use super::super::{
    Ending, case, lists,
    memory::{self, Memory},
    packs, say,
    tools::{self, Language},
    verify::day,
};
use crate::{
    check, jobs,
    model::{
        case::{CaseFiles, Examination},
        finding::{Finding, Message, Outcome},
        reuse::Use,
    },
    pipeline::{self, Tools},
    report::{Lang, terms, words},
    rulebook::{
        Pack,
        diff::{Change, diff},
    },
    store::{Past, Store},
};

/// Lists the rules, constants, tiers and clauses that differ between two packs and, of the cases that are
/// named, the outcomes that would change.
///
/// A pack is named, or given by the path of its folder or pack.toml. Cases are folders or zip archives, as
/// for verify, and all that a store knows of the old pack: the latest run of each application, with the files
/// and the day of that run and what other applications in the store use. Each case is read once, which store
/// or cache keep, and held against both packs. What the cases that are named have in common with each other
/// is not asked. Ends with 1 where anything differs.
#[derive(Args)]
pub(super) struct Diff {
    /// The pack as it was.
    old: String,
    /// The pack as it is.
    new: String,
    /// Cases: folders, zip archives, or folders of them.
    #[arg(value_name = "CASE")]
    cases: Vec<PathBuf>,
    /// A folder with packs of its own (DIR/packs/<pack>/), or document types (DIR/documents/<type>.toml).
    #[arg(long, value_name = "DIR")]
    rules: Option<PathBuf>,
    /// Cases that were verified with this store (`heyan verify --store`) by the old pack.
    #[arg(long, value_name = "URL")]
    store: Option<String>,
    /// Where the store's files lie, as for verify.
    #[arg(long, value_name = "PLACE", requires = "store")]
    files: Option<String>,
    /// A folder of lists (`heyan lists`) that cases are held against.
    #[arg(long, value_name = "DIR")]
    lists: Option<PathBuf>,
    /// The day that counts as today (YYYY-MM-DD); if not given, the clock's day, and for a case of the store
    /// the day of its run.
    #[arg(long, value_name = "DATE", value_parser = day)]
    today: Option<NaiveDate>,
    #[command(flatten)]
    language: Language,
    /// What to print: text or json.
    #[arg(long, default_value = "text", value_parser = ["text", "json"])]
    format: String,
}

/// A difference as it is written for programs.
#[derive(Serialize)]
struct WireChange<'c> {
    what: &'static str,
    name: &'c str,
    part: &'c str,
    old: Option<&'c str>,
    new: Option<&'c str>,
}

/// A rule that would end otherwise.
#[derive(Serialize)]
struct Turned {
    case: String,
    /// Empty for the case as a whole.
    rule: String,
    code: String,
    /// `None` where the pack has no such rule.
    old: Option<&'static str>,
    new: Option<&'static str>,
    old_reasons: Vec<String>,
    new_reasons: Vec<String>,
}

impl Diff {
    pub(super) fn run(self) -> Result<Ending> {
        let (old, new) = (self.open(&self.old)?, self.open(&self.new)?);
        let changes = diff(&old, &new);
        let of_packs = old.reasons.clone().into_iter().chain(new.reasons.clone()).collect();
        let (turned, broken) = if self.has_cases() { self.turned(&old, &new)? } else { (Vec::new(), 0) };
        let text = if self.format == "json" {
            json(&changes, &turned)?
        } else {
            self.text(&changes, &turned, &of_packs)
        };
        say::result(&text);
        Ok(match (broken, changes.is_empty() && turned.is_empty()) {
            (0, true) => Ending::Fine,
            (0, false) => Ending::Findings,
            _ => Ending::Trouble,
        })
    }

    fn open(&self, named: &str) -> Result<Pack> {
        packs::open(named, self.rules.as_deref())
    }

    fn has_cases(&self) -> bool {
        !self.cases.is_empty() || self.store.is_some()
    }

    /// What would end otherwise, case by case, and how many cases could not be looked at.
    fn turned(&self, old: &Pack, new: &Pack) -> Result<(Vec<Turned>, usize)> {
        let mut tools = tools::open(None)?;
        tools::add_types(&mut tools.types, self.rules.as_deref())?;
        tools.lists = lists::open(self.lists.as_deref())?;
        if let Some(place) = self.store.as_deref().filter(|place| !place.contains("://"))
            && !Path::new(place).is_file()
        {
            let trouble = format!("there is no store at {place}");
            return Err(say::advised(trouble, "`heyan verify CASE... --store` makes one".to_owned()));
        }
        // Kept readings are what makes both packs see the same.
        let memory = Memory::open(self.store.as_deref(), self.files.as_deref(), true, &mut tools)?;
        let today = self.today.unwrap_or_else(|| chrono::Local::now().date_naive());
        let (mut turned, mut broken) = (Vec::new(), 0);
        let mut failed = |error: anyhow::Error| {
            say::error(&error);
            broken += 1;
        };
        for path in &self.cases {
            let found = case::cases(path).unwrap_or_else(|error| {
                failed(error);
                Vec::new()
            });
            for path in found {
                match case::load(&path, &tools) {
                    Ok(files) => turned.extend(of_case(&files, [old, new], &tools, today).0),
                    Err(error) => failed(error),
                }
            }
        }
        if let Some(store) = memory.store.as_deref() {
            let all = store.past(&old.id).map_err(memory::advised)?;
            if all.is_empty() {
                say::hint(&format!("the store knows no case that was verified by {}", old.id));
            }
            for past in all {
                match self.of_past(&past, store, [old, new], &tools)? {
                    Some(more) => turned.extend(more),
                    None => failed(say::advised(
                        format!("{} is not in the store as it was handed in", past.application),
                        "verify it again with this store, or name its folder".to_owned(),
                    )),
                }
            }
        }
        Ok((turned, broken))
    }

    /// What would end otherwise in a case of the store; nothing where its files are not there.
    fn of_past(
        &self,
        past: &Past,
        store: &Store,
        packs: [&Pack; 2],
        tools: &Tools,
    ) -> Result<Option<Vec<Turned>>> {
        let files = past.handed_in.as_deref().map(|said| jobs::handed_in(store, said));
        let Some(mut files) = files.transpose().map_err(memory::advised)?.flatten() else { return Ok(None) };
        let Some(today) = self.today.or_else(|| past.today.parse().ok()) else { return Ok(None) };
        let (turned, uses) = of_case(&files, packs, tools, today);
        let keys: Vec<&str> = uses.iter().map(|one| one.key.as_str()).collect();
        let mut others = store.uses(&keys).map_err(memory::advised)?;
        others.retain(|one| !uses.first().is_some_and(|own| one.is_of_one_application(own)));
        files.elsewhere = check::compare(&[uses], &others).pop().unwrap_or_default();
        let is_alone = files.elsewhere.is_empty();
        Ok(Some(if is_alone { turned } else { of_case(&files, packs, tools, today).0 }))
    }

    fn text(&self, changes: &[Change], turned: &[Turned], of_packs: &BTreeMap<String, Message>) -> String {
        let lang = self.language.lang();
        let mut out = String::new();
        for change in changes {
            let Change { what, name, part, .. } = change;
            let what = kind(what, lang);
            let of = if part.is_empty() { String::new() } else { format!(" {part}") };
            out += &match (&change.old, &change.new) {
                (None, Some(new)) => format!("+ {what} {name}{of}  {new}\n"),
                (Some(old), None) => format!("- {what} {name}{of}  {old}\n"),
                (old, new) => format!(
                    "~ {what} {name}{of}\n    - {}\n    + {}\n",
                    old.as_deref().unwrap_or_default(),
                    new.as_deref().unwrap_or_default()
                ),
            };
        }
        if changes.is_empty() {
            out += lang.of("两个规则包没有差别\n", "the packs do not differ\n");
        }
        if self.has_cases() {
            out += lang.of("\n结论会改变的：\n", "\noutcomes that would change:\n");
        }
        for one in turned {
            let end = |name: Option<&str>, reasons: &[String]| {
                let outcome = name.and_then(Outcome::named);
                let said =
                    outcome.map_or(lang.of("无此规则", "no such rule"), |it| words::outcome(it, lang));
                let why: Vec<String> = reasons
                    .iter()
                    .map(|code| {
                        terms::reason(code, of_packs, lang)
                            .map_or_else(|| code.clone(), |words| format!("{code} {words}"))
                    })
                    .collect();
                if why.is_empty() { said.to_owned() } else { format!("{said} [{}]", why.join("; ")) }
            };
            let rule = match one.rule.as_str() {
                "" => lang.of("整个申报", "the whole case").to_owned(),
                rule => format!("{} {rule}", one.code),
            };
            out += &format!(
                "  {}  {rule}: {} → {}\n",
                one.case,
                end(one.old, &one.old_reasons),
                end(one.new, &one.new_reasons)
            );
        }
        if self.has_cases() && turned.is_empty() {
            out += lang.of("  没有\n", "  none\n");
        }
        out
    }
}

fn json(changes: &[Change], turned: &[Turned]) -> Result<String> {
    let changes: Vec<WireChange<'_>> = changes
        .iter()
        .map(|one| WireChange {
            what: one.what,
            name: &one.name,
            part: &one.part,
            old: one.old.as_deref(),
            new: one.new.as_deref(),
        })
        .collect();
    Ok(serde_json::to_string_pretty(&serde_json::json!({ "changes": changes, "outcomes": turned }))? + "\n")
}

fn kind(what: &'static str, lang: Lang) -> &'static str {
    match what {
        "config" => lang.of("常量", "constant"),
        "tier" => lang.of("分档", "tier"),
        "cost" => lang.of("费用类别", "kind of costs"),
        "reason" => lang.of("理由", "reason"),
        "total" => lang.of("合计", "total"),
        "clause" => lang.of("条款", "clause"),
        "aside" => lang.of("不予核验", "aside"),
        "rule" => lang.of("规则", "rule"),
        "pack" => lang.of("规则包", "pack"),
        other => other,
    }
}

/// What ends otherwise in one case, and what it uses that others might, too.
fn of_case(files: &CaseFiles, packs: [&Pack; 2], tools: &Tools, today: NaiveDate) -> (Vec<Turned>, Vec<Use>) {
    let progress = say::Progress::new(&files.name, "pages");
    let [old, new] =
        packs.map(|pack| pipeline::examine(files, pack, tools, today, &|step| progress.step(step)));
    (turned(&old, &new), old.uses)
}

/// What ends otherwise in one case; a rule that does not apply in either ends alike.
fn turned(old: &Examination, new: &Examination) -> Vec<Turned> {
    fn by_rule(case: &Examination) -> BTreeMap<&str, &Finding> {
        case.findings.iter().chain(&case.judgement).map(|one| (one.rule.as_str(), one)).collect()
    }
    let (before, after) = (by_rule(old), by_rule(new));
    let mut found = Vec::new();
    if old.outcome != new.outcome {
        found.push(Turned {
            case: old.name.clone(),
            rule: String::new(),
            code: String::new(),
            old: Some(old.outcome.name()),
            new: Some(new.outcome.name()),
            old_reasons: Vec::new(),
            new_reasons: Vec::new(),
        });
    }
    let rules: std::collections::BTreeSet<&str> = before.keys().chain(after.keys()).copied().collect();
    for rule in rules {
        let (one, other) = (before.get(rule), after.get(rule));
        let end = |finding: Option<&&Finding>| finding.map(|it| (it.outcome, it.reasons.clone()));
        let applies =
            |finding: Option<&&Finding>| finding.is_some_and(|it| it.outcome != Outcome::NotApplicable);
        if end(one) == end(other) || !(applies(one) || applies(other)) {
            continue;
        }
        let reasons = |finding: Option<&&Finding>| finding.map(|it| it.reasons.clone()).unwrap_or_default();
        found.push(Turned {
            case: old.name.clone(),
            rule: rule.to_owned(),
            code: one.or(other).map(|it| it.code.clone()).unwrap_or_default(),
            old: one.map(|it| it.outcome.name()),
            new: other.map(|it| it.outcome.name()),
            old_reasons: reasons(one),
            new_reasons: reasons(other),
        });
    }
    found
}
