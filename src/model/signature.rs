//! What a file can prove about itself: signatures, seals, and what came after them.

use serde::{Deserialize, Serialize};

use super::{finding::Message, geometry::Rect};

/// One signature or electronic seal in a file.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Signature {
    /// How it is made.
    pub kind: SignatureKind,
    /// What the check found.
    pub verdict: Verdict,
    /// Whether it covers the whole file as it lies there, save the place of the signature itself.
    pub covers_whole_file: bool,
    /// Who signed, as the certificate says.
    pub signer: Option<String>,
    /// Who issued the certificate.
    pub issuer: Option<String>,
    /// The days between which the certificate is valid, ISO.
    pub certificate_valid: Option<(String, String)>,
    /// When it was signed, by the signer's own clock unless a time stamp says more; ISO.
    pub signed_at: Option<String>,
    /// Name of the seal, where it is one.
    pub seal: Option<String>,
    /// What was found, for a person: what is covered, what is not, why nothing could be checked.
    pub message: Message,
    /// Where it shows, page from 1.
    pub places: Vec<(u32, Rect)>,
}

/// How a signature is made.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub enum SignatureKind {
    /// CMS in a PDF, with RSA or SM2 (ISO 32000-1, 12.8).
    Pkcs7,
    /// A seal after GB/T 38540 in a PDF.
    Sm2Seal,
    /// A seal of the first kind (GM/T 0031) in an OFD.
    SesV1,
    /// A seal of the fourth kind (GB/T 38540) in an OFD.
    SesV4,
    /// A plain signature without a seal in an OFD.
    OfdSignature,
    /// The tax bureau's signature in an invoice XML.
    XmlSignature,
    /// Something that says it is a signature and is none of these.
    Unknown,
}

impl SignatureKind {
    /// The name used in outputs.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Pkcs7 => "pkcs7",
            Self::Sm2Seal => "sm2_seal",
            Self::SesV1 => "ses_v1",
            Self::SesV4 => "ses_v4",
            Self::OfdSignature => "ofd_signature",
            Self::XmlSignature => "xml_signature",
            Self::Unknown => "unknown",
        }
    }
}

/// What the check of a signature found, the best first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub enum Verdict {
    /// The mathematics is right, nothing was changed, and the certificate leads to a root that the
    /// operator trusts.
    Valid,
    /// The mathematics is right and nothing was changed; nobody vouches for the certificate here.
    IssuerUnknown,
    /// It cannot be checked; the message says why.
    NotCheckable,
    /// What was signed is as it was, and more was added to the file afterwards.
    AlteredAfterSigning,
    /// What was signed is not what lies there, or the signature was not made with the certificate's key.
    Broken,
}

impl Verdict {
    /// The name used in outputs.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Valid => "valid",
            Self::IssuerUnknown => "valid_issuer_unknown",
            Self::NotCheckable => "not_checkable",
            Self::AlteredAfterSigning => "altered_after_signing",
            Self::Broken => "broken",
        }
    }
}
