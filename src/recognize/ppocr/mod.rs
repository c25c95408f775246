//! The first engine: PP-OCRv6 small through ONNX Runtime, with our own steps before and after.
//!
//! Pages are read with their seals taken away. What is printed in a seal's ink or shade stands only in
//! the picture as it is: lines found only there, in the parts with such ink, are read there.

pub mod askew;
pub mod detect;
pub mod direction;
mod network;
pub mod quad;
pub mod read;
pub mod twice;

use std::borrow::Cow;

use image::{RgbImage, imageops};

use self::{
    network::{Lines, Network, failed},
    quad::Quad,
    read::Glyph,
    twice::Line,
};
use super::{
    Engine, EngineError, Hints, Place, Recognition, flaws, inked,
    pool::Pool,
    prepare::{cut, flat, planes, resized, upright},
    ring, ruled,
    seal::{self, Seals},
};
use crate::model::{
    geometry::{Rect, Turn},
    page::{Flaws, Origin, Word},
};

/// The engine's name.
pub const NAME: &str = "ppocr";

/// Height of the lines the reader and the classifier see.
const HEIGHT: u32 = 48;
/// Width of the lines the classifier sees.
const CLASSIFIED: u32 = 192;
/// The longest line the reader sees.
const LONGEST: u32 = 4800;
/// A line below this score is not taken for text.
const TEXT: f32 = 0.5;
/// Nor is one that stands only in the colours below this: mostly scraps of round seals.
const COLOURED: f32 = 0.9;
/// The writing round a seal is believed from this score on.
const ROUND: f32 = 0.8;
/// And from so many characters on: the names of those who have seals are longer.
const NAMED: usize = 4;
/// How much smaller the detector sees the parts with a seal's ink: what stands only there are labels, titles and
/// the writing of seals, none of it small print. In full size a coloured form would cost as much as the page.
const COARSER: f32 = 0.7;
/// A line below this score is read in colour too, and the better reading taken.
const DOUBTFUL: f32 = 0.8;
/// What a line is restricted to when it is read again.
const FIGURES: &str = "0123456789.,-/:()¥￥%年月日";

/// The engine, with as many networks as pictures may be read at once.
pub struct PpOcr {
    detectors: Pool<Network>,
    lines: Pool<Lines>,
    classes: Vec<String>,
    figures: Vec<usize>,
}

/// A page that has been turned and laid flat, and where its text stands.
struct Found {
    recognition: Recognition,
    colour: RgbImage,
    seals: Seals,
    boxes: Vec<Quad>,
}

impl PpOcr {
    /// Loads the networks.
    pub fn open(place: &Place, sessions: usize) -> Result<Self, EngineError> {
        let (networks, classes) = network::load(&place.models, sessions)?;
        let figure = |class: &str| class.chars().count() == 1 && FIGURES.contains(class);
        let figures = (0..classes.len()).filter(|&i| figure(&classes[i])).collect();
        Ok(Self {
            detectors: Pool::new(networks.detectors),
            lines: Pool::new(networks.lines),
            classes,
            figures,
        })
    }

    /// Where text stands on the picture.
    fn detect(&self, image: &RgbImage, scale: f32) -> Result<Vec<Quad>, EngineError> {
        let (width, height) = detect::seen_size(image.width(), image.height(), scale);
        let (columns, rows) = (width as usize, height as usize);
        let seen = planes(&resized(image, width, height), columns);
        let scale = (image.width() as f32 / width as f32, image.height() as f32 / height as f32);
        self.detectors.take().run(columns, rows, seen, |_, map| detect::boxes(map, columns, rows, scale))
    }

    /// Where text stands in the parts of the picture with a seal's ink.
    fn detect_inked(&self, image: &RgbImage, seals: &Seals) -> Result<Vec<Quad>, EngineError> {
        let scale = COARSER * detect::seen_scale(image.width(), image.height());
        let mut found = Vec::new();
        for [left, top, right, bottom] in inked::parts(&seals.ink) {
            let part = imageops::crop_imm(image, left, top, right - left, bottom - top).to_image();
            let corner = (left as f32, top as f32);
            found.extend(self.detect(&part, scale)?.iter().map(|quad| quad.moved(corner)));
        }
        Ok(found)
    }

    /// The page upright and flat, and its lines. Where it is known to be upright, nothing is looked for.
    fn find(&self, lines: &mut Lines, image: &RgbImage, is_upright: bool) -> Result<Found, EngineError> {
        let scale = detect::seen_scale(image.width(), image.height());
        let mut seals = seal::lifted(image);
        let mut seen = Cow::Borrowed(&seals.without);
        let mut boxes = self.detect(&seen, scale)?;
        let on_its_side = !is_upright && direction::lies_on_its_side(&boxes);
        if on_its_side {
            seen = Cow::Owned(upright(&seals.without, direction::turn(true, false)));
            boxes = self.detect(&seen, scale)?;
        }
        let mut votes = Vec::new();
        let voters = if is_upright { Vec::new() } else { direction::voters(&boxes) };
        for quad in voters {
            let line = crop(&seen, &quad);
            let width = (HEIGHT * line.width()).div_ceil(line.height()).clamp(1, CLASSIFIED);
            let line = planes(&resized(&line, width, HEIGHT), CLASSIFIED as usize);
            let vote = |_: &[usize], answer: &[f32]| answer.get(1).copied();
            votes.extend(lines.classifier.run(CLASSIFIED as usize, HEIGHT as usize, line, vote)?);
        }
        let turn = direction::turn(on_its_side, direction::upside_down(&votes));
        if direction::upside_down(&votes) {
            seen = Cow::Owned(upright(&seals.without, turn));
            boxes = self.detect(&seen, scale)?;
        }
        let mut colour = upright(image, turn);
        let size = colour.dimensions();
        let found = if is_upright { None } else { askew::askew(&seen, &boxes) };
        if let Some(found) = &found {
            colour = flat(&colour, &found.flat);
        }
        if found.is_some() || turn != Turn::None {
            seals = seal::lifted(&colour);
        }
        if let Some(found) = &found {
            let red = &seals.without;
            boxes = match found.flat.onto.back().filter(|_| found.rigid) {
                Some(back) => boxes.iter().map(|quad| quad.mapped(&back)).collect(),
                None => self.detect(red, detect::seen_scale(red.width(), red.height()))?,
            };
        }
        let recognition =
            Recognition { turn, size, flat: found.map(|one| one.flat), ..Recognition::default() };
        Ok(Found { recognition, colour, seals, boxes })
    }

