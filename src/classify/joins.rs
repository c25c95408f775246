//! Whether a page goes on with a document that was begun before it.

use std::sync::LazyLock;

use regex::Regex;

use crate::{
    model::{
        page::Origin,
        segment::{Segment, Slice},
        text::Row,
    },
    rulebook::types::DocumentType,
};

/// The document among these that a page of some type goes on with, by its place: a page with the same number on it,
/// or, where a page has none, the last document, if it begins none itself or its count of pages goes on; then its
/// number may have been misread as well. A report repeats its title on later pages and is still one report; of
/// invoices, the number decides, and pages that lie between two with the same one, have none that could be read and
/// end none belong to it as well.
pub(super) fn goes_on(kind: &DocumentType, segments: &[Segment], slice: &Slice) -> Option<usize> {
    let (last, segment) = segments.iter().enumerate().next_back()?;
    if segment.document_type != kind.id {
        return None;
    }
    let of_type = || segments.iter().enumerate().rev().take_while(|(_, one)| one.document_type == kind.id);
    let numbered = || {
        of_type().find_map(|(at, one)| Some((at, one.slices.iter().find_map(|slice| identity(kind, slice))?)))
    };
    match identity(kind, slice) {
        Some(own) => numbered()
            .filter(|(at, before)| {
                let misread = || is_next(&segments[*at], slice) && is_misread(&own, before, slice);
                let mut between = segments.iter().skip(at + 1);
                (*before == own || misread()) && !between.any(|one| ends(kind, one))
            })
            .map(|(at, _)| at),
        None => (!begins(kind, slice) || is_next(segment, slice)).then_some(last),
    }
}

/// The number by which a type's documents are told apart.
fn identity(kind: &DocumentType, slice: &Slice) -> Option<String> {
    let pattern = kind.identity.as_ref()?;
    slice.rows.iter().find_map(|row| Some(pattern.captures(&row.text)?.get(1)?.as_str().to_owned()))
}

/// Whether a document has what stands on the last page of such documents, and so is one by itself.
fn ends(kind: &DocumentType, segment: &Segment) -> bool {
    let mut rows = segment.slices.iter().flat_map(|slice| &slice.rows);
    rows.any(|row| kind.ends.as_ref().is_some_and(|end| end.is_match(&row.text)))
}

fn begins(kind: &DocumentType, slice: &Slice) -> bool {
    let starts = |row: &Row| kind.repeats.as_ref().is_some_and(|start| start.is_match(&row.text));
    slice.rows.iter().any(starts)
}

/// Whether two numbers differ in one figure, and a page shows one of them in a picture.
fn is_misread(own: &str, before: &str, slice: &Slice) -> bool {
    let seen = slice.rows.iter().flat_map(|row| &row.glyphs).any(|glyph| glyph.origin != Origin::Printed);
    let apart = own.chars().zip(before.chars()).filter(|(one, other)| one != other).count();
    seen && own.len() == before.len() && apart == 1
}

/// Whether the pages of a document are counted from its first on, and this one is the next.
fn is_next(segment: &Segment, slice: &Slice) -> bool {
    let first = segment.slices.first().and_then(counted);
    let due = u32::try_from(segment.slices.len() + 1).ok();
    counted(slice).is_some_and(|(at, of)| first == Some((1, of)) && Some(at) == due)
}

/// Which page of how many a page says to be.
fn counted(slice: &Slice) -> Option<(u32, u32)> {
    static COUNTS: LazyLock<Vec<Regex>> = LazyLock::new(|| {
        let patterns = [
            r"第\s*(?<at>\d{1,4})\s*页\s*[,/]?\s*共\s*(?<of>\d{1,4})\s*页",
            r"共\s*(?<of>\d{1,4})\s*页\s*[,/]?\s*第\s*(?<at>\d{1,4})\s*页",
            r"(?i)\bpage\s*(?<at>\d{1,4})\s*(?:of|/)\s*(?<of>\d{1,4})\b",
        ];
        patterns.iter().filter_map(|pattern| Regex::new(pattern).ok()).collect()
    });
    slice.rows.iter().find_map(|row| {
        let said = COUNTS.iter().find_map(|pattern| pattern.captures(&row.text))?;
        let number = |name| said.name(name)?.as_str().parse().ok();
        Some((number("at")?, number("of")?))
    })
}
