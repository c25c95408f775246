//! Pages of OFD packages: paths, letters, pictures, in the order and the places the package says.

use std::{collections::BTreeMap, io::Cursor, sync::Arc};

use hayro::{
    kurbo::{Affine, Arc as Ellipse, BezPath, Cap, Join, Point, Rect, Shape, Stroke, SvgArc},
    vello_cpu::{
        Image, ImageSource, PixelMetadata, Pixmap, RenderContext,
        color::{AlphaColor, Srgb},
        peniko::{self, BlendMode, Compose, Fill, ImageSampler, Mix},
    },
};
use image::{RgbImage, RgbaImage};

use super::{
    DrawError, bilevel,
    glyphs::{Face, Glyph},
    painted, sides,
};
use crate::{
    container::{
        ofd::{
            Area, Character, Colour, Document, Drawing, Font, Item, Matrix, OfdLimits, Package, Page, Seal,
            Segment, Style, Text,
        },
        picture,
    },
    model::limits::Limits,
};

/// Millimetres in an inch.
const INCH: f64 = 25.4;
/// The thinnest line that is drawn, in pixels.
const HAIR: f64 = 0.7;
/// How far letters lean that are to be slanted and whose font is not.
const SLANT: f64 = -0.21;
/// From this weight on a font that is not bold is thickened.
const BOLD: f64 = 600.0;

/// An opened package with its fonts.
pub(super) struct Opened {
    package: Package,
    /// Embedded fonts by document and identifier, and what stands in for the others.
    faces: BTreeMap<(usize, String), Faces>,
    /// What stands in where a document says nothing of a font.
    other: Faces,
    limits: Limits,
}

/// The fonts that a text is drawn with: its own, and one for what its own does not have.
#[derive(Default)]
struct Faces {
    own: Option<Face>,
    stand_in: Option<Face>,
}

impl Opened {
    pub(super) fn open(bytes: &[u8], limits: &Limits) -> Result<Self, DrawError> {
        let (package, troubles) = Package::open(bytes, OfdLimits::of(limits));
        if package.documents.is_empty() {
            let why = troubles.first().map_or_else(|| "no document in it".to_owned(), ToString::to_string);
            return Err(DrawError::Unopened(why));
        }
        let mut faces = BTreeMap::new();
        for (at, document) in package.documents.iter().enumerate() {
            for (id, font) in &document.resources.fonts {
                let bytes = font.file.as_deref().and_then(|file| package.files.get(file));
                let own = bytes.and_then(Face::embedded);
                faces.insert((at, id.clone()), Faces { own, stand_in: stand_in(font) });
            }
        }
        let other = Faces { own: None, stand_in: Face::stand_in(["", ""], true) };
        Ok(Self { package, faces, other, limits: limits.clone() })
    }

    pub(super) fn page(&self, number: u32, dpi: f64) -> Result<RgbImage, DrawError> {
        let mut index = (number as usize).checked_sub(1).ok_or(DrawError::NoSuchPage(number))?;
        for (at, document) in self.package.documents.iter().enumerate() {
            if index < document.pages.len() {
                return self.drawn((at, document), index, number, if dpi > 0.0 { dpi } else { 150.0 });
            }
            index -= document.pages.len();
        }
        Err(DrawError::NoSuchPage(number))
    }

    fn drawn(
        &self,
        (at, document): (usize, &Document),
        index: usize,
        number: u32,
        dpi: f64,
    ) -> Result<RgbImage, DrawError> {
        let (page, _) = self.package.page(document, index);
        let scale = dpi / INCH;
        let (across, down) = ((page.area.width * scale).round(), (page.area.height * scale).round());
        let (width, height) = sides(number, across, down, self.limits.pixels)?;
        let mut context = RenderContext::new(width, height);
        let pixels = Affine::scale(scale);
        self.layout((at, document), &page, pixels, &mut context);
        let shown = |seal: &&Seal| document.pages.get(index).is_some_and(|(id, _)| *id == seal.page);
        for seal in document.seals.iter().filter(shown) {
            // The sheet need not begin at the origin.
            let corner = Affine::translate((-page.corner[0], -page.corner[1]));
            self.seal((at, document), seal, pixels * corner, &mut context);
        }
        context.flush();
        painted(&context, number)
    }

