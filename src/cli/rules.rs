//! `heyan rules`: packs checked, tested and explained.

use std::{
    collections::BTreeMap,
    fs,
    path::{Path, PathBuf},
};

use anyhow::{Context, Result};
use clap::{Args, Subcommand};

use super::{Ending, say, tools};
use crate::{check, rulebook::Confidence};

/// Checks, tests and explains rule packs.
#[derive(Args)]
pub(super) struct Rules {
    #[command(subcommand)]
    what: What,
}

#[derive(Subcommand)]
enum What {
    /// Loads a pack, with mistakes shown as a compiler shows them.
    Check(Named),
    /// Runs a pack's own tests.
    Test(Named),
    /// Prints rules as a policy officer would read them.
    Explain {
        #[command(flatten)]
        named: Named,
        /// One rule, by code (FAC-06) or name.
        rule: Option<String>,
    },
}

#[derive(Args)]
struct Named {
    /// The pack; has to be named where a rule is.
    #[arg(default_value = "jiangsu-2023")]
    pack: String,
    /// A folder with packs of its own (DIR/packs/<pack>/).
    #[arg(long, value_name = "DIR")]
    rules: Option<PathBuf>,
}

impl Rules {
    pub(super) fn run(self) -> Result<Ending> {
        match self.what {
            What::Check(named) => {
                let pack = tools::pack(&named.pack, named.rules.as_deref())?;
                say::result(&format!(
                    "{} {}: {} rules, {} tests, no mistakes\n",
                    pack.id,
                    pack.version,
                    pack.rules.len(),
                    pack.tests.len()
                ));
                Ok(Ending::Fine)
            }
            What::Test(named) => {
                let pack = tools::pack(&named.pack, named.rules.as_deref())?;
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
            What::Explain { named, rule } => {
                let pack = tools::pack(&named.pack, named.rules.as_deref())?;
                let text = check::explain(&pack, rule.as_deref());
                if text.is_empty() {
                    return Err(say::advised(
                        format!("pack `{}` has no rule `{}`", pack.id, rule.unwrap_or_default()),
                        format!("`heyan rules explain {}` lists its rules", pack.id),
                    ));
                }
                say::result(&text);
                if rule.is_none() {
                    say::result(&check::explain_language(&Confidence::embedded()?));
                }
                Ok(Ending::Fine)
            }
        }
    }
}

/// The texts of a pack's files, by path inside its folder; lists of the folder above count too.
pub(super) fn files(folder: &Path) -> Result<BTreeMap<String, String>> {
    let mut files = BTreeMap::new();
    for name in ["pack.toml", "rules.toml", "tests.toml"] {
        let path = folder.join(name);
        let text = fs::read_to_string(&path).with_context(|| format!("{} cannot be read", path.display()))?;
        files.insert(name.to_owned(), text);
    }
    let lists = folder.join("../../lists");
    if let Ok(entries) = fs::read_dir(&lists) {
        for path in entries.filter_map(Result::ok).map(|entry| entry.path()) {
            if let (Some(name), Ok(text)) =
                (path.file_name().and_then(|n| n.to_str()), fs::read_to_string(&path))
            {
                files.insert(format!("lists/{name}"), text);
            }
        }
    }
    Ok(files)
}
