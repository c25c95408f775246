//! Pixels that are, or are not, something.

use std::ops::Range;

use crate::model::geometry::Rect;

/// A picture's pixels, row by row: whether each is what is asked for.
#[derive(Clone, Default)]
pub struct Mask {
    /// Pixels in a row.
    pub width: usize,
    /// Rows.
    pub height: usize,
    /// All of them.
    pub pixels: Vec<bool>,
}

/// Columns and rows of a mask, ends excluded.
type Span = (Range<usize>, Range<usize>);

impl Mask {
    pub(super) fn of(width: usize, height: usize, is: impl FnMut(usize) -> bool) -> Self {
        Self { width, height, pixels: (0..width * height).map(is).collect() }
    }

    /// The pixels inside a box.
    fn span(&self, bounds: &Rect) -> Span {
        let side = |at: f64, most: usize| (at.max(0.0).round() as usize).min(most);
        (
            side(bounds.left, self.width)..side(bounds.right, self.width),
            side(bounds.top, self.height)..side(bounds.bottom, self.height),
        )
    }

    /// How many there are inside a box.
    pub(super) fn count(&self, bounds: &Rect) -> usize {
        let (columns, rows) = self.span(bounds);
        rows.map(|y| {
            let row = y * self.width;
            self.pixels[row + columns.start..row + columns.end.max(columns.start)]
                .iter()
                .filter(|is| **is)
                .count()
        })
        .sum()
    }

    /// There are none inside a box any more.
    pub(super) fn clear(&mut self, bounds: &Rect) {
        let (columns, rows) = self.span(bounds);
        for y in rows {
            let row = y * self.width;
            self.pixels[row + columns.start..row + columns.end.max(columns.start)].fill(false);
        }
    }

    /// Its connected parts, each as the places of its pixels.
    pub(super) fn parts(&self) -> Vec<Vec<usize>> {
        let mut left = self.pixels.clone();
        let mut parts = Vec::new();
        for start in 0..left.len() {
            if !left[start] {
                continue;
            }
            left[start] = false;
            let (mut part, mut next) = (vec![start], 0);
            while let Some(&at) = part.get(next) {
                next += 1;
                for at in around((self.width, self.height), at, 1) {
                    if left[at] {
                        left[at] = false;
                        part.push(at);
                    }
                }
            }
            parts.push(part);
        }
        parts
    }
}

/// The places of a pixel and of all up to so many columns and rows away, in a picture of this width and height.
pub(super) fn around(
    (width, height): (usize, usize),
    at: usize,
    reach: usize,
) -> impl Iterator<Item = usize> {
    let (x, y) = (at % width, at / width);
    let columns = x.saturating_sub(reach)..(x + reach + 1).min(width);
    let rows = y.saturating_sub(reach)..(y + reach + 1).min(height);
    rows.flat_map(move |y| columns.clone().map(move |x| y * width + x))
}
