//! Zip archives: every entry that can be read, and what is wrong with the others.
//!
//! Sizes are counted by bytes really read. Names are handed up as bytes, because which charset they
//! are in is not a question about zip.

use std::io::{Cursor, Read};

use zip::{ZipArchive, result::ZipError};

/// How much of an archive is unpacked.
#[derive(Clone, Copy, Debug)]
pub struct ZipLimits {
    /// Number of entries.
    pub entries: usize,
    /// Bytes that all entries may unpack to together.
    pub total_bytes: u64,
    /// How many bytes one packed byte may unpack to, looked at beyond [`ZipLimits::RATIO_FROM`].
    pub ratio: u64,
}

impl ZipLimits {
    /// Entries smaller than this may be packed as tightly as they like.
    pub const RATIO_FROM: u64 = 8 << 20;

    /// How many bytes an entry may unpack to where so many are left for all.
    fn allowed(&self, packed: u64, left: u64) -> u64 {
        left.min(packed.saturating_mul(self.ratio).max(Self::RATIO_FROM))
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

/// Why an archive, or an entry of it, was not read.
#[derive(Clone, Debug, thiserror::Error, PartialEq, Eq)]
pub enum ZipTrouble {
    /// The directory of the archive cannot be read.
    #[error("not a readable zip archive: {0}")]
    Unreadable(String),
    /// More entries than allowed; the rest was not read.
    #[error("{found} entries, at most {allowed} are read")]
    TooManyEntries {
        /// Entries in the archive.
        found: usize,
        /// How many are read.
        allowed: usize,
    },
    /// The name leads out of the archive.
    #[error("the entry's name leads out of the archive")]
    UnsafeName {
        /// The name as it stands in the archive.
        raw_name: Vec<u8>,
    },
    /// The entry needs a password.
    #[error("the entry is encrypted")]
    Encrypted {
        /// The name as it stands in the archive.
        raw_name: Vec<u8>,
    },
    /// The entry unpacks to far more than it should.
    #[error("unpacks to more than {allowed} bytes from {packed}")]
    Bomb {
        /// The name as it stands in the archive.
        raw_name: Vec<u8>,
        /// Packed bytes.
        packed: u64,
        /// Where unpacking stopped.
        allowed: u64,
    },
    /// The entry is damaged or packed in a way that is not supported.
    #[error("the entry cannot be unpacked: {why}")]
    Damaged {
        /// The name as it stands in the archive.
        raw_name: Vec<u8>,
        /// What the unpacker says.
        why: String,
    },
}

/// The names of an archive's entries, without unpacking anything; empty if it cannot be opened.
#[must_use]
pub fn names(bytes: &[u8]) -> Vec<String> {
    ZipArchive::new(Cursor::new(bytes))
        .map(|archive| {
            archive.file_names().filter_map(|name| name.ok().map(|name| name.to_string())).collect()
        })
        .unwrap_or_default()
}

/// All files of an archive in its own order, and what could not be read.
#[must_use]
pub fn entries(bytes: &[u8], limits: ZipLimits) -> (Vec<Entry>, Vec<ZipTrouble>) {
    unpacked(bytes, limits, true)
}

/// All parts of a package such as an OFD, whatever their names: the names are only looked up and never
/// become files, so that `\Doc_0\Document.xml` is as good as any other.
#[must_use]
pub fn parts(bytes: &[u8], limits: ZipLimits) -> (Vec<Entry>, Vec<ZipTrouble>) {
    unpacked(bytes, limits, false)
}

fn unpacked(bytes: &[u8], limits: ZipLimits, become_files: bool) -> (Vec<Entry>, Vec<ZipTrouble>) {
    let mut found = Vec::new();
    let mut troubles = Vec::new();
    let mut archive = match ZipArchive::new(Cursor::new(bytes)) {
        Ok(archive) => archive,
        Err(error) => return (found, vec![ZipTrouble::Unreadable(error.to_string())]),
    };
    let count = archive.len();
    if count > limits.entries {
        troubles.push(ZipTrouble::TooManyEntries { found: count, allowed: limits.entries });
    }
    let mut left = limits.total_bytes;
    for index in 0..count.min(limits.entries) {
        match entry(&mut archive, (bytes.len() as u64, index), limits, left, become_files) {
            Ok(None) => {}
            Ok(Some(entry)) => {
                left = left.saturating_sub(entry.bytes.len() as u64);
                found.push(entry);
            }
            Err(trouble) => troubles.push(trouble),
        }
    }
    (found, troubles)
}

/// Unpacks every entry without keeping anything: how many bytes each gives.
///
/// Names are not looked at, since nothing is made of them.
///
/// # Errors
///
/// The first trouble there is.
pub fn measure(bytes: &[u8], limits: ZipLimits) -> Result<Vec<u64>, ZipTrouble> {
    let mut archive =
        ZipArchive::new(Cursor::new(bytes)).map_err(|error| ZipTrouble::Unreadable(error.to_string()))?;
    let count = archive.len();
    if count > limits.entries {
        return Err(ZipTrouble::TooManyEntries { found: count, allowed: limits.entries });
    }
    let mut left = limits.total_bytes;
    let mut sizes = Vec::with_capacity(count);
    for index in 0..count {
        let Head { raw_name, encrypted, packed, .. } = head(&mut archive, bytes.len() as u64, index)?;
        if encrypted {
            return Err(ZipTrouble::Encrypted { raw_name });
        }
        let allowed = limits.allowed(packed, left);
        let file = archive.by_index(index).map_err(|error| damaged(raw_name.clone(), &error))?;
        match std::io::copy(&mut file.take(allowed.saturating_add(1)), &mut std::io::sink()) {
            Ok(size) if size > allowed => return Err(ZipTrouble::Bomb { raw_name, packed, allowed }),
            Ok(size) => {
                left = left.saturating_sub(size);
                sizes.push(size);
            }
            Err(error) => return Err(ZipTrouble::Damaged { raw_name, why: error.to_string() }),
        }
    }
    Ok(sizes)
}

/// What the directory says of an entry.
struct Head {
    raw_name: Vec<u8>,
    encrypted: bool,
    folder: bool,
    packed: u64,
}

/// The raw entry is opened: it tells name and encryption even where unpacking would fail.
fn head(archive: &mut ZipArchive<Cursor<&[u8]>>, size: u64, index: usize) -> Result<Head, ZipTrouble> {
    let raw = archive.by_index_raw(index).map_err(|error| ZipTrouble::Damaged {
        raw_name: format!("#{}", index + 1).into_bytes(),
        why: error.to_string(),
    })?;
    Ok(Head {
        raw_name: raw.name_raw().to_vec(),
        encrypted: raw.encrypted(),
        folder: raw.is_dir(),
        // The packed size is a claim as well, but a claim larger than the archive is cut to it.
        packed: raw.compressed_size().min(size),
    })
}

/// One entry; `None` for a folder.
fn entry(
    archive: &mut ZipArchive<Cursor<&[u8]>>,
    (size, index): (u64, usize),
    limits: ZipLimits,
    left: u64,
    becomes_file: bool,
) -> Result<Option<Entry>, ZipTrouble> {
    let Head { raw_name, encrypted, folder, packed } = head(archive, size, index)?;
    if becomes_file && leads_out(&raw_name) {
        return Err(ZipTrouble::UnsafeName { raw_name });
    }
    if folder {
        return Ok(None);
    }
    if encrypted {
        return Err(ZipTrouble::Encrypted { raw_name });
    }
    let allowed = limits.allowed(packed, left);
    let file = match archive.by_index(index) {
        Ok(file) => file,
        Err(error) => return Err(damaged(raw_name, &error)),
    };
    let mut bytes = Vec::new();
    match file.take(allowed.saturating_add(1)).read_to_end(&mut bytes) {
        Ok(_) if bytes.len() as u64 > allowed => Err(ZipTrouble::Bomb { raw_name, packed, allowed }),
        Ok(_) => Ok(Some(Entry { raw_name, bytes })),
        Err(error) => Err(ZipTrouble::Damaged { raw_name, why: error.to_string() }),
    }
}

fn damaged(raw_name: Vec<u8>, error: &ZipError) -> ZipTrouble {
    ZipTrouble::Damaged { raw_name, why: error.to_string() }
}

/// Whether a name is absolute, climbs with `..`, or has a drive letter or zero byte.
///
/// A backslash counts as a separator only where the name is plain ASCII: in GBK it is the second
/// byte of many characters, and an archive written on Windows may separate folders with it.
fn leads_out(name: &[u8]) -> bool {
    let ascii = name.is_ascii();
    let separator = |byte: &u8| *byte == b'/' || (ascii && *byte == b'\\');
    name.first().is_none_or(separator)
        || name.contains(&0)
        || (ascii && name.contains(&b'\\'))
        || (name.len() > 1 && name[1] == b':')
        || name.split(separator).any(|part| part == b"..")
}
