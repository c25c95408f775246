//! How long the first engine takes to read pictures, on one thread each.
//!
//! `cargo bench --bench recognition -- [--jobs N] FILE...` prints for each file what was read in it, in the
//! order of the files, and at the end the seconds for all of them, separated by tabs. Without files it draws
//! some itself. `scripts/compare_ocr.py` runs it and another program on the same files.

use std::{error::Error, io::Write, path::PathBuf, time::Instant};

use heyan::{
    cli,
    recognize::{ENGINES, Hints, Place},
};
use heyan_fixtures::{
    dice::Dice,
    documents::pictures::{self, Taken},
    scene::font::Fonts,
};
use rayon::prelude::*;

/// How many pictures are drawn where none are given.
const DRAWN: usize = 9;

fn main() -> Result<(), Box<dyn Error>> {
    let mut jobs = 2;
    let mut files: Vec<PathBuf> = Vec::new();
    let mut given = std::env::args_os().skip(1);
    while let Some(word) = given.next() {
        match word.to_str() {
            Some("--jobs") => jobs = given.next().and_then(|n| n.to_str()?.parse().ok()).unwrap_or(jobs),
            Some("--bench") => {}
            _ => files.push(word.into()),
        }
    }
    let pictures: Vec<Vec<u8>> = if files.is_empty() {
        let fonts = Fonts::load()?;
        let draw = |at| Ok(pictures::draw(at, Taken::Upright, &mut Dice::new(at as u64), fonts)?.bytes);
        files = (0..DRAWN).map(|at| format!("drawn {at}").into()).collect();
        (0..DRAWN).map(draw).collect::<Result<_, Box<dyn Error>>>()?
    } else {
        files.iter().map(std::fs::read).collect::<Result<_, _>>()?
    };
    let place = Place { models: cli::models() };
    let engine = (ENGINES[0].open)(&place, jobs)?;
    let threads = rayon::ThreadPoolBuilder::new().num_threads(jobs).build()?;
    let start = Instant::now();
    let read: Vec<Result<String, String>> = threads.install(|| {
        pictures
            .par_iter()
            .with_max_len(1)
            .map(|bytes| {
                let image = image::load_from_memory(bytes).map_err(|error| error.to_string())?.into_rgb8();
                let hints = Hints { dpi: 0.0, upright: false };
                let read = engine.recognize(&image, &hints).map_err(|error| error.to_string())?;
                Ok(read.words.iter().map(|word| word.text.as_str()).collect::<Vec<_>>().join(" "))
            })
            .collect()
    });
    let seconds = start.elapsed().as_secs_f64();
    let mut out = std::io::stdout().lock();
    for (file, text) in files.iter().zip(read) {
        writeln!(out, "{}\t{}", file.display(), text?)?;
    }
    writeln!(out, "seconds\t{seconds:.2}")?;
    Ok(())
}
