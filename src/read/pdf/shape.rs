//! What glyphs look like: whether an outline can be the character it is said to be.
//!
//! Outlines are compared with those of this machine's Chinese fonts, coarsely, since the same
//! character looks different in every font. Where there are no such fonts, nothing is known.

use std::{
    collections::HashMap,
    sync::{Arc, OnceLock, RwLock},
};

use hayro::{
    hayro_interpret::font::{FontData, StandardFont},
    kurbo::{BezPath, PathEl, Point, Rect as PdfRect},
};
use skrifa::{DrawMemory, Font, PathSink, ScalerFont};

use crate::container::fonts;

/// Squares a side.
const SIDE: usize = 16;
/// Rows of samples in each square.
const SAMPLES: usize = 2;
/// How far a curve may be missed by the lines taken for it, in thousandths of an em.
const ROUGH: f64 = 8.0;
/// So many looks are kept, of one kilobyte each.
const KEPT: usize = 20_000;
/// What is as alike as this is the same.
const SURE: f32 = 0.8;

/// How much ink is where in the box of an outline, less the mean and scaled to length 1.
#[derive(Clone, Debug)]
pub(super) struct Look {
    ink: [f32; SIDE * SIDE],
    /// Width by height of the box.
    aspect: f32,
}

impl Look {
    /// The look of an outline; `None` for nothing to see and for what is a mere stroke.
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        clippy::cast_precision_loss,
        reason = "within the box, which is divided into few squares"
    )]
    pub(super) fn of(path: &BezPath) -> Option<Self> {
        let mut lines: Vec<(Point, Point)> = Vec::with_capacity(4 * path.elements().len());
        let (mut start, mut last) = (Point::ORIGIN, Point::ORIGIN);
        hayro::kurbo::flatten(path, ROUGH, |element| match element {
            PathEl::MoveTo(point) => {
                lines.push((last, start));
                (start, last) = (point, point);
            }
            PathEl::LineTo(point) => {
                lines.push((last, point));
                last = point;
            }
            _ => {
                lines.push((last, start));
                last = start;
            }
        });
        lines.push((last, start));
        lines.retain(|(from, to)| from != to);
        let infinite = f64::INFINITY;
        let mut bounds = PdfRect::new(infinite, infinite, -infinite, -infinite);
        for (from, _) in &lines {
            bounds = bounds.union_pt(*from);
        }
        let (width, height) = (bounds.width(), bounds.height());
        if !(width > 1.0 && height > 1.0 && width.is_finite() && height.is_finite()) {
            return None;
        }
        let rows = SIDE * SAMPLES;
        // Where each row of samples crosses the outline, and in which direction.
        let mut crossings: Vec<Vec<(f64, i8)>> = vec![Vec::new(); rows];
        let (across, down) = (SIDE as f64 / width, rows as f64 / height);
        for (from, to) in lines {
            let (y0, y1) = ((from.y - bounds.y0) * down - 0.5, (to.y - bounds.y0) * down - 0.5);
            let (low, high, direction) = if y0 <= y1 { (y0, y1, 1) } else { (y1, y0, -1) };
            let slope = (to.x - from.x) / (y1 - y0);
            let (first, end) = (low.ceil().max(0.0) as usize, (high.ceil().max(0.0) as usize).min(rows));
            for (row, crossed) in crossings.iter_mut().enumerate().take(end).skip(first) {
                let x = from.x + slope * (row as f64 - y0);
                crossed.push(((x - bounds.x0) * across, direction));
            }
        }
        let mut ink = [0.0_f32; SIDE * SIDE];
        for (row, crossed) in crossings.iter_mut().enumerate() {
            crossed.sort_by(|a, b| a.0.total_cmp(&b.0));
            let mut winding = 0_i32;
            for pair in crossed.windows(2) {
                winding += i32::from(pair[0].1);
                if winding == 0 {
                    continue;
                }
                let (from, to) = (pair[0].0.max(0.0), pair[1].0.min(SIDE as f64));
                let mut at = from;
                while at < to {
                    let column = (at as usize).min(SIDE - 1);
                    let next = ((column + 1) as f64).min(to);
                    ink[(row / SAMPLES) * SIDE + column] += (next - at) as f32 / SAMPLES as f32;
                    at = if next > at { next } else { to };
                }
            }
        }
        let ink = smooth(&ink);
        let mean = ink.iter().sum::<f32>() / ink.len() as f32;
        let mut ink = ink.map(|one| one - mean);
        let length = ink.iter().map(|one| one * one).sum::<f32>().sqrt();
        // A box that is black all over is a stroke, and looks like any other.
        if length < 0.5 {
            return None;
        }
        ink.iter_mut().for_each(|one| *one /= length);
        Some(Self { ink, aspect: (width / height) as f32 })
    }

    /// How alike two looks are: 1 for the same, about 0 for nothing in common.
    pub(super) fn like(&self, other: &Self) -> f32 {
        let ratio = (self.aspect / other.aspect).max(other.aspect / self.aspect);
        let same: f32 = self.ink.iter().zip(&other.ink).map(|(a, b)| a * b).sum();
        // Fonts differ in how wide they are, but not by half.
        if ratio > 2.5 { same.min(0.0) } else { same }
    }
}

