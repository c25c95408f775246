//! Exact values only: no float carries money, no date a time zone.

pub mod code;
pub mod date;
pub mod fold;
pub mod money;
pub mod words;

use chrono::NaiveDate;
use rust_decimal::Decimal;

pub use date::Period;
pub use money::Money;

/// A value as read or declared.
#[derive(Clone, Debug, PartialEq)]
pub enum Value {
    /// Running text, names.
    Text(String),
    /// An identifier whose every character counts, leading zeros included.
    Code(String),
    /// A plain number.
    Number(Decimal),
    /// An amount of money, in yuan, with the precision it was printed in.
    Money(Money),
    /// A civil date.
    Date(NaiveDate),
    /// From one day to another, both inclusive; also a month.
    Period(Period),
    /// True or false.
    Bool(bool),
}

impl Value {
    /// Whether two readings mean the same. Amounts printed in a larger unit than the yuan count as
    /// far as they were printed; everything else exactly.
    #[must_use]
    pub fn agrees(&self, other: &Self) -> bool {
        let band = |money: &Money| if money.last_digit > 0 { money.half_unit() } else { Decimal::ZERO };
        match (self, other) {
            (Self::Money(a), Self::Money(b)) => (a.yuan - b.yuan).abs() <= band(a) + band(b),
            _ => self == other,
        }
    }

    /// The form used in JSON: plain decimals in yuan, ISO dates, text as it is.
    #[must_use]
    pub fn wire(&self) -> String {
        match self {
            Self::Text(text) | Self::Code(text) => text.clone(),
            Self::Number(number) => number.to_string(),
            Self::Money(money) => money.wire(),
            Self::Date(date) => date.to_string(),
            Self::Period(period) => format!("{}/{}", period.from, period.to),
            Self::Bool(value) => value.to_string(),
        }
    }
}
