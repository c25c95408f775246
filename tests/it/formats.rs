//! What files are told to be, what is read from them, and what is said of the rest.

#![allow(clippy::expect_used, reason = "a test that cannot make its file has failed")]

use std::{
    io::{Cursor, Write},
    path::{Path, PathBuf},
    sync::Arc,
};

use heyan::{
    draw,
    model::{
        document::{Document, Format},
        geometry::{Rect, Size, Turn},
        limits::Limits,
        page::{CellValue, TextLayer},
    },
    read,
};
use image::ExtendedColorType;
use zip::{ZipWriter, write::SimpleFileOptions};

fn document(name: &str, bytes: impl AsRef<[u8]>) -> Document {
    read::read(name, Arc::from(bytes.as_ref()), &Limits::default())
}

fn codes(document: &Document) -> Vec<&'static str> {
    document.problems.iter().map(|problem| problem.code).collect()
}

pub(super) fn zipped(files: &[(&str, &[u8])]) -> Vec<u8> {
    let mut archive = ZipWriter::new(Cursor::new(Vec::new()));
    for (name, bytes) in files {
        archive.start_file(*name, SimpleFileOptions::default()).expect("a name");
        archive.write_all(bytes).expect("memory");
    }
    archive.finish().expect("memory").into_inner()
}

