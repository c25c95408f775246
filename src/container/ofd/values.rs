//! Numbers, matrices, colours and paths as they are written in attributes.

use super::{Area, Colour, Matrix, Segment};

/// More offsets than this in one attribute are a trap.
const OFFSETS: usize = 100_000;
/// More pieces than this in one path are a trap.
const PIECES: usize = 200_000;

/// A number; `None` where it is none or is not finite.
pub(super) fn number(text: &str) -> Option<f64> {
    text.trim().parse().ok().filter(|number: &f64| number.is_finite() && number.abs() < 1e7)
}

/// All numbers of a list, or nothing where one of them is none.
fn numbers(text: &str) -> Option<Vec<f64>> {
    text.split([' ', ',', '\t', '\n', '\r']).filter(|part| !part.is_empty()).map(number).collect()
}

/// A box: left, top, width, height.
pub(super) fn area(text: &str) -> Option<Area> {
    match numbers(text)?.as_slice() {
        [left, top, width, height, ..] => {
            Some(Area { left: *left, top: *top, width: width.max(0.0), height: height.max(0.0) })
        }
        _ => None,
    }
}

pub(super) fn matrix(text: &str) -> Option<Matrix> {
    numbers(text)?.get(..6)?.try_into().ok().map(Matrix)
}

/// Distances between characters: numbers, and `g n v` for n times v (GB/T 33190-2016, 11.3).
pub(super) fn offsets(text: &str) -> Vec<f64> {
    let mut parts = text.split_whitespace();
    let mut found = Vec::new();
    while let Some(part) = parts.next() {
        if part.eq_ignore_ascii_case("g") {
            let count = parts.next().and_then(number).unwrap_or(0.0).max(0.0);
            let value = parts.next().and_then(number).unwrap_or(0.0);
            #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "bounded")]
            let count = (count.min(OFFSETS as f64) as usize).min(OFFSETS.saturating_sub(found.len()));
            found.extend(std::iter::repeat_n(value, count));
        } else if found.len() < OFFSETS {
            found.push(number(part).unwrap_or(0.0));
        }
    }
    found
}

/// Red, green and blue of a colour's value, which is decimal or `#` and hexadecimal for each part.
///
/// How many parts there are tells the colour space: grey, RGB or CMYK.
pub(super) fn colour(value: &str) -> Option<Colour> {
    let part = |text: &str| match text.strip_prefix('#') {
        Some(hex) => u8::from_str_radix(hex, 16).ok().map(f64::from),
        None => number(text),
    };
    let parts: Vec<f64> = value.split_whitespace().map(part).collect::<Option<_>>()?;
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "clamped")]
    let byte = |value: f64| value.round().clamp(0.0, 255.0) as u8;
    let rgb = match parts.as_slice() {
        [grey] => [byte(*grey); 3],
        [c, m, y, k] => [c, m, y].map(|ink| byte((255.0 - ink.min(255.0)) * (255.0 - k.min(255.0)) / 255.0)),
        [r, g, b, ..] => [byte(*r), byte(*g), byte(*b)],
        _ => return None,
    };
    Some(Colour { rgb, alpha: 1.0 })
}

/// The pieces of a path (GB/T 33190-2016, 9.1): letters followed by their numbers.
pub(super) fn path(text: &str) -> Vec<Segment> {
    let mut found = Vec::new();
    let mut parts = text.split([' ', ',', '\t', '\n', '\r']).filter(|part| !part.is_empty()).peekable();
    while let Some(letter) = parts.next() {
        let wanted = match letter {
            "S" | "M" | "L" => 2,
            "Q" => 4,
            "B" => 6,
            "A" => 7,
            "C" => 0,
            // A number without a letter, or a letter nobody knows: what follows cannot be told apart.
            _ => continue,
        };
        let mut values = [0.0; 7];
        let mut count = 0;
        while count < wanted
            && let Some(value) = parts.peek().and_then(|part| number(part))
        {
            values[count] = value;
            count += 1;
            parts.next();
        }
        if count < wanted || found.len() >= PIECES {
            continue;
        }
        let [a, b, c, d, e, f, g] = values;
        found.push(match letter {
            "S" | "M" => Segment::Move([a, b]),
            "L" => Segment::Line([a, b]),
            "Q" => Segment::Quadratic([a, b], [c, d]),
            "B" => Segment::Cubic([a, b], [c, d], [e, f]),
            "A" => Segment::Arc { radii: [a, b], angle: c, large: d != 0.0, sweep: e != 0.0, to: [f, g] },
            _ => Segment::Close,
        });
    }
    found
}
