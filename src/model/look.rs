//! What the picture of a page looks like, in few bits that survive saving it anew, scaling and slight changes
//! of its light, so that one picture can be told from another of the same form.

use std::fmt::Write as _;

use serde::{Deserialize, Serialize};

/// Bits of the coarse print, by which pictures that may be alike are found: 16 rows of 16 steps.
pub const COARSE: usize = 16;
/// Bits of the fine print, by which they are told: 48 rows of 48 steps.
pub const FINE: usize = 48;
/// So many bits of the coarse print stand in one band. What is off in fewer bits than there are bands has
/// one band the same.
const BAND: usize = 32;
/// Two pictures are one where of a hundred steps of both no more than so many are in one of them only. Of a
/// picture saved anew, at half its size or lighter, 1 to 4 are as a rule; of two scans of one form 9 and more,
/// unless the two sheets lay in the scanner alike, so that what they say has to be asked as well.
const ALIKE: u32 = 5;

/// The print of a picture: where it gets lighter from left to right, on a coarse and on a fine grid.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Look {
    coarse: Vec<u64>,
    fine: Vec<u64>,
    /// Whether a program drew it, on an even ground: all that it draws on one form looks alike, and only a
    /// scan or photo is of one sheet.
    pub drawn: bool,
}

impl Look {
    /// From the bits of both grids, row by row.
    #[must_use]
    pub fn new(coarse: &[bool], fine: &[bool], drawn: bool) -> Self {
        let packed = |bits: &[bool]| -> Vec<u64> {
            let word = |bits: &[bool]| bits.iter().fold(0_u64, |word, bit| word << 1 | u64::from(*bit));
            bits.chunks(64).map(word).collect()
        };
        Self { coarse: packed(coarse), fine: packed(fine), drawn }
    }

    /// The parts of the coarse print, each with its place: pictures that are alike share one at least, as a
    /// rule.
    #[must_use]
    pub fn bands(&self) -> Vec<String> {
        let digits: String = self.coarse.iter().map(|word| format!("{word:016x}")).collect();
        let bands = digits.as_bytes().chunks(BAND / 4).enumerate();
        bands.map(|(at, band)| format!("{at}:{}", String::from_utf8_lossy(band))).collect()
    }

    /// In how many bits two fine prints differ.
    #[must_use]
    pub fn far(&self, other: &Self) -> u32 {
        self.fine.iter().zip(&other.fine).map(|(a, b)| (a ^ b).count_ones()).sum()
    }

    /// Whether two pictures are one picture.
    #[must_use]
    pub fn is_like(&self, other: &Self) -> bool {
        let steps = |look: &Self| look.fine.iter().map(|word| word.count_ones()).sum::<u32>();
        let same_size = self.fine.len() == other.fine.len();
        same_size && self.far(other) * 100 <= ALIKE * (steps(self) + steps(other))
    }

    /// As a text: `d` or `s`, and the fine print in hexadecimal digits.
    #[must_use]
    pub fn text(&self) -> String {
        let mut text = if self.drawn { "d" } else { "s" }.to_owned();
        for word in &self.fine {
            // Writing to a text does not fail.
            let _ = write!(text, "{word:016x}");
        }
        text
    }

    /// What [`Look::text`] wrote, without the coarse print; `None` for anything else.
    #[must_use]
    pub fn parsed(text: &str) -> Option<Self> {
        let (drawn, digits) = match text.split_at_checked(1)? {
            ("d", digits) => (true, digits),
            ("s", digits) => (false, digits),
            _ => return None,
        };
        let words = digits.as_bytes().chunks(16);
        let fine: Option<Vec<u64>> =
            words.map(|word| u64::from_str_radix(std::str::from_utf8(word).ok()?, 16).ok()).collect();
        Some(Self { coarse: Vec::new(), fine: fine?, drawn })
    }
}
