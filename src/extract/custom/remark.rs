//! The remarks of an invoice: what stands in the cell beside 备注, which is set on end.

use std::sync::LazyLock;

use regex::Regex;

use crate::{
    extract::{kind::tidy, locate::value_fact},
    model::{
        fact::{Method, Record},
        geometry::Rect,
        page::Origin,
        segment::{Segment, Slice},
        text::{Glyph, Row},
        value::Value,
    },
    rulebook::types::DocumentType,
};

static TOTAL: LazyLock<Option<Regex>> = LazyLock::new(|| Regex::new(r"大\s*写|价\s*税\s*合\s*计").ok());
static FOOT: LazyLock<Option<Regex>> =
    LazyLock::new(|| Regex::new(r"收\s*款\s*人|复\s*核|票\s*人|销\s*售\s*方\s*:?\s*\(\s*章").ok());
/// What a seal on the cell says: its name, and its owner's code in a row of its own.
static SEAL: LazyLock<Option<Regex>> = LazyLock::new(|| {
    Regex::new(r"(?:发\s*票|合\s*同|财\s*务)?\s*专\s*用\s*章|财\s*务\s*章|^[0-9A-HJ-NPQRTUWXY]{18}$").ok()
});

/// Where this stands in the cell, rows of a bent page ran into each other.
static OTHERS: LazyLock<Option<Regex>> = LazyLock::new(|| Regex::new(r"小\s*写|大\s*写|¥").ok());

/// How far apart the two characters of the label stand at most, in heights.
const APART: f64 = 4.0;
/// What separates the label's column from the cell, in heights.
const RULE: f64 = 0.3;

/// Reads the remarks of an invoice.
pub(super) fn invoice(_: &DocumentType, segment: &Segment, record: &mut Record) {
    let Some(glyphs) = segment.slices.iter().find_map(remarks) else { return };
    let text = Row::of(glyphs.clone()).text;
    let mut fact = value_fact(Value::Text(tidy(&text)), None, &glyphs);
    fact.evidence.method = Method::Custom;
    record.fields.insert("remark".to_owned(), fact);
}

/// The characters of the cell, row after row; `None` where there is no such cell or nothing in it.
fn remarks(slice: &Slice) -> Option<Vec<Glyph>> {
    let is = |pattern: &LazyLock<Option<Regex>>, row: &Row| {
        pattern.as_ref().is_some_and(|pattern| pattern.is_match(&row.text))
    };
    let top = slice.rows.iter().rfind(|row| is(&TOTAL, row))?.bounds().bottom;
    let label = label(slice, top)?;
    let foot = slice.rows.iter().find(|row| is(&FOOT, row) && row.bounds().top > label.top);
    let bottom = foot.map_or(slice.bounds.bottom, |row| row.bounds().top);
    let cell = Rect { left: label.right, top, bottom, ..slice.bounds };
    let rows: Vec<Row> = slice.rows.iter().filter_map(|row| row.within(&cell)).collect();
    if rows.iter().any(|row| is(&OTHERS, row)) {
        return None;
    }
    let of_seal = |glyph: &Glyph| matches!(glyph.origin, Origin::Recognized { flaws, .. } if flaws.of_seal);
    let glyphs: Vec<Glyph> = rows.into_iter().flat_map(unsealed).filter(|glyph| !of_seal(glyph)).collect();
    (!glyphs.is_empty()).then_some(glyphs)
}

/// The characters of a row without what names a seal.
fn unsealed(row: Row) -> Vec<Glyph> {
    let Some(named) = SEAL.as_ref().and_then(|seal| seal.find(&row.text)) else { return row.glyphs };
    let of_name = |at: usize| named.range().any(|byte| row.glyph_at.get(byte) == Some(&at));
    row.glyphs.iter().enumerate().filter(|(at, _)| !of_name(*at)).map(|(_, glyph)| glyph.clone()).collect()
}

/// Where 备注 stands below a height, side by side or one over the other.
fn label(slice: &Slice, top: f64) -> Option<Rect> {
    let below =
        || slice.rows.iter().flat_map(|row| &row.glyphs).filter(|glyph| glyph.bounds.center_y() > top);
    let of = |letter: char| below().filter(move |glyph| glyph.printed == letter);
    of('备').find_map(|first| {
        // Characters set on end are read as one word, of which each has half the width and all the height.
        let height = (first.bounds.height() * first.bounds.width()).sqrt();
        let pair = of('注').map(|second| first.bounds.union(&second.bounds)).find(|pair| {
            let beside = pair.width() < (1.0 + APART) * height && pair.height() < 2.0 * height;
            let stacked = pair.height() < (2.0 + APART) * height && pair.width() < 2.0 * height;
            beside || stacked
        })?;
        Some(Rect { right: pair.right + RULE * height, ..pair })
    })
}
