//! What the headers of PNG, JPEG and TIFF files say: dimensions, resolution, orientation, pages.
//!
//! Nothing is decoded, so that the dimensions can be compared with limits first.

/// A picture's header, or one page of a TIFF.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Header {
    /// Pixels to the right, as stored.
    pub width: u32,
    /// Pixels downwards, as stored.
    pub height: u32,
    /// Pixels an inch, to the right and downwards, where the file says so plausibly.
    pub dpi: Option<(f64, f64)>,
    /// Exif orientation, 1 to 8; 1 is upright.
    pub orientation: u16,
    /// Where a TIFF page's directory stands; 0 for other formats.
    pub directory: u32,
}

/// The headers of all pages, at most `most`; empty where the file cannot be understood.
#[must_use]
pub fn headers(bytes: &[u8], most: usize) -> Vec<Header> {
    if bytes.starts_with(b"\x89PNG\r\n\x1a\n") {
        png(bytes).into_iter().collect()
    } else if bytes.starts_with(b"\xff\xd8") {
        jpeg(bytes).into_iter().collect()
    } else {
        tiff(bytes, most)
    }
}

/// The bytes of a TIFF with the page of `header` as its first, for decoders that read one page.
#[must_use]
pub fn tiff_page(bytes: &[u8], header: &Header) -> Vec<u8> {
    let mut copy = bytes.to_vec();
    let big_endian = bytes.starts_with(b"MM");
    let place = if big_endian { header.directory.to_be_bytes() } else { header.directory.to_le_bytes() };
    if let Some(first) = copy.get_mut(4..8) {
        first.copy_from_slice(&place);
    }
    copy
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
    let mut header = Header { orientation: 1, ..Header::default() };
    let mut at = 8_usize;
    while let Some(length) = u32_at(bytes, at, true) {
        let kind = bytes.get(at + 4..at + 8)?;
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
            b"eXIf" => header.orientation = bytes.get(data..).map_or(1, |exif| directory(exif).orientation),
            b"IDAT" | b"IEND" => break,
            _ => {}
        }
        at = data.checked_add(length as usize)?.checked_add(4)?;
    }
    (header.width > 0 && header.height > 0).then_some(header)
}

fn jpeg(bytes: &[u8]) -> Option<Header> {
    let mut header = Header { orientation: 1, ..Header::default() };
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
                let exif = directory(data.get(6..)?);
                header.orientation = exif.orientation;
                header.dpi = header.dpi.or(exif.dpi);
            }
            // Start of frame, except the markers for tables that share the range.
            0xc0..=0xcf if !matches!(marker, 0xc4 | 0xc8 | 0xcc) => {
                header.height = u32::from(u16_at(data, 1, true)?);
                header.width = u32::from(u16_at(data, 3, true)?);
                return (header.width > 0 && header.height > 0).then_some(header);
            }
            0xd9 | 0xda => return None,
            _ => {}
        }
        at += length.max(2);
    }
}

fn tiff(bytes: &[u8], most: usize) -> Vec<Header> {
    let big_endian = bytes.starts_with(b"MM\0*");
    if !big_endian && !bytes.starts_with(b"II*\0") {
        return Vec::new();
    }
    let mut pages: Vec<Header> = Vec::new();
    let mut place = u32_at(bytes, 4, big_endian).unwrap_or(0);
    while place != 0 && pages.len() < most && pages.iter().all(|page| page.directory != place) {
        let (page, next) = image_directory(bytes, place, big_endian);
        // A directory without a size (a thumbnail's remains) still counts, so that numbers hold.
        pages.push(page);
        place = next;
    }
    pages
}

/// The first directory of a TIFF structure, as Exif uses it.
fn directory(bytes: &[u8]) -> Header {
    let big_endian = bytes.starts_with(b"MM");
    u32_at(bytes, 4, big_endian).map_or(Header { orientation: 1, ..Header::default() }, |place| {
        image_directory(bytes, place, big_endian).0
    })
}

/// One image file directory and the place of the next.
fn image_directory(bytes: &[u8], place: u32, big_endian: bool) -> (Header, u32) {
    let mut header = Header { orientation: 1, directory: place, ..Header::default() };
    let (mut x, mut y, mut unit) = (None, None, 2_u16);
    let start = place as usize;
    let count = usize::from(u16_at(bytes, start, big_endian).unwrap_or(0));
    for number in 0..count {
        let at = start.saturating_add(2 + number * 12);
        let (Some(tag), Some(kind)) = (u16_at(bytes, at, big_endian), u16_at(bytes, at + 2, big_endian))
        else {
            break;
        };
        let short = u16_at(bytes, at + 8, big_endian);
        let long = u32_at(bytes, at + 8, big_endian);
        let size = if kind == 3 { short.map(u32::from) } else { long };
        let ratio = || {
            let at = long? as usize;
            let (over, under) =
                (u32_at(bytes, at, big_endian)?, u32_at(bytes, at.checked_add(4)?, big_endian)?);
            (under > 0).then(|| f64::from(over) / f64::from(under))
        };
        match tag {
            0x0100 => header.width = size.unwrap_or(0),
            0x0101 => header.height = size.unwrap_or(0),
            0x0112 => header.orientation = short.filter(|value| (1..=8).contains(value)).unwrap_or(1),
            0x011a => x = ratio(),
            0x011b => y = ratio(),
            0x0128 => unit = short.unwrap_or(2),
            _ => {}
        }
    }
    let factor = match unit {
        2 => 1.0,
        3 => 2.54,
        _ => 0.0,
    };
    header.dpi = x.zip(y).and_then(|(x, y)| plausible(x * factor, y * factor));
    let next = u32_at(bytes, start.saturating_add(2 + count * 12), big_endian).unwrap_or(0);
    (header, next)
}
