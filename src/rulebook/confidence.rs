//! How sure a value is that was read in a picture or from a text, by what speaks for it; and how sure is sure
//! enough.
//!
//! The figures were counted on labelled pictures and stand in `rules/confidence.toml`.

use serde::Deserialize;
use thiserror::Error;

use crate::model::{
    fact::Fact,
    support::{FOREIGN, Sort, Support, is_printed, support},
};

const EMBEDDED: &str = include_str!("../../rules/confidence.toml");

/// Why the table could not be loaded.
#[derive(Debug, Error)]
pub enum ConfidenceError {
    /// Not TOML, or not of this shape; the message has line and column.
    #[error("rules/confidence.toml: {0}")]
    Shape(#[from] Box<toml::de::Error>),
    /// Steps that leave out a score, or do not go down.
    #[error(
        "rules/confidence.toml: {sort}.{support}: scores and confidences have to go down, from less than 1 to score 0"
    )]
    Steps {
        /// Which kind of value.
        sort: &'static str,
        /// What speaks for it.
        support: &'static str,
    },
}

/// The table.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Confidence {
    amount: OfSort,
    date: OfSort,
    code: OfSort,
    text: OfSort,
}

/// What holds for one kind of value.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct OfSort {
    auto_accept: f32,
    clear: f32,
    open: f32,
    proved: Vec<Step>,
    agreed: Vec<Step>,
    alone: Vec<Step>,
    disputed: Vec<Step>,
    flawed: Vec<Step>,
    contested: Vec<Step>,
    refuted: Vec<Step>,
}

/// From a score of the engine on, values are right this often.
#[derive(Clone, Copy, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Step {
    score: f32,
    confidence: f32,
}

impl Confidence {
    /// The built-in table.
    ///
    /// # Errors
    ///
    /// What is wrong with it.
    pub fn embedded() -> Result<Self, ConfidenceError> {
        Self::load(EMBEDDED)
    }

    /// Loads a table from its text.
    ///
    /// # Errors
    ///
    /// What is wrong with it.
    pub fn load(text: &str) -> Result<Self, ConfidenceError> {
        let table: Self = toml::from_str(text).map_err(Box::new)?;
        for sort in Sort::ALL {
            for support in Support::ALL {
                let steps = table.steps(sort, support);
                let go_down = steps.is_sorted_by(|a, b| a.score > b.score && a.confidence >= b.confidence);
                let within = steps.first().is_some_and(|step| step.confidence < 1.0)
                    && steps.last().is_some_and(|step| step.score == 0.0 && step.confidence >= 0.0);
                if !(go_down && within) {
                    return Err(ConfidenceError::Steps { sort: sort.name(), support: support.name() });
                }
            }
        }
        Ok(table)
    }

    /// How sure a value is that was read in a picture, or from characters that a file has as such; `None` for
    /// all others.
    #[must_use]
    pub fn of(&self, fact: &Fact) -> Option<f32> {
        let sort = Sort::of(fact.value.as_ref()?);
        let row = self.row(sort);
        let meant = if fact.evidence.clear { row.clear } else { row.open };
        let Some((score, support)) = support(fact) else {
            return is_printed(fact).then_some(meant);
        };
        let steps = self.steps(sort, support);
        let read = steps.iter().find(|step| score >= step.score)?.confidence;
        Some(if fact.evidence.clear { read } else { read.min(meant) })
    }

    /// From which confidence on a value of this kind needs nobody's look.
    #[must_use]
    pub const fn auto_accept(&self, sort: Sort) -> f32 {
        self.row(sort).auto_accept
    }

    /// Whether nobody needs to look at a value again.
    #[must_use]
    pub fn accepts(&self, fact: &Fact) -> bool {
        let Some(value) = &fact.value else { return false };
        fact.problem.is_none_or(|problem| problem == FOREIGN)
            && fact.evidence.confidence >= self.auto_accept(Sort::of(value))
    }

    const fn row(&self, sort: Sort) -> &OfSort {
        match sort {
            Sort::Amount => &self.amount,
            Sort::Date => &self.date,
            Sort::Code => &self.code,
            Sort::Text => &self.text,
        }
    }

    fn steps(&self, sort: Sort, support: Support) -> &[Step] {
        let row = self.row(sort);
        match support {
            Support::Proved => &row.proved,
            Support::Agreed => &row.agreed,
            Support::Alone => &row.alone,
            Support::Disputed => &row.disputed,
            Support::Flawed => &row.flawed,
            Support::Contested => &row.contested,
            Support::Refuted => &row.refuted,
        }
    }
}
