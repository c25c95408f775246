//! Directories of TIFF files, classic and big, and of Exif, which borrows them.

/// Entries of one directory that are read; real ones have some dozens.
const ENTRIES: usize = 1_024;
/// Numbers under one tag that are read: the strips or tiles of a page.
const NUMBERS: usize = 1 << 20;

/// The order and width of numbers in a file.
#[derive(Clone, Copy, Debug)]
pub(super) struct Shape {
    big_endian: bool,
    /// Whether places have 64 bits (BigTIFF).
    big: bool,
}

impl Shape {
    /// What the first bytes of a TIFF structure say; `None` where it is none.
    pub(super) fn of(bytes: &[u8]) -> Option<Self> {
        match bytes.get(..4)? {
            b"II*\0" => Some(Self { big_endian: false, big: false }),
            b"MM\0*" => Some(Self { big_endian: true, big: false }),
            b"II+\0" => Some(Self { big_endian: false, big: true }),
            b"MM\0+" => Some(Self { big_endian: true, big: true }),
            _ => None,
        }
    }

    pub(super) const fn is_big_endian(self) -> bool {
        self.big_endian
    }

    /// Where the first directory stands.
    pub(super) fn first(self, bytes: &[u8]) -> Option<u64> {
        if self.big { self.number(bytes, 8, 8) } else { self.number(bytes, 4, 4) }
    }

    /// A number of `width` bytes.
    fn number(self, bytes: &[u8], at: usize, width: usize) -> Option<u64> {
        let digits = bytes.get(at..at.checked_add(width)?)?;
        let add = |number: u64, byte: &u8| number << 8 | u64::from(*byte);
        Some(if self.big_endian { digits.iter().fold(0, add) } else { digits.iter().rev().fold(0, add) })
    }
}

/// One directory: what stands under each tag.
#[derive(Clone, Debug)]
pub(super) struct Directory<'b> {
    bytes: &'b [u8],
    shape: Shape,
    /// Tag, type, count, and where the values stand.
    entries: Vec<(u16, u16, u64, usize)>,
    /// Where the next directory stands; 0 for none.
    pub(super) next: u64,
}

impl<'b> Directory<'b> {
    /// Reads the directory at a place, as far as it goes.
    pub(super) fn read(bytes: &'b [u8], shape: Shape, place: u64) -> Option<Self> {
        let (of_count, of_value, size) = if shape.big { (8, 8, 20) } else { (2, 4, 12) };
        let start = usize::try_from(place).ok()?;
        let count = usize::try_from(shape.number(bytes, start, of_count)?).ok()?;
        let first = start.checked_add(of_count)?;
        // A directory cannot hold more than fits behind its place.
        let count = count.min(bytes.len().saturating_sub(first) / size);
        let mut entries = Vec::new();
        for at in (0..count.min(ENTRIES)).map(|number| first + number * size) {
            let tag = u16::try_from(shape.number(bytes, at, 2)?).ok()?;
            let kind = u16::try_from(shape.number(bytes, at + 2, 2)?).ok()?;
            let values = shape.number(bytes, at + 4, of_value)?;
            let inline = at + 4 + of_value;
            let fits = values.checked_mul(width(kind) as u64).is_some_and(|size| size <= of_value as u64);
            let place = if fits {
                Some(inline)
            } else {
                usize::try_from(shape.number(bytes, inline, of_value)?).ok()
            };
            entries.extend(place.map(|place| (tag, kind, values, place)));
        }
        let next = shape.number(bytes, first + count * size, of_value).unwrap_or(0);
        Some(Self { bytes, shape, entries, next })
    }

    fn entry(&self, tag: u16) -> Option<(u16, u64, usize)> {
        self.entries
            .iter()
            .find(|entry| entry.0 == tag)
            .map(|(_, kind, count, place)| (*kind, *count, *place))
    }

    /// The whole numbers under a tag, as many as there are bytes for.
    pub(super) fn numbers(&self, tag: u16) -> Vec<u64> {
        self.first(tag, NUMBERS)
    }

    /// The first whole numbers under a tag.
    pub(super) fn first(&self, tag: u16, most: usize) -> Vec<u64> {
        let Some((kind, count, place)) = self.entry(tag) else { return Vec::new() };
        let width = width(kind);
        let room = self.bytes.len().saturating_sub(place) / width;
        let count = usize::try_from(count).unwrap_or(usize::MAX).min(room).min(most);
        (0..count).filter_map(|at| self.shape.number(self.bytes, place + at * width, width)).collect()
    }

    /// The first whole number under a tag.
    pub(super) fn number(&self, tag: u16) -> Option<u64> {
        let (kind, count, place) = self.entry(tag)?;
        (count > 0).then(|| self.shape.number(self.bytes, place, width(kind)))?
    }

    /// The first ratio under a tag.
    pub(super) fn ratio(&self, tag: u16) -> Option<f64> {
        let (_, _, place) = self.entry(tag)?;
        let part = |at: usize| u32::try_from(self.shape.number(self.bytes, at, 4)?).ok();
        let (over, under) = (part(place)?, part(place.checked_add(4)?)?);
        (under > 0).then(|| f64::from(over) / f64::from(under))
    }

    /// The bytes under a tag.
    pub(super) fn raw(&self, tag: u16) -> &'b [u8] {
        let found = self.entry(tag).and_then(|(_, count, place)| {
            self.bytes.get(place..place.checked_add(usize::try_from(count).ok()?)?)
        });
        found.unwrap_or_default()
    }
}

/// Bytes of one value of a type (TIFF 6.0, section 2, and BigTIFF). Unknown ones are taken as bytes.
const fn width(kind: u16) -> usize {
    match kind {
        3 | 8 => 2,
        4 | 9 | 11 | 13 => 4,
        5 | 10 | 12 | 16 | 17 | 18 => 8,
        _ => 1,
    }
}
