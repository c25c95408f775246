//! Bytes to pages and sheets: one file a format, and the table of all of them.
//!
//! What a file is, is told from its content; its name proves nothing. Reading never fails: what
//! could be read is there, and what could not is a problem that says how to mend it.

mod archive;
mod cell;
mod csv;
mod email;
mod hidden;
mod image;
mod ofd;
mod pdf;
mod recognise;
mod spreadsheet;
mod text;
mod word;
mod xml;

pub use archive::Unpacked;

use std::{
    panic::{AssertUnwindSafe, catch_unwind},
    sync::Arc,
};

use sha2::{Digest, Sha256};

use crate::container::fonts;
use crate::model::{
    document::{Document, DocumentId, Format, Properties},
    limits::Limits,
    page::{Page, Sheet},
    payload::Payload,
    problem::Problem,
};

/// How one format is recognised and read.
pub struct Reader {
    /// The format.
    pub format: Format,
    /// Whether a file is of this format, from its first kilobytes and the whole of it.
    pub claims: fn(head: &[u8], bytes: &[u8]) -> bool,
    read: fn(&Source<'_>) -> Content,
}

/// All readers; the first that claims a file reads it.
pub const READERS: &[Reader] = &[
    Reader { format: Format::Pdf, claims: recognise::pdf, read: pdf::read },
    Reader {
        format: Format::Png,
        claims: recognise::png,
        read: |from| image::read(&from.bytes, from.limits),
    },
    Reader {
        format: Format::Jpeg,
        claims: recognise::jpeg,
        read: |from| image::read(&from.bytes, from.limits),
    },
    Reader {
        format: Format::Tiff,
        claims: recognise::tiff,
        read: |from| image::read(&from.bytes, from.limits),
    },
    Reader {
        format: Format::Xlsx,
        claims: recognise::xlsx,
        read: |from| spreadsheet::xlsx(&from.bytes, from.limits),
    },
    Reader { format: Format::Ofd, claims: recognise::ofd, read: ofd::read },
    Reader {
        format: Format::Xlsb,
        claims: recognise::xlsb,
        read: |from| spreadsheet::xlsb(&from.bytes, from.limits),
    },
    Reader {
        format: Format::Xls,
        claims: recognise::xls,
        read: |from| spreadsheet::xls(&from.bytes, from.limits),
    },
    Reader {
        format: Format::Ods,
        claims: recognise::ods,
        read: |from| spreadsheet::ods(&from.bytes, from.limits),
    },
    Reader {
        format: Format::SpreadsheetXml,
        claims: spreadsheet::claims_xml,
        read: |from| spreadsheet::xml(&from.bytes, from.limits),
    },
    Reader {
        format: Format::HtmlTable,
        claims: spreadsheet::claims_html,
        read: |from| spreadsheet::html(&from.bytes, from.limits),
    },
    Reader { format: Format::Docx, claims: recognise::docx, read: word::read },
    Reader {
        format: Format::Bmp,
        claims: recognise::bmp,
        read: |from| image::read(&from.bytes, from.limits),
    },
    Reader {
        format: Format::Webp,
        claims: recognise::webp,
        read: |from| image::read(&from.bytes, from.limits),
    },
    Reader {
        format: Format::Gif,
        claims: recognise::gif,
        read: |from| image::read(&from.bytes, from.limits),
    },
    Reader {
        format: Format::Heic,
        claims: recognise::heic,
        read: |from| image::read(&from.bytes, from.limits),
    },
    Reader { format: Format::Zip, claims: recognise::zip, read: archive::read },
    Reader { format: Format::SevenZip, claims: recognise::sevenz, read: archive::read },
    Reader { format: Format::Rar, claims: recognise::rar, read: archive::read },
    Reader { format: Format::Gzip, claims: recognise::gzip, read: archive::read },
    Reader { format: Format::Bzip2, claims: recognise::bzip2, read: archive::read },
    Reader { format: Format::Xz, claims: recognise::xz, read: archive::read },
    Reader { format: Format::Tar, claims: recognise::tar, read: archive::read },
    Reader { format: Format::Mail, claims: recognise::mail, read: email::read },
    Reader { format: Format::Xml, claims: recognise::xml, read: |from| xml::read(&from.bytes, from.limits) },
    Reader { format: Format::Csv, claims: recognise::csv, read: |from| csv::read(&from.bytes, from.limits) },
];

/// What a reader is given.
struct Source<'f> {
    name: &'f str,
    bytes: Arc<[u8]>,
    limits: &'f Limits,
    depth: usize,
}

/// What a reader found.
#[derive(Default)]
struct Content {
    pages: Vec<Page>,
    sheets: Vec<Sheet>,
    parts: Vec<Document>,
    properties: Properties,
    payloads: Vec<Payload>,
    problems: Vec<Problem>,
}

/// Reads a file as far as its format allows. It never fails: see [`Document::problems`].
///
/// `name` is the path inside the case and is used for naming only.
#[must_use]
pub fn read(name: &str, bytes: Arc<[u8]>, limits: &Limits) -> Document {
    read_at(name, bytes, limits, 0)
}

/// The files inside an archive or an e-mail by their paths, not read, and what could not be unpacked.
#[must_use]
pub fn unpack(bytes: &[u8], limits: &Limits) -> (Vec<Unpacked>, Vec<Problem>) {
    match format(bytes) {
        Format::Mail => email::unpack(bytes, limits),
        _ => archive::unpack(bytes, limits),
    }
}

