//! Signatures in packed objects, where none can be: its range has to leave it out.
//!
//! A program that saves a signed file anew may pack its objects, and the signature with them. It proves
//! nothing any more, but the file is not one that nobody signed.

use lopdf::{Dictionary, Object, xref::XrefEntry};

use super::{decoded, identity, places::load, syntax, unfilled};
use crate::{
    authenticate::{
        Coverage,
        finding::{Found, Sentences},
        trust::Trust,
    },
    model::signature::SignatureKind,
};

/// The signatures that lie in packed objects, as many as are asked for.
pub(super) fn signatures(bytes: &[u8], most: usize, trust: &Trust) -> Vec<(SignatureKind, Found, Coverage)> {
    if syntax::find(bytes, b"/ObjStm", 0).is_none() {
        return Vec::new();
    }
    let Some(pdf) = load(bytes) else { return Vec::new() };
    let packed = pdf.reference_table.entries.iter().filter_map(|(number, entry)| match entry {
        XrefEntry::Compressed { .. } => pdf.objects.get(&(*number, 0)),
        _ => None,
    });
    packed.filter_map(signature).take(most).map(|one| said(one, trust)).collect()
}

/// The first signature in an object, at whatever depth.
fn signature(object: &Object) -> Option<&Dictionary> {
    let mut open = vec![object];
    while let Some(object) = open.pop() {
        match object {
            Object::Dictionary(own) if own.has(b"ByteRange") && own.has(b"Contents") => return Some(own),
            Object::Dictionary(own) => open.extend(own.iter().map(|(_, value)| value)),
            Object::Array(values) => open.extend(values),
            _ => {}
        }
    }
    None
}

fn said(signature: &Dictionary, trust: &Trust) -> (SignatureKind, Found, Coverage) {
    let raw = signature.get(b"Contents").and_then(Object::as_str).map(decoded).unwrap_or_default();
    let mut coverage = Coverage::default();
    if raw.iter().all(|byte| *byte == 0) {
        return (SignatureKind::Unknown, unfilled(), coverage);
    }
    let mut broken = Sentences::default();
    broken.say(
        "签名值被压缩存放，签名后文件被重新保存，签名已失效",
        "the signature lies in packed objects: the file was saved anew after signing, and it proves nothing any more",
    );
    coverage.broken = Some(broken);
    (SignatureKind::Unknown, identity(&raw, trust), coverage)
}
