//! Signatures and seals in words.

use maud::{Markup, html};

use crate::model::{
    document::Document,
    signature::{Signature, SignatureKind, Verdict},
};

use super::Lang;

/// The verdict in words.
const fn verdict(verdict: Verdict, lang: Lang) -> &'static str {
    match verdict {
        Verdict::Valid => lang.of("有效", "valid"),
        Verdict::IssuerUnknown => lang.of("相符，签发者未核实", "fits; issuer unknown"),
        Verdict::NotCheckable => lang.of("无法验证", "cannot be checked"),
        Verdict::AlteredAfterSigning => lang.of("签名后有改动", "altered after signing"),
        Verdict::Broken => lang.of("无效", "broken"),
    }
}

/// The kind in words.
const fn kind(kind: SignatureKind, lang: Lang) -> &'static str {
    match kind {
        SignatureKind::Pkcs7 | SignatureKind::OfdSignature => lang.of("电子签名", "signature"),
        SignatureKind::Sm2Seal | SignatureKind::SesV1 | SignatureKind::SesV4 => lang.of("电子印章", "seal"),
        SignatureKind::XmlSignature => lang.of("发票 XML 签名", "invoice signature"),
        SignatureKind::Unknown => lang.of("签名（种类不明）", "signature of unknown kind"),
    }
}

/// A mark that tells verdicts apart without colour.
const fn mark(verdict: Verdict) -> &'static str {
    match verdict {
        Verdict::Valid | Verdict::IssuerUnknown => "✓",
        Verdict::NotCheckable => "?",
        Verdict::AlteredAfterSigning | Verdict::Broken => "!",
    }
}

/// Kind, seal, signer and time.
fn whose(signature: &Signature, lang: Lang) -> String {
    let mut parts = vec![kind(signature.kind, lang).to_owned()];
    parts.extend(signature.seal.clone());
    parts.extend(signature.signer.clone());
    parts.extend(signature.signed_at.clone());
    parts.join(lang.of("　", "  "))
}

/// A line for each signature of a file, and what was found; nothing for a file without any.
pub(super) fn lines(document: &Document, lang: Lang) -> Vec<String> {
    let line = |one: &Signature| {
        [
            format!("{} {}  {}", mark(one.verdict), verdict(one.verdict, lang), whose(one, lang)),
            format!("    {}", lang.say(&one.message)),
        ]
    };
    document.signatures.iter().flat_map(line).collect()
}

/// The signatures of a file as a list; nothing for a file without any.
pub(super) fn list(document: &Document, lang: Lang) -> Markup {
    html! {
        @for one in &document.signatures {
            p.doubt[matches!(one.verdict, Verdict::AlteredAfterSigning | Verdict::Broken)] {
                span aria-hidden="true" { (mark(one.verdict)) } " "
                b { (verdict(one.verdict, lang)) } " · " (whose(one, lang)) " "
                span.faint { (lang.say(&one.message)) } " " code { (one.verdict.name()) }
            }
        }
    }
}
