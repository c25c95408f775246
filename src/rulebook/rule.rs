//! A rule as it is evaluated: every expression compiled, every name checked.

use crate::model::finding::{Clause, Message, Outcome, Severity};

use super::expr::Expr;

/// One rule of a pack.
#[derive(Clone, Debug)]
pub struct Rule {
    /// Kebab-case name of the trouble.
    pub id: String,
    /// Code in the domain's list, such as `FAC-06`. Several rules may share one.
    pub code: String,
    /// The words it rests on.
    pub clause: Clause,
    /// Categories it concerns; empty for all.
    pub applies_to: Vec<String>,
    /// How much a finding matters.
    pub severity: Severity,
    /// Whether it only says what a person has to look at.
    pub judgement: bool,
    /// Whether it is about readings that differ, so that their differing is no doubt of it.
    pub about_readings: bool,
    /// One evaluation for each element of a list.
    pub each: Option<Each>,
    /// What the clause leaves open.
    pub readings: Vec<Dimension>,
    /// Named expressions, in an order in which each needs only earlier ones.
    pub lets: Vec<(String, Expr)>,
    /// Special cases, tried in order before `require`.
    pub whens: Vec<When>,
    /// What has to hold.
    pub require: Option<Expr>,
    /// Reason code of a failure.
    pub reason: String,
    /// Notes that do not change the outcome.
    pub notes: Vec<Note>,
    /// What was declared.
    pub declared: Option<Expr>,
    /// What was found.
    pub found: Option<Expr>,
    /// What the sums leave out, item by item.
    pub explanation: Option<Expr>,
    /// What to tell the reviewer, with `{placeholders}`.
    pub message: Message,
}

/// A rule that is evaluated once for each element of a list.
#[derive(Clone, Debug)]
pub struct Each {
    /// The list.
    pub list: Expr,
    /// The name an element goes by.
    pub name: String,
    /// How the elements' outcomes become one.
    pub combine: Combine,
    /// Whether a declaration without any element lacks nothing.
    pub may_be_empty: bool,
}

/// How several outcomes become one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Combine {
    /// The worst decides.
    Worst,
    /// One that passes, or may still, keeps the others from failing: they become a review, or wait
    /// for the evidence that is missing.
    Any,
}

/// One thing a clause leaves open, with the readings that are thinkable.
#[derive(Clone, Debug)]
pub struct Dimension {
    /// The variable's name.
    pub name: String,
    /// Each reading's name and value.
    pub candidates: Vec<(String, Expr)>,
}

/// A special case.
#[derive(Clone, Debug)]
pub struct When {
    /// Whether it is this case.
    pub condition: Expr,
    /// How the rule then ends.
    pub outcome: Outcome,
    /// Why.
    pub reason: String,
}

/// A note that does not change the outcome.
#[derive(Clone, Debug)]
pub struct Note {
    /// Whether it is to be said.
    pub condition: Expr,
    /// Its code.
    pub note: String,
}

impl Rule {
    /// Whether the rule concerns a category; an unknown category is concerned by what concerns all.
    #[must_use]
    pub fn concerns(&self, category: Option<&str>) -> bool {
        self.applies_to.is_empty() || category.is_some_and(|is| self.applies_to.iter().any(|one| one == is))
    }

    /// Every expression with the place it stands in.
    pub fn expressions(&self) -> impl Iterator<Item = (&'static str, &Expr)> {
        let readings =
            self.readings.iter().flat_map(|one| one.candidates.iter()).map(|(_, expr)| ("readings", expr));
        let lets = self.lets.iter().map(|(_, expr)| ("let", expr));
        let whens = self.whens.iter().map(|one| ("when", &one.condition));
        let notes = self.notes.iter().map(|one| ("note", &one.condition));
        let rest = [
            ("each", self.each.as_ref().map(|each| &each.list)),
            ("require", self.require.as_ref()),
            ("declared", self.declared.as_ref()),
            ("found", self.found.as_ref()),
            ("explanation", self.explanation.as_ref()),
        ];
        readings
            .chain(lets)
            .chain(whens)
            .chain(notes)
            .chain(rest.into_iter().filter_map(|(place, expr)| Some((place, expr?))))
    }
}
