//! Signed data after RFC 5652, PKCS#7 and GM/T 0010: who signed which bytes, and a time stamp on it.

use crate::container::tlv::{self, Tlv};

use super::{
    certificate::Certificate,
    finding::{Found, State},
    sums::{self, Hash, Key, Math, Signing},
    time::{self, Moment},
    trust::Trust,
};

const SIGNED_DATA: &[&str] = &["1.2.840.113549.1.7.2", "1.2.156.10197.6.1.4.2.2"];
const CONTENT_TYPE: &str = "1.2.840.113549.1.9.3";
const MESSAGE_DIGEST: &str = "1.2.840.113549.1.9.4";
const SIGNING_TIME: &str = "1.2.840.113549.1.9.5";
const TIME_STAMP: &str = "1.2.840.113549.1.9.16.2.14";
const STAMP_CONTENT: &str = "1.2.840.113549.1.9.16.1.4";

/// What a signature of this kind is to be held against.
#[derive(Clone, Copy)]
pub(super) enum Over<'b> {
    /// These bytes are what was signed (`adbe.pkcs7.detached`).
    Bytes(&'b [&'b [u8]]),
    /// The SHA-1 of these bytes is the content that was signed (`adbe.pkcs7.sha1`).
    Sha1Of(&'b [&'b [u8]]),
    /// A time stamp of these bytes (`ETSI.RFC3161`).
    StampOf(&'b [&'b [u8]]),
    /// The content that lies in the structure itself.
    Content,
}

/// Signed data, taken apart.
struct SignedData<'b> {
    raw: &'b [u8],
    content_type: String,
    content: Option<std::borrow::Cow<'b, [u8]>>,
    certificates: Vec<Certificate>,
    signers: Vec<Tlv<'b>>,
}

impl<'b> SignedData<'b> {
    fn read(bytes: &'b [u8]) -> Option<Self> {
        let outer = tlv::first(bytes)?.sequence()?;
        let [kind, inside, ..] = outer.as_slice() else { return None };
        if !SIGNED_DATA.contains(&kind.oid().as_str()) {
            return None;
        }
        let parts = inside.inner()?.sequence()?;
        let [_version, digests, content, rest @ ..] = parts.as_slice() else { return None };
        if digests.tag != tlv::SET {
            return None;
        }
        let content = content.sequence()?;
        let certificates = rest.iter().find(|part| part.tag == 0xa0);
        Some(Self {
            raw: bytes,
            content_type: content.first()?.oid(),
            content: content.get(1).and_then(Tlv::inner).map(|inside| inside.octets()),
            certificates: certificates
                .map(|list| list.children().iter().filter_map(|one| Certificate::read(one.raw)).collect())
                .unwrap_or_default(),
            signers: rest.iter().rfind(|part| part.tag == tlv::SET)?.children(),
        })
    }

    /// Its only signer; what is to be said where there is not just one.
    fn signer(&self) -> Result<Signer<'b>, Box<Found>> {
        let [information] = self.signers.as_slice() else {
            let count = self.signers.len();
            return Err(Box::new(Found::new(State::Unable).saying(
                format!("签名数据中应有一个签名者，实际有 {count} 个，未能验证"),
                format!("signed data should have one signer, this has {count} and was not checked"),
            )));
        };
        Signer::read(information).ok_or_else(|| Box::new(not_understood(self.raw)))
    }
}

/// The parts of one signer's information.
struct Signer<'b> {
    identifier: Tlv<'b>,
    digest: String,
    attributes: Option<Tlv<'b>>,
    algorithm: Tlv<'b>,
    signature: std::borrow::Cow<'b, [u8]>,
    unsigned: Vec<Tlv<'b>>,
}

impl<'b> Signer<'b> {
    fn read(information: &Tlv<'b>) -> Option<Self> {
        let parts = information.sequence()?;
        let [_version, identifier, digest, rest @ ..] = parts.as_slice() else { return None };
        let (attributes, rest) = match rest.first()? {
            first if first.tag == 0xa0 => (Some(*first), &rest[1..]),
            _ => (None, rest),
        };
        let [algorithm, signature, rest @ ..] = rest else { return None };
        Some(Self {
            identifier: *identifier,
            digest: digest.algorithm(),
            attributes,
            algorithm: *algorithm,
            signature: signature.octets(),
            unsigned: rest.iter().filter(|part| part.tag == 0xa1).flat_map(Tlv::children).collect(),
        })
    }

