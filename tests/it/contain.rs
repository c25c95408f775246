//! Reading apart: what comes back is what reading here would have given, and a bad file, a program
//! that is no heyan, or a machine without walls is said and harms nothing else.

use std::{
    fs,
    io::Write,
    path::{Path, PathBuf},
    process::Command,
    sync::Arc,
    time::Duration,
};

use heyan::{
    authenticate::Trust,
    contain::{Here, Opener, Pool},
    model::{document::Document, geometry::Turn, limits::Limits},
};

fn pool(limits: &Limits) -> Pool {
    Pool::start(PathBuf::from(env!("CARGO_BIN_EXE_heyan")), limits).unwrap()
}

/// Separated text with so many rows of four cells.
fn table(rows: usize) -> Arc<[u8]> {
    let mut text = "account,product,month,amount\n".to_owned();
    for row in 0..rows {
        text.push_str(&format!("10343958764138,server {row},2022-03,{row}.50\n"));
    }
    text.into_bytes().into()
}

fn zipped(entries: &[(&str, &[u8])]) -> Arc<[u8]> {
    let mut zip = zip::ZipWriter::new(std::io::Cursor::new(Vec::new()));
    for (name, bytes) in entries {
        zip.start_file(*name, zip::write::SimpleFileOptions::default()).unwrap();
        zip.write_all(bytes).unwrap();
    }
    zip.finish().unwrap().into_inner().into()
}

fn codes(document: &Document) -> Vec<&str> {
    document.problems.iter().map(|problem| problem.code).collect()
}

#[test]
fn what_a_bad_file_might_do_is_stopped() {
    let output = Command::new(env!("CARGO_BIN_EXE_heyan")).arg("containment").output().unwrap();
    let said = String::from_utf8(output.stdout).unwrap();
    let lines: Vec<&str> = said.lines().collect();
    let missing: Vec<&&str> = lines.iter().filter(|line| line.starts_with("not enforced")).collect();
    if missing.is_empty() {
        assert_eq!(output.status.code(), Some(0), "{said}");
        assert!(lines.iter().all(|line| line.starts_with("stopped ")), "{said}");
    } else {
        // An old kernel is a reason to say so, not to fail; the limits of memory and time are everywhere.
        eprintln!("contain: this machine cannot show all of it: {missing:?}");
        assert_eq!(output.status.code(), Some(1), "{said}");
    }
    for (what, how) in [("take more memory", "more memory than allowed"), ("without an end", "longer than")] {
        let line = lines.iter().find(|line| line.contains(what)).unwrap();
        assert!(line.starts_with("stopped") && line.contains(how), "{line}");
    }
    assert!(lines.len() >= 9, "{said}");
}

#[test]
fn read_apart_is_read_the_same() {
    let limits = Limits::default();
    let pool = pool(&limits);
    let mut read = 0;
    for path in fixtures() {
        let bytes: Arc<[u8]> = fs::read(&path).unwrap().into();
        let name = path.file_name().unwrap().to_str().unwrap();
        let here = Here.read(name, Arc::clone(&bytes), &limits, &Trust::default());
        let apart = pool.read(name, bytes, &limits, &Trust::default());
        assert_eq!(format!("{here:?}"), format!("{apart:?}"), "{}", path.display());
        for document in std::iter::once(&here).chain(&here.parts) {
            let Some(page) = document.pages.first() else { continue };
            let drawn = |opener: &dyn Opener| opener.draw(document, page.number, page.turn, 40.0);
            assert_eq!(drawn(&Here), drawn(&pool), "{}", document.name);
        }
        read += 1;
    }
    assert!(read > 10, "only {read} fixtures were read");
}

/// Files of every folder that holds some, a few of each kind.
fn fixtures() -> Vec<PathBuf> {
    let mut files = Vec::new();
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures");
    for folder in ["formats", "cases/cloud-clean", "cases/platform-clean"] {
        crate::mutants::walk(&root.join(folder), &mut files);
    }
    files.retain(|path| fs::metadata(path).is_ok_and(|kind| kind.len() < 1 << 20));
    files
}

