//! Signatures in PDF files (ISO 32000-1, 12.8).

mod packed;
mod places;
mod range;
mod syntax;
mod update;

use std::sync::Arc;

use base64::{Engine as _, engine::general_purpose::STANDARD};

use crate::{
    container::tlv,
    model::{
        document::Document,
        limits::Limits,
        problem::Problem,
        signature::{Signature, SignatureKind},
    },
};

use super::{
    Coverage,
    certificate::Certificate,
    cms::{self, Over, judge},
    finding::{Found, Sentences, State},
    judged, ses,
    sums::{self, Hash},
    time, too_many,
    trust::Trust,
};
use range::Range;
use syntax::{Kind, Object, Value, is_blank};

/// What stands plainly in a file that is or was signed.
const MARKS: &[&[u8]] =
    &[b"/ByteRange", b"/adbe.pkcs7.", b"/adbe.x509.", b"/ETSI.CAdES", b"/ETSI.RFC3161", b"/GM.sm2seal"];

/// All signatures of a PDF, in the order of the file.
pub(super) fn signatures(document: &mut Document, trust: &Trust, limits: &Limits) -> Vec<Signature> {
    let bytes = Arc::clone(&document.bytes);
    let mut signatures = plain(document, &bytes, trust, limits);
    if signatures.len() <= limits.signatures {
        let packed = packed::signatures(&bytes, limits.signatures - signatures.len(), trust);
        signatures
            .extend(packed.into_iter().map(|(kind, found, coverage)| judged(kind, found, coverage, trust)));
    }
    signatures
}

/// The signatures that stand in the file as they are, where a range can leave them out.
fn plain(document: &mut Document, bytes: &[u8], trust: &Trust, limits: &Limits) -> Vec<Signature> {
    if MARKS.iter().all(|mark| syntax::find(bytes, mark, 0).is_none()) {
        return Vec::new();
    }
    let objects = syntax::objects(bytes);
    let mut dictionaries = dictionaries(&objects, limits.signatures + 1);
    let is_overfull = dictionaries.len() > limits.signatures;
    dictionaries.truncate(limits.signatures);
    if dictionaries.is_empty() && !is_overfull {
        return if is_torn(bytes, &objects) { vec![torn(trust)] } else { Vec::new() };
    }
    let places = places::of(document, &dictionaries);
    let ranges: Vec<Result<Range, _>> =
        dictionaries.iter().map(|(_, dictionary)| range::of(dictionary, bytes)).collect();
    let mut checked = Vec::new();
    for ((_, dictionary), range) in dictionaries.iter().zip(&ranges) {
        checked.push(match range {
            _ if is_unfilled(dictionary) => (SignatureKind::Unknown, unfilled()),
            Ok(range) => contents(dictionary, &range.pieces(bytes), trust),
            Err(_) => (SignatureKind::Unknown, identity(&raw(dictionary), trust)),
        });
    }
    // Only a signature that holds may explain what was added after another.
    let signed: Vec<usize> = ranges
        .iter()
        .zip(&checked)
        .filter_map(|(range, (_, found))| {
            Some(range.as_ref().ok()?.end).filter(|_| found.state == State::Right)
        })
        .collect();
    let mut steps = update::Steps::new(bytes, signed, limits.revision_bytes);
    let mut signatures = Vec::new();
    for (at, (kind, mut found)) in checked.into_iter().enumerate() {
        let (_, dictionary) = &dictionaries[at];
        if found.signed_at.is_none() {
            found.signed_at = dictionary
                .get(b"M")
                .and_then(Value::text)
                .and_then(|text| time::parse(&String::from_utf8_lossy(text)));
        }
        let mut coverage = Coverage::default();
        match &ranges[at] {
            // Nothing was signed, and so nothing was changed.
            _ if is_unfilled(dictionary) => {}
            Err(trouble) => coverage.broken = Some(trouble.clone()),
            Ok(range) => steps.added(range.end, &mut coverage),
        }
        let mut signature = judged(kind, found, coverage, trust);
        signature.places.clone_from(&places[at]);
        signatures.push(signature);
    }
    if steps.is_spent() {
        document.problems.push(too_large(limits.revision_bytes).at(&document.name));
    }
    if is_overfull {
        signatures.push(too_many(limits.signatures, trust));
    }
    signatures
}

fn too_large(allowed: u64) -> Problem {
    let allowed = allowed >> 20;
    Problem::new(
        "revisions-too-large",
        format!("签名后增加的内容过多或文件过大（合计超过 {allowed} MiB），未能判断是否改动；请人工核对"),
        format!(
            "the file is too large, or was added to too often, to tell what was added after signing (more than {allowed} MiB in all); look at it by hand"
        ),
    )
}

/// Whether it is a place kept for a signature in which there is none.
fn is_unfilled(dictionary: &Value) -> bool {
    let is_blank =
        |value: &Value| matches!(&value.kind, Kind::Text(text) if text.iter().all(|byte| *byte == 0));
    dictionary.named(b"Contents").count() == 1 && dictionary.get(b"Contents").is_some_and(is_blank)
}

