//! Files inside a PDF: in its name tree, in AF arrays, in annotations. Each is taken once.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
};

use hayro::hayro_syntax::object::{Array, Dict, MaybeRef, Name, Object, Stream, String as PdfString};

use super::super::{Content, Source, archive};
use crate::{
    container::{charset, packed},
    model::problem::Problem,
};

/// How deep dictionaries may lie in one another to be looked through.
const DEPTH: usize = 8;
/// Deflate packs at most so many bytes into one.
const RATIO: u64 = 1032;

/// Gathers the file specifications with a file that stand in an object.
pub(super) fn specifications<'a>(object: &Object<'a>, into: &mut Vec<Dict<'a>>) {
    let data = match object {
        Object::Dict(dict) => dict.data(),
        Object::Stream(stream) => stream.dict().data(),
        Object::Array(array) => array.data(),
        _ => return,
    };
    // Most objects hold none, and looking for three bytes is quicker than taking all of them apart.
    if memchr::memmem::find(data, b"/EF").is_some() {
        walk(object, DEPTH, into);
    }
}

fn walk<'a>(object: &Object<'a>, depth: usize, into: &mut Vec<Dict<'a>>) {
    let Some(deeper) = depth.checked_sub(1) else { return };
    let dict = match object {
        Object::Dict(dict) => dict,
        Object::Stream(stream) => stream.dict(),
        Object::Array(array) => {
            for item in array.raw_iter() {
                if let MaybeRef::NotRef(inner) = item {
                    walk(&inner, deeper, into);
                }
            }
            return;
        }
        _ => return,
    };
    if dict.contains_key("EF".as_bytes()) {
        into.push(dict.clone());
        return;
    }
    for (_, value) in dict.entries() {
        if let MaybeRef::NotRef(inner) = value {
            walk(&inner, deeper, into);
        }
    }
}

