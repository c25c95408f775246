//! JPEG pictures, with the colours of print (CMYK, YCCK) as their writers meant them.

use image::RgbImage;
use zune_jpeg::{
    JpegDecoder,
    zune_core::{bytestream::ZCursor, colorspace::ColorSpace, options::DecoderOptions},
};

/// Samples of a JPEG, as stored or as red, green and blue.
pub(super) struct Samples {
    /// Pixels to the right.
    pub(super) width: usize,
    /// Pixels downwards.
    pub(super) height: usize,
    /// Samples of one pixel.
    pub(super) count: usize,
    /// Row by row.
    pub(super) bytes: Vec<u8>,
}

/// Decodes a JPEG. Ink is taken to be stored upside down, with Adobe's mark or without: so every
/// viewer takes it, whatever the note says that introduced the mark.
pub(super) fn decode(bytes: &[u8], pixels: u64) -> Result<RgbImage, String> {
    let (mut decoder, stored) = opened(bytes, pixels)?;
    let wanted = if stored == ColorSpace::Luma { stored } else { ColorSpace::RGB };
    let Samples { width, height, count, bytes: samples } = decoded(&mut decoder, wanted)?;
    let colours = match count {
        1 => samples.iter().flat_map(|grey| [*grey; 3]).collect(),
        3 => samples,
        count => return Err(format!("{count} colours are not supported")),
    };
    let side = |side: usize| u32::try_from(side).unwrap_or(u32::MAX);
    RgbImage::from_raw(side(width), side(height), colours).ok_or_else(|| "pixels are missing".to_owned())
}

/// A JPEG's samples as they are stored, whatever they mean.
pub(super) fn samples(bytes: &[u8], pixels: u64) -> Result<Samples, String> {
    let (mut decoder, stored) = opened(bytes, pixels)?;
    decoded(&mut decoder, stored)
}

type Decoder<'b> = JpegDecoder<ZCursor<&'b [u8]>>;

/// A decoder that has read the head of a picture of no more pixels than are allowed.
fn opened(bytes: &[u8], pixels: u64) -> Result<(Decoder<'_>, ColorSpace), String> {
    let side = usize::from(u16::MAX);
    let options = DecoderOptions::default().set_strict_mode(false).set_max_width(side).set_max_height(side);
    let mut decoder = JpegDecoder::new_with_options(ZCursor::new(bytes), options);
    decoder.decode_headers().map_err(|error| error.to_string())?;
    let (width, height) = decoder.dimensions().ok_or("no size")?;
    if width as u64 * height as u64 > pixels {
        return Err(format!("{width} by {height} pixels, at most {pixels} are decoded"));
    }
    let stored = decoder.input_colorspace().ok_or("no colours")?;
    Ok((decoder, stored))
}

fn decoded(decoder: &mut Decoder<'_>, wanted: ColorSpace) -> Result<Samples, String> {
    decoder.set_options(decoder.options().jpeg_set_out_colorspace(wanted));
    let bytes = decoder.decode().map_err(|error| error.to_string())?;
    let (width, height) = decoder.dimensions().ok_or("no size")?;
    Ok(Samples { width, height, count: bytes.len() / (width * height).max(1), bytes })
}

/// ITU-T T.871, section 7.
pub(super) fn rgb(brightness: u8, blue: u8, red: u8) -> [u8; 3] {
    let (y, cb, cr) = (f32::from(brightness), f32::from(blue) - 128.0, f32::from(red) - 128.0);
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "clamped first")]
    let level = |value: f32| value.round().clamp(0.0, 255.0) as u8;
    [level(y + 1.402 * cr), level(y - 0.344_136 * cb - 0.714_136 * cr), level(y + 1.772 * cb)]
}
