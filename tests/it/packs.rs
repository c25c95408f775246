//! The packs: their own tests, mistakes in them, and whole cases with known faults.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    path::{Path, PathBuf},
};

use chrono::NaiveDate;
use heyan::{
    check::{Checked, Facts, check, functions, record, trial},
    extract::declaration::declaration,
    model::{
        document::{DocumentId, Format},
        fact::{FactId, Method, Record},
        finding::{Finding, Outcome},
        paper::{Content, Paper},
    },
    rulebook::{FUNCTIONS, Pack, embedded, functions::READS, load, packs::built_in, types},
};

const PACK: &str = "jiangsu-2023";

fn pack() -> Pack {
    let files = embedded(PACK).unwrap();
    load(PACK, &files).unwrap_or_else(|errors| {
        panic!("{}", errors.iter().map(ToString::to_string).collect::<Vec<_>>().join("\n\n"))
    })
}

#[test]
fn packs_pass_their_own_tests() {
    let failed: Vec<String> = built_in()
        .flat_map(|id| trial(&load(id, &embedded(id).unwrap()).unwrap()))
        .filter_map(|one| Some(format!("{}: {}: {}", one.rule, one.name, one.trouble?)))
        .collect();
    assert!(failed.is_empty(), "{}", failed.join("\n"));
}

#[test]
fn mistakes_in_what_names_a_document_are_shown() {
    let mistakes = |old: &str, new: &str| {
        let mut files = embedded(PACK).unwrap();
        let changed = files["pack.toml"].replacen(old, new, 1);
        assert_ne!(changed, files["pack.toml"], "{old}");
        files.insert("pack.toml".to_owned(), changed);
        load(PACK, &files).unwrap_err().iter().map(ToString::to_string).collect::<String>()
    };
    for (old, new, expected) in [
        ("of = \"bank_receipt\"", "of = \"bank_recipt\"", "no document type `bank_recipt`"),
        (
            "by = [\"certificate_number\"]",
            "by = [\"certificate_nummer\"]",
            "has no field `certificate_nummer`",
        ),
        ("by = [\"certificate_number\"]", "by = []", "nothing names a document of type `iiims_certificate`"),
        ("\"star_cloud.level_applied\"", "\"star_cloud.level_aplied\"", "has no field `level_aplied`"),
    ] {
        let said = mistakes(old, new);
        assert!(said.contains(expected) && said.contains("pack.toml:"), "{said}");
    }
}

#[test]
fn the_table_of_functions_and_their_code_agree() {
    let listed: Vec<&str> = FUNCTIONS.iter().map(|row| row.name).collect();
    assert_eq!(listed, functions());
    for (name, kinds) in READS {
        assert!(listed.contains(name), "{name}");
        let types = types::embedded().unwrap();
        assert!(kinds.iter().all(|kind| types.iter().any(|one| one.id == *kind)), "{name}: {kinds:?}");
    }
}

/// A pack with one rule, into which mistakes are put.
fn with_rule(rule: &str) -> Vec<String> {
    let mut files = embedded(PACK).unwrap();
    files.insert("rules.toml".to_owned(), rule.to_owned());
    files.insert("tests.toml".to_owned(), String::new());
    load(PACK, &files).map_or_else(|errors| errors.iter().map(ToString::to_string).collect(), |_| Vec::new())
}

const RULE: &str = r#"[[rule]]
id = "too-late"
code = "X-01"
clause = "三(三)1"
severity = "high"
require = "business_licence.established_on <= today"
message = { zh = "晚", en = "late" }
"#;

