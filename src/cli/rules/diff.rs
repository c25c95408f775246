//! `heyan rules diff`: what differs between two packs, and which outcomes of cases it changes.

use std::{collections::BTreeMap, path::PathBuf};

use anyhow::Result;
use chrono::NaiveDate;
use clap::Args;
use serde::Serialize;

use super::super::{
    Ending, case,
    memory::Memory,
    packs, say,
    tools::{self, Language},
    verify::day,
};
use crate::{
    model::{
        case::Examination,
        finding::{Finding, Outcome},
    },
    pipeline::{self, Tools},
    report::{Lang, terms, words},
    rulebook::{
        Pack,
        diff::{Change, diff},
    },
};

/// Lists the rules, constants, tiers and clauses that differ between two packs and, of the cases that are
/// named, the outcomes that would change.
///
/// A pack is named, or given by the path of its folder or pack.toml. Cases are folders or zip archives, as
/// for verify; each is read once, which the cache keeps, and held against both packs. A store keeps outcomes but not the
/// declaration as it was handed in, so past cases have to be named by their folders. What cases have in
/// common with each other is not asked. Ends with 1 where anything differs.
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
    /// The day that counts as today (YYYY-MM-DD); the clock's day if not given.
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
        let (turned, broken) = if self.cases.is_empty() { (Vec::new(), 0) } else { self.turned(&old, &new)? };
        let text =
            if self.format == "json" { json(&changes, &turned)? } else { self.text(&changes, &turned) };
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

    /// What would end otherwise, case by case, and how many cases could not be opened.
    fn turned(&self, old: &Pack, new: &Pack) -> Result<(Vec<Turned>, usize)> {
        let mut tools = tools::open(None)?;
        tools::add_types(&mut tools.types, self.rules.as_deref())?;
        // Kept readings are what makes both packs see the same.
        let _memory = Memory::open(None, None, true, &mut tools)?;
        let today = self.today.unwrap_or_else(|| chrono::Local::now().date_naive());
        let (mut turned, mut broken) = (Vec::new(), 0);
        for path in &self.cases {
            let found = case::cases(path).unwrap_or_else(|error| {
                say::error(&error);
                broken += 1;
                Vec::new()
            });
            for path in found {
                match self.of_case(&path, [old, new], &tools, today) {
                    Ok(more) => turned.extend(more),
                    Err(error) => {
                        say::error(&error);
                        broken += 1;
                    }
                }
            }
        }
        Ok((turned, broken))
    }

    fn of_case(
        &self,
        path: &std::path::Path,
        packs: [&Pack; 2],
        tools: &Tools,
        today: NaiveDate,
    ) -> Result<Vec<Turned>> {
        let files = case::load(path, tools)?;
        let progress = say::Progress::new(&files.name, "pages");
        let [old, new] =
            packs.map(|pack| pipeline::examine(&files, pack, tools, today, &|step| progress.step(step)));
        Ok(turned(&old, &new))
    }

    fn text(&self, changes: &[Change], turned: &[Turned]) -> String {
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
        if !self.cases.is_empty() {
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
                        terms::reason(code, lang)
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
        if !self.cases.is_empty() && turned.is_empty() {
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
        "total" => lang.of("合计", "total"),
        "clause" => lang.of("条款", "clause"),
        "aside" => lang.of("不予核验", "aside"),
        "rule" => lang.of("规则", "rule"),
        "pack" => lang.of("规则包", "pack"),
        other => other,
    }
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
