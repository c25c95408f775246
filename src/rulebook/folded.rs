//! Words of a call without what printings of it differ in: the width of signs, and space between them.

use std::ops::Range;

use unicode_normalization::UnicodeNormalization;

/// A text folded, with the way back to the text as it is written.
#[derive(Clone, Debug)]
pub struct Folded {
    /// The folded text.
    pub text: String,
    /// For each byte of the folded text, and for its end, the byte of the written text.
    places: Vec<usize>,
}

impl Folded {
    /// Folds a text.
    #[must_use]
    pub fn of(written: &str) -> Self {
        let (mut text, mut places) = (String::new(), Vec::new());
        for (at, c) in written.char_indices().filter(|(_, c)| !c.is_whitespace()) {
            for part in std::iter::once(c).nfkc().filter(|part| !part.is_whitespace()) {
                text.push(part);
                places.extend(std::iter::repeat_n(at, part.len_utf8()));
            }
        }
        places.push(written.len());
        Self { text, places }
    }

    /// All places of a folded part, in bytes of the folded text; none of nothing.
    #[must_use]
    pub fn find(&self, part: &Self) -> Vec<Range<usize>> {
        if part.text.is_empty() {
            return Vec::new();
        }
        self.text.match_indices(&part.text).map(|(at, found)| at..at + found.len()).collect()
    }

    /// Where a range of the folded text stands as it is written.
    #[must_use]
    pub fn written(&self, range: &Range<usize>) -> Range<usize> {
        let end = self.places.last().copied().unwrap_or(0);
        let place = |at: usize| self.places.get(at).copied().unwrap_or(end);
        place(range.start)..place(range.end)
    }
}
