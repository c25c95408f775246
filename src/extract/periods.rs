//! First and last day of a line that says both in one place.

use crate::model::{fact::Record, value::Value};

/// A period gives a line's start and end where it has none of its own, each read where the period stands.
pub(super) fn split(line: &mut Record) {
    let Some(fact) = line.fields.get("period") else { return };
    let Some(Value::Period(period)) = fact.value else { return };
    let fact = fact.clone();
    for (name, day) in [("start", period.from), ("end", period.to)] {
        if matches!(line.value(name), Some(Value::Date(_))) {
            continue;
        }
        let mut own = fact.clone();
        own.value = Some(Value::Date(day));
        own.evidence.readings.iter_mut().for_each(|reading| reading.value.clone_from(&own.value));
        line.fields.insert(name.to_owned(), own);
    }
}
