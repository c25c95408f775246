//! Compound files (OLE), in which the old formats of offices lie: the streams by their names.
//!
//! Read leniently after [MS-CFB]: a chain that leads nowhere ends there, and what was read counts.

use std::io::{self, Cursor, Write};

use cfb::{CompoundFile, Version};

/// The signature at the beginning of every compound file.
pub const SIGNATURE: [u8; 8] = [0xd0, 0xcf, 0x11, 0xe0, 0xa1, 0xb1, 0x1a, 0xe1];

/// Numbers from here on are no sectors but marks: free, end of chain, part of a table.
const MARKS: u32 = 0xffff_fffa;
const ENTRY: usize = 128;
const HEADER: usize = 512;

/// An opened compound file.
pub struct Compound<'b> {
    bytes: &'b [u8],
    /// Bytes of a sector.
    sector: usize,
    /// The next sector of each.
    next: Vec<u32>,
    /// The next small sector of each.
    small_next: Vec<u32>,
    /// Streams shorter than this lie in small sectors.
    small_below: u64,
    /// All small sectors behind each other.
    small: Vec<u8>,
    entries: Vec<Entry>,
}

/// An entry of the directory; an unused one has no name.
#[derive(Default)]
struct Entry {
    name: String,
    stream: bool,
    /// The entries before and after it in the same storage.
    siblings: [u32; 2],
    /// For a storage, an entry in it.
    child: u32,
    start: u32,
    size: u64,
}

impl<'b> Compound<'b> {
    /// Opens a file; `None` where it is no compound file, or nothing of its directory can be read.
    #[must_use]
    pub fn open(bytes: &'b [u8]) -> Option<Self> {
        if !bytes.starts_with(&SIGNATURE) || bytes.len() < HEADER {
            return None;
        }
        let sector = match short(bytes, 30)? {
            12 => 4096,
            _ => 512,
        };
        let mut file = Self {
            bytes,
            sector,
            next: Vec::new(),
            small_next: Vec::new(),
            small_below: u64::from(long(bytes, 56)?),
            small: Vec::new(),
            entries: Vec::new(),
        };
        file.next = file.table(&file.table_sectors());
        let directory = file.chain(long(bytes, 48)?, u64::MAX);
        file.entries =
            directory.chunks_exact(ENTRY).map(|raw| entry(raw, sector).unwrap_or_default()).collect();
        let small_table = file.sectors(long(bytes, 60)?);
        file.small_next = file.table(&small_table);
        let root = directory.get(..ENTRY)?;
        file.small = file.chain(long(root, 116)?, u64::from(long(root, 120)?));
        (!file.entries.is_empty()).then_some(file)
    }

    /// Whether there is a stream of this name at the root; case does not matter. Streams of embedded
    /// documents lie deeper.
    #[must_use]
    pub fn has(&self, name: &str) -> bool {
        self.at_root(name).is_some()
    }

    fn at_root(&self, name: &str) -> Option<&Entry> {
        let mut todo = vec![self.entries.first()?.child];
        let mut steps = 0;
        while let Some(at) = todo.pop().filter(|_| steps <= self.entries.len()) {
            steps += 1;
            let Some(entry) = self.entries.get(at as usize) else { continue };
            if entry.stream && entry.name.eq_ignore_ascii_case(name) {
                return Some(entry);
            }
            todo.extend(entry.siblings.iter().filter(|sibling| **sibling < MARKS));
        }
        None
    }

    /// How many bytes the stream of this name at the root has, as the directory says.
    #[must_use]
    pub fn size(&self, name: &str) -> Option<u64> {
        self.at_root(name).map(|entry| entry.size)
    }

    /// The bytes of the stream of this name at the root, as far as they are there.
    #[must_use]
    pub fn stream(&self, name: &str) -> Option<Vec<u8>> {
        let entry = self.at_root(name)?;
        if entry.size >= self.small_below {
            return Some(self.chain(entry.start, entry.size));
        }
        let mut found = Vec::new();
        let mut at = entry.start;
        let mut steps = 0;
        while at < MARKS && (found.len() as u64) < entry.size && steps <= self.small_next.len() {
            let from = (at as usize).saturating_mul(64);
            let Some(piece) = self.small.get(from..self.small.len().min(from + 64)) else { break };
            found.extend_from_slice(piece);
            at = self.small_next.get(at as usize).copied().unwrap_or(MARKS);
            steps += 1;
        }
        found.truncate(usize::try_from(entry.size).unwrap_or(usize::MAX));
        Some(found)
    }

