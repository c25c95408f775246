//! What a rule has to say about a case.

use std::collections::BTreeMap;

use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};

use super::fact::FactId;

/// A sentence in both languages.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Message {
    /// Chinese.
    pub zh: String,
    /// English.
    pub en: String,
}

/// How a rule ends, from best to worst in the order that decides a case's outcome.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Outcome {
    /// The rule does not concern this case.
    NotApplicable,
    /// Met under every reading.
    Pass,
    /// A person has to decide; the reasons say what hangs on it.
    ManualReview,
    /// A document or a declared value that the rule needs was not handed in.
    MissingEvidence,
    /// Contradicted by what was read. A recommendation, not a decision.
    Fail,
}

impl Outcome {
    /// The name used in outputs and packs.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::NotApplicable => "not_applicable",
            Self::Pass => "pass",
            Self::ManualReview => "manual_review",
            Self::MissingEvidence => "missing_evidence",
            Self::Fail => "fail",
        }
    }

    /// All of them, best first.
    pub const ALL: [Self; 5] =
        [Self::NotApplicable, Self::Pass, Self::ManualReview, Self::MissingEvidence, Self::Fail];

    /// The outcome of a name.
    #[must_use]
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|outcome| outcome.name() == name)
    }
}

/// How much a finding matters.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Severity {
    /// Worth knowing.
    Info,
    /// Small.
    Low,
    /// Worth a look.
    Medium,
    /// Decides an application.
    High,
}

impl Severity {
    /// The name used in outputs and packs.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Info => "info",
            Self::Low => "low",
            Self::Medium => "medium",
            Self::High => "high",
        }
    }
}

/// The words of the call a rule rests on.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Clause {
    /// Such as `三(三)2`.
    pub number: String,
    /// The quoted text.
    pub text: String,
}

/// A value shown in a finding, in the unit it is printed in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Shown {
    /// The value in wire form: plain decimal, ISO date, text.
    pub value: String,
    /// `元` for money, else none.
    pub unit: Option<String>,
}

/// An item that a sum leaves out or nets, and why.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Explanation {
    /// Such as `doubled_item`.
    pub kind: String,
    /// Its amount, in yuan; `None` where it was not read.
    pub amount: Option<Decimal>,
    /// The facts it rests on.
    pub evidence: Vec<FactId>,
    /// Where it is in another application, where that is why.
    pub elsewhere: Option<String>,
    /// The explanations of the finding's difference that it is part of, from 1; all items of one number
    /// together make up the difference.
    pub alternatives: Vec<u32>,
}

/// What one part of a case comes to, by who says so: a cost category, a service, or the total.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Sums {
    /// `development`, a service's name, or `total`.
    pub part: String,
    /// In yuan, by source: `declared`, `audited`, `scheduled`, `invoiced`, `payments`, `paid`. A sum of which a part
    /// was not read is absent.
    pub sums: BTreeMap<String, Decimal>,
}

/// What a rule found.
#[derive(Clone, Debug, PartialEq)]
pub struct Finding {
    /// The rule's kebab-case name, which names the trouble.
    pub rule: String,
    /// The rule's code in the pack, such as `FAC-04`.
    pub code: String,
    /// The clause it rests on.
    pub clause: Clause,
    /// How it ended.
    pub outcome: Outcome,
    /// How much it matters.
    pub severity: Severity,
    /// Upper-case reason codes.
    pub reasons: Vec<String>,
    /// Notes that do not change the outcome.
    pub notes: Vec<String>,
    /// What to tell the reviewer.
    pub message: Message,
    /// What was declared.
    pub declared: Option<Shown>,
    /// What was found.
    pub found: Option<Shown>,
    /// Found minus declared, in yuan, where both are money.
    pub difference: Option<Decimal>,
    /// What the sums of the rule leave out or net, and what makes up the difference.
    pub explanation: Vec<Explanation>,
    /// The facts that were read on the way: those that decide first, each in the order of their numbers.
    pub evidence: Vec<FactId>,
    /// Where something was looked for and not found: names of files, and `declaration` for what was not
    /// declared. Empty where nothing is absent.
    pub searched: Vec<String>,
}
