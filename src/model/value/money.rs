//! Amounts of money: exact, in yuan, remembering how precisely they were printed.

use rust_decimal::Decimal;
use unicode_normalization::UnicodeNormalization;

/// Units an amount is printed in, longest name first, with the power of ten that gives yuan.
pub const UNITS: &[(&str, u32)] = &[("亿元", 8), ("万元", 4), ("千元", 3), ("元", 0)];

/// Amounts of this many yuan or more are misreadings or malice: a thousand million million.
///
/// A million amounts below it add up without overflow, which [`Decimal`] answers with a panic.
const TOO_MUCH: i64 = 1_000_000_000_000_000;

/// More digits than these do not fit a [`Decimal`] exactly.
const DIGITS: usize = 28;

/// An amount in yuan.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Money {
    /// The amount in yuan.
    pub yuan: Decimal,
    /// Size of the last printed digit, as a power of ten of a yuan: -2 for fen, 2 for 万元 with two
    /// decimals.
    pub last_digit: i32,
}

impl Money {
    /// An amount in yuan, precise to its last written decimal.
    #[must_use]
    pub fn yuan(amount: Decimal) -> Self {
        Self { yuan: amount, last_digit: -i32::try_from(amount.scale()).unwrap_or(0) }
    }

    /// An amount printed in a unit of [`UNITS`]; `None` for an unknown unit, or where no such amount
    /// is plausible.
    #[must_use]
    pub fn in_unit(amount: Decimal, unit: &str) -> Option<Self> {
        let (_, power) = UNITS.iter().find(|(name, _)| *name == unit.trim())?;
        let yuan = plausible(amount.checked_mul(Decimal::from(10_u64.checked_pow(*power)?))?)?;
        let last_digit = i32::try_from(*power).ok()? - i32::try_from(amount.scale()).ok()?;
        Some(Self { yuan, last_digit })
    }

    /// Half of the last printed digit, in yuan: how far rounding may have moved the amount. Fen and
    /// finer are exact and give zero.
    #[must_use]
    pub fn half_unit(&self) -> Decimal {
        match u32::try_from(self.last_digit + 2) {
            Ok(above_fen) if above_fen > 0 => {
                Decimal::from(10_u64.checked_pow(above_fen).unwrap_or(u64::MAX)) * Decimal::new(5, 3)
            }
            _ => Decimal::ZERO,
        }
    }

    /// Plain decimal in yuan, with at least two decimals.
    #[must_use]
    pub fn wire(&self) -> String {
        wire(self.yuan)
    }
}

/// An amount as a plain decimal with at least two decimals and no needless zeros after them.
#[must_use]
pub fn wire(yuan: Decimal) -> String {
    let mut plain = yuan.normalize();
    if plain.scale() < 2 {
        plain.rescale(2);
    }
    plain.to_string()
}

/// The amount, unless it is too large for one of anybody's.
#[must_use]
pub fn plausible(amount: Decimal) -> Option<Decimal> {
    (amount.abs() < Decimal::from(TOO_MUCH)).then_some(amount)
}

/// Reads an amount with a power of ten, as exports write very small ones: `4.3E-7`.
#[must_use]
pub fn parse_scientific(text: &str) -> Option<Decimal> {
    let digits = text.split(['e', 'E']).next()?.bytes().filter(u8::is_ascii_digit).count();
    let amount = (digits <= DIGITS).then(|| Decimal::from_scientific(text).ok())??;
    plausible(amount)
}

/// What may stand before or behind an amount and leaves it what it is.
const BEFORE: &[&str] = &["人民币", "CNY", "RMB", "CN¥", "¥"];
const BEHIND: &[&str] = &["元整", "元", "人民币", "CNY", "RMB"];

/// Reads an amount in figures: `¥1,234.50`, `￥-12.00`, `(1,234.50)`, `1 234.50`; `1 234,56` is refused.
///
/// Groups must be groups of three behind a separator: a string such as `1,23.50` or `,797.00` is no
/// amount, since a group may have been lost. Neither is one too long or too large to be meant. White
/// space stands beside signs or between groups: two numbers in one cell are never read as one, nor two
/// groups without decimals, which may be two numbers as well.
#[must_use]
pub fn parse_figures(text: &str) -> Option<Decimal> {
    let text = text.nfkc().collect::<String>().replace(['−', '–', '—'], "-");
    let text = text.trim();
    if text.contains(|c: char| c != '\t' && c.is_control() || matches!(c, '\u{2028}' | '\u{2029}')) {
        return None;
    }
    let bare = bare(text);
    let (negative, digits) = match bare.strip_prefix('(').and_then(|inner| inner.strip_suffix(')')) {
        Some(inner) => (true, inner),
        None => bare.strip_prefix('-').map_or((false, bare), |inner| (true, inner)),
    };
    let digits = self::bare(digits);
    let (whole, fraction) = match digits.split_once('.') {
        Some((whole, fraction)) if all_digits(fraction) => (whole, Some(fraction)),
        Some(_) => return None,
        None => (digits, None),
    };
    let separator = if whole.contains(',') || fraction.is_none() { ',' } else { ' ' };
    let groups: Vec<&str> = whole.split(separator).map(str::trim_start).collect();
    let well_grouped = match groups.as_slice() {
        [single] => all_digits(single),
        [first, rest @ ..] => {
            (1..=3).contains(&first.len())
                && all_digits(first)
                && rest.iter().all(|group| group.len() == 3 && all_digits(group))
        }
        [] => false,
    };
    if !well_grouped {
        return None;
    }
    let plain = match fraction {
        Some(fraction) => format!("{}.{fraction}", groups.concat()),
        None => groups.concat(),
    };
    if plain.trim_start_matches(['0', '.']).bytes().filter(u8::is_ascii_digit).count() > DIGITS {
        return None;
    }
    let amount = plausible(plain.parse().ok()?)?;
    Some(if negative { -amount } else { amount })
}

/// An amount without the currency at its ends.
fn bare(text: &str) -> &str {
    let mut rest = text.trim();
    loop {
        let before = BEFORE.iter().find_map(|sign| rest.strip_prefix(sign));
        match before.or_else(|| BEHIND.iter().find_map(|sign| rest.strip_suffix(sign))) {
            Some(inner) => rest = inner.trim(),
            None => return rest,
        }
    }
}

fn all_digits(part: &str) -> bool {
    !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_digit())
}
