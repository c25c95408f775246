//! A call is data: another one is verified from end to end, replayed on another day, and held against
//! what it was.

use std::{
    fs,
    path::{Path, PathBuf},
};

use heyan::rulebook::packs;
use serde_json::Value as Json;

use super::cli::{Ran, heyan, licence_pdf};

const CALL: &str = "equipment-subsidy-2024";
const FIRM: &str = "玄州清源机械有限公司";
const CODE: &str = "91320100MA1ABC1235";

/// An application to the made-up call: a licence, one invoice of 4,000,000 net, one receipt of 3,000,000.
fn application(root: &Path) -> PathBuf {
    let case = root.join("application");
    fs::create_dir_all(case.join("attachments")).unwrap();
    let declaration = serde_json::json!({
        "schema": "heyan.declaration/1",
        "case_id": "XQ-2024-001",
        "category": "equipment",
        "submitted_on": "2024-07-20",
        "applicant": { "name": FIRM, "uscc": CODE },
        "equipment": {
            "invested": { "value": "400", "unit": "万元" },
            "subsidy_claimed": { "value": "320000.00", "unit": "元" },
            "new": true
        }
    });
    fs::write(case.join("declaration.json"), declaration.to_string()).unwrap();
    let rows = |all: &[(&'static str, &str)]| -> Vec<(&'static str, String)> {
        all.iter().map(|(label, value)| (*label, (*value).to_owned())).collect()
    };
    let licence = rows(&[
        ("营业执照", ""),
        ("统一社会信用代码", CODE),
        ("名称", FIRM),
        ("类型", "有限责任公司"),
        ("法定代表人", "林知远"),
        ("注册资本", "壹仟万元整"),
        ("成立日期", "2019年03月01日"),
        ("住所", "玄州市栖川区云台路8号"),
        ("登记机关", "玄州市市场监督管理局"),
        ("", "2019年03月01日"),
    ]);
    fs::write(case.join("attachments/licence.pdf"), licence_pdf(&licence)).unwrap();
    let receipt = rows(&[
        ("玄州银行电子回单", ""),
        ("回单编号", "20240110000187"),
        ("交易日期", "2024-01-10"),
        ("付款人户名", FIRM),
        ("收款人户名", "云岭望舒装备有限公司"),
        ("交易金额", "¥3,000,000.00"),
    ]);
    fs::write(case.join("attachments/receipt.pdf"), licence_pdf(&receipt)).unwrap();
    let invoice = format!(
        r#"<?xml version="1.0" encoding="utf-8"?>
<eInvoice xmlns:fp="http://www.edrm.org.cn/schema/e-invoice/2019" Version="1.0"><fp:InvoiceCode>032002300111</fp:InvoiceCode><fp:InvoiceNo>40718253</fp:InvoiceNo><fp:TypeCode>0</fp:TypeCode><fp:IssueDate>2023年12月15日</fp:IssueDate><fp:Buyer><fp:BuyerName>{FIRM}</fp:BuyerName><fp:BuyerTaxID>{CODE}</fp:BuyerTaxID></fp:Buyer><fp:Seller><fp:SellerName>云岭望舒装备有限公司</fp:SellerName><fp:SellerTaxID>91320500MAYDGTXM70</fp:SellerTaxID></fp:Seller><fp:TaxInclusiveTotalAmount>4520000.00</fp:TaxInclusiveTotalAmount><fp:TaxTotalAmount>520000.00</fp:TaxTotalAmount><fp:TaxExclusiveTotalAmount>4000000.00</fp:TaxExclusiveTotalAmount></eInvoice>"#
    );
    fs::write(case.join("attachments/invoice.xml"), invoice).unwrap();
    case
}

fn text(path: &Path) -> &str {
    path.to_str().unwrap()
}

/// Verifies a case on a day; answers what was said and the report.
fn verified(case: &Path, pack: &str, day: &str) -> (Ran, Json) {
    let out = case.parent().unwrap().join("out");
    let ran = heyan(&["verify", text(case), "--pack", pack, "--today", day, "--out", text(&out)]);
    let report = fs::read(out.join("application/report.json")).unwrap_or_else(|_| panic!("{}", ran.err));
    (ran, serde_json::from_slice(&report).unwrap())
}

fn outcome<'r>(report: &'r Json, rule: &str) -> &'r str {
    let findings = report["findings"].as_array().unwrap();
    let one = findings.iter().find(|one| one["rule"] == rule).unwrap_or_else(|| panic!("no {rule}"));
    one["outcome"].as_str().unwrap()
}

