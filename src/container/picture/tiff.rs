//! Pages of TIFF files: what their directories say, and their strips and tiles as samples.
//!
//! After TIFF 6.0 and its supplements. JPEG inside of TIFF is handed up as it is.

use std::io::Read;

use flate2::read::ZlibDecoder;
use hayro_ccitt::{DecodeSettings, DecoderContext, EncodingMode};

use super::{
    Header,
    directory::{Directory, Shape},
    plausible,
};

/// The headers of all pages, at most `most`, without thumbnails and masks.
pub(super) fn headers(bytes: &[u8], most: usize) -> Vec<Header> {
    let Some(shape) = Shape::of(bytes) else { return Vec::new() };
    let mut pages: Vec<Header> = Vec::new();
    let mut seen = Vec::new();
    let mut place = shape.first(bytes).unwrap_or(0);
    while place != 0 && pages.len() < most && seen.len() < most.saturating_mul(2) && !seen.contains(&place) {
        seen.push(place);
        let Some(directory) = Directory::read(bytes, shape, place) else { break };
        // Bits of NewSubfileType: a smaller version of another page, and a mask.
        let beside = directory.number(0x00fe).is_some_and(|kind| kind & 0b101 != 0);
        if !beside || seen.len() == 1 {
            pages.push(header(&directory, place, bytes.len()));
        }
        place = directory.next;
    }
    pages
}

/// The first directory of a TIFF structure, as Exif uses it.
pub(super) fn exif(bytes: &[u8]) -> Header {
    let found = Shape::of(bytes)
        .and_then(|shape| Some((Directory::read(bytes, shape, shape.first(bytes)?)?, bytes.len())));
    found.map_or_else(Header::default, |(directory, length)| header(&directory, 0, length))
}

fn header(directory: &Directory<'_>, place: u64, length: usize) -> Header {
    let size = |tag| directory.number(tag).and_then(|value| u32::try_from(value).ok()).unwrap_or(0);
    let orientation = directory.number(0x0112).filter(|value| (1..=8).contains(value));
    let factor = match directory.number(0x0128).unwrap_or(2) {
        2 => 1.0,
        3 => 2.54,
        _ => 0.0,
    };
    let (x, y) = (directory.ratio(0x011a), directory.ratio(0x011b));
    // Of very many strips the first ones are looked at: headers have to cost little.
    let (of_offsets, of_counts) = parts(directory);
    let (offsets, counts) = (directory.first(of_offsets, 4_096), directory.first(of_counts, 4_096));
    let is_cut = offsets.is_empty()
        || offsets.iter().zip(&counts).any(|(at, count)| at.saturating_add(*count) > length as u64);
    Header {
        width: size(0x0100),
        height: size(0x0101),
        dpi: x.zip(y).and_then(|(x, y)| plausible(x * factor, y * factor)),
        orientation: orientation.and_then(|value| u16::try_from(value).ok()).unwrap_or(1),
        directory: place,
        cut: place > 0 && is_cut,
        moving: false,
        refused: if place == 0 { None } else { refused(directory) },
    }
}

/// Packings and colours that are told from the directory and not read.
fn refused(directory: &Directory<'_>) -> Option<&'static str> {
    match (directory.number(0x0103).unwrap_or(1), directory.number(0x0106).unwrap_or(0)) {
        (6, _) => Some("TIFF, JPEG before 1995"),
        (34_712, _) => Some("TIFF, JPEG 2000"),
        (34_661, _) => Some("TIFF, JBIG"),
        (50_000, _) => Some("TIFF, Zstandard"),
        (50_001 | 34_927, _) => Some("TIFF, WebP"),
        (34_925, _) => Some("TIFF, LZMA"),
        (1..=5 | 7 | 8 | 32_946 | 32_773, 0..=3 | 5 | 6) => None,
        (1..=5 | 7 | 8 | 32_946 | 32_773, _) => Some("TIFF, rare colours"),
        _ => Some("TIFF, rare packing"),
    }
}

fn tiled(directory: &Directory<'_>) -> bool {
    directory.number(0x0144).is_some()
}

/// The tags under which the places of strips or tiles stand, and their lengths.
fn parts(directory: &Directory<'_>) -> (u16, u16) {
    if tiled(directory) { (0x0144, 0x0145) } else { (0x0111, 0x0117) }
}

/// How a page's colours are stored, the `PhotometricInterpretation`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Colours {
    /// Grey, 0 is white.
    WhiteIsZero,
    /// Grey, 0 is black.
    BlackIsZero,
    /// Red, green, blue.
    Rgb,
    /// A number in the palette.
    Palette,
    /// Cyan, magenta, yellow, black; 0 is no ink.
    Cmyk,
    /// Brightness and two differences.
    YCbCr,
}

