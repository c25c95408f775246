//! Facts to findings: evaluates the rules of a pack over what was declared and what was read.
//!
//! Pure: no clock, no disk; the same facts and the same pack give the same findings.

mod across;
mod apart;
mod doubt;
mod eval;
mod functions;
mod index;
mod invoices;
mod levels;
mod lists;
mod matches;
mod named;
mod names;
mod numbers;
mod parties;
mod patterns;
mod rows;
mod sums;
mod trial;
mod usage;
mod values;
mod verdict;

use std::{collections::BTreeMap, sync::Arc};

use chrono::NaiveDate;
use rust_decimal::Decimal;

use crate::{
    model::{
        fact::Record,
        finding::{Finding, Outcome, Sums},
        paper::Paper,
        reuse::Use,
    },
    rulebook::Pack,
};

pub use across::{compare, uses};
pub use apart::APART;
pub use trial::{TrialResult, record, trial};

/// What is known of a case.
#[derive(Clone, Copy, Debug)]
pub struct Facts<'a> {
    /// What the applicant typed.
    pub declaration: &'a Record,
    /// The documents found.
    pub papers: &'a [Paper],
    /// The day that counts as today.
    pub today: NaiveDate,
    /// The declared category.
    pub category: Option<&'a str>,
    /// What other applications use of what this one may use.
    pub elsewhere: &'a [Use],
    /// Files, by name, that were handed in and in which nothing was read or recognised: what is not
    /// found may stand there.
    pub not_understood: &'a [String],
}

/// What came of checking.
#[derive(Clone, Debug)]
pub struct Checked {
    /// One finding for each rule, in the order of the pack.
    pub findings: Vec<Finding>,
    /// What a person has to judge; outside the outcome.
    pub judgement: Vec<Finding>,
    /// Sums worth showing, in yuan.
    pub totals: BTreeMap<String, Decimal>,
    /// The sums that should agree, side by side.
    pub sums: Vec<Sums>,
    /// The worst finding.
    pub outcome: Outcome,
}

/// Evaluates every rule of the pack. Rules of other categories come out as not applicable.
#[must_use]
pub fn check(facts: &Facts<'_>, pack: &Pack) -> Checked {
    let index = Arc::new(index::Index::new(facts, pack));
    let sums = sums::sums(&index);
    let evaluation = eval::Evaluation::new(index, facts.today, pack);
    let (mut findings, mut judgement) = (Vec::new(), Vec::new());
    for rule in &pack.rules {
        let finding = evaluation.finding(rule, doubt::verdict(&evaluation, rule, facts));
        if rule.judgement { judgement.push(finding) } else { findings.push(finding) }
    }
    judgement.retain(|finding| finding.outcome != Outcome::NotApplicable);
    let worst = findings.iter().map(|finding| finding.outcome).max();
    // A case to which nothing applies has nothing wrong with it, and nothing looked at.
    let outcome = worst.unwrap_or(Outcome::NotApplicable);
    Checked { totals: evaluation.totals(pack), findings, judgement, sums, outcome }
}

/// The names of the functions that have code, for the test that compares them with the table.
#[must_use]
pub fn functions() -> Vec<&'static str> {
    functions::CODE.iter().map(|(name, _)| *name).collect()
}