    /// The characters of a line that was cut out.
    fn read(
        &self,
        lines: &mut Lines,
        line: &RgbImage,
        allowed: Option<&[usize]>,
    ) -> Result<Vec<Glyph>, EngineError> {
        let width = (HEIGHT * line.width()).div_ceil(line.height()).clamp(8, LONGEST);
        let padded = width.max(HEIGHT).next_multiple_of(8) as usize;
        let seen = planes(&resized(line, width, HEIGHT), padded);
        lines.reader.run(padded, HEIGHT as usize, seen, |extents, scores| match *extents {
            [1, steps, classes] if classes == self.classes.len() => {
                let length = steps as f32 * width as f32 / padded as f32;
                Ok(read::decode(scores, &self.classes, length, allowed))
            }
            _ => Err(failed(format!("the reader answered {extents:?} for {} classes", self.classes.len()))),
        })?
    }

    /// What is written round the seals of a picture.
    fn read_seals(
        &self,
        lines: &mut Lines,
        image: &RgbImage,
        seals: &Seals,
    ) -> Result<Vec<Word>, EngineError> {
        let mut words = Vec::new();
        for ring in ring::rings(&seals.ink) {
            let glyphs = self.read(lines, &ring::unrolled(image, &ring, HEIGHT), None)?;
            let text: String = glyphs.iter().map(|glyph| glyph.text.as_str()).collect();
            let score = read::mean_score(&glyphs);
            if score >= ROUND && text.chars().count() >= NAMED {
                let flaws = Flaws { of_seal: true, ..Flaws::default() };
                let origin = Origin::Recognized { engine: NAME, score, flaws };
                words.push(Word { text, bounds: ring.bounds(), edges: Vec::new(), origin });
            }
        }
        Ok(words)
    }
}

impl Engine for PpOcr {
    fn name(&self) -> &'static str {
        NAME
    }

    fn version(&self) -> String {
        format!("PP-OCRv6 small, ONNX Runtime 1.32.0, {} classes", self.classes.len())
    }

    fn recognize(&self, image: &RgbImage, hints: &Hints) -> Result<Recognition, EngineError> {
        if image.width() == 0 || image.height() == 0 {
            return Ok(Recognition::default());
        }
        let lines = &mut *self.lines.take();
        let Found { mut recognition, colour, seals, boxes } = self.find(lines, image, hints.upright)?;
        let red = &seals.without;
        let inked = self.detect_inked(&colour, &seals)?;
        let mut said = Vec::new();
        for quad in &boxes {
            let line = crop(red, quad);
            let mut glyphs = self.read(lines, &line, None)?;
            if !inked.is_empty() && read::mean_score(&glyphs) < DOUBTFUL {
                let other = self.read(lines, &crop(&colour, quad), None)?;
                if read::mean_score(&other) > read::mean_score(&glyphs) {
                    glyphs = other;
                }
            }
            if read::mean_score(&glyphs) >= TEXT {
                said.push(Line { quad: *quad, glyphs, rulings: read::rulings(&line) });
            }
        }
        for quad in detect::only_in_colour(&inked, &boxes) {
            let glyphs = self.read(lines, &crop(&colour, &quad), None)?;
            if read::mean_score(&glyphs) >= COLOURED {
                said.push(Line { quad, glyphs, rulings: Vec::new() });
            }
        }
        twice::settle(&mut said);
        for Line { quad, glyphs, rulings } in &said {
            recognition.words.extend(read::words(glyphs, rulings, quad, NAME));
        }
        flaws::mark(&seals, &mut recognition.words);
        recognition.seals = self.read_seals(lines, &colour, &seals)?;
        recognition.rulings = ruled::rulings(red);
        Ok(recognition)
    }

    fn reread(&self, image: &RgbImage, boxes: &[Rect]) -> Result<Vec<Option<String>>, EngineError> {
        let lines = &mut *self.lines.take();
        let red = seal::lifted(image).without;
        let mut answers = Vec::new();
        for rect in boxes {
            let margin = 0.15 * rect.height();
            let wider = Rect::new(
                rect.left - 2.0 * margin,
                rect.top - margin,
                rect.right + 2.0 * margin,
                rect.bottom + margin,
            );
            let line = crop(&red, &Quad::level(&wider));
            let glyphs = self.read(lines, &line, Some(&self.figures))?;
            let text: String = glyphs.iter().map(|glyph| glyph.text.as_str()).collect();
            answers.push((!text.is_empty() && read::mean_score(&glyphs) >= TEXT).then_some(text));
        }
        Ok(answers)
    }
}

/// The line cut out level; one that stands on end is laid down.
fn crop(image: &RgbImage, quad: &Quad) -> RgbImage {
    let (width, height) = (quad.width().round().max(1.0) as u32, quad.height().round().max(1.0) as u32);
    let line = cut(image, &quad.corners, width, height);
    if quad.is_tall() { imageops::rotate270(&line) } else { line }
}
