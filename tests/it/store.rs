//! The store: what it keeps, and that work in it is done once.

use std::sync::Mutex;

use heyan::{
    jobs::{self, Ended, Local, Queue, Stored},
    store::{Reading, Run, RunReport, State, Store},
};

/// A store of its own, gone with the folder.
fn store() -> (tempfile::TempDir, Store) {
    let folder = tempfile::tempdir().unwrap();
    let store = Store::open(folder.path().join("a store.db").to_str().unwrap(), None).unwrap();
    (folder, store)
}

#[test]
fn what_was_kept_is_there_when_the_store_is_opened_again() {
    let (folder, store) = store();
    let reading = Reading { key: "ab12".into(), sha256: "cd34".into(), made_with: "engines".into() };
    assert_eq!(store.reading("ab12").unwrap(), None);
    store.keep_reading(&reading, b"first", 1).unwrap();
    store.keep_reading(&reading, b"second", 2).unwrap();
    store.keep_document("cd34", "pdf", b"bytes", 1).unwrap();
    let run = Run {
        key: "run".into(),
        application: "a".into(),
        summary: "{}".into(),
        documents: vec![("attachments/a.pdf".into(), "cd34".into())],
        reports: vec![RunReport { name: "report.json".into(), sha256: "ef56".into() }],
        ..Run::default()
    };
    assert!(store.record(&run, vec![b"[]".to_vec()], 3).unwrap());
    assert!(!store.record(&run, vec![b"[]".to_vec()], 4).unwrap(), "once");
    drop(store);
    let store = Store::open(folder.path().join("a store.db").to_str().unwrap(), None).unwrap();
    assert_eq!(store.reading("ab12").unwrap().as_deref(), Some(b"second".as_slice()));
    assert_eq!(store.document("cd34").unwrap().as_deref(), Some(b"bytes".as_slice()));
    assert_eq!(store.run("run").unwrap(), Some(("{}".into(), run.reports)));
    assert_eq!(store.report("ef56").unwrap().as_deref(), Some(b"[]".as_slice()));
    assert_eq!(store.counts().unwrap(), [1, 1, 1]);
}

#[test]
fn a_store_that_cannot_be_says_why() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("file");
    std::fs::write(&file, "not a database, but a text that is long enough to be looked at").unwrap();
    let below = file.join("store.db");
    for (place, files, expected) in [
        ("", None, "is no store"),
        ("mysql://a/b", None, "is no store"),
        ("postgres://user:secret@localhost:1/heyan", None, "no place was named"),
        (
            "postgres://user:secret@localhost:1/heyan",
            folder.path().to_str(),
            "postgres://user@localhost:1/heyan cannot",
        ),
        (file.to_str().unwrap(), None, "not a database"),
        (below.to_str().unwrap(), None, "cannot be opened"),
        ("/proc/store.db", None, "cannot be opened"),
    ] {
        let error = Store::open(place, files).unwrap_err().to_string();
        assert!(error.contains(expected) && !error.contains("secret"), "{place}: {error}");
    }
}

