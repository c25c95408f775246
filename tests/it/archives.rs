//! Archives and e-mails: every file inside comes out, and what does not is said.

use std::{fs, io::Write, path::Path, sync::Arc};

use flate2::{Compression, GzBuilder};
use heyan::{
    model::{
        document::{Document, Format},
        limits::Limits,
    },
    read,
};
use zip::{ZipWriter, write::SimpleFileOptions};

const PLAIN: &[u8] = b"a,b\n1,2\n";

pub(super) fn fixture(name: &str) -> Vec<u8> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/formats").join(name);
    fs::read(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

pub(super) fn document(name: &str, bytes: &[u8]) -> Document {
    read::read(name, Arc::from(bytes), &Limits::default())
}

/// What a document holds and says, part by part: `name: cells` and `name! code`.
pub(super) fn told(document: &Document) -> Vec<String> {
    let mut told: Vec<String> =
        document.problems.iter().map(|problem| format!("{}! {}", document.name, problem.code)).collect();
    if let Some(sheet) = document.sheets.first() {
        let cells: usize = sheet.rows.iter().map(Vec::len).sum();
        told.push(format!("{}: {cells}", document.name));
    }
    told.extend(document.parts.iter().flat_map(self::told));
    told
}

fn zipped(files: &[(&str, &[u8])]) -> Vec<u8> {
    let mut writer = ZipWriter::new(std::io::Cursor::new(Vec::new()));
    for (name, bytes) in files {
        writer.start_file(*name, SimpleFileOptions::default()).unwrap();
        writer.write_all(bytes).unwrap();
    }
    writer.finish().unwrap().into_inner()
}

fn taped(files: &[(&str, &[u8])]) -> Vec<u8> {
    let mut builder = tar::Builder::new(Vec::new());
    for (name, bytes) in files {
        let mut header = tar::Header::new_gnu();
        header.set_size(bytes.len() as u64);
        // Written past the builder, which refuses names that lead out.
        header.as_old_mut().name[..name.len()].copy_from_slice(name.as_bytes());
        header.set_cksum();
        builder.append(&header, *bytes).unwrap();
    }
    builder.into_inner().unwrap()
}

fn gzipped(name: Option<&str>, bytes: &[u8]) -> Vec<u8> {
    let builder = GzBuilder::new();
    let builder = name.map_or_else(GzBuilder::new, |name| builder.filename(name));
    let mut encoder = builder.write(Vec::new(), Compression::default());
    encoder.write_all(bytes).unwrap();
    encoder.finish().unwrap()
}

#[test]
fn every_kind_of_archive_gives_its_files() {
    let table: &[(&str, Format, &[&str])] = &[
        (
            "7z/solid.7z",
            Format::SevenZip,
            &["/plain.csv: 402", "/账单/一月.csv: 102", "/empty.txt! file-empty"],
        ),
        ("7z/ppmd.7z", Format::SevenZip, &["/plain.csv: 402"]),
        ("7z/bzip2.7z", Format::SevenZip, &["/plain.csv: 402"]),
        ("7z/deflate.7z", Format::SevenZip, &["/plain.csv: 402"]),
        ("7z/filtered.7z", Format::SevenZip, &["/plain.csv: 402"]),
        ("7z/stored.7z", Format::SevenZip, &["/plain.csv: 402"]),
        ("7z/link.7z", Format::SevenZip, &["! archive-link", "/plain.csv: 402"]),
        ("7z/encrypted.7z", Format::SevenZip, &["! archive-encrypted"]),
        ("7z/encrypted-names.7z", Format::SevenZip, &["! archive-encrypted"]),
        ("rar/rar5.rar", Format::Rar, &["/账单/一月.csv: 102", "/plain.csv: 402"]),
        ("rar/rar5-solid.rar", Format::Rar, &["/账单/一月.csv: 102", "/plain.csv: 402"]),
        ("rar/rar7.rar", Format::Rar, &["/账单/一月.csv: 102", "/plain.csv: 402"]),
        ("rar/rar4.rar", Format::Rar, &["/plain.csv: 402"]),
        ("rar/rar4-solid.rar", Format::Rar, &["/one.csv: 402", "/two.csv: 402"]),
        ("rar/stored.rar", Format::Rar, &["/账单/一月.csv: 102", "/plain.csv: 402"]),
        ("rar/encrypted.rar", Format::Rar, &["! archive-encrypted"]),
        ("rar/encrypted-names.rar", Format::Rar, &["! archive-encrypted"]),
        ("rar/link.rar", Format::Rar, &["! archive-link", "/账单/一月.csv: 102", "/plain.csv: 402"]),
        ("rar/damaged.rar", Format::Rar, &["! archive-entry-damaged", "/plain.csv: 402"]),
        ("rar/volume.part01.rar", Format::Rar, &["! archive-volume"]),
        ("zip/deflate64.zip", Format::Zip, &["/plain.csv: 402"]),
        ("zip/bzip2.zip", Format::Zip, &["/plain.csv: 402"]),
        ("zip/lzma.zip", Format::Zip, &["/plain.csv: 402"]),
        ("zip/ppmd.zip", Format::Zip, &["/plain.csv: 402"]),
        ("zip/xz.zip", Format::Zip, &["! archive-method"]),
        ("zip/zipcrypto.zip", Format::Zip, &["! archive-encrypted"]),
        ("zip/aes.zip", Format::Zip, &["! archive-encrypted"]),
        ("zip/link.zip", Format::Zip, &["! archive-link", "/plain.csv: 402"]),
        (
            "tar/links.tar",
            Format::Tar,
            &["! archive-link", "! archive-link", "! archive-link", "/plain.csv: 402"],
        ),
        ("tar/folder.tar.xz", Format::Xz, &["/账单/一月.csv: 102", "/plain.csv: 402"]),
        ("tar/folder.tar.bz2", Format::Bzip2, &["/账单/一月.csv: 102", "/plain.csv: 402"]),
        ("tar/plain.csv.bz2", Format::Bzip2, &["/plain.csv: 402"]),
        ("tar/plain.csv.xz", Format::Xz, &["/plain.csv: 402"]),
    ];
    for (name, format, wanted) in table {
        let read = document(name, &fixture(name));
        let wanted: Vec<String> = wanted.iter().map(|part| format!("{name}{part}")).collect();
        assert_eq!((read.format, told(&read)), (*format, wanted), "{name}");
    }
    for name in ["tar/long-name.tar", "tar/long-name-pax.tar"] {
        let long = "很长的名字".repeat(12);
        assert_eq!(told(&document(name, &fixture(name))), [format!("{name}/{long}.csv: 402")], "{name}");
    }
}

#[test]
fn what_is_packed_alone_keeps_its_name() {
    let csv = gzipped(Some("里面.csv"), PLAIN);
    assert_eq!(told(&document("a.gz", &csv)), ["a.gz/里面.csv: 4"]);
    assert_eq!(told(&document("a.csv.gz", &gzipped(None, PLAIN))), ["a.csv.gz/a.csv: 4"]);
    let tar = gzipped(Some("x.tar"), &taped(&[("内/一.csv", PLAIN), ("two.csv", PLAIN)]));
    assert_eq!(told(&document("x.tar.gz", &tar)), ["x.tar.gz/内/一.csv: 4", "x.tar.gz/two.csv: 4"]);
    let mut twice = gzipped(None, PLAIN);
    twice.extend(gzipped(None, b"3,4\n"));
    assert_eq!(
        told(&document("two.csv.gz", &twice)),
        ["two.csv.gz/two.csv: 6"],
        "members follow one another"
    );
}

#[test]
fn names_are_read_in_their_charset() {
    // `账单/一月.csv` in GBK, as Windows writes it, without the flag for UTF-8.
    let gbk = b"\xd5\xcb\xb5\xa5/\xd2\xbb\xd4\xc2.csv";
    let written = zipped(&[("AAAA/BBBB.csv", PLAIN)]);
    let mut bytes = written.clone();
    for at in 0..bytes.len() - gbk.len() {
        if written[at..].starts_with(b"AAAA/BBBB.csv") {
            bytes[at..at + gbk.len()].copy_from_slice(gbk);
        }
    }
    assert_eq!(told(&document("a.zip", &bytes)), ["a.zip/账单/一月.csv: 4"]);
    // With the flag, and with backslashes between folders as old programs on Windows wrote.
    let bytes = zipped(&[("账单/一月.csv", PLAIN), ("folder\\inner.csv", PLAIN)]);
    assert_eq!(told(&document("a.zip", &bytes)), ["a.zip/账单/一月.csv: 4", "a.zip/folder/inner.csv: 4"]);
}

#[test]
fn names_that_lead_out_are_refused() {
    for name in ["../a.csv", "a/../../b.csv", "/etc/a.csv", "C:\\a.csv", "\\\\host\\a.csv", "..\\a.csv"] {
        for bytes in [zipped(&[(name, PLAIN), ("b.csv", PLAIN)]), taped(&[(name, PLAIN), ("b.csv", PLAIN)])] {
            let read = document("a", &bytes);
            assert_eq!(told(&read), ["a! archive-unsafe-name", "a/b.csv: 4"], "{name} {:?}", read.format);
        }
    }
}

#[test]
fn bytes_are_counted_as_unpacked_and_over_all_depths() {
    let zeros = vec![0_u8; 9 << 20];
    let bombs = [
        ("zip", zipped(&[("zeros", &zeros), ("b.csv", PLAIN)])),
        ("gzip", gzipped(Some("zeros"), &zeros)),
        ("tar.gz", gzipped(None, &taped(&[("zeros", &zeros), ("b.csv", PLAIN)]))),
        ("sparse tar", taped(&[("zeros", &zeros[..1 << 20]), ("b.csv", PLAIN)])),
    ];
    let limits = Limits { archive_bytes: 256 << 10, ..Limits::default() };
    for (what, bytes) in &bombs {
        let read = read::read("a", Arc::from(bytes.as_slice()), &limits);
        assert!(told(&read).contains(&"a! archive-bomb".to_owned()), "{what}: {:?}", told(&read));
    }
    // The ratio holds where the sum would still allow it.
    let read = document("a", &bombs[0].1);
    assert_eq!(told(&read), ["a! archive-bomb", "a/b.csv: 4"]);
    // Two inner archives of 200 KiB: the second has no room left.
    let quarter = vec![b'x'; 200 << 10];
    let inner = zipped(&[("x.bin", &quarter)]);
    let outer = zipped(&[("1.zip", &inner), ("2.zip", &inner)]);
    let read = read::read("a", Arc::from(outer.as_slice()), &limits);
    assert_eq!(told(&read), ["a/1.zip/x.bin! format-unknown", "a/2.zip! archive-bomb"]);
    // So do files.
    let limits = Limits { archive_entries: 3, ..Limits::default() };
    let inner = zipped(&[("1.csv", PLAIN), ("2.csv", PLAIN)]);
    let read = read::read("a", Arc::from(zipped(&[("b.zip", &inner), ("c.csv", PLAIN)])), &limits);
    assert_eq!(told(&read), ["a/b.zip! archive-too-many-files", "a/b.zip/1.csv: 4", "a/c.csv: 4"]);
}

#[test]
fn depth_ends() {
    let mut bytes = zipped(&[("a.csv", PLAIN)]);
    let mut tape = gzipped(None, &taped(&[("a.csv", PLAIN)]));
    for _ in 0..3 {
        bytes = zipped(&[("z", &bytes)]);
        tape = gzipped(None, &taped(&[("z", &tape)]));
    }
    for bytes in [bytes, tape] {
        assert_eq!(told(&document("z", &bytes)), ["z/z/z/z! archive-too-deep"]);
    }
}

#[test]
fn what_is_cut_off_or_lost_is_said() {
    let tar = taped(&[("1.csv", PLAIN), ("2.csv", PLAIN)]);
    let cut = document("a.tar", &tar[..1024 + 516]);
    assert_eq!(told(&cut), ["a.tar! archive-entry-damaged", "a.tar! archive-damaged", "a.tar/1.csv: 4"]);
    let mut torn = tar.clone();
    torn[1030] ^= 1;
    assert_eq!(told(&document("a.tar", &torn)), ["a.tar! archive-damaged", "a.tar/1.csv: 4"]);
    let gz = gzipped(Some("a.csv"), PLAIN);
    assert_eq!(told(&document("a.gz", &gz[..gz.len() - 9])), ["a.gz! archive-entry-damaged"]);
    let mut wrong = gz.clone();
    let sum = gz.len() - 8;
    wrong[sum] ^= 1;
    assert_eq!(told(&document("a.gz", &wrong)), ["a.gz! archive-entry-damaged"], "a wrong check sum");
    // Two entries of one name: the library would keep the last.
    let written = zipped(&[("1.csv", PLAIN), ("2.csv", b"5,6\n")]);
    let same = replaced(&written, b"2.csv", b"1.csv");
    assert_eq!(told(&document("a.zip", &same)), ["a.zip! archive-same-names", "a.zip/1.csv: 2"]);
}

pub(super) fn replaced(bytes: &[u8], from: &[u8], to: &[u8]) -> Vec<u8> {
    let mut bytes = bytes.to_vec();
    for at in 0..bytes.len() - from.len() {
        if bytes[at..].starts_with(from) {
            bytes[at..at + to.len()].copy_from_slice(to);
        }
    }
    bytes
}

#[test]
fn memory_is_not_given_on_demand() {
    // An LZMA dictionary of 4 GiB: the size stands five bytes into the properties.
    let mut zip = fixture("zip/lzma.zip");
    let at = zip
        .windows(4)
        .position(|window| window == [0x09, 0x14, 0x05, 0x00])
        .or_else(|| zip.windows(3).position(|window| window == [0x05, 0x00, 0x5d]).map(|at| at - 2));
    let at = at.expect("the properties of LZMA");
    zip[at + 5..at + 9].copy_from_slice(&[0xff; 4]);
    let read = document("a.zip", &zip);
    assert_eq!(told(&read), ["a.zip! archive-entry-damaged"]);
    assert!(read.problems[0].message.en.contains("dictionary"), "{:?}", read.problems[0].message);
    let limits = Limits { unpacker_memory: 1 << 10, ..Limits::default() };
    for name in ["7z/solid.7z", "tar/plain.csv.xz", "7z/ppmd.7z", "rar/rar5.rar"] {
        let read = read::read(name, Arc::from(fixture(name)), &limits);
        assert!(!read.problems.is_empty() && read.parts.is_empty(), "{name}: {:?}", told(&read));
    }
}

/// The files of the formats that this side of the house reads, in a fixed order.
fn fixtures() -> Vec<(String, Vec<u8>)> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/formats");
    let folders = ["7z", "bmp", "gif", "heic", "jpeg", "png", "rar", "tar", "tiff", "webp", "zip"];
    let mut files: Vec<_> = folders
        .iter()
        .flat_map(|folder| fs::read_dir(root.join(folder)).unwrap().map(|entry| entry.unwrap().path()))
        .collect();
    files.sort();
    let named = |path: &std::path::PathBuf| path.strip_prefix(&root).unwrap().display().to_string();
    files.iter().map(|path| (named(path), fs::read(path).unwrap())).collect()
}

