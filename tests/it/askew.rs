//! Pages that were scanned askew or photographed from the side: laid flat to be read, and said where they lie.

use std::collections::BTreeMap;

use heyan::{
    model::{
        anchor::Anchor,
        document::Document,
        geometry::{Homography, Rect},
        page::{Origin, Word},
        warp::{Bend, Onto, Warp},
    },
    pipeline::{self, Tools},
    recognize::ppocr::{askew::askew, quad::Quad},
};
use heyan_fixtures::{
    dice::Dice,
    documents::pictures::{self, Taken},
    scene::{
        Page, Style,
        font::{Face, Fonts},
        photo::Photo,
        scan::Scan,
    },
};
use image::{Rgb, RgbImage};
use proptest::prelude::*;

use crate::recognize::engines;

/// What a line says, and where it begins, in points.
struct Said {
    text: String,
    at: (f32, f32),
}

/// A page with a line of figures every inch, and where each stands, in points.
fn lines() -> (Page, Vec<Said>) {
    let mut page = Page::a4(Fonts::load().expect("the fonts"));
    let style = Style::new(Face::Sans, 14.0);
    let said: Vec<Said> = (0_u8..10)
        .map(|at| {
            let text = format!("金额 {}{}", u64::from(at) * 7_913 + 1_204_356, ".50 元 合计人民币");
            let (x, y) = (70.0 + 12.0 * f32::from(at), 72.0 * f32::from(at + 1));
            page.text(x, y, style, &text);
            Said { text: text.split(' ').nth(1).expect("the amount").to_owned(), at: (x, y) }
        })
        .collect();
    (page, said)
}

fn read(name: &str, bytes: Vec<u8>) -> Option<Document> {
    let tools = Tools::new(engines()?, 1).expect("tools");
    let files = BTreeMap::from([(name.to_owned(), bytes.into())]);
    pipeline::open(&files, &tools, &|_| {}).into_iter().next()
}

/// The word that holds a text.
fn word<'d>(document: &'d Document, text: &str) -> &'d Word {
    let words = || document.pages.iter().flat_map(|page| &page.words);
    let all: Vec<&str> = words().map(|word| word.text.as_str()).collect();
    words().find(|word| word.text.contains(text)).unwrap_or_else(|| panic!("{text} is not in {all:?}"))
}

#[test]
fn a_photograph_from_the_side_is_read_and_boxes_stand_where_it_lies() {
    let (page, said) = lines();
    for (from_side, roll) in [((24.0, 0.0), 0.0), ((-14.0, 22.0), 3.0), ((20.0, -20.0), -4.0)] {
        let dice = &mut Dice::new(3);
        let photo = Photo { from_side, roll, shadow: 0.4, ..Photo::of_a_desk(dice) };
        let Some(document) = read("page.jpg", photo.jpeg(&page, dice).expect("a picture")) else { return };
        for Said { text, at: (x, y) } in &said {
            let found = word(&document, text);
            // The amount begins two characters and a space behind the line's left end.
            let middle = photo.place(&page, (x + 72.0, y - 5.0));
            let (across, down) = (found.bounds.center_x(), found.bounds.center_y());
            let off = (across - f64::from(middle.0)).abs().max((down - f64::from(middle.1)).abs());
            assert!(
                off < 110.0 && (down - f64::from(middle.1)).abs() < 25.0,
                "{text} {from_side:?}: {found:?}, not {middle:?}"
            );
        }
    }
}

#[test]
fn facts_of_a_photograph_stand_where_it_lies() {
    let Some(engines) = engines() else { return };
    let fonts = Fonts::load().expect("the fonts");
    let drawn = pictures::draw(4, Taken::Photo, &mut Dice::new(5), fonts).expect("a picture");
    let tools = Tools::new(engines, 1).expect("tools");
    let files = BTreeMap::from([("licence.jpg".to_owned(), drawn.bytes.into())]);
    let understood = pipeline::understand(&files, &tools, &|_| {});
    let code = drawn.truth["fields"]["uscc"].as_str().expect("a code");
    let fact = &understood.papers[0].record.fields["uscc"];
    assert_eq!(understood.papers[0].record.text("uscc"), Some(code));
    // All that was read in the picture is as sure as the table says.
    let mut of_the_table = 0;
    understood.papers[0].record.for_each("", &mut |path, fact| {
        if let Some(sure) = tools.confidence.of(fact) {
            assert!(sure == fact.evidence.confidence, "{path}: {fact:?}");
            of_the_table += 1;
        }
    });
    assert!(of_the_table >= 5, "{of_the_table} values were read in the picture");
    let placed = word(&understood.documents[0], code);
    let place = fact.evidence.anchors.iter().find_map(|anchor| match anchor {
        Anchor::Box { bounds, .. } if placed.bounds.grown(2.0).holds(bounds) => Some(bounds),
        _ => None,
    });
    assert!(place.is_some(), "{:?} is not at {:?}", fact.evidence.anchors, placed.bounds);
    let page = &understood.documents[0].pages[0];
    assert!(page.flat.is_none() && page.size.width > 2000.0, "a page as it lies: {:?}", page.size);
}

