//! `heyan rules explain`: a rule as a policy officer would read it, and its formulas for who writes rules.

use std::{collections::BTreeSet, fmt::Write};

use crate::{
    model::{finding::Outcome, support::Sort},
    report::{Lang, terms, words},
    rulebook::{Combine, Confidence, FUNCTIONS, Pack, Rule, functions::READS},
};

/// The list of rules.
pub(super) fn list(pack: &Pack, lang: Lang) -> String {
    let mut out = format!("{} {} {}\n", pack.id, pack.version, pack.title);
    let (from, to) = (pack.in_force.from, pack.in_force.to);
    let _ = match lang {
        Lang::Zh => writeln!(out, "{}发布，{from}至{to}有效", pack.issued_on),
        Lang::En => writeln!(out, "issued on {}, in force from {from} to {to}", pack.issued_on),
    };
    for rule in &pack.rules {
        let _ = writeln!(out, "{:7} {:44} {}", rule.code, rule.id, lang.say(&rule.message));
    }
    out
}

/// The functions rules may call, and from which confidence on values need nobody's look, by kind.
pub(super) fn language(confidence: &Confidence) -> String {
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

/// The rules of a name or code; nothing where there is none.
pub(super) fn rules(pack: &Pack, name: &str, lang: Lang) -> String {
    let named = pack.rules.iter().filter(|rule| rule.id == name || rule.code == name);
    named.map(|rule| one(pack, rule, lang) + "\n").collect()
}

fn one(pack: &Pack, rule: &Rule, lang: Lang) -> String {
    let mut out = format!("{} {}\n", rule.code, rule.id);
    let mut say = |zh: &str, en: &str, what: &str| {
        let _ = writeln!(out, "  {}{what}", lang.of(&format!("{zh}："), &format!("{en}: ")));
    };
    say("依据", "rests on", &format!("{} 「{}」", rule.clause.number, rule.clause.text));
    let categories: Vec<String> = rule.applies_to.iter().map(|one| terms::category(one, lang)).collect();
    let all = lang.of("各类申报", "all categories").to_owned();
    let concerned = if categories.is_empty() { all } else { categories.join(lang.of("、", ", ")) };
    say("适用", "concerns", &concerned);
    say("重要程度", "matters", words::severity(rule.severity, lang));
    if rule.judgement {
        let only =
            lang.of("只提示评审人员查看，不计入结论", "only shown to a person; no part of the outcome");
        say("性质", "kind", only);
    }
    if let Some(each) = &rule.each {
        let how = match each.combine {
            Combine::Worst => lang.of("逐项核验，以最差的一项为准", "each by itself; the worst decides"),
            Combine::Any => lang.of(
                "逐项核验，有一项符合或可能符合的，其余不符转为人工复核",
                "each by itself; where one passes or may pass, others that fail become a review",
            ),
        };
        say("范围", "looks at", how);
    }
    say("查看", "reads", &read(pack, rule, lang).join(lang.of("；", "; ")));
    if let (Some(declared), Some(found)) = (&rule.declared, &rule.found) {
        let (found, declared) = (in_words(rule, &found.source, lang), in_words(rule, &declared.source, lang));
        let with = format!("{found} {} {declared}", lang.of("与申报的", "with the declared"));
        say("比较", "compares", &with);
    }
    say("报告用语", "says", lang.say(&rule.message));
    out.push_str(lang.of("  结论：\n", "  outcomes:\n"));
    for (outcome, why) in outcomes(pack, rule, lang) {
        let _ = writeln!(out, "    {}{}{why}", words::outcome(outcome, lang), lang.of("：", ": "));
    }
    for note in &rule.notes {
        let words = terms::reason(&note.note, &pack.reasons, lang).unwrap_or_default();
        let _ = writeln!(out, "    {} {}  {words}", lang.of("附注", "note"), note.note);
    }
    for dimension in &rule.readings {
        let words = terms::reason(&dimension.name.to_uppercase(), &pack.reasons, lang).unwrap_or_default();
        let names: Vec<&str> = dimension.candidates.iter().map(|(name, _)| name.as_str()).collect();
        let (open, names) = (lang.of("未定之处", "left open"), names.join(" / "));
        let colon = lang.of("：", ": ");
        let _ = writeln!(out, "  {open}{colon}{} {names}  {words}", dimension.name);
    }
    out.push_str(lang.of("  公式：\n", "  formulas:\n"));
    out + &formulas(rule)
}

/// How the rule may end, in the order in which it is tried, each with its reason in words.
fn outcomes(pack: &Pack, rule: &Rule, lang: Lang) -> Vec<(Outcome, String)> {
    let why = |code: &str| match terms::reason(code, &pack.reasons, lang) {
        Some(words) => format!("{code}  {words}"),
        // What is to be judged is said by the rule's own sentence.
        None => code.to_owned(),
    };
    let mut ends: Vec<(Outcome, String)> = Vec::new();
    for when in &rule.whens {
        // What has no reason is said by its formula.
        let said = if when.reason.is_empty() { when.condition.source.clone() } else { why(&when.reason) };
        ends.push((when.outcome, said));
    }
    if rule.require.is_some() {
        let holds = match rule.readings.is_empty() {
            true => lang.of("公式中 require 一项成立", "what `require` says holds"),
            false => {
                lang.of("各种理解下 require 一项都成立", "what `require` says holds under every reading")
            }
        };
        ends.push((Outcome::Pass, holds.to_owned()));
        let never = lang.of("其余情形", "everything else");
        ends.push((Outcome::Fail, if rule.reason.is_empty() { never.to_owned() } else { why(&rule.reason) }));
    } else if !rule.judgement {
        ends.push((Outcome::Pass, lang.of("以上情形都没有", "none of these").to_owned()));
    }
    if !rule.readings.is_empty() {
        ends.push((Outcome::ManualReview, why("AMBIGUOUS_READING")));
    }
    if !rule.judgement {
        ends.push((Outcome::MissingEvidence, why("NOT_SUPPLIED")));
        ends.push((Outcome::ManualReview, why("UNREADABLE")));
    }
    ends
}

/// A value by its field's name, where its formula leads to a field; else the formula.
fn in_words(rule: &Rule, source: &str, lang: Lang) -> String {
    let named =
        |source: &str| rule.lets.iter().find(|(name, _)| name == source).map(|(_, expr)| &expr.source);
    let mut leads = source;
    // Each name needs only earlier ones, so this ends.
    while let Some(next) = named(leads) {
        leads = next;
    }
    let is_path = leads.contains('.') && leads.chars().all(|c| c.is_ascii_alphanumeric() || "._".contains(c));
    if is_path { format!("{} ({source})", terms::field(leads, lang)) } else { source.to_owned() }
}

/// Documents, declared values and constants that the rule looks at.
fn read(pack: &Pack, rule: &Rule, lang: Lang) -> Vec<String> {
    let mut documents = BTreeSet::new();
    let mut declared = BTreeSet::new();
    let mut constants = BTreeSet::new();
    for (_, expr) in rule.expressions() {
        constants.extend(expr.constants.iter().cloned());
        for kind in pack.subjects.keys() {
            if expr.names.contains(kind) || expr.source.contains(&format!("'{kind}'")) {
                documents.insert(terms::document_type(kind, lang));
            }
        }
        let called = READS.iter().filter(|(name, _)| expr.source.contains(&format!("{name}(case")));
        documents.extend(called.flat_map(|(_, kinds)| *kinds).map(|kind| terms::document_type(kind, lang)));
        for (at, start) in expr.source.match_indices("declaration.") {
            let rest = expr.source.get(at + start.len()..).unwrap_or_default();
            let path: String =
                rest.chars().take_while(|c| c.is_ascii_alphanumeric() || "._".contains(*c)).collect();
            declared.insert(terms::field(path.trim_end_matches(".map").trim_end_matches(".exists"), lang));
        }
    }
    let mut all: Vec<String> = documents.into_iter().collect();
    all.extend(declared.into_iter().map(|name| format!("{}{name}", lang.of("申报的", "declared: "))));
    all.extend(constants.iter().filter_map(|name| {
        let value = pack.config.get(name)?;
        Some(format!("{name} = {}", value.wire()))
    }));
    if all.is_empty() {
        all.push(lang.of("全部申报材料", "all that was handed in").to_owned());
    }
    all
}

fn formulas(rule: &Rule) -> String {
    let mut out = String::new();
    if let Some(each) = &rule.each {
        let _ = writeln!(out, "    each {} in {}", each.name, each.list.source);
    }
    for dimension in &rule.readings {
        for (name, expr) in &dimension.candidates {
            let _ = writeln!(out, "    {} / {name} = {}", dimension.name, expr.source);
        }
    }
    for (name, expr) in &rule.lets {
        let _ = writeln!(out, "    {name} = {}", expr.source);
    }
    for when in &rule.whens {
        let _ =
            writeln!(out, "    when {} -> {} {}", when.condition.source, when.outcome.name(), when.reason);
    }
    if let Some(require) = &rule.require {
        let _ = writeln!(out, "    require {} (else fail {})", require.source, rule.reason);
    }
    if let Some(items) = &rule.explanation {
        let _ = writeln!(out, "    set apart: {}", items.source);
    }
    for note in &rule.notes {
        let _ = writeln!(out, "    note {} when {}", note.note, note.condition.source);
    }
    out
}
