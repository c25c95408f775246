//! Zip archives: every file that can be read, and what is wrong with the others.

use std::io::{Cursor, Read};

use zip::{CompressionMethod, ZipArchive, result::ZipError};

use super::archive::{ArchiveLimits, ArchiveTrouble, Intake, Opened};

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
pub fn entries(bytes: &[u8], limits: ArchiveLimits) -> Opened {
    unpacked(bytes, limits, Intake::new(limits))
}

/// All parts of a package such as an OFD, whatever their names: they are only looked up and never become
/// files, so that `\Doc_0\Document.xml` is as good as any other.
#[must_use]
pub fn parts(bytes: &[u8], limits: ArchiveLimits) -> Opened {
    unpacked(bytes, limits, Intake::of_any_name(limits))
}

fn unpacked(bytes: &[u8], limits: ArchiveLimits, mut intake: Intake) -> Opened {
    let mut archive = match ZipArchive::new(Cursor::new(bytes)) {
        Ok(archive) => archive,
        Err(error) => {
            intake.say(unopened(bytes, &error));
            return intake.opened();
        }
    };
    let count = archive.len();
    // Folders hold nothing and do not count, as in other archives.
    let is_folder = |name: &str| name.ends_with('/');
    let files: Vec<usize> = archive
        .file_names()
        .enumerate()
        .filter(|(_, name)| !name.as_ref().is_ok_and(|name| is_folder(name)))
        .map(|(index, _)| index)
        .collect();
    if files.len() > limits.entries {
        intake.say(ArchiveTrouble::TooManyEntries { found: files.len(), allowed: limits.entries });
    }
    for index in files.into_iter().take(limits.entries) {
        if let Err(trouble) = entry(&mut archive, bytes.len() as u64, index, limits, &mut intake) {
            intake.say(trouble);
        }
    }
    let lost = listed(bytes, archive.central_directory_start()).saturating_sub(count);
    if lost > 0 {
        intake.say(ArchiveTrouble::SameNames { lost });
    }
    intake.opened()
}

/// How many entries stand in the directory that begins at `start`.
///
/// The library keeps entries by name and drops all but the last of one name without a word. What the
/// end of the directory counts is no help: it may count anything, and there may be several ends.
fn listed(bytes: &[u8], start: u64) -> usize {
    // APPNOTE 4.3.12.
    const HEAD: usize = 46;
    let mut rest = usize::try_from(start).ok().and_then(|start| bytes.get(start..)).unwrap_or_default();
    let mut count = 0;
    while let Some(head) = rest.get(..HEAD).filter(|head| head.starts_with(b"PK\x01\x02")) {
        let length = |at: usize| usize::from(u16::from_le_bytes([head[at], head[at + 1]]));
        let [name, extra, comment] = [28, 30, 32].map(length);
        rest = rest.get(HEAD + name + extra + comment..).unwrap_or_default();
        count += 1;
    }
    count
}

fn unopened(bytes: &[u8], error: &ZipError) -> ArchiveTrouble {
    // The parts of a split archive begin with a mark of their own or have no directory (APPNOTE 8.5).
    if bytes.starts_with(b"PK\x07\x08") {
        ArchiveTrouble::Volume
    } else {
        ArchiveTrouble::Unreadable(error.to_string())
    }
}

/// One entry by its path, whatever its case and whichever way its slashes lean; `None` where there is
/// none.
///
/// # Errors
///
/// Where the entry is there and cannot be unpacked within the limits.
pub fn part(bytes: &[u8], path: &str, limits: ArchiveLimits) -> Result<Option<Vec<u8>>, ArchiveTrouble> {
    let mut archive =
        ZipArchive::new(Cursor::new(bytes)).map_err(|error| ArchiveTrouble::Unreadable(error.to_string()))?;
    let same = |name: &str| name.replace('\\', "/").trim_start_matches('/').eq_ignore_ascii_case(path);
    let exact = archive.index_for_name(path);
    let index = exact.or_else(|| archive.file_names().position(|name| name.is_ok_and(|name| same(&name))));
    let Some(index) = index else { return Ok(None) };
    let mut intake = Intake::new(limits);
    entry(&mut archive, bytes.len() as u64, index, limits, &mut intake)?;
    let (entries, troubles) = intake.opened();
    match troubles.into_iter().next() {
        Some(trouble) => Err(trouble),
        None => Ok(entries.into_iter().next().map(|entry| entry.bytes)),
    }
}

