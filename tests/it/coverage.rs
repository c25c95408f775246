//! Every word of a call is accounted for: the pack's clauses against the notice itself, and against rules.

use std::{collections::BTreeMap, fs, path::Path};

use heyan::rulebook::{
    Pack,
    coverage::{State, coverage},
    embedded,
    folded::Folded,
    load,
    packs::built_in,
};

fn pack(id: &str) -> Pack {
    load(id, &embedded(id).unwrap()).unwrap()
}

/// A small call: one clause, and rules that quote parts of it.
fn call(clause: &str, more: &str, rules: &[(&str, bool)]) -> BTreeMap<String, String> {
    let pack = format!(
        r#"id = "small"
version = "1.0.0"
title = "小"
issued_on = "2024-01-01"
in_force = {{ from = "2024-01-01", to = "2024-12-31" }}
categories = ["equipment"]
joining = ["其中", "且"]
[config]
[declaration]
fields = ["category"]
[documents]
[[clause]]
number = "一1"
text = "{clause}"
{more}
"#
    );
    let rule = |(at, (quote, judgement)): (usize, &(&str, bool))| {
        let quote = if quote.is_empty() { String::new() } else { format!("quote = \"{quote}\"\n") };
        format!(
            "[[rule]]\nid = \"rule-{at}\"\ncode = \"X-0{at}\"\nclause = \"一1\"\n{quote}severity = \"high\"\njudgement = {judgement}\nrequire = \"declaration.category == 'equipment'\"\nreason = \"NO\"\nmessage = {{ zh = \"错\", en = \"wrong\" }}\n"
        )
    };
    let test = |(at, (_, judgement)): (usize, &(&str, bool))| {
        let one = |kind: &str, expect: &str| {
            format!(
                "[[test]]\nrule = \"rule-{at}\"\nname = \"{kind}\"\nexpect = \"{expect}\"\ndeclaration = {{ category = \"{kind}\" }}\n"
            )
        };
        one("equipment", "pass") + &if *judgement { String::new() } else { one("other", "fail") }
    };
    BTreeMap::from([
        ("pack.toml".to_owned(), pack),
        ("rules.toml".to_owned(), rules.iter().enumerate().map(rule).collect()),
        ("tests.toml".to_owned(), rules.iter().enumerate().map(test).collect()),
    ])
}

fn small(clause: &str, more: &str, rules: &[(&str, bool)]) -> Pack {
    load("small", &call(clause, more, rules)).unwrap_or_else(|errors| {
        panic!("{}", errors.iter().map(ToString::to_string).collect::<Vec<_>>().join("\n"))
    })
}

/// The pieces of the clause, each with what becomes of it.
fn pieces(pack: &Pack) -> Vec<(String, State)> {
    let all = coverage(pack);
    all[0].pieces.iter().map(|piece| (piece.text.to_owned(), piece.state)).collect()
}

const CLAUSE: &str = "设备须为新购，其中：发票合计不低于 300万元，且信用良好（详见附件1）。";
const ASIDE: &str =
    "[[aside]]\nclause = \"一1\"\nquote = \"详见附件 1\"\nwhy = { zh = \"只指明格式\", en = \"says where\" }";

#[test]
fn a_clause_falls_into_pieces_character_by_character() {
    let piece = |text: &str, state| (text.to_owned(), state);
    // Width and space are not the words; what covers a piece may overlap.
    let rules = [("设备须为新购", false), ("发票合计不低于300万元", false), ("300万元,且信用良好", true)];
    let pack = small(CLAUSE, ASIDE, &rules);
    assert_eq!(
        pieces(&pack),
        [
            piece("设备须为新购", State::Automated),
            piece("发票合计不低于", State::Automated),
            piece("300万元", State::Partly),
            piece("且信用良好", State::Judged),
            piece("详见附件1", State::Aside),
        ]
    );
    assert!(pack.lints.is_empty(), "{:?}", pack.lints);
    let open = small(CLAUSE, ASIDE, &rules[..2]);
    assert!(pieces(&open).contains(&piece("且信用良好", State::Open)), "{:?}", pieces(&open));
    let said = open.lints[0].to_string();
    assert!(said.contains("no rule and no aside accounts for `且信用良好` in clause 一1"), "{said}");
    assert!(said.contains("--> pack.toml:") && said.contains('^'), "{said}");
    // A rule without a quote rests on all of it.
    let whole = small(CLAUSE, "", &[("", false)]);
    assert_eq!(pieces(&whole), [piece(CLAUSE.trim_end_matches('。'), State::Automated)]);
    assert!(coverage(&whole)[0].pieces[0].rules[0].1, "it is said that it quotes no part");
    // One character is a piece, too.
    let almost = small("甲乙丙", "", &[("甲", false), ("丙", false)]);
    assert_eq!(pieces(&almost)[1], piece("乙", State::Open));
}

