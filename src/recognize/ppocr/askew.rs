//! How a page lies in its picture: askew, seen from the side, or bent.
//!
//! Lines of print are level and parallel on the page. In a picture of it they, and the upright strokes of
//! the characters, run to two vanishing points; both are found by fitting, and the page is laid flat by
//! the projection that sends them to infinity. The edges of the sheet need not be in the picture. Where lines
//! run the more aside the farther right they stand, the page is bent about an upright axis, as beside the
//! spine of a book: it is straightened first, column by column.

use image::RgbImage;

use super::quad::Quad;
use crate::{
    model::{
        geometry::{Homography, Rect},
        warp::{Bend, Onto, Warp},
    },
    recognize::{FlatPicture, solve::least_squares},
};

/// A line of this many heights says how it runs.
const LONG: f32 = 4.0;
/// Fewer lines than this say nothing about a projection.
const FEW: usize = 6;
/// Fewer than this say nothing at all.
const FEWEST: usize = 3;
/// How many of the longest lines are asked.
const MOST: usize = 120;
/// How many of them show how upright strokes run.
const ENOUGH: usize = 40;
/// How far a line may run from the fitted direction, as a slope, and count for it.
const NEAR: f64 = 0.012;
/// The same for upright strokes, of which a line of print has slanting ones too.
const NEAR_UPRIGHT: f64 = 0.035;
/// So large a share of the lines, and of the strokes, has to belong together.
const AGREEING: f64 = 0.5;
/// So much larger a share of the lines has to speak for a projection than for parallel lines.
const BETTER: f64 = 0.05;
/// A page this little askew is read as it is: over thirty heights of a line that is less than a tenth of one.
const LEVEL: f64 = 0.002;
/// How much the scale has to change from the middle to the edge for a page to be seen from the side.
const SIDEWAYS: f64 = 0.02;
/// The same where only upright strokes say so.
const SIDEWAYS_UPRIGHT: f64 = 0.03;
/// Nobody photographs a page as far from the side as this, as a change of scale.
const TOO_FAR: f64 = 0.45;
/// Nor does a page lie this far askew; watermarks do.
const TOO_ASKEW: f64 = 0.35;
/// Fewer lines than this say nothing about a bend.
const MANY: usize = 10;
/// So much of the picture's half lines have to stand apart, from left to right, to show a bend.
const APART: f64 = 0.5;
/// So much larger a share of the lines has to belong together once a page is straightened.
const STRAIGHTER: f64 = 0.15;
/// How often the bend is fitted anew, with less weight for what does not belong.
const ROUNDS: usize = 12;
/// How large a flat picture may be, in areas of the given one.
const LARGEST: f64 = 2.0;
/// How far the picture is kept beyond the outermost lines, as a share of their extent.
const MARGIN: f64 = 0.12;

/// A page that has to be laid flat.
#[derive(Clone, Copy, Debug)]
pub struct Askew {
    /// How it is laid flat.
    pub flat: FlatPicture,
    /// Whether it is only turned a little, so that its lines are where they were found.
    pub rigid: bool,
}

/// One direction seen in one place: how far it leads aside for every step along, both in halves of the
/// picture's longer side from its middle.
#[derive(Clone)]
struct Direction {
    place: (f64, f64),
    slope: f64,
    weight: f64,
}

/// A pencil of lines: the slope in the middle, and how fast it changes; see [`fitted`].
#[derive(Clone, Copy, Debug)]
struct Pencil {
    slope: f64,
    change: f64,
    /// The weight of the directions that belong to it, as a share of all.
    share: f64,
}

