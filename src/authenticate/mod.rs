//! What a file can prove about itself: its signatures and seals, what they cover, whose they are.
//!
//! Nothing is asked of anyone: whether a certificate was revoked cannot be told here, and nobody is
//! trusted but the roots that are handed in. Without one, a right signature is `IssuerUnknown`.

mod attest;
mod certificate;
mod cms;
mod finding;
mod invoice_xml;
mod ofd;
mod pdf;
mod ses;
mod sums;
mod time;
mod trust;

use std::panic::{AssertUnwindSafe, catch_unwind};

use memchr::memmem;

use crate::model::{
    document::{Document, Format},
    limits::Limits,
    problem::Problem,
    signature::{Signature, SignatureKind, Verdict},
};

pub use attest::attest;
pub use trust::Trust;

use finding::{Found, Sentences, State};

/// Checks all signatures of a file that was read, and fills [`Document::signatures`].
///
/// Files that cannot carry a signature are left as they are.
pub fn authenticate(document: &mut Document, trust: &Trust, limits: &Limits) {
    match catch_unwind(AssertUnwindSafe(|| signatures(document, trust, limits))) {
        Ok(signatures) => {
            if signatures.len() > limits.signatures {
                document.problems.push(overfull(limits.signatures).at(&document.name));
            }
            document.signatures = signatures;
        }
        Err(_) => {
            document.problems.push(crashed().at(&document.name));
            // Without one, the file would pass for one that nobody signed.
            document.signatures = vec![unchecked(trust)];
        }
    }
}

fn signatures(document: &mut Document, trust: &Trust, limits: &Limits) -> Vec<Signature> {
    let bytes = &document.bytes;
    let head = bytes.get(..1024).unwrap_or(bytes);
    // A file whose first bytes were damaged may still say what it is at its end.
    let tail = bytes.get(bytes.len().saturating_sub(1024)..).unwrap_or(bytes);
    // A file may be of two kinds at once; what counts is what it was read as.
    let may_be = |format: Format| [format, Format::Unknown].contains(&document.format);
    if may_be(Format::Ofd) && head.starts_with(b"PK\x03\x04") {
        ofd::signatures(document, trust, limits)
    } else if may_be(Format::Pdf)
        && (memmem::find(head, b"%PDF-").or_else(|| memmem::find(tail, b"%%EOF")).is_some())
    {
        pdf::signatures(document, trust, limits)
    } else if may_be(Format::Xml) && invoice_xml::may_be(head) {
        invoice_xml::signatures(document, limits)
    } else {
        Vec::new()
    }
}

fn overfull(allowed: usize) -> Problem {
    Problem::new(
        "too-many-signatures",
        format!("文件中的签名超过 {allowed} 个，其余未验证；请人工核对"),
        format!(
            "the file has more than {allowed} signatures and the rest was not checked; look at them by hand"
        ),
    )
}

fn crashed() -> Problem {
    Problem::new(
        "signature-check-crashed",
        "检查此文件的签名时程序内部出错，签名未验证；请人工验证，并告知维护人员",
        "the check of this file's signatures failed and nothing is known of them; check them by hand, and tell the maintainers",
    )
}

/// What a signature covers of its file.
#[derive(Clone, Debug, Default)]
struct Coverage {
    /// Everything, save the signature itself.
    whole: bool,
    /// Why what it says to cover cannot be what was signed.
    broken: Option<Sentences>,
    /// What was added after signing that may change what the file shows; empty for nothing.
    added: Sentences,
    /// Why it cannot be told whether something was added; empty where it can.
    untold: Sentences,
    /// What else is to be said of it.
    notes: Sentences,
}

/// What stands for the signatures of a file that are more than are checked.
fn too_many(allowed: usize, trust: &Trust) -> Signature {
    let found = Found::new(State::Unable).saying(
        format!("文件中的签名超过 {allowed} 个，其余未验证"),
        format!("there are more than {allowed} signatures, and the rest was not checked"),
    );
    judged(SignatureKind::Unknown, found, Coverage::default(), trust)
}

/// What stands for the signatures of a file whose check came to a bad end.
fn unchecked(trust: &Trust) -> Signature {
    let found = Found::new(State::Unable).saying(
        "检查签名时程序内部出错，未能验证",
        "the check of the signatures failed, and nothing is known of them",
    );
    judged(SignatureKind::Unknown, found, Coverage::default(), trust)
}

/// The verdict on a signature, from what was found and what it covers.
fn judged(kind: SignatureKind, found: Found, coverage: Coverage, trust: &Trust) -> Signature {
    let Found { state, mut said, signer, others, signed_at, seal, maker } = found;
    let Coverage { whole, broken, added, untold, notes } = coverage;
    let reaches = |one: &certificate::Certificate| trust.reaches(one, &others, signed_at);
    let verdict = match (state, &broken) {
        (State::Wrong, _) | (_, Some(_)) => Verdict::Broken,
        _ if !added.is_empty() => Verdict::AlteredAfterSigning,
        (State::Unable, _) => Verdict::NotCheckable,
        _ if !untold.is_empty() => Verdict::NotCheckable,
        // Anyone can make a seal that shows any name, and set it with a certificate of their own.
        (State::Right, None)
            if signer.as_ref().is_some_and(reaches) && maker.as_ref().is_none_or(reaches) =>
        {
            Verdict::Valid
        }
        (State::Right, None) => Verdict::IssuerUnknown,
    };
    if state == State::Right && broken.is_none() {
        said.say("签名与所覆盖的内容相符", "the signature fits what it covers");
    }
    said.extend(broken.unwrap_or_default());
    said.extend(added);
    said.extend(untold);
    said.extend(notes);
    if let Some(certificate) = &signer {
        of_certificate(certificate, signed_at, &mut said);
    }
    if verdict == Verdict::IssuerUnknown {
        if trust.is_empty() {
            said.say(
                "未配置受信任的根证书，证书的真实性未核实",
                "no root is trusted here, so nobody vouches for the certificate",
            );
        } else if signer.as_ref().is_some_and(reaches) {
            said.say(
                "制章者的证书不能追溯到受信任的根证书",
                "the certificate of the seal's maker does not lead to a trusted root",
            );
        } else {
            said.say("证书不能追溯到受信任的根证书", "the certificate does not lead to a trusted root");
        }
    }
    Signature {
        kind,
        verdict,
        covers_whole_file: whole,
        signer: signer.as_ref().map(|own| own.subject.clone()),
        issuer: signer.as_ref().map(|own| own.issuer.clone()),
        certificate_valid: signer.as_ref().and_then(certificate::Certificate::days),
        signed_at: signed_at.map(time::Moment::iso),
        seal,
        message: said.message(),
        places: Vec::new(),
    }
}

/// Number and validity of the certificate.
fn of_certificate(
    certificate: &certificate::Certificate,
    signed_at: Option<time::Moment>,
    said: &mut Sentences,
) {
    said.say(
        format!("证书序列号 {}", certificate.number()),
        format!("certificate number {}", certificate.number()),
    );
    match (signed_at, certificate.validity) {
        (Some(at), Some((from, to))) if !at.lies_between(from, to) => said.say(
            format!("签名时间不在证书有效期（{} 至 {}）内", from.day(), to.day()),
            format!("signed outside of the certificate's validity ({} to {})", from.day(), to.day()),
        ),
        (None, _) => said.say("签名时间未知", "the time of signing is not known"),
        _ => {}
    }
}
