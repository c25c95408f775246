//! Pictures made ready to be read: turned, laid flat, reduced to a channel, scaled, cut out.

use image::{Rgb, RgbImage, imageops};

use super::FlatPicture;
use crate::model::{geometry::Turn, warp::Onto};

/// The picture, turned.
#[must_use]
pub fn upright(image: &RgbImage, turn: Turn) -> RgbImage {
    match turn {
        Turn::None => image.clone(),
        Turn::Quarter => imageops::rotate90(image),
        Turn::Half => imageops::rotate180(image),
        Turn::ThreeQuarters => imageops::rotate270(image),
    }
}

/// The picture laid flat.
#[must_use]
pub fn flat(image: &RgbImage, how: &FlatPicture) -> RgbImage {
    RgbImage::from_fn(how.size.0, how.size.1, |x, y| {
        let (x, y) = how.onto.point((f64::from(x) + 0.5, f64::from(y) + 0.5));
        Rgb(sample(image, x as f32 - 0.5, y as f32 - 0.5).map(|c| (c + 0.5) as u8))
    })
}

/// The colour at a point between pixels; outside, that of the nearest edge.
pub(super) fn sample(image: &RgbImage, x: f32, y: f32) -> [f32; 3] {
    let (width, height) = (image.width() as usize, image.height() as usize);
    let x = x.clamp(0.0, (width - 1) as f32);
    let y = y.clamp(0.0, (height - 1) as f32);
    let (x0, y0) = (x as usize, y as usize);
    let (x1, y1) = ((x0 + 1).min(width - 1), (y0 + 1).min(height - 1));
    let (fx, fy) = (x - x0 as f32, y - y0 as f32);
    let raw = image.as_raw();
    let (a, b) = ((y0 * width + x0) * 3, (y0 * width + x1) * 3);
    let (c, d) = ((y1 * width + x0) * 3, (y1 * width + x1) * 3);
    let mix = |k: usize| {
        let above = f32::from(raw[a + k]) * (1.0 - fx) + f32::from(raw[b + k]) * fx;
        let below = f32::from(raw[c + k]) * (1.0 - fx) + f32::from(raw[d + k]) * fx;
        above * (1.0 - fy) + below * fy
    };
    [mix(0), mix(1), mix(2)]
}

/// The picture at half the size, every pixel the mean of four.
fn halved(image: &RgbImage) -> RgbImage {
    let (width, height) = (image.width() / 2, image.height() / 2);
    RgbImage::from_fn(width, height, |x, y| {
        let four = [(0, 0), (1, 0), (0, 1), (1, 1)].map(|(i, j)| image.get_pixel(2 * x + i, 2 * y + j).0);
        Rgb([0, 1, 2].map(|k| (four.iter().map(|p| u16::from(p[k])).sum::<u16>() / 4) as u8))
    })
}

/// The picture at another size: halved as long as that leaves enough, then between pixels.
pub(super) fn resized(image: &RgbImage, width: u32, height: u32) -> RgbImage {
    if image.width() == width && image.height() == height {
        return image.clone();
    }
    if image.width() >= 2 * width && image.height() >= 2 * height {
        return resized(&halved(image), width, height);
    }
    let between = |to: u32, from: u32| -> Vec<(usize, usize, f32)> {
        let (scale, last) = (from as f32 / to as f32, from.saturating_sub(1) as f32);
        let place = |at: u32| ((at as f32 + 0.5) * scale - 0.5).clamp(0.0, last);
        let pair = |at: f32| (at as usize, (at as usize + 1).min(last as usize), at.fract());
        (0..to).map(|at| pair(place(at))).collect()
    };
    let (columns, rows) = (between(width, image.width()), between(height, image.height()));
    let (raw, stride) = (image.as_raw(), 3 * image.width() as usize);
    let mut out = Vec::with_capacity(3 * columns.len() * rows.len());
    for (above, below, down) in rows {
        let (above, below) = (&raw[above * stride..][..stride], &raw[below * stride..][..stride]);
        for &(left, right, along) in &columns {
            for part in 0..3 {
                let mix = |row: &[u8]| {
                    let (a, b) = (f32::from(row[3 * left + part]), f32::from(row[3 * right + part]));
                    a + (b - a) * along
                };
                let (a, b) = (mix(above), mix(below));
                out.push((a + (b - a) * down + 0.5) as u8);
            }
        }
    }
    RgbImage::from_raw(width, height, out).unwrap_or_default()
}

/// What lies between four corners (left top, right top, right bottom, left bottom), made upright.
pub(super) fn cut(image: &RgbImage, corners: &[(f32, f32); 4], width: u32, height: u32) -> RgbImage {
    let [a, b, c, d] = *corners;
    let (across, down) = (1.0 / width as f32, 1.0 / height as f32);
    let mut out = Vec::with_capacity(3 * (width * height) as usize);
    for y in 0..height {
        // A row of what is cut out is a straight line on the picture, walked in even steps.
        let v = (y as f32 + 0.5) * down;
        let mix = |from: f32, to: f32| from + (to - from) * v;
        let (left, top) = (mix(a.0, d.0), mix(a.1, d.1));
        let step = ((mix(b.0, c.0) - left) * across, (mix(b.1, c.1) - top) * across);
        for x in 0..width {
            let along = x as f32 + 0.5;
            let point = sample(image, left + step.0 * along - 0.5, top + step.1 * along - 0.5);
            out.extend(point.map(|c| (c + 0.5) as u8));
        }
    }
    RgbImage::from_raw(width, height, out).unwrap_or_default()
}

/// The numbers the networks take: planes of blue, green, red from -1 to 1, filled up to the right with 0.
pub(super) fn planes(image: &RgbImage, width: usize) -> Vec<f32> {
    let height = image.height() as usize;
    let plane = width * height;
    let mut all = vec![0.0; 3 * plane];
    for (y, row) in image.as_raw().chunks_exact(3 * image.width() as usize).enumerate() {
        for (x, pixel) in row.chunks_exact(3).enumerate() {
            for (channel, &value) in pixel.iter().enumerate() {
                all[(2 - channel) * plane + y * width + x] = f32::from(value) / 127.5 - 1.0;
            }
        }
    }
    all
}
