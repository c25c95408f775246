//! Every fixture cut short and changed at random: whatever comes of it is a problem of that file, never
//! the end of the program, and never a wait.
//!
//! The files are whatever lies under `fixtures`, so a format that gains a fixture is covered. By default
//! a sample is tried; `HEYAN_MUTATIONS=1000 cargo test --test it mutants` cuts every fixture at every
//! 64th of its length and makes a thousand mutants of each format.

use std::{
    collections::BTreeMap,
    env, fs,
    io::{Cursor, Read, Write},
    path::{Path, PathBuf},
    sync::{
        Arc, Mutex,
        atomic::{AtomicUsize, Ordering},
    },
    time::{Duration, Instant},
};

use heyan::{
    authenticate::Trust,
    contain::{Opener, Pool},
    draw::DrawError,
    model::{geometry::Turn, limits::Limits},
    read,
};
use heyan_fixtures::dice::Dice;

/// Mutants of a format, and cuts of a fixture, when nothing else is asked for.
const SAMPLE: (usize, usize) = (60, 6);
/// Cuts of a fixture when everything is asked for.
const CUTS: usize = 64;
/// Larger fixtures are slow to mutate and show nothing that smaller ones do not.
const LARGEST: u64 = 256 << 10;

/// Problems that say that the process which read the file did not survive it.
const FATAL: &[&str] = &["reader-timeout", "reader-killed", "reader-out-of-memory", "reader-not-started"];

/// A fixture as it is, or what was made of it.
struct Mutant {
    label: String,
    bytes: Vec<u8>,
}

#[test]
fn no_mutant_ends_the_program() {
    let full: Option<usize> = env::var("HEYAN_MUTATIONS").ok().map(|count| count.parse().unwrap());
    let (count, cuts) = full.map_or(SAMPLE, |count| (count, CUTS));
    let mut formats: BTreeMap<&str, Vec<(String, Vec<u8>)>> = BTreeMap::new();
    for (name, bytes) in fixtures() {
        formats.entry(read::format(&bytes).name()).or_default().push((name, bytes));
    }
    assert!(formats.len() >= 4, "only {:?} were found", formats.keys());
    let limits = Limits { time: Duration::from_secs(20), ..Limits::default() };
    let pool = Pool::start(PathBuf::from(env!("CARGO_BIN_EXE_heyan")), &limits).unwrap();
    let mut wrong = Vec::new();
    for (format, fixtures) in &formats {
        let start = Instant::now();
        let mutants: Vec<Mutant> = cut(fixtures, cuts, full.is_some())
            .chain((0..count).map(|seed| mutated(fixtures, format, seed as u64)))
            .collect();
        let tally = Tally::default();
        tally.read_all(&mutants, &pool, &limits);
        let caught = tally.crashed.into_inner();
        let found = tally.wrong.into_inner().unwrap();
        let seconds = start.elapsed().as_secs_f64();
        eprintln!(
            "mutants: {format}: {} of {} fixtures, {caught} panics caught, {} fatal, {seconds:.1} s",
            mutants.len(),
            fixtures.len(),
            found.len()
        );
        wrong.extend(found);
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// What came of the mutants of one format.
#[derive(Default)]
struct Tally {
    next: AtomicUsize,
    crashed: AtomicUsize,
    wrong: Mutex<Vec<String>>,
}

impl Tally {
    fn read_all(&self, mutants: &[Mutant], pool: &Pool, limits: &Limits) {
        let threads = std::thread::available_parallelism().map_or(1, usize::from);
        std::thread::scope(|scope| {
            for _ in 0..threads {
                scope.spawn(|| {
                    while let Some(mutant) = mutants.get(self.next.fetch_add(1, Ordering::Relaxed)) {
                        self.read(mutant, pool, limits);
                    }
                });
            }
        });
    }

    fn read(&self, mutant: &Mutant, pool: &Pool, limits: &Limits) {
        let document = pool.read("mutant", Arc::from(mutant.bytes.as_slice()), limits, &Trust::default());
        let mut problems: Vec<&str> = Vec::new();
        let mut waiting = vec![&document];
        while let Some(document) = waiting.pop() {
            problems.extend(document.problems.iter().map(|problem| problem.code));
            waiting.extend(&document.parts);
            let Some(page) = document.pages.first() else { continue };
            match pool.draw(document, page.number, Turn::None, 30.0) {
                Err(DrawError::Ended { why, .. }) => self.say(mutant, &format!("drawing it: {why}")),
                Err(DrawError::Crashed(_)) => problems.push("reader-crashed"),
                _ => {}
            }
        }
        if problems.contains(&"reader-crashed") {
            self.crashed.fetch_add(1, Ordering::Relaxed);
        }
        for code in problems.iter().filter(|code| FATAL.contains(code)) {
            self.say(mutant, code);
        }
    }

    /// Keeps the file, so that it can be looked at.
    fn say(&self, mutant: &Mutant, what: &str) {
        let kept = env::temp_dir().join(format!("heyan-mutant-{}", mutant.label.replace(['/', ' '], "-")));
        fs::write(&kept, &mutant.bytes).unwrap();
        let line = format!("{}: {what}; kept as {}", mutant.label, kept.display());
        self.wrong.lock().unwrap().push(line);
    }
}

/// All fixtures that are files somebody might hand in, by their path.
fn fixtures() -> Vec<(String, Vec<u8>)> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures");
    let mut files = Vec::new();
    for folder in ["formats", "cases", "documents"] {
        walk(&root.join(folder), &mut files);
    }
    files.retain(|path| {
        let other = path.extension().is_some_and(|ending| ending == "words" || ending == "json");
        !other && fs::metadata(path).is_ok_and(|kind| kind.len() <= LARGEST)
    });
    let named = |path: &PathBuf| path.strip_prefix(&root).unwrap().display().to_string();
    files.iter().map(|path| (named(path), fs::read(path).unwrap())).collect()
}

/// The files below a folder, in a fixed order; none where there is no folder.
pub(crate) fn walk(folder: &Path, files: &mut Vec<PathBuf>) {
    let Ok(entries) = fs::read_dir(folder) else { return };
    let mut entries: Vec<PathBuf> = entries.map(|entry| entry.unwrap().path()).collect();
    entries.sort();
    for path in entries {
        if path.is_dir() {
            walk(&path, files);
        } else {
            files.push(path);
        }
    }
}

/// Fixtures cut short: all of them at every 64th of their length, or some at a few places.
fn cut<'f>(
    fixtures: &'f [(String, Vec<u8>)],
    cuts: usize,
    all: bool,
) -> impl Iterator<Item = Mutant> + use<'f> {
    let most = if all { fixtures.len() } else { 16 };
    fixtures.iter().enumerate().take(most).flat_map(move |(at, (name, bytes))| {
        let places = (1..cuts).map(move |place| if all { place } else { (place * 21 + at * 7) % CUTS });
        places.map(move |place| Mutant {
            label: format!("{name} cut at {place} of {CUTS}"),
            bytes: bytes[..bytes.len() * place / CUTS].to_vec(),
        })
    })
}

