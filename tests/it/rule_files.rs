//! Rule files from outside: what is wrong is said with its place, and what is hostile costs no second.

use std::{
    collections::BTreeMap,
    thread,
    time::{Duration, Instant},
};

use heyan::rulebook::{Pack, PackError, embedded, limits, load};

use super::rule_tables::row;

pub(super) const CALL: &str = r#"id = "own"
version = "1.0.0"
title = "自有"
issued_on = "2024-01-01"
in_force = { from = "2024-01-01", to = "2024-12-31" }
categories = ["equipment"]
[config]
limit = { yuan = "100.00" }
[declaration]
fields = ["category", "amount", "rows"]
[documents]
vat_invoice = ["gross", "items", "amount"]
[[clause]]
number = "一1"
text = "申报金额不低于100元。"
"#;

pub(super) const RULE: &str = r#"[[rule]]
id = "too-little"
code = "X-01"
clause = "一1"
severity = "high"
require = "declaration.amount >= config.limit"
reason = "BELOW_THRESHOLD"
message = { zh = "不足", en = "too little" }
"#;

pub(super) const TESTS: &str = r#"[[test]]
rule = "too-little"
name = "enough"
expect = "pass"
declaration = { amount = "100.00" }
[[test]]
rule = "too-little"
name = "too little"
expect = "fail"
declaration = { amount = "99.99" }
"#;

/// A pack of these files.
pub(super) fn loaded(call: &str, rules: &str, tests: &str) -> Result<Pack, Vec<PackError>> {
    let files = [("pack.toml", call), ("rules.toml", rules), ("tests.toml", tests)];
    load("own", &files.map(|(name, text)| (name.to_owned(), text.to_owned())).into())
}

pub(super) fn shown(errors: &[PackError]) -> String {
    errors.iter().map(ToString::to_string).collect::<Vec<_>>().join("\n")
}

/// What is said of the call with one text replaced by another.
fn of_call(from: &str, to: &str) -> String {
    let changed = CALL.replacen(from, to, 1);
    assert_ne!(changed, CALL, "{from}");
    loaded(&changed, RULE, TESTS).map_or_else(|errors| shown(&errors), |pack| shown(&pack.lints))
}

#[test]
fn a_call_without_mistakes_has_none() {
    assert_eq!(shown(&loaded(CALL, RULE, TESTS).unwrap().lints), "");
}

#[test]
fn days_that_do_not_exist_and_ends_before_beginnings_are_shown() {
    for (from, to, line, said) in [
        (
            "limit = ",
            "day = \"2023-02-30\"\nlimit = ",
            8,
            "`day` is `2023-02-30`, which is no day of the calendar",
        ),
        ("limit = ", "day = \"2023/2/28\"\nlimit = ", 8, "`day` is `2023/2/28`, which is no day"),
        ("limit = ", "day = \"2023年2月29日\"\nlimit = ", 8, "which is no day of the calendar"),
        (
            "limit = ",
            "span = { from = \"2023-03-01\", to = \"2023-02-01\" }\nlimit = ",
            8,
            "`span` ends on 2023-02-01, before it begins on 2023-03-01",
        ),
        ("limit = ", "span = { from = \"2023-13-01\", to = \"2023-02-01\" }\nlimit = ", 8, "`2023-13-01`"),
        ("limit = ", "part = { share = \"1.01\" }\nlimit = ", 8, "`part` is no date"),
        ("limit = ", "odd = 1.5\nlimit = ", 8, "`odd` is no date"),
        (
            "issued_on = \"2024-01-01\"",
            "issued_on = \"2024-02-30\"",
            4,
            "`2024-02-30` is no day of the calendar",
        ),
        ("to = \"2024-12-31\"", "to = \"2023-12-31\"", 5, "in force until 2023-12-31, before it begins"),
        ("version = \"1.0.0\"", "version = \"1.0\"", 2, "version `1.0` is not three numbers"),
    ] {
        let shown = of_call(from, to);
        assert!(shown.contains(said), "wanted {said}: {shown}");
        assert!(shown.contains(&format!("--> pack.toml:{line}:")) && shown.contains('^'), "{line}: {shown}");
    }
}

