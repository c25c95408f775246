//! Which glyphs are seen: not those in the colour of their ground, under what was drawn later, or
//! beside the page.
//!
//! Works on what was drawn in which order. What is seen through a mask, a pattern or a picture of
//! unknown colours is taken for seen.

use std::{collections::HashMap, rc::Rc};

use hayro::{
    hayro_interpret::FillRule,
    kurbo::{BezPath, Point, Shape},
};

use super::mark::Mark;
use crate::model::{
    geometry::{Rect, Size},
    page::Concealment,
};

/// An outline in page coordinates.
#[derive(Debug)]
pub(super) struct Outline {
    pub(super) path: BezPath,
    pub(super) rule: FillRule,
}

impl Outline {
    pub(super) fn holds(&self, (x, y): (f64, f64)) -> bool {
        let winding = self.path.winding(Point::new(x, y));
        match self.rule {
            FillRule::NonZero => winding != 0,
            FillRule::EvenOdd => winding % 2 != 0,
        }
    }
}

/// Something painted over an area.
#[derive(Debug)]
pub(super) struct Area {
    /// Its place in the order of drawing.
    pub(super) order: usize,
    /// Its box, cut by the clips.
    pub(super) bounds: Rect,
    /// Outlines that hold it in, its own and those of clips; a box needs none.
    pub(super) outlines: Vec<Rc<Outline>>,
    /// Its colour; `None` where it is no single one.
    pub(super) colour: Option<[u8; 3]>,
    /// Whether nothing shines through.
    pub(super) opaque: bool,
}

impl Area {
    fn holds(&self, at: (f64, f64)) -> bool {
        let (x, y) = at;
        let b = &self.bounds;
        x >= b.left
            && x <= b.right
            && y >= b.top
            && y <= b.bottom
            && self.outlines.iter().all(|outline| outline.holds(at))
    }
}

/// Two colours this near, of 255, cannot be told apart.
const NEAR: u8 = 10;
/// The page is looked at in so many columns and rows, so that not every glyph is compared with every area.
const CELLS: usize = 24;
const WHITE: [u8; 3] = [255; 3];

/// Marks the glyphs that are not seen.
pub(super) fn conceal(marks: &mut [Mark], areas: &[Area], size: Size) {
    let whole = Rect::new(0.0, 0.0, size.width, size.height);
    let grid = Grid::new(areas, size);
    for mark in marks.iter_mut().filter(|mark| !mark.text.trim().is_empty()) {
        if mark.concealed.is_some() {
            continue;
        }
        if !whole.holds(&mark.bounds) {
            mark.concealed = Some(Concealment::OffPage);
            continue;
        }
        let near = grid.at(mark.bounds.center_x(), mark.bounds.center_y());
        if covered(mark, near, areas) {
            mark.concealed = Some(Concealment::Covered);
        } else if let Some(own) = mark.colour {
            match ground(mark, near, areas) {
                Some(ground) if blends(own, mark.opacity, ground) => {
                    mark.concealed = Some(Concealment::GroundColour);
                }
                Some(_) => {}
                // On a picture, dark print is usual; light print may stand on paper.
                None => mark.veiled |= is_light(own),
            }
        }
    }
    forgive(marks);
}

/// Whether a colour is white to the eye.
pub(super) fn is_light(colour: [u8; 3]) -> bool {
    colour.iter().all(|part| u8::MAX - part <= NEAR)
}

/// Whether print cannot be told from its ground.
fn blends(own: [u8; 3], opacity: f32, ground: [u8; 3]) -> bool {
    own.iter().zip(ground).all(|(a, b)| f32::from(a.abs_diff(b)) * opacity <= f32::from(NEAR))
}

/// Points of the inked part of a glyph's box.
pub(super) fn points(b: &Rect) -> [(f64, f64); 5] {
    let at = |x: f64, y: f64| (b.left + x * b.width(), b.top + y * b.height());
    [at(0.5, 0.5), at(0.25, 0.3), at(0.75, 0.3), at(0.25, 0.75), at(0.75, 0.75)]
}

