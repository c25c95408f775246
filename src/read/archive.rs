//! Archives: every file inside becomes a document of its own.

use std::sync::Arc;

use super::Content;
use crate::{
    container::charset,
    container::zip::{ZipLimits, ZipTrouble, entries},
    model::{document::Document, limits::Limits, problem::Problem},
};

/// What file managers leave in archives without being asked.
const LITTER: &[&str] = &[".DS_Store", "Thumbs.db", "desktop.ini"];

/// Unpacks an archive and reads what is in it, archives inside archives down to a limit.
pub(super) fn read(name: &str, bytes: &Arc<[u8]>, limits: &Limits, depth: usize) -> Content {
    let mut content = Content::default();
    if depth >= limits.archive_depth {
        let allowed = limits.archive_depth;
        content.problems.push(Problem::new(
            "archive-too-deep",
            format!("压缩包嵌套超过 {allowed} 层，里面的文件未读取；请直接提交文件"),
            format!("archives are nested more than {allowed} deep and this one was not opened; hand its files in directly"),
        ));
        return content;
    }
    let (files, problems) = unpack(bytes, limits);
    content.problems.extend(problems);
    // Inner archives share the bound of the outermost: each level may unpack what is left.
    let used: u64 = files.iter().map(|(_, bytes)| bytes.len() as u64).sum();
    let mut inner = Limits { archive_bytes: limits.archive_bytes.saturating_sub(used), ..limits.clone() };
    for (path, bytes) in files {
        let part = super::read_at(&format!("{name}/{path}"), bytes, &inner, depth + 1);
        inner.archive_bytes = inner.archive_bytes.saturating_sub(unpacked(&part));
        content.parts.push(part);
    }
    content
}

/// A file out of an archive: its path inside it, and its bytes.
pub type Unpacked = (String, Arc<[u8]>);

/// The files of an archive by their path inside it, and what could not be read.
#[must_use]
pub fn unpack(bytes: &[u8], limits: &Limits) -> (Vec<Unpacked>, Vec<Problem>) {
    let (files, troubles) = entries(bytes, zip_limits(limits));
    let is_litter = |path: &str| {
        let file = path.rsplit('/').next().unwrap_or_default();
        path.split('/').any(|part| part == "__MACOSX") || LITTER.contains(&file) || file.starts_with("._")
    };
    let named = files
        .into_iter()
        .map(|entry| (shown_name(&entry.raw_name), Arc::from(entry.bytes)))
        .filter(|(path, _)| !is_litter(path))
        .collect();
    (named, troubles.iter().map(problem).collect())
}

/// How many bytes came out of a document, at all depths.
fn unpacked(document: &Document) -> u64 {
    document.parts.iter().map(|part| part.bytes.len() as u64 + unpacked(part)).sum()
}

/// The bounds of one archive.
pub(super) const fn zip_limits(limits: &Limits) -> ZipLimits {
    ZipLimits { entries: limits.archive_entries, total_bytes: limits.archive_bytes, ratio: limits.archive_ratio }
}

/// A name as a person reads it: UTF-8 where it is, else GBK, whatever the archive's flag says.
fn shown_name(raw: &[u8]) -> String {
    match std::str::from_utf8(raw) {
        Ok(name) => name.to_owned(),
        Err(_) => charset::guessed(raw).replace('\\', "/"),
    }
}

/// What went wrong with an archive, for the reviewer.
pub(super) fn problem(trouble: &ZipTrouble) -> Problem {
    match trouble {
        ZipTrouble::Unreadable(why) => Problem::new(
            "archive-unreadable",
            format!("压缩包已损坏，无法打开（{why}）；请重新压缩后提交"),
            format!("the archive is damaged and cannot be opened ({why}); pack it again"),
        ),
        ZipTrouble::TooManyEntries { found, allowed } => Problem::new(
            "archive-too-many-files",
            format!("压缩包内有 {found} 个文件，只读取前 {allowed} 个；请拆分后提交"),
            format!("the archive has {found} files, only the first {allowed} were read; split it"),
        ),
        ZipTrouble::UnsafeName { raw_name } => {
            let name = shown_name(raw_name);
            Problem::new(
                "archive-unsafe-name",
                format!("压缩包内文件名“{name}”指向压缩包之外，未读取该文件；请重新压缩后提交"),
                format!("the name {name:?} leads out of the archive and was not read; pack the files again"),
            )
        }
        ZipTrouble::Encrypted { raw_name } => {
            let name = shown_name(raw_name);
            Problem::new(
                "archive-encrypted",
                format!("压缩包内文件“{name}”设有密码，未读取；请提交不设密码的压缩包"),
                format!("{name:?} in the archive needs a password and was not read; hand it in without one"),
            )
        }
        ZipTrouble::Bomb { raw_name, packed, allowed } => {
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
        ZipTrouble::Damaged { raw_name, why } => {
            let name = shown_name(raw_name);
            Problem::new(
                "archive-entry-damaged",
                format!("压缩包内文件“{name}”无法解压（{why}）；请重新压缩后提交"),
                format!("{name:?} in the archive cannot be unpacked ({why}); pack it again"),
            )
        }
    }
}
