//! The files of a package by their paths, found however a writer spelt them.

use std::collections::{BTreeMap, btree_map::Entry};

use crate::container::{
    archive::{ArchiveLimits, ArchiveTrouble, shown_name},
    package::joined,
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
    /// Paths that stand for several files which are not the same: other readers may take another.
    pub doubled: Vec<String>,
}

/// The root file of a package, as a folded path.
const ROOT: &str = "ofd.xml";

/// Whether an entry of an archive is the root file of a package: at the root of the archive however it
/// is spelt, or one folder down where the folder was packed and not what is in it.
#[must_use]
pub fn is_root(name: &str) -> bool {
    let path = plain(&name.to_lowercase());
    path == ROOT || folder(&path).is_some()
}

/// Whether an archive holds a package, told from its directory without unpacking anything.
#[must_use]
pub fn is_package(archive: &[u8]) -> bool {
    zip::names(archive).iter().any(|name| is_root(name))
}

/// The folder of a root file that lies one folder down.
fn folder(path: &str) -> Option<&str> {
    let folder = path.strip_suffix(ROOT)?;
    (folder.matches('/').count() == 1).then_some(folder)
}

impl Files {
    /// Unpacks everything, and says what could not be unpacked.
    #[must_use]
    pub fn open(bytes: &[u8], limits: ArchiveLimits) -> (Self, Vec<ArchiveTrouble>) {
        let (entries, mut troubles) = zip::parts(bytes, limits);
        let mut files = Self::default();
        for entry in entries {
            let path = plain(&shown_name(&entry.raw_name));
            // Of two entries of one name the first counts, as for a reader that looks for it.
            match files.files.entry(path.to_lowercase()) {
                Entry::Vacant(place) => {
                    place.insert((path, entry.bytes));
                }
                Entry::Occupied(first) if first.get().1 != entry.bytes => files.doubled.push(path),
                Entry::Occupied(_) => {}
            }
        }
        if !files.doubled.is_empty() {
            troubles.push(ArchiveTrouble::SameNames { lost: files.doubled.len() });
        }
        // Some archives hold the folder of the package, not what is in it.
        if files.get(ROOT).is_none()
            && let Some(folder) = files.files.keys().find_map(|path| folder(path)).map(str::to_owned)
        {
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

    /// A path as it stands in the archive; `None` where there is no such file.
    #[must_use]
    pub fn path(&self, path: &str) -> Option<&str> {
        self.files.get(&plain(path).to_lowercase()).map(|(path, _)| path.as_str())
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
        order.into_iter().find_map(|path| self.path(path)).map(str::to_owned)
    }
}

/// A path from the root, however it is spelt.
fn plain(path: &str) -> String {
    joined("", path.trim())
}