    /// Draws what lies on a page.
    fn layout(&self, document: (usize, &Document), page: &Page, pixels: Affine, context: &mut RenderContext) {
        let mut canvas = Canvas { opened: self, document, context, pixels };
        for item in page.items.iter().filter(|item| item.visible && item.alpha > 0.0) {
            canvas.item(item);
        }
    }

    /// Draws a seal over the page, through which what lies under it shows.
    fn seal(&self, document: (usize, &Document), seal: &Seal, pixels: Affine, context: &mut RenderContext) {
        let Some(bytes) = self.package.seal_picture(seal) else { return };
        let place = seal.place;
        let corner = pixels * Affine::translate((place.left, place.top));
        let window = seal.clip.unwrap_or(Area { left: 0.0, top: 0.0, ..place });
        let window =
            Rect::new(window.left, window.top, window.left + window.width, window.top + window.height);
        context.set_transform(corner);
        context.set_fill_rule(Fill::NonZero);
        context.push_clip_layer(&window.to_path(0.1));
        context.push_blend_layer(BlendMode::new(Mix::Darken, Compose::SrcOver));
        if bytes.starts_with(b"PK") {
            // A package of its own; seals that it might have on its pages are not asked for.
            if let Ok(inner) = Self::open(bytes, &self.limits)
                && let Some(layout) = inner.package.documents.first()
            {
                let (page, _) = inner.package.page(layout, 0);
                let (across, down) = (place.width / page.area.width, place.height / page.area.height);
                inner.layout((0, layout), &page, corner * Affine::scale_non_uniform(across, down), context);
            }
        } else {
            let transform = corner * Affine::scale_non_uniform(place.width, place.height);
            Canvas { opened: self, document, context, pixels }.pixels_of(bytes, 1.0, transform);
        }
        context.pop_layer();
        context.pop_layer();
    }
}

fn stand_in(font: &Font) -> Option<Face> {
    // Chinese invoices are set in fonts with serifs unless their names say otherwise.
    Face::stand_in([&font.name, &font.family], font.serif || !font.name.contains("Sans"))
}

/// A page being drawn.
struct Canvas<'o> {
    opened: &'o Opened,
    document: (usize, &'o Document),
    context: &'o mut RenderContext,
    /// From millimetres of the page to pixels.
    pixels: Affine,
}

