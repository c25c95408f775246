//! A case of 30 scanned pages with one job and with two: how much of the time the second core saves.
//!
//! `cargo bench --bench jobs`. Prints both times and their ratio; a machine with less than two idle
//! cores measures something else. The reports have to be the same bytes.

use std::{error::Error, fs, path::Path, process::Command, time::Instant};

use heyan_fixtures::{
    dice::Dice,
    documents::{Kind, Quality, Set, draw_document},
};

/// Kinds that are drawn as pictures of one page.
const SCANNED: [&str; 2] = ["business_licence", "recognition"];
/// How many of each.
const EACH: usize = 15;
/// What the second core has to save at least (ratio of times).
const WANTED: f64 = 0.62;

fn main() -> Result<(), Box<dyn Error>> {
    let folder = tempfile::tempdir()?;
    let case = folder.path().join("case");
    fs::create_dir_all(case.join("attachments"))?;
    fs::write(
        case.join("declaration.json"),
        r#"{ "schema": "heyan.declaration/1", "category": "platform" }"#,
    )?;
    for (kind, number) in SCANNED.iter().flat_map(|kind| (0..EACH).map(move |number| (*kind, number))) {
        let kind = Kind::named(kind).ok_or("no such kind is drawn")?;
        let drawn =
            draw_document(kind, Set::Building, &[Quality::Office], number, &mut Dice::new(number as u64))?;
        fs::write(case.join("attachments").join(format!("{}-{}", kind.id, drawn.file_name)), drawn.bytes)?;
    }
    let (one, first) = timed(folder.path(), &case, "1")?;
    let (two, second) = timed(folder.path(), &case, "2")?;
    let ratio = two / one;
    say(&format!("one job {one:.1} s, two jobs {two:.1} s: ratio {ratio:.2}, wanted at most {WANTED}"));
    say(if first == second { "the reports are the same bytes" } else { "THE REPORTS DIFFER" });
    Ok(())
}

/// Seconds, and the report.
fn timed(folder: &Path, case: &Path, jobs: &str) -> Result<(f64, Vec<u8>), Box<dyn Error>> {
    let out = folder.join(jobs);
    let start = Instant::now();
    let run = Command::new(env!("CARGO_BIN_EXE_heyan"))
        .args(["verify", "--today", "2023-03-01", "--jobs", jobs, "--out"])
        .arg(&out)
        .arg(case)
        .env("OMP_THREAD_LIMIT", "1")
        .output()?;
    let seconds = start.elapsed().as_secs_f64();
    if run.status.code().is_none_or(|code| code > 1) {
        return Err(String::from_utf8_lossy(&run.stderr).into_owned().into());
    }
    Ok((seconds, fs::read(out.join("case/report.json"))?))
}

#[expect(clippy::print_stdout, reason = "a bench prints what it measured")]
fn say(line: &str) {
    println!("{line}");
}
