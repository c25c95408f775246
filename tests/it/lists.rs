//! Lists of authorities: imported from tables, and what they say of a case.

use std::{fs, path::Path};

use heyan::{
    lists::{KINDS, ListError, Lists, import},
    model::{
        anchor::Anchor,
        page::{Cell, CellValue, Sheet},
    },
};

use crate::{
    cli::{Ran, heyan},
    spreadsheets::xlsx,
};

fn sheet(rows: &[&[&str]]) -> Sheet {
    let cell = |text: &&str| Cell { text: (*text).to_owned(), value: CellValue::Text };
    Sheet {
        name: "名单".to_owned(),
        rows: rows.iter().map(|row| row.iter().map(cell).collect()).collect(),
        hidden: false,
        hidden_rows: Vec::new(),
        hidden_columns: Vec::new(),
        merged: Vec::new(),
    }
}

fn kind(name: &str) -> &'static heyan::lists::Kind {
    KINDS.iter().find(|kind| kind.name == name).unwrap()
}

#[test]
fn a_table_with_a_title_over_it_and_a_sum_below_is_a_list() {
    let found = import(
        &[sheet(&[
            &["2021年江苏省重点工业互联网平台名单"],
            &[],
            &["序号", "平台名称", "建设单位", "统一社会信用代码", "所在地"],
            &["1", "澄岳平台", "江苏澄岳科技有限公司", "91320100MA1ABC1235", "南京市"],
            &["2", "霁川平台", "南京霁川数据有限公司", "91320500MAYDGTXM70", "南京市"],
            &["3", "霁川平台", "南京霁川数据有限公司", "91320500MAYDGTXM70", "南京市"],
            &["", "", "合计", "", ""],
        ])],
        kind("recognition_list"),
    )
    .unwrap();
    assert_eq!(found.lines.len(), 2);
    assert_eq!(found.lines[0].row, 4);
    assert_eq!(found.lines[0].cells["holder"], (3, "江苏澄岳科技有限公司".to_owned()));
    assert_eq!(found.lines[0].cells["platform"], (2, "澄岳平台".to_owned()));
    assert_eq!((found.again, found.passed), (vec![6], vec![7]));
}

#[test]
fn what_is_wrong_in_a_table_is_named_with_its_row() {
    let error = import(&[sheet(&[&["姓名", "分数"], &["甲", "7"]])], kind("recognition_list")).unwrap_err();
    assert!(matches!(&error, ListError::NoHeads { found, .. } if found == "`姓名 | 分数`"), "{error}");
    let rows: &[&[&str]] =
        &[&["企业名称", "统一社会信用代码"], &["江苏澄岳科技有限公司", "91320100MA1ABC1234"]];
    let error = import(&[sheet(rows)], kind("recognition_list")).unwrap_err().to_string();
    assert!(error.contains("row 2: found `91320100MA1ABC1234`"), "{error}");
    let rows: &[&[&str]] = &[&["设区市", "截止时间"], &["苏州市", "三月底"], &["南通市", ""]];
    let error = import(&[sheet(rows)], kind("closing_dates")).unwrap_err().to_string();
    assert!(error.contains("row 2: found `三月底`") && error.contains("row 3"), "{error}");
    assert_eq!(import(&[sheet(&[&["设区市", "截止时间"]])], kind("closing_dates")), Err(ListError::Empty));
}

fn said(ran: &Ran) -> String {
    format!("{}{}", ran.out, ran.err)
}

