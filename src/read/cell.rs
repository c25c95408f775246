//! What a cell holds and what a person sees in it, for workbooks and separated text alike.

use rust_decimal::Decimal;

use crate::model::page::{Cell, CellValue};

/// A cell of text. It stays text where it looks like a number: codes have leading zeros.
pub(super) fn from_text(text: &str) -> Cell {
    let text = seen(text);
    let value = if text.is_empty() { CellValue::Empty } else { CellValue::Text };
    Cell { text, value }
}

/// A number without the noise of binary fractions: the shortest decimal that means the same `f64`.
pub(super) fn from_float(number: f64) -> Cell {
    let shortest = number.to_string();
    let exact = shortest.parse::<Decimal>().or_else(|_| Decimal::from_scientific(&format!("{number:e}")));
    match exact {
        Ok(exact) => {
            let exact = exact.normalize();
            Cell { text: exact.to_string(), value: CellValue::Number(exact) }
        }
        Err(_) => Cell { text: shortest, value: CellValue::Text },
    }
}

/// Text as it is seen: a leading apostrophe or tab, or `="…"` round it, only tells a spreadsheet to
/// leave it alone.
pub(super) fn seen(text: &str) -> String {
    let blank = |c: char| c.is_whitespace() || c == '\u{feff}' || c == '\u{200b}';
    let text = text.trim_matches(blank);
    let quoted = text.strip_prefix("=\"").and_then(|rest| rest.strip_suffix('"'));
    let text = quoted.filter(|inner| !inner.contains('"')).unwrap_or(text);
    text.strip_prefix('\'').unwrap_or(text).trim_matches(blank).to_owned()
}
