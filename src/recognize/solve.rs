//! Linear equations.

/// The factors of the terms that come nearest to what is wanted, by weight; `None` where terms go together.
pub(super) fn least_squares<const N: usize>(
    rows: impl Iterator<Item = ([f64; N], f64, f64)>,
) -> Option<[f64; N]> {
    let (mut normal, mut wanted) = ([[0.0; N]; N], [0.0; N]);
    for (terms, value, weight) in rows {
        for at in 0..N {
            for other in 0..N {
                normal[at][other] += weight * terms[at] * terms[other];
            }
            wanted[at] += weight * terms[at] * value;
        }
    }
    // Gauss's elimination, the largest pivot first.
    for at in 0..N {
        let pivot = (at..N).max_by(|a, b| normal[*a][at].abs().total_cmp(&normal[*b][at].abs()))?;
        normal.swap(at, pivot);
        wanted.swap(at, pivot);
        if normal[at][at].abs() < 1e-9 {
            return None;
        }
        for other in (0..N).filter(|other| *other != at) {
            let factor = normal[other][at] / normal[at][at];
            for column in at..N {
                normal[other][column] -= factor * normal[at][column];
            }
            wanted[other] -= factor * wanted[at];
        }
    }
    let mut solved = wanted;
    (0..N).for_each(|at| solved[at] /= normal[at][at]);
    Some(solved)
}
