//! Headers of bitmaps, GIF and WebP pictures.

use super::{Header, plausible, tiff, u16_at, u32_at};

/// Windows bitmaps: a file header of 14 bytes, then one whose length tells its version.
pub(super) fn bmp(bytes: &[u8]) -> Option<Header> {
    let pixels = u32_at(bytes, 10, false)?;
    let size = u32_at(bytes, 14, false)?;
    if size == 12 {
        let side = |at| u16_at(bytes, at, false).map(u32::from);
        return Some(Header { width: side(18)?, height: side(20)?, ..Header::default() });
    }
    // A negative height says that the first row is the upper one.
    let side = |at| u32_at(bytes, at, false).map(|side| side.cast_signed().unsigned_abs());
    let (width, height) = (side(18)?, side(22)?);
    let bits = u16_at(bytes, 28, false)?;
    let inch = |at| u32_at(bytes, at, false).map(|metre| (f64::from(metre) * 0.0254).round());
    let row = (u64::from(width) * u64::from(bits)).div_ceil(32) * 4;
    let is_plain = u32_at(bytes, 30, false)? == 0;
    Some(Header {
        width,
        height,
        dpi: inch(38).zip(inch(42)).and_then(|(x, y)| plausible(x, y)),
        cut: is_plain && u64::from(pixels) + row * u64::from(height) > bytes.len() as u64,
        ..Header::default()
    })
}

/// GIF: the screen, then blocks one after the other.
pub(super) fn gif(bytes: &[u8]) -> Option<Header> {
    let side = |at| u16_at(bytes, at, false).map(u32::from);
    let mut header = Header { width: side(6)?, height: side(8)?, cut: true, ..Header::default() };
    let table = |flags: u8| if flags & 0x80 == 0 { 0 } else { 3 << ((flags & 7) + 1) };
    let mut at = 13 + table(*bytes.get(10)?);
    let mut pictures = 0;
    loop {
        match bytes.get(at) {
            Some(0x3b) => {
                header.cut = false;
                break;
            }
            Some(0x21) => at += 2,
            Some(0x2c) => {
                pictures += 1;
                at += 11 + table(bytes.get(at + 9).copied().unwrap_or(0));
            }
            _ => break,
        }
        // Every block goes on in pieces that say their length, down to one of none.
        while let Some(length) = bytes.get(at).filter(|length| **length > 0) {
            at += 1 + usize::from(*length);
        }
        at += 1;
    }
    header.moving = pictures > 1;
    Some(header)
}

/// WebP: chunks in a RIFF file; the first tells which of three kinds it is.
pub(super) fn webp(bytes: &[u8]) -> Option<Header> {
    let end = u64::from(u32_at(bytes, 4, false)?) + 8;
    let mut header = Header { cut: end > bytes.len() as u64, ..Header::default() };
    let small = |at: usize| Some(u32_at(bytes, at, false)? & 0x00ff_ffff);
    let mut at = 12_usize;
    while let (Some(kind), Some(length)) = (bytes.get(at..at + 4), u32_at(bytes, at + 4, false)) {
        let data = at + 8;
        match kind {
            b"VP8X" => {
                header.moving = bytes.get(data)? & 0x02 != 0;
                (header.width, header.height) = (small(data + 4)? + 1, small(data + 7)? + 1);
            }
            b"VP8 " if header.width == 0 => {
                let side = |at| u16_at(bytes, at, false).map(|side| u32::from(side & 0x3fff));
                (header.width, header.height) = (side(data + 6)?, side(data + 8)?);
            }
            b"VP8L" if header.width == 0 => {
                let packed = u32_at(bytes, data + 1, false)?;
                (header.width, header.height) = ((packed & 0x3fff) + 1, (packed >> 14 & 0x3fff) + 1);
            }
            b"EXIF" => {
                let exif = bytes.get(data..).unwrap_or_default();
                let exif = tiff::exif(exif.strip_prefix(b"Exif\0\0").unwrap_or(exif));
                header.orientation = exif.orientation;
                header.dpi = header.dpi.or(exif.dpi);
            }
            _ => {}
        }
        // Chunks begin at even places.
        at = data.checked_add(length as usize)?.checked_add(length as usize & 1)?;
    }
    Some(header)
}