#[test]
fn an_aside_quotes_something_no_rule_looks_at_and_says_why() {
    let stale = small(CLAUSE, ASIDE, &[("", false)]);
    assert!(
        stale.lints[0].message.starts_with("rules account for all that is set aside"),
        "{:?}",
        stale.lints
    );
    let said = |more: &str| {
        let errors = load("small", &call(CLAUSE, more, &[("", false)])).unwrap_err();
        errors.iter().map(ToString::to_string).collect::<Vec<_>>().join("\n")
    };
    for (from, to, expected) in [
        ("详见附件 1", "详见附件 2", "`详见附件 2` does not stand in clause 一1"),
        ("详见附件 1", "", "`` does not stand in clause 一1"),
        ("\"一1\"", "\"一2\"", "no clause `一2` in pack.toml; did you mean `一1`?"),
        ("says where", " ", "an aside without a reason"),
        (", en = \"says where\"", "", "missing field `en`"),
    ] {
        let shown = said(&ASIDE.replacen(from, to, 1));
        assert!(shown.contains(expected) && shown.contains("--> pack.toml:"), "wanted {expected}: {shown}");
    }
}

/// Sentences of a notice's numbered sections, without headings, as (place, folded sentence).
fn sentences(notice: &str, sections: &[char]) -> Vec<(usize, String)> {
    let mut inside = false;
    let mut found = Vec::new();
    for (at, line) in (1..).zip(notice.lines()) {
        let line = Folded::of(line).text;
        let mut signs = line.chars();
        let (first, second) = (signs.next(), signs.next());
        if second == Some('、') && first.is_some_and(|c| "一二三四五六七八九十".contains(c)) {
            inside = first.is_some_and(|c| sections.contains(&c));
            continue;
        }
        let is_heading = first == Some('(') && second.is_some_and(|c| "一二三四五六".contains(c));
        if !inside || is_heading {
            continue;
        }
        let text = line.trim_start_matches(|c: char| c.is_ascii_digit()).trim_start_matches('.');
        found
            .extend(text.split_inclusive('。').filter(|one| !one.is_empty()).map(|one| (at, one.to_owned())));
    }
    found
}

#[test]
fn every_sentence_of_the_notice_stands_in_a_clause() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared/notice-2023-27.txt");
    let Ok(notice) = fs::read_to_string(&path) else {
        println!("skipped: the notice is not at {}", path.display());
        return;
    };
    let clauses: Vec<Folded> = pack("jiangsu-2023").clauses.iter().map(|one| Folded::of(&one.text)).collect();
    let all = sentences(&notice, &['三', '四', '五']);
    assert_eq!(all.len(), 26, "sentences of the notice");
    let missing: Vec<String> = all
        .iter()
        .filter(|(_, sentence)| clauses.iter().all(|one| one.find(&Folded::of(sentence)).is_empty()))
        .map(|(at, sentence)| format!("line {at}: {sentence}"))
        .collect();
    assert!(missing.is_empty(), "{}", missing.join("\n"));
    // And nothing stands in a clause that the notice does not say.
    let whole = Folded::of(&notice);
    for one in &clauses {
        assert!(!whole.find(one).is_empty(), "{}", one.text);
    }
}

#[test]
fn every_word_of_every_call_is_accounted_for() {
    for id in built_in() {
        let pack = pack(id);
        let open: Vec<String> = coverage(&pack)
            .iter()
            .flat_map(|one| one.pieces.iter().map(|piece| (&one.clause.number, piece)))
            .filter(|(_, piece)| piece.state == State::Open)
            .map(|(number, piece)| format!("{number} {}", piece.text))
            .collect();
        assert!(open.is_empty(), "{id}: {open:?}");
        assert!(pack.lints.is_empty(), "{id}: {:?}", pack.lints);
    }
}