#[test]
fn what_nothing_reads_and_what_is_not_tested_is_shown() {
    let unused = of_call("limit = ", "other = 5\nlimit = ");
    assert!(unused.contains("no rule reads `config.other`\n --> pack.toml:8:1\n"), "{unused}");
    let lints = |rules: &str, tests: &str| shown(&loaded(CALL, rules, tests).unwrap().lints);
    let of_tests = |tests: &str| lints(RULE, tests);
    let (passing, failing) = TESTS.split_at(TESTS[1..].find("[[test]]").unwrap() + 1);
    assert!(of_tests("").contains("rule `too-little` has no test that passes and none that does not\n"));
    assert!(of_tests(passing).contains("has no test that does not pass\n --> rules.toml:2:7\n"));
    assert!(of_tests(failing).contains("has no test that passes\n --> rules.toml:2:7\n"));
    let judged = RULE.replace("severity", "judgement = true\nseverity");
    assert!(lints(&judged, "").contains("has no test\n"));
    assert_eq!(lints(&judged, failing), "");
}

#[test]
fn codes_and_failures_say_what_they_are() {
    let of_rule = |from: &str, to: &str| {
        let changed = RULE.replacen(from, to, 1);
        assert_ne!(changed, RULE, "{from}");
        loaded(CALL, &changed, TESTS).map_or_else(|errors| shown(&errors), |_| String::new())
    };
    for code in ["FAC06", "fac-06", "FAC-6", "FAC-006", "-06", "", "FAC-", "FAC_06"] {
        let shown = of_rule("\"X-01\"", &format!("\"{code}\""));
        assert!(shown.contains(&format!("`{code}` is no code such as FAC-06")), "{code}: {shown}");
        assert!(shown.contains("--> rules.toml:3:9\n"), "{shown}");
    }
    for code in ["FAC-06", "DOC-NUMBER", "X-A-01"] {
        assert_eq!(of_rule("\"X-01\"", &format!("\"{code}\"")), "");
    }
    let silent = of_rule("message", "when = [{ if = 'true', outcome = 'fail', reason = '' }]\nmessage");
    assert!(silent.contains("a failure without a reason\n --> rules.toml:8:"), "{silent}");
    for (call, said) in [
        (
            "size(papers(case, 'vat_invocie')) > 0",
            "no document type `vat_invocie`; did you mean `vat_invoice`?",
        ),
        (
            "latest(case, 'vat_invoice', 'gros').gross > config.limit",
            "no field `gros`; did you mean `gross`?",
        ),
        ("today <= date('2023-02-30')", "`2023-02-30` is no day of the calendar"),
        ("declaration.amount >= yuan('1,000.00')", "`1,000.00` is no plain decimal"),
        ("size(shared(case, 'declaration')) == 0 && config.limit > 0", ""),
    ] {
        let shown = of_rule("declaration.amount >= config.limit", call);
        assert!(shown.contains(said) && shown.is_empty() == said.is_empty(), "{call}: {shown}");
        assert!(said.is_empty() || shown.contains("--> rules.toml:6:"), "{shown}");
    }
    let bracketed = of_rule("config.limit", "config['limitt']");
    assert!(bracketed.contains("unknown field `limitt` there; did you mean `limit`?"), "{bracketed}");
}

/// So many lines with names of their own.
fn lines(count: usize, value: &str) -> String {
    (0..count).map(|at| format!("v{at} {value}\n")).collect()
}

