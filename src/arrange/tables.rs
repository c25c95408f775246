//! Ruled tables: cells between the horizontal and vertical strokes of a page.
//!
//! Tables without rulings are read from their header row by `extract`.

use crate::model::{
    geometry::Rect,
    page::{Table, TableCell, Word},
};

/// Strokes closer than this, in points, are one ruling.
const SAME: f64 = 2.5;

/// Finds the tables of a page. Strokes that touch, directly or through others, make one table.
pub(super) fn tables(words: &[Word], strokes: &[Rect]) -> Vec<Table> {
    let long: Vec<Rect> = strokes
        .iter()
        .copied()
        .filter(|s| s.width().max(s.height()) > 8.0 && s.width().min(s.height()) < 3.0)
        .collect();
    if long.len() > 4_000 {
        return Vec::new();
    }
    let by_height = ByHeight::of(words);
    let mut tables: Vec<Table> =
        groups(&long).iter().filter_map(|group| table(group, words, &by_height)).collect();
    tables.sort_by(|a, b| a.bounds.top.total_cmp(&b.bounds.top));
    tables
}

/// Words from top to bottom, so that a cell looks only at those of its own height.
struct ByHeight(Vec<(f64, usize)>);

impl ByHeight {
    fn of(words: &[Word]) -> Self {
        let mut sorted: Vec<(f64, usize)> =
            words.iter().enumerate().map(|(at, word)| (word.bounds.center_y(), at)).collect();
        sorted.sort_by(|a, b| a.0.total_cmp(&b.0));
        Self(sorted)
    }

    /// The words whose middle lies in a box, in the order of the page.
    fn inside(&self, bounds: &Rect, words: &[Word]) -> Vec<usize> {
        let from = self.0.partition_point(|(middle, _)| *middle < bounds.top);
        let mut found: Vec<usize> = self
            .0
            .iter()
            .skip(from)
            .take_while(|(middle, _)| *middle <= bounds.bottom)
            .map(|(_, at)| *at)
            .filter(|at| words.get(*at).is_some_and(|word| bounds.holds(&word.bounds)))
            .collect();
        found.sort_unstable();
        found
    }
}

fn groups(strokes: &[Rect]) -> Vec<Vec<Rect>> {
    let mut groups: Vec<Vec<Rect>> = Vec::new();
    for stroke in strokes {
        let near = stroke.grown(SAME);
        let touches =
            |group: &Vec<Rect>| group.iter().any(|s| s.overlap_x(&near) >= 0.0 && s.overlap_y(&near) >= 0.0);
        let (touching, mut apart): (Vec<_>, Vec<_>) = groups.into_iter().partition(touches);
        let mut joined: Vec<Rect> = touching.into_iter().flatten().collect();
        joined.push(*stroke);
        apart.push(joined);
        groups = apart;
    }
    groups
}

fn positions(values: impl Iterator<Item = f64>) -> Vec<f64> {
    let mut sorted: Vec<f64> = values.collect();
    sorted.sort_by(f64::total_cmp);
    sorted.dedup_by(|b, a| (*b - *a).abs() < SAME);
    sorted
}

fn table(strokes: &[Rect], words: &[Word], by_height: &ByHeight) -> Option<Table> {
    let (across, down): (Vec<Rect>, Vec<Rect>) =
        strokes.iter().copied().partition(|s| s.width() > s.height());
    let ys = positions(across.iter().map(Rect::center_y));
    let xs = positions(down.iter().map(Rect::center_x));
    if ys.len() < 2 || xs.len() < 2 || ys.len() * xs.len() > 20_000 {
        return None;
    }
    let (rows, columns) = (ys.len() - 1, xs.len() - 1);
    // The strokes along each edge of the grid.
    let along = |places: &[f64], strokes: &[Rect], place: fn(&Rect) -> f64| -> Vec<Vec<Rect>> {
        let near = |x: &f64| strokes.iter().filter(|s| (place(s) - x).abs() < SAME).copied().collect();
        places.iter().map(near).collect()
    };
    let (down, across) = (along(&xs, &down, Rect::center_x), along(&ys, &across, Rect::center_y));
    // A wall stands between two neighbouring grid fields where a stroke runs along most of the edge.
    let wall_right = |row: usize, column: usize| {
        let middle = f64::midpoint(ys[row], ys[row + 1]);
        down[column + 1].iter().any(|s| s.top <= middle && s.bottom >= middle)
    };
    let wall_below = |row: usize, column: usize| {
        let middle = f64::midpoint(xs[column], xs[column + 1]);
        across[row + 1].iter().any(|s| s.left <= middle && s.right >= middle)
    };
    let mut taken = vec![false; rows * columns];
    let mut cells = Vec::new();
    for row in 0..rows {
        for column in 0..columns {
            if taken[row * columns + column] {
                continue;
            }
            let mut right = column;
            while right + 1 < columns && !wall_right(row, right) && !taken[row * columns + right + 1] {
                right += 1;
            }
            let mut below = row;
            while below + 1 < rows && (column..=right).all(|c| !wall_below(below, c)) {
                below += 1;
            }
            for r in row..=below {
                taken[r * columns + column..=r * columns + right].fill(true);
            }
            let bounds = Rect::new(xs[column], ys[row], xs[right + 1], ys[below + 1]);
            let inside = by_height.inside(&bounds, words);
            let count = |n: usize| u32::try_from(n).unwrap_or(u32::MAX);
            cells.push(TableCell {
                row: count(row),
                column: count(column),
                row_span: count(below - row + 1),
                column_span: count(right - column + 1),
                bounds,
                words: inside,
            });
        }
    }
    if cells.iter().filter(|cell| !cell.words.is_empty()).count() < 2 {
        return None;
    }
    let bounds = Rect::new(xs[0], ys[0], xs[columns], ys[rows]);
    Some(Table { bounds, cells, rows: u32::try_from(rows).ok()?, columns: u32::try_from(columns).ok()? })
}
