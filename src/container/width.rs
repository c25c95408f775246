//! How wide characters are taken to be: no font of the machine is asked, so that pages are the same
//! everywhere. Proportions are those of the usual sans serif fonts.

/// Thousandths of the size for the characters from blank to tilde.
const ASCII: [u16; 95] = [
    278, 278, 355, 556, 556, 889, 667, 191, 333, 333, 389, 584, 278, 333, 278, 278, 556, 556, 556, 556, 556,
    556, 556, 556, 556, 556, 278, 278, 584, 584, 584, 556, 1015, 667, 667, 722, 722, 667, 611, 778, 722, 278,
    500, 667, 556, 833, 722, 778, 667, 778, 722, 667, 611, 722, 667, 944, 667, 667, 611, 278, 278, 278, 469,
    556, 333, 556, 556, 500, 556, 556, 278, 556, 556, 222, 222, 500, 222, 833, 556, 556, 556, 556, 333, 500,
    278, 556, 500, 722, 500, 500, 500, 334, 260, 334, 584,
];

/// The width of a character, as a share of the size of the text.
pub(in crate::container) fn of(character: char) -> f64 {
    let code = character as usize;
    if let Some(width) = code.checked_sub(32).and_then(|at| ASCII.get(at)) {
        return f64::from(*width) / 1000.0;
    }
    if is_wide(character) { 1.0 } else { 0.6 }
}

/// Whether a character fills a square: Chinese, its punctuation, full-width forms.
pub(in crate::container) const fn is_wide(character: char) -> bool {
    matches!(character,
        '\u{1100}'..='\u{11ff}' | '\u{2014}' | '\u{2018}'..='\u{201d}' | '\u{2026}' | '\u{2030}'
        | '\u{2103}' | '\u{2116}' | '\u{2160}'..='\u{217f}' | '\u{2190}'..='\u{27bf}'
        | '\u{2e80}'..='\u{a4cf}' | '\u{ac00}'..='\u{d7ff}' | '\u{f900}'..='\u{faff}'
        | '\u{fe30}'..='\u{fe6f}' | '\u{ff00}'..='\u{ff60}' | '\u{ffe0}'..='\u{ffe6}'
        | '\u{1f000}'..='\u{1faff}' | '\u{20000}'..='\u{3ffff}')
}