#[test]
fn a_file_that_takes_too_much_memory_costs_itself_alone() {
    let pool = pool(&Limits { memory_bytes: 48 << 20, ..Limits::default() });
    let limits = Limits::default();
    let document = pool.read("large.csv", table(300_000), &limits, &Trust::default());
    assert_eq!(codes(&document), ["reader-out-of-memory"]);
    assert_eq!((document.name.as_str(), document.id.0.len()), ("large.csv", 64));
    assert!(document.sheets.is_empty());
    let document = pool.read("small.csv", table(10), &limits, &Trust::default());
    assert_eq!((codes(&document).len(), document.sheets.len()), (0, 1));
}

#[test]
fn a_file_that_takes_too_long_costs_itself_alone() {
    let limits = Limits::default();
    let pool = pool(&limits);
    let hurried = Limits { time: Duration::from_millis(20), ..Limits::default() };
    let document = pool.read("large.csv", table(300_000), &hurried, &Trust::default());
    assert_eq!(codes(&document), ["reader-timeout"]);
    let document = pool.read("small.csv", table(10), &limits, &Trust::default());
    assert_eq!((codes(&document).len(), document.sheets.len()), (0, 1));
}

#[test]
fn a_bad_file_in_an_archive_leaves_the_others() {
    let pool = pool(&Limits { memory_bytes: 64 << 20, ..Limits::default() });
    let inner = zipped(&[("deep.csv", &table(5)), ("deeper.csv", &table(300_000))]);
    let archive = zipped(&[
        ("good.csv", &table(10)),
        ("bad.csv", &table(300_000)),
        ("inner.zip", &inner),
        ("x/y.csv", &table(3)),
    ]);
    let document = pool.read("all.zip", archive, &Limits::default(), &Trust::default());
    assert_eq!((codes(&document).len(), document.format.name()), (0, "zip"));
    let parts: Vec<(&str, Vec<&str>, usize)> =
        document.parts.iter().map(|part| (part.name.as_str(), codes(part), part.sheets.len())).collect();
    assert_eq!(
        parts,
        [
            ("all.zip/good.csv", vec![], 1),
            ("all.zip/bad.csv", vec!["reader-out-of-memory"], 0),
            ("all.zip/inner.zip", vec![], 0),
            ("all.zip/x/y.csv", vec![], 1),
        ]
    );
    let inner = document.parts.iter().flat_map(|part| &part.parts);
    let inner: Vec<_> = inner.map(|part| (part.name.as_str(), codes(part))).collect();
    assert_eq!(
        inner,
        [
            ("all.zip/inner.zip/deep.csv", vec![]),
            ("all.zip/inner.zip/deeper.csv", vec!["reader-out-of-memory"])
        ]
    );
}

#[test]
fn a_bad_file_on_an_e_mail_leaves_the_others_and_what_it_says() {
    let pool = pool(&Limits { memory_bytes: 64 << 20, ..Limits::default() });
    let attached = |name: &str, rows: usize| {
        let table = String::from_utf8(table(rows).to_vec()).unwrap();
        format!(
            "--b\r\nContent-Type: text/csv; name={name}\r\nContent-Disposition: attachment; filename={name}\r\n\r\n{table}\r\n"
        )
    };
    let mail = format!(
        "From: a@example.com\r\nTo: b@example.com\r\nSubject: bills\r\nMIME-Version: 1.0\r\n\
         Content-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\nContent-Type: text/plain\r\n\r\nsee below\r\n{}{}--b--\r\n",
        attached("bad.csv", 300_000),
        attached("good.csv", 10)
    );
    let document = pool.read("bills.eml", mail.into_bytes().into(), &Limits::default(), &Trust::default());
    assert_eq!((codes(&document), document.format.name()), (vec![], "eml"));
    let said: Vec<&str> = document.payloads[0].nodes.iter().map(|node| node.text.as_str()).collect();
    assert!(said.contains(&"bills") && said.contains(&"see below"), "{said:?}");
    let parts: Vec<(&str, Vec<&str>, usize)> =
        document.parts.iter().map(|part| (part.name.as_str(), codes(part), part.sheets.len())).collect();
    assert_eq!(
        parts,
        [("bills.eml/bad.csv", vec!["reader-out-of-memory"], 0), ("bills.eml/good.csv", vec![], 1),]
    );
}

