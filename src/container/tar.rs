//! Tar archives, read as a stream, so that a packed one is never unpacked as a whole.

use std::io::{self, Read};

use tar::{Archive, EntryType};

use super::archive::{ArchiveLimits, ArchiveTrouble, Intake, Opened};

/// Whether these first bytes are the header of a tar archive, by its check sum.
#[must_use]
pub fn claims(head: &[u8]) -> bool {
    let Some(header) = head.get(..512) else { return false };
    // POSIX ustar interchange format: the sum of all bytes, those of the sum counted as spaces.
    let sum: u32 = header
        .iter()
        .enumerate()
        .map(|(at, byte)| if (148..156).contains(&at) { u32::from(b' ') } else { u32::from(*byte) })
        .sum();
    let digits = header[148..156].trim_ascii_start();
    let digits = digits.split(|byte| *byte == 0 || *byte == b' ').next().unwrap_or_default();
    let written = std::str::from_utf8(digits).ok().and_then(|text| u32::from_str_radix(text, 8).ok());
    header[0] != 0 && written == Some(sum)
}

/// All files of an archive in its own order, and what could not be read.
#[must_use]
pub fn entries(bytes: &[u8], limits: ArchiveLimits) -> Opened {
    entries_of(bytes, bytes.len() as u64, limits)
}

/// The same of a stream that is unpacked from `packed` bytes.
pub(super) fn entries_of(stream: impl Read, packed: u64, limits: ArchiveLimits) -> Opened {
    let mut intake = Intake::new(limits);
    let allowed = limits.allowed(packed, limits.total_bytes).saturating_add(ArchiveLimits::RATIO_FROM);
    let mut archive = Archive::new(Capped { stream, left: allowed });
    let mut found = 0_usize;
    match archive.entries() {
        Ok(entries) => {
            for entry in entries {
                match entry {
                    Ok(entry) if entry.header().entry_type().is_dir() => {}
                    Ok(entry) => {
                        found += 1;
                        if intake.has_room() {
                            take(entry, packed, &mut intake);
                        }
                    }
                    Err(error) => {
                        intake.say(ArchiveTrouble::Torn(error.to_string()));
                        break;
                    }
                }
            }
        }
        Err(error) => intake.say(ArchiveTrouble::Unreadable(error.to_string())),
    }
    if found > limits.entries {
        intake.say(ArchiveTrouble::TooManyEntries { found, allowed: limits.entries });
    }
    intake.opened()
}

fn take(entry: tar::Entry<'_, impl Read>, packed: u64, intake: &mut Intake) {
    let raw_name = entry.path_bytes().into_owned();
    match entry.header().entry_type() {
        EntryType::XGlobalHeader => {}
        EntryType::Regular | EntryType::Continuous | EntryType::GNUSparse => {
            if intake.admits(&raw_name) {
                let left = entry.size();
                intake.take(raw_name, packed, Whole { stream: entry, left });
            }
        }
        // Links lead to what stands elsewhere, and devices hold nothing.
        _ => intake.say(ArchiveTrouble::NotAFile { raw_name }),
    }
}

/// A stream that must not give more than was allowed: names and skipped files cost as well.
struct Capped<R> {
    stream: R,
    left: u64,
}

impl<R: Read> Read for Capped<R> {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        let count = self.stream.read(into)?;
        self.left = self.left.checked_sub(count as u64).ok_or_else(|| {
            io::Error::new(io::ErrorKind::QuotaExceeded, "the archive unpacks to more than is allowed")
        })?;
        Ok(count)
    }
}

/// A file that must be as long as its header says: an archive that was cut off ends in the middle
/// of one, and the library gives the rest as if it were whole.
struct Whole<R> {
    stream: R,
    left: u64,
}

impl<R: Read> Read for Whole<R> {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        let count = self.stream.read(into)?;
        self.left = self.left.saturating_sub(count as u64);
        if count == 0 && !into.is_empty() && self.left > 0 {
            let why = format!("{} bytes of the file are missing", self.left);
            return Err(io::Error::new(io::ErrorKind::UnexpectedEof, why));
        }
        Ok(count)
    }
}
