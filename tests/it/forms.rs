//! Forms that were filled in: what they declare, and what they leave open.

use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    path::{Path, PathBuf},
    sync::Arc,
};

use heyan::{
    arrange::arrange,
    classify::classify,
    extract::{
        self,
        declaration::{declaration, from_form, to_json},
    },
    model::{
        document::Document,
        fact::{Evidence, Fact, FactId, Method, Record},
        limits::Limits,
        page::{Cell, CellValue, Sheet},
        paper::Paper,
        value::{Money, Value},
    },
    read,
    rulebook::types::{self, DocumentType, Kind},
};
use rust_decimal::Decimal;

use super::cli::heyan;

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/documents/application")
}

/// Values by their path, as in JSON.
pub(super) fn flat(record: &Record) -> BTreeMap<String, String> {
    let mut values = BTreeMap::new();
    record.for_each("", &mut |path, fact| {
        values.extend(fact.value.as_ref().map(|value| (path, value.wire())));
    });
    values
}

/// A workbook of one sheet with these rows, cells parted by `|`.
pub(super) fn sheet(rows: &[&str]) -> Document {
    let cell = |text: &str| {
        let value = if text.is_empty() { CellValue::Empty } else { CellValue::Text };
        Cell { text: text.to_owned(), value }
    };
    let rows = rows.iter().map(|row| row.split('|').map(cell).collect()).collect();
    let sheet = Sheet { name: "申报书".to_owned(), rows, ..Sheet::default() };
    Document { name: "declaration.xlsx".to_owned(), sheets: vec![sheet], ..Document::default() }
}

/// What a file declares, its papers, and the codes of its problems.
pub(super) fn filled(document: &Document) -> (Record, Vec<Paper>, Vec<&'static str>) {
    let types = types::embedded().unwrap();
    let papers = extract::handed_in(document, &classify(&document.pages, &types), &types);
    let problems = papers.iter().flat_map(|paper| &paper.problems).map(|problem| problem.code).collect();
    (from_form(&papers.iter().collect::<Vec<_>>(), &[]), papers, problems)
}

fn opened(file: &Path) -> Document {
    let name = file.file_name().unwrap().to_str().unwrap();
    let mut document = read::read(name, Arc::from(fs::read(file).unwrap()), &Limits::default());
    document.pages.iter_mut().for_each(arrange);
    document
}

#[test]
fn every_form_amounts_to_its_declaration() {
    // What no form has a place for.
    let beside = |path: &str| {
        ["schema", "case_id", "attachments"].iter().any(|key| path.starts_with(key))
            || path.contains("evidence")
    };
    let mut seen = 0;
    let mut files: Vec<PathBuf> =
        fs::read_dir(folder()).unwrap().map(|entry| entry.unwrap().path()).collect();
    files.retain(|file| file.extension().is_some_and(|ending| ending != "json"));
    for file in files {
        let document = opened(&file);
        let (record, papers, problems) = filled(&document);
        assert_eq!(problems, [""; 0], "{}", file.display());
        assert!(papers.iter().all(|paper| paper.document_type == "application"), "{}", file.display());
        let (wanted, _) =
            declaration("declaration.json", &fs::read(file.with_extension("declaration.json")).unwrap(), &[]);
        let mut wanted = flat(&wanted);
        wanted.retain(|path, _| !beside(path));
        assert_eq!(flat(&record), wanted, "{}", file.display());
        record.for_each("", &mut |path, fact| {
            assert!(!fact.evidence.anchors.is_empty(), "{path} has no place");
            assert_eq!(fact.evidence.method, Method::Declared, "{path}");
        });

        // As JSON it says the same, to the last printed digit of its amounts.
        let (again, problems) = declaration("declaration.json", to_json(&record).unwrap().as_bytes(), &[]);
        assert_eq!(problems, [], "{}", file.display());
        let mut values = Vec::new();
        record.for_each("", &mut |path, fact| values.push((path, fact.value.clone())));
        let mut read_again = Vec::new();
        again.for_each("", &mut |path, fact| {
            if path != "schema" {
                read_again.push((path, fact.value.clone()));
            }
        });
        assert_eq!(read_again, values, "{}", file.display());
        // It is recognised among attachments as well.
        let types = types::embedded().unwrap();
        let mut found = extract::papers(&document, &classify(&document.pages, &types), &types);
        found.retain(|paper| !document.pages.is_empty() || paper.document_type != "other");
        found.extend(extract::extract_sheets(&document, &types));
        let kinds: BTreeSet<&str> = found.iter().map(|paper| paper.document_type.as_str()).collect();
        assert_eq!(kinds, BTreeSet::from(["application"]), "{}", file.display());
        seen += 1;
    }
    assert!(seen >= 5, "only {seen} forms");
}

fn form() -> DocumentType {
    types::embedded().unwrap().into_iter().find(|kind| kind.form).unwrap()
}