/// Reads the files that are specified, each once, as parts of the document.
pub(super) fn read(specifications: &[Dict<'_>], from: &Source<'_>, content: &mut Content) {
    // By object, so that a file that is named in several places comes once and always in one order.
    let mut files: BTreeMap<(u32, i32), (String, Stream<'_>)> = BTreeMap::new();
    for specification in specifications {
        let Some(inner) = specification.get::<Dict<'_>>("EF".as_bytes()) else { continue };
        let keys = ["UF", "F", "Unix", "Mac", "DOS"];
        let Some(stream) = keys.iter().find_map(|key| inner.get::<Stream<'_>>(key.as_bytes())) else {
            content.problems.push(missing(&name(specification)));
            continue;
        };
        let id = stream.obj_id();
        files.entry((id.obj_number, id.gen_number)).or_insert_with(|| (name(specification), stream));
    }
    if files.is_empty() {
        return;
    }
    let limits = from.limits;
    if from.depth >= limits.archive_depth {
        content.problems.push(archive::too_deep(limits.archive_depth));
        return;
    }
    if files.len() > limits.archive_entries {
        let (found, allowed) = (files.len(), limits.archive_entries);
        content.problems.push(Problem::new(
            "archive-too-many-files",
            format!("PDF 中有 {found} 个附件，只读取前 {allowed} 个；请直接提交附件"),
            format!("the PDF holds {found} files, only the first {allowed} were read; hand them in directly"),
        ));
    }
    let mut left = limits.archive_bytes;
    let mut used = BTreeSet::new();
    let mut unpacked = Vec::new();
    for (name, stream) in files.into_values().take(limits.archive_entries) {
        let name = unused(name, &mut used);
        match bytes(&stream, left) {
            Some(bytes) => {
                left = left.saturating_sub(bytes.len() as u64);
                unpacked.push((name, Arc::from(bytes)));
            }
            None => content.problems.push(unread(&name, left)),
        }
    }
    content.parts = archive::parts(from.name, unpacked, limits, from.depth);
}

/// The bytes of an embedded file; `None` where they cannot be unpacked or might be too many. What the
/// file says of their number is not believed.
fn bytes(stream: &Stream<'_>, allowed: u64) -> Option<Vec<u8>> {
    let packed = stream.raw_data();
    let most = match stream.filters().len() {
        0 => packed.len() as u64,
        1 => (packed.len() as u64).saturating_mul(RATIO),
        // What is packed twice over can grow without bound.
        _ => u64::MAX,
    };
    if most > allowed && !(stream.filters().len() == 1 && packed::inflates_within(&packed, allowed)) {
        return None;
    }
    let bytes = stream.decoded().ok()?.into_owned();
    (bytes.len() as u64 <= allowed).then_some(bytes)
}

/// A name that no file before had.
fn unused(name: String, used: &mut BTreeSet<String>) -> String {
    let mut free = name.clone();
    let mut number = 2;
    while !used.insert(free.clone()) {
        free = match name.rsplit_once('.') {
            Some((stem, ending)) => format!("{stem}-{number}.{ending}"),
            None => format!("{name}-{number}"),
        };
        number += 1;
    }
    free
}

/// The name of a specified file, without folders.
fn name(specification: &Dict<'_>) -> String {
    let given = ["UF", "F", "Desc"]
        .iter()
        .filter_map(|key| specification.get::<PdfString<'_>>(key.as_bytes()))
        .map(|name| text(&name))
        .find(|name| !name.trim().is_empty());
    let given = given.unwrap_or_default();
    let last = given.rsplit(['/', '\\']).next().unwrap_or_default().trim();
    let clean: String = last.chars().filter(|c| !c.is_control()).collect();
    if clean.is_empty() || clean == ".." { "attachment".to_owned() } else { clean }
}

/// A text string as it is meant (ISO 32000-1, 7.9.2.2); writers also put UTF-8 and GBK there.
pub(super) fn text(bytes: &[u8]) -> String {
    if let Some(units) = bytes.strip_prefix(b"\xfe\xff") {
        let units: Vec<u16> =
            units.chunks_exact(2).map(|pair| u16::from_be_bytes([pair[0], pair[1]])).collect();
        return String::from_utf16_lossy(&units);
    }
    if let Some(units) = bytes.strip_prefix(b"\xff\xfe") {
        let units: Vec<u16> =
            units.chunks_exact(2).map(|pair| u16::from_le_bytes([pair[0], pair[1]])).collect();
        return String::from_utf16_lossy(&units);
    }
    let bytes = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes);
    match std::str::from_utf8(bytes) {
        Ok(text) => text.to_owned(),
        Err(_) => charset::guessed(bytes).into_owned(),
    }
}

/// What the whole of a file says of how it wants to be shown.
pub(super) fn whole(catalog: &Dict<'_>, content: &mut Content) {
    if catalog.contains_key("Collection".as_bytes()) {
        content.problems.push(Problem::new(
            "pdf-portfolio",
            "这是 PDF 文件包（作品集），封面页没有内容；其中的文件已逐一读取，请核对是否齐全，或直接提交这些文件",
            "this PDF is a portfolio whose own page says nothing; the files in it were read one by one; see that none is missing, or hand them in directly",
        ));
    }
    let Some(form) = catalog.get::<Dict<'_>>("AcroForm".as_bytes()) else { return };
    let fields = form.get::<Array<'_>>("Fields".as_bytes()).map_or(0, |fields| fields.raw_iter().count());
    let rendered = catalog.get::<bool>("NeedsRendering".as_bytes()).unwrap_or(false);
    if form.contains_key("XFA".as_bytes()) && (fields == 0 || rendered) {
        content.problems.push(Problem::new(
            "pdf-xfa-form",
            "这是动态 XFA 表单，页面上没有表单内容，无法读取；请在 Acrobat 中打印为普通 PDF 后提交",
            "this is a dynamic XFA form whose pages do not hold what the form says; print it to an ordinary PDF and hand that in",
        ));
    }
}

/// The subtype of an annotation or font, or nothing.
pub(super) fn subtype(dict: &Dict<'_>) -> String {
    dict.get::<Name<'_>>("Subtype".as_bytes()).map_or_else(String::new, |name| name.as_str().to_owned())
}

fn missing(name: &str) -> Problem {
    Problem::new(
        "attachment-missing",
        format!("PDF 中列出了附件“{name}”，但没有它的内容；请直接提交该附件"),
        format!("the PDF names a file {name:?} inside it that is not there; hand it in directly"),
    )
}

fn unread(name: &str, allowed: u64) -> Problem {
    Problem::new(
        "attachment-unreadable",
        format!("PDF 中的附件“{name}”无法解压，或超过上限 {allowed} 字节，未读取；请直接提交该附件"),
        format!(
            "the file {name:?} inside the PDF cannot be unpacked, or is larger than {allowed} bytes, and was not read; hand it in directly"
        ),
    )
}
