//! How a flat page lies in a picture of it.

use serde::{Deserialize, Serialize};

use super::geometry::{Homography, Rect};

/// How a flat page lies in a picture: seen from some side, and bent about an upright axis.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Warp {
    /// Takes places on the flat page to where they would be seen if it were not bent.
    pub seen: Homography,
    /// How far below they are seen.
    pub bend: Bend,
}

/// How far a bent page lies below where it would lie otherwise: a square and a cube of the distance from a
/// column, in the picture's own unit. All zero where it is not bent.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Bend {
    /// The column from which it is counted.
    pub middle: f64,
    /// What distance counts as one.
    pub reach: f64,
    /// How far it falls at that distance, by the square and by the cube.
    pub fall: [f64; 2],
}

impl Bend {
    /// How far below a column lies.
    #[must_use]
    pub fn at(&self, x: f64) -> f64 {
        if self.fall == [0.0; 2] {
            return 0.0;
        }
        let far = (x - self.middle) / self.reach;
        far * far * (self.fall[0] + far * self.fall[1])
    }
}

impl Warp {
    /// The same between pages and pictures in other units, each given by its factors across and down.
    #[must_use]
    pub fn rescaled(&self, page: (f64, f64), picture: (f64, f64)) -> Self {
        let by = |(x, y)| Homography::scaling((x, y), (0.0, 0.0));
        let Bend { middle, reach, fall } = self.bend;
        Self {
            seen: by((1.0 / page.0, 1.0 / page.1)).then(&self.seen).then(&by(picture)),
            bend: Bend {
                middle: middle * picture.0,
                reach: reach * picture.0,
                fall: fall.map(|fall| fall * picture.1),
            },
        }
    }

    /// The same in a picture whose corner lies elsewhere.
    #[must_use]
    pub fn moved(&self, (right, down): (f64, f64)) -> Self {
        Self {
            seen: self.seen.then(&Homography::scaling((1.0, 1.0), (right, down))),
            bend: Bend { middle: self.bend.middle + right, ..self.bend },
        }
    }

    /// The same from a page whose corner is this place of the flat page.
    #[must_use]
    pub fn cut(&self, corner: (f64, f64)) -> Self {
        Self { seen: Homography::scaling((1.0, 1.0), corner).then(&self.seen), ..*self }
    }

    /// The way back; `None` where there is none.
    #[must_use]
    pub fn back(&self) -> Option<Back> {
        Some(Back { flat: self.seen.inverse()?, bend: self.bend })
    }
}

/// Takes places in a picture to those on the flat page; see [`Warp::back`].
#[derive(Clone, Copy, Debug)]
pub struct Back {
    flat: Homography,
    bend: Bend,
}

/// In how many places the upper and lower edge of a box are looked at: they may bulge.
const PLACES: u32 = 5;

/// What takes places somewhere else.
pub trait Onto {
    /// Where a point goes.
    fn point(&self, at: (f64, f64)) -> (f64, f64);

    /// The level box round what becomes of a box.
    fn bounds(&self, of: &Rect) -> Rect {
        let columns = (0..PLACES).map(|at| of.left + of.width() * f64::from(at) / f64::from(PLACES - 1));
        let points = columns.flat_map(|x| [(x, of.top), (x, of.bottom)]).map(|at| self.point(at));
        points.map(|(x, y)| Rect::new(x, y, x, y)).reduce(|all, point| all.union(&point)).unwrap_or_default()
    }
}

impl Onto for Warp {
    fn point(&self, at: (f64, f64)) -> (f64, f64) {
        let (x, y) = self.seen.point(at);
        (x, y + self.bend.at(x))
    }
}

impl Onto for Back {
    fn point(&self, (x, y): (f64, f64)) -> (f64, f64) {
        self.flat.point((x, y - self.bend.at(x)))
    }
}
