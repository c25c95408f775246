//! Signatures and seals in OFD packages (GB/T 33190-2016, 18).
//!
//! A signature file lists the files it protects with their digests, and the seal or signature is set
//! on that list. What the list leaves out can be changed or added without anyone noticing.

mod package;

use std::collections::{BTreeMap, BTreeSet};

use base64::{Engine as _, engine::general_purpose::STANDARD};

use crate::{
    container::xml::Element,
    model::{
        document::Document,
        geometry::Rect,
        limits::Limits,
        signature::{Signature, SignatureKind},
    },
};

use super::{
    Coverage,
    cms::{self, Over},
    finding::{Found, Sentences, State},
    judged,
    ses::{self, Edition},
    sums::{self, Hash, Key},
    time, too_many,
    trust::Trust,
};
use package::Package;

/// Places of one seal that are kept.
const MOST_PLACES: usize = 64;
/// Points in a millimetre.
const POINTS: f64 = 72.0 / 25.4;
/// SM3 with the signer's identity and key before the file.
const KEYED: &str = "1.2.156.10197.1.401.2";

/// One document of a package: the list of its signatures, and its pages.
struct Body {
    signatures: String,
    /// Identifiers of pages, the first with the number `first`.
    pages: Vec<String>,
    first: u32,
}

/// A signature file and where it belongs.
struct Listed<'p> {
    path: String,
    body: Option<&'p Body>,
    /// Whether the list of signatures names it.
    is_listed: bool,
}

/// All signatures of an OFD; none where the archive is no OFD.
pub(super) fn signatures(document: &Document, trust: &Trust, limits: &Limits) -> Vec<Signature> {
    let Some(package) = Package::open(&document.bytes, limits) else { return Vec::new() };
    let bodies = bodies(&package);
    let (mut listed, mut missing) = listed(&package, &bodies);
    let is_overfull = listed.len() + missing.len() > limits.signatures;
    listed.truncate(limits.signatures);
    missing.truncate(limits.signatures - listed.len());
    let trees: Vec<Option<Element>> = listed.iter().map(|one| package.tree(&one.path)).collect();
    let own = signing_files(&package, &bodies, &listed, &trees);
    let mut digests = Digests::new();
    let mut signatures: Vec<Signature> = listed
        .iter()
        .zip(&trees)
        .map(|(one, tree)| checked(&package, one, tree.as_ref(), &own, (trust, &mut digests)))
        .collect();
    for path in missing {
        let found = Found::new(State::Unable).saying(
            format!("文件声明有签名，但签名文件 {path} 不在其中或无法读取，可能被移除"),
            format!("the package says it is signed, and {path} is not in it or cannot be read"),
        );
        signatures.push(judged(SignatureKind::Unknown, found, Coverage::default(), trust));
    }
    if is_overfull {
        signatures.push(too_many(limits.signatures, trust));
    }
    signatures
}

/// Digests by algorithm and path, so that a file that many lists name is read once.
type Digests = BTreeMap<(String, String), Vec<u8>>;

/// The documents of the package, in its order.
fn bodies(package: &Package) -> Vec<Body> {
    let Some(root) = package.tree("OFD.xml") else { return Vec::new() };
    let mut first = 1;
    root.named("DocBody")
        .map(|body| {
            let text = |name: &str| body.child(name).map(Element::text).unwrap_or_default().trim().to_owned();
            let tree = package.resolved("OFD.xml", &text("DocRoot")).and_then(|path| package.tree(path));
            let pages: Vec<String> = tree
                .as_ref()
                .and_then(|tree| tree.child("Pages"))
                .into_iter()
                .flat_map(|pages| pages.named("Page"))
                .map(|page| page.attribute("ID").unwrap_or_default().trim().to_owned())
                .collect();
            let own = first;
            first += u32::try_from(pages.len()).unwrap_or(0);
            Body { signatures: text("Signatures"), pages, first: own }
        })
        .collect()
}