#[test]
fn a_job_is_one_workers_at_a_time() {
    let (_folder, store) = store();
    assert_eq!(store.begin("b", "2023-03-01", 0).unwrap(), "2023-03-01");
    assert_eq!(store.begin("b", "2023-03-02", 0).unwrap(), "2023-03-01", "the day it was begun");
    assert!(store.push("b", "1", "one").unwrap() && store.push("b", "2", "two").unwrap());
    assert!(!store.push("b", "1", "again").unwrap());
    let first = store.lease("b", "anna", 10, 20).unwrap().unwrap();
    let second = store.lease("b", "bert", 10, 20).unwrap().unwrap();
    assert_eq!((first.body.as_str(), second.body.as_str(), first.delivered), ("one", "two", 1));
    assert_eq!(store.lease("b", "carl", 19, 30).unwrap(), None);
    assert!(store.beat(&first, 90, false).unwrap());
    // What nobody spoke for goes to another, and whoever had it changes nothing any more.
    let taken = store.lease("b", "carl", 20, 30).unwrap().unwrap();
    assert_eq!((taken.key.as_str(), taken.delivered), ("2", 2));
    assert!(!store.beat(&second, 40, false).unwrap() && !store.end(&second, State::Done, 0, "mine").unwrap());
    assert!(store.beat(&taken, 40, true).unwrap() && store.end(&taken, State::Waiting, 50, "later").unwrap());
    assert_eq!(store.lease("b", "carl", 49, 60).unwrap(), None);
    let retried = store.lease("b", "carl", 50, 60).unwrap().unwrap();
    assert_eq!(retried.delivered, 2, "counted since it got further");
    assert!(store.give_back(&retried).unwrap() && !store.give_back(&retried).unwrap());
    let retried = store.lease("b", "carl", 50, 60).unwrap().unwrap();
    assert_eq!(retried.delivered, 2, "what was given back was not handed out");
    assert!(store.end(&retried, State::Done, 0, "result").unwrap());
    store.take_back("b", "anna").unwrap();
    assert!(!store.end(&first, State::Done, 0, "late").unwrap());
    let states: Vec<_> = store.jobs("b").unwrap().into_iter().map(|job| (job.state, job.said)).collect();
    assert_eq!(states, [(State::Waiting, String::new()), (State::Done, "result".into())]);
    store.finish("b").unwrap();
    assert!(store.jobs("b").unwrap().is_empty());
}

/// Works on ten jobs of which one always fails, one is broken and one fails once.
fn worked(queue: &dyn Queue) {
    let tried: Mutex<Vec<String>> = Mutex::default();
    jobs::work(queue, 3, &|lease, _| {
        let mut tried = tried.lock().unwrap();
        let before = tried.iter().filter(|key| **key == lease.key).count();
        tried.push(lease.key.clone());
        drop(tried);
        match (lease.key.as_str(), before) {
            ("3", _) => panic!("cannot be"),
            ("5", _) => Ended::Broken("no such case".into()),
            ("7", 0) => Ended::Failed("a moment".into()),
            _ => Ended::Done,
        }
    })
    .unwrap();
    let jobs = queue.jobs().unwrap();
    let expected: Vec<(State, String)> = (0..10)
        .map(|at| match at {
            3 => (State::Dead, "the program failed: cannot be".into()),
            5 => (State::Dead, "no such case".into()),
            _ => (State::Done, String::new()),
        })
        .collect();
    assert_eq!(jobs.into_iter().map(|job| (job.state, job.said)).collect::<Vec<_>>(), expected);
    let tried = tried.into_inner().unwrap();
    let times = |key: &str| tried.iter().filter(|one| *one == key).count();
    assert_eq!(["0", "3", "5", "7", "9"].map(times), [1, 5, 1, 2, 1]);
}

#[test]
fn every_job_is_done_or_given_up_with_its_reason() {
    let jobs = || (0..10).map(|at| (at.to_string(), format!("body {at}")));
    worked(&Local::new(jobs()));
    let (_folder, store) = store();
    for (key, body) in jobs() {
        store.push("b", &key, &body).unwrap();
    }
    worked(&Stored { store: &store, batch: "b" });
}

#[test]
fn who_can_do_nothing_counts_nothing_against_a_job() {
    let (_folder, store) = store();
    store.push("b", "1", "waits").unwrap();
    let local = Local::new([("1".to_owned(), "waits".to_owned())]);
    for queue in [&local as &dyn Queue, &Stored { store: &store, batch: "b" }] {
        for _ in 0..10 {
            jobs::work(queue, 1, &|_, _| Ended::Stop).unwrap();
        }
        jobs::work(queue, 1, &|_, _| Ended::Done).unwrap();
        assert_eq!(queue.jobs().unwrap()[0].state, State::Done);
    }
}

#[test]
fn what_a_dead_worker_had_is_given_up_after_some_times() {
    let (_folder, store) = store();
    store.push("b", "1", "kills").unwrap();
    for _ in 0..5 {
        store.lease("b", "one that died", 0, 0).unwrap().unwrap();
    }
    jobs::work(&Stored { store: &store, batch: "b" }, 1, &|_, _| unreachable!("not a sixth time")).unwrap();
    let job = &store.jobs("b").unwrap()[0];
    assert_eq!(job.state, State::Dead);
    assert!(job.said.contains("5 times"), "{}", job.said);
}
