//! Holds the habits of the house that no compiler holds. A file that breaks one is named with its line.

use std::{
    collections::BTreeSet,
    fs,
    path::{Path, PathBuf},
};

use heyan::{classify, extract::custom::CUSTOM, rulebook::types};

/// A source file is read in one sitting; one longer than this is two.
const LINES: usize = 500;

/// Names that say nothing of what is inside.
const EMPTY_NAMES: &[&str] =
    &["common", "core", "helper", "helpers", "manager", "misc", "service", "util", "utils"];

/// Folders that hold files written by hand, besides the files at the root.
const FOLDERS: &[&str] = &[".ci", "fixtures", "rules", "schema", "scripts", "src", "tests"];

/// Files of text, by ending; others are pictures, documents, or in a charset of their own.
const TEXTS: &[&str] = &["css", "html", "md", "rs", "sh", "toml", "txt", "words"];

#[test]
fn sources_are_short_and_say_what_they_are() {
    let mut wrong = Vec::new();
    for (name, text) in texts().into_iter().filter(|(name, _)| name.ends_with(".rs")) {
        let lines = text.lines().count();
        if lines > LINES {
            wrong.push(format!("{name}: {lines} lines, at most {LINES} are allowed"));
        }
        if !text.starts_with("//! ") {
            wrong.push(format!("{name}:1: no `//!` comment says what the file is for"));
        }
        let in_the_name = name.trim_end_matches(".rs").split('/').find(|part| EMPTY_NAMES.contains(part));
        let declared = text
            .lines()
            .filter_map(|line| line.trim_start().trim_start_matches("pub ").strip_prefix("mod "))
            .map(|rest| rest.trim_end_matches([';', '{', ' ']))
            .find(|module| EMPTY_NAMES.contains(module));
        if let Some(empty) = in_the_name.or(declared) {
            wrong.push(format!("{name}: a module called `{empty}` could hold anything"));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn nothing_is_put_off_or_left_lying_about() {
    // Put together here, so that this file does not find itself.
    let put_off = [["TO", "DO"].concat(), ["FIX", "ME"].concat(), ["XX", "X"].concat()];
    // A folder of somebody's own machine means nothing on another.
    let at_home = [["/ho", "me/"].concat(), ["/Us", "ers/"].concat()];
    let mut wrong = Vec::new();
    for (name, text) in texts() {
        for (at, line) in (1..).zip(text.split('\n')) {
            if let Some(word) = put_off.iter().find(|word| line.contains(word.as_str())) {
                wrong.push(format!("{name}:{at}: `{word}`; do it, or say in words what is so and why"));
            }
            if let Some(path) = at_home.iter().find(|path| line.contains(path.as_str())) {
                wrong.push(format!("{name}:{at}: a path below {path}"));
            }
            if line.trim_end() != line {
                wrong.push(format!("{name}:{at}: white space at the end of the line"));
            }
        }
        if !text.is_empty() && !text.ends_with('\n') {
            wrong.push(format!("{name}: no line end at the end"));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn every_fixture_is_described() {
    let readme = fs::read_to_string(root().join("fixtures/README.md")).unwrap();
    let described: Vec<&str> = readme
        .lines()
        .filter_map(|line| line.strip_prefix("| `")?.split_once('`'))
        .map(|(entry, _)| entry.trim_end_matches('/'))
        .collect();
    let files: Vec<String> = walked(&root().join("fixtures"))
        .iter()
        .map(|file| named(file).trim_start_matches("fixtures/").to_owned())
        .filter(|file| file != "README.md")
        .collect();
    let mut wrong: Vec<String> = files
        .iter()
        .filter(|file| !described.iter().any(|entry| covers(entry, file)))
        .map(|file| format!("fixtures/{file} is not described in fixtures/README.md"))
        .collect();
    // Tables of other things stand in the README too; only paths name fixtures.
    for entry in described.iter().filter(|entry| entry.contains('/') && !entry.contains(' ')) {
        if !files.iter().any(|file| covers(entry, file)) {
            wrong.push(format!("fixtures/README.md describes `{entry}`, which is not there"));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// Whether a described path is a file's own or that of a folder above it; `<type>` stands for any name.
fn covers(entry: &str, file: &str) -> bool {
    let fits = |pattern: &str, name: &str| match (pattern.split_once('<'), pattern.rsplit_once('>')) {
        (Some((head, _)), Some((_, tail))) => name.starts_with(head) && name.ends_with(tail),
        _ => pattern == name,
    };
    let (entry, file): (Vec<&str>, Vec<&str>) = (entry.split('/').collect(), file.split('/').collect());
    entry.len() <= file.len() && entry.iter().zip(&file).all(|(pattern, name)| fits(pattern, name))
}

#[test]
fn every_document_type_has_pages_and_the_functions_it_names() {
    let types = types::embedded().unwrap();
    for kind in &types {
        let unknown = kind.custom.iter().find(|name| CUSTOM.iter().all(|custom| custom.name != **name));
        assert_eq!(unknown, None, "rules/documents/{}.toml", kind.id);
    }
    // What is of no known type is tested as well.
    let mut wanted: BTreeSet<String> = types.into_iter().map(|kind| kind.id).collect();
    wanted.insert(classify::OTHER.to_owned());
    let pages: BTreeSet<String> = names_in_folder("fixtures/documents").into_iter().collect();
    assert_eq!(pages, wanted, "fixtures/documents and rules/documents");
}

#[test]
fn no_test_is_forgotten() {
    let main = fs::read_to_string(root().join("tests/it/main.rs")).unwrap();
    let listed: Vec<String> = main
        .lines()
        .filter_map(|line| line.strip_prefix("mod ")?.strip_suffix(';'))
        .map(str::to_owned)
        .collect();
    let mut written = names_in("tests/it", "rs");
    written.remove("main");
    assert_eq!(listed, written.into_iter().collect::<Vec<_>>(), "tests/it and the list in its main.rs");
}

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// A path below the root as it is written in texts.
fn named(path: &Path) -> String {
    path.strip_prefix(root()).unwrap().to_str().unwrap().replace('\\', "/")
}

/// Every text of the house, by name.
fn texts() -> Vec<(String, String)> {
    let mut files: Vec<PathBuf> = FOLDERS.iter().flat_map(|folder| walked(&root().join(folder))).collect();
    files.extend(fs::read_dir(root()).unwrap().map(|entry| entry.unwrap().path()).filter(|p| p.is_file()));
    let text = |path: &PathBuf| {
        path.extension().is_none_or(|ending| TEXTS.iter().any(|known| ending == *known))
            && path.file_name().is_none_or(|name| name != "LICENSE")
    };
    let files: Vec<_> =
        files.iter().filter(|path| text(path)).map(|p| (named(p), fs::read_to_string(p).unwrap())).collect();
    assert!(files.len() > 100, "only {} texts were found", files.len());
    files
}

/// All files below a folder, in a fixed order.
fn walked(folder: &Path) -> Vec<PathBuf> {
    let mut entries: Vec<PathBuf> =
        fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    entries.sort();
    entries.into_iter().flat_map(|path| if path.is_dir() { walked(&path) } else { vec![path] }).collect()
}

/// The stems of a folder's own files with an ending.
fn names_in(folder: &str, ending: &str) -> BTreeSet<String> {
    fs::read_dir(root().join(folder))
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.extension().is_some_and(|own| own == ending))
        .map(|path| path.file_stem().unwrap().to_str().unwrap().to_owned())
        .collect()
}

fn names_in_folder(folder: &str) -> BTreeSet<String> {
    let entries = fs::read_dir(root().join(folder)).unwrap().map(|entry| entry.unwrap());
    entries.map(|entry| entry.file_name().to_str().unwrap().to_owned()).collect()
}
