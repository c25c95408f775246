//! Each limit of the table says so with its own problem: a file just above a small limit is given for
//! every row, and a row without one fails.

use std::{
    fs,
    io::Write,
    path::{Path, PathBuf},
    process::Command,
    time::Duration,
};

use heyan::{
    authenticate::Trust,
    contain::{Here, Opener, Pool},
    model::{document::Document, limits::Limits},
};

#[test]
fn every_limit_says_so_with_its_problem() {
    for bound in Limits::DEFAULT.table() {
        let codes = codes_beyond(bound.name);
        assert!(codes.iter().any(|code| code == bound.code), "{}: {codes:?}", bound.name);
    }
}

#[test]
fn the_table_is_in_the_help() {
    let output = Command::new(env!("CARGO_BIN_EXE_heyan")).arg("--help").output().unwrap();
    let help = String::from_utf8(output.stdout).unwrap();
    for bound in Limits::DEFAULT.table() {
        let line = help.lines().find(|line| line.contains(&format!("{} ({})", bound.bounds, bound.code)));
        assert!(line.is_some_and(|line| line.contains(&bound.value)), "{} in\n{help}", bound.name);
    }
}

/// The problems of a file that is just beyond the limit of this name.
fn codes_beyond(name: &str) -> Vec<String> {
    let mut limits = Limits::default();
    let csv = || b"a,b\n1,2\n3,4\n".to_vec();
    let one_row = |large: usize| zipped(&[("zeros.csv", &vec![b'0'; large])]);
    let bytes = match name {
        "declaration_bytes" => return beyond_the_declaration(limits.declaration_bytes),
        "time" => return apart(&Limits { time: Duration::ZERO, ..limits }, csv()),
        "answer_bytes" => return apart(&Limits { answer_bytes: 8, ..limits }, csv()),
        "memory_bytes" => return apart(&Limits { memory_bytes: 1 << 20, ..limits }, vec![b','; 4 << 20]),
        "file_bytes" => {
            limits.file_bytes = 4;
            csv()
        }
        "pages" => {
            limits.pages = 1;
            pdf(2)
        }
        "pixels" => {
            limits.pixels = 99;
            png(10)
        }
        "inner_pixels" => {
            limits.inner_pixels = 99;
            pdf(1)
        }
        "archive_entries" => {
            limits.archive_entries = 1;
            zipped(&[("a.csv", &csv()), ("b.csv", &csv())])
        }
        "archive_bytes" => {
            limits.archive_bytes = 100;
            one_row(101)
        }
        "archive_ratio" => {
            limits.archive_ratio = 2;
            one_row(9 << 20)
        }
        "archive_depth" => {
            limits.archive_depth = 1;
            zipped(&[("inner.zip", &one_row(10))])
        }
        "unpacker_memory" => {
            limits.unpacker_memory = 1;
            fixture("formats/zip", "lzma.zip")
        }
        "xml_bytes" => {
            limits.xml_bytes = 20;
            invoice()
        }
        "xml_nodes" => {
            limits.xml_nodes = 1;
            invoice()
        }
        "xml_depth" => {
            limits.xml_depth = 1;
            invoice()
        }
        "merged_cells" => {
            limits.merged_cells = 0;
            b"<table><tr><td colspan=2>1</table>".to_vec()
        }
        "sparse_cells" => {
            limits.sparse_cells = 1;
            fixture("formats/xls", "hidden-rows-columns-and-sheets.xls")
        }
        "sheet_bytes" => {
            limits.sheet_bytes = 1;
            workbook()
        }
        "formula_steps" => {
            limits.formula_steps = 0;
            summed()
        }
        "workbook_bytes" => {
            limits.workbook_bytes = 100;
            workbook()
        }
        "sheets" => {
            limits.sheets = 0;
            workbook()
        }
        "cells" => {
            limits.cells = 3;
            csv()
        }
        "cell_text" => {
            limits.cell_text = 1;
            workbook()
        }
        "words" => {
            limits.words = 1;
            pdf(1)
        }
        "glyphs" => {
            limits.glyphs = 1;
            pdf(1)
        }
        "file_words" => {
            limits.file_words = 1;
            pdf(1)
        }
        "file_steps" => {
            limits.file_steps = 1;
            pdf(1)
        }
        "signatures" => {
            limits.signatures = 0;
            fixture("formats/pdf", "signed-with-rsa.pdf")
        }
        "revision_bytes" => {
            limits.revision_bytes = 0;
            fixture("formats/pdf", "signed-by-two.pdf")
        }
        other => panic!("there is no file here that is beyond `{other}`"),
    };
    codes(&Here.read("file", bytes.into(), &limits, &Trust::default()))
}