/// A page of a TIFF: how its samples lie.
#[derive(Clone, Debug)]
pub struct Page<'b> {
    /// Pixels to the right.
    pub width: u32,
    /// Pixels downwards.
    pub height: u32,
    /// Bits of one sample: 1, 2, 4, 8 or 16.
    pub bits: u32,
    /// Samples of one pixel.
    pub samples: u32,
    /// How the colours are stored.
    pub colours: Colours,
    /// Red, green and blue of the palette, each of 16 bits, all reds first.
    pub palette: Vec<u64>,
    /// Whether the sample behind the colours says how much they cover, and whether they were
    /// multiplied with it.
    pub alpha: Option<Alpha>,
    /// Whether each colour lies in strips of its own.
    pub planar: bool,
    /// Pixels of a strip or tile to the right.
    pub chunk_width: u32,
    /// Pixels of a strip or tile downwards.
    pub chunk_height: u32,
    bytes: &'b [u8],
    big_endian: bool,
    compression: u64,
    predictor: u64,
    reversed: bool,
    fax: u64,
    tables: &'b [u8],
    chunks: Vec<(u64, u64)>,
}

/// How the colours of a pixel relate to what it covers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Alpha {
    /// They are already multiplied.
    Multiplied,
    /// They are as they would be seen without.
    Plain,
}

/// A strip or tile.
pub enum Chunk {
    /// Rows of samples, each row from a whole byte; 16-bit samples with the high byte first.
    Samples(Vec<u8>),
    /// A JPEG file.
    Jpeg(Vec<u8>),
}

impl<'b> Page<'b> {
    /// The page whose directory stands at the place that its header names.
    ///
    /// # Errors
    ///
    /// What of the page is missing, impossible or not supported.
    pub fn open(bytes: &'b [u8], header: &Header) -> Result<Self, String> {
        let shape = Shape::of(bytes).ok_or("no TIFF")?;
        let directory = Directory::read(bytes, shape, header.directory).ok_or("no directory")?;
        let number = |tag, other: u64| directory.number(tag).unwrap_or(other);
        let small =
            |tag, other| u32::try_from(number(tag, other)).map_err(|_| format!("tag {tag} is too large"));
        let (bits, samples) = (small(0x0102, 1)?, small(0x0115, 1)?);
        let compression = number(0x0103, 1);
        let colours = match number(0x0106, 0) {
            0 => Colours::WhiteIsZero,
            1 => Colours::BlackIsZero,
            2 => Colours::Rgb,
            3 => Colours::Palette,
            5 => Colours::Cmyk,
            6 => Colours::YCbCr,
            other => return Err(format!("colours of kind {other} are not supported")),
        };
        let least = match colours {
            Colours::WhiteIsZero | Colours::BlackIsZero | Colours::Palette => 1,
            Colours::Rgb | Colours::YCbCr => 3,
            Colours::Cmyk => 4,
        };
        let is_whole = directory.numbers(0x0153).iter().all(|format| *format == 1);
        let is_even = directory.numbers(0x0102).iter().all(|other| *other == u64::from(bits));
        if !matches!(bits, 1 | 2 | 4 | 8 | 16) || !(least..=8).contains(&samples) || !is_whole || !is_even {
            return Err(format!("{samples} samples of {bits} bits are not supported for these colours"));
        }
        let subsampled = directory.numbers(0x0212) != [1, 1];
        if colours == Colours::YCbCr && compression != 7 && (subsampled || bits != 8) {
            return Err("colours with fewer samples than brightness are not supported".to_owned());
        }
        let alpha = (samples > least).then(|| directory.number(0x0152)).flatten();
        let tiled = tiled(&directory);
        let (width, height) = (header.width, header.height);
        let (chunk_width, chunk_height) = if tiled {
            (small(0x0142, 0)?, small(0x0143, 0)?)
        } else {
            (width, u32::try_from(number(0x0116, u64::from(height)).min(u64::from(height))).unwrap_or(height))
        };
        if width == 0 || height == 0 || chunk_width == 0 || chunk_height == 0 {
            return Err("no size".to_owned());
        }
        let (of_offsets, of_counts) = parts(&directory);
        let (offsets, mut counts) = (directory.numbers(of_offsets), directory.numbers(of_counts));
        if counts.is_empty() && offsets.len() == 1 {
            // Old programs left the length of a single strip out: it ends with the file.
            counts = vec![(bytes.len() as u64).saturating_sub(offsets[0])];
        }
        let page = Self {
            width,
            height,
            bits,
            samples,
            colours,
            palette: directory.numbers(0x0140),
            alpha: match alpha {
                Some(1) => Some(Alpha::Multiplied),
                Some(2) => Some(Alpha::Plain),
                _ => None,
            },
            planar: samples > 1 && number(0x011c, 1) == 2,
            chunk_width,
            chunk_height,
            bytes,
            big_endian: shape.is_big_endian(),
            compression,
            predictor: number(0x013d, 1),
            reversed: number(0x010a, 1) == 2,
            fax: number(0x0124, 0),
            tables: directory.raw(0x015b),
            chunks: offsets.into_iter().zip(counts).collect(),
        };
        let planes = if page.planar { page.samples as usize } else { 1 };
        let needed = page.across() as usize * page.down() as usize * planes;
        if page.chunks.len() < needed {
            return Err(format!("{} strips or tiles of {needed} are there", page.chunks.len()));
        }
        Ok(page)
    }

