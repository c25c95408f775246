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
fn flat(record: &Record) -> BTreeMap<String, String> {
    let mut values = BTreeMap::new();
    record.for_each("", &mut |path, fact| {
        values.extend(fact.value.as_ref().map(|value| (path, value.wire())));
    });
    values
}

/// What a file declares, its papers, and the codes of its problems.
fn filled(document: &Document) -> (Record, Vec<Paper>, Vec<&'static str>) {
    let types = types::embedded().unwrap();
    let papers = extract::handed_in(document, &classify(&document.pages, &types), &types);
    let problems = papers.iter().flat_map(|paper| &paper.problems).map(|problem| problem.code).collect();
    (from_form(&papers.iter().collect::<Vec<_>>()), papers, problems)
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
            declaration("declaration.json", &fs::read(file.with_extension("declaration.json")).unwrap());
        let mut wanted = flat(&wanted);
        wanted.retain(|path, _| !beside(path));
        assert_eq!(flat(&record), wanted, "{}", file.display());
        record.for_each("", &mut |path, fact| {
            assert!(!fact.evidence.anchors.is_empty(), "{path} has no place");
            assert_eq!(fact.evidence.method, Method::Declared, "{path}");
        });

        // As JSON it says the same, to the last printed digit of its amounts.
        let (again, problems) = declaration("declaration.json", to_json(&record).unwrap().as_bytes());
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

/// A workbook of one sheet with these rows, cells parted by `|`.
fn sheet(rows: &[&str]) -> Document {
    let cell = |text: &str| {
        let value = if text.is_empty() { CellValue::Empty } else { CellValue::Text };
        Cell { text: text.to_owned(), value }
    };
    let rows = rows.iter().map(|row| row.split('|').map(cell).collect()).collect();
    let sheet = Sheet { name: "申报书".to_owned(), rows, ..Sheet::default() };
    Document { name: "declaration.xlsx".to_owned(), sheets: vec![sheet], ..Document::default() }
}

#[test]
fn nothing_in_a_form_is_guessed() {
    type Said = &'static [(&'static str, &'static str)];
    let table: &[(&str, &[&str], Said, &[&str])] = &[
        (
            "numbers, stars and remarks belong to labels",
            &["1、申报单位（盖章）：|苏州木禾纺织有限公司", "*（二）成立时间|2015年6月1日"],
            &[("applicant.name", "苏州木禾纺织有限公司"), ("applicant.established_on", "2015-06-01")],
            &[],
        ),
        (
            "a value in the label's own cell",
            &["项目名称：纺纱车间改造|"],
            &[("project.name", "纺纱车间改造")],
            &[],
        ),
        (
            "an empty cell before the next label",
            &["项目名称||项目状态|已建成"],
            &[("project.status", "built")],
            &[],
        ),
        (
            "a unit in the label",
            &["注册资本（万元）|500"],
            &[("applicant.registered_capital", "5000000.00")],
            &[],
        ),
        (
            "a unit behind the amount",
            &["注册资本|500万元"],
            &[("applicant.registered_capital", "5000000.00")],
            &[],
        ),
        (
            "a unit in the heading of the column",
            &["投入类别|金额（万元）", "平台和系统开发费|800.5", "合计|800.5"],
            &[
                ("benchmark_factory.investment.platform_system_development", "8005000.00"),
                ("benchmark_factory.investment.total", "8005000.00"),
            ],
            &[],
        ),
        (
            "a unit in a caption",
            &["单位：万元|", "投入类别|金额", "平台和系统开发费|800.5"],
            &[("benchmark_factory.investment.platform_system_development", "8005000.00")],
            &[],
        ),
        ("no unit", &["注册资本|500"], &[], &["unit-unknown"]),
        ("two units", &["注册资本（万元）|5000000元"], &[], &["units-differ"]),
        ("figures that go on", &["注册资本（元）|5,000,000. 25"], &[], &["unreadable"]),
        (
            "years and their sum",
            &["投入类别|2021年（万元）|2022年（万元）|合计（万元）", "平台和系统开发费|300|500|800"],
            &[("benchmark_factory.investment.platform_system_development", "8000000.00")],
            &[],
        ),
        (
            "years without a sum",
            &["投入类别|2021年（万元）|2022年（万元）", "平台和系统开发费|300|500"],
            &[],
            &["several-values"],
        ),
        ("a total of another table", &["设备台数|12", "合计|12"], &[], &[]),
        ("one box of three", &["项目状态|□已建成 ☑在建 □未开工"], &[("project.status", "in_progress")], &[]),
        ("a tick in brackets", &["项目状态|（√）已建成 （ ）在建"], &[("project.status", "built")], &[]),
        ("boxes behind", &["项目状态|已建成□ 在建☑ 未开工□"], &[("project.status", "in_progress")], &[]),
        ("two boxes", &["项目状态|☑已建成 ☑在建 □未开工"], &[], &["several-values"]),
        (
            "boxes that were not read",
            &["项目状态|已建成 在建 未开工", "是否升级申报|是 否"],
            &[],
            &["several-values"; 2],
        ),
        ("a box that was not read", &["项目状态|已建成 □在建 □未开工"], &[], &["unreadable"]),
        ("no box", &["是否升级申报|□是 □否", "已获星级|三星级□ 四星级□ 五星级□"], &[], &[]),
        ("a box for something unknown", &["项目状态|□已建成 ☑其它"], &[], &["unreadable"]),
        (
            "no is not yes",
            &["是否升级申报|否", "申报时间|2023.2.20"],
            &[("platform.is_upgrade", "false"), ("submitted_on", "2023-02-20")],
            &[],
        ),
        ("a day that does not exist", &["成立日期|2015年2月30日"], &[], &["unreadable"]),
        (
            "a value that stands twice",
            &["成立日期|2015-06-01", "注册资本|500万元", "成立日期|2016-06-01"],
            &[("applicant.established_on", "2015-06-01"), ("applicant.registered_capital", "5000000.00")],
            &["declared-differently"],
        ),
        (
            "options that are ticked, and names with signs between them",
            &["基础技术能力|☑设备互联 □数据集成 ☑网络安全", "曾用名|甲公司、乙公司"],
            &[
                ("benchmark_factory.capabilities.basic[0].value", "设备互联"),
                ("benchmark_factory.capabilities.basic[1].value", "网络安全"),
                ("applicant.former_names[0].value", "甲公司"),
                ("applicant.former_names[1].value", "乙公司"),
            ],
            &[],
        ),
        (
            "a list, its sum, and a row without its key",
            &[
                "证书名称|证书编号|有效期至",
                "两化融合管理体系评定证书|AIITRE-00119IIIMS0108401|2024年3月31日",
                "质量管理体系认证证书||2024-05-01",
                "合计|1|",
                "三、申报项目",
                "项目名称|纺纱车间改造",
            ],
            &[
                ("benchmark_factory.certificates[0].kind", "iiims"),
                ("benchmark_factory.certificates[0].number", "AIITRE-00119IIIMS0108401"),
                ("benchmark_factory.certificates[0].valid_until", "2024-03-31"),
                ("project.name", "纺纱车间改造"),
            ],
            &["form-row-incomplete"],
        ),
        (
            "a code with something else in its cell",
            &["发票号码|开票日期|价税合计（元）", "12345678 等3张|2022-03-01|100.00"],
            &[
                ("benchmark_factory.invoices[0].issued_on", "2022-03-01"),
                ("benchmark_factory.invoices[0].gross", "100.00"),
            ],
            &["unreadable"],
        ),
        (
            "payments under their service, and one under none",
            &[
                "序号|云服务名称|云服务商|实际付款金额（元）",
                "1|云服务器|木禾云|300.00",
                "服务序号|付款日期|付款金额（元）",
                "1|2022-05-01|300.00",
                "7|2022-06-01|50.00",
            ],
            &[
                ("star_cloud.services[0].seq", "1"),
                ("star_cloud.services[0].name", "云服务器"),
                ("star_cloud.services[0].provider", "木禾云"),
                ("star_cloud.services[0].amount_paid", "300.00"),
                ("star_cloud.services[0].payments[0].paid_on", "2022-05-01"),
                ("star_cloud.services[0].payments[0].amount", "300.00"),
            ],
            &["form-row-belongs-nowhere"],
        ),
        (
            "a period in one cell",
            &["投入期间|2020年1月1日至2022年12月31日"],
            &[
                ("benchmark_factory.investment.period.from", "2020-01-01"),
                ("benchmark_factory.investment.period.to", "2022-12-31"),
            ],
            &[],
        ),
    ];
    for (what, rows, wanted, said) in table {
        let (record, _, problems) = filled(&sheet(rows));
        let wanted: BTreeMap<String, String> =
            wanted.iter().map(|(path, value)| ((*path).to_owned(), (*value).to_owned())).collect();
        assert_eq!(flat(&record), wanted, "{what}");
        assert_eq!(problems, *said, "{what}");
    }
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
    let declared = from_form(&[&paper]);
    let kept: BTreeSet<String> = flat(&declared).into_keys().collect();
    assert_eq!(kept, asked, "what is no key of a declaration is lost");
    // Every value is of the kind that its key has.
    let (again, problems) = declaration("declaration.json", to_json(&declared).unwrap().as_bytes());
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
            text if text.contains("日期") || text.contains("期间") || text.contains("有效期") => {
                "2022-03-01"
            }
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
    let (written, problems) = declaration("declaration.json", &fs::read(&out).unwrap());
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
