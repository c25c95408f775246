//! A page as the list of what is drawn on it, in order: templates, layers, blocks, composite units and
//! annotations are laid out flat, each object with its map to the page.

use std::{collections::BTreeSet, sync::Arc};

use super::{
    Area, Character, Clip, Document, Drawing, Item, Layer, Matrix, OfdTrouble, Package, Resources, Segment,
    Style, Text, values,
};
use crate::container::{width::is_wide, xml::Element};

/// Units inside units deeper than this lean on themselves.
const DEPTH: usize = 8;
/// Clips in force at one time.
const CLIPS: usize = 24;
/// How many things that are referred to in vain are said of one page.
const UNKNOWN: usize = 20;
/// A4 upright, where nothing says how large a page is.
const A4: Area = Area { left: 0.0, top: 0.0, width: 210.0, height: 297.0 };

/// A page.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Page {
    /// The sheet, in millimetres; its corner is the origin of everything drawn.
    pub area: Area,
    /// Where that corner lies in the coordinates of the file.
    pub corner: [f64; 2],
    /// What is drawn, the first under the others.
    pub items: Vec<Item>,
}

/// The sheet that a `PageArea` or `Area` describes.
pub(super) fn area(element: &Element) -> Option<Area> {
    ["PhysicalBox", "ApplicationBox", "CropBox", "ContentBox"].iter().find_map(|name| {
        let area = values::area(&element.child(name)?.text())?;
        (area.width > 0.0 && area.height > 0.0).then_some(area)
    })
}

impl Package {
    /// Page `index` (from 0) of a document.
    #[must_use]
    pub fn page(&self, document: &Document, index: usize) -> (Page, Vec<OfdTrouble>) {
        let mut troubles = Vec::new();
        let mut page = Page { area: document.area.unwrap_or(A4), ..Page::default() };
        let Some((id, file)) = document.pages.get(index) else { return (page, troubles) };
        let Some(root) = self.xml(file, &mut troubles) else { return (page, troubles) };
        if let Some(own) = root.child("Area").and_then(area) {
            page.area = own;
        }
        let mut flat = Flat {
            resources: &document.resources,
            // The sheet need not begin at the origin.
            corner: Matrix::moved(-page.area.left, -page.area.top),
            left: self.limits.objects,
            pieces: self.limits.pieces,
            items: Vec::new(),
            layer: Layer::Template,
            unknown: BTreeSet::new(),
            too_deep: false,
        };
        // What a layer lies in: background, body or foreground, in this order.
        for order in 0..3 {
            flat.layer = Layer::Template;
            for template in root.named("Template").filter(|one| rank(one.attribute("ZOrder"), 0) == order) {
                let wanted = template.attribute("TemplateID").unwrap_or_default().trim();
                let file = document.templates.get(wanted).cloned();
                let tree = file.and_then(|file| self.xml(&file, &mut troubles));
                match &tree {
                    Some(tree) => (0..3).for_each(|order| flat.layers(tree, order)),
                    None => troubles.push(OfdTrouble::Missing { path: format!("template {wanted}") }),
                }
            }
            flat.layer = Layer::Content;
            flat.layers(&root, order);
        }
        flat.layer = Layer::Annotation;
        for file in document.annotations.get(id).into_iter().flatten() {
            if let Some(tree) = self.xml(file, &mut troubles) {
                tree.named("Annot").for_each(|annotation| flat.annotation(annotation));
            }
        }
        if flat.left == 0 || flat.pieces == 0 {
            troubles.push(OfdTrouble::TooMuch { allowed: self.limits.objects });
        }
        if flat.too_deep {
            troubles.push(OfdTrouble::TooDeep { allowed: DEPTH });
        }
        troubles.extend(flat.unknown.into_iter().map(|path| OfdTrouble::Missing { path }));
        page.items = flat.items;
        page.corner = [page.area.left, page.area.top];
        page.area = Area { left: 0.0, top: 0.0, ..page.area };
        (page, troubles)
    }
}

fn rank(order: Option<&str>, else_: u8) -> u8 {
    match order {
        Some("Background") => 0,
        Some("Body") => 1,
        Some("Foreground") => 2,
        _ => else_,
    }
}

/// A page being laid out flat.
struct Flat<'d> {
    resources: &'d Resources,
    /// From the coordinates of the sheet to those of its corner.
    corner: Matrix,
    /// Objects and characters that may still be taken.
    left: usize,
    /// Pieces of paths that may still be taken: units repeat what they hold.
    pieces: usize,
    items: Vec<Item>,
    layer: Layer,
    /// What objects refer to and no resource declares.
    unknown: BTreeSet<String>,
    too_deep: bool,
}

