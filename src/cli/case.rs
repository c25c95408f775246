//! Cases on disk: folders, archives of one, and folders of either.

use std::{
    collections::BTreeMap,
    fs,
    path::{Path, PathBuf},
    sync::Arc,
};

use anyhow::{Context, Result, bail};

use super::say;
use crate::{
    model::{case::CaseFiles, limits::Limits, problem::Problem},
    pipeline::Tools,
    read,
};

/// The names a declaration may have; the first that is there counts.
const DECLARATIONS: &[&str] =
    &["declaration.json", "declaration.xlsx", "declaration.docx", "declaration.pdf"];

/// Finds the cases that a path on the command line means.
pub(super) fn cases(path: &Path) -> Result<Vec<PathBuf>> {
    let kind = fs::metadata(path).with_context(|| format!("{} cannot be opened", path.display()))?;
    if kind.is_file() {
        return Ok(vec![path.to_owned()]);
    }
    if is_case(path) {
        return Ok(vec![path.to_owned()]);
    }
    let is_zip = |entry: &Path| entry.extension().is_some_and(|ending| ending.eq_ignore_ascii_case("zip"));
    let (inside, beside): (Vec<PathBuf>, Vec<PathBuf>) = sorted(path)?
        .into_iter()
        .partition(|entry| if entry.is_dir() { is_case(entry) } else { is_zip(entry) });
    if inside.is_empty() {
        // A folder with neither a declaration nor cases in it is a case without a declaration.
        return Ok(vec![path.to_owned()]);
    }
    // Among hundreds of cases nobody would miss one that was passed over; reports may lie beside them.
    let reports = |entry: &Path| entry.join("batch.json").is_file();
    for entry in beside.iter().filter(|entry| !is_noise(&entry.to_string_lossy()) && !reports(entry)) {
        say::hint(&format!(
            "{} is not verified: a case is a folder with a declaration or attachments in it, or a zip of one",
            entry.display()
        ));
    }
    Ok(inside)
}

fn is_case(folder: &Path) -> bool {
    DECLARATIONS.iter().any(|name| folder.join(name).is_file())
        || folder.join("attachments").is_dir()
        || sorted(folder).is_ok_and(|entries| {
            entries.iter().any(|entry| {
                entry.file_name().and_then(|n| n.to_str()).is_some_and(|n| n.starts_with("declaration."))
            })
        })
}

fn sorted(folder: &Path) -> Result<Vec<PathBuf>> {
    let mut entries = fs::read_dir(folder)
        .with_context(|| format!("{} cannot be listed", folder.display()))?
        .map(|entry| entry.map(|entry| entry.path()))
        .collect::<Result<Vec<_>, _>>()?;
    entries.sort();
    Ok(entries)
}

/// What a case is called: its folder or archive.
pub(super) fn name(path: &Path) -> String {
    let whole = path.canonicalize().unwrap_or_else(|_| path.to_owned());
    let name = if whole.is_file() { whole.file_stem() } else { whole.file_name() };
    name.map_or_else(|| "case".to_owned(), |name| name.to_string_lossy().into_owned())
}

/// Reads the files of one case into memory.
pub(super) fn load(path: &Path, tools: &Tools) -> Result<CaseFiles> {
    let name = name(path);
    if path.is_file() {
        return archive(path, name, tools);
    }
    let mut case = CaseFiles { name, ..CaseFiles::default() };
    // What lies beside the folder of attachments was handed in as well, as in an archive of the case.
    walk(path, path, &tools.limits, &mut case)?;
    if let Some(known) =
        DECLARATIONS.iter().find(|known| path.join(known).is_file() && !is_link(&path.join(known)))
    {
        let file = path.join(known);
        case.attachments.remove(*known);
        let size = fs::metadata(&file).map_or(0, |kind| kind.len());
        if let Some(problem) = too_large(known, size, &tools.limits) {
            // What the walk said of it as an attachment is the same.
            case.problems.retain(|said| said.file != *known);
            case.problems.push(problem);
        } else {
            let bytes = fs::read(&file).with_context(|| format!("{} cannot be read", file.display()))?;
            case.declaration = Some(((*known).to_owned(), bytes.into()));
        }
    }
    Ok(case)
}

