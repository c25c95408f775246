//! A page or a crop as a picture, and boxes drawn over it.
//!
//! Draws what a reader sees; it knows nothing of words. Coordinates are points of the upright page.

mod bilevel;
mod glyphs;
mod heif;
mod jpeg;
mod ofd;
mod pdf;
mod picture;
mod tiff;
mod word;

use std::io::Cursor;

use hayro::vello_cpu::{
    self, Pixmap, RasterizerSettings, RenderContext, TargetInit, color::palette::css::WHITE,
};
use image::{ExtendedColorType, ImageEncoder, Rgb, RgbImage};
use serde::{Deserialize, Serialize};

use crate::model::{
    document::Format,
    geometry::{Rect, Size, Turn},
    limits::Limits,
    name::{self, Name},
};

/// Why a page was not drawn.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error, Serialize, Deserialize)]
pub enum DrawError {
    /// The file is not something with pages.
    #[error("a file of format {0} has no pages to draw")]
    NoPages(#[serde(with = "name")] Name),
    /// The file cannot be opened.
    #[error("the file cannot be opened: {0}")]
    Unopened(String),
    /// There is no such page.
    #[error("there is no page {0}")]
    NoSuchPage(u32),
    /// The page would be larger than allowed.
    #[error("page {page} would have {pixels} pixels, at most {allowed} are drawn")]
    TooLarge {
        /// Page from 1.
        page: u32,
        /// Pixels it would have.
        pixels: u64,
        /// How many are allowed.
        allowed: u64,
    },
    /// The picture cannot be decoded.
    #[error("page {page} cannot be decoded: {why}")]
    Undecoded {
        /// Page from 1.
        page: u32,
        /// What the decoder says.
        why: String,
    },
    /// The process that drew the page came to a bad end.
    #[error("page {page} cannot be drawn: {why}")]
    Ended {
        /// Page from 1.
        page: u32,
        /// How it ended.
        why: String,
    },
    /// The drawing library failed on the page.
    #[error("drawing page {0} failed")]
    Crashed(u32),
}

/// An opened file, so that drawing many pages parses it once. It belongs to one thread.
pub struct Drawer(Opened);

enum Opened {
    Pdf(Box<pdf::Opened>),
    Ofd(Box<ofd::Opened>),
    Word(Box<word::Opened>),
    Picture(picture::Opened),
}

impl Drawer {
    /// Opens a PDF, an OFD, a Word document or a picture, within the same limits as it is read.
    ///
    /// # Errors
    ///
    /// Where the file has no pages or cannot be opened.
    pub fn open(bytes: &[u8], format: Format, limits: &Limits) -> Result<Self, DrawError> {
        Ok(Self(match format {
            Format::Pdf => Opened::Pdf(Box::new(pdf::Opened::open(bytes, limits)?)),
            Format::Ofd => Opened::Ofd(Box::new(ofd::Opened::open(bytes, limits)?)),
            Format::Docx => Opened::Word(Box::new(word::Opened::open(bytes, limits)?)),
            format if format.is_picture() => Opened::Picture(picture::Opened::open(bytes, limits)?),
            other => return Err(DrawError::NoPages(other.name())),
        }))
    }

    /// Page `number` (from 1) after `turn`, with `dpi` pixels an inch.
    ///
    /// `turn` is [`crate::model::page::Page::turn`], which holds what Exif says. With `dpi` 0 a
    /// picture keeps its own pixels, and a page of a PDF or OFD is drawn with 150.
    ///
    /// # Errors
    ///
    /// Where there is no such page, or it is too large or damaged.
    pub fn page(&self, number: u32, turn: Turn, dpi: f64) -> Result<RgbImage, DrawError> {
        let drawn = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| match &self.0 {
            Opened::Pdf(opened) => opened.page(number, dpi),
            Opened::Ofd(opened) => opened.page(number, dpi),
            Opened::Word(opened) => opened.page(number, dpi),
            Opened::Picture(opened) => opened.page(number, dpi),
        }));
        drawn.unwrap_or(Err(DrawError::Crashed(number))).map(|image| turned(image, turn))
    }
}

