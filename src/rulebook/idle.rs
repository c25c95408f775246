//! What a document type says in vain: patterns that give no value, keys that nothing reads.

use regex::Regex;

use super::types::{FieldSpec, Kind};

impl FieldSpec {
    /// What of a field can never come to anything, and how to mend it; `None` if all is well. `form` is whether
    /// its type is a form, `structured` whether structured data may hold the field.
    pub(super) fn idle(&self, form: bool, structured: bool) -> Option<String> {
        let found = [&self.patterns, &self.across, &self.in_seals];
        let without_group = |pattern: &&Regex| pattern.captures_len() < 2;
        if let Some(pattern) = found.into_iter().flatten().find(without_group) {
            return Some(format!(
                "has the pattern `{pattern}` without a group; put the value in brackets: `(…)`"
            ));
        }
        let chosen = self.kind == Kind::Choice;
        if chosen && self.choices.is_empty() && !structured {
            return Some("is a `choice` without `choices`; list pairs of a pattern and a value".to_owned());
        }
        if chosen && !form && !self.labels.is_empty() {
            return Some(
                "is a `choice` with `labels`, which only forms read; put the label in front of each pattern, and among the `stops` where it ends other values"
                    .to_owned(),
            );
        }
        let nowhere = found.iter().all(|list| list.is_empty())
            && self.labels.is_empty()
            && self.choices.is_empty()
            && self.sum_of.is_none();
        (nowhere && !structured)
            .then(|| "has neither `labels` nor `patterns`; nothing says where it stands".to_owned())
    }
}
