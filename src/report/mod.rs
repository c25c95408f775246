//! An examination as something to read: for a terminal, for a program, for a reviewer's desk.
//!
//! Pure like the stages before it: an examination in, bytes out. It draws no page itself; whoever
//! calls it hands in [`Crops`]. It judges nothing: order and wording are all that is added here.

pub mod batch;
mod cited;
pub mod html;
pub mod json;
mod reasons;
pub mod sample;
mod signatures;
pub mod terms;
pub mod text;
pub mod words;

use crate::model::{case::Examination, document::Document, finding::Message, geometry::Rect};

/// The language a report is written in.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Lang {
    /// Chinese.
    #[default]
    Zh,
    /// English.
    En,
}

impl Lang {
    /// The language of a name given on the command line.
    #[must_use]
    pub fn named(name: &str) -> Option<Self> {
        match name {
            "zh" => Some(Self::Zh),
            "en" => Some(Self::En),
            _ => None,
        }
    }

    /// One of two wordings.
    #[must_use]
    pub const fn of<'a>(self, zh: &'a str, en: &'a str) -> &'a str {
        match self {
            Self::Zh => zh,
            Self::En => en,
        }
    }

    /// The message in this language, or in the other one where this one is empty.
    #[must_use]
    pub fn say(self, message: &Message) -> &str {
        let (first, second) = match self {
            Self::Zh => (&message.zh, &message.en),
            Self::En => (&message.en, &message.zh),
        };
        if first.is_empty() { second } else { first }
    }
}

/// A part of a page as a picture.
#[derive(Clone, Debug)]
pub struct Crop {
    /// The encoded picture.
    pub bytes: Vec<u8>,
    /// `image/png` or `image/jpeg`.
    pub mime: &'static str,
    /// Width in pixels.
    pub width: u32,
    /// Height in pixels.
    pub height: u32,
    /// Where the box that was asked for stands inside the picture, in pixels.
    pub bounds: Rect,
}

/// Draws the surroundings of a box (in points) on a page (from 1) of a document; `None` where the
/// page cannot be drawn.
pub type Crops<'a> = &'a dyn Fn(&Document, u32, Rect) -> Option<Crop>;

/// Answers with no picture at all, for reports that show none.
#[must_use]
pub fn no_crops(_: &Document, _: u32, _: Rect) -> Option<Crop> {
    None
}

/// How a report is to be made.
#[derive(Clone, Copy)]
pub struct Options<'a> {
    /// Its language.
    pub lang: Lang,
    /// Whether the terminal shows colours; of no effect elsewhere.
    pub colour: bool,
    /// Pictures of places on pages.
    pub crops: Crops<'a>,
}

impl Default for Options<'_> {
    fn default() -> Self {
        Self { lang: Lang::default(), colour: false, crops: &no_crops }
    }
}

/// A report that could not be made.
#[derive(Debug, thiserror::Error)]
pub enum ReportError {
    /// The JSON writer refused.
    #[error("report could not be written as JSON: {0}")]
    Json(#[from] serde_json::Error),
    /// The workbook's writer refused.
    #[error("worksheet could not be written: {0}")]
    Worksheet(#[from] rust_xlsxwriter::XlsxError),
}

/// One kind of report.
#[derive(Clone, Copy)]
pub struct Report {
    /// The name given to `--format`.
    pub name: &'static str,
    /// The extension of its file.
    pub extension: &'static str,
    /// Makes it.
    pub make: fn(&Examination, &Options<'_>) -> Result<Vec<u8>, ReportError>,
}

/// All kinds of reports.
pub const REPORTS: &[Report] = &[
    Report {
        name: "text",
        extension: "txt",
        make: |case, options| Ok(text::examination(case, options.lang, options.colour).into_bytes()),
    },
    Report { name: "json", extension: "json", make: |case, _| Ok(json::to_json(case)?.into_bytes()) },
    Report {
        name: "html",
        extension: "html",
        make: |case, options| Ok(html::page(case, options.lang, options.crops).into_bytes()),
    },
];
