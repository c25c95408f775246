//! The colour of text and of what it stands on: whether it can be seen (ECMA-376, part 1, 17.3.2).
//!
//! What a table's style shades is not followed: on such a ground nothing is known.

use crate::container::xml::Element;

/// A colour of letters; `None` where the program chooses one that is seen.
pub(super) type Ink = Option<[u8; 3]>;

/// What text stands on; `None` where that is not known.
pub(super) type Ground = Option<[u8; 3]>;

pub(super) const PAPER: Ground = Some([255; 3]);

/// Colours that differ by less than this, over red, green and blue, are one to the eye.
const SAME: u16 = 48;

/// The pens of 17.18.40 that light text would vanish on, or not.
const PENS: &[(&str, [u8; 3])] = &[
    ("black", [0; 3]),
    ("blue", [0, 0, 255]),
    ("cyan", [0, 255, 255]),
    ("green", [0, 255, 0]),
    ("magenta", [255, 0, 255]),
    ("red", [255, 0, 0]),
    ("yellow", [255, 255, 0]),
    ("white", [255; 3]),
    ("darkBlue", [0, 0, 128]),
    ("darkCyan", [0, 128, 128]),
    ("darkGreen", [0, 128, 0]),
    ("darkMagenta", [128, 0, 128]),
    ("darkRed", [128, 0, 0]),
    ("darkYellow", [128, 128, 0]),
    ("darkGray", [128; 3]),
    ("lightGray", [192; 3]),
];

/// The colour that properties of a run give its letters.
pub(super) fn ink(told: &Element) -> Option<Ink> {
    let value = told.child("color")?.attribute("val")?;
    Some(hex(value))
}

/// What properties of a run, paragraph, cell or table put under its text.
pub(super) fn ground(told: &Element) -> Option<Ground> {
    let pen = told.child("highlight").and_then(|one| one.attribute("val")).filter(|name| *name != "none");
    if let Some(pen) = pen {
        return Some(PENS.iter().find(|(name, _)| *name == pen).map(|(_, colour)| *colour));
    }
    let shading = told.child("shd")?;
    let said = |name: &str| shading.attribute(name).filter(|value| !value.eq_ignore_ascii_case("auto"));
    match shading.attribute("val") {
        Some("nil") => None,
        // The front colour covers all; of patterns nobody knows what the eye makes of them.
        Some("solid") => Some(said("color").map_or(Some([0; 3]), hex)),
        Some("clear") | None => said("fill").map(hex),
        Some(_) => Some(None),
    }
}

/// Whether anything inside is shaded.
pub(super) fn shades(element: &Element) -> bool {
    let mut found = false;
    element.walk(&mut |inner| found |= inner.name == "shd");
    found
}

/// Whether letters of a colour are seen on a ground.
pub(super) fn is_seen(ink: Ink, ground: Ground) -> bool {
    let (Some(ink), Some(ground)) = (ink, ground) else { return true };
    ink.iter().zip(ground).map(|(a, b)| u16::from(a.abs_diff(b))).sum::<u16>() >= SAME
}

fn hex(value: &str) -> Option<[u8; 3]> {
    let bytes = u32::from_str_radix(value, 16).ok().filter(|_| value.len() == 6)?.to_be_bytes();
    Some([bytes[1], bytes[2], bytes[3]])
}
