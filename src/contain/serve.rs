//! The side that answers: reads files and draws pages until nobody asks any more.

use std::{
    io::{self, Read, Write},
    sync::Arc,
};

use super::{
    Here, Opener, answer, attempt,
    frame::{Answer, Piece, Request, Start, nonsense, send, send_bytes, take, take_bytes},
    sandbox,
};
use crate::{
    authenticate::Trust,
    container::fonts,
    draw::{DrawError, Drawer},
    model::{
        document::{Document, Format},
        geometry::Turn,
        limits::Limits,
    },
    read,
};

/// A message from the side that asks is never long; it is trusted, but a broken pipe is not.
const ASKED: u64 = 64 << 20;

/// Answers on standard output what is asked on standard input, after everything that reading does
/// not need was given away. Ends when the asking side closes the pipe.
///
/// # Errors
///
/// Where the pipe breaks or what comes through it is no request.
pub fn serve() -> io::Result<()> {
    let (mut from, mut to) = (io::stdin().lock(), io::stdout().lock());
    // What a panic has to say is said as a problem by who catches it. Standard error is for the last
    // words of a process that dies.
    std::panic::set_hook(Box::new(|_| {}));
    let Start { limits, attempt } = take(&mut from, ASKED)?;
    fonts::load_all();
    // The decoder of HEIC spreads its work over threads, and there are none behind the walls: all of it
    // falls to this one.
    let alone = rayon::ThreadPoolBuilder::new().num_threads(1).use_current_thread().build_global();
    alone.map_err(|error| nonsense(&error.to_string()))?;
    if let Some(name) = attempt {
        let refused = attempt::tried(&name, &limits)?;
        send(&mut to, &Answer::Tried { refused })?;
        return to.flush();
    }
    let unenforced = sandbox::enter(&limits);
    send(&mut to, &Answer::Ready { unenforced })?;
    to.flush()?;
    let mut last = Last::default();
    loop {
        let request = match take(&mut from, ASKED) {
            Ok(request) => request,
            // Nobody asks any more.
            Err(error) if error.kind() == io::ErrorKind::UnexpectedEof => return Ok(()),
            Err(error) => return Err(error),
        };
        match request {
            Request::Read { name, limits, roots } => {
                last = Last::of(file(&mut from, &limits)?);
                let mut trust = Trust::default();
                for root in &roots {
                    trust.add(root);
                }
                let document = Here.read(&name, Arc::clone(&last.bytes), &limits, &trust);
                last.format = document.format;
                send_document(&mut to, document)?;
            }
            Request::Unpack { limits } => {
                last = Last::of(file(&mut from, &limits)?);
                let format = read::format(&last.bytes);
                let (files, problems) = read::unpack(&last.bytes, &limits);
                let (names, contents): (Vec<_>, Vec<_>) = files.into_iter().unzip();
                send(&mut to, &Answer::Unpacked { format, names, problems })?;
                contents.iter().try_for_each(|bytes| send_bytes(&mut to, bytes))?;
            }
            Request::Draw { follows, number, turn, dpi } => {
                if let Some(format) = follows {
                    last = Last { format, ..Last::of(file(&mut from, &limits)?) };
                }
                match last.page(number, turn, dpi, &limits) {
                    Ok(image) => {
                        send(&mut to, &Answer::Drawn { width: image.width(), height: image.height() })?;
                        send_bytes(&mut to, image.as_raw())?;
                    }
                    Err(error) => send(&mut to, &Answer::NotDrawn(error))?,
                }
            }
        }
        to.flush()?;
    }
}

/// The bytes of a file out of the pipe. Who asks looks at the size before; a part of an archive may be
/// as large as all of it.
fn file(from: &mut impl Read, limits: &Limits) -> io::Result<Arc<[u8]>> {
    take_bytes(from, answer::most_bytes(limits)).map(Arc::from)
}

/// The file that was last asked about, opened for drawing when a page is wanted.
#[derive(Default)]
struct Last {
    format: Format,
    bytes: Arc<[u8]>,
    drawer: Option<Drawer>,
}

impl Last {
    fn of(bytes: Arc<[u8]>) -> Self {
        Self { bytes, ..Self::default() }
    }

    fn page(
        &mut self,
        number: u32,
        turn: Turn,
        dpi: f64,
        limits: &Limits,
    ) -> Result<image::RgbImage, DrawError> {
        let drawer = match self.drawer.take() {
            Some(drawer) => drawer,
            None => Drawer::open(&self.bytes, self.format, limits)?,
        };
        self.drawer.insert(drawer).page(number, turn, dpi)
    }
}

/// Sends a document and its parts flat, so that what is sent is as deep as it is declared to be and
/// no deeper; their bytes follow as they are.
fn send_document(to: &mut impl Write, document: Document) -> io::Result<()> {
    let mut pieces = Vec::new();
    flatten(document, 0, &mut pieces)?;
    let contents: Vec<Arc<[u8]>> =
        pieces.iter().skip(1).map(|piece| Arc::clone(&piece.document.bytes)).collect();
    send(to, &Answer::Read { pieces })?;
    contents.iter().try_for_each(|bytes| send_bytes(to, bytes))
}

fn flatten(mut document: Document, within: u32, pieces: &mut Vec<Piece>) -> io::Result<()> {
    let place = u32::try_from(pieces.len()).map_err(|_| nonsense("too many parts"))?;
    let parts = std::mem::take(&mut document.parts);
    pieces.push(Piece { within, document });
    parts.into_iter().try_for_each(|part| flatten(part, place, pieces))
}
