//! Where the ink of seals lies on a picture, and the picture without it.
//!
//! Red ink turns white in the red channel. On a grey picture it is told by its shade: all of a seal is pressed
//! in one ink, so that wherever its strokes are broad enough they lie on one level between print and paper.
//! There the picture is divided by that level, which leaves the print that lies under or over it.

use image::RgbImage;

use super::mask::{Mask, around};

/// How much more red than green and blue a seal's ink is.
const REDNESS: i32 = 36;
/// How much the channels of a coloured pixel differ.
const COLOURED: u8 = 24;
/// A picture is grey where fewer of its pixels are coloured, as a share.
const GREY: f64 = 0.001;
/// A pixel and all round it are one level where they differ by less.
const LEVEL: u8 = 30;
/// So much brighter than black and darker than paper a seal's ink is.
const INK: std::ops::Range<u8> = 55..190;
/// How far the pixels of a level may be from it.
const NEAR: u8 = 14;
/// A level is a seal's from this share of the picture on: less than a ring on a page.
const LEAST: f64 = 0.0005;
/// Print is darker than a seal's ink by this much; where there is not half as much of it as of ink, the ink
/// may be print that paled.
const DARKER: u8 = 40;
/// What covers more of its box than this, has room for print and is longer than a part of a star, is a ground
/// and no seal.
const GROUND: f64 = 0.5;
/// How much room print takes at least, as a share of the picture's longer side.
const ROOM: f64 = 0.014;
/// How long a part of a seal's star is at most, as a share of the picture's longer side.
const STAR: f64 = 0.05;
/// So much of the level of strokes is surrounded by level: where it is less, strokes are too narrow to be told.
const BROAD: f64 = 0.35;
/// How far a stroke goes on beside what is level of it, as a share of the picture's longer side.
const EDGE: f64 = 1.0 / 1700.0;

/// A picture's seals.
pub struct Seals {
    /// Where their ink lies.
    pub ink: Mask,
    /// The picture without it, in grey.
    pub without: RgbImage,
}

/// Tells the seals of a picture from its print.
#[must_use]
pub fn lifted(image: &RgbImage) -> Seals {
    if is_grey(image) { lifted_from_grey(image) } else { lifted_from_colour(image) }
}

/// Whether hardly anything on a picture is coloured.
pub(super) fn is_grey(image: &RgbImage) -> bool {
    let spread =
        |pixel: &[u8]| pixel.iter().max().zip(pixel.iter().min()).map_or(0, |(most, least)| most - least);
    let samples = image.as_raw().chunks_exact(3).step_by(7);
    let coloured = samples.clone().filter(|pixel| spread(pixel) > COLOURED).count();
    (coloured as f64) < GREY * samples.len() as f64
}

fn lifted_from_colour(image: &RgbImage) -> Seals {
    let raw = image.as_raw();
    let ink = Mask::of(image.width() as usize, image.height() as usize, |at| {
        let [r, g, b] = [0, 1, 2].map(|part| i32::from(raw[3 * at + part]));
        r - g.max(b) > REDNESS
    });
    let mut without = image.clone();
    without.chunks_exact_mut(3).for_each(|pixel| pixel.fill(pixel[0]));
    Seals { ink, without }
}

fn lifted_from_grey(image: &RgbImage) -> Seals {
    let grey = Grey {
        size: (image.width() as usize, image.height() as usize),
        shades: image.as_raw().chunks_exact(3).map(|pixel| pixel[0]).collect(),
    };
    let mut ink = Mask::of(grey.size.0, grey.size.1, |_| false);
    let mut without = grey.shades.clone();
    let strokes = grey.strokes();
    if let Some(seal) = grey.seals_shade(&strokes) {
        let paper = grey.paper();
        let edge = ((EDGE * grey.longer()).round() as usize).max(1);
        for stroke in strokes.iter().filter(|stroke| stroke.shade.saturating_add(DARKER) > seal) {
            // Twice over does no harm: what was divided once is no darker than before.
            for at in stroke.pixels.iter().flat_map(|at| around(grey.size, *at, edge)) {
                let share = f64::from(grey.shades[at]) / f64::from(stroke.shade.saturating_sub(NEAR).max(1));
                without[at] = without[at].max((share.min(1.0) * f64::from(paper)) as u8);
            }
            stroke.pixels.iter().for_each(|at| ink.pixels[*at] = true);
        }
    }
    let without: Vec<u8> = without.into_iter().flat_map(|shade| [shade; 3]).collect();
    Seals { ink, without: RgbImage::from_raw(image.width(), image.height(), without).unwrap_or_default() }
}

