//! PDF: which character a glyph stands for, and when it is not believed.

use std::sync::Arc;

use heyan::{
    model::{
        document::Document,
        geometry::Rect,
        page::{Flaws, Origin, TextLayer, Word},
    },
    pipeline::{self, Tools},
    recognize::{Recognition, replay::Replay},
};

use super::{
    formats::pdf_of,
    pdf::{SHEET, codes, document, fixture, texts},
};

/// A page whose font is a composite one that is not in the file.
fn composite(name: &str, encoding: &str, ordering: &str, hex: &str) -> Vec<u8> {
    let content = format!("BT /C 20 Tf 100 200 Td <{hex}> Tj ET");
    let font =
        format!("<</Type/Font/Subtype/Type0/BaseFont/{name}/Encoding/{encoding}/DescendantFonts[6 0 R]>>");
    let inner = format!(
        "<</Type/Font/Subtype/CIDFontType2/BaseFont/{name}/CIDSystemInfo<</Registry(Adobe)/Ordering({ordering})/Supplement 2>>/DW 1000/FontDescriptor 7 0 R>>"
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
        let read = document(composite("SimSun", encoding, "GB1", hex));
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
    let read = document(composite("SimSun", "UniGB-UCS2-V", "GB1", "91D1989D540D"));
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
    // The numbers of its own glyphs say nothing of those of a font that stands in, whatever its name.
    for name in ["SimSun", "ArialMT"] {
        let read = document(composite(name, "Identity-H", "Identity", "00200021"));
        assert_eq!((texts(&read.pages[0]), codes(&read)), (vec![], vec!["font-not-embedded"]), "{name}");
    }
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
fn letters_that_lean_are_the_letters_they_are_said_to_be() {
    let all = "ABCDEFGHIJKLMNOPQRSTUVWXYZ abcdefghijklmnopqrstuvwxyz 0123456789";
    let content = format!("BT /F 9 Tf 20 200 Td ({all}) Tj ET");
    for font in ["Helvetica-Oblique", "Helvetica-BoldOblique", "Times-Italic", "Times-BoldItalic"] {
        let read = document(pdf_of(&[
            "<</Type/Catalog/Pages 2 0 R>>".to_owned(),
            "<</Type/Pages/Kids[3 0 R]/Count 1>>".to_owned(),
            format!("<</Type/Page/Parent 2 0 R{SHEET}/Contents 4 0 R/Resources<</Font<</F 5 0 R>>>>>>"),
            format!("<</Length {}>>stream\n{content}\nendstream", content.len()),
            format!("<</Type/Font/Subtype/Type1/BaseFont/{font}>>"),
        ]));
        let page = &read.pages[0];
        assert_eq!((texts(page).join(" ").as_str(), page.doubtful.len()), (all, 0), "{font}");
    }
}

#[test]
fn only_what_is_doubted_is_read_as_a_picture() {
    let bytes: Arc<[u8]> = fixture("tounicode-digits-shifted.pdf").into();
    let plain = document(&bytes);
    let places = &plain.pages[0].doubtful;
    let region = places[0];
    let scale = 200.0 / 72.0;
    let word = |text: &str, bounds: Rect| Word {
        text: text.to_owned(),
        bounds: bounds.scaled(scale, scale),
        edges: Vec::new(),
        origin: Origin::Recognized { engine: "replay", score: 0.9, flaws: Flaws::default() },
    };
    let elsewhere = word("别处", Rect::new(40.0, 30.0, 90.0, 50.0));
    // Twice as wide as the place, which holds its second half.
    let wide = Rect { left: region.left - region.width(), ..region };
    let long = Word {
        edges: (0..=8).map(|at| (wide.left + wide.width() * f64::from(at) / 8.0) * scale).collect(),
        ..word("计金额：3847", wide)
    };
    let mut every: Vec<Word> = places.iter().map(|place| word("3847.25", *place)).collect();
    let all = vec!["3847.25"; places.len()];
    every.push(elsewhere.clone());
    assert!(places.len() > 1, "an amount and a date");
    for (answers, expected, problems) in [
        (every, all, vec![]),
        (vec![long], vec!["3847"], vec!["places-not-read"]),
        (vec![elsewhere], vec![], vec!["places-not-read"]),
    ] {
        let answer = Recognition { size: (1111, 833), words: answers, ..Recognition::default() };
        let tools = Tools::new(vec![Box::new(Replay::new(vec![answer], Vec::new()))], 1).expect("tools");
        let files = std::collections::BTreeMap::from([("a.pdf".to_owned(), Arc::clone(&bytes))]);
        let read = pipeline::open(&files, &tools, &|_| {});
        let page = &read[0].pages[0];
        let recognised: Vec<&str> = page
            .words
            .iter()
            .filter(|word| matches!(word.origin, Origin::Recognized { .. }))
            .map(|word| word.text.as_str())
            .collect();
        assert_eq!((recognised.as_slice(), codes(&read[0])), (expected.as_slice(), problems));
        let whole = plain.pages[0].words.len() + expected.len();
        assert_eq!(page.words.len(), whole, "what was trusted stays");
    }
}
