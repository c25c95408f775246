//! Reads what libFuzzer makes up, as a file that was handed in, and draws its first page.
//!
//! One program for all targets; `HEYAN_FUZZ` names the row of [`TARGETS`], which says what formats it
//! keeps in its corpus. A panic that reading catches is the file's own trouble and is only said, once
//! for each place; one that escapes, an abort, a leak of memory or time is a finding.

#![no_main]

use std::{
    collections::BTreeSet,
    io::{Cursor, Read, Write},
    sync::{Arc, Mutex, OnceLock},
};

use heyan::{
    authenticate::Trust,
    contain::{Here, Opener},
    model::{geometry::Turn, limits::Limits},
    read,
};
use libfuzzer_sys::{Corpus, fuzz_mutator, fuzz_target, fuzzer_mutate};
use zip::{ZipArchive, ZipWriter, write::SimpleFileOptions};

/// Targets, and the formats of files that count for them; none means all.
const TARGETS: &[(&str, &[&str])] = &[
    ("pdf", &["pdf"]),
    ("ofd", &["ofd"]),
    ("xml", &["xml"]),
    ("spreadsheet", &["xlsx", "xlsm", "xlsb", "xls", "ods", "xml-spreadsheet", "html"]),
    ("csv", &["csv"]),
    ("word", &["docx", "doc", "wps"]),
    ("image", &["png", "jpeg", "tiff", "bmp", "gif", "webp", "heic"]),
    ("archive", &["zip", "7z", "tar", "gzip", "bzip2", "xz", "rar"]),
    ("email", &["eml"]),
    // Signatures lie in these; they are looked at where the file is read.
    ("authenticate", &["pdf", "ofd", "xml"]),
    ("recognise", &[]),
];

/// Smaller than in use, so that a file at its limits is still one of many in a second.
fn limits() -> Limits {
    Limits {
        pages: 20,
        pixels: 4_000_000,
        inner_pixels: 16_000_000,
        archive_entries: 100,
        archive_bytes: 64 << 20,
        workbook_bytes: 32 << 20,
        cells: 100_000,
        cell_text: 4 << 20,
        words: 5_000,
        glyphs: 20_000,
        file_words: 50_000,
        file_steps: 200_000,
        ..Limits::default()
    }
}

fuzz_target!(init: say_what_is_caught(), |bytes: &[u8]| -> Corpus {
    let limits = limits();
    let format = read::format(bytes).name();
    if !formats().is_empty() && !formats().contains(&format) {
        return Corpus::Reject;
    }
    let document = Here.read("fuzzed", Arc::from(bytes), &limits, &Trust::default());
    if let Some(page) = document.pages.first() {
        let side = page.size.width.max(page.size.height);
        // Small, whatever the page says of its size.
        let _ = Here.draw(&document, page.number, Turn::None, (72.0 * 400.0 / side.max(1.0)).clamp(0.1, 72.0));
    }
    Corpus::Keep
});

// Files in a zip are packed: changed as they lie there, nearly all would fail at the first checksum.
// So every other time one of them is unpacked, changed, and packed again.
fuzz_mutator!(|data: &mut [u8], size: usize, max_size: usize, seed: u32| {
    if seed % 2 == 0
        && let Some(packed) = data.get(..size).and_then(|bytes| inside(bytes, seed as usize / 2))
        && packed.len() <= max_size
        && let Some(place) = data.get_mut(..packed.len())
    {
        place.copy_from_slice(&packed);
        return packed.len();
    }
    fuzzer_mutate(data, size, max_size)
});

/// A zip archive with one of its files changed; `None` where it is no archive.
fn inside(bytes: &[u8], choice: usize) -> Option<Vec<u8>> {
    let mut archive = ZipArchive::new(Cursor::new(bytes)).ok()?;
    let chosen = choice.checked_rem(archive.len())?;
    let mut packed = ZipWriter::new(Cursor::new(Vec::new()));
    for at in 0..archive.len().min(100) {
        let mut content = Vec::new();
        let name = {
            let mut file = archive.by_index(at).ok()?;
            file.by_ref().take(1 << 20).read_to_end(&mut content).ok()?;
            file.name().ok()?.to_string()
        };
        if at == chosen {
            let size = content.len();
            content.resize(size + 4096, 0);
            let changed = fuzzer_mutate(&mut content, size, size + 4096);
            content.truncate(changed);
        }
        packed.start_file(name, SimpleFileOptions::default()).ok()?;
        packed.write_all(&content).ok()?;
    }
    packed.finish().ok().map(Cursor::into_inner)
}

/// The formats of the target that the environment names.
fn formats() -> &'static [&'static str] {
    static FORMATS: OnceLock<&[&str]> = OnceLock::new();
    FORMATS.get_or_init(|| {
        let name = std::env::var("HEYAN_FUZZ").unwrap_or_default();
        let target = TARGETS.iter().find(|(target, _)| *target == name);
        match target {
            Some((_, formats)) => formats,
            None => panic!("HEYAN_FUZZ has to name a target"),
        }
    })
}

/// In place of the hook that ends the fuzzer at every panic, also at one that is caught.
fn say_what_is_caught() {
    static SAID: Mutex<BTreeSet<String>> = Mutex::new(BTreeSet::new());
    formats();
    std::panic::set_hook(Box::new(|panic| {
        let place = panic.location().map(ToString::to_string).unwrap_or_default();
        if let Ok(mut said) = SAID.lock()
            && said.insert(place.clone())
        {
            eprintln!("panic at {place}: {panic}");
        }
    }));
}
