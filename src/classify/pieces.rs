//! Several documents on one page, as when two sheets lie under one camera or on one pane of glass.
//!
//! A page is cut where nothing is printed, along or across, if each side of the cut is a document by what
//! is printed on it.

use regex::Regex;

use super::best;
use crate::{
    model::{geometry::Rect, segment::Slice, text::Row},
    rulebook::types::DocumentType,
};

/// How wide a gap has to be to part two documents, as a share of the slice's side.
const GAP: f64 = 0.015;
/// No document is narrower or lower than this share of the slice.
const SMALLEST: f64 = 0.15;
/// A mark that says so large a share of what tells a type is its title.
const TITLE: f64 = 0.5;
/// How many cuts of a slice are tried.
const MOST: usize = 8;
/// How much of a sheet is left free on each side, as a share of what is printed.
const MARGIN: f64 = 0.06;
/// How often a page is cut: into eight documents at most.
const DEEPEST: u32 = 3;

/// The documents of a page; the page itself where it is one.
pub(super) fn pieces(slice: Slice, types: &[DocumentType]) -> Vec<Slice> {
    cut(slice, types, DEEPEST)
}

fn cut(slice: Slice, types: &[DocumentType], deeper: u32) -> Vec<Slice> {
    if deeper == 0 || slice.rows.is_empty() {
        return vec![slice];
    }
    for bounds in halves(&slice) {
        let [one, two] = bounds.map(|bounds| sheet(slice.part(bounds)));
        if are_two(&one, &two, types) {
            return [one, two].into_iter().flat_map(|half| cut(half, types, deeper - 1)).collect();
        }
    }
    vec![slice]
}

/// A part of a page as the sheet that lies there: what is beside a smaller sheet is none of it.
fn sheet(mut slice: Slice) -> Slice {
    let rows: Vec<Rect> = slice.rows.iter().map(Row::bounds).collect();
    let Some(print) = Rect::around(rows.iter().chain(&slice.strokes)) else { return slice };
    let (across, down) = (MARGIN * print.width(), MARGIN * print.height());
    let all = slice.bounds;
    slice.bounds = Rect::new(
        all.left.max(print.left - across),
        all.top.max(print.top - down),
        all.right.min(print.right + across),
        all.bottom.min(print.bottom + down),
    );
    slice
}

/// Whether two parts of a page are two documents. Those of one type each have a head of their own: a
/// certificate in two languages is one. Those of two types each have a title.
fn are_two(one: &Slice, two: &Slice, types: &[DocumentType]) -> bool {
    let Some((first, _)) = best(one, types) else { return false };
    let Some((second, _)) = best(two, types) else { return false };
    let says = |slice: &Slice, pattern: &Regex| slice.rows.iter().any(|row| pattern.is_match(&row.text));
    if first.id == second.id {
        return first.repeats.as_ref().is_some_and(|head| says(one, head) && says(two, head));
    }
    let is_titled = |slice: &Slice, kind: &DocumentType| {
        let mut titles = kind.marks.iter().filter(|mark| mark.weight >= TITLE * kind.threshold);
        titles.any(|mark| says(slice, &mark.pattern))
    };
    is_titled(one, first) && is_titled(two, second)
}

/// Both sides of every cut that crosses nothing, the widest gap first.
fn halves(slice: &Slice) -> Vec<[Rect; 2]> {
    let all = slice.bounds;
    let glyphs = || slice.rows.iter().flat_map(|row| &row.glyphs).map(|glyph| glyph.bounds);
    let inked: Vec<Rect> = glyphs().chain(slice.strokes.iter().copied()).collect();
    let across = gaps(inked.iter().map(|ink| (ink.left, ink.right)), (all.left, all.right));
    let along = gaps(inked.iter().map(|ink| (ink.top, ink.bottom)), (all.top, all.bottom));
    let mut cuts: Vec<(f64, [Rect; 2])> = Vec::new();
    cuts.extend(
        across.into_iter().map(|(width, at)| (width, [Rect { right: at, ..all }, Rect { left: at, ..all }])),
    );
    cuts.extend(
        along.into_iter().map(|(width, at)| (width, [Rect { bottom: at, ..all }, Rect { top: at, ..all }])),
    );
    cuts.sort_by(|(a, _), (b, _)| b.total_cmp(a));
    cuts.into_iter().take(MOST).map(|(_, halves)| halves).collect()
}

/// Gaps between spans of one axis, each with its width and its middle.
fn gaps(spans: impl Iterator<Item = (f64, f64)>, (from, to): (f64, f64)) -> Vec<(f64, f64)> {
    let mut spans: Vec<(f64, f64)> = spans.collect();
    spans.sort_by(|a, b| a.0.total_cmp(&b.0));
    let side = to - from;
    let is_inside = |at: f64| at > from + SMALLEST * side && at < to - SMALLEST * side;
    let mut found = Vec::new();
    let mut end = f64::MAX;
    for (left, right) in spans {
        let middle = f64::midpoint(end, left);
        if left - end > GAP * side && is_inside(middle) {
            found.push((left - end, middle));
        }
        end = if end == f64::MAX { right } else { end.max(right) };
    }
    found
}
