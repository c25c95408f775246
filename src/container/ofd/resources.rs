//! What pages refer to by number: fonts, pictures, drawing parameters, composite units.

use std::collections::BTreeMap;

use super::{Colour, Font, Style, files::Files, values};
use crate::container::xml::Element;

/// Drawing parameters that lean on each other more often than this lean on themselves.
const RELATIVES: usize = 8;
/// Lengths in one pattern of dashes.
const DASHES: usize = 16;

/// The resources of one document, by identifier.
#[derive(Debug, Default)]
pub struct Resources {
    /// Fonts.
    pub fonts: BTreeMap<String, Font>,
    /// Pictures and other media: the path of the file in the package.
    pub media: BTreeMap<String, Media>,
    params: BTreeMap<String, Element>,
    /// Vector graphics that pages use as a whole.
    pub(super) units: BTreeMap<String, Element>,
}

/// A media file.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Media {
    /// The path in the package; empty where the file is missing.
    pub path: String,
    /// What the resource says its format is, in upper case; may be empty.
    pub format: String,
}

impl Resources {
    /// Adds what one resource file declares.
    pub(super) fn add(&mut self, root: Element, path: &str, files: &Files) {
        let base = root.attribute("BaseLoc").unwrap_or_default().to_owned();
        for group in root.into_elements() {
            for one in group.into_elements() {
                let Some(id) = one.attribute("ID").map(|id| id.trim().to_owned()) else { continue };
                match one.name.as_str() {
                    "Font" => {
                        self.fonts.insert(id, font(&one, path, &base, files));
                    }
                    "MultiMedia" => {
                        let file = one.child("MediaFile").map(Element::text).unwrap_or_default();
                        let path = files.find(path, &base, &file).unwrap_or_default();
                        let format = one.attribute("Format").unwrap_or_default().to_uppercase();
                        self.media.insert(id, Media { path, format });
                    }
                    "DrawParam" => {
                        self.params.insert(id, one);
                    }
                    // Some writers spell the unit with a T.
                    "CompositeGraphicUnit" | "CompositeGraphicUnitT" | "VectorG" => {
                        self.units.insert(id, one);
                    }
                    _ => {}
                }
            }
        }
    }

    /// A style with what the drawing parameters of this identifier say, and those they lean on.
    pub(super) fn styled(&self, mut style: Style, id: &str) -> Style {
        let mut chain: Vec<&Element> = Vec::new();
        let mut next = Some(id.trim());
        while let Some(param) = next.and_then(|id| self.params.get(id)) {
            if chain.len() >= RELATIVES {
                break;
            }
            chain.push(param);
            next = param.attribute("Relative").map(str::trim);
        }
        for param in chain.into_iter().rev() {
            style = Self::overlaid(style, param);
        }
        style
    }

    /// A style with what the attributes and colours of an element say.
    pub(super) fn overlaid(mut style: Style, element: &Element) -> Style {
        let own = |name: &str| element.attribute(name).and_then(values::number);
        if let Some(width) = own("LineWidth") {
            style.line_width = width.abs();
        }
        if let Some(cap) = element.attribute("Cap") {
            style.cap = known(cap, &["Butt", "Round", "Square"]);
        }
        if let Some(join) = element.attribute("Join") {
            style.join = known(join, &["Miter", "Round", "Bevel"]);
        }
        if let Some(dashes) = element.attribute("DashPattern") {
            style.dashes = values::offsets(dashes);
            style.dashes.truncate(DASHES);
        }
        if let Some(colour) = element.child("FillColor").and_then(Self::colour) {
            style.fill = Some(colour);
        }
        if let Some(colour) = element.child("StrokeColor").and_then(Self::colour) {
            style.stroke = colour;
        }
        style
    }

    /// A colour; of a shading the first colour, which is near enough for a look at the page.
    fn colour(element: &Element) -> Option<Colour> {
        let alpha = element.attribute("Alpha").and_then(values::number).unwrap_or(255.0) / 255.0;
        let own = element.attribute("Value").and_then(values::colour);
        let shaded = || {
            let mut first = None;
            element.walk(&mut |inner| {
                if first.is_none() && inner.name == "Color" {
                    first = inner.attribute("Value").and_then(values::colour);
                }
            });
            first
        };
        // A colour without a value is black (GB/T 33190-2016, 8.3.2).
        let colour = own.or_else(shaded).unwrap_or(Colour::BLACK);
        Some(Colour { alpha: alpha.clamp(0.0, 1.0), ..colour })
    }
}

/// The name that a value is, else the first.
fn known(value: &str, names: &[&'static str]) -> &'static str {
    names
        .iter()
        .find(|name| name.eq_ignore_ascii_case(value.trim()))
        .or(names.first())
        .copied()
        .unwrap_or_default()
}

fn font(element: &Element, path: &str, base: &str, files: &Files) -> Font {
    let text = |name: &str| element.attribute(name).unwrap_or_default().to_owned();
    let flag = |name: &str| element.attribute(name).is_some_and(|value| value.eq_ignore_ascii_case("true"));
    let file = element.child("FontFile").map(Element::text).unwrap_or_default();
    let file = if file.trim().is_empty() { None } else { files.find(path, base, &file) };
    Font {
        name: text("FontName"),
        family: text("FamilyName"),
        serif: flag("Serif"),
        bold: flag("Bold"),
        italic: flag("Italic"),
        file,
    }
}
