//! Which of a few amounts add up to a sum.

use rust_decimal::{Decimal, prelude::ToPrimitive};

use super::Band;

/// More amounts are not tried in all combinations: half of them make 256 sums.
const MOST: usize = 16;
/// Amounts beyond this, in fen, are left alone, so that no sum overflows.
const LARGEST: i128 = 1 << 100;

/// The smallest sets of amounts, by their places, that add up to a sum within its band, at most `enough` of
/// them, each of one size. Sets of none or of more than 16 amounts are not looked for; of a longer list only
/// single amounts and pairs are.
#[must_use]
pub fn subsets(amounts: &[Decimal], sum: Band, enough: usize) -> Vec<Vec<usize>> {
    let known: Vec<(usize, i128)> =
        amounts.iter().enumerate().filter_map(|(at, amount)| Some((at, fen(*amount)?))).collect();
    sets_of(&known, sum, enough)
}

/// An amount in fen; nothing for one that is too large to add up.
pub(super) fn fen(yuan: Decimal) -> Option<i128> {
    let fen = yuan.checked_mul(Decimal::ONE_HUNDRED)?.round().to_i128()?;
    (fen.abs() < LARGEST).then_some(fen)
}

/// The same sets of places, of amounts that are in fen already.
pub(super) fn sets_of(known: &[(usize, i128)], sum: Band, enough: usize) -> Vec<Vec<usize>> {
    let Some((target, reach)) = fen(sum.yuan).zip(fen(sum.half)) else { return Vec::new() };
    // Where nothing is taken off, what is greater than the sum is no part of it.
    let only_adds = known.iter().all(|(_, fen)| *fen >= 0);
    let may_be = |fen: i128| !only_adds || fen <= target + reach;
    let known: Vec<(usize, i128)> = known.iter().copied().filter(|(_, fen)| may_be(*fen)).collect();
    if only_adds && known.iter().map(|(_, fen)| fen).sum::<i128>() < target - reach {
        return Vec::new();
    }
    let few = known.len() <= MOST;
    let mut found = if few { all(&known, target, reach) } else { small(&known, target, reach, enough) };
    let least = found.iter().map(Vec::len).min().unwrap_or(0);
    found.retain(|one| one.len() == least);
    found.sort_unstable();
    found.truncate(enough);
    found
}

/// Single amounts, or else pairs, of a long list.
fn small(known: &[(usize, i128)], target: i128, reach: i128, enough: usize) -> Vec<Vec<usize>> {
    let fits = |fen: i128| (fen - target).abs() <= reach;
    let singles: Vec<Vec<usize>> =
        known.iter().filter(|(_, fen)| fits(*fen)).take(enough).map(|(at, _)| vec![*at]).collect();
    if !singles.is_empty() {
        return singles;
    }
    let mut sorted = known.to_vec();
    sorted.sort_unstable_by_key(|(at, fen)| (*fen, *at));
    let mut pairs = Vec::new();
    for (at, (first, fen)) in sorted.iter().enumerate() {
        let rest = sorted.get(at + 1..).unwrap_or_default();
        let from = rest.partition_point(|(_, other)| fen + other < target - reach);
        let to = rest.partition_point(|(_, other)| fen + other <= target + reach);
        for (second, _) in rest.get(from..to).unwrap_or_default() {
            if pairs.len() == enough {
                return pairs;
            }
            pairs.push(vec![*first.min(second), *first.max(second)]);
        }
    }
    pairs
}

/// All sets of a short list: the sums of one half are looked up among the sums of the other.
fn all(known: &[(usize, i128)], target: i128, reach: i128) -> Vec<Vec<usize>> {
    let (left, right) = known.split_at(known.len() / 2);
    let mut sums = sums_of(right);
    sums.sort_unstable();
    let mut found = Vec::new();
    let mut least = usize::MAX;
    for (sum, set) in sums_of(left) {
        let from = sums.partition_point(|(other, _)| sum + other < target - reach);
        let to = sums.partition_point(|(other, _)| sum + other <= target + reach);
        for (_, other) in sums.get(from..to).unwrap_or_default() {
            let size = (set.count_ones() + other.count_ones()) as usize;
            // Larger sets than the smallest are of no use, and there may be millions.
            if size > 0 && size <= least {
                if size < least {
                    found.clear();
                    least = size;
                }
                found.push((set, *other));
            }
        }
    }
    let chosen = |half: &[(usize, i128)], set: u32| -> Vec<usize> {
        half.iter().enumerate().filter(|(bit, _)| set & (1 << bit) != 0).map(|(_, (at, _))| *at).collect()
    };
    found.into_iter().map(|(set, other)| [chosen(left, set), chosen(right, other)].concat()).collect()
}

/// The sum of every set of a half, with the set as bits.
fn sums_of(half: &[(usize, i128)]) -> Vec<(i128, u32)> {
    let mut sums = Vec::with_capacity(1 << half.len());
    sums.push((0, 0));
    for (bit, (_, fen)) in half.iter().enumerate() {
        for at in 0..sums.len() {
            let (sum, set) = sums[at];
            sums.push((sum + fen, set | 1 << bit));
        }
    }
    sums
}
