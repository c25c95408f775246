//! A page's words as rows of characters, each of which knows its box: what patterns are matched on.

use unicode_normalization::UnicodeNormalization;

use super::{
    geometry::Rect,
    page::{Origin, Page, Word},
};

/// One character on a page.
#[derive(Clone, Debug)]
pub struct Glyph {
    /// As printed.
    pub printed: char,
    /// Its box.
    pub bounds: Rect,
    /// Where it comes from.
    pub origin: Origin,
    /// White space to its left, in letter heights; large for the first of a row.
    pub gap: f64,
    /// The page it stands on, from 1.
    pub page: u32,
}

/// The characters of one base line, with text to match patterns on.
#[derive(Clone, Debug, Default)]
pub struct Row {
    /// From left to right.
    pub glyphs: Vec<Glyph>,
    /// NFKC of the characters, with one space where there is a gap of half a letter or more, or of
    /// less between words in Latin letters.
    pub text: String,
    /// For every byte of `text`, the index of its glyph; a space belongs to the glyph after it.
    pub glyph_at: Vec<usize>,
}

/// A gap of this many letter heights becomes a space in a row's text.
const SPACE: f64 = 0.5;

/// A Chinese bracket carries half a letter of white space on its outer side.
const BRACKET: f64 = 0.6;

/// Latin words stand closer than that.
const LATIN_SPACE: f64 = 0.12;

/// Whether the white space before a glyph parts two words.
fn parts(before: &Glyph, glyph: &Glyph) -> bool {
    let latin = |c: char| c.is_ascii_alphabetic();
    let ends = before.printed;
    let bracket = "(（)）".contains(ends) || "(（)）".contains(glyph.printed);
    glyph.gap >= if bracket { SPACE + BRACKET } else { SPACE }
        || glyph.gap >= LATIN_SPACE
            && (latin(ends) && glyph.printed.is_ascii_alphanumeric()
                || latin(glyph.printed) && (ends.is_ascii_alphanumeric() || ",.&)".contains(ends)))
}

impl Row {
    /// A row of glyphs, already from left to right.
    #[must_use]
    pub fn of(glyphs: Vec<Glyph>) -> Self {
        let mut row = Self::default();
        for (at, glyph) in glyphs.iter().enumerate() {
            if at.checked_sub(1).and_then(|i| glyphs.get(i)).is_some_and(|before| parts(before, glyph)) {
                row.text.push(' ');
                row.glyph_at.push(at);
            }
            for c in glyph.printed.nfkc() {
                let c = fold(c);
                row.text.push(c);
                row.glyph_at.extend(std::iter::repeat_n(at, c.len_utf8()));
            }
        }
        row.glyphs = glyphs;
        row
    }

    /// The box round all characters.
    #[must_use]
    pub fn bounds(&self) -> Rect {
        Rect::around(self.glyphs.iter().map(|glyph| &glyph.bounds)).unwrap_or_default()
    }

    /// The part of the row inside a box, as a row of its own; `None` if nothing is.
    #[must_use]
    pub fn within(&self, bounds: &Rect) -> Option<Self> {
        let inside: Vec<Glyph> =
            self.glyphs.iter().filter(|glyph| bounds.holds(&glyph.bounds)).cloned().collect();
        (!inside.is_empty()).then(|| Self::of(inside))
    }
}

/// Look-alikes that carry no meaning of their own: dashes and colons.
fn fold(c: char) -> char {
    match c {
        '∶' => ':',
        '―' | '─' | '–' | '−' => '-',
        _ => c,
    }
}

/// The rows of an arranged page, from top to bottom.
#[must_use]
pub fn rows(page: &Page) -> Vec<Row> {
    let mut rows: Vec<Row> = Vec::new();
    let mut at = 0;
    while let Some(first) = page.lines.get(at) {
        let same = page.lines.get(at..).unwrap_or_default().iter().take_while(|l| l.row == first.row).count();
        let members = page.lines.get(at..at + same).unwrap_or_default();
        let mut glyphs: Vec<Glyph> = Vec::new();
        for word in members.iter().flat_map(|line| &line.words).filter_map(|at| page.words.get(*at)) {
            for (index, printed) in word.text.chars().enumerate() {
                let bounds = word.part(index, index + 1);
                let height = word.bounds.height().max(1.0);
                let gap = glyphs
                    .last()
                    .map_or(f64::MAX, |before: &Glyph| (bounds.left - before.bounds.right) / height);
                // Inside a word there is no white space, however the boxes of narrow letters fall.
                let gap = if index > 0 { 0.0 } else { gap };
                glyphs.push(Glyph { printed, bounds, origin: word.origin, gap, page: page.number });
            }
        }
        rows.push(Row::of(glyphs));
        at += same;
    }
    rows
}

/// A word that stands in no line as a row of its own, each of its characters in the word's box.
#[must_use]
pub fn row(word: &Word, page: u32) -> Row {
    let glyph = |(at, printed)| Glyph {
        printed,
        bounds: word.bounds,
        origin: word.origin,
        gap: if at == 0 { f64::MAX } else { 0.0 },
        page,
    };
    Row::of(word.text.chars().enumerate().map(glyph).collect())
}
