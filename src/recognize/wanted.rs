//! Which pages have to be read as pictures.

use crate::model::{
    geometry::Rect,
    page::{Page, TextLayer},
};

/// Share of the page that pictures without text cover before something may stand in them.
const PICTURES: f64 = 0.2;
/// Share of a picture that the words on it cover at least, where they are what stands in it.
const WORDS: f64 = 0.02;

/// Whether the page has to be read as a picture.
///
/// So it is where a picture stands and no text layer does, where the text layer can't be believed,
/// where some places of it can't be, and where pictures cover much of the page and the text layer does
/// not say what stands in them.
#[must_use]
pub fn wanted(page: &Page) -> bool {
    match page.layer {
        TextLayer::None => page.dpi > 0.0 || !page.pictures.is_empty(),
        TextLayer::Doubtful => true,
        TextLayer::Trusted if !page.doubtful.is_empty() => true,
        TextLayer::Trusted => sparse(page),
    }
}

/// Whether pictures cover much of the page and the text layer says little of what stands in them: a
/// scan with a header or a stamp, or several receipts pasted on one page.
#[must_use]
pub fn sparse(page: &Page) -> bool {
    let area = |bounds: &Rect| bounds.width() * bounds.height();
    let unsaid = |picture: &&Rect| {
        let words = page.words.iter().filter(|word| picture.holds(&word.bounds));
        words.map(|word| area(&word.bounds)).sum::<f64>() < WORDS * area(picture)
    };
    let whole = page.size.width * page.size.height;
    let pictures: f64 = page.pictures.iter().filter(unsaid).map(area).sum();
    whole > 0.0 && pictures > PICTURES * whole
}
