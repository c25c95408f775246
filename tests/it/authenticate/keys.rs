//! Keys and certificates of the project's own, the same every time, and the DER they are written in.

use std::sync::LazyLock;

use rsa::{Pkcs1v15Sign, PrivateKey, rand_core};
use sha2::{Digest, Sha256};
use signature::Signer as _;
use sm2::dsa::SigningKey;

/// Tag, length, content.
pub(super) fn der(tag: u8, content: &[u8]) -> Vec<u8> {
    let mut out = vec![tag];
    match content.len() {
        short @ ..0x80 => out.push(short as u8),
        long => {
            let digits: Vec<u8> = long.to_be_bytes().into_iter().skip_while(|byte| *byte == 0).collect();
            out.push(0x80 | digits.len() as u8);
            out.extend(digits);
        }
    }
    out.extend(content);
    out
}

pub(super) fn sequence(parts: &[Vec<u8>]) -> Vec<u8> {
    der(0x30, &parts.concat())
}

pub(super) fn set(parts: &[Vec<u8>]) -> Vec<u8> {
    der(0x31, &parts.concat())
}

pub(super) fn integer(bytes: &[u8]) -> Vec<u8> {
    let zeros = bytes.iter().take_while(|byte| **byte == 0).count();
    let mut content = bytes[zeros..].to_vec();
    if content.first().is_none_or(|byte| *byte >= 0x80) {
        content.insert(0, 0);
    }
    der(2, &content)
}

pub(super) fn bits(content: &[u8]) -> Vec<u8> {
    der(3, &[&[0], content].concat())
}

pub(super) fn octets(content: &[u8]) -> Vec<u8> {
    der(4, content)
}

pub(super) fn utf8(text: &str) -> Vec<u8> {
    der(0x0c, text.as_bytes())
}

pub(super) fn ia5(text: &str) -> Vec<u8> {
    der(0x16, text.as_bytes())
}

pub(super) fn time(text: &str) -> Vec<u8> {
    der(0x18, text.as_bytes())
}

pub(super) fn oid(dotted: &str) -> Vec<u8> {
    let numbers: Vec<u64> = dotted.split('.').map(|one| one.parse().unwrap()).collect();
    let mut content = Vec::new();
    for number in [&[numbers[0] * 40 + numbers[1]], &numbers[2..]].concat() {
        let mut digits = vec![(number & 0x7f) as u8];
        let mut rest = number >> 7;
        while rest > 0 {
            digits.insert(0, 0x80 | (rest & 0x7f) as u8);
            rest >>= 7;
        }
        content.extend(digits);
    }
    der(6, &content)
}

pub(super) fn algorithm(dotted: &str) -> Vec<u8> {
    sequence(&[oid(dotted), der(5, &[])])
}

/// A key that signs.
pub(super) enum Key {
    Rsa(Box<PrivateKey>),
    Sm2(Box<SigningKey>),
}

/// Digests that a signature can be made over.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Over {
    Md5,
    Sha1,
    Sha256,
    Sha384,
    Sha512,
    Sm3,
}

impl Over {
    pub(super) fn oid(self) -> &'static str {
        match self {
            Self::Md5 => "1.2.840.113549.2.5",
            Self::Sha1 => "1.3.14.3.2.26",
            Self::Sha256 => "2.16.840.1.101.3.4.2.1",
            Self::Sha384 => "2.16.840.1.101.3.4.2.2",
            Self::Sha512 => "2.16.840.1.101.3.4.2.3",
            Self::Sm3 => "1.2.156.10197.1.401",
        }
    }

    pub(super) fn of(self, bytes: &[u8]) -> Vec<u8> {
        match self {
            Self::Md5 => md5::Md5::digest(bytes).to_vec(),
            Self::Sha1 => sha1::Sha1::digest(bytes).to_vec(),
            Self::Sha256 => Sha256::digest(bytes).to_vec(),
            Self::Sha384 => sha2::Sha384::digest(bytes).to_vec(),
            Self::Sha512 => sha2::Sha512::digest(bytes).to_vec(),
            Self::Sm3 => sm3::Sm3::digest(bytes).to_vec(),
        }
    }
}