/// What holds for everything inside a layer, block, unit or annotation.
#[derive(Clone)]
struct Frame {
    transform: Matrix,
    clips: Vec<Arc<Clip>>,
    alpha: f64,
    visible: bool,
    style: Style,
    depth: usize,
}

impl Frame {
    fn new(transform: Matrix) -> Self {
        Self { transform, clips: Vec::new(), alpha: 1.0, visible: true, style: Style::default(), depth: 0 }
    }
}

impl Flat<'_> {
    fn layers(&mut self, root: &Element, order: u8) {
        for layer in root.named("Content").flat_map(|content| content.named("Layer")) {
            if rank(layer.attribute("Type"), 1) == order {
                let mut frame = Frame::new(self.corner);
                if let Some(param) = layer.attribute("DrawParam") {
                    frame.style = self.resources.styled(frame.style, param);
                }
                frame.visible = shown(layer);
                self.block(layer, &frame);
            }
        }
    }

    fn annotation(&mut self, annotation: &Element) {
        let Some(appearance) = annotation.child("Appearance") else { return };
        let place = appearance.attribute("Boundary").and_then(values::area).unwrap_or_default();
        let corner = self.corner.after(&Matrix::moved(place.left, place.top));
        let frame = Frame { visible: shown(annotation), ..Frame::new(corner) };
        self.block(appearance, &frame);
    }

    fn block(&mut self, block: &Element, frame: &Frame) {
        if frame.depth >= DEPTH {
            self.too_deep = true;
            return;
        }
        for object in block.elements() {
            if self.left == 0 || self.pieces == 0 {
                return;
            }
            match object.name.as_str() {
                "TextObject" | "PathObject" | "ImageObject" => {
                    self.left -= 1;
                    self.object(object, frame);
                }
                "CompositeObject" => {
                    self.left -= 1;
                    self.unit(object, frame);
                }
                "PageBlock" | "Layer" => {
                    let inner = Frame {
                        depth: frame.depth + 1,
                        visible: frame.visible && shown(object),
                        ..frame.clone()
                    };
                    self.block(object, &inner);
                }
                _ => {}
            }
        }
    }

    /// What an object adds to the frame it stands in, and where it may draw.
    fn framed(&mut self, object: &Element, frame: &Frame) -> (Frame, Area) {
        let boundary = object.attribute("Boundary").and_then(values::area).unwrap_or_default();
        let corner = frame.transform.after(&Matrix::moved(boundary.left, boundary.top));
        let own = object.attribute("CTM").and_then(values::matrix).unwrap_or(Matrix::IDENTITY);
        let alpha = object.attribute("Alpha").and_then(values::number).unwrap_or(255.0) / 255.0;
        let mut style = frame.style.clone();
        if let Some(param) = object.attribute("DrawParam") {
            style = self.resources.styled(style, param);
        }
        let inner = Frame {
            transform: corner.after(&own),
            clips: self.clips(object, &corner, &own, &frame.clips),
            alpha: frame.alpha * alpha.clamp(0.0, 1.0),
            visible: frame.visible && shown(object),
            style: Resources::overlaid(style, object),
            depth: frame.depth + 1,
        };
        (inner, covered(&corner, boundary))
    }

    /// The clips in force with those of an object added (GB/T 33190-2016, 8.4).
    fn clips(
        &mut self,
        object: &Element,
        corner: &Matrix,
        own: &Matrix,
        before: &[Arc<Clip>],
    ) -> Vec<Arc<Clip>> {
        let mut found = before.to_vec();
        for list in object.named("Clips") {
            let base = if flag(list, "TransFlag", true) { corner.after(own) } else { *corner };
            for clip in list.named("Clip") {
                let mut paths = Vec::new();
                for area in clip.named("Area") {
                    let ctm = area.attribute("CTM").and_then(values::matrix).unwrap_or(Matrix::IDENTITY);
                    for path in area.named("Path") {
                        let place = path.attribute("Boundary").and_then(values::area).unwrap_or_default();
                        let own = path.attribute("CTM").and_then(values::matrix).unwrap_or(Matrix::IDENTITY);
                        let map = base.after(&ctm).after(&Matrix::moved(place.left, place.top)).after(&own);
                        let data = path.child("AbbreviatedData").map(Element::text).unwrap_or_default();
                        paths.push(mapped(&values::path(&data), &map));
                    }
                }
                self.pieces = self.pieces.saturating_sub(paths.iter().map(Vec::len).sum());
                // What lies in so many clips is nearly always cut by the first of them.
                if !paths.is_empty() && found.len() < CLIPS {
                    found.push(Arc::new(paths));
                }
            }
        }
        found
    }

    /// Keeps what an object refers to in vain, so far as an identifier may be long. Drawing parameters and
    /// fonts are not among it: usual writers name some that nobody declares, and every program then draws
    /// the same.
    fn missing(&mut self, what: &str, id: &str) {
        let id: String = id.trim().chars().take(20).collect();
        if self.unknown.len() < UNKNOWN {
            self.unknown.insert(format!("{what} {id}"));
        }
    }

    fn unit(&mut self, object: &Element, frame: &Frame) {
        let (inner, _) = self.framed(object, frame);
        let wanted = object.attribute("ResourceID").unwrap_or_default().trim();
        let Some(content) = self.resources.units.get(wanted).and_then(|unit| unit.child("Content")) else {
            self.missing("CompositeGraphicUnit", wanted);
            return;
        };
        self.block(content, &inner);
    }

    fn object(&mut self, object: &Element, frame: &Frame) {
        let (inner, boundary) = self.framed(object, frame);
        let drawing = match object.name.as_str() {
            "TextObject" => {
                let text = text(object, self.left);
                self.left = self.left.saturating_sub(text.characters.len());
                Drawing::Text(text)
            }
            "PathObject" => {
                let (path, pieces) = path(object);
                self.pieces = self.pieces.saturating_sub(pieces);
                path
            }
            _ => {
                let media = identifier(object, "ResourceID");
                if !self.resources.media.contains_key(&media) {
                    self.missing("MultiMedia", &media);
                }
                Drawing::Picture { media }
            }
        };
        // A picture without a map of its own fills its place.
        let mut transform = inner.transform;
        if matches!(drawing, Drawing::Picture { .. })
            && object.attribute("CTM").and_then(values::matrix).is_none()
            && let Some(place) = object.attribute("Boundary").and_then(values::area)
        {
            transform = transform.after(&Matrix([place.width, 0.0, 0.0, place.height, 0.0, 0.0]));
        }
        self.items.push(Item {
            id: identifier(object, "ID"),
            layer: self.layer,
            transform,
            boundary,
            clips: inner.clips,
            alpha: inner.alpha,
            darkens: object.attribute("BlendMode").is_some_and(|mode| matches!(mode, "Darken" | "Multiply")),
            visible: inner.visible,
            style: inner.style,
            drawing,
        });
    }
}

