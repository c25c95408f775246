//! Pictures: every variant shows the pattern that was put into it, the right way up.

use std::sync::Arc;

use heyan::{
    draw::{self, DrawError},
    model::{
        document::{Document, Format},
        geometry::{Rect, Size, Turn},
        limits::Limits,
    },
    read,
};
use image::{Rgb, RgbImage};

use crate::archives::fixture;

const WIDTH: u32 = 61;
const HEIGHT: u32 = 47;

/// What stands in the fixtures; `scripts/make_pictures.py` draws the same.
#[derive(Clone, Copy, Debug)]
enum Pattern {
    BlackAndWhite,
    Grey,
    Colour,
    Flat,
    Alpha,
    Holes,
}

impl Pattern {
    fn at(self, x: u32, y: u32) -> [u8; 3] {
        let byte = |value: u32| u8::try_from(value).unwrap();
        match self {
            Self::BlackAndWhite if (2 * x < 3 * y) != (x % 7 < 2) => [0; 3],
            Self::BlackAndWhite => [255; 3],
            Self::Grey => [byte(4 * x); 3],
            Self::Colour => [byte(4 * x), byte(5 * y), byte(255 - 2 * (x + y))],
            Self::Holes if x < 32 => [255; 3],
            Self::Flat | Self::Holes if x < 32 => [200, 40, 40],
            Self::Flat | Self::Holes if y < 24 => [40, 40, 200],
            Self::Flat | Self::Holes => [40, 180, 40],
            Self::Alpha if x < 20 => [255; 3],
            // Half of a white ground shines through.
            Self::Alpha if x < 40 => [227, 147, 147],
            Self::Alpha => [200, 40, 40],
        }
    }

    fn image(self) -> RgbImage {
        RgbImage::from_fn(WIDTH, HEIGHT, |x, y| Rgb(self.at(x, y)))
    }
}

fn document(name: &str, bytes: &[u8]) -> Document {
    read::read(name, Arc::from(bytes), &Limits::default())
}

fn codes(document: &Document) -> Vec<&str> {
    document.problems.iter().map(|problem| problem.code).collect()
}

/// How far the drawn page is from a pattern, at the worst pixel. Pixels beside an edge, of the
/// pattern or the picture, are left out where the packing loses something.
fn distance(drawn: &RgbImage, wanted: &RgbImage, lossy: bool) -> u8 {
    assert_eq!(drawn.dimensions(), wanted.dimensions());
    let edge = |x: u32, y: u32| (24..40).contains(&x) || x >= 48 || (16..32).contains(&y) || y >= 40;
    let near = |x: u32, y: u32| lossy && edge(x, y);
    let pixels = drawn.enumerate_pixels().filter(|(x, y, _)| !near(*x, *y));
    pixels
        .flat_map(|(x, y, pixel)| {
            let other = wanted.get_pixel(x, y).0;
            pixel.0.into_iter().zip(other).map(|(a, b)| a.abs_diff(b))
        })
        .max()
        .unwrap_or(0)
}

