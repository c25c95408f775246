//! QR codes in pictures: where they stand and what they say. What it means is the rulebook's business.
//!
//! Of 25 real pages and photographs on which any reader found a code, rxing's found it on all at the
//! picture's own size; rqrr on 13, and on 17 with the picture at half and at twice its size as well. (Tried
//! once, by a program that is not kept.)

use image::RgbImage;
use rxing::{
    BarcodeFormat, BinaryBitmap, DecodeHints, Luma8LuminanceSource, common::HybridBinarizer,
    multi::MultipleBarcodeReader, qrcode::cpp_port::QrReader,
};
use serde::{Deserialize, Serialize};

use crate::model::geometry::Rect;

/// A QR code in a picture.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Symbol {
    /// What it says.
    pub text: String,
    /// The level box round it, in pixels.
    pub bounds: Rect,
}

/// The QR codes of a picture, from top to bottom. They are looked for in the red channel, in which a
/// seal pressed over one vanishes.
#[must_use]
pub fn symbols(image: &RgbImage) -> Vec<Symbol> {
    let red = image.pixels().map(|pixel| pixel.0[0]).collect();
    let Ok(source) = Luma8LuminanceSource::new(red, image.width(), image.height()) else { return Vec::new() };
    let hints = DecodeHints {
        PossibleFormats: Some([BarcodeFormat::QR_CODE].into_iter().collect()),
        TryHarder: Some(true),
        ..DecodeHints::default()
    };
    let mut bitmap = BinaryBitmap::new(HybridBinarizer::new(source));
    let found = QrReader.decode_multiple_with_hints(&mut bitmap, &hints).unwrap_or_default();
    let mut symbols: Vec<Symbol> = found
        .iter()
        .filter_map(|one| {
            let corners = one.getPoints().iter().map(|corner| {
                let (x, y) = (f64::from(corner.x), f64::from(corner.y));
                Rect::new(x, y, x, y)
            });
            let bounds = corners.reduce(|all, corner| all.union(&corner))?;
            Some(Symbol { text: one.getText().to_owned(), bounds })
        })
        .collect();
    symbols
        .sort_by(|a, b| a.bounds.top.total_cmp(&b.bounds.top).then(a.bounds.left.total_cmp(&b.bounds.left)));
    symbols
}
