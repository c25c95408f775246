//! Pages of TIFF files: strips and tiles put together, and samples made into colours.

use image::{Rgb, RgbImage};

use super::{
    jpeg,
    picture::{PIXEL_BYTES, over_white},
};
use crate::container::picture::{
    Header,
    tiff::{Alpha, Chunk, Colours, Page},
};

/// Decodes a page, which is white where nothing covers it.
pub(super) fn decode(bytes: &[u8], header: &Header, pixels: u64) -> Result<RgbImage, String> {
    let page = Page::open(bytes, header)?;
    let chunk_bytes = page.row_bytes() as u64 * u64::from(page.chunk_height);
    if chunk_bytes > PIXEL_BYTES * pixels {
        return Err(format!("a part of {chunk_bytes} bytes is too large"));
    }
    let mut image = RgbImage::from_pixel(page.width, page.height, Rgb([255; 3]));
    let planes = if page.planar { page.samples } else { 1 };
    for row in 0..page.down() {
        for column in 0..page.across() {
            let mut parts = Vec::with_capacity(planes as usize);
            for plane in 0..planes {
                parts.push(match page.chunk(column, row, plane)? {
                    Chunk::Samples(bytes) => Part::packed(&page, bytes),
                    Chunk::Jpeg(bytes) => Part::jpeg(&page, &bytes, pixels)?,
                });
            }
            let (left, top) = (column * page.chunk_width, row * page.chunk_height);
            let (right, bottom) = (left + page.chunk_width, top.saturating_add(page.chunk_height));
            for y in top..bottom.min(page.height) {
                for x in left..right.min(page.width) {
                    let sample = |number: u32| {
                        if page.planar {
                            parts[number as usize].sample(x - left, y - top, 0)
                        } else {
                            parts[0].sample(x - left, y - top, number)
                        }
                    };
                    image.put_pixel(x, y, Rgb(colour(&page, sample)));
                }
            }
        }
    }
    Ok(image)
}

/// A strip or tile whose samples can be asked for.
struct Part {
    bytes: Vec<u8>,
    row_bytes: usize,
    bits: u32,
    /// Samples of a pixel that lie in this part.
    count: usize,
}

impl Part {
    fn packed(page: &Page<'_>, bytes: Vec<u8>) -> Self {
        let count = if page.planar { 1 } else { page.samples as usize };
        Self { bytes, row_bytes: page.row_bytes(), bits: page.bits, count }
    }

    fn jpeg(page: &Page<'_>, bytes: &[u8], pixels: u64) -> Result<Self, String> {
        let samples = jpeg::samples(bytes, pixels)?;
        let count = if page.planar { 1 } else { page.samples as usize };
        let fits = samples.width >= page.chunk_width.min(page.width) as usize;
        if samples.count < count || !fits || page.bits != 8 {
            return Err(format!("JPEG of {} samples, {} wide", samples.count, samples.width));
        }
        let row_bytes = samples.width * samples.count;
        Ok(Self { bytes: samples.bytes, row_bytes, bits: 8, count: samples.count })
    }

    /// A sample as it is stored; 0 where there is none.
    fn sample(&self, x: u32, y: u32, number: u32) -> u16 {
        let at = x as usize * self.count + number as usize;
        let row = y as usize * self.row_bytes;
        let byte = |at: usize| self.bytes.get(row + at).copied().unwrap_or(0);
        match self.bits {
            16 => u16::from_be_bytes([byte(2 * at), byte(2 * at + 1)]),
            8 => u16::from(byte(at)),
            bits => {
                let bits = bits as usize;
                let shift = 8 - bits - (at * bits) % 8;
                u16::from(byte(at * bits / 8) >> shift) & ((1 << bits) - 1)
            }
        }
    }
}

/// The colour of a pixel.
fn colour(page: &Page<'_>, sample: impl Fn(u32) -> u16) -> [u8; 3] {
    let most = (1_u32 << page.bits) - 1;
    let level = |number: u32| {
        let scaled = (u32::from(sample(number)) * 255 + most / 2) / most;
        u8::try_from(scaled).unwrap_or(u8::MAX)
    };
    let (plain, colours) = match page.colours {
        Colours::WhiteIsZero => ([255 - level(0); 3], 1),
        Colours::BlackIsZero => ([level(0); 3], 1),
        Colours::Rgb => ([level(0), level(1), level(2)], 3),
        Colours::YCbCr => (jpeg::rgb(level(0), level(1), level(2)), 3),
        Colours::Cmyk => {
            let light = |number| 255 - u32::from(level(number));
            let left = |number| u8::try_from((light(number) * light(3) + 127) / 255).unwrap_or(u8::MAX);
            ([0, 1, 2].map(left), 4)
        }
        Colours::Palette => {
            let (at, size) = (usize::from(sample(0)), page.palette.len() / 3);
            // The upper byte of 16 bits; files that use the lower one alone are not known any more.
            let part = |colour: usize| page.palette.get(colour * size + at).map_or(0, |part| part >> 8);
            ([0, 1, 2].map(|colour| u8::try_from(part(colour)).unwrap_or(u8::MAX)), 1)
        }
    };
    match page.alpha {
        None => plain,
        Some(Alpha::Plain) => plain.map(|part| over_white(part, level(colours))),
        Some(Alpha::Multiplied) => plain.map(|part| part.saturating_add(255 - level(colours))),
    }
}
