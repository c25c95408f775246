//! The files of an OFD by their paths, and the paths that they name each other by.

use std::collections::BTreeMap;

use crate::{
    container::{
        archive::{ArchiveLimits, shown_name},
        xml::{self, Element, XmlLimits},
        zip::{entries, names},
    },
    model::limits::Limits,
};

/// An OFD, unpacked.
pub(super) struct Package {
    files: BTreeMap<String, Vec<u8>>,
    /// Whether some of its files could not be unpacked.
    pub(super) is_damaged: bool,
    /// Names that stand twice in the archive's directory.
    pub(super) doubled: Vec<String>,
    limits: XmlLimits,
}

impl Package {
    /// Unpacks an OFD; `None` where the archive is none.
    pub(super) fn open(bytes: &[u8], limits: &Limits) -> Option<Self> {
        let bounds = ArchiveLimits {
            entries: limits.archive_entries,
            total_bytes: limits.archive_bytes,
            ratio: limits.archive_ratio,
            memory: limits.unpacker_memory,
        };
        // Unpacking whole archives of other files only to find no OFD in them would be a waste.
        let is_ofd = |name: &String| cleaned(name).eq_ignore_ascii_case("OFD.xml");
        if !names(bytes).iter().any(is_ofd) {
            return None;
        }
        let (unpacked, troubles) = entries(bytes, bounds);
        let files =
            unpacked.into_iter().map(|entry| (cleaned(&shown_name(&entry.raw_name)), entry.bytes)).collect();
        Some(Self {
            files,
            is_damaged: !troubles.is_empty(),
            doubled: doubled(bytes),
            limits: XmlLimits { bytes: limits.xml_bytes, nodes: limits.xml_nodes, depth: limits.xml_depth },
        })
    }

    /// All paths.
    pub(super) fn paths(&self) -> impl Iterator<Item = &str> {
        self.files.keys().map(String::as_str)
    }

    /// The path under which a file lies: as written, or in other letters' case.
    pub(super) fn path(&self, wanted: &str) -> Option<&str> {
        let wanted = cleaned(wanted);
        self.files
            .get_key_value(&wanted)
            .map(|(path, _)| path.as_str())
            .or_else(|| self.paths().find(|path| path.eq_ignore_ascii_case(&wanted)))
    }

    /// A file's bytes.
    pub(super) fn bytes(&self, path: &str) -> Option<&[u8]> {
        self.files.get(self.path(path)?).map(Vec::as_slice)
    }

    /// A file as a tree.
    pub(super) fn tree(&self, path: &str) -> Option<Element> {
        xml::parse(self.bytes(path)?, self.limits).0
    }

    /// The path that a file at `from` means by `location`: from its own folder or from the root
    /// (GB/T 33190-2016, 7.3), or, as some writers have it, from a folder above its own.
    pub(super) fn resolved(&self, from: &str, location: &str) -> Option<&str> {
        let location = location.trim();
        if location.is_empty() {
            return None;
        }
        let mut folder = from;
        while !location.starts_with('/') {
            folder = folder.rsplit_once('/').map_or("", |(folder, _)| folder);
            let found = self.path(&format!("{folder}/{location}"));
            if found.is_some() || folder.is_empty() {
                return found;
            }
        }
        self.path(location)
    }
}

/// A path without a leading slash, backslashes, and steps to where it already is.
fn cleaned(path: &str) -> String {
    let path = path.replace('\\', "/");
    let mut parts: Vec<&str> = Vec::new();
    for part in path.split('/') {
        match part {
            "" | "." => {}
            ".." => {
                parts.pop();
            }
            part => parts.push(part),
        }
    }
    parts.join("/")
}

/// Names that stand more than once in the archive's directory: readers differ in which file they take.
fn doubled(bytes: &[u8]) -> Vec<String> {
    const MARK: &[u8] = b"PK\x01\x02";
    let mut counts: BTreeMap<&[u8], usize> = BTreeMap::new();
    // The directory stands at the end; what looks like an entry of it elsewhere is an archive inside.
    let end = bytes.windows(4).rposition(|four| four == b"PK\x05\x06").unwrap_or(0);
    let number = |at: usize, count: usize| -> Option<usize> {
        let digits = bytes.get(at..at + count)?;
        Some(digits.iter().rev().fold(0, |number, byte| number << 8 | usize::from(*byte)))
    };
    let mut at = number(end + 16, 4).unwrap_or(bytes.len());
    while bytes.get(at..).is_some_and(|rest| rest.starts_with(MARK)) {
        let (Some(name), Some(extra), Some(comment)) =
            (number(at + 28, 2), number(at + 30, 2), number(at + 32, 2))
        else {
            break;
        };
        if let Some(name) = bytes.get(at + 46..at + 46 + name) {
            *counts.entry(name).or_default() += 1;
        }
        at += 46 + name + extra + comment;
    }
    counts.into_iter().filter(|(_, count)| *count > 1).map(|(name, _)| shown_name(name)).collect()
}
