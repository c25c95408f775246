//! What every kind of archive gives: its files, and what kept the others from being read.
//!
//! Sizes are counted by bytes really unpacked. Names are handed up as bytes, because which charset
//! they are in is not a question about archives.

use std::{borrow::Cow, io::Read};

use super::charset;

/// How much of an archive is unpacked.
#[derive(Clone, Copy, Debug)]
pub struct ArchiveLimits {
    /// Number of files.
    pub entries: usize,
    /// Bytes that all files may unpack to together.
    pub total_bytes: u64,
    /// How many bytes one packed byte may unpack to, looked at beyond [`ArchiveLimits::RATIO_FROM`].
    pub ratio: u64,
    /// Bytes of memory that an unpacker may ask for beside what it unpacks.
    pub memory: u64,
}

impl ArchiveLimits {
    /// Files smaller than this may be packed as tightly as they like.
    pub const RATIO_FROM: u64 = 8 << 20;

    /// How many bytes a file may unpack to where so many are left for all.
    pub(super) fn allowed(&self, packed: u64, left: u64) -> u64 {
        left.min(packed.saturating_mul(self.ratio).max(Self::RATIO_FROM))
    }

    /// [`ArchiveLimits::memory`] in the unit that unpackers want.
    pub(super) fn memory_kib(&self) -> u32 {
        u32::try_from(self.memory >> 10).unwrap_or(u32::MAX - 1)
    }
}

/// A file inside an archive.
#[derive(Clone, Debug)]
pub struct Entry {
    /// The name as it stands in the archive.
    pub raw_name: Vec<u8>,
    /// What was unpacked.
    pub bytes: Vec<u8>,
}

/// Why an archive, or a file in it, was not read.
#[derive(Clone, Debug, thiserror::Error, PartialEq, Eq)]
pub enum ArchiveTrouble {
    /// The archive cannot be opened at all.
    #[error("not a readable archive: {0}")]
    Unreadable(String),
    /// The archive ends too early or is damaged in the middle; what stands before was read.
    #[error("the archive is damaged after its first files: {0}")]
    Torn(String),
    /// Even the names need a password.
    #[error("the archive is encrypted")]
    Locked,
    /// One part of an archive that was split.
    #[error("one volume of several")]
    Volume,
    /// More files than allowed; the rest was not read.
    #[error("{found} files, at most {allowed} are read")]
    TooManyEntries {
        /// Files in the archive, as far as they were counted.
        found: usize,
        /// How many are read.
        allowed: usize,
    },
    /// Several files have one name; only one of each was read.
    #[error("{lost} files are hidden behind others of the same name")]
    SameNames {
        /// How many were not read.
        lost: usize,
    },
    /// More was not read than is listed one by one.
    #[error("{count} more troubles")]
    More {
        /// How many are not listed.
        count: usize,
    },
    /// The name leads out of the archive.
    #[error("the name leads out of the archive")]
    UnsafeName {
        /// The name as it stands in the archive.
        raw_name: Vec<u8>,
    },
    /// A link or a device, which holds nothing itself.
    #[error("a link or a device")]
    NotAFile {
        /// The name as it stands in the archive.
        raw_name: Vec<u8>,
    },
    /// The file needs a password.
    #[error("the file is encrypted")]
    Encrypted {
        /// The name as it stands in the archive.
        raw_name: Vec<u8>,
    },
    /// The file unpacks to far more than it should.
    #[error("unpacks to more than {allowed} bytes from {packed}")]
    Bomb {
        /// The name as it stands in the archive.
        raw_name: Vec<u8>,
        /// Packed bytes.
        packed: u64,
        /// Where unpacking stopped.
        allowed: u64,
    },
    /// The file is packed by a method that is not built in.
    #[error("packed with {method}")]
    Method {
        /// The name as it stands in the archive.
        raw_name: Vec<u8>,
        /// The method's name or number.
        method: String,
    },
    /// The file is damaged.
    #[error("the file cannot be unpacked: {why}")]
    Damaged {
        /// The name as it stands in the archive.
        raw_name: Vec<u8>,
        /// What the unpacker says.
        why: String,
    },
}

