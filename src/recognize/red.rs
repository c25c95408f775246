//! Where a picture is red: seals, and print that pales in the red channel.

use image::{Rgb, RgbImage};

/// Side of the squares that are looked at as a whole, in pixels: about a line of print.
const SQUARE: u32 = 32;
/// How much more red than green or blue a pixel has to be.
const REDNESS: i32 = 40;
/// How many of a square's samples have to be red: a stroke of a character. It takes 256 samples.
const STROKE: usize = 8;
/// From this share of the picture on, parts are not worth telling apart.
const MOST: f64 = 0.6;

/// A part of a picture: left, top, right, bottom, in pixels.
pub(super) type Part = [u32; 4];

/// The red parts of a picture, each with a margin of a square; parts that touch are one.
pub(super) fn parts(image: &RgbImage) -> Vec<Part> {
    let (columns, rows) = (image.width().div_ceil(SQUARE), image.height().div_ceil(SQUARE));
    let mut parts: Vec<Part> = Vec::new();
    for row in 0..rows {
        for column in (0..columns).filter(|&column| is_red(image, column, row)) {
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
        [left, top, right.min(image.width()), bottom.min(image.height())]
    };
    let area = |[left, top, right, bottom]: &Part| f64::from(right - left) * f64::from(bottom - top);
    let whole = [0, 0, image.width(), image.height()];
    let mut parts: Vec<Part> = parts.into_iter().map(pixels).collect();
    parts.sort_unstable_by_key(|&[left, top, ..]| (top, left));
    if parts.iter().map(area).sum::<f64>() > MOST * area(&whole) { vec![whole] } else { parts }
}

/// Counted on every other pixel of every other row.
fn is_red(image: &RgbImage, column: u32, row: u32) -> bool {
    let (left, top) = (column * SQUARE, row * SQUARE);
    let (right, bottom) = ((left + SQUARE).min(image.width()), (top + SQUARE).min(image.height()));
    let red = |&(x, y): &(u32, u32)| {
        let Rgb([r, g, b]) = *image.get_pixel(x, y);
        i32::from(r) - i32::from(g.max(b)) > REDNESS
    };
    let samples = (top..bottom).step_by(2).flat_map(|y| (left..right).step_by(2).map(move |x| (x, y)));
    samples.filter(red).take(STROKE).count() == STROKE
}

fn touch(a: &Part, b: &Part) -> bool {
    a[0] <= b[2] && b[0] <= a[2] && a[1] <= b[3] && b[1] <= a[3]
}

fn around(a: &Part, b: &Part) -> Part {
    [a[0].min(b[0]), a[1].min(b[1]), a[2].max(b[2]), a[3].max(b[3])]
}
