//! Glyphs to words: what was printed twice is kept once, and gaps, sizes and base lines part words.

use std::collections::HashMap;

use super::{collect::Mark, unicode::UNKNOWN};
use crate::model::page::{Origin, Word};

/// A gap wider than this share of the font size parts words.
const GAP: f64 = 0.25;
/// Between two full-width characters, which are spread to fill lines, the gap may be wider.
const WIDE_GAP: f64 = 0.3;
/// More glyphs than this of one character in one small square are a trap, and not compared with all.
const CROWD: usize = 64;

/// The words of a page, in the order they were drawn.
pub(in crate::read) fn words(marks: &[Mark]) -> Vec<Word> {
    let mut runs: Vec<Vec<&Mark>> = Vec::new();
    let mut open = false;
    for mark in printed_once(marks) {
        if mark.text.chars().all(|c| c.is_whitespace() || c.is_control()) {
            open = false;
            continue;
        }
        if mark.text.chars().all(invisible) {
            continue;
        }
        match runs.last_mut() {
            Some(run) if open && run.last().is_some_and(|last| goes_on(last, mark)) => run.push(mark),
            _ => runs.push(vec![mark]),
        }
        open = true;
    }
    join(runs).iter().filter_map(|run| word(run)).collect()
}

/// How many of the characters are unknown or of private use, and how many there are.
pub(super) fn unresolved(words: &[Word]) -> (usize, usize) {
    let all = words.iter().flat_map(|word| word.text.chars());
    all.fold((0, 0), |(bad, count), c| (bad + usize::from(!resolved(c)), count + 1))
}

const fn resolved(character: char) -> bool {
    !matches!(character, UNKNOWN | '\u{e000}'..='\u{f8ff}' | '\u{f0000}'..)
}

const fn invisible(character: char) -> bool {
    matches!(character, '\u{200b}'..='\u{200f}' | '\u{2060}' | '\u{feff}' | '\u{ad}')
}

/// Bold is often made by drawing a glyph twice, a hair apart.
fn printed_once(marks: &[Mark]) -> impl Iterator<Item = &Mark> {
    let mut seen: HashMap<(&str, i64, i64), Vec<&Mark>> = HashMap::new();
    marks.iter().filter(move |mark| {
        if mark.text.trim().is_empty() {
            return true;
        }
        let (x, y) = cell(mark);
        let again = (-1..=1).flat_map(|dx| (-1..=1).map(move |dy| (dx, dy))).any(|(dx, dy)| {
            seen.get(&(mark.text.as_str(), x + dx, y + dy))
                .is_some_and(|near| near.iter().rev().take(CROWD).any(|other| same_place(mark, other)))
        });
        if !again {
            seen.entry((mark.text.as_str(), x, y)).or_default().push(mark);
        }
        !again
    })
}

/// A square of four points a side in which a glyph's middle lies.
#[expect(clippy::cast_possible_truncation, reason = "pages are far smaller than an i64")]
fn cell(mark: &Mark) -> (i64, i64) {
    ((mark.bounds.center_x() / 4.0).floor() as i64, (mark.bounds.center_y() / 4.0).floor() as i64)
}

fn same_place(one: &Mark, other: &Mark) -> bool {
    // The widest of narrow neighbours, two i, stand 0.22 em apart.
    let near = (0.15 * one.size.min(other.size)).min(4.0);
    (one.bounds.center_x() - other.bounds.center_x()).abs() <= near
        && (one.bounds.center_y() - other.bounds.center_y()).abs() <= near
        && (one.size - other.size).abs() <= 0.15 * one.size.max(other.size)
}

/// Whether `next` belongs to the word that ends with `last`.
fn goes_on(last: &Mark, next: &Mark) -> bool {
    let size = last.size.max(next.size);
    if !level(last) || !level(next) || last.size.min(next.size) < 0.8 * size {
        return false;
    }
    let gap = next.bounds.left - last.bounds.right;
    let most = if full_width(last) && full_width(next) { WIDE_GAP } else { GAP };
    (last.bounds.bottom - next.bounds.bottom).abs() <= 0.2 * size && gap <= most * size && gap >= -0.5 * size
}

/// Whether a glyph stands upright on a level line.
fn level(mark: &Mark) -> bool {
    mark.angle.abs() <= 10.0
}

fn full_width(mark: &Mark) -> bool {
    mark.text
        .chars()
        .any(|c| matches!(c, '\u{2e80}'..='\u{9fff}' | '\u{f900}'..='\u{faff}' | '\u{ff00}'..='\u{ff60}'))
}

/// Joins runs that stand on one line and touch, because digits and Chinese characters of one text
/// are often drawn in separate passes. The joined run takes the place of the earlier one.
fn join(runs: Vec<Vec<&Mark>>) -> Vec<Vec<&Mark>> {
    let mut order: Vec<usize> =
        (0..runs.len()).filter(|at| runs[*at].first().is_some_and(|m| level(m))).collect();
    let left = |at: usize| runs[at].first().map_or(0.0, |mark| mark.bounds.left);
    order.sort_by(|a, b| left(*a).total_cmp(&left(*b)).then(a.cmp(b)));
    // Which runs end near a place; the next run looks for one that ends where it begins.
    let mut before: Vec<Option<usize>> = vec![None; runs.len()];
    let mut after: Vec<Option<usize>> = vec![None; runs.len()];
    let mut lines: HashMap<i64, Vec<usize>> = HashMap::new();
    for at in order {
        let Some(first) = runs[at].first() else { continue };
        #[expect(clippy::cast_possible_truncation, reason = "pages are far smaller than an i64")]
        let line = (first.bounds.bottom / 8.0).floor() as i64;
        let candidate = (-1..=1)
            .filter_map(|step| lines.get(&(line + step)))
            .flat_map(|ends| ends.iter().rev().take(64))
            .copied()
            .filter(|end| after[*end].is_none())
            .filter(|end| runs[*end].last().is_some_and(|last| touches(last, first)))
            .min_by(|a, b| {
                let gap = |run: usize| {
                    runs[run].last().map_or(f64::MAX, |last| (first.bounds.left - last.bounds.right).abs())
                };
                gap(*a).total_cmp(&gap(*b))
            });
        if let Some(end) = candidate {
            after[end] = Some(at);
            before[at] = Some(end);
        }
        lines.entry(line).or_default().push(at);
    }
    let mut joined: Vec<(usize, Vec<&Mark>)> = Vec::new();
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
fn touches(last: &Mark, next: &Mark) -> bool {
    let gap = next.bounds.left - last.bounds.right;
    goes_on(last, next) && gap <= 0.12 * last.size && gap >= -0.2 * last.size
}

fn word(run: &[&Mark]) -> Option<Word> {
    let mut text = String::new();
    let mut edges = Vec::new();
    let mut bounds = run.first()?.bounds;
    let mut last = bounds.left;
    for mark in run {
        bounds = bounds.union(&mark.bounds);
        let seen: Vec<char> = mark.text.chars().filter(|c| !c.is_whitespace() && !c.is_control()).collect();
        #[expect(clippy::cast_precision_loss, reason = "a glyph has few characters")]
        for (at, character) in seen.iter().enumerate() {
            let edge = mark.bounds.left + mark.bounds.width() * at as f64 / seen.len() as f64;
            last = last.max(edge);
            edges.push(last);
            text.push(*character);
        }
    }
    edges.push(bounds.right.max(last));
    (!text.is_empty()).then_some(Word { text, bounds, edges, origin: Origin::Printed })
}