impl Canvas<'_> {
    fn item(&mut self, item: &Item) {
        let pixels = self.pixels;
        let mut layers = 0;
        for clip in &item.clips {
            let mut path = BezPath::new();
            clip.iter().for_each(|segments| path.extend(bezier(segments)));
            self.context.set_transform(pixels);
            self.context.set_fill_rule(Fill::NonZero);
            self.context.push_clip_layer(&path);
            layers += 1;
        }
        if item.darkens {
            self.context.push_blend_layer(BlendMode::new(Mix::Darken, Compose::SrcOver));
            layers += 1;
        }
        let transform = pixels * affine(&item.transform);
        match &item.drawing {
            Drawing::Path { segments, fill, stroke, even_odd } => {
                let path = bezier(segments);
                self.context.set_transform(transform);
                if *fill && let Some(colour) = item.style.fill {
                    self.context.set_fill_rule(if *even_odd { Fill::EvenOdd } else { Fill::NonZero });
                    self.context.set_paint(paint(colour, item.alpha));
                    self.context.fill_path(&path);
                }
                if *stroke {
                    self.stroke(&path, &item.style, item.alpha, transform);
                }
            }
            Drawing::Text(text) => self.text(item, text, transform),
            Drawing::Picture { media } => self.picture(item, media, transform),
        }
        for _ in 0..layers {
            self.context.pop_layer();
        }
    }

    fn stroke(&mut self, path: &BezPath, style: &Style, alpha: f64, transform: Affine) {
        let [a, b, c, d, ..] = transform.as_coeffs();
        let grows = (a * d - b * c).abs().sqrt().max(1e-9);
        let mut stroke = Stroke::new(style.line_width.max(HAIR / grows))
            .with_caps(match style.cap {
                "Round" => Cap::Round,
                "Square" => Cap::Square,
                _ => Cap::Butt,
            })
            .with_join(match style.join {
                "Round" => Join::Round,
                "Bevel" => Join::Bevel,
                _ => Join::Miter,
            });
        if style.dashes.iter().sum::<f64>() * grows > 1.0 && style.dashes.iter().all(|dash| *dash >= 0.0) {
            stroke = stroke.with_dashes(0.0, style.dashes.iter().copied());
        }
        self.context.set_transform(transform);
        self.context.set_stroke(stroke);
        self.context.set_paint(paint(style.stroke, alpha));
        self.context.stroke_path(path);
    }

    fn text(&mut self, item: &Item, text: &Text, transform: Affine) {
        let opened = self.opened;
        let key = (self.document.0, text.font.clone());
        let faces = opened.faces.get(&key).unwrap_or(&opened.other);
        let font = self.document.1.resources.fonts.get(&text.font);
        let slanted = faces.own.is_none() && (text.italic || font.is_some_and(|font| font.italic));
        let heavy = faces.own.is_none() && (text.weight >= BOLD || font.is_some_and(|font| font.bold));
        let ink = item.style.fill.unwrap_or(Colour::BLACK);
        for character in &text.characters {
            for glyph in glyphs(faces, character) {
                let mut own = transform
                    * Affine::translate((character.origin[0], character.origin[1]))
                    * Affine::rotate(text.turn.to_radians())
                    * Affine::scale_non_uniform(
                        text.size * text.widened * narrowed(faces, text, character, &glyph),
                        text.size,
                    );
                if slanted {
                    own *= Affine::new([1.0, 0.0, SLANT, 1.0, 0.0, 0.0]);
                }
                if text.fill {
                    self.context.set_transform(own);
                    self.context.set_fill_rule(Fill::NonZero);
                    self.context.set_paint(paint(ink, item.alpha));
                    self.context.fill_path(&glyph.outline);
                }
                if text.stroke || heavy {
                    let colour = if text.stroke { item.style.stroke } else { ink };
                    let width = if text.stroke { item.style.line_width / text.size.max(1e-6) } else { 0.03 };
                    let style = Style { line_width: width.min(0.06), stroke: colour, ..Style::default() };
                    self.stroke(&glyph.outline, &style, item.alpha, own);
                }
            }
        }
    }

    fn picture(&mut self, item: &Item, media: &str, transform: Affine) {
        let Some(media) = self.document.1.resources.media.get(media) else { return };
        if let Some(bytes) = self.opened.package.files.get(&media.path) {
            self.pixels_of(bytes, item.alpha, transform);
        }
    }

    /// Draws a picture file in the square from 0,0 to 1,1.
    fn pixels_of(&mut self, bytes: &[u8], alpha: f64, transform: Affine) {
        let [a, b, c, d, ..] = transform.as_coeffs();
        let (across, down) = (a.hypot(b), c.hypot(d));
        let Some(image) = decoded(bytes, (across, down), self.opened.limits.pixels) else { return };
        let (width, height) = (f64::from(image.width()), f64::from(image.height()));
        let (Ok(columns), Ok(rows)) = (u16::try_from(image.width()), u16::try_from(image.height())) else {
            return;
        };
        let metadata = PixelMetadata::new(peniko::ImageAlphaType::Alpha, true);
        let pixmap = Pixmap::from_parts(image.into_raw(), columns, rows, metadata);
        #[expect(clippy::cast_possible_truncation, reason = "a share needs no more digits")]
        let alpha = alpha as f32;
        self.context.set_transform(transform * Affine::scale_non_uniform(1.0 / width, 1.0 / height));
        self.context.set_paint(Image {
            image: ImageSource::Pixmap(Arc::new(pixmap)),
            sampler: ImageSampler {
                x_extend: peniko::Extend::Pad,
                y_extend: peniko::Extend::Pad,
                quality: peniko::ImageQuality::Medium,
                alpha,
            },
        });
        self.context.fill_rect(&Rect::new(0.0, 0.0, width, height));
    }
}

