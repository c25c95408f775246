//! Confidence factors of monetary-unit sampling, and the factors by which expected misstatement counts more.

use rust_decimal::Decimal;

use super::chance::{falls_to, poisson_at_most};

/// Decimals of a computed factor.
const PLACES: usize = 8;

/// How much more an expected misstatement counts, by the risk of incorrect acceptance: (risk in percent, factor
/// in hundredths), least risk first. From the AICPA's Audit Guide "Audit Sampling".
pub const EXPANSION: &[(u32, i64)] =
    &[(1, 190), (5, 160), (10, 150), (15, 140), (20, 130), (25, 125), (30, 120), (37, 115), (50, 100)];

/// The expansion factor at a confidence in percent: that of the nearest row with no more risk. `None` where the
/// table ends, above 99.
#[must_use]
pub fn expansion(confidence: Decimal) -> Option<Decimal> {
    let risk = Decimal::ONE_HUNDRED - confidence;
    let row = EXPANSION.iter().rfind(|(least, _)| Decimal::from(*least) <= risk);
    row.map(|(_, hundredths)| Decimal::new(*hundredths, 2))
}

/// What is left of certainty, as a fraction.
pub(super) fn risk(confidence: Decimal) -> f64 {
    let fraction = (Decimal::ONE_HUNDRED - confidence) / Decimal::ONE_HUNDRED;
    // Through its digits: the nearest binary fraction, which a conversion does not promise.
    fraction.to_string().parse().unwrap_or(0.0)
}

/// Confidence factors: the mean of a Poisson distribution that gives no more than so many errors with just the
/// risk that is accepted.
#[derive(Clone, Debug, PartialEq)]
pub struct Factors {
    risk: f64,
    /// Factors as a table prints them, by number of errors; exact ones follow where it ends.
    printed: Vec<Decimal>,
}

impl Factors {
    /// Exact factors at a confidence in percent, from 50 to below 100.
    #[must_use]
    pub fn exact(confidence: Decimal) -> Self {
        Self::printed(confidence, &[])
    }

    /// The factors of a table for 0, 1, 2, … errors, as far as it goes.
    #[must_use]
    pub fn printed(confidence: Decimal, table: &[Decimal]) -> Self {
        Self { risk: risk(confidence), printed: table.to_vec() }
    }

    /// The factor for a number of errors, to eight decimals.
    #[must_use]
    pub fn at(&self, errors: usize) -> Decimal {
        if let Some(factor) = self.printed.get(errors) {
            return *factor;
        }
        let count = errors as u64;
        let mut high = 2.0 * (count as f64 + 10.0);
        while poisson_at_most(count, high) > self.risk {
            high *= 2.0;
        }
        // At half a chance or more the factor lies above the number of errors.
        let mean = falls_to(self.risk, count as f64, high, |mean| poisson_at_most(count, mean));
        format!("{mean:.PLACES$}").parse().unwrap_or(Decimal::MAX)
    }
}
