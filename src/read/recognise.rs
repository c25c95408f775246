//! What a file is, from its content, and what to say of files that no reader is built for.

use memchr::memmem;

use super::{csv as separated, spreadsheet::encrypted};
use crate::{
    container::{
        charset, email, ofd,
        ole::{Compound, SIGNATURE},
        packed::Packing,
        picture::heif,
        rar as roshal,
        sevenz::MARK,
        tar as tape,
        zip::names as names_in,
    },
    model::{document::Format, problem::Problem},
};

pub(super) fn pdf(head: &[u8], _: &[u8]) -> bool {
    // ISO 32000-1, annex H.3.4.1: readers accept the header within the first 1024 bytes.
    // What begins as something else is shown as that, whatever stands in it.
    let other = [png, jpeg, tiff].iter().any(|claims| claims(head, &[])) || head.starts_with(b"GIF8");
    memmem::find(head.get(..1024).unwrap_or(head), b"%PDF-").is_some()
        && !(other || program(head) || head.starts_with(b"PK\x03\x04"))
}

pub(super) fn png(head: &[u8], _: &[u8]) -> bool {
    head.starts_with(b"\x89PNG\r\n\x1a\n")
}

pub(super) fn jpeg(head: &[u8], _: &[u8]) -> bool {
    head.starts_with(b"\xff\xd8\xff")
}

pub(super) fn tiff(head: &[u8], _: &[u8]) -> bool {
    [b"II*\0", b"MM\0*", b"II+\0", b"MM\0+"].iter().any(|mark| head.starts_with(*mark))
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

pub(super) fn xlsb(head: &[u8], bytes: &[u8]) -> bool {
    zipped(head) && matches!(inside(bytes), Inside::Other("xlsb"))
}

pub(super) fn ods(head: &[u8], bytes: &[u8]) -> bool {
    zipped(head) && matches!(inside(bytes), Inside::Other("ods"))
}

pub(super) fn docx(head: &[u8], bytes: &[u8]) -> bool {
    zipped(head) && matches!(inside(bytes), Inside::Other("docx"))
}

pub(super) fn xls(head: &[u8], bytes: &[u8]) -> bool {
    head.starts_with(&SIGNATURE) && ole(bytes) == "xls"
}

pub(super) fn zip(head: &[u8], bytes: &[u8]) -> bool {
    zipped(head) && matches!(inside(bytes), Inside::Files)
}

pub(super) fn csv(head: &[u8], bytes: &[u8]) -> bool {
    !program(head) && foreign(head).is_none() && separated::claims(head, bytes)
}

pub(super) fn bmp(head: &[u8], _: &[u8]) -> bool {
    matches!(head, [b'B', b'M', _, _, _, _, 0, 0, 0, 0, ..])
}

pub(super) fn webp(head: &[u8], _: &[u8]) -> bool {
    head.starts_with(b"RIFF") && head.get(8..12) == Some(b"WEBP")
}

pub(super) fn gif(head: &[u8], _: &[u8]) -> bool {
    head.starts_with(b"GIF87a") || head.starts_with(b"GIF89a")
}

pub(super) fn sevenz(head: &[u8], _: &[u8]) -> bool {
    head.starts_with(MARK)
}

pub(super) fn rar(head: &[u8], _: &[u8]) -> bool {
    head.starts_with(roshal::MARK)
}

pub(super) fn heic(head: &[u8], _: &[u8]) -> bool {
    heif::claims(head)
}

pub(super) fn gzip(head: &[u8], _: &[u8]) -> bool {
    Packing::of(head) == Some(Packing::Gzip)
}

pub(super) fn bzip2(head: &[u8], _: &[u8]) -> bool {
    Packing::of(head) == Some(Packing::Bzip2)
}

pub(super) fn xz(head: &[u8], _: &[u8]) -> bool {
    Packing::of(head) == Some(Packing::Xz)
}

pub(super) fn tar(head: &[u8], _: &[u8]) -> bool {
    tape::claims(head)
}

pub(super) fn mail(head: &[u8], _: &[u8]) -> bool {
    email::claims(head)
}

/// An archive begins with a file, is empty, or is a part of one that was split.
fn zipped(head: &[u8]) -> bool {
    [b"PK\x03\x04", b"PK\x05\x06", b"PK\x07\x08"].iter().any(|mark| head.starts_with(*mark))
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
    } else if names.iter().any(|one| ofd::is_root(one)) {
        Inside::Ofd
    } else if has("mimetype") && has("content.xml") {
        Inside::Other("ods")
    } else if names.is_empty() && memmem::find(bytes, b"xl/workbook.xml").is_some() {
        // The directory at the end is gone, but the first entries still tell.
        Inside::Xlsx
    } else if names.is_empty() && memmem::find(bytes, b"OFD.xml").is_some() {
        Inside::Ofd
    } else {
        Inside::Files
    }
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
        [0xd0, 0xcf, 0x11, 0xe0, 0xa1, 0xb1, 0x1a, 0xe1, ..] => "ole",
        [0x28, 0xb5, 0x2f, 0xfd, ..] => "zstd",
        [0x1f, 0x9d | 0xa0, ..] => "compress",
        [_, _, b'-', b'l', b'h' | b'z', _, b'-', ..] => "lzh",
        [_, _, _, _, b'f', b't', b'y', b'p', b'a', b'v', b'i', b'f', ..] => "avif",
        [b'{', b'\\', b'r', b't', b'f', ..] => "rtf",
        _ if lower.starts_with(b"<!doctype html") || lower.starts_with(b"<html") => "html",
        _ => return None,
    })
}