/// The folder of a call with changes, as somebody would keep it beside the program.
fn changed(root: &Path, id: &str, changes: &[(&str, &str, &str)]) -> PathBuf {
    let folder = root.join("kept").join(id);
    fs::create_dir_all(&folder).unwrap();
    for (name, text) in packs::embedded(id).unwrap().iter().filter(|(name, _)| name.ends_with(".toml")) {
        let mut text = text.clone();
        for (_, from, to) in changes.iter().filter(|(file, ..)| file == name) {
            assert!(text.contains(from), "{from}");
            text = text.replacen(from, to, 1);
        }
        fs::write(folder.join(name), text).unwrap();
    }
    folder
}

#[test]
fn another_call_is_verified_from_end_to_end() {
    let root = tempfile::tempdir().unwrap();
    let case = application(root.path());
    let (ran, report) = verified(&case, CALL, "2024-08-01");
    for rule in [
        "domicile-outside-city",
        "no-legal-person",
        "established-too-late",
        "equipment-not-new",
        "invoice-outside-window",
        "invoice-to-another-buyer",
        "investment-below-threshold",
        "investment-overstated",
        "paid-too-little",
        "claim-above-tier",
        "submitted-outside-window",
    ] {
        assert_eq!(outcome(&report, rule), "pass", "{rule}: {}", ran.out);
    }
    assert_eq!(outcome(&report, "audit-absent"), "not_applicable");
    assert_eq!(report["made_with"]["pack"], CALL);
    // The call's own keys are no unknown ones; those of another call would be.
    assert!(!report["problems"].to_string().contains("declaration-unknown-key"), "{}", report["problems"]);
    assert_eq!(report["totals"]["declared_investment"], "4000000.00", "{}", report["totals"]);
    // Its reasons are said in its own words.
    let declared = fs::read_to_string(case.join("declaration.json")).unwrap();
    fs::write(case.join("declaration.json"), declared.replace("320000.00", "400000.00")).unwrap();
    let (ran, report) = verified(&case, CALL, "2024-08-01");
    assert_eq!(outcome(&report, "claim-above-tier"), "fail");
    let words = "申报的补助高于按设备投入可得的数额。";
    assert!(ran.out.contains(&format!("CLAIM_TOO_HIGH  {words}")), "{}", ran.out);
    let page = fs::read_to_string(case.parent().unwrap().join("out/application/report.html")).unwrap();
    assert!(page.contains(words));
    fs::write(case.join("declaration.json"), declared).unwrap();
    let (_, other) = verified(&case, "jiangsu-2023", "2023-03-01");
    assert!(other["problems"].to_string().contains("`equipment` is no key"), "{}", other["problems"]);
    assert!(!other.to_string().contains("on the spot") && !other.to_string().contains("到货安装"));
}

#[test]
fn an_old_call_is_replayed_by_its_path_and_its_day() {
    let root = tempfile::tempdir().unwrap();
    let case = application(root.path());
    let kept = changed(
        root.path(),
        CALL,
        &[
            ("pack.toml", "\"1.0.1\"", "\"0.9.0\""),
            ("pack.toml", "\"3000000.00\" }\npaid", "\"5000000.00\" }\npaid"),
        ],
    );
    for place in [kept.clone(), kept.join("pack.toml")] {
        let (ran, report) = verified(&case, text(&place), "2024-08-01");
        assert_eq!(report["made_with"]["pack_version"], "0.9.0");
        assert_eq!(outcome(&report, "investment-below-threshold"), "fail", "{}", ran.out);
        assert!(!ran.err.contains("in force"), "{}", ran.err);
        assert!(!report["not_checked"].to_string().contains("有效期"), "{}", report["not_checked"]);
    }
    // A day outside is said, and nothing is refused.
    for (day, inside) in
        [("2024-06-30", false), ("2024-07-01", true), ("2024-12-31", true), ("2025-01-01", false)]
    {
        let (ran, report) = verified(&case, CALL, day);
        let hint =
            format!("{day} lies outside the days on which {CALL} is in force, 2024-07-01 to 2024-12-31");
        assert_eq!(ran.err.contains(&hint), !inside, "{day}: {}", ran.err);
        let said = format!("核验所依的日期{day}不在本规则包的有效期");
        assert_eq!(report["not_checked"].to_string().contains(&said), !inside, "{day}");
    }
    // Every command that takes a pack takes its place as well.
    for arguments in [["rules", "check"], ["rules", "test"], ["rules", "coverage"], ["rules", "explain"]] {
        let ran = heyan(&[arguments[0], arguments[1], text(&kept)]);
        assert!(ran.err.is_empty() && !ran.out.is_empty(), "{arguments:?}: {}", ran.err);
    }
    let nowhere = heyan(&["rules", "check", text(&root.path().join("nowhere/pack.toml"))]);
    assert_eq!(nowhere.code, 2);
    assert!(
        nowhere.err.contains("there is no pack in") && nowhere.err.contains("nowhere"),
        "{}",
        nowhere.err
    );
}

