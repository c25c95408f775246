//! Finds the engines' files and opens what is there.

use std::path::PathBuf;

use anyhow::{Context, Result};

use super::say;
use crate::{
    pipeline::Tools,
    recognize,
    rulebook::packs::{self, Pack},
};

/// The folder with the models: `HEYAN_MODELS`, else the user's data folder.
pub(super) fn models() -> PathBuf {
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
    let (engines, missing) = recognize::open_all(&models(), jobs);
    for error in missing {
        say::hint(&format!("{error}; what has a text layer is still read"));
    }
    Ok(Tools::new(engines, jobs)?)
}

/// Loads a pack by name, or from a folder.
pub(super) fn pack(id: &str, folder: Option<&std::path::Path>) -> Result<Pack> {
    let files = match folder {
        Some(folder) => super::rules::files(&folder.join("packs").join(id))
            .with_context(|| format!("pack `{id}` in {}", folder.display()))?,
        None => packs::embedded(id).with_context(|| {
            format!("there is no pack `{id}`; built in is jiangsu-2023, others come with --rules DIR")
        })?,
    };
    packs::load(id, &files).map_err(|errors| {
        let lines: Vec<String> = errors.iter().map(ToString::to_string).collect();
        anyhow::anyhow!("pack `{id}` has mistakes\n{}", lines.join("\n"))
    })
}