#[test]
fn a_page_scanned_askew_is_read_and_boxes_stand_where_it_lies() {
    let (page, said) = lines();
    let dice = &mut Dice::new(4);
    let scan = Scan { skew: 4.0, dpi: 144, ..Scan::office(dice) };
    let Some(document) = read("page.jpg", scan.jpeg(&page, dice).expect("a picture")) else { return };
    let (sin, cos) = 4.0_f64.to_radians().sin_cos();
    for Said { text, at: (x, y) } in &said {
        let found = word(&document, text);
        let (dx, dy) = (f64::from(*x) + 72.0 - 297.5, f64::from(*y) - 5.0 - 421.0);
        let (across, down) = (dx * cos - dy * sin + 297.5, dx * sin + dy * cos + 421.0);
        assert!((found.bounds.center_y() - down).abs() < 8.0, "{text}: {found:?}, not {across} {down}");
        assert!((found.bounds.center_x() - across).abs() < 45.0, "{text}: {found:?}, not {across} {down}");
    }
}

/// Level lines of a page as they are seen, and the picture they stand in.
fn seen(through: Homography) -> (RgbImage, Vec<Quad>) {
    let through = Warp { seen: through, bend: Bend::default() };
    let lines = (0_u8..12).map(|at| {
        let (left, top) = (100.0 + 10.0 * f64::from(at), 60.0 + 70.0 * f64::from(at));
        Quad::level(&Rect::new(left, top, left + 620.0, top + 24.0)).mapped(&through)
    });
    (RgbImage::from_pixel(900, 900, Rgb([255; 3])), lines.collect())
}

proptest! {
    #[test]
    fn lines_are_level_on_the_flat_page(slope in -0.2_f64..0.2, change in -0.2_f64..0.2) {
        let about_the_middle = |map: Homography| {
            Homography::scaling((1.0 / 450.0, 1.0 / 450.0), (-1.0, -1.0))
                .then(&map)
                .then(&Homography::scaling((450.0, 450.0), (450.0, 450.0)))
        };
        let through =
            about_the_middle(Homography([[1.0, -slope, 0.0], [slope, 1.0, 0.0], [change, 0.0, 1.0]]));
        let (image, lines) = seen(through);
        let Some(found) = askew(&image, &lines) else {
            prop_assert!(slope.abs() < 0.004 && change.abs() < 0.03, "nothing was found");
            return Ok(());
        };
        prop_assert!((change.abs() - 0.02).abs() < 0.004 || found.rigid == (change.abs() < 0.02));
        let back = found.flat.onto.back().expect("a map back");
        for line in &lines {
            let [a, b, ..] = line.mapped(&back).corners;
            prop_assert!((b.1 - a.1).abs() < 0.03 * (b.0 - a.0).abs(), "{a:?} {b:?}");
        }
    }

    #[test]
    fn lines_of_a_bent_page_are_level_on_the_flat_one(
        square in -0.12_f64..0.12, cube in -0.06_f64..0.06, slope in -0.05_f64..0.05,
    ) {
        let bend = Bend { middle: 450.0, reach: 450.0, fall: [450.0 * square, 450.0 * cube] };
        let through = Warp { seen: Homography([[1.0, -slope, 0.0], [slope, 1.0, 0.0], [0.0, 0.0, 1.0]]), bend };
        let words: Vec<Vec<Quad>> = (0_u8..10).map(|row| {
            let word = |at: u8| {
                let (left, top) = (60.0 + 195.0 * f64::from(at), 60.0 + 80.0 * f64::from(row));
                Quad::level(&Rect::new(left, top, left + 150.0, top + 20.0)).mapped(&through)
            };
            (0..4).map(word).collect()
        }).collect();
        let image = RgbImage::from_pixel(900, 900, Rgb([255; 3]));
        // How far the words of a row are apart, and how far they slope.
        let uneven = |rows: &[Vec<Quad>]| {
            let middles = |row: &Vec<Quad>| row.iter().map(|word| word.at(0.5, 0.5).1).collect::<Vec<_>>();
            let apart = |row: &Vec<Quad>| {
                let all = middles(row);
                all.iter().copied().fold(f32::MIN, f32::max) - all.iter().copied().fold(f32::MAX, f32::min)
            };
            rows.iter().map(apart).fold(0.0, f32::max)
        };
        let Some(found) = askew(&image, &words.concat()) else {
            prop_assert!(uneven(&words) < 20.0, "nothing was found of {}", uneven(&words));
            return Ok(());
        };
        let back = found.flat.onto.back().expect("a map back");
        let flat: Vec<Vec<Quad>> =
            words.iter().map(|row| row.iter().map(|word| word.mapped(&back)).collect()).collect();
        prop_assert!(uneven(&flat) < 12.0_f32.max(0.1 * uneven(&words)), "{} of {}", uneven(&flat), uneven(&words));
        // And back again, in other units as well.
        let scaled = found.flat.onto.rescaled((0.5, 0.25), (2.0, 3.0));
        let (x, y) = found.flat.onto.point((200.0, 300.0));
        let (u, v) = scaled.point((100.0, 75.0));
        prop_assert!((u - 2.0 * x).abs() < 1e-6 && (v - 3.0 * y).abs() < 1e-6);
        let (u, v) = back.point((x, y));
        prop_assert!((u - 200.0).abs() < 1e-6 && (v - 300.0).abs() < 1e-6);
    }

    #[test]
    fn a_projection_is_undone_by_its_inverse(
        parts in prop::array::uniform8(-0.4_f64..0.4), x in -1.0_f64..1.0, y in -1.0_f64..1.0,
    ) {
        let [a, b, c, d, e, f, g, h] = parts;
        let map = Homography([[1.0 + a, b, c], [d, 1.0 + e, f], [g, h, 1.0]]);
        let (there, factor) = (map.point((x, y)), g * x + h * y + 1.0);
        prop_assume!(factor > 0.1);
        if let Some(back) = map.inverse() {
            let (u, v) = back.point(there);
            let close = |a: f64, b: f64| (a - b).abs() < 1e-6 * (1.0 + there.0.abs() + there.1.abs()).powi(2);
            prop_assert!(close(u, x) && close(v, y), "{u} {v}");
            let (u, v) = map.then(&back).point((x, y));
            prop_assert!(close(u, x) && close(v, y), "{u} {v}");
        }
    }
}

