//! What a file is, from its content, and what to say of files that no reader is built for.

use super::csv as separated;
use crate::{
    container::{charset, zip::names as names_in},
    model::{document::Format, problem::Problem},
};

pub(super) fn pdf(head: &[u8], _: &[u8]) -> bool {
    // ISO 32000-1, annex H.3.4.1: readers accept the header within the first 1024 bytes.
    holds(head.get(..1024).unwrap_or(head), b"%PDF-") && !program(head) && !head.starts_with(b"PK\x03\x04")
}

pub(super) fn png(head: &[u8], _: &[u8]) -> bool {
    head.starts_with(b"\x89PNG\r\n\x1a\n")
}

pub(super) fn jpeg(head: &[u8], _: &[u8]) -> bool {
    head.starts_with(b"\xff\xd8\xff")
}

pub(super) fn tiff(head: &[u8], _: &[u8]) -> bool {
    head.starts_with(b"II*\0") || head.starts_with(b"MM\0*")
}

pub(super) fn xlsx(head: &[u8], bytes: &[u8]) -> bool {
    zipped(head) && matches!(inside(bytes), Inside::Xlsx)
}

pub(super) fn ofd(head: &[u8], bytes: &[u8]) -> bool {
    zipped(head) && matches!(inside(bytes), Inside::Ofd)
}

/// Anything that begins like XML, in whatever charset; web pages are not meant.
pub(super) fn xml(head: &[u8], _: &[u8]) -> bool {
    let Some(text) = charset::decoded(head) else { return false };
    let text = text.trim_start_matches('\u{feff}').trim_start();
    let named = text.strip_prefix('<').and_then(|rest| rest.chars().next());
    let begins = |c: char| c.is_alphabetic() || matches!(c, '?' | '!' | '_' | ':');
    !program(head) && foreign(head) != Some("html") && named.is_some_and(begins) && text.contains('>')
}

pub(super) fn zip(head: &[u8], bytes: &[u8]) -> bool {
    zipped(head) && matches!(inside(bytes), Inside::Files)
}

pub(super) fn csv(head: &[u8], bytes: &[u8]) -> bool {
    !program(head) && foreign(head).is_none() && separated::claims(head, bytes)
}

fn zipped(head: &[u8]) -> bool {
    head.starts_with(b"PK\x03\x04") || head.starts_with(b"PK\x05\x06")
}

/// What a zip archive is a wrapping of.
enum Inside {
    Xlsx,
    Ofd,
    Other(&'static str),
    Files,
}

fn inside(bytes: &[u8]) -> Inside {
    let names = names_in(bytes);
    let has = |name: &str| names.iter().any(|one| one == name);
    let below = |folder: &str| names.iter().any(|one| one.starts_with(folder));
    if has("xl/workbook.bin") {
        Inside::Other("xlsb")
    } else if has("xl/workbook.xml") || below("xl/worksheets/") {
        Inside::Xlsx
    } else if below("word/") && has("[Content_Types].xml") {
        Inside::Other("docx")
    } else if below("ppt/") && has("[Content_Types].xml") {
        Inside::Other("pptx")
    } else if has("[Content_Types].xml") {
        // The content types may name any path for the workbook (ECMA-376, part 2).
        Inside::Xlsx
    } else if names.iter().any(|one| is_ofd_root(one)) {
        Inside::Ofd
    } else if has("mimetype") && has("content.xml") {
        Inside::Other("ods")
    } else if names.is_empty() && holds(bytes, b"xl/workbook.xml") {
        // The directory at the end is gone, but the first entries still tell.
        Inside::Xlsx
    } else if names.is_empty() && holds(bytes, b"OFD.xml") {
        Inside::Ofd
    } else {
        Inside::Files
    }
}

/// The root file of an OFD package, at the root of the archive however it is spelt, or one folder down
/// where the folder was packed and not what is in it.
fn is_ofd_root(name: &str) -> bool {
    let mut steps = name.split(['/', '\\']).filter(|step| !matches!(*step, "" | "."));
    let (first, second, third) = (steps.next(), steps.next(), steps.next());
    let is_root = |step: Option<&str>| step.is_some_and(|step| step.eq_ignore_ascii_case("OFD.xml"));
    (is_root(first) && second.is_none()) || (is_root(second) && third.is_none())
}

fn program(head: &[u8]) -> bool {
    programs(head).is_some()
}

fn programs(head: &[u8]) -> Option<&'static str> {
    if head.starts_with(b"\x7fELF") {
        Some("ELF")
    } else if head.starts_with(b"MZ") {
        Some("PE")
    } else if head.starts_with(b"#!") {
        Some("script")
    } else if head.starts_with(b"\xcf\xfa\xed\xfe") || head.starts_with(b"\xca\xfe\xba\xbe") {
        Some("Mach-O")
    } else {
        None
    }
}

