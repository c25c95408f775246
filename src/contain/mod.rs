//! Everything that takes bytes from outside apart, where a bad file can only harm itself.
//!
//! A file is read and its pages are drawn in a process that does nothing else, may open nothing,
//! and has bounds for memory and time: see [`Pool`] for the side that asks, [`serve`] for the side
//! that answers, and `sandbox` for what is taken away from it. Whatever kills it costs that one file,
//! and what it answers is checked like anything from outside.
//!
//! [`Here`] does the same in this process, for callers that trust their files or have no program to
//! start: tests, benches, other programs that use the library.

mod answer;
mod attempt;
mod frame;
mod pool;
mod process;
mod sandbox;
mod serve;

use std::sync::Arc;

use image::RgbImage;

use crate::{
    authenticate::{self, Trust},
    draw::{self, DrawError},
    model::{document::Document, geometry::Turn, limits::Limits, problem::Problem},
    read::{self, Unpacked},
};

pub use attempt::{ATTEMPTS, Attempt, Outcome};
pub use pool::{ContainError, Pool};
pub use serve::serve;

/// Opens files and draws their pages.
pub trait Opener: Send + Sync {
    /// Reads a file as far as its format allows and checks its signatures; it never fails, see
    /// [`Document::problems`].
    fn read(&self, name: &str, bytes: Arc<[u8]>, limits: &Limits, trust: &Trust) -> Document;

    /// The files of an archive by their path inside it, and what could not be read.
    fn unpack(&self, bytes: &Arc<[u8]>, limits: &Limits) -> (Vec<Unpacked>, Vec<Problem>);

    /// Page `number` (from 1) of a document that was read, as [`draw::page`] draws it.
    ///
    /// # Errors
    ///
    /// Where there is no such page, it is too large or damaged, or drawing it came to a bad end.
    fn draw(&self, document: &Document, number: u32, turn: Turn, dpi: f64) -> Result<RgbImage, DrawError>;
}

/// Opens files in this process.
#[derive(Clone, Copy, Debug, Default)]
pub struct Here;

impl Opener for Here {
    fn read(&self, name: &str, bytes: Arc<[u8]>, limits: &Limits, trust: &Trust) -> Document {
        let mut document = read::read(name, bytes, limits);
        authenticated(&mut document, limits, trust);
        document
    }

    fn unpack(&self, bytes: &Arc<[u8]>, limits: &Limits) -> (Vec<Unpacked>, Vec<Problem>) {
        read::unpack(bytes, limits)
    }

    fn draw(&self, document: &Document, number: u32, turn: Turn, dpi: f64) -> Result<RgbImage, DrawError> {
        draw::page(&document.bytes, document.format, number, turn, dpi)
    }
}

/// Checks the signatures of a file and of everything in it.
fn authenticated(document: &mut Document, limits: &Limits, trust: &Trust) {
    authenticate::authenticate(document, trust, limits);
    document.parts.iter_mut().for_each(|part| authenticated(part, limits, trust));
}
