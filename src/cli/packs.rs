//! Packs by name or by place: built in, below a folder of rules, or anywhere on the disk.

use std::{
    collections::BTreeMap,
    fs::File,
    io::Read,
    path::{Path, PathBuf},
};

use anyhow::{Context, Result};

use super::{
    say,
    tools::{entries, part_of_rules},
};
use crate::rulebook::{
    PackError, limits,
    packs::{self, Pack},
};

/// The texts of a pack's files, by path inside its folder.
pub(super) type Texts = BTreeMap<String, String>;

/// The pack that is meant: a name first, else the path of a pack's folder or of its `pack.toml`.
pub(super) fn open(named: &str, rules: Option<&Path>) -> Result<Pack> {
    let (id, texts) = texts(named, rules)?;
    packs::load(&id, &texts).map_err(|errors| anyhow::anyhow!("{}", said(&id, "has mistakes", &errors)))
}

/// The name and the texts of the pack that is meant.
pub(super) fn texts(named: &str, rules: Option<&Path>) -> Result<(String, Texts)> {
    let own = part_of_rules(rules, "packs")?;
    let known = all(rules)?;
    if known.iter().any(|id| id == named) {
        let texts = match &own {
            Some(own) => {
                read(&own.join(named)).with_context(|| format!("pack `{named}` in {}", own.display()))?
            }
            None => packs::embedded(named).unwrap_or_default(),
        };
        return Ok((named.to_owned(), texts));
    }
    let place = Path::new(named);
    let folder = if place.ends_with("pack.toml") { place.parent().unwrap_or(place) } else { place };
    if folder.join("pack.toml").is_file() || place.components().count() > 1 {
        let texts = read(folder).with_context(|| format!("there is no pack in {}", folder.display()))?;
        let name = || folder.file_name().unwrap_or_default().to_string_lossy().into_owned();
        let id = texts.get("pack.toml").and_then(|text| packs::called(text)).unwrap_or_else(name);
        return Ok((id, texts));
    }
    let there =
        if known.is_empty() { "there is none".to_owned() } else { format!("there is {}", known.join(", ")) };
    Err(match own {
        Some(own) => say::advised(format!("there is no pack `{named}` in {}", own.display()), there),
        None => say::advised(
            format!("there is no pack `{named}`"),
            format!("{there}; others come with --rules DIR, or by the path of their folder"),
        ),
    })
}

/// The names of all packs: those of a folder of rules, else those that are built in.
pub(super) fn all(rules: Option<&Path>) -> Result<Vec<String>> {
    let Some(own) = part_of_rules(rules, "packs")? else {
        return Ok(packs::built_in().map(str::to_owned).collect());
    };
    let folders = entries(&own)?.into_iter().filter(|path| path.is_dir());
    Ok(folders.filter_map(|path| Some(path.file_name()?.to_string_lossy().into_owned())).collect())
}

/// Mistakes in a pack, as they are shown.
pub(super) fn said(id: &str, what: &str, errors: &[PackError]) -> String {
    let lines: Vec<String> = errors.iter().map(ToString::to_string).collect();
    format!("pack `{id}` {what}\n{}", lines.join("\n"))
}

/// The files of a folder. Lists are those of the folder, of the folder of rules it lies in, or built in.
fn read(folder: &Path) -> Result<Texts> {
    let mut texts = packs::lists();
    for lists in [folder.join("../../lists"), folder.join("lists")] {
        let of_lists = if lists.is_dir() { entries(&lists)? } else { Vec::new() };
        for path in of_lists.into_iter().filter(|path| path.is_file()) {
            let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
            texts.insert(format!("lists/{name}"), text(&path)?);
        }
    }
    for name in packs::FILES {
        texts.insert((*name).to_owned(), text(&folder.join(name))?);
    }
    Ok(texts)
}

/// A text, of which no more is read than tells that it is more than a file of rules may hold.
pub(super) fn text(path: &PathBuf) -> Result<String> {
    let unread = || format!("{} cannot be read", path.display());
    let most = limits::FILE.most as u64 + 1;
    let mut bytes = Vec::new();
    File::open(path).with_context(unread)?.take(most).read_to_end(&mut bytes).with_context(unread)?;
    if bytes.len() as u64 == most {
        // Where it was cut, a character may have been.
        return Ok(String::from_utf8_lossy(&bytes).into_owned());
    }
    String::from_utf8(bytes).with_context(unread)
}
