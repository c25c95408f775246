//! What makes figures less sure than their score says: ink over them, ink beside them that nobody read,
//! and characters that may have been overlooked between others.
//!
//! A line that a seal cuts can lose its leading digits and still be read with a score of one. Its digits
//! stay on the page: they are ink that no word accounts for.

use image::RgbImage;

use super::{mask::Mask, seal::Seals};
use crate::model::{
    geometry::Rect,
    page::{Flaws, Origin, Word},
};

/// How much darker than its surroundings a pixel of print is, as a share.
const DARKER: f64 = 0.25;
/// Half the side of those surroundings, as a share of the picture's longer side.
const AROUND: f64 = 0.02;
/// A seal lies on a word where this share of its box is ink.
const SEALED: f64 = 0.01;
/// So little of a word's box is print where only a seal's ink says something.
const BLANK: f64 = 0.03;
/// From this many heights of a line on, a straight run of ink is a ruling.
const RULING: f64 = 2.5;
/// How far beside a word ink belongs to it if it belongs to nobody, in heights.
const BESIDE: f64 = 0.55;
/// How far above and below.
const ABOVE: f64 = 0.08;
/// So much ink, in squares of a word's height, is no noise.
const SPECK: f64 = 0.008;
/// How many times its usual width a figure takes beside one that is missing.
const UNEVEN: f64 = 1.4;

/// A line whose box is lower than so many pixels is enlarged by half for the reader, which then sees strokes that
/// run into each other.
const SMALL: f64 = 32.0;

/// Marks the figures among the words of an upright page, and what its seals say; boxes are in pixels.
pub fn mark(Seals { ink: seal, without }: &Seals, words: &mut [Word]) {
    let has_figures = |word: &Word| word.text.bytes().any(|byte| byte.is_ascii_digit());
    if words.is_empty() {
        return;
    }
    let mut heights: Vec<f64> = words.iter().map(|word| word.bounds.height()).collect();
    heights.sort_by(f64::total_cmp);
    let usual = heights[heights.len() / 2];
    let mut ink = printed(without);
    remove_rulings(&mut ink, (RULING * usual).max(24.0) as usize);
    let area = |bounds: &Rect| bounds.width() * bounds.height();
    let is_sealed = |bounds: &Rect| seal.count(bounds) as f64 > SEALED * area(bounds);
    // What is dark and a seal's is a seal pressed hard.
    let black = Mask::of(ink.width, ink.height, |at| ink.pixels[at] && !seal.pixels[at]);
    let is_blank = |bounds: &Rect| (black.count(bounds) as f64) < BLANK * area(bounds);
    let of_seal: Vec<bool> =
        words.iter().map(|word| is_sealed(&word.bounds) && is_blank(&word.bounds)).collect();
    for word in words.iter() {
        ink.clear(&word.bounds);
    }
    for (word, of_seal) in words.iter_mut().zip(of_seal) {
        let figures = has_figures(word);
        let found = Flaws {
            sealed: figures && is_sealed(&word.bounds),
            touched: figures && is_touched(&ink, &word.bounds),
            uneven: figures && is_uneven(word),
            of_seal,
            small: word.bounds.height() < SMALL,
        };
        if let Origin::Recognized { flaws, .. } = &mut word.origin {
            *flaws = found;
        }
    }
}