/// Texts of hostile files, each with what has to be said of it.
fn hostile() -> Vec<(&'static str, [String; 3], &'static str)> {
    let (call, tests) = (|| CALL.to_owned(), || TESTS.to_owned());
    let requiring = |expression: &str| RULE.replace("declaration.amount >= config.limit", expression);
    let with_rules = |rules: String| [CALL.to_owned(), rules, TESTS.to_owned()];
    let of = |expression: String| with_rules(requiring(&expression));
    let deep_toml = format!("deep = {}1{}\n", "[".repeat(100_000), "]".repeat(100_000));
    let deep_table = format!("deep = {}1{}\n", "{a=".repeat(100_000), "}".repeat(100_000));
    let many = |rule: &str| {
        (0..3_000).map(|at| rule.replace("too-little", &format!("rule-{at}"))).collect::<String>()
    };
    let within =
        |rule: &str| (0..900).map(|at| rule.replace("too-little", &format!("rule-{at}"))).collect::<String>();
    let long = format!("declaration.amount >= config.limit{}", " || true".repeat(2_000));
    let nested = |open: &str, close: &str, times: usize| {
        of(format!("{}true{}", open.repeat(times), close.repeat(times)))
    };
    let loops = "vat_invoice.items.exists(a, vat_invoice.items.exists(b, vat_invoice.items.exists(c, a.amount == b.amount)))";
    let lets = lines(5_000, "= \"true\"");
    let readings: String =
        (0..12).map(|at| format!("[rule.readings.r{at}]\na = \"1\"\nb = \"2\"\n")).collect();
    vec![
        ("deep lists", [deep_toml + CALL, RULE.to_owned(), tests()], "recurs"),
        ("deep tables", [deep_table + CALL, RULE.to_owned(), tests()], "recurs"),
        (
            "a dotted key without end",
            [format!("{}a = 1\n", "a.".repeat(100_000)) + CALL, RULE.to_owned(), tests()],
            "recursion limit",
        ),
        (
            "10 MB",
            [call(), format!("{RULE}#{}\n", "x".repeat(10 << 20)), tests()],
            "bytes in one file; the limit is 1048576",
        ),
        ("10 MB of text that is none", ["x".repeat(10 << 20), RULE.to_owned(), tests()], "bytes in one file"),
        (
            "1 MB in one name",
            [format!("{CALL}{} = 1\n", "x".repeat(1_000_000)), RULE.to_owned(), tests()],
            "unknown field",
        ),
        ("thousands of rules", with_rules(many(RULE)), "3000 rules; the limit is 1000"),
        (
            "hundreds of wrong rules",
            with_rules(within(&RULE.replace("amount >=", "amuont >="))),
            "did you mean `amount`?",
        ),
        ("a long expression", of(long), "bytes in an expression; the limit is 2000"),
        ("brackets in brackets", nested("(", ")", 900), "more brackets inside each other than are read"),
        ("lists in lists", nested("[", "]", 900), "more brackets inside each other than are read"),
        (
            "a sum without end",
            of(format!("1{} > 0", "+1".repeat(900))),
            "parts of an expression inside each other; the limit is 100",
        ),
        (
            "fields of fields",
            of(format!("declaration{} == 1", ".rows".repeat(390))),
            "parts of an expression inside each other; the limit is 100",
        ),
        ("choices in choices", of("true ? ".repeat(280)), ""),
        ("macros in macros", of(format!("{}true{}", "[1].all(a, ".repeat(150), ")".repeat(150))), ""),
        ("loops in loops", of(loops.to_owned()), "3 comprehensions inside each other; the limit is 2"),
        ("an unknown name of 1,900 letters", of("x".repeat(1_900)), "unknown name"),
        ("an unknown clause of 1 MB", with_rules(RULE.replace("一1", &"一".repeat(300_000))), "no clause"),
        (
            "an unknown outcome of 1 MB",
            [call(), RULE.to_owned(), TESTS.replace("\"fail\"", &format!("\"{}\"", "f".repeat(1_000_000)))],
            "unknown outcome",
        ),
        (
            "names without end",
            with_rules(format!("{RULE}[rule.let]\n{lets}")),
            "named expressions in one rule; the limit is 60",
        ),
        (
            "readings without end",
            with_rules(format!("{RULE}{readings}")),
            "4096 combinations of readings; the limit is 64",
        ),
        (
            "tests without end",
            [call(), RULE.to_owned(), TESTS.repeat(2_501)],
            "5002 tests; the limit is 5000",
        ),
        (
            "constants without end",
            [CALL.replace("limit =", &(lines(80_000, "= 1") + "limit =")), RULE.to_owned(), tests()],
            "80001 constants; the limit is 1000",
        ),
        (
            "fields without end",
            [
                CALL.replace("\"rows\"", &format!("\"rows\"{}", ", \"x\"".repeat(200_000))),
                RULE.to_owned(),
                tests(),
            ],
            "fields of documents and of the declaration; the limit is 2000",
        ),
        (
            "sums without end",
            [
                CALL.replace("[[clause]]", &format!("[totals]\n{}[[clause]]", lines(5_000, "= \"1\""))),
                RULE.to_owned(),
                tests(),
            ],
            "5000 sums worth showing; the limit is 100",
        ),
        (
            "clauses without end",
            [
                CALL.to_owned() + &"[[clause]]\nnumber = \"一\"\ntext = \"一\"\n".repeat(10_000),
                RULE.to_owned(),
                tests(),
            ],
            "10001 clauses; the limit is 1000",
        ),
        (
            "asides without end",
            [
                CALL.to_owned()
                    + &"[[aside]]\nclause = \"一1\"\nwhy = { zh = \"一\", en = \"a\" }\n".repeat(10_000),
                RULE.to_owned(),
                tests(),
            ],
            "10000 asides; the limit is 1000",
        ),
        (
            "tiers without end",
            [CALL.to_owned() + &row("below = 1").repeat(10_000), RULE.to_owned(), tests()],
            "10000 rows of tiers; the limit is 1000",
        ),
        (
            "special cases without end",
            with_rules(
                RULE.to_owned()
                    + &"[[rule.when]]\nif = \"true\"\noutcome = \"pass\"\nreason = \"\"\n".repeat(5_000),
            ),
            "5000 special cases and notes of one rule; the limit is 60",
        ),
        (
            "a clause of 1 MB",
            [CALL.replace("申报金额", &"申报金额".repeat(80_000)), RULE.to_owned(), tests()],
            "characters in one clause; the limit is 5000",
        ),
        (
            "wrong types",
            [
                CALL.replace("title = \"自有\"", "title = 5"),
                RULE.replace("\"high\"", "[]"),
                TESTS.replace("\"pass\"", "{}"),
            ],
            "invalid type",
        ),
        ("no TOML", ["]".to_owned(), "[[[".to_owned(), "=".to_owned()], "rules.toml"),
        (
            "reasons without end",
            [
                CALL.to_owned() + "[reasons]\n" + &lines(2_000, "= { zh = \"一\", en = \"one\" }"),
                RULE.to_owned(),
                tests(),
            ],
            "2000 reasons in words; the limit is 1000",
        ),
        (
            "costs without end",
            [
                CALL.to_owned()
                    + &"[[cost]]\ndeclared = \"amount\"\naudited = \"total\"\nwords = []\n".repeat(200),
                RULE.to_owned(),
                tests(),
            ],
            "200 kinds of costs; the limit is 100",
        ),
        ("NUL and marks", [call(), format!("\u{0}\u{202e}{RULE}"), tests()], "rules.toml:1:"),
        (
            "names that need each other",
            with_rules(format!("{RULE}[rule.let]\na = \"b\"\nb = \"a\"\n")),
            "needs itself",
        ),
    ]
}

