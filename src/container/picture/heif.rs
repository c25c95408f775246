//! HEIF pictures packed with HEVC, as phones take them.

use super::Header;

/// Whether a file begins as one, by its brands (ISO/IEC 23008-12, annex B). AV1 has others.
#[must_use]
pub fn claims(head: &[u8]) -> bool {
    let brand = |brand: &[u8]| matches!(brand, b"heic" | b"heix" | b"heim" | b"heis" | b"hevc" | b"hevx");
    let (Some(length), Some(b"ftyp")) = (super::u32_at(head, 0, true), head.get(4..8)) else { return false };
    let length = (length as usize).min(head.len());
    // The major brand, its version, and the compatible brands.
    head.get(8..12).is_some_and(brand)
        || head.get(8..12) == Some(b"mif1")
            && head.get(16..length).is_some_and(|rest| rest.chunks_exact(4).any(brand))
}

/// The size after the turns that stand in the file; Exif's orientation says them again.
pub(super) fn header(bytes: &[u8]) -> Option<Header> {
    let info = heic_decoder::probe(bytes).ok()?;
    let side = |side: usize| u32::try_from(side).ok();
    Some(Header { width: side(info.width)?, height: side(info.height)?, ..Header::default() })
}