/// How the page lies whose lines these are; `None` where it lies well, or nothing says how it lies.
#[must_use]
pub fn askew(image: &RgbImage, lines: &[Quad]) -> Option<Askew> {
    let (width, height) = (f64::from(image.width()), f64::from(image.height()));
    let (half, middle) = (width.max(height) / 2.0, (width / 2.0, height / 2.0));
    let mut long: Vec<&Quad> = lines.iter().filter(|line| line.width() >= LONG * line.height()).collect();
    long.sort_by(|a, b| b.width().total_cmp(&a.width()));
    long.truncate(MOST);
    if long.len() < FEWEST {
        return None;
    }
    let place = |line: &Quad| {
        let (x, y) = line.at(0.5, 0.5);
        ((f64::from(x) - middle.0) / half, (f64::from(y) - middle.1) / half)
    };
    let level: Vec<Direction> = long
        .iter()
        .map(|line| {
            let ([a, b, ..], place) = (line.corners, place(line));
            let slope = f64::from((b.1 - a.1) / (b.0 - a.0).max(1.0));
            Direction { place, slope, weight: f64::from(line.width().min(30.0 * line.height())) }
        })
        .collect();
    let bend = bent(&level);
    let level = straightened(level, &bend);
    let across = fitted(&level, NEAR).filter(|across| across.share > AGREEING)?;
    let upright: Vec<Direction> = long
        .iter()
        .step_by(long.len().div_ceil(ENOUGH))
        .filter_map(|line| {
            let (x, y) = place(line);
            let y = y - bend.at(x);
            let (slope, weight) = strokes(image, line)?;
            // As a pencil of its own it is seen with the axes exchanged.
            Some(Direction { place: (y, x), slope, weight })
        })
        .collect();
    let as_usual = Pencil { slope: -across.slope, change: 0.0, share: 0.0 };
    let down = fitted(&upright, NEAR_UPRIGHT).filter(|down| down.share > AGREEING).unwrap_or(as_usual);
    if across.change.abs() + down.change.abs() > TOO_FAR || across.slope.abs() > TOO_ASKEW {
        return None;
    }
    let seen_sideways = across.change.abs() > SIDEWAYS && long.len() >= FEW
        || down.change.abs() > SIDEWAYS_UPRIGHT && upright.len() >= FEW;
    let onto = if seen_sideways {
        [[1.0, down.slope, 0.0], [across.slope, 1.0, 0.0], [across.change, down.change, 1.0]]
    } else if across.slope.abs() > LEVEL || bend != Bend::default() {
        [[1.0, -across.slope, 0.0], [across.slope, 1.0, 0.0], [0.0, 0.0, 1.0]]
    } else {
        return None;
    };
    let onto = Warp { seen: Homography(onto), bend }.rescaled((half, half), (half, half)).moved(middle);
    let back = onto.back()?;
    let all = back.bounds(&Rect::new(0.0, 0.0, width, height));
    // Seen from the side, what lies around the page grows without bounds.
    let kept = if seen_sideways {
        let said = Rect::around(&lines.iter().map(|line| back.bounds(&line.bounds())).collect::<Vec<_>>())?;
        let said = said.grown(MARGIN * said.width().max(said.height()));
        Rect::new(
            all.left.max(said.left),
            all.top.max(said.top),
            all.right.min(said.right),
            all.bottom.min(said.bottom),
        )
    } else {
        all
    };
    let (wide, high) = (kept.width(), kept.height());
    let is_sane = wide >= 1.0 && high >= 1.0 && wide * high <= LARGEST * width * height;
    is_sane.then(|| Askew {
        flat: FlatPicture {
            onto: onto.cut((kept.left, kept.top)),
            size: (wide.ceil() as u32, high.ceil() as u32),
        },
        rigid: !seen_sideways && bend == Bend::default(),
    })
}

/// How the page is bent, in halves of the picture's longer side from its middle.
///
/// Where a page falls by a u² + b u³ towards a column u, its lines run aside by 2 a u + 3 b u² there, besides
/// what their pencil says. All four numbers are fitted at once, those lines counting less that miss by more.
fn bent(seen: &[Direction]) -> Bend {
    let none = Bend::default();
    let apart = |ends: (f64, f64), one: &Direction| (ends.0.min(one.place.0), ends.1.max(one.place.0));
    let (first, last) = seen.iter().fold((f64::MAX, f64::MIN), apart);
    if seen.len() < MANY || last - first < APART {
        return none;
    }
    let terms = |one: &Direction| {
        let (u, v) = one.place;
        [1.0, one.slope * u - v, 2.0 * u, 3.0 * u * u]
    };
    let mut solved = [0.0; 4];
    for round in 0..ROUNDS {
        let rows = seen.iter().map(|one| {
            let terms = terms(one);
            let miss = one.slope - terms.iter().zip(&solved).map(|(a, b)| a * b).sum::<f64>();
            let trust = if round == 0 { 1.0 } else { 1.0 / (1.0 + (miss / NEAR).powi(2)) };
            (terms, one.slope, one.weight * trust)
        });
        match least_squares(rows) {
            Some(found) => solved = found,
            None => return none,
        }
    }
    let bend = Bend { middle: 0.0, reach: 1.0, fall: [solved[2], solved[3]] };
    let share = |seen: &[Direction]| fitted(seen, NEAR).map_or(0.0, |pencil| pencil.share);
    let better = share(&straightened(seen.to_vec(), &bend)) > share(seen) + STRAIGHTER;
    if better { bend } else { none }
}

/// How lines would run if the page were not bent.
fn straightened(seen: Vec<Direction>, bend: &Bend) -> Vec<Direction> {
    let straight = |one: Direction| {
        let ((u, v), [square, cube]) = (one.place, bend.fall);
        let slope = one.slope - 2.0 * square * u - 3.0 * cube * u * u;
        Direction { place: (u, v - bend.at(u)), slope, ..one }
    };
    seen.into_iter().map(straight).collect()
}

