//! Texts folded so that what a person takes for equal is equal.

use unicode_normalization::UnicodeNormalization;

/// NFKC, brackets of one kind, upper case, without spaces and middle dots.
#[must_use]
pub fn folded(name: &str) -> String {
    name.nfkc()
        .map(|c| match c {
            '〔' | '[' | '【' => '(',
            '〕' | ']' | '】' => ')',
            other => other,
        })
        .filter(|c| !c.is_whitespace() && !matches!(c, '·' | '•'))
        .flat_map(char::to_uppercase)
        .collect()
}
