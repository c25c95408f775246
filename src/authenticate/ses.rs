//! Electronic seals after GB/T 38540-2020 and, before it, GM/T 0031-2014.
//!
//! A seal is a picture that its maker signed together with the certificates of those who may set it;
//! setting it signs a digest of the document together with the seal.

use crate::container::tlv::{self, Tlv};

use super::{
    certificate::{Certificate, text},
    cms::judge,
    finding::{Found, State},
    sums::{self, Hash, Key, Math, Signing},
    time::{self, Moment},
};

/// Which of the standards a seal is made after.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Edition {
    /// GM/T 0031-2014.
    First,
    /// GB/T 38540-2020.
    Fourth,
}

/// The parts of a set seal, whatever its edition.
struct Parts<'b> {
    edition: Edition,
    signed: Tlv<'b>,
    seal: Tlv<'b>,
    time: Tlv<'b>,
    digest: Tlv<'b>,
    certificate: Tlv<'b>,
    algorithm: Tlv<'b>,
    signature: Tlv<'b>,
}

/// Takes a set seal apart; `None` where it is none.
fn parts(bytes: &[u8]) -> Option<Parts<'_>> {
    let outer = tlv::first(bytes)?.sequence()?;
    let signed = *outer.first()?;
    let fields = signed.sequence()?;
    let [version, seal, time, digest, rest @ ..] = fields.as_slice() else { return None };
    if version.tag != tlv::INTEGER || seal.tag != tlv::SEQUENCE || digest.tag != tlv::BIT_STRING {
        return None;
    }
    // The first edition has the certificate and the algorithm under the signature, the fourth beside it.
    let (edition, [certificate, algorithm, signature]) = match (outer.as_slice(), rest) {
        ([_, certificate, algorithm, signature, ..], _) if certificate.tag == tlv::OCTETS => {
            (Edition::Fourth, [certificate, algorithm, signature])
        }
        ([_, signature], [_property, certificate, algorithm, ..]) if signature.tag == tlv::BIT_STRING => {
            (Edition::First, [certificate, algorithm, signature])
        }
        _ => return None,
    };
    Some(Parts {
        edition,
        signed,
        seal: *seal,
        time: *time,
        digest: *digest,
        certificate: *certificate,
        algorithm: *algorithm,
        signature: *signature,
    })
}

/// Checks a set seal against the bytes it is said to be set on, and says which edition it is of; `None`
/// where it is no seal.
pub(super) fn check(bytes: &[u8], pieces: &[&[u8]]) -> Option<(Edition, Found)> {
    let parts = parts(bytes)?;
    let found = weighed(&parts, pieces);
    Some((parts.edition, found))
}

fn weighed(parts: &Parts<'_>, pieces: &[&[u8]]) -> Found {
    let mut found = Found::new(State::Right);
    found.signed_at = time::of(&parts.time);
    let Some(certificate) = Certificate::read(&parts.certificate.octets()) else {
        return Found { state: State::Unable, ..found }
            .saying("签章者证书无法读取，未能验证", "the certificate of who set the seal cannot be read");
    };
    let data = pieces.concat();
    let digest = parts.digest.bits();
    let hash = document(digest, &certificate, &data, &mut found);
    let (math, is_bare) = set(parts, &certificate, digest, hash);
    judge(math, &mut found);
    if is_bare {
        found.signed_at = None;
        found.said.say(
            "签名只覆盖文件摘要，不覆盖印章本身及其签章时间",
            "only the file's digest is signed, and neither the seal itself nor its time",
        );
    }
    seal(&parts.seal, &certificate, &mut found);
    found.others.push(certificate.clone());
    found.signer = Some(certificate);
    found
}

/// Holds the digest in the seal against the document; which digest it is, where that can be told.
///
/// The seal does not say it: it follows from the length, and from what fits.
fn document(digest: &[u8], certificate: &Certificate, data: &[u8], found: &mut Found) -> Option<Hash> {
    let known = Hash::of_length(digest.len());
    let fitting = known.iter().find(|hash| hash.of(&[data]) == digest);
    let keyed = match &certificate.key {
        Key::Sm2(point) => sums::sm3_with_key(point, data),
        _ => None,
    };
    if let Some(hash) = fitting {
        found.weigh(*hash);
    } else if keyed.as_deref() == Some(digest) {
        return Some(Hash::Sm3);
    } else if known.is_empty() {
        found.worsen(State::Unable);
        found.said.say(
            format!("印章中的文件摘要为 {} 字节，算法未知，未能核对", digest.len()),
            format!("the digest in the seal has {} bytes, and nothing known makes such", digest.len()),
        );
    } else {
        found.worsen(State::Wrong);
        found.said.say(
            "被签章的内容与文件现有内容不一致，签章后被改动过",
            "what was sealed is not what the file holds: it was changed after sealing",
        );
    }
    fitting.or(known.first()).copied()
}

/// The signature of who set the seal, and whether it is on nothing but the digest.
fn set(parts: &Parts<'_>, certificate: &Certificate, digest: &[u8], hash: Option<Hash>) -> (Math, bool) {
    let signature = parts.signature.bits();
    let signing = Signing { algorithm: parts.algorithm, hash, signature };
    let math = sums::check(&certificate.key, &signing, &[parts.signed.raw]);
    match (&certificate.key, parts.edition) {
        // Seals of the first edition are found that sign the document itself instead of what the
        // standard names: the digest with the signer's identity in it is then all that was signed.
        (Key::Sm2(point), Edition::First) if math == Math::Wrong => {
            let bare = sums::sm2_of_digest(point, digest, signature);
            let is_bare = bare == Math::Right;
            (bare, is_bare)
        }
        _ => (math, false),
    }
}

