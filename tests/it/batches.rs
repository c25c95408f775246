//! Batches that are stopped go on, and end as if nothing had happened.

use std::{
    collections::BTreeMap,
    env, fs,
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    thread,
    time::{Duration, Instant},
};

use heyan::store::Cache;
use serde_json::Value as Json;

use super::{cli::clean_case, servers::places};

/// How many cases a batch has.
const CASES: usize = 6;

/// A folder for cases, reports and stores; gone in the end.
struct Desk(tempfile::TempDir);

impl Desk {
    /// A desk with cases of which no page is a picture, so that reading them is quick.
    fn new() -> Self {
        let desk = Self(tempfile::tempdir().unwrap());
        let case = PathBuf::from(clean_case(desk.0.path()));
        let files = contents(&case);
        for number in 1..=CASES {
            for (name, bytes) in &files {
                let to = desk.at(&format!("cases/{number}")).join(name);
                fs::create_dir_all(to.parent().unwrap()).unwrap();
                fs::write(to, bytes).unwrap();
            }
        }
        desk
    }

    fn at(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }

    /// Begins to verify the cases into a folder.
    fn verify(&self, out: &str, more: &[&str]) -> Child {
        Command::new(env!("CARGO_BIN_EXE_heyan"))
            .arg("verify")
            .arg(self.at("cases"))
            .args(["--today", "2023-03-01", "--out"])
            .arg(self.at(out))
            .args(more)
            .env("HEYAN_MODELS", "no-such-folder")
            .env("HEYAN_CACHE", self.at("cache"))
            .env("OMP_THREAD_LIMIT", "1")
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap()
    }
}

impl Desk {
    /// Makes a case another application, of the same papers.
    fn is_another(&self, case: usize, id: &str) {
        let declared = self.at(&format!("cases/{case}/declaration.json"));
        let mut declaration: Json = serde_json::from_slice(&fs::read(&declared).unwrap()).unwrap();
        declaration["case_id"] = id.into();
        fs::write(declared, serde_json::to_vec(&declaration).unwrap()).unwrap();
    }

    /// What a case's report says of what other applications use.
    fn used_elsewhere(&self, case: &str) -> Vec<String> {
        let report: Json =
            serde_json::from_slice(&fs::read(self.at(case).join("report.json")).unwrap()).unwrap();
        let findings = report["findings"].as_array().unwrap().iter();
        let found = findings.filter(|one| one["code"] == "USE-01" || one["code"] == "USE-02");
        let items = found.flat_map(|one| one["explanation"].as_array().unwrap());
        items.map(|item| item["elsewhere"].as_str().unwrap().to_owned()).collect()
    }
}

/// What a run that is left alone says on standard output and on standard error.
fn ended(child: Child) -> (String, String) {
    let output = child.wait_with_output().unwrap();
    let text = |bytes| String::from_utf8(bytes).unwrap();
    let (out, err) = (text(output.stdout), text(output.stderr));
    assert!(matches!(output.status.code(), Some(0 | 1)), "{err}");
    (out, err)
}

