//! Characters that were read twice, since the boxes of two lines share them.
//!
//! A label and the value behind it are often two boxes, each with a margin, and the label's margin may reach into
//! the value's first figure: 注册资本2 and 23500万元 are one capital of 23500.

use super::{
    quad::{Point, Quad},
    read::Glyph,
};

/// A line as it was read.
#[derive(Clone, Debug)]
pub struct Line {
    /// Where it stands.
    pub quad: Quad,
    /// Its characters.
    pub glyphs: Vec<Glyph>,
    /// Where rulings cross it, as shares of its length.
    pub rulings: Vec<f32>,
}

/// So near, in heights of their lines, two characters are one: two thirds of the distance of figures.
const ONE: f32 = 0.25;

impl Line {
    /// Where the middle of a character stands.
    fn place(&self, glyph: &Glyph) -> Point {
        self.quad.at(glyph.middle, 0.5)
    }
}

/// Takes a character that ends one line and begins another out of the line in which it stands farther off. Where
/// the two read it otherwise, nobody knows what it is, and the score of the one that stays is none.
pub fn settle(lines: &mut [Line]) {
    for left in 0..lines.len() {
        for right in 0..lines.len() {
            let Some(whose) = (left != right).then(|| shared(&lines[left], &lines[right])).flatten() else {
                continue;
            };
            let (taken, stays) = match whose {
                Of::Right => (lines[left].glyphs.pop(), lines[right].glyphs.first_mut()),
                Of::Left => (Some(lines[right].glyphs.remove(0)), lines[left].glyphs.last_mut()),
            };
            if let (Some(taken), Some(stays)) = (taken, stays)
                && taken.text != stays.text
            {
                stays.score = 0.0;
            }
        }
    }
}

/// Whose the character is that two lines share.
enum Of {
    Left,
    Right,
}

/// Whether the last character of a line is the first of the other, and whose it is: where the next one is nearer.
fn shared(left: &Line, right: &Line) -> Option<Of> {
    let ([.., before, last], [first, next, ..]) = (left.glyphs.as_slice(), right.glyphs.as_slice()) else {
        return None;
    };
    let apart = |a: Point, b: Point| (a.0 - b.0).hypot(a.1 - b.1);
    let height = left.quad.height().min(right.quad.height());
    let is_one = apart(left.place(last), right.place(first)) < ONE * height;
    if !is_one || left.quad.is_tall() || right.quad.is_tall() {
        return None;
    }
    let to_left = apart(left.place(before), left.place(last));
    let to_right = apart(right.place(first), right.place(next));
    Some(if to_left < to_right { Of::Left } else { Of::Right })
}
