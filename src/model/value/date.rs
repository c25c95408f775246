//! Civil dates as they are printed, and periods between them.

use std::sync::LazyLock;

use chrono::{Datelike, Months, NaiveDate};
use regex::Regex;
use unicode_normalization::UnicodeNormalization;

/// From one day to another, both inclusive.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Period {
    /// First day.
    pub from: NaiveDate,
    /// Last day.
    pub to: NaiveDate,
}

impl Period {
    /// A period, unless it ends before it begins.
    #[must_use]
    pub fn new(from: NaiveDate, to: NaiveDate) -> Option<Self> {
        (from <= to).then_some(Self { from, to })
    }

    /// The month that a day lies in.
    #[must_use]
    pub fn month(year: i32, month: u32) -> Option<Self> {
        let from = NaiveDate::from_ymd_opt(year, month, 1)?;
        let to = from.checked_add_months(Months::new(1))?.pred_opt()?;
        Some(Self { from, to })
    }

    /// Whether the day lies inside.
    #[must_use]
    pub fn contains(&self, day: NaiveDate) -> bool {
        self.from <= day && day <= self.to
    }

    /// Whether the other period lies inside as a whole.
    #[must_use]
    pub fn covers(&self, other: &Self) -> bool {
        self.from <= other.from && other.to <= self.to
    }

    /// The part that both have.
    #[must_use]
    pub fn clipped(&self, to: &Self) -> Option<Self> {
        Self::new(self.from.max(to.from), self.to.min(to.to))
    }
}

/// The corresponding day `months` later, or the last day of that month if there is none
/// (民法典 §202).
#[must_use]
pub fn add_months(day: NaiveDate, months: i32) -> Option<NaiveDate> {
    let step = Months::new(months.unsigned_abs());
    if months < 0 { day.checked_sub_months(step) } else { day.checked_add_months(step) }
}

/// The corresponding day `years` later; 29 February becomes the 28th where there is none.
#[must_use]
pub fn add_years(day: NaiveDate, years: i32) -> Option<NaiveDate> {
    add_months(day, years.checked_mul(12)?)
}

/// A printed date: to the day, or only to the month.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Printed {
    /// A day.
    Day(NaiveDate),
    /// A month, as its first to last day.
    Month(Period),
}

/// 年, 月 and 日 mark the parts off by themselves, so white space between digits is only wide type, and
/// a 零 before a ten (零壹拾月) is only care.
static MARKED: LazyLock<Option<Regex>> = LazyLock::new(|| {
    Regex::new(
        r"(?:^|[^0-9])((?:1\s?9|2\s?0)\s?\d\s?\d)\s*年\s*(0?\d(?:\s?\d)?)\s*月\s*(0?\d(?:\s?\d)?)\s*日",
    )
    .ok()
});
static NUMERIC: LazyLock<Option<Regex>> = LazyLock::new(|| {
    // The year may not be the tail of a longer number, nor the day the head of one. White space ends a
    // day: what stands behind it is the time.
    Regex::new(
        r"(?:^|[^0-9])((?:19|20)\d{2})\s*(?:年|[-./])\s*(\d{1,2})(?:\s*(?:月|[-./])[^\S\r\n]*(\d{1,2})(?:[^0-9]|$)|\s*月|\s*$)",
    )
    .ok()
});
static COMPACT: LazyLock<Option<Regex>> =
    LazyLock::new(|| Regex::new(r"^((?:19|20)\d{2})(\d{2})(\d{2})(?:\s|$)").ok());
/// How the names of months begin, in English, French, German and Dutch.
const MONTHS: &[(&str, u32)] = &[
    ("jan", 1),
    ("feb", 2),
    ("fév", 2),
    ("maart", 3),
    ("mrt", 3),
    ("mar", 3),
    ("mär", 3),
    ("apr", 4),
    ("avr", 4),
    ("may", 5),
    ("mai", 5),
    ("mei", 5),
    ("juin", 6),
    ("jun", 6),
    ("juil", 7),
    ("jul", 7),
    ("aug", 8),
    ("aoû", 8),
    ("sep", 9),
    ("oct", 10),
    ("okt", 10),
    ("nov", 11),
    ("dec", 12),
    ("déc", 12),
    ("dez", 12),
];

/// The beginnings of the names of months as a pattern.
#[must_use]
pub fn month_names() -> String {
    MONTHS.iter().map(|(name, _)| *name).collect::<Vec<_>>().join("|")
}

