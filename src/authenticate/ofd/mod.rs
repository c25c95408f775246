//! Signatures and seals in OFD packages (GB/T 33190-2016, 18).
//!
//! A signature file lists the files it protects with their digests, and the seal or signature is set
//! on that list. What the list leaves out can be changed or added without anyone noticing. The package
//! is opened as its reader opens it, so that what is checked is what is read.

mod references;

use std::collections::BTreeSet;

use crate::{
    container::{
        archive::{ArchiveLimits, ArchiveTrouble},
        ofd::{Files, SignatureFile, SignatureList, is_package},
        tlv,
        xml::{self, Element, XmlLimits},
    },
    model::{
        document::Document,
        geometry::Rect,
        limits::Limits,
        signature::{Signature, SignatureKind, Verdict},
    },
};

use super::{
    Coverage,
    cms::{self, Over},
    finding::{Found, Sentences, State},
    judged,
    ses::{self, Edition},
    time, too_many,
    trust::Trust,
};
use references::{Digests, references, some};

/// Points in a millimetre.
const POINTS: f64 = 72.0 / 25.4;
/// The root of a package.
const ROOT: &str = "OFD.xml";

/// A package that is to be checked.
struct Package {
    files: Files,
    /// Whether some of its files could not be unpacked.
    is_damaged: bool,
    /// Whether files of one name stand in it, of which a reader may take either.
    is_doubled: bool,
    /// The files that make up the signatures themselves.
    own: BTreeSet<String>,
    /// Places of one seal that are kept: one on each page that is read.
    pages: usize,
}

/// One document of a package: the list of its signatures, and its pages.
struct Body {
    /// Its root file.
    root: Option<String>,
    signatures: String,
    /// Identifiers of pages, the first with the number `first`.
    pages: Vec<String>,
    first: u32,
}

/// A signature file and where it belongs.
struct Listed<'p> {
    file: SignatureFile,
    body: Option<&'p Body>,
    /// Whether the list of signatures names it.
    is_listed: bool,
}

