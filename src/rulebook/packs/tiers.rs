//! Tiers: tables whose row depends on where a value lies. Rows follow each other without gap or overlap.

use std::{cmp::Ordering, collections::BTreeMap, fmt};

use rust_decimal::Decimal;
use toml::Spanned;

use crate::model::value::Value;

use super::{super::written::TierTable, constants::constant, place::Place};

/// A table of tiers.
#[derive(Clone, Debug, PartialEq)]
pub struct Tiers {
    /// Its name.
    pub name: String,
    /// Its rows, lowest first.
    pub rows: Vec<Row>,
}

/// A row of a table of tiers.
#[derive(Clone, Debug, PartialEq)]
pub struct Row {
    /// Where it begins; `None` for everything below its upper end.
    pub lower: Option<Bound>,
    /// Where it ends; `None` for everything above its lower end.
    pub upper: Option<Bound>,
    /// What holds there.
    pub gives: BTreeMap<String, Value>,
}

/// An end of a row.
#[derive(Clone, Debug, PartialEq)]
pub struct Bound {
    /// Where.
    pub at: Value,
    /// Whether the place itself belongs to the row.
    pub included: bool,
}

impl Tiers {
    /// The row a value lies in; `None` outside the table, or for a value of another kind.
    #[must_use]
    pub fn row(&self, value: &Value) -> Option<&Row> {
        let above = |bound: &Bound| match compared(value, &bound.at) {
            Some(Ordering::Equal) => bound.included,
            Some(order) => order == Ordering::Greater,
            None => false,
        };
        let below = |bound: &Bound| match compared(value, &bound.at) {
            Some(Ordering::Equal) => bound.included,
            Some(order) => order == Ordering::Less,
            None => false,
        };
        self.rows
            .iter()
            .find(|row| row.lower.as_ref().is_none_or(above) && row.upper.as_ref().is_none_or(below))
    }
}

impl fmt::Display for Row {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let said = |bound: &Option<Bound>, words: [&str; 2]| {
            bound.as_ref().map(|one| format!("{} {}", words[usize::from(one.included)], one.at.wire()))
        };
        let ends = [said(&self.lower, ["above", "from"]), said(&self.upper, ["below", "to"])];
        write!(f, "{}", ends.into_iter().flatten().collect::<Vec<_>>().join(" "))
    }
}

/// The order of two values of one kind; a whole number is an amount of so many yuan.
fn compared(a: &Value, b: &Value) -> Option<Ordering> {
    let number = |value: &Value| match value {
        Value::Money(money) => Some(money.yuan),
        Value::Number(number) => Some(*number),
        _ => None,
    };
    match (a, b) {
        (Value::Date(a), Value::Date(b)) => Some(a.cmp(b)),
        _ => Some(number(a)?.cmp(&number(b)?)),
    }
}

/// What kind of end a value makes.
fn kind(value: &Value) -> Option<&'static str> {
    match value {
        Value::Money(_) => Some("amount"),
        Value::Number(number) if number.fract().is_zero() => Some("whole number"),
        Value::Date(_) => Some("day"),
        _ => None,
    }
}

/// How two rows meet: `Equal` where the second begins where the first ends, `Less` where something
/// lies between them, `Greater` where both hold.
fn meeting(upper: &Bound, lower: &Bound) -> Option<Ordering> {
    match compared(&upper.at, &lower.at)? {
        Ordering::Equal => Some(match (upper.included, lower.included) {
            (true, true) => Ordering::Greater,
            (false, false) => Ordering::Less,
            _ => Ordering::Equal,
        }),
        // Between two days or two whole numbers there may be nothing.
        Ordering::Less if upper.included && lower.included => {
            let next = match (&upper.at, &lower.at) {
                (Value::Date(a), Value::Date(b)) => a.succ_opt() == Some(*b),
                (Value::Number(a), Value::Number(b)) => a + Decimal::ONE == *b,
                _ => false,
            };
            Some(if next { Ordering::Equal } else { Ordering::Less })
        }
        other => Some(other),
    }
}