#[test]
fn a_case_is_held_against_lists_and_cites_them() {
    let folder = tempfile::tempdir().unwrap();
    let at = |name: &str| folder.path().join(name).to_string_lossy().into_owned();
    let case = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/cases/platform-clean");
    let declared: serde_json::Value =
        serde_json::from_str(&fs::read_to_string(case.join("declaration.json")).unwrap()).unwrap();
    let (name, code) = (&declared["applicant"]["name"], &declared["applicant"]["uscc"]);
    let (name, code) = (name.as_str().unwrap(), code.as_str().unwrap());
    fs::write(
        at("名单.csv"),
        format!("建设单位,统一社会信用代码\n南京霁川数据有限公司,91320500MAYDGTXM70\n{name},{code}\n"),
    )
    .unwrap();
    let lists = at("lists");
    let import = |covers: &str| {
        heyan(&[
            "lists",
            "import",
            &at("名单.csv"),
            "--kind",
            "recognition_list",
            "--title",
            "2021年江苏省重点工业互联网平台名单",
            "--issued-on",
            "2021-12-20",
            "--covers",
            covers,
            "--lists",
            &lists,
            "--today",
            "2023-03-01",
        ])
    };
    let done = import("2018-2022");
    assert_eq!(done.code, 0, "{}", said(&done));
    let verify = || {
        let case = case.to_string_lossy();
        let (out, format) = (at("out"), ["--format", "json", "--today", "2023-03-01"]);
        let output = heyan(&[&["verify", &case, "--lists", &lists, "--out", &out][..], &format].concat());
        serde_json::from_str::<serde_json::Value>(&output.out).unwrap_or_else(|_| panic!("{}", said(&output)))
    };
    let report = verify();
    let unchecked = report["not_checked"].to_string();
    assert!(
        !unchecked.contains("没有以往认定名单") && unchecked.contains("没有推荐项目汇总表"),
        "{unchecked}"
    );
    let finding = |report: &serde_json::Value, rule: &str| {
        let findings = report["findings"].as_array().unwrap();
        findings.iter().find(|one| one["rule"] == rule).unwrap().clone()
    };
    let found = finding(&report, "platform-recognised-already");
    assert_eq!(found["outcome"], "fail");
    assert_eq!(found["reasons"][0], "RECOGNITION_NOT_DECLARED");
    let cited: Vec<&serde_json::Value> = found["evidence"]
        .as_array()
        .unwrap()
        .iter()
        .map(|key| &report["evidence"][key.as_str().unwrap()])
        .collect();
    let line = cited.iter().find(|one| one["raw"] == name && one["file"] == "lists/名单.csv").unwrap();
    assert_eq!((&line["row"], &line["column"]), (&3.into(), &"A".into()), "{line}");

    // A further version takes the place of the one before.
    fs::write(at("名单.csv"), "建设单位,统一社会信用代码\n南京霁川数据有限公司,91320500MAYDGTXM70\n")
        .unwrap();
    assert_eq!(import("2018-2021").code, 0);
    let shown = said(&heyan(&["lists", "show", &lists]));
    assert!(shown.contains("version 2") && shown.contains("2018 to 2021, 1 lines"), "{shown}");
    let found = finding(&verify(), "platform-recognised-already");
    assert_eq!(
        (&found["outcome"], &found["reasons"][0]),
        (&"missing_evidence".into(), &"LISTS_DO_NOT_COVER".into())
    );
    assert_eq!(import("2018-2022").code, 0);
    assert_eq!(finding(&verify(), "platform-recognised-already")["outcome"], "pass");
}

#[test]
fn lists_that_are_none_are_refused() {
    let folder = tempfile::tempdir().unwrap();
    let at = |name: &str| folder.path().join(name).to_string_lossy().into_owned();
    let case = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/cases/platform-clean");
    let output = heyan(&["verify", &case.to_string_lossy(), "--lists", &at(""), "--out", &at("out")]);
    assert_eq!(output.code, 2);
    assert!(said(&output).contains("heyan lists import"), "{}", said(&output));
    fs::write(at("a.1.json"), "{\"schema\": \"heyan.list/9\"}").unwrap();
    let output = heyan(&["lists", "show", &at("")]);
    assert_eq!(output.code, 2);
    assert!(said(&output).contains("a.1.json is no list"), "{}", said(&output));
}

#[test]
fn a_list_of_recognitions_says_which_years_it_covers_and_overwrites_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let at = |name: &str| folder.path().join(name).to_string_lossy().into_owned();
    fs::write(at("a.csv"), "企业名称,设区市\n江苏澄岳科技有限公司,南京市\n").unwrap();
    let import = |more: &[&str]| {
        let (file, lists) = (at("a.csv"), at("lists"));
        let common =
            ["lists", "import", &file, "--kind", "recognition_list", "--title", "甲", "--lists", &lists];
        heyan(&[&common[..], &["--issued-on", "2021-12-20"], more].concat())
    };
    let ran = import(&[]);
    assert_eq!(ran.code, 2);
    assert!(ran.err.contains("--covers"), "{}", ran.err);
    // A file that is no list keeps its name, whatever is in it.
    fs::create_dir_all(at("lists")).unwrap();
    fs::write(at("lists/recognition_list.7.json"), "kept").unwrap();
    assert_eq!(import(&["--covers", "2021"]).code, 0);
    assert_eq!(fs::read_to_string(at("lists/recognition_list.7.json")).unwrap(), "kept");
    assert!(Path::new(&at("lists/recognition_list.8.json")).is_file());
}

