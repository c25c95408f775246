//! The files of a package by their paths, found however a writer spelt them.

use std::collections::BTreeMap;

use crate::container::{
    archive::{ArchiveLimits, ArchiveTrouble, shown_name},
    zip,
};

/// The unpacked files of a package.
///
/// Paths have `/` between folders and none at the front. Case does not count, and neither does which
/// slash a writer used: names come from the directory of the archive, references from its XML, and the
/// two often differ.
#[derive(Debug, Default)]
pub struct Files {
    /// By folded path: the path as it stands in the archive, and the bytes.
    files: BTreeMap<String, (String, Vec<u8>)>,
}

impl Files {
    /// Unpacks everything, and says what could not be unpacked.
    pub(super) fn open(bytes: &[u8], limits: ArchiveLimits) -> (Self, Vec<ArchiveTrouble>) {
        let (entries, troubles) = zip::parts(bytes, limits);
        let mut files = Self::default();
        for entry in entries {
            let path = plain(&shown_name(&entry.raw_name));
            // Of two entries of one name the first counts, as for a reader that looks for it.
            files.files.entry(path.to_lowercase()).or_insert((path, entry.bytes));
        }
        // Some archives hold the folder of the package, not what is in it.
        if files.get("ofd.xml").is_none()
            && let Some(folder) = files.files.keys().find_map(|path| path.strip_suffix("/ofd.xml"))
        {
            let folder = format!("{folder}/");
            let inside = |(path, (name, bytes)): (String, (String, Vec<u8>))| {
                let short = path.strip_prefix(&folder)?.to_owned();
                Some((short, (name.get(folder.len()..).unwrap_or(&name).to_owned(), bytes)))
            };
            files.files = std::mem::take(&mut files.files).into_iter().filter_map(inside).collect();
        }
        (files, troubles)
    }

    /// The bytes of a file.
    #[must_use]
    pub fn get(&self, path: &str) -> Option<&[u8]> {
        self.files.get(&plain(path).to_lowercase()).map(|(_, bytes)| bytes.as_slice())
    }

    /// All paths, in a fixed order.
    pub fn paths(&self) -> impl Iterator<Item = &str> {
        self.files.values().map(|(path, _)| path.as_str())
    }

    /// The file that a reference in the file `from` means: beside it, below a folder `base` beside it,
    /// or counted from the root, whichever is there. `None` where none is.
    #[must_use]
    pub fn find(&self, from: &str, base: &str, reference: &str) -> Option<String> {
        let reference = reference.trim();
        let folder = from.rsplit_once('/').map_or("", |(folder, _)| folder);
        let rooted = reference.starts_with(['/', '\\']);
        let beside = [format!("{folder}/{base}/{reference}"), format!("{folder}/{reference}")];
        let root = [reference.to_owned(), format!("{base}/{reference}")];
        let order: Vec<&String> =
            if rooted { root.iter().chain(&beside).collect() } else { beside.iter().chain(&root).collect() };
        order.into_iter().map(|path| plain(path)).find(|path| self.get(path).is_some())
    }
}

/// A path with `/` only, without empty steps, `.` and `..`.
fn plain(path: &str) -> String {
    let mut steps: Vec<&str> = Vec::new();
    for step in path.trim().split(['/', '\\']) {
        match step {
            "" | "." => {}
            ".." => {
                steps.pop();
            }
            step => steps.push(step),
        }
    }
    steps.join("/")
}
