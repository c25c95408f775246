//! The assignment with the greatest sum of weights, by shortest augmenting paths (Kuhn and Munkres).

/// For each row the column it is given, so that no column is given twice and the weights add up to the most
/// there is; `None` for a row that is given none. Weights below one are no pairs. `rows × columns` weights,
/// row by row; cost grows with the square of the rows times the columns.
pub(super) fn assigned(weights: &[Vec<i64>]) -> Vec<Option<usize>> {
    let rows = weights.len();
    let columns = weights.iter().map(Vec::len).max().unwrap_or(0);
    // Every row may stay alone, at no weight: as many further columns as there are rows.
    let width = columns + rows;
    let cost = |row: usize, column: usize| -> i64 {
        let weight = weights.get(row).and_then(|of_row| of_row.get(column)).copied().unwrap_or(0);
        -weight.max(0)
    };
    // One-based, with column 0 for the row that is being placed: the classic form with potentials.
    let mut of_row = vec![0_i64; rows + 1];
    let mut of_column = vec![0_i64; width + 1];
    let mut owner = vec![0_usize; width + 1];
    let mut before = vec![0_usize; width + 1];
    for row in 1..=rows {
        owner[0] = row;
        let mut at = 0;
        let mut least = vec![i64::MAX; width + 1];
        let mut used = vec![false; width + 1];
        loop {
            used[at] = true;
            let (placed, mut step, mut next) = (owner[at], i64::MAX, 0);
            for column in 1..=width {
                if used[column] {
                    continue;
                }
                let now = cost(placed - 1, column - 1) - of_row[placed] - of_column[column];
                if now < least[column] {
                    least[column] = now;
                    before[column] = at;
                }
                if least[column] < step {
                    step = least[column];
                    next = column;
                }
            }
            for column in 0..=width {
                if used[column] {
                    of_row[owner[column]] += step;
                    of_column[column] -= step;
                } else if least[column] < i64::MAX {
                    least[column] -= step;
                }
            }
            at = next;
            if owner[at] == 0 {
                break;
            }
        }
        while at != 0 {
            owner[at] = owner[before[at]];
            at = before[at];
        }
    }
    let mut given = vec![None; rows];
    for (column, row) in owner.iter().enumerate().skip(1).filter(|(_, row)| **row > 0) {
        if column <= columns && cost(row - 1, column - 1) < 0 {
            given[row - 1] = Some(column - 1);
        }
    }
    given
}
