//! Seals' rings, round or oval, and the writing inside them unrolled into a line.

use image::{Rgb, RgbImage};

use super::{inked, mask::Mask, prepare::sample, seal};
use crate::model::geometry::Rect;

/// How many rings are looked for on a page.
const MOST: usize = 8;
/// And how often in one place, with four points of its ink each time.
const TRIES: usize = 6000;
/// So many pixels of a place's ink are looked at.
const POINTS: usize = 3000;
/// So many of them at first, and how large a share of them has to lie on a ring to look at all.
const FEW: usize = 250;
const PROMISING: f64 = 0.06;
/// A ring is this wide and high at least, in pixels.
const SMALLEST: f64 = 60.0;
/// How much longer than wide an oval seal is at most.
const OVAL: f64 = 2.0;
/// How far from a ring its ink lies, as a share of the way to its middle.
const THICK: f64 = 0.03;
/// Into how many parts a ring is cut, and how many of them have ink.
const PARTS: usize = 90;
const CLOSED: usize = 70;
/// Two rings have one middle where they are this near, as a share of their reach.
const SAME: f64 = 0.1;
/// Between which shares of the way from its middle to a ring its writing stands.
const WRITING: std::ops::Range<f64> = 0.57..0.97;

/// A ring: its middle, and how far it reaches to the sides and up and down, in pixels.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Ring {
    /// Its middle.
    pub middle: (f64, f64),
    /// Half its width and half its height.
    pub reach: (f64, f64),
}

impl Ring {
    /// The box round it.
    #[must_use]
    pub fn bounds(&self) -> Rect {
        let ((x, y), (across, down)) = (self.middle, self.reach);
        Rect::new(x - across, y - down, x + across, y + down)
    }

    /// Where a point lies from the middle, in reaches.
    fn off_middle(&self, (x, y): (f64, f64)) -> (f64, f64) {
        ((x - self.middle.0) / self.reach.0, (y - self.middle.1) / self.reach.1)
    }

    /// How far a point is from the middle: 1 on the ring.
    fn far(&self, point: (f64, f64)) -> f64 {
        let (across, down) = self.off_middle(point);
        (across * across + down * down).sqrt()
    }

    /// Whether a point lies on the ring. Asked of millions, so that what is the same for all is worked out once.
    fn belt(&self) -> impl Fn(&(f64, f64)) -> bool {
        let thick = THICK.max(1.2 / self.reach.0.min(self.reach.1));
        let (least, most) = ((1.0 - thick).powi(2), (1.0 + thick).powi(2));
        let ((x, y), (across, down)) = (self.middle, (1.0 / self.reach.0, 1.0 / self.reach.1));
        move |point| {
            let far = ((point.0 - x) * across).powi(2) + ((point.1 - y) * down).powi(2);
            least < far && far < most
        }
    }

    /// In which of the ring's parts a point lies.
    fn part(&self, point: (f64, f64)) -> usize {
        let (across, down) = self.off_middle(point);
        let turn = down.atan2(across) / std::f64::consts::TAU + 0.5;
        ((turn * PARTS as f64) as usize).min(PARTS - 1)
    }

    /// Whether the two have about one middle.
    fn is_about(&self, other: &Self) -> bool {
        self.far(other.middle) < SAME
    }

    /// How many parts of it have ink.
    fn closed(&self, points: &[(f64, f64)]) -> usize {
        let mut inked = [false; PARTS];
        let is_on = self.belt();
        for point in points.iter().filter(|point| is_on(point)) {
            inked[self.part(*point)] = true;
        }
        inked.iter().filter(|is| **is).count()
    }

    /// The ring through four points: a x² + y² + b x + c y + d = 0.
    fn through(points: [(f64, f64); 4]) -> Option<Self> {
        // From a point among them, so that squares stay small.
        let origin = points[0];
        let rows = points.map(|(x, y)| {
            let (x, y) = (x - origin.0, y - origin.1);
            ([x * x, x, y, 1.0], -y * y, 1.0)
        });
        let [a, b, c, d] = super::solve::least_squares(rows.into_iter())?;
        let (x, y) = (-b / (2.0 * a), -c / 2.0);
        let square = a * x * x + y * y - d;
        if a <= 0.0 || square <= 0.0 {
            return None;
        }
        let reach = ((square / a).sqrt(), square.sqrt());
        let is_seal = reach.0.max(reach.1) <= OVAL * reach.0.min(reach.1)
            && 2.0 * reach.0.min(reach.1) >= SMALLEST
            && reach.0.is_finite();
        is_seal.then_some(Self { middle: (x + origin.0, y + origin.1), reach })
    }
}

