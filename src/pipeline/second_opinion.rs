//! Amounts, dates and codes read from pictures are read again by the second engine and compared.

use std::collections::BTreeMap;

use rayon::prelude::*;
use serde::{Deserialize, Serialize};

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
        fact::{Fact, Reading},
        geometry::Rect,
        page::Page,
        paper::Paper,
        support::{COMPUTED, FLAWS, INK_BESIDE},
        value::{Money, Value, money::UNITS},
    },
    recognize::Engine,
};

/// How far before a place it is read again, in heights: two groups of figures.
const BEFORE: f64 = 3.0;
/// And how far behind it.
const BEHIND: f64 = 0.8;
/// What stays free beside the next word, in heights: its box may be narrower than its ink.
const ROOM: f64 = 0.3;

/// A value to read again: which paper's, its place among the paper's facts, and its box on the page.
struct Doubt {
    paper: usize,
    fact: usize,
    bounds: Rect,
    /// Whether it has a flaw, so that one more engine's agreement is not enough.
    flawed: bool,
    /// Whether it may go on beside its box.
    goes_on: bool,
}

/// What was read again in one place: by the second engine, and by the first where the value has a flaw.
#[derive(Clone, Default, Serialize, Deserialize)]
struct Again {
    second: Option<String>,
    first: Option<String>,
}

/// Asks the second engine about every amount, date and code that the first one read in a picture. Where
/// one has a flaw, both read it again with what stands beside it, and only both together confirm it.
pub(super) fn compare(papers: &mut [Paper], documents: &[Document], tools: &Tools) {
    let [first, second, ..] = tools.engines.as_slice() else { return };
    let mut doubts: BTreeMap<(DocumentId, u32), Vec<Doubt>> = BTreeMap::new();
    for (at, paper) in papers.iter().enumerate() {
        let mut number = 0;
        paper.record.for_each("", &mut |_, fact| {
            let figures = matches!(fact.value, Some(Value::Money(_) | Value::Date(_) | Value::Code(_)));
            // Where a day was computed from, another day is printed.
            let is_read = figures && fact.problem != Some(COMPUTED);
            if let (true, Some((page, bounds))) = (is_read, read_at(fact, first.name())) {
                let flawed = fact.problem.is_some_and(|problem| FLAWS.contains(&problem));
                let goes_on = fact.problem == Some(INK_BESIDE);
                let doubt = Doubt { paper: at, fact: number, bounds, flawed, goes_on };
                doubts.entry((paper.document.clone(), page)).or_default().push(doubt);
            }
            number += 1;
        });
    }
    let made_with = kept::made_with(tools);
    let pages: Vec<((DocumentId, u32), Vec<Doubt>)> = doubts.into_iter().collect();
    let answers: Vec<Vec<(&Doubt, Again)>> = pages
        .par_iter()
        .with_max_len(1)
        .map(|((id, number), doubts)| {
            let Some(document) = documents.iter().find(|document| document.id == *id) else {
                return Vec::new();
            };
            let Some(page) = document.pages.iter().find(|page| page.number == *number) else {
                return Vec::new();
            };
            let places: Vec<(Rect, bool)> = doubts
                .iter()
                .map(|doubt| {
                    (if doubt.goes_on { widened(&doubt.bounds, page) } else { doubt.bounds }, doubt.flawed)
                })
                .collect();
            let key = Key {
                document: id.clone(),
                made_with: made_with.clone(),
                part: format!("{number} {:?} {places:?}", page.turn),
            };
            let shelf = tools.shelf.as_deref();
            let found: Option<Vec<Again>> =
                shelf.and_then(|s| s.find(&key)).and_then(|found| kept::opened(&found));
            let texts = found.unwrap_or_else(|| {
                let (texts, all) = read_again(document, page, &places, (&**first, &**second), tools);
                // What failed may go right the next time.
                if let (Some(shelf), true, Some(texts)) = (shelf, all, kept::sealed(&texts)) {
                    shelf.keep(&key, &texts);
                }
                texts
            });
            doubts.iter().zip(texts).collect()
        })
        .collect();
    let mut by_paper: BTreeMap<usize, BTreeMap<usize, (bool, Again)>> = BTreeMap::new();
    for (doubt, again) in answers.into_iter().flatten() {
        by_paper.entry(doubt.paper).or_default().insert(doubt.fact, (doubt.flawed, again));
    }
    for (at, mut of_paper) in by_paper {
        let Some(paper) = papers.get_mut(at) else { continue };
        let mut number = 0;
        paper.record.for_each_mut(&mut |fact| {
            if let Some((flawed, again)) = of_paper.remove(&number) {
                weigh(fact, flawed, &again, (first.name(), second.name()));
            }
            number += 1;
        });
    }
}

