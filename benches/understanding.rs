//! What it costs to tell what digital pages are and what they say, beside reading them.
//!
//! `cargo bench --bench understanding -- FILE...` reads and arranges each PDF file, tells its documents apart and
//! finds their fields, on one thread, and prints the best of ten times for both and their ratio, then the same for
//! all of them. Without files it takes documents that the generator draws. Pages without text are passed over,
//! since nothing is to be understood on them before they are recognised.

use std::{error::Error, io::Write, path::PathBuf, sync::Arc, time::Instant};

use heyan::{arrange, classify, extract, model::limits::Limits, read, rulebook::types};
use heyan_fixtures::{
    dice::Dice,
    documents::{Kind, Quality, Set, draw_document},
};

/// How often each is done.
const TIMES: usize = 10;
/// How many documents of each kind are drawn.
const DRAWN: usize = 3;
/// What understanding may cost at most of what reading costs.
const WANTED: f64 = 1.0;

fn main() -> Result<(), Box<dyn Error>> {
    let types = types::embedded()?;
    let mut out = std::io::stdout().lock();
    writeln!(out, "{:>9} {:>13} {:>6} {:>6}  file", "read ms", "understood ms", "ratio", "pages")?;
    let (mut all_read, mut all_understood) = (0.0, 0.0);
    let given: Vec<PathBuf> =
        std::env::args_os().skip(1).map(PathBuf::from).filter(|path| path.is_file()).collect();
    for File { name, bytes } in files(&given)? {
        let reader = || {
            let mut document = read::read("a.pdf", Arc::clone(&bytes), &Limits::default());
            document.pages.iter_mut().for_each(arrange::arrange);
            document
        };
        let document = reader();
        if document.pages.iter().all(|page| page.words.is_empty()) {
            continue;
        }
        let understand = || {
            let segments = classify::classify(&document.pages, &types);
            extract::papers(&document, &segments, &types)
        };
        if given.is_empty() {
            // What is drawn is understood; a ratio of nothing would say nothing.
            assert!(understand().iter().any(|paper| !paper.record.fields.is_empty()), "{name} says nothing");
        }
        let reading = best(|| reader().pages.len());
        let understanding = best(|| understand().len());
        all_read += reading;
        all_understood += understanding;
        let ratio = understanding / reading;
        let pages = document.pages.len();
        writeln!(out, "{reading:>9.3} {understanding:>13.3} {ratio:>6.2} {pages:>6}  {name}")?;
    }
    let ratio = all_understood / all_read;
    writeln!(out, "{all_read:>9.3} {all_understood:>13.3} {ratio:>6.2}         all; wanted below {WANTED}")?;
    Ok(())
}

/// A file by its name.
struct File {
    name: String,
    bytes: Arc<[u8]>,
}

/// The files to read.
fn files(given: &[PathBuf]) -> Result<Vec<File>, Box<dyn Error>> {
    let mut files = Vec::new();
    for path in given {
        files.push(File { name: path.display().to_string(), bytes: std::fs::read(path)?.into() });
    }
    if given.is_empty() {
        for kind in Kind::ALL {
            for number in 0..DRAWN {
                let mut dice = Dice::new(number as u64);
                let drawn = draw_document(kind, Set::Building, &[Quality::Clean], number, &mut dice)?;
                if drawn.file_name.ends_with(".pdf") {
                    let name = format!("{}/{}", kind.id, drawn.file_name);
                    files.push(File { name, bytes: drawn.bytes.into() });
                }
            }
        }
    }
    Ok(files)
}

/// The best of several times, in milliseconds.
fn best(run: impl Fn() -> usize) -> f64 {
    let times = (0..TIMES).map(|_| {
        let start = Instant::now();
        std::hint::black_box(run());
        start.elapsed().as_secs_f64() * 1000.0
    });
    times.fold(f64::MAX, f64::min)
}
