//! QR codes in pictures: found however they lie, and carried to the document they stand on.

use std::{collections::BTreeMap, sync::Arc};

use heyan::{
    arrange, draw,
    model::{
        anchor::Anchor,
        document::Document,
        geometry::Rect,
        page::{Flaws, Origin, Page as Read, Word},
        payload::{Node, Payload},
        value::code,
    },
    pipeline::{self, Tools},
    recognize::symbols,
};
use heyan_fixtures::{
    dice::Dice,
    scene::{Page, font::Fonts, scan::Scan, seal},
};
use image::{RgbImage, imageops};

use super::{
    ofd::package,
    payload::{document, face, fact, only, papers, wire},
};

const SAYS: &str = "01,10,032002200111,12345678,100.00,20220805,12345678901234567890,F02C";
/// Where the code stands on the page, in points.
const PLACE: [f32; 3] = [120.0, 60.0, 57.0];

fn page() -> Page {
    let mut page = Page::new(Fonts::load().unwrap(), 400.0, 240.0);
    let [x, y, side] = PLACE;
    page.qr(x, y, side, SAYS).unwrap();
    page
}

fn scan() -> Scan {
    Scan { dpi: 200, skew: 0.0, quality: 80, ..Scan::office(&mut Dice::new(1)) }
}

fn taken(page: &Page, scan: Scan) -> RgbImage {
    scan.take(page, &mut Dice::new(2)).unwrap()
}

#[test]
fn a_code_is_found_however_it_lies() {
    let mut sealed = page();
    seal::round(&mut sealed, 130.0, 110.0, 50.0, "苏州虚构软件有限公司", "发票专用章");
    let upright = taken(&page(), scan());
    for (name, image) in [
        ("upright", upright.clone()),
        ("a quarter", imageops::rotate90(&upright)),
        ("a half", imageops::rotate180(&upright)),
        ("askew", taken(&page(), Scan { skew: 7.0, ..scan() })),
        ("blurred", imageops::blur(&upright, 1.4)),
        ("at 100 dpi", taken(&page(), Scan { dpi: 100, ..scan() })),
        ("at 600 dpi", taken(&page(), Scan { dpi: 600, ..scan() })),
        ("under a seal", taken(&sealed, scan())),
    ] {
        let found: Vec<String> = symbols(&image).into_iter().map(|one| one.text).collect();
        assert_eq!(found, [SAYS], "{name}");
    }
    let scale = 200.0 / 72.0;
    let [x, y, side] = PLACE.map(|number| f64::from(number) * scale);
    let wanted = Rect::new(x, y, x + side, y + side);
    let found = symbols(&upright)[0].bounds;
    let apart = [
        found.left - wanted.left,
        found.top - wanted.top,
        found.right - wanted.right,
        found.bottom - wanted.bottom,
    ];
    assert!(apart.iter().all(|apart| apart.abs() < 8.0), "{found:?} for {wanted:?}");
    assert!(symbols(&RgbImage::new(1, 1)).is_empty());
    assert!(symbols(&RgbImage::new(0, 0)).is_empty());
}

/// What the codes of a file say, with their places, read without any engine.
fn codes_of(name: &str, bytes: Vec<u8>) -> Vec<(String, u32, Rect)> {
    let files = BTreeMap::from([(name.to_owned(), Arc::from(bytes))]);
    let read = pipeline::open(&files, &Tools::new(Vec::new(), 1).unwrap(), &|_| {});
    let nodes = read.iter().flat_map(|document| &document.payloads).flat_map(|payload| &payload.nodes);
    nodes.map(|node| (node.text.clone(), node.places[0].0, node.places[0].1)).collect()
}

#[test]
fn codes_of_scans_and_of_pictures_on_pages_reach_the_document() {
    let [x, y, side] = PLACE.map(f64::from);
    let wanted = Rect::new(x, y, x + side, y + side);
    let scanned = scan().pdf(&[page(), page()], &mut Dice::new(3)).unwrap();
    let found = codes_of("a.pdf", scanned);
    assert_eq!(
        found.iter().map(|(text, page, _)| (text.as_str(), *page)).collect::<Vec<_>>(),
        [(SAYS, 1), (SAYS, 2)]
    );
    for (_, _, place) in &found {
        assert!(place.grown(4.0).holds(&wanted) && wanted.grown(4.0).holds(place), "{place:?}");
    }
    // The same picture as a file, and a page with nothing on it.
    assert_eq!(codes_of("a.png", draw::png(&taken(&page(), scan()))).len(), 1);
    let empty = Page::new(Fonts::load().unwrap(), 400.0, 240.0);
    assert_eq!(codes_of("a.png", draw::png(&taken(&empty, scan()))), []);
}

