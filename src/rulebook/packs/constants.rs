//! Constants of a call: days, periods, amounts, shares, numbers and texts, as they are written.

use std::collections::BTreeMap;

use chrono::NaiveDate;
use rust_decimal::Decimal;
use toml::Spanned;

use crate::model::value::{Money, Period, Value};

use super::{
    super::{
        declared::{Key, Shape},
        expr::closest,
        written::{TermTable, Text},
    },
    place::Place,
};

impl Place<'_> {
    /// A constant; what is none is said.
    pub(super) fn constant(&mut self, name: &Text, value: &Spanned<toml::Value>) -> Option<Value> {
        match constant(value.get_ref()) {
            Ok(value) => Some(value),
            Err(why) => {
                self.say_of(value, format!("`{}` {why}", name.get_ref()));
                None
            }
        }
    }

    /// The days on which a call is in force, both ends included.
    pub(super) fn term(&mut self, table: &TermTable) -> Option<Period> {
        let (from, to) = (self.day(&table.from)?, self.day(&table.to)?);
        let term = Period::new(from, to);
        if term.is_none() {
            self.say(&table.to, format!("in force until {to}, before it begins on {from}"));
        }
        term
    }

    /// The keys of the declaration that only this call has.
    pub(super) fn keys(&mut self, keys: &BTreeMap<Text, Text>) -> Vec<Key> {
        let mut found = Vec::new();
        for (path, shape) in keys {
            let plain = |part: &str| {
                part.starts_with(|c: char| c.is_ascii_lowercase())
                    && part.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_')
            };
            if !path.get_ref().split('.').all(plain) {
                self.say(path, format!("`{}` is no path of names between dots", path.get_ref()));
            }
            let Some(own) = Shape::named(shape.get_ref()) else {
                let like = closest(shape.get_ref(), Shape::NAMES.iter().map(|(name, _)| *name));
                self.say(shape, format!("no kind `{}`{like}", shape.get_ref()));
                continue;
            };
            found.push(Key { path: path.get_ref().clone(), shape: own });
        }
        found
    }
}

const WANTED: &str =
    "is no date, period, text, whole number, { yuan = \"…\" } or { share = \"…\" } between 0 and 1";

/// A value as a pack writes it, or why it is none.
pub(super) fn constant(value: &toml::Value) -> Result<Value, String> {
    match value {
        toml::Value::String(text) => match text.parse::<NaiveDate>() {
            Ok(day) => Ok(Value::Date(day)),
            Err(_) if looks_like_a_day(text) => Err(format!("is `{text}`, which is no day of the calendar")),
            Err(_) => Ok(Value::Text(text.clone())),
        },
        toml::Value::Integer(number) => Ok(Value::Number(Decimal::from(*number))),
        toml::Value::Boolean(value) => Ok(Value::Bool(*value)),
        toml::Value::Table(table) => in_table(table),
        _ => Err(WANTED.to_owned()),
    }
}

fn in_table(table: &toml::Table) -> Result<Value, String> {
    let text = |key: &str| table.get(key).and_then(toml::Value::as_str);
    let wanted = || WANTED.to_owned();
    let day = |key: &str| {
        let text = text(key).ok_or_else(wanted)?;
        text.parse::<NaiveDate>().map_err(|_| format!("has `{text}`, which is no day of the calendar"))
    };
    let keys: Vec<&str> = table.keys().map(String::as_str).collect();
    match keys.as_slice() {
        ["yuan"] => {
            let amount = text("yuan").and_then(|text| text.parse().ok()).ok_or_else(wanted)?;
            Ok(Value::Money(Money::yuan(amount)))
        }
        ["share"] => {
            let share: Option<Decimal> = text("share").and_then(|text| text.parse().ok());
            let share = share.filter(|share| (Decimal::ZERO..=Decimal::ONE).contains(share));
            share.map(Value::Number).ok_or_else(wanted)
        }
        ["from", "to"] => {
            let (from, to) = (day("from")?, day("to")?);
            let period = Period::new(from, to).map(Value::Period);
            period.ok_or_else(|| format!("ends on {to}, before it begins on {from}"))
        }
        _ => Err(wanted()),
    }
}

/// Figures for a year, a month and a day, whatever stands between them.
fn looks_like_a_day(text: &str) -> bool {
    let text = text.trim().trim_end_matches('日');
    let parts: Vec<&str> = text.split(['-', '/', '.', '年', '月']).map(str::trim).collect();
    let of = |part: &str, most: usize| {
        (1..=most).contains(&part.len()) && part.bytes().all(|byte| byte.is_ascii_digit())
    };
    matches!(parts.as_slice(), [year, month, day] if year.len() == 4 && of(year, 4) && of(month, 2) && of(day, 2))
}
