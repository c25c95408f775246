//! Lists under a heading row: invoice items, an audit report's schedule.
//!
//! Columns come from the headings, and from rulings where there are any. Cells that wrap are joined
//! to the row whose key value stands nearest. Rows that sum up lines are a list of their own, and rows that
//! head some lines say what these belong to.

use std::collections::BTreeMap;

use super::{kind, locate, periods, reach::span};
use crate::{
    model::{
        fact::{Fact, Record},
        geometry::Rect,
        segment::{Segment, Slice},
        text::{Glyph, Row},
    },
    rulebook::types::{Kind, RowsSpec},
};

/// A column's extent on the page, with its place in the type's list of columns; `None` for a column
/// the type does not know.
#[derive(Clone, Debug)]
struct Span {
    column: Option<usize>,
    left: f64,
    right: f64,
    /// Whether rulings bound it; if not, only the headings say where it is.
    ruled: bool,
}

/// What is printed without a gap this wide, in letter heights, is one cell.
const CELL_GAP: f64 = 0.3;

/// And Latin words with no more than this between them.
const WORD_GAP: f64 = 0.7;

/// A heading is at least one part in so many of its cell; sentences name columns as well.
const SENTENCE: usize = 6;

/// What is no further from a heading than this, in letter heights, stands in its cell.
const TOUCHING: f64 = 0.8;

/// A row further below another than this many of its heights is no cell of it that wraps.
const FAR: f64 = 2.0;

/// In so many columns of a row figures stand, apart from its key, where the row is no part of another.
const FIGURES: usize = 2;

/// The lines of a list, and the sums printed among and below them.
#[derive(Default)]
pub(super) struct Listed {
    pub(super) lines: Vec<Record>,
    pub(super) sums: Vec<Record>,
}

/// Reads a list from a document; empty where no heading row was found.
pub(super) fn rows(list: &RowsSpec, segment: &Segment) -> Listed {
    let mut listed = Listed::default();
    let mut columns: Option<Vec<Span>> = None;
    let mut head: Option<Fact> = None;
    for slice in &segment.slices {
        let mut body = slice.rows.as_slice();
        let mut above: &[Row] = &[];
        let mut heading_found = false;
        // Later pages repeat the heading or go on without one.
        for (at, row) in slice.rows.iter().enumerate() {
            if let Some(found) = headings(list, row, slice) {
                let before = columns.replace(found);
                (above, body) = (&slice.rows[..at], &slice.rows[at + 1..]);
                // A part of the list may go on above the heading of the next one.
                if let (Some(spans), true) = (&before, list.heads.is_some()) {
                    let found = records_of(list, spans, &above.iter().collect::<Vec<_>>(), slice, &mut head);
                    listed.lines.extend(found.lines);
                    listed.sums.extend(found.sums);
                }
                heading_found = true;
                break;
            }
        }
        let rows = if heading_found {
            above
        } else if columns.is_none() {
            body
        } else {
            &[]
        };
        if let Some(said) = rows.iter().rev().find_map(|row| heading_of(list, row)) {
            head = said;
        }
        let Some(spans) = &columns else { continue };
        let end = body
            .iter()
            .position(|row| list.stop.as_ref().is_some_and(|stop| stop.is_match(&row.text)))
            .unwrap_or(body.len());
        let part: Vec<&Row> = body.get(..end).unwrap_or_default().iter().collect();
        let found = records_of(list, spans, &part, slice, &mut head);
        let stopped = end < body.len();
        if found.lines.is_empty() && found.sums.is_empty() && !heading_found {
            columns = None;
        }
        listed.lines.extend(found.lines);
        listed.sums.extend(found.sums);
        if stopped {
            columns = None;
        }
    }
    listed
}