/// Reads and draws a file; a panic that the reader or drawer caught is one all the same.
fn survives(what: &str, bytes: &[u8]) {
    let read = document("a", bytes);
    let mut documents = vec![&read];
    while let Some(document) = documents.pop() {
        let crashed = document.problems.iter().any(|problem| problem.code == "reader-crashed");
        assert!(!crashed, "{what}: the reader failed");
        for page in &document.pages {
            let drawn = heyan::draw::page(&document.bytes, document.format, page.number, page.turn, 0.0);
            let crashed = matches!(drawn, Err(heyan::draw::DrawError::Crashed(_)));
            assert!(!crashed, "{what}: drawing page {} failed", page.number);
        }
        documents.extend(&document.parts);
    }
}

#[test]
fn cut_and_changed_files_are_survived() {
    let rounds = std::env::var("HEYAN_MUTATIONS").ok().and_then(|count| count.parse().ok()).unwrap_or(12);
    // Xorshift, so that a failure can be had again.
    let mut seed = 0x9e37_79b9_7f4a_7c15_u64;
    let mut random = move |below: usize| {
        seed ^= seed << 13;
        seed ^= seed >> 7;
        seed ^= seed << 17;
        usize::try_from(seed % below as u64).unwrap()
    };
    let mut files = fixtures();
    files.push(("gzip".to_owned(), gzipped(Some("a.csv"), &taped(&[("a.csv", PLAIN), ("b.csv", PLAIN)]))));
    files.push((
        "mail".to_owned(),
        crate::emails::with(crate::emails::HEADERS, &["Content-Type: text/plain", "", "text"]),
    ));
    assert!(files.len() > 80);
    for (name, whole) in &files {
        for part in 0..64 {
            survives(&format!("{name}, the first {part}/64"), &whole[..whole.len() * part / 64]);
        }
        for round in 0..rounds {
            let mut bytes = whole.clone();
            for _ in 0..=random(6) {
                // Half of the changes hit the first bytes, where headers stand.
                let among = if round % 2 == 0 { bytes.len().min(256) } else { bytes.len() };
                let at = random(among);
                bytes[at] = match random(4) {
                    0 => 0,
                    1 => 0xff,
                    2 => bytes[at] ^ (1 << random(8)),
                    _ => u8::try_from(random(256)).unwrap(),
                };
            }
            survives(&format!("{name}, change {round}"), &bytes);
        }
    }
}

