//! The files of a pack as they are written, before anything in them is understood.

use std::collections::BTreeMap;

use serde::Deserialize;
use toml::Spanned;

use crate::model::finding::Message;

pub(super) type Text = Spanned<String>;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct PackFile {
    pub(super) id: Text,
    pub(super) version: Text,
    pub(super) title: String,
    pub(super) issued_on: Text,
    pub(super) in_force: TermTable,
    pub(super) categories: Vec<String>,
    pub(super) config: BTreeMap<Text, Spanned<toml::Value>>,
    pub(super) declaration: Fields,
    pub(super) documents: BTreeMap<String, Vec<String>>,
    #[serde(default)]
    pub(super) totals: BTreeMap<String, Text>,
    #[serde(default)]
    pub(super) identity: Vec<IdentityTable>,
    #[serde(default)]
    pub(super) tier: Vec<Spanned<TierTable>>,
    #[serde(default)]
    pub(super) cost: Vec<CostTable>,
    #[serde(default)]
    pub(super) reasons: BTreeMap<Text, MessageTable>,
    #[serde(default)]
    pub(super) joining: Vec<String>,
    #[serde(default)]
    pub(super) clause: Vec<ClauseTable>,
    #[serde(default)]
    pub(super) aside: Vec<AsideTable>,
    #[serde(default)]
    pub(super) not_checked: Vec<UncheckedTable>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct TermTable {
    pub(super) from: Text,
    pub(super) to: Text,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct TierTable {
    pub(super) table: Text,
    pub(super) from: Option<Spanned<toml::Value>>,
    pub(super) above: Option<Spanned<toml::Value>>,
    pub(super) to: Option<Spanned<toml::Value>>,
    pub(super) below: Option<Spanned<toml::Value>>,
    pub(super) gives: BTreeMap<Text, Spanned<toml::Value>>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct UncheckedTable {
    pub(super) without: Option<Text>,
    pub(super) zh: Text,
    pub(super) en: Text,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct CostTable {
    pub(super) declared: Text,
    pub(super) audited: Text,
    pub(super) words: Vec<Text>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct AsideTable {
    pub(super) clause: Text,
    pub(super) quote: Option<Text>,
    pub(super) why: MessageTable,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Fields {
    #[serde(default)]
    pub(super) fields: Vec<String>,
    #[serde(default)]
    pub(super) keys: BTreeMap<Text, Text>,
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
    pub(super) code: Text,
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
    pub(super) reason: Option<Text>,
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
    pub(super) reason: Text,
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

impl MessageTable {
    pub(super) fn message(&self) -> Message {
        Message { zh: self.zh.get_ref().clone(), en: self.en.get_ref().clone() }
    }
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
    pub(super) config: BTreeMap<Text, Spanned<toml::Value>>,
    #[serde(default)]
    pub(super) declaration: toml::Table,
    #[serde(default)]
    pub(super) papers: Vec<toml::Table>,
    #[serde(default)]
    pub(super) not_understood: Vec<String>,
    #[serde(default)]
    pub(super) elsewhere: Vec<toml::Table>,
}
