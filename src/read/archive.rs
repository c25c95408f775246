//! Archives of every kind: each file inside becomes a document of its own.

use std::sync::Arc;

use super::{Content, Source};
use crate::{
    container::tar as tape,
    container::zip as zipped,
    container::{
        archive::{ArchiveLimits, ArchiveTrouble, Entry, Opened, shown_name},
        packed::{self, Packing},
        rar, sevenz,
    },
    model::{document::Document, limits::Limits, problem::Problem},
};

/// What file managers leave in archives without being asked.
const LITTER: &[&str] = &[".DS_Store", "Thumbs.db", "desktop.ini"];

/// Unpacks an archive and reads what is in it, archives inside archives down to a limit.
pub(super) fn read(source: &Source<'_>) -> Content {
    let Source { name, bytes, limits, depth } = source;
    let mut content = Content::default();
    if *depth >= limits.archive_depth {
        content.problems.push(too_deep(limits.archive_depth));
        return content;
    }
    let (files, problems) = unpack(bytes, limits);
    content.problems.extend(problems);
    content.parts = parts(name, files, limits, *depth);
    content
}

/// A file out of an archive: its path inside it, and its bytes.
pub type Unpacked = (String, Arc<[u8]>);

/// The files of an archive by their path inside it, and what could not be read.
pub(super) fn unpack(bytes: &[u8], limits: &Limits) -> (Vec<Unpacked>, Vec<Problem>) {
    let (files, troubles) = opened(bytes, ArchiveLimits::of_archive(limits));
    let is_litter = |path: &str| {
        let file = path.rsplit('/').next().unwrap_or_default();
        path.split('/').any(|part| part == "__MACOSX") || LITTER.contains(&file) || file.starts_with("._")
    };
    let named = files.into_iter().map(unpacked).filter(|(path, _)| !is_litter(path)).collect();
    (named, troubles.iter().map(problem).collect())
}

fn opened(bytes: &[u8], bounds: ArchiveLimits) -> Opened {
    if bytes.starts_with(sevenz::MARK) {
        sevenz::entries(bytes, bounds)
    } else if bytes.starts_with(rar::MARK) {
        rar::entries(bytes, bounds)
    } else if let Some(packing) = Packing::of(bytes) {
        packed::entries(bytes, packing, bounds)
    } else if tape::claims(bytes) {
        tape::entries(bytes, bounds)
    } else {
        zipped::entries(bytes, bounds)
    }
}

pub(super) fn unpacked(entry: Entry) -> Unpacked {
    (shown_name(&entry.raw_name), Arc::from(entry.bytes))
}

/// Reads the files that came out of one that lies `depth` archives deep.
pub(super) fn parts(name: &str, files: Vec<Unpacked>, limits: &Limits, depth: usize) -> Vec<Document> {
    // Inner archives share the bounds of the outermost: each level may unpack what is left.
    let used: u64 = files.iter().map(|(_, bytes)| bytes.len() as u64).sum();
    let mut inner = Limits {
        archive_bytes: limits.archive_bytes.saturating_sub(used),
        archive_entries: limits.archive_entries.saturating_sub(files.len()),
        ..limits.clone()
    };
    let mut parts = Vec::with_capacity(files.len());
    for (path, bytes) in files {
        // Packed alone and without a name, a file is called as its packing is.
        let path = if path.is_empty() { super::stem(name).to_owned() } else { path };
        let part = super::read_at(&format!("{name}/{path}"), bytes, &inner, depth + 1);
        let (files, bytes) = held(&part);
        inner.archive_bytes = inner.archive_bytes.saturating_sub(bytes);
        inner.archive_entries = inner.archive_entries.saturating_sub(files);
        parts.push(part);
    }
    parts
}

/// How many files and bytes came out of a document, at all depths.
fn held(document: &Document) -> (usize, u64) {
    document.parts.iter().fold((0, 0), |(files, bytes), part| {
        let (inner_files, inner_bytes) = held(part);
        (files + 1 + inner_files, bytes + part.bytes.len() as u64 + inner_bytes)
    })
}

pub(super) fn too_deep(allowed: usize) -> Problem {
    Problem::new(
        "archive-too-deep",
        format!("压缩包或邮件嵌套超过 {allowed} 层，里面的文件未读取；请直接提交文件"),
        format!(
            "archives or e-mails are nested more than {allowed} deep and the files in this one were not read; hand them in directly"
        ),
    )
}

