//! HEIF pictures packed with HEVC.

use image::{Rgb, RgbImage};

use super::picture::over_white;

/// Decodes a picture, turned as the file says, onto a white ground.
pub(super) fn decode(bytes: &[u8]) -> Result<RgbImage, String> {
    let decoded = heic_decoder::decode(bytes).map_err(|error| error.to_string())?;
    let (width, height) = (decoded.width, decoded.height);
    let side = |side: usize| u32::try_from(side).unwrap_or(u32::MAX);
    if decoded.alpha.is_none() {
        let colours = decoded.to_rgb8().map_err(|error| error.to_string())?.data;
        return RgbImage::from_raw(side(width), side(height), colours)
            .ok_or_else(|| "pixels are missing".to_owned());
    }
    let samples = decoded.to_rgba8().map_err(|error| error.to_string())?;
    let mut image = RgbImage::new(side(width), side(height));
    for (pixel, stored) in image.pixels_mut().zip(samples.data.chunks_exact(4)) {
        let alpha = stored[3];
        *pixel = Rgb([stored[0], stored[1], stored[2]].map(|colour| {
            if samples.premultiplied { colour.saturating_add(255 - alpha) } else { over_white(colour, alpha) }
        }));
    }
    Ok(image)
}
