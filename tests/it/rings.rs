//! Seals' rings are found in their ink, and what is written inside them is read.

use heyan::{
    model::geometry::Rect,
    pipeline::{self, Tools},
    recognize::{ring, seal as seals},
};
use heyan_fixtures::{
    dice::Dice,
    scene::{Page, Style, colour, font::Face, font::Fonts, scan::Scan, seal},
};
use std::collections::BTreeMap;

use crate::recognize::engines;

const NAME: &str = "苏州虚构软件有限公司";

fn page() -> Page {
    let mut page = Page::new(Fonts::load().unwrap(), 400.0, 300.0);
    page.frame(20.0, 20.0, 360.0, 260.0, 1.0, colour::SEAL_RED);
    for line in 0..8 {
        page.text(
            50.0,
            60.0 + 24.0 * line as f32,
            Style::new(Face::Serif, 12.0),
            "自2022年1月起至2023年12月止",
        );
    }
    page
}

fn found(page: &Page, scan: Scan) -> Vec<Rect> {
    let scale = 72.0 / f64::from(scan.dpi);
    let ink = seals::lifted(&scan.take(page, &mut Dice::new(5)).unwrap()).ink;
    ring::rings(&ink).iter().map(|ring| ring.bounds().scaled(scale, scale)).collect()
}

fn is_near(bounds: &Rect, wanted: [f64; 4]) -> bool {
    let Rect { left, top, right, bottom } = *bounds;
    [left, top, right, bottom].iter().zip(wanted).all(|(side, wanted)| (side - wanted).abs() < 3.0)
}

#[test]
fn rings_are_found_where_seals_are_and_nowhere_else() {
    let mut round = page();
    seal::round(&mut round, 150.0, 150.0, 50.0, NAME, "合同专用章");
    let mut two = page();
    seal::round(&mut two, 130.0, 150.0, 50.0, NAME, "");
    seal::round(&mut two, 200.0, 180.0, 55.0, "昆山沐阳精密模具有限公司", "");
    let mut oval = page();
    seal::invoice(&mut oval, 200.0, 150.0, NAME, "91320507MA1KLMNP0K");
    let mut stamped = page();
    stamped.text(80.0, 150.0, Style::new(Face::Serif, 30.0).coloured(colour::SEAL_RED), "发票专用章");
    for dpi in [150, 200, 300] {
        let scan = Scan { dpi, skew: 0.0, grey: false, quality: 80, ..Scan::office(&mut Dice::new(3)) };
        assert_eq!(found(&page(), scan), [], "{dpi} dpi: a red frame");
        assert_eq!(found(&stamped, scan), [], "{dpi} dpi: red print");
        let one = found(&round, scan);
        assert!(one.len() == 1 && is_near(&one[0], [100.0, 100.0, 200.0, 200.0]), "{dpi} dpi: {one:?}");
        let both = found(&two, scan);
        let places = [[80.0, 100.0, 180.0, 200.0], [145.0, 125.0, 255.0, 235.0]];
        assert!(
            both.len() == 2 && both.iter().zip(places).all(|(ring, place)| is_near(ring, place)),
            "{dpi} dpi: {both:?}"
        );
        let one = found(&oval, scan);
        assert!(one.len() == 1 && is_near(&one[0], [148.0, 114.0, 252.0, 186.0]), "{dpi} dpi: {one:?}");
    }
}

#[test]
fn what_is_written_round_a_seal_is_read_and_stands_in_no_line() {
    let Some(engines) = engines() else { return };
    let tools = Tools::new(engines, 1).expect("tools");
    let mut sealed = page();
    seal::round(&mut sealed, 150.0, 150.0, 50.0, NAME, "");
    let scan = Scan { dpi: 200, skew: 0.0, grey: false, quality: 80, ..Scan::office(&mut Dice::new(3)) };
    let picture = scan.jpeg(&sealed, &mut Dice::new(5)).expect("a picture");
    let files = BTreeMap::from([("page.jpg".to_owned(), picture.into())]);
    let document = pipeline::open(&files, &tools, &|_| {}).into_iter().next().expect("a document");
    let page = &document.pages[0];
    let said: Vec<&str> = page.seals.iter().map(|word| word.text.as_str()).collect();
    assert_eq!(said, [NAME]);
    assert!(is_near(&page.seals[0].bounds, [100.0, 100.0, 200.0, 200.0]), "{:?}", page.seals[0].bounds);
    // Nor a scrap of it.
    assert!(page.words.iter().all(|word| !NAME.contains(&word.text)), "{:?}", page.words);
}

#[test]
fn grey_print_beside_a_grey_seal_is_read() {
    let Some(engines) = engines() else { return };
    let tools = Tools::new(engines, 1).expect("tools");
    let mut sealed = page();
    let grey = Style::new(Face::Sans, 20.0).coloured(colour::GREY);
    sealed.text(60.0, 265.0, grey, "项目投入专项审计报告");
    seal::round(&mut sealed, 300.0, 150.0, 50.0, NAME, "");
    let scan = Scan { dpi: 300, skew: 0.0, grey: true, quality: 90, ..Scan::office(&mut Dice::new(3)) };
    let picture = scan.jpeg(&sealed, &mut Dice::new(5)).expect("a picture");
    let files = BTreeMap::from([("page.jpg".to_owned(), picture.into())]);
    let document = pipeline::open(&files, &tools, &|_| {}).into_iter().next().expect("a document");
    let said: Vec<&str> = document.pages[0].words.iter().map(|word| word.text.as_str()).collect();
    assert!(said.contains(&"项目投入专项审计报告"), "{said:?}");
}
