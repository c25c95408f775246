//! Lines: words on one base line. Scans lean, so rows are found after taking the lean out.

use crate::model::{
    geometry::Rect,
    page::{Line, Word},
};

/// A gap wider than this many times the letter height parts two lines of a row.
const WIDE_GAP: f64 = 1.6;
/// How many words of a page are asked for its lean; an ordinary page has fewer.
const SAMPLE: usize = 2_000;

/// Groups words into lines, in reading order: rows from top to bottom, lines from left to right.
pub(super) fn lines(words: &[Word], strokes: &[Rect]) -> Vec<Line> {
    let lean = lean(words);
    let upright = Upright::of(strokes);
    let mut lines = Vec::new();
    for (number, row) in (0_u32..).zip(rows(words, lean)) {
        let mut current: Vec<usize> = Vec::new();
        for at in row {
            if let Some(last) = current.last().and_then(|last| words.get(*last))
                && let Some(word) = words.get(at)
                && parted(&last.bounds, &word.bounds, &upright)
            {
                lines.push(line(std::mem::take(&mut current), words, number));
            }
            current.push(at);
        }
        if !current.is_empty() {
            lines.push(line(current, words, number));
        }
    }
    lines
}

fn line(members: Vec<usize>, words: &[Word], row: u32) -> Line {
    let bounds = Rect::around(members.iter().filter_map(|at| words.get(*at)).map(|word| &word.bounds));
    Line { words: members, bounds: bounds.unwrap_or_default(), row }
}

/// Strokes that may part words side by side, from left to right.
struct Upright(Vec<Rect>);

impl Upright {
    fn of(strokes: &[Rect]) -> Self {
        let mut upright: Vec<Rect> = strokes.iter().filter(|stroke| stroke.width() < 3.0).copied().collect();
        upright.sort_by(|a, b| a.center_x().total_cmp(&b.center_x()));
        Self(upright)
    }

    /// Those whose middle lies between two places.
    fn between(&self, left: f64, right: f64) -> impl Iterator<Item = &Rect> {
        let from = self.0.partition_point(|stroke| stroke.center_x() < left);
        self.0.iter().skip(from).take_while(move |stroke| stroke.center_x() <= right)
    }
}

fn parted(left: &Rect, right: &Rect, upright: &Upright) -> bool {
    let gap = right.left - left.right;
    let height = left.height().min(right.height());
    gap > height * WIDE_GAP
        || gap > 0.0
            && upright
                .between(left.right - 1.0, right.left + 1.0)
                .any(|stroke| stroke.height() > height && stroke.overlap_y(left) > height * 0.5)
}

/// How far the lines of a page sink for each point to the right: the median over neighbours.
fn lean(words: &[Word]) -> f64 {
    let mut by_left: Vec<&Rect> = words.iter().map(|word| &word.bounds).collect();
    by_left.sort_by(|a, b| a.left.total_cmp(&b.left));
    let mut slopes: Vec<f64> = Vec::new();
    // A sample spread evenly over the page says as much as all words.
    for word in words.iter().step_by(words.len().div_ceil(SAMPLE).max(1)) {
        let b = &word.bounds;
        let from = by_left.partition_point(|o| o.left < b.right);
        let next = by_left.iter().skip(from).find(|o| {
            o.center_x() - b.center_x() > b.height() * 3.0
                && (o.center_y() - b.center_y()).abs() < b.height() * 0.5
                && (o.height() - b.height()).abs() < b.height() * 0.4
        });
        if let Some(o) = next {
            slopes.push((o.center_y() - b.center_y()) / (o.center_x() - b.center_x()));
        }
    }
    // Few pairs say nothing, and a text layer stands straight.
    if slopes.len() < 8 {
        return 0.0;
    }
    slopes.sort_by(f64::total_cmp);
    slopes.get(slopes.len() / 2).copied().unwrap_or(0.0)
}

/// Rows of word indices, each from left to right, from top to bottom.
fn rows(words: &[Word], lean: f64) -> Vec<Vec<usize>> {
    struct Row {
        middle: f64,
        height: f64,
        members: Vec<usize>,
    }
    let middle = |word: &Word| word.bounds.center_y() - lean * word.bounds.center_x();
    let mut order: Vec<usize> = (0..words.len()).collect();
    // Tall words first found rows that small print beside them joins, not the other way round.
    order.sort_by(|a, b| middle(&words[*a]).total_cmp(&middle(&words[*b])).then(a.cmp(b)));
    let mut rows: Vec<Row> = Vec::new();
    for at in order {
        let word = &words[at];
        let (y, height) = (middle(word), word.bounds.height());
        let fits = |row: &Row| {
            let reach = row.height.min(height) * 0.5;
            (row.middle - y).abs() <= reach && row.height.max(height) < row.height.min(height) * 3.0
        };
        match rows
            .iter_mut()
            .rev()
            .take(40)
            .filter(|row| fits(row))
            .min_by(|a, b| (a.middle - y).abs().total_cmp(&(b.middle - y).abs()))
        {
            Some(row) => {
                #[expect(clippy::cast_precision_loss, reason = "a row has few words")]
                let count = row.members.len() as f64;
                row.middle = (row.middle * count + y) / (count + 1.0);
                row.height = (row.height * count + height) / (count + 1.0);
                row.members.push(at);
            }
            None => rows.push(Row { middle: y, height, members: vec![at] }),
        }
    }
    rows.sort_by(|a, b| a.middle.total_cmp(&b.middle));
    rows.into_iter()
        .map(|mut row| {
            row.members
                .sort_by(|a, b| words[*a].bounds.left.total_cmp(&words[*b].bounds.left).then(a.cmp(b)));
            row.members
        })
        .collect()
}
