//! Points in time as signatures write them, and as reports show them.
//!
//! Where the zone is known, a time is shown by Beijing's clock, which is the reviewer's; where it is
//! not, as it stands.

use chrono::{Duration, NaiveDate, NaiveDateTime};

use crate::container::tlv::{BIT_STRING, GENERAL_TIME, Tlv, UTC_TIME};

/// A point in time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Moment {
    /// Universal time where the zone is known, else the clock's own.
    clock: NaiveDateTime,
    zoned: bool,
}

impl Moment {
    /// As reports show it: `2023-04-04T17:48:53+08:00`.
    pub(super) fn iso(self) -> String {
        if self.zoned {
            format!("{}+08:00", self.in_beijing().format("%Y-%m-%dT%H:%M:%S"))
        } else {
            self.clock.format("%Y-%m-%dT%H:%M:%S").to_string()
        }
    }

    /// The day, by the same clock.
    pub(super) fn day(self) -> String {
        self.in_beijing().format("%Y-%m-%d").to_string()
    }

    /// Whether it lies between two others, both included. A clock without a zone is taken for Beijing's.
    pub(super) fn lies_between(self, from: Self, to: Self) -> bool {
        let at = self.in_beijing();
        from.in_beijing() <= at && at <= to.in_beijing()
    }

    fn in_beijing(self) -> NaiveDateTime {
        if self.zoned {
            self.clock.checked_add_signed(Duration::hours(8)).unwrap_or(self.clock)
        } else {
            self.clock
        }
    }
}

/// A time in ASN.1, also where a seal of the first kind puts text into a bit string.
pub(super) fn of(value: &Tlv<'_>) -> Option<Moment> {
    let text = match value.tag {
        BIT_STRING => value.bits(),
        _ => value.value,
    };
    let text = std::str::from_utf8(text).ok()?.trim_matches('\0');
    match value.tag {
        UTC_TIME => {
            // RFC 5280, 4.1.2.5.1: 50 and more is the last century.
            let century = if text.get(..2)?.parse::<u8>().ok()? >= 50 { "19" } else { "20" };
            parse(&format!("{century}{text}"))
        }
        GENERAL_TIME => parse(text),
        _ => parse(text),
    }
}

/// A time in text: `20230404174853Z`, `D:20230404174853+08'00'`, `2020-01-25 15:31:56`,
/// `2020-01-25T07:31:56.377Z`.
pub(super) fn parse(text: &str) -> Option<Moment> {
    let text = text.trim().trim_start_matches("D:");
    let mut digits = String::new();
    let mut rest = text;
    while digits.len() < 14 {
        let next = rest.chars().next();
        match next {
            Some(c) if c.is_ascii_digit() => digits.push(c),
            // Separators stand only between parts of even length.
            Some('-' | ':' | '/' | ' ' | 'T') if digits.len() >= 4 && digits.len().is_multiple_of(2) => {
                if digits.len() >= 12 && next == Some('-') {
                    break;
                }
            }
            _ => break,
        }
        rest = rest.get(1..)?;
    }
    // What names no day, such as a year in Chinese writing, is not understood.
    if digits.len() < 8 {
        return None;
    }
    let part = |from: usize, to: usize, otherwise: u32| match digits.get(from..to) {
        Some(part) => part.parse().ok(),
        None => Some(otherwise),
    };
    let year = digits.get(..4)?.parse().ok()?;
    let day = NaiveDate::from_ymd_opt(year, part(4, 6, 1)?, part(6, 8, 1)?)?;
    let clock = day.and_hms_opt(part(8, 10, 0)?, part(10, 12, 0)?, part(12, 14, 0)?.min(59))?;
    let rest = rest.trim_start_matches(|c: char| c == '.' || c.is_ascii_digit());
    let (sign, zone) = match rest.chars().next() {
        Some('Z') => return Some(Moment { clock, zoned: true }),
        Some('+') => (1, &rest[1..]),
        Some('-') => (-1, &rest[1..]),
        _ => return Some(Moment { clock, zoned: false }),
    };
    let zone: String = zone.chars().filter(char::is_ascii_digit).take(4).collect();
    let hours: i64 = zone.get(..2)?.parse().ok()?;
    let minutes: i64 = zone.get(2..4).map_or(Some(0), |minutes| minutes.parse().ok())?;
    let clock = clock.checked_sub_signed(Duration::minutes(sign * (hours * 60 + minutes)))?;
    Some(Moment { clock, zoned: true })
}