/// The seal itself: its maker's signature, whom it is for, from when to when.
fn seal(seal: &Tlv<'_>, signer: &Certificate, found: &mut Found) {
    let outer = seal.children();
    let Some(made) = Made::read(&outer) else {
        found.worsen(State::Unable);
        found.said.say(
            "印章的结构不符合标准，未能核实由谁制作",
            "the seal is not in the form of the standard, and who made it was not checked",
        );
        return;
    };
    let parts = made.information.children();
    let properties = parts.get(2).map(Tlv::children).unwrap_or_default();
    found.seal = properties.get(1).map(text).filter(|name| !name.is_empty());
    match Certificate::read(&made.maker.octets()) {
        None => {
            found.worsen(State::Unable);
            found.said.say("制章者证书无法读取", "the certificate of the seal's maker cannot be read");
        }
        Some(maker) => {
            match made.checked(&maker) {
                Math::Right => {}
                Math::Wrong => {
                    found.worsen(State::Wrong);
                    found.said.say(
                        format!("印章不是制章者（{}）所制或被改动过", maker.subject),
                        format!("the seal was not made by its maker ({}), or was changed", maker.subject),
                    );
                }
                Math::Unable(what) => {
                    found.worsen(State::Unable);
                    found.said.say(
                        format!("制章者的签名算法（{what}）不支持"),
                        format!("the algorithm of the seal's maker ({what}) is not supported"),
                    );
                }
            }
            found.maker = Some(maker);
        }
    }
    whom(&properties, signer, found);
}

/// A seal as its maker signed it.
struct Made<'b> {
    information: Tlv<'b>,
    maker: Tlv<'b>,
    algorithm: Tlv<'b>,
    signature: Tlv<'b>,
    message: Vec<u8>,
}

impl<'b> Made<'b> {
    /// The fourth edition puts maker, algorithm and signature beside the seal, the first in one group.
    fn read(outer: &[Tlv<'b>]) -> Option<Self> {
        match outer {
            [information, maker, algorithm, signature, ..] => Some(Self {
                information: *information,
                maker: *maker,
                algorithm: *algorithm,
                signature: *signature,
                message: information.raw.to_vec(),
            }),
            [information, group] => {
                let group = group.children();
                let [maker, algorithm, signature, ..] = group.as_slice() else { return None };
                // GM/T 0031-2014, 5.2: the seal, the maker's certificate and the algorithm are signed.
                let content = [information.raw, maker.raw, algorithm.raw].concat();
                Some(Self {
                    information: *information,
                    maker: *maker,
                    algorithm: *algorithm,
                    signature: *signature,
                    message: sequence(&content),
                })
            }
            _ => None,
        }
    }

    /// Whether its maker signed it. Where the algorithm names no digest, nothing else does, and the
    /// signature itself tells which it was.
    fn checked(&self, maker: &Certificate) -> Math {
        const LIKELY: [Hash; 3] = [Hash::Sm3, Hash::Sha256, Hash::Sha1];
        let by = |hash| {
            let signing =
                Signing { algorithm: self.algorithm, hash: Some(hash), signature: self.signature.bits() };
            sums::check(&maker.key, &signing, &[&self.message])
        };
        let all = LIKELY.map(by);
        if all.contains(&Math::Right) { Math::Right } else { all.into_iter().next().unwrap_or(Math::Wrong) }
    }
}

/// Whether the seal was set by one of those it is for, and in its time.
fn whom(properties: &[Tlv<'_>], signer: &Certificate, found: &mut Found) {
    // GB/T 38540-2020, 6.2.3: type, name, kind of list, list, made, from, to. The first edition has no
    // kind of list, and makers fill its list with anything.
    let kind = properties.get(2).and_then(Tlv::small);
    let times: Vec<Moment> = properties.iter().skip(3).filter_map(time_of).collect();
    if let Some(kind) = kind {
        let list = properties.get(3).map(Tlv::children).unwrap_or_default();
        let is_meant = |one: &Tlv<'_>| match kind {
            1 => one.octets() == signer.raw.as_slice(),
            // Digests of certificates, each with the kind of certificate before it.
            _ => {
                let digest = Hash::Sm3.of(&[&signer.raw]);
                one.octets() == digest.as_slice()
                    || one.children().iter().any(|part| part.octets() == digest.as_slice())
            }
        };
        if !list.is_empty() && !list.iter().any(is_meant) {
            found.worsen(State::Wrong);
            found.said.say(
                "印章不属于签章者：签章者证书不在印章的证书列表中",
                "the seal is not for who set it: the certificate is not in the seal's list",
            );
        }
    }
    if let ([.., from, to], Some(at)) = (times.as_slice(), found.signed_at)
        && !at.lies_between(*from, *to)
    {
        found.said.say(
            format!("签章时间不在印章有效期（{} 至 {}）内", from.day(), to.day()),
            format!("set outside of the seal's validity ({} to {})", from.day(), to.day()),
        );
    }
}

fn time_of(value: &Tlv<'_>) -> Option<Moment> {
    matches!(value.tag, tlv::UTC_TIME | tlv::GENERAL_TIME).then(|| time::of(value))?
}

/// A DER sequence round some content.
fn sequence(content: &[u8]) -> Vec<u8> {
    let length = content.len();
    let mut head = vec![tlv::SEQUENCE];
    if length < 0x80 {
        head.push(u8::try_from(length).unwrap_or(0));
    } else {
        let digits: Vec<u8> = length.to_be_bytes().into_iter().skip_while(|byte| *byte == 0).collect();
        head.push(0x80 | u8::try_from(digits.len()).unwrap_or(0));
        head.extend(digits);
    }
    [head, content.to_vec()].concat()
}
