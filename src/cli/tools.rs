//! Finds the engines' files and opens what is there.

use std::path::{Path, PathBuf};

use anyhow::{Context, Result, anyhow};
use clap::Args;

use super::{containment, memory::Memory, packs, say};
use crate::{
    authenticate::Trust,
    contain::{Here, Opener},
    extract::custom::CUSTOM,
    model::limits::Limits,
    pipeline::Tools,
    recognize,
    report::Lang,
    rulebook::{
        limits,
        types::{self, DocumentType},
    },
};

/// The folder with the models: `HEYAN_MODELS`, else the user's data folder.
#[must_use]
pub fn models() -> PathBuf {
    if let Some(folder) = std::env::var_os("HEYAN_MODELS") {
        return folder.into();
    }
    let data = std::env::var_os("XDG_DATA_HOME").map(PathBuf::from);
    let home = || std::env::var_os("HOME").map(|home| PathBuf::from(home).join(".local/share"));
    data.or_else(home).unwrap_or_default().join("heyan/models")
}

/// How files are read, for commands that only read them.
#[derive(Args)]
pub(super) struct Reading {
    /// A folder with document types of its own (DIR/documents/<type>.toml), beside the built-in ones.
    #[arg(long, value_name = "DIR")]
    rules: Option<PathBuf>,
    /// How many pages are read side by side.
    #[arg(long, value_name = "N")]
    jobs: Option<usize>,
    /// Read everything anew and keep nothing: without it, readings are kept in a cache that is safe to
    /// delete (HEYAN_CACHE, else the user's cache folder).
    #[arg(long)]
    no_cache: bool,
}

impl Reading {
    /// A rule pack, of the folder that was named if it has packs.
    pub(super) fn pack(&self, id: &str) -> Result<crate::rulebook::Pack> {
        packs::open(id, self.rules.as_deref())
    }

    /// The tools, with the document types of the folder that was named, and what they remember.
    pub(super) fn open(&self) -> Result<(Tools, Memory)> {
        let mut tools = open(self.jobs)?;
        add_types(&mut tools.types, self.rules.as_deref())?;
        let memory = Memory::open(None, None, !self.no_cache, &mut tools)?;
        Ok((tools, memory))
    }
}

/// In which language things are said.
#[derive(Args)]
pub(super) struct Language {
    /// Language: zh or en.
    #[arg(long, default_value = "zh", value_parser = ["zh", "en"])]
    lang: String,
}

impl Language {
    /// The language to say things in.
    pub(super) fn lang(&self) -> Lang {
        Lang::named(&self.lang).unwrap_or_default()
    }
}

/// How many things to do at once, unless told: one for each core.
pub(super) fn jobs(asked: Option<usize>) -> usize {
    asked.unwrap_or_else(|| std::thread::available_parallelism().map_or(1, usize::from)).clamp(1, 64)
}

/// Opens the tools. An engine that is not there is said once and done without.
pub(super) fn open(asked: Option<usize>) -> Result<Tools> {
    let jobs = jobs(asked);
    let opener = opener()?;
    let (engines, missing) = recognize::open_all(&models(), jobs);
    for error in missing {
        say::hint(&format!("{error}; what has a text layer is still read"));
    }
    Ok(Tools { opener, ..Tools::new(engines, jobs)? })
}

/// Adds the document types in a folder of rules; one of a built-in name replaces that.
pub(super) fn add_types(types: &mut Vec<DocumentType>, rules: Option<&Path>) -> Result<()> {
    let Some(folder) = part_of_rules(rules, "documents")? else { return Ok(()) };
    let is_type = |path: &PathBuf| {
        let hidden = path.file_name().is_some_and(|name| name.to_string_lossy().starts_with('.'));
        path.extension().is_some_and(|ending| ending == "toml") && !hidden
    };
    for path in entries(&folder)?.into_iter().filter(is_type) {
        let text = packs::text(&path)?;
        if text.len() > limits::FILE.most {
            return Err(anyhow!("{}: {}", path.display(), limits::FILE.said(text.len())));
        }
        let id = path.file_stem().unwrap_or_default().to_string_lossy();
        let own =
            types::load(&id, &text).with_context(|| format!("{} is no document type", path.display()))?;
        let unknown = |name: &&String| CUSTOM.iter().all(|custom| custom.name != **name);
        if let Some(name) = own.custom.iter().find(unknown) {
            let known: Vec<&str> = CUSTOM.iter().map(|custom| custom.name).collect();
            let trouble = format!("{} names the unknown function `{name}`", path.display());
            return Err(say::advised(trouble, format!("there are {}", known.join(", "))));
        }
        match types.iter_mut().find(|built_in| built_in.id == own.id) {
            Some(built_in) => *built_in = own,
            None => types.push(own),
        }
    }
    Ok(())
}

/// A part of a folder of rules, if the folder has it. One that has none of them is a mistake.
pub(super) fn part_of_rules(rules: Option<&Path>, part: &str) -> Result<Option<PathBuf>> {
    const PARTS: [&str; 2] = ["documents", "packs"];
    let Some(rules) = rules else { return Ok(None) };
    if !PARTS.iter().any(|own| rules.join(own).is_dir()) {
        let trouble = format!("{} has neither a folder {}", rules.display(), PARTS.join(" nor "));
        return Err(say::advised(trouble, "`rules/README.md` says what stands in them".to_owned()));
    }
    Ok(Some(rules.join(part)).filter(|part| part.is_dir()))
}

/// What stands in a folder, by name.
pub(super) fn entries(folder: &Path) -> Result<Vec<PathBuf>> {
    let entries =
        std::fs::read_dir(folder).with_context(|| format!("{} cannot be read", folder.display()))?;
    let mut paths: Vec<PathBuf> = entries.filter_map(Result::ok).map(|entry| entry.path()).collect();
    paths.sort();
    Ok(paths)
}

/// What opens files: processes apart, unless the environment says otherwise. What of their walls this
/// machine does not have is said once.
fn opener() -> Result<Box<dyn Opener>> {
    if containment::is_off() {
        return Ok(Box::new(Here));
    }
    let pool = containment::start(&Limits::default())?;
    if !pool.unenforced().is_empty() {
        let missing = pool.unenforced().join(", ");
        say::hint(&format!("bad files are not fully contained on this machine: without {missing}"));
    }
    Ok(Box::new(pool))
}

/// Tools that read no pictures.
pub(super) fn without_engines(asked: Option<usize>) -> Result<Tools> {
    Ok(Tools { opener: opener()?, ..Tools::new(Vec::new(), jobs(asked))? })
}

/// The roots in a folder. A folder that was named and holds none is a mistake.
pub(super) fn trust(folder: Option<&Path>) -> Result<Trust> {
    let mut trust = Trust::default();
    let Some(folder) = folder else { return Ok(trust) };
    for path in entries(folder)?.into_iter().filter(|path| path.is_file()) {
        let bytes = std::fs::read(&path).with_context(|| format!("{} cannot be read", path.display()))?;
        if trust.add(&bytes) == 0 {
            say::hint(&format!("there is no certificate in {}, and it makes nobody trusted", path.display()));
        }
    }
    if trust.is_empty() {
        let trouble = format!("there is no certificate in {}", folder.display());
        return Err(say::advised(trouble, "put root certificates there, DER or PEM".to_owned()));
    }
    Ok(trust)
}