/// One page as a picture within the usual limits; see [`Drawer`] for several.
///
/// # Errors
///
/// As [`Drawer::open`] and [`Drawer::page`].
pub fn page(bytes: &[u8], format: Format, number: u32, turn: Turn, dpi: f64) -> Result<RgbImage, DrawError> {
    Drawer::open(bytes, format, &Limits::DEFAULT)?.page(number, turn, dpi)
}

/// What was drawn, on white.
fn painted(context: &RenderContext, number: u32) -> Result<RgbImage, DrawError> {
    let mut pixmap = Pixmap::new(context.width(), context.height());
    context.render_with(
        &mut pixmap,
        &mut vello_cpu::Resources::default(),
        RasterizerSettings { target_init: TargetInit::Clear(WHITE), ..RasterizerSettings::default() },
    );
    opaque(&pixmap, number)
}

/// A picture on white: every pixel is opaque, so that the colours can be taken as they are.
fn opaque(pixmap: &Pixmap, number: u32) -> Result<RgbImage, DrawError> {
    let colours = pixmap.data_as_u8_slice().chunks_exact(4).flat_map(|p| [p[0], p[1], p[2]]).collect();
    RgbImage::from_raw(u32::from(pixmap.width()), u32::from(pixmap.height()), colours)
        .ok_or(DrawError::Crashed(number))
}

/// The sides of page `number` in pixels, where there are no more of them than are allowed.
fn sides(number: u32, across: f64, down: f64, allowed: u64) -> Result<(u16, u16), DrawError> {
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "sides are positive")]
    let pixels = (across * down) as u64;
    let side = f64::from(u16::MAX);
    if pixels > allowed || !(across < side && down < side) {
        return Err(DrawError::TooLarge { page: number, pixels, allowed });
    }
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "looked at above")]
    Ok((across.max(1.0) as u16, down.max(1.0) as u16))
}

fn turned(image: RgbImage, turn: Turn) -> RgbImage {
    match turn {
        Turn::None => image,
        Turn::Quarter => image::imageops::rotate90(&image),
        Turn::Half => image::imageops::rotate180(&image),
        Turn::ThreeQuarters => image::imageops::rotate270(&image),
    }
}

/// The part of a drawn page round `bounds`, with `margin` points on every side; at least one pixel.
#[must_use]
pub fn crop(image: &RgbImage, page: Size, bounds: &Rect, margin: f64) -> RgbImage {
    let place = bounds.grown(margin).scaled(across(image, page), down(image, page));
    let left = pixel(place.left.floor()).min(image.width().saturating_sub(1));
    let top = pixel(place.top.floor()).min(image.height().saturating_sub(1));
    let width = pixel(place.right.ceil()).saturating_sub(left).clamp(1, (image.width() - left).max(1));
    let height = pixel(place.bottom.ceil()).saturating_sub(top).clamp(1, (image.height() - top).max(1));
    image::imageops::crop_imm(image, left, top, width, height).to_image()
}

/// Makes everything white but what lies in the boxes, each with `margin` points on every side.
pub fn only(image: &mut RgbImage, page: Size, boxes: &[Rect], margin: f64) {
    let (x, y) = (across(image, page), down(image, page));
    let (width, height) = image.dimensions();
    // Where boxes begin and end, so that every pixel is looked at once however many boxes there are:
    // the row, the columns, and by how many more boxes they are covered from there on.
    let mut changes: Vec<(u32, u32, u32, i32)> = Vec::with_capacity(2 * boxes.len());
    for bounds in boxes {
        let place = bounds.grown(margin).scaled(x, y);
        let (left, right) = (pixel(place.left.floor()).min(width), pixel(place.right.ceil()).min(width));
        let (top, bottom) = (pixel(place.top.floor()), pixel(place.bottom.ceil()));
        if left < right && top < bottom {
            changes.extend([(top, left, right, 1), (bottom, left, right, -1)]);
        }
    }
    changes.sort_unstable();
    let mut changes = changes.into_iter().peekable();
    let mut steps = vec![0_i32; width as usize + 1];
    for row in 0..height {
        while let Some((_, left, right, by)) = changes.next_if(|(from, ..)| *from <= row) {
            steps[left as usize] += by;
            steps[right as usize] -= by;
        }
        let mut covered = 0;
        for column in 0..width {
            covered += steps[column as usize];
            if covered == 0 {
                image.put_pixel(column, row, Rgb([255; 3]));
            }
        }
    }
}

