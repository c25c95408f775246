//! What a document looks like and says as a whole, by which it is known again whatever it is called.

use sha2::{Digest, Sha256};
use unicode_normalization::UnicodeNormalization;

use crate::model::{
    document::Document,
    page::TextLayer,
    paper::Content,
    segment::{Segment, Slice},
};

/// A text of fewer characters may be the same by chance.
const LEAST: usize = 200;
/// What takes up less of its page shares it with others, and the page's look is nobody's.
const WHOLE: f64 = 0.8;

/// What a document looks like and says.
pub(super) fn of(document: &Document, segment: &Segment) -> Content {
    let page = |slice: &Slice| document.pages.iter().find(|page| page.number == slice.page);
    let looks = segment.slices.iter().filter_map(|slice| {
        let page = page(slice)?;
        let area = page.size.width * page.size.height;
        let whole = slice.bounds.width() * slice.bounds.height() >= WHOLE * area;
        Some((page.number, page.look.clone().filter(|_| whole)?))
    });
    let printed = segment.slices.iter().all(|slice| {
        page(slice).is_some_and(|page| page.layer == TextLayer::Trusted && page.doubtful.is_empty())
    });
    Content { looks: looks.collect(), wording: printed.then(|| wording(segment)).flatten() }
}

/// The hash of a text without its spaces, the width of its characters and its breaks; `None` for short ones.
fn wording(segment: &Segment) -> Option<String> {
    let rows = segment.slices.iter().flat_map(|slice| &slice.rows);
    let text: String = rows.flat_map(|row| row.text.nfkc()).filter(|c| !c.is_whitespace()).collect();
    (text.chars().count() >= LEAST)
        .then(|| Sha256::digest(text.as_bytes()).iter().map(|byte| format!("{byte:02x}")).collect())
}
