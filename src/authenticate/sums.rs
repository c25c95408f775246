//! Digests and signatures over bytes: what the mathematics says, and nothing about who signed.

use md5::Md5;
use rsa::{BoxedUint, Pkcs1v15Sign, Pss, PublicKey};
use sha1::Sha1;
use sha2::{Sha224, Sha256, Sha384, Sha512};
use signature::{Verifier, hazmat::PrehashVerifier};
use sm2::dsa::{Signature as Sm2Signature, VerifyingKey};
use sm3::Sm3;

use crate::container::tlv::{self, Tlv};

/// The identifier that SM2 signers give themselves where nothing else is agreed (GM/T 0009-2012, 10).
const SM2_USER: &str = "1234567812345678";

/// A digest algorithm.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Hash {
    Md5,
    Sha1,
    Sha224,
    Sha256,
    Sha384,
    Sha512,
    Sm3,
}

impl Hash {
    /// By object identifier or name, as CMS and OFD write them.
    pub(super) fn named(name: &str) -> Option<Self> {
        let name = name.trim().to_ascii_lowercase().replace(['-', '_'], "");
        Some(match name.as_str() {
            "1.2.840.113549.2.5" | "md5" => Self::Md5,
            "1.3.14.3.2.26" | "sha1" | "1.2.840.113549.1.1.5" => Self::Sha1,
            "2.16.840.1.101.3.4.2.4" | "sha224" => Self::Sha224,
            "2.16.840.1.101.3.4.2.1" | "sha256" | "1.2.840.113549.1.1.11" => Self::Sha256,
            "2.16.840.1.101.3.4.2.2" | "sha384" | "1.2.840.113549.1.1.12" => Self::Sha384,
            "2.16.840.1.101.3.4.2.3" | "sha512" | "1.2.840.113549.1.1.13" => Self::Sha512,
            "1.2.156.10197.1.401" | "1.2.156.10197.1.401.1" | "sm3" | "1.2.156.10197.1.501" => Self::Sm3,
            "1.2.840.113549.1.1.4" => Self::Md5,
            "1.2.840.113549.1.1.14" => Self::Sha224,
            "1.2.156.10197.1.504" => Self::Sm3,
            _ => return None,
        })
    }

    /// Those whose digests have so many bytes, the likeliest first; none that can be forged at will.
    pub(super) const fn of_length(bytes: usize) -> &'static [Self] {
        match bytes {
            20 => &[Self::Sha1],
            28 => &[Self::Sha224],
            32 => &[Self::Sm3, Self::Sha256],
            48 => &[Self::Sha384],
            64 => &[Self::Sha512],
            _ => &[],
        }
    }

    /// The name for people.
    pub(super) const fn name(self) -> &'static str {
        match self {
            Self::Md5 => "MD5",
            Self::Sha1 => "SHA-1",
            Self::Sha224 => "SHA-224",
            Self::Sha256 => "SHA-256",
            Self::Sha384 => "SHA-384",
            Self::Sha512 => "SHA-512",
            Self::Sm3 => "SM3",
        }
    }

    /// The digest of pieces, one after the other.
    pub(super) fn of(self, pieces: &[&[u8]]) -> Vec<u8> {
        fn run<D: sha2::Digest>(pieces: &[&[u8]]) -> Vec<u8> {
            let mut state = D::new();
            pieces.iter().for_each(|piece| state.update(piece));
            state.finalize().to_vec()
        }
        match self {
            Self::Md5 => run::<Md5>(pieces),
            Self::Sha1 => run::<Sha1>(pieces),
            Self::Sha224 => run::<Sha224>(pieces),
            Self::Sha256 => run::<Sha256>(pieces),
            Self::Sha384 => run::<Sha384>(pieces),
            Self::Sha512 => run::<Sha512>(pieces),
            Self::Sm3 => run::<Sm3>(pieces),
        }
    }
}

/// A public key.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Key {
    /// Modulus and exponent.
    Rsa(Vec<u8>, Vec<u8>),
    /// A point of the curve SM2.
    Sm2(Vec<u8>),
    /// A key of a kind that is not checked here; its identifiers.
    Other(String),
}

/// What the mathematics says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Math {
    /// The signature was made with the key over the bytes.
    Right,
    /// It was not.
    Wrong,
    /// It cannot be told; what stands in the way, such as an algorithm's name.
    Unable(String),
}

