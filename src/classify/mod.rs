//! Pages to documents: which type each page starts, and where one document ends.

mod pieces;

use crate::{
    model::{
        geometry::Rect,
        page::{Page, TextLayer},
        segment::{Segment, Slice},
        text::{self, Row},
    },
    rulebook::types::DocumentType,
};

/// The type given to what none was recognised for.
pub const OTHER: &str = "other";

/// Splits the arranged pages of one file into documents.
#[must_use]
pub fn classify(pages: &[Page], types: &[DocumentType]) -> Vec<Segment> {
    let mut segments: Vec<Segment> = Vec::new();
    for slice in pages.iter().flat_map(|page| slices(page, types)) {
        match best(&slice, types) {
            Some((kind, score)) => {
                let confidence = confidence(score / kind.threshold);
                if kind.continues
                    && let Some(last) = segments.last_mut()
                    && last.document_type == kind.id
                    && goes_on(kind, last, &slice)
                {
                    last.slices.push(slice);
                    continue;
                }
                for slice in bands(slice, kind) {
                    segments.push(Segment {
                        document_type: kind.id.clone(),
                        confidence,
                        slices: vec![slice],
                    });
                }
            }
            None => match segments.last_mut() {
                Some(last) if continues(&last.document_type, types) && !slice.rows.is_empty() => {
                    last.slices.push(slice)
                }
                Some(last) if last.document_type == OTHER => last.slices.push(slice),
                _ => segments.push(Segment {
                    document_type: OTHER.to_owned(),
                    confidence: 0.0,
                    slices: vec![slice],
                }),
            },
        }
    }
    segments
}

/// A page, or the documents that lie side by side in its picture. What is printed on pages of its own does
/// not lie about.
fn slices(page: &Page, types: &[DocumentType]) -> Vec<Slice> {
    match page.layer {
        TextLayer::Trusted => vec![whole(page)],
        _ => pieces::pieces(whole(page), types),
    }
}

/// The type that speaks loudest for a slice, if any does loudly enough.
fn best<'t>(slice: &Slice, types: &'t [DocumentType]) -> Option<(&'t DocumentType, f64)> {
    types
        .iter()
        .filter(|kind| !kind.marks.is_empty())
        .map(|kind| (kind, score(kind, slice)))
        .filter(|(kind, score)| *score >= kind.threshold)
        .max_by(|(_, a), (_, b)| a.total_cmp(b))
}

/// Whether a page goes on with the document before it. A report repeats its title on later pages and
/// is still one report; of invoices, the number decides.
fn goes_on(kind: &DocumentType, last: &Segment, slice: &Slice) -> bool {
    let identity = |slice: &Slice| {
        let pattern = kind.identity.as_ref()?;
        slice.rows.iter().find_map(|row| Some(pattern.captures(&row.text)?.get(1)?.as_str().to_owned()))
    };
    match (last.slices.iter().find_map(identity), identity(slice)) {
        (Some(before), Some(own)) => before == own,
        (None, Some(_)) => false,
        (_, None) => {
            let starts = |row: &Row| kind.repeats.as_ref().is_some_and(|start| start.is_match(&row.text));
            !slice.rows.iter().any(starts)
        }
    }
}

fn continues(id: &str, types: &[DocumentType]) -> bool {
    types.iter().any(|kind| kind.id == id && kind.continues)
}

fn confidence(ratio: f64) -> f32 {
    // At the threshold a page is as likely as not what it seems; twice the threshold leaves little doubt.
    #[expect(clippy::cast_possible_truncation, reason = "a share between 0 and 1")]
    let share = (ratio / 2.0).min(0.99) as f32;
    share
}

fn whole(page: &Page) -> Slice {
    Slice {
        page: page.number,
        bounds: Rect::new(0.0, 0.0, page.size.width, page.size.height),
        rows: text::rows(page),
        seals: page.seals.iter().map(|word| text::row(word, page.number)).collect(),
        strokes: page.strokes.clone(),
    }
}

fn score(kind: &DocumentType, slice: &Slice) -> f64 {
    let height = slice.bounds.height().max(1.0);
    kind.marks
        .iter()
        .filter(|mark| {
            slice.rows.iter().any(|row| {
                (row.bounds().top - slice.bounds.top) / height <= mark.above
                    && mark.pattern.is_match(&row.text)
            })
        })
        .map(|mark| mark.weight)
        .sum()
}

/// Cuts a page above each head of a document, where it has several.
fn bands(slice: Slice, kind: &DocumentType) -> Vec<Slice> {
    let Some(start) = &kind.repeats else { return vec![slice] };
    let heads: Vec<usize> = (0..slice.rows.len())
        .filter(|at| slice.rows.get(*at).is_some_and(|row| start.is_match(&row.text)))
        .collect();
    if heads.len() < 2 {
        return vec![slice];
    }
    let top = |at: usize| slice.rows.get(at).map_or(0.0, |row: &Row| row.bounds().top - 1.0);
    let mut bands = Vec::new();
    for (number, head) in heads.iter().enumerate() {
        let from = if number == 0 { slice.bounds.top } else { top(*head) };
        let to = heads.get(number + 1).map_or(slice.bounds.bottom, |next| top(*next));
        let bounds = Rect { top: from, bottom: to, ..slice.bounds };
        bands.push(slice.part(bounds));
    }
    bands
}
