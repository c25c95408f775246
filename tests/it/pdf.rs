//! PDF: what a page shows is read where it stands, and files inside come out once.

use std::{path::Path, sync::Arc};

use heyan::{
    draw::{self, DrawError, Drawer},
    model::{
        document::{Document, Format},
        geometry::{Rect, Turn},
        limits::Limits,
        page::Page,
    },
    read,
};

use super::formats::{pdf, pdf_of};

pub(super) fn document(bytes: impl AsRef<[u8]>) -> Document {
    read::read("a.pdf", Arc::from(bytes.as_ref()), &Limits::default())
}

pub(super) fn fixture(name: &str) -> Vec<u8> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/formats/pdf").join(name);
    std::fs::read(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

pub(super) fn codes(document: &Document) -> Vec<&'static str> {
    document.problems.iter().map(|problem| problem.code).collect()
}

pub(super) fn texts(page: &Page) -> Vec<&str> {
    page.words.iter().map(|word| word.text.as_str()).collect()
}

/// A page with `content`, with more in its dictionary and in its resources, and more objects from number 6.
pub(super) fn page_with(content: &str, page: &str, resources: &str, more: &[&str]) -> Vec<u8> {
    let mut objects = vec![
        "<</Type/Catalog/Pages 2 0 R>>".to_owned(),
        "<</Type/Pages/Kids[3 0 R]/Count 1>>".to_owned(),
        format!("<</Type/Page/Parent 2 0 R/Contents 4 0 R/Resources<</Font<</F 5 0 R>>{resources}>>{page}>>"),
        format!("<</Length {}>>stream\n{content}\nendstream", content.len()),
        "<</Type/Font/Subtype/Type1/BaseFont/Helvetica>>".to_owned(),
    ];
    objects.extend(more.iter().map(|object| (*object).to_owned()));
    pdf_of(&objects)
}

pub(super) const SHEET: &str = "/MediaBox[0 0 400 300]";

#[test]
fn narrow_print_keeps_its_double_letters() {
    for content in
        ["BT /F 20 Tf 60 Tz 100 100 Td (Hill 1111) Tj ET", "BT /F 20 Tf 25 Tz 100 100 Td (Hill 1111) Tj ET"]
    {
        let read = document(pdf(content));
        assert_eq!(texts(&read.pages[0]).concat(), "Hill1111", "{content}");
    }
    let bold = "BT /F 20 Tf 100 100 Td (Hill 1111) Tj 0.4 0 Td (Hill 1111) Tj ET";
    assert_eq!(texts(&document(pdf(bold)).pages[0]), ["Hill", "1111"], "drawn twice, a hair apart");
}

#[test]
fn boxes_lie_where_a_page_is_drawn() {
    let content = "BT /F 20 Tf 1 0 0 1 150 140 Tm (Word) Tj ET";
    let rotated = |angle: i32| format!("{SHEET}/Rotate {angle}");
    let table = [
        ("as it is", SHEET.to_owned(), (400.0, 300.0)),
        ("turned by 90", rotated(90), (300.0, 400.0)),
        ("turned by 180", rotated(180), (400.0, 300.0)),
        ("turned by 270", rotated(270), (300.0, 400.0)),
        ("an origin elsewhere", "/MediaBox[-50 20 350 320]".to_owned(), (400.0, 300.0)),
        ("cropped", format!("{SHEET}/CropBox[100 100 300 200]"), (200.0, 100.0)),
        ("cropped and turned", format!("{SHEET}/CropBox[100 100 300 200]/Rotate 270"), (100.0, 200.0)),
        ("in larger units", format!("{SHEET}/UserUnit 2"), (800.0, 600.0)),
    ];
    for (what, page, (width, height)) in table {
        let read = document(page_with(content, &page, "", &[]));
        let page = &read.pages[0];
        assert_eq!((texts(page), page.size.width, page.size.height), (vec!["Word"], width, height), "{what}");
        let mut image = draw::page(&read.bytes, read.format, 1, page.turn, 72.0).expect("a page");
        assert!((f64::from(image.width()) - width).abs() < 2.0, "{what}: {}", image.width());
        let bounds = page.words[0].bounds;
        let dark = |image: &image::RgbImage| image.pixels().filter(|pixel| pixel.0[0] < 128).count();
        let (all, inside) = (dark(&image), dark(&draw::crop(&image, page.size, &bounds, 1.0)));
        assert!(all > 20 && all == inside, "{what}: {inside} of {all} dark pixels lie in {bounds:?}");
        draw::only(&mut image, page.size, &[bounds, bounds.grown(3.0), bounds], 1.0);
        assert_eq!(dark(&image), all, "{what}");
        draw::only(&mut image, page.size, &[], 1.0);
        assert_eq!(dark(&image), 0, "{what}");
    }
}