/// Every square with a part of its neighbours, so that a shift by half a stroke matters little.
fn smooth(ink: &[f32; SIDE * SIDE]) -> [f32; SIDE * SIDE] {
    let mut out = [0.0; SIDE * SIDE];
    let weight = [0.25_f32, 0.5, 0.25];
    for (at, value) in out.iter_mut().enumerate() {
        let (row, column) = (at / SIDE, at % SIDE);
        for (dy, down) in weight.iter().enumerate() {
            for (dx, across) in weight.iter().enumerate() {
                let (Some(y), Some(x)) = ((row + dy).checked_sub(1), (column + dx).checked_sub(1)) else {
                    continue;
                };
                if y < SIDE && x < SIDE {
                    *value += ink[y * SIDE + x] * down * across;
                }
            }
        }
    }
    out
}

/// How alike an outline and a character are, in the font of this machine that fits best.
///
/// `None` where no font knows the character or it has no look.
pub(super) fn likeness(look: &Look, character: char) -> Option<f32> {
    let mut best: Option<f32> = None;
    for at in 0..samples().len() {
        if let Some(own) = sample(at, character) {
            let like = look.like(&own);
            best = Some(best.map_or(like, |best| best.max(like)));
            // Certain enough; the other fonts need not be asked.
            if like > SURE {
                break;
            }
        }
    }
    best
}

/// The fonts that outlines are compared with: this machine's Chinese ones, and Latin ones that the
/// renderer brings along.
fn samples() -> &'static [ScalerFont] {
    static ALL: OnceLock<Vec<ScalerFont>> = OnceLock::new();
    ALL.get_or_init(|| {
        let chinese = fonts::samples().iter().map(|font| (Arc::clone(&font.bytes) as FontData, font.index));
        let latin = [
            StandardFont::Helvetica,
            StandardFont::TimesRoman,
            StandardFont::Courier,
            StandardFont::HelveticaBold,
            StandardFont::TimesBold,
        ];
        chinese
            .chain(latin.iter().map(StandardFont::get_font_data))
            .filter_map(|(data, index)| Font::new(data, index))
            .map(|font| ScalerFont::unhinted(font, Some(1000.0)))
            .collect()
    })
}

/// The look of a character in one of the fonts; kept for all files, as fonts stay the same.
fn sample(at: usize, character: char) -> Option<Look> {
    type Known = RwLock<HashMap<(usize, char), Option<Look>>>;
    static KNOWN: OnceLock<Known> = OnceLock::new();
    let known = KNOWN.get_or_init(Known::default);
    if let Some(look) = known.read().ok()?.get(&(at, character)) {
        return look.clone();
    }
    let look = drawn(at, character).as_ref().and_then(Look::of);
    let mut known = known.write().ok()?;
    if known.len() >= KEPT {
        known.clear();
    }
    known.insert((at, character), look.clone());
    look
}

fn drawn(at: usize, character: char) -> Option<BezPath> {
    let scaler = samples().get(at)?;
    let font = scaler.font();
    let glyph = font.charmap().map_unicode(character).or_else(|| font.glyph_by_name(name(character)?))?;
    let mut pen = Pen(BezPath::new());
    let _ = scaler.outline(glyph)?.draw(DrawMemory::Scratch, &mut pen);
    Some(pen.0)
}

/// The name of a digit's glyph in fonts that go by names.
fn name(character: char) -> Option<&'static str> {
    const NAMES: [&str; 10] =
        ["zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine"];
    NAMES.get(character.to_digit(10)? as usize).copied()
}

struct Pen(BezPath);

impl PathSink for Pen {
    fn move_to(&mut self, x: f32, y: f32) {
        self.0.move_to((x, y));
    }

    fn line_to(&mut self, x: f32, y: f32) {
        if !self.0.elements().is_empty() {
            self.0.line_to((x, y));
        }
    }

    fn quad_to(&mut self, cx: f32, cy: f32, x: f32, y: f32) {
        if !self.0.elements().is_empty() {
            self.0.quad_to((cx, cy), (x, y));
        }
    }

    fn curve_to(&mut self, cx0: f32, cy0: f32, cx1: f32, cy1: f32, x: f32, y: f32) {
        if !self.0.elements().is_empty() {
            self.0.curve_to((cx0, cy0), (cx1, cy1), (x, y));
        }
    }

    fn close(&mut self) {
        if !self.0.elements().is_empty() {
            self.0.close_path();
        }
    }
}
