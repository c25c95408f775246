//! Which pages have to be read as pictures, and where on the others a code may stand.

use crate::model::{
    geometry::Rect,
    page::{Page, TextLayer},
};

/// Share of the page that pictures without text cover before something may stand in them.
const PICTURES: f64 = 0.2;

/// Sides a picture of a QR code may have, in points: 8 to 60 mm.
const CODE: std::ops::RangeInclusive<f64> = 23.0..=170.0;
/// How much longer one side of it may be than the other.
const SQUARE: f64 = 1.2;

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

/// Pictures on a page that may be QR codes: about as high as wide, and neither specks nor scans.
#[must_use]
pub fn like_codes(page: &Page) -> Vec<Rect> {
    let square = |one: &&Rect| {
        let (width, height) = (one.width(), one.height());
        CODE.contains(&width) && CODE.contains(&height) && width.max(height) <= SQUARE * width.min(height)
    };
    page.pictures.iter().filter(square).copied().collect()
}
