//! How far a value reaches from its label: where it begins and ends, and what of it stands in other rows.

use regex::Regex;

use crate::{
    model::{
        geometry::Rect,
        segment::Slice,
        text::{Glyph, Row},
    },
    rulebook::types::FieldSpec,
};

/// A label has to be preceded by this much white space, in letter heights, unless it stands at the
/// head of its row or behind something that is no Chinese character.
pub(super) const LABEL_GAP: f64 = 0.35;

/// So many rows before and behind a label's own may stand beside it.
const NEAR: usize = 2;
/// They do where they share so much of their height with it, or it with them.
const LEVEL: f64 = 0.3;
/// The end of its box and the beginning of theirs may lie over each other by so much of its height.
const CLOSE: f64 = 0.25;
/// And begin no farther from it than this, in its heights.
const FAR: f64 = 6.0;
/// White space from which on another cell begins under a label, in letter heights.
const CELLS: f64 = 1.5;

/// The characters of a stretch of a row's text.
pub(super) fn span(row: &Row, from: usize, to: usize) -> &[Glyph] {
    if from >= to {
        return &[];
    }
    // A space belongs to the glyph behind it, which is no part of what ends in front of the space.
    let to = row.text.get(from..to).map_or(to, |text| from + text.trim_end_matches(' ').len());
    let first = row.glyph_at.get(from).copied().unwrap_or(row.glyphs.len());
    let last = to.checked_sub(1).and_then(|at| row.glyph_at.get(at)).map_or(first, |at| at + 1);
    row.glyphs.get(first..last.max(first)).unwrap_or_default()
}

/// Whether it is a Chinese character.
pub(super) fn is_han(c: char) -> bool {
    ('\u{4e00}'..='\u{9fff}').contains(&c)
}

/// Whether a label is one, and not the tail of a longer word.
pub(super) fn stands_alone(row: &Row, from: usize) -> bool {
    let before = row.text.get(..from).and_then(|t| t.chars().next_back());
    let gap = row.glyph_at.get(from).and_then(|at| row.glyphs.get(*at)).map_or(0.0, |glyph| glyph.gap);
    before.is_none_or(|c| !is_han(c)) || gap >= LABEL_GAP
}

/// Whether a word in Latin letters goes on behind a label: Factuur in Factuuradres is none.
pub(super) fn goes_on(text: &str, to: usize) -> bool {
    let before = text.get(..to).and_then(|text| text.chars().next_back());
    let after = text.get(to..).and_then(|text| text.chars().next());
    before.is_some_and(|c| c.is_ascii_lowercase()) && after.is_some_and(|c| c.is_ascii_lowercase())
}

/// Whether what looks like a label is a word of a longer one: Date in Due Date. Labels without white space
/// between their words stand alone or do not.
pub(super) fn is_part(text: &str, hit: &std::ops::Range<usize>, labels: &[&Regex]) -> bool {
    if !text.get(hit.start..).is_some_and(|text| text.starts_with(|c: char| c.is_ascii_alphabetic())) {
        return false;
    }
    let covers = |other: &regex::Match| {
        other.start() <= hit.start && hit.end <= other.end() && other.len() > hit.len()
    };
    labels.iter().any(|label| label.find_iter(text).any(|other| covers(&other)))
}

/// Whether a longer label of the same field begins there: 承兑日 in 承兑日期.
pub(super) fn is_begun(text: &str, hit: &std::ops::Range<usize>, labels: &[Regex]) -> bool {
    let rest = text.get(hit.start..).unwrap_or_default();
    let word_goes_on = text.get(hit.end..).is_some_and(|text| text.starts_with(is_han));
    word_goes_on
        && labels.iter().any(|label| {
            label.find(rest).is_some_and(|longer| longer.start() == 0 && longer.end() > hit.len())
        })
}

/// Past the colon, currency names and brackets that follow a label.
pub(super) fn skip(text: &str, from: usize) -> usize {
    let rest = text.get(from..).unwrap_or_default();
    from + (rest.len() - rest.trim_start_matches([' ', ':', ')', '|', ';', '⊗']).len())
}

