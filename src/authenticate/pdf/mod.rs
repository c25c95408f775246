//! Signatures in PDF files (ISO 32000-1, 12.8).

mod places;
mod range;
mod syntax;
mod update;

use base64::{Engine as _, engine::general_purpose::STANDARD};

use crate::{
    container::tlv,
    model::{
        document::Document,
        limits::Limits,
        signature::{Signature, SignatureKind},
    },
};

use super::{
    Coverage,
    certificate::Certificate,
    cms::{self, Over, judge},
    finding::{Found, State},
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
pub(super) fn signatures(document: &Document, trust: &Trust, limits: &Limits) -> Vec<Signature> {
    let bytes: &[u8] = &document.bytes;
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
            Ok(range) => contents(dictionary, &range.pieces(bytes)),
            Err(_) => (SignatureKind::Unknown, identity(dictionary)),
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
    let mut steps = update::Steps::new(bytes, signed);
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
            Err(trouble) => coverage.broken = Some(trouble.clone()),
            Ok(range) => steps.added(range.end, &mut coverage),
        }
        let mut signature = judged(kind, found, coverage, trust);
        signature.places.clone_from(&places[at]);
        signatures.push(signature);
    }
    if is_overfull {
        signatures.push(too_many(limits.signatures, trust));
    }
    signatures
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
fn contents(dictionary: &Value, pieces: &[&[u8]; 2]) -> (SignatureKind, Found) {
    let kind = dictionary.get(b"SubFilter").and_then(Value::text).unwrap_or_default();
    let raw = raw(dictionary);
    if raw.iter().all(|byte| *byte == 0) {
        let found = Found::new(State::Unable)
            .saying("签名位置已预留，但没有签名值", "a place for a signature that was never filled");
        return (SignatureKind::Unknown, found);
    }
    match kind {
        b"adbe.x509.rsa_sha1" => (SignatureKind::Pkcs7, plain_rsa(dictionary, &raw, pieces)),
        b"adbe.pkcs7.sha1" => (SignatureKind::Pkcs7, cms::check(&raw, Over::Sha1Of(pieces))),
        b"ETSI.RFC3161" => (SignatureKind::Pkcs7, cms::check(&raw, Over::StampOf(pieces))),
        _ => match ses::check(&raw, pieces) {
            Some(found) => (SignatureKind::Sm2Seal, found),
            None => (SignatureKind::Pkcs7, cms::check(&raw, Over::Bytes(pieces))),
        },
    }
}

/// The signature's bytes. Some signers write them in base64 once more.
fn raw(dictionary: &Value) -> Vec<u8> {
    let Some(Value { kind: Kind::Text(text), .. }) = dictionary.get(b"Contents") else { return Vec::new() };
    if text.starts_with(b"MI") {
        let dense: Vec<u8> = text.iter().copied().filter(|byte| !is_blank(*byte)).collect();
        if let Ok(decoded) = STANDARD.decode(&dense) {
            return decoded;
        }
    }
    text.clone()
}

/// Whose signature it is, where its range is of no use.
fn identity(dictionary: &Value) -> Found {
    let raw = raw(dictionary);
    let found = match ses::check(&raw, &[]) {
        Some(found) => found,
        None => cms::check(&raw, Over::Bytes(&[])),
    };
    Found { state: State::Wrong, said: Default::default(), ..found }
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
    judge(sums::rsa(&signer.key, Hash::Sha1, pieces, &signature), &mut found);
    found.others = certificates;
    found.signer = Some(signer);
    found
}