/// The invoice's page with a QR code on it that says this.
fn coded(net: &str, says: &str) -> Document {
    let mut read = document("a.ofd", package("", "", &face("12345678", net, 10, 2.0), &[]));
    let places = vec![(1, Rect::new(5.0, 5.0, 60.0, 60.0))];
    let node = Node { path: "Qr/Text".to_owned(), text: says.to_owned(), places };
    read.payloads.push(Payload { kind: "Qr".to_owned(), part: "page 1".to_owned(), nodes: vec![node] });
    read
}

#[test]
fn a_code_on_the_page_is_one_more_reading() {
    let body = "01,10,032002200111,12345678,100.00,20220805,12345678901234567890,";
    let checked = |covered: &str| format!("{body}{:04X}", code::crc16(covered.as_bytes()));
    let with_comma = checked(body);
    for says in [with_comma.clone(), format!("{with_comma},"), checked(body.trim_end_matches(','))] {
        let paper = only(&coded("100.00", &says));
        for (field, value) in [
            ("invoice_code", "032002200111"),
            ("invoice_number", "12345678"),
            ("net", "100.00"),
            ("issued_on", "2022-08-05"),
            ("check_code", "12345678901234567890"),
            ("invoice_kind", "e_general"),
        ] {
            let fact = fact(&paper, field);
            assert_eq!((wire(&paper.record, field).as_deref(), fact.problem), (Some(value), None), "{field}");
            assert_eq!(fact.evidence.readings[0].by, "qr", "{field}");
            assert!(matches!(fact.evidence.anchors[0], Anchor::Box { page: 1, .. }), "{field}");
        }
        assert!(paper.problems.iter().all(|problem| problem.code != "checksum-wrong"));
        assert!(fact(&paper, "net").evidence.readings.iter().any(|reading| reading.by == "text"));
    }

    // A face that was changed disagrees with its code, on a page with a text and on a scan.
    let mut altered = coded("900.00", &with_comma);
    for origin in
        [Origin::Printed, Origin::Recognized { engine: "ppocr", score: 1.0, flaws: Flaws::default() }]
    {
        altered.pages[0].words.iter_mut().for_each(|word| word.origin = origin);
        let paper = only(&altered);
        let net = fact(&paper, "net");
        assert_eq!(net.problem, Some("readings-differ"), "{origin:?}");
        assert!(net.evidence.confidence <= 0.5, "{origin:?}");
    }

    // Of a code whose checksum is wrong nothing is taken, and it is said.
    let wrong = only(&coded("100.00", &with_comma.replace(",100.00,", ",900.00,")));
    assert_eq!(wire(&wrong.record, "net").as_deref(), Some("100.00"));
    assert_eq!(fact(&wrong, "net").evidence.readings[0].by, "text");
    assert!(wrong.problems.iter().any(|problem| problem.code == "checksum-wrong"), "{:?}", wrong.problems);

    // Other codes say nothing of an invoice.
    for other in
        ["https://example.cn/?no=1", "01,10,,,,,,", "", "01,31,032002200111,12345678,1,20220805,,0000"]
    {
        let paper = only(&coded("100.00", other));
        assert_eq!(fact(&paper, "net").evidence.readings[0].by, "text", "{other}");
    }
}

#[test]
fn a_code_tells_what_a_page_is_that_says_nothing() {
    let body = "01,32,,24312000000136634917,633.00,20241118,,";
    let says = format!("{body}{:04X}", code::crc16(body.as_bytes()));
    let mut read = coded("100.00", &says);
    read.pages[0].words.clear();
    arrange::arrange(&mut read.pages[0]);
    let paper = only(&read);
    assert_eq!(paper.document_type, "vat_invoice");
    assert_eq!(wire(&paper.record, "gross").as_deref(), Some("633.00"));
    assert_eq!(wire(&paper.record, "invoice_kind").as_deref(), Some("digital_general"));
    assert!(paper.problems.iter().any(|problem| problem.code == "field-not-found"), "the rest is missing");
}

