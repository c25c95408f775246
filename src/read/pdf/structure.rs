//! What a PDF says about itself: the programs that wrote it, its dates, how often it was written to.
//!
//! Signatures and what was changed after signing are for `authenticate`. Nothing here proves anything:
//! anyone can write any program and date into a file. It says where a second look may be worth it.

use std::collections::BTreeSet;

use hayro::hayro_syntax::metadata::Metadata;
use memchr::memmem;

use crate::model::{document::Properties, finding::Message};

/// Programs in which a finished page is changed, by what they call themselves, and their names.
/// Those that only print or save what was written in them, such as Word, are not among them.
const EDITORS: &[(&str, &str)] = &[
    ("photoshop", "Adobe Photoshop"),
    ("illustrator", "Adobe Illustrator"),
    ("coreldraw", "CorelDRAW"),
    ("gimp", "GIMP"),
    ("inkscape", "Inkscape"),
    ("acrobat pro", "Adobe Acrobat Pro"),
    ("foxit phantom", "Foxit PhantomPDF"),
    ("foxit pdf editor", "Foxit PDF Editor"),
    ("福昕高级pdf编辑器", "福昕高级PDF编辑器"),
    ("pdf-xchange editor", "PDF-XChange Editor"),
    ("pdfelement", "Wondershare PDFelement"),
    ("infix", "Infix PDF Editor"),
    ("nitro pro", "Nitro Pro"),
    ("wps pdf", "WPS PDF"),
    ("smallpdf", "Smallpdf"),
    ("ilovepdf", "iLovePDF"),
    ("sejda", "Sejda"),
    ("master pdf editor", "Master PDF Editor"),
    ("迅捷pdf编辑器", "迅捷PDF编辑器"),
    ("libreoffice draw", "LibreOffice Draw"),
];

/// Tables of objects that are followed in one file.
const MOST_TABLES: usize = 1_000;
/// Bytes behind the start of a table within which it says where the one before it is.
const REACH: usize = 4 << 20;

/// The Info dictionary and the number of revisions; empty where it cannot be read.
pub(super) fn properties(bytes: &[u8]) -> Properties {
    let info = lopdf::Document::load_metadata_mem(bytes).ok();
    let text = |value: Option<&String>| {
        value
            .map(|text| text.trim_matches(['\0', ' ', '\u{feff}']).to_owned())
            .filter(|text| !text.is_empty())
    };
    let info = info.as_ref();
    Properties {
        producer: text(info.and_then(|info| info.producer.as_ref())),
        creator: text(info.and_then(|info| info.creator.as_ref())),
        created: text(info.and_then(|info| info.creation_date.as_ref())),
        modified: text(info.and_then(|info| info.modification_date.as_ref())),
        revisions: revisions(bytes),
        remarks: Vec::new(),
        laid_out: false,
    }
}

/// Adds what only who can decrypt the file knows, and where a second look may be worth it.
pub(super) fn complete(properties: &mut Properties, info: &Metadata, bytes: &[u8]) {
    for (known, found) in
        [(&mut properties.producer, &info.producer), (&mut properties.creator, &info.creator)]
    {
        let text = found.as_deref().map(super::embedded::text);
        let text = text.map(|text| text.trim_matches(['\0', ' ', '\u{feff}']).to_owned());
        if known.is_none() {
            *known = text.filter(|text| !text.is_empty());
        }
    }
    // A signed file was written to by being signed; what else was added, its signature tells better.
    if memmem::find(bytes, b"/ByteRange").is_none() {
        properties.remarks = remarks(properties);
    }
}

/// Where a second look may be worth it.
fn remarks(properties: &Properties) -> Vec<Message> {
    let mut remarks = Vec::new();
    let mut say = |zh: String, en: String| remarks.push(Message { zh, en });
    let programs =
        [&properties.creator, &properties.producer].map(|name| name.as_deref().unwrap_or_default());
    let programs = programs.join("\n").to_lowercase();
    if let Some((_, name)) = EDITORS.iter().find(|(mark, _)| programs.contains(mark)) {
        say(
            format!("文件由编辑软件 {name} 处理过，仅供参考"),
            format!("the file went through {name}, an editor, which proves nothing"),
        );
    }
    let day = |text: &Option<String>| moment(text.as_deref()?);
    if let (Some(created), Some(modified)) = (day(&properties.created), day(&properties.modified))
        && modified > created
    {
        let (from, to) = (shown(&created), shown(&modified));
        say(
            format!("文件生成（{from}）之后又修改过（{to}），仅供参考"),
            format!("created {from} and changed {to}, by its own account"),
        );
    }
    if properties.revisions > 1 {
        let count = properties.revisions - 1;
        say(
            format!("文件生成后又追加写入 {count} 次（填表和批注也会如此），仅供参考"),
            format!("written to {count} time(s) after it was made, as forms and remarks do too"),
        );
    }
    remarks
}

