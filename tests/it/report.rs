//! Holds the reports to their goldens and to the published schema. `UPDATE=1` rewrites both.

use std::{env, fs, path::Path};

use chrono::NaiveDate;
use heyan::{
    model::{
        anchor::Anchor,
        case::{Examination, MadeWith},
        document::{Document, DocumentId, Format},
        fact::{Evidence, Fact, FactId, Method, Reading, Record},
        finding::{Clause, Explanation, Finding, Message, Outcome, Severity, Shown, Sums},
        geometry::Rect,
        paper::{Content, Paper},
        problem::Problem,
        value::{Money, Value},
    },
    report::{
        Crop, Lang, Options, REPORTS,
        batch::{self, Summary},
        html, json, text,
    },
};
use rust_decimal::Decimal;
use serde_json::Value as Json;

fn golden(name: &str, found: &str) {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(name);
    if env::var_os("UPDATE").is_some() {
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(&path, found).unwrap();
    }
    let wanted = fs::read_to_string(&path).unwrap_or_default();
    assert!(wanted == found, "{name} is not what is made now; look at the difference with UPDATE=1");
}

fn message(zh: &str, en: &str) -> Message {
    Message { zh: zh.into(), en: en.into() }
}

fn fact(id: u32, value: Value, raw: &str, anchor: Anchor, method: Method) -> Fact {
    let readings = vec![Reading::new("text", Some(value.clone()))];
    let evidence = Evidence {
        raw: raw.into(),
        anchors: vec![anchor],
        method,
        confidence: 0.987_654,
        clear: true,
        accepted: true,
        readings,
    };
    Fact { id: FactId(id), value: Some(value), problem: None, evidence }
}

fn yuan(text: &str) -> Value {
    Value::Money(Money::yuan(text.parse().unwrap()))
}

fn on_page(page: u32, left: f64, top: f64, right: f64, bottom: f64) -> Anchor {
    Anchor::Box { page, bounds: Rect::new(left, top, right, bottom) }
}

fn record(fields: Vec<(&str, Fact)>) -> Record {
    Record {
        fields: fields.into_iter().map(|(name, fact)| (name.into(), fact)).collect(),
        ..Record::default()
    }
}

fn document(name: &str, format: Format, hash: &str) -> Document {
    Document { id: DocumentId(hash.into()), name: name.into(), format, ..Document::default() }
}

fn paper(document: &Document, document_type: &str, record: Record) -> Paper {
    Paper {
        file: document.name.clone(),
        document: document.id.clone(),
        format: document.format,
        pages: (1, 1),
        document_type: document_type.into(),
        type_confidence: 0.99,
        record,
        problems: Vec::new(),
        assumed_dpi: document.format == Format::Jpeg,
        content: Content::default(),
    }
}

fn papers(documents: &[Document]) -> Vec<Paper> {
    let mut invoice = record(vec![
        (
            "invoice_number",
            fact(
                7,
                Value::Code("91719556".into()),
                "№ 91719556",
                on_page(1, 487.04, 124.0, 553.0, 141.26),
                Method::Located,
            ),
        ),
        (
            "gross",
            fact(
                8,
                yuan("3462885"),
                "¥3,462,885.00",
                on_page(1, 517.0, 378.0, 577.0, 389.0),
                Method::Located,
            ),
        ),
        (
            "issued_on",
            fact(
                9,
                Value::Date(NaiveDate::from_ymd_opt(2021, 4, 28).unwrap()),
                "2021年04月28日",
                on_page(1, 530.0, 167.0, 595.0, 178.5),
                Method::Located,
            ),
        ),
    ]);
    if let Some(number) = invoice.fields.get_mut("invoice_number") {
        number.evidence.readings.push(Reading::new("qr", Some(Value::Code("91719558".into()))));
    }
    let item = record(vec![(
        "amount",
        fact(10, yuan("949900"), "949900.00", on_page(1, 468.0, 263.0, 510.0, 273.0), Method::Located),
    )]);
    invoice.rows.insert("items".into(), vec![item]);
    let again = record(vec![(
        "invoice_number",
        fact(
            11,
            Value::Code("91719556".into()),
            "91719556",
            on_page(1, 487.0, 124.0, 553.0, 141.0),
            Method::Located,
        ),
    )]);
    let cell = Anchor::Cell { sheet: "账单".into(), row: 12, column: 28 };
    let mut bill =
        record(vec![("cash_paid", fact(12, yuan("1234.5600000000"), "1234.56", cell, Method::Payload))]);
    let mut unread = fact(13, yuan("1"), "", on_page(1, 148.0, 186.0, 276.0, 197.0), Method::Located);
    unread.value = None;
    unread.problem = Some("unreadable");
    bill.fields.insert("total".into(), unread);
    vec![
        paper(&documents[0], "vat_invoice", invoice),
        paper(&documents[1], "vat_invoice", again),
        paper(&documents[2], "cloud_bill", bill),
    ]
}

