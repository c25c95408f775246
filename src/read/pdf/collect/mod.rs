//! Listens to a page being drawn and keeps what was drawn where: glyphs, rulings, pictures, and the
//! areas that were painted over one another, in the order of drawing.

mod paths;

use std::rc::Rc;

use hayro::{
    hayro_interpret::{
        BlendMode, ClipPath, Device, DrawMode, DrawProps, Image, ImageDrawProps, Paint, SoftMask,
        font::{Glyph, GlyphRun},
        hayro_cmap::WritingMode,
    },
    kurbo::{Affine, BezPath, Rect as PdfRect, Shape},
};

use super::{
    mark::Mark,
    seen::{self, Area, Outline},
    unicode::Ladder,
};
use paths::is_box;

use crate::{
    model::{geometry::Rect, limits::Limits, page::Concealment},
    read::hidden::SPECK,
};

/// Thrown through the interpreter, which cannot be told to stop, where a file draws without end.
pub(super) struct Exhausted;

/// Takes steps from those that are left for a file.
///
/// # Panics
///
/// Throws [`Exhausted`] where there are too few.
pub(super) fn spend(steps: &mut usize, by: usize) {
    match steps.checked_sub(by) {
        Some(left) => *steps = left,
        None => std::panic::resume_unwind(Box::new(Exhausted)),
    }
}

/// A clip in force.
struct Clip {
    /// Its box, already cut by the clips before it.
    bounds: Rect,
    /// Its outline where that is no box.
    outline: Option<Rc<Outline>>,
    /// Whether it is smaller than its box by an outline that is not kept.
    vague: bool,
    /// Glyphs whose outlines the clip is made of: they are seen as soon as something is painted.
    glyphs: std::ops::Range<usize>,
}

/// What transparency groups do to what is drawn in them.
#[derive(Clone, Copy)]
struct Group {
    /// How opaque they leave it, 0 to 1.
    opacity: f32,
    /// Whether they do nothing else.
    plain: bool,
    /// Whether it is seen through a mask.
    masked: bool,
}

/// What was drawn on a page, in page coordinates.
pub(super) struct Collector<'l> {
    ladder: &'l mut Ladder,
    limits: &'l Limits,
    /// What may still be drawn in this file.
    steps: &'l mut usize,
    clips: Vec<Clip>,
    /// Transparency groups in force, each with those before it.
    groups: Vec<Group>,
    /// Where the glyphs begin that were drawn invisibly since something else was drawn.
    unseen_from: usize,
    /// Glyphs in the order they were drawn, white space included.
    pub(super) marks: Vec<Mark>,
    /// Painted areas in the order they were drawn.
    pub(super) areas: Vec<Area>,
    /// Thin boxes and straight lines.
    pub(super) strokes: Vec<Rect>,
    /// Pictures.
    pub(super) pictures: Vec<Rect>,
    /// How many things were drawn.
    pub(super) order: usize,
    /// How many paths were drawn: outlines of letters may hide among them.
    pub(super) paths: usize,
    /// Whether more was drawn than is kept.
    pub(super) overfull: bool,
    /// Glyphs of fonts that are neither embedded nor known, so that nobody can tell what they show.
    pub(super) lost: usize,
    /// Pixels of a picture that is too large to be decoded.
    pub(super) huge: Option<u64>,
}

/// Filled boxes thinner than this are rulings; in points.
const THIN: f64 = 3.0;
/// Share of the em above the base line; full-width characters reach a little below it.
const ASCENT: f64 = 860.0;
const DESCENT: f64 = -140.0;
/// What is less opaque than this is not seen, and what leaves less than this of what it covers, hides it.
const CLEAR: f32 = 0.04;
/// Outlines of more pieces than this are drawings; no ground, cover or letter is made of so many.
pub(super) const PIECES: usize = 500;

impl<'l> Collector<'l> {
    pub(super) const fn new(ladder: &'l mut Ladder, limits: &'l Limits, steps: &'l mut usize) -> Self {
        Self {
            ladder,
            limits,
            steps,
            clips: Vec::new(),
            groups: Vec::new(),
            unseen_from: 0,
            marks: Vec::new(),
            areas: Vec::new(),
            strokes: Vec::new(),
            pictures: Vec::new(),
            order: 0,
            paths: 0,
            overfull: false,
            lost: 0,
            huge: None,
        }
    }

    fn step(&mut self, by: usize) {
        spend(self.steps, by);
        self.order += 1;
    }

    /// What of a box is left by the clips. Some writers fill a broad box through a clip as thin as
    /// the ruling that is meant.
    fn clipped(&self, bounds: Rect) -> Rect {
        self.clips.last().map_or(bounds, |clip| cut(bounds, clip.bounds))
    }

    /// What the groups in force do to what is drawn.
    fn group(&self) -> Group {
        self.groups.last().copied().unwrap_or(Group { opacity: 1.0, plain: true, masked: false })
    }

