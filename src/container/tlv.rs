//! BER as it is found in signatures and seals: tags, lengths and what they hold.
//!
//! Signers write BER with open lengths where DER is wanted, and certificates break DER in small ways.
//! What was signed is checked over the bytes as they lie there, so nothing here is ever written anew.

use std::borrow::Cow;

/// Values inside values that do not say how long they are.
const DEPTH: usize = 24;
/// Values beside each other.
const MOST: usize = 20_000;

/// True or false.
pub const BOOLEAN: u8 = 0x01;
/// A whole number.
pub const INTEGER: u8 = 0x02;
/// Bits, the number of unused ones before them.
pub const BIT_STRING: u8 = 0x03;
/// Bytes.
pub const OCTETS: u8 = 0x04;
/// An object identifier.
pub const OID: u8 = 0x06;
/// Text in UTF-8.
pub const UTF8_STRING: u8 = 0x0c;
/// Text of few characters.
pub const PRINTABLE_STRING: u8 = 0x13;
/// Text in ASCII.
pub const IA5_STRING: u8 = 0x16;
/// A time with a year of two digits.
pub const UTC_TIME: u8 = 0x17;
/// A time with a year of four digits.
pub const GENERAL_TIME: u8 = 0x18;
/// Values in a fixed order.
pub const SEQUENCE: u8 = 0x30;
/// Values in any order.
pub const SET: u8 = 0x31;

/// One value.
#[derive(Clone, Copy, Debug)]
pub struct Tlv<'b> {
    /// The tag; tags of more than one byte are not used by anything read here.
    pub tag: u8,
    /// Tag, length and content.
    pub raw: &'b [u8],
    /// The content.
    pub value: &'b [u8],
}

impl<'b> Tlv<'b> {
    /// The values in this one; empty where there are none or they are not well formed.
    #[must_use]
    pub fn children(&self) -> Vec<Self> {
        all(self.value)
    }

    /// The values in this one, if it is a sequence.
    #[must_use]
    pub fn sequence(&self) -> Option<Vec<Self>> {
        (self.tag == SEQUENCE).then(|| self.children())
    }

    /// The one value inside of an explicit context tag.
    #[must_use]
    pub fn inner(&self) -> Option<Self> {
        first(self.value)
    }

    /// The bytes of an octet string, also where it is written in pieces.
    #[must_use]
    pub fn octets(&self) -> Cow<'b, [u8]> {
        if self.tag & 0x20 == 0 {
            return Cow::Borrowed(self.value);
        }
        Cow::Owned(self.children().iter().flat_map(|piece| piece.octets().into_owned()).collect())
    }

    /// The bytes of a bit string without the count of unused bits before them.
    #[must_use]
    pub fn bits(&self) -> &'b [u8] {
        self.value.get(1..).unwrap_or_default()
    }

    /// An object identifier with dots; empty for anything else.
    #[must_use]
    pub fn oid(&self) -> String {
        if self.tag == OID { dotted(self.value) } else { String::new() }
    }

    /// The identifier in an algorithm identifier.
    #[must_use]
    pub fn algorithm(&self) -> String {
        self.children().first().map(Self::oid).unwrap_or_default()
    }

    /// An integer's bytes without leading zeros.
    #[must_use]
    pub fn unsigned(&self) -> &'b [u8] {
        let zeros = self.value.iter().take_while(|byte| **byte == 0).count();
        &self.value[zeros..]
    }

    /// A small integer.
    #[must_use]
    pub fn small(&self) -> Option<u64> {
        let bytes = self.unsigned();
        (self.tag == INTEGER && bytes.len() < 8)
            .then(|| bytes.iter().fold(0, |number, byte| number << 8 | u64::from(*byte)))
    }
}

/// The first value of some bytes.
#[must_use]
pub fn first(bytes: &[u8]) -> Option<Tlv<'_>> {
    read(bytes, 0).map(|(value, _)| value)
}

/// All values that stand one after the other; empty where one of them is not well formed.
#[must_use]
pub fn all(mut bytes: &[u8]) -> Vec<Tlv<'_>> {
    let mut found = Vec::new();
    while !bytes.is_empty() {
        let Some((value, rest)) = read(bytes, 0) else { return Vec::new() };
        if found.len() >= MOST {
            return Vec::new();
        }
        found.push(value);
        bytes = rest;
    }
    found
}

fn read(bytes: &[u8], depth: usize) -> Option<(Tlv<'_>, &[u8])> {
    let (tag, length) = (*bytes.first()?, *bytes.get(1)?);
    if tag & 0x1f == 0x1f || depth > DEPTH {
        return None;
    }
    if length == 0x80 {
        return open_ended(bytes, tag, depth);
    }
    let (length, head) = if length < 0x80 {
        (usize::from(length), 2)
    } else {
        let count = usize::from(length & 0x7f);
        let digits = bytes.get(2..2 + count).filter(|_| count <= 4)?;
        (digits.iter().fold(0, |number, byte| number << 8 | usize::from(*byte)), 2 + count)
    };
    let end = head.checked_add(length)?;
    let raw = bytes.get(..end)?;
    Some((Tlv { tag, raw, value: &raw[head..] }, &bytes[end..]))
}

/// A value that ends with two zero bytes instead of saying its length.
fn open_ended(bytes: &[u8], tag: u8, depth: usize) -> Option<(Tlv<'_>, &[u8])> {
    let mut rest = bytes.get(2..)?;
    while !rest.starts_with(&[0, 0]) {
        rest = read(rest, depth + 1)?.1;
    }
    let end = bytes.len() - rest.len();
    let raw = bytes.get(..end + 2)?;
    Some((Tlv { tag, raw, value: &bytes[2..end] }, &rest[2..]))
}

fn dotted(bytes: &[u8]) -> String {
    let mut numbers: Vec<u64> = Vec::new();
    let mut number = 0_u64;
    for byte in bytes {
        number = number.wrapping_shl(7) | u64::from(byte & 0x7f);
        if byte & 0x80 == 0 {
            if numbers.is_empty() {
                let top = (number / 40).min(2);
                numbers.extend([top, number - top * 40]);
            } else {
                numbers.push(number);
            }
            number = 0;
        }
    }
    numbers.iter().map(u64::to_string).collect::<Vec<_>>().join(".")
}
