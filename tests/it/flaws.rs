//! What makes recognised figures doubtful, on drawn pages whose words are known.

use heyan::{
    model::{
        geometry::Rect,
        page::{Flaws, Origin, Word},
    },
    recognize::{flaws, seal as seals},
};
use heyan_fixtures::{
    dice::Dice,
    scene::{
        Colour, Page, Style, colour,
        font::{Face, Fonts},
        scan::Scan,
        seal,
    },
};
use image::RgbImage;

const AMOUNT: &str = "82,797,832.05";
const STYLE: Style = Style::new(Face::Serif, 10.0);
/// Where the amount's line begins and its baseline, in points.
const AT: (f32, f32) = (150.0, 100.0);

/// A table with an amount in its middle cell.
fn page() -> Page {
    printed(AMOUNT)
}

fn printed(print: &str) -> Page {
    let mut page = Page::new(Fonts::load().unwrap(), 400.0, 200.0);
    for row in 0..5 {
        let top = 50.0 + 20.0 * row as f32;
        page.frame(40.0, top, 100.0, 20.0, 0.5, colour::BLACK);
        page.frame(140.0, top, 90.0, 20.0, 0.5, colour::BLACK);
        page.frame(230.0, top, 90.0, 20.0, 0.5, colour::BLACK);
    }
    page.text(AT.0, AT.1, STYLE, print);
    page
}

/// A text in a seal's ink in the middle cell.
fn stamped(print: &str, ink: Colour) -> Page {
    let mut page = printed("");
    page.text(AT.0, AT.1, STYLE.coloured(ink), print);
    page
}

/// A printed text from one of its characters on, as a word with the places that a recogniser would give.
fn word(page: &Page, print: &str, from: usize, left_out: Option<usize>, scale: f64) -> Word {
    let mut text = String::new();
    let mut places: Vec<(f64, f64)> = Vec::new();
    let mut x = f64::from(AT.0);
    for (at, letter) in print.chars().enumerate() {
        let width = f64::from(page.measure(STYLE, &letter.to_string()));
        if at >= from && Some(at) != left_out {
            text.push(letter);
            places.push((x, x + width));
        }
        x += width;
    }
    // Midway between the middles of neighbours.
    let middle = |(left, right): (f64, f64)| f64::midpoint(left, right);
    let mut edges = vec![places[0].0 * scale];
    edges.extend(places.windows(2).map(|pair| f64::midpoint(middle(pair[0]), middle(pair[1])) * scale));
    edges.push(x * scale);
    let (top, bottom) = (f64::from(AT.1) - 9.0, f64::from(AT.1) + 2.5);
    let bounds = Rect::new(edges[0], top * scale, x * scale, bottom * scale);
    let origin = Origin::Recognized { engine: "ppocr", score: 1.0, flaws: Flaws::default() };
    Word { text, bounds, edges, origin }
}

fn marked(page: &Page, scan: Scan, from: usize, left_out: Option<usize>) -> Flaws {
    marked_as(page, AMOUNT, scan, from, left_out)
}

fn marked_as(page: &Page, print: &str, scan: Scan, from: usize, left_out: Option<usize>) -> Flaws {
    let image = scan.take(page, &mut Dice::new(5)).unwrap();
    let mut words = [word(page, print, from, left_out, f64::from(scan.dpi) / 72.0)];
    flaws::mark(&seals::lifted(&image), &mut words);
    let Origin::Recognized { flaws, .. } = words[0].origin else { unreachable!("it stays recognised") };
    // 11.5 points are just less than 32 pixels at 200 dpi.
    assert_eq!(flaws.small, scan.dpi <= 200, "{} dpi", scan.dpi);
    Flaws { small: false, ..flaws }
}

