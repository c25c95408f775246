//! Pages to documents: which type each page starts, and where one document ends.

mod joins;
mod pieces;

use crate::{
    model::{
        geometry::Rect,
        page::{Page, TextLayer},
        segment::{Segment, Slice},
        text::{self, Row},
    },
    rulebook::types::{DocumentType, Mark},
};

/// The type given to what none was recognised for.
pub const OTHER: &str = "other";

/// Splits the arranged pages of one file into documents.
#[must_use]
pub fn classify(pages: &[Page], types: &[DocumentType]) -> Vec<Segment> {
    let mut segments: Vec<Segment> = Vec::new();
    for slice in pages.iter().flat_map(|page| slices(page, types)) {
        let filled_in = segments.last().and_then(|last| form(&last.document_type, types));
        let own = best(&slice, types).filter(|(kind, _)| {
            // Forms speak of all the papers that come with them.
            filled_in.is_none_or(|form| form.id == kind.id || titled(kind, &slice))
        });
        match own {
            Some((kind, score)) => {
                let confidence = confidence(score / kind.threshold);
                if kind.continues
                    && let Some(at) = joins::goes_on(kind, &segments, &slice)
                {
                    let mut pages = segments.split_off(at + 1);
                    if let Some(document) = segments.last_mut() {
                        document.slices.extend(pages.drain(..).flat_map(|one| one.slices));
                        document.slices.push(slice);
                    }
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
        .filter(|(kind, score)| kind.is_reached(*score))
        .max_by(|(_, a), (_, b)| a.total_cmp(b))
}

/// The type of a document, if it is a form.
fn form<'t>(id: &str, types: &'t [DocumentType]) -> Option<&'t DocumentType> {
    types.iter().find(|kind| kind.form && kind.id == id)
}

/// Whether a page is headed as documents of a type are: what tells the type by standing in the upper part
/// of its page is all that some row there says, or ends it.
fn titled(kind: &DocumentType, slice: &Slice) -> bool {
    let dense = |text: &str| text.chars().filter(|c| !c.is_whitespace()).count();
    let is_title = |row: &Row, mark: &Mark| {
        let cells = row.glyphs.iter().skip(1).any(|glyph| glyph.gap > CELLS);
        mark.pattern.find(&row.text).is_some_and(|hit| {
            let ends = row.text.get(hit.end()..).is_some_and(|rest| rest.trim().is_empty());
            !cells && (ends || 2 * dense(hit.as_str()) >= dense(&row.text))
        })
    };
    let mut heads = kind.marks.iter().filter(|mark| mark.above < 1.0 && mark.weight > 0.0).peekable();
    heads.peek().is_none() || heads.any(|mark| upper(slice, mark.above).any(|row| is_title(row, mark)))
}

/// White space in a row, in letter heights, beyond which stands another cell.
const CELLS: f64 = 3.0;

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
    let found =
        kind.marks.iter().filter(|mark| upper(slice, mark.above).any(|row| mark.pattern.is_match(&row.text)));
    found.map(|mark| mark.weight).sum()
}

/// The rows that begin in so much of a slice from the top.
fn upper(slice: &Slice, share: f64) -> impl Iterator<Item = &Row> {
    let height = slice.bounds.height().max(1.0);
    slice.rows.iter().filter(move |row| (row.bounds().top - slice.bounds.top) / height <= share)
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
