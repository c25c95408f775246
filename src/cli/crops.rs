//! Crops of pages for the HTML report, each page drawn once.

use std::{cell::RefCell, collections::BTreeMap};

use crate::{
    contain::Opener,
    draw,
    model::{
        document::{Document, DocumentId},
        geometry::{Rect, Size},
    },
    report::Crop,
};

/// Resolution of crops from PDF pages.
const DPI: f64 = 130.0;
/// What is shown round a box, in points.
const MARGIN: f64 = 26.0;

/// Draws crops and remembers the last pages drawn.
pub(super) struct Crops<'o> {
    opener: &'o dyn Opener,
    pages: RefCell<BTreeMap<(DocumentId, u32), Option<Drawn>>>,
}

/// Cuts a box out of a drawn page: encoded picture, width, height.
type Cut = Box<dyn Fn(&Rect) -> (Vec<u8>, u32, u32)>;

struct Drawn {
    image: Cut,
    size: Size,
    scale: (f64, f64),
}

impl<'o> Crops<'o> {
    /// Crops of pages that `opener` draws.
    pub(super) fn of(opener: &'o dyn Opener) -> Self {
        Self { opener, pages: RefCell::default() }
    }

    /// The surroundings of a box; `None` where the page cannot be drawn.
    pub(super) fn crop(&self, document: &Document, number: u32, bounds: Rect) -> Option<Crop> {
        let mut pages = self.pages.borrow_mut();
        let key = (document.id.clone(), number);
        if pages.len() > 12 && !pages.contains_key(&key) {
            pages.clear();
        }
        let drawn = pages.entry(key).or_insert_with(|| draw_page(self.opener, document, number)).as_ref()?;
        let page = Rect::new(0.0, 0.0, drawn.size.width, drawn.size.height);
        let wide = Rect {
            left: (bounds.left - MARGIN * 3.0).max(page.left),
            right: (bounds.right + MARGIN * 3.0).min(page.right),
            top: (bounds.top - MARGIN).max(page.top),
            bottom: (bounds.bottom + MARGIN).min(page.bottom),
        };
        let (bytes, width, height) = (drawn.image)(&wide);
        let (x, y) = drawn.scale;
        let inside = Rect::new(
            bounds.left - wide.left,
            bounds.top - wide.top,
            bounds.right - wide.left,
            bounds.bottom - wide.top,
        );
        Some(Crop { bytes, mime: "image/jpeg", width, height, bounds: inside.grown(1.5).scaled(x, y) })
    }
}

fn draw_page(opener: &dyn Opener, document: &Document, number: u32) -> Option<Drawn> {
    let page = document.pages.iter().find(|page| page.number == number)?;
    // Pictures keep about the same number of pixels as a drawn page, whatever they were scanned at.
    let dpi = if document.format.is_picture() {
        (900.0 / (page.size.width.max(1.0) / 72.0)).min(300.0)
    } else {
        DPI
    };
    let image = opener.draw(document, number, page.turn, dpi).ok()?;
    let size = page.size;
    let scale =
        (f64::from(image.width()) / size.width.max(1.0), f64::from(image.height()) / size.height.max(1.0));
    let cut = move |bounds: &Rect| {
        let part = draw::crop(&image, size, bounds, 0.0);
        (draw::jpeg(&part), part.width(), part.height())
    };
    Some(Drawn { image: Box::new(cut), size, scale })
}
