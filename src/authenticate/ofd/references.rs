//! The files that a signature lists with their digests, and those that it leaves out.

use std::collections::{BTreeMap, BTreeSet};

use base64::{Engine as _, engine::general_purpose::STANDARD};

use crate::{
    authenticate::{
        Coverage,
        finding::{Found, State},
        sums::{self, Hash, Key},
    },
    container::xml::Element,
};

use super::{Package, ROOT};

/// SM3 with the signer's identity and key before the file.
const KEYED: &str = "1.2.156.10197.1.401.2";

/// Digests by algorithm and path, so that a file that many lists name is read once.
pub(super) type Digests = BTreeMap<(String, String), Vec<u8>>;

/// Holds every protected file against its digest, and finds the files that are not protected; gives those
/// that are.
pub(super) fn references(
    package: &Package,
    information: Option<&Element>,
    digests: &mut Digests,
    (found, coverage): (&mut Found, &mut Coverage),
) -> BTreeSet<String> {
    // What depends on the signer is of no use to another signature.
    digests.retain(|(method, _), _| method != KEYED);
    let list = information.and_then(|one| one.child("References"));
    let method = list.and_then(|list| list.attribute("CheckMethod")).unwrap_or_default().trim();
    if let Some(hash) = hash(method) {
        found.weigh(hash);
    }
    let (mut covered, mut changed, mut absent) = (BTreeSet::new(), Vec::new(), Vec::new());
    let mut unknown = false;
    for reference in list.into_iter().flat_map(|list| list.named("Reference")) {
        let name = reference.attribute("FileRef").unwrap_or_default().trim();
        let wanted: String =
            reference.child("CheckValue").map(Element::text).unwrap_or_default().split_whitespace().collect();
        let Some(path) = package.files.path(name) else {
            absent.push(name.to_owned());
            continue;
        };
        covered.insert(path.to_owned());
        let key = (method.to_owned(), path.to_owned());
        if !digests.contains_key(&key)
            && let Some(digest) = digest(method, package.files.get(path).unwrap_or_default(), found)
        {
            digests.insert(key.clone(), digest);
        }
        match digests.get(&key) {
            None => unknown = true,
            Some(digest) if STANDARD.decode(&wanted).is_ok_and(|wanted| wanted == *digest) => {}
            Some(_) => changed.push(path.to_owned()),
        }
    }
    if covered.is_empty() && absent.is_empty() {
        found.worsen(State::Unable);
        found.said.say("签名没有列出所保护的文件", "it names no file that it protects");
    }
    if unknown {
        found.worsen(State::Unable);
        found.said.say(
            format!("摘要算法 {method} 不支持，未能核对文件"),
            format!("the digest algorithm {method} is not supported, and no file was held against it"),
        );
    }
    if !changed.is_empty() {
        found.worsen(State::Wrong);
        let names = some(&changed);
        found.said.say(
            format!("{} 个受保护的文件与签名时不一致（{names}），签名后被改动过", changed.len()),
            format!("{} protected file(s) are not what was signed ({names})", changed.len()),
        );
    }
    if !absent.is_empty() {
        let names = some(&absent);
        // A file that could not be unpacked is not a file that was taken out.
        found.worsen(if package.is_damaged { State::Unable } else { State::Wrong });
        found.said.say(
            format!("{} 个受保护的文件不在包内（{names}）", absent.len()),
            format!("{} protected file(s) are not in the package ({names})", absent.len()),
        );
    }
    let open: Vec<String> = package
        .files
        .paths()
        .filter(|path| !covered.contains(*path) && !package.own.contains(*path))
        .map(str::to_owned)
        .collect();
    coverage.whole = open.is_empty();
    // Adding a further signature may change the root, so some signers leave it out on purpose.
    let (root, open): (Vec<String>, Vec<String>) =
        open.into_iter().partition(|path| path.eq_ignore_ascii_case(ROOT));
    if !open.is_empty() {
        let names = some(&open);
        coverage.added.say(
            format!("包内有 {} 个文件不受签名保护（{names}），可能是签名后加入的", open.len()),
            format!("{} file(s) are not covered ({names}) and may have been added after signing", open.len()),
        );
    } else if !root.is_empty() {
        coverage.notes.say(
            "签名未覆盖 OFD.xml，其中的数据不作为依据",
            "OFD.xml is not covered, and it vouches for no data in it",
        );
    }
    covered
}

fn digest(method: &str, bytes: &[u8], found: &Found) -> Option<Vec<u8>> {
    if method == KEYED {
        return match &found.signer.as_ref()?.key {
            Key::Sm2(point) => sums::sm3_with_key(point, bytes),
            _ => None,
        };
    }
    Some(hash(method)?.of(&[bytes]))
}

fn hash(method: &str) -> Option<Hash> {
    // GB/T 33190-2016, table 67: MD5 where nothing is said.
    Hash::named(if method.is_empty() { "md5" } else { method })
}

/// The first names of a list, and that there are more.
pub(super) fn some(names: &[String]) -> String {
    const SHOWN: usize = 4;
    let mut text = names.iter().take(SHOWN).map(String::as_str).collect::<Vec<_>>().join(", ");
    if names.len() > SHOWN {
        text.push_str(", …");
    }
    text
}