/// Makes what lies in the boxes white, each with `margin` points on every side.
pub fn without(image: &mut RgbImage, page: Size, boxes: &[Rect], margin: f64) {
    let (x, y) = (across(image, page), down(image, page));
    for bounds in boxes {
        let place = bounds.grown(margin).scaled(x, y);
        let columns = (pixel(place.left.floor()), pixel(place.right.ceil()));
        paint(image, columns, (pixel(place.top.floor()), pixel(place.bottom.ceil())), [255; 3]);
    }
}

/// Draws the outlines of boxes over a drawn page, each in its colour.
pub fn boxes(image: &mut RgbImage, page: Size, boxes: &[(Rect, [u8; 3])]) {
    let (x, y) = (across(image, page), down(image, page));
    let thickness = pixel((x / 1.5).round()).clamp(1, 4);
    for (bounds, colour) in boxes {
        let place = bounds.scaled(x, y);
        let (left, right) = (pixel(place.left.floor()), pixel(place.right.ceil()));
        let (top, bottom) = (pixel(place.top.floor()), pixel(place.bottom.ceil()));
        let inner = thickness.min((right.saturating_sub(left)).min(bottom.saturating_sub(top)).max(1));
        paint(image, (left, right), (top, top + inner), *colour);
        paint(image, (left, right), (bottom.saturating_sub(inner), bottom), *colour);
        paint(image, (left, left + inner), (top, bottom), *colour);
        paint(image, (right.saturating_sub(inner), right), (top, bottom), *colour);
    }
}

fn paint(image: &mut RgbImage, columns: (u32, u32), rows: (u32, u32), colour: [u8; 3]) {
    for y in rows.0..rows.1.min(image.height()) {
        for x in columns.0..columns.1.min(image.width()) {
            image.put_pixel(x, y, Rgb(colour));
        }
    }
}

fn across(image: &RgbImage, page: Size) -> f64 {
    f64::from(image.width()) / page.width.max(1.0)
}

fn down(image: &RgbImage, page: Size) -> f64 {
    f64::from(image.height()) / page.height.max(1.0)
}

/// A coordinate as a pixel; outside of the picture becomes its edge.
#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "clamped first")]
fn pixel(value: f64) -> u32 {
    value.clamp(0.0, 1e9) as u32
}

/// The picture as PNG.
#[must_use]
pub fn png(image: &RgbImage) -> Vec<u8> {
    let mut bytes = Vec::new();
    let encoder = image::codecs::png::PngEncoder::new(Cursor::new(&mut bytes));
    // Writing to memory fails only for a picture without pixels, which has no PNG.
    let written = encoder.write_image(image.as_raw(), image.width(), image.height(), ExtendedColorType::Rgb8);
    if written.is_err() {
        bytes.clear();
    }
    bytes
}

/// The picture as JPEG of good quality.
#[must_use]
pub fn jpeg(image: &RgbImage) -> Vec<u8> {
    let mut bytes = Vec::new();
    let encoder = image::codecs::jpeg::JpegEncoder::new_with_quality(Cursor::new(&mut bytes), 85);
    // Fails for pictures wider or higher than 65,535 pixels, which have no JPEG.
    let written = encoder.write_image(image.as_raw(), image.width(), image.height(), ExtendedColorType::Rgb8);
    if written.is_err() {
        bytes.clear();
    }
    bytes
}
