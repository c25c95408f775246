//! What goes through the pipes: messages with their length before them, and bytes of files likewise.

use std::io::{self, Read, Write};

use serde::{Deserialize, Serialize, de::DeserializeOwned};

use crate::{
    draw::DrawError,
    model::{
        document::{Document, Format},
        geometry::Turn,
        limits::Limits,
        problem::Problem,
    },
};

/// The first message to a process: what it may take before it gives everything else away.
#[derive(Debug, Serialize, Deserialize)]
pub(super) struct Start {
    /// Bounds for all it will do.
    pub limits: Limits,
    /// What to try instead of reading files; the name of one of `ATTEMPTS`.
    pub attempt: Option<String>,
}

/// What is wanted. The bytes of a file follow its message.
#[derive(Debug, Serialize, Deserialize)]
pub(super) enum Request {
    /// Read the file that follows, and check its signatures against these roots.
    Read { name: String, limits: Limits, roots: Vec<Vec<u8>> },
    /// Unpack the archive that follows, without reading what is in it.
    Unpack { limits: Limits },
    /// Draw a page: of the file that follows, or of the last one.
    Draw { follows: Option<Format>, number: u32, turn: Turn, dpi: f64 },
}

/// What comes back. Bytes of files and pictures follow their message.
#[derive(Debug, Serialize, Deserialize)]
pub(super) enum Answer {
    /// Ready to read; what of the sandbox this system does not enforce.
    Ready { unenforced: Vec<String> },
    /// What was tried was refused, and how; `None` where it was done.
    Tried { refused: Option<String> },
    /// A file as far as it was read: itself, then its parts, each behind what it lies in. The bytes
    /// of all parts follow, one after the other.
    Read { pieces: Vec<Piece> },
    /// The files of an archive; their bytes follow, one after the other.
    Unpacked { format: Format, names: Vec<String>, problems: Vec<Problem> },
    /// A drawn page; its pixels follow.
    Drawn { width: u32, height: u32 },
    /// Why a page was not drawn.
    NotDrawn(DrawError),
}

/// A document without its parts, and the place of the one it is a part of.
#[derive(Debug, Serialize, Deserialize)]
pub(super) struct Piece {
    pub within: u32,
    pub document: Document,
}

/// Sends bytes with their length before them.
pub(super) fn send_bytes(to: &mut impl Write, bytes: &[u8]) -> io::Result<()> {
    to.write_all(&(bytes.len() as u64).to_le_bytes())?;
    to.write_all(bytes)
}

/// Takes bytes, at most `most`.
pub(super) fn take_bytes(from: &mut impl Read, most: u64) -> io::Result<Vec<u8>> {
    let mut length = [0; 8];
    from.read_exact(&mut length)?;
    let length = u64::from_le_bytes(length);
    let size = usize::try_from(length).ok().filter(|_| length <= most);
    let size = size.ok_or_else(|| nonsense(&format!("{length} bytes, at most {most} are taken")))?;
    let mut bytes = Vec::with_capacity(size);
    from.take(length).read_to_end(&mut bytes)?;
    if bytes.len() < size { Err(io::ErrorKind::UnexpectedEof.into()) } else { Ok(bytes) }
}

/// Sends a message.
pub(super) fn send(to: &mut impl Write, message: &impl Serialize) -> io::Result<()> {
    let bytes = postcard::to_stdvec(message).map_err(|error| nonsense(&error.to_string()))?;
    send_bytes(to, &bytes)
}

/// Takes a message of at most `most` bytes, and nothing behind it.
pub(super) fn take<M: DeserializeOwned>(from: &mut impl Read, most: u64) -> io::Result<M> {
    let bytes = take_bytes(from, most)?;
    match postcard::take_from_bytes(&bytes) {
        Ok((message, [])) => Ok(message),
        Ok((_, rest)) => Err(nonsense(&format!("{} bytes behind the message", rest.len()))),
        Err(error) => Err(nonsense(&error.to_string())),
    }
}

/// An answer that is none.
pub(super) fn nonsense(why: &str) -> io::Error {
    io::Error::new(io::ErrorKind::InvalidData, why)
}
