//! 7z archives, solid ones too: blocks of files that were packed as one.

use std::io::Cursor;

use sevenz_rust2::{Archive, ArchiveEntry, BlockDecoder, Error, Password};

use super::archive::{ArchiveLimits, ArchiveTrouble, Intake, Opened};

/// What a 7z archive begins with.
pub const MARK: &[u8] = b"7z\xbc\xaf\x27\x1c";

/// All files of an archive, block by block, and what could not be read.
#[must_use]
pub fn entries(bytes: &[u8], limits: ArchiveLimits) -> Opened {
    let mut intake = Intake::new(limits);
    let mut source = Cursor::new(bytes);
    let memory = limits.memory_kib() as usize;
    let archive = match Archive::read_with_memory_limit(&mut source, &Password::empty(), memory) {
        Ok(archive) => archive,
        Err(error) => {
            intake.say(unopened(&error));
            return intake.opened();
        }
    };
    let count = archive.files.iter().filter(|file| !file.is_directory).count();
    if count > limits.entries {
        intake.say(ArchiveTrouble::TooManyEntries { found: count, allowed: limits.entries });
    }
    for block in 0..archive.blocks.len() {
        if intake.has_room() {
            take_block(&mut source, &archive, block, memory, &mut intake);
        }
    }
    for file in archive.files.iter().filter(|file| !file.has_stream && !file.is_directory) {
        if intake.has_room() && admitted(file, &mut intake) {
            intake.take(name(file), 0, &[][..]);
        }
    }
    intake.opened()
}

/// Takes in the files of one block. What stands behind a file that cannot be unpacked cannot be
/// either, and each such file is said.
fn take_block(
    source: &mut Cursor<&[u8]>,
    archive: &Archive,
    block: usize,
    memory: usize,
    intake: &mut Intake,
) {
    let size = source.get_ref().len() as u64;
    let blocks = archive.files.iter().zip(&archive.stream_map.file_block_index);
    let of_block = blocks.filter(|(file, of)| file.has_stream && **of == Some(block));
    let files: Vec<&ArchiveEntry> = of_block.map(|(file, _)| file).collect();
    let first = archive.stream_map.file_block_index.iter().position(|of| *of == Some(block));
    if first.is_some_and(|file| archive.is_file_encrypted(file)) {
        for file in files {
            intake.say(ArchiveTrouble::Encrypted { raw_name: name(file) });
        }
        return;
    }
    let password = Password::empty();
    let decoder = BlockDecoder::new_with_memory_limit(1, memory, block, archive, &password, source);
    let mut seen = 0;
    let walked = decoder.for_each_entries(&mut |file, content| {
        if !file.has_stream {
            return Ok(true);
        }
        if !intake.has_room() {
            seen = usize::MAX;
            return Ok(false);
        }
        seen += 1;
        if !admitted(file, intake) {
            return Ok(true);
        }
        Ok(intake.take(name(file), size, content))
    });
    let why = match &walked {
        Ok(true) => return,
        Ok(false) => "it is packed together with one that was not unpacked".to_owned(),
        Err(error) => said(error),
    };
    for file in files.into_iter().skip(seen) {
        intake.say(match &walked {
            Err(Error::UnsupportedCompressionMethod(method)) => {
                ArchiveTrouble::Method { raw_name: name(file), method: method.clone() }
            }
            _ => ArchiveTrouble::Damaged { raw_name: name(file), why: why.clone() },
        });
    }
}

/// Whether a file may be taken; if not, it is said why.
fn admitted(file: &ArchiveEntry, intake: &mut Intake) -> bool {
    // The upper half of the attributes holds the mode where Unix wrote them (7-Zip's own extension).
    let mode = file.windows_attributes >> 16;
    let unix = file.has_windows_attributes && file.windows_attributes & 0x8000 != 0;
    let link = unix && mode & 0o170_000 == 0o120_000 || file.windows_attributes & 0x400 != 0;
    if !intake.admits(file.name.as_bytes()) {
        return false;
    }
    if link || file.is_anti_item {
        intake.say(ArchiveTrouble::NotAFile { raw_name: name(file) });
        return false;
    }
    true
}

fn name(file: &ArchiveEntry) -> Vec<u8> {
    file.name.clone().into_bytes()
}

fn unopened(error: &Error) -> ArchiveTrouble {
    match error {
        // Nothing but the cipher can stand before the names.
        Error::PasswordRequired | Error::MaybeBadPassword(_) => ArchiveTrouble::Locked,
        Error::UnsupportedCompressionMethod(method) if method.contains("AES") => ArchiveTrouble::Locked,
        error => ArchiveTrouble::Unreadable(said(error)),
    }
}

/// The library's errors as a person reads them; its own texts are those of its types.
fn said(error: &Error) -> String {
    match error {
        Error::ChecksumVerificationFailed | Error::NextHeaderCrcMismatch => "wrong checksum".to_owned(),
        Error::Io(error, _) | Error::MaybeBadPassword(error) => error.to_string(),
        Error::Other(text) | Error::Unsupported(text) => text.to_string(),
        Error::MaxMemLimited { max_kb, actaul_kb } => {
            format!("it wants {actaul_kb} KiB of memory, at most {max_kb} are given")
        }
        error => error.to_string(),
    }
}