#[test]
fn a_code_names_its_own_page_and_no_other() {
    let body = "01,32,,24312000000136634917,633.00,20241118,,";
    let mut read = coded("100.00", &format!("{body}{:04X}", code::crc16(body.as_bytes())));
    let licence = "91320500MAYDGTXM70";
    let page = read.pages[0].clone();
    read.pages = (1..=3).map(|number| Read { number, words: Vec::new(), ..page.clone() }).collect();
    let rows = [
        "营业执照",
        "统一社会信用代码 91320500MAYDGTXM70",
        "名称 苏州虚构精密机械有限公司",
        "经营范围 软件开发",
        "成立日期 2016年10月27日",
    ];
    read.pages[2].words = (0..)
        .zip(rows)
        .map(|(row, text)| {
            let top = 20.0 + 30.0 * f64::from(row);
            let bounds = Rect::new(20.0, top, 20.0 + 12.0 * text.chars().count() as f64, top + 12.0);
            Word { text: text.to_owned(), bounds, edges: Vec::new(), origin: Origin::Printed }
        })
        .collect();
    read.pages.iter_mut().for_each(arrange::arrange);
    // The invoice's code stands on the second page, the licence's on the third.
    let mut second = read.payloads[0].clone();
    second.nodes[0].text = format!("http://www.gsxt.gov.cn/index.html?uniscid={licence}");
    second.nodes[0].places[0].0 = 3;
    read.payloads[0].nodes[0].places[0].0 = 2;
    read.payloads.push(second);
    let papers = papers(&read);
    let found: Vec<_> = papers.iter().map(|paper| (paper.document_type.as_str(), paper.pages)).collect();
    assert_eq!(found, [("other", (1, 1)), ("vat_invoice", (2, 2)), ("business_licence", (3, 3))]);
    for (paper, field, value) in [(&papers[1], "gross", "633.00"), (&papers[2], "uscc", licence)] {
        assert_eq!(wire(&paper.record, field).as_deref(), Some(value));
        assert_eq!(fact(paper, field).evidence.readings[0].by, "qr");
    }
}

#[test]
fn a_code_says_nothing_of_another_page() {
    let body = "01,10,032002200111,87654321,55.00,20220805,12345678901234567890,";
    let mut read = coded("100.00", &format!("{body}{:04X}", code::crc16(body.as_bytes())));
    let invoice = read.pages[0].clone();
    // A code pasted on a page that is a licence, behind the invoice of another number.
    let mut licence = Read { number: 2, words: Vec::new(), ..invoice.clone() };
    licence.words = ["营业执照", "统一社会信用代码 91320500MAYDGTXM70", "经营范围 软件开发"]
        .iter()
        .zip([20.0, 50.0, 80.0])
        .map(|(text, top)| {
            let bounds = Rect::new(20.0, top, 20.0 + 12.0 * text.chars().count() as f64, top + 12.0);
            Word { text: (*text).to_owned(), bounds, edges: Vec::new(), origin: Origin::Printed }
        })
        .collect();
    arrange::arrange(&mut licence);
    read.pages.push(licence);
    read.payloads[0].nodes[0].places[0].0 = 2;
    let found = papers(&read);
    assert_eq!(
        found.iter().map(|one| one.document_type.as_str()).collect::<Vec<_>>(),
        ["vat_invoice", "business_licence"]
    );
    assert_eq!(fact(&found[0], "invoice_number").evidence.readings[0].by, "text");

    // An unreadable page with a code is the invoice; a letter that names its number is none.
    let body = body.replace("87654321", "12345678");
    read.payloads[0].nodes[0].text = format!("{body}{:04X}", code::crc16(body.as_bytes()));
    let mut letter = Read { number: 1, ..invoice };
    letter.words.retain(|word| word.text.contains("12345678"));
    assert!(!letter.words.is_empty());
    arrange::arrange(&mut letter);
    let mut blank = Read { number: 2, words: Vec::new(), ..letter.clone() };
    arrange::arrange(&mut blank);
    read.pages = vec![letter, blank];
    let found = papers(&read);
    let types: Vec<_> = found.iter().map(|paper| (paper.document_type.as_str(), paper.pages)).collect();
    assert_eq!(types, [("other", (1, 1)), ("vat_invoice", (2, 2))]);
}