/// Which of Microsoft's and Kingsoft's old formats a compound file is, from the streams in it.
fn ole(bytes: &[u8]) -> &'static str {
    /// Streams at the root and what they tell.
    const STREAMS: &[(&str, &str)] = &[
        ("EncryptedPackage", "encrypted-office"),
        ("WpsDocument", "wps"),
        ("WordDocument", "doc"),
        ("PowerPoint Document", "ppt"),
        ("Workbook", "xls"),
        ("Book", "xls"),
        ("__properties_version1.0", "msg"),
    ];
    // Where the directory is gone, the names may still stand somewhere; they are UTF-16.
    let wide = |name: &str| name.encode_utf16().flat_map(u16::to_le_bytes).collect::<Vec<u8>>();
    let file = Compound::open(bytes);
    let has = |name: &str| {
        file.as_ref().map_or_else(|| memmem::find(bytes, &wide(name)).is_some(), |file| file.has(name))
    };
    STREAMS.iter().find(|(stream, _)| has(stream)).map_or("ole", |(_, kind)| kind)
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
        Some("ole") => match ole(bytes) {
            name @ "encrypted-office" => (Format::Unsupported(name), encrypted()),
            name => (Format::Unsupported(name), unsupported(name)),
        },
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
        "无法识别文件格式，未读取；请提交 PDF、OFD、XML、图片、XLSX、CSV 或 ZIP 文件",
        "the format was not recognised; hand in PDF, OFD, XML, a picture, XLSX, CSV or ZIP",
    )
}

fn unsupported(name: &'static str) -> Problem {
    let (zh, en) = match name {
        "doc" | "wps" | "rtf" => {
            ("请另存为 docx 或导出为 PDF 后提交", "save it as docx or export it as PDF and hand that in")
        }
        "ppt" | "pptx" | "html" => ("请导出为 PDF 后提交", "export it as PDF and hand that in"),
        "zstd" | "compress" | "lzh" => {
            ("请改用 zip 压缩，或直接提交文件", "pack it as zip, or hand the files in directly")
        }
        "avif" => ("请另存为 JPEG、PNG 或 PDF 后提交", "save it as JPEG, PNG or PDF and hand that in"),
        "msg" => (
            "请在 Outlook 中另存为 eml，或直接提交附件",
            "save it as eml in Outlook, or hand its attachments in directly",
        ),
        _ => ("请导出为 PDF 或 xlsx 后提交", "export it as PDF or xlsx and hand that in"),
    };
    Problem::new(
        "format-not-supported",
        format!("文件格式为 {name}，暂不支持；{zh}"),
        format!("the format is {name}, which is not read yet; {en}"),
    )
}
