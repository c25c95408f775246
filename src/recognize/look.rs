//! The print of a page's picture: a grid of mean shades over what is printed, and where they get lighter from
//! one cell to the next.

use image::RgbImage;

use crate::model::look::{COARSE, FINE, Look};

/// A shade so much darker than the paper is ink.
const INK: u8 = 40;
/// Rows and columns with a smaller share of ink, in thousandths, are margin.
const MARGIN: u32 = 4;
/// A step between two cells counts from so many shades on: less is what the paper, the lens and the
/// compression do.
const COARSE_STEP: f64 = 2.0;
const FINE_STEP: f64 = 4.0;
/// A picture with fewer steps shows next to nothing, and all such pictures look alike.
const LEAST: usize = 96;
/// A picture is drawn where so many of a hundred pixels have one shade.
const EVEN: usize = 60;

/// What a page looks like; `None` where there is next to nothing on it.
#[must_use]
pub fn look(image: &RgbImage) -> Option<Look> {
    let grey = image::imageops::grayscale(image);
    let (width, height) = grey.dimensions();
    let mut shades = [0_usize; 256];
    grey.as_raw().iter().for_each(|shade| shades[usize::from(*shade)] += 1);
    let pixels = grey.as_raw().len();
    let even = shades.iter().max().copied().unwrap_or_default();
    let paper = paper(&shades, pixels);
    let ink = |x: u32, y: u32| grey.get_pixel(x, y).0[0] < paper.saturating_sub(INK);
    let count = |along: u32, is: &dyn Fn(u32) -> bool| {
        let inked = u64::try_from((0..along).filter(|at| is(*at)).count()).unwrap_or_default();
        inked * 1000 > u64::from(MARGIN * along)
    };
    let rows: Vec<u32> = (0..height).filter(|y| count(width, &|x| ink(x, *y))).collect();
    let columns: Vec<u32> = (0..width).filter(|x| count(height, &|y| ink(*x, y))).collect();
    let (top, bottom) = (*rows.first()?, *rows.last()? + 1);
    let (left, right) = (*columns.first()?, *columns.last()? + 1);
    let sums = Sums::of(&grey, (left, top, right, bottom));
    let fine = sums.steps(FINE, FINE_STEP);
    if fine.iter().filter(|step| **step).count() < LEAST {
        return None;
    }
    Some(Look::new(&sums.steps(COARSE, COARSE_STEP), &fine, even * 100 >= EVEN * pixels))
}

/// The shade of the paper: a tenth of the picture is lighter.
fn paper(shades: &[usize; 256], pixels: usize) -> u8 {
    let mut lighter = 0;
    for (shade, count) in (0_u8..=255).zip(shades).rev() {
        lighter += count;
        if lighter * 10 > pixels {
            return shade;
        }
    }
    0
}

/// Sums of shades from the corner of a part of a picture, so that any cell's mean is at hand.
struct Sums {
    width: usize,
    height: usize,
    sums: Vec<u64>,
}

impl Sums {
    fn of(grey: &image::GrayImage, (left, top, right, bottom): (u32, u32, u32, u32)) -> Self {
        let (width, height) = ((right - left) as usize, (bottom - top) as usize);
        let mut sums = vec![0_u64; (width + 1) * (height + 1)];
        for y in 0..height {
            let mut row = 0;
            for x in 0..width {
                row += u64::from(grey.get_pixel(left + x as u32, top + y as u32).0[0]);
                sums[(y + 1) * (width + 1) + x + 1] = sums[y * (width + 1) + x + 1] + row;
            }
        }
        Self { width, height, sums }
    }

    /// The sum up to a point between pixels: a cell's edges lie where they lie on the page, whatever the
    /// picture's resolution.
    fn up_to(&self, x: f64, y: f64) -> f64 {
        let (left, top) = ((x as usize).min(self.width - 1), (y as usize).min(self.height - 1));
        let at = |x: usize, y: usize| self.sums[y * (self.width + 1) + x] as f64;
        let (right, down) = (x - left as f64, y - top as f64);
        let along = |y: usize| at(left, y) * (1.0 - right) + at(left + 1, y) * right;
        along(top) * (1.0 - down) + along(top + 1) * down
    }

    /// Where it gets lighter from a cell to the next by a step, row by row, on a grid of so many steps.
    fn steps(&self, size: usize, step: f64) -> Vec<bool> {
        let (across, down) = (self.width as f64 / (size + 1) as f64, self.height as f64 / size as f64);
        let mean = |column: usize, row: usize| {
            let (left, right) = (across * column as f64, across * (column + 1) as f64);
            let (top, bottom) = (down * row as f64, down * (row + 1) as f64);
            let sum = self.up_to(right, bottom) + self.up_to(left, top);
            (sum - self.up_to(right, top) - self.up_to(left, bottom)) / (across * down)
        };
        let cells = (0..size).flat_map(|row| (0..size).map(move |column| (row, column)));
        cells.map(|(row, column)| mean(column + 1, row) > mean(column, row) + step).collect()
    }
}
