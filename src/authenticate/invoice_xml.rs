//! The tax bureau's signature in the XML of a fully digital invoice.
//!
//! It cannot be checked offline: what its references name is not in the file in a published form. Whose
//! it says to be, it still says.

use base64::{Engine as _, engine::general_purpose::STANDARD};

use crate::{
    container::xml::{self, Element, XmlLimits},
    model::{
        document::Document,
        limits::Limits,
        signature::{Signature, SignatureKind},
    },
};

use super::{
    Coverage,
    certificate::Certificate,
    finding::{Found, State},
    judged, time,
    trust::Trust,
};

/// Whether a file may be XML.
pub(super) fn may_be(head: &[u8]) -> bool {
    let text = head.strip_prefix(b"\xef\xbb\xbf").unwrap_or(head).trim_ascii_start();
    text.starts_with(b"<") || head.starts_with(b"\xff\xfe<") || head.starts_with(b"\xfe\xff\0<")
}

/// The signatures that an XML file holds.
pub(super) fn signatures(document: &Document, limits: &Limits) -> Vec<Signature> {
    let bounds = XmlLimits::of(limits);
    let (Some(root), _) = xml::parse(&document.bytes, bounds) else { return Vec::new() };
    let mut found = Vec::new();
    collect(&root, limits.signatures + 1, &mut found);
    found.into_iter().map(unchecked).collect()
}

/// The outermost signatures in an element. One that holds nothing is a form that was not filled.
fn collect<'e>(element: &'e Element, most: usize, found: &mut Vec<&'e Element>) {
    if found.len() >= most {
        return;
    }
    if matches!(element.name.as_str(), "TaxBureauSignature" | "Signature") {
        if !element.text().trim().is_empty() {
            found.push(element);
        }
        return;
    }
    element.elements().for_each(|inner| collect(inner, most, found));
}

fn unchecked(signature: &Element) -> Signature {
    let mut found = Found::new(State::Unable).saying(
        "XML 签名的引用方式不是公开标准（XMLDSig），无法离线验证；请在电子税务局或全国增值税发票查验平台查验",
        "its references are in no published form (XMLDSig), so it cannot be checked offline; look the invoice up at the tax bureau",
    );
    signature.walk(&mut |element| {
        let text = || element.text().split_whitespace().collect::<String>();
        if found.signer.is_none() && element.name.contains("Certificate") {
            let decoded = STANDARD.decode(text()).ok();
            found.signer = decoded.and_then(|bytes| Certificate::read(&bytes));
        }
        if found.signed_at.is_none() && element.name.ends_with("Time") {
            found.signed_at = time::parse(&element.text());
        }
    });
    judged(SignatureKind::XmlSignature, found, Coverage::default(), &Trust::default())
}
