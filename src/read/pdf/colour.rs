//! Colour spaces by profile that are nothing but RGB, under that name.
//!
//! The interpreter takes a profile marked as sRGB for plain RGB, but works it out before it looks at
//! the mark: a quarter of the time that an invoice of one page takes. Told so at once, it gives the same
//! colours.

use std::ops::Deref;

use hayro::{
    hayro_interpret::CacheKey,
    hayro_syntax::{
        object::{Array, Dict, Name, Object, Stream},
        page::Resources,
    },
};
use rustc_hash::FxHashMap;

/// Where a profile says of which device it is (ICC.1, 7.2.13), and what the interpreter looks for there.
const DEVICE: std::ops::Range<usize> = 52..56;
const SRGB: &[u8] = b"sRGB";
/// Profiles that are packed into more are not looked at: that of sRGB takes three kilobytes.
const PACKED: usize = 8 << 10;

/// Which profiles of a file are marked as sRGB.
pub(super) type Known = FxHashMap<u128, bool>;

/// A dictionary in which all colour spaces of a page are `/DeviceRGB`, where that is what they are.
pub(super) fn plain(resources: &Resources<'_>, known: &mut Known) -> Option<Vec<u8>> {
    let spaces = &resources.color_spaces;
    let mut dictionary = b"<<".to_vec();
    for key in spaces.keys() {
        let space = spaces.get::<Array<'_>>(key.deref())?;
        let mut parts = space.flex_iter();
        let by_profile = parts.next::<Name<'_>>()?.as_str() == "ICCBased";
        let profile = parts.next::<Stream<'_>>().filter(|_| by_profile)?;
        if !*known.entry(profile.cache_key()).or_insert_with(|| is_srgb(&profile)) {
            return None;
        }
        dictionary.push(b'/');
        dictionary.extend(key.iter().flat_map(|byte| format!("#{byte:02X}").into_bytes()));
        dictionary.extend_from_slice(b" /DeviceRGB");
    }
    dictionary.extend_from_slice(b">>");
    (!spaces.is_empty()).then_some(dictionary)
}

fn is_srgb(profile: &Stream<'_>) -> bool {
    let dict: &Dict<'_> = profile.dict();
    // Taken instead where the profile cannot be worked out.
    let instead = dict.get::<Object<'_>>("Alternate".as_bytes());
    let rgb = |space| matches!(space, Object::Name(name) if name.as_str() == "DeviceRGB");
    dict.get::<usize>("N".as_bytes()) == Some(3)
        && instead.is_none_or(rgb)
        && profile.raw_data().len() <= PACKED
        && profile.decoded_data().is_ok_and(|data| data.get(DEVICE) == Some(SRGB))
}
