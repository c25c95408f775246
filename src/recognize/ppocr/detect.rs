//! Where text stands: the detector's input, and boxes from its map of probabilities.
//!
//! The map marks the shrunken middle of every line ("differentiable binarization", DB); a box grown
//! by its own thickness covers the line. For rectangles that needs no polygon clipping.

use std::collections::BTreeMap;

use super::quad::{Box2, Point, Quad};

/// The longest side of the picture the detector sees. 1280 costs 1.5 points on dense pages.
const LONGEST: f32 = 2000.0;
/// The shortest side is brought up to this.
const SHORTEST: f32 = 736.0;
/// Probability from which a pixel is text.
const PIXEL: f32 = 0.3;
/// Mean probability from which a box is text.
const BOX: f32 = 0.5;
/// How far a box is grown: this times its area over its outline.
const GROWTH: f32 = 1.6;

/// How much larger or smaller the detector sees a picture of this size.
#[must_use]
pub fn seen_scale(width: u32, height: u32) -> f32 {
    let (longest, shortest) = (width.max(height).max(1) as f32, width.min(height).max(1) as f32);
    // A strip is not blown up beyond what the longest side may have.
    (LONGEST / longest).min(1.0).max((SHORTEST / shortest).min(2.0 * LONGEST / longest))
}

/// The size the detector sees a picture or a part of one in, scaled: multiples of 32.
#[must_use]
pub fn seen_size(width: u32, height: u32, scale: f32) -> (u32, u32) {
    let side = |pixels: u32| ((pixels as f32 * scale / 32.0).round().max(1.0) as u32) * 32;
    (side(width), side(height))
}

/// Boxes round the text of a map of probabilities, in reading order.
///
/// `scale` brings the map's pixels to the picture's.
#[must_use]
pub fn boxes(map: &[f32], width: usize, height: usize, scale: Point) -> Vec<Quad> {
    if width == 0 || map.len() != width * height {
        return Vec::new();
    }
    let marked = marked(map, width, height);
    let mut seen = vec![false; map.len()];
    let mut found = Vec::new();
    for start in 0..map.len() {
        if marked[start] && !seen[start] {
            let outline = spread(&marked, &mut seen, width, height, start);
            found.extend(Box2::around(outline).and_then(|one| scored(map, width, height, one, scale)));
        }
    }
    in_reading_order(found)
}

/// Pixels of text, each spread to the right and down (a 2 by 2 dilation).
fn marked(map: &[f32], width: usize, height: usize) -> Vec<bool> {
    let mut marked = vec![false; map.len()];
    for (i, _) in map.iter().enumerate().filter(|(_, p)| **p > PIXEL) {
        let (right, below) = (i % width + 1 < width, i / width + 1 < height);
        marked[i] = true;
        if right {
            marked[i + 1] = true;
        }
        if below {
            marked[i + width] = true;
        }
        if right && below {
            marked[i + width + 1] = true;
        }
    }
    marked
}

/// The left and right ends of every row of the patch that `start` belongs to.
fn spread(marked: &[bool], seen: &mut [bool], width: usize, height: usize, start: usize) -> Vec<Point> {
    let mut rows: BTreeMap<usize, (usize, usize)> = BTreeMap::new();
    let mut open = vec![start];
    seen[start] = true;
    while let Some(i) = open.pop() {
        let (x, y) = (i % width, i / width);
        let row = rows.entry(y).or_insert((x, x));
        *row = (row.0.min(x), row.1.max(x));
        for ny in y.saturating_sub(1)..=(y + 1).min(height - 1) {
            for nx in x.saturating_sub(1)..=(x + 1).min(width - 1) {
                let next = ny * width + nx;
                if marked[next] && !seen[next] {
                    seen[next] = true;
                    open.push(next);
                }
            }
        }
    }
    rows.into_iter().flat_map(|(y, (a, b))| [(a as f32, y as f32), (b as f32, y as f32)]).collect()
}

/// The grown box, if it is large enough and the map is sure enough inside it.
fn scored(map: &[f32], width: usize, height: usize, found: Box2, scale: Point) -> Option<Quad> {
    let (long, short) = found.half;
    if long.min(short) * 2.0 < 3.0 {
        return None;
    }
    let reach = (
        long * found.along.0.abs() + short * found.along.1.abs(),
        long * found.along.1.abs() + short * found.along.0.abs(),
    );
    let span = |center: f32, reach: f32, end: usize| {
        ((center - reach).floor().max(0.0) as usize)..=((center + reach).ceil() as usize).min(end - 1)
    };
    let (mut sum, mut count) = (0.0_f64, 0_u32);
    for y in span(found.center.1, reach.1, height) {
        for x in span(found.center.0, reach.0, width) {
            if found.holds((x as f32, y as f32)) {
                sum += f64::from(map[y * width + x]);
                count += 1;
            }
        }
    }
    let score = (sum / f64::from(count.max(1))) as f32;
    let grown = found.grown(long * short * GROWTH / (long + short));
    (score >= BOX && grown.half.0.min(grown.half.1) * 2.0 >= 5.0).then(|| grown.quad(scale, score))
}

/// Rows from top to bottom, each from left to right.
fn in_reading_order(mut boxes: Vec<Quad>) -> Vec<Quad> {
    let top = |quad: &Quad| quad.corners[0].1;
    boxes.sort_by(|a, b| top(a).total_cmp(&top(b)));
    for row in boxes.chunk_by_mut(|a, b| top(b) - top(a) < 10.0) {
        row.sort_by(|a, b| a.corners[0].0.total_cmp(&b.corners[0].0));
    }
    boxes
}

/// The parts of `colour` lines that no `red` line covers: print that vanishes in the red channel.
///
/// A label in red with its value in black is one line in colour and only the value in the red
/// channel, so lines are compared piece by piece.
#[must_use]
pub fn only_in_colour(colour: &[Quad], red: &[Quad]) -> Vec<Quad> {
    let mut all = Vec::new();
    for line in colour {
        let least = 0.8 * line.height() / line.width().max(1.0);
        let mut covered: Vec<(f32, f32)> = red
            .iter()
            .filter_map(|other| {
                let shares = other.corners.map(|corner| line.shares(corner));
                let ends = |pick: fn(&Point) -> f32| {
                    shares.iter().map(pick).fold((f32::MAX, f32::MIN), |e, s| (e.0.min(s), e.1.max(s)))
                };
                let (along, across) = (ends(|s| s.0), ends(|s| s.1));
                let shared = across.1.min(1.0) - across.0.max(0.0);
                let beside = along.1 > 0.0 && along.0 < 1.0;
                (beside && shared > 0.4 * (across.1 - across.0).min(1.0)).then_some(along)
            })
            .collect();
        covered.sort_by(|a, b| a.0.total_cmp(&b.0));
        covered.push((1.0, 1.0));
        let mut from = 0.0_f32;
        for (start, end) in covered {
            if start - from >= least.min(0.9) {
                all.push(line.piece(from, start));
            }
            from = from.max(end);
        }
    }
    all
}
