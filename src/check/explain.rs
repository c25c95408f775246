//! A pack or one of its rules in words, for `heyan rules explain`.

use std::fmt::Write;

use crate::{
    model::support::Sort,
    rulebook::{Confidence, FUNCTIONS, Pack, Rule},
};

/// The functions rules may call, and from which confidence on values need nobody's look, by kind.
#[must_use]
pub fn explain_language(confidence: &Confidence) -> String {
    let mut out = String::from("\nfunctions\n");
    for function in FUNCTIONS {
        let _ = writeln!(out, "  {}\n      {}", function.signature, function.doc);
    }
    out.push_str("\nauto_accept: no human eye needed from this confidence on\n");
    for sort in Sort::ALL {
        let _ = writeln!(out, "  {:7} {:.2}", sort.name(), confidence.auto_accept(sort));
    }
    out
}

/// A rule with its clause, readings, special cases and requirement; the list of rules for `None`.
#[must_use]
pub fn explain(pack: &Pack, rule: Option<&str>) -> String {
    let mut out = String::new();
    match rule {
        None => {
            let _ = writeln!(out, "{} {} {}", pack.id, pack.version, pack.title);
            for rule in &pack.rules {
                let _ = writeln!(out, "{:7} {:44} {}", rule.code, rule.id, rule.message.zh);
            }
        }
        Some(name) => {
            let named = |rule: &&Rule| rule.id == name || rule.code == name;
            pack.rules.iter().filter(named).for_each(|rule| one(&mut out, rule));
        }
    }
    out
}

fn one(out: &mut String, rule: &Rule) {
    let _ = writeln!(out, "{} {} ({})", rule.code, rule.id, rule.severity.name());
    let _ = writeln!(out, "  {} 「{}」", rule.clause.number, rule.clause.text);
    let all = "all".to_owned();
    let categories = if rule.applies_to.is_empty() { all } else { rule.applies_to.join(", ") };
    let _ = writeln!(out, "  applies to: {categories}");
    if let Some(each) = &rule.each {
        let _ = writeln!(out, "  each {} in {} ({:?})", each.name, each.list.source, each.combine);
    }
    for dimension in &rule.readings {
        let _ = writeln!(out, "  open: {}", dimension.name);
        for (name, expr) in &dimension.candidates {
            let _ = writeln!(out, "    {name} = {}", expr.source);
        }
    }
    for (name, expr) in &rule.lets {
        let _ = writeln!(out, "  {name} = {}", expr.source);
    }
    for when in &rule.whens {
        let _ = writeln!(out, "  when {} -> {} {}", when.condition.source, when.outcome.name(), when.reason);
    }
    if let Some(require) = &rule.require {
        let _ = writeln!(out, "  require {} (else fail {})", require.source, rule.reason);
    }
    if let Some(items) = &rule.explanation {
        let _ = writeln!(out, "  set apart: {}", items.source);
    }
    for note in &rule.notes {
        let _ = writeln!(out, "  note {} when {}", note.note, note.condition.source);
    }
    let _ = writeln!(out, "  {}\n  {}\n", rule.message.zh, rule.message.en);
}