fn headings(list: &RowsSpec, row: &Row, slice: &Slice) -> Option<Vec<Span>> {
    let mut hits: Vec<(usize, usize, usize)> = Vec::new();
    for (column, spec) in list.columns.iter().enumerate() {
        for heading in &spec.headings {
            hits.extend(heading.find_iter(&row.text).map(|hit| (column, hit.start(), hit.end())));
        }
    }
    // The longest heading wins where two overlap: 不含税金额 before 金额.
    hits.sort_by_key(|(column, from, to)| (std::cmp::Reverse(to - from), *column, *from));
    let mut taken: Vec<(usize, usize, usize)> = Vec::new();
    for hit in hits {
        if taken.iter().all(|t| t.0 != hit.0 && (hit.2 <= t.1 || hit.1 >= t.2)) {
            taken.push(hit);
        }
    }
    let glyph = |byte: usize| row.glyph_at.get(byte).copied();
    let mut cells: Vec<(usize, usize)> = Vec::new();
    for run in row.glyphs.chunk_by(|_, next| next.gap < TOUCHING) {
        let from = cells.last().map_or(0, |cell| cell.1);
        cells.push((from, from + run.len()));
    }
    taken.retain(|hit| {
        let Some((first, last)) = glyph(hit.1).zip(glyph(hit.2 - 1)) else { return false };
        let cell = cells.iter().find(|(from, to)| (*from..*to).contains(&first));
        cell.is_some_and(|(from, to)| (last + 1 - first) * SENTENCE >= to - from)
    });
    if taken.len() < list.least {
        return None;
    }
    let mut owner: Vec<Option<usize>> = vec![None; row.glyphs.len()];
    for (column, from, to) in taken {
        let (Some(first), Some(last)) = (glyph(from), glyph(to - 1)) else { continue };
        owner.get_mut(first..=last)?.fill(Some(column));
    }
    let mut spans: Vec<Span> = Vec::new();
    let mut before: Option<Option<usize>> = None;
    for (at, g) in row.glyphs.iter().enumerate() {
        let column = owner.get(at).copied().flatten();
        match spans.last_mut() {
            // What belongs to no heading, such as 「(元)」 after one, stays with what it touches.
            Some(last)
                if (before == Some(column) && column.is_some()) || (column.is_none() && g.gap < TOUCHING) =>
            {
                last.right = g.bounds.right;
            }
            _ => {
                spans.push(Span { column, left: g.bounds.left, right: g.bounds.right, ruled: false });
            }
        }
        before = Some(spans.last().and_then(|span| span.column));
    }
    Some(widened(spans, row, slice))
}

/// Headings' extents become columns: up to the rulings, or half-way to the neighbours.
fn widened(spans: Vec<Span>, row: &Row, slice: &Slice) -> Vec<Span> {
    let bounds = row.bounds();
    let mut walls: Vec<f64> = slice
        .strokes
        .iter()
        .filter(|s| s.width() < 3.0 && s.height() > 6.0 && s.overlap_y(&bounds) > bounds.height() * 0.5)
        .map(Rect::center_x)
        .collect();
    walls.sort_by(f64::total_cmp);
    let count = spans.len();
    (0..count)
        .map(|at| {
            let span = &spans[at];
            let halfway = |a: f64, b: f64| f64::midpoint(a, b);
            let left = match at.checked_sub(1).map(|i| &spans[i]) {
                Some(before) => halfway(before.right, span.left),
                None => slice.bounds.left,
            };
            let right =
                if at + 1 < count { halfway(span.right, spans[at + 1].left) } else { slice.bounds.right };
            // A ruling beyond the neighbour bounds the table, not this column.
            let before = at.checked_sub(1).map_or(f64::MIN, |i| spans[i].right - 1.0);
            let after = spans.get(at + 1).map_or(f64::MAX, |next| next.left + 1.0);
            let wall_left = walls.iter().rev().find(|w| **w <= span.left + 1.0 && **w >= before).copied();
            let wall_right = walls.iter().find(|w| **w >= span.right - 1.0 && **w <= after).copied();
            match (wall_left, wall_right) {
                (Some(l), Some(r)) if walls.len() >= 3 => {
                    Span { left: l, right: r, ruled: true, ..span.clone() }
                }
                _ => Span { left, right, ..span.clone() },
            }
        })
        .collect()
}

