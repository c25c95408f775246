//! What stands in tables of a pack: tiers, and kinds of costs.

use super::rule_files::{CALL, RULE, TESTS, loaded, shown};

/// A call with tiers, and a rule that looks into them.
fn with_tiers(rows: &str, look: &str) -> String {
    let rule = RULE.replace("declaration.amount >= config.limit", look);
    let call = format!("{CALL}{rows}").replace("limit = { yuan = \"100.00\" }\n", "");
    loaded(&call, &rule, TESTS).map_or_else(|errors| shown(&errors), |pack| shown(&pack.lints))
}

pub(super) fn row(ends: &str) -> String {
    format!("[[tier]]\ntable = \"rate\"\n{ends}\ngives = {{ share = {{ share = \"0.1\" }} }}\n")
}

#[test]
fn tiers_follow_each_other_without_gap_or_overlap() {
    let look =
        "declaration.amount >= times(declaration.amount, tier(case, 'rate', declaration.amount).share)";
    let said = |ends: &[&str]| with_tiers(&ends.iter().map(|ends| row(ends)).collect::<String>(), look);
    let yuan = |key: &str, amount: &str| format!("{key} = {{ yuan = \"{amount}\" }}");
    let (below, from, to, above) =
        (yuan("below", "500"), yuan("from", "500"), yuan("to", "500"), yuan("above", "500"));
    for fine in [
        vec![&*below, &*from],
        vec![&*to, &*above],
        vec!["to = 9", "from = 10"],
        vec!["below = 10", "from = 10\nto = 10", "above = 10"],
        vec!["to = \"2023-02-28\"", "from = \"2023-03-01\""],
    ] {
        assert_eq!(said(&fine), "", "{fine:?}");
    }
    for (wrong, expected) in [
        (vec![&*to, &*from], "rows 1 (to 500.00) and 2 (from 500.00) of the tiers `rate` overlap"),
        (
            vec![&*below, &*above],
            "rows 1 (below 500.00) and 2 (above 500.00) of the tiers `rate` leave a gap",
        ),
        (vec!["to = { yuan = \"499.99\" }", &*from], "leave a gap between them"),
        (vec!["to = 9", "from = 11"], "leave a gap"),
        (vec!["to = 9", "from = 9"], "overlap"),
        (vec!["below = 9", "from = 5"], "overlap"),
        (vec![&*below, "from = 500"], "are of different kinds"),
        (vec![&*from, &*from], "have no end between them"),
        (vec!["from = 9\nbelow = 9"], "nothing lies in the row (from 9 below 9)"),
        (vec!["from = 9\nto = 8"], "nothing lies in the row"),
        (vec!["from = 9\nto = { yuan = \"10\" }"], "from one kind of value to another"),
        (vec!["from = 9\nabove = 9"], "has both `from` and `above`"),
        (vec![""], "begins and ends nowhere"),
        (vec!["from = \"much\""], "tiers end at an amount, a whole number or a day"),
        (vec!["from = \"2023-02-30\""], "no day of the calendar"),
    ] {
        let shown = said(&wrong);
        assert!(shown.contains(expected), "wanted {expected}: {shown}");
        assert!(shown.contains("--> pack.toml:") && shown.contains('^'), "{shown}");
    }
    let other = row(&below) + &row(&from).replace("gives = { share", "gives = { part");
    assert!(with_tiers(&other, look).contains("do not give the same kinds of things"));
    let unknown = with_tiers(&row(&below), &look.replace("'rate'", "'rates'"));
    assert!(
        unknown.contains("no tiers of the name `rates`; did you mean `rate`?\n --> rules.toml:6:"),
        "{unknown}"
    );
    let idle = with_tiers(&row(&below), "declaration.amount >= yuan('100.00')");
    assert!(
        idle.contains("no rule looks into the tiers `rate`\n") && idle.contains("--> pack.toml:16:"),
        "{idle}"
    );
}

#[test]
fn kinds_of_costs_are_declared_audited_and_named_once_each() {
    let call = CALL.replace("[documents]\n", "[documents]\naudit_report = [\"equipment\", \"other\"]\n");
    let said = |costs: &[(&str, &str, &str)]| {
        let cost = |(declared, audited, words): &(&str, &str, &str)| {
            format!("[[cost]]\ndeclared = \"{declared}\"\naudited = \"{audited}\"\nwords = [{words}]\n")
        };
        let costs: String = costs.iter().map(cost).collect();
        loaded(&format!("{call}{costs}"), RULE, TESTS).map_or_else(|errors| shown(&errors), |_| String::new())
    };
    assert_eq!(said(&[("amount", "equipment", "\"设备\", \"终端\""), ("rows", "other", "")]), "");
    for (costs, expected) in [
        (vec![("amont", "equipment", "")], "`declaration` has no field `amont`; did you mean `amount`?"),
        (
            vec![("amount", "equipments", "")],
            "`audit_report` has no field `equipments`; did you mean `equipment`?",
        ),
        (vec![("amount", "equipment", "\" \"")], "a word without a character"),
        (
            vec![("amount", "equipment", "\"设备\""), ("rows", "other", "\"设 备\"")],
            "`设备` names another kind of costs as well",
        ),
        (
            vec![("amount", "equipment", ""), ("rows", "equipment", "")],
            "`equipment` is another kind of costs as well",
        ),
    ] {
        let shown = said(&costs);
        assert!(shown.contains(expected) && shown.contains("--> pack.toml:"), "wanted {expected}: {shown}");
    }
}

#[test]
fn reasons_have_words_in_both_languages_and_a_rule_that_gives_them() {
    let said = |reasons: &str| {
        let loaded = loaded(&format!("{CALL}[reasons]\n{reasons}\n"), RULE, TESTS);
        loaded.map_or_else(|errors| shown(&errors), |pack| shown(&pack.lints))
    };
    assert_eq!(said("BELOW_THRESHOLD = { zh = \"金额不足。\", en = \"Too little.\" }"), "");
    for (reasons, expected) in [
        ("BELOW_THRESHOLD = { zh = \"金额不足。\", en = \" \" }", "`BELOW_THRESHOLD` without words"),
        ("BELOW_THRESHOLD = { zh = \"金额不足。\" }", "missing field `en`"),
        ("too_little = { zh = \"金额不足。\", en = \"Too little.\" }", "is no code of capital letters"),
        (
            "TOO_LITTLE = { zh = \"金额不足。\", en = \"Too little.\" }",
            "no rule gives the reason `TOO_LITTLE`",
        ),
    ] {
        let shown = said(reasons);
        assert!(shown.contains(expected) && shown.contains("--> pack.toml:"), "wanted {expected}: {shown}");
    }
}

#[test]
fn what_is_not_checked_names_types_that_there_are() {
    let said = |of: &str| {
        let call = CALL.replace(
            "categories =",
            &format!(
                "not_checked = [{{ without = \"{of}\", zh = \"未核对\", en = \"not asked\" }}]\ncategories ="
            ),
        );
        loaded(&call, RULE, TESTS).map_or_else(|errors| shown(&errors), |_| String::new())
    };
    assert_eq!(said("vat_invoice"), "");
    let wrong = said("vat_invoices");
    assert!(wrong.contains("no document type `vat_invoices`; did you mean `vat_invoice`?"), "{wrong}");
}