/// What came out of an archive.
pub type Opened = (Vec<Entry>, Vec<ArchiveTrouble>);

/// Takes in what an archive gives, and counts.
pub(super) struct Intake {
    limits: ArchiveLimits,
    left: u64,
    any_name: bool,
    entries: Vec<Entry>,
    troubles: Vec<ArchiveTrouble>,
    /// Troubles that are only counted: an archive has room for a million names.
    more: usize,
}

impl Intake {
    pub(super) const fn new(limits: ArchiveLimits) -> Self {
        Self {
            limits,
            left: limits.total_bytes,
            any_name: false,
            entries: Vec::new(),
            troubles: Vec::new(),
            more: 0,
        }
    }

    /// For packages whose names are only looked up.
    pub(super) const fn of_any_name(limits: ArchiveLimits) -> Self {
        let mut intake = Self::new(limits);
        intake.any_name = true;
        intake
    }

    /// Unpacks one file of `packed` bytes; whether it came out whole.
    pub(super) fn take(&mut self, raw_name: Vec<u8>, packed: u64, file: impl Read) -> bool {
        let allowed = self.allowed(packed);
        let mut bytes = Vec::new();
        let read = file.take(allowed.saturating_add(1)).read_to_end(&mut bytes);
        match read {
            Ok(_) if bytes.len() as u64 > allowed => {
                self.say(ArchiveTrouble::Bomb { raw_name, packed, allowed });
                false
            }
            Ok(_) => {
                self.left = self.left.saturating_sub(bytes.len() as u64);
                self.entries.push(Entry { raw_name, bytes });
                true
            }
            Err(error) => {
                self.say(ArchiveTrouble::Damaged { raw_name, why: error.to_string() });
                false
            }
        }
    }

    /// How many bytes a file of `packed` bytes may unpack to now.
    pub(super) fn allowed(&self, packed: u64) -> u64 {
        self.limits.allowed(packed, self.left)
    }

    /// Whether a file of this name may be taken; if not, it is said why.
    pub(super) fn admits(&mut self, raw_name: &[u8]) -> bool {
        if !self.any_name && leads_out(raw_name) {
            self.say(ArchiveTrouble::UnsafeName { raw_name: raw_name.to_vec() });
            return false;
        }
        true
    }

    /// Whether there is room for one more file.
    pub(super) const fn has_room(&self) -> bool {
        self.entries.len() < self.limits.entries
    }

    /// Says what is wrong, as often as files may be read.
    pub(super) fn say(&mut self, trouble: ArchiveTrouble) {
        if self.troubles.len() < self.limits.entries.max(1) {
            self.troubles.push(trouble);
        } else {
            self.more += 1;
        }
    }

    pub(super) fn opened(mut self) -> Opened {
        if self.more > 0 {
            self.troubles.push(ArchiveTrouble::More { count: self.more });
        }
        (self.entries, self.troubles)
    }
}

/// A name as a person reads it, with `/` between folders: UTF-8 where it is, else most likely GBK,
/// whatever the archive's flag says.
///
/// It is decoded before separators are looked for: in GBK a backslash is the second byte of many
/// characters, and archives written on Windows may separate folders with it.
#[must_use]
pub fn shown_name(raw: &[u8]) -> String {
    let name = std::str::from_utf8(raw).map_or_else(|_| charset::guessed(raw), Cow::Borrowed);
    name.replace('\\', "/")
}

/// Whether a name is empty or absolute, climbs with `..`, or has a drive letter or zero byte.
fn leads_out(raw: &[u8]) -> bool {
    let name = shown_name(raw);
    let bytes = name.as_bytes();
    name.is_empty()
        || name.starts_with('/')
        || bytes.contains(&0)
        || (bytes.len() > 1 && bytes[0].is_ascii_alphabetic() && bytes[1] == b':')
        || name.split('/').any(|part| part == "..")
}
