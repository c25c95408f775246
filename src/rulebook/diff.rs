//! What differs between two packs: constants, tiers, words and rules, each as it is written.

use std::collections::{BTreeMap, BTreeSet};

use super::{Pack, packs::Cost};

/// A thing that differs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Change {
    /// What kind of thing: `config`, `tier`, `cost`, `reason`, `clause`, `aside`, `rule`, or `pack`.
    pub what: &'static str,
    /// Its name.
    pub name: String,
    /// What of it, such as `require`; empty for all of it.
    pub part: String,
    /// As it was; `None` where it was not there.
    pub old: Option<String>,
    /// As it is; `None` where it is no more.
    pub new: Option<String>,
}

/// Everything of a pack that can differ: kind, name and part, with what stands there.
type Parts = BTreeMap<(&'static str, String, String), String>;

/// All that differs, kind by kind, by name.
#[must_use]
pub fn diff(old: &Pack, new: &Pack) -> Vec<Change> {
    let (before, after) = (parts(old), parts(new));
    let names: BTreeSet<_> = before.keys().chain(after.keys()).collect();
    let mut changes: Vec<Change> = Vec::new();
    let has = |parts: &Parts, what: &str, name: &str| parts.keys().any(|(a, b, _)| *a == what && b == name);
    for key in names {
        let (what, name, part) = key;
        let (one, other) = (before.get(key), after.get(key));
        if one == other {
            continue;
        }
        // What is new or gone altogether is one change, and no change of each of its parts.
        let whole = !has(&before, what, name) || !has(&after, what, name);
        if whole && changes.iter().any(|known| known.what == *what && known.name == *name) {
            continue;
        }
        let part = if whole { String::new() } else { part.clone() };
        changes.push(Change { what, name: name.clone(), part, old: one.cloned(), new: other.cloned() });
    }
    changes
}

fn parts(pack: &Pack) -> Parts {
    let mut parts = Parts::new();
    let mut put = |what, name: &str, part: &str, value: String| {
        parts.insert((what, name.to_owned(), part.to_owned()), value);
    };
    put("pack", "version", "", pack.version.clone());
    put("pack", "issued_on", "", pack.issued_on.to_string());
    put("pack", "in_force", "", format!("{} to {}", pack.in_force.from, pack.in_force.to));
    put("pack", "categories", "", pack.categories.join(", "));
    for (name, value) in &pack.config {
        put("config", name, "", value.wire());
    }
    for (name, total) in &pack.totals {
        put("total", name, "", total.source.clone());
    }
    for table in &pack.tiers {
        for row in &table.rows {
            let gives: Vec<String> =
                row.gives.iter().map(|(name, value)| format!("{name} {}", value.wire())).collect();
            put("tier", &table.name, &row.to_string(), gives.join(", "));
        }
    }
    for cost in &pack.costs {
        let Cost { declared, audited, words } = cost;
        put("cost", audited, "", format!("{declared}: {}", words.join("、")));
    }
    for (code, words) in &pack.reasons {
        put("reason", code, "", words.zh.clone());
    }
    for clause in &pack.clauses {
        put("clause", &clause.number, "", clause.text.clone());
    }
    for aside in &pack.asides {
        put("aside", &aside.clause.number, &aside.clause.text, aside.why.zh.clone());
    }
    for rule in &pack.rules {
        for (part, value) in of_rule(rule) {
            put("rule", &rule.id, &part, value);
        }
    }
    parts
}

/// A rule part by part. Its sentence goes by no name, comes first, and so stands for a rule that is new or gone.
fn of_rule(rule: &super::Rule) -> Vec<(String, String)> {
    let mut parts =
        vec![(String::new(), rule.message.zh.clone()), ("message.en".to_owned(), rule.message.en.clone())];
    let mut put = |name: String, value: String| parts.push((name, value));
    put("code".to_owned(), rule.code.clone());
    put("clause".to_owned(), format!("{} {}", rule.clause.number, rule.clause.text));
    put("applies_to".to_owned(), rule.applies_to.join(", "));
    put("severity".to_owned(), rule.severity.name().to_owned());
    put("judgement".to_owned(), rule.judgement.to_string());
    put("about_readings".to_owned(), rule.about_readings.to_string());
    put("reason".to_owned(), rule.reason.clone());
    if let Some(each) = &rule.each {
        let (name, how, empty) = (&each.name, each.combine, each.may_be_empty);
        put("each".to_owned(), format!("{name} in {} ({how:?}, may be empty: {empty})", each.list.source));
    }
    for dimension in &rule.readings {
        for (name, expr) in &dimension.candidates {
            put(format!("readings.{}.{name}", dimension.name), expr.source.clone());
        }
    }
    for (name, expr) in &rule.lets {
        put(format!("let.{name}"), expr.source.clone());
    }
    for (at, when) in rule.whens.iter().enumerate() {
        let end = format!("{} -> {} {}", when.condition.source, when.outcome.name(), when.reason);
        put(format!("when {}", at + 1), end);
    }
    for note in &rule.notes {
        put(format!("note {}", note.note), note.condition.source.clone());
    }
    let single = [
        ("require", &rule.require),
        ("declared", &rule.declared),
        ("found", &rule.found),
        ("explanation", &rule.explanation),
    ];
    for (name, expr) in single {
        if let Some(expr) = expr {
            put(name.to_owned(), expr.source.clone());
        }
    }
    parts
}
