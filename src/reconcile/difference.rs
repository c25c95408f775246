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

/// What slip of the pen turns one amount into the other, as a whole: `unit_slip` where one is about a thousand
/// or ten thousand times the other, `digits_swapped` where two neighbouring digits changed places,
/// `digit_differs` where one digit is another, and nothing otherwise. Digits are compared as they are
/// printed.
#[must_use]
pub fn slip(written: Band, found: Band) -> Option<&'static str> {
    if is_off_by_unit(written.yuan, found.yuan) {
        return Some("unit_slip");
    }
    // In units of the last digit that was printed; the other is rounded to it.
    let unit = (written.half + written.half).max(Decimal::new(1, 2));
    let digits = |amount: Decimal| {
        let scaled = amount.checked_div(unit)?.round();
        (!scaled.is_sign_negative()).then(|| scaled.normalize().to_string().into_bytes())
    };
    let (own, other) = (digits(written.yuan)?, digits(found.yuan)?);
    if own.len() != other.len() {
        return None;
    }
    let differing: Vec<usize> =
        own.iter().zip(&other).enumerate().filter(|(_, (a, b))| a != b).map(|(at, _)| at).collect();
    match differing.as_slice() {
        [_] => Some("digit_differs"),
        [a, b] if a + 1 == *b && own.get(*a) == other.get(*b) && own.get(*b) == other.get(*a) => {
            Some("digits_swapped")
        }
        _ => None,
    }
}

/// Within a hundredth of a thousand or ten thousand times (domain.md, section 4.5).
fn is_off_by_unit(a: Decimal, b: Decimal) -> bool {
    let (small, large) = if a.abs() < b.abs() { (a, b) } else { (b, a) };
    [1_000, 10_000].into_iter().map(Decimal::from).any(|unit| {
        let scaled = small.checked_mul(unit).filter(|scaled| !scaled.is_zero());
        let off = scaled.and_then(|scaled| large.checked_sub(scaled)?.abs().checked_div(scaled.abs()));
        off.is_some_and(|off| off <= Decimal::new(1, 2))
    })
}
