//! Rules as they are written, checked and compiled.

use crate::model::finding::{Clause, Outcome, Severity};

use super::{
    super::{
        expr::{Scope, closest, in_order, placeholders},
        limits::{CASES, NAMES, READINGS},
        rule::{Combine, Dimension, Each, Note, Rule, When},
        written::{RuleTable, Text, WhenTable},
    },
    place::Place,
};

/// What the rules of a pack may refer to.
pub(super) struct Known<'a> {
    pub(super) scope: &'a Scope,
    pub(super) categories: &'a [String],
    pub(super) clauses: &'a [Clause],
}

/// Letters and, behind hyphens, letters or two figures: `FAC-06`, `DOC-INTEGRITY`.
fn is_code(code: &str) -> bool {
    let mut parts = code.split('-');
    let letters = |part: &str| !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_uppercase());
    let figures = |part: &str| part.len() == 2 && part.bytes().all(|byte| byte.is_ascii_digit());
    parts.next().is_some_and(letters)
        && code.contains('-')
        && parts.all(|part| letters(part) || figures(part))
}

impl Place<'_> {
    /// Bounds of one rule; what is beyond them is not looked at.
    fn is_within(&mut self, table: &RuleTable) -> bool {
        let readings = table.readings.values().map(|one| one.len().max(1));
        let combinations = readings.fold(1_usize, usize::saturating_mul);
        let counted = [
            (NAMES, table.lets.len()),
            (CASES, table.when.len() + table.note.len()),
            (READINGS, combinations),
        ];
        let beyond = counted.into_iter().find(|(bound, found)| *found > bound.most);
        if let Some((bound, found)) = beyond {
            self.say(&table.id, bound.said(found));
        }
        beyond.is_none()
    }

    fn when(&mut self, when: &WhenTable, scope: &Scope) -> Option<When> {
        let condition = self.compile(&when.condition, scope);
        let outcome = self.outcome(&when.outcome);
        let says_why = !when.reason.get_ref().is_empty();
        if outcome == Some(Outcome::Fail) && !says_why {
            self.say(&when.reason, "a failure without a reason".to_owned());
        }
        Some(When { condition: condition?, outcome: outcome?, reason: when.reason.get_ref().clone() })
    }

    pub(super) fn rule(&mut self, table: &RuleTable, start: usize, known: &Known<'_>) -> Option<Rule> {
        let before = self.errors.len();
        let id = table.id.get_ref();
        if !self.is_within(table) {
            return None;
        }
        if !is_code(table.code.get_ref()) {
            let code = table.code.get_ref();
            self.say(&table.code, format!("`{code}` is no code such as FAC-06 or DOC-NUMBER"));
        }
        if id.is_empty() || !id.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-') {
            self.say(&table.id, format!("`{id}` is not in kebab-case"));
        }
        for category in &table.applies_to {
            if !known.categories.contains(category.get_ref()) {
                let like = closest(category.get_ref(), known.categories.iter().map(String::as_str));
                self.say(category, format!("unknown category `{}`{like}", category.get_ref()));
            }
        }
        let severities = [Severity::Info, Severity::Low, Severity::Medium, Severity::High];
        let severity = severities.into_iter().find(|one| one.name() == table.severity.get_ref());
        if severity.is_none() {
            self.say(&table.severity, format!("unknown severity `{}`", table.severity.get_ref()));
        }
        let clause = self.quoted(&table.clause, table.quote.as_ref(), known.clauses);
        let mut scope = known.scope.clone();
        let each = table.each.as_ref().and_then(|each| {
            let combine = match each.combine.get_ref().as_str() {
                "worst" => Combine::Worst,
                "any" => Combine::Any,
                other => {
                    self.say(&each.combine, format!("`{other}` is neither `worst` nor `any`"));
                    Combine::Worst
                }
            };
            let list = self.compile(&each.list, &scope)?;
            scope.names.insert(each.name.clone(), None);
            Some(Each { list, name: each.name.clone(), combine, may_be_empty: each.may_be_empty })
        });
        let readings: Vec<Dimension> = table
            .readings
            .iter()
            .map(|(name, candidates)| Dimension {
                name: name.clone(),
                candidates: candidates
                    .iter()
                    .filter_map(|(name, source)| Some((name.clone(), self.compile(source, &scope)?)))
                    .collect(),
            })
            .collect();
        for name in table.readings.keys().chain(table.lets.keys()) {
            scope.names.insert(name.clone(), None);
        }
        let lets = table
            .lets
            .iter()
            .filter_map(|(name, source)| Some((name.clone(), self.compile(source, &scope)?)))
            .collect();
        let lets = in_order(lets).unwrap_or_else(|name| {
            self.say(&table.id, format!("`{name}` needs itself"));
            Vec::new()
        });
        let whens = table.when.iter().filter_map(|when| self.when(when, &scope)).collect();
        let mut notes = Vec::new();
        for note in &table.note {
            let condition = self.compile(&note.condition, &scope);
            notes.extend(condition.map(|condition| Note { condition, note: note.note.clone() }));
        }
        let mut maybe =
            |source: &Option<Text>| source.as_ref().and_then(|source| self.compile(source, &scope));
        let (require, declared, found) = (maybe(&table.require), maybe(&table.declared), maybe(&table.found));
        let explanation = maybe(&table.explanation);
        if table.require.is_none() && !table.judgement && table.when.is_empty() {
            self.say(&table.id, format!("rule `{id}` requires nothing"));
        }
        let reason = table.reason.as_ref().map(|reason| reason.get_ref().as_str()).unwrap_or_default();
        let Some(message) = &table.message else {
            self.say_at(start, format!("rule `{id}` has no message"));
            return None;
        };
        for text in [&message.zh, &message.en] {
            if text.get_ref().trim().is_empty() {
                self.say(text, format!("rule `{id}` has an empty message"));
            }
            for name in placeholders(text.get_ref()) {
                let own = ["declared", "found", "difference", "failing", "total"];
                if !own.contains(&name) && !scope.names.contains_key(name) {
                    self.say(text, format!("unknown placeholder `{{{name}}}`"));
                }
            }
        }
        if self.errors.len() > before {
            return None;
        }
        Some(Rule {
            id: id.clone(),
            code: table.code.get_ref().clone(),
            clause: clause?,
            applies_to: table.applies_to.iter().map(|one| one.get_ref().clone()).collect(),
            severity: severity?,
            judgement: table.judgement,
            about_readings: table.about_readings,
            each,
            readings,
            lets,
            whens,
            require,
            reason: reason.to_owned(),
            notes,
            declared,
            found,
            explanation,
            message: message.message(),
        })
    }
}
