//! Kinds of costs: how each is declared, audited, and named in the lines of an audit.

use crate::{
    model::value::fold::folded,
    rulebook::{
        expr::{Scope, closest},
        written::{CostTable, Text},
    },
};

use super::place::Place;

/// The document type that audits costs.
const AUDIT: &str = "audit_report";

/// A kind of costs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Cost {
    /// The field in which it is declared.
    pub declared: String,
    /// The field of the audit report, by which it goes in reports.
    pub audited: String,
    /// Words that name it in a line of the audit, folded.
    pub words: Vec<String>,
}

impl Place<'_> {
    pub(super) fn costs(&mut self, tables: &[CostTable], scope: &Scope) -> Vec<Cost> {
        let mut costs: Vec<Cost> = Vec::new();
        for table in tables {
            for (of, field) in [("declaration", &table.declared), (AUDIT, &table.audited)] {
                self.field_of(of, field, scope);
            }
            let words: Vec<String> = table.words.iter().map(|word| folded(word.get_ref())).collect();
            for (word, text) in table.words.iter().zip(&words) {
                if text.is_empty() {
                    self.say(word, "a word without a character would name every line".to_owned());
                } else if costs.iter().any(|known| known.words.contains(text)) {
                    self.say(word, format!("`{text}` names another kind of costs as well"));
                }
            }
            let (declared, audited) = (table.declared.get_ref().clone(), table.audited.get_ref().clone());
            if costs.iter().any(|known| known.audited == audited) {
                self.say(&table.audited, format!("`{audited}` is another kind of costs as well"));
            }
            costs.push(Cost { declared, audited, words });
        }
        costs
    }

    fn field_of(&mut self, of: &str, field: &Text, scope: &Scope) {
        let known = scope.names.get(of).and_then(Option::as_ref);
        let mut fields = known.into_iter().flatten().map(String::as_str);
        if !fields.clone().any(|one| one == field.get_ref()) {
            let like = closest(field.get_ref(), &mut fields);
            self.say(field, format!("`{of}` has no field `{}`{like}", field.get_ref()));
        }
    }
}