/// Where a picture is darker than its surroundings (Bradley and Roth's adaptive threshold).
fn printed(image: &RgbImage) -> Mask {
    let (width, height) = (image.width() as usize, image.height() as usize);
    let value = |at: usize| u64::from(image.as_raw()[3 * at]);
    // Sums of all pixels above and to the left.
    let mut sums = vec![0_u64; (width + 1) * (height + 1)];
    for y in 0..height {
        let mut row = 0;
        for x in 0..width {
            row += value(y * width + x);
            sums[(y + 1) * (width + 1) + x + 1] = sums[y * (width + 1) + x + 1] + row;
        }
    }
    let reach = ((width.max(height) as f64 * AROUND) as usize).max(8);
    Mask::of(width, height, |at| {
        let (x, y) = (at % width, at / width);
        let (left, right) = (x.saturating_sub(reach), (x + reach + 1).min(width));
        let (top, bottom) = (y.saturating_sub(reach), (y + reach + 1).min(height));
        let corner = |x: usize, y: usize| sums[y * (width + 1) + x];
        let sum = corner(right, bottom) + corner(left, top) - corner(left, bottom) - corner(right, top);
        let mean = sum as f64 / ((right - left) * (bottom - top)) as f64;
        (value(at) as f64) < (1.0 - DARKER) * mean
    })
}

/// Takes straight runs of ink, level or upright, out of the mask. A page a little askew moves a ruling
/// by a pixel now and then, so a run goes on beside itself.
fn remove_rulings(ink: &mut Mask, least: usize) {
    let (width, height) = (ink.width, ink.height);
    let mut rulings = vec![false; ink.pixels.len()];
    let level = |line: usize, at: usize| line * width + at;
    let upright = |line: usize, at: usize| at * width + line;
    for (lines, length, place) in
        [(height, width, &level as &dyn Fn(usize, usize) -> usize), (width, height, &upright)]
    {
        for line in 0..lines {
            let beside = line.saturating_sub(1)..(line + 2).min(lines);
            let mut from = None;
            for at in 0..=length {
                let is_ink = at < length && beside.clone().any(|other| ink.pixels[place(other, at)]);
                match (is_ink, from) {
                    (true, None) => from = Some(at),
                    (false, Some(start)) => {
                        if at - start >= least {
                            for (other, at) in
                                beside.clone().flat_map(|other| (start..at).map(move |at| (other, at)))
                            {
                                rulings[place(other, at)] = true;
                            }
                        }
                        from = None;
                    }
                    _ => {}
                }
            }
        }
    }
    for (is_ink, is_ruling) in ink.pixels.iter_mut().zip(rulings) {
        *is_ink &= !is_ruling;
    }
}

/// Whether ink that is no word's lies round a word.
fn is_touched(ink: &Mask, bounds: &Rect) -> bool {
    let (beside, above) = (BESIDE * bounds.height(), (ABOVE * bounds.height()).max(2.0));
    let Rect { left, top, right, bottom } = *bounds;
    let edges = [
        Rect::new(left - beside, top, left, bottom),
        Rect::new(right, top, right + beside, bottom),
        Rect::new(left, top - above, right, top),
        Rect::new(left, bottom, right, bottom + above),
    ];
    let least = (SPECK * bounds.height() * bounds.height()).max(4.0);
    edges.iter().any(|edge| ink.count(edge) as f64 > least)
}

/// Whether figures stand farther from each other than figures do.
fn is_uneven(word: &Word) -> bool {
    let characters: Vec<char> = word.text.chars().collect();
    if word.edges.len() != characters.len() + 1 {
        return false;
    }
    let is_figure = |at: usize| characters.get(at).is_some_and(char::is_ascii_digit);
    let width = |at: usize| word.edges[at + 1] - word.edges[at];
    // The first and the last reach to the end of the box, and beside 年 or a letter the distance is its own.
    let is_amounts = |at: usize| characters.get(at).is_some_and(|c| c.is_ascii_digit() || ",.".contains(*c));
    let inner = || (1..characters.len().saturating_sub(1)).filter(|&at| (at - 1..=at + 1).all(is_amounts));
    let mut figures: Vec<f64> = inner().filter(|&at| is_figure(at)).map(width).collect();
    figures.sort_by(f64::total_cmp);
    let usual = figures.get(figures.len() / 2).copied().unwrap_or_default();
    // Edges lie midway between characters, so that one that is missing widens both its neighbours by half.
    figures.len() > 2 && inner().any(|at| width(at) > UNEVEN * usual)
}
