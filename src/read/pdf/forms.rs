//! What forms and notes say that have no appearance of their own: a viewer makes one from the value,
//! and so the value is placed where the viewer would.
//!
//! Everything with an appearance was drawn with the page. Only whether it shows what the value says is
//! looked at here: some viewers show the one, some the other.

use hayro::{
    hayro_syntax::{
        object::{Array, Dict, Name, Object, Rect as PdfRect, Stream, String as PdfString},
        page::Page,
    },
    kurbo::Affine,
};
use rust_decimal::Decimal;
use unicode_normalization::UnicodeNormalization;

use super::{
    embedded::{subtype, text},
    mark::Mark,
    unicode::unresolved,
};
use crate::{
    model::{
        geometry::Rect,
        page::Concealment,
        problem::Problem,
        value::{date::parse_day, money::parse_figures},
    },
    read::hidden::{short, stands_in},
};

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

/// What forms and notes of a page say.
pub(super) struct Forms<'a> {
    said: Vec<Said<'a>>,
    /// Whether more is said than is kept.
    pub(super) cut: bool,
}

/// A value, where it stands, and whether it was drawn with the page.
struct Said<'a> {
    annotation: Dict<'a>,
    value: String,
    place: Rect,
    drawn: bool,
    is_text: bool,
}

impl<'a> Forms<'a> {
    /// The values of a page, of which at most so many characters are kept.
    pub(super) fn of(page: &Page<'a>, transform: Affine, mut most: usize) -> Self {
        let annotations = page.raw().get::<Array<'a>>("Annots".as_bytes());
        let mut forms = Self { said: Vec::new(), cut: false };
        for annotation in annotations.iter().flat_map(|annotations| annotations.iter::<Dict<'a>>()) {
            if annotation.get::<u32>("F".as_bytes()).unwrap_or(0) & UNSEEN != 0 {
                continue;
            }
            // One long value may be that of many fields: it is not unpacked for each.
            if most == 0 {
                forms.cut = true;
                break;
            }
            let (value, is_text) = match subtype(&annotation).as_str() {
                "Widget" => match field_value(&annotation) {
                    Some((value, is_text)) => (value, is_text),
                    None => continue,
                },
                "FreeText" => match string(&annotation, "Contents") {
                    Some(value) => (value, false),
                    None => continue,
                },
                _ => continue,
            };
            let Some(place) = annotation.get::<PdfRect>("Rect".as_bytes()) else { continue };
            let place = transform
                .transform_rect_bbox(hayro::kurbo::Rect::new(place.x0, place.y0, place.x1, place.y1));
            let place = Rect::new(place.x0, place.y0, place.x1, place.y1);
            let drawn = has_appearance(&annotation);
            forms.cut = value.chars().nth(most).is_some();
            let value: String = value.chars().take(most).collect();
            most -= value.chars().count();
            forms.said.push(Said { annotation, value, place, drawn, is_text });
        }
        forms
    }

    /// Values that are shown and not drawn, as glyphs.
    pub(super) fn marks(&self) -> Vec<Mark> {
        let mut marks = Vec::new();
        for said in self.said.iter().filter(|said| !said.drawn) {
            lay_out(&said.annotation, &said.value, said.place, &mut marks);
        }
        marks
    }

    /// What to say of fields of text that say one thing and show another, given the glyphs that notes
    /// and fields have drawn. Values of choices have other names on the page, and those that a field
    /// shows nothing of may be drawn as a picture. Looks as far as the `steps` go.
    pub(super) fn differing(&self, drawn: &[Mark], steps: &mut usize) -> Option<Problem> {
        let mut differing = self.said.iter().filter(|said| said.drawn && said.is_text).filter_map(|said| {
            *steps = steps.checked_sub(1 + drawn.len() / 16)?;
            let place = said.place.grown(1.0);
            let within = drawn.iter().filter(|mark| place.holds(&mark.bounds));
            let within = within.filter(|mark| !matches!(mark.concealed, Some(Concealment::Invisible)));
            if within.clone().any(|mark| mark.doubtful || mark.text.contains(unresolved)) {
                return None;
            }
            let shown: String = within.map(|mark| &*mark.text).collect();
            (!is_said(&shown, &said.value)).then_some((shown, said))
        });
        let (shown, said) = differing.next()?;
        let count = 1 + differing.count();
        let (shown, said) = (short(shown.trim()), short(said.value.trim()));
        Some(Problem::new(
            "form-value-differs",
            format!(
                "本页有 {count} 个表单域显示的内容与其存储的值不同，如显示“{shown}”而值为“{said}”；以显示内容为准，请核实，并重新导出为普通 PDF 后提交"
            ),
            format!(
                "{count} form fields on this page show something else than their value, such as {shown:?} for {said:?}; what is shown was read; see which is right and hand in a PDF without form fields"
            ),
        ))
    }
}

/// Whether what is shown says a value: the same amount, share or day, or the same text, of which a
/// field may show only a part, and beside which a unit may stand.
fn is_said(shown: &str, value: &str) -> bool {
    let folded = |text: &str| text.nfkc().filter(|c| !c.is_whitespace()).collect::<String>();
    let (shown, value) = (folded(shown), folded(value));
    if !shown.contains(char::is_alphanumeric) || !value.contains(char::is_alphanumeric) {
        return true;
    }
    if let Some((one, other)) = figures(&shown).zip(figures(&value)) {
        return one.0 == other.0 && (one.1 == other.1 || one.1.is_empty() || other.1.is_empty());
    }
    if let Some((shown, value)) = parse_day(&shown).zip(parse_day(&value)) {
        return shown == value;
    }
    stands_in(&value, &shown) || stands_in(&shown, &value)
}

/// An amount and the letters beside it, or a share such as `12%`.
fn figures(text: &str) -> Option<(Decimal, String)> {
    if let Some(amount) = parse_figures(text) {
        return Some((amount, String::new()));
    }
    if let Some(share) = text.strip_suffix('%') {
        return Some((parse_figures(share)? / Decimal::ONE_HUNDRED, String::new()));
    }
    let figures = text.trim_matches(char::is_alphabetic);
    let unit = text.chars().filter(|c| c.is_alphabetic()).collect();
    Some((parse_figures(figures)?, unit))
}

/// Whether an annotation has an appearance.
fn has_appearance(annotation: &Dict<'_>) -> bool {
    annotation
        .get::<Dict<'_>>("AP".as_bytes())
        .and_then(|looks| looks.get::<Object<'_>>("N".as_bytes()))
        .is_some_and(|normal| matches!(normal, Object::Stream(_) | Object::Dict(_)))
}

/// What a field of text or choice says, and whether it is one of text.
fn field_value(widget: &Dict<'_>) -> Option<(String, bool)> {
    let kind = inherited(widget, |field| field.get::<Name<'_>>("FT".as_bytes()))?;
    if !matches!(kind.as_str(), "Tx" | "Ch") || flags(widget) & PASSWORD != 0 {
        return None;
    }
    let value = inherited(widget, |field| match field.get::<Object<'_>>("V".as_bytes())? {
        Object::String(value) => Some(text(&value)),
        Object::Stream(value) => value.decoded().ok().map(|value| text(&value)),
        Object::Array(values) => {
            let values: Vec<String> = values.iter::<PdfString<'_>>().map(|value| text(&value)).collect();
            Some(values.join(" "))
        }
        _ => None,
    })?;
    Some((value, kind.as_str() == "Tx"))
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