#[test]
fn trouble_is_named_and_never_stops() {
    let elf = b"\x7fELF\x02\x01\x01\0\0\0\0\0%PDF-1.4".as_slice();
    let ole = [b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1".as_slice(), b"W\0o\0r\0k\0b\0o\0o\0k\0"].concat();
    let table: &[(&str, &[u8], Format, &str)] = &[
        ("empty.pdf", b"", Format::Unknown, "file-empty"),
        ("invoice.pdf", elf, Format::Unknown, "not-a-document"),
        ("setup.pdf", b"MZ\x90\0\x03\0", Format::Unknown, "not-a-document"),
        ("bill.csv", &ole, Format::Xls, "workbook-unreadable"),
        ("a.zip", b"7z\xbc\xaf\x27\x1c\0\x04", Format::SevenZip, "archive-unreadable"),
        ("a.jpg", b"RIFF\x10\0\0\0WEBPVP8 ", Format::Webp, "picture-unreadable"),
        ("a.pdf", b"<?xml version=\"1.0\"?>", Format::Xml, "xml-unreadable"),
        ("a.pdf", b"%PDF-1.7\nnothing follows", Format::Pdf, "pdf-unreadable"),
        ("a.png", b"\x89PNG\r\n\x1a\n\0\0\0\x0dIH", Format::Png, "picture-unreadable"),
        ("a.xlsx", b"PK\x03\x04 and then nothing", Format::Zip, "archive-unreadable"),
        ("a.txt", "一段没有列的文字".as_bytes(), Format::Unknown, "format-unknown"),
    ];
    for (name, bytes, format, code) in table {
        let read = document(name, bytes);
        assert_eq!((read.format, codes(&read)), (*format, vec![*code]), "{name}");
        let problem = &read.problems[0];
        assert_eq!(problem.file, *name);
        assert!(!problem.message.zh.is_empty() && !problem.message.en.is_empty());
    }
}

#[test]
fn every_cut_of_a_file_is_survived() {
    for path in attachments().iter().filter(|path| !path.to_string_lossy().contains("扫描")).take(6) {
        let bytes = std::fs::read(path).expect("a fixture");
        for part in 1..8 {
            let cut = document("cut", &bytes[..bytes.len() * part / 8]);
            let nothing = cut.pages.is_empty() && cut.sheets.is_empty() && cut.parts.is_empty();
            assert!(!nothing || !cut.problems.is_empty(), "{} cut to {part}/8", path.display());
        }
    }
}

#[test]
fn a_pdf_without_its_end_says_so() {
    let path = attachments().into_iter().find(|path| path.extension().is_some_and(|e| e == "pdf"));
    let bytes = std::fs::read(path.expect("a PDF")).expect("a fixture");
    let end = bytes.len() - 200;
    let read = document("a.pdf", &bytes[..end]);
    let code = codes(&read);
    assert!(code == ["pdf-damaged"] || code == ["pdf-unreadable"], "{code:?}");
}

#[test]
fn separated_text_is_read_in_its_charset() {
    let (gbk, ..) = encoding("金额,名称\r\n\t00123,\"甲,乙\"\"\"\r\n");
    let read = document("账单/七月.csv", gbk);
    assert_eq!((read.format, codes(&read)), (Format::Csv, vec![]));
    assert_eq!(read.sheets[0].name, "七月");
    let text: Vec<Vec<&str>> =
        read.sheets[0].rows.iter().map(|row| row.iter().map(|cell| cell.text.as_str()).collect()).collect();
    assert_eq!(text, [["金额", "名称"], ["00123", "甲,乙\""]]);
    assert_eq!(read.sheets[0].rows[1][0].value, CellValue::Text);
    for (name, text) in [("tab", "a\tb\n1\t2\n"), ("semicolon", "a;b\n1,5;2\n"), ("bar", "a|b\n1|2\n")] {
        assert_eq!(document(name, text).sheets[0].rows[1].len(), 2, "{name}");
    }
    assert_eq!(document("mark", "\u{feff}a,b\n1,2").sheets[0].rows[0][0].text, "a");
}

/// GBK bytes of the few characters used here, so that the test needs no charset library.
fn encoding(text: &str) -> (Vec<u8>,) {
    let known = [('金', [0xbd, 0xf0]), ('额', [0xb6, 0xee]), ('名', [0xc3, 0xfb]), ('称', [0xb3, 0xc6])];
    let more = [('甲', [0xbc, 0xd7]), ('乙', [0xd2, 0xd2])];
    let pair = |c: char| known.iter().chain(&more).find(|(one, _)| *one == c).map(|(_, pair)| pair.to_vec());
    (text.chars().flat_map(|c| pair(c).unwrap_or_else(|| vec![u8::try_from(c).expect("ASCII")])).collect(),)
}

#[test]
fn archives_are_opened_and_unsafe_names_left() {
    let bytes = zipped(&[
        ("../../etc/passwd", b"x"),
        ("/absolute.csv", b"a,b\n1,2\n"),
        ("c:\\drive.csv", b"a,b\n1,2\n"),
        ("folder/a.csv", b"a,b\n1,2\n"),
        ("__MACOSX/folder/._a.csv", b"junk"),
        (".DS_Store", b"junk"),
    ]);
    let read = document("outer.zip", &bytes);
    assert_eq!(codes(&read), ["archive-unsafe-name"; 3]);
    assert!(read.problems[0].message.en.contains("../../etc/passwd"));
    let parts: Vec<_> = read.parts.iter().map(|part| (part.name.as_str(), part.format)).collect();
    assert_eq!(parts, [("outer.zip/folder/a.csv", Format::Csv)]);
}

#[test]
fn a_bomb_is_not_unpacked() {
    let zeros = vec![0_u8; 40 << 20];
    let bytes = zipped(&[("zeros.bin", &zeros), ("a.csv", b"a,b\n1,2\n")]);
    assert!(bytes.len() * 200 < zeros.len());
    let read = document("bomb.zip", &bytes);
    assert_eq!(codes(&read), ["archive-bomb"]);
    assert_eq!(read.parts.len(), 1, "the other file is read all the same");
    let limits = Limits { archive_bytes: 4, ..Limits::default() };
    let capped = read::read("small.zip", zipped(&[("a.csv", b"a,b\n1,2\n")]).into(), &limits);
    assert_eq!(codes(&capped), ["archive-bomb"]);
}

#[test]
fn archives_in_archives_have_a_bottom() {
    let nested = (0..6).fold(b"a,b\n1,2\n".to_vec(), |inner, _| zipped(&[("inner.zip", &inner)]));
    let mut document = document("outer.zip", nested);
    let mut depth = 0;
    while let Some(part) = document.parts.pop() {
        document = part;
        depth += 1;
    }
    assert_eq!((depth, codes(&document)), (Limits::default().archive_depth, vec!["archive-too-deep"]));
}

#[test]
fn a_picture_is_measured_before_it_is_decoded() {
    let mut huge = b"\x89PNG\r\n\x1a\n\0\0\0\x0dIHDR".to_vec();
    huge.extend([60_000_u32.to_be_bytes(), 60_000_u32.to_be_bytes()].concat());
    huge.extend([8, 2, 0, 0, 0, 0, 0, 0, 0]);
    let read = document("huge.png", &huge);
    assert_eq!((codes(&read), read.pages.len()), (vec!["picture-too-large"], 0));
    assert!(read.problems[0].message.en.contains("60000 × 60000"));
    assert!(draw::page(&huge, Format::Png, 1, Turn::None, 72.0).is_err());

    let image = image::RgbImage::from_pixel(200, 100, image::Rgb([255, 255, 255]));
    let plain = document("plain.png", draw::png(&image));
    let page = &plain.pages[0];
    assert_eq!((page.size, page.dpi, page.assumed_dpi), (Size { width: 200.0, height: 100.0 }, 72.0, true));
    assert_eq!(page.layer, TextLayer::None);
    let drawn = draw::page(&plain.bytes, plain.format, 1, Turn::Quarter, 144.0).expect("a page");
    assert_eq!(drawn.dimensions(), (200, 400));
    let native = draw::page(&plain.bytes, plain.format, 1, Turn::None, 0.0).expect("a page");
    assert_eq!(native.dimensions(), (200, 100));
    let crop = draw::crop(&native, page.size, &Rect::new(10.0, 10.0, 30.0, 20.0), 5.0);
    assert_eq!(crop.dimensions(), (30, 20));
}

#[test]
fn all_pages_of_a_tiff_are_seen() {
    let bytes = tiff(&[(40, 20), (30, 60)]);
    let read = document("fax.tif", &bytes);
    let sizes: Vec<_> = read.pages.iter().map(|page| (page.size.width, page.size.height)).collect();
    assert_eq!((codes(&read), sizes), (vec![], vec![(40.0, 20.0), (30.0, 60.0)]));
    let second = draw::page(&bytes, read.format, 2, Turn::None, 0.0).expect("a page");
    assert_eq!(second.dimensions(), (30, 60));
    assert!(draw::page(&bytes, read.format, 3, Turn::None, 0.0).is_err());
}

/// A TIFF of several pages: each page is encoded alone, then moved and chained to the one before.
fn tiff(pages: &[(u32, u32)]) -> Vec<u8> {
    let mut bytes = b"II*\0\0\0\0\0".to_vec();
    let mut link = 4;
    for (width, height) in pages {
        let data = bytes.len() as u32;
        bytes.extend(vec![200_u8; (width * height) as usize]);
        bytes.resize(bytes.len().next_multiple_of(2), 0);
        let directory = bytes.len() as u32;
        bytes[link..link + 4].copy_from_slice(&directory.to_le_bytes());
        let entries = [
            (0x100, *width),
            (0x101, *height),
            (0x102, 8),
            (0x103, 1),
            (0x106, 1),
            (0x111, data),
            (0x115, 1),
            (0x116, *height),
            (0x117, width * height),
        ];
        bytes.extend((entries.len() as u16).to_le_bytes());
        for (tag, value) in entries {
            bytes.extend((tag as u16).to_le_bytes());
            bytes.extend(4_u16.to_le_bytes());
            bytes.extend(1_u32.to_le_bytes());
            bytes.extend(value.to_le_bytes());
        }
        link = bytes.len();
        bytes.extend([0; 4]);
    }
    bytes
}

#[test]
fn glyphs_become_words() {
    let table: &[(&str, &str, &[&str], Turn)] = &[
        ("white space parts", "(Total 12.50) Tj", &["Total", "12.50"], Turn::None),
        ("a gap parts", "[(left) -2000 (right)] TJ", &["left", "right"], Turn::None),
        ("kerning does not", "[(ke) -80 (rned)] TJ", &["kerned"], Turn::None),
        ("drawn twice is kept once", "(bold) Tj 1 0 0 1 100.3 100 Tm (bold) Tj", &["bold"], Turn::None),
        ("touching runs are one word", "(one) Tj (two) Tj", &["onetwo"], Turn::None),
        ("text that runs up is turned", "0 1 -1 0 100 100 Tm (sideways) Tj", &["sideways"], Turn::Quarter),
        (
            "text that runs down is turned",
            "0 -1 1 0 100 200 Tm (sideways) Tj",
            &["sideways"],
            Turn::ThreeQuarters,
        ),
        ("upside down is turned", "-1 0 0 -1 200 100 Tm (upside down) Tj", &["upside", "down"], Turn::Half),
    ];
    for (what, text, words, turn) in table {
        let read = document("a.pdf", pdf(&format!("BT /F 20 Tf 1 0 0 1 100 100 Tm {text} ET")));
        assert_eq!(codes(&read), Vec::<&str>::new(), "{what}");
        let page = &read.pages[0];
        let found: Vec<&str> = page.words.iter().map(|word| word.text.as_str()).collect();
        assert_eq!((found.as_slice(), page.turn), (*words, *turn), "{what}");
        let image = draw::page(&read.bytes, read.format, 1, page.turn, 72.0).expect("a page");
        for word in &page.words {
            assert!((word.bounds.height() - 20.0).abs() < 0.1, "{what}: {word:?}");
            let dark = draw::crop(&image, page.size, &word.bounds, 0.0).pixels().any(|p| p.0[0] < 100);
            assert!(dark, "{what}: nothing is drawn where {word:?} is said to stand");
        }
        assert_eq!(page.layer, TextLayer::Trusted, "{what}");
    }
}

#[test]
fn rulings_are_seen_however_they_are_drawn() {
    let table = [
        ("a stroked line", "1 w 50 100 m 250 100 l S"),
        ("a thin filled box", "50 99.5 200 1 re f"),
        ("a broad box behind a thin clip", "q 50 99.5 200 1 re W n 40 90 220 20 re f Q"),
    ];
    for (what, content) in table {
        let read = document("a.pdf", pdf(content));
        let [stroke] = read.pages[0].strokes.as_slice() else {
            panic!("{what}: {:?}", read.pages[0].strokes)
        };
        let near = |a: f64, b: f64| (a - b).abs() < 0.01;
        assert!(near(stroke.left, 50.0) && near(stroke.right, 250.0), "{what}: {stroke:?}");
        assert!(near(stroke.center_y(), 200.0) && near(stroke.height(), 1.0), "{what}: {stroke:?}");
    }
    assert_eq!(
        document("a.pdf", pdf("50 50 100 100 re f")).pages[0].strokes,
        [],
        "a filled box is no ruling"
    );
    assert_eq!(document("a.pdf", pdf("50 50 100 100 re S")).pages[0].strokes.len(), 4);
}

/// A PDF of one page, 400 by 300 points, with Helvetica as `F`.
pub(super) fn pdf(content: &str) -> Vec<u8> {
    pdf_of(&[
        "<</Type/Catalog/Pages 2 0 R>>".to_owned(),
        "<</Type/Pages/Kids[3 0 R]/Count 1>>".to_owned(),
        "<</Type/Page/Parent 2 0 R/MediaBox[0 0 400 300]/Contents 4 0 R/Resources<</Font<</F 5 0 R>>>>>>"
            .to_owned(),
        format!("<</Length {}>>stream\n{content}\nendstream", content.len()),
        "<</Type/Font/Subtype/Type1/BaseFont/Helvetica>>".to_owned(),
    ])
}

/// A PDF of these objects, the catalogue first.
pub(super) fn pdf_of(objects: &[String]) -> Vec<u8> {
    let mut file = "%PDF-1.4\n".to_owned();
    let mut table = "0000000000 65535 f \n".to_owned();
    for (number, object) in (1..).zip(objects) {
        table += &format!("{:010} 00000 n \n", file.len());
        file += &format!("{number} 0 obj\n{object}\nendobj\n");
    }
    let start = file.len();
    file +=
        &format!("xref\n0 {}\n{table}trailer<</Size {}/Root 1 0 R>>\n", objects.len() + 1, objects.len() + 1);
    file += &format!("startxref\n{start}\n%%EOF\n");
    file.into_bytes()
}

#[test]
fn pictures_say_their_resolution() {
    let image = image::RgbImage::from_pixel(300, 150, image::Rgb([255, 255, 255]));
    let mut bytes = Vec::new();
    let mut encoder = image::codecs::jpeg::JpegEncoder::new_with_quality(&mut bytes, 80);
    encoder.set_pixel_density(image::codecs::jpeg::PixelDensity::dpi(300));
    encoder.encode(image.as_raw(), 300, 150, ExtendedColorType::Rgb8).expect("memory");
    let read = document("scan.jpg", &bytes);
    let page = &read.pages[0];
    assert_eq!((page.size, page.dpi, page.assumed_dpi), (Size { width: 72.0, height: 36.0 }, 300.0, false));
}

#[test]
fn the_cases_are_read_without_trouble() {
    let mut words = 0;
    for path in attachments() {
        let bytes = std::fs::read(&path).expect("a fixture");
        let read = document(&path.to_string_lossy(), &bytes);
        assert_eq!(codes(&read), Vec::<&str>::new(), "{}", path.display());
        assert!(
            !read.pages.is_empty() || !read.sheets.is_empty() || !read.parts.is_empty(),
            "{}",
            path.display()
        );
        for page in &read.pages {
            let whole = Rect::new(0.0, 0.0, page.size.width, page.size.height);
            for word in &page.words {
                words += 1;
                assert_eq!(word.edges.len(), word.text.chars().count() + 1, "{word:?}");
                assert!(word.edges.is_sorted() && whole.holds(&word.bounds), "{word:?}");
                assert!(!word.text.contains(char::is_whitespace), "{word:?}");
            }
        }
    }
    assert!(words > 1000, "{words} words");
}

/// Every file handed in with a shipped case, in a fixed order.
fn attachments() -> Vec<PathBuf> {
    fn walk(folder: &Path, into: &mut Vec<PathBuf>) {
        for entry in std::fs::read_dir(folder).expect("a folder") {
            let path = entry.expect("an entry").path();
            if path.is_dir() {
                walk(&path, into);
            } else if path.components().any(|part| part.as_os_str() == "attachments") {
                into.push(path);
            }
        }
    }
    let mut found = Vec::new();
    walk(&Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/cases"), &mut found);
    found.sort();
    found
}