    /// The one value of a signed attribute.
    fn attribute(&self, wanted: &str) -> Option<Tlv<'b>> {
        attribute(&self.attributes?.children(), wanted)
    }

    fn is_of(&self, certificate: &Certificate) -> bool {
        if self.identifier.tag == tlv::SEQUENCE {
            let parts = self.identifier.children();
            return matches!(parts.as_slice(), [issuer, serial, ..]
                if issuer.raw == certificate.issuer_raw && serial.unsigned() == certificate.serial);
        }
        certificate.key_id.as_deref() == Some(&*self.identifier.octets())
    }
}

fn attribute<'b>(attributes: &[Tlv<'b>], wanted: &str) -> Option<Tlv<'b>> {
    attributes.iter().find_map(|one| {
        let parts = one.children();
        let [kind, values, ..] = parts.as_slice() else { return None };
        (kind.oid() == wanted).then(|| values.inner())?
    })
}

/// Checks signed data against what it is said to sign.
pub(super) fn check(bytes: &[u8], over: Over<'_>, trust: &Trust) -> Found {
    let Some(data) = SignedData::read(bytes) else { return not_understood(bytes) };
    let signer = match data.signer() {
        Ok(signer) => signer,
        Err(trouble) => return *trouble,
    };
    let mut found = verified(&data, &signer, over);
    stamp(&signer, trust, &mut found);
    found
}

/// Signed data of one signer, without what others say of it.
fn verified(data: &SignedData<'_>, signer: &Signer<'_>, over: Over<'_>) -> Found {
    let mut found = Found::new(State::Right);
    found.signed_at = signer.attribute(SIGNING_TIME).as_ref().and_then(time::of);
    let certificate = data.certificates.iter().find(|one| signer.is_of(one)).cloned();
    found.others.clone_from(&data.certificates);
    let Some(certificate) = certificate else {
        return Found { state: State::Unable, ..found }
            .saying("签名中没有签名者的证书，无法验证", "the signer's certificate is not in it");
    };
    content(data, over, &mut found);
    let own = data.content.as_deref().unwrap_or_default();
    let pieces: &[&[u8]] = match over {
        Over::Bytes(pieces) => pieces,
        Over::Sha1Of(_) | Over::StampOf(_) | Over::Content => &[own],
    };
    signature(signer, &certificate, &data.content_type, pieces, &mut found);
    found.signer = Some(certificate);
    found
}

/// Holds the content that lies in the structure against the file, where it stands for the file.
fn content(data: &SignedData<'_>, over: Over<'_>, found: &mut Found) {
    let own = data.content.as_deref().unwrap_or_default();
    let agrees = match over {
        Over::Bytes(_) | Over::Content => return,
        Over::Sha1Of(pieces) => {
            found.weigh(Hash::Sha1);
            own == Hash::Sha1.of(pieces)
        }
        Over::StampOf(pieces) => match stamped(data) {
            Some((hash, digest, at)) => {
                found.signed_at = Some(at);
                found.weigh(hash);
                digest == hash.of(pieces)
            }
            None => false,
        },
    };
    if !agrees {
        found.worsen(State::Wrong);
        changed(found);
    }
}

fn changed(found: &mut Found) {
    found.said.say(
        "被签名的内容与文件现有内容不一致，签名后被改动过",
        "what was signed is not what the file holds: it was changed after signing",
    );
}

fn signature(
    signer: &Signer<'_>,
    certificate: &Certificate,
    content_type: &str,
    pieces: &[&[u8]],
    found: &mut Found,
) {
    let hash = Hash::named(&signer.digest);
    let signing = Signing { algorithm: signer.algorithm, hash, signature: &signer.signature };
    hash.into_iter().chain(signing.named()).for_each(|hash| found.weigh(hash));
    let math = match signer.attributes {
        None => sums::check(&certificate.key, &signing, pieces),
        Some(attributes) => {
            let Some(hash) = hash else {
                found.worsen(State::Unable);
                found.said.say(
                    format!("摘要算法 {} 不支持，未能验证", signer.digest),
                    format!("the digest algorithm {} is not supported", signer.digest),
                );
                return;
            };
            let digest = signer.attribute(MESSAGE_DIGEST).map(|value| value.octets().into_owned());
            let keyed = || match &certificate.key {
                // Some signers put their identity before what they digest.
                Key::Sm2(point) if hash == Hash::Sm3 => sums::sm3_with_key(point, &pieces.concat()),
                _ => None,
            };
            if digest.is_none() || (digest != Some(hash.of(pieces)) && digest != keyed()) {
                found.worsen(State::Wrong);
                changed(found);
            }
            // RFC 5652, 11.1: without this, attributes could be passed off as content.
            if signer.attribute(CONTENT_TYPE).map(|value| value.oid()).as_deref() != Some(content_type) {
                found.worsen(State::Wrong);
                found.said.say("签名属性中的内容类型不符", "the signed content type is another one");
            }
            // RFC 5652, 5.4: the attributes are signed as a set, whatever their tag in the structure.
            let mut set = attributes.raw.to_vec();
            if let Some(tag) = set.first_mut() {
                *tag = tlv::SET;
            }
            sums::check(&certificate.key, &signing, &[&set])
        }
    };
    judge(math, found);
}