fn walk(folder: &Path, base: &Path, limits: &Limits, case: &mut CaseFiles) -> Result<()> {
    for entry in sorted(folder)? {
        let name = entry.strip_prefix(base).unwrap_or(&entry).to_string_lossy().replace('\\', "/");
        let Ok(kind) = fs::symlink_metadata(&entry) else { continue };
        if is_noise(&name) {
            continue;
        }
        if kind.is_symlink() {
            case.problems.push(not_followed(&name));
            continue;
        }
        if kind.is_dir() {
            walk(&entry, base, limits, case)?;
        } else if kind.len() > limits.file_bytes {
            case.problems.push(read::too_large(limits).at(&name));
        } else {
            match fs::read(&entry) {
                Ok(bytes) => {
                    case.attachments.insert(name, bytes.into());
                }
                Err(error) => case.problems.push(
                    Problem::new(
                        "file-unreadable",
                        format!("文件无法读取：{error}"),
                        format!("cannot be read: {error}"),
                    )
                    .at(&name),
                ),
            }
        }
    }
    Ok(())
}

fn is_link(path: &Path) -> bool {
    fs::symlink_metadata(path).is_ok_and(|kind| kind.is_symlink())
}

/// What to say of a declaration that is larger than what is read of one.
fn too_large(name: &str, found: u64, limits: &Limits) -> Option<Problem> {
    if !name.ends_with(".json") {
        // A form is a file like any other.
        return (found > limits.file_bytes).then(|| read::too_large(limits).at(name));
    }
    let allowed = limits.declaration_bytes;
    let problem = || {
        Problem::new(
            "declaration-too-large",
            format!("申报数据有 {found} 字节，最多允许 {allowed} 字节，未读取；请检查导出的文件"),
            format!("the declaration has {found} bytes, at most {allowed} are read; see how it was exported"),
        )
    };
    (found > allowed).then(|| problem().at(name))
}

/// A link could lead out of the case, to files that nobody handed in.
fn not_followed(name: &str) -> Problem {
    Problem::new(
        "link-not-followed",
        "这是一个链接，未读取其指向的内容；请放入文件本身",
        "this is a link, and what it leads to was not read; put the file itself here",
    )
    .at(name)
}

fn is_noise(name: &str) -> bool {
    let last = name.rsplit('/').next().unwrap_or(name);
    last.starts_with('.') || matches!(last, "Thumbs.db" | "desktop.ini") || last == "truth.json"
}

fn archive(path: &Path, name: String, tools: &Tools) -> Result<CaseFiles> {
    let unreadable = || format!("{} cannot be read", path.display());
    let size = fs::metadata(path).with_context(unreadable)?.len();
    let most = tools.limits.archive_bytes;
    if size > most {
        return Err(say::advised(
            format!(
                "{} has {size} bytes, and archives with more than {most} are not unpacked",
                path.display()
            ),
            "unpack it, and verify the folder".to_owned(),
        ));
    }
    let bytes = fs::read(path).with_context(unreadable)?;
    if !bytes.starts_with(b"PK") {
        bail!(
            "{} is neither a folder nor a zip archive; to read one file use `heyan extract`",
            path.display()
        );
    }
    let (entries, problems) = tools.opener.unpack(&bytes.into(), &tools.limits);
    let files: BTreeMap<String, Arc<[u8]>> = entries.into_iter().collect();
    // An archive often holds one folder that holds the case.
    let ends = |name: &str, known: &str| name.rsplit('/').next() == Some(known);
    let declaration =
        DECLARATIONS.iter().find_map(|known| files.keys().find(|name| ends(name, known)).cloned());
    let root = declaration.as_deref().and_then(|name| name.rfind('/').map(|at| name[..=at].to_owned()));
    let root = root.unwrap_or_default();
    let mut case = CaseFiles { name, problems, ..CaseFiles::default() };
    for (name, bytes) in files {
        let inner = name.strip_prefix(&root).unwrap_or(&name).to_owned();
        if declaration.as_ref() == Some(&name) {
            match too_large(&inner, bytes.len() as u64, &tools.limits) {
                Some(problem) => case.problems.push(problem),
                None => case.declaration = Some((inner, bytes)),
            }
        } else if !is_noise(&inner) && !name.starts_with("__MACOSX/") {
            case.attachments.insert(inner, bytes);
        }
    }
    Ok(case)
}
