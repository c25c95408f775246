//! Which words of a call rules rest on, which are set aside, and which nobody accounts for.
//!
//! A clause falls into pieces wherever what covers it changes, character by character. Signs and the
//! pack's joining words ask for nothing by themselves.

use std::ops::Range;

use crate::model::finding::{Clause, Message};

use super::{Pack, Rule, folded::Folded, packs::Aside};

/// What becomes of a piece.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum State {
    /// A rule decides it.
    Automated,
    /// A rule decides a part of it, and a person the rest.
    Partly,
    /// A rule shows it to a person.
    Judged,
    /// No rule looks at it, for a reason.
    Aside,
    /// Nobody accounts for it.
    Open,
}

impl State {
    /// All of them.
    pub const ALL: [Self; 5] = [Self::Automated, Self::Partly, Self::Judged, Self::Aside, Self::Open];

    /// The name used in outputs.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Automated => "automated",
            Self::Partly => "partly",
            Self::Judged => "judgement",
            Self::Aside => "aside",
            Self::Open => "uncovered",
        }
    }
}

/// A piece of a clause.
#[derive(Clone, Debug)]
pub struct Piece<'p> {
    /// Its words as they are written, without the signs that part it from others.
    pub text: &'p str,
    /// Where they stand, in bytes of the clause.
    pub at: Range<usize>,
    /// What becomes of it.
    pub state: State,
    /// The rules that rest on it, each with whether it rests on the whole clause.
    pub rules: Vec<(&'p Rule, bool)>,
    /// Why no rule does.
    pub asides: Vec<&'p Message>,
}

/// A clause and its pieces.
#[derive(Clone, Debug)]
pub struct Covered<'p> {
    /// The clause.
    pub clause: &'p Clause,
    /// Its pieces, in their order.
    pub pieces: Vec<Piece<'p>>,
}

/// Every clause of a pack with its pieces.
#[must_use]
pub fn coverage(pack: &Pack) -> Vec<Covered<'_>> {
    pack.clauses.iter().map(|clause| covered(pack, clause)).collect()
}

/// What covers a part of a clause.
#[derive(Clone, Copy)]
enum By<'p> {
    Rule(&'p Rule, bool),
    Aside(&'p Aside),
}

fn covered<'p>(pack: &'p Pack, clause: &'p Clause) -> Covered<'p> {
    let folded = Folded::of(&clause.text);
    let mut spans: Vec<(Range<usize>, By<'p>)> = Vec::new();
    for rule in pack.rules.iter().filter(|rule| rule.clause.number == clause.number) {
        let part = Folded::of(&rule.clause.text);
        let whole = part.text == folded.text;
        spans.extend(folded.find(&part).into_iter().map(|range| (range, By::Rule(rule, whole))));
    }
    for aside in pack.asides.iter().filter(|aside| aside.clause.number == clause.number) {
        let part = Folded::of(&aside.clause.text);
        spans.extend(folded.find(&part).into_iter().map(|range| (range, By::Aside(aside))));
    }
    let mut edges: Vec<usize> = spans.iter().flat_map(|(range, _)| [range.start, range.end]).collect();
    edges.extend([0, folded.text.len()]);
    edges.sort_unstable();
    edges.dedup();
    let mut pieces = Vec::new();
    for (from, to) in edges.iter().zip(edges.iter().skip(1)) {
        let over = |range: &Range<usize>| range.start <= *from && *to <= range.end;
        let by = spans.iter().filter(|(range, _)| over(range)).map(|(_, by)| *by).collect::<Vec<_>>();
        let words = folded.text.get(*from..*to).unwrap_or_default();
        if by.is_empty() && asks_for_nothing(words, &pack.joining) {
            continue;
        }
        let at = folded.written(&(*from..*to));
        pieces.push(piece(clause.text.get(at.clone()).unwrap_or_default(), at, &by));
    }
    Covered { clause, pieces }
}

fn piece<'p>(text: &'p str, at: Range<usize>, by: &[By<'p>]) -> Piece<'p> {
    let mut rules = Vec::new();
    let mut asides = Vec::new();
    for one in by {
        match one {
            By::Rule(rule, whole) => rules.push((*rule, *whole)),
            By::Aside(aside) => asides.push(&aside.why),
        }
    }
    let judged = rules.iter().filter(|(rule, _)| rule.judgement).count();
    let state = match (rules.len(), judged, asides.len()) {
        (0, _, 0) => State::Open,
        (0, _, _) => State::Aside,
        (all, judged, _) if judged == all => State::Judged,
        (_, 0, _) => State::Automated,
        _ => State::Partly,
    };
    Piece { text: without_ends(text), at, state, rules, asides }
}

/// A piece without the signs that part it from others.
fn without_ends(text: &str) -> &str {
    const SIGNS: &str = "，。；：、,.;:";
    let parts = |c: char, bracket: &str| c.is_whitespace() || SIGNS.contains(c) || bracket.contains(c);
    text.trim_start_matches(|c| parts(c, "）)")).trim_end_matches(|c| parts(c, "（("))
}

/// Whether a piece holds nothing but signs and joining words.
fn asks_for_nothing(words: &str, joining: &[String]) -> bool {
    let bare = |text: &str| text.chars().filter(|c| c.is_alphanumeric()).collect::<String>();
    let words = bare(words);
    words.is_empty() || joining.iter().any(|joins| bare(joins) == words)
}

/// Asides of whose words every piece has a rule by now.
#[must_use]
pub fn superfluous<'p>(pack: &'p Pack, covered: &[Covered<'p>]) -> Vec<&'p Aside> {
    let is_needed = |aside: &Aside| {
        let pieces = covered.iter().filter(|one| one.clause.number == aside.clause.number);
        pieces.flat_map(|one| &one.pieces).any(|piece| {
            piece.rules.is_empty() && piece.asides.iter().any(|why| std::ptr::eq(*why, &aside.why))
        })
    };
    pack.asides.iter().filter(|aside| !is_needed(aside)).collect()
}
