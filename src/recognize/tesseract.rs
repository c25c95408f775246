//! The second engine: Tesseract, to dispute figures and to read a page in another way.
//!
//! It expects an upright picture. Its figures are never to be taken for amounts in words. It uses
//! OpenMP threads of its own: start the process with `OMP_THREAD_LIMIT=1`, since Tesseract has no
//! setting for it and several at once get in each other's way.

use image::{GrayImage, Luma, RgbImage, imageops};
use tesseract_rs::{PageSegMode, Tesseract as Api, plumbing};

use super::{Engine, EngineError, Hints, Place, Recognition, pool::Pool, seal::lifted};
use crate::model::{
    geometry::Rect,
    page::{Flaws, Origin, Word},
};

/// The engine's name.
pub const NAME: &str = "tesseract";

/// What a line is restricted to when it is read again.
const FIGURES: &str = "0123456789.,-/:()%年月日";
/// How a line is looked at: as a line that has to be found, and where none is found, as nothing but a line.
const LINES: [PageSegMode; 2] = [PageSegMode::PsmSingleLine, PageSegMode::PsmRawLine];
/// Height the text of a line is brought to.
const HEIGHT: f64 = 48.0;
/// What crosses so much of a line is no character.
const RULED: f32 = 0.94;
/// Brightness of the margin set round a line.
const MARGIN: u8 = 245;

/// The engine. Each language data is loaded once a session, when first needed.
pub struct Tesseract {
    sessions: Pool<Session>,
}

/// Tesseract's handles are consumed when a call fails; a lost one is made anew.
#[derive(Default)]
struct Session {
    lines: Option<Api>,
    pages: Option<Api>,
}

impl Tesseract {
    /// Starts Tesseract with its own data, which the system's packages bring.
    pub fn open(_: &Place, sessions: usize) -> Result<Self, EngineError> {
        let unusable = |error: EngineError| match error {
            EngineError::Failed { engine, why } => EngineError::Unusable { engine, why },
            other => other,
        };
        let mut all = Vec::new();
        for _ in 0..sessions.max(1) {
            all.push(Session { lines: Some(for_lines().map_err(unusable)?), pages: None });
        }
        // Whether the Chinese data is there shows only when it is loaded.
        if let Some(first) = all.first_mut() {
            first.pages = Some(for_pages().map_err(unusable)?);
        }
        Ok(Self { sessions: Pool::new(all) })
    }
}

impl Engine for Tesseract {
    fn name(&self) -> &'static str {
        NAME
    }

    fn version(&self) -> String {
        format!("Tesseract {}", plumbing::version().to_string_lossy())
    }

    fn recognize(&self, image: &RgbImage, hints: &Hints) -> Result<Recognition, EngineError> {
        let mut session = self.sessions.take();
        let api = session.pages.take().map_or_else(for_pages, Ok)?;
        let red = image::imageops::grayscale(&lifted(image).without);
        let dpi = if hints.dpi >= 70.0 { hints.dpi.min(600.0) as i32 } else { 200 };
        let mut api = given(api, &red)?.set_source_resolution(dpi).recognize().map_err(failed)?;
        let table = api.get_tsv_text(0).map_err(failed)?;
        session.pages = Some(api);
        Ok(Recognition { size: image.dimensions(), words: words(&table), ..Recognition::default() })
    }

    fn reread(&self, image: &RgbImage, boxes: &[Rect]) -> Result<Vec<Option<String>>, EngineError> {
        let mut session = self.sessions.take();
        let mut answers = Vec::new();
        for rect in boxes {
            let Some(line) = line(image, rect) else {
                answers.push(None);
                continue;
            };
            let mut text = String::new();
            for mode in LINES {
                let mut api = session.lines.take().map_or_else(for_lines, Ok)?;
                api.set_page_seg_mode(mode);
                let mut api = given(api, &line)?.set_source_resolution(300).recognize().map_err(failed)?;
                text = api.get_text().map_err(failed)?.split_whitespace().collect();
                session.lines = Some(api);
                if text.chars().any(|c| c.is_ascii_digit()) {
                    break;
                }
            }
            answers.push((!text.is_empty()).then_some(text));
        }
        Ok(answers)
    }
}