#[test]
fn mistakes_are_shown_where_they_stand() {
    assert_eq!(with_rule(RULE), Vec::<String>::new());
    let quoting = RULE.replace("severity", "quote = \"不低于 2000万元(须提供\"\nseverity");
    assert_eq!(with_rule(&quoting), Vec::<String>::new(), "width and space are not the words");
    let broken = |from: &str, to: &str| with_rule(&RULE.replace(from, to)).join("\n");
    for (from, to, line, column, said) in [
        (
            "established_on",
            "etablished_on",
            6,
            29,
            "unknown field `etablished_on` there; did you mean `established_on`?",
        ),
        ("<= today", "<= toady", 6, 47, "unknown name `toady`"),
        ("<= today", "<= daet('2023-01-01')", 6, 47, "unknown function `daet`"),
        ("<= today", "<= date()", 6, 47, "`date` is given 0 arguments; it is date(day) -> date"),
        ("<= today", "> 1.5", 6, 46, "`1.5` is a float"),
        ("<= today", "<= ", 6, 47, "no CEL expression"),
        ("message = { zh = \"晚\", en = \"late\" }\n", "", 1, 1, "rule `too-late` has no message"),
        ("severity = ", "severty = ", 5, 1, "unknown field `severty`"),
        ("三(三)1", "三(三)9", 4, 11, "no clause `三(三)9` in pack.toml; did you mean `三(三)1`?"),
        ("三(三)1", "七", 4, 11, "no clause `七` in pack.toml\n"),
        (
            "severity",
            "quote = \"不低于1000万元\"\nseverity",
            5,
            10,
            "`不低于1000万元` does not stand in clause 三(三)1",
        ),
        ("en = \"late\" }", "en = \"{late}\" }", 7, 29, "unknown placeholder `{late}`"),
        (
            "message",
            "when = [{ if = 'true', outcome = 'fial', reason = '' }]\nmessage",
            7,
            35,
            "unknown outcome `fial`; did you mean `fail`?",
        ),
    ] {
        let shown = broken(from, to);
        assert!(shown.contains(said), "wanted {said}, got:\n{shown}");
        assert!(
            shown.contains(&format!("--> rules.toml:{line}:{column}\n")),
            "{line}:{column}, got:\n{shown}"
        );
        assert!(shown.contains('^'), "{shown}");
    }
}

#[test]
fn a_clause_has_one_number_and_words() {
    let mut files = embedded(PACK).unwrap();
    let pack = files.get_mut("pack.toml").unwrap();
    *pack += "\n[[clause]]\nnumber = \"五2\"\ntext = \" \"\n";
    let shown: Vec<String> = load(PACK, &files).unwrap_err().iter().map(ToString::to_string).collect();
    assert!(shown[0].starts_with("two clauses of the number `五2`\n"), "{shown:?}");
    assert!(shown[1].starts_with("clause `五2` has no text\n"), "{shown:?}");
    assert!(shown.iter().all(|one| one.contains("--> pack.toml:") && one.contains('^')), "{shown:?}");
}

fn paper(file: &str, kind: &str, record: Record) -> Paper {
    Paper {
        file: file.to_owned(),
        document: DocumentId::default(),
        format: Format::Pdf,
        pages: (1, 1),
        document_type: kind.to_owned(),
        type_confidence: 1.0,
        record,
        problems: Vec::new(),
        assumed_dpi: false,
        content: Content::default(),
    }
}

/// What is found with a declaration as it was handed in and papers given as a list of tables.
fn checked(json: &str, papers: &str) -> (Checked, Record, Vec<Paper>) {
    let (mut declared, problems) = declaration("declaration.json", json.as_bytes(), &[]);
    assert!(problems.is_empty(), "{problems:?}");
    let mut next = 0;
    declared.for_each_mut(&mut |fact| {
        next += 1;
        fact.id = FactId(next);
    });
    let all: toml::Table = papers.parse().unwrap();
    let one = |(kind, fields): (&String, &toml::Value)| -> Vec<Paper> {
        let rows = fields.as_array().unwrap().iter();
        rows.map(|row| paper("a.pdf", kind, record(row.as_table().unwrap(), Method::Located, &mut next)))
            .collect()
    };
    let papers: Vec<Paper> = all.iter().flat_map(one).collect();
    let today = NaiveDate::from_ymd_opt(2023, 3, 1).unwrap();
    let category = declared.text("category");
    let facts = Facts {
        declaration: &declared,
        papers: &papers,
        today,
        category,
        elsewhere: &[],
        not_understood: &[],
    };
    (check(&facts, &pack()), declared, papers)
}

fn found<'a>(checked: &'a Checked, rule: &str) -> &'a Finding {
    checked.findings.iter().chain(&checked.judgement).find(|one| one.rule == rule).unwrap()
}

