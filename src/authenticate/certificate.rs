//! Certificates as far as they are needed here: whose, from whom, from when to when, with which key.

use crate::container::{
    charset,
    tlv::{self, Tlv},
};

use super::{
    sums::{self, Key, Math, Signing},
    time::{self, Moment},
};

/// Identifiers of the curve SM2 and of its key.
const SM2: &[&str] = &["1.2.156.10197.1.301", "1.2.156.10197.1.301.1"];

/// One certificate.
#[derive(Clone, Debug)]
pub(super) struct Certificate {
    /// The whole of it.
    pub(super) raw: Vec<u8>,
    tbs: Vec<u8>,
    algorithm: Vec<u8>,
    signature: Vec<u8>,
    /// The number the issuer gave it, without leading zeros.
    pub(super) serial: Vec<u8>,
    /// The issuer's name as it is encoded.
    pub(super) issuer_raw: Vec<u8>,
    /// The holder's name as it is encoded.
    pub(super) subject_raw: Vec<u8>,
    /// The issuer's name for people.
    pub(super) issuer: String,
    /// The holder's name for people.
    pub(super) subject: String,
    /// First and last moment of its validity.
    pub(super) validity: Option<(Moment, Moment)>,
    /// The holder's key.
    pub(super) key: Key,
    /// The key's identifier, where the certificate gives one.
    pub(super) key_id: Option<Vec<u8>>,
    /// Whether the holder may issue certificates; `None` where it does not say, as in version 1.
    pub(super) is_authority: Option<bool>,
    /// Whether the holder may say when something was signed (RFC 3161, 2.3).
    pub(super) sets_times: bool,
}

impl Certificate {
    /// A certificate in BER. What is behind it does not matter.
    pub(super) fn read(bytes: &[u8]) -> Option<Self> {
        let outer = tlv::first(bytes)?;
        let parts = outer.sequence()?;
        let [tbs, algorithm, signature, ..] = parts.as_slice() else { return None };
        let fields = tbs.sequence()?;
        let fields = match fields.first()?.tag {
            0xa0 => fields.get(1..)?,
            _ => &fields[..],
        };
        let [serial, _, issuer, validity, subject, key, rest @ ..] = fields else { return None };
        if serial.tag != tlv::INTEGER || subject.tag != tlv::SEQUENCE {
            return None;
        }
        let moments = validity.children();
        let moment = |at: usize| moments.get(at).and_then(time::of);
        let extensions = rest.iter().find(|field| field.tag == 0xa3).and_then(Tlv::inner);
        let extensions = extensions.map(|list| list.children()).unwrap_or_default();
        let extension = |wanted: &str| {
            let found = extensions
                .iter()
                .map(Tlv::children)
                .find(|one| one.first().map(Tlv::oid).as_deref() == Some(wanted))?;
            found.last().map(|value| value.octets().into_owned())
        };
        let constraints = extension("2.5.29.19");
        Some(Self {
            raw: outer.raw.to_vec(),
            tbs: tbs.raw.to_vec(),
            algorithm: algorithm.raw.to_vec(),
            signature: signature.bits().to_vec(),
            serial: serial.unsigned().to_vec(),
            issuer_raw: issuer.raw.to_vec(),
            subject_raw: subject.raw.to_vec(),
            issuer: name(issuer),
            subject: name(subject),
            validity: moment(0).zip(moment(1)),
            key: self::key(key)?,
            key_id: extension("2.5.29.14").and_then(|id| Some(tlv::first(&id)?.value.to_vec())),
            is_authority: constraints.map(|inside| is_authority(&inside)),
            sets_times: extension("2.5.29.37").is_some_and(|purposes| sets_times(&purposes)),
        })
    }

    /// Whether it was signed with the key of `issuer`.
    pub(super) fn is_signed_by(&self, issuer: &Self) -> bool {
        let Some(algorithm) = tlv::first(&self.algorithm) else { return false };
        // Collisions of MD5 were used to forge certificates.
        if sums::Hash::named(&algorithm.algorithm()) == Some(sums::Hash::Md5) {
            return false;
        }
        let signing = Signing { algorithm, hash: None, signature: &self.signature };
        sums::check(&issuer.key, &signing, &[&self.tbs]) == Math::Right
    }

