//! Listens to a page being drawn and keeps what was drawn where: glyphs, rulings, pictures.

use hayro::{
    hayro_interpret::{
        BlendMode, ClipPath, Device, DrawMode, DrawProps, Image, ImageDrawProps, SoftMask,
        font::{Glyph, GlyphRun},
    },
    kurbo::{Affine, BezPath, PathEl, Point, Shape},
};

use super::unicode::Ladder;
use crate::model::{geometry::Rect, limits::Limits};

/// A glyph on the page.
#[derive(Clone, Debug)]
pub(in crate::read) struct Mark {
    /// Its characters, possibly several (a ligature) or U+FFFD.
    pub(in crate::read) text: String,
    /// Its box: as wide as it advances, as high as its font.
    pub(in crate::read) bounds: Rect,
    /// Font size as drawn, in points.
    pub(in crate::read) size: f64,
    /// Which way the line runs, in degrees clockwise from rightwards: −180 to 180.
    pub(in crate::read) angle: f64,
}

/// Thrown through the interpreter, which cannot be told to stop, where a file draws without end.
pub(super) struct Exhausted;

/// What was drawn on a page, in page coordinates.
pub(super) struct Collector<'l> {
    ladder: &'l mut Ladder,
    limits: &'l Limits,
    /// What may still be drawn in this file.
    steps: &'l mut usize,
    /// Boxes of the clips in force, each already cut by the ones before it.
    clips: Vec<Rect>,
    /// Glyphs in the order they were drawn, white space included.
    pub(super) marks: Vec<Mark>,
    /// Thin boxes and straight lines.
    pub(super) strokes: Vec<Rect>,
    /// Pictures.
    pub(super) pictures: Vec<Rect>,
    /// How many paths were drawn: outlines of letters may hide among them.
    pub(super) paths: usize,
    /// Whether more was drawn than is kept.
    pub(super) overfull: bool,
    /// Pixels of a picture that is too large to be decoded.
    pub(super) huge: Option<u64>,
}

/// Filled boxes thinner than this are rulings; in points.
const THIN: f64 = 3.0;
/// Shorter lines are decoration; in points.
const SHORT: f64 = 4.0;
/// Share of the em above the base line; full-width characters reach a little below it.
const ASCENT: f64 = 860.0;
const DESCENT: f64 = -140.0;

impl<'l> Collector<'l> {
    pub(super) const fn new(ladder: &'l mut Ladder, limits: &'l Limits, steps: &'l mut usize) -> Self {
        Self {
            ladder,
            limits,
            steps,
            clips: Vec::new(),
            marks: Vec::new(),
            strokes: Vec::new(),
            pictures: Vec::new(),
            paths: 0,
            overfull: false,
            huge: None,
        }
    }

    fn step(&mut self, by: usize) {
        match self.steps.checked_sub(by) {
            Some(left) => *self.steps = left,
            None => std::panic::resume_unwind(Box::new(Exhausted)),
        }
    }

    /// What of a box is left by the clips. Some writers fill a broad box through a clip as thin as
    /// the ruling that is meant.
    fn clipped(&self, bounds: Rect) -> Rect {
        self.clips.last().map_or(bounds, |clip| cut(bounds, *clip))
    }

    fn stroke(&mut self, bounds: Rect) {
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

    /// Every straight piece that runs along an axis.
    fn outline(&mut self, path: &BezPath, transform: Affine, line_width: f64) {
        let half = (line_width * scale(transform) / 2.0).clamp(0.1, THIN / 2.0);
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
    }
}

impl Device<'_> for Collector<'_> {
    fn draw_path(&mut self, path: &BezPath, props: DrawProps<'_>, mode: &DrawMode) {
        self.step(1 + path.elements().len() / 8);
        self.paths += 1;
        match mode {
            DrawMode::Fill(_) => self.fill(path, props.transform),
            DrawMode::Stroke(stroke) => self.outline(path, props.transform, f64::from(stroke.line_width)),
            DrawMode::FillAndStroke(_, stroke) => {
                self.fill(path, props.transform);
                self.outline(path, props.transform, f64::from(stroke.line_width));
            }
            DrawMode::Invisible => {}
        }
    }

    fn draw_glyph_run(&mut self, run: &GlyphRun<'_, '_>, props: DrawProps<'_>, mode: &DrawMode) {
        self.step(1 + run.glyphs().len());
        // Invisible text is what some scanner believes to have read; it attests nothing.
        if matches!(mode, DrawMode::Invisible) {
            return;
        }
        for glyph in run.glyphs() {
            if self.marks.len() >= self.limits.glyphs {
                self.overfull = true;
                return;
            }
            let advance = match &**glyph {
                Glyph::Outline(outline) => outline.advance_width().unwrap_or(1000.0),
                Glyph::Type3(drawn) => drawn.advance_width().unwrap_or(0.0),
            };
            let transform = props.transform * glyph.transform();
            let corners = hayro::kurbo::Rect::new(0.0, DESCENT, f64::from(advance), ASCENT);
            let bounds = rect(transform.transform_rect_bbox(corners));
            let [a, b, c, d, ..] = transform.as_coeffs();
            let size = c.hypot(d) * 1000.0;
            if self.clips.last().is_some_and(|clip| !clip.grown(1.0).holds(&bounds)) {
                continue;
            }
            if !(bounds.left.is_finite() && bounds.bottom.is_finite() && size.is_finite()) {
                continue;
            }
            let text = self.ladder.text(glyph);
            self.marks.push(Mark { text, bounds, size, angle: b.atan2(a).to_degrees() });
        }
    }

    fn draw_image(&mut self, image: Image<'_, '_>, props: ImageDrawProps<'_>) {
        self.step(1);
        let pixels = u64::from(image.width()) * u64::from(image.height());
        if pixels > self.limits.inner_pixels {
            self.huge = Some(pixels);
        }
        let whole = hayro::kurbo::Rect::new(0.0, 0.0, f64::from(image.width()), f64::from(image.height()));
        let bounds = self.clipped(rect(props.transform.transform_rect_bbox(whole)));
        // Some writers draw rulings as pictures one pixel high.
        if bounds.width().min(bounds.height()) <= THIN {
            self.stroke(bounds);
        } else if self.pictures.len() < self.limits.words {
            self.pictures.push(bounds);
        } else {
            self.overfull = true;
        }
    }

    fn push_clip_path(&mut self, clip: &ClipPath) {
        self.step(1 + clip.path.elements().len() / 8);
        let clip = self.clipped(rect(clip.path.bounding_box()));
        self.clips.push(clip);
    }

    fn pop_clip(&mut self) {
        self.clips.pop();
    }

    fn push_transparency_group(&mut self, _: f32, _: Option<SoftMask<'_>>, _: BlendMode) {
        self.step(1);
    }

    fn pop_transparency_group(&mut self) {}
}

fn cut(bounds: Rect, by: Rect) -> Rect {
    Rect {
        left: bounds.left.max(by.left),
        top: bounds.top.max(by.top),
        right: bounds.right.min(by.right),
        bottom: bounds.bottom.min(by.bottom),
    }
}

/// How much a transform enlarges lengths.
fn scale(transform: Affine) -> f64 {
    let from = transform * Point::ORIGIN;
    let to = transform * Point::new(std::f64::consts::FRAC_1_SQRT_2, std::f64::consts::FRAC_1_SQRT_2);
    from.distance(to)
}

fn rect(bounds: hayro::kurbo::Rect) -> Rect {
    Rect::new(bounds.x0, bounds.y0, bounds.x1, bounds.y1)
}