/// What a file is, from its content, without reading it.
#[must_use]
pub fn format(bytes: &[u8]) -> Format {
    let head = bytes.get(..4096).unwrap_or(bytes);
    let reader = READERS.iter().find(|reader| (reader.claims)(head, bytes));
    reader.map_or_else(|| recognise::other(head, bytes).0, |reader| reader.format)
}

/// Reads a file that lies `depth` archives deep.
fn read_at(name: &str, bytes: Arc<[u8]>, limits: &Limits, depth: usize) -> Document {
    let (format, content) = if bytes.is_empty() {
        (Format::Unknown, Content { problems: vec![empty()], ..Content::default() })
    } else if bytes.len() as u64 > limits.file_bytes {
        let problems = vec![too_large(limits)];
        (Format::Unknown, Content { problems, ..Content::default() })
    } else {
        let head = bytes.get(..4096).unwrap_or(&bytes);
        match READERS.iter().find(|reader| (reader.claims)(head, &bytes)) {
            Some(reader) => {
                let source = Source { name, bytes: Arc::clone(&bytes), limits, depth };
                let content = catch_unwind(AssertUnwindSafe(|| (reader.read)(&source)));
                let crash = |_| Content { problems: vec![crashed()], ..Content::default() };
                (reader.format, content.unwrap_or_else(crash))
            }
            None => {
                let (format, problem) = recognise::other(head, &bytes);
                (format, Content { problems: vec![problem], ..Content::default() })
            }
        }
    };
    let mut content = content;
    if matches!(format, Format::Pdf | Format::Ofd) {
        absorb(name, &mut content);
    }
    let Content { pages, mut sheets, parts, properties, payloads, problems } = content;
    for sheet in sheets.iter_mut().filter(|sheet| sheet.name.is_empty()) {
        stem(name).clone_into(&mut sheet.name);
    }
    let problems = problems
        .into_iter()
        .map(|problem| if problem.file.is_empty() { problem.at(name) } else { problem })
        .collect();
    let id = id(&bytes);
    Document {
        id,
        name: name.to_owned(),
        format,
        bytes,
        pages,
        sheets,
        parts,
        properties,
        payloads,
        signatures: Vec::new(),
        problems,
    }
}

/// Structured data that a page carries with it says the same as the page: it is no document of its own
/// and must not count as one.
fn absorb(name: &str, content: &mut Content) {
    let (data, parts) = std::mem::take(&mut content.parts)
        .into_iter()
        .partition(|part: &Document| part.format == Format::Xml && !part.payloads.is_empty());
    content.parts = parts;
    for mut part in data {
        let place = part.name.strip_prefix(name).unwrap_or(&part.name).trim_start_matches('/').to_owned();
        for mut payload in part.payloads.drain(..) {
            payload.part.clone_from(&place);
            content.payloads.push(payload);
        }
        content.problems.append(&mut part.problems);
    }
}

/// The SHA-256 of a file's bytes in lower-case hex.
#[must_use]
pub fn id(bytes: &[u8]) -> DocumentId {
    DocumentId(Sha256::digest(bytes).iter().map(|byte| format!("{byte:02x}")).collect())
}

/// Whether a file's name, without folders and extension, became the name of something in it: of the
/// sheet that separated text is, or of a file that was packed without a name.
#[must_use]
pub fn takes_its_name(documents: &[Document]) -> bool {
    let Some(first) = documents.first() else { return false };
    let own = stem(&first.name);
    let packed = format!("{}/{own}", first.name);
    first.sheets.iter().any(|sheet| sheet.name == own) || documents.iter().any(|part| part.name == packed)
}

/// This machine's fonts that readers compare with and stand in for others: paths and sizes.
#[must_use]
pub fn fonts() -> String {
    fonts::there()
}

/// A file's name without folders and extension.
#[must_use]
pub fn stem(name: &str) -> &str {
    let file = name.rsplit('/').next().unwrap_or(name);
    file.rsplit_once('.').map_or(file, |(stem, _)| if stem.is_empty() { file } else { stem })
}

fn empty() -> Problem {
    Problem::new(
        "file-empty",
        "文件为空（0 字节），可能上传失败；请重新提交",
        "the file is empty (0 bytes), perhaps from a failed upload; hand it in again",
    )
}

/// What to say of a file that has more bytes than are read, however many that are.
#[must_use]
pub fn too_large(limits: &Limits) -> Problem {
    let allowed = limits.file_bytes;
    Problem::new(
        "file-too-large",
        format!("文件超过 {allowed} 字节，未读取；请压缩或拆分后提交"),
        format!("the file has more than the {allowed} bytes that are read; make it smaller or split it"),
    )
}

fn crashed() -> Problem {
    Problem::new(
        "reader-crashed",
        "读取此文件时程序内部出错，内容未能读取；请重新导出后提交，并告知维护人员",
        "the reader failed on this file and nothing was taken from it; export it again, and tell the maintainers",
    )
}

fn too_many_pages(found: usize, allowed: usize) -> Problem {
    Problem::new(
        "too-many-pages",
        format!("文件有 {found} 页以上，只读取前 {allowed} 页；请拆分后提交"),
        format!("the file has {found} pages or more, only the first {allowed} were read; split it"),
    )
}

fn too_many_words(page: usize) -> Problem {
    Problem::new(
        "too-many-words",
        format!("文件内容过多，读到第 {page} 页为止，其余未读取；请拆分后提交"),
        format!("the file holds too much and was read as far as page {page}; split it"),
    )
}

fn too_many_cells(allowed: usize) -> Problem {
    Problem::new(
        "too-many-cells",
        format!("表格超过 {allowed} 个单元格，其余未读取；请拆分后提交"),
        format!("the table has more than {allowed} cells and the rest was not read; split it"),
    )
}
