//! Compound files (OLE), in which the old formats of offices lie: the streams by their names.
//!
//! Read leniently after [MS-CFB]: a chain that leads nowhere ends there, and what was read counts.

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
/// It is as plain as such files can be: sectors of 4,096 bytes, in order, and no small ones. The file
/// ends with the stream, so that what is missing of it is found missing and not taken for zeros.
#[must_use]
pub fn holding(name: &str, stream: &[u8]) -> Vec<u8> {
    const SECTOR: usize = 4096;
    const FREE: u32 = u32::MAX;
    const END: u32 = u32::MAX - 1;
    const TABLE: u32 = u32::MAX - 2;
    let number = |count: usize| u32::try_from(count).unwrap_or(END);
    let sectors = stream.len().div_ceil(SECTOR).max(1);
    // The tables and the directory stand before the stream.
    let tables = (1..).find(|tables| tables * (SECTOR / 4) > tables + sectors).unwrap_or(1);
    let first = number(tables + 1);
    let mut file = vec![0; SECTOR];
    file[..8].copy_from_slice(&SIGNATURE);
    file[24..34].copy_from_slice(&[0x3e, 0, 3, 0, 0xfe, 0xff, 12, 0, 6, 0]);
    let mut put = |at: usize, value: u32| file[at..at + 4].copy_from_slice(&value.to_le_bytes());
    put(44, number(tables));
    put(48, number(tables));
    put(56, number(SECTOR));
    put(60, END);
    put(68, END);
    for at in 0..109 {
        put(76 + 4 * at, if at < tables { number(at) } else { FREE });
    }
    let chain = (1..sectors).map(|at| first.saturating_add(number(at))).chain([END]);
    let mut next: Vec<u32> = std::iter::repeat_n(TABLE, tables).chain([END]).chain(chain).collect();
    next.resize(tables * (SECTOR / 4), FREE);
    file.extend(next.into_iter().flat_map(u32::to_le_bytes));
    let mut entry = |name: &str, kind: u8, child: u32, start: u32, size: usize| {
        let units: Vec<u8> = name.encode_utf16().take(31).flat_map(u16::to_le_bytes).collect();
        let mut raw = [0; ENTRY];
        raw[..units.len()].copy_from_slice(&units);
        raw[64..66].copy_from_slice(&u16::try_from(units.len() + 2).unwrap_or(0).to_le_bytes());
        (raw[66], raw[67]) = (kind, 1);
        for (at, value) in [(68, FREE), (72, FREE), (76, child), (116, start), (120, number(size))] {
            raw[at..at + 4].copy_from_slice(&value.to_le_bytes());
        }
        file.extend_from_slice(&raw);
    };
    entry("Root Entry", 5, 1, END, 0);
    // Shorter streams are looked for in small sectors.
    entry(name, 2, FREE, first, stream.len().max(SECTOR));
    file.resize((2 + tables) * SECTOR, 0);
    file.extend_from_slice(stream);
    file
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
