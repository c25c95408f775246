//! What a pack says in vain, or leaves out: it can be worked with, and is to be mended all the same.

use std::collections::{BTreeMap, BTreeSet};

use crate::model::finding::Outcome;

use super::{
    super::{
        coverage::{self, State},
        error::PackError,
        expr::Expr,
        written::{PackFile, RulesFile},
    },
    Pack,
    place::Place,
};

/// All of it, each with its place.
pub(super) fn lints(
    pack: &Pack,
    written: &PackFile,
    rules: &RulesFile,
    files: &BTreeMap<String, String>,
) -> Vec<PackError> {
    let text = |name: &str| files.get(name).map_or("", String::as_str);
    let mut call = Place::new("pack.toml", text("pack.toml"));
    constants(pack, written, &mut call);
    words(pack, written, &mut call);
    reasons(pack, written, &mut call);
    let mut own = Place::new("rules.toml", text("rules.toml"));
    untested(pack, rules, &mut own);
    untold(pack, rules, &mut own);
    call.errors.into_iter().chain(own.errors).collect()
}

/// Constants and tiers that no expression reads.
fn constants(pack: &Pack, written: &PackFile, place: &mut Place<'_>) {
    let of_rules = pack.rules.iter().flat_map(|rule| rule.expressions().map(|(_, expr)| expr));
    let all: Vec<&Expr> = of_rules.chain(pack.totals.iter().map(|(_, expr)| expr)).collect();
    let read: BTreeSet<&str> = all.iter().flat_map(|expr| &expr.constants).map(String::as_str).collect();
    for name in written.config.keys().filter(|name| !read.contains(name.get_ref().as_str())) {
        place.say(name, format!("no rule reads `config.{}`", name.get_ref()));
    }
    let mut named: BTreeSet<&str> = all.iter().flat_map(|expr| &expr.tables).map(String::as_str).collect();
    for table in written.tier.iter().map(|row| &row.get_ref().table) {
        if named.insert(table.get_ref()) {
            place.say(table, format!("no rule looks into the tiers `{}`", table.get_ref()));
        }
    }
}

/// Reasons in words that no rule gives.
fn reasons(pack: &Pack, written: &PackFile, place: &mut Place<'_>) {
    let given: BTreeSet<&str> = pack
        .rules
        .iter()
        .flat_map(|rule| {
            let whens = rule.whens.iter().map(|when| when.reason.as_str());
            whens.chain(rule.notes.iter().map(|note| note.note.as_str())).chain([rule.reason.as_str()])
        })
        .collect();
    // What is left open goes by its own name in capitals.
    let open: BTreeSet<String> =
        pack.rules.iter().flat_map(|rule| &rule.readings).map(|one| one.name.to_uppercase()).collect();
    let is_given = |code: &str| given.contains(code) || open.contains(code);
    for code in written.reasons.keys().filter(|code| !is_given(code.get_ref())) {
        place.say(code, format!("no rule gives the reason `{}`", code.get_ref()));
    }
}

/// Words of clauses that nobody accounts for, and asides that rules account for.
fn words(pack: &Pack, written: &PackFile, place: &mut Place<'_>) {
    let covered = coverage::coverage(pack);
    for (one, table) in covered.iter().zip(&written.clause) {
        for piece in one.pieces.iter().filter(|piece| piece.state == State::Open) {
            let (number, text) = (&one.clause.number, piece.text);
            let message = format!("no rule and no aside accounts for `{text}` in clause {number}");
            place.say_at(table.text.span().start + 1 + piece.at.start, message);
        }
    }
    for aside in coverage::superfluous(pack, &covered) {
        let at = pack.asides.iter().position(|one| std::ptr::eq(one, aside));
        if let Some(table) = at.and_then(|at| written.aside.get(at)) {
            let number = &aside.clause.number;
            place.say(
                &table.clause,
                format!("rules account for all that is set aside here of clause {number}"),
            );
        }
    }
}

/// Rules that are not tested both ways.
fn untested(pack: &Pack, rules: &RulesFile, place: &mut Place<'_>) {
    let mut ends: BTreeMap<&str, BTreeSet<Outcome>> = BTreeMap::new();
    for test in &pack.tests {
        ends.entry(&test.rule).or_default().insert(test.expect);
    }
    let none = BTreeSet::new();
    for (rule, table) in pack.rules.iter().zip(&rules.rule) {
        let ends = ends.get(rule.id.as_str()).unwrap_or(&none);
        // Where a list may be empty, nothing in it may be all there is to pass.
        let may_be_empty = rule.each.as_ref().is_some_and(|each| each.may_be_empty);
        let passes = ends.contains(&Outcome::Pass) || may_be_empty && ends.contains(&Outcome::NotApplicable);
        let lacks = match (rule.judgement, passes, ends.iter().any(|end| *end > Outcome::Pass)) {
            (true, _, _) if ends.is_empty() => "no test",
            (true, _, _) | (false, true, true) => continue,
            (false, false, false) => "no test that passes and none that does not",
            (false, false, true) => "no test that passes",
            (false, true, false) => "no test that does not pass",
        };
        place.say(&table.get_ref().id, format!("rule `{}` has {lacks}", rule.id));
    }
}

/// Special cases whose reason no test of their rule names.
fn untold(pack: &Pack, rules: &RulesFile, place: &mut Place<'_>) {
    let mut told: BTreeSet<(&str, &str)> = BTreeSet::new();
    for test in &pack.tests {
        told.extend(test.reason.iter().map(|reason| (test.rule.as_str(), reason.as_str())));
    }
    for (rule, table) in pack.rules.iter().zip(&rules.rule) {
        for (when, written) in rule.whens.iter().zip(&table.get_ref().when) {
            if !when.reason.is_empty() && !told.contains(&(rule.id.as_str(), when.reason.as_str())) {
                let message = format!("no test of rule `{}` names the reason `{}`", rule.id, when.reason);
                place.say(&written.condition, message);
            }
        }
    }
}
