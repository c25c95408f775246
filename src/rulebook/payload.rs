//! How the fields of a document type stand in structured data: the `[[payload]]` sections of its file.

use std::collections::BTreeMap;

use regex::Regex;
use serde::Deserialize;

use super::types::TypeError;

/// Where the fields of a type stand in one family of structured data.
#[derive(Debug)]
pub struct PayloadSpec {
    /// The family, [`crate::model::payload::Payload::kind`].
    pub kind: String,
    /// How readings out of it are called.
    pub by: &'static str,
    /// Whether such data is a document even where no page shows it.
    pub alone: bool,
    /// Paths by field, the first that has a value counts.
    pub fields: BTreeMap<String, Vec<String>>,
    /// For fields of a closed list: path, what to find there, and the value it means.
    pub choices: BTreeMap<String, Vec<(String, Regex, String)>>,
    /// Lists by name.
    pub rows: BTreeMap<String, PayloadRows>,
}

/// A list in structured data.
#[derive(Debug)]
pub struct PayloadRows {
    /// The path that repeats.
    pub each: String,
    /// Paths by column, below that.
    pub columns: BTreeMap<String, String>,
}

/// How readings out of structured data may be called.
const READERS_OF_DATA: &[&str] = &["xml", "xbrl", "tag", "data"];

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Written {
    kind: String,
    by: String,
    #[serde(default)]
    alone: bool,
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
    let mut payloads = Vec::new();
    for one in raw {
        let by = READERS_OF_DATA.iter().find(|name| **name == one.by);
        let by = *by.ok_or_else(|| unknown(&one.kind, &one.by))?;
        let mut choices = BTreeMap::new();
        for (field, list) in one.choices {
            let mut compiled = Vec::new();
            for (path, find, value) in list {
                let pattern = Regex::new(&find).map_err(|source| TypeError::Pattern {
                    file: id.to_owned(),
                    pattern: find,
                    source: Box::new(source),
                })?;
                compiled.push((path, pattern, value));
            }
            choices.insert(field, compiled);
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
            fields: one.fields,
            choices,
            rows,
        });
    }
    Ok(payloads)
}
