//! How the evaluation of a rule ended, and how it is said.

use std::collections::{BTreeMap, BTreeSet};

use cel::ExecutionError;
use rust_decimal::Decimal;

use crate::{
    model::{
        finding::{Message, Outcome},
        value::Value,
    },
    rulebook::Combine,
};

use super::apart::Item;

/// How one evaluation of a rule ended.
#[derive(Clone, Debug)]
pub(super) struct Verdict {
    pub(super) outcome: Outcome,
    pub(super) reasons: Vec<String>,
    pub(super) notes: Vec<String>,
    pub(super) shown: BTreeMap<String, Value>,
    pub(super) reads: BTreeSet<usize>,
    /// Those of the facts that decide, where several elements were looked at.
    pub(super) foremost: BTreeSet<usize>,
    /// What the sums left out.
    pub(super) apart: Vec<Item>,
}

/// A name that has no value, with the error that kept it from having one.
pub(super) type Gaps = BTreeMap<String, ExecutionError>;

/// The name under which a verdict keeps what was missing.
const GAP: &str = "(gap)";

impl Verdict {
    /// An end without anything to say of it.
    pub(super) const fn bare(outcome: Outcome) -> Self {
        Self {
            outcome,
            reasons: Vec::new(),
            notes: Vec::new(),
            shown: BTreeMap::new(),
            reads: BTreeSet::new(),
            foremost: BTreeSet::new(),
            apart: Vec::new(),
        }
    }

    /// What was not found may stand where nothing was understood.
    pub(super) fn unread(mut self) -> Self {
        self.outcome = Outcome::ManualReview;
        self.reasons.retain(|reason| reason != "NOT_SUPPLIED");
        self.reasons.insert(0, "PERHAPS_UNREAD".to_owned());
        self
    }

    /// The sentence: the rule's own, or what kept the rule from being decided.
    pub(super) fn message(&self, rule: &Message) -> Message {
        let say =
            |zh: &str, en: &str, what: &str| Message { zh: format!("{zh}{what}"), en: format!("{en}{what}") };
        let reason = self.reasons.first().map_or("", String::as_str);
        if self.outcome == Outcome::NotApplicable {
            return say("不适用", "does not apply", "");
        }
        match (reason, self.shown.get(GAP).map(Value::wire)) {
            ("NOT_SUPPLIED", Some(what)) => say("未提供材料：", "not supplied: ", &what),
            ("NOT_DECLARED", Some(what)) => say("未申报：", "not declared: ", &what),
            ("PERHAPS_UNREAD", Some(what)) => say(
                "未找到材料，可能在未能识别的附件中：",
                "not found, perhaps in what was not recognised: ",
                &what,
            ),
            ("UNREADABLE", Some(what)) => say("无法辨认：", "could not be read: ", &what),
            ("RULE_BROKEN", Some(what)) => say("规则无法执行：", "the rule could not be evaluated: ", &what),
            _ => Message {
                zh: filled(&rule.zh, &self.shown, "（未知）"),
                en: filled(&rule.en, &self.shown, "(unknown)"),
            },
        }
    }
}

/// Puts values into the braces of a message.
fn filled(text: &str, shown: &BTreeMap<String, Value>, unknown: &str) -> String {
    let mut out = String::new();
    let mut rest = text;
    while let Some((before, after)) = rest.split_once('{') {
        out.push_str(before);
        let Some((name, tail)) = after.split_once('}') else {
            rest = after;
            break;
        };
        out.push_str(&shown.get(name).map_or_else(|| unknown.to_owned(), Value::wire));
        rest = tail;
    }
    out.push_str(rest);
    out
}

/// Reasons of an absence that no attachment can mend: what is declared, and what authorities keep.
const NOT_IN_ATTACHMENTS: &[&str] = &["NOT_DECLARED", "LISTS_DO_NOT_COVER", "NOT_IN_SUMMARY"];

/// What a verdict misses, where it misses a document: its type, or nothing where the rule does not say.
pub(super) fn perhaps_unread(verdict: &Verdict) -> Option<String> {
    let is_elsewhere = |reason: &String| NOT_IN_ATTACHMENTS.contains(&reason.as_str());
    if verdict.outcome != Outcome::MissingEvidence || verdict.reasons.iter().any(is_elsewhere) {
        return None;
    }
    let what = verdict.shown.get(GAP).map(Value::wire).unwrap_or_default();
    Some(what.split(' ').next().unwrap_or_default().to_owned())
}

