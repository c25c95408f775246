//! How the fields of a document type stand in structured data: the `[[payload]]` sections of its file.

use std::{collections::BTreeMap, fmt};

use regex::Regex;
use serde::Deserialize;

use super::types::TypeError;
use crate::model::value::code::crc16;

/// Where the fields of a type stand in one family of structured data.
#[derive(Debug)]
pub struct PayloadSpec {
    /// The family, [`crate::model::payload::Payload::kind`].
    pub kind: String,
    /// How readings out of it are called.
    pub by: &'static str,
    /// Whether such data is a document even where no page shows it.
    pub alone: bool,
    /// For data that is one text, such as a QR code's: what it looks like as a whole, its parts named.
    pub pattern: Option<Regex>,
    /// How the part `checksum` of such a text is computed from what stands before it.
    pub checksum: Option<Checksum>,
    /// Paths by field, the first that has a value counts.
    pub fields: BTreeMap<String, Vec<String>>,
    /// For fields of a closed list: path, what to find there, and the value it means.
    pub choices: BTreeMap<String, Vec<(String, Regex, String)>>,
    /// Lists by name.
    pub rows: BTreeMap<String, PayloadRows>,
}

/// A checksum over the beginning of a text.
#[derive(Clone, Copy)]
pub struct Checksum {
    /// Its name in the rulebook.
    pub name: &'static str,
    /// Whether the second text is the checksum of the first.
    pub holds: fn(&str, &str) -> bool,
}

/// By its name: where the function lies differs from run to run, and runs are found by what rules say.
impl fmt::Debug for Checksum {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name)
    }
}

/// All checksums.
pub const CHECKSUMS: &[Checksum] = &[Checksum {
    name: "crc16",
    // Some makers leave out the comma before the checksum.
    holds: |before, stated| {
        let of = |text: &str| format!("{:04X}", crc16(text.as_bytes()));
        let stated = stated.to_uppercase();
        of(before) == stated || before.strip_suffix(',').is_some_and(|bare| of(bare) == stated)
    },
}];

/// A list in structured data.
#[derive(Debug)]
pub struct PayloadRows {
    /// The path that repeats.
    pub each: String,
    /// Paths by column, below that.
    pub columns: BTreeMap<String, String>,
}

/// How readings out of structured data may be called.
const READERS_OF_DATA: &[&str] = &["xml", "xbrl", "tag", "data", "qr"];

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Written {
    kind: String,
    by: String,
    #[serde(default)]
    alone: bool,
    pattern: Option<String>,
    checksum: Option<String>,
    #[serde(default)]
    fields: BTreeMap<String, Vec<String>>,
    #[serde(default)]
    choices: BTreeMap<String, Vec<(String, String, String)>>,
    #[serde(default)]
    rows: BTreeMap<String, WrittenRows>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct WrittenRows {
    each: String,
    columns: BTreeMap<String, String>,
}

/// The families of a type, in the order of its file.
pub(super) fn loaded(id: &str, raw: Vec<Written>) -> Result<Vec<PayloadSpec>, TypeError> {
    let unknown = |field: &str, kind: &str| TypeError::Kind {
        file: id.to_owned(),
        field: field.to_owned(),
        kind: kind.to_owned(),
    };
    let compiled = |pattern: String| {
        Regex::new(&pattern).map_err(|source| TypeError::Pattern {
            file: id.to_owned(),
            pattern,
            source: Box::new(source),
        })
    };
    let mut payloads = Vec::new();
    for one in raw {
        let by = READERS_OF_DATA.iter().find(|name| **name == one.by);
        let by = *by.ok_or_else(|| unknown(&one.kind, &one.by))?;
        let checksum = match &one.checksum {
            Some(name) => {
                let known = CHECKSUMS.iter().find(|checksum| checksum.name == name);
                Some(*known.ok_or_else(|| unknown(&one.kind, name))?)
            }
            None => None,
        };
        let mut choices = BTreeMap::new();
        for (field, list) in one.choices {
            let rows = list.into_iter().map(|(path, find, value)| Ok((path, compiled(find)?, value)));
            choices.insert(field, rows.collect::<Result<Vec<_>, TypeError>>()?);
        }
        let rows = one
            .rows
            .into_iter()
            .map(|(name, list)| (name, PayloadRows { each: list.each, columns: list.columns }))
            .collect();
        payloads.push(PayloadSpec {
            kind: one.kind,
            by,
            alone: one.alone,
            pattern: one.pattern.map(compiled).transpose()?,
            checksum,
            fields: one.fields,
            choices,
            rows,
        });
    }
    Ok(payloads)
}