/// Where a value ends: before the next label, a wide gap or a ruling.
pub(super) fn value_end(
    field: &FieldSpec,
    row: &Row,
    from: usize,
    labels: &[&Regex],
    strokes: &[Rect],
) -> usize {
    let rest = row.text.get(from..).unwrap_or_default();
    let mut end = row.text.len();
    for label in labels {
        for hit in label.find_iter(rest) {
            let (start, stop) = (from + hit.start(), from + hit.end());
            let colon = row.text.get(stop..).is_some_and(|t| t.trim_start().starts_with([':', '：']));
            let gap =
                row.glyph_at.get(start).and_then(|at| row.glyphs.get(*at)).map_or(0.0, |glyph| glyph.gap);
            if (colon || gap >= 1.0 || start == from) && stands_alone(row, start) {
                end = end.min(start);
                break;
            }
        }
    }
    let first = row.glyph_at.get(from).copied().unwrap_or(row.glyphs.len());
    for (byte, at) in row.glyph_at.iter().enumerate().skip(from).take_while(|(byte, _)| *byte < end) {
        let (Some(glyph), true) = (row.glyphs.get(*at), *at > first) else { continue };
        if glyph.gap > field.max_gap || ruled_off(row, *at, strokes) {
            end = byte;
            break;
        }
    }
    end
}

fn ruled_off(row: &Row, at: usize, strokes: &[Rect]) -> bool {
    let (Some(before), Some(after)) = (at.checked_sub(1).and_then(|i| row.glyphs.get(i)), row.glyphs.get(at))
    else {
        return false;
    };
    after.gap > 0.2
        && strokes.iter().any(|s| {
            s.width() < 3.0
                && s.height() > after.bounds.height()
                && s.center_x() > before.bounds.right - 1.0
                && s.center_x() < after.bounds.left + 1.0
                && s.overlap_y(&after.bounds) > after.bounds.height() * 0.5
        })
}

/// Whether a row is words in Latin letters, without a Chinese character.
fn is_latin_text(row: &Row) -> bool {
    let letters = row.text.chars().filter(char::is_ascii_alphabetic).count();
    letters >= LATIN && !row.text.contains(is_han)
}

/// So many letters are words, and no number of a room.
const LATIN: usize = 8;

/// Appends what runs on in the next rows below the value.
pub(super) fn run_on(glyphs: &mut Vec<Glyph>, slice: &Slice, number: usize, labels: &[&Regex]) {
    let Some(start) = glyphs.first().map(|g| g.bounds) else { return };
    let mut bottom = start;
    for row in slice.rows.iter().skip(number + 1).take(4) {
        let height = start.height().max(1.0);
        // Only what begins under the value's own beginning belongs to it.
        let column = Rect { left: start.left - height, right: f64::MAX, top: bottom.top, bottom: f64::MAX };
        let Some(part) = row.within(&column) else { continue };
        let Some(first) = part.glyphs.first() else { continue };
        let near =
            first.bounds.top - bottom.bottom < height * 0.9 && first.bounds.top > bottom.top + height * 0.5;
        let aligned = (first.bounds.left - start.left).abs() < height * 1.6;
        let alike = (first.bounds.height() - height).abs() < height * 0.45;
        // A row with a label of its own further left is another field.
        let own_label = labels.iter().any(|l| {
            l.find_iter(&row.text).any(|hit| {
                stands_alone(row, hit.start())
                    && span(row, hit.start(), hit.end())
                        .first()
                        .is_some_and(|g| g.bounds.left < start.left - height)
            })
        });
        // The same in another language is not more of it.
        let is_foreign = glyphs.iter().any(|glyph| is_han(glyph.printed)) && is_latin_text(&part);
        if own_label
            || is_foreign
            || !(near && aligned && alike)
            || labels.iter().any(|l| l.find(&part.text).is_some_and(|hit| hit.start() < 2))
        {
            break;
        }
        let wide =
            part.glyphs.iter().skip(1).position(|g| g.gap > 3.0).map_or(part.glyphs.len(), |at| at + 1);
        let mut more = part.glyphs.get(..wide).unwrap_or_default().to_vec();
        if let Some(first) = more.first_mut() {
            first.gap = 0.0;
        }
        bottom = more.first().map_or(bottom, |g| g.bounds);
        glyphs.extend(more);
    }
}

