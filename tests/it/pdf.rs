//! PDF: what a page shows is read where it stands, what nobody sees is said and left, what cannot be
//! believed is read as a picture, and files inside come out once.

use std::{path::Path, sync::Arc};

use heyan::{
    draw,
    model::{
        document::{Document, Format},
        geometry::{Rect, Turn},
        limits::Limits,
        page::{Concealment, Origin, Page, TextLayer, Word},
    },
    pipeline::{self, Tools},
    read,
    recognize::{Recognition, replay::Replay},
};

use super::formats::{pdf, pdf_of};

fn document(bytes: impl AsRef<[u8]>) -> Document {
    read::read("a.pdf", Arc::from(bytes.as_ref()), &Limits::default())
}

fn fixture(name: &str) -> Vec<u8> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/formats/pdf").join(name);
    std::fs::read(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

fn codes(document: &Document) -> Vec<&'static str> {
    document.problems.iter().map(|problem| problem.code).collect()
}

fn texts(page: &Page) -> Vec<&str> {
    page.words.iter().map(|word| word.text.as_str()).collect()
}

/// What is tried, the content of the page, the words that are seen, and those that are not.
type Hidden<'a> = (&'a str, String, &'a str, &'a [(&'a str, Concealment)]);

fn hidden(page: &Page) -> Vec<(&str, Concealment)> {
    page.hidden.iter().map(|word| (word.text.as_str(), word.concealment)).collect()
}

/// A page with `content`, with more in its dictionary and in its resources, and more objects from number 6.
fn page_with(content: &str, page: &str, resources: &str, more: &[&str]) -> Vec<u8> {
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

const SHEET: &str = "/MediaBox[0 0 400 300]";

#[test]
fn what_nobody_sees_is_said_and_never_read() {
    let at = |text: &str| format!("BT /F 20 Tf 1 0 0 1 100 100 Tm {text} ET");
    let table: &[Hidden] = &[
        ("invisible", at("(seen) Tj 3 Tr (hidden) Tj"), "seen", &[("hidden", Concealment::Invisible)]),
        ("white on white", at("(seen) Tj 1 g (hidden) Tj"), "seen", &[("hidden", Concealment::GroundColour)]),
        ("nearly white", at("(seen) Tj .98 g (hidden) Tj"), "seen", &[("hidden", Concealment::GroundColour)]),
        (
            "blue on blue",
            format!(
                "{} 0 0 1 rg 90 90 300 40 re f {}",
                "BT /F 20 Tf 1 0 0 1 9 9 Tm (seen) Tj ET",
                at("(hidden) Tj")
            ),
            "seen",
            &[("hidden", Concealment::GroundColour)],
        ),
        (
            "covered by white",
            format!("{} 1 g 140 90 200 40 re f", at("(seen) Tj (hidden) Tj")),
            "seen",
            &[("hidden", Concealment::Covered)],
        ),
        (
            "beside the page",
            at("(seen) Tj 1 0 0 1 -500 100 Tm (hidden) Tj"),
            "seen",
            &[("hidden", Concealment::OffPage)],
        ),
        (
            "clipped away",
            format!("q 0 0 50 50 re W n {} Q {}", at("(hidden) Tj"), "BT /F 20 Tf 9 9 Td (seen) Tj ET"),
            "seen",
            &[("hidden", Concealment::OffPage)],
        ),
        (
            "under a thick white line",
            format!("{} 1 G 40 w 140 110 m 340 110 l S", at("(seen) Tj (hidden) Tj")),
            "seen",
            &[("hidden", Concealment::Covered)],
        ),
        ("a speck", at("(seen) Tj /F .5 Tf (hidden) Tj"), "seen", &[("hidden", Concealment::Invisible)]),
        (
            "between the parts of a clip",
            format!(
                "q 0 0 5 5 re 390 290 5 5 re W n {} Q {}",
                at("(hidden) Tj"),
                "BT /F 20 Tf 9 9 Td (seen) Tj ET"
            ),
            "seen",
            &[("hidden", Concealment::OffPage)],
        ),
        (
            "a clip through which only white is seen",
            format!(
                "{} q BT /F 20 Tf 100 100 Td 7 Tr (hidden) Tj ET 1 g 90 90 200 40 re f Q",
                "BT /F 20 Tf 9 9 Td (seen) Tj ET"
            ),
            "seen",
            &[("hidden", Concealment::GroundColour)],
        ),
        (
            "a clip through which nothing is painted there",
            format!(
                "{} q BT /F 20 Tf 100 100 Td 7 Tr (hidden) Tj ET 0 g 300 250 50 40 re f Q",
                "BT /F 20 Tf 9 9 Td (seen) Tj ET"
            ),
            "seen",
            &[("hidden", Concealment::Invisible)],
        ),
    ];
    for (what, content, seen, unseen) in table {
        let read = document(pdf(content));
        let page = &read.pages[0];
        assert_eq!(texts(page).concat(), *seen, "{what}");
        assert_eq!(hidden(page), *unseen, "{what}");
        assert_eq!(codes(&read), ["hidden-text"], "{what}");
        assert_eq!(read.problems[0].page, Some(1), "{what}");
    }
    for (opacity, how) in [(".0", Concealment::Invisible), (".035", Concealment::Invisible)] {
        let state = format!("/ExtGState<</G<</ca {opacity}>>>>");
        let read = document(page_with(&at("(seen) Tj /G gs (hidden) Tj"), SHEET, &state, &[]));
        assert_eq!(hidden(&read.pages[0]), [("hidden", how)], "as opaque as {opacity}");
        assert_eq!(texts(&read.pages[0]), ["seen"]);
    }
    let grey = page_with(&at("(seen) Tj /G gs .9 g (hidden) Tj"), SHEET, "/ExtGState<</G<</ca .3>>>>", &[]);
    assert_eq!(hidden(&document(grey).pages[0]), [("hidden", Concealment::GroundColour)], "grey and thin");
    let cover = format!("{} /G gs 1 g 140 90 200 40 re f", at("(seen) Tj (hidden) Tj"));
    let cover = page_with(&cover, SHEET, "/ExtGState<</G<</ca .98>>>>", &[]);
    assert_eq!(hidden(&document(cover).pages[0]), [("hidden", Concealment::Covered)], "nearly all covered");
}

#[test]
fn what_may_be_hidden_is_read_as_a_picture() {
    let at = |text: &str| format!("BT /F 20 Tf 1 0 0 1 100 100 Tm {text} ET");
    let picture = "<</Subtype/Image/Width 1/Height 1/BitsPerComponent 8/ColorSpace/DeviceGray/Length 1>>stream\nX\nendstream";
    let table = [
        ("white on a picture", format!("q 150 0 0 40 270 90 cm /I Do Q {}", at("(seen-and-believed) Tj 1 g (unsure) Tj"))),
        ("white, multiplied", at("(seen-and-believed) Tj /M gs 1 g (unsure) Tj")),
        ("black, lightening", at("(seen-and-believed) Tj /L gs (unsure) Tj")),
    ];
    for (what, content) in table {
        let resources = "/XObject<</I 6 0 R>>/ExtGState<</M<</BM/Multiply>>/L<</BM/Screen>>>>";
        let read = document(page_with(&content, SHEET, resources, &[picture]));
        let page = &read.pages[0];
        assert_eq!((texts(page), page.layer), (vec!["seen-and-believed"], TextLayer::Trusted), "{what}");
        assert_eq!(page.doubtful.len(), 1, "{what}");
    }
}

#[test]
fn hidden_text_turns_no_page() {
    let seen = "BT /F 12 Tf 40 250 Td (an upright page of words) Tj ET";
    let unseen =
        "BT /F 12 Tf 1 g 0 1 -1 0 30 20 Tm (much more text that runs up the page and is white) Tj ET";
    let read = document(pdf(&format!("{seen} {unseen}")));
    assert_eq!(
        (texts(&read.pages[0]).concat().as_str(), read.pages[0].turn),
        ("anuprightpageofwords", Turn::None)
    );
}

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

/// A white page through a clip along its edges, made of so many pieces.
fn frame(pieces: usize) -> String {
    let saw = |from: f64, to: f64| -> String {
        let step = |at: usize| {
            2.0 + 396.0 * f64::from(u32::try_from(at).unwrap_or(0))
                / f64::from(u32::try_from(pieces).unwrap_or(1))
        };
        (0..=pieces).map(|at| format!("{} {} l ", step(at), if at % 2 == 0 { from } else { to })).collect()
    };
    format!(
        "q 2 2 m {} 398 20 l 2 20 l h 2 280 m {} 398 298 l 2 298 l h W n 1 g 0 0 400 300 re f Q",
        saw(2.0, 4.0),
        saw(280.0, 282.0)
    )
}

#[test]
fn what_is_seen_is_not_called_hidden() {
    let at = |text: &str| format!("BT /F 20 Tf 1 0 0 1 100 100 Tm {text} ET");
    let table: &[(&str, String, &str)] = &[
        ("white on black", format!("90 90 200 40 re f 1 g {}", at("(word) Tj")), ""),
        ("black over white", format!("1 g 90 90 200 40 re f 0 g {}", at("(word) Tj")), ""),
        ("white halo below", at("1 g (word) Tj 0 g 1 0 0 1 100.5 100.5 Tm (word) Tj"), ""),
        ("filled white, outlined black", at("1 g 0 G 2 Tr (word) Tj"), ""),
        ("a frame round it", format!("{} 90 90 200 40 re S", at("(word) Tj")), ""),
        ("a cover beside it", format!("{} 1 g 10 90 80 40 re f", at("(word) Tj")), ""),
        ("half covered", format!("{} 1 g 90 110 200 40 re f", at("(word) Tj")), ""),
        (
            "a veil over it",
            format!("{} /G gs 1 g 90 90 200 40 re f", at("(word) Tj")),
            "/ExtGState<</G<</ca .5>>>>",
        ),
        (
            "a marker over it",
            format!("{} /G gs 1 1 0 rg 90 90 200 40 re f", at("(word) Tj")),
            "/ExtGState<</G<</BM/Multiply>>>>",
        ),
        ("drawn as a clip", "q BT /F 20 Tf 100 100 Td 7 Tr (word) Tj ET 90 90 200 40 re f Q".to_owned(), ""),
        ("white on a thick line", format!("40 w 90 110 m 290 110 l S 1 g {}", at("(word) Tj")), ""),
        ("a thick line beside it", format!("{} 1 G 40 w 10 110 m 80 110 l S", at("(word) Tj")), ""),
        (
            "a cover through a clip of three corners",
            format!("{} q 0 0 m 400 0 l 400 90 l h W n 1 g 0 0 400 300 re f Q", at("(word) Tj")),
            "",
        ),
        ("a cover through a clip of many pieces", format!("{} {}", at("(word) Tj"), frame(300)), ""),
        (
            "a long word drawn as a clip",
            "q BT /F 20 Tf 100 100 Td 7 Tr (w) Tj (o) Tj (r) Tj (d) Tj ET 0 0 400 300 re f Q".to_owned(),
            "",
        ),
        (
            "a cover held off by a clip",
            format!("{} q 0 0 50 50 re W n 1 g 0 0 400 300 re f Q", at("(word) Tj")),
            "",
        ),
    ];
    for (what, content, resources) in table {
        let read = document(page_with(content, SHEET, resources, &[]));
        assert_eq!(texts(&read.pages[0]), ["word"], "{what}: {:?}", hidden(&read.pages[0]));
        assert_eq!(codes(&read), Vec::<&str>::new(), "{what}");
    }
}

#[test]
fn an_invisible_layer_under_a_scan_is_usual() {
    let picture = "<</Subtype/Image/Width 1/Height 1/BitsPerComponent 8/ColorSpace/DeviceGray/Length 1>>stream\nX\nendstream";
    let words = "BT /F 20 Tf 100 100 Td 3 Tr (recognised by a scanner) Tj ET";
    for (what, content) in [
        ("invisible", format!("q 400 0 0 300 0 0 cm /I Do Q {words}")),
        (
            "under the picture",
            "BT /F 20 Tf 100 100 Td (recognised by a scanner) Tj ET q 400 0 0 300 0 0 cm /I Do Q".to_owned(),
        ),
    ] {
        let read = document(page_with(&content, SHEET, "/XObject<</I 6 0 R>>", &[picture]));
        assert_eq!(codes(&read), ["invisible-layer"], "{what}");
        assert_eq!((texts(&read.pages[0]), read.pages[0].layer), (vec![], TextLayer::None), "{what}");
        assert_eq!(read.pages[0].hidden.len(), 4, "{what}");
    }
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
        draw::only(&mut image, page.size, &[bounds], 1.0);
        assert_eq!(dark(&image), all, "{what}");
        draw::only(&mut image, page.size, &[], 1.0);
        assert_eq!(dark(&image), 0, "{what}");
    }
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

/// A page whose font is a composite one that is not in the file.
fn composite(encoding: &str, ordering: &str, hex: &str) -> Vec<u8> {
    let content = format!("BT /C 20 Tf 100 200 Td <{hex}> Tj ET");
    let font =
        format!("<</Type/Font/Subtype/Type0/BaseFont/SimSun/Encoding/{encoding}/DescendantFonts[6 0 R]>>");
    let inner = format!(
        "<</Type/Font/Subtype/CIDFontType2/BaseFont/SimSun/CIDSystemInfo<</Registry(Adobe)/Ordering({ordering})/Supplement 2>>/DW 1000/FontDescriptor 7 0 R>>"
    );
    pdf_of(&[
        "<</Type/Catalog/Pages 2 0 R>>".to_owned(),
        "<</Type/Pages/Kids[3 0 R]/Count 1>>".to_owned(),
        format!("<</Type/Page/Parent 2 0 R{SHEET}/Contents 4 0 R/Resources<</Font<</C 5 0 R>>>>>>"),
        format!("<</Length {}>>stream\n{content}\nendstream", content.len()),
        font,
        inner,
        "<</Type/FontDescriptor/FontName/SimSun/Flags 6/FontBBox[0 -140 1000 860]/ItalicAngle 0/Ascent 860/Descent -140/StemV 80>>".to_owned(),
    ])
}

#[test]
fn chinese_fonts_that_are_not_in_the_file_are_read_by_their_encoding() {
    for (encoding, hex) in [
        ("GBK-EUC-H", "BDF0B6EE"),
        ("GB-EUC-H", "BDF0B6EE"),
        ("GBKp-EUC-H", "BDF0B6EE"),
        ("UniGB-UCS2-H", "91D1989D"),
        ("UniGB-UTF16-H", "91D1989D"),
    ] {
        let read = document(composite(encoding, "GB1", hex));
        assert_eq!((texts(&read.pages[0]), codes(&read)), (vec!["金额"], vec![]), "{encoding}");
        assert_eq!(read.pages[0].layer, TextLayer::Trusted, "{encoding}");
    }
}

/// A page with text in a font that is not in the file: its name and what else its dictionary says,
/// and what its table of characters says.
fn named_only(font: &str, hex: &str, table: &str) -> Document {
    let content = format!("BT /C 20 Tf 100 200 Td <{hex}> Tj ET");
    let inner = "<</Type/Font/Subtype/CIDFontType2/BaseFont/SimSun/CIDSystemInfo<</Registry(Adobe)/Ordering(GB1)/Supplement 2>>/DW 1000>>";
    let table = format!("1 begincodespacerange <0000> <FFFF> endcodespacerange {table}");
    document(pdf_of(&[
        "<</Type/Catalog/Pages 2 0 R>>".to_owned(),
        "<</Type/Pages/Kids[3 0 R]/Count 1>>".to_owned(),
        format!("<</Type/Page/Parent 2 0 R{SHEET}/Contents 4 0 R/Resources<</Font<</C 5 0 R>>>>>>"),
        format!("<</Length {}>>stream\n{content}\nendstream", content.len()),
        format!("<</Type/Font/Subtype/Type0/BaseFont{font}/DescendantFonts[6 0 R]>>"),
        inner.to_owned(),
        format!("<</Length {}>>stream\n{table}\nendstream", table.len()),
    ]))
}

#[test]
fn a_font_that_is_not_in_the_file_is_not_read_two_ways() {
    let unicode = "/SimSun/Encoding/UniGB-UCS2-H/ToUnicode 7 0 R";
    let same = named_only(unicode, "0031", "1 beginbfchar <0031> <0031> endbfchar");
    assert_eq!((texts(&same.pages[0]), codes(&same)), (vec!["1"], vec![]));
    let marks = named_only(unicode, "2014", "1 beginbfchar <2014> <2015> endbfchar");
    assert_eq!(texts(&marks.pages[0]), ["\u{2015}"], "dashes have many forms");
    let other = named_only(unicode, "0031", "1 beginbfchar <0031> <0039> endbfchar");
    assert_eq!((texts(&other.pages[0]), codes(&other)), (vec![], vec!["font-not-embedded"]));
    // The numbers of its own glyphs say nothing of those of a font that stands in.
    let numbers = named_only("/ArialMT/Encoding/Identity-H", "00140015", "");
    assert!(
        texts(&numbers.pages[0]).is_empty() || codes(&numbers).is_empty(),
        "{:?}",
        texts(&numbers.pages[0])
    );
    assert!(
        !texts(&numbers.pages[0]).concat().contains(|c: char| c.is_ascii_alphanumeric())
            || codes(&numbers).is_empty()
    );
}

#[test]
fn fonts_of_one_name_may_have_codes_of_their_own() {
    let content = "BT /A 20 Tf 100 200 Td <91D1989D> Tj /B 20 Tf 0 -30 Td <BDF0B6EE> Tj ET";
    let inner = "<</Type/Font/Subtype/CIDFontType2/BaseFont/SimSun/CIDSystemInfo<</Registry(Adobe)/Ordering(GB1)/Supplement 2>>/DW 1000>>";
    let font = |encoding: &str| {
        format!("<</Type/Font/Subtype/Type0/BaseFont/SimSun/Encoding/{encoding}/DescendantFonts[6 0 R]>>")
    };
    let read = document(pdf_of(&[
        "<</Type/Catalog/Pages 2 0 R>>".to_owned(),
        "<</Type/Pages/Kids[3 0 R]/Count 1>>".to_owned(),
        format!("<</Type/Page/Parent 2 0 R{SHEET}/Contents 4 0 R/Resources<</Font<</A 5 0 R/B 7 0 R>>>>>>"),
        format!("<</Length {}>>stream\n{content}\nendstream", content.len()),
        font("UniGB-UCS2-H"),
        inner.to_owned(),
        font("GBK-EUC-H"),
    ]));
    assert_eq!(texts(&read.pages[0]), ["金额", "金额"]);
}

#[test]
fn glyphs_that_a_file_draws_itself_are_looked_at() {
    let stroke = "300 0 100 700 re f";
    let table: &[(&str, &str, &str, &str)] = &[
        ("a stroke with a flag said to be one", "300 0 120 700 re 150 540 150 90 re f", "0031", "1"),
        ("a stroke said to be a letter l", stroke, "006C", "l"),
        ("a stroke said to be nine", stroke, "0039", ""),
        ("a stroke said to be ten", stroke, "00310030", ""),
        ("a stroke said to be a space", stroke, "0020", ""),
        ("nothing said to be nine", "", "0039", ""),
        ("a square said to be an ideograph", "0 0 800 800 re f", "9898", ""),
    ];
    for (what, procedure, said, text) in table {
        let procedure = format!("1000 0 0 0 1000 1000 d1 {procedure}");
        let table = format!(
            "1 begincodespacerange <00> <FF> endcodespacerange 1 beginbfchar <61> <{said}> endbfchar"
        );
        let content = "BT /F 12 Tf 40 250 Td (a page of words and more) Tj /T 20 Tf 100 -100 Td (a) Tj ET";
        let read = document(pdf_of(&[
            "<</Type/Catalog/Pages 2 0 R>>".to_owned(),
            "<</Type/Pages/Kids[3 0 R]/Count 1>>".to_owned(),
            format!(
                "<</Type/Page/Parent 2 0 R{SHEET}/Contents 4 0 R/Resources<</Font<</F 5 0 R/T 6 0 R>>>>>>"
            ),
            format!("<</Length {}>>stream\n{content}\nendstream", content.len()),
            "<</Type/Font/Subtype/Type1/BaseFont/Helvetica>>".to_owned(),
            "<</Type/Font/Subtype/Type3/FontBBox[0 0 1000 1000]/FontMatrix[.001 0 0 .001 0 0]/FirstChar 97\
             /LastChar 97/Widths[1000]/Encoding<</Differences[97/a]>>/CharProcs<</a 7 0 R>>/ToUnicode 8 0 R>>"
                .to_owned(),
            format!("<</Length {}>>stream\n{procedure}\nendstream", procedure.len()),
            format!("<</Length {}>>stream\n{table}\nendstream", table.len()),
        ]));
        let page = &read.pages[0];
        assert_eq!(texts(page).concat(), format!("apageofwordsandmore{text}"), "{what}");
        assert_eq!(page.doubtful.len(), usize::from(text.is_empty()), "{what}");
    }
}

#[test]
fn a_column_is_one_word() {
    let read = document(composite("UniGB-UCS2-V", "GB1", "91D1989D540D"));
    let [word] = read.pages[0].words.as_slice() else { panic!("{:?}", texts(&read.pages[0])) };
    assert_eq!(word.text, "金额名");
    assert!(
        (word.bounds.height() - 60.0).abs() < 1.0 && (word.bounds.width() - 20.0).abs() < 1.0,
        "{word:?}"
    );
    assert!((word.bounds.center_x() - 100.0).abs() < 1.0, "{word:?}");
    assert!(word.edges.len() == 4 && word.edges.is_sorted(), "{word:?}");
}

#[test]
fn a_font_that_is_nowhere_is_not_guessed_at() {
    let read = document(composite("Identity-H", "Identity", "00200021"));
    // Without a Chinese font on the machine there is none that stands in, and so nothing to be told from.
    assert!(texts(&read.pages[0]).is_empty(), "{:?}", texts(&read.pages[0]));
    assert!(codes(&read) == ["font-not-embedded"] || read.pages[0].layer == TextLayer::Doubtful);
}

#[test]
fn a_table_that_lies_about_glyphs_is_not_believed() {
    let right = document(fixture("tounicode-right.pdf"));
    let page = &right.pages[0];
    let all = "收款收据付款单位：星河测试有限公司合计金额：3847.25开票日期：2023年6月15日";
    assert_eq!((texts(page).concat().as_str(), page.layer), (all, TextLayer::Trusted));
    assert!(page.doubtful.is_empty() && right.problems.is_empty());

    let missing = document(fixture("tounicode-missing.pdf"));
    assert_eq!(texts(&missing.pages[0]).concat(), all, "the font's own table knows");

    let digits = document(fixture("tounicode-digits-shifted.pdf"));
    let page = &digits.pages[0];
    assert_eq!(page.layer, TextLayer::Trusted, "only the figures are wrong");
    assert!(texts(page).concat().contains("付款单位：星河测试有限公司"), "{:?}", texts(page));
    assert!(!texts(page).concat().contains(|c: char| c.is_ascii_digit()), "{:?}", texts(page));
    let amount = right.pages[0].words.iter().find(|word| word.text.contains("3847")).expect("an amount");
    assert!(page.doubtful.iter().any(|region| region.holds(&amount.bounds)), "{:?}", page.doubtful);

    for name in ["tounicode-page-shifted.pdf", "tounicode-ideographs-as-ascii.pdf"] {
        let page = &document(fixture(name)).pages[0];
        assert_eq!(page.layer, TextLayer::Doubtful, "{name}: {:?}", texts(page));
        let wrong = |c: char| !all.contains(c);
        assert!(!texts(page).concat().contains(wrong), "{name}: {:?}", texts(page));
    }
}

#[test]
fn only_what_is_doubted_is_read_as_a_picture() {
    let bytes: Arc<[u8]> = fixture("tounicode-digits-shifted.pdf").into();
    let plain = document(&bytes);
    let region = plain.pages[0].doubtful[0];
    let scale = 200.0 / 72.0;
    let word = |text: &str, bounds: Rect| Word {
        text: text.to_owned(),
        bounds: bounds.scaled(scale, scale),
        edges: Vec::new(),
        origin: Origin::Recognized { engine: "replay", score: 0.9 },
    };
    let elsewhere = Rect::new(40.0, 30.0, 90.0, 50.0);
    let answer = Recognition {
        turn: Turn::None,
        size: (1111, 833),
        words: vec![word("3847.25", region), word("别处", elsewhere)],
    };
    let tools = Tools::new(vec![Box::new(Replay::new(vec![answer], Vec::new()))], 1).expect("tools");
    let files = std::collections::BTreeMap::from([("a.pdf".to_owned(), bytes)]);
    let read = pipeline::open(&files, &tools, &|_, _| {});
    let page = &read[0].pages[0];
    let recognised: Vec<&str> = page
        .words
        .iter()
        .filter(|word| matches!(word.origin, Origin::Recognized { .. }))
        .map(|word| word.text.as_str())
        .collect();
    assert_eq!(recognised, ["3847.25"]);
    assert_eq!(page.words.len(), plain.pages[0].words.len() + 1, "what was trusted stays");
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
    let drawn = "<</Type/Annot/Subtype/Widget/FT/Tx/Rect[100 200 300 220]/V(other)/AP<</N 7 0 R>>>>";
    let look = "BT /F 12 Tf 2 5 Td (3847.25) Tj ET";
    let look = format!(
        "<</Subtype/Form/BBox[0 0 200 20]/Resources<</Font<</F 5 0 R>>>>/Length {}>>stream\n{look}\nendstream",
        look.len()
    );
    let read = document(page_with("0 0 1 1 re f", &format!("{SHEET}/Annots[6 0 R]"), "", &[drawn, &look]));
    assert_eq!(texts(&read.pages[0]), ["3847.25"], "what the page shows counts");
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
