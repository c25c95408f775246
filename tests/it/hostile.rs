//! Bad input: a clear problem for each bad file, and the rest of the case still verified.

use std::{fs, io::Write, path::Path, process::Command};

use serde_json::Value as Json;

fn verify(case: &Path, out: &Path) -> (Option<i32>, Json) {
    let output = Command::new(env!("CARGO_BIN_EXE_heyan"))
        .args(["verify", case.to_str().unwrap(), "--out", out.to_str().unwrap(), "--format", "json"])
        .args(["--today", "2023-03-01"])
        .output()
        .unwrap();
    let report = serde_json::from_slice(&output.stdout).unwrap_or(Json::Null);
    (output.status.code(), report)
}

fn codes(report: &Json, file: &str) -> Vec<String> {
    report["problems"]
        .as_array()
        .unwrap()
        .iter()
        .filter(|p| p["file"].as_str().unwrap_or_default() == file)
        .map(|p| p["code"].as_str().unwrap().to_owned())
        .collect()
}

fn zipped(entries: &[(&str, &[u8])]) -> Vec<u8> {
    let mut zip = zip::ZipWriter::new(std::io::Cursor::new(Vec::new()));
    for (name, bytes) in entries {
        zip.start_file(*name, zip::write::SimpleFileOptions::default()).unwrap();
        zip.write_all(bytes).unwrap();
    }
    zip.finish().unwrap().into_inner()
}

/// A PNG header that claims 20,000 × 20,000 pixels.
fn huge_png() -> Vec<u8> {
    let mut png = b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR".to_vec();
    png.extend(20_000_u32.to_be_bytes());
    png.extend(20_000_u32.to_be_bytes());
    png.extend([8, 2, 0, 0, 0, 0, 0, 0, 0]);
    png
}

/// A well-formed PDF whose user password is not the empty one.
fn locked_pdf() -> Vec<u8> {
    let (owner, user) = ("3a".repeat(32), "7c".repeat(32));
    let objects = [
        "<</Type/Catalog/Pages 2 0 R>>".to_owned(),
        "<</Type/Pages/Kids[3 0 R]/Count 1>>".to_owned(),
        "<</Type/Page/Parent 2 0 R/MediaBox[0 0 90 90]>>".to_owned(),
        format!("<</Filter/Standard/V 1/R 2/Length 40/P -4/O<{owner}>/U<{user}>>>"),
    ];
    let mut pdf = "%PDF-1.4\n".to_owned();
    let mut table = "0000000000 65535 f \n".to_owned();
    for (at, object) in objects.iter().enumerate() {
        table.push_str(&format!("{:010} 00000 n \n", pdf.len()));
        pdf.push_str(&format!("{} 0 obj\n{object}\nendobj\n", at + 1));
    }
    let start = pdf.len();
    let id = "00112233445566778899aabbccddeeff";
    pdf.push_str(&format!(
        "xref\n0 5\n{table}trailer\n<</Size 5/Root 1 0 R/Encrypt 4 0 R/ID[<{id}><{id}>]>>\nstartxref\n{start}\n%%EOF\n"
    ));
    pdf.into_bytes()
}

#[test]
fn each_bad_file_is_a_problem_and_the_rest_is_verified() {
    let fixtures = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/cases/cloud-clean");
    let folder = tempfile::tempdir().unwrap();
    let case = folder.path().join("mixed");
    let attachments = case.join("attachments");
    fs::create_dir_all(&attachments).unwrap();
    fs::copy(fixtures.join("declaration.json"), case.join("declaration.json")).unwrap();
    let bill = fs::read_dir(fixtures.join("attachments/02云账单"))
        .unwrap()
        .map(|e| e.unwrap().path())
        .find(|p| p.extension().is_some_and(|e| e == "csv"))
        .unwrap();
    fs::copy(bill, attachments.join("bill.csv")).unwrap();
    let pdf = fs::read_dir(fixtures.join("attachments/09其他")).unwrap().next().unwrap().unwrap().path();
    let pdf = fs::read(pdf).unwrap();
    let bad: Vec<(&str, Vec<u8>, &[&str])> = vec![
        ("empty.pdf", Vec::new(), &["file-empty"]),
        ("truncated.pdf", pdf[..pdf.len() / 3].to_vec(), &["pdf-damaged", "pdf-unreadable"]),
        ("locked.pdf", locked_pdf(), &["pdf-encrypted"]),
        ("program.pdf", b"\x7fELF\x02\x01\x01 and so on".to_vec(), &["not-a-document"]),
        (
            "corrupt.xlsx",
            zipped(&[("[Content_Types].xml", b"<x"), ("xl/workbook.xml", b"<broken")]),
            &["workbook-unreadable"],
        ),
        ("huge.png", huge_png(), &["picture-too-large"]),
        ("bomb.zip", zipped(&[("zeros", &vec![0; 64 << 20])]), &["archive-bomb"]),
        ("escape.zip", zipped(&[("../../outside.csv", b"a,b\n1,2\n")]), &["archive-unsafe-name"]),
    ];
    for (name, bytes, _) in &bad {
        fs::write(attachments.join(name), bytes).unwrap();
    }
    let (code, report) = verify(&case, &folder.path().join("out"));
    assert_eq!(code, Some(1));
    for (name, _, wanted) in &bad {
        let found = codes(&report, &format!("attachments/{name}"));
        assert!(wanted.iter().any(|code| found.iter().any(|f| f == code)), "{name}: {found:?}");
    }
    let bill =
        report["documents"].as_array().unwrap().iter().find(|d| d["file"] == "attachments/bill.csv").unwrap();
    assert_eq!(bill["document_type"], "cloud_bill", "the good file beside the bad ones is read");
    assert!(!folder.path().join("outside.csv").exists());
}

