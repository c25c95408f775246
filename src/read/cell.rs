//! What a cell holds and what a person sees in it, for workbooks and separated text alike.

use chrono::{NaiveDateTime, NaiveTime};
use rust_decimal::{Decimal, RoundingStrategy};

use crate::model::page::{Cell, CellValue};

/// Spreadsheets compute in binary fractions and show, compare and save no more than 15 significant
/// digits. What stands beyond is noise of the computation: 19956800.000000004 is meant as 19956800.
const DIGITS: usize = 15;

/// A cell of text. It stays text where it looks like a number: codes have leading zeros.
pub(super) fn from_text(text: &str) -> Cell {
    let text = seen(text);
    let value = if text.is_empty() { CellValue::Empty } else { CellValue::Text };
    Cell { text, value }
}

/// A cell of a format without types, where an apostrophe before a text tells a spreadsheet to leave it
/// alone. In a workbook that is a style, and an apostrophe of the text itself is seen.
pub(super) fn from_marked(text: &str) -> Cell {
    let text = seen(text);
    from_text(text.strip_prefix('\'').unwrap_or(&text))
}

/// A number without the noise of binary fractions: rounded to 15 significant digits.
///
/// Larger whole numbers are shown with an exponent, as spreadsheets do: the digits behind are lost,
/// and a code must not be completed with zeros that nobody wrote.
pub(super) fn from_float(number: f64) -> Cell {
    let rounded = format!("{number:.*e}", DIGITS - 1);
    // A decimal holds 28 places: what is left of a computation that should have come to nothing is cut.
    let tiny = || if number.abs() < 1.0 { format!("{number:.28}").parse::<Decimal>().ok() } else { None };
    match Decimal::from_scientific(&rounded).ok().or_else(tiny) {
        Some(exact) => {
            let exact = exact.normalize();
            let text = if number.abs() < 1e15 { exact.to_string() } else { exponential(&rounded) };
            Cell { text, value: CellValue::Number(exact) }
        }
        None => Cell { text: exponential(&rounded), value: CellValue::Text },
    }
}

/// A number that the file writes as a decimal: as it stands, up to the digits a spreadsheet keeps.
pub(super) fn from_decimal(text: &str) -> Cell {
    let text = text.trim();
    match text.parse::<Decimal>() {
        // With a power of ten a number has been through a binary fraction, and its last digits are lost.
        _ if text.contains(['e', 'E']) => inexact(text),
        // A whole number of many digits is a code that a program wrote as a number, and all there.
        Ok(exact) if exact.scale() == 0 => Cell { text: exact.to_string(), value: CellValue::Number(exact) },
        Ok(exact) => {
            let digits = u32::try_from(DIGITS).unwrap_or(15);
            let kept = exact.round_sf_with_strategy(digits, RoundingStrategy::MidpointAwayFromZero);
            let exact = kept.unwrap_or(exact).normalize();
            Cell { text: exact.to_string(), value: CellValue::Number(exact) }
        }
        Err(_) => inexact(text),
    }
}

fn inexact(text: &str) -> Cell {
    let number = text.parse::<f64>().ok().filter(|number| number.is_finite());
    number.map_or_else(|| from_text(text), from_float)
}

/// A truth value.
pub(super) fn from_bool(value: bool) -> Cell {
    Cell { text: if value { "TRUE" } else { "FALSE" }.to_owned(), value: CellValue::Bool(value) }
}

/// An error such as `#REF!`, shown as it is printed.
pub(super) fn from_error(shown: &str) -> Cell {
    Cell { text: shown.to_owned(), value: CellValue::Error }
}

/// A date, or a date with time.
pub(super) fn from_moment(moment: NaiveDateTime) -> Cell {
    // Midnight is how a date without a time is stored.
    let midnight = moment.time() == NaiveTime::MIN;
    let text = moment.format(if midnight { "%Y-%m-%d" } else { "%Y-%m-%d %H:%M:%S" }).to_string();
    Cell { text, value: CellValue::DateTime(moment) }
}

/// A date as files write it: `2022-05-01`, with a time behind `T` or a blank where there is one.
pub(super) fn from_iso(text: &str) -> Cell {
    let plain = text.trim().trim_end_matches('Z').replacen(' ', "T", 1);
    let moment = plain
        .parse::<NaiveDateTime>()
        .ok()
        .or_else(|| plain.parse::<chrono::NaiveDate>().ok().map(|date| date.and_time(NaiveTime::MIN)));
    moment.map_or_else(|| from_text(text), from_moment)
}

/// `1.23E+20`, as a spreadsheet shows it.
fn exponential(rounded: &str) -> String {
    let (digits, exponent) = rounded.split_once('e').unwrap_or((rounded, "0"));
    let digits =
        if digits.contains('.') { digits.trim_end_matches('0').trim_end_matches('.') } else { digits };
    let sign = if exponent.starts_with('-') { "" } else { "+" };
    format!("{digits}E{sign}{exponent}")
}

/// Text as it is seen: white space round it, or `="…"`, only tells a spreadsheet to leave it alone.
pub(super) fn seen(text: &str) -> String {
    let blank = |c: char| c.is_whitespace() || c == '\u{feff}' || c == '\u{200b}';
    let text = text.trim_matches(blank);
    let quoted = text.strip_prefix("=\"").and_then(|rest| rest.strip_suffix('"'));
    let text = quoted.filter(|inner| !inner.contains('"')).unwrap_or(text);
    text.trim_matches(blank).to_owned()
}
