//! Rectangles, turns and projections on a page. Units are points (1/72 inch), origin top left, y down.

use serde::{Deserialize, Serialize};

/// Width and height, in points.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Size {
    /// Extent to the right.
    pub width: f64,
    /// Extent downwards.
    pub height: f64,
}

/// An axis-parallel box.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Rect {
    /// Left edge.
    pub left: f64,
    /// Top edge (smaller than `bottom`).
    pub top: f64,
    /// Right edge.
    pub right: f64,
    /// Bottom edge.
    pub bottom: f64,
}

impl Rect {
    /// A box from its four edges.
    #[must_use]
    pub const fn new(left: f64, top: f64, right: f64, bottom: f64) -> Self {
        Self { left, top, right, bottom }
    }

    /// The extent to the right, never negative.
    #[must_use]
    pub fn width(&self) -> f64 {
        (self.right - self.left).max(0.0)
    }

    /// The extent downwards, never negative.
    #[must_use]
    pub fn height(&self) -> f64 {
        (self.bottom - self.top).max(0.0)
    }

    /// The middle between left and right.
    #[must_use]
    pub fn center_x(&self) -> f64 {
        f64::midpoint(self.left, self.right)
    }

    /// The middle between top and bottom.
    #[must_use]
    pub fn center_y(&self) -> f64 {
        f64::midpoint(self.top, self.bottom)
    }

    /// The smallest box round both.
    #[must_use]
    pub fn union(&self, other: &Self) -> Self {
        Self {
            left: self.left.min(other.left),
            top: self.top.min(other.top),
            right: self.right.max(other.right),
            bottom: self.bottom.max(other.bottom),
        }
    }

    /// The smallest box round all, or `None` for none.
    pub fn around<'a>(boxes: impl IntoIterator<Item = &'a Self>) -> Option<Self> {
        boxes.into_iter().copied().reduce(|all, one| all.union(&one))
    }

    /// How far the two boxes overlap sideways; negative is the gap between them.
    #[must_use]
    pub fn overlap_x(&self, other: &Self) -> f64 {
        self.right.min(other.right) - self.left.max(other.left)
    }

    /// How far the two boxes overlap up and down; negative is the gap between them.
    #[must_use]
    pub fn overlap_y(&self, other: &Self) -> f64 {
        self.bottom.min(other.bottom) - self.top.max(other.top)
    }

    /// Whether the middle of `other` lies inside.
    #[must_use]
    pub fn holds(&self, other: &Self) -> bool {
        let (x, y) = (other.center_x(), other.center_y());
        x >= self.left && x <= self.right && y >= self.top && y <= self.bottom
    }

    /// The same box with every edge moved outwards.
    #[must_use]
    pub fn grown(&self, by: f64) -> Self {
        Self::new(self.left - by, self.top - by, self.right + by, self.bottom + by)
    }

    /// The same box after the page of `size` it stands on was turned.
    #[must_use]
    pub fn turned(&self, size: Size, turn: Turn) -> Self {
        let Self { left, top, right, bottom } = *self;
        match turn {
            Turn::None => *self,
            Turn::Quarter => Self::new(size.height - bottom, left, size.height - top, right),
            Turn::Half => {
                Self::new(size.width - right, size.height - bottom, size.width - left, size.height - top)
            }
            Turn::ThreeQuarters => Self::new(top, size.width - right, bottom, size.width - left),
        }
    }

    /// The same box with all coordinates multiplied.
    #[must_use]
    pub fn scaled(&self, x: f64, y: f64) -> Self {
        Self::new(self.left * x, self.top * y, self.right * x, self.bottom * y)
    }
}

/// The clockwise turn that brings a page as stored to the way it is read.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Turn {
    /// It is upright already.
    #[default]
    None,
    /// 90 degrees clockwise.
    Quarter,
    /// 180 degrees.
    Half,
    /// 270 degrees clockwise.
    ThreeQuarters,
}

/// A projective map of the plane: how a page that lies flat looks when it was scanned askew or
/// photographed from the side.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Homography(
    /// Rows of the matrix that takes the column (x, y, 1) to (x', y', 1) times a factor.
    pub [[f64; 3]; 3],
);

impl Homography {
    /// Multiplies, then moves.
    #[must_use]
    pub const fn scaling((x, y): (f64, f64), (right, down): (f64, f64)) -> Self {
        Self([[x, 0.0, right], [0.0, y, down], [0.0, 0.0, 1.0]])
    }

    /// Where a point goes.
    #[must_use]
    pub fn point(&self, (x, y): (f64, f64)) -> (f64, f64) {
        let [across, down, factor] = self.0.map(|[a, b, c]| a * x + b * y + c);
        (across / factor, down / factor)
    }

    /// The map that does this one first and then the other.
    #[must_use]
    pub fn then(&self, other: &Self) -> Self {
        let column = |at: usize| self.0.map(|row| row[at]);
        let times = |row: [f64; 3], at: usize| row.iter().zip(column(at)).map(|(a, b)| a * b).sum();
        Self(other.0.map(|row| [0, 1, 2].map(|at| times(row, at))))
    }

    /// The map back, by cofactors; `None` where this one is not one to one.
    #[must_use]
    pub fn inverse(&self) -> Option<Self> {
        let m = &self.0;
        let cofactor = |row: usize, column: usize| {
            let ([r, s], [c, d]) = ([(row + 1) % 3, (row + 2) % 3], [(column + 1) % 3, (column + 2) % 3]);
            m[r][c] * m[s][d] - m[r][d] * m[s][c]
        };
        let determinant: f64 = (0..3).map(|column| m[0][column] * cofactor(0, column)).sum();
        let inverse = [0, 1, 2].map(|row| [0, 1, 2].map(|column| cofactor(column, row) / determinant));
        inverse.iter().flatten().all(|part| part.is_finite()).then_some(Self(inverse))
    }
}