#[test]
fn what_differs_between_two_packs_is_listed_with_the_outcomes_it_changes() {
    let root = tempfile::tempdir().unwrap();
    let case = application(root.path());
    let same = heyan(&["rules", "diff", CALL, CALL, "--lang", "en"]);
    assert_eq!((same.code, same.out.as_str()), (0, "the packs do not differ\n"), "{}", same.err);
    let rules = packs::embedded(CALL).unwrap()["rules.toml"].clone();
    let audit = rules.split("[[rule]]").find(|rule| rule.contains("\"audit-absent\"")).unwrap().to_owned();
    let kept = changed(
        root.path(),
        CALL,
        &[
            ("pack.toml", "\"3000000.00\" }\npaid", "\"5000000.00\" }\npaid"),
            ("pack.toml", "rate = { share = \"0.12\" }", "rate = { share = \"0.15\" }"),
            ("pack.toml", "成立满2年", "成立满两年"),
            ("rules.toml", "quote = \"至申报之日成立满2年\"\n", ""),
            (
                "rules.toml",
                "severity = \"medium\"\nrequire = \"declaration.equipment.new\"",
                "severity = \"high\"\nrequire = \"declaration.equipment.new\"",
            ),
            (
                "rules.toml",
                &audit,
                "\nid = \"audit-absent-now\"\ncode = \"SUB-03\"\nclause = \"三2\"\nseverity = \"high\"\nrequire = \"present(case, 'audit_report')\"\nreason = \"MISSING_DOCUMENT\"\nmessage = { zh = \"没有审计报告\", en = \"no audit\" }\n\n",
            ),
            (
                "tests.toml",
                "rule = \"audit-absent\"\nname = \"needed and there\"",
                "rule = \"audit-absent-now\"\nname = \"there\"",
            ),
            (
                "tests.toml",
                "rule = \"audit-absent\"\nname = \"needed and not there\"\nexpect = \"missing_evidence\"",
                "rule = \"audit-absent-now\"\nname = \"not there\"\nexpect = \"fail\"",
            ),
            (
                "tests.toml",
                "rule = \"audit-absent\"\nname = \"not needed at 1000万元\"\nexpect = \"not_applicable\"",
                "rule = \"audit-absent-now\"\nname = \"not there either\"\nexpect = \"fail\"",
            ),
        ],
    );
    let ran =
        heyan(&["rules", "diff", CALL, text(&kept), text(&case), "--today", "2024-08-01", "--lang", "en"]);
    assert_eq!(ran.code, 1, "{}", ran.err);
    for said in [
        "~ constant investment_threshold\n    - 3000000.00\n    + 5000000.00\n",
        "~ tier subsidy_rate from 10000000.00\n    - rate 0.12\n    + rate 0.15\n",
        "~ clause 一1\n    - 申报单位须在玄州市内登记注册，具有独立法人资格，至申报之日成立满2年。\n",
        "~ rule established-too-late clause\n",
        "~ rule equipment-not-new severity\n    - medium\n    + high\n",
        "- rule audit-absent  设备投入",
        "+ rule audit-absent-now  没有审计报告\n",
        "application  EQP-05 investment-below-threshold: pass → fail [BELOW_THRESHOLD Below the required minimum.]\n",
        "application  SUB-03 audit-absent-now: no such rule → fail [MISSING_DOCUMENT",
        "application  the whole case: ",
    ] {
        assert!(ran.out.contains(said), "wanted {said}:\n{}", ran.out);
    }
    assert!(!ran.out.contains("domicile-outside-city"), "{}", ran.out);

    // The store knows the case as it was handed in, also when its folder is gone.
    let store = root.path().join("store.db");
    let stored = ["--store", text(&store), "--lang", "en"];
    let out = root.path().join("out");
    let verify = ["verify", text(&case), "--pack", CALL, "--today", "2024-08-01", "--out", text(&out)];
    let verified = heyan(&[&verify[..], &stored].concat());
    assert_eq!(verified.code, 0, "{}", verified.err);
    fs::remove_dir_all(&case).unwrap();
    let past = heyan(&[&["rules", "diff", CALL, text(&kept)], &stored[..]].concat());
    let called = format!("  XQ-2024-001 equipment {FIRM} {CODE}  ");
    assert_eq!((past.code, past.out), (1, ran.out.replace("  application  ", &called)), "{}", past.err);
    // Another firm's application of the same identifier is another, and a call under another name is the same call.
    let other = application(root.path());
    let declared = fs::read_to_string(other.join("declaration.json")).unwrap();
    fs::write(other.join("declaration.json"), declared.replace(FIRM, "玄州沐禾机械有限公司")).unwrap();
    assert_eq!(heyan(&[&verify[..], &stored].concat()).code, 1);
    let past = heyan(&[&["rules", "diff", CALL, text(&kept)], &stored[..]].concat());
    for firm in [FIRM, "玄州沐禾机械有限公司"] {
        assert!(past.out.contains(&format!("  XQ-2024-001 equipment {firm} {CODE}  ")), "{}", past.out);
    }
    let renamed = changed(
        &root.path().join("renamed"),
        CALL,
        &[("pack.toml", "id = \"equipment-subsidy-2024\"", "id = \"equipment-subsidy-2025\"")],
    );
    let past = heyan(&[&["rules", "diff", CALL, text(&renamed)], &stored[..]].concat());
    assert_eq!(
        (past.code, past.out.as_str()),
        (0, "the packs do not differ\n\noutcomes that would change:\n  none\n")
    );
    fs::remove_dir_all(root.path().join("store.db.files/documents")).unwrap();
    let past = heyan(&[&["rules", "diff", CALL, text(&kept)], &stored[..]].concat());
    assert_eq!(past.code, 2);
    let nowhere = text(&root.path().join("nowhere.db")).to_owned();
    let missed = heyan(&["rules", "diff", CALL, text(&kept), "--store", &nowhere]);
    assert!(missed.code == 2 && missed.err.contains("there is no store at"), "{}", missed.err);
    assert!(
        past.err.contains(&format!("{FIRM} {CODE} is not in the store as it was handed in")),
        "{}",
        past.err
    );

    let json = heyan(&["rules", "diff", text(&kept), CALL, "--format", "json"]);
    let json: Json = serde_json::from_str(&json.out).unwrap();
    let changes = json["changes"].as_array().unwrap();
    let threshold = changes.iter().find(|one| one["name"] == "investment_threshold").unwrap();
    assert_eq!((&threshold["old"], &threshold["new"]), (&"5000000.00".into(), &"3000000.00".into()));
    assert_eq!(json["outcomes"], Json::Array(Vec::new()));
}