/// How a signature was made over what.
pub(super) struct Signing<'b> {
    /// The algorithm's identifier; parameters of RSA-PSS lie in it.
    pub(super) algorithm: Tlv<'b>,
    /// The digest, where the algorithm does not name it itself.
    pub(super) hash: Option<Hash>,
    /// The signature.
    pub(super) signature: &'b [u8],
}

impl Signing<'_> {
    /// The algorithm's identifier, where it stands alone and where parameters follow it.
    fn identifier(&self) -> String {
        if self.algorithm.tag == tlv::OID { self.algorithm.oid() } else { self.algorithm.algorithm() }
    }

    /// The digest that the algorithm names itself.
    pub(super) fn named(&self) -> Option<Hash> {
        Hash::named(&self.identifier())
    }
}

/// Checks a signature over bytes.
pub(super) fn check(key: &Key, signing: &Signing<'_>, pieces: &[&[u8]]) -> Math {
    let algorithm = signing.identifier();
    match key {
        Key::Sm2(point) => sm2(point, &pieces.concat(), signing.signature),
        Key::Rsa(..) if algorithm == "1.2.840.113549.1.1.10" => pss(key, signing, pieces),
        Key::Rsa(..) => {
            let Some(hash) = Hash::named(&algorithm).or(signing.hash) else {
                return Math::Unable(algorithm);
            };
            rsa(key, hash, pieces, signing.signature)
        }
        Key::Other(kind) => Math::Unable(kind.clone()),
    }
}

/// RSA after PKCS#1 v1.5.
pub(super) fn rsa(key: &Key, hash: Hash, pieces: &[&[u8]], signature: &[u8]) -> Math {
    let key = match rsa_key(key) {
        Ok(key) => key,
        Err(trouble) => return trouble,
    };
    let scheme = match hash {
        Hash::Md5 => Pkcs1v15Sign::new::<Md5>(),
        Hash::Sha1 => Pkcs1v15Sign::new::<Sha1>(),
        Hash::Sha224 => Pkcs1v15Sign::new::<Sha224>(),
        Hash::Sha256 => Pkcs1v15Sign::new::<Sha256>(),
        Hash::Sha384 => Pkcs1v15Sign::new::<Sha384>(),
        Hash::Sha512 => Pkcs1v15Sign::new::<Sha512>(),
        Hash::Sm3 => Pkcs1v15Sign::new::<Sm3>(),
    };
    told(key.verify(scheme, &hash.of(pieces), signature).is_ok())
}

fn pss(key: &Key, signing: &Signing<'_>, pieces: &[&[u8]]) -> Math {
    let key = match rsa_key(key) {
        Ok(key) => key,
        Err(trouble) => return trouble,
    };
    // RFC 4055, 3.1: what is left out is SHA-1, MGF1 with SHA-1, and 20.
    let parameters = signing.algorithm.children().get(1).map(Tlv::children).unwrap_or_default();
    let of = |tag: u8| parameters.iter().find(|part| part.tag == tag).and_then(Tlv::inner);
    let hash = of(0xa0).map_or(Some(Hash::Sha1), |one| Hash::named(&one.algorithm()));
    let mask = of(0xa1).map_or(Some(Hash::Sha1), |one| Hash::named(&one.children().get(1)?.algorithm()));
    let salt = of(0xa2).map_or(Some(20), |one| one.small()).and_then(|salt| usize::try_from(salt).ok());
    let (Some(hash), Some(mask), Some(salt)) = (hash, mask, salt) else {
        return Math::Unable("RSA-PSS".to_owned());
    };
    if hash != mask || salt > 512 {
        return Math::Unable(format!("RSA-PSS {}, MGF1 {}", hash.name(), mask.name()));
    }
    let digest = hash.of(pieces);
    let right = match hash {
        Hash::Sha1 => key.verify(Pss::<Sha1>::new_with_salt(salt), &digest, signing.signature),
        Hash::Sha224 => key.verify(Pss::<Sha224>::new_with_salt(salt), &digest, signing.signature),
        Hash::Sha256 => key.verify(Pss::<Sha256>::new_with_salt(salt), &digest, signing.signature),
        Hash::Sha384 => key.verify(Pss::<Sha384>::new_with_salt(salt), &digest, signing.signature),
        Hash::Sha512 => key.verify(Pss::<Sha512>::new_with_salt(salt), &digest, signing.signature),
        Hash::Md5 | Hash::Sm3 => return Math::Unable(format!("RSA-PSS {}", hash.name())),
    };
    told(right.is_ok())
}

