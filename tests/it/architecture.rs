//! Holds the house's two tables: which layer may name which, and which crate is named where.
//!
//! Folders alone do not hold layers, so the sources are read: comments and texts are blanked first,
//! then every `crate::` path and every first path segment is compared with the tables.

use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    path::{Path, PathBuf},
};

/// Layers, lowest first, each with the layers it may name.
const LAYERS: &[(&str, &[&str])] = &[
    ("model", &[]),
    ("container", &["model"]),
    ("rulebook", &["model"]),
    ("recognize", &["model"]),
    ("arrange", &["model"]),
    ("read", &["model", "container"]),
    ("draw", &["model", "container"]),
    ("authenticate", &["model", "container"]),
    ("contain", &["model", "container", "read", "draw", "authenticate"]),
    ("classify", &["model", "rulebook"]),
    ("extract", &["model", "rulebook"]),
    ("lists", &["model"]),
    ("reconcile", &[]),
    ("check", &["model", "rulebook", "reconcile"]),
    ("sample", &["model"]),
    ("report", &["model", "draw", "sample"]),
    ("store", &["model"]),
    (
        "pipeline",
        &[
            "model",
            "rulebook",
            "draw",
            "read",
            "authenticate",
            "contain",
            "recognize",
            "arrange",
            "classify",
            "extract",
            "lists",
            "check",
        ],
    ),
    ("jobs", &["model", "rulebook", "read", "pipeline", "store"]),
    (
        "cli",
        &[
            "model",
            "container",
            "rulebook",
            "recognize",
            "arrange",
            "read",
            "draw",
            "authenticate",
            "contain",
            "classify",
            "extract",
            "lists",
            "check",
            "sample",
            "report",
            "store",
            "pipeline",
            "jobs",
        ],
    ),
];

/// Crates and words that are at home in few places: paths below `src`, without `.rs`.
const CRATES: &[(&str, &[&str])] = &[
    ("zip", &["container"]),
    ("hayro", &["read", "draw"]),
    ("hayro_interpret", &["read", "draw"]),
    ("hayro_jbig2", &["draw"]),
    ("hayro_syntax", &["read", "draw"]),
    ("memchr", &["container", "read", "authenticate"]),
    ("rustc_hash", &["read"]),
    ("skrifa", &["read", "draw"]),
    ("lopdf", &["read", "authenticate"]),
    ("calamine", &["read"]),
    ("encoding_rs", &["container/charset"]),
    ("chardetng", &["container/charset"]),
    ("quick_xml", &["container"]),
    ("sevenz_rust2", &["container"]),
    ("tar", &["container"]),
    ("flate2", &["container"]),
    ("mail_parser", &["container"]),
    ("bzip2", &["container"]),
    ("cfb", &["container"]),
    ("lzma_rust2", &["container"]),
    ("weezl", &["container"]),
    ("rars", &["container"]),
    ("heic_decoder", &["container/picture/heif", "draw/heif"]),
    ("hayro_ccitt", &["container"]),
    ("zune_jpeg", &["draw"]),
    ("base64", &["container", "authenticate", "report"]),
    ("rsa", &["authenticate"]),
    ("sm2", &["authenticate"]),
    ("sm3", &["authenticate"]),
    ("sha1", &["authenticate"]),
    ("landlock", &["contain"]),
    ("rlimit", &["contain"]),
    ("seccompiler", &["contain"]),
    ("libc", &["contain/sandbox"]),
    ("postcard", &["contain", "pipeline/kept"]),
    ("image", &["read", "draw", "contain", "recognize", "pipeline/recognition"]),
    ("maud", &["report"]),
    ("rust_xlsxwriter", &["report"]),
    ("ort", &["recognize/ppocr"]),
    ("rxing", &["recognize/codes"]),
    ("tesseract_rs", &["recognize/tesseract"]),
    ("sqlx", &["store"]),
    ("object_store", &["store"]),
    ("futures_util", &["store"]),
    ("tokio", &["store"]),
    ("rayon", &["pipeline", "contain/serve"]),
    ("toml", &["rulebook", "check"]),
    ("cel", &["rulebook", "check"]),
    ("clap", &["cli", "main"]),
    ("anyhow", &["cli", "main"]),
    ("indicatif", &["cli"]),
    ("println", &["cli", "main"]),
    ("eprintln", &["cli", "main"]),
];

