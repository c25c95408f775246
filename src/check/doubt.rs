//! Facts that are not sure, and what hangs on them.
//!
//! A fact with readings that contradict each other decides nothing alone: the rule is tried with each
//! of the other readings, and an end that another reading would change is a review. A fact that is
//! merely cited, such as a tax number beside a name that decides, changes no end and stays a note.

use std::{collections::BTreeMap, sync::Arc};

use crate::{
    model::{
        fact::{ENGINES, Fact, Method, Reading},
        finding::Outcome,
        support::{COMPUTED, support},
        value::Value,
    },
    rulebook::Rule,
};

use super::{
    Facts,
    eval::Evaluation,
    verdict::{Verdict, perhaps_unread},
};

/// At least so sure, a value that was not read in a picture is what stands there; disputed ones are less.
const CERTAIN: f32 = 0.95;

/// Whether some other reading found another value, beyond what printed precision explains.
pub(super) fn is_disputed(fact: &Fact) -> bool {
    fact.problem != Some(COMPUTED)
        && (fact.problem.is_some()
            || fact
                .evidence
                .readings
                .iter()
                .any(|reading| reading.value.is_some() && reading.differs_from(fact)))
}

/// What a disputed fact would say by its other readings. An engine's dissent from a value that
/// something else confirmed, such as a check digit, is the engine's mistake.
pub(super) fn others(fact: &Fact) -> Vec<Option<Value>> {
    if fact.value.is_none() || !(is_disputed(fact) || fact.problem == Some(COMPUTED)) {
        return Vec::new();
    }
    // What was computed from readings that differ is not known.
    if fact.problem == Some(COMPUTED) {
        let readings = &fact.evidence.readings;
        let first = readings.first().and_then(|reading| reading.value.as_ref());
        let differ = readings.iter().any(|one| one.value.is_some() && one.value.as_ref() != first);
        return if differ { vec![None] } else { Vec::new() };
    }
    let confirmed = is_confirmed(fact);
    let mut others: Vec<Option<Value>> = Vec::new();
    for reading in &fact.evidence.readings {
        let noise = confirmed && reading.is_by_engine();
        if reading.value.is_some() && reading.differs_from(fact) && !noise && !others.contains(&reading.value)
        {
            others.push(reading.value.clone());
        }
    }
    if others.is_empty() && fact.problem.is_some() {
        others.push(None);
    }
    others
}

/// Whether something else than one engine's reading speaks for a value.
fn is_confirmed(fact: &Fact) -> bool {
    support(fact).map_or(fact.evidence.confidence >= CERTAIN, |(_, support)| support.confirms())
}

/// Whether a value was only recognised in a picture, by one engine, without certainty: too little
/// for a hard fail (domain.md, section 0.4).
pub(super) fn is_weak(fact: &Fact) -> bool {
    let evidence = &fact.evidence;
    if matches!(evidence.method, Method::Declared | Method::Payload) || is_confirmed(fact) {
        return false;
    }
    let computed = fact.problem == Some(COMPUTED);
    if computed && evidence.readings.is_empty() {
        return true;
    }
    let first = evidence.readings.first().and_then(|reading| reading.value.as_ref());
    let value = if computed { first } else { fact.value.as_ref() };
    let mut agreeing: Vec<&str> = evidence
        .readings
        .iter()
        .filter(|reading| reading.value.is_some() && reading.value.as_ref() == value)
        .map(|reading| reading.by)
        .collect();
    agreeing.sort_unstable();
    agreeing.dedup();
    evidence.readings.iter().any(Reading::is_by_engine)
        && agreeing.len() < 2
        && agreeing.iter().all(|by| ENGINES.contains(by))
}

/// How a rule ends, its doubts considered.
pub(super) fn verdict(evaluation: &Evaluation<'_>, rule: &Rule, facts: &Facts<'_>) -> Verdict {
    let verdict = evaluation.rule(rule, facts.category);
    let verdict = contested(evaluation, rule, facts, verdict);
    match perhaps_unread(&verdict) {
        Some(kind) if evaluation.index.may_be_unread(&kind, facts.not_understood) => verdict.unread(),
        _ => verdict,
    }
}

/// An end that rests on a disputed fact is a review.
fn contested(evaluation: &Evaluation<'_>, rule: &Rule, facts: &Facts<'_>, mut verdict: Verdict) -> Verdict {
    if rule.about_readings || !matches!(verdict.outcome, Outcome::Pass | Outcome::Fail) {
        return verdict;
    }
    let sources = &evaluation.index.sources;
    let doubtful: Vec<usize> = verdict
        .reads
        .iter()
        .copied()
        .filter(|at| sources.get(*at).is_some_and(|source| !source.others.is_empty()))
        .collect();
    let ends = |instead: &BTreeMap<usize, Option<Value>>| {
        ended_with(evaluation, rule, facts, instead) == verdict.outcome
    };
    let mut deciding: Vec<usize> = doubtful
        .iter()
        .copied()
        .filter(|at| !sources[*at].others.iter().all(|other| ends(&BTreeMap::from([(*at, other.clone())]))))
        .collect();
    // Amounts add up: each alone may change nothing where all together do.
    if deciding.is_empty() && doubtful.len() > 1 {
        let amounts: BTreeMap<usize, Option<Value>> = doubtful
            .iter()
            .filter_map(|at| {
                let other = sources[*at].others.first()?;
                matches!(other, Some(Value::Money(_))).then(|| (*at, other.clone()))
            })
            .collect();
        if amounts.len() > 1 && !ends(&amounts) {
            deciding = amounts.into_keys().collect();
        }
    }
    if !deciding.is_empty() {
        const REASON: &str = "READINGS_DIFFER";
        if verdict.outcome == Outcome::Pass {
            verdict.reasons.clear();
        }
        verdict.outcome = Outcome::ManualReview;
        verdict.reasons.push(REASON.to_owned());
        verdict.notes.retain(|note| note != REASON);
        verdict.foremost = deciding.into_iter().collect();
    }
    verdict
}

fn ended_with(
    evaluation: &Evaluation<'_>,
    rule: &Rule,
    facts: &Facts<'_>,
    instead: &BTreeMap<usize, Option<Value>>,
) -> Outcome {
    let index = Arc::new(evaluation.index.with(instead));
    Evaluation::new(index, facts.today, evaluation.pack).rule(rule, facts.category).outcome
}
