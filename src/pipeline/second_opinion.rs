//! Amounts, dates and codes read from pictures are read again by the second engine and compared.

use std::collections::BTreeMap;

use rayon::prelude::*;

use super::{
    Tools,
    kept::{self, Key},
    recognition,
};
use crate::{
    extract,
    model::{
        anchor::Anchor,
        document::{Document, DocumentId},
        fact::Reading,
        geometry::Rect,
        page::Page,
        paper::Paper,
        value::{Money, Value, money::UNITS},
    },
    recognize::Engine,
};

/// Confidence of a value that two engines agree on.
const AGREED: f32 = 0.97;
/// Confidence of a value that two engines read differently.
const DISPUTED: f32 = 0.6;

/// A field to read again: which paper, which field, and the box on the page.
struct Doubt {
    paper: usize,
    field: String,
    bounds: Rect,
}

/// Asks the second engine about every amount, date and code that the first one read in a picture.
pub(super) fn compare(papers: &mut [Paper], documents: &[Document], tools: &Tools) {
    let (Some(first), Some(second)) = (tools.engines.first(), tools.engines.get(1)) else { return };
    let mut doubts: BTreeMap<(DocumentId, u32), Vec<Doubt>> = BTreeMap::new();
    for (at, paper) in papers.iter().enumerate() {
        for (field, fact) in &paper.record.fields {
            let figures = matches!(fact.value, Some(Value::Money(_) | Value::Date(_) | Value::Code(_)));
            let own = fact.evidence.readings.first().is_some_and(|reading| reading.by == first.name());
            if let ([Anchor::Box { page, bounds }], true, true) =
                (fact.evidence.anchors.as_slice(), figures, own)
            {
                let doubt = Doubt { paper: at, field: field.clone(), bounds: *bounds };
                doubts.entry((paper.document.clone(), *page)).or_default().push(doubt);
            }
        }
    }
    let made_with = kept::made_with(tools);
    let pages: Vec<((DocumentId, u32), Vec<Doubt>)> = doubts.into_iter().collect();
    let answers: Vec<Vec<(usize, &str, Option<String>)>> = pages
        .par_iter()
        .with_max_len(1)
        .map(|((id, number), doubts)| {
            let Some(document) = documents.iter().find(|document| document.id == *id) else {
                return Vec::new();
            };
            let Some(page) = document.pages.iter().find(|page| page.number == *number) else {
                return Vec::new();
            };
            let places: Vec<Rect> = doubts.iter().map(|doubt| doubt.bounds).collect();
            let key = Key {
                document: id.clone(),
                made_with: made_with.clone(),
                part: format!("{number} {:?} {places:?}", page.turn),
            };
            let shelf = tools.shelf.as_deref();
            let found: Option<Vec<_>> =
                shelf.and_then(|s| s.find(&key)).and_then(|found| kept::opened(&found));
            let texts = found.unwrap_or_else(|| {
                let texts = read_again(document, page, &places, &**second, tools);
                if let (Some(shelf), Some(texts)) = (shelf, texts.as_ref().and_then(kept::sealed)) {
                    shelf.keep(&key, &texts);
                }
                texts.unwrap_or_else(|| vec![None; places.len()])
            });
            doubts.iter().zip(texts).map(|(doubt, text)| (doubt.paper, doubt.field.as_str(), text)).collect()
        })
        .collect();
    for (paper, field, text) in answers.into_iter().flatten() {
        let Some(fact) = papers.get_mut(paper).and_then(|paper| paper.record.fields.get_mut(field)) else {
            continue;
        };
        let Some(own) = fact.value.clone() else { continue };
        let opinion = text.as_deref().and_then(|text| extract::reread_as(&own, text));
        let opinion = opinion.map(|read| in_unit_of(&own, &fact.evidence.raw, read));
        match &opinion {
            Some(other) if own.agrees(other) => {
                fact.evidence.confidence = fact.evidence.confidence.max(AGREED);
            }
            Some(_) if fact.evidence.confidence < AGREED => {
                fact.evidence.confidence = fact.evidence.confidence.min(DISPUTED);
            }
            _ => {}
        }
        fact.evidence.readings.push(Reading { by: second.name(), value: opinion });
    }
}

/// The second engine's texts of some places of a page. An engine that fails has no opinion; the first
/// reading stands alone, and is marked so.
fn read_again(
    document: &Document,
    page: &Page,
    places: &[Rect],
    engine: &dyn Engine,
    tools: &Tools,
) -> Option<Vec<Option<String>>> {
    let dpi = recognition::dpi(document.format);
    let image = tools.opener.draw(document, page.number, page.turn, dpi).ok()?;
    let x = f64::from(image.width()) / page.size.width.max(1.0);
    let y = f64::from(image.height()) / page.size.height.max(1.0);
    let boxes: Vec<Rect> = places.iter().map(|place| place.scaled(x, y)).collect();
    engine.reread(&image, &boxes).ok()
}

/// An amount read as printed, in the unit that the first reading was taken to be in: 788.58 beside a
/// first 788.58 that stands for 7,885,800 yuan means the same.
fn in_unit_of(own: &Value, raw: &str, read: Value) -> Value {
    let (Value::Money(own), Value::Money(read)) = (own, &read) else { return read };
    let Some(Value::Money(printed)) = extract::reread_as(&Value::Money(*own), raw) else {
        return Value::Money(*read);
    };
    let unit = UNITS
        .iter()
        .map(|(name, _)| *name)
        .find(|unit| Money::in_unit(printed.yuan, unit).is_some_and(|in_yuan| in_yuan.yuan == own.yuan));
    Value::Money(unit.and_then(|unit| Money::in_unit(read.yuan, unit)).unwrap_or(*read))
}