    /// Keeps an area that was painted, as ground for what comes and as cover of what was.
    fn area(&mut self, bounds: Rect, outline: Option<Outline>, colour: Option<[u8; 3]>, opaque: bool) {
        let bounds = self.clipped(bounds);
        // What is smaller than a letter is no ground and no cover.
        if bounds.width().min(bounds.height()) <= THIN {
            return;
        }
        if self.areas.len() >= self.limits.words {
            self.overfull = true;
            return;
        }
        let mut outlines: Vec<Rc<Outline>> = outline.map(Rc::new).into_iter().collect();
        outlines.extend(self.clips.iter().filter_map(|clip| clip.outline.clone()));
        let opaque = opaque && !self.clips.iter().any(|clip| clip.vague);
        self.areas.push(Area { order: self.order, bounds, outlines, colour, opaque });
    }

    /// Something of a colour is painted: of the glyphs that clips are made of, those within its
    /// bounds are seen through it.
    fn reveal(&mut self, bounds: Rect, colour: Option<[u8; 3]>) {
        for clip in &self.clips {
            spend(self.steps, clip.glyphs.len() / 16);
            for mark in self.marks.get_mut(clip.glyphs.clone()).unwrap_or_default() {
                let is_clip = matches!(mark.concealed, None | Some(Concealment::Invisible));
                if is_clip && bounds.holds(&mark.bounds) {
                    (mark.concealed, mark.colour, mark.order) = (None, colour, self.order);
                }
            }
        }
        self.unseen_from = self.marks.len();
    }

    fn glyph<'a>(&mut self, glyph: &Glyph<'a>, transform: Affine, vertical: bool, look: &Look<'_, 'a>) {
        let reading = self.ladder.read(glyph, look.paint, self.steps);
        if reading.lost {
            self.lost += 1;
            return;
        }
        // The cell of vertical writing is one em high, and as wide for all but narrow characters.
        let advance = match glyph {
            Glyph::Outline(_) if vertical && reading.text.is_ascii() => 500.0,
            Glyph::Outline(_) if vertical => 1000.0,
            Glyph::Outline(outline) => outline.advance_width().unwrap_or(1000.0),
            Glyph::Type3(drawn) => drawn.advance_width().unwrap_or(0.0),
        };
        let corners = PdfRect::new(0.0, DESCENT, f64::from(advance), ASCENT);
        let bounds = rect(transform.transform_rect_bbox(corners));
        let [a, b, c, d, ..] = transform.as_coeffs();
        let (size, across) = (c.hypot(d) * 1000.0, a.hypot(b) * 1000.0);
        if !(bounds.left.is_finite() && bounds.bottom.is_finite() && size.is_finite()) {
            return;
        }
        let concealed = if reading.blank || look.clear || size.min(across) < SPECK {
            Some(Concealment::Invisible)
        } else if self.clipped_away(&bounds) {
            Some(Concealment::OffPage)
        } else {
            None
        };
        let colour = look.colour.filter(|_| matches!(glyph, Glyph::Outline(_)));
        self.marks.push(Mark {
            text: reading.text,
            bounds,
            size,
            angle: b.atan2(a).to_degrees(),
            vertical,
            order: self.order,
            colour,
            opacity: look.opacity,
            concealed,
            veiled: look.veiled,
            doubtful: reading.doubtful,
            font: reading.font,
        });
    }

    /// Whether no part of a glyph lies within the clips.
    fn clipped_away(&mut self, glyph: &Rect) -> bool {
        let Some(last) = self.clips.last() else { return false };
        if !last.bounds.grown(1.0).holds(glyph) {
            return true;
        }
        let outlines = || self.clips.iter().filter_map(|clip| clip.outline.as_ref());
        spend(self.steps, outlines().map(|outline| outline.path.elements().len()).sum::<usize>() / 64);
        let inside =
            seen::points(glyph).into_iter().any(|point| outlines().all(|outline| outline.holds(point)));
        !inside
    }
}

/// How a run of glyphs is drawn.
struct Look<'p, 'a> {
    paint: &'p Paint<'a>,
    colour: Option<[u8; 3]>,
    opacity: f32,
    /// Whether nothing of it is seen.
    clear: bool,
    /// Whether it cannot be told what of it is seen.
    veiled: bool,
}

