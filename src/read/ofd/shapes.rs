//! What is drawn beside characters: rulings, pictures, and what covers or lies under them.

use std::collections::VecDeque;

use memchr::memmem;

use crate::{
    container::ofd::{Document as Layout, Drawing, Item, Package, Segment},
    model::geometry::Rect,
};

/// Filled boxes thinner than this are rulings; in points.
const THIN: f64 = 3.0;
/// Shorter lines are decoration; in points.
const SHORT: f64 = 4.0;
/// From this on a colour or picture covers what lies under it.
const OPAQUE: f64 = 0.95;
/// Up to this nothing is seen.
pub(super) const CLEAR: f64 = 0.05;
/// Every letter is compared with so many grounds at most; the last drawn ones count.
pub(super) const GROUNDS: usize = 4_000;
/// A path of more parts than this is a drawing; each part of it that is a box counts as covering.
const PARTS: usize = 64;
/// A ground smaller than this hides no letter; in points.
const SMALL: f64 = 2.0;

/// The shapes of a page, in points.
#[derive(Default)]
pub(super) struct Shapes {
    pub(super) strokes: Vec<Rect>,
    pub(super) pictures: Vec<Rect>,
    /// How many paths were drawn: outlines of letters may hide among them.
    pub(super) paths: usize,
    /// Filled boxes and pictures, with their number in the order of drawing.
    pub(super) grounds: VecDeque<Ground>,
}

/// A box that is filled.
pub(super) struct Ground {
    /// Its number in the order of drawing.
    pub(super) at: usize,
    pub(super) bounds: Rect,
    /// `None` for a picture.
    pub(super) colour: Option<[u8; 3]>,
}

pub(super) fn of(items: &[Item], package: &Package, layout: &Layout) -> Shapes {
    let mut shapes = Shapes::default();
    for (at, item) in items.iter().enumerate().filter(|(_, item)| item.visible && item.alpha > CLEAR) {
        match &item.drawing {
            Drawing::Path { segments, fill, stroke, even_odd } => {
                shapes.paths += 1;
                let parts = parts(item, segments);
                let inside = item.style.fill.filter(|colour| *fill && colour.alpha * item.alpha > CLEAR);
                for part in &parts {
                    if let (Some(colour), Some(bounds)) = (inside, part.rectangle()) {
                        shapes.filled(bounds);
                        let covers = part.is_box(&bounds) && !part.is_cut(&parts, *even_odd);
                        if covers && colour.alpha * item.alpha >= OPAQUE && !item.darkens {
                            let bounds = clipped(bounds, item);
                            shapes.ground(Ground { at, bounds, colour: Some(colour.rgb) });
                        }
                    }
                    if *stroke && item.style.stroke.alpha * item.alpha > CLEAR {
                        let (across, down) = item.transform.scale();
                        let half = (item.style.line_width * f64::midpoint(across, down) / 2.0)
                            .clamp(0.1, THIN / 2.0);
                        part.lines.iter().for_each(|line| shapes.ruled(*line, half));
                    }
                }
            }
            Drawing::Picture { media } => {
                let corners = [[0.0, 0.0], [1.0, 0.0], [0.0, 1.0], [1.0, 1.0]].map(|c| item.transform.at(c));
                let Some(bounds) = around(&corners) else { continue };
                if bounds.width().min(bounds.height()) <= THIN {
                    shapes.stroke(bounds);
                    continue;
                }
                shapes.pictures.push(bounds);
                let bytes =
                    layout.resources.media.get(media).and_then(|media| package.files.get(&media.path));
                if item.alpha >= OPAQUE && !item.darkens && bytes.is_some_and(opaque) {
                    shapes.ground(Ground { at, bounds: clipped(bounds, item), colour: None });
                }
            }
            Drawing::Text(_) => {}
        }
    }
    shapes
}

impl Shapes {
    fn ground(&mut self, ground: Ground) {
        if ground.bounds.width() >= SMALL && ground.bounds.height() >= SMALL {
            if self.grounds.len() >= GROUNDS {
                self.grounds.pop_front();
            }
            self.grounds.push_back(ground);
        }
    }

    fn stroke(&mut self, bounds: Rect) {
        let (width, height) = (bounds.width(), bounds.height());
        let (long, thin) = (width.max(height), width.min(height));
        if thin <= THIN && long >= SHORT && long > 3.0 * thin {
            self.strokes.push(bounds);
        }
    }

    fn filled(&mut self, bounds: Rect) {
        // A line without extent is drawn a hair wide.
        let grown = |size: f64| if size < 0.2 { 0.1 } else { 0.0 };
        let (x, y) = (grown(bounds.width()), grown(bounds.height()));
        self.stroke(Rect::new(bounds.left - x, bounds.top - y, bounds.right + x, bounds.bottom + y));
    }

    fn ruled(&mut self, [from, to]: [[f64; 2]; 2], half: f64) {
        let Some(along) = around(&[from, to]) else { return };
        if along.height() <= 0.5 && along.width() >= SHORT {
            self.stroke(Rect { top: along.center_y() - half, bottom: along.center_y() + half, ..along });
        } else if along.width() <= 0.5 && along.height() >= SHORT {
            self.stroke(Rect { left: along.center_x() - half, right: along.center_x() + half, ..along });
        }
    }
}

/// A piece of a path from one beginning to the next, in points.
struct Part {
    lines: Vec<[[f64; 2]; 2]>,
    /// Whether all of it is straight.
    straight: bool,
}

