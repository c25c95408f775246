//! What the examined items say. Nothing is said of the whole while any item has not been examined.

use std::collections::BTreeMap;

use rust_decimal::Decimal;

use super::{
    Method, Sample, attribute,
    monetary::{self, Misstatement},
};

/// What was found of an item.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Answer {
    /// What it should have been booked with, in yuan, not below zero.
    Audited(Decimal),
    /// Whether it deviates.
    Deviates(bool),
}

/// Where an evaluation ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// At the confidence asked for no more is wrong than is tolerable.
    Supported,
    /// That cannot be said: more may be wrong.
    Exceeded,
    /// Items are still to be examined.
    Open,
}

impl Verdict {
    /// The name used in outputs.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Supported => "supported",
            Self::Exceeded => "exceeded",
            Self::Open => "open",
        }
    }
}

/// What was computed.
#[derive(Clone, Debug, PartialEq)]
pub enum Figures {
    /// In yuan.
    Monetary {
        /// Booked too high.
        over: Misstatement,
        /// Booked too low; it makes no overstatement smaller.
        under: Misstatement,
    },
    /// In items and percent.
    Attribute {
        /// Items that deviate, by number.
        deviating: Vec<usize>,
        /// The most items of the population that can deviate.
        upper_count: u64,
        /// The same in percent of the population, to four decimals.
        upper_rate: Decimal,
        /// After Clopper and Pearson, in percent, as tables give it for a population without end.
        endless_rate: Decimal,
    },
}

/// What came of a sample.
#[derive(Clone, Debug, PartialEq)]
pub struct Evaluation {
    /// Where it ends.
    pub verdict: Verdict,
    /// Items that were not examined, by number.
    pub missing: Vec<usize>,
    /// What was computed; `None` while any is missing.
    pub figures: Option<Figures>,
}

/// Evaluates a sample by what was found of its items, by their numbers. Answers to another question than the
/// method asks, and of items that were not drawn, count as none.
#[must_use]
pub fn evaluate(sample: &Sample, answers: &BTreeMap<usize, Answer>) -> Evaluation {
    let answered = |number: &usize| match (sample.order.method, answers.get(number)) {
        (Method::Mus, Some(Answer::Audited(_))) | (Method::Random, Some(Answer::Deviates(_))) => true,
        (_, _) => false,
    };
    let missing: Vec<usize> = sample.drawn.iter().copied().filter(|number| !answered(number)).collect();
    if !missing.is_empty() {
        return Evaluation { verdict: Verdict::Open, missing, figures: None };
    }
    let (figures, holds) = match sample.order.method {
        Method::Mus => monetary(sample, answers),
        Method::Random => attribute(sample, answers),
    };
    let verdict = if holds { Verdict::Supported } else { Verdict::Exceeded };
    Evaluation { verdict, missing, figures: Some(figures) }
}

fn monetary(sample: &Sample, answers: &BTreeMap<usize, Answer>) -> (Figures, bool) {
    let examined: Vec<(usize, Decimal, Decimal)> = sample
        .drawn
        .iter()
        .filter_map(|number| match answers.get(number) {
            Some(Answer::Audited(audited)) => {
                Some((*number, sample.population.items.get(number - 1)?.book, *audited))
            }
            _ => None,
        })
        .collect();
    let over = monetary::overstated(&examined, sample.plan.interval, &sample.order.factors());
    let under = monetary::understated(&examined, sample.plan.interval);
    let holds = over.upper_limit <= sample.order.tolerable;
    (Figures::Monetary { over, under }, holds)
}

fn attribute(sample: &Sample, answers: &BTreeMap<usize, Answer>) -> (Figures, bool) {
    let deviates = |number: &usize| answers.get(number) == Some(&Answer::Deviates(true));
    let deviating: Vec<usize> = sample.drawn.iter().copied().filter(deviates).collect();
    let (found, size) = (deviating.len() as u64, sample.drawn.len() as u64);
    let all = sample.population.items.len() as u64;
    let confidence = sample.order.confidence;
    let upper_count = attribute::upper_count(confidence, found, size, all);
    let upper_rate = Decimal::from(upper_count) * Decimal::ONE_HUNDRED / Decimal::from(all.max(1));
    let holds = upper_count <= attribute::tolerated(sample.order.tolerable, all);
    let endless_rate = attribute::upper_rate(confidence, found, size);
    (Figures::Attribute { deviating, upper_count, upper_rate: upper_rate.round_dp(4), endless_rate }, holds)
}
