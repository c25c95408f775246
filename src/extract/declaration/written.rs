//! A declaration as the JSON that says the same.

use serde::{Serialize, Serializer, ser::SerializeMap};

use super::KEYS;
use crate::{
    model::{
        fact::{Fact, Record},
        value::{Money, Value},
    },
    rulebook::declared::Shape,
};

/// The schema that is written.
const SCHEMA: &str = "heyan.declaration/1";

/// JSON whose keys stand in the order of the schema, as people read it.
enum Node {
    Null,
    Bool(bool),
    Text(String),
    Number(serde_json::Number),
    List(Vec<Node>),
    Object(Vec<(&'static str, Node)>),
}

impl Serialize for Node {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::Null => to.serialize_unit(),
            Self::Bool(truth) => to.serialize_bool(*truth),
            Self::Text(text) => to.serialize_str(text),
            Self::Number(number) => number.serialize(to),
            Self::List(nodes) => to.collect_seq(nodes),
            Self::Object(entries) => {
                let mut map = to.serialize_map(Some(entries.len()))?;
                for (name, node) in entries {
                    map.serialize_entry(name, node)?;
                }
                map.end()
            }
        }
    }
}

/// The `declaration.json` that a record amounts to. What stands in the form and could not be read is `null`.
///
/// # Errors
///
/// None that a record could cause; what the writer of JSON may say is passed on.
pub fn to_json(record: &Record) -> serde_json::Result<String> {
    let Node::Object(mut entries) = object(record, "") else { return Ok(String::new()) };
    entries.retain(|(name, _)| *name != "schema");
    entries.insert(0, ("schema", Node::Text(SCHEMA.to_owned())));
    serde_json::to_string_pretty(&Node::Object(entries))
}

fn object(record: &Record, prefix: &str) -> Node {
    let mut entries: Vec<(&'static str, Node)> = Vec::new();
    for (key, shape) in KEYS {
        let Some(rest) = key.strip_prefix(prefix) else { continue };
        let (name, is_leaf) = rest.split_once('.').map_or((rest, true), |(name, _)| (name, false));
        if entries.iter().any(|(known, _)| *known == name) {
            continue;
        }
        let node = if !is_leaf {
            inner(record, name, &format!("{prefix}{name}."))
        } else if *shape == Shape::Texts {
            record.rows.get(name).map(|rows| Node::List(rows.iter().filter_map(text).collect()))
        } else {
            record.fields.get(name).map(|fact| leaf(*shape, fact))
        };
        entries.extend(node.map(|node| (name, node)));
    }
    Node::Object(entries)
}

fn inner(record: &Record, name: &str, prefix: &str) -> Option<Node> {
    if let Some(rows) = record.rows.get(name) {
        return Some(Node::List(rows.iter().map(|row| object(row, prefix)).collect()));
    }
    record.groups.get(name).map(|group| object(group, prefix))
}

fn text(row: &Record) -> Option<Node> {
    row.text("value").map(|text| Node::Text(text.to_owned()))
}

fn leaf(shape: Shape, fact: &Fact) -> Node {
    match (&fact.value, shape) {
        (None, _) => Node::Null,
        (Some(Value::Money(money)), Shape::Amount) => {
            let (value, unit) = in_unit(money);
            Node::Object(vec![("value", Node::Text(value)), ("unit", Node::Text(unit.to_owned()))])
        }
        (Some(Value::Bool(truth)), _) => Node::Bool(*truth),
        (Some(Value::Number(number)), _) => {
            number.to_string().parse().map_or_else(|_| Node::Text(number.to_string()), Node::Number)
        }
        (Some(value), _) => Node::Text(value.wire()),
    }
}

/// An amount in the unit that keeps how precisely it was written.
fn in_unit(money: &Money) -> (String, &'static str) {
    let (unit, power): (_, i32) = match money.last_digit {
        ..=0 => ("元", 0),
        1..=4 => ("万元", 4),
        _ => ("亿元", 8),
    };
    let scale = u32::try_from(power - money.last_digit).unwrap_or(0);
    let mut value = money.yuan / rust_decimal::Decimal::from(10_u64.pow(power.unsigned_abs()));
    value.rescale(scale);
    (value.to_string(), unit)
}