fn rsa_key(key: &Key) -> Result<PublicKey, Math> {
    // Keys shorter than the first were factored by anyone who cared to.
    const LEAST_BITS: usize = 1_000;
    const MOST_BITS: usize = 16_384;
    let Key::Rsa(modulus, exponent) = key else { return Err(Math::Unable("RSA".to_owned())) };
    if modulus.len() * 8 > MOST_BITS || exponent.len() > 8 {
        return Err(Math::Unable(format!("RSA {}", modulus.len() * 8)));
    }
    let number = |bytes: &[u8]| BoxedUint::from_be_slice_vartime(bytes);
    PublicKey::new_with_size_limits(number(modulus), number(exponent), LEAST_BITS..=MOST_BITS)
        .map_err(|_| Math::Unable(format!("RSA {}", modulus.len() * 8)))
}

/// SM2 with SM3 over a message (GB/T 32918.2).
pub(super) fn sm2(point: &[u8], message: &[u8], signature: &[u8]) -> Math {
    with_sm2(point, signature, |key, signature| key.verify(message, signature).is_ok())
}

/// SM2 over a digest into which the signer's identity went already.
pub(super) fn sm2_of_digest(point: &[u8], digest: &[u8], signature: &[u8]) -> Math {
    with_sm2(point, signature, |key, signature| key.verify_prehash(digest, signature).is_ok())
}

fn with_sm2(point: &[u8], signature: &[u8], is_right: impl Fn(&VerifyingKey, &Sm2Signature) -> bool) -> Math {
    let Ok(key) = VerifyingKey::from_sec1_bytes(SM2_USER, point) else {
        return Math::Unable("SM2".to_owned());
    };
    let plain = plain_sm2(signature);
    told(
        plain
            .and_then(|plain| Sm2Signature::from_slice(&plain).ok())
            .is_some_and(|signature| is_right(&key, &signature)),
    )
}

/// Both numbers of an SM2 signature in 32 bytes each, whether written as a sequence or plainly.
fn plain_sm2(signature: &[u8]) -> Option<Vec<u8>> {
    let numbers = tlv::first(signature).and_then(|one| one.sequence()).unwrap_or_default();
    if numbers.len() != 2 {
        return (signature.len() == 64).then(|| signature.to_vec());
    }
    let mut plain = vec![0; 64];
    for (at, number) in numbers.iter().enumerate() {
        let digits = number.unsigned();
        let from = 32_usize.checked_sub(digits.len())?;
        plain.get_mut(at * 32 + from..at * 32 + 32)?.copy_from_slice(digits);
    }
    Some(plain)
}

/// SM3 with the signer's identity and key before the message, which some seals call SM3 with key.
pub(super) fn sm3_with_key(point: &[u8], message: &[u8]) -> Option<Vec<u8>> {
    // GB/T 32918.2-2016, 5.5: length of the identifier, identifier, a, b, the base point, the key.
    const CURVE: &str = "fffffffeffffffffffffffffffffffffffffffff00000000fffffffffffffffc\
                         28e9fa9e9d9f5e344d5a9e4bcf6509a7f39789f515ab8f92ddbcbd414d940e93\
                         32c4ae2c1f1981195f9904466a39c9948fe30bbff2660be1715a4589334c74c7\
                         bc3736a2f4f6779c59bdcee36b692153d0a9877cc62a474002df32e52139f0a0";
    let curve: Vec<u8> = (0..CURVE.len() / 2)
        .filter_map(|at| u8::from_str_radix(CURVE.get(at * 2..at * 2 + 2)?, 16).ok())
        .collect();
    let key = point.get(1..).filter(|key| key.len() == 64 && point[0] == 4)?;
    let identity = Hash::Sm3.of(&[&[0, 0x80], SM2_USER.as_bytes(), &curve, key]);
    Some(Hash::Sm3.of(&[&identity, message]))
}

const fn told(right: bool) -> Math {
    if right { Math::Right } else { Math::Wrong }
}