#[test]
fn drawing_keeps_to_the_limits_it_is_given() {
    let bytes = pdf("BT /F 20 Tf 100 100 Td (Word) Tj ET");
    let drawn = |pixels: u64| {
        let limits = Limits { pixels, ..Limits::default() };
        Drawer::open(bytes.as_ref(), Format::Pdf, &limits).and_then(|file| file.page(1, Turn::None, 72.0))
    };
    assert!(drawn(1_000_000).is_ok());
    assert!(matches!(drawn(10_000), Err(DrawError::TooLarge { allowed: 10_000, .. })));
}

#[test]
fn what_begins_as_a_picture_is_one() {
    let mut picture = b"\xff\xd8\xff\xfe\x00\x40".to_vec();
    picture.extend(pdf("BT /F 20 Tf 100 100 Td (Word) Tj ET").as_ref() as &[u8]);
    assert_eq!(read::format(&picture), Format::Jpeg);
    assert_eq!(read::format(b"junk before it\n%PDF-1.4\n"), Format::Pdf);
}

#[test]
fn a_signature_is_no_later_change() {
    let signed = document(fixture("signed-with-rsa.pdf"));
    assert!(signed.properties.remarks.is_empty(), "{:?}", signed.properties.remarks);
}

#[test]
fn sideways_text_on_an_upright_page_is_words() {
    let content = "BT /F 12 Tf 1 0 0 1 40 250 Tm (an upright page of words) Tj 0 1 -1 0 30 50 Tm (upwards) Tj \
                   0 -1 1 0 380 150 Tm (downwards) Tj ET";
    let read = document(pdf(content));
    let page = &read.pages[0];
    assert_eq!(
        (texts(page), page.turn),
        (vec!["an", "upright", "page", "of", "words", "upwards", "downwards"], Turn::None)
    );
    for word in &page.words[5..] {
        assert!(word.bounds.height() > 2.0 * word.bounds.width(), "{word:?}");
        assert!(word.edges.len() == word.text.chars().count() + 1 && word.edges.is_sorted());
    }
}

#[test]
fn values_of_forms_are_read_where_a_viewer_shows_them() {
    let field = |value: &str, more: &str| {
        format!("<</Type/Annot/Subtype/Widget/FT/Tx/Rect[100 200 300 220]/DA(/F 12 Tf)/V({value}){more}>>")
    };
    let table = [
        ("a value without an appearance", field("3847.25", ""), vec!["3847.25"]),
        ("a hidden field", field("3847.25", "/F 2"), vec![]),
        ("a password", field("secret", "/Ff 8192"), vec![]),
        ("one character a cell", field("12345", "/Ff 16777216/MaxLen 10"), vec!["12345"]),
        (
            "a note on the page",
            "<</Type/Annot/Subtype/FreeText/Rect[100 200 300 220]/DA(/F 12 Tf)/Contents(see page 2)>>"
                .to_owned(),
            vec!["see", "page", "2"],
        ),
        (
            "a comment beside the page",
            "<</Type/Annot/Subtype/Text/Rect[100 200 300 220]/Contents(a comment)>>".to_owned(),
            vec![],
        ),
    ];
    for (what, annotation, words) in table {
        let read = document(page_with("0 0 1 1 re f", &format!("{SHEET}/Annots[6 0 R]"), "", &[&annotation]));
        let page = &read.pages[0];
        assert_eq!(texts(page), words, "{what}");
        let place = Rect::new(100.0, 80.0, 300.0, 100.0);
        assert!(
            page.words.iter().all(|word| place.grown(0.1).holds(&word.bounds)),
            "{what}: {:?}",
            page.words
        );
    }
}

