//! One file packed by itself (gzip, bzip2, xz), and the tar archive that often is inside.

use std::io::{self, Cursor, Read};

use bzip2::read::MultiBzDecoder;
use flate2::read::{MultiGzDecoder, ZlibDecoder};
use lzma_rust2::XzReader;

use super::{
    archive::{ArchiveLimits, Intake, Opened},
    tar,
};

/// By which method a file is packed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Packing {
    /// RFC 1952.
    Gzip,
    /// By Julian Seward's program.
    Bzip2,
    /// LZMA2 in the container of the XZ utilities.
    Xz,
}

impl Packing {
    /// The method whose mark a file begins with.
    #[must_use]
    pub fn of(head: &[u8]) -> Option<Self> {
        match head {
            [0x1f, 0x8b, 8, ..] => Some(Self::Gzip),
            [b'B', b'Z', b'h', b'1'..=b'9', 0x31, 0x41, 0x59, 0x26, 0x53, 0x59, ..] => Some(Self::Bzip2),
            [0xfd, b'7', b'z', b'X', b'Z', 0, ..] => Some(Self::Xz),
            _ => None,
        }
    }
}

/// Whether zlib's packing (RFC 1950) holds at most so many bytes, found out without keeping any.
#[must_use]
pub fn inflates_within(packed: &[u8], allowed: u64) -> bool {
    let mut unpacked = ZlibDecoder::new(packed).take(allowed.saturating_add(1));
    io::copy(&mut unpacked, &mut io::sink()).is_ok_and(|count| count <= allowed)
}

/// What is packed in a file. The one file of something that is no tar archive has the name that
/// stands in the packing, or none.
#[must_use]
pub fn entries(bytes: &[u8], packing: Packing, limits: ArchiveLimits) -> Opened {
    let packed = bytes.len() as u64;
    match packing {
        Packing::Gzip => {
            let stream = MultiGzDecoder::new(bytes);
            let name = stream.header().and_then(|header| header.filename()).unwrap_or_default();
            let name = name.rsplit(|byte| *byte == b'/').next().unwrap_or_default().to_vec();
            inside(stream, name, packed, limits)
        }
        Packing::Bzip2 => inside(MultiBzDecoder::new(bytes), Vec::new(), packed, limits),
        Packing::Xz => {
            let stream = XzReader::new_mem_limit(bytes, true, limits.memory_kib());
            inside(stream, Vec::new(), packed, limits)
        }
    }
}

fn inside(mut stream: impl Read, name: Vec<u8>, packed: u64, limits: ArchiveLimits) -> Opened {
    let mut head = Vec::new();
    let read = (&mut stream).take(512).read_to_end(&mut head);
    let stream = Cursor::new(head.clone()).chain(Failing(read.err())).chain(stream);
    if tar::claims(&head) {
        return tar::entries_of(stream, packed, limits);
    }
    let mut intake = Intake::new(limits);
    intake.take(name, packed, stream);
    intake.opened()
}

/// Gives back the error that was met while looking at the beginning.
struct Failing(Option<io::Error>);

impl Read for Failing {
    fn read(&mut self, _: &mut [u8]) -> io::Result<usize> {
        self.0.take().map_or(Ok(0), Err)
    }
}
