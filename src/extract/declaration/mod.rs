//! What the applicant declared, as facts: `heyan.declaration/1`.
//!
//! Unknown keys are read past with a warning; a wrong type or an impossible date names the key, what
//! was found and what was wanted. A form that was filled in ([`from_form`]) gives the same facts.

mod filled;
mod written;

use rust_decimal::Decimal;
use serde_json::Value as Json;

use crate::{
    model::{
        anchor::Anchor,
        fact::{Evidence, Fact, FactId, Method, Reading, Record},
        problem::Problem,
        value::{Money, Value, date, money},
    },
    rulebook::declared::{Key, Shape},
};

pub use filled::from_form;
pub use written::to_json;

/// Every key, by path without list indices.
const KEYS: &[(&str, Shape)] = &[
    ("schema", Shape::Text),
    ("case_id", Shape::Text),
    ("category", Shape::Text),
    ("submitted_on", Shape::Date),
    ("city", Shape::Text),
    ("county", Shape::Text),
    ("applicant.name", Shape::Text),
    ("applicant.uscc", Shape::Code),
    ("applicant.former_names", Shape::Texts),
    ("applicant.established_on", Shape::Date),
    ("applicant.registered_capital", Shape::Amount),
    ("applicant.domicile", Shape::Text),
    ("applicant.legal_representative", Shape::Text),
    ("applicant.entity_type", Shape::Text),
    ("applicant.industry_code", Shape::Text),
    ("applicant.employees", Shape::Number),
    ("applicant.revenue.year", Shape::Number),
    ("applicant.revenue.amount", Shape::Amount),
    ("applicant.contact.name", Shape::Text),
    ("applicant.contact.phone", Shape::Text),
    ("applicant.clusters", Shape::Texts),
    ("applicant.chain_531.name", Shape::Text),
    ("applicant.chain_531.tier", Shape::Text),
    ("previous_recognition.title", Shape::Text),
    ("previous_recognition.level", Shape::Text),
    ("previous_recognition.year", Shape::Number),
    ("previous_recognition.document_no", Shape::Text),
    ("previous_recognition.evidence", Shape::Texts),
    ("attachments.id", Shape::Text),
    ("attachments.kind", Shape::Text),
    ("attachments.path", Shape::Text),
    ("attachments.sha256", Shape::Text),
    ("project.name", Shape::Text),
    ("project.status", Shape::Text),
    ("project.started_on", Shape::Date),
    ("project.completed_on", Shape::Date),
    ("project.summary", Shape::Text),
    ("platform.type", Shape::Text),
    ("platform.direction", Shape::Text),
    ("platform.is_upgrade", Shape::Bool),
    ("platform.platform_name", Shape::Text),
    ("platform.online_since", Shape::Date),
    ("platform.devices_connected", Shape::Number),
    ("platform.enterprises_served", Shape::Number),
    ("benchmark_factory.capabilities.basic", Shape::Texts),
    ("benchmark_factory.capabilities.manufacturing", Shape::Texts),
    ("benchmark_factory.capabilities.benchmark", Shape::Texts),
    ("benchmark_factory.capabilities.model", Shape::Texts),
    ("benchmark_factory.investment.period.from", Shape::Date),
    ("benchmark_factory.investment.period.to", Shape::Date),
    ("benchmark_factory.investment.tax_basis", Shape::Text),
    ("benchmark_factory.investment.platform_system_development", Shape::Amount),
    ("benchmark_factory.investment.smart_equipment_terminals", Shape::Amount),
    ("benchmark_factory.investment.testing_consulting", Shape::Amount),
    ("benchmark_factory.investment.other", Shape::Amount),
    ("benchmark_factory.investment.total", Shape::Amount),
    ("benchmark_factory.audit_report.firm", Shape::Text),
    ("benchmark_factory.audit_report.report_no", Shape::Text),
    ("benchmark_factory.audit_report.issued_on", Shape::Date),
    ("benchmark_factory.audit_report.total", Shape::Amount),
    ("benchmark_factory.invoices.seq", Shape::Number),
    ("benchmark_factory.invoices.kind", Shape::Text),
    ("benchmark_factory.invoices.code", Shape::Code),
    ("benchmark_factory.invoices.number", Shape::Code),
    ("benchmark_factory.invoices.issued_on", Shape::Date),
    ("benchmark_factory.invoices.seller", Shape::Text),
    ("benchmark_factory.invoices.seller_tax_id", Shape::Code),
    ("benchmark_factory.invoices.item", Shape::Text),
    ("benchmark_factory.invoices.net", Shape::Yuan),
    ("benchmark_factory.invoices.tax", Shape::Yuan),
    ("benchmark_factory.invoices.gross", Shape::Yuan),
    ("benchmark_factory.invoices.cost_category", Shape::Text),
    ("benchmark_factory.invoices.file", Shape::Text),
    ("benchmark_factory.certificates.kind", Shape::Text),
    ("benchmark_factory.certificates.number", Shape::Code),
    ("benchmark_factory.certificates.holder", Shape::Text),
    ("benchmark_factory.certificates.grade", Shape::Text),
    ("benchmark_factory.certificates.issued_on", Shape::Date),
    ("benchmark_factory.certificates.valid_until", Shape::Date),
    ("benchmark_factory.certificates.pending", Shape::Bool),
    ("benchmark_factory.certificates.file", Shape::Text),
    ("star_cloud.level_applied", Shape::Number),
    ("star_cloud.level_held", Shape::Number),
    ("star_cloud.deployment", Shape::Text),
    ("star_cloud.services.seq", Shape::Number),
    ("star_cloud.services.name", Shape::Text),
    ("star_cloud.services.type", Shape::Text),
    ("star_cloud.services.provider", Shape::Text),
    ("star_cloud.services.account_id", Shape::Code),
    ("star_cloud.services.start", Shape::Date),
    ("star_cloud.services.end", Shape::Date),
    ("star_cloud.services.still_in_use", Shape::Bool),
    ("star_cloud.services.contract_no", Shape::Text),
    ("star_cloud.services.amount_paid", Shape::Amount),
    ("star_cloud.services.payments.paid_on", Shape::Date),
    ("star_cloud.services.payments.amount", Shape::Yuan),
    ("star_cloud.services.payments.receipt", Shape::Text),
    ("star_cloud.services.payments.invoice", Shape::Text),
    ("star_cloud.total_paid", Shape::Amount),
];

