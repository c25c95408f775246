//! Pages of picture files, decoded and scaled.

use std::io::Cursor;

use image::{ImageReader, RgbImage};

use super::{DrawError, heif, jpeg, tiff};
use crate::{
    container::picture::{self, Header},
    model::limits::Limits,
};

/// Bytes that a decoder may ask for, for each pixel of the largest picture.
pub(super) const PIXEL_BYTES: u64 = 8;

/// A picture file whose headers were read.
pub(super) struct Opened {
    bytes: Vec<u8>,
    headers: Vec<Header>,
    /// Pixels of a picture at most.
    pixels: u64,
}

impl Opened {
    pub(super) fn open(bytes: &[u8], limits: &Limits) -> Result<Self, DrawError> {
        let headers = picture::headers(bytes, limits.pages);
        if headers.is_empty() {
            return Err(DrawError::Unopened("no picture header".to_owned()));
        }
        Ok(Self { bytes: bytes.to_vec(), headers, pixels: limits.pixels })
    }

    /// A page as stored, without any turn.
    pub(super) fn page(&self, number: u32, dpi: f64) -> Result<RgbImage, DrawError> {
        let index = (number as usize).checked_sub(1);
        let header = index.and_then(|index| self.headers.get(index)).ok_or(DrawError::NoSuchPage(number))?;
        let allowed = |pixels: u64| {
            if pixels > self.pixels {
                Err(DrawError::TooLarge { page: number, pixels, allowed: self.pixels })
            } else {
                Ok(())
            }
        };
        allowed(u64::from(header.width) * u64::from(header.height))?;
        let decoded = if header.directory > 0 {
            tiff::decode(&self.bytes, header, self.pixels)
        } else if self.bytes.starts_with(b"\xff\xd8") {
            jpeg::decode(&self.bytes, self.pixels)
        } else if picture::heif::claims(&self.bytes) {
            heif::decode(&self.bytes)
        } else {
            decode(&self.bytes, self.pixels)
        };
        let mut image = decoded.map_err(|why| DrawError::Undecoded { page: number, why })?;
        if header.is_mirrored() {
            image::imageops::flip_horizontal_in_place(&mut image);
        }
        if dpi <= 0.0 {
            return Ok(image);
        }
        let (across, down) = header.dpi.unwrap_or((72.0, 72.0));
        let width = super::pixel((f64::from(image.width()) * dpi / across).round()).max(1);
        let height = super::pixel((f64::from(image.height()) * dpi / down).round()).max(1);
        allowed(u64::from(width) * u64::from(height))?;
        if (width, height) == image.dimensions() {
            return Ok(image);
        }
        let filter = if width < image.width() {
            image::imageops::FilterType::Triangle
        } else {
            image::imageops::FilterType::CatmullRom
        };
        Ok(image::imageops::resize(&image, width, height, filter))
    }
}

/// Decodes a picture onto a white ground; of an animated one the first frame.
fn decode(bytes: &[u8], pixels: u64) -> Result<RgbImage, String> {
    let format = image::guess_format(bytes).map_err(|error| error.to_string())?;
    let mut reader = ImageReader::with_format(Cursor::new(bytes), format);
    let mut bounds = image::Limits::default();
    bounds.max_alloc = Some(PIXEL_BYTES * pixels);
    reader.limits(bounds);
    let decoded = reader.decode().map_err(|error| error.to_string())?;
    if !decoded.color().has_alpha() {
        return Ok(decoded.into_rgb8());
    }
    let source = decoded.into_rgba8();
    Ok(RgbImage::from_fn(source.width(), source.height(), |x, y| {
        let [red, green, blue, alpha] = source.get_pixel(x, y).0;
        image::Rgb([red, green, blue].map(|colour| over_white(colour, alpha)))
    }))
}

/// A colour that lets some of a white ground through.
pub(super) fn over_white(colour: u8, alpha: u8) -> u8 {
    let mixed = u32::from(colour) * u32::from(alpha) + 255 * (255 - u32::from(alpha));
    u8::try_from((mixed + 127) / 255).unwrap_or(u8::MAX)
}