/// What stands to the right of a label that has nothing in its own row: a value that is set a little higher or
/// lower, or one of two rows whose label stands in the middle of them. Where it is not to be seen which of
/// several rows is meant, nothing.
pub(super) fn beside(
    field: &FieldSpec,
    (row, label): (&Row, std::ops::Range<usize>),
    slice: &Slice,
    number: usize,
    labels: &[&Regex],
) -> Vec<Glyph> {
    let own = span(row, label.start, label.end).iter().map(|glyph| &glyph.bounds);
    let Some(bounds) = Rect::around(own) else { return Vec::new() };
    // What stands behind the label in its own row ends its reach.
    let next = row.glyph_at.get(skip(&row.text, label.end)).and_then(|at| row.glyphs.get(*at));
    let end = next.map_or(f64::MAX, |glyph| glyph.bounds.left).min(bounds.right + FAR * bounds.height());
    let near = slice.rows.iter().enumerate().skip(number.saturating_sub(NEAR)).take(2 * NEAR + 1);
    let mut found: Vec<Vec<Glyph>> = Vec::new();
    for (_, other) in near.filter(|(at, _)| *at != number) {
        let begins = |glyph: &Glyph| {
            glyph.bounds.left >= bounds.right - CLOSE * bounds.height()
                && glyph.bounds.overlap_y(&bounds) > LEVEL * glyph.bounds.height().min(bounds.height())
        };
        let Some(first) = other.glyphs.iter().position(begins) else { continue };
        let start = &other.glyphs[first];
        let goes_on = other.glyphs[..first].last().is_some_and(|before| before.bounds.right > bounds.left);
        // Figures behind other words are theirs.
        let of_words = field.kind.is_figures() && start.printed.is_alphabetic();
        if start.bounds.left >= end || goes_on || of_words {
            continue;
        }
        let Some(from) = other.glyph_at.iter().position(|at| *at == first) else { continue };
        found.push(span(other, from, value_end(field, other, from, labels, &slice.strokes)).to_vec());
    }
    found.retain(|part| !part.is_empty());
    let is_under =
        |pair: &[Vec<Glyph>]| (pair[0][0].bounds.left - pair[1][0].bounds.left).abs() < bounds.height();
    if found.len() > 1 && !(field.wraps && found.windows(2).all(is_under)) {
        return Vec::new();
    }
    found.iter_mut().skip(1).for_each(|part| part[0].gap = 0.0);
    found.concat()
}

/// What stands in the next row, under the label: the whole cell that lies under it. Of two that do, nobody knows
/// which is meant.
pub(super) fn below(row: &Row, from: usize, to: usize, slice: &Slice, number: usize) -> Vec<Glyph> {
    let Some(label) = Rect::around(span(row, from, to).iter().map(|g| &g.bounds)) else { return Vec::new() };
    let height = label.height();
    let band = Rect {
        left: f64::MIN,
        right: f64::MAX,
        top: label.bottom - height * CLOSE,
        bottom: label.bottom + height * 3.0,
    };
    let Some(under) = slice.rows.iter().skip(number + 1).find_map(|row| row.within(&band)) else {
        return Vec::new();
    };
    let mut cells: Vec<Vec<Glyph>> = Vec::new();
    for glyph in under.glyphs {
        match cells.last_mut() {
            Some(cell) if glyph.gap < CELLS => cell.push(glyph),
            _ => cells.push(vec![glyph]),
        }
    }
    cells.retain(|cell| {
        let bounds = Rect::around(cell.iter().map(|glyph| &glyph.bounds));
        bounds.is_some_and(|cell| cell.left < label.right && cell.right > label.left)
    });
    if cells.len() > 1 { Vec::new() } else { cells.concat() }
}