/// The words of Tesseract's table: level, page, block, paragraph, line, word, left, top, width,
/// height, confidence, text. Words are level 5.
#[must_use]
pub fn words(table: &str) -> Vec<Word> {
    table
        .lines()
        .filter_map(|row| {
            let cells: Vec<&str> = row.split('\t').collect();
            let number = |at: usize| cells.get(at).and_then(|cell| cell.parse::<f64>().ok());
            let text = cells.get(11)?.trim();
            if cells.first() != Some(&"5") || text.is_empty() || text.contains(char::is_whitespace) {
                return None;
            }
            let (left, top) = (number(6)?, number(7)?);
            let bounds = Rect::new(left, top, left + number(8)?, top + number(9)?);
            let score = (number(10)? / 100.0).clamp(0.0, 1.0) as f32;
            let origin = Origin::Recognized { engine: NAME, score, flaws: Flaws::default() };
            Some(Word { text: text.to_owned(), bounds, edges: Vec::new(), origin })
        })
        .collect()
}

/// The box from the red channel with some room, its text brought to one height, on a light ground.
fn line(image: &RgbImage, rect: &Rect) -> Option<GrayImage> {
    let wider = Rect::new(
        rect.left - 0.3 * rect.height(),
        rect.top - 0.1 * rect.height(),
        rect.right + 0.3 * rect.height(),
        rect.bottom + 0.1 * rect.height(),
    );
    let (left, top) = (wider.left.max(0.0) as u32, wider.top.max(0.0) as u32);
    let right = (wider.right.max(0.0).ceil() as u32).min(image.width());
    let bottom = (wider.bottom.max(0.0).ceil() as u32).min(image.height());
    if right <= left || bottom <= top || rect.height() < 1.0 {
        return None;
    }
    let cut = imageops::crop_imm(image, left, top, right - left, bottom - top).to_image();
    let scale = HEIGHT / rect.height();
    let side = |pixels: u32| ((f64::from(pixels) * scale).round() as u32).clamp(8, 8000);
    let mut red = GrayImage::from_fn(cut.width(), cut.height(), |x, y| Luma([cut.get_pixel(x, y).0[0]]));
    without_rulings(&mut red);
    let sized = imageops::resize(&red, side(cut.width()), side(cut.height()), imageops::FilterType::Triangle);
    let mut padded = GrayImage::from_pixel(sized.width() + 32, sized.height() + 24, Luma([MARGIN]));
    imageops::replace(&mut padded, &sized, 16, 12);
    Some(padded)
}

/// Takes out what crosses all of a line: the rulings of its cell, between which Tesseract finds no text. A
/// stroke of a character ends before the margin does.
fn without_rulings(line: &mut GrayImage) {
    let (width, height) = line.dimensions();
    let ground = line.pixels().map(|pixel| u32::from(pixel.0[0])).max().unwrap_or_default();
    let is_dark = |x: u32, y: u32| u32::from(line.get_pixel(x, y).0[0]) * 10 < ground * 7;
    let crossed = |dark: usize, among: u32| dark as f32 > RULED * among as f32;
    let row = |y: &u32| crossed((0..width).filter(|x| is_dark(*x, *y)).count(), width);
    let column = |x: &u32| crossed((0..height).filter(|y| is_dark(*x, *y)).count(), height);
    let rows: Vec<u32> = (0..height).filter(row).collect();
    let columns: Vec<u32> = (0..width).filter(column).collect();
    for (x, y, pixel) in line.enumerate_pixels_mut() {
        let ruled = |rulings: &[u32], at: u32| rulings.iter().any(|ruling| ruling.abs_diff(at) <= 1);
        if ruled(&rows, y) || ruled(&columns, x) {
            pixel.0[0] = ground as u8;
        }
    }
}

fn for_lines() -> Result<Api, EngineError> {
    let api = Api::new(None, Some("chi_sim")).map_err(failed)?;
    api.set_variable("tessedit_char_whitelist", FIGURES).map_err(failed)
}

fn for_pages() -> Result<Api, EngineError> {
    let mut api = Api::new(None, Some("chi_sim+eng")).map_err(failed)?;
    api.set_page_seg_mode(PageSegMode::PsmAuto);
    Ok(api)
}

fn given(api: Api, image: &GrayImage) -> Result<Api, EngineError> {
    let side = |pixels: u32| i32::try_from(pixels).map_err(failed);
    let (width, height) = (side(image.width())?, side(image.height())?);
    api.set_frame(image.as_raw(), width, height, 1, width).map_err(failed)
}

fn failed(why: impl ToString) -> EngineError {
    EngineError::Failed { engine: NAME, why: why.to_string() }
}
