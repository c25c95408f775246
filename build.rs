//! Names the code that a reading comes from, so that a kept one is used only by the code that made it; and
//! lists the document types that are built in.

use std::{
    env, fs,
    io::{self, Write},
    path::{Path, PathBuf},
};

use sha2::{Digest, Sha256};

/// What a reading depends on: the stages up to it, and the libraries they are built with.
const READING: &[&str] = &[
    "Cargo.lock",
    "src/model",
    "src/container",
    "src/read",
    "src/draw",
    "src/authenticate",
    "src/contain",
    "src/recognize",
    "src/arrange",
    "src/pipeline",
];
/// What a report depends on besides; its crops are drawn by `cli`, and `jobs` says what is recorded.
const REPORT: &[&str] = &[
    "src/rulebook",
    "src/classify",
    "src/extract",
    "src/check",
    "src/report",
    "src/jobs",
    "src/cli",
    "rules",
];

fn main() -> io::Result<()> {
    let reading = fingerprint(&mut Sha256::new(), READING)?;
    let report = fingerprint(&mut Sha256::new_with_prefix(&reading), REPORT)?;
    document_types()?;
    let mut out = io::stdout().lock();
    writeln!(out, "cargo::rustc-env=HEYAN_READING_CODE={reading}")?;
    writeln!(out, "cargo::rustc-env=HEYAN_REPORT_CODE={report}")
}

/// Writes the table of the document types that are built in: a file for a new one is enough.
fn document_types() -> io::Result<()> {
    let root = PathBuf::from(env::var_os("CARGO_MANIFEST_DIR").unwrap_or_default());
    let mut files = Vec::new();
    walk(&root.join("rules/documents"), &mut files)?;
    let rows = files.iter().filter(|file| file.extension().is_some_and(|ending| ending == "toml"));
    let rows = rows.filter_map(|file| Some(format!("({:?}, include_str!({file:?})),\n", file.file_stem()?)));
    let table = format!("&[\n{}]\n", rows.collect::<String>());
    fs::write(PathBuf::from(env::var_os("OUT_DIR").unwrap_or_default()).join("document_types.rs"), table)
}

/// The hash of all files at these places, by name and content.
fn fingerprint(hash: &mut Sha256, places: &[&str]) -> io::Result<String> {
    let root = PathBuf::from(env::var_os("CARGO_MANIFEST_DIR").unwrap_or_default());
    let mut files = Vec::new();
    for place in places {
        writeln!(io::stdout(), "cargo::rerun-if-changed={place}")?;
        walk(&root.join(place), &mut files)?;
    }
    for file in files {
        let bytes = fs::read(&file)?;
        let name = file.strip_prefix(&root).unwrap_or(&file).to_string_lossy();
        for part in [name.as_bytes(), &bytes] {
            hash.update((part.len() as u64).to_le_bytes());
            hash.update(part);
        }
    }
    Ok(hash.finalize_reset().iter().map(|byte| format!("{byte:02x}")).collect())
}

/// All files at a place, in the order of their names.
fn walk(place: &Path, files: &mut Vec<PathBuf>) -> io::Result<()> {
    if place.is_file() {
        files.push(place.to_owned());
        return Ok(());
    }
    let mut entries = fs::read_dir(place)?.map(|entry| Ok(entry?.path())).collect::<io::Result<Vec<_>>>()?;
    entries.sort();
    entries.iter().try_for_each(|entry| walk(entry, files))
}
