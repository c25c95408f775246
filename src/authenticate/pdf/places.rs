//! Where signatures show on the pages of a PDF.

use std::panic::{AssertUnwindSafe, catch_unwind};

use lopdf::{Dictionary, Document as Pdf, LoadOptions, Object};

use crate::model::{
    document::Document,
    geometry::{Rect, Size},
};

use super::syntax::Value;

/// Bytes that one compressed stream of objects may unpack to.
const STREAM: usize = 64 << 20;
/// Steps up the tree of pages.
const STEPS: usize = 32;

/// A file taken into objects; `None` where it is too broken for that.
pub(super) fn load(bytes: &[u8]) -> Option<Pdf> {
    let options = LoadOptions { max_decompressed_size: Some(STREAM), ..LoadOptions::default() };
    catch_unwind(AssertUnwindSafe(|| Pdf::load_mem_with_options(bytes, options))).ok()?.ok()
}

/// For each signature, where it shows; nowhere for one that does not.
pub(super) fn of(document: &Document, dictionaries: &[(u32, &Value)]) -> Vec<Vec<(u32, Rect)>> {
    let mut places = vec![Vec::new(); dictionaries.len()];
    if dictionaries.is_empty() {
        return places;
    }
    let Some(pdf) = load(&document.bytes) else { return places };
    for (number, page) in pdf.get_pages() {
        let Ok(annotations) = pdf.get_page_annotations(page) else { continue };
        for annotation in annotations {
            let Some(signed) = value_of(&pdf, annotation) else { continue };
            let Some(bounds) = bounds(&pdf, page, annotation, document, number) else { continue };
            for (place, _) in places.iter_mut().zip(dictionaries).filter(|(_, (own, _))| *own == signed) {
                place.push((number, bounds));
            }
        }
    }
    places
}

/// The number of the object with the signature that a widget shows.
fn value_of(pdf: &Pdf, widget: &Dictionary) -> Option<u32> {
    let value = |one: &Dictionary| one.get(b"V").ok().and_then(|value| value.as_reference().ok());
    let parent = || pdf.get_dictionary(widget.get(b"Parent").ok()?.as_reference().ok()?).ok();
    value(widget).or_else(|| value(parent()?)).map(|(number, _)| number)
}

/// The box of an annotation on the upright page; `None` where it has no extent.
fn bounds(
    pdf: &Pdf,
    page: lopdf::ObjectId,
    annotation: &Dictionary,
    document: &Document,
    number: u32,
) -> Option<Rect> {
    let own = rectangle(pdf, annotation.get(b"Rect").ok()?)?;
    let media = inherited(pdf, page, b"MediaBox").and_then(|value| rectangle(pdf, value));
    let shown = inherited(pdf, page, b"CropBox").and_then(|value| rectangle(pdf, value)).or(media)?;
    let media = media.unwrap_or(shown);
    let shown =
        [shown[0].max(media[0]), shown[1].max(media[1]), shown[2].min(media[2]), shown[3].min(media[3])];
    let [left, bottom, right, top] = own;
    let rotation = inherited(pdf, page, b"Rotate").and_then(|value| value.as_i64().ok()).unwrap_or(0);
    let (width, height) = (shown[2] - shown[0], shown[3] - shown[1]);
    let (box_, size) = match rotation.rem_euclid(360) {
        90 => (
            Rect::new(bottom - shown[1], left - shown[0], top - shown[1], right - shown[0]),
            Size { width: height, height: width },
        ),
        180 => (
            Rect::new(shown[2] - right, bottom - shown[1], shown[2] - left, top - shown[1]),
            Size { width, height },
        ),
        270 => (
            Rect::new(shown[3] - top, shown[2] - right, shown[3] - bottom, shown[2] - left),
            Size { width: height, height: width },
        ),
        _ => (
            Rect::new(left - shown[0], shown[3] - top, right - shown[0], shown[3] - bottom),
            Size { width, height },
        ),
    };
    let turn = document.pages.iter().find(|page| page.number == number).map(|page| page.turn);
    let box_ = box_.turned(size, turn.unwrap_or_default());
    (box_.width() >= 1.0 && box_.height() >= 1.0).then_some(box_)
}

/// A value of a page, or of the nearest group of pages above it.
fn inherited<'p>(pdf: &'p Pdf, page: lopdf::ObjectId, key: &[u8]) -> Option<&'p Object> {
    let mut current = page;
    for _ in 0..STEPS {
        let dictionary = pdf.get_dictionary(current).ok()?;
        if let Ok(value) = dictionary.get(key) {
            return pdf.dereference(value).ok().map(|(_, value)| value);
        }
        current = dictionary.get(b"Parent").ok()?.as_reference().ok()?;
    }
    None
}

/// Four numbers: left, bottom, right, top, whichever corners were written.
fn rectangle(pdf: &Pdf, value: &Object) -> Option<[f64; 4]> {
    let (_, value) = pdf.dereference(value).ok()?;
    let numbers: Vec<f64> = value
        .as_array()
        .ok()?
        .iter()
        .filter_map(|one| pdf.dereference(one).ok()?.1.as_float().ok())
        .map(f64::from)
        .collect();
    let [a, b, c, d] = numbers.as_slice() else { return None };
    Some([a.min(*c), b.min(*d), a.max(*c), b.max(*d)])
}

/// How much of a page a widget takes, in square points; 0 where it shows nothing.
pub(super) fn area(pdf: &Pdf, widget: &Dictionary) -> f64 {
    let bounds = widget.get(b"Rect").ok().and_then(|value| rectangle(pdf, value));
    bounds.map_or(0.0, |[left, bottom, right, top]| (right - left) * (top - bottom))
}