/// An identifier, which every repetition of a unit copies: what is longer than any number is none.
fn identifier(element: &Element, name: &str) -> String {
    let id = element.attribute(name).unwrap_or_default().trim();
    if id.len() > 64 { String::new() } else { id.to_owned() }
}

/// Whether an element is to be seen; what says nothing is.
fn shown(element: &Element) -> bool {
    !element.attribute("Visible").is_some_and(|value| value.trim().eq_ignore_ascii_case("false"))
}

fn flag(element: &Element, name: &str, else_: bool) -> bool {
    element.attribute(name).map_or(else_, |value| value.trim().eq_ignore_ascii_case("true"))
}

/// The box round a box after a map.
fn covered(map: &Matrix, area: Area) -> Area {
    let (right, bottom) = (area.width, area.height);
    let corners = [[0.0, 0.0], [right, 0.0], [0.0, bottom], [right, bottom]].map(|corner| map.at(corner));
    let least = |axis: usize| corners.iter().map(|corner| corner[axis]).fold(f64::MAX, f64::min);
    let most = |axis: usize| corners.iter().map(|corner| corner[axis]).fold(f64::MIN, f64::max);
    Area { left: least(0), top: least(1), width: most(0) - least(0), height: most(1) - least(1) }
}

/// A path after a map. Pieces of ellipses are kept round, which a map that skews would not do.
fn mapped(path: &[Segment], map: &Matrix) -> Vec<Segment> {
    let (across, down) = map.scale();
    path.iter()
        .map(|segment| match *segment {
            Segment::Move(to) => Segment::Move(map.at(to)),
            Segment::Line(to) => Segment::Line(map.at(to)),
            Segment::Quadratic(a, to) => Segment::Quadratic(map.at(a), map.at(to)),
            Segment::Cubic(a, b, to) => Segment::Cubic(map.at(a), map.at(b), map.at(to)),
            Segment::Arc { radii: [rx, ry], angle, large, sweep, to } => {
                Segment::Arc { radii: [rx * across, ry * down], angle, large, sweep, to: map.at(to) }
            }
            Segment::Close => Segment::Close,
        })
        .collect()
}