static MONTH_NAME: LazyLock<Option<Regex>> = LazyLock::new(|| {
    Regex::new(&format!(
        r"(?i)(?:(\d{{1,2}})(?:st|nd|rd|th)?[-\s./]*(?:of)?[-\s./]*)?({})\p{{Latin}}*[-\s.,/]*(?:(\d{{1,2}})(?:st|nd|rd|th)?[-\s.,/]+)?((?:19|20)\d{{2}})",
        month_names()
    ))
    .ok()
});
static DAY_FIRST: LazyLock<Option<Regex>> =
    LazyLock::new(|| Regex::new(r"^(\d{1,2})\s*[-./]\s*(\d{1,2})\s*[-./]\s*((?:19|20)\d{2})(?:\s|$)").ok());

/// Chinese numerals of a date become digits: 二〇二三年三月三十一日 is 2023年3月31日.
fn with_digits(text: &str) -> String {
    const DIGITS: &[(&str, char)] = &[
        ("〇零○Ｏ", '0'),
        ("一壹", '1'),
        ("二贰", '2'),
        ("三叁", '3'),
        ("四肆", '4'),
        ("五伍", '5'),
        ("六陆", '6'),
        ("七柒", '7'),
        ("八捌", '8'),
        ("九玖", '9'),
    ];
    let digit = |c: char| DIGITS.iter().find(|(set, _)| set.contains(c)).map(|(_, d)| *d);
    let chars: Vec<char> = text.chars().collect();
    let mut out = String::new();
    for (at, &c) in chars.iter().enumerate() {
        if c == '十' || c == '拾' {
            // 十 is a digit place: 十 = 10, 十一 = 11, 二十 = 20, 二十一 = 21.
            let before = at.checked_sub(1).and_then(|i| chars.get(i)).is_some_and(|c| digit(*c).is_some());
            let after = chars.get(at + 1).is_some_and(|c| digit(*c).is_some());
            match (before, after) {
                (true, true) => {}
                (true, false) => out.push('0'),
                (false, true) => out.push('1'),
                (false, false) => out.push_str("10"),
            }
        } else {
            out.push(digit(c).unwrap_or(c));
        }
    }
    out
}

/// Reads the first date in a text, in any of the forms that Chinese documents print.
///
/// Impossible dates and two-digit years give `None`: nothing is guessed.
#[must_use]
pub fn parse(text: &str) -> Option<Printed> {
    let folded = with_digits(&text.nfkc().collect::<String>());
    let folded = folded.trim();
    let day = |y: &str, m: &str, d: &str| {
        NaiveDate::from_ymd_opt(y.parse().ok()?, m.parse().ok()?, d.parse().ok()?)
    };
    if let Some(found) = MARKED.as_ref()?.captures(folded) {
        let dense = |part: &str| part.split_whitespace().collect::<String>();
        return day(&dense(&found[1]), &dense(&found[2]), &dense(&found[3])).map(Printed::Day);
    }
    if let Some(found) = NUMERIC.as_ref()?.captures(folded) {
        return match found.get(3) {
            Some(d) => day(&found[1], &found[2], d.as_str()).map(Printed::Day),
            None => Period::month(found[1].parse().ok()?, found[2].parse().ok()?).map(Printed::Month),
        };
    }
    if let Some(found) = COMPACT.as_ref()?.captures(folded) {
        return day(&found[1], &found[2], &found[3]).map(Printed::Day);
    }
    if let Some(found) = MONTH_NAME.as_ref()?.captures(folded) {
        let name = found[2].to_lowercase();
        let (_, month) = MONTHS.iter().find(|(known, _)| *known == name)?;
        let d = found.get(1).or_else(|| found.get(3))?;
        return day(&found[4], &month.to_string(), d.as_str()).map(Printed::Day);
    }
    if let Some(found) = DAY_FIRST.as_ref()?.captures(folded) {
        // 03-04-2023 may be either order; only a day above twelve settles it.
        let (first, second): (u32, u32) = (found[1].parse().ok()?, found[2].parse().ok()?);
        return match (first > 12, second > 12) {
            (true, false) => day(&found[3], &found[2], &found[1]).map(Printed::Day),
            (false, true) => day(&found[3], &found[1], &found[2]).map(Printed::Day),
            _ if first == second => day(&found[3], &found[1], &found[2]).map(Printed::Day),
            _ => None,
        };
    }
    None
}

/// Reads a date to the day; a month alone gives `None`.
#[must_use]
pub fn parse_day(text: &str) -> Option<NaiveDate> {
    match parse(text)? {
        Printed::Day(day) => Some(day),
        Printed::Month(_) => None,
    }
}

/// The first and last day of a day's month.
#[must_use]
pub fn month_of(day: NaiveDate) -> Option<Period> {
    Period::month(day.year(), day.month())
}
