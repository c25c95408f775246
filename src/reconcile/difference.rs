//! What makes up the difference of two sums.

use rust_decimal::Decimal;

use super::{Band, subsets};

/// Further explanations of one difference are not listed: that there are several is what matters.
const ENOUGH: usize = 5;
/// Explanations of more items than this explain nothing: among many amounts some add up to anything.
const MOST: usize = 4;

/// Something that one sum counts and the other does not, for a reason of a kind.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Candidate {
    /// What kind of reason.
    pub kind: &'static str,
    /// By how much the first sum is the greater for it; less than nought where the second counts more.
    pub amount: Decimal,
}

/// The sets of candidates, by their places, that make up a difference within its band, best first: one
/// candidate; all of one kind; all of them; else the smallest sets of no more than four. Several sets are
/// several explanations, of which only people can tell the right one.
#[must_use]
pub fn made_up(difference: Band, candidates: &[Candidate]) -> Vec<Vec<usize>> {
    let sum = |places: &[usize]| {
        let amounts = places.iter().filter_map(|at| candidates.get(*at)).map(|one| one.amount);
        amounts.into_iter().try_fold(Decimal::ZERO, Decimal::checked_add)
    };
    let fits = |places: &Vec<usize>| {
        !places.is_empty() && sum(places).is_some_and(|sum| Band::exact(sum).meets(difference))
    };
    let all: Vec<usize> = (0..candidates.len()).collect();
    let mut kinds: Vec<&str> = candidates.iter().map(|one| one.kind).collect();
    kinds.sort_unstable();
    kinds.dedup();
    let of_kind = |kind: &&str| -> Vec<usize> {
        all.iter().copied().filter(|at| candidates.get(*at).is_some_and(|one| one.kind == *kind)).collect()
    };
    let tiers: [Vec<Vec<usize>>; 3] =
        [all.iter().map(|at| vec![*at]).collect(), kinds.iter().map(of_kind).collect(), vec![all.clone()]];
    for tier in tiers {
        let mut found: Vec<Vec<usize>> = tier.into_iter().filter(fits).collect();
        found.truncate(ENOUGH);
        if !found.is_empty() {
            return found;
        }
    }
    let amounts: Vec<Decimal> = candidates.iter().map(|one| one.amount).collect();
    let mut found = subsets(&amounts, difference, ENOUGH);
    found.retain(|one| one.len() <= MOST);
    found
}

/// What slip of the pen turns one amount into the other, as a whole: `unit_slip` where one is a thousand or ten
/// thousand times the other, `digits_swapped` where two neighbouring digits changed places, and nothing otherwise.
/// Both within printed precision.
#[must_use]
pub fn slip(written: Band, found: Band) -> Option<&'static str> {
    if is_in_another_unit(written, found) || is_in_another_unit(found, written) {
        return Some("unit_slip");
    }
    // In units of the last digit that was printed; the other is rounded to it.
    let unit = (written.half + written.half).max(Decimal::new(1, 2));
    let digits = |amount: Decimal| {
        let scaled = amount.checked_div(unit)?.round();
        (!scaled.is_sign_negative()).then(|| scaled.normalize().to_string().into_bytes())
    };
    let (own, other) = (digits(written.yuan)?, digits(found.yuan)?);
    let differing: Vec<usize> =
        own.iter().zip(&other).enumerate().filter(|(_, (a, b))| a != b).map(|(at, _)| at).collect();
    match differing.as_slice() {
        [a, b] if own.len() == other.len() && a + 1 == *b => {
            (own.get(*a) == other.get(*b) && own.get(*b) == other.get(*a)).then_some("digits_swapped")
        }
        _ => None,
    }
}

/// Whether a small amount is the large one in another unit: 万元 or 千元 taken for 元.
fn is_in_another_unit(small: Band, large: Band) -> bool {
    [1_000, 10_000].into_iter().map(Decimal::from).any(|unit| {
        let scaled = small.yuan.checked_mul(unit).zip(small.half.checked_mul(unit));
        scaled.is_some_and(|(yuan, half)| !yuan.is_zero() && Band { yuan, half }.meets(large))
    })
}