impl Key {
    /// The signature over a message; SM2 as a sequence of two numbers.
    pub(super) fn sign(&self, over: Over, message: &[u8]) -> Vec<u8> {
        let digest = over.of(message);
        match self {
            Self::Rsa(key) => {
                let scheme = match over {
                    Over::Md5 => Pkcs1v15Sign::new::<md5::Md5>(),
                    Over::Sha1 => Pkcs1v15Sign::new::<sha1::Sha1>(),
                    Over::Sha256 => Pkcs1v15Sign::new::<Sha256>(),
                    Over::Sha384 => Pkcs1v15Sign::new::<sha2::Sha384>(),
                    Over::Sha512 => Pkcs1v15Sign::new::<sha2::Sha512>(),
                    Over::Sm3 => Pkcs1v15Sign::new::<sm3::Sm3>(),
                };
                key.sign(scheme, &digest).unwrap()
            }
            Self::Sm2(key) => {
                let plain = key.sign(message).to_bytes();
                sequence(&[integer(&plain[..32]), integer(&plain[32..])])
            }
        }
    }

    /// The digest that this key signs over unless told otherwise.
    pub(super) fn over(&self) -> Over {
        match self {
            Self::Rsa(_) => Over::Sha256,
            Self::Sm2(_) => Over::Sm3,
        }
    }

    /// The identifier of how this key signs.
    pub(super) fn signing(&self) -> Vec<u8> {
        match self {
            Self::Rsa(_) => algorithm(self.signing_oid()),
            Self::Sm2(_) => sequence(&[oid(self.signing_oid())]),
        }
    }

    /// The same as it stands in seals.
    pub(super) fn signing_oid(&self) -> &'static str {
        match self {
            Self::Rsa(_) => "1.2.840.113549.1.1.1",
            Self::Sm2(_) => "1.2.156.10197.1.501",
        }
    }

    /// The point of an SM2 key.
    pub(super) fn point(&self) -> Vec<u8> {
        match self {
            Self::Sm2(key) => key.verifying_key().to_sec1_bytes().to_vec(),
            Self::Rsa(_) => Vec::new(),
        }
    }

    fn public(&self) -> Vec<u8> {
        use rsa::traits::PublicKeyParts;
        match self {
            Self::Rsa(key) => {
                let numbers = sequence(&[integer(&key.n_bytes()), integer(&key.e_bytes())]);
                sequence(&[algorithm("1.2.840.113549.1.1.1"), bits(&numbers)])
            }
            Self::Sm2(_) => {
                let kind = sequence(&[oid("1.2.840.10045.2.1"), oid("1.2.156.10197.1.301")]);
                sequence(&[kind, bits(&self.point())])
            }
        }
    }
}

/// Numbers that look random and are the same every time.
struct Dice(Vec<u8>, u64);

impl rand_core::TryRng for Dice {
    type Error = std::convert::Infallible;

    fn try_next_u32(&mut self) -> Result<u32, Self::Error> {
        let mut four = [0; 4];
        self.try_fill_bytes(&mut four)?;
        Ok(u32::from_le_bytes(four))
    }

    fn try_next_u64(&mut self) -> Result<u64, Self::Error> {
        let mut eight = [0; 8];
        self.try_fill_bytes(&mut eight)?;
        Ok(u64::from_le_bytes(eight))
    }

    fn try_fill_bytes(&mut self, out: &mut [u8]) -> Result<(), Self::Error> {
        for chunk in out.chunks_mut(32) {
            self.1 += 1;
            let block = Sha256::digest([&self.0[..], &self.1.to_le_bytes()].concat());
            chunk.copy_from_slice(&block[..chunk.len()]);
        }
        Ok(())
    }
}

impl rand_core::TryCryptoRng for Dice {}

fn rsa_key(seed: &str) -> Key {
    let mut dice = Dice(seed.as_bytes().to_vec(), 0);
    Key::Rsa(Box::new(PrivateKey::new(&mut dice, 2048).unwrap()))
}

fn sm2_key(seed: &str) -> Key {
    let secret = Sha256::digest(seed);
    Key::Sm2(Box::new(SigningKey::from_slice("1234567812345678", &secret).unwrap()))
}

