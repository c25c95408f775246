//! Amounts in other currencies.

use crate::model::{fact::Record, support::FOREIGN, value::Value};

/// How a currency column or field names the yuan.
const YUAN: &[&str] = &["CNY", "RMB", "人民币", "元", "¥"];

/// Amounts of a record in another currency stay as printed and are marked: they are not yuan. Those of a paper
/// from abroad are in another one unless it says otherwise.
pub(super) fn mark_foreign(record: &mut Record, from_abroad: bool) {
    let is_foreign = match record.value("currency") {
        Some(Value::Text(currency)) => !YUAN.contains(&currency.trim().to_uppercase().as_str()),
        _ => from_abroad,
    };
    if !is_foreign {
        return;
    }
    for fact in record.fields.values_mut().filter(|fact| matches!(fact.value, Some(Value::Money(_)))) {
        fact.problem = Some(FOREIGN);
    }
}
