//! Whatever code a finding gives, a reader is told in words, in both languages.

use heyan::{
    check::APART,
    model::{fact::FactId, finding::Explanation},
    report::{Lang, html, json, text},
    rulebook::{Rule, embedded, load},
};
use serde_json::Value as Json;

use super::report::{assert_known, case, crop};

#[test]
fn every_reason_of_the_pack_is_said_in_words() {
    let pack = load("jiangsu-2023", &embedded("jiangsu-2023").unwrap()).unwrap();
    let of_rule = |rule: &Rule| -> Vec<String> {
        let whens = rule.whens.iter().map(|when| when.reason.clone());
        let notes = rule.notes.iter().map(|note| note.note.clone());
        let open = rule.readings.iter().map(|one| one.name.to_uppercase());
        whens.chain(notes).chain(open).chain([rule.reason.clone()]).filter(|code| !code.is_empty()).collect()
    };
    // What is to be judged is said by the rule's own sentence.
    let reasons: Vec<String> = pack.rules.iter().filter(|rule| !rule.judgement).flat_map(of_rule).collect();
    assert!(reasons.len() > 40);
    let mut case = case();
    case.findings[2].reasons = reasons.clone();
    for lang in [Lang::Zh, Lang::En] {
        let said = text::examination(&case, lang, false);
        for code in &reasons {
            assert!(said.contains(&format!("    {code}  ")), "{code} has no words");
        }
    }
}

#[test]
fn every_item_set_apart_is_said_in_words() {
    let mut case = case();
    let item = |kind: &&str| Explanation {
        kind: (*kind).into(),
        amount: None,
        evidence: vec![FactId(7)],
        elsewhere: None,
        alternatives: Vec::new(),
    };
    // A text names no more than twenty of one finding.
    for (lang, other, kinds) in [(Lang::Zh, Lang::En), (Lang::En, Lang::Zh)]
        .into_iter()
        .flat_map(|(lang, other)| APART.chunks(10).map(move |kinds| (lang, other, kinds)))
    {
        case.findings[2].explanation = kinds.iter().map(item).collect();
        let said = text::examination(&case, lang, false);
        let lines: Vec<&str> = said.lines().filter(|line| line.starts_with("    = ")).collect();
        assert_eq!(lines.len(), kinds.len());
        let page = html::page(&case, lang, &crop);
        for (line, kind) in lines.iter().zip(kinds) {
            let words = line.trim_start_matches("    = ").split("  [").next().unwrap();
            assert_ne!(words, kind.replace('_', " "), "{kind} has no words");
            assert!(line.ends_with(']'), "{line} stands nowhere");
            assert!(page.contains(words), "{words} is not in the page");
            assert!(!text::examination(&case, other, false).contains(words), "{words} is of no language");
        }
    }
    case.findings[2].explanation = APART.iter().map(item).collect();
    let report: Json = serde_json::from_str(&json::to_json(&case).unwrap()).unwrap();
    let kinds: Vec<&str> = report["findings"][2]["explanation"]
        .as_array()
        .unwrap()
        .iter()
        .map(|one| one["kind"].as_str().unwrap())
        .collect();
    assert_eq!(kinds, APART);
    let schema: Json = serde_json::from_str(&json::schema().unwrap()).unwrap();
    assert_known(&schema, &schema, &report, "report");
}