#[test]
fn troubles_are_listed_as_often_as_files_are_read() {
    let mut tape = tar::Builder::new(Vec::new());
    for at in 0..50 {
        let mut header = tar::Header::new_gnu();
        header.set_entry_type(tar::EntryType::Symlink);
        header.set_size(0);
        tape.append_link(&mut header, format!("link{at}"), "elsewhere").expect("memory");
    }
    let mut header = tar::Header::new_gnu();
    header.set_size(8);
    tape.append_data(&mut header, "a.csv", &b"a,b\n1,2\n"[..]).expect("memory");
    let bytes = tape.into_inner().expect("memory");
    let limits = Limits { archive_entries: 60, ..Limits::default() };
    let (files, problems) = read::unpack(&bytes, &limits);
    assert_eq!((files.len(), problems.len()), (1, 50));
    let limits = Limits { archive_entries: 52, ..Limits::default() };
    assert_eq!(read::unpack(&bytes, &limits).1.len(), 50);
    // The file is read all the same where there are more links than are listed.
    let limits = Limits { archive_entries: 5, ..Limits::default() };
    let (files, problems) = read::unpack(&bytes, &limits);
    let codes: Vec<&str> = problems.iter().map(|problem| problem.code).collect();
    assert_eq!(files.len(), 1);
    assert_eq!(codes, [&["archive-link"; 5][..], &["archive-more-not-read"]].concat());
}

#[test]
fn folders_are_no_files() {
    let mut zip = zip::ZipWriter::new(std::io::Cursor::new(Vec::new()));
    let plain = zip::write::SimpleFileOptions::default();
    for at in 0..9 {
        zip.add_directory(format!("folder{at}"), plain).expect("memory");
    }
    zip.start_file("folder8/a.csv", plain).expect("memory");
    std::io::Write::write_all(&mut zip, b"a,b\n1,2\n").expect("memory");
    let bytes = zip.finish().expect("memory").into_inner();
    let (files, problems) = read::unpack(&bytes, &Limits { archive_entries: 2, ..Limits::default() });
    assert_eq!((files.len(), problems.len()), (1, 0), "{problems:?}");
}