fn codes(document: &Document) -> Vec<String> {
    let own = document.problems.iter().map(|problem| problem.code.to_owned());
    own.chain(document.parts.iter().flat_map(codes)).collect()
}

fn apart(limits: &Limits, bytes: Vec<u8>) -> Vec<String> {
    let whole = Limits { time: Duration::from_secs(60), answer_bytes: 1 << 20, ..limits.clone() };
    let pool = Pool::start(PathBuf::from(env!("CARGO_BIN_EXE_heyan")), &whole).unwrap();
    codes(&pool.read("file", bytes.into(), limits, &Trust::default()))
}

fn beyond_the_declaration(allowed: u64) -> Vec<String> {
    let folder = tempfile::tempdir().unwrap();
    let case = folder.path().join("case");
    fs::create_dir_all(case.join("attachments")).unwrap();
    fs::write(case.join("attachments/a.csv"), "a,b\n1,2\n").unwrap();
    fs::write(case.join("declaration.json"), vec![b' '; usize::try_from(allowed).unwrap() + 1]).unwrap();
    let output = Command::new(env!("CARGO_BIN_EXE_heyan"))
        .args(["verify", "--format", "json", "--today", "2023-03-01", "--out"])
        .arg(folder.path().join("out"))
        .arg(&case)
        .env("HEYAN_MODELS", "no-such-folder")
        .output()
        .unwrap();
    let report: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
    let problems = report["problems"].as_array().unwrap();
    problems.iter().map(|problem| problem["code"].as_str().unwrap().to_owned()).collect()
}

fn zipped(entries: &[(&str, &[u8])]) -> Vec<u8> {
    let mut zip = zip::ZipWriter::new(std::io::Cursor::new(Vec::new()));
    for (name, bytes) in entries {
        zip.start_file(*name, zip::write::SimpleFileOptions::default()).unwrap();
        zip.write_all(bytes).unwrap();
    }
    zip.finish().unwrap().into_inner()
}

/// The header of a picture with so many pixels on each side.
fn png(side: u32) -> Vec<u8> {
    let mut png = b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR".to_vec();
    png.extend(side.to_be_bytes());
    png.extend(side.to_be_bytes());
    png.extend([8, 2, 0, 0, 0, 0, 0, 0, 0]);
    png
}

/// A workbook out of the shipped cases.
fn workbook() -> Vec<u8> {
    fixture("cases/cloud-clean", ".xlsx")
}

