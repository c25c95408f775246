//! The shipped cases, from bytes to outcome: exactly what was planted is found, and nothing else.

use std::{collections::BTreeSet, fs, path::Path, process::Command};

use serde_json::Value as Json;

/// Whether the recogniser is set up; under CI it has to be.
pub(crate) fn models() -> bool {
    let folder = std::env::var("HEYAN_MODELS").unwrap_or_else(|_| {
        format!("{}/.local/share/heyan/models", std::env::var("HOME").unwrap_or_default())
    });
    let there = Path::new(&folder).join("PP-OCRv6_rec_small.onnx").is_file();
    assert!(
        there || std::env::var_os("CI").is_none(),
        "the recogniser's models are missing; run `make setup`"
    );
    there
}

fn heyan(arguments: &[&str]) -> std::process::Output {
    Command::new(env!("CARGO_BIN_EXE_heyan"))
        .args(arguments)
        .env("OMP_THREAD_LIMIT", "1")
        .env_remove("XDG_DATA_HOME")
        .output()
        .unwrap()
}

fn json(path: &Path) -> Json {
    serde_json::from_slice(&fs::read(path).unwrap()).unwrap()
}

fn pairs(list: &Json) -> BTreeSet<(String, String)> {
    list.as_array()
        .unwrap()
        .iter()
        .map(|f| (f["code"].as_str().unwrap().to_owned(), f["outcome"].as_str().unwrap().to_owned()))
        .filter(|(_, outcome)| outcome != "pass" && outcome != "not_applicable")
        .collect()
}

#[test]
fn the_shipped_cases_show_what_was_planted() {
    if !models() {
        println!("skipped: the recogniser's models are not set up");
        return;
    }
    let cases = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/cases");
    let out = tempfile::tempdir().unwrap();
    let run = |case: &Path, jobs: &str, to: &Path| {
        heyan(&[
            "verify",
            case.to_str().unwrap(),
            "--out",
            to.to_str().unwrap(),
            "--today",
            "2023-03-01",
            "--jobs",
            jobs,
        ])
    };
    let mut names: Vec<_> = fs::read_dir(&cases).unwrap().map(|e| e.unwrap().path()).collect();
    names.sort();
    assert!(names.len() >= 5);
    for case in &names {
        let name = case.file_name().unwrap().to_str().unwrap();
        let truth = json(&case.join("truth.json"));
        let output = run(case, "2", out.path());
        let report = json(&out.path().join(name).join("report.json"));
        assert_eq!(pairs(&report["findings"]), pairs(&truth["planted"]), "{name}");
        assert_eq!(report["outcome"], truth["outcome"], "{name}");
        let clean = truth["outcome"] == "pass";
        assert_eq!(output.status.code(), Some(i32::from(!clean)), "{name}: exit code");
        for finding in report["findings"].as_array().unwrap() {
            for id in finding["evidence"].as_array().unwrap() {
                assert!(
                    report["evidence"].get(id.as_str().unwrap()).is_some(),
                    "{name}: {id} is cited and not there"
                );
            }
        }
    }
    // One thread or two, the report is the same to the byte.
    let again = tempfile::tempdir().unwrap();
    let case = cases.join("factory-planted");
    run(&case, "1", again.path());
    let bytes = |folder: &Path| fs::read(folder.join("factory-planted/report.json")).unwrap();
    assert!(bytes(again.path()) == bytes(out.path()), "the report differs with the number of jobs");
}
