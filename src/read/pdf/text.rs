//! Glyphs to words: what was printed twice is kept once, and gaps, sizes and base lines part words.

use rustc_hash::FxHashMap;

use super::{mark::Mark, unicode::inked};
use crate::model::{
    geometry::Rect,
    page::{Origin, Word},
};

/// A gap wider than this share of the font size parts words.
const GAP: f64 = 0.25;
/// Between two full-width characters, which are spread to fill lines, the gap may be wider.
const WIDE_GAP: f64 = 0.3;
/// More glyphs than this of one character in one small square are a trap, and not compared with all.
const CROWD: usize = 64;

/// A word, and how many of its characters cannot be believed.
pub(in crate::read) struct Found {
    pub(in crate::read) word: Word,
    pub(super) doubtful: usize,
}

/// Which way a line runs.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
enum Flow {
    /// To the right, as nearly all do.
    Right,
    /// Turned clockwise, and so on down the page.
    Down,
    /// Upside down.
    Left,
    /// Turned anticlockwise, and so on up the page.
    Up,
    /// Upright glyphs below one another.
    Column,
}

/// A glyph, and its box as it would be if its line ran to the right.
#[derive(Clone, Copy)]
struct Placed<'m> {
    mark: &'m Mark,
    flow: Option<Flow>,
    at: Rect,
}

impl<'m> Placed<'m> {
    fn new(mark: &'m Mark) -> Self {
        let flow = flow(mark);
        let Rect { left, top, right, bottom } = mark.bounds;
        let at = match flow {
            None | Some(Flow::Right) => mark.bounds,
            Some(Flow::Down) => Rect::new(top, -right, bottom, -left),
            Some(Flow::Left) => Rect::new(-right, -bottom, -left, -top),
            Some(Flow::Up) => Rect::new(-bottom, left, -top, right),
            // Narrow characters stand in the middle of the column.
            Some(Flow::Column) => {
                let (middle, half) = (f64::midpoint(left, right), mark.size / 2.0);
                Rect::new(top, middle - half, bottom, middle + half)
            }
        };
        Self { mark, flow, at }
    }
}

fn flow(mark: &Mark) -> Option<Flow> {
    let near = |middle: f64| {
        let away = (mark.angle - middle).abs();
        away.min(360.0 - away) <= 10.0
    };
    if near(0.0) {
        Some(if mark.vertical { Flow::Column } else { Flow::Right })
    } else if mark.vertical {
        None
    } else if near(90.0) {
        Some(Flow::Down)
    } else if near(-90.0) {
        Some(Flow::Up)
    } else {
        near(180.0).then_some(Flow::Left)
    }
}

/// The words of a page, in the order they were drawn, and what of them can be believed.
pub(in crate::read) fn found<'m>(marks: impl IntoIterator<Item = &'m Mark>) -> Vec<Found> {
    let mut runs: Vec<Vec<Placed<'_>>> = Vec::new();
    let mut open = false;
    for mark in printed_once(marks) {
        if mark.text.chars().all(|c| c.is_whitespace() || c.is_control()) {
            open = false;
            continue;
        }
        if !mark.text.chars().any(inked) {
            continue;
        }
        let placed = Placed::new(mark);
        match runs.last_mut() {
            Some(run) if open && run.last().is_some_and(|last| goes_on(last, &placed)) => run.push(placed),
            _ => runs.push(vec![placed]),
        }
        open = true;
    }
    join(runs).iter().filter_map(|run| word(run)).collect()
}

/// Bold is often made by drawing a glyph twice, a hair apart.
fn printed_once<'m>(marks: impl IntoIterator<Item = &'m Mark>) -> impl Iterator<Item = &'m Mark> {
    let mut seen: FxHashMap<(i64, i64), Vec<&Mark>> = FxHashMap::default();
    marks.into_iter().filter(move |mark| {
        if mark.text.trim().is_empty() {
            return true;
        }
        let (x, y) = (mark.bounds.center_x(), mark.bounds.center_y());
        let near = reach(mark);
        let again = (cell(x - near)..=cell(x + near))
            .flat_map(|column| (cell(y - near)..=cell(y + near)).map(move |row| (column, row)))
            .any(|place| {
                let near = seen.get(&place).map_or(&[][..], Vec::as_slice);
                near.iter().rev().take(CROWD).any(|other| mark.text == other.text && same_place(mark, other))
            });
        if !again {
            seen.entry((cell(x), cell(y))).or_default().push(mark);
        }
        !again
    })
}

/// The widest of narrow neighbours, two i, stand 0.22 em apart, and closer where print is narrowed.
fn reach(mark: &Mark) -> f64 {
    let sideways = (mark.angle.abs() - 90.0).abs() < 45.0;
    let advance = if sideways { mark.bounds.height() } else { mark.bounds.width() };
    (0.15 * mark.size).min(0.4 * advance).clamp(0.02 * mark.size.min(200.0), 4.0)
}

/// Places are looked up by squares of four points a side.
#[expect(clippy::cast_possible_truncation, reason = "pages are far smaller than an i64")]
fn cell(place: f64) -> i64 {
    (place / 4.0).floor() as i64
}

fn same_place(one: &Mark, other: &Mark) -> bool {
    let near = reach(one).min(reach(other));
    (one.bounds.center_x() - other.bounds.center_x()).abs() <= near
        && (one.bounds.center_y() - other.bounds.center_y()).abs() <= near
        && (one.size - other.size).abs() <= 0.15 * one.size.max(other.size)
}

