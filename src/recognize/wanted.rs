//! Which pages have to be read as pictures.

use crate::model::page::{Page, TextLayer};

/// Share of the page a picture has to cover before it is taken for a scan of the page.
const PICTURE: f64 = 0.6;
/// Share of the page that the words of a believable text layer cover at least.
const WORDS: f64 = 0.02;

/// Whether the page has to be read as a picture.
///
/// So it is where a picture stands and no text layer does, where the text layer can't be believed,
/// where some places of it can't be, and where a picture fills the page and the text layer holds
/// little more than a stamp or a header.
#[must_use]
pub fn wanted(page: &Page) -> bool {
    match page.layer {
        TextLayer::None => page.dpi > 0.0 || !page.pictures.is_empty(),
        TextLayer::Doubtful => true,
        TextLayer::Trusted if !page.doubtful.is_empty() => true,
        TextLayer::Trusted => sparse(page),
    }
}

/// Whether a picture fills the page and the text layer says little.
#[must_use]
pub fn sparse(page: &Page) -> bool {
    let whole = page.size.width * page.size.height;
    let words: f64 = page.words.iter().map(|word| word.bounds.width() * word.bounds.height()).sum();
    let picture = page.pictures.iter().map(|one| one.width() * one.height()).fold(0.0, f64::max);
    whole > 0.0 && picture > PICTURE * whole && words < WORDS * whole
}
