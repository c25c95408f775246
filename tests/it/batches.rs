//! Batches that are stopped go on, and end as if nothing had happened.

use std::{
    collections::BTreeMap,
    env, fs,
    path::Path,
    process::{Child, Command, Stdio},
    thread,
    time::Duration,
};

use heyan::store::Store;

/// Verifies the shipped cases without a recogniser.
fn verify(out: &Path, cache: &Path, more: &[&str]) -> Child {
    Command::new(env!("CARGO_BIN_EXE_heyan"))
        .args(["verify", "fixtures/cases", "--today", "2023-03-01", "--out"])
        .arg(out)
        .args(more)
        .current_dir(env!("CARGO_MANIFEST_DIR"))
        .env("HEYAN_MODELS", "no-such-folder")
        .env("HEYAN_CACHE", cache)
        .env("OMP_THREAD_LIMIT", "1")
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap()
}

/// What a run that is left alone says on standard output and on standard error.
fn ended(child: Child) -> (String, String) {
    let output = child.wait_with_output().unwrap();
    let text = |bytes| String::from_utf8(bytes).unwrap();
    let (out, err) = (text(output.stdout), text(output.stderr));
    assert_eq!(output.status.code(), Some(1), "{err}");
    (out, err)
}

/// All files below a folder by their path.
fn contents(folder: &Path) -> BTreeMap<String, Vec<u8>> {
    let mut found = BTreeMap::new();
    let mut open = vec![folder.to_owned()];
    while let Some(at) = open.pop() {
        for entry in fs::read_dir(at).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                open.push(path);
            } else {
                let name = path.strip_prefix(folder).unwrap().to_str().unwrap().to_owned();
                found.insert(name, fs::read(path).unwrap());
            }
        }
    }
    found
}

#[test]
fn what_was_read_is_not_read_again() {
    let folder = tempfile::tempdir().unwrap();
    let at = |name: &str| folder.path().join(name);
    for more in [&[][..], &["--store", at("s.db").to_str().unwrap()]] {
        let kind = more.len();
        let (out, err) = ended(verify(&at(&format!("first{kind}")), &at("cache"), more));
        assert!(err.contains("readings made, 0 found"), "{err}");
        let (again, err) = ended(verify(&at(&format!("again{kind}")), &at("cache"), more));
        assert!(err.contains("0 readings made"), "{err}");
        assert_eq!(contents(&at(&format!("first{kind}"))), contents(&at(&format!("again{kind}"))));
        assert_eq!(out.replace("first", "again"), again);
    }
    let (_, err) = ended(verify(&at("none"), &at("cache"), &["--no-cache"]));
    assert!(!err.contains("readings"), "{err}");
    assert_eq!(contents(&at("none")), contents(&at("first0")));
}

/// `HEYAN_KILLS` says how often; the moments are the same in every run.
#[test]
fn a_batch_that_is_killed_goes_on_where_it_was() {
    let kills: u64 = env::var("HEYAN_KILLS").map_or(2, |kills| kills.parse().expect("a number"));
    let folder = tempfile::tempdir().unwrap();
    let at = |name: &str| folder.path().join(name);
    let begun = std::time::Instant::now();
    ended(verify(&at("undisturbed"), &at("cache"), &["--no-cache"]));
    let whole = begun.elapsed();
    let place = at("store.db");
    let store = ["--store", place.to_str().unwrap()];
    let mut moment = 1_u64;
    for kill in 0..kills {
        let mut child = verify(&at("out"), &at("cache"), &store);
        moment = moment.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        thread::sleep(
            whole.mul_f64((moment >> 40) as f64 / (1 << 24) as f64 * 0.8) + Duration::from_millis(kill),
        );
        child.kill().unwrap();
        child.wait().unwrap();
    }
    ended(verify(&at("out"), &at("cache"), &store));
    let (expected, found) = (contents(&at("undisturbed")), contents(&at("out")));
    let names = |files: &BTreeMap<String, Vec<u8>>| files.keys().cloned().collect::<Vec<_>>();
    assert_eq!(names(&found), names(&expected));
    for (name, bytes) in &expected {
        assert!(found.get(name) == Some(bytes), "{name} differs");
    }
    let [_, _, runs] = Store::open(store[1], None).unwrap().counts().unwrap();
    assert_eq!(runs, 6, "nothing is lost and nothing doubled");
}