#[test]
fn a_value_that_is_cut_short_is_said() {
    let note = "<</Type/Annot/Subtype/FreeText/Rect[100 200 300 220]/DA(/F 12 Tf)/Contents(3847.25)>>";
    let bytes = page_with("0 0 1 1 re f", &format!("{SHEET}/Annots[6 0 R]"), "", &[note]);
    let codes_with = |glyphs: usize| {
        let limits = Limits { glyphs, ..Limits::default() };
        let read = read::read("a.pdf", Arc::from(bytes.as_slice()), &limits);
        read.problems.iter().map(|problem| problem.code).collect::<Vec<_>>()
    };
    assert_eq!((codes_with(7), codes_with(6)), (vec![], vec!["too-many-words"]));
}

#[test]
fn forms_that_show_something_else_than_their_value_say_so() {
    let differs = &["form-value-differs"][..];
    for (what, shown, value, kind, said) in [
        ("another amount", "3847.25", "9999.00", "Tx", differs),
        ("an amount that ends alike", "3800.00", "800.00", "Tx", differs),
        ("another sign", "-3847.25", "3847.25", "Tx", differs),
        ("another place of the point", "1,250.00 USD", "125000 USD", "Tx", differs),
        ("another share", "1.5%", "15%", "Tx", differs),
        ("another day of the same digits", "2023-1-11", "2023-11-1", "Tx", differs),
        ("another word", "Shanghai", "Nanjing", "Tx", differs),
        ("a number that goes on", "No. 12345", "2345", "Tx", differs),
        ("the same with its currency", "CNY 1,250.00", "1250 RMB", "Tx", &[]),
        ("the same share", "12%", "0.12", "Tx", &[]),
        ("the same amount and unit", "1,250.00 USD", "1250 USD", "Tx", &[]),
        ("as much as there is room for", "Nanjing Yun", "Nanjing Yunhe Software", "Tx", &[]),
        ("what is to be filled in", "____", "3847.25", "Tx", &[]),
        ("the same amount with groups", "13,847.25", "13847.250", "Tx", &[]),
        ("the same day with other marks", "2023/6/15", "2023-6-15", "Tx", &[]),
        ("the same with a unit behind", "3847.25 yuan", "3847.25", "Tx", &[]),
        ("the name of a choice", "Nanjing", "320100", "Ch", &[]),
        ("a value that is not drawn as text", "", "3847.25", "Tx", &[]),
    ] {
        let field = format!(
            "<</Type/Annot/Subtype/Widget/FT/{kind}/Rect[100 200 300 220]/V({value})/AP<</N 7 0 R>>>>"
        );
        let look = format!("BT /F 12 Tf 2 5 Td ({shown}) Tj ET");
        let look = format!(
            "<</Subtype/Form/BBox[0 0 200 20]/Resources<</Font<</F 5 0 R>>>>/Length {}>>stream\n{look}\nendstream",
            look.len()
        );
        let read =
            document(page_with("0 0 1 1 re f", &format!("{SHEET}/Annots[6 0 R]"), "", &[&field, &look]));
        assert_eq!(texts(&read.pages[0]).join(" "), shown, "{what}: what the page shows counts");
        assert_eq!(codes(&read), said, "{what}");
    }
}