impl<'a> Device<'a> for Collector<'_> {
    fn draw_path(&mut self, path: &BezPath, props: DrawProps<'a>, mode: &DrawMode) {
        self.paths(path, &props, mode);
    }

    fn draw_rect(&mut self, bounds: &PdfRect, props: DrawProps<'a>, mode: &DrawMode) {
        self.paths(&bounds.to_path(0.1), &props, mode);
    }

    fn draw_glyph_run(&mut self, run: &GlyphRun<'_, 'a>, props: DrawProps<'a>, mode: &DrawMode) {
        self.step(1 + run.glyphs().len());
        let invisible = matches!(mode, DrawMode::Invisible);
        let group = self.group();
        let (colour, alpha) = solid(&props.paint);
        // Dark print multiplied with its ground stays dark; what other mixtures look like is not known.
        let multiplied =
            props.blend_mode == BlendMode::Multiply && colour.is_some_and(|colour| !seen::is_light(colour));
        let mixed = props.blend_mode != BlendMode::Normal && !multiplied;
        let masked = group.masked || props.soft_mask.is_some();
        let opacity = alpha * group.opacity;
        let look = Look {
            paint: &props.paint,
            colour: colour.filter(|_| group.plain && !masked && props.blend_mode == BlendMode::Normal),
            opacity,
            clear: invisible || opacity < CLEAR,
            veiled: masked || mixed,
        };
        let vertical = run.writing_mode() == WritingMode::Vertical;
        let from = self.marks.len();
        for glyph in run.glyphs() {
            if self.marks.len() >= self.limits.glyphs {
                self.overfull = true;
                break;
            }
            self.glyph(glyph, props.transform * glyph.transform(), vertical, &look);
        }
        if !invisible {
            let drawn = self.marks.get(from..).unwrap_or_default();
            if let Some(bounds) = Rect::around(drawn.iter().map(|mark| &mark.bounds)) {
                self.reveal(bounds, colour);
            }
            self.unseen_from = self.marks.len();
        }
    }

    fn draw_image(&mut self, image: Image<'a, '_>, props: ImageDrawProps<'a>) {
        self.step(1);
        let pixels = u64::from(image.width()) * u64::from(image.height());
        if pixels > self.limits.inner_pixels {
            self.huge = Some(pixels);
        }
        let whole = PdfRect::new(0.0, 0.0, f64::from(image.width()), f64::from(image.height()));
        let placed = rect(props.transform.transform_rect_bbox(whole));
        let bounds = self.clipped(placed);
        self.reveal(bounds, None);
        let group = self.group();
        let opaque = group.plain
            && group.opacity > 1.0 - CLEAR
            && props.soft_mask.is_none()
            && props.blend_mode == BlendMode::Normal
            && upright(props.transform)
            && fills(&image);
        self.area(placed, None, None, opaque);
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
        let own = rect(clip.path.bounding_box());
        let bounds = self.clipped(own);
        let plain = is_box(&clip.path, own);
        // Text may be drawn as a clip, through which something is painted then.
        let fresh = self.unseen_from..self.marks.len();
        let text = self.marks.get(fresh.clone()).unwrap_or_default();
        let made_of = !plain
            && Rect::around(text.iter().map(|mark| &mark.bounds)).is_some_and(|around| {
                let around = around.grown(0.5 * text.first().map_or(0.0, |mark| mark.size));
                around.left <= own.left
                    && around.top <= own.top
                    && around.right >= own.right
                    && around.bottom >= own.bottom
            });
        let simple = clip.path.elements().len() <= PIECES;
        let outline =
            (!plain && simple).then(|| Rc::new(Outline { path: clip.path.clone(), rule: clip.fill }));
        let vague = !plain && !simple;
        self.clips.push(Clip { bounds, outline, vague, glyphs: if made_of { fresh } else { 0..0 } });
    }

    fn pop_clip(&mut self) {
        self.clips.pop();
    }

    fn push_transparency_group(&mut self, opacity: f32, mask: Option<SoftMask<'a>>, blend: BlendMode) {
        self.step(1);
        let above = self.group();
        self.groups.push(Group {
            opacity: above.opacity * opacity,
            plain: above.plain && mask.is_none() && blend == BlendMode::Normal,
            masked: above.masked || mask.is_some(),
        });
    }

    fn pop_transparency_group(&mut self) {
        self.groups.pop();
    }
}

/// The colour of a paint, where it is one, and how opaque it is.
fn solid(paint: &Paint<'_>) -> (Option<[u8; 3]>, f32) {
    match paint {
        Paint::Color(colour) => {
            let colour = colour.to_rgba();
            let [red, green, blue, _] = colour.to_rgba8();
            (Some([red, green, blue]), colour.components()[3])
        }
        Paint::Pattern(_) => (None, 1.0),
    }
}

/// Whether a picture leaves nothing under it to be seen.
fn fills(image: &Image<'_, '_>) -> bool {
    let Image::Raster(raster) = image else { return false };
    let dict = raster.stream().dict();
    let alpha = dict.get::<i32>("SMaskInData".as_bytes()).is_some_and(|kind| kind != 0);
    !alpha && !dict.contains_key("SMask".as_bytes()) && !dict.contains_key("Mask".as_bytes())
}

/// Whether boxes stay boxes under a transform.
fn upright(transform: Affine) -> bool {
    let [a, b, c, d, ..] = transform.as_coeffs();
    let small = 1e-3 * a.abs().max(b.abs()).max(c.abs()).max(d.abs());
    (b.abs() <= small && c.abs() <= small) || (a.abs() <= small && d.abs() <= small)
}

fn cut(bounds: Rect, by: Rect) -> Rect {
    Rect {
        left: bounds.left.max(by.left),
        top: bounds.top.max(by.top),
        right: bounds.right.min(by.right),
        bottom: bounds.bottom.min(by.bottom),
    }
}

fn rect(bounds: PdfRect) -> Rect {
    Rect::new(bounds.x0, bounds.y0, bounds.x1, bounds.y1)
}
