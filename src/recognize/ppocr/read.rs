//! Lines from the reader's classes: characters with their places, and words parted at gaps and
//! rulings.

use image::RgbImage;

use super::quad::Quad;
use crate::model::page::{Flaws, Origin, Word};

/// A character of a line.
#[derive(Clone, Debug, PartialEq)]
pub struct Glyph {
    /// The character; a few classes stand for more than one.
    pub text: String,
    /// The reader's score, 0 to 1.
    pub score: f32,
    /// Its middle, as a share of the line's length.
    pub middle: f32,
}

/// A gap of more than this many full widths beyond the usual distance parts two words.
const GAP: f32 = 0.75;

/// So many scores are compared side by side.
const LANES: usize = 16;

/// Reads classes off a matrix of `steps` rows with a score for each class, the blank first (CTC).
///
/// A class that repeats without a blank between is one character, in the middle of its steps.
/// `length` is the number of steps that the line itself takes up; the rest is filling.
/// Where classes are `allowed`, only they and the blank are considered.
#[must_use]
pub fn decode(scores: &[f32], classes: &[String], length: f32, allowed: Option<&[usize]>) -> Vec<Glyph> {
    let mut glyphs: Vec<Glyph> = Vec::new();
    let (mut last, mut first_step) = (0, 0);
    for (step, row) in scores.chunks_exact(classes.len().max(1)).enumerate() {
        let (class, score) = match allowed {
            None => highest(row),
            Some(some) => best([0].iter().chain(some).map(|&class| (class, row[class]))),
        };
        if class != 0 {
            if class != last {
                first_step = step;
                glyphs.push(Glyph { text: classes[class].clone(), score, middle: 0.0 });
            }
            if let Some(glyph) = glyphs.last_mut() {
                glyph.middle = ((first_step + step + 1) as f32 / 2.0 / length.max(1.0)).min(1.0);
            }
        }
        last = class;
    }
    glyphs
}

/// The same of all classes. Looking for the score first and then for its place is what processors are quick at.
fn highest(row: &[f32]) -> (usize, f32) {
    let lanes = row.chunks(LANES).fold([f32::MIN; LANES], |mut highest, part| {
        highest.iter_mut().zip(part).for_each(|(high, score)| *high = high.max(*score));
        highest
    });
    let score = lanes.into_iter().fold(f32::MIN, f32::max);
    (row.iter().position(|one| *one == score).unwrap_or_default(), score)
}

/// The class with the highest score, the first of equals.
fn best(scores: impl Iterator<Item = (usize, f32)>) -> (usize, f32) {
    scores.fold((0, f32::MIN), |best, next| if next.1 > best.1 { next } else { best })
}

/// The mean score of a line; 0 for an empty one.
#[must_use]
pub fn mean_score(glyphs: &[Glyph]) -> f32 {
    glyphs.iter().map(|glyph| glyph.score).sum::<f32>() / glyphs.len().max(1) as f32
}

/// Where a table's ruling crosses a line that was cut out: shares of its length.
///
/// A ruling is darker than its surroundings in every row; a stroke of a character ends before the
/// line's margin does.
#[must_use]
pub fn rulings(line: &RgbImage) -> Vec<f32> {
    let (width, height) = line.dimensions();
    // Far enough to be past a ruling on either side.
    let beside = (height / 8).max(3);
    let at = |x: u32, y: u32| i32::from(line.get_pixel(x, y).0[0]);
    let crossed = |x: &u32| {
        (0..height).all(|y| {
            // A page a little askew moves the ruling by a pixel or two over the line's height.
            let dark = (x - 1..=x + 1).map(|x| at(x, y)).min().unwrap_or(255);
            at(x - beside, y).min(at(x + beside, y)) - dark > 25
        })
    };
    let found = (beside..width.saturating_sub(beside)).filter(crossed);
    found.map(|x| (x as f32 + 0.5) / width as f32).collect()
}

/// The words of a line: parted at spaces, wide gaps and rulings, each with the line's score.
#[must_use]
pub fn words(glyphs: &[Glyph], rulings: &[f32], quad: &Quad, engine: &'static str) -> Vec<Word> {
    let score = mean_score(glyphs);
    let em = full_width(glyphs, quad);
    let mut words = Vec::new();
    for stretch in glyphs.split(|glyph| glyph.text.trim().is_empty()) {
        let parts = stretch.chunk_by(|a, b| {
            let (wa, wb) = (em * width(a) / 2.0, em * width(b) / 2.0);
            let ruled = |at: &f32| *at > a.middle + 0.6 * wa && *at < b.middle - 0.6 * wb;
            quad.is_tall() || (b.middle - a.middle - wa - wb <= GAP * em && !rulings.iter().any(ruled))
        });
        words.extend(parts.filter(|part| !part.is_empty()).map(|part| {
            let text: String = part.iter().map(|glyph| glyph.text.as_str()).collect();
            place(part, text, em, quad, Origin::Recognized { engine, score, flaws: Flaws::default() })
        }));
    }
    words
}

/// How much of a full width the glyph takes.
fn width(glyph: &Glyph) -> f32 {
    if glyph.text.chars().all(|c| u32::from(c) < 0x2000) { 0.5 } else { 1.0 }
}

/// The usual distance of two full-width characters, as a share of the line's length.
fn full_width(glyphs: &[Glyph], quad: &Quad) -> f32 {
    let by_height = 0.75 * quad.height() / quad.width().max(1.0);
    let mut pitches: Vec<f32> = glyphs
        .windows(2)
        .filter(|pair| pair.iter().all(|glyph| !glyph.text.trim().is_empty()))
        .map(|pair| (pair[1].middle - pair[0].middle) * 2.0 / (width(&pair[0]) + width(&pair[1])))
        .collect();
    pitches.sort_by(f32::total_cmp);
    match pitches.get(pitches.len() / 2) {
        // Letters set far apart, as in titles, are one word; two alone prove nothing.
        Some(&median) if pitches.len() > 2 => median.clamp(0.5 * by_height, 3.0 * by_height),
        _ => by_height,
    }
}

fn place(part: &[Glyph], text: String, em: f32, quad: &Quad, origin: Origin) -> Word {
    if quad.is_tall() {
        return Word { text, bounds: quad.bounds(), edges: Vec::new(), origin };
    }
    let left = |i: usize| {
        let own = part[i].middle - em * width(&part[i]) / 2.0;
        let shared =
            i.checked_sub(1).map_or(0.0, |before| f32::midpoint(part[before].middle, part[i].middle));
        if i == 0 { own.max(0.0) } else { shared }
    };
    let last = part.len() - 1;
    let right = (part[last].middle + em * width(&part[last]) / 2.0).clamp(part[last].middle, 1.0);
    let mut shares: Vec<f32> = Vec::new();
    for (i, glyph) in part.iter().enumerate() {
        // The rare class of several characters spreads them evenly.
        let (from, to) = (left(i), if i == last { right } else { left(i + 1) });
        let count = glyph.text.chars().count().max(1);
        shares.extend((0..count).map(|k| from + (to - from) * k as f32 / count as f32));
    }
    shares.push(right);
    let bounds = quad.piece(shares[0], right).bounds();
    let mut edges: Vec<f64> = Vec::new();
    for share in shares {
        let x = f64::from(quad.at(share, 0.5).0);
        edges.push(edges.last().map_or(x, |before| before.max(x)));
    }
    Word { text, bounds, edges, origin }
}
