//! Amounts in other currencies.

use crate::model::{fact::Record, value::Value};

/// How a currency column or field names the yuan.
const YUAN: &[&str] = &["CNY", "RMB", "人民币", "元", "¥"];

/// Amounts of a record in another currency stay as printed and are marked: they are not yuan.
pub(super) fn mark_foreign(record: &mut Record) {
    let Some(Value::Text(currency)) = record.value("currency") else { return };
    if YUAN.contains(&currency.trim().to_uppercase().as_str()) {
        return;
    }
    for fact in record.fields.values_mut().filter(|fact| matches!(fact.value, Some(Value::Money(_)))) {
        fact.problem = Some("foreign-currency");
    }
}