    /// Strips or tiles beside each other.
    #[must_use]
    pub const fn across(&self) -> u32 {
        self.width.div_ceil(self.chunk_width)
    }

    /// Strips or tiles below each other.
    #[must_use]
    pub const fn down(&self) -> u32 {
        self.height.div_ceil(self.chunk_height)
    }

    /// Bytes of one row of a chunk.
    #[must_use]
    pub const fn row_bytes(&self) -> usize {
        let samples = if self.planar { 1 } else { self.samples as usize };
        (self.chunk_width as usize * samples * self.bits as usize).div_ceil(8)
    }

    /// The strip or tile at a column and row of them, of a plane where each colour lies by itself.
    ///
    /// # Errors
    ///
    /// Where it lies outside of the file, is damaged, or packed in a way that is not supported.
    pub fn chunk(&self, column: u32, row: u32, plane: u32) -> Result<Chunk, String> {
        let number =
            (plane as usize * self.down() as usize + row as usize) * self.across() as usize + column as usize;
        let rows =
            self.chunk_height.min(self.height - row.saturating_mul(self.chunk_height).min(self.height));
        // Tiles are whole even where they stand over the edge.
        let rows = if self.chunk_width == self.width { rows } else { self.chunk_height };
        let wanted = self.row_bytes() * rows as usize;
        let raw = self.chunks.get(number).and_then(|(at, count)| {
            let at = usize::try_from(*at).ok()?;
            self.bytes.get(at..)?.get(..usize::try_from(*count).ok()?)
        });
        let raw = raw.ok_or_else(|| format!("part {} lies outside of the file", number + 1))?;
        if self.compression == 7 {
            return Ok(Chunk::Jpeg(self.jpeg(raw)));
        }
        let turned: Vec<u8>;
        let raw = if self.reversed {
            turned = raw.iter().map(|byte| byte.reverse_bits()).collect();
            &turned
        } else {
            raw
        };
        let mut samples =
            self.unpacked(raw, rows, wanted).map_err(|why| format!("part {}: {why}", number + 1))?;
        if samples.len() < wanted {
            return Err(format!("part {} ends too early", number + 1));
        }
        samples.truncate(wanted);
        if self.bits == 16 && !self.big_endian {
            samples.chunks_exact_mut(2).for_each(|pair| pair.swap(0, 1));
        }
        self.summed(&mut samples)?;
        Ok(Chunk::Samples(samples))
    }

    fn unpacked(&self, raw: &[u8], rows: u32, wanted: usize) -> Result<Vec<u8>, String> {
        let limit = wanted as u64;
        let mut samples = Vec::new();
        let read = match self.compression {
            1 => return Ok(raw.get(..wanted).unwrap_or(raw).to_vec()),
            2..=4 => return self.faxed(raw, rows),
            5 => return unweezled(raw, wanted),
            8 | 32_946 => ZlibDecoder::new(raw).take(limit).read_to_end(&mut samples),
            32_773 => return Ok(unpacked_bits(raw, wanted)),
            6 => return Err("JPEG in its form before 1995 is not supported".to_owned()),
            other => return Err(format!("packing of kind {other} is not supported")),
        };
        // What was unpacked before an error counts where it is enough: some writers end wrongly.
        match read {
            Err(error) if samples.len() < wanted => Err(error.to_string()),
            _ => Ok(samples),
        }
    }

