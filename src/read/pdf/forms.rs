//! What forms and notes say that have no appearance of their own: a viewer makes one from the value,
//! and so the value is placed where the viewer would.
//!
//! Everything with an appearance was drawn with the page and is not looked at here.

use hayro::{
    hayro_syntax::{
        object::{Array, Dict, Name, Object, Rect as PdfRect, Stream, String as PdfString},
        page::Page,
    },
    kurbo::Affine,
};

use super::{
    embedded::{subtype, text},
    mark::Mark,
};
use crate::model::{geometry::Rect, limits::Limits};

/// How far up the tree of fields a value is looked for.
const PARENTS: usize = 16;
/// Flags of annotations that are not shown (ISO 32000-1, table 165): hidden, no view.
const UNSEEN: u32 = 1 << 1 | 1 << 5;
/// Flags of fields (ISO 32000-1, tables 228 and 230): several lines, password, one character a cell.
const MULTILINE: u32 = 1 << 12;
const PASSWORD: u32 = 1 << 13;
const COMB: u32 = 1 << 24;
/// What a viewer leaves free inside the border, in points.
const PADDING: f64 = 2.0;

/// Values that are shown and not drawn, as glyphs.
pub(super) fn marks(page: &Page<'_>, transform: Affine, limits: &Limits) -> Vec<Mark> {
    let mut marks = Vec::new();
    let Some(annotations) = page.raw().get::<Array<'_>>("Annots".as_bytes()) else { return marks };
    for annotation in annotations.iter::<Dict<'_>>() {
        let flags = annotation.get::<u32>("F".as_bytes()).unwrap_or(0);
        if flags & UNSEEN != 0 || drawn(&annotation) || marks.len() >= limits.glyphs {
            continue;
        }
        let value = match subtype(&annotation).as_str() {
            "Widget" => field_value(&annotation),
            "FreeText" => string(&annotation, "Contents"),
            _ => None,
        };
        if let (Some(value), Some(place)) = (value, annotation.get::<PdfRect>("Rect".as_bytes())) {
            let place = transform
                .transform_rect_bbox(hayro::kurbo::Rect::new(place.x0, place.y0, place.x1, place.y1));
            let place = Rect::new(place.x0, place.y0, place.x1, place.y1);
            let value: String = value.chars().take(limits.glyphs - marks.len()).collect();
            lay_out(&annotation, &value, place, &mut marks);
        }
    }
    marks
}

/// Whether an annotation has an appearance.
fn drawn(annotation: &Dict<'_>) -> bool {
    annotation
        .get::<Dict<'_>>("AP".as_bytes())
        .and_then(|looks| looks.get::<Object<'_>>("N".as_bytes()))
        .is_some_and(|normal| matches!(normal, Object::Stream(_) | Object::Dict(_)))
}

/// What a field of text or choice says.
fn field_value(widget: &Dict<'_>) -> Option<String> {
    let kind = inherited(widget, |field| field.get::<Name<'_>>("FT".as_bytes()))?;
    if !matches!(kind.as_str(), "Tx" | "Ch") || flags(widget) & PASSWORD != 0 {
        return None;
    }
    inherited(widget, |field| match field.get::<Object<'_>>("V".as_bytes())? {
        Object::String(value) => Some(text(&value)),
        Object::Stream(value) => value.decoded().ok().map(|value| text(&value)),
        Object::Array(values) => {
            let values: Vec<String> = values.iter::<PdfString<'_>>().map(|value| text(&value)).collect();
            Some(values.join(" "))
        }
        _ => None,
    })
}

fn flags(field: &Dict<'_>) -> u32 {
    inherited(field, |field| field.get::<u32>("Ff".as_bytes())).unwrap_or(0)
}

fn string(dict: &Dict<'_>, key: &str) -> Option<String> {
    match dict.get::<Object<'_>>(key.as_bytes())? {
        Object::String(value) => Some(text(&value)),
        Object::Stream(value) => Stream::decoded(&value).ok().map(|value| text(&value)),
        _ => None,
    }
}

