//! Amounts in capital Chinese numerals, as on invoices and receipts (大写金额).

use rust_decimal::Decimal;
use thiserror::Error;

/// Why a text is not an amount in words.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum WordsError {
    /// No numeral in it.
    #[error("no numeral found in `{0}`")]
    Empty(String),
    /// A character that has no place in an amount.
    #[error("unexpected `{found}` in the amount `{text}`")]
    Unexpected {
        /// The character.
        found: char,
        /// The whole text.
        text: String,
    },
    /// Units repeated or in rising order, or a digit without a unit.
    #[error("units out of order in the amount `{0}`")]
    Order(String),
    /// Nothing closes the whole part: 元 is missing.
    #[error("no 元 closes the amount `{0}`")]
    Unclosed(String),
}

/// Numerals, with the variants that banks and tax software print.
const DIGITS: &[(&str, u32)] = &[
    ("零〇○", 0),
    ("壹一弌", 1),
    ("贰貳弍二两", 2),
    ("叁參叄三", 3),
    ("肆四", 4),
    ("伍五", 5),
    ("陆陸六", 6),
    ("柒七", 7),
    ("捌八", 8),
    ("玖九", 9),
];

/// Units below ten thousand.
const SMALL_UNITS: &[(&str, u64)] = &[("拾十", 10), ("佰百", 100), ("仟千", 1000)];

fn digit(c: char) -> Option<u32> {
    DIGITS.iter().find(|(chars, _)| chars.contains(c)).map(|(_, value)| *value)
}

fn small_unit(c: char) -> Option<u64> {
    SMALL_UNITS.iter().find(|(chars, _)| chars.contains(c)).map(|(_, value)| *value)
}

/// Reads an amount in words, in yuan with two decimals.
///
/// # Errors
///
/// Anything that is not one well-formed amount, so that a misread character does not pass as a
/// smaller amount.
pub fn parse(text: &str) -> Result<Decimal, WordsError> {
    let mut rest: String = text
        .chars()
        .filter(|c| !c.is_whitespace() && !"¥￥⊗ⓧ:：".contains(*c))
        .collect::<String>()
        .replace("人民币", "");
    let mut negative = false;
    for prefix in ["(负数)", "（负数）", "负"] {
        if let Some(after) = rest.strip_prefix(prefix) {
            negative = true;
            rest = after.to_owned();
        }
    }
    let order = || WordsError::Order(text.to_owned());
    // Below ten thousand a gap between units is written 零: without it, a unit and its digit were lost.
    // Across 万 and 亿 it may be missing.
    let gap = |unit: u64, last: u64, bridged: bool| {
        if last == u64::MAX || unit * 10 == last || bridged { Ok(()) } else { Err(order()) }
    };
    // Amounts are built from the left: `section` below ten thousand, `total` of closed sections,
    // `fen` after the whole yuan are closed.
    let (mut total, mut section, mut pending): (u64, u64, Option<u32>) = (0, 0, None);
    let (mut last_small, mut last_big) = (u64::MAX, u64::MAX);
    let (mut closed, mut fen, mut any, mut finished): (bool, u64, bool, bool) = (false, 0, false, false);
    let mut last_fraction = 100;
    // Whether 零 stands before the digit that comes next or waits.
    let mut bridged = false;
    for c in rest.chars() {
        if finished {
            return Err(WordsError::Unexpected { found: c, text: text.to_owned() });
        }
        if let Some(value) = digit(c) {
            any = true;
            if value == 0 {
                // 零 only bridges a gap; it may not follow a digit that still waits for its unit.
                if pending.is_some_and(|waiting| waiting != 0) {
                    return Err(order());
                }
                bridged = true;
                continue;
            }
            if pending.is_some() {
                return Err(order());
            }
            pending = Some(value);
        } else if let Some(unit) = small_unit(c) {
            if closed || unit >= last_small {
                return Err(order());
            }
            // 拾 alone at the start of a section is one ten.
            let value = match pending.take() {
                Some(value) => u64::from(value),
                None if unit == 10 && section == 0 => 1,
                None => return Err(order()),
            };
            gap(unit, last_small, bridged)?;
            any = true;
            section += value * unit;
            (last_small, bridged) = (unit, false);
        } else if "万萬亿億".contains(c) {
            let unit: u64 = if "万萬".contains(c) { 10_000 } else { 100_000_000 };
            if let Some(value) = pending.take() {
                gap(1, last_small, bridged)?;
                section += u64::from(value);
            }
            if closed || unit >= last_big || (section == 0 && total == 0) {
                return Err(order());
            }
            total = if unit == 10_000 { total + section * unit } else { (total + section) * unit };
            section = 0;
            (last_small, bridged) = (u64::MAX, false);
            last_big = unit;
        } else if "元圆圓".contains(c) {
            if closed {
                return Err(order());
            }
            if let Some(value) = pending.take() {
                gap(1, last_small, bridged)?;
                section += u64::from(value);
            }
            total += section;
            (section, closed) = (0, true);
        } else if "角分".contains(c) {
            let unit: u64 = if c == '角' { 10 } else { 1 };
            if unit >= last_fraction || section != 0 || (!closed && total != 0) {
                return Err(order());
            }
            fen += u64::from(pending.take().ok_or_else(order)?) * unit;
            last_fraction = unit;
            closed = true;
        } else if "整正".contains(c) {
            finished = true;
        } else {
            return Err(WordsError::Unexpected { found: c, text: text.to_owned() });
        }
    }
    if !any {
        return Err(WordsError::Empty(text.to_owned()));
    }
    if pending.is_some() {
        return Err(order());
    }
    if !closed {
        return Err(WordsError::Unclosed(text.to_owned()));
    }
    let amount = Decimal::from(total) + Decimal::from(fen) * Decimal::new(1, 2);
    let mut amount = if negative { -amount } else { amount };
    amount.rescale(2);
    Ok(amount)
}