/// All signatures of an OFD; none where the archive is no OFD. Data that stands in the root of a signed
/// package and is not covered is taken out of the document.
pub(super) fn signatures(document: &mut Document, trust: &Trust, limits: &Limits) -> Vec<Signature> {
    // Unpacking whole archives of other files only to find no OFD in them would be a waste.
    if !is_package(&document.bytes) {
        return Vec::new();
    }
    let (files, troubles) = Files::open(&document.bytes, ArchiveLimits::of_package(limits));
    let is_same = |trouble: &ArchiveTrouble| matches!(trouble, ArchiveTrouble::SameNames { .. });
    let bounds = XmlLimits::of(limits);
    let bodies = bodies(&files, bounds);
    let signed: Vec<&Body> = bodies.iter().filter(|body| !body.signatures.is_empty()).collect();
    let lists: Vec<(&Body, Option<SignatureList>)> = signed
        .iter()
        .copied()
        .take(limits.signatures)
        .map(|body| (body, files.signatures(&body.signatures, bounds, limits.signatures + 1)))
        .collect();
    let mut own = lists_of(&lists);
    let (mut listed, mut missing) = listed(&files, lists, bodies.first(), bounds, limits.signatures + 1);
    let is_overfull = signed.len().max(listed.len() + missing.len()) > limits.signatures;
    listed.truncate(limits.signatures);
    missing.truncate(limits.signatures - listed.len());
    own.extend(listed.iter().flat_map(|one| signing_files(&files, &one.file)));
    // What is a document is no part of a signature, whatever else names it.
    own.retain(|path| bodies.iter().all(|body| body.root.as_ref() != Some(path)));
    let package = Package {
        is_damaged: !troubles.iter().all(is_same),
        is_doubled: troubles.iter().any(is_same),
        files,
        own,
        pages: limits.pages,
    };
    let mut digests = Digests::new();
    let (mut signatures, mut covers_root) = (Vec::new(), Vec::new());
    for one in &listed {
        let (signature, root) = checked(&package, one, (trust, &mut digests));
        if signature.verdict <= Verdict::IssuerUnknown {
            covers_root.push(root);
        }
        signatures.push(signature);
    }
    // Beside a signature that holds, nobody would think that data is not covered.
    if !covers_root.is_empty() && !covers_root.contains(&true) {
        document.payloads.retain(|payload| payload.part != ROOT);
    }
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

/// The documents of the package, in its order.
fn bodies(files: &Files, bounds: XmlLimits) -> Vec<Body> {
    let tree = |path: &str| xml::parse(files.get(path)?, bounds).0;
    let Some(root) = tree(ROOT) else { return Vec::new() };
    let mut first = 1;
    root.named("DocBody")
        .map(|body| {
            let text = |name: &str| body.child(name).map(Element::text).unwrap_or_default().trim().to_owned();
            let root = files.find("", "", &text("DocRoot"));
            let tree = root.as_deref().and_then(tree);
            let pages: Vec<String> = tree
                .as_ref()
                .and_then(|tree| tree.child("Pages"))
                .into_iter()
                .flat_map(|pages| pages.named("Page"))
                .map(|page| page.attribute("ID").unwrap_or_default().trim().to_owned())
                .collect();
            let own = first;
            first += u32::try_from(pages.len()).unwrap_or(0);
            Body { root, signatures: text("Signatures"), pages, first: own }
        })
        .collect()
}

/// The lists of signatures that are such lists.
fn lists_of(lists: &[(&Body, Option<SignatureList>)]) -> BTreeSet<String> {
    let lists = lists.iter().filter_map(|(_, list)| list.as_ref());
    lists.filter(|list| list.is_list).map(|list| list.path.clone()).collect()
}

/// The signature files, and those that are named and not there.
fn listed<'p>(
    files: &Files,
    lists: Vec<(&'p Body, Option<SignatureList>)>,
    first: Option<&'p Body>,
    bounds: XmlLimits,
    most: usize,
) -> (Vec<Listed<'p>>, Vec<String>) {
    let (mut found, mut missing): (Vec<Listed<'_>>, Vec<String>) = (Vec::new(), Vec::new());
    for (body, list) in lists {
        let Some(list) = list else {
            missing.push(body.signatures.clone());
            continue;
        };
        missing.extend(list.missing);
        for file in list.files {
            if found.iter().all(|own| own.file.path != file.path) {
                found.push(Listed { file, body: Some(body), is_listed: true });
            }
        }
    }
    for path in files.paths() {
        let name = path.rsplit('/').next().unwrap_or(path);
        if name.eq_ignore_ascii_case("Signature.xml")
            && found.len() < most
            && found.iter().all(|own| own.file.path != path)
        {
            let file = files.signature(path, bounds);
            found.push(Listed { file, body: first, is_listed: false });
        }
    }
    (found, missing)
}

/// The files that make up one signature: each only where it is what the signature needs it for.
fn signing_files(files: &Files, file: &SignatureFile) -> Vec<String> {
    let is_signature = file.tree.as_ref().is_some_and(|tree| tree.name == "Signature");
    let values = [&file.value, &file.seal].into_iter().flatten();
    let values = values.filter(|path| files.get(path).is_some_and(is_value));
    values.chain(Some(&file.path)).filter(|_| is_signature).cloned().collect()
}

/// Whether a file is a seal or a signature's value and nothing besides.
fn is_value(bytes: &[u8]) -> bool {
    let is_blank = |rest: &[u8]| rest.iter().all(|byte| *byte == 0 || byte.is_ascii_whitespace());
    tlv::first(bytes)
        .is_some_and(|one| one.tag == tlv::SEQUENCE && bytes.get(one.raw.len()..).is_some_and(is_blank))
}

/// One signature, checked, and whether it covers the root of the package.
fn checked(
    package: &Package,
    listed: &Listed<'_>,
    (trust, digests): (&Trust, &mut Digests),
) -> (Signature, bool) {
    let file = &listed.file;
    if file.tree.is_none() {
        let found = Found::new(State::Unable)
            .saying("签名文件无法读取，未能验证", "the signature file cannot be read");
        return (judged(SignatureKind::Unknown, found, Coverage::default(), trust), false);
    }
    let (kind, mut found) = value(package, file, trust);
    let information = file.information();
    if found.signed_at.is_none() {
        let said = information.and_then(|one| one.child("SignatureDateTime"));
        found.signed_at = said.and_then(|said| time::parse(&said.text()));
    }
    let mut coverage = Coverage::default();
    let covered = references(package, information, digests, (&mut found, &mut coverage));
    if !listed.is_listed {
        coverage.notes.say("签名列表中没有列出这个签名", "the package's list of signatures does not name it");
    }
    if package.is_doubled {
        let mut said = Sentences::default();
        let names = some(&package.files.doubled);
        said.say(
            format!("包内有重名文件（{names}），不同软件可能显示不同内容"),
            format!("files of one name stand twice in the package ({names}), and programs may show either"),
        );
        coverage.broken = Some(said);
    }
    let mut signature = judged(kind, found, coverage, trust);
    signature.places = places(information, listed.body, package.pages);
    (signature, package.files.path(ROOT).is_some_and(|root| covered.contains(root)))
}

/// What the seal or signature itself says.
fn value(package: &Package, file: &SignatureFile, trust: &Trust) -> (SignatureKind, Found) {
    let value = file.value.as_deref().and_then(|path| package.files.get(path));
    let signed = package.files.get(&file.path).unwrap_or_default();
    let Some(value) = value else {
        let location = file.tree.as_ref().and_then(|tree| tree.child("SignedValue")).map(Element::text);
        let location = location.unwrap_or_default();
        let found = Found::new(State::Unable).saying(
            format!("签名值文件（{}）不在包内或无法读取", location.trim()),
            format!(
                "the file with the signature's value ({}) is not there or cannot be read",
                location.trim()
            ),
        );
        return (SignatureKind::Unknown, found);
    };
    match ses::check(value, &[signed]) {
        Some((Edition::First, found)) => (SignatureKind::SesV1, found),
        Some((Edition::Fourth, found)) => (SignatureKind::SesV4, found),
        None => (SignatureKind::OfdSignature, cms::check(value, Over::Bytes(&[signed]), trust)),
    }
}

/// Where the seal is set, page from 1.
fn places(information: Option<&Element>, body: Option<&Body>, most: usize) -> Vec<(u32, Rect)> {
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
    information.named("StampAnnot").filter_map(place).take(most).collect()
}
