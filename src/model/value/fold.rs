//! Texts folded so that what a person takes for equal is equal.

use unicode_normalization::UnicodeNormalization;

/// NFKC, brackets of one kind, upper case, without spaces and middle dots.
#[must_use]
pub fn folded(name: &str) -> String {
    // Normalisation changes neither ASCII nor the common ideographs, of which most names and numbers are.
    let is_plain = |c: char| c.is_ascii() || ('\u{4E00}'..='\u{9FFF}').contains(&c);
    if name.chars().all(is_plain) { kept(name.chars(), name.len()) } else { kept(name.nfkc(), name.len()) }
}

fn kept(characters: impl Iterator<Item = char>, bytes: usize) -> String {
    let mut folded = String::with_capacity(bytes);
    for c in characters.filter(|c| !c.is_whitespace() && !matches!(c, '·' | '•')) {
        match c {
            '〔' | '[' | '【' => folded.push('('),
            '〕' | ']' | '】' => folded.push(')'),
            c if c.is_ascii() => folded.push(c.to_ascii_uppercase()),
            c => folded.extend(c.to_uppercase()),
        }
    }
    folded
}