fn unfilled() -> Found {
    Found::new(State::Unable)
        .saying("签名位置已预留，但没有签名值", "a place for a signature that was never filled")
}

/// Whether marks of a signature stand outside of streams, where files in the file may lie.
fn is_torn(bytes: &[u8], objects: &[Object]) -> bool {
    let streams: Vec<(usize, usize)> = objects.iter().filter_map(|object| object.stream).collect();
    MARKS.iter().any(|mark| {
        let mut at = 0;
        while let Some(found) = syntax::find(bytes, mark, at) {
            // Objects are in the order of the file, and so are their streams.
            let before = streams.partition_point(|(from, _)| *from <= found);
            if before.checked_sub(1).and_then(|last| streams.get(last)).is_none_or(|(_, to)| found >= *to) {
                return true;
            }
            at = found + mark.len();
        }
        false
    })
}

fn torn(trust: &Trust) -> Signature {
    let found = Found::new(State::Unable).saying(
        "文件中有签名的痕迹，但签名数据已损坏，无法验证",
        "there are traces of a signature in the file, and what they belong to is damaged",
    );
    judged(SignatureKind::Unknown, found, Coverage::default(), trust)
}

/// Every dictionary that has a range, with the number of the object it lies in.
fn dictionaries(objects: &[Object], most: usize) -> Vec<(u32, &Value)> {
    let mut found = Vec::new();
    for object in objects {
        object.value.walk(&mut |value| {
            if value.get(b"ByteRange").is_some() && found.len() < most {
                found.push((object.number, value));
            }
        });
    }
    found
}

/// Checks what is signed, by the way the signature says it is made.
fn contents(dictionary: &Value, pieces: &[&[u8]; 2], trust: &Trust) -> (SignatureKind, Found) {
    let kind = dictionary.get(b"SubFilter").and_then(Value::text).unwrap_or_default();
    let raw = raw(dictionary);
    let cms = |over| (SignatureKind::Pkcs7, cms::check(&raw, over, trust));
    match kind {
        b"adbe.x509.rsa_sha1" => (SignatureKind::Pkcs7, plain_rsa(dictionary, &raw, pieces)),
        b"adbe.pkcs7.sha1" => cms(Over::Sha1Of(pieces)),
        b"ETSI.RFC3161" => cms(Over::StampOf(pieces)),
        _ => match ses::check(&raw, pieces) {
            Some((_, found)) => (SignatureKind::Sm2Seal, found),
            None => cms(Over::Bytes(pieces)),
        },
    }
}

/// The signature's bytes.
fn raw(dictionary: &Value) -> Vec<u8> {
    match dictionary.get(b"Contents").map(|value| &value.kind) {
        Some(Kind::Text(text)) => decoded(text),
        _ => Vec::new(),
    }
}

/// A signature's bytes. Some signers write them in base64 once more.
fn decoded(text: &[u8]) -> Vec<u8> {
    if text.starts_with(b"MI") {
        let dense: Vec<u8> = text.iter().copied().filter(|byte| !is_blank(*byte)).collect();
        if let Ok(decoded) = STANDARD.decode(&dense) {
            return decoded;
        }
    }
    text.to_vec()
}

/// Whose signature it is, where its range is of no use.
fn identity(raw: &[u8], trust: &Trust) -> Found {
    let found = match ses::check(raw, &[]) {
        Some((_, found)) => found,
        None => cms::check(raw, Over::Bytes(&[]), trust),
    };
    Found { state: State::Wrong, said: Sentences::default(), ..found }
}

/// RSA over SHA-1, the certificate beside it (ISO 32000-1, 12.8.3.2).
fn plain_rsa(dictionary: &Value, raw: &[u8], pieces: &[&[u8]]) -> Found {
    let certificates = match dictionary.get(b"Cert").map(|value| &value.kind) {
        Some(Kind::Text(one)) => vec![one.as_slice()],
        Some(Kind::Array(all)) => all.iter().filter_map(Value::text).collect(),
        _ => Vec::new(),
    };
    let mut certificates: Vec<Certificate> = certificates.into_iter().filter_map(Certificate::read).collect();
    if certificates.is_empty() {
        return Found::new(State::Unable)
            .saying("签名中没有签名者的证书，无法验证", "the signer's certificate is not in it");
    }
    let signer = certificates.remove(0);
    let signature = tlv::first(raw).filter(|one| one.tag & 0x1f == tlv::OCTETS);
    let signature = signature.map_or_else(|| raw.to_vec(), |one| one.octets().into_owned());
    let mut found = Found::new(State::Right);
    found.weigh(Hash::Sha1);
    judge(sums::rsa(&signer.key, Hash::Sha1, pieces, &signature), &mut found);
    found.others = certificates;
    found.signer = Some(signer);
    found
}
