//! Monetary-unit sampling: every fen of the population as likely to be drawn, so that large items are drawn more
//! often; what the drawn ones are overstated by is projected, with a limit that the truth exceeds with no more
//! than the accepted risk.

use rust_decimal::Decimal;

use super::{Factors, expansion};

/// One fen, in yuan: what one step of an interval is measured in.
const FEN: Decimal = Decimal::from_parts(1, 0, 0, false, 2);

/// How many points it takes: `ceil(BV × CF₀ / (TM − EM × EF))`.
///
/// Amounts in yuan. `None` where what is expected leaves no room below what is tolerable, or where more would be
/// needed than can be counted.
#[must_use]
pub fn points(
    book: Decimal,
    tolerable: Decimal,
    expected: Decimal,
    enlarged: Decimal,
    factors: &Factors,
) -> Option<u64> {
    let room = tolerable.checked_sub(expected.checked_mul(enlarged)?)?;
    if room <= Decimal::ZERO {
        return None;
    }
    u64::try_from(book.checked_mul(factors.at(0))?.checked_div(room)?.ceil()).ok()
}

/// The factor that an expected misstatement is enlarged by; 1 where none is expected. `None` where no table says.
#[must_use]
pub fn enlarged(expected: Decimal, confidence: Decimal) -> Option<Decimal> {
    if expected.is_zero() { Some(Decimal::ONE) } else { expansion(confidence) }
}

/// The interval of so many points, in yuan: rounded down to a fen, so that there are no fewer.
#[must_use]
pub fn interval(book: Decimal, points: u64) -> Decimal {
    let exact = book / Decimal::from(points.max(1));
    exact.trunc_with_scale(2).max(FEN)
}

/// An examined item that is not as it was booked.
#[derive(Clone, Debug, PartialEq)]
pub struct Error {
    /// Its number in the population, from 1.
    pub number: usize,
    /// As booked, in yuan.
    pub book: Decimal,
    /// As audited, in yuan.
    pub audited: Decimal,
    /// By how much of its book it is misstated; 1 is all of it.
    pub taint: Decimal,
    /// What it stands for in the population, in yuan: itself where it was certain to be drawn.
    pub projected: Decimal,
    /// Whether it stands for itself alone.
    pub certain: bool,
}

/// What errors of one direction come to. Amounts in yuan.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Misstatement {
    /// The errors, those with the largest taint first.
    pub errors: Vec<Error>,
    /// What was found.
    pub known: Decimal,
    /// What that makes in the population.
    pub projected: Decimal,
    /// What could be there though nothing was found: `CF₀ × J`.
    pub basic_precision: Decimal,
    /// What each error adds beyond itself: `Σ (CFᵢ − CFᵢ₋₁ − 1) × tᵢ × J`, taints descending.
    pub incremental: Decimal,
    /// The sum of the last three: the upper misstatement limit.
    pub upper_limit: Decimal,
}

/// Projects the overstatements among examined items: (number, book, audited), books above zero.
///
/// `interval` is `None` where every item was examined: each error then stands for itself, and there is nothing
/// beyond.
#[must_use]
pub fn overstated(
    items: &[(usize, Decimal, Decimal)],
    interval: Option<Decimal>,
    factors: &Factors,
) -> Misstatement {
    let mut found = projected(items, interval, |book, audited| book - audited);
    if let Some(interval) = interval {
        found.basic_precision = factors.at(0) * interval;
        let below = found.errors.iter().filter(|error| !error.certain);
        for (at, error) in below.enumerate() {
            let step = factors.at(at + 1) - factors.at(at) - Decimal::ONE;
            found.incremental += step * error.projected;
        }
    }
    found.upper_limit = found.projected + found.basic_precision + found.incremental;
    found
}

/// Projects the understatements in the same way, without a limit: they are told apart from overstatements and
/// make none of them smaller.
#[must_use]
pub fn understated(items: &[(usize, Decimal, Decimal)], interval: Option<Decimal>) -> Misstatement {
    projected(items, interval, |book, audited| audited - book)
}

fn projected(
    items: &[(usize, Decimal, Decimal)],
    interval: Option<Decimal>,
    misstated: impl Fn(Decimal, Decimal) -> Decimal,
) -> Misstatement {
    let mut errors: Vec<Error> = Vec::new();
    for &(number, book, audited) in items {
        let amount = misstated(book, audited);
        if amount <= Decimal::ZERO || book <= Decimal::ZERO {
            continue;
        }
        let taint = amount / book;
        let below = interval.filter(|interval| book < *interval);
        let projected = below.map_or(amount, |interval| taint * interval);
        errors.push(Error { number, book, audited, taint, projected, certain: below.is_none() });
    }
    errors.sort_by(|a, b| b.taint.cmp(&a.taint).then(a.number.cmp(&b.number)));
    let known = errors.iter().map(|error| misstated(error.book, error.audited)).sum();
    let projected = errors.iter().map(|error| error.projected).sum();
    Misstatement { errors, known, projected, ..Misstatement::default() }
}