fn finding(code: &str, rule: &str, outcome: Outcome, zh: &str, en: &str, evidence: &[u32]) -> Finding {
    Finding {
        rule: rule.into(),
        code: code.into(),
        clause: Clause {
            number: "三(三)1".into(),
            text: "投入总计不低于2000万元（须提供专项审计报告、发票）".into(),
        },
        outcome,
        severity: Severity::High,
        reasons: Vec::new(),
        notes: Vec::new(),
        message: message(zh, en),
        declared: None,
        found: None,
        difference: None,
        explanation: Vec::new(),
        evidence: evidence.iter().copied().map(FactId).collect(),
        searched: Vec::new(),
    }
}

fn findings() -> Vec<Finding> {
    let money = |value: &str| Some(Shown { value: value.into(), unit: Some("元".into()) });
    let mut pass = finding(
        "GEN-01",
        "applicant-differs",
        Outcome::Pass,
        "申报单位与营业执照一致。",
        "The applicant is the one on the licence.",
        &[1],
    );
    pass.notes = vec!["boundary".into()];
    let mut review = finding(
        "CLD-02",
        "payment-unproven",
        Outcome::ManualReview,
        "云账单的现金支付需要对照付款回单。",
        "The cash paid needs its receipts.",
        &[12, 13],
    );
    review.severity = Severity::Medium;
    review.reasons = vec!["NOT_SUPPLIED bank_receipt".into(), "A_NEW_CODE".into()];
    let mut fail = finding(
        "FAC-04",
        "invoices-fall-short-of-audit",
        Outcome::Fail,
        "发票合计少于申报的项目投入：同一张发票被计入两次。",
        "The invoices fall short of the declared investment: one is counted twice.",
        &[2, 7, 8, 9, 11, 99],
    );
    fail.reasons = vec!["DUPLICATE_INVOICE".into()];
    fail.declared = money("20356700.00");
    fail.found = money("16893815.00");
    fail.difference = Some(Decimal::from(-3_462_885));
    fail.explanation = vec![Explanation {
        kind: "doubled_item".into(),
        amount: Some(Decimal::from(3_462_885)),
        evidence: vec![FactId(7), FactId(11)],
        elsewhere: Some("A-2 · 另一申报单位 · attachments/a.pdf · p. 3".into()),
        alternatives: vec![1],
    }];
    vec![
        pass,
        review,
        fail,
        finding(
            "CLD-01",
            "level-skipped",
            Outcome::NotApplicable,
            "仅适用于星级上云。",
            "Star cloud only.",
            &[],
        ),
    ]
}

pub(super) fn case() -> Examination {
    let documents = vec![
        document("attachments/扫描件/img<script>alert(1)</script>.jpg", Format::Jpeg, "aa11"),
        document("attachments/10.pdf", Format::Pdf, "bb22"),
        document("attachments/consumedetailbill_v2.xlsx", Format::Xlsx, "cc33"),
        document("attachments/坏.pdf", Format::Unknown, "dd44"),
    ];
    let form = |field: &str| Anchor::Form { field: field.into() };
    let mut declaration = record(vec![]);
    let name = fact(
        1,
        Value::Text("泰州博屹<b>智能</b>家电".into()),
        "泰州博屹<b>智能</b>家电",
        form("applicant.name"),
        Method::Declared,
    );
    let total = fact(
        2,
        yuan("20356700"),
        "2035.67 万元",
        form("benchmark_factory.investment.total"),
        Method::Declared,
    );
    declaration.groups.insert("applicant".into(), record(vec![("name", name)]));
    declaration.groups.insert(
        "benchmark_factory".into(),
        Record {
            groups: [("investment".into(), record(vec![("total", total)]))].into(),
            ..Record::default()
        },
    );
    Examination {
        id: "2023-TZ-0042".into(),
        name: "factory-planted".into(),
        category: Some("benchmark_factory".into()),
        applicant_name: Some("泰州博屹智能家电<script>alert(2)</script>股份有限公司".into()),
        applicant_uscc: Some("91321202587291117N".into()),
        made_with: MadeWith {
            heyan: "0.1.0".into(),
            pack: "jiangsu-2023".into(),
            pack_version: "1".into(),
            today: "2023-03-01".into(),
            engines: [("ppocr".into(), "v5".into())].into(),
        },
        outcome: Outcome::Fail,
        findings: findings(),
        judgement: vec![finding(
            "GEN-05",
            "representativeness",
            Outcome::ManualReview,
            "请判断项目是否具有示范性。",
            "Judge whether the project sets an example.",
            &[2],
        )],
        declaration,
        declared_in: None,
        papers: papers(&documents),
        documents,
        sums: vec![Sums {
            part: "equipment".into(),
            sums: [
                ("declared".into(), Decimal::from(20_356_700)),
                ("audited".into(), Decimal::from(16_893_815)),
            ]
            .into(),
        }],
        totals: [("invoices_gross".into(), "16893815".parse().unwrap())].into(),
        problems: vec![
            Problem::new(
                "file-broken",
                "文件损坏，无法打开；请重新提交。",
                "the file is broken; ask for it again",
            )
            .at("attachments/坏.pdf")
            .on_page(3),
        ],
        uses: Vec::new(),
        reasons: std::collections::BTreeMap::new(),
        not_checked: vec![message("发票未经税务平台查验。", "Invoices were not verified online.")],
    }
}

