//! Rectangles that need not stand level, and the smallest one round a cloud of points.

use crate::model::{geometry::Rect, warp::Onto};

/// A point of a picture, in pixels.
pub type Point = (f32, f32);

/// A rectangle with its own direction of reading.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Quad {
    /// Left top, right top, right bottom, left bottom, as seen along the line.
    pub corners: [Point; 4],
    /// How sure the detector is that there is text, 0 to 1.
    pub score: f32,
}

impl Quad {
    /// A level one.
    #[must_use]
    pub fn level(rect: &Rect) -> Self {
        let [l, t, r, b] = [rect.left, rect.top, rect.right, rect.bottom].map(|edge| edge as f32);
        Self { corners: [(l, t), (r, t), (r, b), (l, b)], score: 1.0 }
    }

    /// Extent along the line.
    #[must_use]
    pub fn width(&self) -> f32 {
        distance(self.corners[0], self.corners[1])
    }

    /// Extent across the line.
    #[must_use]
    pub fn height(&self) -> f32 {
        distance(self.corners[0], self.corners[3])
    }

    /// Whether the line stands on its end.
    #[must_use]
    pub fn is_tall(&self) -> bool {
        self.height() >= 1.5 * self.width()
    }

    /// The point at these shares of the way along and across the line.
    #[must_use]
    pub fn at(&self, along: f32, across: f32) -> Point {
        let [a, b, _, d] = self.corners;
        (a.0 + (b.0 - a.0) * along + (d.0 - a.0) * across, a.1 + (b.1 - a.1) * along + (d.1 - a.1) * across)
    }

    /// The piece between two shares of the way along the line.
    #[must_use]
    pub fn piece(&self, from: f32, to: f32) -> Self {
        let corners = [self.at(from, 0.0), self.at(to, 0.0), self.at(to, 1.0), self.at(from, 1.0)];
        Self { corners, score: self.score }
    }

    /// The same somewhere else.
    #[must_use]
    pub fn moved(&self, by: Point) -> Self {
        Self { corners: self.corners.map(|(x, y)| (x + by.0, y + by.1)), score: self.score }
    }

    /// The same on a picture that was laid flat.
    #[must_use]
    pub fn mapped(&self, by: &impl Onto) -> Self {
        let corners = self.corners.map(|(x, y)| by.point((f64::from(x), f64::from(y))));
        Self { corners: corners.map(|(x, y)| (x as f32, y as f32)), score: self.score }
    }

    /// Where a point lies: the shares of the way along and across, as [`Quad::at`] takes them.
    #[must_use]
    pub fn shares(&self, point: Point) -> Point {
        let [a, b, _, d] = self.corners;
        let share = |to: Point| {
            let (x, y) = (to.0 - a.0, to.1 - a.1);
            let length = (x * x + y * y).max(f32::MIN_POSITIVE);
            ((point.0 - a.0) * x + (point.1 - a.1) * y) / length
        };
        (share(b), share(d))
    }

    /// The level box round it.
    #[must_use]
    pub fn bounds(&self) -> Rect {
        let [a, b, c, d] = self.corners.map(|(x, y)| (f64::from(x), f64::from(y)));
        Rect::new(
            a.0.min(b.0).min(c.0).min(d.0),
            a.1.min(b.1).min(c.1).min(d.1),
            a.0.max(b.0).max(c.0).max(d.0),
            a.1.max(b.1).max(c.1).max(d.1),
        )
    }
}

fn distance(a: Point, b: Point) -> f32 {
    (a.0 - b.0).hypot(a.1 - b.1)
}

/// A rectangle as centre, unit vector along, and half extents along and across.
#[derive(Clone, Copy, Debug)]
pub(super) struct Box2 {
    pub(super) center: Point,
    pub(super) along: Point,
    pub(super) half: Point,
}

impl Box2 {
    /// The smallest rectangle round the points; `None` where they span no area.
    pub(super) fn around(points: Vec<Point>) -> Option<Self> {
        let hull = hull(points);
        let mut best: Option<(f32, Self)> = None;
        for (i, a) in hull.iter().enumerate() {
            let b = hull[(i + 1) % hull.len()];
            let length = distance(*a, b);
            if hull.len() < 3 || length < 1e-6 {
                continue;
            }
            let along = ((b.0 - a.0) / length, (b.1 - a.1) / length);
            let (mut s, mut t) = ((f32::MAX, f32::MIN), (f32::MAX, f32::MIN));
            for p in &hull {
                let (x, y) = (p.0 * along.0 + p.1 * along.1, p.1 * along.0 - p.0 * along.1);
                s = (s.0.min(x), s.1.max(x));
                t = (t.0.min(y), t.1.max(y));
            }
            let area = (s.1 - s.0) * (t.1 - t.0);
            if best.is_none_or(|(least, _)| area < least) {
                let (x, y) = (f32::midpoint(s.0, s.1), f32::midpoint(t.0, t.1));
                let center = (x * along.0 - y * along.1, x * along.1 + y * along.0);
                best = Some((area, Self { center, along, half: ((s.1 - s.0) / 2.0, (t.1 - t.0) / 2.0) }));
            }
        }
        best.map(|(_, found)| found)
    }

    /// The same rectangle, every edge moved outwards.
    pub(super) fn grown(self, by: f32) -> Self {
        Self { half: (self.half.0 + by, self.half.1 + by), ..self }
    }

    /// Whether the point lies inside or within half a pixel.
    pub(super) fn holds(&self, (x, y): Point) -> bool {
        let (dx, dy) = (x - self.center.0, y - self.center.1);
        (dx * self.along.0 + dy * self.along.1).abs() <= self.half.0 + 0.5
            && (dy * self.along.0 - dx * self.along.1).abs() <= self.half.1 + 0.5
    }

    /// The corners, scaled, in an order that makes the line run to the right.
    pub(super) fn quad(self, scale: Point, score: f32) -> Quad {
        let (mut along, mut half) = (self.along, self.half);
        if along.0.abs() < along.1.abs() {
            along = (along.1, -along.0);
            half = (half.1, half.0);
        }
        if along.0 < 0.0 {
            along = (-along.0, -along.1);
        }
        let corner = |a: f32, b: f32| {
            let x = self.center.0 + a * half.0 * along.0 - b * half.1 * along.1;
            let y = self.center.1 + a * half.0 * along.1 + b * half.1 * along.0;
            (x * scale.0, y * scale.1)
        };
        Quad { corners: [corner(-1.0, -1.0), corner(1.0, -1.0), corner(1.0, 1.0), corner(-1.0, 1.0)], score }
    }
}

/// The convex hull (Andrew's monotone chain).
fn hull(mut points: Vec<Point>) -> Vec<Point> {
    points.sort_by(|a, b| a.0.total_cmp(&b.0).then(a.1.total_cmp(&b.1)));
    points.dedup();
    if points.len() < 3 {
        return points;
    }
    let cross = |o: Point, a: Point, b: Point| (a.0 - o.0) * (b.1 - o.1) - (a.1 - o.1) * (b.0 - o.0);
    let mut hull: Vec<Point> = Vec::new();
    let half = |hull: &mut Vec<Point>, least: usize, p: Point| {
        while hull.len() >= least && cross(hull[hull.len() - 2], hull[hull.len() - 1], p) <= 0.0 {
            hull.pop();
        }
        hull.push(p);
    };
    for &p in &points {
        half(&mut hull, 2, p);
    }
    let least = hull.len() + 1;
    for &p in points.iter().rev().skip(1) {
        half(&mut hull, least, p);
    }
    hull.pop();
    hull
}
