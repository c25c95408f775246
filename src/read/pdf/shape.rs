//! What glyphs look like: whether an outline can be the character it is said to be.
//!
//! Outlines are compared with those of this machine's Chinese fonts, coarsely, since the same
//! character looks different in every font. Where there are no such fonts, nothing is known.

use std::sync::{Arc, OnceLock, RwLock};

use hayro::{
    hayro_interpret::font::{FontData, StandardFont},
    kurbo::{BezPath, CubicBez, ParamCurve, PathEl, Point, QuadBez, Rect as PdfRect},
};
use rustc_hash::FxHashMap;
use skrifa::{DrawMemory, Font, PathSink, ScalerFont};

use crate::container::fonts;

/// Squares a side.
const SIDE: usize = 16;
/// How far a curve may be missed by the lines taken for it, in thousandths of an em.
const ROUGH: f64 = 8.0;
/// No curve is made of more lines than this.
const MOST_PIECES: f64 = 64.0;
/// So many looks are kept, of one kilobyte each.
const KEPT: usize = 20_000;
/// What is as alike as this is the same.
const SURE: f32 = 0.8;
/// A box with at least this share of ink is one stroke.
const SOLID: f32 = 0.9;
/// Products are summed in so many columns, which a processor adds side by side.
const COLUMNS: usize = 16;

/// How much ink is where in the box of an outline, less the mean and scaled to length 1.
#[derive(Clone, Debug)]
pub(super) struct Look {
    ink: [f32; SIDE * SIDE],
    /// Width by height of the box.
    aspect: f32,
    /// Whether the box is all ink, as that of a stroke.
    solid: bool,
}

impl Look {
    /// The look of an outline; `None` where it has no width or no height.
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_precision_loss,
        reason = "few squares, small figures"
    )]
    pub(super) fn of(path: &BezPath) -> Option<Self> {
        let lines = lines(path);
        let infinite = f64::INFINITY;
        let mut bounds = PdfRect::new(infinite, infinite, -infinite, -infinite);
        for (from, _) in &lines {
            bounds = bounds.union_pt(*from);
        }
        let (width, height) = (bounds.width(), bounds.height());
        if !(width > 1.0 && height > 1.0 && width.is_finite() && height.is_finite()) {
            return None;
        }
        let (across, down) = (SIDE as f64 / width, SIDE as f64 / height);
        let placed = |point: Point| {
            ((point.x - bounds.x0) as f32 * across as f32, (point.y - bounds.y0) as f32 * down as f32)
        };
        let mut edges = Edges::default();
        for (from, to) in lines {
            edges.add(placed(from), placed(to));
        }
        let filled = edges.filled();
        let solid = filled.iter().sum::<f32>() > SOLID * filled.len() as f32;
        let ink = smooth(&filled);
        let mean = ink.iter().sum::<f32>() / ink.len() as f32;
        let mut ink = ink.map(|one| one - mean);
        let length = dot(&ink, &ink).sqrt();
        ink.iter_mut().for_each(|one| *one /= length);
        Some(Self { ink, aspect: (width / height) as f32, solid })
    }

    /// How alike two looks are: 1 for the same, about 0 for nothing in common.
    pub(super) fn like(&self, other: &Self) -> f32 {
        let ratio = (self.aspect / other.aspect).max(other.aspect / self.aspect);
        let same = dot(&self.ink, &other.ink);
        // Fonts differ in how wide they are, but not by half.
        if ratio > 2.5 { same.min(0.0) } else { same }
    }
}

/// The straight lines that an outline is roughly made of, each part of it closed.
fn lines(path: &BezPath) -> Vec<(Point, Point)> {
    let mut lines: Vec<(Point, Point)> = Vec::with_capacity(4 * path.elements().len());
    let (mut start, mut last) = (Point::ORIGIN, Point::ORIGIN);
    let mut line_to = |last: &mut Point, point: Point| {
        if *last != point {
            lines.push((*last, point));
        }
        *last = point;
    };
    for element in path.elements() {
        match *element {
            PathEl::MoveTo(point) => {
                line_to(&mut last, start);
                (start, last) = (point, point);
            }
            PathEl::LineTo(point) => line_to(&mut last, point),
            PathEl::QuadTo(control, end) => {
                let bend = (last.to_vec2() - 2.0 * control.to_vec2() + end.to_vec2()).hypot();
                let curve = QuadBez::new(last, control, end);
                for at in pieces(0.25 * bend) {
                    line_to(&mut last, curve.eval(at));
                }
            }
            PathEl::CurveTo(one, two, end) => {
                let bend =
                    |a: Point, b: Point, c: Point| (a.to_vec2() - 2.0 * b.to_vec2() + c.to_vec2()).hypot();
                let curve = CubicBez::new(last, one, two, end);
                for at in pieces(0.75 * bend(last, one, two).max(bend(one, two, end))) {
                    line_to(&mut last, curve.eval(at));
                }
            }
            PathEl::ClosePath => line_to(&mut last, start),
        }
    }
    line_to(&mut last, start);
    lines
}

/// Where pieces of a curve end whose middles one line for all of it would miss by `miss`: in `n`
/// pieces it is missed by `n * n` times less (Wang's bound).
#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "few pieces")]
fn pieces(miss: f64) -> impl Iterator<Item = f64> {
    let count = (miss / ROUGH).sqrt().ceil().clamp(1.0, MOST_PIECES) as u32;
    (1..=count).map(move |at| f64::from(at) / f64::from(count))
}

/// What the edges of an outline change in the ink from each square to the next one on its right:
/// summed from the left, it is how much of each square lies inside.
struct Edges {
    change: [[f32; SIDE + 1]; SIDE],
}