#[test]
fn files_inside_come_out_once_each() {
    let table = "a,b\n1,2\n";
    let stream = format!(
        "<</Type/EmbeddedFile/Params<</Size {0}>>/Length {0}>>stream\n{table}\nendstream",
        table.len()
    );
    let objects = [
        "<</Type/Catalog/Pages 2 0 R/AF[5 0 R]/Names<</EmbeddedFiles<</Names[(one)5 0 R(two)7 0 R]>>>>>>"
            .to_owned(),
        "<</Type/Pages/Kids[3 0 R]/Count 1>>".to_owned(),
        format!(
            "<</Type/Page/Parent 2 0 R{SHEET}/Contents 4 0 R/Resources<<>>/Annots[<</Type/Annot/Subtype/FileAttachment/Rect[0 0 9 9]/FS<</Type/Filespec/F(third.csv)/EF<</F 9 0 R>>>>>>]>>"
        ),
        "<</Length 16>>stream\n50 50 100 100 re f\nendstream".to_owned(),
        "<</Type/Filespec/F(x)/UF<FEFF8D265355002E006300730076>/EF<</F 6 0 R/UF 6 0 R>>>>".to_owned(),
        stream.clone(),
        "<</Type/Filespec/F(../up/second.csv)/EF<</F 8 0 R>>>>".to_owned(),
        stream.clone(),
        stream,
        "<</Type/Filespec/F(gone.csv)/EF<<>>>>".to_owned(),
    ];
    let read = document(pdf_of(&objects));
    let parts: Vec<(&str, Format)> =
        read.parts.iter().map(|part| (part.name.as_str(), part.format)).collect();
    let csv = Format::Csv;
    assert_eq!(parts, [("a.pdf/账单.csv", csv), ("a.pdf/second.csv", csv), ("a.pdf/third.csv", csv)]);
    assert_eq!(read.parts[0].sheets[0].rows.len(), 2);
    assert_eq!(codes(&read), ["attachment-missing"]);

    let shallow = Limits { archive_depth: 0, ..Limits::default() };
    let kept = read::read("a.pdf", pdf_of(&objects).into(), &shallow);
    assert!(codes(&kept).contains(&"archive-too-deep") && kept.parts.is_empty());
    let small = Limits { archive_bytes: 4, ..Limits::default() };
    let kept = read::read("a.pdf", pdf_of(&objects).into(), &small);
    assert!(codes(&kept).contains(&"attachment-unreadable") && kept.parts.is_empty());
}

#[test]
fn encrypted_files_open_with_the_empty_password() {
    for kind in ["rc4-40", "rc4-128", "aes-128", "aes-256-r5", "aes-256-r6"] {
        let read = document(fixture(&format!("encrypted-{kind}.pdf")));
        assert_eq!((texts(&read.pages[0]), codes(&read)), (vec!["Total", "3847.25"], vec![]), "{kind}");
        assert_eq!(read.properties.producer.as_deref(), Some("drawn"), "{kind}");
        assert!(draw::page(&read.bytes, read.format, 1, Turn::None, 72.0).is_ok(), "{kind}");
    }
    let locked = document(fixture("encrypted-with-a-password.pdf"));
    assert_eq!((codes(&locked), locked.pages.len()), (vec!["pdf-encrypted"], 0));
}

#[test]
fn a_file_that_says_nothing_says_so() {
    let page = |catalog: &str, content: &str| {
        pdf_of(&[
            format!("<</Type/Catalog/Pages 2 0 R{catalog}>>"),
            "<</Type/Pages/Kids[3 0 R]/Count 1>>".to_owned(),
            format!("<</Type/Page/Parent 2 0 R{SHEET}/Contents 4 0 R/Resources<</Font<</F 5 0 R>>>>>>"),
            content.to_owned(),
            "<</Type/Font/Subtype/Type1/BaseFont/Helvetica>>".to_owned(),
        ])
    };
    let wait = "BT /F 12 Tf 9 9 Td (Please wait) Tj ET";
    let wait = format!("<</Length {}>>stream\n{wait}\nendstream", wait.len());
    let empty = "<</Length 0>>stream\n\nendstream";
    let broken = "<</Filter/FlateDecode/Length 5>>stream\nxxxxx\nendstream";
    let table = [
        ("blank", "", empty, "pdf-blank"),
        ("damaged", "", broken, "page-unreadable"),
        ("a dynamic form", "/AcroForm<</XFA[]/Fields[]>>", &wait, "pdf-xfa-form"),
        ("a portfolio", "/Collection<<>>", &wait, "pdf-portfolio"),
    ];
    for (what, catalog, content, code) in table {
        assert_eq!(codes(&document(page(catalog, content))), [code], "{what}");
    }
}