#[test]
fn flaws_are_seen_and_only_where_they_are() {
    let mut sealed = page();
    // Its ring crosses the amount.
    seal::round(&mut sealed, 150.0, 140.0, 50.0, "苏州虚构软件有限公司", "");
    let mut beside = page();
    seal::round(&mut beside, 330.0, 100.0, 50.0, "苏州虚构软件有限公司", "");
    for dpi in [100, 150, 200, 300] {
        for skew in [0.0, 1.5] {
            let scan = Scan { dpi, skew, quality: 75, ..Scan::office(&mut Dice::new(3)) };
            // The words stand where a page that lies straight has them.
            let straight = Scan { skew: 0.0, ..scan };
            let grey = Scan { grey: true, ..straight };
            let said = format!("{dpi} dpi, {skew} degrees");
            assert_eq!(marked(&page(), scan, 0, None), Flaws::default(), "{said}: nothing lies on it");
            for plain in ["2022年12月31日", "¥1,234.00元", "第12号"] {
                let flaws = marked_as(&printed(plain), plain, straight, 0, None);
                assert_eq!(flaws, Flaws::default(), "{said}: {plain}");
            }
            assert_eq!(marked(&beside, scan, 0, None), Flaws::default(), "{said}: a seal in the next cell");
            let under = marked(&sealed, straight, 0, None);
            assert!(under.sealed && !under.of_seal, "{said}: print under a red seal");
            for (print, ink) in [("发票专用章", colour::SEAL_RED), ("9132050712", [150, 10, 16])] {
                let flaws = marked_as(&stamped(print, ink), print, straight, 0, None);
                assert!(flaws.of_seal, "{said}: {print} in a seal's ink");
            }
            let under = marked(&sealed, grey, 0, None);
            assert!(under.touched || under.sealed, "{said}: a seal in grey");
            assert!(marked(&page(), straight, 3, None).touched, "{said}: the first group was not read");
            assert!(marked(&page(), straight, 4, None).touched, "{said}: nor its comma's neighbour");
            assert!(marked(&page(), straight, 0, Some(5)).uneven, "{said}: a figure was overlooked");
        }
    }
}

/// How dark the pixels of a box in points are together, in pixels of full black.
fn darkness(image: &RgbImage, bounds: &Rect, dpi: u32) -> f64 {
    let scaled = bounds.scaled(f64::from(dpi) / 72.0, f64::from(dpi) / 72.0);
    let is_inside = |x: u32, y: u32| {
        scaled.holds(&Rect::new(f64::from(x), f64::from(y), f64::from(x) + 1.0, f64::from(y) + 1.0))
    };
    let dark = |(_, _, pixel): (u32, u32, &image::Rgb<u8>)| f64::from(255 - pixel.0[0]) / 255.0;
    image.enumerate_pixels().filter(|(x, y, _)| is_inside(*x, *y)).map(dark).sum()
}

#[test]
fn a_seal_is_lifted_from_a_grey_picture() {
    let mut sealed = page();
    // Its star lies on the amount, its ring on the white below.
    seal::round(&mut sealed, 180.0, 98.0, 55.0, "苏州虚构软件有限公司", "");
    let amount = Rect::new(150.0, 90.0, 215.0, 103.0);
    let foot = Rect::new(165.0, 151.0, 195.0, 154.0);
    for dpi in [200, 300] {
        let scan = Scan { dpi, skew: 0.0, grey: true, quality: 90, ..Scan::office(&mut Dice::new(3)) };
        let taken = |page: &Page| scan.take(page, &mut Dice::new(5)).unwrap();
        let bare = darkness(&taken(&page()), &amount, dpi);
        let image = taken(&sealed);
        let seals = seals::lifted(&image);
        let (before, after) = (darkness(&image, &amount, dpi), darkness(&seals.without, &amount, dpi));
        assert!(before > 1.5 * bare, "{dpi} dpi: {before} on {bare}");
        assert!((0.8..1.25).contains(&(after / bare)), "{dpi} dpi: {after} of {bare} is left");
        let (before, after) = (darkness(&image, &foot, dpi), darkness(&seals.without, &foot, dpi));
        assert!(after < 0.3 * before, "{dpi} dpi: {after} of {before} is left of the ring");
    }
}

#[test]
fn what_is_no_seal_stays_on_a_grey_picture() {
    // The head of a table with white print on grey, and a page on which all print has paled.
    let mut head = page();
    head.block(40.0, 20.0, 280.0, 22.0, colour::GREY);
    head.text(60.0, 35.0, STYLE.coloured(colour::WHITE), "不含税金额");
    let mut pale = Page::new(Fonts::load().unwrap(), 400.0, 200.0);
    for line in 0..6 {
        pale.text(40.0, 40.0 + 24.0 * line as f32, STYLE.sized(16.0).coloured(colour::GREY), AMOUNT);
    }
    for (said, page) in [("a ground", head), ("pale print", pale)] {
        for dpi in [100, 200, 300] {
            let scan = Scan { dpi, skew: 0.0, grey: true, quality: 90, ..Scan::office(&mut Dice::new(3)) };
            let image = scan.take(&page, &mut Dice::new(5)).unwrap();
            let seals = seals::lifted(&image);
            assert!(seals.without == image, "{said} at {dpi} dpi");
            assert!(!seals.ink.pixels.contains(&true), "{said} at {dpi} dpi");
        }
    }
}