/// A picture in grey.
struct Grey {
    /// Its width and height.
    size: (usize, usize),
    /// How bright each pixel is.
    shades: Vec<u8>,
}

/// A level part of a picture that may be a seal's: its pixels, and the shade in the middle of theirs.
struct Stroke {
    pixels: Vec<usize>,
    shade: u8,
}

impl Grey {
    fn longer(&self) -> f64 {
        self.size.0.max(self.size.1) as f64
    }

    /// The level parts in the shades of ink that are narrow as strokes are.
    fn strokes(&self) -> Vec<Stroke> {
        let (width, height) = self.size;
        let levels = Mask::of(width, height, |at| INK.contains(&self.shades[at]) && self.is_level(at));
        let parts = levels.parts().into_iter().filter(|part| !is_ground(part, width, self.longer()));
        let stroke = |pixels: Vec<usize>| {
            let mut shades: Vec<u8> = pixels.iter().map(|at| self.shades[*at]).collect();
            shades.sort_unstable();
            Stroke { shade: shades[shades.len() / 2], pixels }
        };
        parts.map(stroke).collect()
    }

    /// Whether a pixel is about as dark as all round it.
    fn is_level(&self, at: usize) -> bool {
        let shades = around(self.size, at, 1).map(|at| self.shades[at]);
        let (least, most) = shades.fold((u8::MAX, 0), |(least, most), one| (least.min(one), most.max(one)));
        most - least < LEVEL
    }

    /// How many pixels have each shade.
    fn histogram(&self) -> [usize; 256] {
        let mut all = [0; 256];
        self.shades.iter().for_each(|shade| all[usize::from(*shade)] += 1);
        all
    }

    /// The shade that most pixels have.
    fn paper(&self) -> u8 {
        let all = self.histogram();
        (0..=u8::MAX).max_by_key(|shade| all[usize::from(*shade)]).unwrap_or(u8::MAX)
    }

    /// The shade of most of the level strokes, if it can be a seal's.
    fn seals_shade(&self, strokes: &[Stroke]) -> Option<u8> {
        let mut levels = [0_usize; 256];
        strokes.iter().for_each(|stroke| levels[usize::from(stroke.shade)] += stroke.pixels.len());
        let near = |shade: u8| {
            let near = usize::from(shade.saturating_sub(NEAR))..usize::from(shade.saturating_add(NEAR)) + 1;
            levels[near].iter().sum::<usize>()
        };
        let seal = (0..=u8::MAX).max_by_key(|shade| near(*shade))?;
        let dark: usize = self.histogram()[..usize::from(seal.saturating_sub(DARKER))].iter().sum();
        let is_seals = near(seal) as f64 > LEAST * self.shades.len() as f64
            && 2 * dark > near(seal)
            && self.is_broad(strokes);
        is_seals.then_some(seal)
    }

    /// Whether the level of strokes is more than a seam along their middle.
    fn is_broad(&self, strokes: &[Stroke]) -> bool {
        let mut level = Mask::of(self.size.0, self.size.1, |_| false);
        let pixels = || strokes.iter().flat_map(|stroke| &stroke.pixels);
        pixels().for_each(|at| level.pixels[*at] = true);
        let deep = pixels().filter(|at| around(self.size, **at, 1).all(|at| level.pixels[at])).count();
        deep as f64 > BROAD * pixels().count() as f64
    }
}

/// Columns and rows from the first to the last pixel.
fn extent(pixels: &[usize], width: usize) -> (std::ops::Range<usize>, std::ops::Range<usize>) {
    let ends = |values: &mut dyn Iterator<Item = usize>| {
        let (least, most) =
            values.fold((usize::MAX, 0), |(least, most), one| (least.min(one), most.max(one)));
        least.min(most)..most + 1
    };
    (ends(&mut pixels.iter().map(|at| at % width)), ends(&mut pixels.iter().map(|at| at / width)))
}

/// Whether a part is a ground to print on, such as the head of a table.
fn is_ground(part: &[usize], width: usize, longer: f64) -> bool {
    let (across, down) = extent(part, width);
    let (across, down) = (across.len() as f64, down.len() as f64);
    across.min(down) > ROOM * longer
        && across.max(down) > STAR * longer
        && part.len() as f64 > GROUND * across * down
}
