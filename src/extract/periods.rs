//! First and last day of a line of use, from what it says of both: in one place, to the second, in another zone.

use std::sync::LazyLock;

use chrono::{NaiveDate, NaiveDateTime, NaiveTime, TimeDelta};
use regex::{Captures, Regex};

use crate::model::{fact::Record, support::COMPUTED, value::Value};

/// A moment as exports write it.
static MOMENT: LazyLock<Option<Regex>> = LazyLock::new(|| {
    Regex::new(
        r"(?<year>20\d{2})[-/.](?<month>\d{1,2})[-/.](?<day>\d{1,2})[T\s]+(?<hour>\d{1,2}):(?<minute>\d{2})(?::(?<second>\d{2})(?:\.\d+)?)?\s*(?<utc>Z|UTC|\+00:?00)?",
    )
    .ok()
});

/// How far the clocks of the applicants are ahead of UTC.
const AHEAD: TimeDelta = TimeDelta::hours(8);

/// Sets a line's first and last day of use.
///
/// A period gives both where the line has none of its own. A moment in UTC is on the day that it was here. A line that
/// ends at midnight, by the clocks here or by those of the provider, ended with the day before: providers write the
/// moment from which on it was no longer used.
pub(super) fn settle(line: &mut Record) {
    split(line);
    let written =
        |name: &str| line.fields.get(name).map_or_else(Vec::new, |fact| moments(&fact.evidence.raw));
    let place = |name: &str| line.fields.get(name).map(|fact| &fact.evidence.anchors);
    let (start, end) = (written("start"), written("end"));
    // Where both stand in one place, both have to be moments.
    let wanted = if place("start") == place("end") { 2 } else { 1 };
    let first = start.first().copied().filter(|_| start.len() == wanted);
    let last = end.last().copied().filter(|_| end.len() == wanted);
    if let Some(moment) = first {
        set(line, "start", moment.here().date());
    }
    if let Some(moment) = last {
        let clocks = [moment.here(), moment.at];
        let midnight = clocks.into_iter().find(|clock| clock.time() == NaiveTime::MIN);
        let ended = midnight.and_then(|clock| clock.date().pred_opt());
        let day = ended.unwrap_or_else(|| moment.here().date());
        // What was used for a moment was used on that day.
        let begun = match line.value("start") {
            Some(Value::Date(begun)) => day.max(*begun),
            _ => day,
        };
        set(line, "end", begun);
    }
}

/// A point of time as it is written.
#[derive(Clone, Copy)]
struct Moment {
    at: NaiveDateTime,
    is_utc: bool,
}

impl Moment {
    /// What the clocks of the applicants said.
    fn here(self) -> NaiveDateTime {
        if self.is_utc { self.at + AHEAD } else { self.at }
    }
}

fn moments(text: &str) -> Vec<Moment> {
    let moment = |found: Captures| {
        let number = |name| found.name(name).and_then(|part| part.as_str().parse::<u32>().ok());
        let year = i32::try_from(number("year")?).ok()?;
        let day = NaiveDate::from_ymd_opt(year, number("month")?, number("day")?)?;
        let at = day.and_hms_opt(number("hour")?, number("minute")?, number("second").unwrap_or(0))?;
        Some(Moment { at, is_utc: found.name("utc").is_some() })
    };
    MOMENT.as_ref().map_or_else(Vec::new, |pattern| pattern.captures_iter(text).filter_map(moment).collect())
}

fn split(line: &mut Record) {
    let Some(fact) = line.fields.get("period") else { return };
    let Some(Value::Period(period)) = fact.value else { return };
    let fact = fact.clone();
    for (name, day) in [("start", period.from), ("end", period.to)] {
        if !matches!(line.value(name), Some(Value::Date(_))) {
            line.fields.insert(name.to_owned(), fact.clone());
            set(line, name, day);
        }
    }
}

/// Sets a day, and what was read of it. Where it is another value than stands in a picture, whoever reads the place
/// again reads that one.
fn set(line: &mut Record, name: &str, day: NaiveDate) {
    let Some(fact) = line.fields.get_mut(name) else { return };
    if fact.value == Some(Value::Date(day)) {
        return;
    }
    if fact.evidence.readings.iter().any(|reading| reading.seen.is_some()) {
        fact.problem.get_or_insert(COMPUTED);
    }
    fact.value = Some(Value::Date(day));
    fact.evidence.readings.iter_mut().for_each(|reading| reading.value.clone_from(&fact.value));
}
