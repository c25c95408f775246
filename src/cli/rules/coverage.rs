//! `heyan rules coverage`: clause by clause, what is automated and what is left to a person.

use std::collections::BTreeMap;

use serde::Serialize;

use super::super::say;
use crate::{
    model::finding::Message,
    report::Lang,
    rulebook::{
        Pack,
        coverage::{Covered, Piece, State, coverage},
    },
};

/// Coverage as it is written for programs.
#[derive(Serialize)]
struct Wire<'p> {
    pack: &'p str,
    pack_version: &'p str,
    /// How many pieces there are of each state.
    counts: BTreeMap<&'static str, usize>,
    clauses: Vec<WireClause<'p>>,
}

#[derive(Serialize)]
struct WireClause<'p> {
    number: &'p str,
    text: &'p str,
    pieces: Vec<WirePiece<'p>>,
}

#[derive(Serialize)]
struct WirePiece<'p> {
    text: &'p str,
    state: &'static str,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    rules: Vec<WireRule<'p>>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    why: Vec<&'p Message>,
}

#[derive(Serialize)]
struct WireRule<'p> {
    id: &'p str,
    code: &'p str,
    judgement: bool,
    /// Whether it quotes no part and rests on all of the clause.
    whole_clause: bool,
}

/// Prints the coverage of a pack; answers whether all of it is accounted for.
pub(super) fn print(pack: &Pack, lang: Lang, json: bool) -> anyhow::Result<bool> {
    let covered = coverage(pack);
    let counts = counted(&covered);
    let text = if json {
        let wire = Wire {
            pack: &pack.id,
            pack_version: &pack.version,
            counts: State::ALL.iter().map(|state| (state.name(), counts[state])).collect(),
            clauses: covered.iter().map(wire_clause).collect(),
        };
        serde_json::to_string_pretty(&wire)? + "\n"
    } else {
        table(pack, &covered, &counts, lang)
    };
    say::result(&text);
    Ok(counts[&State::Open] == 0)
}

fn counted(covered: &[Covered<'_>]) -> BTreeMap<State, usize> {
    let mut counts: BTreeMap<State, usize> = State::ALL.into_iter().map(|state| (state, 0)).collect();
    for piece in covered.iter().flat_map(|one| &one.pieces) {
        *counts.entry(piece.state).or_default() += 1;
    }
    counts
}

fn wire_clause<'p>(one: &Covered<'p>) -> WireClause<'p> {
    let rule = |(rule, whole_clause): &(&'p crate::rulebook::Rule, bool)| WireRule {
        id: &rule.id,
        code: &rule.code,
        judgement: rule.judgement,
        whole_clause: *whole_clause,
    };
    let piece = |piece: &Piece<'p>| WirePiece {
        text: piece.text,
        state: piece.state.name(),
        rules: piece.rules.iter().map(rule).collect(),
        why: piece.asides.clone(),
    };
    WireClause {
        number: &one.clause.number,
        text: &one.clause.text,
        pieces: one.pieces.iter().map(piece).collect(),
    }
}

/// A state as a policy officer calls it.
fn state(state: State, lang: Lang) -> &'static str {
    match state {
        State::Automated => lang.of("自动核验", "automated"),
        State::Partly => lang.of("部分自动", "partly automated"),
        State::Judged => lang.of("人工评审", "needs judgement"),
        State::Aside => lang.of("不予核验", "set aside"),
        State::Open => lang.of("无人负责", "uncovered"),
    }
}

fn table(pack: &Pack, covered: &[Covered<'_>], counts: &BTreeMap<State, usize>, lang: Lang) -> String {
    let mut out = format!("{} {} {}\n", pack.id, pack.version, pack.title);
    let mut whole = false;
    for one in covered {
        out.push_str(&format!("\n{}\n", one.clause.number));
        for piece in &one.pieces {
            out.push_str(&format!("  {}  {}\n", padded(state(piece.state, lang), lang), piece.text));
            for line in lines(piece, lang) {
                out.push_str(&format!("  {}    {line}\n", padded("", lang)));
            }
            whole |= piece.rules.iter().any(|(_, whole)| *whole);
        }
    }
    let sums = State::ALL.map(|one| format!("{} {}", state(one, lang), counts[&one]));
    out.push_str(&format!("\n{}\n", sums.join(lang.of("，", ", "))));
    if whole {
        out.push_str(lang.of(
            "* 该规则以整条为依据，未指明所据字句\n",
            "* the rule rests on the whole clause and quotes no part of it\n",
        ));
    }
    out
}

/// The rules of a piece, those that decide first, and why it is set aside.
fn lines(piece: &Piece<'_>, lang: Lang) -> Vec<String> {
    let mut rules: Vec<&(&crate::rulebook::Rule, bool)> = piece.rules.iter().collect();
    rules.sort_by_key(|(rule, _)| rule.judgement);
    let rule = |(rule, whole): &&(&crate::rulebook::Rule, bool)| {
        let person = if rule.judgement { lang.of("（人工）", " (a person)") } else { "" };
        format!("{} {}{}{person}", rule.code, rule.id, if *whole { "*" } else { "" })
    };
    let why = piece.asides.iter().map(|why| lang.say(why).to_owned());
    rules.iter().map(rule).chain(why).collect()
}

/// To one width; Chinese characters are two columns wide.
fn padded(text: &str, lang: Lang) -> String {
    let width: usize = text.chars().map(|c| if c.is_ascii() { 1 } else { 2 }).sum();
    let wide: usize = match lang {
        Lang::Zh => 8,
        Lang::En => 16,
    };
    format!("{text}{}", " ".repeat(wide.saturating_sub(width)))
}
