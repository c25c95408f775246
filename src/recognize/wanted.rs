//! Which pages have to be read as pictures.

use crate::model::page::{Page, TextLayer};

/// Share of the page that pictures without text cover before something may stand in them.
const PICTURES: f64 = 0.2;

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
    let whole = page.size.width * page.size.height;
    let pictures: f64 = page.unsaid_pictures().map(|picture| picture.width() * picture.height()).sum();
    whole > 0.0 && pictures > PICTURES * whole
}