    /// A strip packed by a fax machine's rules (T.4 and T.6); black is 1.
    fn faxed(&self, raw: &[u8], rows: u32) -> Result<Vec<u8>, String> {
        struct Rows {
            bits: Vec<u8>,
            width: usize,
        }
        impl hayro_ccitt::Decoder for Rows {
            fn push_row(&mut self, changes: &[u32]) {
                let start = self.bits.len();
                self.bits.resize(start + self.width.div_ceil(8), 0);
                let row = &mut self.bits[start..];
                for run in changes.chunks(2) {
                    let end = run.get(1).map_or(self.width, |end| *end as usize);
                    for pixel in run[0] as usize..end.min(self.width) {
                        row[pixel / 8] |= 0x80 >> (pixel % 8);
                    }
                }
            }
        }
        if self.bits != 1 || self.samples != 1 {
            return Err("a fax has one bit for each pixel".to_owned());
        }
        let encoding = match (self.compression, self.fax & 1) {
            (4, _) => EncodingMode::Group4,
            (3, 1) => EncodingMode::Group3_2D,
            _ => EncodingMode::Group3_1D,
        };
        let settings = DecodeSettings {
            columns: self.chunk_width,
            rows,
            end_of_block: self.compression != 2,
            end_of_line: self.compression == 3,
            rows_are_byte_aligned: self.compression == 2 || self.compression == 3 && self.fax & 4 != 0,
            encoding,
            strict: false,
        };
        let mut found = Rows { bits: Vec::new(), width: self.chunk_width as usize };
        let decoded = hayro_ccitt::decode(raw, &mut found, &mut DecoderContext::new(settings));
        let wanted = self.row_bytes() * rows as usize;
        match decoded {
            Err(error) if found.bits.len() < wanted => Err(format!("{error:?}")),
            _ => {
                // A fax may end before the page does; the rest is white.
                found.bits.resize(wanted, 0);
                Ok(found.bits)
            }
        }
    }

    /// Takes back that samples are stored as the difference to their neighbour.
    fn summed(&self, samples: &mut [u8]) -> Result<(), String> {
        let step = if self.planar { 1 } else { self.samples as usize };
        match (self.predictor, self.bits) {
            (1, _) => {}
            (2, 8) => {
                for row in samples.chunks_exact_mut(self.row_bytes()) {
                    for at in step..row.len() {
                        row[at] = row[at].wrapping_add(row[at - step]);
                    }
                }
            }
            (2, 16) => {
                for row in samples.chunks_exact_mut(self.row_bytes()) {
                    for at in (2 * step..row.len().saturating_sub(1)).step_by(2) {
                        let before = u16::from_be_bytes([row[at - 2 * step], row[at - 2 * step + 1]]);
                        let sum = u16::from_be_bytes([row[at], row[at + 1]]).wrapping_add(before);
                        row[at..at + 2].copy_from_slice(&sum.to_be_bytes());
                    }
                }
            }
            (kind, bits) => {
                return Err(format!("prediction of kind {kind} for {bits} bits is not supported"));
            }
        }
        Ok(())
    }

    /// A strip's JPEG with the tables that stand in the directory for all of them.
    fn jpeg(&self, raw: &[u8]) -> Vec<u8> {
        let tables = self.tables.strip_suffix(b"\xff\xd9").unwrap_or(self.tables);
        match raw.strip_prefix(b"\xff\xd8") {
            Some(rest) if tables.starts_with(b"\xff\xd8") => [tables, rest].concat(),
            _ => raw.to_vec(),
        }
    }
}

/// LZW; before TIFF 5.0 with the low bit first, which shows in the first code.
fn unweezled(raw: &[u8], wanted: usize) -> Result<Vec<u8>, String> {
    use weezl::{BitOrder, decode::Decoder};
    let mut decoder = match raw {
        [0, second, ..] if second & 1 == 1 => Decoder::new(BitOrder::Lsb, 8),
        _ => Decoder::with_tiff_size_switch(BitOrder::Msb, 8),
    };
    let mut samples = vec![0; wanted];
    let (mut from, mut to) = (0, 0);
    loop {
        let step = decoder.decode_bytes(&raw[from..], &mut samples[to..]);
        from += step.consumed_in;
        to += step.consumed_out;
        match step.status {
            _ if to == wanted => break,
            Ok(weezl::LzwStatus::Ok) if step.consumed_in + step.consumed_out > 0 => {}
            Ok(_) => break,
            Err(error) => return Err(error.to_string()),
        }
    }
    samples.truncate(to);
    Ok(samples)
}

/// `PackBits`: a length and as many bytes, or a negative length and one byte to repeat.
fn unpacked_bits(raw: &[u8], wanted: usize) -> Vec<u8> {
    let mut samples = Vec::new();
    let mut rest = raw;
    while let [length, tail @ ..] = rest
        && samples.len() < wanted
    {
        rest = match (*length, tail) {
            (0..=127, tail) => {
                let (bytes, tail) = tail.split_at(tail.len().min(usize::from(*length) + 1));
                samples.extend_from_slice(bytes);
                tail
            }
            (128, tail) => tail,
            (length, [byte, tail @ ..]) => {
                samples.resize(samples.len() + 257 - usize::from(length), *byte);
                tail
            }
            (_, []) => break,
        };
    }
    samples
}