/// What a field or one above it has.
fn inherited<'a, T>(field: &Dict<'a>, get: impl Fn(&Dict<'a>) -> Option<T>) -> Option<T> {
    let mut field = field.clone();
    for _ in 0..PARENTS {
        if let Some(found) = get(&field) {
            return Some(found);
        }
        field = field.get::<Dict<'a>>("Parent".as_bytes())?;
    }
    None
}

/// The font size that the appearance string names, as in `/Helv 12 Tf`; 0 means any that fits.
fn named_size(field: &Dict<'_>) -> Option<f64> {
    let appearance = inherited(field, |field| field.get::<PdfString<'_>>("DA".as_bytes()))?;
    let appearance = String::from_utf8_lossy(&appearance).into_owned();
    let mut before = "";
    for token in appearance.split_whitespace() {
        if token == "Tf" {
            return before.parse().ok().filter(|size: &f64| size.is_finite() && *size > 0.0);
        }
        before = token;
    }
    None
}

fn lay_out(field: &Dict<'_>, value: &str, place: Rect, marks: &mut Vec<Mark>) {
    let flags = flags(field);
    let several = flags & MULTILINE != 0 || subtype(field) == "FreeText";
    let fitting = if several { 12.0 } else { (place.height() * 0.7).min(12.0) };
    let size = named_size(field).unwrap_or(fitting).clamp(1.0, place.height().max(1.0));
    let room = (place.width() - 2.0 * PADDING).max(1.0);
    if let Some(cells) = inherited(field, |field| field.get::<u32>("MaxLen".as_bytes()))
        && flags & COMB != 0
        && cells > 0
    {
        let cell = place.width() / f64::from(cells);
        let top = place.center_y() - size / 2.0;
        let mut left = place.left;
        for character in value.chars() {
            marks.push(mark(character, Rect::new(left, top, left + cell, top + size), size.max(cell)));
            left += cell;
        }
        return;
    }
    let lines = if several { wrapped(value, room / size) } else { vec![value.to_owned()] };
    let mut top = if several { place.top + PADDING } else { place.center_y() - size / 2.0 };
    let quadding = inherited(field, |field| field.get::<i32>("Q".as_bytes())).unwrap_or(0);
    for line in lines {
        let length: f64 = line.chars().map(width).sum::<f64>() * size;
        // Text that is too long is cut by a viewer; here nothing is lost.
        let narrowed = (room / length.max(0.1)).min(1.0);
        let free = (room - length * narrowed).max(0.0);
        let mut left =
            place.left + PADDING + free * [0.0, 0.5, 1.0][quadding.clamp(0, 2).unsigned_abs() as usize];
        for character in line.chars() {
            let right = left + width(character) * size * narrowed;
            marks.push(mark(character, Rect::new(left, top, right, top + size), size));
            left = right;
        }
        top += size * 1.15;
    }
}

fn mark(character: char, bounds: Rect, size: f64) -> Mark {
    Mark::plain(character.encode_utf8(&mut [0; 4]), bounds, size, 0.0)
}

/// How wide a character is, in ems, in a font that is not known.
fn width(character: char) -> f64 {
    if character < '\u{2e80}' { 0.5 } else { 1.0 }
}

/// Lines of at most so many ems.
fn wrapped(value: &str, ems: f64) -> Vec<String> {
    let mut lines = Vec::new();
    for given in value.split(['\r', '\n']).filter(|line| !line.is_empty()) {
        let (mut line, mut used) = (String::new(), 0.0);
        for character in given.chars() {
            if used + width(character) > ems && !line.is_empty() {
                lines.push(std::mem::take(&mut line));
                used = 0.0;
            }
            line.push(character);
            used += width(character);
        }
        lines.push(line);
    }
    lines
}
