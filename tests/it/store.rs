//! The store: what it keeps, and that work in it is done once.

use std::{path::Path, sync::Mutex};

use heyan::{
    jobs::{self, Ended, Local, Queue, Stored},
    model::reuse::Use,
    store::{Decision, FactRow, FindingRow, Reading, Run, RunReport, State, Store},
};

use crate::servers::{Place, places, servers};

/// What holds of a store of any kind holds of each.
fn each(holds: impl Fn(&Place, Store)) {
    for place in places() {
        println!("{}", place.name);
        holds(&place, place.open());
    }
}

#[test]
fn what_was_kept_is_there_when_the_store_is_opened_again() {
    each(|place, store| {
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
        let store = place.open();
        assert_eq!(store.reading("ab12").unwrap().as_deref(), Some(b"second".as_slice()));
        assert_eq!(store.document("cd34").unwrap().as_deref(), Some(b"bytes".as_slice()));
        assert_eq!(store.run("run").unwrap(), Some(("{}".into(), run.reports)));
        assert_eq!(store.report("ef56").unwrap().as_deref(), Some(b"[]".as_slice()));
        assert_eq!(store.counts().unwrap(), [1, 1, 1]);
    });
}

fn used(key: &str, application: &str, uscc: Option<&str>) -> Use {
    Use {
        key: key.into(),
        call: "a-call".into(),
        application: application.into(),
        applicant_uscc: uscc.map(str::to_owned),
        file: Some("attachments/a.pdf".into()),
        page: Some(3),
        facts: [("gross".to_owned(), "113000.00".to_owned())].into(),
        ..Use::default()
    }
}

#[test]
fn the_index_holds_what_each_application_used_last() {
    each(|_, store| {
        let run = |key: &str, application: &str, uses: Vec<Use>| {
            let run = Run { key: key.into(), application: application.into(), uses, ..Run::default() };
            assert!(store.record(&run, Vec::new(), 1).unwrap());
        };
        run("1", "a", vec![used("invoice\t17", "a", Some("X")), used("invoice\t18", "a", Some("X"))]);
        run("2", "a", vec![used("invoice\t17", "a", None)]);
        run("3", "b", vec![used("invoice\t17", "b", Some("Y")), used("invoice\t19", "b", Some("Y"))]);
        let of = |keys: &[&str]| store.uses(keys).unwrap();
        let expected = [
            used("invoice\t17", "a", None),
            used("invoice\t17", "a", Some("X")),
            used("invoice\t17", "b", Some("Y")),
        ];
        assert_eq!(of(&["invoice\t17", "invoice\t99"]), expected, "firms that call their applications alike");
        assert_eq!(of(&["invoice\t18"]).len(), 1);
        run("4", "a", vec![used("invoice\t20", "a", Some("X"))]);
        assert_eq!(of(&["invoice\t18"]), [], "it is no longer part of the application");
        assert_eq!(of(&["invoice\t19", "invoice\t20"]).len(), 2);
        assert_eq!(of(&[]), []);
        let many: Vec<String> = (0..1200).map(|number| format!("invoice\t{number}")).collect();
        let many: Vec<&str> = many.iter().map(String::as_str).collect();
        assert_eq!(of(&many).len(), 4);
    });
}

#[test]
fn decisions_stay_as_they_were_made() {
    each(|_, store| {
        let first = Decision {
            id: "1".into(),
            application: "a".into(),
            outcome: "pass".into(),
            ..Decision::default()
        };
        let second =
            Decision { id: "0".into(), rule: "r".into(), reason: "checked by hand".into(), ..first.clone() };
        assert!(store.decide(&first, 1).unwrap() && store.decide(&second, 2).unwrap());
        assert!(!store.decide(&Decision { outcome: "fail".into(), ..first.clone() }, 3).unwrap());
        assert_eq!(store.decisions("a").unwrap(), [first, second]);
        assert_eq!(store.decisions("b").unwrap(), []);
    });
}

#[test]
fn a_document_may_hold_any_character() {
    each(|_, store| {
        let odd = "a\0b\u{feff}𠮷'\"\\".to_owned();
        let fact = FactRow {
            value: Some(odd.clone()),
            field: odd.clone(),
            file: Some(odd.clone()),
            ..FactRow::default()
        };
        let finding = FindingRow { declared: Some(odd.clone()), ..FindingRow::default() };
        let run = Run {
            key: "run".into(),
            application: odd.clone(),
            name: odd.clone(),
            applicant_name: Some(odd.clone()),
            summary: odd.clone(),
            documents: vec![(odd.clone(), "cd34".into())],
            facts: vec![fact],
            findings: vec![finding],
            uses: vec![used(&odd, &odd, Some(&odd))],
            ..Run::default()
        };
        assert!(store.record(&run, Vec::new(), 1).unwrap());
        let kept = odd.replace('\0', "\u{fffd}");
        assert_eq!(store.run("run").unwrap().unwrap().0, kept);
        assert_eq!(store.uses(&[&odd]).unwrap()[0].application, kept);
    });
}

#[test]
fn a_database_is_reached_through_tls() {
    let servers = servers();
    let Some(postgres) = &servers.postgres else { return };
    let (folder, files) = (postgres.folder.path(), tempfile::tempdir().unwrap());
    let files = files.path().to_str();
    let place = |more: &str| format!("postgres://heyan@localhost:{}/postgres?{more}", postgres.port());
    let certificate = folder.join("data/server.crt");
    let known = files.map(|files| Path::new(files).join("root.crt")).unwrap();
    std::fs::copy(certificate, &known).unwrap();
    let verified = place(&format!("sslmode=verify-full&sslrootcert={}", known.display()));
    assert_eq!(Store::open(&verified, files).unwrap().counts().unwrap(), [0; 3]);
    assert!(
        Store::open(&place("sslmode=verify-full"), files).unwrap_err().to_string().contains("ertificate")
    );
    assert!(
        Store::open(&place("sslmode=disable"), files).is_err(),
        "the server takes nobody who does not encrypt"
    );
}

#[test]
fn a_store_that_cannot_be_says_why() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("file");
    std::fs::write(&file, "not a database, but a text that is long enough to be looked at").unwrap();
    let below = file.join("store.db");
    for (place, files, expected) in [
        ("", None, "is no store"),
        (
            folder.path().join("store.db").to_str().unwrap(),
            Some("ftp://a/b?password=secret"),
            "`ftp://a/b` is no place for files",
        ),
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
    each(|_, store| {
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
        assert!(
            !store.beat(&second, 40, false).unwrap() && !store.end(&second, State::Done, 0, "mine").unwrap()
        );
        assert!(
            store.beat(&taken, 40, true).unwrap() && store.end(&taken, State::Waiting, 50, "later").unwrap()
        );
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
    });
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
    each(|_, store| {
        for (key, body) in jobs() {
            store.push("b", &key, &body).unwrap();
        }
        worked(&Stored { store: &store, batch: "b" });
    });
}

#[test]
fn who_can_do_nothing_counts_nothing_against_a_job() {
    let place = Place::sqlite();
    let store = place.open();
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
    each(|_, store| {
        store.push("b", "1", "kills").unwrap();
        for _ in 0..5 {
            store.lease("b", "one that died", 0, 0).unwrap().unwrap();
        }
        jobs::work(&Stored { store: &store, batch: "b" }, 1, &|_, _| unreachable!("not a sixth time"))
            .unwrap();
        let job = &store.jobs("b").unwrap()[0];
        assert_eq!(job.state, State::Dead);
        assert!(job.said.contains("5 times"), "{}", job.said);
    });
}
