//! RAR archives of all generations, by a library in safe Rust of its own making.

use std::{
    cell::RefCell,
    io::{self, Write},
    rc::Rc,
};

use rars::{
    ArchiveMember, ArchiveReadOptions, ArchiveReader, AttrSource, Error, ErrorKind, ExtractionDecision,
    ExtractionErrorAction,
};

use super::archive::{ArchiveLimits, ArchiveTrouble, Intake, Opened};

/// What a RAR archive begins with, in its last two forms.
pub const MARK: &[u8] = b"Rar!\x1a\x07";

/// Bytes of one file that the library may hold instead of streaming them.
const HELD: u64 = 16 << 20;
/// Bytes of headers for each file that is read.
const HEADER: u64 = 64 << 10;

/// All files of an archive in its own order, and what could not be read.
#[must_use]
pub fn entries(bytes: &[u8], limits: ArchiveLimits) -> Opened {
    let mut intake = Intake::new(limits);
    let most = limits.entries as u64 * 2 + 16;
    let options = ArchiveReadOptions::new()
        .with_max_header_count(most)
        .with_max_header_bytes(most.saturating_mul(HEADER).min(limits.memory))
        .with_max_reader_workspace_bytes(limits.memory)
        .with_rar50_dictionary_size_limit(limits.memory)
        .with_rar50_buffered_decode_limit(HELD.min(limits.memory))
        .with_max_total_output_bytes(limits.total_bytes);
    let archive = match ArchiveReader::read_with_options(bytes, options) {
        Ok(archive) => archive,
        Err(error) => {
            intake.say(unopened(&error));
            return intake.opened();
        }
    };
    let members: Vec<ArchiveMember> = archive.members().collect();
    let count = members.iter().filter(|member| !member.meta.is_directory).count();
    if count > limits.entries {
        intake.say(ArchiveTrouble::TooManyEntries { found: count, allowed: limits.entries });
    }
    let solid = members.iter().any(ArchiveMember::is_solid);
    let size = bytes.len() as u64;
    let taking = RefCell::new(Taking { intake, size, solid, seen: 0, current: None });
    let walked = archive.extract_with_control_and_errors(
        options,
        |member| Ok(taking.borrow_mut().next(member)),
        |_, error| {
            taking.borrow_mut().failed(&error.to_string());
            Ok(ExtractionErrorAction::Continue)
        },
    );
    let mut taking = taking.into_inner();
    match walked {
        Ok(_) => taking.settle(),
        Err(error) => {
            taking.failed(&error.to_string());
            let behind = members.iter().skip(taking.seen).filter(|member| !member.meta.is_directory);
            for member in behind.take(limits.entries) {
                let why = "it stands behind one that was not unpacked".to_owned();
                let raw_name = member.meta.name.clone();
                taking.intake.say(ArchiveTrouble::Damaged { raw_name, why });
            }
        }
    }
    taking.intake.opened()
}

/// Takes in one file after the other.
struct Taking {
    intake: Intake,
    /// Bytes of the archive: how much of them a file has, only its header says.
    size: u64,
    solid: bool,
    seen: usize,
    current: Option<(Vec<u8>, Rc<RefCell<Bounded>>)>,
}

impl Taking {
    /// What to do with the next file; the one before is whole.
    fn next(&mut self, member: &ArchiveMember) -> ExtractionDecision {
        self.settle();
        self.seen += 1;
        // In a solid archive what is not wanted has to be unpacked all the same.
        let passed = || {
            if self.solid && !member.meta.is_directory && !member.meta.is_redirection {
                ExtractionDecision::Extract(Box::new(io::sink()))
            } else {
                ExtractionDecision::Skip
            }
        };
        let (skipped, meta) = (passed(), &member.meta);
        if meta.is_directory || !self.intake.has_room() || !self.intake.admits(&meta.name) {
            return skipped;
        }
        let raw_name = meta.name.clone();
        let mode = meta.file_attr & 0o170_000;
        let packed = meta.packed_size.min(self.size);
        let allowed = self.intake.allowed(packed);
        if meta.is_redirection || meta.attr_source() == AttrSource::Unix && mode == 0o120_000 {
            self.intake.say(ArchiveTrouble::NotAFile { raw_name });
        } else if meta.is_split_before || meta.is_split_after {
            self.intake.say(ArchiveTrouble::Volume);
        } else if meta.is_encrypted {
            self.intake.say(ArchiveTrouble::Encrypted { raw_name });
        } else if meta.unpacked_size > allowed && meta.unpacked_size != u64::MAX {
            self.intake.say(ArchiveTrouble::Bomb { raw_name, packed, allowed });
        } else {
            let content = Rc::new(RefCell::new(Bounded { bytes: Vec::new(), packed, allowed }));
            self.current = Some((raw_name, Rc::clone(&content)));
            return ExtractionDecision::Extract(Box::new(Shared(content)));
        }
        skipped
    }

    /// The current file came out whole.
    fn settle(&mut self) {
        if let Some((raw_name, content)) = self.current.take() {
            let content = content.borrow();
            self.intake.take(raw_name, content.packed, content.bytes.as_slice());
        }
    }

    /// The current file did not.
    fn failed(&mut self, why: &str) {
        if let Some((raw_name, content)) = self.current.take() {
            let Bounded { bytes, packed, allowed } = &*content.borrow();
            self.intake.say(if bytes.len() as u64 >= *allowed {
                ArchiveTrouble::Bomb { raw_name, packed: *packed, allowed: *allowed }
            } else {
                ArchiveTrouble::Damaged { raw_name, why: why.to_owned() }
            });
        }
    }
}

/// What was unpacked of a file, which must not become more than allowed.
struct Bounded {
    bytes: Vec<u8>,
    packed: u64,
    allowed: u64,
}

/// The library's end of it.
struct Shared(Rc<RefCell<Bounded>>);

impl Write for Shared {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let mut content = self.0.borrow_mut();
        let room = content.allowed.saturating_sub(content.bytes.len() as u64);
        let count = bytes.len().min(usize::try_from(room).unwrap_or(usize::MAX));
        content.bytes.extend_from_slice(&bytes[..count]);
        if count == 0 && !bytes.is_empty() {
            return Err(io::Error::new(io::ErrorKind::QuotaExceeded, "the file is larger than is allowed"));
        }
        Ok(count)
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

fn unopened(error: &Error) -> ArchiveTrouble {
    let encrypted = matches!(error.root_cause(), Error::FeatureDisabled { feature: "encryption" });
    if encrypted || matches!(error.kind(), ErrorKind::PasswordRequired | ErrorKind::BadPassword) {
        ArchiveTrouble::Locked
    } else {
        ArchiveTrouble::Unreadable(error.to_string())
    }
}