#[test]
fn former_names_of_a_declaration_are_known() {
    let with = |names: &str| {
        let json = format!(
            r#"{{ "category": "benchmark_factory",
                "applicant": {{ "name": "江苏澄岳科技有限公司", "uscc": "91320100MA1ABC1235", "former_names": {names} }} }}"#
        );
        let papers = "vat_invoice = [{ buyer_name = '江苏旧名（集团）有限公司' }]";
        checked(&json, papers)
    };
    let (all, declared, _) = with(r#"["江苏更早有限公司", "江苏旧名(集团)有限公司"]"#);
    let one = found(&all, "invoice-to-another-buyer");
    assert_eq!(
        (one.outcome, one.reasons.as_slice()),
        (Outcome::ManualReview, &["FORMER_NAME".to_owned()][..])
    );
    let second = &declared.groups["applicant"].rows["former_names"][1].fields["value"];
    assert!(one.evidence.contains(&second.id), "the name that decided is cited");
    let (all, ..) = with("[]");
    assert_eq!(found(&all, "invoice-to-another-buyer").outcome, Outcome::Fail);
    let (declared, problems) =
        declaration("d.json", br#"{ "applicant": { "former_names": ["a", 5, []] } }"#, &[]);
    assert_eq!(declared.groups["applicant"].rows["former_names"].len(), 2, "a number is a text too");
    assert!(
        problems[0].message.en.contains("`applicant.former_names[2]` is [], wanted a text"),
        "{problems:?}"
    );
}

/// A case as its truth says it would be read.
fn read(folder: &Path) -> (Record, Vec<Paper>, serde_json::Value) {
    let json = |name: &str| -> serde_json::Value {
        serde_json::from_slice(&fs::read(folder.join(name)).unwrap()).unwrap()
    };
    let mut next = 0;
    let truth = json("truth.json");
    let declaration = record(&table(&json("declaration.json")), Method::Declared, &mut next);
    let mut papers = Vec::new();
    for (file, one) in truth["files"].as_object().unwrap() {
        let several = one["documents"].as_array().cloned().unwrap_or_else(|| vec![one.clone()]);
        for document in several {
            let mut fields = table(&document["fields"]);
            if document["rows"].is_object() {
                fields.extend(table(&document["rows"]));
            }
            let kind = document["document_type"].as_str().unwrap();
            papers.push(paper(file, kind, record(&fields, Method::Located, &mut next)));
        }
    }
    (declaration, papers, truth)
}

/// Fields that are counts; a truth says all its values as texts.
const COUNTS: [&str; 1] = ["cpa_count"];

/// JSON as TOML, without what is null.
fn table(json: &serde_json::Value) -> toml::Table {
    fn value(json: &serde_json::Value) -> Option<toml::Value> {
        Some(match json {
            serde_json::Value::Null => return None,
            serde_json::Value::Bool(value) => toml::Value::Boolean(*value),
            serde_json::Value::Number(number) => toml::Value::Integer(number.as_i64()?),
            serde_json::Value::String(text) => toml::Value::String(text.clone()),
            serde_json::Value::Array(all) => toml::Value::Array(all.iter().filter_map(value).collect()),
            serde_json::Value::Object(_) => toml::Value::Table(table(json)),
        })
    }
    let fields = json.as_object().unwrap().iter();
    let typed = |name: &str, one: toml::Value| match one {
        toml::Value::String(text) if COUNTS.contains(&name) => toml::Value::Integer(text.parse().unwrap()),
        as_it_is => as_it_is,
    };
    fields.filter_map(|(name, one)| Some((name.clone(), typed(name, value(one)?)))).collect()
}

type Found = BTreeMap<String, String>;

/// What came out and what should have, and why.
fn compare(folder: &Path, pack: &Pack) -> Option<String> {
    let (declaration, papers, truth) = read(folder);
    let today = NaiveDate::from_ymd_opt(2023, 3, 1).unwrap();
    let category = declaration.text("category").map(str::to_owned);
    let category = category.as_deref();
    let facts = Facts {
        declaration: &declaration,
        papers: &papers,
        today,
        category,
        elsewhere: &[],
        not_understood: &[],
    };
    let checked = check(&facts, pack);
    let open = || checked.findings.iter().filter(|one| one.outcome > Outcome::Pass);
    let mut found = Found::new();
    for one in open() {
        let worst = found.entry(one.code.clone()).or_default();
        if Outcome::named(worst).is_none_or(|known| known < one.outcome) {
            one.outcome.name().clone_into(worst);
        }
    }
    let planted: Found = truth["planted"]
        .as_array()
        .unwrap()
        .iter()
        .map(|one| (one["code"].as_str().unwrap().to_owned(), one["outcome"].as_str().unwrap().to_owned()))
        .collect();
    let why: Vec<String> = open()
        .map(|one| {
            format!("  {} {} {} {:?} {}", one.code, one.rule, one.outcome.name(), one.reasons, one.message.en)
        })
        .collect();
    let uncited = open().find(|one| one.evidence.is_empty() && one.searched.is_empty());
    assert!(uncited.is_none(), "{uncited:?} cites nothing");
    let same = found == planted && truth["outcome"] == checked.outcome.name();
    (!same).then(|| format!("{}: planted {planted:?}, found {found:?}\n{}", folder.display(), why.join("\n")))
}

#[test]
fn papers_that_fail_are_cited_and_others_are_not() {
    let declared = r#"{ "category": "benchmark_factory",
        "applicant": { "name": "江苏澄岳科技有限公司", "uscc": "91320100MA1ABC1235" } }"#;
    let own = "{ buyer_name = '江苏澄岳科技有限公司' }";
    let near = "{ buyer_name = '江苏澄岳科枝有限公司' }";
    let other = "{ buyer_name = '南通望舒实业有限公司' }";
    let cited = |invoices: &[&str]| -> Vec<usize> {
        let (all, _, papers) = checked(declared, &format!("vat_invoice = [{}]", invoices.join(", ")));
        let evidence = &found(&all, "invoice-to-another-buyer").evidence;
        let place = |id| papers.iter().position(|paper| paper.record.fields["buyer_name"].id == id);
        evidence.iter().filter_map(|id| place(*id)).collect()
    };
    assert_eq!(cited(&[own, own, other, own]), [2]);
    assert_eq!(cited(&[own, near, other, own, other]), [2, 4, 1], "what fails before what is unsure");
    assert_eq!(cited(&[own, own]), [0, 1], "where nothing fails, all that was looked at");
}

