//! Linear equations.

/// The factors of the terms that come nearest to what is wanted; `None` where terms go together. Each row has
/// its terms, what they should come to, and its weight.
pub(super) fn least_squares<const N: usize>(
    rows: impl Iterator<Item = ([f64; N], f64, f64)>,
) -> Option<[f64; N]> {
    // The normal equations, each with what it should come to.
    let mut equations = [([0.0; N], 0.0); N];
    for (terms, value, weight) in rows {
        for ((sums, wanted), own) in equations.iter_mut().zip(terms) {
            sums.iter_mut().zip(terms).for_each(|(sum, term)| *sum += weight * own * term);
            *wanted += weight * own * value;
        }
    }
    // Gauss and Jordan's elimination, the largest pivot first.
    for at in 0..N {
        let size = |row: &usize| equations[*row].0[at].abs();
        let pivot = (at..N).max_by(|a, b| size(a).total_cmp(&size(b)))?;
        equations.swap(at, pivot);
        let (own, own_wanted) = equations[at];
        if own[at].abs() < 1e-9 {
            return None;
        }
        for (_, (sums, wanted)) in equations.iter_mut().enumerate().filter(|(row, _)| *row != at) {
            let factor = sums[at] / own[at];
            sums.iter_mut().zip(own).for_each(|(sum, own)| *sum -= factor * own);
            *wanted -= factor * own_wanted;
        }
    }
    Some(std::array::from_fn(|at| equations[at].1 / equations[at].0[at]))
}
