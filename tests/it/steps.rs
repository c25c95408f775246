//! Rules over ten thousand documents end, whatever they go through.

use std::time::{Duration, Instant};

use chrono::NaiveDate;
use heyan::{
    check::{Facts, check, record},
    model::{
        document::{DocumentId, Format},
        fact::{Method, Record},
        finding::{Finding, Outcome},
        paper::Paper,
    },
    rulebook::load,
};
use rust_decimal::Decimal;

const CALL: &str = r#"id = "own"
version = "1.0.0"
title = "自有"
issued_on = "2024-01-01"
in_force = { from = "2024-01-01", to = "2024-12-31" }
categories = ["equipment"]
[config]
[totals]
all = "summed(papers(case, 'vat_invoice'), 'gross')"
[declaration]
fields = ["category"]
[documents]
vat_invoice = ["gross", "items", "amount"]
[[clause]]
number = "一1"
text = "如实申报。"
"#;

fn invoices(count: usize) -> Vec<Paper> {
    let mut next = 0;
    let mut invoice = |at: usize| {
        let table: toml::Table = format!("gross = \"{at}.00\"").parse().unwrap();
        Paper {
            file: format!("{at}.pdf"),
            document: DocumentId::default(),
            format: Format::Pdf,
            pages: (1, 1),
            document_type: "vat_invoice".to_owned(),
            type_confidence: 1.0,
            record: record(&table, Method::Located, &mut next),
            problems: Vec::new(),
            assumed_dpi: false,
            content: heyan::model::paper::Content::default(),
        }
    };
    (0..count).map(&mut invoice).collect()
}

/// How a rule over so many invoices ends, and how long it takes.
fn ended(rule: &str, count: usize) -> (Finding, Duration) {
    let rule = format!(
        "[[rule]]\nid = \"one\"\ncode = \"X-01\"\nclause = \"一1\"\nseverity = \"high\"\nreason = \"MISMATCH\"\n{rule}\n"
    );
    let files = [("pack.toml", CALL), ("rules.toml", &rule), ("tests.toml", "")];
    let pack = load("own", &files.map(|(name, text)| (name.to_owned(), text.to_owned())).into())
        .unwrap_or_else(|errors| panic!("{}", errors[0]));
    let papers = invoices(count);
    let facts = Facts {
        declaration: &Record::default(),
        papers: &papers,
        today: NaiveDate::from_ymd_opt(2024, 8, 1).unwrap(),
        category: None,
        elsewhere: &[],
        not_understood: &[],
    };
    let begun = Instant::now();
    let checked = check(&facts, &pack);
    // What a rule has used up is there again for what follows it.
    assert_eq!(checked.totals["all"], Decimal::from(count * (count - 1) / 2));
    (checked.findings[0].clone(), begun.elapsed())
}

const MESSAGE: &str = "message = { zh = \"错\", en = \"wrong\" }";
const ALL: &str = "papers(case, 'vat_invoice')";

#[test]
fn what_goes_through_each_document_once_is_decided() {
    for rule in [
        format!("require = \"{ALL}.all(one, one.gross >= yuan('0.00'))\"\n{MESSAGE}"),
        format!(
            "require = \"size({ALL}.filter(one, one.gross > yuan('5.00')).map(one, one.gross)) == 9994\"\n{MESSAGE}"
        ),
        format!(
            "each = {{ in = \"{ALL}\", as = \"one\", combine = \"worst\" }}\nrequire = \"one.gross >= yuan('0.00')\"\n{MESSAGE}"
        ),
        format!("require = \"{ALL} == {ALL} || {ALL}[9999].gross == yuan('9999.00')\"\n{MESSAGE}"),
    ] {
        let (finding, took) = ended(&rule, 10_000);
        assert_eq!(finding.outcome, Outcome::Pass, "{rule}: {:?} {}", finding.reasons, finding.message.en);
        println!("{took:?} {rule}");
        assert!(took < Duration::from_secs(20), "{rule}: {took:?}");
    }
}

#[test]
fn what_goes_through_them_again_and_again_ends_in_a_review() {
    for rule in [
        format!(
            "require = \"{ALL}.exists(a, {ALL}.exists(b, a.gross < b.gross && b.gross < a.gross))\"\n{MESSAGE}"
        ),
        // A list that was made on the way is counted as well, and nothing is passed because it ran out.
        format!(
            "require = \"!a.exists(x, a.exists(y, x.gross < y.gross && y.gross < x.gross))\"\n{MESSAGE}\n[rule.let]\na = \"{ALL}.map(one, one)\""
        ),
        format!(
            "each = {{ in = \"{ALL}\", as = \"one\", combine = \"worst\" }}\nrequire = \"size({ALL}.filter(two, two.gross == one.gross)) == 1\"\n{MESSAGE}"
        ),
    ] {
        let (finding, took) = ended(&rule, 10_000);
        assert_eq!(finding.outcome, Outcome::ManualReview, "{rule}");
        assert_eq!(finding.reasons, ["RULE_BROKEN"], "{rule}");
        assert!(
            finding.message.en.contains("more than 2000000 elements gone through by one rule"),
            "{}",
            finding.message.en
        );
        println!("{took:?} {rule}");
        assert!(took < Duration::from_secs(60), "{rule}: {took:?}");
        // So many as a case has are no trouble.
        let (small, _) = ended(&rule, 200);
        assert_ne!(small.reasons, ["RULE_BROKEN"], "{rule}: {}", small.message.en);
    }
}
