//! BER as it is found in signatures: tags, lengths and what they hold.
//!
//! Signers write BER with open lengths where DER is wanted, and certificates break DER in small ways.
//! What was signed is checked over the bytes as they lie there, so nothing here is ever written anew.

use std::borrow::Cow;

/// Values inside values.
const DEPTH: usize = 24;
/// Values beside each other.
const MOST: usize = 20_000;

pub(super) const BOOLEAN: u8 = 0x01;
pub(super) const INTEGER: u8 = 0x02;
pub(super) const BIT_STRING: u8 = 0x03;
pub(super) const OCTETS: u8 = 0x04;
pub(super) const OID: u8 = 0x06;
pub(super) const UTC_TIME: u8 = 0x17;
pub(super) const GENERAL_TIME: u8 = 0x18;
pub(super) const SEQUENCE: u8 = 0x30;
pub(super) const SET: u8 = 0x31;

/// One value.
#[derive(Clone, Copy, Debug)]
pub(super) struct Tlv<'b> {
    /// The tag; tags of more than one byte are not used by anything read here.
    pub(super) tag: u8,
    /// Tag, length and content.
    pub(super) raw: &'b [u8],
    /// The content.
    pub(super) value: &'b [u8],
}

impl<'b> Tlv<'b> {
    /// The values in this one; empty where there are none or they are not well formed.
    pub(super) fn children(&self) -> Vec<Self> {
        all(self.value)
    }

    /// The values in this one, if it is a sequence.
    pub(super) fn sequence(&self) -> Option<Vec<Self>> {
        (self.tag == SEQUENCE).then(|| self.children())
    }

    /// The one value inside of an explicit context tag.
    pub(super) fn inner(&self) -> Option<Self> {
        first(self.value)
    }

    /// The bytes of an octet string, also where it is written in pieces.
    pub(super) fn octets(&self) -> Cow<'b, [u8]> {
        if self.tag & 0x20 == 0 {
            return Cow::Borrowed(self.value);
        }
        Cow::Owned(self.children().iter().flat_map(|piece| piece.octets().into_owned()).collect())
    }

    /// The bytes of a bit string without the count of unused bits before them.
    pub(super) fn bits(&self) -> &'b [u8] {
        self.value.get(1..).unwrap_or_default()
    }

    /// An object identifier with dots; empty for anything else.
    pub(super) fn oid(&self) -> String {
        if self.tag == OID { dotted(self.value) } else { String::new() }
    }

    /// The identifier in an algorithm identifier.
    pub(super) fn algorithm(&self) -> String {
        self.children().first().map(Self::oid).unwrap_or_default()
    }

    /// An integer's bytes without leading zeros.
    pub(super) fn unsigned(&self) -> &'b [u8] {
        let zeros = self.value.iter().take_while(|byte| **byte == 0).count();
        &self.value[zeros..]
    }

    /// A small integer.
    pub(super) fn small(&self) -> Option<u64> {
        let bytes = self.unsigned();
        (self.tag == INTEGER && bytes.len() < 8)
            .then(|| bytes.iter().fold(0, |number, byte| number << 8 | u64::from(*byte)))
    }
}

/// The first value of some bytes.
pub(super) fn first(bytes: &[u8]) -> Option<Tlv<'_>> {
    read(bytes, 0).map(|(value, _)| value)
}

/// All values that stand one after the other; empty where one of them is not well formed.
pub(super) fn all(mut bytes: &[u8]) -> Vec<Tlv<'_>> {
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