/// Code that asks the clock; only the command line and what works for it over time may.
const CLOCK: &[&str] = &["Local::now", "Utc::now", "SystemTime::now"];

#[test]
fn the_layers_go_one_way() {
    for (at, (layer, may)) in LAYERS.iter().enumerate() {
        for below in *may {
            assert!(
                LAYERS[..at].iter().any(|(name, _)| name == below),
                "{layer} may name {below}, which does not stand below it"
            );
        }
    }
}

#[test]
fn the_layers_are_kept() {
    let allowed: BTreeMap<&str, &[&str]> = LAYERS.iter().copied().collect();
    let mut found = Vec::new();
    for (place, code) in sources() {
        let layer = place.split('/').next().unwrap_or_default();
        if layer == "lib" || layer == "main" {
            continue;
        }
        let Some(may) = allowed.get(layer) else {
            found.push(format!("{place}: `{layer}` has no row in LAYERS"));
            continue;
        };
        for (line, named) in crate_paths(&code) {
            if named != layer && !may.contains(&named.as_str()) {
                found.push(format!("{place}.rs:{line}: {layer} names {named}"));
            }
        }
        // A module knows its own folder; as many `super` as the file is deep would leave the layer.
        let depth = place.split('/').count() - usize::from(place.ends_with("/mod"));
        if code.contains(&vec!["super"; depth].join("::")) {
            found.push(format!("{place}.rs: a chain of `super` leaves the layer"));
        }
    }
    assert!(found.is_empty(), "{}", found.join("\n"));
}

#[test]
fn crates_stay_at_home() {
    let mut found = Vec::new();
    for (place, code) in sources() {
        let names: BTreeSet<String> = first_segments(&without_own_paths(&code)).into_iter().collect();
        for (name, homes) in CRATES {
            let at_home = homes.iter().any(|home| place == *home || place.starts_with(&format!("{home}/")));
            if names.contains(*name) && !at_home {
                found.push(format!("{place}.rs names {name}, which is at home in {}", homes.join(", ")));
            }
        }
        if !place.starts_with("cli") && !place.starts_with("jobs") {
            for word in CLOCK {
                if code.contains(word) {
                    found.push(format!("{place}.rs asks the clock: {word}"));
                }
            }
        }
    }
    assert!(found.is_empty(), "{}", found.join("\n"));
}

#[test]
fn paths_are_found_in_groups_and_not_in_text() {
    let code = blanked(
        "use crate::{a::{x, y}, b,\n c::d}; // crate::no\nlet s = \"crate::no\"; let r = r#\"crate::\"no\"#; crate::e::f();",
    );
    let names: Vec<String> = crate_paths(&code).into_iter().map(|(_, name)| name).collect();
    assert_eq!(names, ["a", "b", "c", "e"]);
    assert!(
        first_segments("use zip::ZipArchive; let z: rayon::Scope; println!(1)").iter().any(|n| n == "rayon")
    );
    let own = without_own_paths("use crate::{a::{zip::names}};\nuse zip::ZipArchive;\nuse super::tar::x;");
    assert_eq!(first_segments(&own), ["zip"]);
}

/// Every source file as (path below `src` without `.rs`, code with comments and texts blanked).
fn sources() -> Vec<(String, String)> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let mut files = Vec::new();
    walk(&root, &mut files);
    files
        .into_iter()
        .map(|path| {
            let place = path.strip_prefix(&root).unwrap().with_extension("");
            let code = blanked(&fs::read_to_string(&path).unwrap());
            (place.to_str().unwrap().replace('\\', "/"), code)
        })
        .collect()
}

fn walk(folder: &Path, files: &mut Vec<PathBuf>) {
    let mut entries: Vec<PathBuf> =
        fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    entries.sort();
    for path in entries {
        if path.is_dir() {
            walk(&path, files);
        } else if path.extension().is_some_and(|ending| ending == "rs") {
            files.push(path);
        }
    }
}

