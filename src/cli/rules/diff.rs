//! `heyan rules diff`: what differs between two packs, and which outcomes of cases it changes.

use std::{
    collections::{BTreeMap, BTreeSet},
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
/// or cache keep, and held against both packs; where roots or lists were given then, give them again. What
/// the cases that are named have in common with each other is not asked, and runs of which an earlier version
/// kept no files are left out. Ends with 1 where anything differs.
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
    /// A folder of root certificates whose signatures are trusted, as for verify.
    #[arg(long, value_name = "DIR")]
    trust: Option<PathBuf>,
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
        tools.trust = tools::trust(self.trust.as_deref())?;
        tools.lists = lists::open(self.lists.as_deref())?;
        if let Some(place) = self.store.as_deref() {
            let path = place.strip_prefix("sqlite://").unwrap_or(place);
            if !path.contains("://") && !Path::new(path).is_file() {
                let trouble = format!("there is no store at {path}");
                return Err(say::advised(trouble, "`heyan verify CASE... --store` makes one".to_owned()));
            }
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
                    Ok(files) => {
                        let both = examined(&files, [(old, &[]), (new, &[])], &tools, today);
                        turned.extend(turned_in(&files.name, &both));
                    }
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
                match self.of_past(&past, store, [old, new], &tools) {
                    Ok(Some(more)) => turned.extend(more),
                    Ok(None) => failed(say::advised(
                        format!(
                            "{} {} is not in the store as it was handed in",
                            past.application, past.applicant
                        ),
                        "name its folder".to_owned(),
                    )),
                    Err(error) => failed(error),
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
        let files = jobs::handed_in(store, &past.key).map_err(memory::advised)?;
        let Some(today) = self.today.or_else(|| past.today.parse().ok()) else { return Ok(None) };
        let Some(files) = files else { return Ok(None) };
        let mut both = examined(&files, [(packs[0], &[]), (packs[1], &[])], tools, today);
        let keys: BTreeSet<&str> =
            both.iter().flat_map(|case| &case.uses).map(|one| one.key.as_str()).collect();
        let mut others = store.uses(&keys.into_iter().collect::<Vec<_>>()).map_err(memory::advised)?;
        let own = both[0].uses.first().cloned();
        others.retain(|one| !own.as_ref().is_some_and(|own| one.is_of_one_application(own)));
        // A call under another name is the same call: what was used in it was used in this one.
        let in_new = |one: &Use| {
            let call = if one.call == packs[0].id { &packs[1].id } else { &one.call };
            Use { call: call.clone(), ..one.clone() }
        };
        let of_new: Vec<Use> = others.iter().map(in_new).collect();
        let elsewhere = [(0, &others), (1, &of_new)]
            .map(|(at, others)| check::compare(&[both[at].uses.clone()], others).pop().unwrap_or_default());
        if elsewhere.iter().any(|others| !others.is_empty()) {
            let with = [(packs[0], &*elsewhere[0]), (packs[1], &*elsewhere[1])];
            both = examined(&files, with, tools, today);
        }
        Ok(Some(turned_in(&format!("{} {}", past.application, past.applicant), &both)))
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

/// A case by both packs, each with what other applications have in common with it.
fn examined(
    files: &CaseFiles,
    with: [(&Pack, &[Use]); 2],
    tools: &Tools,
    today: NaiveDate,
) -> [Examination; 2] {
    let progress = say::Progress::new(&files.name, "pages");
    with.map(|(pack, elsewhere)| {
        let files = CaseFiles { elsewhere: elsewhere.to_vec(), ..files.clone() };
        pipeline::examine(&files, pack, tools, today, &|step| progress.step(step))
    })
}

/// What ends otherwise in one case; a rule that does not apply in either ends alike.
fn turned_in(called: &str, [old, new]: &[Examination; 2]) -> Vec<Turned> {
    fn by_rule(case: &Examination) -> BTreeMap<&str, &Finding> {
        case.findings.iter().chain(&case.judgement).map(|one| (one.rule.as_str(), one)).collect()
    }
    let (before, after) = (by_rule(old), by_rule(new));
    let mut found = Vec::new();
    if old.outcome != new.outcome {
        found.push(Turned {
            case: called.to_owned(),
            rule: String::new(),
            code: String::new(),
            old: Some(old.outcome.name()),
            new: Some(new.outcome.name()),
            old_reasons: Vec::new(),
            new_reasons: Vec::new(),
        });
    }
    let rules: BTreeSet<&str> = before.keys().chain(after.keys()).copied().collect();
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
            case: called.to_owned(),
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