/// The clean platform case needs one picture and reads quickly.
fn clean_case(folder: &Path) -> std::path::PathBuf {
    fn copy(from: &Path, to: &Path) {
        fs::create_dir_all(to).unwrap();
        for entry in fs::read_dir(from).unwrap() {
            let (path, name) = entry.map(|e| (e.path(), e.file_name())).unwrap();
            if path.is_dir() {
                copy(&path, &to.join(name));
            } else {
                fs::copy(&path, to.join(name)).unwrap();
            }
        }
    }
    let case = folder.join("platform-clean");
    copy(&Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/cases/platform-clean"), &case);
    case
}

#[test]
fn what_could_not_be_read_keeps_a_clean_case_from_passing() {
    if !crate::cases::models() {
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    let case = clean_case(folder.path());
    let (code, report) = verify(&case, &folder.path().join("before"));
    assert_eq!((code, report["outcome"].as_str()), (Some(0), Some("pass")));
    fs::write(case.join("attachments/locked.pdf"), locked_pdf()).unwrap();
    let (code, report) = verify(&case, &folder.path().join("after"));
    assert_eq!((code, report["outcome"].as_str()), (Some(1), Some("manual_review")));
}

#[test]
fn amounts_beyond_measure_end_in_a_report() {
    let folder = tempfile::tempdir().unwrap();
    let case = folder.path().join("case");
    fs::create_dir_all(case.join("attachments")).unwrap();
    fs::write(case.join("declaration.json"), r#"{ "category": "star_cloud" }"#).unwrap();
    let row =
        "1234567890123456,云服务器,2022-03,70000000000000000000000000000,70000000000000000000000000000\n";
    let bill = format!("账号ID,产品名称,账期,应付金额,现金支付\n{row}{row}");
    fs::write(case.join("attachments/bill.csv"), bill).unwrap();
    let (code, report) = verify(&case, &folder.path().join("out"));
    assert_eq!(code, Some(1));
    let bill = &report["documents"][0];
    assert_eq!(bill["document_type"], "cloud_bill");
    assert_eq!(bill["fields"]["total"]["value"], Json::Null);
    assert_eq!(bill["fields"]["total"]["problem"], "unreadable");
}

#[test]
fn a_declaration_that_is_no_json_says_where() {
    let folder = tempfile::tempdir().unwrap();
    let case = folder.path().join("case");
    fs::create_dir_all(case.join("attachments")).unwrap();
    fs::write(case.join("declaration.json"), "{\n  \"case_id\": \"a\",\n  \"category\" \"x\"\n}").unwrap();
    let (code, report) = verify(&case, &folder.path().join("out"));
    assert_eq!(code, Some(1));
    let problem =
        report["problems"].as_array().unwrap().iter().find(|p| p["code"] == "declaration-not-json").unwrap();
    let said = problem["message"]["en"].as_str().unwrap();
    assert!(said.starts_with("line 3, column "), "{said}");
}

#[test]
fn an_empty_folder_is_examined_and_says_so() {
    let folder = tempfile::tempdir().unwrap();
    let case = folder.path().join("nothing");
    fs::create_dir_all(&case).unwrap();
    let (code, report) = verify(&case, &folder.path().join("out"));
    assert_eq!(code, Some(1));
    let codes: Vec<&str> =
        report["problems"].as_array().unwrap().iter().map(|p| p["code"].as_str().unwrap()).collect();
    assert_eq!(codes, ["declaration-missing", "attachments-missing"]);
    assert_eq!(report["outcome"], "missing_evidence");
}

#[test]
fn what_is_not_there_is_trouble() {
    let (code, _) = verify(Path::new("/no/such/case"), Path::new("unused"));
    assert_eq!(code, Some(2));
}