/// (line, first segment) after every `crate::`, each member of a group on its own.
fn crate_paths(code: &str) -> Vec<(usize, String)> {
    let mut found = Vec::new();
    for (at, _) in code.match_indices("crate::") {
        if code[..at].ends_with(|c: char| c.is_alphanumeric() || c == '_' || c == '$') {
            continue;
        }
        let line = code[..at].matches('\n').count() + 1;
        let rest = code[at + "crate::".len()..].trim_start();
        let Some(group) = rest.strip_prefix('{') else {
            found.push((line, identifier(rest)));
            continue;
        };
        let (mut depth, mut fresh) = (0_usize, true);
        for (offset, c) in group.char_indices() {
            match c {
                '{' => depth += 1,
                '}' if depth == 0 => break,
                '}' => depth -= 1,
                ',' if depth == 0 => fresh = true,
                c if fresh && depth == 0 && (c.is_alphanumeric() || c == '_') => {
                    found.push((line, identifier(&group[offset..])));
                    fresh = false;
                }
                _ => {}
            }
        }
    }
    found
}

/// Every identifier followed by `::` or `!` and not preceded by `::`: crates and macros by name.
fn first_segments(code: &str) -> Vec<String> {
    let mut found = Vec::new();
    let mut start = None;
    for (at, c) in code.char_indices().chain([(code.len(), ' ')]) {
        let inside = c.is_alphanumeric() || c == '_';
        match (start, inside) {
            (None, true) => start = Some(at),
            (Some(from), false) => {
                let before = code[..from].trim_end();
                let follows = code[at..].starts_with("::") || c == '!';
                if follows && !before.ends_with("::") && !before.ends_with('.') {
                    found.push(code[from..at].to_owned());
                }
                start = None;
            }
            _ => {}
        }
    }
    found
}

/// The code without what it names of its own house: `zip` in a group of `crate::container` is no crate.
fn without_own_paths(code: &str) -> String {
    let mut rest = code;
    let mut kept = String::new();
    while let Some(at) = ["use crate::", "use super::"].iter().filter_map(|own| rest.find(own)).min() {
        let end = rest[at..].find(';').map_or(rest.len(), |length| at + length);
        kept.push_str(&rest[..at]);
        rest = &rest[end..];
    }
    kept + rest
}

fn identifier(text: &str) -> String {
    text.chars().take_while(|c| c.is_alphanumeric() || *c == '_').collect()
}

/// Comments and the insides of texts become blanks; line numbers stay true.
fn blanked(code: &str) -> String {
    let chars: Vec<char> = code.chars().collect();
    let mut out = String::with_capacity(code.len());
    let blank = |c: char| if c == '\n' { '\n' } else { ' ' };
    let mut at = 0;
    while at < chars.len() {
        let next = chars.get(at + 1).copied();
        match chars[at] {
            '/' if next == Some('/') => {
                while at < chars.len() && chars[at] != '\n' {
                    out.push(' ');
                    at += 1;
                }
            }
            'r' if matches!(next, Some('"' | '#'))
                && !out.ends_with(|c: char| c.is_alphanumeric() || c == '_') =>
            {
                let hashes = chars[at + 1..].iter().take_while(|c| **c == '#').count();
                if chars.get(at + 1 + hashes) != Some(&'"') {
                    out.push(chars[at]);
                    at += 1;
                    continue;
                }
                at += hashes + 2;
                let closes = |at: usize| {
                    chars[at] == '"' && chars[at + 1..].iter().take_while(|c| **c == '#').count() >= hashes
                };
                while at < chars.len() && !closes(at) {
                    out.push(blank(chars[at]));
                    at += 1;
                }
                at += hashes + 1;
            }
            '"' => {
                at += 1;
                while at < chars.len() && chars[at] != '"' {
                    if chars[at] == '\\' {
                        out.push(' ');
                        at += 1;
                    }
                    if let Some(c) = chars.get(at) {
                        out.push(blank(*c));
                    }
                    at += 1;
                }
                at += 1;
            }
            '\'' if next == Some('"') || next == Some('\\') => {
                at += if next == Some('\\') { 4 } else { 3 };
                out.push(' ');
            }
            c => {
                out.push(c);
                at += 1;
            }
        }
    }
    out
}