#[test]
fn a_page_that_cannot_be_drawn_in_its_bounds_is_refused() {
    let roomy = Limits::default();
    let narrow = pool(&Limits { memory_bytes: 24 << 20, ..Limits::default() });
    let path = fixtures().into_iter().find(|path| path.extension().is_some_and(|e| e == "pdf")).unwrap();
    let document = Here.read("page.pdf", fs::read(path).unwrap().into(), &roomy, &Trust::default());
    let error = narrow.draw(&document, 1, Turn::None, 700.0).unwrap_err();
    assert_eq!(error.to_string(), "page 1 cannot be drawn: it took more memory than allowed");
    assert!(narrow.draw(&document, 1, Turn::None, 20.0).is_ok(), "a smaller picture of it is drawn");
    assert_eq!(
        narrow.draw(&document, 900, Turn::None, 20.0).unwrap_err().to_string(),
        "there is no page 900"
    );
}

#[test]
fn another_program_is_not_believed() {
    for program in ["/bin/cat", "/bin/true", "/no/such/program"] {
        let error = Pool::start(PathBuf::from(program), &Limits::default()).map(drop).unwrap_err();
        let said = error.to_string();
        assert!(said.starts_with("the process that reads files apart does not start: "), "{program}: {said}");
    }
}

#[test]
fn what_another_program_says_in_place_of_heyan_costs_the_file() {
    // The program is heyan when the pool starts and another one when it is needed again.
    let folder = tempfile::tempdir().unwrap();
    let program = folder.path().join("reader");
    std::os::unix::fs::symlink(env!("CARGO_BIN_EXE_heyan"), &program).unwrap();
    let pool = Pool::start(program.clone(), &Limits { memory_bytes: 48 << 20, ..Limits::default() }).unwrap();
    fs::remove_file(&program).unwrap();
    std::os::unix::fs::symlink("/bin/cat", &program).unwrap();
    assert_eq!(
        codes(&pool.read("large.csv", table(300_000), &Limits::default(), &Trust::default())),
        ["reader-out-of-memory"]
    );
    assert_eq!(
        codes(&pool.read("a.csv", table(2), &Limits::default(), &Trust::default())),
        ["reader-killed"]
    );
    fs::remove_file(&program).unwrap();
    assert_eq!(
        codes(&pool.read("a.csv", table(2), &Limits::default(), &Trust::default())),
        ["reader-not-started"]
    );
    std::os::unix::fs::symlink(env!("CARGO_BIN_EXE_heyan"), &program).unwrap();
    assert_eq!(
        codes(&pool.read("a.csv", table(2), &Limits::default(), &Trust::default())),
        Vec::<&str>::new()
    );
}

#[test]
fn nobody_need_ask_from_the_same_thread() {
    let limits = Limits::default();
    let pool = pool(&limits);
    let answers: Vec<Document> = std::thread::scope(|scope| {
        let ask = |rows: usize| {
            let (pool, limits) = (&pool, &limits);
            scope.spawn(move || pool.read("t.csv", table(rows), limits, &Trust::default()))
        };
        let asked: Vec<_> = (1..9).map(ask).collect();
        asked.into_iter().map(|thread| thread.join().unwrap()).collect()
    });
    for (rows, document) in (1..9).zip(&answers) {
        assert_eq!(document.sheets[0].rows.len(), rows + 1);
    }
}

#[test]
fn reports_are_the_same_bytes_apart_and_here_and_with_any_number_of_jobs() {
    let case = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/cases/cloud-clean");
    let folder = tempfile::tempdir().unwrap();
    let report = |jobs: &str, containment: &str| {
        let out = folder.path().join(format!("{jobs}-{containment}"));
        let output = Command::new(env!("CARGO_BIN_EXE_heyan"))
            .args(["verify", "--today", "2023-03-01", "--jobs", jobs, "--out", out.to_str().unwrap()])
            .arg(&case)
            .env("HEYAN_MODELS", "no-such-folder")
            .env("OMP_THREAD_LIMIT", "1")
            .env("HEYAN_CONTAINMENT", containment)
            .output()
            .unwrap();
        assert!(output.status.code().is_some_and(|code| code < 2), "{output:?}");
        ["report.json", "report.html"].map(|name| fs::read(out.join("cloud-clean").join(name)).unwrap())
    };
    let apart = report("1", "on");
    assert_eq!(apart, report("3", "on"));
    assert_eq!(apart, report("1", "off"));
}