/// Formats known by their first bytes that no reader is built for.
fn foreign(head: &[u8]) -> Option<&'static str> {
    let text = head.strip_prefix(b"\xef\xbb\xbf").unwrap_or(head).trim_ascii_start();
    let lower = text.get(..64).unwrap_or(text).to_ascii_lowercase();
    Some(match head {
        [0xd0, 0xcf, 0x11, 0xe0, 0xa1, 0xb1, 0x1a, 0xe1, ..] => ole(head),
        [0x1f, 0x8b, ..] => "gzip",
        [b'7', b'z', 0xbc, 0xaf, 0x27, 0x1c, ..] => "7z",
        [b'R', b'a', b'r', b'!', 0x1a, 0x07, ..] => "rar",
        [b'R', b'I', b'F', b'F', _, _, _, _, b'W', b'E', b'B', b'P', ..] => "webp",
        [b'B', b'M', _, _, _, _, 0, 0, 0, 0, ..] => "bmp",
        [b'G', b'I', b'F', b'8', ..] => "gif",
        [_, _, _, _, b'f', b't', b'y', b'p', b'h', b'e', ..]
        | [_, _, _, _, b'f', b't', b'y', b'p', b'm', b'i', b'f', b'1', ..] => "heic",
        [b'{', b'\\', b'r', b't', b'f', ..] => "rtf",
        _ if lower.starts_with(b"<!doctype html") || lower.starts_with(b"<html") => "html",
        _ => return None,
    })
}

/// Which of Microsoft's and Kingsoft's old formats a compound file is; names in it are UTF-16.
fn ole(bytes: &[u8]) -> &'static str {
    let wide = |name: &str| name.encode_utf16().flat_map(u16::to_le_bytes).collect::<Vec<u8>>();
    if holds(bytes, &wide("Workbook")) || holds(bytes, &wide("Book")) {
        "xls"
    } else if holds(bytes, &wide("WpsDocument")) {
        "wps"
    } else if holds(bytes, &wide("WordDocument")) {
        "doc"
    } else if holds(bytes, &wide("PowerPoint Document")) {
        "ppt"
    } else if holds(bytes, &wide("EncryptedPackage")) {
        "encrypted-office"
    } else {
        "ole"
    }
}

/// What no reader claims, and what to tell the one who handed it in.
pub(super) fn other(head: &[u8], bytes: &[u8]) -> (Format, Problem) {
    if let Some(kind) = programs(head) {
        return (Format::Unknown, not_a_document(kind));
    }
    if zipped(head)
        && let Inside::Other(name) = inside(bytes)
    {
        return (Format::Unsupported(name), unsupported(name));
    }
    match foreign(head) {
        // The directory of a compound file may stand anywhere in it.
        Some("ole") => {
            let name = ole(bytes);
            (Format::Unsupported(name), unsupported(name))
        }
        Some(name) => (Format::Unsupported(name), unsupported(name)),
        None => (Format::Unknown, unknown()),
    }
}

fn not_a_document(kind: &'static str) -> Problem {
    Problem::new(
        "not-a-document",
        format!("文件内容是可执行程序（{kind}），不是材料，未打开；请提交 PDF、图片或表格文件"),
        format!(
            "the content is a program ({kind}), not a document, whatever its name says; hand in a PDF, picture or spreadsheet"
        ),
    )
}

fn unknown() -> Problem {
    Problem::new(
        "format-unknown",
        "无法识别文件格式，未读取；请提交 PDF、OFD、XML、PNG、JPEG、TIFF、XLSX、CSV 或 ZIP 文件",
        "the format was not recognised; hand in PDF, OFD, XML, PNG, JPEG, TIFF, XLSX, CSV or ZIP",
    )
}

fn unsupported(name: &'static str) -> Problem {
    let (zh, en) = match name {
        "xls" | "xlsb" | "ods" => ("请用表格软件另存为 xlsx 后提交", "save it as xlsx and hand that in"),
        "doc" | "docx" | "wps" | "rtf" | "ppt" | "pptx" | "html" => {
            ("请导出为 PDF 后提交", "export it as PDF and hand that in")
        }
        "gzip" | "7z" | "rar" => {
            ("请改用 zip 压缩，或直接提交文件", "pack it as zip, or hand the files in directly")
        }
        "webp" | "bmp" | "heic" | "gif" => {
            ("请另存为 JPEG、PNG 或 PDF 后提交", "save it as JPEG, PNG or PDF and hand that in")
        }
        "encrypted-office" => ("请取消打开密码后提交", "remove its password and hand it in again"),
        _ => ("请导出为 PDF 或 xlsx 后提交", "export it as PDF or xlsx and hand that in"),
    };
    Problem::new(
        "format-not-supported",
        format!("文件格式为 {name}，暂不支持；{zh}"),
        format!("the format is {name}, which is not read yet; {en}"),
    )
}

/// Whether `word` stands anywhere in `bytes`.
fn holds(bytes: &[u8], word: &[u8]) -> bool {
    bytes.windows(word.len()).any(|window| window == word)
}