/// What went wrong with an archive, for the reviewer.
pub(super) fn problem(trouble: &ArchiveTrouble) -> Problem {
    match trouble {
        ArchiveTrouble::Unreadable(why) => Problem::new(
            "archive-unreadable",
            format!("压缩包已损坏，无法打开（{why}）；请重新压缩后提交"),
            format!("the archive is damaged and cannot be opened ({why}); pack it again"),
        ),
        ArchiveTrouble::Torn(why) => Problem::new(
            "archive-damaged",
            format!("压缩包不完整或已损坏，只读取了损坏处之前的文件（{why}）；请重新压缩后提交"),
            format!(
                "the archive is incomplete or damaged and only what stands before was read ({why}); pack it again"
            ),
        ),
        ArchiveTrouble::Locked => Problem::new(
            "archive-encrypted",
            "压缩包设有密码（文件名也已加密），未读取；请提交不设密码的压缩包",
            "the archive needs a password, even for its names, and was not read; hand it in without one",
        ),
        ArchiveTrouble::Volume => Problem::new(
            "archive-volume",
            "这是分卷压缩包的一部分，无法单独读取；请压缩成一个文件后提交",
            "this is one volume of a split archive and cannot be read alone; pack everything into one file",
        ),
        ArchiveTrouble::TooManyEntries { found, allowed } => Problem::new(
            "archive-too-many-files",
            format!("压缩包内有 {found} 个文件，只读取前 {allowed} 个；请拆分后提交"),
            format!("the archive has {found} files, only the first {allowed} were read; split it"),
        ),
        ArchiveTrouble::SameNames { lost } => Problem::new(
            "archive-same-names",
            format!("压缩包内有 {lost} 个文件与其他文件重名，未读取；请改名后重新压缩"),
            format!(
                "{lost} files in the archive have the names of others and were not read; rename them and pack again"
            ),
        ),
        ArchiveTrouble::More { count } => Problem::new(
            "archive-more-not-read",
            format!("压缩包内另有 {count} 个文件或链接未读取，不再逐一列出；请重新整理后压缩"),
            format!(
                "{count} more files or links in the archive were not read and are not listed one by one; tidy it up and pack it again"
            ),
        ),
        ArchiveTrouble::UnsafeName { raw_name } => {
            let name = shown_name(raw_name);
            Problem::new(
                "archive-unsafe-name",
                format!("压缩包内文件名“{name}”指向压缩包之外，未读取该文件；请重新压缩后提交"),
                format!("the name {name:?} leads out of the archive and was not read; pack the files again"),
            )
        }
        ArchiveTrouble::NotAFile { raw_name } => {
            let name = shown_name(raw_name);
            Problem::new(
                "archive-link",
                format!("压缩包内的“{name}”是链接或设备，不是文件，未读取；请放入文件本身后重新压缩"),
                format!(
                    "{name:?} in the archive is a link or a device and was not followed; pack the file itself"
                ),
            )
        }
        ArchiveTrouble::Encrypted { raw_name } => {
            let name = shown_name(raw_name);
            Problem::new(
                "archive-encrypted",
                format!("压缩包内文件“{name}”设有密码，未读取；请提交不设密码的压缩包"),
                format!("{name:?} in the archive needs a password and was not read; hand it in without one"),
            )
        }
        ArchiveTrouble::Bomb { raw_name, packed, allowed } => {
            let name = shown_name(raw_name);
            Problem::new(
                "archive-bomb",
                format!(
                    "压缩包内文件“{name}”压缩后 {packed} 字节，解压超过上限 {allowed} 字节，未读取；请直接提交该文件"
                ),
                format!(
                    "{name:?} unpacks from {packed} to more than {allowed} bytes and was not read; hand the file in by itself"
                ),
            )
        }
        ArchiveTrouble::Method { raw_name, method } => {
            let name = shown_name(raw_name);
            Problem::new(
                "archive-method",
                format!(
                    "压缩包内文件“{name}”使用的压缩方法（{method}）不支持，未读取；请用普通 zip 方式重新压缩"
                ),
                format!(
                    "{name:?} in the archive is packed with {method}, which is not read; pack it as plain zip"
                ),
            )
        }
        ArchiveTrouble::Damaged { raw_name, why } => {
            let name = shown_name(raw_name);
            Problem::new(
                "archive-entry-damaged",
                format!("压缩包内文件“{name}”无法解压（{why}）；请重新压缩后提交"),
                format!("{name:?} in the archive cannot be unpacked ({why}); pack it again"),
            )
        }
    }
}