#[test]
fn of_a_long_list_only_what_concerns_the_case_is_handed_on() {
    let line = |at: u32| heyan::lists::Line {
        row: at,
        cells: [("holder".to_owned(), (1, format!("单位{at}")))].into_iter().collect(),
    };
    let list = heyan::lists::List {
        kind: "recognition_list".to_owned(),
        sheet: "名单".to_owned(),
        lines: (1..=10_000).map(line).collect(),
        ..heyan::lists::List::default()
    };
    let papers = Lists::new(vec![list]).papers(&["单位 777".to_owned(), String::new()]);
    let rows = &papers[0].record.rows["firms"];
    assert_eq!(rows.len(), 1);
    let anchors = &rows[0].fields["holder"].evidence.anchors;
    assert_eq!(anchors, &[Anchor::Cell { sheet: "名单".to_owned(), row: 777, column: 1 }]);
}

#[test]
fn amounts_are_in_the_unit_that_the_table_says() {
    let summary = |over: &str, head: &str, amount: &str| {
        let rows: &[&[&str]] = &[
            &["推荐项目汇总表"],
            &[over],
            &["序号", "申报单位", "申报类别", head],
            &["1", "江苏澄岳科技有限公司", "标杆工厂", amount],
        ];
        import(&[sheet(rows)], kind("recommendation_summary"))
    };
    for (over, head, yuan) in [
        ("", "投入金额（万元）", "20356700.00"),
        ("单位：万元", "投入金额", "20356700.00"),
        ("单位：万元", "投入金额（元）", "2035.67"),
        ("推荐单位：苏州市元和街道办事处　单位：万元", "投入金额", "20356700.00"),
    ] {
        let found = summary(over, head, "2,035.67").unwrap();
        let list = heyan::lists::List {
            kind: "recommendation_summary".to_owned(),
            units: found.units,
            lines: found.lines,
            ..heyan::lists::List::default()
        };
        let papers = Lists::new(vec![list]).papers(&["江苏澄岳科技有限公司".to_owned()]);
        let amount = papers[0].record.rows["firms"][0].fields["amount"].value.as_ref().unwrap();
        assert_eq!(amount.wire(), yuan, "{over} {head}");
    }
    // What has no unit, or is no amount, is left out, and the line stays.
    for (over, head, amount) in [
        ("", "投入金额", "2035.67"),
        ("", "元器件项目投入", "2035.67"),
        ("推荐单位：苏州市元和街道办事处", "投入金额", "2035.67"),
        ("单位：万元", "投入金额", "/"),
        ("", "投入金额（万元）", "约两千"),
    ] {
        let found = summary(over, head, amount).unwrap();
        assert_eq!(
            (found.lines.len(), found.left_out.as_slice()),
            (1, [4].as_slice()),
            "{over} {head} {amount}"
        );
        assert!(!found.lines[0].cells.contains_key("amount"));
    }
}

#[test]
fn of_cities_and_counties_everybody_gets_all() {
    // A merged cell says what it says of all its rows.
    let rows: &[&[&str]] = &[
        &["设区市", "县（市、区）", "备注"],
        &["云州市", "云汐县"],
        &["", "滨湖区"],
        &["海安市", "沙洲县"],
        &["", "", "共三处"],
    ];
    let found = import(&[sheet(rows)], kind("counties")).unwrap();
    assert_eq!((found.lines[1].cells["city"].1.as_str(), found.passed), ("云州市", vec![5]));
    let list = heyan::lists::List {
        kind: "counties".to_owned(),
        lines: found.lines,
        ..heyan::lists::List::default()
    };
    let papers = Lists::new(vec![list]).papers(&["云州市".to_owned()]);
    assert_eq!(papers[0].record.rows["places"].len(), 3);
}