/// A path, and of how many pieces it is.
fn path(object: &Element) -> (Drawing, usize) {
    let data = object.child("AbbreviatedData").map(Element::text).unwrap_or_default();
    let segments = values::path(&data);
    let pieces = segments.len();
    let path = Drawing::Path {
        segments,
        fill: flag(object, "Fill", false),
        stroke: flag(object, "Stroke", true),
        even_odd: object.attribute("Rule").is_some_and(|rule| rule.trim().eq_ignore_ascii_case("Even-Odd")),
    };
    (path, pieces)
}

fn text(object: &Element, most: usize) -> Text {
    let own = |name: &str| object.attribute(name).and_then(values::number);
    let size = own("Size").unwrap_or(0.0).abs();
    let widened = own("HScale").filter(|scale| *scale > 0.0).unwrap_or(1.0);
    let mut text = Text {
        font: identifier(object, "Font"),
        size,
        widened,
        weight: own("Weight").unwrap_or(400.0),
        italic: flag(object, "Italic", false),
        turn: own("CharDirection").unwrap_or(0.0),
        fill: flag(object, "Fill", true),
        stroke: flag(object, "Stroke", false),
        characters: Vec::new(),
    };
    let reading = own("ReadDirection").unwrap_or(0.0).to_radians();
    let mut last = [0.0, 0.0];
    for (run, code) in (0..).zip(object.named("TextCode")) {
        let place = |name: &str| code.attribute(name).and_then(values::number);
        // Without a place of its own a run begins where the one before it did.
        let start = [place("X").unwrap_or(last[0]), place("Y").unwrap_or(last[1])];
        last = start;
        let offsets = |name: &str| code.attribute(name).map(values::offsets).unwrap_or_default();
        let (across, down) = (offsets("DeltaX"), offsets("DeltaY"));
        let characters = code.text();
        let mut at = start;
        for (index, character) in characters.chars().filter(|c| *c != '\n' && *c != '\r').enumerate() {
            if text.characters.len() >= most {
                return text;
            }
            let natural = size * widened * if is_wide(character) { 1.0 } else { 0.5 };
            // A list that is too short goes on with its last distance.
            let step = |list: &[f64]| list.get(index).or_else(|| list.last()).copied();
            let next = match (step(&across), step(&down)) {
                (None, None) => [natural * reading.cos(), natural * reading.sin()],
                (x, y) => [x.unwrap_or(0.0), y.unwrap_or(0.0)],
            };
            text.characters.push(Character {
                character,
                origin: at,
                advance: next[0].hypot(next[1]),
                glyphs: None,
                run,
            });
            at = [at[0] + next[0], at[1] + next[1]];
        }
        if let Some(ending) = text.characters.last_mut() {
            let natural = size * widened * if is_wide(ending.character) { 1.0 } else { 0.5 };
            ending.advance = natural;
        }
    }
    glyphs(object, &mut text);
    text
}

/// Takes over which glyphs of the font the file names (GB/T 33190-2016, 11.4).
fn glyphs(object: &Element, text: &mut Text) {
    for transform in object.named("CGTransform") {
        let count = |name: &str| {
            let value = transform.attribute(name)?.trim().parse::<usize>().ok()?;
            (value < 1_000_000).then_some(value)
        };
        let from = count("CodePosition").unwrap_or(0);
        let codes = count("CodeCount").unwrap_or(1);
        let listed = transform.child("Glyphs").map(Element::text).unwrap_or_default();
        let ids: Vec<u32> = listed.split_whitespace().filter_map(|id| id.parse().ok()).collect();
        let wanted = count("GlyphCount").unwrap_or(ids.len()).min(ids.len());
        let ids = ids.get(..wanted).unwrap_or_default();
        for (at, character) in text.characters.iter_mut().skip(from).take(codes).enumerate() {
            character.glyphs = Some(if codes == ids.len() {
                ids.get(at).copied().into_iter().collect()
            } else if at == 0 {
                ids.to_vec()
            } else {
                Vec::new()
            });
        }
    }
}