#[test]
fn of_a_paper_supplied_twice_both_are_cited() {
    let declared = r#"{ "category": "benchmark_factory",
        "applicant": { "name": "江苏澄岳科技有限公司", "uscc": "91320100MA1ABC1235" } }"#;
    let invoice = |number: &str| format!("{{ invoice_number = '{number}', gross = '113.00' }}");
    let (one, other) = (invoice("22312251592863339509"), invoice("22312251592863339510"));
    let papers = format!("vat_invoice = [{one}, {other}, {one}]");
    let (all, _, papers) = checked(declared, &papers);
    let finding = found(&all, "paper-supplied-twice");
    assert_eq!(finding.reasons, ["SUPPLIED_TWICE"]);
    let place = |id: &FactId| papers.iter().position(|paper| paper.record.fields["invoice_number"].id == *id);
    let cited: BTreeSet<usize> = finding.evidence.iter().filter_map(place).collect();
    assert_eq!(cited, BTreeSet::from([0, 2]));
}

/// What a shipped case's finding sets apart: kind, amount, and the files that show it.
fn set_apart(case: &str, rule: &str) -> Vec<(String, String, BTreeSet<String>)> {
    let folder = Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/fixtures/cases")).join(case);
    let (declaration, papers, _) = read(&folder);
    let today = NaiveDate::from_ymd_opt(2023, 3, 1).unwrap();
    let category = declaration.text("category");
    let facts = Facts {
        declaration: &declaration,
        papers: &papers,
        today,
        category,
        elsewhere: &[],
        not_understood: &[],
    };
    let all = check(&facts, &pack());
    let file_of = |id: &FactId| {
        let stands_in = |paper: &&Paper| {
            let mut is = false;
            paper.record.for_each("", &mut |_, fact| is |= fact.id == *id);
            is
        };
        papers.iter().find(stands_in).map_or("declaration".to_owned(), |paper| paper.file.clone())
    };
    let items = found(&all, rule).explanation.iter();
    items
        .map(|one| {
            let amount = one.amount.map_or_else(String::new, |amount| amount.to_string());
            (one.kind.clone(), amount, one.evidence.iter().map(file_of).collect())
        })
        .collect()
}

