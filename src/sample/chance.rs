//! Chances of counts: Poisson, binomial, hypergeometric. Sums of exact terms, each through its logarithm so
//! that large counts neither overflow nor vanish.

/// Below this a logarithm of a factorial is added up, from it on Stirling's series is exact to 1e-13.
const SMALL: u64 = 32;

/// Whether a chance is no more than a risk. In small populations the two are often equal, and logarithms must not
/// decide which is more.
pub(super) fn is_within(chance: f64, risk: f64) -> bool {
    chance <= risk * (1.0 + 1e-10)
}

/// The logarithm of n!.
fn ln_factorial(n: u64) -> f64 {
    if n < SMALL {
        return (2..=n).map(|i| (i as f64).ln()).sum();
    }
    let x = n as f64;
    let series = 1.0 / (12.0 * x) - 1.0 / (360.0 * x.powi(3)) + 1.0 / (1260.0 * x.powi(5));
    x * x.ln() - x + 0.5 * (2.0 * std::f64::consts::PI * x).ln() + series
}

/// The logarithm of the number of ways to choose k of n; k ≤ n.
fn ln_choose(n: u64, k: u64) -> f64 {
    ln_factorial(n) - ln_factorial(k) - ln_factorial(n - k)
}

/// The chance of at most `count` events where `mean` are to be expected; `mean` above zero and no less than
/// `count`.
///
/// From there downwards each term is smaller than the one before, so that the sum ends where nothing is added.
pub(super) fn poisson_at_most(count: u64, mean: f64) -> f64 {
    let mut term = (count as f64 * mean.ln() - mean - ln_factorial(count)).exp();
    let mut sum = term;
    for i in (1..=count).rev() {
        term *= i as f64 / mean;
        if sum + term <= sum {
            break;
        }
        sum += term;
    }
    sum.min(1.0)
}

/// The chance of at most `count` among `size` draws, each of which hits with chance `rate`.
pub(super) fn binomial_at_most(count: u64, size: u64, rate: f64) -> f64 {
    if count >= size || rate <= 0.0 {
        return 1.0;
    }
    if rate >= 1.0 {
        return 0.0;
    }
    let term =
        |i: u64| (ln_choose(size, i) + i as f64 * rate.ln() + (size - i) as f64 * (-rate).ln_1p()).exp();
    (0..=count).map(term).sum::<f64>().min(1.0)
}

/// The chance of at most `count` among `size` items drawn without replacement from `all`, of which `marked`
/// count; `size` and `marked` ≤ `all`.
pub(super) fn hypergeometric_at_most(count: u64, size: u64, marked: u64, all: u64) -> f64 {
    // So many have to be among them, since there are not enough others.
    let least = (size + marked).saturating_sub(all);
    let most = size.min(marked);
    if count >= most {
        return 1.0;
    }
    let term =
        |i: u64| (ln_choose(marked, i) + ln_choose(all - marked, size - i) - ln_choose(all, size)).exp();
    (least..=count).map(term).sum::<f64>().min(1.0)
}

/// Where a falling function comes down to a level, between two places that enclose it.
pub(super) fn falls_to(level: f64, mut low: f64, mut high: f64, at: impl Fn(f64) -> f64) -> f64 {
    // Each step halves the distance; after so many it is below what a binary fraction tells apart.
    for _ in 0..80 {
        let middle = f64::midpoint(low, high);
        if at(middle) > level { low = middle } else { high = middle }
    }
    f64::midpoint(low, high)
}

/// The first whole number, from `low` up to `high`, at which something holds that goes on holding;
/// `high` where it holds nowhere before.
pub(super) fn first(mut low: u64, mut high: u64, holds: impl Fn(u64) -> bool) -> u64 {
    while low < high {
        let middle = low + (high - low) / 2;
        if holds(middle) { high = middle } else { low = middle + 1 }
    }
    high
}