/// One sheet for each category is usual.
#[test]
fn of_a_workbook_with_several_lists_one_sheet_is_imported_and_the_others_are_named() {
    let folder = tempfile::tempdir().unwrap();
    let at = |name: &str| folder.path().join(name).to_string_lossy().into_owned();
    let rows = |level: &str| {
        let row = |(at, cells): (usize, [&str; 3])| {
            let cell = |text: &&str| format!("<c t=\"inlineStr\"><is><t>{text}</t></is></c>");
            format!("<row r=\"{at}\">{}</row>", cells.iter().map(cell).collect::<String>())
        };
        let all = [
            (1, ["申报单位", "申报星级", "上云投入（万元）"]),
            (2, ["江苏澄岳科技有限公司", level, "36.20"]),
        ];
        format!("<sheetData>{}</sheetData>", all.into_iter().map(row).collect::<String>())
    };
    let (three, four) = (rows("三星级"), rows("四星级"));
    fs::write(at("汇总表.xlsx"), xlsx(&[("三星级", "", &three), ("四星级", "", &four)])).unwrap();
    let import = |more: &[&str]| {
        let (file, lists) = (at("汇总表.xlsx"), at("lists"));
        let kind = ["lists", "import", &file, "--kind", "recommendation_summary", "--lists", &lists];
        let notice = ["--title", "推荐项目汇总表", "--issued-on", "2023-03-10"];
        heyan(&[&kind[..], &notice, more].concat())
    };
    let first = import(&[]);
    assert_eq!(first.code, 0, "{}", said(&first));
    let hint = "only the sheet `三星级` was imported; 四星级 are lists as well";
    assert!(first.err.contains(hint), "{}", first.err);
    let other = import(&["--sheet", "四星级", "--name", "four"]);
    assert!(other.code == 0 && !other.err.contains("only the sheet"), "{}", said(&other));
    assert!(fs::read_to_string(at("lists/four.1.json")).unwrap().contains("四星级"));
    let none = import(&["--sheet", "五星级"]);
    assert_eq!(none.code, 2);
    assert!(none.err.contains("has no sheet `五星级`"), "{}", none.err);
    assert!(none.err.contains("there is 三星级, 四星级"), "{}", none.err);
}

/// Everybody is held against all of them, and a report carries the one it rests on: that of the address's own city.
#[test]
fn of_cities_and_counties_a_report_shows_the_one_it_cites() {
    let folder = tempfile::tempdir().unwrap();
    let at = |name: &str| folder.path().join(name).to_string_lossy().into_owned();
    let case = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/cases/platform-clean");
    let declared: serde_json::Value =
        serde_json::from_str(&fs::read_to_string(case.join("declaration.json")).unwrap()).unwrap();
    let (city, county) = (declared["city"].as_str().unwrap(), declared["county"].as_str().unwrap());
    fs::write(
        at("区划.csv"),
        format!("设区市,县（市、区）\n云州市,{county}\n{city},{county}\n海州市,沙洲县\n"),
    )
    .unwrap();
    let (file, lists, out) = (at("区划.csv"), at("lists"), at("out"));
    let kind = ["lists", "import", &file, "--kind", "counties", "--title", "区划", "--lists", &lists];
    let done = heyan(&[&kind[..], &["--issued-on", "2023-01-10"]].concat());
    assert_eq!(done.code, 0, "{}", said(&done));
    let case = case.to_string_lossy();
    let how = ["--lists", &lists, "--out", &out, "--format", "json", "--today", "2023-03-01"];
    let ran = heyan(&[&["verify", &case][..], &how].concat());
    let report: serde_json::Value =
        serde_json::from_str(&ran.out).unwrap_or_else(|_| panic!("{}", said(&ran)));
    let list = report["documents"]
        .as_array()
        .unwrap()
        .iter()
        .find(|one| one["document_type"] == "counties")
        .unwrap();
    let shown = list["rows"]["places"].as_array().unwrap();
    assert_eq!((shown.len(), &shown[0]["city"]["value"]), (1, &city.into()), "{list}");
    let findings = report["findings"].as_array().unwrap();
    let found = findings.iter().find(|one| one["rule"] == "domicile-outside-province").unwrap();
    let cites = |key: &serde_json::Value| {
        let one = &report["evidence"][key.as_str().unwrap()];
        one["file"] == "lists/区划.csv" && one["row"] == 3 && one["raw"] == city
    };
    assert!(found["evidence"].as_array().unwrap().iter().any(cites), "{found}");
}