    /// The bytes of a sector; shorter at the end of a file that was cut.
    fn sector(&self, number: u32) -> Option<&'b [u8]> {
        let from = (number as usize).checked_add(1)?.checked_mul(self.sector)?;
        let to = from.checked_add(self.sector)?.min(self.bytes.len());
        self.bytes.get(from..to)
    }

    /// The sectors that hold the table of sectors: 109 in the header, the others in a chain of their own.
    fn table_sectors(&self) -> Vec<u32> {
        let most = self.bytes.len() / self.sector + 1;
        let mut found: Vec<u32> = (0..109).filter_map(|at| long(self.bytes, 76 + at * 4)).collect();
        let mut at = long(self.bytes, 68).unwrap_or(MARKS);
        let mut steps = 0;
        while at < MARKS && steps <= most {
            let Some(sector) = self.sector(at) else { break };
            let (numbers, last) = sector.split_at(sector.len().saturating_sub(4));
            found.extend((0..numbers.len() / 4).filter_map(|at| long(numbers, at * 4)));
            at = long(last, 0).unwrap_or(MARKS);
            steps += 1;
        }
        found.retain(|sector| *sector < MARKS);
        found.truncate(most);
        found
    }

    /// The numbers that stand in these sectors.
    fn table(&self, sectors: &[u32]) -> Vec<u32> {
        let pieces = sectors.iter().filter_map(|number| self.sector(*number));
        pieces.flat_map(|piece| (0..piece.len() / 4).filter_map(|at| long(piece, at * 4))).collect()
    }

    /// The numbers of the sectors of a chain; a chain that runs in a circle ends after one round.
    fn sectors(&self, start: u32) -> Vec<u32> {
        let mut found = Vec::new();
        let mut at = start;
        while at < MARKS && found.len() <= self.next.len() {
            found.push(at);
            at = self.next.get(at as usize).copied().unwrap_or(MARKS);
        }
        found
    }

    /// The bytes of a chain, `size` at most and never more than the file has.
    fn chain(&self, start: u32, size: u64) -> Vec<u8> {
        let most = usize::try_from(size).unwrap_or(usize::MAX).min(self.bytes.len());
        let mut found = Vec::new();
        for number in self.sectors(start) {
            let Some(piece) = self.sector(number).filter(|_| found.len() < most) else { break };
            found.extend_from_slice(piece);
        }
        found.truncate(most);
        found
    }
}

/// A compound file that holds this stream and nothing else, for readers that take tables at their word.
///
/// # Errors
///
/// Where it cannot be written, for want of memory.
pub fn holding(name: &str, stream: &[u8]) -> io::Result<Vec<u8>> {
    let mut file = CompoundFile::create_with_version(Version::V3, Cursor::new(Vec::new()))?;
    file.create_stream(name)?.write_all(stream)?;
    file.flush()?;
    Ok(file.into_inner().into_inner())
}

fn entry(raw: &[u8], sector: usize) -> Option<Entry> {
    let kind = *raw.get(66)?;
    if !matches!(kind, 1 | 2 | 5) {
        return None;
    }
    let length = usize::from(short(raw, 64)?).min(64).saturating_sub(2);
    let units: Vec<u16> = (0..length / 2).filter_map(|at| short(raw, at * 2)).collect();
    // Files with small sectors have sizes of four bytes, and rubbish behind them.
    let high = if sector > 512 { u64::from(long(raw, 124)?) } else { 0 };
    Some(Entry {
        name: String::from_utf16_lossy(&units),
        stream: kind == 2,
        siblings: [long(raw, 68)?, long(raw, 72)?],
        child: long(raw, 76)?,
        start: long(raw, 116)?,
        size: u64::from(long(raw, 120)?) | high << 32,
    })
}

fn short(bytes: &[u8], at: usize) -> Option<u16> {
    bytes.get(at..at.checked_add(2)?)?.try_into().ok().map(u16::from_le_bytes)
}

fn long(bytes: &[u8], at: usize) -> Option<u32> {
    bytes.get(at..at.checked_add(4)?)?.try_into().ok().map(u32::from_le_bytes)
}