/// The first fixture below a folder whose name ends so.
fn fixture(folder: &str, ending: &str) -> Vec<u8> {
    let mut files = Vec::new();
    crate::mutants::walk(&Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures").join(folder), &mut files);
    let found = files.iter().find(|path| path.to_str().is_some_and(|path| path.ends_with(ending)));
    fs::read(found.unwrap_or_else(|| panic!("no {ending} below {folder}"))).unwrap()
}

/// A workbook with a sum of two cells.
fn summed() -> Vec<u8> {
    let main = "http://schemas.openxmlformats.org/spreadsheetml/2006/main";
    let relations = "http://schemas.openxmlformats.org/officeDocument/2006/relationships";
    let packages = "http://schemas.openxmlformats.org/package/2006";
    let content = format!(
        "<Types xmlns=\"{packages}/content-types\"><Default Extension=\"xml\" ContentType=\"application/xml\"/></Types>"
    );
    let start = format!(
        "<Relationships xmlns=\"{packages}/relationships\"><Relationship Id=\"r1\" Type=\"{relations}/officeDocument\" Target=\"xl/workbook.xml\"/></Relationships>"
    );
    let book = format!(
        "<workbook xmlns=\"{main}\" xmlns:r=\"{relations}\"><sheets><sheet name=\"a\" sheetId=\"1\" r:id=\"r1\"/></sheets></workbook>"
    );
    let links = format!(
        "<Relationships xmlns=\"{packages}/relationships\"><Relationship Id=\"r1\" Type=\"{relations}/worksheet\" Target=\"worksheets/sheet1.xml\"/></Relationships>"
    );
    let row =
        |number: u32, inside: &str| format!("<row r=\"{number}\"><c r=\"A{number}\">{inside}</c></row>");
    let rows = [row(1, "<v>1</v>"), row(2, "<v>2</v>"), row(3, "<f>SUM(A1:A2)</f><v>3</v>")].concat();
    let sheet = format!("<worksheet xmlns=\"{main}\"><sheetData>{rows}</sheetData></worksheet>");
    zipped(&[
        ("[Content_Types].xml", content.as_bytes()),
        ("_rels/.rels", start.as_bytes()),
        ("xl/workbook.xml", book.as_bytes()),
        ("xl/_rels/workbook.xml.rels", links.as_bytes()),
        ("xl/worksheets/sheet1.xml", sheet.as_bytes()),
    ])
}

/// Structured data of three elements, one in the other.
fn invoice() -> Vec<u8> {
    b"<?xml version=\"1.0\"?><EInvoice><Header><EIid>12345678901234567890</EIid></Header></EInvoice>".to_vec()
}

/// Pages with three words, a line and a picture of ten by ten pixels each.
fn pdf(pages: usize) -> Vec<u8> {
    let content = "BT /F 20 Tf 20 60 Td (one two three) Tj ET 10 10 70 0.5 re f q 20 0 0 20 0 0 cm /P Do Q";
    let kids: Vec<String> = (0..pages).map(|page| format!("{} 0 R", page + 6)).collect();
    let mut objects = vec![
        "<</Type/Catalog/Pages 2 0 R>>".to_owned(),
        format!("<</Type/Pages/Kids[{}]/Count {pages}>>", kids.join(" ")),
        format!("<</Length {}>>stream\n{content}\nendstream", content.len()),
        "<</Type/Font/Subtype/Type1/BaseFont/Helvetica>>".to_owned(),
        format!(
            "<</Type/XObject/Subtype/Image/Width 10/Height 10/BitsPerComponent 8/ColorSpace/DeviceGray/Length 100>>stream\n{}\nendstream",
            "#".repeat(100)
        ),
    ];
    let page = "<</Type/Page/Parent 2 0 R/MediaBox[0 0 200 90]/Contents 3 0 R/Resources<</Font<</F 4 0 R>>/XObject<</P 5 0 R>>>>>>";
    objects.extend((0..pages).map(|_| page.to_owned()));
    let mut pdf = "%PDF-1.4\n".to_owned();
    let mut table = format!("xref\n0 {}\n0000000000 65535 f \n", objects.len() + 1);
    for (at, object) in objects.iter().enumerate() {
        table.push_str(&format!("{:010} 00000 n \n", pdf.len()));
        pdf.push_str(&format!("{} 0 obj\n{object}\nendobj\n", at + 1));
    }
    let start = pdf.len();
    pdf.push_str(&format!(
        "{table}trailer\n<</Size {}/Root 1 0 R>>\nstartxref\n{start}\n%%EOF\n",
        objects.len() + 1
    ));
    pdf.into_bytes()
}