pub(super) fn crop(_: &Document, _: u32, around: Rect) -> Option<Crop> {
    let bounds = Rect::new(20.0, 20.0, 20.0 + around.width() * 2.0, 20.0 + around.height() * 2.0);
    Some(Crop { bytes: b"picture".to_vec(), mime: "image/png", width: 900, height: 320, bounds })
}

#[test]
fn reports_are_what_they_were() {
    let case = case();
    let options = Options { crops: &crop, ..Options::default() };
    for report in REPORTS {
        let made = (report.make)(&case, &options).unwrap();
        let again = (report.make)(&case, &options).unwrap();
        assert_eq!(made, again, "{} is not the same twice", report.name);
        golden(&format!("tests/it/golden/report.{}", report.extension), &String::from_utf8(made).unwrap());
    }
}

#[test]
fn what_is_to_be_judged_says_whether_there_is_anything() {
    let mut case = case();
    case.judgement[0].outcome = Outcome::MissingEvidence;
    case.judgement[0].reasons = vec!["COMMITMENT_ABSENT".into()];
    let report: Json = serde_json::from_str(&json::to_json(&case).unwrap()).unwrap();
    assert_eq!(report["judgement"][0]["outcome"], "missing_evidence");
    assert_eq!(report["judgement"][0]["reasons"][0], "COMMITMENT_ABSENT");
    for (lang, words) in [(Lang::Zh, "没有识别到承诺书"), (Lang::En, "No letter of commitment")] {
        assert!(text::examination(&case, lang, false).contains(words));
        assert!(html::page(&case, lang, &crop).contains(words));
    }
}

#[test]
fn the_schema_is_published() {
    golden("schema/report.schema.json", &json::schema().unwrap());
}

#[test]
fn the_report_keeps_the_contract() {
    let report: Json = serde_json::from_str(&json::to_json(&case()).unwrap()).unwrap();
    for key in [
        "schema",
        "case",
        "made_with",
        "outcome",
        "counts",
        "findings",
        "judgement",
        "evidence",
        "documents",
        "totals",
        "reconciliation",
        "problems",
        "not_checked",
    ] {
        assert!(!report[key].is_null(), "{key} is missing");
    }
    assert_eq!(report["schema"], "heyan.report/1");
    let fail = &report["findings"][2];
    assert_eq!(fail["difference"], "-3462885.00");
    assert_eq!(fail["explanation"][0]["evidence"], serde_json::json!(["e7", "e11"]));
    assert_eq!(
        fail["evidence"],
        serde_json::json!(["e2", "e7", "e8", "e9", "e11"]),
        "a dangling citation is dropped"
    );
    let e7 = &report["evidence"]["e7"];
    assert_eq!(e7["document"], "d1");
    assert_eq!(e7["box"], serde_json::json!([487.0, 124.0, 553.0, 141.3]));
    assert_eq!(e7["field"], "invoice_number");
    assert_eq!(report["documents"][0]["id"], "d1");
    assert_eq!(report["evidence"]["e12"]["column"], "AB");
    assert_eq!(report["evidence"]["e2"]["form"], "benchmark_factory.investment.total");
    assert!(report["evidence"].get("e10").is_none(), "only what is cited is evidence");
    for finding in report["findings"].as_array().unwrap() {
        for key in finding["evidence"].as_array().unwrap() {
            assert!(report["evidence"].get(key.as_str().unwrap()).is_some());
        }
    }
}

