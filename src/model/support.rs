//! What speaks for a value that was read in a picture, or from a text.
//!
//! An engine's score is no probability. How often values are right of which the same speaks can be counted
//! on labelled pictures (`heyan score --reliability`), and `rules/confidence.toml` keeps what was counted.

use super::{
    fact::{Fact, Method, Reading},
    value::Value,
};

/// The flaw of figures that may go on beside where they were read.
pub const INK_BESIDE: &str = "ink-beside-figures";

/// The flaw of an amount whose points and commas were mixed up or overlooked: two amounts that were read as one
/// would look the same.
pub const SEPARATORS: &str = "separators-unclear";

/// The problems of figures with a flaw, the gravest first; until something else confirms them, they stay.
pub const FLAWS: [&str; 4] = [INK_BESIDE, "figures-under-a-seal", "figures-uneven", SEPARATORS];

/// A value that was computed and not read; its readings are those of what it was computed from.
pub const COMPUTED: &str = "computed-from-term";

/// An amount that is no yuan; it is read as well as any.
pub const FOREIGN: &str = "foreign-currency";

/// What else speaks for a value, or against it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Support {
    /// Something that cannot be misread in the same way says the same: check digits, arithmetic, words, a code.
    Proved,
    /// Another engine, or the same once more, reads the same, and nobody otherwise.
    Agreed,
    /// Nobody else could read it.
    Alone,
    /// Somebody reads otherwise.
    Disputed,
    /// It was seen badly: one of [`FLAWS`], which nothing has made good, or in few pixels, where nobody else could
    /// read it.
    Flawed,
    /// It was seen badly, and somebody reads otherwise.
    Contested,
    /// It cannot be right, or something that cannot be misread in the same way says otherwise.
    Refuted,
}

impl Support {
    /// All of them, the strongest first.
    pub const ALL: [Self; 7] = [
        Self::Proved,
        Self::Agreed,
        Self::Alone,
        Self::Disputed,
        Self::Flawed,
        Self::Contested,
        Self::Refuted,
    ];

    /// Its name in tables.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Proved => "proved",
            Self::Agreed => "agreed",
            Self::Alone => "alone",
            Self::Disputed => "disputed",
            Self::Flawed => "flawed",
            Self::Contested => "contested",
            Self::Refuted => "refuted",
        }
    }

    /// Whether more than one engine's one reading speaks for the value.
    #[must_use]
    pub const fn confirms(self) -> bool {
        matches!(self, Self::Proved | Self::Agreed)
    }
}

/// What kind of value it is, as far as sureness goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Sort {
    /// Money and other numbers.
    Amount,
    /// A day.
    Date,
    /// A credit code, a number of a paper.
    Code,
    /// Names, words, and all that is told from them.
    Text,
}

impl Sort {
    /// All of them.
    pub const ALL: [Self; 4] = [Self::Amount, Self::Date, Self::Code, Self::Text];

    /// Its name in tables.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Amount => "amount",
            Self::Date => "date",
            Self::Code => "code",
            Self::Text => "text",
        }
    }

    /// Which of them a value is.
    #[must_use]
    pub const fn of(value: &Value) -> Self {
        match value {
            Value::Money(_) | Value::Number(_) => Self::Amount,
            Value::Date(_) => Self::Date,
            Value::Code(_) => Self::Code,
            _ => Self::Text,
        }
    }
}

/// How surely the characters of a text are known, before it is known what else speaks for what they say.
pub const PRINTED: f32 = 0.98;

/// Whether a value was read from characters that a file has as such, all of which are known, by the place where
/// they stand.
#[must_use]
pub fn is_printed(fact: &Fact) -> bool {
    let evidence = &fact.evidence;
    let found = matches!(evidence.method, Method::Located | Method::Custom);
    let printed =
        evidence.readings.first().is_some_and(|reading| reading.by == "text" && reading.seen.is_none());
    found
        && printed
        && fact.problem.is_none_or(|problem| problem == FOREIGN)
        && evidence.confidence >= PRINTED
}

/// The engine's score of a value that was read in a picture first, and what else speaks for it; `None` for
/// all other values.
#[must_use]
pub fn support(fact: &Fact) -> Option<(f32, Support)> {
    let [first, others @ ..] = fact.evidence.readings.as_slice() else { return None };
    let (seen, value) = (first.seen?, fact.value.as_ref()?);
    let says = |reading: &Reading| reading.value.as_ref().map(|other| other.agrees(value));
    let proved = others.iter().any(|other| !other.is_by_engine() && says(other) == Some(true));
    let disputed = others.iter().any(|other| says(other) == Some(false));
    let agreed = others.iter().any(|other| says(other) == Some(true));
    let problem = fact.problem.filter(|problem| ![COMPUTED, FOREIGN].contains(problem));
    let support = match (problem, proved, disputed, agreed) {
        (Some(problem), _, true, _) if FLAWS.contains(&problem) => Support::Contested,
        (Some(problem), ..) if FLAWS.contains(&problem) => Support::Flawed,
        (Some(_), ..) => Support::Refuted,
        (_, true, ..) => Support::Proved,
        (_, _, true, _) if seen.flaws.small => Support::Contested,
        (_, _, true, _) => Support::Disputed,
        (_, _, _, true) => Support::Agreed,
        _ if seen.flaws.small => Support::Flawed,
        _ => Support::Alone,
    };
    Some((seen.score, support))
}