impl Part {
    /// The box it is, if it is one that lies along the axes.
    fn rectangle(&self) -> Option<Rect> {
        let along =
            |[from, to]: &[[f64; 2]; 2]| (from[0] - to[0]).abs() < 0.05 || (from[1] - to[1]).abs() < 0.05;
        let points: Vec<[f64; 2]> = self.lines.iter().flatten().copied().collect();
        let is_box = self.straight && self.lines.len() <= 6 && self.lines.iter().all(along);
        if is_box { around(&points) } else { None }
    }
}

impl Part {
    /// Whether it is all of its box: an L along the axes is not.
    fn is_box(&self, bounds: &Rect) -> bool {
        let near = |a: f64, b: f64| (a - b).abs() < 0.05;
        let at = |[x, y]: [f64; 2], [left, top]: [f64; 2]| near(x, left) && near(y, top);
        let corners =
            [bounds.left, bounds.right].map(|x| [bounds.top, bounds.bottom].map(|y| [x, y])).concat();
        let mut points = self.lines.iter().flatten();
        self.lines.len() <= 5
            && points.all(|point| corners.iter().any(|corner| at(*point, *corner)))
            && corners.iter().all(|corner| self.lines.iter().flatten().any(|point| at(*point, *corner)))
    }

    /// Whether another part of its path may leave a hole in it, as the inner edge of a frame does.
    fn is_cut(&self, parts: &[Self], even_odd: bool) -> bool {
        let Some(own) = self.around().filter(|_| (2..=PARTS).contains(&parts.len())) else { return false };
        let others = parts.iter().filter(|part| !std::ptr::eq(*part, self));
        others.filter(|part| even_odd || part.turn() != self.turn()).filter_map(Self::around).any(|other| {
            own.left < other.right
                && other.left < own.right
                && own.top < other.bottom
                && other.top < own.bottom
        })
    }

    fn around(&self) -> Option<Rect> {
        around(&self.lines.iter().flatten().copied().collect::<Vec<_>>())
    }

    /// Whether it runs clockwise.
    fn turn(&self) -> bool {
        self.lines.iter().map(|[from, to]| from[0] * to[1] - to[0] * from[1]).sum::<f64>() > 0.0
    }
}

fn parts(item: &Item, segments: &[Segment]) -> Vec<Part> {
    let mut parts: Vec<Part> = Vec::new();
    let (mut start, mut last) = ([0.0; 2], [0.0; 2]);
    for segment in segments {
        let (to, straight) = match *segment {
            Segment::Move(to) => {
                parts.push(Part { lines: Vec::new(), straight: true });
                (start, last) = (to, to);
                continue;
            }
            Segment::Line(to) => (to, true),
            Segment::Close => (start, true),
            Segment::Quadratic(_, to) | Segment::Cubic(_, _, to) | Segment::Arc { to, .. } => (to, false),
        };
        let Some(part) = parts.last_mut() else { continue };
        if straight && to != last {
            part.lines.push([item.transform.at(last), item.transform.at(to)]);
        }
        part.straight &= straight;
        last = to;
    }
    parts
}

/// The box round some points.
pub(super) fn around(points: &[[f64; 2]]) -> Option<Rect> {
    let rects: Vec<Rect> = points.iter().map(|[x, y]| Rect::new(*x, *y, *x, *y)).collect();
    Rect::around(&rects)
        .filter(|bounds| [bounds.left, bounds.top, bounds.right, bounds.bottom].iter().all(|c| c.is_finite()))
}

/// What of a box the clips of its object leave.
fn clipped(bounds: Rect, item: &Item) -> Rect {
    clip(item).map_or(bounds, |clip| Rect {
        left: bounds.left.max(clip.left),
        top: bounds.top.max(clip.top),
        right: bounds.right.min(clip.right),
        bottom: bounds.bottom.min(clip.bottom),
    })
}

/// The box inside which an object draws, in points; `None` where nothing clips it.
pub(super) fn clip(item: &Item) -> Option<Rect> {
    let boxes = item.clips.iter().filter_map(|paths| {
        let points: Vec<[f64; 2]> = paths.iter().flatten().filter_map(end).collect();
        around(&points).map(|bounds| bounds.scaled(super::POINTS, super::POINTS))
    });
    boxes.reduce(|all, one| Rect {
        left: all.left.max(one.left),
        top: all.top.max(one.top),
        right: all.right.min(one.right),
        bottom: all.bottom.min(one.bottom),
    })
}

const fn end(segment: &Segment) -> Option<[f64; 2]> {
    match *segment {
        Segment::Move(to)
        | Segment::Line(to)
        | Segment::Quadratic(_, to)
        | Segment::Cubic(_, _, to)
        | Segment::Arc { to, .. } => Some(to),
        Segment::Close => None,
    }
}

/// Whether a picture certainly covers what lies under it.
fn opaque(bytes: &[u8]) -> bool {
    if bytes.starts_with(b"\xff\xd8\xff") || bytes.starts_with(b"BM") {
        return true;
    }
    // PNG without an alpha channel (colour types 0, 2 and 3) and without a list of clear colours.
    let head = bytes.get(..bytes.len().min(4096)).unwrap_or(bytes);
    bytes.starts_with(b"\x89PNG\r\n\x1a\n")
        && matches!(bytes.get(25), Some(0 | 2 | 3))
        && memmem::find(head, b"tRNS").is_none()
}
