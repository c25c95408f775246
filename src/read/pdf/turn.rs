//! Pages whose text runs sideways or upside down, and the turn that sets them upright.

use super::mark::Mark;
use crate::model::geometry::{Size, Turn};

/// The turn under which most glyphs run to the right: those that are seen, or all where none is.
pub(in crate::read) fn of(marks: &[Mark]) -> Turn {
    let mut counts = [0_usize; 4];
    let seen = marks.iter().any(|mark| mark.concealed.is_none());
    let counted = |mark: &&Mark| !mark.text.trim().is_empty() && (mark.concealed.is_none() || !seen);
    for mark in marks.iter().filter(counted) {
        for (at, middle) in [0.0, -90.0, 180.0, 90.0].into_iter().enumerate() {
            let away = (mark.angle - middle).abs();
            if away.min(360.0 - away) < 10.0 {
                counts[at] += 1;
            }
        }
    }
    let most = counts.iter().copied().max().unwrap_or(0);
    // Upright wins unless something else clearly does: a note in the margin turns no page.
    if counts[0] * 2 >= most || most < 8 {
        return Turn::None;
    }
    match counts.iter().position(|count| *count == most) {
        Some(1) => Turn::Quarter,
        Some(2) => Turn::Half,
        Some(3) => Turn::ThreeQuarters,
        _ => Turn::None,
    }
}

/// The size of a page after a turn.
pub(in crate::read) const fn turned_size(size: Size, turn: Turn) -> Size {
    match turn {
        Turn::None | Turn::Half => size,
        Turn::Quarter | Turn::ThreeQuarters => Size { width: size.height, height: size.width },
    }
}

/// The direction of a line after a turn, −180 to 180 degrees.
pub(in crate::read) fn turned_angle(angle: f64, turn: Turn) -> f64 {
    let by = match turn {
        Turn::None => 0.0,
        Turn::Quarter => 90.0,
        Turn::Half => 180.0,
        Turn::ThreeQuarters => 270.0,
    };
    (angle + by + 180.0).rem_euclid(360.0) - 180.0
}