/// Twelve digits of a date, year to minute, in universal time where it names its zone. Programs write
/// both dates some seconds apart, so that seconds count for nothing.
fn moment(text: &str) -> Option<chrono::NaiveDateTime> {
    let text = text.trim().trim_start_matches("D:");
    let digits = text.get(..12).filter(|digits| digits.bytes().all(|byte| byte.is_ascii_digit()))?;
    let clock = chrono::NaiveDateTime::parse_from_str(digits, "%Y%m%d%H%M").ok()?;
    let zone = text.get(12..)?.trim_start_matches(|c: char| c.is_ascii_digit());
    let sign = match zone.chars().next() {
        Some('+') => 1,
        Some('-') => -1,
        _ => return Some(clock),
    };
    let digits: String = zone.chars().filter(char::is_ascii_digit).take(4).collect();
    let (hours, minutes): (i64, i64) = (
        digits.get(..2)?.parse().ok()?,
        digits.get(2..).and_then(|minutes| minutes.parse().ok()).unwrap_or(0),
    );
    clock.checked_sub_signed(chrono::Duration::minutes(sign * (hours * 60 + minutes)))
}

fn shown(moment: &chrono::NaiveDateTime) -> String {
    moment.format("%Y-%m-%d %H:%M UTC").to_string()
}

/// Whether the end of the file is missing: a whole file says where its table starts near its end.
pub(super) fn cut_off(bytes: &[u8]) -> bool {
    let tail = &bytes[bytes.len().saturating_sub(4096)..];
    memmem::find(tail, b"startxref").is_none() && memmem::find(tail, b"%%EOF").is_none()
}

/// How often the file was written to: its tables of objects, each of which names the one before it.
///
/// The words that name a table may stand anywhere, as in files inside the file, so they are counted
/// only where the chain of tables is broken.
fn revisions(bytes: &[u8]) -> u32 {
    // A file laid out for the web is written once and has two tables (ISO 32000-1, annex F).
    let is_linear = memmem::find(&bytes[..bytes.len().min(1024)], b"/Linearized").is_some();
    match tables(bytes) {
        Some(count) if is_linear && count > 1 => count - 1,
        Some(count) => count,
        None => words(bytes),
    }
}

/// The length of the chain of tables; `None` where it is broken.
fn tables(bytes: &[u8]) -> Option<u32> {
    let last = memmem::rfind(bytes, b"startxref")?;
    let mut place = number(bytes.get(last + 9..)?)?;
    let mut seen = BTreeSet::new();
    let mut count = 0;
    while seen.insert(place) && seen.len() <= MOST_TABLES {
        let table = bytes.get(place..)?;
        let table = table[..table.len().min(REACH)].trim_ascii_start();
        let dictionary = if table.starts_with(b"xref") {
            let trailer = &table[memmem::find(table, b"trailer")?..];
            &trailer[..memmem::find(trailer, b"startxref").unwrap_or(trailer.len())]
        } else {
            // A table in a stream: its dictionary stands before it.
            let head = &table[..memmem::find(table, b"stream")?];
            memmem::find(head, b"/XRef")?;
            head
        };
        count += 1;
        match memmem::find(dictionary, b"/Prev") {
            Some(at) => place = number(&dictionary[at + 5..])?,
            None => return Some(count),
        }
    }
    None
}

/// How often the file says where a table starts; a table at place 0 is none.
fn words(bytes: &[u8]) -> u32 {
    let mut rest = bytes;
    let mut count = 0;
    while let Some(at) = memmem::find(rest, b"startxref") {
        rest = rest.get(at + 9..).unwrap_or_default();
        let place = rest.trim_ascii_start();
        if !(place.starts_with(b"0") && place.get(1).is_none_or(|next| !next.is_ascii_digit())) {
            count += 1;
        }
    }
    count
}

/// The whole number that some bytes begin with.
fn number(bytes: &[u8]) -> Option<usize> {
    let bytes = bytes.trim_ascii_start();
    let digits = bytes.iter().take_while(|byte| byte.is_ascii_digit()).count();
    std::str::from_utf8(&bytes[..digits.min(19)]).ok()?.parse().ok()
}
