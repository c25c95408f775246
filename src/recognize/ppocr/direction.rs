//! Which way up a page stands, by vote of its lines.
//!
//! Asked line by line, the classifier also flips upright lines; the mean of many does not err.

use super::quad::Quad;
use crate::model::geometry::Turn;

/// How many lines are asked.
pub const VOTERS: usize = 16;

/// Whether more text stands on end than lies level.
#[must_use]
pub fn lies_on_its_side(boxes: &[Quad]) -> bool {
    let tall: f32 =
        boxes.iter().map(|b| (b.width(), b.height())).filter(|(w, h)| *h > 1.5 * w).map(|(_, h)| h).sum();
    let wide: f32 =
        boxes.iter().map(|b| (b.width(), b.height())).filter(|(w, h)| *w > 1.5 * h).map(|(w, _)| w).sum();
    tall > wide
}

/// The lines to ask: the surest of middling length.
#[must_use]
pub fn voters(boxes: &[Quad]) -> Vec<Quad> {
    let middling = |b: &&Quad| (3.0..12.0).contains(&(b.width() / b.height().max(1.0)));
    let mut asked: Vec<Quad> = boxes.iter().filter(middling).copied().collect();
    if asked.len() < 4 {
        asked = boxes.to_vec();
    }
    asked.sort_by(|a, b| b.score.total_cmp(&a.score));
    asked.truncate(VOTERS);
    asked
}

/// Whether the lines together say that they stand on their heads.
#[must_use]
pub fn upside_down(votes: &[f32]) -> bool {
    !votes.is_empty() && votes.iter().sum::<f32>() / votes.len() as f32 > 0.5
}

/// Both answers as one clockwise turn; a page on its side is first turned three quarters.
#[must_use]
pub fn turn(on_its_side: bool, upside_down: bool) -> Turn {
    match (on_its_side, upside_down) {
        (false, false) => Turn::None,
        (false, true) => Turn::Half,
        (true, false) => Turn::ThreeQuarters,
        (true, true) => Turn::Quarter,
    }
}
