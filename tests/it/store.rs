//! The store: what it keeps, and that work in it is done once.

use std::{
    iter,
    path::Path,
    slice::from_ref,
    sync::{
        Mutex,
        atomic::{AtomicUsize, Ordering},
    },
    thread,
    time::Duration,
};

use heyan::{
    check::{self, Facts, compare},
    jobs::{self, Ended, Local, Queue, Stored},
    model::{
        document::{DocumentId, Format},
        fact::{Method, Record},
        paper::{Content, Paper},
        reuse::Use,
    },
    read,
    rulebook::{embedded, load},
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

/// Stores are out there that were made with these: another text, even another comment, and they do not
/// open any more.
#[test]
fn a_published_step_of_the_schema_stays_as_it_is() {
    let steps: [(&[u8], &str); 3] = [
        (
            include_bytes!("../../src/store/schema/0001_first.sql"),
            "4ff0588550dc0827ccfc2ffb4e5a5770d92804a25cbd2be89c4ae16b2ab4042a",
        ),
        (
            include_bytes!("../../src/store/schema/0002_across.sql"),
            "88c4b225782ba5c40f655193a50bd217f95a43700aa3ce1060da390221d3884a",
        ),
        (
            include_bytes!("../../src/store/schema/0003_handed_in.sql"),
            "27063d0d33e26497b2c2cfe57b7c0d859305a698dbc0e1653482c383ae35ef1b",
        ),
    ];
    for (step, hash) in steps {
        assert_eq!(read::id(step).0, hash);
    }
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
        let index = |keys: &[&str], application: &str, uscc: Option<&str>| {
            let itself = Use { key: String::new(), file: None, page: None, ..used("", application, uscc) };
            let uses: Vec<Use> =
                [itself].into_iter().chain(keys.iter().map(|key| used(key, application, uscc))).collect();
            store.index(&uses).unwrap();
            store.index(&uses).unwrap();
        };
        let of = |keys: &[&str]| store.uses(keys).unwrap();
        index(&["invoice\t17", "invoice\t18"], "a", Some("X"));
        index(&["invoice\t17"], "a", Some("Z"));
        index(&["invoice\t17", "invoice\t19"], "b", Some("Y"));
        let expected = [
            used("invoice\t17", "a", Some("X")),
            used("invoice\t17", "a", Some("Z")),
            used("invoice\t17", "b", Some("Y")),
        ];
        assert_eq!(of(&["invoice\t17", "invoice\t99"]), expected, "two firms call their applications alike");
        index(&["invoice\t20"], "a", Some("X"));
        assert_eq!(of(&["invoice\t18"]), [], "it is no longer part of the application");
        assert_eq!(of(&["invoice\t19", "invoice\t20"]).len(), 2);
        index(&[], "b", None);
        assert_eq!(of(&["invoice\t19"]), [], "who applies is no longer known, and nobody else is");
        assert_eq!(of(&[]), []);
        assert_eq!(of(&[""]), [], "nothing is looked for by an application itself");
        let many: Vec<String> = (0..1200).map(|number| format!("invoice\t{number}")).collect();
        let many: Vec<&str> = many.iter().map(String::as_str).collect();
        assert_eq!(of(&many).len(), 2);
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
fn a_document_may_hold_any_character_and_any_number_of_them() {
    // What a database's index takes has a bound, of what cannot be packed.
    let mut state = 1_u64;
    let mut digit = || {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
        char::from_digit((state >> 59) as u32, 32).unwrap()
    };
    let long: String = (0..20_000).map(|_| digit()).collect();
    each(|_, store| {
        for odd in ["a\0b\u{feff}𠮷'\"\\", &long] {
            let odd = odd.to_owned();
            let fact = FactRow {
                value: Some(odd.clone()),
                field: odd.clone(),
                file: Some(odd.clone()),
                ..FactRow::default()
            };
            let run = Run {
                key: read::id(odd.as_bytes()).0,
                application: odd.clone(),
                name: odd.clone(),
                applicant_name: Some(odd.clone()),
                summary: odd.clone(),
                documents: vec![(odd.clone(), "cd34".into())],
                facts: vec![fact],
                findings: vec![FindingRow { declared: Some(odd.clone()), ..FindingRow::default() }],
                ..Run::default()
            };
            assert!(store.record(&run, Vec::new(), 1).unwrap());
            let decision = Decision { id: odd.clone(), application: odd.clone(), ..Decision::default() };
            assert!(store.decide(&decision, 1).unwrap());
            assert_eq!(store.decisions(&odd).unwrap().len(), 1);
            assert_eq!(store.run(&run.key).unwrap().unwrap().0, odd.replace('\0', "\u{fffd}"));
        }
    });
}

/// Two declarations and what of them is found in the other.
#[test]
fn what_is_typed_makes_nobody_another() {
    let pack = load("jiangsu-2023", &embedded("jiangsu-2023").unwrap()).unwrap();
    let uses = |case_id: &str, name: &str, uscc: &str, category: &str| {
        let [case_id, name, uscc, of] =
            [case_id, name, uscc, category].map(|text| toml::Value::String(text.to_owned()).to_string());
        let text =
            format!("case_id = {case_id}\napplicant = {{ name = {name}, uscc = {uscc} }}\ncategory = {of}");
        let declaration = check::record(&text.parse().unwrap(), Method::Declared, &mut 0);
        let mut receipt = Paper {
            file: "attachments/a\0.pdf".into(),
            document: DocumentId("ab".into()),
            format: Format::Pdf,
            pages: (1, 1),
            document_type: "bank_receipt".into(),
            type_confidence: 1.0,
            record: Record::default(),
            problems: Vec::new(),
            assumed_dpi: false,
            content: Content::default(),
        };
        receipt.record = check::record(&"receipt_number = \"17\"".parse().unwrap(), Method::Located, &mut 0);
        let facts = Facts {
            declaration: &declaration,
            papers: &[receipt],
            today: chrono::NaiveDate::default(),
            category: Some(category),
            elsewhere: &[],
            not_understood: &[],
        };
        check::uses(&facts, &pack, "a folder")
    };
    let long = "长".repeat(20_000);
    let own = uses("A-1", "江苏澄岳科技有限公司", "91320100MA1ABC1235", "platform");
    // Each with whether it is another application than the first.
    let others = [
        (uses("A-1", "江苏澄岳科技有限公司", "91320100MA1ABC1235", "star_cloud"), false),
        (uses("A-1", "江苏澄岳科技有限公司", "91320100MA1ABC1230", "platform"), false),
        (uses("A-1", "江苏澄丘科技有限公司", "91320100ma1abc1235", "platform"), false),
        (uses("A-1", "", "", "platform"), false),
        (uses("A-1", "无锡远图装备有限公司", "91320200MA1DEF2344", "platform"), true),
        (uses("A-2", "江苏澄岳科技有限公司", "91320100MA1ABC1235", "platform"), true),
        (uses(" ", "江苏澄岳科技有限公司", "91320100MA1ABC1235", "platform"), true),
        (uses(&long, &long, &long, &long), true),
        (uses("\0", "\0", "\0", "\0"), true),
    ];
    for place in places() {
        let store = place.open();
        for (other, is_another) in &others {
            let found = compare(&[own.clone(), other.clone()], &[]);
            assert_eq!(
                found.iter().map(|found| !found.is_empty()).collect::<Vec<_>>(),
                [*is_another; 2],
                "{other:?}"
            );
            // It is the same when it comes back from the store, and nobody is another than oneself.
            store.index(other).unwrap();
            let keys: Vec<&str> = other.iter().map(|one| one.key.as_str()).collect();
            let mut known = store.uses(&keys).unwrap();
            known.retain(|one| one.is_of_one_application(&other[0]));
            assert_eq!(known.len(), other.len() - 1, "{}: {other:?}", place.name);
            assert_eq!(compare(from_ref(other), &known), [[]]);
            assert_eq!(!compare(from_ref(&own), &known)[0].is_empty(), *is_another);
        }
    }
    let folders = [uses("", "甲", "", "platform"), uses("", "甲", "", "star_cloud")];
    assert!(!compare(&folders, &[])[0].is_empty(), "folders of one name with two applications of a firm");
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
fn what_may_kill_its_worker_waits_for_the_others_and_is_alone() {
    let place = Place::sqlite();
    let store = place.open();
    let died = || store.lease("b", "one that died", 0, 0).unwrap().unwrap();
    for key in ["1", "2"] {
        store.push("b", key, "").unwrap();
    }
    // Two were at work when their worker died, twice over; the third nobody had.
    let had: Vec<String> = (0..4).map(|_| died().key).collect();
    assert_eq!(had, ["1", "2", "1", "2"]);
    store.push("b", "3", "").unwrap();
    let third = died();
    assert_eq!((third.key.as_str(), third.delivered), ("3", 1));
    let local = Local::new(["1", "2", "3"].map(|key| (key.to_owned(), String::new())));
    for queue in [&local as &dyn Queue, &Stored { store: &store, batch: "b" }] {
        let at_work = AtomicUsize::new(0);
        jobs::work(queue, 3, &|lease, _| {
            let others = at_work.fetch_add(1, Ordering::SeqCst);
            thread::sleep(Duration::from_millis(30));
            let alone = others == 0 && at_work.load(Ordering::SeqCst) == 1;
            at_work.fetch_sub(1, Ordering::SeqCst);
            assert!(lease.delivered <= 2 || alone, "{lease:?} is not alone");
            if lease.key == "1" && lease.delivered < 4 { Ended::Failed("again".into()) } else { Ended::Done }
        })
        .unwrap();
        assert!(queue.jobs().unwrap().iter().all(|job| job.state == State::Done));
    }
}

#[test]
fn who_waits_to_be_alone_is_not_charged_with_waiting() {
    let place = Place::sqlite();
    let store = place.open();
    let died = || store.lease("b", "one that died", 0, 0).unwrap().unwrap();
    store.push("b", "alone", "").unwrap();
    died();
    died();
    store.push("b", "long", "").unwrap();
    jobs::work(&Stored { store: &store, batch: "b" }, 2, &|lease, _| {
        if lease.key == "long" {
            thread::sleep(Duration::from_millis(400));
            let next = || store.lease("b", "one that died", 0, 0).unwrap();
            let third = iter::repeat_with(next).flatten().next().unwrap();
            assert_eq!(third.delivered, 3, "had it waited with a lease, it would be later");
            store.take_back("b", "one that died").unwrap();
        } else {
            assert_eq!(lease.delivered, 4);
        }
        Ended::Done
    })
    .unwrap();
    assert!(store.jobs("b").unwrap().iter().all(|job| job.state == State::Done));
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