/// The error behind a name that has no value.
pub(super) fn explained(error: ExecutionError, gaps: &Gaps) -> ExecutionError {
    match &error {
        ExecutionError::UndeclaredReference(name) => gaps.get(name.as_str()).cloned().unwrap_or(error),
        _ => error,
    }
}
/// What an error means: nothing was handed in, or it could not be read, or the rule is broken.
pub(super) fn gap(error: &ExecutionError, gaps: &Gaps, reads: Vec<usize>) -> Verdict {
    let error = explained(error.clone(), gaps);
    let (outcome, reason) = match &error {
        ExecutionError::NoSuchKey(key) => match key.split_once(' ') {
            Some(("absent", what)) => (Outcome::MissingEvidence, format!("NOT_SUPPLIED {what}")),
            Some(("undeclared", what)) => (Outcome::MissingEvidence, format!("NOT_DECLARED {what}")),
            Some(("unread", what)) => (Outcome::ManualReview, format!("UNREADABLE {what}")),
            _ => (Outcome::ManualReview, format!("RULE_BROKEN {error}")),
        },
        other => (Outcome::ManualReview, format!("RULE_BROKEN {other}")),
    };
    let (code, what) = reason.split_once(' ').unwrap_or((&reason, ""));
    let shown = BTreeMap::from([(GAP.to_owned(), Value::Text(what.to_owned()))]);
    Verdict {
        reasons: vec![code.to_owned()],
        shown,
        reads: reads.into_iter().collect(),
        ..Verdict::bare(outcome)
    }
}

pub(super) fn broken(source: &str, reads: BTreeSet<usize>) -> Verdict {
    let error = ExecutionError::function_error("rule", format!("`{source}` is neither true nor false"));
    gap(&error, &Gaps::new(), reads.into_iter().collect())
}

/// Several elements' verdicts as one: the worst one's sentence, everybody's reasons and notes. Where
/// some do not pass, those that pass are not cited: a reviewer wants to see the others.
pub(super) fn combine(verdicts: Vec<Verdict>, how: Combine) -> Verdict {
    let total = verdicts.len();
    let ends: BTreeSet<Outcome> = verdicts.iter().map(|one| one.outcome).collect();
    let worst = verdicts.iter().map(|one| one.outcome).max().unwrap_or(Outcome::NotApplicable);
    let reads_of = |is: &dyn Fn(Outcome) -> bool| {
        let those = verdicts.iter().filter(|one| is(one.outcome));
        those.flat_map(|one| one.reads.iter().copied()).collect::<BTreeSet<usize>>()
    };
    let reads = reads_of(&|outcome| worst <= Outcome::Pass || outcome > Outcome::Pass);
    let foremost = reads_of(&|outcome| outcome == worst);
    let mut reasons: Vec<String> = Vec::new();
    let mut notes: Vec<String> = Vec::new();
    for one in &verdicts {
        for reason in
            one.reasons.iter().filter(|reason| !reasons.contains(reason)).cloned().collect::<Vec<_>>()
        {
            reasons.push(reason);
        }
        for note in one.notes.iter().filter(|note| !notes.contains(note)).cloned().collect::<Vec<_>>() {
            notes.push(note);
        }
    }
    if total == 0 {
        return Verdict::bare(Outcome::NotApplicable);
    }
    let failing = verdicts.iter().filter(|one| one.outcome > Outcome::Pass).count();
    let apart = verdicts.iter().flat_map(|one| one.apart.iter().cloned()).collect();
    let mut shown =
        verdicts.into_iter().find(|one| one.outcome == worst).map(|one| one.shown).unwrap_or_default();
    let count = |number: usize| Value::Number(Decimal::from(number));
    shown.insert("failing".to_owned(), count(failing));
    shown.insert("total".to_owned(), count(total));
    // The others fail the case only where none of them may still pass.
    let outcome = match how {
        Combine::Any if worst == Outcome::Fail => {
            if ends.contains(&Outcome::Pass) || ends.contains(&Outcome::ManualReview) {
                Outcome::ManualReview
            } else if ends.contains(&Outcome::MissingEvidence) {
                Outcome::MissingEvidence
            } else {
                Outcome::Fail
            }
        }
        _ => worst,
    };
    Verdict { outcome, reasons, notes, shown, reads, foremost, apart }
}
