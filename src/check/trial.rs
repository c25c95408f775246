//! A pack's own tests: small declarations and documents written in TOML, run through one rule.

use rust_decimal::Decimal;
use sha2::{Digest, Sha256};

use crate::{
    model::{
        document::{DocumentId, Format},
        fact::{Evidence, Fact, FactId, Method, Reading, Record},
        finding::Finding,
        look::{COARSE, FINE, Look},
        paper::{Content, Paper},
        reuse::Use,
        support::COMPUTED,
        value::{Money, Period, Value},
    },
    rulebook::Pack,
};

use super::{Facts, across::uses, apart::written, check};

/// How one test went.
#[derive(Clone, Debug)]
pub struct TrialResult {
    /// The rule.
    pub rule: String,
    /// What the test shows.
    pub name: String,
    /// What was wrong; `None` if it went as expected.
    pub trouble: Option<String>,
    /// What the rule found.
    pub finding: Option<Finding>,
}

/// Runs the tests of a pack.
#[must_use]
pub fn trial(pack: &Pack) -> Vec<TrialResult> {
    let today = chrono::NaiveDate::default();
    let run = |test: &crate::rulebook::packs::Test| {
        let mut next = 0;
        let declaration = record(&test.declaration, Method::Declared, &mut next);
        let papers: Vec<Paper> = test.papers.iter().map(|table| paper(table, &mut next)).collect();
        let elsewhere: Vec<Use> = test.elsewhere.iter().flat_map(|table| in_another(table, pack)).collect();
        let category = declaration.text("category").map(str::to_owned);
        // The one rule is enough, and quicker.
        let only = Pack {
            rules: pack.rules.iter().filter(|rule| rule.id == test.rule).cloned().collect(),
            tests: Vec::new(),
            totals: Vec::new(),
            config: pack.config.clone().into_iter().chain(test.config.clone()).collect(),
            ..pack.clone()
        };
        let facts = Facts {
            declaration: &declaration,
            papers: &papers,
            today,
            category: category.as_deref(),
            elsewhere: &elsewhere,
            not_understood: &test.not_understood,
        };
        let checked = check(&facts, &only);
        let finding = checked.findings.into_iter().chain(checked.judgement).next();
        let trouble = match &finding {
            None => Some("the rule said nothing".to_owned()),
            Some(found) if found.outcome != test.expect => Some(format!(
                "expected {}, found {} {:?}: {}",
                test.expect.name(),
                found.outcome.name(),
                found.reasons,
                found.message.en
            )),
            Some(found) => {
                let missing = test.reason.iter().filter(|reason| !found.reasons.contains(reason));
                let unsaid = test.notes.iter().filter(|note| !found.notes.contains(note));
                let said = missing.chain(unsaid).next().map(|wanted| {
                    format!(
                        "expected {wanted}, found reasons {:?} and notes {:?}",
                        found.reasons, found.notes
                    )
                });
                let apart: Vec<String> = found.explanation.iter().map(written).collect();
                let other = test.explanation.as_ref().filter(|wanted| **wanted != apart);
                said.or(other.map(|wanted| format!("expected {wanted:?} set apart, found {apart:?}")))
            }
        };
        TrialResult { rule: test.rule.clone(), name: test.name.clone(), trouble, finding }
    };
    pack.tests.iter().map(run).collect()
}

/// What another application uses: its identifier, its applicant, and either a document or what it
/// declared.
fn in_another(table: &toml::Table, pack: &Pack) -> Vec<Use> {
    let mut fields = table.clone();
    let mut take = |name: &str| fields.remove(name).as_ref().and_then(toml::Value::as_str).map(str::to_owned);
    let (application, name, uscc) = (take("application"), take("applicant"), take("uscc"));
    let mut declared = match fields.remove("declaration") {
        Some(toml::Value::Table(own)) => own,
        _ => toml::Table::new(),
    };
    if let Some(application) = application {
        declared.insert("case_id".to_owned(), application.into());
    }
    let applicant = [("name", name), ("uscc", uscc)];
    let applicant = applicant.into_iter().filter_map(|(key, value)| Some((key.to_owned(), value?.into())));
    let own = declared.entry("applicant").or_insert_with(|| toml::Table::new().into());
    if let Some(own) = own.as_table_mut() {
        own.extend(applicant);
    }
    let mut next = 0;
    let papers: Vec<Paper> =
        fields.contains_key("type").then(|| paper(&fields, &mut next)).into_iter().collect();
    let facts = Facts {
        declaration: &record(&declared, Method::Declared, &mut next),
        papers: &papers,
        today: chrono::NaiveDate::default(),
        category: None,
        elsewhere: &[],
        not_understood: &[],
    };
    uses(&facts, pack, "folder")
}

/// The look of a picture of that name: pictures of one name look the same, and others differ.
fn pictured(name: &str, drawn: bool) -> Look {
    let bits = |count: usize| -> Vec<bool> {
        let hash =
            (0..count.div_ceil(256)).flat_map(|part| Sha256::digest(format!("{name} {part}")).to_vec());
        let bits = hash.flat_map(|byte| (0..8).map(move |bit| byte >> bit & 1 == 1));
        bits.take(count).collect()
    };
    Look::new(&bits(COARSE * COARSE), &bits(FINE * FINE), drawn)
}

