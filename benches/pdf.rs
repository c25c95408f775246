//! How long PDF files take to be read: words with boxes, rulings, hidden text, doubts and all.
//!
//! `cargo bench --bench pdf -- FILE...` prints for each file its pages and the best of ten times in
//! seconds, separated by tabs; without files it takes the PDF files of the shipped cases.
//! `scripts/compare_pdf_speed.py` runs it and other libraries on the same files.

use std::{
    error::Error,
    io::Write,
    path::{Path, PathBuf},
    sync::Arc,
    time::Instant,
};

use heyan::{model::limits::Limits, read};

/// How often each file is read.
const TIMES: usize = 10;

fn main() -> Result<(), Box<dyn Error>> {
    let mut files: Vec<PathBuf> =
        std::env::args_os().skip(1).map(PathBuf::from).filter(|path| path.is_file()).collect();
    if files.is_empty() {
        walk(&Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/cases"), &mut files)?;
        files.sort();
    }
    let mut out = std::io::stdout().lock();
    for file in files {
        let bytes: Arc<[u8]> = std::fs::read(&file)?.into();
        let mut best = f64::MAX;
        let mut pages = 0;
        for _ in 0..TIMES {
            let start = Instant::now();
            pages = read::read("a.pdf", Arc::clone(&bytes), &Limits::default()).pages.len();
            best = best.min(start.elapsed().as_secs_f64());
        }
        writeln!(out, "{}\t{pages}\t{best:.6}", file.display())?;
    }
    Ok(())
}

fn walk(folder: &Path, into: &mut Vec<PathBuf>) -> std::io::Result<()> {
    for entry in std::fs::read_dir(folder)? {
        let path = entry?.path();
        if path.is_dir() {
            walk(&path, into)?;
        } else if path.extension().is_some_and(|ending| ending.eq_ignore_ascii_case("pdf")) {
            into.push(path);
        }
    }
    Ok(())
}