/// The signature files, and those that are named and not there.
fn listed<'p>(package: &Package, bodies: &'p [Body]) -> (Vec<Listed<'p>>, Vec<String>) {
    let (mut found, mut missing): (Vec<Listed<'_>>, Vec<String>) = (Vec::new(), Vec::new());
    for body in bodies.iter().filter(|body| !body.signatures.is_empty()) {
        let list = package.resolved("OFD.xml", &body.signatures);
        let Some((list, tree)) = list.and_then(|path| Some((path, package.tree(path)?))) else {
            missing.push(body.signatures.clone());
            continue;
        };
        for one in tree.named("Signature") {
            let location = one.attribute("BaseLoc").unwrap_or_default();
            match package.resolved(list, location) {
                Some(path) if found.iter().all(|own| own.path != path) => {
                    found.push(Listed { path: path.to_owned(), body: Some(body), is_listed: true });
                }
                Some(_) => {}
                None => missing.push(location.to_owned()),
            }
        }
    }
    for path in package.paths() {
        let file = path.rsplit('/').next().unwrap_or(path);
        if file.eq_ignore_ascii_case("Signature.xml") && found.iter().all(|own| own.path != path) {
            found.push(Listed { path: path.to_owned(), body: bodies.first(), is_listed: false });
        }
    }
    (found, missing)
}

/// The files that make up the signatures themselves.
fn signing_files(
    package: &Package,
    bodies: &[Body],
    listed: &[Listed<'_>],
    trees: &[Option<Element>],
) -> BTreeSet<String> {
    let lists = bodies.iter().filter_map(|body| package.resolved("OFD.xml", &body.signatures));
    let mut own: BTreeSet<String> = lists.map(str::to_owned).collect();
    for (one, tree) in listed.iter().zip(trees) {
        own.insert(one.path.clone());
        let Some(tree) = tree else { continue };
        let seal = tree.at(&["SignedInfo", "Seal", "BaseLoc"]);
        for location in [tree.child("SignedValue"), seal].into_iter().flatten() {
            own.extend(package.resolved(&one.path, &location.text()).map(str::to_owned));
        }
    }
    own
}

/// One signature, checked.
fn checked(
    package: &Package,
    listed: &Listed<'_>,
    tree: Option<&Element>,
    own: &BTreeSet<String>,
    (trust, digests): (&Trust, &mut Digests),
) -> Signature {
    let Some(tree) = tree else {
        let found = Found::new(State::Unable)
            .saying("签名文件无法读取，未能验证", "the signature file cannot be read");
        return judged(SignatureKind::Unknown, found, Coverage::default(), trust);
    };
    let (kind, mut found) = value(package, listed, tree);
    let information = tree.child("SignedInfo");
    if found.signed_at.is_none() {
        let said = information.and_then(|one| one.child("SignatureDateTime"));
        found.signed_at = said.and_then(|said| time::parse(&said.text()));
    }
    let mut coverage = Coverage::default();
    references(package, information, own, digests, (&mut found, &mut coverage));
    if !listed.is_listed {
        coverage.notes.say("签名列表中没有列出这个签名", "the package's list of signatures does not name it");
    }
    if !package.doubled.is_empty() {
        let mut said = Sentences::default();
        let names = some(&package.doubled);
        said.say(
            format!("包内有重名文件（{names}），不同软件可能显示不同内容"),
            format!("files of one name stand twice in the package ({names}), and programs may show either"),
        );
        coverage.broken = Some(said);
    }
    let mut signature = judged(kind, found, coverage, trust);
    signature.places = places(information, listed.body);
    signature
}

/// What the seal or signature itself says.
fn value(package: &Package, listed: &Listed<'_>, tree: &Element) -> (SignatureKind, Found) {
    let location = tree.child("SignedValue").map(Element::text).unwrap_or_default();
    let value = package.resolved(&listed.path, &location).and_then(|path| package.bytes(path));
    let signed = package.bytes(&listed.path).unwrap_or_default();
    let Some(value) = value else {
        let found = Found::new(State::Unable).saying(
            format!("签名值文件（{}）不在包内或无法读取", location.trim()),
            format!(
                "the file with the signature's value ({}) is not there or cannot be read",
                location.trim()
            ),
        );
        return (SignatureKind::Unknown, found);
    };
    if let Some(found) = ses::check(value, &[signed]) {
        let kind = match ses::edition(value) {
            Some(Edition::First) => SignatureKind::SesV1,
            _ => SignatureKind::SesV4,
        };
        return (kind, found);
    }
    (SignatureKind::OfdSignature, cms::check(value, Over::Bytes(&[signed])))
}

/// Holds every protected file against its digest, and finds the files that are not protected.
fn references(
    package: &Package,
    information: Option<&Element>,
    own: &BTreeSet<String>,
    digests: &mut Digests,
    (found, coverage): (&mut Found, &mut Coverage),
) {
    // What depends on the signer is of no use to another signature.
    digests.retain(|(method, _), _| method != KEYED);
    let list = information.and_then(|one| one.child("References"));
    let method = list.and_then(|list| list.attribute("CheckMethod")).unwrap_or_default().trim();
    let (mut covered, mut changed, mut absent) = (BTreeSet::new(), Vec::new(), Vec::new());
    let mut unknown = false;
    for reference in list.into_iter().flat_map(|list| list.named("Reference")) {
        let name = reference.attribute("FileRef").unwrap_or_default().trim();
        let wanted: String =
            reference.child("CheckValue").map(Element::text).unwrap_or_default().split_whitespace().collect();
        let Some(path) = package.path(name) else {
            absent.push(name.to_owned());
            continue;
        };
        covered.insert(path.to_owned());
        let key = (method.to_owned(), path.to_owned());
        if !digests.contains_key(&key)
            && let Some(digest) = digest(method, package.bytes(path).unwrap_or_default(), found)
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
        .paths()
        .filter(|path| !covered.contains(*path) && !own.contains(*path))
        .map(str::to_owned)
        .collect();
    coverage.whole = open.is_empty();
    // Adding a further signature may change the root, so some signers leave it out on purpose.
    let (root, open): (Vec<String>, Vec<String>) =
        open.into_iter().partition(|path| path.eq_ignore_ascii_case("OFD.xml"));
    if !open.is_empty() {
        let names = some(&open);
        coverage.added.say(
            format!("包内有 {} 个文件不受签名保护（{names}），可能是签名后加入的", open.len()),
            format!("{} file(s) are not covered ({names}) and may have been added after signing", open.len()),
        );
    } else if !root.is_empty() {
        coverage.notes.say("签名未覆盖 OFD.xml", "OFD.xml is not covered");
    }
}

fn digest(method: &str, bytes: &[u8], found: &Found) -> Option<Vec<u8>> {
    if method == KEYED {
        return match &found.signer.as_ref()?.key {
            Key::Sm2(point) => sums::sm3_with_key(point, bytes),
            _ => None,
        };
    }
    // GB/T 33190-2016, table 67: MD5 where nothing is said.
    let method = if method.is_empty() { "md5" } else { method };
    Some(Hash::named(method)?.of(&[bytes]))
}

/// The first names of a list, and that there are more.
fn some(names: &[String]) -> String {
    const SHOWN: usize = 4;
    let mut text = names.iter().take(SHOWN).map(String::as_str).collect::<Vec<_>>().join(", ");
    if names.len() > SHOWN {
        text.push_str(", …");
    }
    text
}

/// Where the seal is set, page from 1.
fn places(information: Option<&Element>, body: Option<&Body>) -> Vec<(u32, Rect)> {
    let (Some(information), Some(body)) = (information, body) else { return Vec::new() };
    let place = |stamp: &Element| {
        let reference = stamp.attribute("PageRef")?.trim();
        let at = body.pages.iter().position(|page| page == reference)?;
        let numbers: Vec<f64> = stamp
            .attribute("Boundary")?
            .split_whitespace()
            .filter_map(|number| number.parse().ok())
            .filter(|number: &f64| number.is_finite())
            .collect();
        let [left, top, width, height] = numbers.as_slice() else { return None };
        let page = body.first.checked_add(u32::try_from(at).ok()?)?;
        let bounds = Rect::new(*left, *top, left + width, top + height).scaled(POINTS, POINTS);
        Some((page, bounds))
    };
    information.named("StampAnnot").filter_map(place).take(MOST_PLACES).collect()
}