/// A fixture with a few changes; of an archive, every other time, one file in it.
fn mutated(fixtures: &[(String, Vec<u8>)], format: &str, seed: u64) -> Mutant {
    let mut dice = Dice::new(seed).fork(format);
    let (name, bytes) = &fixtures[dice.index(fixtures.len())];
    let inner = if dice.chance(50) { inside(bytes, &mut dice) } else { None };
    let bytes = inner.unwrap_or_else(|| changed(bytes, &mut dice));
    Mutant { label: format!("{name} seed {seed} of {format}"), bytes }
}

fn inside(bytes: &[u8], dice: &mut Dice) -> Option<Vec<u8>> {
    let mut archive = zip::ZipArchive::new(Cursor::new(bytes)).ok()?;
    let chosen = dice.index(archive.len());
    let mut packed = zip::ZipWriter::new(Cursor::new(Vec::new()));
    for at in 0..archive.len() {
        let mut content = Vec::new();
        let mut file = archive.by_index(at).ok()?;
        file.read_to_end(&mut content).ok()?;
        let content = if at == chosen { changed(&content, dice) } else { content };
        packed.start_file(file.name().ok()?.to_string(), zip::write::SimpleFileOptions::default()).ok()?;
        packed.write_all(&content).ok()?;
    }
    Some(packed.finish().ok()?.into_inner())
}

/// Bytes with one to eight changes of the kinds that break readers.
fn changed(bytes: &[u8], dice: &mut Dice) -> Vec<u8> {
    /// Numbers at the edges of what fits, as text and as bytes.
    const EDGES: &[&[u8]] = &[
        b"\0",
        b"\xff\xff\xff\xff",
        b"\x7f\xff\xff\xff",
        b"\x80",
        b"-1",
        b"4294967296",
        b"99999999999",
        b"1e400",
    ];
    let mut bytes = bytes.to_vec();
    for _ in 0..=dice.index(8) {
        let at = dice.index(bytes.len());
        let length = (1 + dice.index(64)).min(bytes.len() - at);
        match dice.index(6) {
            0 if at < bytes.len() => bytes[at] ^= 1 << dice.index(8),
            1 => {
                let edge = dice.pick(EDGES);
                let end = (at + edge.len()).min(bytes.len());
                bytes.splice(at..end, edge.iter().copied());
            }
            2 => drop(bytes.drain(at..at + length)),
            3 => {
                let again = bytes[at..at + length].to_vec();
                bytes.splice(at..at, again);
            }
            4 => {
                let from = dice.index(bytes.len() - length + 1);
                let moved = bytes[from..from + length].to_vec();
                bytes[at..at + length].copy_from_slice(&moved);
            }
            _ => bytes[at..at + length].iter_mut().for_each(|byte| *byte = dice.roll().to_le_bytes()[0]),
        }
    }
    bytes
}