#[test]
fn a_form_asks_for_nothing_that_cannot_be_declared() {
    let value = |kind: &Kind| match kind {
        Kind::Amount => Value::Money(Money::in_unit(Decimal::new(12, 0), "万元").unwrap()),
        Kind::Date => Value::Date("2022-03-01".parse().unwrap()),
        Kind::Number => Value::Number(Decimal::new(3, 0)),
        Kind::YesNo => Value::Bool(true),
        Kind::Code | Kind::Uscc => Value::Code("A1".to_owned()),
        _ => Value::Text("3".to_owned()),
    };
    let fact = |kind: &Kind| Fact {
        id: FactId::default(),
        value: Some(value(kind)),
        problem: None,
        evidence: Evidence {
            raw: String::new(),
            anchors: Vec::new(),
            method: Method::Declared,
            confidence: 1.0,
            clear: true,
            accepted: false,
            readings: Vec::new(),
        },
    };
    let kind = form();
    let mut record = Record::default();
    let row = |names: &mut dyn Iterator<Item = (&str, &Kind)>| Record {
        fields: names.map(|(name, kind)| (name.to_owned(), fact(kind))).collect(),
        ..Record::default()
    };
    for field in &kind.fields {
        if field.kind == Kind::Texts {
            record.rows.insert(field.name.clone(), vec![row(&mut [("value", &Kind::Text)].into_iter())]);
        } else {
            record.fields.insert(field.name.clone(), fact(&field.kind));
        }
    }
    for list in &kind.rows {
        let joint = list.under.as_deref();
        let columns = list.columns.iter().filter(|column| Some(column.name.as_str()) != joint);
        let line = row(&mut columns.map(|column| (column.name.as_str(), &column.kind)));
        match list.name.rsplit_once('.').filter(|_| joint.is_some()) {
            Some((parent, own)) => {
                record.rows.get_mut(parent).unwrap()[0].rows.insert(own.to_owned(), vec![line]);
            }
            None => {
                record.rows.insert(list.name.clone(), vec![line]);
            }
        }
    }
    let mut asked = BTreeSet::new();
    record.for_each("", &mut |path, _| {
        asked.insert(path);
    });
    let mut paper = filled(&sheet(&["项目名称|甲"])).1.remove(0);
    paper.record = record;
    let declared = from_form(&[&paper], &[]);
    let kept: BTreeSet<String> = flat(&declared).into_keys().collect();
    assert_eq!(kept, asked, "what is no key of a declaration is lost");
    // Every value is of the kind that its key has.
    let (again, problems) = declaration("declaration.json", to_json(&declared).unwrap().as_bytes(), &[]);
    assert_eq!(problems, []);
    assert_eq!(flat(&again).len(), asked.len() + 1, "and the schema");
}

#[test]
fn the_template_has_a_place_for_all_that_is_asked() {
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("rules/declaration.xlsx");
    let mut document = opened(&file);
    let (record, _, problems) = filled(&document);
    assert_eq!((flat(&record).len(), problems), (0, vec![]), "an empty form declares nothing");
    // Filled in, it declares all of it.
    for sheet in &mut document.sheets {
        let headed = sheet.name != "申报书";
        let next = |text: &str| match text {
            text if text.contains("期间") => "2020-03-01至2022-03-01",
            text if text.contains("日期") || text.contains("有效期") => "2022-03-01",
            text if text.contains("是否") => "是",
            text if ["类别", "类型", "种类"].iter().any(|one| text.contains(one)) => {
                "标杆工厂 综合型 设备 专用"
            }
            text if text.contains("状态") => "已建成",
            text if text.contains("星级") && !text.contains("上云") => "三星级",
            text if text.contains("口径") => "不含税",
            text if text.contains("部署") => "公有云",
            text if text.contains("层级") => "重点",
            text if text.contains("证书名称") => "两化融合管理体系评定证书",
            text if text.contains("信用代码") => "91320100MA1ABC1235",
            _ => "12345678",
        };
        let write = |text: &str| Cell { text: next(text).to_owned(), value: CellValue::Text };
        if headed {
            let line: Vec<Cell> = sheet.rows[0].iter().map(|cell| write(&cell.text)).collect();
            sheet.rows.truncate(1);
            sheet.rows.push(line);
            continue;
        }
        for row in sheet.rows.iter_mut().skip(3).filter(|row| !row.is_empty()) {
            let text = row[0].text.clone();
            row.resize(2, Cell::default());
            if !text.is_empty() {
                row[1] = write(&text);
            }
        }
    }
    let (record, ..) = filled(&document);
    let read: BTreeSet<String> = flat(&record).into_keys().map(|path| path.replace("[0]", "")).collect();
    let kind = form();
    let organisations = |kind: &Kind| matches!(kind, Kind::Organisation | Kind::Person);
    let fields = kind.fields.iter().filter(|field| !field.labels.is_empty() && !organisations(&field.kind));
    let mut missing: Vec<String> = fields
        .map(
            |field| {
                if field.kind == Kind::Texts { field.name.clone() + ".value" } else { field.name.clone() }
            },
        )
        .collect();
    let columns = kind.rows.iter().flat_map(|list| {
        let own = list.columns.iter().filter(|column| list.under.as_ref() != Some(&column.name));
        own.map(|column| format!("{}.{}", list.name, column.name))
    });
    missing.extend(columns);
    missing.retain(|path| !read.contains(path));
    assert_eq!(missing, [""; 0], "`heyan-fixtures template` writes it anew");
}