/// The keys that are looked for: those of every declaration, and those that only the call has.
#[derive(Clone, Copy)]
struct Keys<'k>(&'k [Key]);

impl Keys<'_> {
    /// What a key holds; `None` for what is no key, or has keys below it.
    fn shape(self, path: &str) -> Option<Shape> {
        let own = self.0.iter().find(|key| key.path == path).map(|key| key.shape);
        own.or_else(|| KEYS.iter().find(|(known, _)| *known == path).map(|(_, shape)| *shape))
    }

    /// Whether there are keys below a path.
    fn go_on(self, path: &str) -> bool {
        let below = |key: &str| key.strip_prefix(path).is_some_and(|rest| rest.starts_with('.'));
        self.0.iter().any(|key| below(&key.path)) || KEYS.iter().any(|(key, _)| below(key))
    }
}

/// Reads a declaration with the keys that its call has of its own; what cannot be read is a problem, and
/// the rest still counts.
#[must_use]
pub fn declaration(file: &str, bytes: &[u8], own: &[Key]) -> (Record, Vec<Problem>) {
    let keys = Keys(own);
    let mut problems = Vec::new();
    let mut record = Record::default();
    let text = String::from_utf8_lossy(bytes);
    let text = text.trim_start_matches('\u{feff}');
    match serde_json::from_str::<Json>(text) {
        Ok(json @ Json::Object(_)) => object(file, &json, ("", ""), keys, &mut record, &mut problems),
        Ok(other) => problems.push(
            Problem::new(
                "declaration-not-an-object",
                format!("申报数据应是一个 JSON 对象，实际是{}", found(&other)),
                format!("the declaration should be a JSON object, found {}", found(&other)),
            )
            .at(file),
        ),
        Err(error) => problems.push(
            Problem::new(
                "declaration-not-json",
                format!(
                    "第 {} 行第 {} 列不是合法的 JSON：{error}；请修正后重新提交",
                    error.line(),
                    error.column()
                ),
                format!(
                    "line {}, column {} is not valid JSON: {error}; mend it and hand it in again",
                    error.line(),
                    error.column()
                ),
            )
            .at(file),
        ),
    }
    (record, problems)
}

fn join(prefix: &str, name: &str) -> String {
    if prefix.is_empty() { name.to_owned() } else { format!("{prefix}.{name}") }
}

/// Reads one object. `path` has list indices, for places; `key` has none, for the table.
fn object(
    file: &str,
    json: &Json,
    (path, key): (&str, &str),
    keys: Keys<'_>,
    record: &mut Record,
    problems: &mut Vec<Problem>,
) {
    let Json::Object(map) = json else { return };
    for (name, value) in map {
        let (path, key) = (join(path, name), join(key, name));
        if value.is_null() {
            continue;
        }
        let shape = keys.shape(&key);
        if shape == Some(Shape::Texts) {
            record.rows.insert(name.clone(), texts(file, value, &path, problems));
        } else if let Some(shape) = shape {
            match leaf(shape, value) {
                Some((value, raw)) => {
                    record.fields.insert(name.clone(), fact(value, raw, &path));
                }
                None => problems.push(wrong(file, &path, shape, value)),
            }
        } else if keys.go_on(&key) {
            match value {
                Json::Object(_) => {
                    let mut group = Record::default();
                    object(file, value, (&path, &key), keys, &mut group, problems);
                    record.groups.insert(name.clone(), group);
                }
                Json::Array(list) => {
                    let rows = list
                        .iter()
                        .enumerate()
                        .map(|(at, item)| {
                            let mut row = Record::default();
                            let path = format!("{path}[{at}]");
                            object(file, item, (&path, &key), keys, &mut row, problems);
                            row
                        })
                        .collect();
                    record.rows.insert(name.clone(), rows);
                }
                other => problems.push(
                    Problem::new(
                        "declaration-wrong-type",
                        format!("`{path}` 应是对象或列表，实际是{}", found(other)),
                        format!("`{path}` should be an object or a list, found {}", found(other)),
                    )
                    .at(file),
                ),
            }
        } else {
            problems.push(
                Problem::new(
                    "declaration-unknown-key",
                    format!("`{path}` 不是申报数据的字段，已忽略"),
                    format!("`{path}` is no key of a declaration and was ignored"),
                )
                .at(file),
            );
        }
    }
}

