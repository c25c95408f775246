//! Paths that are drawn: rulings, grounds and covers.

use hayro::{
    hayro_interpret::{BlendMode, DrawMode, DrawProps, FillRule, StrokeProps},
    kurbo::{Affine, BezPath, PathEl, Point, Shape, Stroke, StrokeOpts},
};

use super::{CLEAR, Collector, PIECES, THIN, rect, solid, spend};
use crate::{model::geometry::Rect, read::pdf::seen::Outline};

/// Shorter lines are decoration; in points.
const SHORT: f64 = 4.0;
/// How far the outline of a thick line may be missed, in the units it is drawn in.
const ROUGH: f64 = 0.1;

impl Collector<'_> {
    pub(super) fn stroke(&mut self, bounds: Rect) {
        let bounds = self.clipped(bounds);
        let (width, height) = (bounds.width(), bounds.height());
        let (long, thin) = (width.max(height), width.min(height));
        if bounds.left <= bounds.right
            && bounds.top <= bounds.bottom
            && thin <= THIN
            && long >= SHORT
            && long > 3.0 * thin
        {
            if self.strokes.len() < self.limits.words {
                self.strokes.push(bounds);
            } else {
                self.overfull = true;
            }
        }
    }

    /// Every subpath that is a thin box.
    fn fill(&mut self, path: &BezPath, transform: Affine) {
        let mut part = BezPath::new();
        for element in path.elements() {
            if matches!(element, PathEl::MoveTo(_)) && !part.is_empty() {
                self.stroke(rect(transform.transform_rect_bbox(part.bounding_box())));
                part = BezPath::new();
            }
            part.push(*element);
        }
        if !part.is_empty() {
            self.stroke(rect(transform.transform_rect_bbox(part.bounding_box())));
        }
    }

    /// Every straight piece that runs along an axis; all of it where it is as thick as a ground.
    fn outline(&mut self, path: &BezPath, props: &DrawProps<'_>, stroke: &StrokeProps) {
        let transform = props.transform;
        let width = f64::from(stroke.line_width);
        let half = (width * scale(transform) / 2.0).clamp(0.1, THIN / 2.0);
        for segment in path.segments() {
            let hayro::kurbo::PathSeg::Line(line) = segment else { continue };
            let (from, to) = (transform * line.p0, transform * line.p1);
            let (dx, dy) = ((to.x - from.x).abs(), (to.y - from.y).abs());
            let along = Rect::new(from.x.min(to.x), from.y.min(to.y), from.x.max(to.x), from.y.max(to.y));
            if dy <= 0.5 && dx >= SHORT {
                self.stroke(Rect { top: along.center_y() - half, bottom: along.center_y() + half, ..along });
            } else if dx <= 0.5 && dy >= SHORT {
                self.stroke(Rect { left: along.center_x() - half, right: along.center_x() + half, ..along });
            }
        }
        if width * scale(transform) > THIN && stroke.dash_array.is_empty() && path.elements().len() <= PIECES
        {
            let pen = Stroke::new(width)
                .with_caps(stroke.line_cap)
                .with_join(stroke.line_join)
                .with_miter_limit(f64::from(stroke.miter_limit));
            let outline = hayro::kurbo::stroke(path.iter(), &pen, &StrokeOpts::default(), ROUGH);
            spend(self.steps, outline.elements().len() / 8);
            self.painted(&outline, props, FillRule::NonZero);
        }
    }

    fn painted(&mut self, path: &BezPath, props: &DrawProps<'_>, rule: FillRule) {
        let group = self.group();
        let (colour, alpha) = solid(&props.paint);
        let plain = group.plain && props.soft_mask.is_none() && props.blend_mode == BlendMode::Normal;
        let bounds = rect(props.transform.transform_rect_bbox(path.bounding_box()));
        if alpha * group.opacity < CLEAR {
            return;
        }
        self.reveal(bounds, colour.filter(|_| plain));
        // What is smaller than a letter is no ground and no cover.
        if bounds.width().min(bounds.height()) <= THIN {
            return;
        }
        let simple = path.elements().len() <= PIECES;
        let outline = simple.then(|| Outline { path: props.transform * path.clone(), rule });
        let outline = outline.filter(|outline| !is_box(&outline.path, bounds));
        let opaque = plain && simple && colour.is_some() && alpha * group.opacity > 1.0 - CLEAR;
        self.area(bounds, outline, colour, opaque);
    }

    pub(super) fn paths(&mut self, path: &BezPath, props: &DrawProps<'_>, mode: &DrawMode) {
        self.step(1 + path.elements().len() / 8);
        self.paths +=
            path.elements().iter().filter(|element| matches!(element, PathEl::MoveTo(_))).count().max(1);
        if let DrawMode::Fill(rule) | DrawMode::FillAndStroke(rule, _) = mode {
            self.fill(path, props.transform);
            self.painted(path, props, *rule);
        }
        if let DrawMode::Stroke(stroke) | DrawMode::FillAndStroke(_, stroke) = mode {
            let around = rect(props.transform.transform_rect_bbox(path.bounding_box()));
            let reach = f64::from(stroke.line_width) * scale(props.transform) / 2.0;
            self.reveal(around.grown(reach), solid(&props.paint).0);
            self.outline(path, props, stroke);
        }
    }
}

/// Whether a path is its own box: once round its corners, along its sides.
pub(super) fn is_box(path: &BezPath, bounds: Rect) -> bool {
    let near = |a: f64, b: f64| (a - b).abs() < 0.05;
    let mut corners = [false; 4];
    let mut last: Option<Point> = None;
    if path.elements().len() > 6 {
        return false;
    }
    for element in path.elements() {
        let point = match element {
            PathEl::MoveTo(point) if last.is_none() => *point,
            PathEl::LineTo(point) => *point,
            PathEl::ClosePath => continue,
            _ => return false,
        };
        let (left, right) = (near(point.x, bounds.left), near(point.x, bounds.right));
        let (top, bottom) = (near(point.y, bounds.top), near(point.y, bounds.bottom));
        let along = last.is_none_or(|last| near(last.x, point.x) || near(last.y, point.y));
        if !(left || right) || !(top || bottom) || !along {
            return false;
        }
        corners[usize::from(right) * 2 + usize::from(bottom)] = true;
        last = Some(point);
    }
    corners == [true; 4]
}

/// How much a transform enlarges lengths.
fn scale(transform: Affine) -> f64 {
    let from = transform * Point::ORIGIN;
    let to = transform * Point::new(std::f64::consts::FRAC_1_SQRT_2, std::f64::consts::FRAC_1_SQRT_2);
    from.distance(to)
}