/// Where the first engine read a value: alone, or otherwise than a code on the page says it.
fn read_at(fact: &Fact, first: &str) -> Option<(u32, Rect)> {
    let boxes: Vec<(u32, Rect)> = fact
        .evidence
        .anchors
        .iter()
        .filter_map(|anchor| match anchor {
            Anchor::Box { page, bounds } => Some((*page, *bounds)),
            _ => None,
        })
        .collect();
    match (fact.evidence.readings.as_slice(), boxes.as_slice()) {
        ([own, ..], [only]) if own.by == first && fact.evidence.anchors.len() == 1 => Some(*only),
        // The code's own place comes first, then that of the print.
        ([code, rest @ ..], [_, print]) if code.by == "qr" => {
            let differ: Vec<&Reading> = rest.iter().filter(|reading| reading.differs_from(fact)).collect();
            let only_first = !differ.is_empty() && differ.iter().all(|reading| reading.by == first);
            only_first.then_some(*print)
        }
        _ => None,
    }
}

/// Lays what was read again beside the first reading.
fn weigh(fact: &mut Fact, flawed: bool, again: &Again, (first, second): (&'static str, &'static str)) {
    let Some(own) = fact.value.clone() else { return };
    let read = |text: &Option<String>| {
        let read = text.as_deref().and_then(|text| extract::reread_as(&own, text));
        read.map(|read| in_unit_of(&own, &fact.evidence.raw, read))
    };
    let (opinion, once_more) = (read(&again.second), read(&again.first));
    let agrees = |other: &Option<Value>| other.as_ref().is_some_and(|other| own.agrees(other));
    let confirmed = agrees(&opinion) && (!flawed || agrees(&once_more));
    let contradicted = [&opinion, &once_more].into_iter().any(|other| other.is_some() && !agrees(other));
    if confirmed && !contradicted {
        // What the first engine alone read otherwise than a code was its mistake.
        let of_code = fact.evidence.readings.first().is_some_and(|reading| reading.by == "qr");
        if flawed || of_code && fact.problem == Some("readings-differ") {
            fact.problem = None;
        }
    }
    let evidence = &mut fact.evidence;
    evidence.readings.push(Reading::new(second, opinion));
    if flawed {
        evidence.readings.push(Reading::new(first, once_more));
    }
}

/// A place with what stands beside it, up to the next word on its row: leading figures that a seal cut
/// off stand there.
fn widened(place: &Rect, page: &Page) -> Rect {
    let height = place.height();
    let mut wide =
        Rect::new(place.left - BEFORE * height, place.top, place.right + BEHIND * height, place.bottom);
    for word in page.words.iter().map(|word| &word.bounds) {
        if word.overlap_y(place) < 0.3 * height.min(word.height()) {
            continue;
        }
        if word.right <= place.left + 0.2 * height {
            wide.left = wide.left.max((word.right + ROOM * height).min(place.left));
        } else if word.left >= place.right - 0.2 * height {
            wide.right = wide.right.min((word.left - ROOM * height).max(place.right));
        }
    }
    wide
}

/// The engines' texts of some places of a page, and whether all answered. An engine that fails has no
/// opinion; the first reading stands alone, and is marked so.
fn read_again(
    document: &Document,
    page: &Page,
    places: &[(Rect, bool)],
    (first, second): (&dyn Engine, &dyn Engine),
    tools: &Tools,
) -> (Vec<Again>, bool) {
    let dpi = recognition::dpi(document.format);
    let Ok(image) = tools.opener.draw(document, page.number, page.turn, dpi) else {
        return (vec![Again::default(); places.len()], false);
    };
    let (image, (x, y)) = recognition::as_read(image, page);
    let boxes: Vec<Rect> = places.iter().map(|(place, _)| place.scaled(1.0 / x, 1.0 / y)).collect();
    let seconds = second.reread(&image, &boxes).ok();
    let flawed: Vec<Rect> =
        boxes.iter().zip(places).filter(|(_, (_, flawed))| *flawed).map(|(place, _)| *place).collect();
    let firsts = if flawed.is_empty() { Some(Vec::new()) } else { first.reread(&image, &flawed).ok() };
    let all_answered = seconds.is_some() && firsts.is_some();
    let (mut seconds, mut firsts) =
        (seconds.unwrap_or_default().into_iter(), firsts.unwrap_or_default().into_iter());
    let again = places.iter().map(|(_, flawed)| Again {
        second: seconds.next().flatten(),
        first: if *flawed { firsts.next().flatten() } else { None },
    });
    (again.collect(), all_answered)
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