#[test]
fn the_schema_knows_every_key() {
    let schema: Json = serde_json::from_str(&json::schema().unwrap()).unwrap();
    let report: Json = serde_json::from_str(&json::to_json(&case()).unwrap()).unwrap();
    assert_known(&schema, &schema, &report, "report");
}

/// Whether all keys of a value are in the schema, and all required keys in the value.
pub(super) fn assert_known(root: &Json, schema: &Json, value: &Json, place: &str) {
    let schema = match schema["$ref"].as_str() {
        Some(name) => root.pointer(name.trim_start_matches('#')).unwrap(),
        None => schema.get("anyOf").map_or(schema, |any| &any[0]),
    };
    let schema =
        schema["$ref"].as_str().map_or(schema, |name| root.pointer(name.trim_start_matches('#')).unwrap());
    match value {
        Json::Object(map) => {
            for required in schema["required"].as_array().into_iter().flatten() {
                assert!(map.contains_key(required.as_str().unwrap()), "{place} lacks {required}");
            }
            for (key, inner) in map {
                let known = schema["properties"].get(key).or_else(|| schema.get("additionalProperties"));
                let known = known.unwrap_or_else(|| panic!("{place}.{key} is not in the schema"));
                assert_known(root, known, inner, &format!("{place}.{key}"));
            }
        }
        Json::Array(items) => items.iter().for_each(|item| assert_known(root, &schema["items"], item, place)),
        _ => {}
    }
}

#[test]
fn extracted_documents_keep_the_contract() {
    let case = case();
    let found: Json =
        serde_json::from_str(&json::papers_json(&case.papers, &case.documents, Lang::Zh).unwrap()).unwrap();
    let found = found.as_array().unwrap();
    assert_eq!(found.len(), 4, "three papers and the file in which there is none");
    let invoice = &found[0];
    assert!(invoice.get("id").is_none());
    assert_eq!(invoice["assumed_dpi"], true);
    assert!(found[1].get("assumed_dpi").is_none());
    assert_eq!(invoice["pages"], serde_json::json!([1, 1]));
    assert_eq!(invoice["fields"]["gross"]["value"], "3462885.00");
    assert_eq!(invoice["fields"]["gross"]["confidence"], 0.99);
    assert_eq!(invoice["fields"]["invoice_number"]["readings"][1]["by"], "qr");
    assert_eq!(invoice["rows"]["items"][0]["amount"]["value"], "949900.00");
    assert_eq!(invoice["signatures"], serde_json::json!([]));
    let unread = &found[2]["fields"]["total"];
    assert!(unread["value"].is_null() && unread.get("value").is_some());
    assert_eq!(unread["problem"], "unreadable");
    let text = text::papers_text(&case.papers, Lang::Zh, false);
    assert!(text.contains("≠ qr 91719558") && text.contains("账单!AB12") && !text.contains('\u{1b}'));
}

#[test]
fn text_from_documents_stays_text() {
    for lang in [Lang::Zh, Lang::En] {
        let page = html::page(&case(), lang, &crop);
        assert!(!page.contains("<script>alert") && page.contains("&lt;script&gt;alert(1)"));
        assert!(!page.contains("<b>智能"));
        assert!(!page.contains("http://") && !page.contains("https://"), "the page loads nothing");
    }
}

#[test]
fn a_batch_begins_with_the_worst() {
    let mut good = case();
    good.applicant_name = Some("好公司".into());
    good.outcome = Outcome::Pass;
    let cases = [good, case()];
    let summaries = cases.each_ref().map(Summary::of);
    let text = batch::batch_text(&summaries, Lang::Zh, false);
    assert!(text.starts_with("✗ 不符") && text.lines().count() == 2);
    let page = batch::batch_html(&summaries, &|at| format!("case-{at}/report.html"), Lang::Zh);
    assert!(page.find("case-1/report.html") < page.find("case-0/report.html"));
    let mut written = Vec::new();
    let reports = cases.iter().map(|case| Ok(json::to_json(case).unwrap()));
    batch::batch_json(reports, &mut written).unwrap();
    let whole: Vec<_> = cases.iter().map(json::examination).collect();
    assert_eq!(String::from_utf8(written).unwrap(), serde_json::to_string_pretty(&whole).unwrap() + "\n");
}