/// Whether `next` belongs to the word that ends with `last`.
fn goes_on(last: &Placed<'_>, next: &Placed<'_>) -> bool {
    let size = last.mark.size.max(next.mark.size);
    if last.flow.is_none() || last.flow != next.flow || last.mark.size.min(next.mark.size) < 0.8 * size {
        return false;
    }
    let gap = next.at.left - last.at.right;
    let most = if full_width(last.mark) && full_width(next.mark) { WIDE_GAP } else { GAP };
    (last.at.bottom - next.at.bottom).abs() <= 0.2 * size && gap <= most * size && gap >= -0.5 * size
}

fn full_width(mark: &Mark) -> bool {
    mark.text
        .chars()
        .any(|c| matches!(c, '\u{2e80}'..='\u{9fff}' | '\u{f900}'..='\u{faff}' | '\u{ff00}'..='\u{ff60}'))
}

/// Joins runs that stand on one line and touch, because digits and Chinese characters of one text
/// are often drawn in separate passes. The joined run takes the place of the earlier one.
fn join<'m>(runs: Vec<Vec<Placed<'m>>>) -> Vec<Vec<Placed<'m>>> {
    let mut order: Vec<usize> =
        (0..runs.len()).filter(|at| runs[*at].first().is_some_and(|placed| placed.flow.is_some())).collect();
    let left = |at: usize| runs[at].first().map_or(0.0, |placed| placed.at.left);
    order.sort_by(|a, b| left(*a).total_cmp(&left(*b)).then(a.cmp(b)));
    // Which runs end near a place; the next run looks for one that ends where it begins.
    let mut before: Vec<Option<usize>> = vec![None; runs.len()];
    let mut after: Vec<Option<usize>> = vec![None; runs.len()];
    let mut lines: FxHashMap<(Option<Flow>, i64), Vec<usize>> = FxHashMap::default();
    for at in order {
        let Some(first) = runs[at].first() else { continue };
        #[expect(clippy::cast_possible_truncation, reason = "pages are far smaller than an i64")]
        let line = (first.at.bottom / 8.0).floor() as i64;
        let candidate = (-1..=1)
            .filter_map(|step| lines.get(&(first.flow, line + step)))
            .flat_map(|ends| ends.iter().rev().take(64))
            .copied()
            .filter(|end| after[*end].is_none())
            .filter(|end| runs[*end].last().is_some_and(|last| touches(last, first)))
            .min_by(|a, b| {
                let gap = |run: usize| {
                    runs[run].last().map_or(f64::MAX, |last| (first.at.left - last.at.right).abs())
                };
                gap(*a).total_cmp(&gap(*b))
            });
        if let Some(end) = candidate {
            after[end] = Some(at);
            before[at] = Some(end);
        }
        lines.entry((first.flow, line)).or_default().push(at);
    }
    let mut joined: Vec<(usize, Vec<Placed<'m>>)> = Vec::new();
    for start in (0..runs.len()).filter(|at| before[*at].is_none()) {
        let (mut at, mut place, mut marks) = (start, start, runs[start].clone());
        while let Some(next) = after[at] {
            place = place.min(next);
            marks.extend(&runs[next]);
            at = next;
        }
        joined.push((place, marks));
    }
    joined.sort_by_key(|(place, _)| *place);
    joined.into_iter().map(|(_, marks)| marks).collect()
}

/// Closer than [`goes_on`] asks for: a gap here may be a drawn-over space.
fn touches(last: &Placed<'_>, next: &Placed<'_>) -> bool {
    let gap = next.at.left - last.at.right;
    goes_on(last, next) && gap <= 0.12 * last.mark.size && gap >= -0.2 * last.mark.size
}

fn word(run: &[Placed<'_>]) -> Option<Found> {
    let mut text = String::new();
    let mut edges = Vec::new();
    let first = run.first()?;
    let mut bounds = first.mark.bounds;
    let mut last = bounds.left;
    let mut doubtful = 0;
    for Placed { mark, .. } in run {
        bounds = bounds.union(&mark.bounds);
        let seen: Vec<char> = mark.text.chars().filter(|c| !c.is_whitespace() && !c.is_control()).collect();
        if mark.doubtful {
            doubtful += seen.len();
        }
        #[expect(clippy::cast_precision_loss, reason = "a glyph has few characters")]
        for (at, character) in seen.iter().enumerate() {
            let edge = mark.bounds.left + mark.bounds.width() * at as f64 / seen.len() as f64;
            last = last.max(edge);
            edges.push(last);
            text.push(*character);
        }
    }
    edges.push(bounds.right.max(last));
    // A sign of a symbol font that stands alone is a bullet or a box to be ticked.
    if run.len() == 1 && text.chars().all(|c| matches!(c, '\u{f000}'..='\u{f0ff}')) {
        doubtful = 0;
    }
    if first.flow != Some(Flow::Right) && edges.len() > 2 {
        // Characters below one another have no edges side by side; spread evenly, each has some.
        #[expect(clippy::cast_precision_loss, reason = "a word has few characters")]
        let share = bounds.width() / (edges.len() - 1) as f64;
        #[expect(clippy::cast_precision_loss, reason = "a word has few characters")]
        edges.iter_mut().enumerate().for_each(|(at, edge)| *edge = bounds.left + share * at as f64);
    }
    (!text.is_empty())
        .then_some(Found { word: Word { text, bounds, edges, origin: Origin::Printed }, doubtful })
}