#[test]
fn every_limit_has_a_file_beyond_it() {
    let all = hostile();
    // What is shown of very many mistakes, and what a rule goes through, is no matter of one file.
    let of_files =
        limits::BOUNDS.iter().filter(|bound| ![limits::MISTAKES.of, limits::STEPS.of].contains(&bound.of));
    for bound in of_files {
        assert!(all.iter().any(|(_, _, said)| said.contains(bound.of)), "{}", bound.of);
    }
}

#[test]
fn hostile_rule_files_end_in_an_error_within_a_second() {
    // As little stack as any thread of the program has.
    let tried = thread::Builder::new().stack_size(2 << 20).spawn(|| {
        let mut wrong = Vec::new();
        for (name, [call, rules, tests], said) in hostile() {
            // What else the machine does at the time is no fault of the file: the best of three counts.
            let (mut took, mut errors) = (Duration::MAX, None);
            for _ in 0..3 {
                let begun = Instant::now();
                errors = loaded(&call, &rules, &tests).err();
                took = took.min(begun.elapsed());
                if took < Duration::from_secs(1) {
                    break;
                }
            }
            let Some(errors) = errors else {
                wrong.push(format!("{name}: nothing is wrong with it"));
                continue;
            };
            let shown = shown(&errors);
            let short: String = shown.chars().take(300).collect();
            if !shown.contains(said) {
                wrong.push(format!("{name}: wanted {said}: {short}"));
            }
            if errors.len() > limits::MISTAKES.most {
                wrong.push(format!("{name}: {} mistakes", errors.len()));
            }
            if took > Duration::from_secs(1) {
                wrong.push(format!("{name}: took {took:?}"));
            }
            println!("{name}: {took:?}");
        }
        wrong
    });
    let wrong = tried.unwrap().join().unwrap();
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn as_many_rules_as_there_may_be_are_loaded_within_a_second() {
    let most = limits::RULES.most;
    let rules: String = (0..most).map(|at| RULE.replace("too-little", &format!("rule-{at}"))).collect();
    let tests: String = (0..most).map(|at| TESTS.replace("too-little", &format!("rule-{at}"))).collect();
    let begun = Instant::now();
    let pack = loaded(CALL, &rules, &tests).unwrap();
    let took = begun.elapsed();
    assert_eq!((pack.rules.len(), shown(&pack.lints)), (most, String::new()));
    // Twice the second that hostile files have: this one is a pack.
    assert!(took < Duration::from_secs(2), "took {took:?}");
}

#[test]
fn every_mistake_of_every_file_is_shown_at_once() {
    let files: BTreeMap<String, String> = [
        ("pack.toml", CALL.replace("categories", "categoreis")),
        ("rules.toml", RULE.replace("severity", "severty")),
        ("tests.toml", TESTS.replacen("expect", "expct", 1)),
    ]
    .map(|(name, text)| (name.to_owned(), text))
    .into();
    let shown = shown(&load("own", &files).unwrap_err());
    for file in ["pack.toml:6:", "rules.toml:5:", "tests.toml:4:"] {
        assert!(shown.contains(&format!("--> {file}")), "{file}: {shown}");
    }
    assert!(embedded("jiangsu-2023").is_some());
}
