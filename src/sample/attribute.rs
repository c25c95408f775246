//! Attribute sampling: how many items to look at to say that a rate of deviations is not exceeded, and what the
//! deviations found say of the rate.

use rust_decimal::{Decimal, prelude::ToPrimitive};

use super::{
    chance::{binomial_at_most, falls_to, first, hypergeometric_at_most, is_within},
    factor::risk,
};

/// Items beyond which no table goes and nobody samples.
const MOST: u64 = 10_000;

/// A sample that would do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Size {
    /// Items to draw.
    pub items: u64,
    /// Deviations that may be among them.
    pub allowed: u64,
}

/// The smallest sample from a population without end, as printed tables give it: the deviations that may be
/// found are no fewer than the expected ones, and finding no more has at most the accepted risk where the rate is
/// the tolerable one. Rates and confidence in percent; `None` above 10,000 items.
#[must_use]
pub fn size(confidence: Decimal, tolerable: Decimal, expected: Decimal) -> Option<Size> {
    let (risk, rate) = (risk(confidence), fraction(tolerable));
    let mut least = 0;
    (0..MOST)
        .find_map(|allowed| {
            least = first(least.max(allowed), MOST + 1, |items| {
                is_within(binomial_at_most(allowed, items, rate), risk)
            });
            let enough = least > MOST || covers(allowed, least, expected);
            enough.then_some(Size { items: least, allowed })
        })
        .filter(|size| size.items <= MOST)
}

/// The smallest sample from so many items, drawn without replacement; `None` where only all of them will do.
#[must_use]
pub fn size_of(confidence: Decimal, tolerable: Decimal, expected: Decimal, all: u64) -> Option<Size> {
    let risk = risk(confidence);
    let unwanted = tolerated(tolerable, all) + 1;
    let mut least = 0;
    for allowed in 0..unwanted.min(all) {
        least = first(least.max(allowed), all, |items| {
            is_within(hypergeometric_at_most(allowed, items, unwanted, all), risk)
        });
        if least >= all {
            return None;
        }
        if covers(allowed, least, expected) {
            return Some(Size { items: least, allowed });
        }
    }
    None
}

/// How many of so many items may deviate at a rate in percent.
#[must_use]
pub fn tolerated(rate: Decimal, all: u64) -> u64 {
    (rate * Decimal::from(all) / Decimal::ONE_HUNDRED).floor().to_u64().unwrap_or(0)
}

/// Whether so many deviations are no fewer than the expected rate gives among so many items.
fn covers(allowed: u64, items: u64, expected: Decimal) -> bool {
    Decimal::from(allowed) * Decimal::ONE_HUNDRED >= expected * Decimal::from(items)
}

/// The most items of the population that can deviate where so many of a sample do, with no more than the accepted
/// risk of being wrong; drawn without replacement. `found` ≤ `size` ≤ `all`.
#[must_use]
pub fn upper_count(confidence: Decimal, found: u64, size: u64, all: u64) -> u64 {
    let risk = risk(confidence);
    let most = all - size + found;
    // The first number that is too unlikely, less one.
    first(found + 1, most + 1, |marked| is_within(hypergeometric_at_most(found, size, marked, all), risk)) - 1
}

/// The upper limit of the rate after Clopper and Pearson, in percent to four decimals: as if every item had been
/// put back before the next was drawn.
#[must_use]
pub fn upper_rate(confidence: Decimal, found: u64, size: u64) -> Decimal {
    if found >= size {
        return Decimal::ONE_HUNDRED;
    }
    let rate = falls_to(risk(confidence), 0.0, 1.0, |rate| binomial_at_most(found, size, rate));
    format!("{:.4}", rate * 100.0).parse().unwrap_or(Decimal::ONE_HUNDRED)
}

fn fraction(percent: Decimal) -> f64 {
    (percent / Decimal::ONE_HUNDRED).to_string().parse().unwrap_or(0.0)
}