#[test]
fn a_form_stands_for_the_declaration() {
    let case = tempfile::tempdir().unwrap();
    let inside = |name: &str| case.path().join(name).to_str().unwrap().to_owned();
    let report = |out: &str| -> serde_json::Value {
        let place = Path::new(out).join("one/report.json");
        serde_json::from_slice(&fs::read(place).unwrap()).unwrap()
    };
    let form = folder().join("platform-with-labels-in-pairs.docx");
    let whole: serde_json::Value =
        serde_json::from_slice(&fs::read(form.with_extension("declaration.json")).unwrap()).unwrap();
    let verify = |out: &str| {
        let ran = heyan(&["verify", &inside("one"), "--today", "2023-03-01", "--no-cache", "--out", out]);
        assert!(Path::new(out).join("one/report.json").is_file(), "{}", ran.err);
        report(out)
    };
    let put = |name: &str, bytes: &[u8]| {
        let _ = fs::remove_dir_all(inside("one"));
        fs::create_dir_all(Path::new(&inside("one")).join(name).parent().unwrap()).unwrap();
        fs::write(Path::new(&inside("one")).join(name), bytes).unwrap();
    };
    let outcomes = |report: &serde_json::Value| -> Vec<String> {
        let all = report["findings"].as_array().unwrap().iter();
        all.map(|one| format!("{} {}", one["rule"].as_str().unwrap(), one["outcome"].as_str().unwrap()))
            .collect()
    };
    put("declaration.json", &fs::read(form.with_extension("declaration.json")).unwrap());
    let by_data = verify(&inside("a"));
    // Under its own name, or among the attachments under any.
    for name in ["declaration.docx", "attachments/新建文件夹/1.docx"] {
        put(name, &fs::read(&form).unwrap());
        let by_form = verify(&inside("b"));
        assert_eq!(outcomes(&by_form), outcomes(&by_data), "{name}");
        assert_eq!(by_form["case"]["applicant"]["name"], whole["applicant"]["name"], "{name}");
        // What is declared is cited with its page.
        let evidence = by_form["evidence"].as_object().unwrap().values();
        let declared: Vec<_> = evidence.filter(|one| one["file"] == *name).collect();
        assert!(
            !declared.is_empty() && declared.iter().all(|one| one["page"].is_u64()),
            "{name}: {declared:?}"
        );
    }
    // Of two nobody knows which counts.
    put("attachments/1.docx", &fs::read(&form).unwrap());
    let other = folder().join("cloud-with-boxes-ticked.docx");
    fs::copy(other, Path::new(&inside("one")).join("attachments/2.docx")).unwrap();
    let report = verify(&inside("c"));
    let codes: Vec<&str> =
        report["problems"].as_array().unwrap().iter().map(|one| one["code"].as_str().unwrap()).collect();
    assert!(codes.contains(&"several-declarations"), "{codes:?}");
    assert_eq!(report["case"]["applicant"]["name"], serde_json::Value::Null);
}

#[test]
fn declare_writes_what_verify_reads() {
    let folder_of = tempfile::tempdir().unwrap();
    let out = folder_of.path().join("declaration.json");
    let form = folder().join("cloud-on-sheets.xlsx");
    let form = form.to_str().unwrap();
    let ran = heyan(&["declare", form, "--out", out.to_str().unwrap()]);
    assert_eq!((ran.code, ran.out.as_str()), (0, ""), "{}", ran.err);
    let (written, problems) = declaration("declaration.json", &fs::read(&out).unwrap(), &[]);
    assert_eq!(problems, []);
    assert!(flat(&written).len() > 30);
    let shown = heyan(&["declare", form, "--format", "text"]);
    assert!(shown.out.contains("applicant.uscc = ") && shown.out.contains("申报书!"), "{}", shown.out);

    // The template as it is declares nothing, and that is said with what to do.
    let template = folder_of.path().join("empty.xlsx");
    let template = template.to_str().unwrap();
    assert_eq!(heyan(&["declare", "--template", template]).code, 0);
    let empty = heyan(&["declare", template]);
    assert_eq!(empty.code, 2);
    assert!(empty.err.contains("nothing was read") && empty.err.contains("hint: "), "{}", empty.err);
}