    /// The days between which it is valid.
    pub(super) fn days(&self) -> Option<(String, String)> {
        self.validity.map(|(from, to)| (from.day(), to.day()))
    }

    /// The number the issuer gave it, in hexadecimal digits.
    pub(super) fn number(&self) -> String {
        self.serial.iter().map(|byte| format!("{byte:02X}")).collect()
    }
}

/// Whether basic constraints say that the holder is an authority (RFC 5280, 4.2.1.9).
fn is_authority(constraints: &[u8]) -> bool {
    let parts = tlv::first(constraints).map(|one| one.children()).unwrap_or_default();
    parts.first().is_some_and(|flag| flag.tag == tlv::BOOLEAN && flag.value.iter().any(|byte| *byte != 0))
}

/// Whether setting times is among the purposes of a key (RFC 5280, 4.2.1.12).
fn sets_times(purposes: &[u8]) -> bool {
    let purposes = tlv::first(purposes).map(|one| one.children()).unwrap_or_default();
    purposes.iter().any(|purpose| purpose.oid() == "1.3.6.1.5.5.7.3.8")
}

fn key(information: &Tlv<'_>) -> Option<Key> {
    let parts = information.sequence()?;
    let [algorithm, bits, ..] = parts.as_slice() else { return None };
    let identifiers: Vec<String> = algorithm.children().iter().map(Tlv::oid).collect();
    let kind = identifiers.first()?.as_str();
    let curve = identifiers.get(1).map(String::as_str).unwrap_or_default();
    Some(match kind {
        "1.2.840.113549.1.1.1" | "1.2.840.113549.1.1.10" => {
            let numbers = tlv::first(bits.bits())?.sequence()?;
            let [modulus, exponent, ..] = numbers.as_slice() else { return None };
            Key::Rsa(modulus.unsigned().to_vec(), exponent.unsigned().to_vec())
        }
        "1.2.840.10045.2.1" if SM2.contains(&curve) => Key::Sm2(bits.bits().to_vec()),
        "1.2.840.10045.2.1" => Key::Other(format!("ECDSA {curve}")),
        _ if SM2.contains(&kind) => Key::Sm2(bits.bits().to_vec()),
        _ => Key::Other(kind.to_owned()),
    })
}

/// A distinguished name for people: the common name, and the organisation where it says something else.
fn name(name: &Tlv<'_>) -> String {
    let mut parts: Vec<(String, String)> = Vec::new();
    for set in name.children() {
        for pair in set.children() {
            if let [kind, value, ..] = pair.children().as_slice() {
                parts.push((kind.oid(), text(value)));
            }
        }
    }
    let of = |kind: &str| {
        parts.iter().rev().find(|(own, text)| own == kind && !text.is_empty()).map(|(_, text)| text.as_str())
    };
    let (common, organisation) = (of("2.5.4.3"), of("2.5.4.10"));
    match (common, organisation) {
        (Some(common), Some(organisation)) if !common.contains(organisation) => {
            format!("{common} ({organisation})")
        }
        (Some(one), _) | (None, Some(one)) => one.to_owned(),
        (None, None) => parts
            .into_iter()
            .map(|(_, text)| text)
            .filter(|text| !text.is_empty())
            .collect::<Vec<_>>()
            .join(", "),
    }
}

/// A string of any of the kinds that names are written in, on one line.
pub(super) fn text(value: &Tlv<'_>) -> String {
    let wide = |bytes: &[u8]| {
        let units: Vec<u16> = bytes.chunks_exact(2).map(|two| u16::from_be_bytes([two[0], two[1]])).collect();
        String::from_utf16_lossy(&units)
    };
    let text = match value.tag {
        0x1e => wide(value.value),
        // Old certificates put GBK where Latin letters are meant.
        _ => std::str::from_utf8(value.value)
            .map_or_else(|_| charset::guessed(value.value).into_owned(), str::to_owned),
    };
    text.split(|c: char| c.is_control()).collect::<String>().trim().to_owned()
}