/// How many readings were made and how many found, by what a run says in the end.
fn readings(err: &str) -> (usize, usize) {
    let line = err.lines().find_map(|line| line.strip_suffix(" found")).expect(err);
    let (made, found) = line.split_once(" readings made, ").expect(err);
    (made.parse().unwrap(), found.parse().unwrap())
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

fn same(one: &Path, other: &Path) {
    let (one, other) = (contents(one), contents(other));
    assert_eq!(one.keys().collect::<Vec<_>>(), other.keys().collect::<Vec<_>>());
    for (name, bytes) in &one {
        assert!(other.get(name) == Some(bytes), "{name} differs");
    }
}

#[test]
fn what_was_read_is_not_read_again() {
    let desk = Desk::new();
    let files = contents(&desk.at("clean")).len() - 1;
    let (out, err) = ended(desk.verify("plain", &["--no-cache"]));
    assert!(!err.contains("readings"), "{err}");

    // The cases hold the same files: whoever comes second finds them, if the first is done.
    let (_, err) = ended(desk.verify("first", &["--jobs", "1"]));
    assert_eq!(readings(&err), (files, files * (CASES - 1)));
    let (again, err) = ended(desk.verify("again", &[]));
    assert_eq!(readings(&err), (0, files * CASES));
    assert_eq!(out.replace("plain", "again"), again);

    let place = desk.at("s.db");
    let store = ["--jobs", "1", "--store", place.to_str().unwrap()];
    let (_, err) = ended(desk.verify("stored", &store));
    assert_eq!(readings(&err), (files, files * (CASES - 1)));
    let (found, err) = ended(desk.verify("found", &store));
    assert_eq!(readings(&err), (0, 0), "the runs themselves are found");
    assert_eq!(out.replace("plain", "found"), found);

    // One file more in one case is all that is read.
    fs::write(desk.at("cases/3/attachments/more.csv"), "name,amount\nA,1.00\n").unwrap();
    let (_, err) = ended(desk.verify("more", &[&store[..], &["--verbose"]].concat()));
    assert_eq!(readings(&err), (1, files));
    let read: Vec<&str> = err.lines().filter(|line| line.starts_with("read ")).collect();
    assert_eq!(read, ["read 3 · attachments/more.csv: 1 pages or sheets"]);

    for folder in ["first", "again", "stored", "found"] {
        same(&desk.at("plain"), &desk.at(folder));
    }
}

#[test]
fn a_cache_that_cannot_be_is_done_without() {
    let desk = Desk::new();
    fs::write(desk.at("cache"), "no folder").unwrap();
    let (_, err) = ended(desk.verify("out", &[]));
    assert!(err.contains("hint: readings are not kept"), "{err}");
    assert!(desk.at("out/6/report.json").is_file());
}

#[test]
fn a_cache_holds_no_more_than_it_may() {
    let folder = tempfile::tempdir().unwrap();
    let cache = Cache::open(folder.path(), 1600).unwrap();
    for number in 0..100 {
        cache.keep_reading(&format!("{number:04}"), &[7; 100]).unwrap();
    }
    let kept = contents(folder.path());
    let bytes: usize = kept.values().map(Vec::len).sum();
    assert!((1500..=1700).contains(&bytes), "{bytes}");
    assert_eq!(cache.reading("0000").unwrap(), None);
    assert_eq!(cache.reading("0099").unwrap(), Some(vec![7; 100]));
    fs::remove_dir_all(folder.path()).unwrap();
    assert_eq!(cache.reading("0099").unwrap(), None, "it is safe to delete");
    cache.keep_reading("0099", b"again").unwrap();
    assert_eq!(cache.reading("0099").unwrap().as_deref(), Some(b"again".as_slice()));
}

#[test]
fn what_several_applications_use_is_said_in_each() {
    let desk = Desk::new();
    let place = desk.at("store.db");
    let store = ["--store", place.to_str().unwrap()];
    ended(desk.verify("alone", &store));
    assert_eq!(desk.used_elsewhere("alone/1"), [""; 0], "one application, handed in six times");
    desk.is_another(6, "ANOTHER-6");
    let own = |place: &String| place.starts_with("ANOTHER-6 · ");
    for (out, more) in [("plain", &["--no-cache"][..]), ("stored", &store), ("found", &store)] {
        ended(desk.verify(out, more));
        for case in 1..CASES {
            let places = desk.used_elsewhere(&format!("{out}/{case}"));
            assert!(!places.is_empty() && places.iter().all(own), "{out}/{case}: {places:?}");
        }
        let places = desk.used_elsewhere(&format!("{out}/6"));
        assert!(!places.is_empty() && !places.iter().any(own), "{out}/6: {places:?}");
    }
    same(&desk.at("plain"), &desk.at("stored"));
    same(&desk.at("plain"), &desk.at("found"));
    // What comes later is held against what the store knows.
    for case in 2..=CASES {
        fs::remove_dir_all(desk.at(&format!("cases/{case}"))).unwrap();
    }
    ended(desk.verify("later", &store));
    assert_eq!(desk.used_elsewhere("later/1"), desk.used_elsewhere("plain/1"));
    ended(desk.verify("nothing known", &["--no-cache"]));
    assert_eq!(desk.used_elsewhere("nothing known/1"), [""; 0]);
}

/// `HEYAN_KILLS` says how often; the moments are the same in every run.
#[test]
fn a_batch_that_is_killed_goes_on_where_it_was() {
    let kills: u64 = env::var("HEYAN_KILLS").map_or(3, |kills| kills.parse().expect("a number"));
    let desk = Desk::new();
    desk.is_another(6, "ANOTHER-6");
    let begun = Instant::now();
    ended(desk.verify("undisturbed", &["--no-cache"]));
    let whole = begun.elapsed();
    for place in places() {
        let mut store = vec!["--store", &place.store];
        store.extend(place.files.iter().flat_map(|files| ["--files", files]));
        let mut moment = 1_u64;
        for _ in 0..kills {
            let mut child = desk.verify(place.name, &store);
            moment = moment.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            thread::sleep(whole.mul_f64((moment >> 40) as f64 / (1 << 24) as f64));
            child.kill().unwrap();
            child.wait().unwrap();
        }
        ended(desk.verify(place.name, &store));
        same(&desk.at("undisturbed"), &desk.at(place.name));
        let [_, _, runs] = place.open().counts().unwrap();
        assert_eq!(runs, 12, "{}: each case alone and with the others, once", place.name);
        println!("{}: {kills} times killed, the reports are the same bytes", place.name);
    }
}

/// A script in a space of mounts of its own, in which `$1` is a small disk, `$2` the program and `$3` the
/// desk; `None` where this machine lets nobody mount.
fn on_a_small_disk(desk: &Desk, script: &str) -> Option<String> {
    let unshare = |script: &str, size: &str| {
        let mount = format!("mount -t tmpfs -o size={size} small \"$1\" || exit 77\n{script}");
        let disk = desk.at("disk");
        fs::create_dir_all(&disk).unwrap();
        let mut command = Command::new("unshare");
        command.args(["--user", "--map-root-user", "--mount", "sh", "-c", &mount, "sh"]);
        command.arg(disk).arg(env!("CARGO_BIN_EXE_heyan")).arg(desk.0.path());
        command.env("HEYAN_MODELS", "no-such-folder").env("OMP_THREAD_LIMIT", "1");
        command.output().ok().filter(|output| output.status.code() != Some(77))
    };
    if unshare("true", "1m").is_none_or(|output| !output.status.success()) {
        println!("skipped: nobody may mount here");
        return None;
    }
    let output = unshare(script, "2m").unwrap();
    let said = String::from_utf8([output.stdout, output.stderr].concat()).unwrap();
    assert!(output.status.success(), "{said}");
    Some(said)
}

/// What is verified with its store, or only the store's files, on the small disk.
const ON_DISK: &str = r#"
    verify() { "$2" verify "$3/cases" --today 2023-03-01 --store "$1/store.db" --out "$3/$4" >/dev/null 2>"$3/$4.err"; }
    files() { "$2" verify "$3/cases" --today 2023-03-01 --store "$3/own.db" --files "$1/files" --out "$3/$4" >/dev/null 2>"$3/$4.err"; }
"#;

#[test]
fn a_full_disk_is_said_and_the_store_goes_on_when_there_is_room() {
    let desk = Desk::new();
    let script = format!(
        r#"{ON_DISK}
        verify "$1" "$2" "$3" out; [ $? -eq 2 ] || {{ echo "not full: $(cat "$3/out.err")"; exit 1; }}
        cp "$3/out.err" "$3/full.err"; mount -o remount,size=500m "$1"
        verify "$1" "$2" "$3" out; [ $? -lt 2 ] || {{ cat "$3/out.err"; exit 1; }}"#
    );
    if on_a_small_disk(&desk, &script).is_none() {
        return;
    }
    let said = fs::read_to_string(desk.at("full.err")).unwrap();
    assert!(said.contains("error: the store's") && said.contains("hint: see whether the place"), "{said}");
    assert!(["full", "No space left"].iter().any(|why| said.contains(why)), "{said}");
    ended(desk.verify("undisturbed", &["--no-cache"]));
    same(&desk.at("undisturbed"), &desk.at("out"));
}

#[test]
fn a_folder_that_cannot_be_written_is_said_and_the_store_is_whole() {
    let desk = Desk::new();
    let script = format!(
        r#"{ON_DISK}
        mount -o remount,size=500m "$1"
        verify "$1" "$2" "$3" first; [ $? -lt 2 ] || {{ cat "$3/first.err"; exit 1; }}
        mkdir "$1/files"
        cp "$3/cases/2/declaration.json" "$3/cases/1/declaration.json"; echo >> "$3/cases/1/declaration.json"
        mount -o remount,ro "$1"
        verify "$1" "$2" "$3" second; [ $? -eq 2 ] || {{ echo "written: $(cat "$3/second.err")"; exit 1; }}
        files "$1" "$2" "$3" files; [ $? -eq 2 ] || {{ echo "written: $(cat "$3/files.err")"; exit 1; }}
        mount -o remount,rw "$1"
        verify "$1" "$2" "$3" third; [ $? -lt 2 ] || {{ cat "$3/third.err"; exit 1; }}"#
    );
    if on_a_small_disk(&desk, &script).is_none() {
        return;
    }
    let said = fs::read_to_string(desk.at("second.err")).unwrap();
    assert!(said.contains("store.db cannot be opened") && said.contains("can be written"), "{said}");
    let said = fs::read_to_string(desk.at("files.err")).unwrap();
    assert!(
        said.contains("error: the store's files could not be written") && said.contains("hint: see"),
        "{said}"
    );
    assert_eq!(readings(&fs::read_to_string(desk.at("third.err")).unwrap()).0, 0);
    ended(desk.verify("undisturbed", &["--no-cache"]));
    same(&desk.at("undisturbed"), &desk.at("third"));
}

#[test]
fn what_changed_while_a_batch_was_stopped_is_seen() {
    let desk = Desk::new();
    let place = desk.at("store.db");
    let store = ["--jobs", "1", "--store", place.to_str().unwrap()];
    let mut child = desk.verify("out", &store);
    let until = Instant::now() + Duration::from_secs(60);
    while !desk.at("out/2/report.html").is_file() {
        assert!(Instant::now() < until, "the second case takes too long");
        thread::sleep(Duration::from_millis(2));
    }
    child.kill().unwrap();
    child.wait().unwrap();
    let declared = desk.at("cases/1/declaration.json");
    let text = fs::read_to_string(&declared).unwrap();
    fs::write(&declared, text.replace("\"name\": \"南京", "\"name\": \"镇江")).unwrap();
    let (_, err) = ended(desk.verify("out", &store));
    assert_eq!(readings(&err).0, 0, "what was read before it was killed is not read again");
    ended(desk.verify("undisturbed", &["--no-cache"]));
    same(&desk.at("undisturbed"), &desk.at("out"));
}