#[test]
fn a_rule_is_explained_in_words() {
    let zh = heyan(&["rules", "explain", CALL, "SUB-01"]).out;
    for said in [
        "依据：三1 「补助按设备投入分档计算",
        "重要程度：重要",
        "查看：增值税发票",
        "investment_threshold = 3000000.00",
        "不符：BELOW_THRESHOLD  低于规定的下限。",
        "符合：公式中 require 一项成立",
        "比较：allowed 与申报的 subsidy claimed (claimed)\n",
        "缺少材料：NOT_SUPPLIED  没有提交所需的材料。",
        "CLAIM_TOO_HIGH  申报的补助高于按设备投入可得的数额。",
        "公式：\n",
        "    tier = tier(case, 'subsidy_rate', invested)\n",
    ] {
        assert!(zh.contains(said), "wanted {said}:\n{zh}");
    }
    let en = heyan(&["rules", "explain", "jiangsu-2023", "investment-below-threshold", "--lang", "en"]).out;
    for said in [
        "concerns: benchmark factory\n",
        "rests on: 三(三)1 「",
        "reads: VAT invoice; audit report",
        "fail: BELOW_THRESHOLD  Below the required minimum.\n",
        "needs review: AMBIGUOUS_READING  The clause can be read in more than one way",
        "left open: window accounting_years / to_notice / to_submission  They differ in where",
    ] {
        assert!(en.contains(said), "wanted {said}:\n{en}");
    }
}