/// Whether later opaque areas lie over all of a glyph.
fn covered(mark: &Mark, near: &[usize], areas: &[Area]) -> bool {
    let later = || {
        near.iter()
            .rev()
            .filter_map(|at| areas.get(*at))
            .take_while(|area| area.order > mark.order)
            .filter(|area| area.opaque)
    };
    points(&mark.bounds).into_iter().all(|point| later().any(|area| area.holds(point)))
}

/// The colour a glyph was drawn on; `None` where it is not known.
fn ground(mark: &Mark, near: &[usize], areas: &[Area]) -> Option<[u8; 3]> {
    let [middle, ..] = points(&mark.bounds);
    let below = near
        .iter()
        .rev()
        .filter_map(|at| areas.get(*at))
        .filter(|area| area.order < mark.order)
        .find(|area| area.holds(middle));
    match below {
        Some(area) if area.opaque => area.colour,
        Some(_) => None,
        None => Some(WHITE),
    }
}

/// Text is also drawn twice: white below black as a halo, filled and then stroked. What is seen once
/// is not hidden.
fn forgive(marks: &mut [Mark]) {
    let suspects: Vec<usize> = (0..marks.len())
        .filter(|at| marks[*at].concealed.is_some() && !marks[*at].text.trim().is_empty())
        .collect();
    if suspects.is_empty() {
        return;
    }
    let mut seen: HashMap<(i64, i64), Vec<usize>> = HashMap::new();
    for (at, mark) in marks.iter().enumerate().filter(|(_, mark)| mark.concealed.is_none()) {
        seen.entry(cell(&mark.bounds)).or_default().push(at);
    }
    for at in suspects {
        let Some(mark) = marks.get(at) else { continue };
        let (x, y) = cell(&mark.bounds);
        let twin = (-1..=1)
            .flat_map(|dx| (-1..=1).map(move |dy| (x + dx, y + dy)))
            .filter_map(|cell| seen.get(&cell))
            .flat_map(|near| near.iter().take(64))
            .filter_map(|other| marks.get(*other))
            .any(|other| {
                let reach = 0.35 * mark.size.max(other.size);
                other.text == mark.text
                    && (other.bounds.center_x() - mark.bounds.center_x()).abs() <= reach
                    && (other.bounds.center_y() - mark.bounds.center_y()).abs() <= reach
            });
        if twin && let Some(mark) = marks.get_mut(at) {
            mark.text = Rc::from("");
        }
    }
}

/// A square of eight points a side in which the middle of a box lies.
#[expect(clippy::cast_possible_truncation, reason = "pages are far smaller than an i64")]
fn cell(bounds: &Rect) -> (i64, i64) {
    ((bounds.center_x() / 8.0).floor() as i64, (bounds.center_y() / 8.0).floor() as i64)
}

/// Which areas reach into which part of the page.
struct Grid {
    cells: Vec<Vec<usize>>,
    size: Size,
}

impl Grid {
    fn new(areas: &[Area], size: Size) -> Self {
        let mut grid = Self { cells: vec![Vec::new(); CELLS * CELLS], size };
        for (at, area) in areas.iter().enumerate() {
            let b = &area.bounds;
            for row in grid.row(b.top)..=grid.row(b.bottom) {
                for column in grid.column(b.left)..=grid.column(b.right) {
                    if let Some(cell) = grid.cells.get_mut(row * CELLS + column) {
                        cell.push(at);
                    }
                }
            }
        }
        grid
    }

    fn at(&self, x: f64, y: f64) -> &[usize] {
        self.cells.get(self.row(y) * CELLS + self.column(x)).map_or(&[], Vec::as_slice)
    }

    fn column(&self, x: f64) -> usize {
        part(x, self.size.width)
    }

    fn row(&self, y: f64) -> usize {
        part(y, self.size.height)
    }
}

/// Which of the parts of a length a place lies in; the nearest one for places outside.
#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    clippy::cast_precision_loss,
    reason = "clamped first"
)]
fn part(place: f64, length: f64) -> usize {
    let share = (place / length.max(1.0)).clamp(0.0, 1.0);
    ((share * CELLS as f64) as usize).min(CELLS - 1)
}