/// Says what the mathematics said.
pub(super) fn judge(math: Math, found: &mut Found) {
    match math {
        Math::Right => {}
        Math::Wrong => {
            found.worsen(State::Wrong);
            found.said.say(
                "签名值与证书的公钥不符",
                "the signature was not made with the certificate's key, or over something else",
            );
        }
        Math::Unable(what) => {
            found.worsen(State::Unable);
            found.said.say(
                format!("签名算法或密钥（{what}）不支持，未能验证"),
                format!("the signature's algorithm or key ({what}) is not supported"),
            );
        }
    }
}

/// A time stamp of a third party on the signature itself, which is surer than the signer's clock if the
/// third party is known: anyone may put a token of their own beside a signature. A stamp on the token
/// itself is not looked at.
fn stamp(signer: &Signer<'_>, trust: &Trust, found: &mut Found) {
    let Some(token) = attribute(&signer.unsigned, TIME_STAMP) else { return };
    let Some(data) = SignedData::read(token.raw) else { return };
    let agrees = stamped(&data).filter(|(hash, digest, _)| *digest == hash.of(&[&*signer.signature]));
    let own = data.signer().ok().map(|signer| verified(&data, &signer, Over::Content));
    let own = own.filter(|own| own.state == State::Right).and_then(|own| Some((own.signer?, own.others)));
    let (Some((hash, _, at)), Some((authority, others))) = (agrees, own) else {
        found.said.say("所附时间戳未能验证，未采用", "its time stamp could not be verified and was not used");
        return;
    };
    let name = &authority.subject;
    if hash != Hash::Md5 && authority.sets_times && trust.reaches(&authority, &others, Some(at)) {
        found.signed_at = Some(at);
        found.said.say(format!("带有时间戳（{name}）"), format!("with a time stamp by {name}"));
    } else {
        found.said.say(
            format!("带有时间戳（{name}），但时间戳机构未核实，其时间未采用"),
            format!("with a time stamp by {name}, for whom nobody here vouches, and whose time was not used"),
        );
    }
}

/// Digest algorithm, digest and time of a time stamp (RFC 3161, 2.4.2).
fn stamped(data: &SignedData<'_>) -> Option<(Hash, Vec<u8>, Moment)> {
    if data.content_type != STAMP_CONTENT {
        return None;
    }
    let parts = tlv::first(data.content.as_deref()?)?.sequence()?;
    let [_version, _policy, imprint, _serial, at, ..] = parts.as_slice() else { return None };
    let imprint = imprint.children();
    let [algorithm, digest, ..] = imprint.as_slice() else { return None };
    Some((Hash::named(&algorithm.algorithm())?, digest.octets().into_owned(), time::of(at)?))
}

/// Something that is not signed data as it is published. Whose certificate lies in it, it may still say.
fn not_understood(bytes: &[u8]) -> Found {
    let mut found = Found::new(State::Unable).saying(
        "签名数据的结构不是公开的标准格式（PKCS#7、GM/T 0010 或 GB/T 38540），无法验证",
        "the signature is in no published form (PKCS#7, GM/T 0010, GB/T 38540) and cannot be checked",
    );
    let mut moments = Vec::new();
    if let Some(outer) = tlv::first(bytes) {
        search(&outer, 0, &mut found, &mut moments);
    }
    found.signer = found.others.first().cloned();
    found.signed_at = moments.first().copied();
    found
}

/// Certificates, and times outside of them.
fn search(value: &Tlv<'_>, depth: usize, found: &mut Found, moments: &mut Vec<Moment>) {
    if let Some(certificate) = Certificate::read(value.raw) {
        found.others.push(certificate);
    } else if matches!(value.tag, tlv::UTC_TIME | tlv::GENERAL_TIME) {
        moments.extend(time::of(value));
    } else if value.tag & 0x20 != 0 && depth < 8 {
        value.children().iter().for_each(|one| search(one, depth + 1, found, moments));
    }
}