/// Unpacks every entry without keeping anything: how many bytes each gives.
///
/// Names are not looked at, since nothing is made of them.
///
/// # Errors
///
/// The first trouble there is.
pub fn measure(bytes: &[u8], limits: ArchiveLimits) -> Result<Vec<u64>, ArchiveTrouble> {
    let mut archive =
        ZipArchive::new(Cursor::new(bytes)).map_err(|error| ArchiveTrouble::Unreadable(error.to_string()))?;
    let count = archive.len();
    if count > limits.entries {
        return Err(ArchiveTrouble::TooManyEntries { found: count, allowed: limits.entries });
    }
    let mut left = limits.total_bytes;
    let mut sizes = Vec::with_capacity(count);
    for index in 0..count {
        let head = head(&mut archive, bytes.len() as u64, index)?;
        if head.encrypted {
            return Err(ArchiveTrouble::Encrypted { raw_name: head.raw_name });
        }
        let allowed = limits.allowed(head.packed, left);
        unpackable(&mut archive, index, &head, limits)?;
        let Head { raw_name, packed, .. } = head;
        let file = archive.by_index(index).map_err(|error| damaged(&raw_name, &error))?;
        match std::io::copy(&mut file.take(allowed.saturating_add(1)), &mut std::io::sink()) {
            Ok(size) if size > allowed => return Err(ArchiveTrouble::Bomb { raw_name, packed, allowed }),
            Ok(size) => {
                left = left.saturating_sub(size);
                sizes.push(size);
            }
            Err(error) => return Err(ArchiveTrouble::Damaged { raw_name, why: error.to_string() }),
        }
    }
    Ok(sizes)
}

/// What the directory says of an entry.
struct Head {
    raw_name: Vec<u8>,
    encrypted: bool,
    folder: bool,
    link: bool,
    method: CompressionMethod,
    packed: u64,
}

/// The raw entry is opened: it tells name and encryption even where unpacking would fail.
fn head(archive: &mut ZipArchive<Cursor<&[u8]>>, size: u64, index: usize) -> Result<Head, ArchiveTrouble> {
    let raw = archive.by_index_raw(index).map_err(|error| ArchiveTrouble::Damaged {
        raw_name: format!("#{}", index + 1).into_bytes(),
        why: error.to_string(),
    })?;
    Ok(Head {
        raw_name: raw.name_raw().to_vec(),
        encrypted: raw.encrypted(),
        folder: raw.is_dir(),
        link: raw.unix_mode().is_some_and(|mode| mode & 0o170_000 == 0o120_000),
        method: raw.compression(),
        // The packed size is a claim as well, but a claim larger than the archive is cut to it.
        packed: raw.compressed_size().min(size),
    })
}

/// Takes in one entry; a folder gives nothing.
fn entry(
    archive: &mut ZipArchive<Cursor<&[u8]>>,
    size: u64,
    index: usize,
    limits: ArchiveLimits,
    intake: &mut Intake,
) -> Result<(), ArchiveTrouble> {
    let head = head(archive, size, index)?;
    if !intake.admits(&head.raw_name) || head.folder {
        return Ok(());
    }
    if head.link {
        return Err(ArchiveTrouble::NotAFile { raw_name: head.raw_name });
    }
    if head.encrypted {
        return Err(ArchiveTrouble::Encrypted { raw_name: head.raw_name });
    }
    unpackable(archive, index, &head, limits)?;
    let Head { raw_name, packed, .. } = head;
    let file = archive.by_index(index).map_err(|error| damaged(&raw_name, &error))?;
    intake.take(raw_name, packed, file);
    Ok(())
}

fn damaged(raw_name: &[u8], error: &ZipError) -> ArchiveTrouble {
    ArchiveTrouble::Damaged { raw_name: raw_name.to_vec(), why: error.to_string() }
}

/// What is unpacked. Others exist by name only (APPNOTE 4.4.5).
const METHODS: &[CompressionMethod] = &[
    CompressionMethod::STORE,
    CompressionMethod::DEFLATE,
    CompressionMethod::DEFLATE64,
    CompressionMethod::BZIP2,
    CompressionMethod::LZMA,
    CompressionMethod::PPMD,
];

/// Whether an entry's method is built in, and asks for no more memory than is given: LZMA allocates
/// the dictionary that the file asks for, which the library does not bound.
fn unpackable(
    archive: &mut ZipArchive<Cursor<&[u8]>>,
    index: usize,
    head: &Head,
    limits: ArchiveLimits,
) -> Result<(), ArchiveTrouble> {
    if !METHODS.contains(&head.method) {
        return Err(ArchiveTrouble::Method {
            raw_name: head.raw_name.clone(),
            method: head.method.to_string(),
        });
    }
    if head.method != CompressionMethod::LZMA {
        return Ok(());
    }
    // Version, length of the properties, one byte, the size of the dictionary (APPNOTE 5.8.8).
    let mut start = [0_u8; 9];
    let mut raw = archive.by_index_raw(index).map_err(|error| damaged(&head.raw_name, &error))?;
    raw.read_exact(&mut start).map_err(|error| damaged(&head.raw_name, &ZipError::Io(error)))?;
    let wanted = u64::from(u32::from_le_bytes([start[5], start[6], start[7], start[8]]));
    if wanted > limits.memory {
        let why = format!("a dictionary of {wanted} bytes, at most {} are given", limits.memory);
        return Err(ArchiveTrouble::Damaged { raw_name: head.raw_name.clone(), why });
    }
    Ok(())
}