/// The characters of a row by column.
fn cells_of(row: &Row, spans: &[Span]) -> BTreeMap<usize, Vec<Glyph>> {
    let mut cells: BTreeMap<usize, Vec<Glyph>> = BTreeMap::new();
    let is_one = |glyph: &Glyph, next: &Glyph| {
        let latin = [glyph, next].iter().all(|one| one.printed.is_ascii_alphabetic());
        next.gap < if latin { WORD_GAP } else { CELL_GAP }
    };
    for run in row.glyphs.chunk_by(is_one) {
        let inside = |span: &Span, g: &Glyph| (span.left..span.right).contains(&g.bounds.center_x());
        // Without rulings a long name reaches under the next heading; two cells that touch are about
        // as long as each other, and words with white space between them are no two.
        let least = if run.iter().skip(1).any(|glyph| glyph.gap >= CELL_GAP || glyph.printed.is_whitespace())
        {
            1.0 / 2.0
        } else {
            2.0 / 3.0
        };
        let mostly = spans
            .iter()
            .filter(|span| !span.ruled)
            .find(|span| run.iter().filter(|g| inside(span, g)).count() as f64 > least * run.len() as f64);
        for glyph in run {
            if let Some(span) = mostly.or_else(|| spans.iter().find(|span| inside(span, glyph)))
                && let Some(column) = span.column
            {
                cells.entry(column).or_default().push(glyph.clone());
            }
        }
    }
    cells
}

/// What a row says of the lines below it, if it heads some; `Some(None)` if it heads some and says nothing of them.
fn heading_of(list: &RowsSpec, row: &Row) -> Option<Option<Fact>> {
    let found = list.heads.as_ref()?.captures(&row.text)?;
    Some(found.get(1).and_then(|group| {
        let glyphs = span(row, group.start(), group.end());
        let read = kind::read(&Kind::Text, &Row::of(glyphs.to_vec()).text)?;
        Some(locate::value_fact(read.value, read.checked, glyphs))
    }))
}