fn paper(table: &toml::Table, next: &mut u32) -> Paper {
    let mut fields = table.clone();
    let kind = fields.remove("type");
    let text = |value: Option<toml::Value>| value.as_ref().and_then(toml::Value::as_str).map(str::to_owned);
    let (scan, drawn) = (text(fields.remove("scan")), text(fields.remove("drawing")));
    let is_drawn = drawn.is_some();
    // Formats in which electronic originals are issued.
    let format = match text(fields.remove("format")).as_deref() {
        Some("ofd") => Format::Ofd,
        Some("xml") => Format::Xml,
        _ => Format::Pdf,
    };
    let picture = scan.or(drawn).map(|name| (1, pictured(&name, is_drawn)));
    // Each picture is a file of its own; what names nothing else is told by its bytes.
    let document = picture.as_ref().map_or_else(DocumentId::default, |_| DocumentId(format!("test-{next}")));
    let content = Content { looks: picture.into_iter().collect(), wording: text(fields.remove("wording")) };
    Paper {
        file: "test".to_owned(),
        document,
        format,
        pages: (1, 1),
        document_type: kind.as_ref().and_then(toml::Value::as_str).unwrap_or("other").to_owned(),
        type_confidence: 1.0,
        record: record(&fields, Method::Located, next),
        problems: Vec::new(),
        assumed_dpi: false,
        content,
    }
}

/// A record from a table: tables are groups, lists are rows, `{ value, unit }` is one amount,
/// `{ value, ocr = true }` a value that one engine recognised, `{ value, or }` one that was also read
/// otherwise, `{ value, from_term = true }` a day computed from a term, `{ problem = "…" }` an unread field.
#[must_use]
pub fn record(table: &toml::Table, method: Method, next: &mut u32) -> Record {
    let mut record = Record::default();
    for (name, value) in table {
        match value {
            toml::Value::Table(inner) if inner.contains_key("value") || inner.contains_key("problem") => {
                record.fields.insert(name.clone(), marked(name, inner, method, next));
            }
            toml::Value::Table(inner) => {
                record.groups.insert(name.clone(), self::record(inner, method, next));
            }
            toml::Value::Array(rows) => {
                let one = |row: &toml::Value| match row {
                    toml::Value::Table(row) => self::record(row, method, next),
                    plain => {
                        let row = toml::Table::from_iter([("value".to_owned(), plain.clone())]);
                        let mut record = Record::default();
                        record.fields.insert("value".to_owned(), marked("value", &row, method, next));
                        record
                    }
                };
                record.rows.insert(name.clone(), rows.iter().map(one).collect());
            }
            plain => {
                record.fields.insert(name.clone(), fact(simple(name, plain), method, next));
            }
        }
    }
    record
}

fn marked(name: &str, table: &toml::Table, method: Method, next: &mut u32) -> Fact {
    let unit = table.get("unit").and_then(toml::Value::as_str);
    let value = table.get("value");
    let value = match (value.and_then(toml::Value::as_str), unit) {
        (Some(text), Some(unit)) => {
            text.parse::<Decimal>().ok().and_then(|amount| Money::in_unit(amount, unit)).map(Value::Money)
        }
        _ => value.and_then(|value| simple(name, value)),
    };
    let mut fact = fact(value, method, next);
    if fact.value.is_none() {
        fact.problem = Some("unreadable");
    }
    if table.get("ocr").and_then(toml::Value::as_bool) == Some(true) {
        fact.evidence.confidence = 0.9;
        fact.evidence.readings = vec![Reading::new("ppocr", fact.value.clone())];
    }
    if let Some(other) = table.get("or").and_then(|other| simple(name, other)) {
        fact.evidence.confidence = 0.9;
        fact.evidence.readings.push(Reading::new("qr", Some(other)));
    }
    if table.get("from_term").and_then(toml::Value::as_bool) == Some(true) {
        fact.problem = Some(COMPUTED);
    }
    fact
}

fn fact(value: Option<Value>, method: Method, next: &mut u32) -> Fact {
    *next += 1;
    let reading = |by| Reading::new(by, value.clone());
    let evidence = Evidence {
        raw: value.as_ref().map(Value::wire).unwrap_or_default(),
        anchors: Vec::new(),
        method,
        confidence: 1.0,
        clear: false,
        accepted: false,
        readings: vec![reading("text"), reading("words")],
    };
    Fact { id: FactId(*next), value, problem: None, evidence }
}

/// Fields that hold amounts, whatever record they stand in.
const AMOUNTS: &[&str] = &[
    "net",
    "tax",
    "gross",
    "total",
    "development",
    "equipment",
    "testing_consulting",
    "other",
    "amount",
    "paid",
    "payable",
    "cash_paid",
    "voucher",
    "refund",
];

/// `2022-12`, as bills that name only the month say it.
fn month(text: &str) -> Option<Period> {
    let (year, month) = text.split_once('-').filter(|(year, month)| year.len() == 4 && month.len() == 2)?;
    Period::month(year.parse().ok()?, month.parse().ok()?)
}

fn simple(name: &str, value: &toml::Value) -> Option<Value> {
    match value {
        toml::Value::String(text) => {
            if let Ok(day) = text.parse() {
                return Some(Value::Date(day));
            }
            if let Some(month) = month(text) {
                return Some(Value::Period(month));
            }
            if AMOUNTS.contains(&name)
                && let Ok(amount) = text.parse()
            {
                return Some(Value::Money(Money::yuan(amount)));
            }
            Some(Value::Text(text.clone()))
        }
        toml::Value::Integer(number) => Some(Value::Number(Decimal::from(*number))),
        toml::Value::Boolean(value) => Some(Value::Bool(*value)),
        _ => None,
    }
}