impl Place<'_> {
    /// All tables, each from its rows in their order.
    pub(super) fn tiers(&mut self, tables: &[Spanned<TierTable>]) -> Vec<Tiers> {
        let mut all: Vec<(Tiers, Vec<usize>)> = Vec::new();
        for table in tables {
            let at = table.span().start;
            let Some(row) = self.row(table.get_ref(), at) else { continue };
            let name = table.get_ref().table.get_ref();
            match all.iter_mut().find(|(known, _)| known.name == *name) {
                Some((known, places)) => {
                    known.rows.push(row);
                    places.push(at);
                }
                None => all.push((Tiers { name: name.clone(), rows: vec![row] }, vec![at])),
            }
        }
        for (table, places) in &all {
            for (at, (pair, place)) in table.rows.windows(2).zip(places.iter().skip(1)).enumerate() {
                if let [first, second] = pair
                    && let Some(trouble) = trouble(first, second)
                {
                    let (name, number) = (&table.name, at + 1);
                    let message = format!(
                        "rows {number} ({first}) and {} ({second}) of the tiers `{name}` {trouble}",
                        number + 1
                    );
                    self.say_at(*place, message);
                }
            }
        }
        all.into_iter().map(|(table, _)| table).collect()
    }

    fn row(&mut self, table: &TierTable, at: usize) -> Option<Row> {
        let name = table.table.get_ref();
        let lower = self.bound(name, at, ("from", &table.from), ("above", &table.above))?;
        let upper = self.bound(name, at, ("to", &table.to), ("below", &table.below))?;
        if lower.is_none() && upper.is_none() {
            self.say_at(at, format!("a row of the tiers `{name}` that begins and ends nowhere"));
            return None;
        }
        let mut gives = BTreeMap::new();
        for (name, value) in &table.gives {
            gives.insert(name.get_ref().clone(), self.constant(name, value)?);
        }
        let row = Row { lower, upper, gives };
        if let (Some(lower), Some(upper)) = (&row.lower, &row.upper) {
            if kind(&lower.at) != kind(&upper.at) {
                self.say_at(at, format!("a row of the tiers `{name}` from one kind of value to another"));
                return None;
            }
            let order = compared(&lower.at, &upper.at);
            let holds = order == Some(Ordering::Less)
                || (order == Some(Ordering::Equal) && lower.included && upper.included);
            if !holds {
                self.say_at(at, format!("nothing lies in the row ({row}) of the tiers `{name}`"));
                return None;
            }
        }
        Some(row)
    }

    /// An end of a row, which at most one of two keys may say; `Some(None)` where none does.
    #[expect(clippy::option_option, reason = "no end, and a wrong end")]
    fn bound(
        &mut self,
        name: &str,
        at: usize,
        included: (&str, &Option<Spanned<toml::Value>>),
        excluded: (&str, &Option<Spanned<toml::Value>>),
    ) -> Option<Option<Bound>> {
        let (value, is_included) = match (included.1, excluded.1) {
            (None, None) => return Some(None),
            (Some(_), Some(_)) => {
                let (one, other) = (included.0, excluded.0);
                self.say_at(at, format!("a row of the tiers `{name}` has both `{one}` and `{other}`"));
                return None;
            }
            (Some(value), None) => (value, true),
            (None, Some(value)) => (value, false),
        };
        match constant(value.get_ref()) {
            Ok(found) if kind(&found).is_some() => Some(Some(Bound { at: found, included: is_included })),
            Ok(_) => {
                self.say_of(value, "tiers end at an amount, a whole number or a day".to_owned());
                None
            }
            Err(why) => {
                self.say_of(value, format!("this end {why}"));
                None
            }
        }
    }
}

/// What is wrong between two rows that follow each other.
fn trouble(first: &Row, second: &Row) -> Option<String> {
    let (Some(upper), Some(lower)) = (&first.upper, &second.lower) else {
        return Some(
            "have no end between them; only the first may begin, and the last end, nowhere".to_owned(),
        );
    };
    if kind(&upper.at) != kind(&lower.at) {
        return Some("are of different kinds".to_owned());
    }
    let kinds = |row: &Row| -> Vec<(String, std::mem::Discriminant<Value>)> {
        row.gives.iter().map(|(name, value)| (name.clone(), std::mem::discriminant(value))).collect()
    };
    if kinds(first) != kinds(second) {
        return Some("do not give the same kinds of things".to_owned());
    }
    match meeting(upper, lower)? {
        Ordering::Equal => None,
        Ordering::Less => Some("leave a gap between them".to_owned()),
        Ordering::Greater => Some("overlap".to_owned()),
    }
}