/// The lines and sums of a part of a page. `head` is what heads the first of them, and in the end the last.
fn records_of(
    list: &RowsSpec,
    spans: &[Span],
    body: &[&Row],
    slice: &Slice,
    head: &mut Option<Fact>,
) -> Listed {
    let Some(key) = list.columns.iter().position(|column| column.name == list.key) else {
        return Listed::default();
    };
    // Cells of every printed row, by column.
    let mut cells: Vec<BTreeMap<usize, Vec<Glyph>>> = Vec::new();
    let mut middles: Vec<f64> = Vec::new();
    let mut skipped: Vec<bool> = Vec::new();
    let mut heads: Vec<Option<Fact>> = Vec::new();
    // Where lines have a column for it, nothing else says it of them.
    let is_said =
        |span: &Span| span.column.is_some_and(|at| list.group.as_ref() == Some(&list.columns[at].name));
    let is_said = spans.iter().any(is_said);
    for row in body {
        let own = heading_of(list, row).filter(|_| !is_said);
        cells.push(cells_of(row, spans));
        middles.push(row.bounds().center_y());
        skipped.push(own.is_some() || list.skip.as_ref().is_some_and(|skip| skip.is_match(&row.text)));
        if let Some(said) = own {
            *head = said;
        }
        heads.push(head.clone().filter(|_| !is_said));
    }
    let reads = |at: usize, column: usize| {
        let kind = &list.columns[column].kind;
        let cell = cells[at].get(&column).map(|glyphs| Row::of(glyphs.clone()).text);
        cell.is_some_and(|text| is_amount_cut(kind, &text) || kind::read(kind, &text).is_some())
    };
    // A key may be hidden; no second line of cells that wrap has figures of several other kinds.
    let figures: Vec<usize> =
        (0..list.columns.len()).filter(|at| list.columns[*at].kind.is_figures()).collect();
    let keys: Vec<usize> = (0..cells.len())
        .filter(|at| !skipped[*at])
        .filter(|&at| {
            reads(at, key) || figures.iter().filter(|column| reads(at, **column)).count() >= FIGURES
        })
        .collect();
    let across: Vec<f64> = slice
        .strokes
        .iter()
        .filter(|s| s.height() < 3.0 && s.width() > slice.bounds.width() * 0.3)
        .map(Rect::center_y)
        .collect();
    let ruled_off = |a: f64, b: f64| across.iter().any(|y| *y > a.min(b) && *y < a.max(b));
    let boxes: Vec<Rect> = body.iter().map(|row| row.bounds()).collect();
    // A sum, a ruling or white space ends what belongs together.
    let parted = |a: usize, b: usize| {
        let (first, last) = (a.min(b), a.max(b));
        let gap = |at: usize| (boxes[at + 1].top - boxes[at].bottom) / boxes[at + 1].height().max(1.0);
        ruled_off(middles[a], middles[b])
            || skipped[first..last].contains(&true)
            || (first..last).any(|at| gap(at) > FAR)
    };
    let mut merged: BTreeMap<usize, BTreeMap<usize, Vec<Glyph>>> = BTreeMap::new();
    for at in 0..cells.len() {
        if skipped[at] {
            continue;
        }
        let nearest =
            keys.iter().copied().filter(|k| *k == at || !parted(*k, at)).min_by(|a, b| {
                (middles[*a] - middles[at]).abs().total_cmp(&(middles[*b] - middles[at]).abs())
            });
        let Some(home) = nearest else { continue };
        if home != at && keys.contains(&at) {
            continue;
        }
        let target = merged.entry(home).or_default();
        for (column, glyphs) in &cells[at] {
            target.entry(*column).or_default().extend(glyphs.iter().cloned());
        }
    }
    let is_amount = |at: &usize| list.columns[*at].kind == Kind::Money;
    for (at, parts) in cells.iter().enumerate().filter(|(at, _)| skipped[*at]) {
        let amounts = parts.iter().filter(|(column, _)| is_amount(column));
        merged.insert(at, amounts.map(|(column, glyphs)| (*column, glyphs.clone())).collect());
    }
    let mut listed = Listed::default();
    for (at, parts) in merged {
        // Nothing but amounts is a sum whose word could not be read.
        let is_sum = skipped[at] || list.sums.is_some() && parts.keys().all(is_amount);
        let mut record = record(list, parts);
        if record.fields.is_empty() || is_sum && list.sums.is_none() {
            continue;
        }
        if is_sum {
            listed.sums.push(record);
            continue;
        }
        if let (Some(group), Some(head)) = (&list.group, &heads[at]) {
            record.fields.entry(group.clone()).or_insert_with(|| head.clone());
        }
        listed.lines.push(record);
    }
    listed
}

/// Whether a cell's figures are no amount, as a seal may leave them.
fn is_amount_cut(kind: &Kind, text: &str) -> bool {
    *kind == Kind::Money && text.contains(|c: char| c.is_ascii_digit()) && kind::read(kind, text).is_none()
}

fn record(list: &RowsSpec, parts: BTreeMap<usize, Vec<Glyph>>) -> Record {
    let mut record = Record::default();
    for (column, glyphs) in parts {
        let Some(spec) = list.columns.get(column) else { continue };
        let row = Row::of(glyphs);
        let Some(read) = kind::read(&spec.kind, &row.text) else {
            if is_amount_cut(&spec.kind, &row.text) {
                record.fields.insert(spec.name.clone(), locate::unreadable(&row));
            }
            continue;
        };
        let first = row.glyph_at.get(read.from).copied().unwrap_or(0);
        let last = row.glyph_at.get(read.to.saturating_sub(1)).copied().unwrap_or(0);
        let used = row.glyphs.get(first..=last).unwrap_or_default();
        record.fields.insert(spec.name.clone(), locate::value_fact(read.value, read.checked, used));
    }
    periods::settle(&mut record);
    record
}
