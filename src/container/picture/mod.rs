//! What the headers of picture files say: dimensions, resolution, orientation, pages.
//!
//! Nothing is decoded, so that the dimensions can be compared with limits first.

mod directory;
pub mod heif;
mod simple;
pub mod tiff;

use memchr::memmem;

/// A picture's header, or one page of a TIFF.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Header {
    /// Pixels to the right, as stored.
    pub width: u32,
    /// Pixels downwards, as stored.
    pub height: u32,
    /// Pixels an inch, to the right and downwards, where the file says so plausibly.
    pub dpi: Option<(f64, f64)>,
    /// Exif orientation, 1 to 8; 1 is upright, and 0 where nothing is said.
    pub orientation: u16,
    /// Where a TIFF page's directory stands; 0 for other formats.
    pub directory: u64,
    /// Whether the file ends before the picture does.
    pub cut: bool,
    /// Whether there are further pictures that are shown one after the other.
    pub moving: bool,
    /// What makes it a variant that no decoder here knows.
    pub refused: Option<&'static str>,
}

impl Header {
    /// Whether it has to be mirrored, left to right, before it is turned.
    #[must_use]
    pub const fn is_mirrored(&self) -> bool {
        matches!(self.orientation, 2 | 4 | 5 | 7)
    }
}

/// The headers of all pages, at most `most`; empty where the file cannot be understood.
#[must_use]
pub fn headers(bytes: &[u8], most: usize) -> Vec<Header> {
    let one = match bytes {
        [0x89, b'P', b'N', b'G', b'\r', b'\n', 0x1a, b'\n', ..] => png(bytes),
        [0xff, 0xd8, ..] => jpeg(bytes),
        [b'B', b'M', ..] => simple::bmp(bytes),
        [b'G', b'I', b'F', b'8', ..] => simple::gif(bytes),
        [b'R', b'I', b'F', b'F', ..] => simple::webp(bytes),
        _ if heif::claims(bytes) => heif::header(bytes),
        _ => return tiff::headers(bytes, most),
    };
    one.filter(|header| header.width > 0 && header.height > 0).into_iter().collect()
}

/// Resolutions outside of this are mistakes of the writing program.
fn plausible(x: f64, y: f64) -> Option<(f64, f64)> {
    let good = |dpi: f64| (30.0..=2400.0).contains(&dpi);
    (good(x) && good(y)).then_some((x, y))
}

fn u16_at(bytes: &[u8], at: usize, big_endian: bool) -> Option<u16> {
    let two: [u8; 2] = bytes.get(at..at.checked_add(2)?)?.try_into().ok()?;
    Some(if big_endian { u16::from_be_bytes(two) } else { u16::from_le_bytes(two) })
}

fn u32_at(bytes: &[u8], at: usize, big_endian: bool) -> Option<u32> {
    let four: [u8; 4] = bytes.get(at..at.checked_add(4)?)?.try_into().ok()?;
    Some(if big_endian { u32::from_be_bytes(four) } else { u32::from_le_bytes(four) })
}

fn png(bytes: &[u8]) -> Option<Header> {
    let mut header = Header { cut: true, ..Header::default() };
    let mut at = 8_usize;
    while let (Some(length), Some(kind)) = (u32_at(bytes, at, true), bytes.get(at + 4..at + 8)) {
        let data = at + 8;
        match kind {
            b"IHDR" => {
                header.width = u32_at(bytes, data, true)?;
                header.height = u32_at(bytes, data + 4, true)?;
            }
            b"pHYs" if bytes.get(data + 8) == Some(&1) => {
                let inch = |at| u32_at(bytes, at, true).map(|metre| (f64::from(metre) * 0.0254).round());
                header.dpi = inch(data).zip(inch(data + 4)).and_then(|(x, y)| plausible(x, y));
            }
            b"eXIf" => header.orientation = bytes.get(data..).map_or(0, |exif| tiff::exif(exif).orientation),
            b"IEND" => {
                header.cut = false;
                break;
            }
            _ => {}
        }
        at = data.checked_add(length as usize)?.checked_add(4)?;
    }
    Some(header)
}

fn jpeg(bytes: &[u8]) -> Option<Header> {
    let mut header = Header::default();
    let mut at = 2_usize;
    loop {
        while bytes.get(at) != Some(&0xff) {
            at += 1;
            bytes.get(at)?;
        }
        while bytes.get(at) == Some(&0xff) {
            at += 1;
        }
        let marker = *bytes.get(at)?;
        at += 1;
        if matches!(marker, 0x00 | 0x01 | 0xd0..=0xd8) {
            continue;
        }
        let length = usize::from(u16_at(bytes, at, true)?);
        let data = bytes.get(at + 2..at.checked_add(length.max(2))?)?;
        match marker {
            0xe0 if data.starts_with(b"JFIF\0") => {
                let factor = match data.get(7) {
                    Some(1) => 1.0,
                    Some(2) => 2.54,
                    _ => 0.0,
                };
                let density = |at| u16_at(data, at, true).map(|value| f64::from(value) * factor);
                header.dpi = header.dpi.or(density(8).zip(density(10)).and_then(|(x, y)| plausible(x, y)));
            }
            0xe1 if data.starts_with(b"Exif\0\0") => {
                let exif = tiff::exif(data.get(6..)?);
                header.orientation = exif.orientation;
                header.dpi = header.dpi.or(exif.dpi);
            }
            // Start of frame, except the markers for tables that share the range.
            0xc0..=0xcf if !matches!(marker, 0xc4 | 0xc8 | 0xcc) => {
                header.height = u32::from(u16_at(data, 1, true)?);
                header.width = u32::from(u16_at(data, 3, true)?);
                header.refused = match (marker, data.first()) {
                    (0xc0..=0xc2, Some(8)) => None,
                    (0xc0..=0xc2, _) => Some("JPEG, 12 bit"),
                    (0xc3, _) => Some("JPEG, lossless"),
                    (0xc5..=0xc7, _) => Some("JPEG, hierarchical"),
                    _ => Some("JPEG, arithmetic coding"),
                };
                // A thumbnail has an end of its own, but stands before the frame.
                let rest = bytes.get(at..).unwrap_or_default();
                header.cut = memmem::find(rest, b"\xff\xd9").is_none();
                return Some(header);
            }
            0xd9 | 0xda => return None,
            _ => {}
        }
        at += length.max(2);
    }
}
