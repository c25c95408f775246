//! `heyan rules`: packs checked, tested, explained, and held against the call and each other.

mod coverage;
mod diff;
mod explain;

use std::path::PathBuf;

use anyhow::{Result, bail};
use clap::{Args, Subcommand};

use super::{Ending, packs, say, tools::Language};
use crate::{
    check,
    rulebook::{Confidence, limits::BOUNDS, packs::load},
};

/// Checks, tests and explains rule packs.
#[derive(Args)]
pub(super) struct Rules {
    #[command(subcommand)]
    what: What,
}

#[derive(Subcommand)]
enum What {
    /// Loads packs, with mistakes shown as a compiler shows them; also what is said in vain or left out:
    /// rules without tests both ways, constants that nothing reads, words of the call that nobody accounts for.
    #[command(after_long_help = bounds())]
    Check(Checked),
    /// Runs a pack's own tests.
    Test(Named),
    /// Prints rules as a policy officer would read them.
    Explain {
        #[command(flatten)]
        named: Named,
        /// One rule, by code (FAC-06) or name.
        rule: Option<String>,
        #[command(flatten)]
        language: Language,
    },
    /// Says clause by clause of the call what is automated, what needs judgement, and by which rule; ends
    /// with 1 where a piece of a clause is accounted for by no rule and no aside.
    Coverage {
        #[command(flatten)]
        named: Named,
        #[command(flatten)]
        language: Language,
        /// What to print: text or json.
        #[arg(long, default_value = "text", value_parser = ["text", "json"])]
        format: String,
    },
    Diff(diff::Diff),
}

/// What a pack may hold, as a table.
fn bounds() -> String {
    let rows = BOUNDS.iter().map(|bound| format!("\n  {:>9}  {}", bound.most, bound.of));
    format!("Limits of packs:{}", rows.collect::<String>())
}

#[derive(Args)]
struct Checked {
    /// The packs, by name or by the path of a folder or pack.toml; all there are if none is named.
    #[arg(value_name = "PACK")]
    packs: Vec<String>,
    /// A folder with packs of its own (DIR/packs/<pack>/).
    #[arg(long, value_name = "DIR")]
    rules: Option<PathBuf>,
}

#[derive(Args)]
struct Named {
    /// The pack, by name or by the path of its folder or pack.toml; has to be named where a rule is.
    #[arg(default_value = "jiangsu-2023")]
    pack: String,
    /// A folder with packs of its own (DIR/packs/<pack>/).
    #[arg(long, value_name = "DIR")]
    rules: Option<PathBuf>,
}

impl Named {
    fn open(&self) -> Result<crate::rulebook::Pack> {
        packs::open(&self.pack, self.rules.as_deref())
    }
}

impl Rules {
    pub(super) fn run(self) -> Result<Ending> {
        match self.what {
            What::Check(checked) => checked.run(),
            What::Test(named) => test(&named),
            What::Explain { named, rule, language } => {
                let pack = named.open()?;
                let Some(rule) = rule else {
                    say::result(&explain::list(&pack, language.lang()));
                    say::result(&explain::language(&Confidence::embedded()?));
                    return Ok(Ending::Fine);
                };
                let text = explain::rules(&pack, &rule, language.lang());
                if text.is_empty() {
                    return Err(say::advised(
                        format!("pack `{}` has no rule `{rule}`", pack.id),
                        format!("`heyan rules explain {}` lists its rules", pack.id),
                    ));
                }
                say::result(&text);
                Ok(Ending::Fine)
            }
            What::Coverage { named, language, format } => {
                let whole = coverage::print(&named.open()?, language.lang(), format == "json")?;
                Ok(if whole { Ending::Fine } else { Ending::Findings })
            }
            What::Diff(diff) => diff.run(),
        }
    }
}

impl Checked {
    /// Shows what is wrong with each pack; one that cannot be loaded does not hide the others.
    fn run(self) -> Result<Ending> {
        let rules = self.rules.as_deref();
        let packs = if self.packs.is_empty() { packs::all(rules)? } else { self.packs };
        if packs.is_empty() {
            bail!("there is no pack to check");
        }
        let mut ending = Ending::Fine;
        for named in packs {
            let loaded = packs::texts(&named, rules).map(|(id, texts)| (load(&id, &texts), id));
            match loaded {
                Err(error) => {
                    say::error(&error);
                    ending = Ending::Trouble;
                }
                Ok((Err(errors), id)) => {
                    say::error(&anyhow::anyhow!(packs::said(&id, "has mistakes", &errors)));
                    ending = Ending::Trouble;
                }
                Ok((Ok(pack), id)) => {
                    let (rules, tests) = (pack.rules.len(), pack.tests.len());
                    if pack.lints.is_empty() {
                        say::result(&format!(
                            "{id} {}: {rules} rules, {tests} tests, no mistakes\n",
                            pack.version
                        ));
                        continue;
                    }
                    say::result(&packs::said(&id, "says things in vain or leaves some out", &pack.lints));
                    say::result(&format!(
                        "\n{id} {}: {rules} rules, {tests} tests, {} to be mended\n",
                        pack.version,
                        pack.lints.len()
                    ));
                    if matches!(ending, Ending::Fine) {
                        ending = Ending::Findings;
                    }
                }
            }
        }
        Ok(ending)
    }
}

fn test(named: &Named) -> Result<Ending> {
    let pack = named.open()?;
    let results = check::trial(&pack);
    let failed = results.iter().filter(|result| result.trouble.is_some()).count();
    for result in &results {
        let mark = if result.trouble.is_none() { "ok  " } else { "FAIL" };
        say::result(&format!("{mark} {} — {}\n", result.rule, result.name));
        if let Some(trouble) = &result.trouble {
            say::result(&format!("     {trouble}\n"));
        }
    }
    say::result(&format!("{} passed, {failed} failed\n", results.len() - failed));
    Ok(if failed == 0 { Ending::Fine } else { Ending::Findings })
}