/// Someone with a key and a certificate.
pub(super) struct Party {
    pub(super) key: Key,
    pub(super) certificate: Vec<u8>,
    pub(super) name: Vec<u8>,
    pub(super) issuer: Vec<u8>,
    pub(super) serial: Vec<u8>,
}

fn name(common: &str) -> Vec<u8> {
    sequence(&[set(&[sequence(&[oid("2.5.4.3"), utf8(common)])])])
}

/// A party whose certificate `issuer` signed; its own where there is none.
pub(super) fn party(common: &str, key: Key, issuer: Option<&Party>, is_authority: bool) -> Party {
    party_until(common, key, issuer, "20391231235959Z", basic_constraints(is_authority))
}

fn basic_constraints(is_authority: bool) -> Vec<u8> {
    let flag = if is_authority { der(1, &[0xff]) } else { Vec::new() };
    sequence(&[oid("2.5.29.19"), octets(&sequence(&[flag]))])
}

/// The purpose of setting times.
fn time_stamping() -> Vec<u8> {
    sequence(&[oid("2.5.29.37"), octets(&sequence(&[oid("1.3.6.1.5.5.7.3.8")]))])
}

/// The same with the end of its validity and another extension.
fn party_until(common: &str, key: Key, issuer: Option<&Party>, until: &str, extension: Vec<u8>) -> Party {
    let own = name(common);
    let issued_by = issuer.map_or_else(|| own.clone(), |issuer| issuer.name.clone());
    let signing_key = issuer.map_or(&key, |issuer| &issuer.key);
    let (algorithm, over) = match signing_key {
        Key::Rsa(_) => (algorithm("1.2.840.113549.1.1.11"), Over::Sha256),
        Key::Sm2(_) => (sequence(&[oid("1.2.156.10197.1.501")]), Over::Sm3),
    };
    let serial = Sha256::digest(common)[..8].to_vec();
    let tbs = sequence(&[
        der(0xa0, &integer(&[2])),
        integer(&serial),
        algorithm.clone(),
        issued_by.clone(),
        sequence(&[time("20200101000000Z"), time(until)]),
        own.clone(),
        key.public(),
        der(0xa3, &sequence(&[extension])),
    ]);
    let signature = signing_key.sign(over, &tbs);
    let certificate = sequence(&[tbs, algorithm, bits(&signature)]);
    Party { key, certificate, name: own, issuer: issued_by, serial }
}

/// A root with an RSA key, whom nobody but a test trusts.
pub(super) static ROOT: LazyLock<Party> =
    LazyLock::new(|| party("核验测试根证书", rsa_key("root"), None, true));
/// A firm with an RSA key, under the root.
pub(super) static RSA: LazyLock<Party> =
    LazyLock::new(|| party("江苏测试科技有限公司", rsa_key("firm"), Some(&ROOT), false));
/// An office with an SM2 key.
pub(super) static SM2: LazyLock<Party> =
    LazyLock::new(|| party("测试税务局电子发票", sm2_key("office"), None, false));
/// Who makes seals.
pub(super) static MAKER: LazyLock<Party> =
    LazyLock::new(|| party("测试制章中心", sm2_key("maker"), None, true));
/// Someone who has a key and no business to sign.
pub(super) static STRANGER: LazyLock<Party> =
    LazyLock::new(|| party("无关的人", sm2_key("stranger"), None, false));
/// A firm whose certificate under the root ran out before anything here is signed.
pub(super) static EXPIRED: LazyLock<Party> = LazyLock::new(|| {
    let key = sm2_key("expired");
    party_until("过期的公司", key, Some(&ROOT), "20210101000000Z", basic_constraints(false))
});
/// Who says under the root when something was signed.
pub(super) static STAMPER: LazyLock<Party> = LazyLock::new(|| {
    party_until("测试时间戳中心", sm2_key("stamper"), Some(&ROOT), "20391231235959Z", time_stamping())
});
/// The same under nobody.
pub(super) static OWN_STAMPER: LazyLock<Party> = LazyLock::new(|| {
    party_until("自制时间戳", sm2_key("own stamper"), None, "20391231235959Z", time_stamping())
});
/// Who has a certificate under the root, and makes seals.
pub(super) static TRUSTED_MAKER: LazyLock<Party> =
    LazyLock::new(|| party("可信制章中心", sm2_key("trusted maker"), Some(&ROOT), false));