impl Default for Edges {
    fn default() -> Self {
        Self { change: [[0.0; SIDE + 1]; SIDE] }
    }
}

impl Edges {
    /// Adds a straight edge, in squares.
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        clippy::cast_precision_loss,
        reason = "rows and columns of few squares, and held within them"
    )]
    fn add(&mut self, from: (f32, f32), to: (f32, f32)) {
        let (upper, lower, direction) = if from.1 <= to.1 { (from, to, 1.0) } else { (to, from, -1.0) };
        let slope = (lower.0 - upper.0) / (lower.1 - upper.1);
        // A level edge has no ink above or below it.
        if !slope.is_finite() {
            return;
        }
        let side = SIDE as f32;
        let first = upper.1.max(0.0) as usize;
        for (row, change) in self.change.iter_mut().enumerate().skip(first) {
            let (y0, y1) = (upper.1.max(row as f32), lower.1.min(row as f32 + 1.0));
            if y0 >= y1 {
                break;
            }
            let at = |y: f32| (slope * (y - upper.1) + upper.0).clamp(0.0, side);
            let (x0, x1) = (at(y0), at(y1));
            let (left, right) = (x0.min(x1), x0.max(x1));
            // What of the row the edge crosses, shared among the columns it goes through.
            let crossed = direction * (y1 - y0);
            let mut add = |column: usize, share: f32, from: f32, to: f32| {
                let middle = f32::midpoint(from, to) - column as f32;
                change[column] += share * (1.0 - middle);
                change[column + 1] += share * middle;
            };
            let mut column = (left as usize).min(SIDE - 1);
            let last = (right as usize).min(SIDE - 1);
            if column == last {
                add(column, crossed, left, right);
                continue;
            }
            let (mut x, steepness) = (left, crossed / (right - left));
            while column < last {
                let next = column as f32 + 1.0;
                add(column, steepness * (next - x), x, next);
                (x, column) = (next, column + 1);
            }
            add(column, steepness * (right - x), x, right);
        }
    }

    fn filled(&self) -> [f32; SIDE * SIDE] {
        let mut ink = [0.0; SIDE * SIDE];
        for (row, change) in ink.chunks_exact_mut(SIDE).zip(&self.change) {
            let mut inside = 0.0_f32;
            for (square, change) in row.iter_mut().zip(change) {
                inside += change;
                *square = inside.abs().min(1.0);
            }
        }
        ink
    }
}

fn dot(one: &[f32; SIDE * SIDE], other: &[f32; SIDE * SIDE]) -> f32 {
    let mut sums = [0.0_f32; COLUMNS];
    for (one, other) in one.chunks_exact(COLUMNS).zip(other.chunks_exact(COLUMNS)) {
        for ((sum, one), other) in sums.iter_mut().zip(one).zip(other) {
            *sum += one * other;
        }
    }
    sums.iter().sum()
}

/// Every square with a part of its neighbours, so that a shift by half a stroke matters little.
fn smooth(ink: &[f32; SIDE * SIDE]) -> [f32; SIDE * SIDE] {
    let mut along = [0.0; SIDE * SIDE];
    for (out, row) in along.chunks_exact_mut(SIDE).zip(ink.chunks_exact(SIDE)) {
        for at in 0..SIDE {
            let left = at.checked_sub(1).map_or(0.0, |at| row[at]);
            let right = row.get(at + 1).copied().unwrap_or(0.0);
            out[at] = 0.5 * row[at] + 0.25 * (left + right);
        }
    }
    let mut out = [0.0; SIDE * SIDE];
    for at in 0..SIDE * SIDE {
        let above = at.checked_sub(SIDE).map_or(0.0, |at| along[at]);
        let below = along.get(at + SIDE).copied().unwrap_or(0.0);
        out[at] = 0.5 * along[at] + 0.25 * (above + below);
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

/// Whether an outline is one stroke and a character is so in no font that knows it.
pub(super) fn is_mere_stroke(look: &Look, character: char) -> bool {
    look.solid && !(0..samples().len()).any(|at| sample(at, character).is_some_and(|own| own.solid))
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
            StandardFont::HelveticaOblique,
            StandardFont::TimesItalic,
            StandardFont::HelveticaBoldOblique,
            StandardFont::TimesBoldItalic,
        ];
        chinese
            .chain(latin.iter().map(StandardFont::get_font_data))
            .filter_map(|(data, index)| Font::new(data, index))
            .map(|font| ScalerFont::unhinted(font, Some(1000.0)))
            .collect()
    })
}

/// The look of a character in one of the fonts; kept for all files, as fonts stay the same.
fn sample(at: usize, character: char) -> Option<Arc<Look>> {
    type Known = RwLock<FxHashMap<(usize, char), Option<Arc<Look>>>>;
    static KNOWN: OnceLock<Known> = OnceLock::new();
    let known = KNOWN.get_or_init(Known::default);
    if let Some(look) = known.read().ok()?.get(&(at, character)) {
        return look.clone();
    }
    let look = drawn(at, character).as_ref().and_then(Look::of).map(Arc::new);
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
    let glyph = font.charmap().map_unicode(character).or_else(|| {
        let mut letter = [0; 4];
        font.glyph_by_name(name(character, &mut letter)?)
    })?;
    let mut pen = Pen(BezPath::new());
    let _ = scaler.outline(glyph)?.draw(DrawMemory::Scratch, &mut pen);
    Some(pen.0)
}

/// The name of a letter's or digit's glyph in fonts that go by names.
fn name(character: char, letter: &mut [u8; 4]) -> Option<&str> {
    const DIGITS: [&str; 10] =
        ["zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine"];
    if character.is_ascii_alphabetic() {
        return Some(character.encode_utf8(letter));
    }
    DIGITS.get(character.to_digit(10)? as usize).copied()
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