/// The glyphs that a character is drawn with.
fn glyphs(faces: &Faces, character: &Character) -> Vec<Glyph> {
    // Numbers of glyphs mean something in the font they were taken from only.
    if let (Some(ids), Some(own)) = (&character.glyphs, &faces.own) {
        return ids.iter().filter_map(|id| own.glyph(*id)).collect();
    }
    let own = faces.own.as_ref().and_then(|face| face.character(character.character));
    own.or_else(|| faces.stand_in.as_ref()?.character(character.character)).into_iter().collect()
}

/// How much a letter of a stand-in has to be narrowed for the place that its own font left it.
fn narrowed(faces: &Faces, text: &Text, character: &Character, glyph: &Glyph) -> f64 {
    let room = character.advance / (text.size * text.widened).max(1e-6);
    if faces.own.is_none() && room > 0.2 && glyph.advance > room { room / glyph.advance } else { 1.0 }
}

fn affine(matrix: &Matrix) -> Affine {
    Affine::new(matrix.0)
}

fn paint(colour: Colour, alpha: f64) -> AlphaColor<Srgb> {
    let [red, green, blue] = colour.rgb;
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "clamped")]
    let alpha = (colour.alpha * alpha * 255.0).round().clamp(0.0, 255.0) as u8;
    AlphaColor::from_rgba8(red, green, blue, alpha)
}

fn bezier(segments: &[Segment]) -> BezPath {
    let mut path = BezPath::new();
    let mut last = Point::ORIGIN;
    let mut start = Point::ORIGIN;
    for segment in segments {
        if path.is_empty() && !matches!(segment, Segment::Move(_)) {
            path.move_to(last);
        }
        match *segment {
            Segment::Move([x, y]) => {
                last = Point::new(x, y);
                start = last;
                path.move_to(last);
            }
            Segment::Line([x, y]) => {
                last = Point::new(x, y);
                path.line_to(last);
            }
            Segment::Quadratic([a, b], [x, y]) => {
                last = Point::new(x, y);
                path.quad_to(Point::new(a, b), last);
            }
            Segment::Cubic([a, b], [c, d], [x, y]) => {
                last = Point::new(x, y);
                path.curve_to(Point::new(a, b), Point::new(c, d), last);
            }
            Segment::Arc { radii: [rx, ry], angle, large, sweep, to: [x, y] } => {
                let to = Point::new(x, y);
                let arc = SvgArc {
                    from: last,
                    to,
                    radii: (rx.abs(), ry.abs()).into(),
                    x_rotation: angle.to_radians(),
                    large_arc: large,
                    sweep,
                };
                match Ellipse::from_svg_arc(&arc) {
                    Some(arc) => arc.to_cubic_beziers(0.01, |a, b, to| path.curve_to(a, b, to)),
                    None => path.line_to(to),
                }
                last = to;
            }
            Segment::Close => {
                path.close_path();
                last = start;
            }
        }
    }
    path
}

/// A picture of about as many pixels as are drawn of it; `None` where it cannot be decoded.
fn decoded(bytes: &[u8], (across, down): (f64, f64), allowed: u64) -> Option<RgbaImage> {
    if let Some(image) = bilevel::decoded(bytes, allowed) {
        return Some(fitted(image, (across, down)));
    }
    let headers = picture::headers(bytes, 1);
    let pixels = headers.first().map_or(0, |header| u64::from(header.width) * u64::from(header.height));
    if pixels > allowed {
        return None;
    }
    let format = image::guess_format(bytes).ok()?;
    let mut reader = image::ImageReader::with_format(Cursor::new(bytes), format);
    let mut bounds = image::Limits::default();
    bounds.max_alloc = Some(allowed * 4);
    reader.limits(bounds);
    let image = reader.decode().ok()?;
    Some(fitted(image.into_rgba8(), (across, down)))
}

/// The picture, made smaller where it has far more pixels than are drawn.
fn fitted(image: RgbaImage, (across, down): (f64, f64)) -> RgbaImage {
    let fits = |drawn: f64, stored: u32| {
        #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "clamped")]
        let wanted = drawn.ceil().clamp(1.0, 20_000.0) as u32;
        if f64::from(stored) > 1.5 * drawn { wanted } else { stored }
    };
    let (width, height) = (fits(across, image.width()), fits(down, image.height()));
    if (width, height) == image.dimensions() {
        return image;
    }
    image::imageops::resize(&image, width, height, image::imageops::FilterType::Triangle)
}