/// The rings in a seal's ink, from top to bottom. The same for the same ink.
#[must_use]
pub fn rings(ink: &Mask) -> Vec<Ring> {
    let mut found: Vec<Ring> = Vec::new();
    for [left, top, right, bottom] in inked::parts(ink) {
        let places = (top..bottom).flat_map(|y| (left..right).map(move |x| (x, y)));
        let is_ink = |&(x, y): &(u32, u32)| ink.pixels[y as usize * ink.width + x as usize];
        let all: Vec<(f64, f64)> = places.filter(is_ink).map(|(x, y)| (f64::from(x), f64::from(y))).collect();
        let mut points: Vec<(f64, f64)> =
            all.iter().copied().step_by(all.len().div_ceil(POINTS).max(1)).collect();
        let inside = Rect::new(f64::from(left), f64::from(top), f64::from(right), f64::from(bottom));
        while found.len() < MOST
            && let Some(ring) = best(&points, &inside)
        {
            // Where seals overlap, each ring is whole.
            points.retain(|point| (ring.far(*point) - 1.0).abs() > 2.0 * THICK);
            // A ring inside a ring is the same seal's.
            if !found.iter().any(|other| other.is_about(&ring)) {
                found.push(ring);
            }
        }
    }
    found.sort_by(|a, b| a.middle.1.total_cmp(&b.middle.1));
    found
}

/// The ring that most of the ink speaks for.
fn best(points: &[(f64, f64)], inside: &Rect) -> Option<Ring> {
    if points.len() < PARTS {
        return None;
    }
    // A linear congruential generator (Knuth's factors): chance that is the same every time.
    let mut state = 1_u64;
    let mut any = || {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        points[(state >> 33) as usize % points.len()]
    };
    let tried = (0..TRIES).filter_map(|_| Ring::through([any(), any(), any(), any()]));
    let near = inside.grown(0.1 * inside.width().max(inside.height()));
    let few: Vec<(f64, f64)> = points.iter().copied().step_by(points.len().div_ceil(FEW)).collect();
    let holds_many = |ring: &Ring| {
        let is_on = ring.belt();
        few.iter().filter(|point| is_on(point)).count() as f64 > PROMISING * few.len() as f64
    };
    let is_promising = |ring: &Ring| near.holds(&ring.bounds()) && holds_many(ring);
    let rated = tried.filter(is_promising).map(|ring| (ring.closed(points), ring));
    let (closed, ring) = rated.max_by_key(|(closed, _)| *closed)?;
    (closed >= CLOSED).then_some(ring)
}

/// The writing inside a ring as a line: from the bottom round by the left, the top and the right. Only what is
/// red is seen on a coloured picture, whatever is printed under it.
#[must_use]
pub fn unrolled(image: &RgbImage, ring: &Ring, height: u32) -> RgbImage {
    let is_grey = seal::is_grey(image);
    let mean = f64::midpoint(ring.reach.0, ring.reach.1);
    let around = std::f64::consts::TAU * mean * f64::midpoint(WRITING.start, WRITING.end);
    let width = (around / ((WRITING.end - WRITING.start) * mean) * f64::from(height)).round() as u32;
    RgbImage::from_fn(width.max(1), height, |x, y| {
        let turn =
            std::f64::consts::TAU * (f64::from(x) + 0.5) / f64::from(width) + std::f64::consts::FRAC_PI_2;
        let down = (f64::from(y) + 0.5) / f64::from(height);
        let far = WRITING.end - down * (WRITING.end - WRITING.start);
        let across = ring.middle.0 + far * ring.reach.0 * turn.cos();
        let along = ring.middle.1 + far * ring.reach.1 * turn.sin();
        let [r, g, b] = sample(image, across as f32, along as f32);
        let shade = if is_grey { r } else { 255.0 - 2.0 * (r - g.max(b)) };
        Rgb([shade.clamp(0.0, 255.0) as u8; 3])
    })
}