/// The pencil that most directions belong to.
///
/// Lines through the vanishing point (1, s, c) have the slope (s - c y) / (1 - c x) at (x, y), so that
/// slope = s + c (slope x - y): linear in what is looked for. Every two directions propose a pencil.
fn fitted(seen: &[Direction], near: f64) -> Option<Pencil> {
    let term = |one: &Direction| one.slope * one.place.0 - one.place.1;
    let miss = |pencil: &Pencil, one: &Direction| one.slope - pencil.slope - pencil.change * term(one);
    let whole: f64 = seen.iter().map(|one| one.weight).sum();
    let rated = |slope: f64, change: f64| {
        let mut pencil = Pencil { slope, change, share: 0.0 };
        let belongs = |one: &&Direction| miss(&pencil, one).abs() < near;
        pencil.share = seen.iter().filter(belongs).map(|one| one.weight).sum::<f64>() / whole;
        pencil
    };
    // Parallel lines first: a projection has to explain more than they do.
    let parallel = seen.iter().map(|one| rated(one.slope, 0.0));
    let best = parallel.max_by(|a, b| a.share.total_cmp(&b.share))?;
    let pairs =
        seen.iter().enumerate().flat_map(|(at, one)| seen[at + 1..].iter().map(move |two| (one, two)));
    let projected = pairs.filter_map(|(one, two)| {
        let apart = term(one) - term(two);
        if apart.abs() < 0.2 {
            return None;
        }
        let change = (one.slope - two.slope) / apart;
        Some(rated(one.slope - change * term(one), change))
    });
    let projected = projected.max_by(|a, b| a.share.total_cmp(&b.share));
    let projected = projected.filter(|projected| projected.share > best.share + BETTER);
    let (best, parallel) = projected.map_or((best, true), |projected| (projected, false));
    // Once more by least squares over those that belong to it.
    let own: Vec<&Direction> = seen.iter().filter(|one| miss(&best, one).abs() < near).collect();
    let sum = |of: &dyn Fn(&Direction) -> f64| own.iter().map(|one| one.weight * of(one)).sum::<f64>();
    let (n, t, tt) = (sum(&|_| 1.0), sum(&term), sum(&|one| term(one).powi(2)));
    let (m, tm) = (sum(&|one| one.slope), sum(&|one| term(one) * one.slope));
    let spread = n * tt - t * t;
    if parallel || own.len() < FEW || spread < 1e-3 * n * n {
        return Some(Pencil { slope: m / n.max(f64::MIN_POSITIVE), change: 0.0, share: best.share });
    }
    let (slope, change) = ((tt * m - t * tm) / spread, (n * tm - t * m) / spread);
    Some(Pencil { slope, change, share: best.share })
}

/// How many slopes of strokes are told apart, from -0.6 to 0.6.
const SLOPES: usize = 121;
/// How far strokes run aside at most.
const STEEPEST: f64 = 0.6;

/// How the upright strokes of a line run: their usual step aside for every step down, and how much
/// ink says so. Taken from the directions in which brightness changes most.
fn strokes(image: &RgbImage, line: &Quad) -> Option<(f64, f64)> {
    let bounds = line.bounds();
    let side = |at: f64, most: u32| (at.max(1.0) as u32).min(most.saturating_sub(2)) as usize;
    let (left, right) = (side(bounds.left, image.width()), side(bounds.right, image.width()));
    let (top, bottom) = (side(bounds.top, image.height()), side(bounds.bottom, image.height()));
    let (raw, stride) = (image.as_raw(), image.width() as usize);
    let value = |x: usize, y: usize| f64::from(raw[3 * (y * stride + x)]);
    let mut weights = [0.0; SLOPES];
    for y in (top.max(1)..bottom).step_by(2) {
        for x in left.max(1)..right {
            let (along, across) = line.shares((x as f32, y as f32));
            if !(0.0..=1.0).contains(&along) || !(0.0..=1.0).contains(&across) {
                continue;
            }
            // Scharr's weights: of small filters the one least drawn to the axes.
            let pair = |dx: usize, dy: usize| value(x + dx - 1, y + dy - 1);
            let right = 3.0 * (pair(2, 0) + pair(2, 2)) + 10.0 * pair(2, 1);
            let left = 3.0 * (pair(0, 0) + pair(0, 2)) + 10.0 * pair(0, 1);
            let below = 3.0 * (pair(0, 2) + pair(2, 2)) + 10.0 * pair(1, 2);
            let above = 3.0 * (pair(0, 0) + pair(2, 0)) + 10.0 * pair(1, 0);
            let (gx, gy) = ((right - left) / 32.0, (below - above) / 32.0);
            if gx.abs() < 8.0 || gy.abs() > STEEPEST * gx.abs() {
                continue;
            }
            let bin = ((-gy / gx + STEEPEST) / (2.0 * STEEPEST) * (SLOPES - 1) as f64).round() as usize;
            weights[bin.min(SLOPES - 1)] += gx * gx;
        }
    }
    let window = |at: usize| at.saturating_sub(3)..(at + 4).min(SLOPES);
    let near = |at: usize| window(at).map(|bin| weights[bin]).sum::<f64>();
    let peak = (0..SLOPES).max_by(|&a, &b| near(a).total_cmp(&near(b)))?;
    let (own, whole) = (near(peak), weights.iter().sum::<f64>());
    let slope = |bin: usize| bin as f64 / (SLOPES - 1) as f64 * 2.0 * STEEPEST - STEEPEST;
    let mean = window(peak).map(|bin| weights[bin] * slope(bin)).sum::<f64>() / own;
    (own > 0.25 * whole && own > 0.0).then(|| (mean, own.sqrt()))
}