fn leaf(shape: Shape, json: &Json) -> Option<(Value, String)> {
    let plain = || match json {
        Json::String(text) => Some(text.trim().to_owned()),
        Json::Number(number) => Some(number.to_string()),
        _ => None,
    };
    match shape {
        Shape::Text => plain().map(|text| (Value::Text(text.clone()), text)),
        Shape::Code => {
            let Json::String(text) = json else { return None };
            Some((Value::Code(text.trim().to_uppercase()), text.clone()))
        }
        Shape::Number => {
            let raw = plain()?;
            let number: Decimal = raw.parse().ok()?;
            Some((Value::Number(number), raw))
        }
        Shape::Yuan => {
            let raw = plain()?;
            Some((Value::Money(Money::yuan(money::parse_figures(&raw)?)), raw))
        }
        Shape::Amount => {
            let (value, unit) = (json.get("value")?, json.get("unit")?.as_str()?);
            let raw = match value {
                Json::String(text) => text.clone(),
                Json::Number(number) => number.to_string(),
                _ => return None,
            };
            let money = Money::in_unit(money::parse_figures(&raw)?, unit)?;
            Some((Value::Money(money), format!("{raw} {unit}")))
        }
        Shape::Date => {
            let raw = plain()?;
            Some((Value::Date(date::parse_day(&raw)?), raw))
        }
        Shape::Bool => json.as_bool().map(|flag| (Value::Bool(flag), flag.to_string())),
        // A list is no single value; `texts` reads it.
        Shape::Texts => None,
    }
}

/// A list of texts as rows, as every list of a record is.
fn texts(file: &str, json: &Json, path: &str, problems: &mut Vec<Problem>) -> Vec<Record> {
    let Json::Array(list) = json else {
        problems.push(wrong(file, path, Shape::Texts, json));
        return Vec::new();
    };
    let mut rows = Vec::new();
    for (at, item) in list.iter().enumerate() {
        let path = format!("{path}[{at}]");
        match leaf(Shape::Text, item) {
            Some((value, raw)) => {
                let mut row = Record::default();
                row.fields.insert("value".to_owned(), fact(value, raw, &path));
                rows.push(row);
            }
            None => problems.push(wrong(file, &path, Shape::Text, item)),
        }
    }
    rows
}

fn fact(value: Value, raw: String, path: &str) -> Fact {
    Fact {
        id: FactId::default(),
        value: Some(value.clone()),
        problem: None,
        evidence: Evidence {
            raw,
            anchors: vec![Anchor::Form { field: path.to_owned() }],
            method: Method::Declared,
            confidence: 1.0,
            clear: false,
            accepted: false,
            readings: vec![Reading::new("form", Some(value))],
        },
    }
}

fn wrong(file: &str, path: &str, shape: Shape, json: &Json) -> Problem {
    let (zh, en) = match shape {
        Shape::Text => ("文本", "a text"),
        Shape::Code => ("带引号的代码", "a code in quotes"),
        Shape::Number => ("数字", "a number"),
        Shape::Yuan => ("以元为单位的金额，如 \"1234.50\"", "an amount in yuan such as \"1234.50\""),
        Shape::Amount => (
            "{\"value\": \"2035.67\", \"unit\": \"万元\"} 形式的金额（单位：元、千元、万元、亿元）",
            "an amount such as {\"value\": \"2035.67\", \"unit\": \"万元\"} (units 元, 千元, 万元, 亿元)",
        ),
        Shape::Date => ("存在的日期，如 \"2023-02-20\"", "a date that exists, such as \"2023-02-20\""),
        Shape::Bool => ("true 或 false", "true or false"),
        Shape::Texts => ("文本列表", "a list of texts"),
    };
    let seen = found(json);
    Problem::new(
        "declaration-wrong-value",
        format!("`{path}` 的值是 {seen}，应为{zh}"),
        format!("`{path}` is {seen}, wanted {en}"),
    )
    .at(file)
}

fn found(json: &Json) -> String {
    let mut text = json.to_string();
    if text.chars().count() > 60 {
        text = text.chars().take(60).collect::<String>() + "…";
    }
    text
}
