//! Names out of our own tables (codes of problems, formats, engines), and how they come back from
//! where they were sent.
//!
//! A name is written down once, in the code, and handed round as the text it is. What comes back from
//! another process has to become such a text again: each different one is kept once, for as long as
//! the program runs, and there is a bound to how many, since the sender need not be honest.

use std::{
    collections::BTreeSet,
    sync::{Mutex, PoisonError},
};

use serde::{Deserialize, Deserializer, Serializer, de::Error};

/// A short text that stands in the code, such as `file-empty`.
pub type Name = &'static str;

/// Longer than any name we gave.
const LONGEST: usize = 64;
/// Many more than the names we gave.
const MOST: usize = 2_000;

/// Writes a name as the text it is.
///
/// # Errors
///
/// What the writer says.
pub fn serialize<S: Serializer>(name: &Name, to: S) -> Result<S::Ok, S::Error> {
    to.serialize_str(name)
}

/// Reads a name: lower-case letters, digits, `-` and `_`, at most 64 of them.
///
/// # Errors
///
/// Where it is no such name, or one too many.
pub fn deserialize<'de, D: Deserializer<'de>>(from: D) -> Result<Name, D::Error> {
    let text = String::deserialize(from)?;
    kept(&text).ok_or_else(|| D::Error::custom("not a name of ours"))
}

/// The one text that stands for all equal ones.
fn kept(text: &str) -> Option<Name> {
    static KEPT: Mutex<BTreeSet<Name>> = Mutex::new(BTreeSet::new());
    let plain = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || b"-_".contains(&byte);
    if text.is_empty() || text.len() > LONGEST || !text.bytes().all(plain) {
        return None;
    }
    let mut kept = KEPT.lock().unwrap_or_else(PoisonError::into_inner);
    if let Some(name) = kept.get(text) {
        return Some(name);
    }
    if kept.len() >= MOST {
        return None;
    }
    let name: Name = Box::leak(text.to_owned().into_boxed_str());
    kept.insert(name);
    Some(name)
}
