//! Finds the engines' files and opens what is there.

use std::path::PathBuf;

use anyhow::{Context, Result};

use super::{containment, say};
use crate::{
    authenticate::Trust,
    contain::{Here, Opener},
    extract::custom::CUSTOM,
    model::limits::Limits,
    pipeline::Tools,
    recognize,
    rulebook::{
        packs::{self, Pack},
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

/// The built-in document types with those in a folder: a file of the same name stands for the built-in one.
pub(super) fn types(folder: Option<&std::path::Path>) -> Result<Vec<DocumentType>> {
    let mut types = types::embedded()?;
    let Some(folder) = folder else { return Ok(types) };
    if !["documents", "packs"].iter().any(|own| folder.join(own).is_dir()) {
        let trouble = format!("{} has no folder `documents` or `packs`", folder.display());
        return Err(say::advised(trouble, "put the files of document types in DIR/documents".to_owned()));
    }
    let folder = folder.join("documents");
    if !folder.is_dir() {
        return Ok(types);
    }
    let entries =
        std::fs::read_dir(&folder).with_context(|| format!("{} cannot be read", folder.display()))?;
    let mut paths: Vec<PathBuf> = entries.filter_map(Result::ok).map(|entry| entry.path()).collect();
    let is_hidden =
        |path: &PathBuf| path.file_name().is_some_and(|name| name.to_string_lossy().starts_with('.'));
    paths.retain(|path| path.extension().is_some_and(|ending| ending == "toml") && !is_hidden(path));
    paths.sort();
    for path in paths {
        let text =
            std::fs::read_to_string(&path).with_context(|| format!("{} cannot be read", path.display()))?;
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
    Ok(types)
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
pub(super) fn trust(folder: Option<&std::path::Path>) -> Result<Trust> {
    let mut trust = Trust::default();
    let Some(folder) = folder else { return Ok(trust) };
    let entries =
        std::fs::read_dir(folder).with_context(|| format!("{} cannot be read", folder.display()))?;
    let mut paths: Vec<PathBuf> = entries.filter_map(Result::ok).map(|entry| entry.path()).collect();
    paths.sort();
    for path in paths.into_iter().filter(|path| path.is_file()) {
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

/// Loads a pack by name, or from a folder.
pub(super) fn pack(id: &str, folder: Option<&std::path::Path>) -> Result<Pack> {
    let files = match folder {
        Some(folder) => {
            let own = folder.join("packs");
            if !own.join(id).is_dir() {
                let trouble = format!("there is no pack `{id}` in {}", own.display());
                return Err(say::advised(trouble, there_are(folders(&own))));
            }
            super::rules::files(&own.join(id)).with_context(|| format!("pack `{id}` in {}", own.display()))?
        }
        None => packs::embedded(id).ok_or_else(|| {
            let known = there_are(packs::built_in().map(str::to_owned).collect());
            say::advised(format!("there is no pack `{id}`"), format!("{known}; others come with --rules DIR"))
        })?,
    };
    packs::load(id, &files).map_err(|errors| {
        let lines: Vec<String> = errors.iter().map(ToString::to_string).collect();
        anyhow::anyhow!("pack `{id}` has mistakes\n{}", lines.join("\n"))
    })
}

fn there_are(packs: Vec<String>) -> String {
    if packs.is_empty() { "there is none".to_owned() } else { format!("there is {}", packs.join(", ")) }
}

/// The names of the folders in a folder.
fn folders(folder: &std::path::Path) -> Vec<String> {
    let mut names: Vec<String> = std::fs::read_dir(folder)
        .into_iter()
        .flatten()
        .filter_map(Result::ok)
        .filter(|entry| entry.path().is_dir())
        .map(|entry| entry.file_name().to_string_lossy().into_owned())
        .collect();
    names.sort();
    names
}
