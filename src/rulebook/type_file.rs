//! The files of document types as they are written, before anything in them is understood.

use std::collections::BTreeMap;

use serde::Deserialize;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Type {
    pub(super) title: String,
    pub(super) threshold: f64,
    #[serde(default)]
    pub(super) continues: bool,
    #[serde(default)]
    pub(super) sheets: bool,
    #[serde(default)]
    pub(super) form: bool,
    pub(super) repeats: Option<String>,
    pub(super) identity: Option<String>,
    pub(super) ends: Option<String>,
    pub(super) once: Option<String>,
    #[serde(default)]
    pub(super) stops: Vec<String>,
    #[serde(default)]
    pub(super) custom: Vec<String>,
    #[serde(default, rename = "mark")]
    pub(super) marks: Vec<Mark>,
    #[serde(default, rename = "layout")]
    pub(super) layouts: Vec<Layout>,
    #[serde(default, rename = "field")]
    pub(super) fields: Vec<Field>,
    #[serde(default)]
    pub(super) rows: Vec<Rows>,
    pub(super) key: Option<String>,
    #[serde(default, rename = "payload")]
    pub(super) payloads: Vec<super::payload::Written>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Mark {
    pub(super) pattern: String,
    pub(super) weight: f64,
    pub(super) above: Option<f64>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Layout {
    pub(super) name: String,
    pub(super) when: String,
    #[serde(default)]
    pub(super) lacks: Vec<String>,
    #[serde(default)]
    pub(super) regions: BTreeMap<String, Region>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Field {
    pub(super) name: String,
    pub(super) kind: String,
    #[serde(default)]
    pub(super) labels: Vec<String>,
    #[serde(default)]
    pub(super) patterns: Vec<String>,
    #[serde(default)]
    pub(super) across: Vec<String>,
    #[serde(default)]
    pub(super) in_seals: Vec<String>,
    #[serde(default)]
    pub(super) choices: Vec<(String, String)>,
    pub(super) sum_of: Option<String>,
    pub(super) region: Option<String>,
    pub(super) in_table: Option<String>,
    #[serde(default)]
    pub(super) below: bool,
    #[serde(default)]
    pub(super) wraps: bool,
    pub(super) except: Option<String>,
    #[serde(default)]
    pub(super) last: bool,
    #[serde(default)]
    pub(super) required: bool,
    pub(super) max_gap: Option<f64>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Column {
    pub(super) name: String,
    pub(super) kind: String,
    pub(super) headings: Vec<String>,
    #[serde(default)]
    pub(super) choices: Vec<(String, String)>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Rows {
    pub(super) name: String,
    pub(super) key: String,
    pub(super) least: usize,
    pub(super) stop: Option<String>,
    pub(super) skip: Option<String>,
    pub(super) sums: Option<String>,
    pub(super) group: Option<String>,
    pub(super) heads: Option<String>,
    pub(super) under: Option<String>,
    #[serde(default)]
    pub(super) foots: Vec<(String, String)>,
    #[serde(rename = "column")]
    pub(super) columns: Vec<Column>,
}

impl Rows {
    /// What is named to foot and is not there.
    pub(super) fn cannot_foot(&self, fields: &[Field]) -> Option<String> {
        let (column, field) = self.foots.iter().find(|(column, field)| {
            self.columns.iter().all(|own| own.name != *column) || fields.iter().all(|own| own.name != *field)
        })?;
        Some(format!(
            "`foots` of the list `{}` names the column `{column}` and the field `{field}`, of which one is not there",
            self.name
        ))
    }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Region {
    pub(super) left: Option<f64>,
    pub(super) right: Option<f64>,
    pub(super) above: Option<String>,
    pub(super) below: Option<String>,
}
