//! The parts of a picture with a seal's ink: seals, and print that pales where they are taken away.

use super::mask::Mask;

/// Side of the squares that are looked at as a whole, in pixels: about a line of print.
const SQUARE: u32 = 32;
/// How many of a square's samples have to be ink: a stroke of a character. It takes 256 samples.
const STROKE: usize = 8;
/// From this share of the picture on, parts are not worth telling apart.
const MOST: f64 = 0.6;

/// A part of a picture: left, top, right, bottom, in pixels.
pub(super) type Part = [u32; 4];

/// The parts of a picture with ink, each with a margin of a square; parts that touch are one.
pub(super) fn parts(ink: &Mask) -> Vec<Part> {
    let (width, height) = (ink.width as u32, ink.height as u32);
    let (columns, rows) = (width.div_ceil(SQUARE), height.div_ceil(SQUARE));
    let mut parts: Vec<Part> = Vec::new();
    for row in 0..rows {
        for column in (0..columns).filter(|&column| has_ink(ink, column, row)) {
            let mut part = [column.saturating_sub(1), row.saturating_sub(1), column + 2, row + 2];
            // A part that grew may touch others that it did not touch before.
            while let Some(at) = parts.iter().position(|other| touch(&part, other)) {
                part = around(&part, &parts.swap_remove(at));
            }
            parts.push(part);
        }
    }
    let pixels = |part: Part| {
        let [left, top, right, bottom] = part.map(|squares| squares * SQUARE);
        [left, top, right.min(width), bottom.min(height)]
    };
    let area = |[left, top, right, bottom]: &Part| f64::from(right - left) * f64::from(bottom - top);
    let whole = [0, 0, width, height];
    let mut parts: Vec<Part> = parts.into_iter().map(pixels).collect();
    parts.sort_unstable_by_key(|&[left, top, ..]| (top, left));
    if parts.iter().map(area).sum::<f64>() > MOST * area(&whole) { vec![whole] } else { parts }
}

/// Counted on every other pixel of every other row.
fn has_ink(ink: &Mask, column: u32, row: u32) -> bool {
    let from = |at: u32, most: usize| (at * SQUARE) as usize..(((at + 1) * SQUARE) as usize).min(most);
    let (columns, rows) = (from(column, ink.width), from(row, ink.height));
    let samples = rows.step_by(2).flat_map(|y| columns.clone().step_by(2).map(move |x| y * ink.width + x));
    samples.filter(|at| ink.pixels[*at]).take(STROKE).count() == STROKE
}

fn touch(a: &Part, b: &Part) -> bool {
    a[0] <= b[2] && b[0] <= a[2] && a[1] <= b[3] && b[1] <= a[3]
}

fn around(a: &Part, b: &Part) -> Part {
    [a[0].min(b[0]), a[1].min(b[1]), a[2].max(b[2]), a[3].max(b[3])]
}