#[test]
fn coverage_is_printed_for_people_and_for_programs() {
    let zh = heyan(&["rules", "coverage", CALL]);
    assert_eq!(zh.code, 0, "{}{}", zh.out, zh.err);
    for said in [
        "\n二1\n",
        "部分自动  新购置的生产设备\n",
        "不予核验  补助资金由区财政局拨付",
        "（人工）",
        "无人负责 0",
        "* 该规则以整条为依据",
    ] {
        assert!(zh.out.contains(said), "wanted {said}:\n{}", zh.out);
    }
    let en = heyan(&["rules", "coverage", CALL, "--lang", "en"]).out;
    assert!(en.contains("uncovered 0") && en.contains("the authorities' affair"), "{en}");
    let root = tempfile::tempdir().unwrap();
    let open = changed(root.path(), CALL, &[]);
    let text_of = fs::read_to_string(open.join("pack.toml")).unwrap();
    fs::write(
        open.join("pack.toml"),
        text_of.replace("合计不低于300万元。", "合计不低于300万元。设备须投保。"),
    )
    .unwrap();
    let rules = fs::read_to_string(open.join("rules.toml")).unwrap();
    let quoting = rules.replace(
        "code = \"EQP-05\"\nclause = \"二2\"",
        "code = \"EQP-05\"\nclause = \"二2\"\nquote = \"合计不低于300万元\"",
    );
    fs::write(open.join("rules.toml"), quoting).unwrap();
    let json = heyan(&["rules", "coverage", text(&open), "--format", "json"]);
    assert_eq!(json.code, 1, "{}", json.err);
    let json: Json = serde_json::from_str(&json.out).unwrap();
    assert_eq!(json["counts"]["uncovered"], 1);
    let clause = json["clauses"].as_array().unwrap().iter().find(|one| one["number"] == "二2").unwrap();
    let open_piece =
        clause["pieces"].as_array().unwrap().iter().find(|one| one["state"] == "uncovered").unwrap();
    assert_eq!(open_piece["text"], "设备须投保");
    let checked = heyan(&["rules", "check", text(&open)]);
    assert_eq!(checked.code, 1, "{}", checked.err);
    assert!(checked.out.contains("accounts for `设备须投保` in clause 二2\n"), "{}", checked.out);
}

#[test]
fn all_packs_are_checked_and_none_hides_another() {
    let root = tempfile::tempdir().unwrap();
    let broken = [("rules.toml", "severity = \"high\"", "severity = \"hihg\"")];
    let kept = changed(root.path(), CALL, &broken);
    let rules = root.path().join("rules");
    fs::create_dir_all(rules.join("packs")).unwrap();
    fs::rename(&kept, rules.join("packs").join(CALL)).unwrap();
    let other = changed(root.path(), "jiangsu-2023", &[("pack.toml", "\"2023-03-31\"", "\"2023-02-30\"")]);
    fs::rename(&other, rules.join("packs/jiangsu-2023")).unwrap();
    let ran = heyan(&["rules", "check", "--rules", text(&rules)]);
    assert_eq!(ran.code, 2);
    for said in
        ["unknown severity `hihg`", "`certificate_limit` is `2023-02-30`, which is no day of the calendar"]
    {
        assert!(ran.err.contains(said), "wanted {said}: {}", ran.err);
    }
    let fine = heyan(&["rules", "check", CALL]);
    assert_eq!(fine.code, 0, "{}{}", fine.out, fine.err);
    assert!(fine.out.contains("no mistakes"), "{}", fine.out);
}