#[test]
fn every_variant_shows_its_pattern() {
    use Pattern::{Alpha, BlackAndWhite, Colour, Flat, Grey, Holes};
    let table: &[(&str, Format, Pattern, u8)] = &[
        ("tiff/g3.tiff", Format::Tiff, BlackAndWhite, 0),
        ("tiff/g3-2d.tiff", Format::Tiff, BlackAndWhite, 0),
        ("tiff/g3-fill.tiff", Format::Tiff, BlackAndWhite, 0),
        ("tiff/g4.tiff", Format::Tiff, BlackAndWhite, 0),
        ("tiff/g4-strips.tiff", Format::Tiff, BlackAndWhite, 0),
        ("tiff/g4-fill-order.tiff", Format::Tiff, BlackAndWhite, 0),
        ("tiff/g4-white.tiff", Format::Tiff, BlackAndWhite, 0),
        ("tiff/huffman.tiff", Format::Tiff, BlackAndWhite, 0),
        ("tiff/bw-packbits.tiff", Format::Tiff, BlackAndWhite, 0),
        ("tiff/grey-lzw.tiff", Format::Tiff, Grey, 0),
        ("tiff/grey-deflate.tiff", Format::Tiff, Grey, 0),
        // Sixteen levels of grey, 17 apart.
        ("tiff/grey-4-bit.tiff", Format::Tiff, Grey, 17),
        ("tiff/plain.tiff", Format::Tiff, Colour, 0),
        ("tiff/lzw-predicted.tiff", Format::Tiff, Colour, 0),
        ("tiff/deflate.tiff", Format::Tiff, Colour, 0),
        ("tiff/packbits.tiff", Format::Tiff, Colour, 0),
        ("tiff/tiled.tiff", Format::Tiff, Colour, 0),
        ("tiff/planar.tiff", Format::Tiff, Colour, 0),
        ("tiff/big-endian.tiff", Format::Tiff, Colour, 0),
        ("tiff/bigtiff.tiff", Format::Tiff, Colour, 0),
        ("tiff/deep.tiff", Format::Tiff, Colour, 0),
        ("tiff/palette.tiff", Format::Tiff, Flat, 0),
        ("tiff/cmyk.tiff", Format::Tiff, Flat, 2),
        ("tiff/alpha.tiff", Format::Tiff, Alpha, 1),
        ("tiff/jpeg.tiff", Format::Tiff, Flat, 6),
        ("tiff/jpeg-tiled.tiff", Format::Tiff, Flat, 6),
        ("jpeg/plain.jpg", Format::Jpeg, Flat, 6),
        ("jpeg/subsampled.jpg", Format::Jpeg, Flat, 6),
        ("jpeg/progressive.jpg", Format::Jpeg, Flat, 6),
        ("jpeg/grey.jpg", Format::Jpeg, Grey, 6),
        ("jpeg/cmyk-adobe.jpg", Format::Jpeg, Flat, 6),
        ("jpeg/cmyk-bare.jpg", Format::Jpeg, Flat, 6),
        ("jpeg/ycck.jpg", Format::Jpeg, Flat, 6),
        ("png/deep.png", Format::Png, Colour, 0),
        ("png/interlaced.png", Format::Png, Colour, 0),
        ("png/alpha.png", Format::Png, Alpha, 1),
        ("png/palette.png", Format::Png, Flat, 0),
        ("png/palette-holes.png", Format::Png, Holes, 0),
        ("png/1-bit.png", Format::Png, BlackAndWhite, 0),
        ("bmp/plain.bmp", Format::Bmp, Colour, 0),
        ("bmp/palette.bmp", Format::Bmp, Flat, 0),
        ("bmp/1-bit.bmp", Format::Bmp, BlackAndWhite, 0),
        ("bmp/packed.bmp", Format::Bmp, Flat, 0),
        ("gif/plain.gif", Format::Gif, Flat, 0),
        ("gif/interlaced.gif", Format::Gif, Flat, 0),
        ("webp/lossless.webp", Format::Webp, Colour, 0),
        ("webp/plain.webp", Format::Webp, Flat, 12),
        ("webp/alpha.webp", Format::Webp, Alpha, 1),
        ("webp/turned.webp", Format::Webp, Colour, 0),
        ("heic/plain.heic", Format::Heic, Flat, 8),
    ];
    let mut wrong = Vec::new();
    for (name, format, pattern, allowed) in table {
        let read = document(name, &fixture(name));
        if read.format != *format || !read.problems.is_empty() || read.pages.len() != 1 {
            wrong.push(format!("{name}: {:?}, {} pages, {:?}", read.format, read.pages.len(), codes(&read)));
            continue;
        }
        match draw::page(&read.bytes, read.format, 1, read.pages[0].turn, 0.0) {
            Ok(drawn) => {
                let lossy = name.contains("jp") || name.contains("webp/plain") || name.contains("heic");
                let found = distance(&drawn, &pattern.image(), lossy);
                if found > *allowed {
                    wrong.push(format!("{name}: {found} levels beside {pattern:?}"));
                }
            }
            Err(error) => wrong.push(format!("{name}: {error}")),
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn pages_and_sizes_are_told_without_decoding() {
    let read = document("a.tiff", &fixture("tiff/pages.tiff"));
    assert_eq!((codes(&read), read.pages.len()), (vec![], 3));
    let wanted = [Pattern::BlackAndWhite, Pattern::Grey, Pattern::Colour];
    for (page, pattern) in read.pages.iter().zip(wanted) {
        let drawn = draw::page(&read.bytes, read.format, page.number, page.turn, 0.0).unwrap();
        assert_eq!(distance(&drawn, &pattern.image(), false), 0, "page {}", page.number);
    }
    let size = |name: &str| {
        let page = document(name, &fixture(name)).pages.remove(0);
        (page.size, page.dpi, page.assumed_dpi)
    };
    let points =
        |dpi: f64| Size { width: f64::from(WIDTH) * 72.0 / dpi, height: f64::from(HEIGHT) * 72.0 / dpi };
    assert_eq!(size("tiff/jpeg.tiff"), (points(150.0), 150.0, false));
    assert_eq!(size("bmp/plain.bmp"), (points(200.0), 200.0, false));
    assert_eq!(size("webp/plain.webp"), (points(72.0), 72.0, true));
    assert_eq!(size("webp/turned.webp").0, points(72.0), "the upright page");
    assert_eq!(size("gif/plain.gif"), (points(72.0), 72.0, true));
}

#[test]
fn what_is_not_shown_is_said() {
    for (name, code, pages) in [
        ("gif/animated.gif", "picture-animated", 1),
        ("webp/animated.webp", "picture-animated", 1),
        ("jpeg/12-bit.jpg", "picture-variant", 0),
        ("jpeg/arithmetic.jpg", "picture-variant", 0),
        ("tiff/old-jpeg.tiff", "picture-variant", 0),
    ] {
        let read = document(name, &fixture(name));
        assert_eq!((codes(&read), read.pages.len()), (vec![code], pages), "{name}");
    }
    for name in ["gif/animated.gif", "webp/animated.webp"] {
        let read = document(name, &fixture(name));
        let drawn = draw::page(&read.bytes, read.format, 1, Turn::None, 0.0).unwrap();
        assert_eq!(distance(&drawn, &Pattern::Flat.image(), false), 0, "{name}: the first frame");
    }
    let formats = [
        "tiff/plain.tiff",
        "tiff/bigtiff.tiff",
        "jpeg/plain.jpg",
        "png/deep.png",
        "bmp/plain.bmp",
        "gif/plain.gif",
        "webp/plain.webp",
    ];
    for name in formats {
        let whole = fixture(name);
        let cut = document(name, &whole[..whole.len() - 14]);
        let said = codes(&cut);
        let is_said = said.contains(&"picture-incomplete") || said.contains(&"picture-unreadable");
        assert!(is_said, "{name}: {said:?}");
    }
    let mut tiff = fixture("tiff/plain.tiff");
    let at = tiff.windows(4).position(|entry| entry == [0x11, 0x01, 0x04, 0x00]).expect("StripOffsets");
    tiff[at + 8..at + 12].copy_from_slice(&60_000_u32.to_le_bytes());
    let read = document("a.tiff", &tiff);
    assert!(codes(&read).contains(&"picture-incomplete"), "{:?}", codes(&read));
    let error = draw::page(&read.bytes, read.format, 1, Turn::None, 0.0);
    assert!(matches!(error, Err(DrawError::Undecoded { .. })), "{error:?}");
}

/// An Exif segment that says an orientation.
fn exif(orientation: u8) -> Vec<u8> {
    let mut tiff = b"MM\0*\0\0\0\x08\0\x01\x01\x12\0\x03\0\0\0\x01\0".to_vec();
    tiff.extend([orientation, 0, 0, 0, 0, 0, 0]);
    let mut segment = b"\xff\xe1".to_vec();
    segment.extend((tiff.len() as u16 + 8).to_be_bytes());
    segment.extend(b"Exif\0\0");
    segment.extend(tiff);
    segment
}

#[test]
fn all_eight_orientations_stand_upright() {
    use image::imageops::{flip_horizontal, flip_vertical, rotate90, rotate180, rotate270};
    let upright = Pattern::Colour.image();
    // What a camera stores so that a viewer who follows the orientation sees the upright picture.
    let stored: [RgbImage; 8] = [
        upright.clone(),
        flip_horizontal(&upright),
        rotate180(&upright),
        flip_vertical(&upright),
        rotate90(&flip_vertical(&upright)),
        rotate270(&upright),
        rotate90(&flip_horizontal(&upright)),
        rotate90(&upright),
    ];
    for (orientation, image) in (1..).zip(&stored) {
        let mut png = draw::png(image);
        let tiff = &exif(orientation)[10..];
        // Behind the header chunk, of 33 bytes with the mark; nobody looks at the check sum of Exif.
        let mut chunk = (tiff.len() as u32).to_be_bytes().to_vec();
        chunk.extend(b"eXIf");
        chunk.extend(tiff);
        chunk.extend([0; 4]);
        png.splice(33..33, chunk);
        let jpeg = draw::jpeg(image);
        let jpeg = [&jpeg[..2], &exif(orientation), &jpeg[2..]].concat();
        for (bytes, allowed) in [(png, 0), (jpeg, 40)] {
            let read = document("a", &bytes);
            let page = &read.pages[0];
            assert_eq!(page.size, Size { width: 61.0, height: 47.0 }, "{orientation}");
            let drawn = draw::page(&bytes, read.format, 1, page.turn, 0.0).unwrap();
            let found = distance(&drawn, &upright, false);
            assert!(found <= allowed, "{orientation} {:?}: {found} levels", read.format);
        }
    }
}

#[test]
fn size_is_bounded_before_decoding() {
    let limits = Limits { pixels: 1_000, ..Limits::default() };
    for name in [
        "tiff/g4.tiff",
        "jpeg/plain.jpg",
        "png/deep.png",
        "bmp/plain.bmp",
        "gif/plain.gif",
        "webp/alpha.webp",
    ] {
        let read = read::read(name, Arc::from(fixture(name)), &limits);
        assert_eq!((codes(&read), read.pages.len()), (vec!["picture-too-large"], 0), "{name}");
    }
    // A header that claims more than the drawer gives memory for.
    let mut bmp = fixture("bmp/plain.bmp");
    bmp[18..22].copy_from_slice(&60_000_u32.to_le_bytes());
    bmp[22..26].copy_from_slice(&60_000_u32.to_le_bytes());
    let error = draw::page(&bmp, Format::Bmp, 1, Turn::None, 0.0);
    assert!(matches!(error, Err(DrawError::TooLarge { .. })), "{error:?}");
}

#[test]
fn boxes_are_kept_or_wiped_and_nothing_else_is() {
    let page = Size { width: 20.0, height: 10.0 };
    let boxes = [Rect::new(2.0, 2.0, 6.0, 6.0), Rect::new(4.0, 4.0, 8.0, 8.0)];
    let inside = |x: u32, y: u32| {
        let at = |bounds: &Rect| {
            bounds.holds(&Rect::new(f64::from(x), f64::from(y), f64::from(x) + 1.0, f64::from(y) + 1.0))
        };
        boxes.iter().any(at)
    };
    let ink = Rgb([10, 20, 30]);
    let (mut kept, mut wiped) = (RgbImage::from_pixel(20, 10, ink), RgbImage::from_pixel(20, 10, ink));
    draw::only(&mut kept, page, &boxes, 0.0);
    draw::without(&mut wiped, page, &boxes, 0.0);
    for (x, y, pixel) in kept.enumerate_pixels() {
        assert_eq!(*pixel == ink, inside(x, y), "kept at {x}, {y}");
        assert_eq!(*wiped.get_pixel(x, y) == ink, !inside(x, y), "wiped at {x}, {y}");
    }
    let mut grown = RgbImage::from_pixel(20, 10, ink);
    draw::without(&mut grown, page, &boxes[..1], 1.0);
    assert_eq!(grown.pixels().filter(|pixel| **pixel != ink).count(), 36, "one point on every side");
}
