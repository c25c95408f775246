//! Pictures to words: which pages need it, what every engine has to offer, and the table of engines.
//!
//! An engine answers with words and their places in the upright picture, in pixels; putting them on
//! the page in points, and comparing two engines' readings, is left to those who call.

mod codes;
pub mod flaws;
mod inked;
mod look;
pub mod mask;
pub mod pool;
pub mod ppocr;
mod prepare;
pub mod replay;
pub mod ring;
pub mod ruled;
pub mod seal;
mod solve;
pub mod tesseract;
mod wanted;
pub mod watched;

use std::path::{Path, PathBuf};

use image::RgbImage;
use serde::{Deserialize, Serialize};
use thiserror::Error;

use crate::model::{
    geometry::{Rect, Turn},
    page::Word,
    warp::Warp,
};

pub use codes::{Symbol, symbols};
pub use look::look;
pub use prepare::{flat, upright};
pub use wanted::{like_codes, sparse, wanted};
pub use watched::Watched;

/// What is known about a picture before it is read.
#[derive(Clone, Copy, Debug)]
pub struct Hints {
    /// Pixels an inch; 0 where unknown.
    pub dpi: f64,
    /// Whether it stands upright, so that no turn has to be looked for.
    pub upright: bool,
}

/// What an engine read in a picture.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub struct Recognition {
    /// The turn that brings the given picture upright.
    pub turn: Turn,
    /// Width and height of the upright picture, in pixels.
    pub size: (u32, u32),
    /// How the upright picture was laid flat, if it had to be.
    pub flat: Option<FlatPicture>,
    /// Words roughly from top to bottom; bounds and edges in pixels of the upright and flat picture.
    pub words: Vec<Word>,
    /// What is written round seals, each in the box of its seal.
    pub seals: Vec<Word>,
    /// The rulings of tables, as thin boxes in the same pixels as words.
    pub rulings: Vec<Rect>,
}

/// How a picture that was taken askew, from the side or of a bent page is laid flat; see [`flat`].
#[derive(Clone, Copy, Debug, Serialize, Deserialize)]
pub struct FlatPicture {
    /// Takes pixels of the flat picture to pixels of the given one.
    pub onto: Warp,
    /// Width and height of the flat picture, in pixels.
    pub size: (u32, u32),
}

/// Reads pictures. May be called from many threads; the answer never depends on their number.
pub trait Engine: Send + Sync {
    /// The name words carry in their origin: a row of [`ENGINES`].
    fn name(&self) -> &'static str;

    /// Everything the answer depends on, for the report.
    fn version(&self) -> String;

    /// Reads a whole page.
    fn recognize(&self, image: &RgbImage, hints: &Hints) -> Result<Recognition, EngineError>;

    /// Reads single lines again, as digits and the signs of amounts and dates and nothing else.
    ///
    /// `image` is upright and `boxes` are in its pixels. One answer for every box, in their order;
    /// `None` where nothing of the kind could be read.
    fn reread(&self, image: &RgbImage, boxes: &[Rect]) -> Result<Vec<Option<String>>, EngineError>;
}

/// Why an engine could not be opened or could not read.
#[derive(Clone, Debug, Error)]
pub enum EngineError {
    /// A file the engine needs is not there.
    #[error("{engine}: {} is missing; get it with `make setup`", path.display())]
    Missing {
        /// Name of the engine.
        engine: &'static str,
        /// The file that was looked for.
        path: PathBuf,
    },
    /// The engine is there but refuses to start.
    #[error("{engine}: does not start: {why}; install it again with `make setup`")]
    Unusable {
        /// Name of the engine.
        engine: &'static str,
        /// The engine's own words.
        why: String,
    },
    /// The engine failed on a picture.
    #[error("{engine}: failed while reading: {why}")]
    Failed {
        /// Name of the engine.
        engine: &'static str,
        /// The engine's own words.
        why: String,
    },
}

/// Where engines look for their files.
#[derive(Clone, Debug)]
pub struct Place {
    /// The folder with the models and the runtime.
    pub models: PathBuf,
}

/// Opens an engine that reads up to so many pictures at once; further callers wait.
pub type Open = fn(&Place, usize) -> Result<Box<dyn Engine>, EngineError>;

/// One engine.
pub struct EngineRow {
    /// Its name, in kebab-case.
    pub name: &'static str,
    /// What it is and what it is for, in a sentence.
    pub about: &'static str,
    /// Opens it.
    pub open: Open,
}

/// All engines, the one that reads pages first.
pub const ENGINES: &[EngineRow] = &[
    EngineRow {
        name: ppocr::NAME,
        about: "PP-OCRv6 small through ONNX Runtime: reads pages",
        open: |place, sessions| Ok(Box::new(ppocr::PpOcr::open(place, sessions)?)),
    },
    EngineRow {
        name: tesseract::NAME,
        about: "Tesseract: the second opinion on figures",
        open: |place, sessions| Ok(Box::new(tesseract::Tesseract::open(place, sessions)?)),
    },
];

/// Opens every engine of the table, under watch, and says of each that is missing what to do about it.
#[must_use]
pub fn open_all(models: &Path, sessions: usize) -> (Vec<Box<dyn Engine>>, Vec<EngineError>) {
    let (mut open, mut missing) = (Vec::<Box<dyn Engine>>::new(), Vec::new());
    for row in ENGINES {
        let place = Place { models: models.to_owned() };
        let opener = Box::new(move || (row.open)(&place, sessions));
        match Watched::open(opener, watched::PATIENCE) {
            Ok(engine) => open.push(Box::new(engine)),
            Err(error) => missing.push(error),
        }
    }
    (open, missing)
}
