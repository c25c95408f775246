//! The index of what applications use, with a million keys: how long one lookup takes, and one of a page's
//! look by its eight bands, with a hundred thousand looks among them.
//!
//! `cargo bench --bench reuse`. Prints the median and the slowest of a hundred, for a thousand keys and
//! for a million. `HEYAN_STORE` names another store than SQLite in a new folder, which must be empty.

use std::{error::Error, time::Instant};

use heyan::{model::reuse::Use, store::Store};

/// Keys of one application.
const OF_ONE: usize = 1000;
/// Looks of one application, each under eight more keys.
const LOOKS: usize = 100;
/// Lookups that are timed.
const LOOKUPS: usize = 10_000;
/// What the median may take, in milliseconds.
const WANTED: f64 = 1.0;

fn main() -> Result<(), Box<dyn Error>> {
    let folder = tempfile::tempdir()?;
    let inside = |name: &str| folder.path().join(name).to_string_lossy().into_owned();
    let place = std::env::var("HEYAN_STORE").unwrap_or_else(|_| inside("store.db"));
    let store = Store::open(&place, Some(&inside("files")))?;
    let mut known = 0;
    for applications in [1, 1000] {
        for application in known..applications {
            store.index(&uses(application))?;
        }
        known = applications;
        let mut times = Vec::new();
        for lookup in 0..LOOKUPS / 10 {
            let number = lookup * 7919 % (2 * known * LOOKS);
            let bands = bands(number);
            let bands: Vec<&str> = bands.iter().map(String::as_str).collect();
            let begun = Instant::now();
            let found = store.uses(&bands)?;
            times.push(begun.elapsed().as_secs_f64() * 1000.0);
            assert!((found.len() >= bands.len()) == (number < known * LOOKS), "{number}: {}", found.len());
        }
        summary(&format!("{} looks", known * LOOKS), &mut times);
        times.clear();
        for lookup in 0..LOOKUPS {
            // Half of what is looked for is there; the numbers are far from each other.
            let number = lookup * 7919 % (2 * known * OF_ONE);
            let key = key(number);
            let begun = Instant::now();
            let found = store.uses(&[&key])?;
            times.push(begun.elapsed().as_secs_f64() * 1000.0);
            assert_eq!(found.len(), usize::from(number < known * OF_ONE), "{key}");
        }
        summary(&format!("{} keys", known * OF_ONE), &mut times);
    }
    Ok(())
}

/// Says the median and the slowest of a hundred.
fn summary(what: &str, times: &mut [f64]) {
    times.sort_by(f64::total_cmp);
    let (median, slow) = (times[times.len() / 2], times[times.len() * 99 / 100]);
    say(&format!(
        "{what}: {median:.3} ms in the median, wanted below {WANTED}; {slow:.3} ms for 99 of a hundred"
    ));
}

/// The eight keys of a look: bits that have nothing to do with each other.
fn bands(number: usize) -> Vec<String> {
    let band = |at: usize| {
        let mut bits = (number * 8 + at) as u64;
        for _ in 0..3 {
            bits = bits.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            bits ^= bits >> 29;
        }
        format!("picture\tbank_receipt\t{at}:{:08x}", bits >> 32)
    };
    (0..8).map(band).collect()
}

fn key(number: usize) -> String {
    format!("vat_invoice\t{number:020}")
}

fn uses(application: usize) -> Vec<Use> {
    let itself = Use {
        call: "jiangsu-2023".to_owned(),
        application: format!("application-{application}"),
        applicant_name: Some("江苏示例科技有限公司".to_owned()),
        applicant_uscc: Some(format!("9132{application:014}")),
        ..Use::default()
    };
    let used = |at: usize| Use {
        key: key(application * OF_ONE + at),
        file: Some(format!("attachments/发票/{at}.pdf")),
        page: Some(1),
        facts: [("gross".to_owned(), "113000.00".to_owned())].into(),
        ..itself.clone()
    };
    let looks = (0..LOOKS).flat_map(|at| {
        let pictured = used(at);
        bands(application * LOOKS + at).into_iter().map(move |key| Use { key, ..pictured.clone() })
    });
    [itself.clone()].into_iter().chain((0..OF_ONE).map(used)).chain(looks).collect()
}

#[expect(clippy::print_stdout, reason = "a bench prints what it measured")]
fn say(line: &str) {
    println!("{line}");
}