#[test]
fn what_a_sum_leaves_out_is_cited() {
    let item = |kind: &str, amount: &str, files: &[&str]| {
        (kind.to_owned(), amount.to_owned(), files.iter().map(|file| (*file).to_owned()).collect())
    };
    let twice = ["attachments/微信图片_20230215933530.jpg", "attachments/材料/img5827_5.pdf"];
    assert_eq!(
        set_apart("factory-planted", "invoices-fall-short-of-audit"),
        [
            item("doubled_item", "1742100.00", &twice),
            item("wrong_buyer", "864000.00", &["attachments/材料/img9961_14.pdf"])
        ]
    );
    assert_eq!(
        set_apart("factory-planted", "declared-total-differs-from-audit"),
        [
            item("category_differs", "1200000.00", &["attachments/新建文件夹/3.pdf", "declaration"]),
            item("not_audited", "864000.00", &["declaration"])
        ],
        "the category makes up the difference; the invoice of another does not"
    );
    assert_eq!(
        set_apart("cloud-planted", "payments-overstated"),
        [
            item("short_service", "60482.73", &["attachments/03付款回单/回单_20221221_199058.pdf"]),
            item("not_cash", "4320.00", &["attachments/02云账单/1078347482503973_bill_detail.csv"]),
            item("not_cash", "4860.00", &["attachments/02云账单/consumedetailbill_v2.xlsx"]),
            item("not_cash", "4320.00", &["attachments/02云账单/consumedetailbill_v2.xlsx"]),
        ]
    );
    assert_eq!(set_apart("factory-clean", "invoices-fall-short-of-audit"), [], "nothing is set apart");
}

fn all_as_planted(root: &Path) {
    let pack = pack();
    let mut folders: Vec<PathBuf> = fs::read_dir(root).unwrap().map(|entry| entry.unwrap().path()).collect();
    folders.retain(|folder| folder.join("truth.json").is_file());
    folders.sort();
    assert!(!folders.is_empty(), "no cases in {}", root.display());
    let wrong: Vec<String> = folders.iter().filter_map(|folder| compare(folder, &pack)).collect();
    assert!(wrong.is_empty(), "{} of {}\n{}", wrong.len(), folders.len(), wrong.join("\n"));
}

#[test]
fn shipped_cases_come_out_as_planted() {
    all_as_planted(Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/fixtures/cases")));
}

#[test]
fn drawn_cases_come_out_as_planted() {
    // More cases than are shipped can be drawn; where they are is said by the caller.
    if let Some(root) = std::env::var_os("HEYAN_DRAWN_CASES") {
        all_as_planted(Path::new(&root));
    }
}

/// The notes on the figures of so many invoices with these amounts, in thousands of yuan.
fn notes_of(amounts: impl Iterator<Item = u32>) -> Vec<String> {
    let declared = r#"{ "category": "benchmark_factory",
        "applicant": { "name": "江苏澄岳科技有限公司", "uscc": "91320100MA1ABC1235" } }"#;
    let one = |(at, amount): (usize, u32)| {
        format!("{{ invoice_number = '2244{at:016}', issued_on = '2022-08-01', gross = '{amount}000.00' }}")
    };
    let invoices: Vec<String> = amounts.enumerate().map(one).collect();
    let (all, _, _) = checked(declared, &format!("vat_invoice = [{}]", invoices.join(", ")));
    let finding = found(&all, "invoices-issued-after-the-notice");
    assert_eq!(finding.outcome, Outcome::Pass, "what figures look like decides nothing");
    finding.notes.clone()
}

#[test]
fn what_figures_look_like_is_a_note_where_there_are_many() {
    assert_eq!(notes_of((0..300).map(|at| 901 + at % 7)), ["BENFORD_NONCONFORMING"]);
    assert!(notes_of((0..299).map(|at| 901 + at % 7)).is_empty(), "too few to say");
    assert_eq!(notes_of((0..20).map(|at| 10 * (1 + at))), ["ROUND_AMOUNTS"]);
    // Spread as growth spreads them.
    let grown = (0..320).map(|at| 100.0 * 10_f64.powf(f64::from(at) / 160.0));
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "amounts drawn for a test")]
    let grown = grown.map(|amount| amount as u32);
    assert!(notes_of(grown.map(|amount| if amount % 10 == 0 { amount + 1 } else { amount })).is_empty());
}
