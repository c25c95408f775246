//! Pictures in black and white as JBIG2, which invoices use for their QR codes.

use hayro_jbig2::{DecodeSettings, Decoder, File};
use image::{Rgba, RgbaImage};

/// The first page of a JBIG2 file; `None` where it is none, is broken or has too many pixels.
pub(super) fn decoded(bytes: &[u8], most: u64) -> Option<RgbaImage> {
    if !bytes.starts_with(b"\x97JB2\r\n\x1a\n") {
        return None;
    }
    let file = File::new(bytes, &DecodeSettings::default()).ok()?;
    let page = file.page(0)?;
    let (width, height) = (page.width(), page.height());
    if width == 0 || height == 0 || u64::from(width) * u64::from(height) > most {
        return None;
    }
    let mut canvas = Canvas { image: RgbaImage::from_pixel(width, height, WHITE), x: 0, y: 0 };
    page.decode(&mut canvas).ok()?;
    Some(canvas.image)
}

const WHITE: Rgba<u8> = Rgba([255; 4]);
const BLACK: Rgba<u8> = Rgba([0, 0, 0, 255]);

struct Canvas {
    image: RgbaImage,
    x: u32,
    y: u32,
}

impl Decoder for Canvas {
    fn push_pixel(&mut self, black: bool) {
        if black && let Some(pixel) = self.image.get_pixel_mut_checked(self.x, self.y) {
            *pixel = BLACK;
        }
        self.x += 1;
    }

    fn push_pixel_chunk(&mut self, black: bool, chunk_count: u32) {
        (0..chunk_count * 8).for_each(|_| self.push_pixel(black));
    }

    fn next_line(&mut self) {
        self.x = 0;
        self.y += 1;
    }
}
