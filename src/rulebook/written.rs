//! The files of a pack as they are written, before anything in them is understood.

use std::collections::BTreeMap;

use serde::Deserialize;
use toml::Spanned;

pub(super) type Text = Spanned<String>;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct PackFile {
    pub(super) id: String,
    pub(super) version: String,
    pub(super) title: String,
    pub(super) categories: Vec<String>,
    pub(super) config: BTreeMap<String, toml::Value>,
    pub(super) declaration: Fields,
    pub(super) documents: BTreeMap<String, Vec<String>>,
    #[serde(default)]
    pub(super) totals: BTreeMap<String, Text>,
    #[serde(default)]
    pub(super) identity: Vec<IdentityTable>,
    #[serde(default)]
    pub(super) clause: Vec<ClauseTable>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Fields {
    pub(super) fields: Vec<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct IdentityTable {
    pub(super) of: Text,
    #[serde(rename = "as")]
    pub(super) kind: Option<String>,
    #[serde(default)]
    pub(super) by: Vec<Text>,
    #[serde(default)]
    pub(super) alike: bool,
    pub(super) length: Option<usize>,
    #[serde(default)]
    pub(super) shows: Vec<Text>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct RulesFile {
    #[serde(default)]
    pub(super) rule: Vec<Spanned<RuleTable>>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct RuleTable {
    pub(super) id: Text,
    pub(super) code: String,
    pub(super) clause: Text,
    pub(super) quote: Option<Text>,
    #[serde(default)]
    pub(super) applies_to: Vec<Text>,
    pub(super) severity: Text,
    #[serde(default)]
    pub(super) judgement: bool,
    #[serde(default)]
    pub(super) about_readings: bool,
    pub(super) each: Option<EachTable>,
    #[serde(default)]
    pub(super) readings: BTreeMap<String, BTreeMap<String, Text>>,
    #[serde(default, rename = "let")]
    pub(super) lets: BTreeMap<String, Text>,
    #[serde(default)]
    pub(super) when: Vec<WhenTable>,
    pub(super) require: Option<Text>,
    #[serde(default)]
    pub(super) reason: String,
    #[serde(default)]
    pub(super) note: Vec<NoteTable>,
    pub(super) declared: Option<Text>,
    pub(super) found: Option<Text>,
    pub(super) explanation: Option<Text>,
    pub(super) message: Option<MessageTable>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct ClauseTable {
    pub(super) number: Text,
    pub(super) text: Text,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct EachTable {
    #[serde(rename = "in")]
    pub(super) list: Text,
    #[serde(rename = "as")]
    pub(super) name: String,
    pub(super) combine: Text,
    #[serde(default)]
    pub(super) may_be_empty: bool,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct WhenTable {
    #[serde(rename = "if")]
    pub(super) condition: Text,
    pub(super) outcome: Text,
    pub(super) reason: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct NoteTable {
    #[serde(rename = "if")]
    pub(super) condition: Text,
    pub(super) note: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct MessageTable {
    pub(super) zh: Text,
    pub(super) en: Text,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct TestsFile {
    #[serde(default)]
    pub(super) test: Vec<Spanned<TestTable>>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct TestTable {
    pub(super) rule: Text,
    pub(super) name: String,
    pub(super) expect: Text,
    #[serde(default)]
    pub(super) reason: Option<String>,
    #[serde(default)]
    pub(super) notes: Vec<String>,
    #[serde(default)]
    pub(super) explanation: Option<Vec<String>>,
    #[serde(default)]
    pub(super) declaration: toml::Table,
    #[serde(default)]
    pub(super) papers: Vec<toml::Table>,
    #[serde(default)]
    pub(super) not_understood: Vec<String>,
    #[serde(default)]
    pub(super) elsewhere: Vec<toml::Table>,
}