/// A line of text about a place, at a slope.
fn sloped(place: (f32, f32), slope: f32) -> Quad {
    let (x, y) = place;
    let (across, down) = (90.0, 90.0 * slope);
    let corners = [
        (x - across, y - down - 8.0),
        (x + across, y + down - 8.0),
        (x + across, y + down + 8.0),
        (x - across, y - down + 8.0),
    ];
    Quad { corners, score: 1.0 }
}

#[test]
fn lines_that_do_not_agree_lay_nothing_flat() {
    let image = RgbImage::from_pixel(900, 900, Rgb([255; 3]));
    let at = |at: u8| (150.0 + 60.0 * f32::from(at % 4), 100.0 + 50.0 * f32::from(at));
    // One slanted line says nothing of the page, nor do watermarks across it.
    assert!(askew(&image, &[sloped((400.0, 400.0), 0.2)]).is_none());
    let watermarks: Vec<Quad> = (0..14).map(|n| sloped(at(n), 0.6)).collect();
    assert!(askew(&image, &watermarks).is_none());
    let mixed: Vec<Quad> =
        (0..14).map(|n| sloped(at(n), [0.3, -0.2, 0.1, -0.05, 0.2][usize::from(n % 5)])).collect();
    assert!(askew(&image, &mixed).is_none());
    // Short lines close together waver, and that is no view from the side.
    let wavering: Vec<Quad> = (0_u8..8)
        .map(|n| sloped((300.0 + 20.0 * f32::from(n), 400.0 + f32::from(n)), 0.01 * f32::from(n % 2)))
        .collect();
    assert!(askew(&image, &wavering).is_none_or(|found| found.rigid));
    // A long strip would grow to many times its size.
    let strip = RgbImage::from_pixel(9000, 300, Rgb([255; 3]));
    let lines: Vec<Quad> = (0_u8..8).map(|n| sloped((500.0 + 1000.0 * f32::from(n), 150.0), 0.3)).collect();
    assert!(askew(&strip, &lines).is_none());
}

#[test]
fn what_says_nothing_is_left_as_it_lies() {
    let image = RgbImage::from_pixel(300, 200, Rgb([255; 3]));
    assert!(askew(&image, &[]).is_none());
    let level = Quad::level(&Rect::new(10.0, 10.0, 200.0, 30.0));
    assert!(askew(&image, &[level; 5]).is_none());
    // Marks as long as they are high have no direction.
    let mark = Quad { corners: [(10.0, 10.0), (28.0, 14.0), (24.0, 32.0), (6.0, 28.0)], score: 1.0 };
    assert!(askew(&image, &[mark; 9]).is_none());
    let word = Word {
        text: "字".to_owned(),
        bounds: Rect::new(1.0, 2.0, 3.0, 4.0),
        edges: vec![1.0, 3.0],
        origin: Origin::Printed,
    };
    let mut page = heyan::model::page::Page { words: vec![word], ..Default::default() };
    let seen = Homography::scaling((2.0, 3.0), (10.0, 20.0));
    page.map(&Warp { seen, bend: Bend::default() });
    assert_eq!(page.words[0].bounds, Rect::new(12.0, 26.0, 16.0, 32.0));
    assert_eq!(page.words[0].edges, [12.0, 16.0]);
}
