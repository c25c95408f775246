//! Fields by label and place, as a document type's file says.

use std::{
    cmp::Ordering,
    collections::{BTreeMap, BTreeSet},
};

use regex::Regex;

use super::{
    choice::choice,
    clear::{is_among_others, is_clear, is_cut, runs_on},
    doubt::{CHECK, doubt},
    joined::Joined,
    kind::{self, Read},
    payload::EXACT,
    reach::{below, beside, goes_on, is_begun, is_part, run_on, skip, span, stands_alone, value_end},
};
use crate::{
    model::{
        anchor::Anchor,
        fact::{Evidence, Fact, FactId, Method, Reading, Record, Seen},
        geometry::Rect,
        page::{Flaws, Origin},
        segment::{Segment, Slice},
        support::{FLAWS, PRINTED, SEPARATORS},
        text::{Glyph, Row},
        value::{Value, code, money},
    },
    rulebook::types::{DocumentType, FieldSpec, Kind},
};

/// The problem of a code whose check digit does not fit.
pub(super) const CHECK_DIGIT: &str = "check-digit-wrong";

/// The problem of a value of which only the place is known.
pub(super) const UNREADABLE: &str = "unreadable";

/// Characters in which a value was looked for, with their places.
struct Candidate {
    row: Row,
    /// Where a choice or pattern already gave the value.
    whole: bool,
    /// Whether more may belong to it: it goes on where it was cut, or stands among others of its kind.
    open: bool,
    /// Which of the field's labels led to it, in order of preference; `None` where none did.
    label: Option<usize>,
}

impl Candidate {
    /// Page and height at which it begins.
    fn place(&self) -> (u32, f64) {
        self.row.glyphs.first().map_or((0, 0.0), |glyph| (glyph.page, glyph.bounds.top))
    }
}

/// Finds every field of a type in a document.
pub(super) fn fields(kind: &DocumentType, segment: &Segment, record: &mut Record) {
    let layout = kind.layout(segment);
    let labels: Vec<&Regex> = kind.fields.iter().flat_map(|f| &f.labels).chain(&kind.stops).collect();
    let mut regions: BTreeMap<&str, Vec<Slice>> = BTreeMap::new();
    let mut closed: BTreeSet<&str> = BTreeSet::new();
    for field in &kind.fields {
        let slices: &[Slice] = match (&field.region, layout) {
            (Some(region), Some(layout)) => {
                let Some(bounds) = layout.regions.get(region) else { continue };
                regions
                    .entry(region)
                    .or_insert_with(|| segment.slices.iter().filter_map(|s| cut(s, bounds)).collect())
            }
            (Some(_), None) => continue,
            (None, _) => &segment.slices,
        };
        // A field may have several entries; the first that reads wins. Where the last counts and does not read,
        // no other entry says it in its place.
        if record.value(&field.name).is_none()
            && !closed.contains(field.name.as_str())
            && let Some(fact) = field_in(field, slices, &labels)
        {
            if field.last && fact.problem == Some(UNREADABLE) {
                closed.insert(&field.name);
            }
            record.fields.insert(field.name.clone(), fact);
        }
    }
    doubt(kind, segment, record, &labels);
}

/// The part of a slice that a region covers.
///
/// One whose upper edge is not found is nowhere: the whole page in its place would hold the values of others.
fn cut(slice: &Slice, region: &crate::rulebook::types::Region) -> Option<Slice> {
    let first = |pattern: &Regex| slice.rows.iter().find(|row| pattern.is_match(&row.text)).map(Row::bounds);
    let top = match &region.below {
        Some(pattern) => first(pattern)?.top,
        None => slice.bounds.top,
    };
    let bottom = region.above.as_ref().and_then(first).map_or(slice.bounds.bottom, |bounds| bounds.bottom);
    let width = slice.bounds.width();
    let bounds = Rect {
        left: slice.bounds.left + width * region.left,
        right: slice.bounds.left + width * region.right,
        top,
        bottom,
    };
    // A ruling that leads out of the region parts what is in it all the same.
    Some(Slice { strokes: slice.strokes.clone(), ..slice.part(bounds) })
}

fn field_in(field: &FieldSpec, slices: &[Slice], labels: &[&Regex]) -> Option<Fact> {
    if field.kind == Kind::Choice {
        return choice(field, slices);
    }
    let mut candidates = patterns(field, slices, labels);
    // A seal says a name whole; what stands beside a label may be a scrap of it.
    candidates.extend(in_seals(field, slices));
    candidates.extend(labelled(field, slices, labels));
    if field.last {
        candidates.sort_by(|a, b| a.place().partial_cmp(&b.place()).unwrap_or(Ordering::Equal));
    }
    let fact = |one: &Candidate| fact(field, one);
    let mut facts: Vec<(Fact, Option<usize>)> =
        candidates.iter().filter_map(|one| Some((fact(one)?, one.label))).collect();
    if facts.is_empty() {
        // The label stands there and something beside it, but it does not read as what it should be.
        let candidate = candidates.iter().find(|candidate| !candidate.row.glyphs.is_empty())?;
        let is_empty = candidate.row.text.trim().is_empty();
        return (!is_empty && field.kind != Kind::Text).then(|| unreadable(&candidate.row));
    }
    // Where the last counts, one that does not read is not passed over for another.
    let looks_so = |one: &&Candidate| {
        one.whole || field.kind.is_figures() && one.row.text.contains(|c: char| c.is_ascii_digit())
    };
    if field.last
        && let Some(candidate) = candidates.iter().rfind(looks_so)
        && fact(candidate).is_none()
    {
        return Some(unreadable(&candidate.row));
    }
    // A code whose check digit is right goes before other digits that only look like one.
    let right = facts.iter().position(|(fact, _)| fact.problem != Some(CHECK_DIGIT));
    let at = if field.last { facts.len() - 1 } else { right.unwrap_or(0) };
    let (mut chosen, label) = facts.swap_remove(at);
    // What a label says that is less preferred stands for the value only where no other does.
    let is_less = |other: Option<usize>| label.zip(other).is_some_and(|(label, other)| other > label);
    chosen.evidence.clear &=
        facts.iter().all(|(other, label)| is_less(*label) || says_the_same(&chosen, other));
    if !field.in_seals.is_empty() {
        facts.into_iter().for_each(|(other, _)| contradict(&mut chosen, other));
    }
    Some(chosen)
}

/// Whether two facts say the same, however they are spaced and whichever brackets they have.
fn says_the_same(fact: &Fact, other: &Fact) -> bool {
    let said = |fact: &Fact| {
        let said = fact.value.as_ref().map(Value::wire).unwrap_or_default();
        said.replace(['（', '〔', '【', '['], "(")
            .replace(['）', '〕', '】', ']'], ")")
            .replace(char::is_whitespace, "")
    };
    said(fact) == said(other)
}

/// What is written round a seal and what is printed are two readings. A scrap of the name says nothing else.
fn contradict(fact: &mut Fact, other: Fact) {
    let said = |fact: &Fact| fact.value.as_ref().map(Value::wire).unwrap_or_default();
    if !said(fact).contains(&said(&other)) {
        fact.problem = fact.problem.or(Some("readings-differ"));
        fact.evidence.readings.extend(other.evidence.readings);
    }
}

/// What a field's patterns find in the writing round seals.
fn in_seals(field: &FieldSpec, slices: &[Slice]) -> Vec<Candidate> {
    let seals = || slices.iter().flat_map(|slice| &slice.seals);
    let found = field.in_seals.iter().flat_map(|pattern| {
        seals().filter_map(|row| {
            let group = pattern.captures(&row.text)?.get(1)?;
            let row = Row::of(span(row, group.start(), group.end()).to_vec());
            Some(Candidate { row, whole: true, open: false, label: None })
        })
    });
    found.collect()
}

fn patterns(field: &FieldSpec, slices: &[Slice], labels: &[&Regex]) -> Vec<Candidate> {
    let mut found = Vec::new();
    for pattern in &field.patterns {
        let rows = slices.iter().flat_map(|slice| slice.rows.iter().enumerate().map(move |row| (slice, row)));
        for (slice, (number, row)) in rows {
            for captures in pattern.captures_iter(&row.text) {
                let (Some(all), Some(group)) = (captures.get(0), captures.get(1)) else { continue };
                // What begins with the field's own label stands behind it, and is found there without it.
                let is_labelled = || {
                    let begins =
                        |label: &Regex| label.find(group.as_str()).is_some_and(|hit| hit.start() == 0);
                    field.labels.iter().any(begins)
                };
                let is_other = field.except.as_ref().is_some_and(|except| except.is_match(group.as_str()));
                if is_other || is_labelled() {
                    continue;
                }
                let range = if field.kind == Kind::Money {
                    whole_figures(&row.text, group.range())
                } else {
                    group.range()
                };
                let mut glyphs = span(row, range.start, range.end).to_vec();
                // A name does not go on behind a gap: what stands there is another column's.
                if field.kind == Kind::Organisation
                    && let Some(gap) = glyphs.iter().skip(1).position(|glyph| glyph.gap > field.max_gap)
                {
                    glyphs.truncate(gap + 1);
                }
                // What has its label in front may run on; what stands alone in its row is whole.
                if field.wraps && group.start() > 0 && group.end() == row.text.len() {
                    run_on(&mut glyphs, slice, number, labels);
                }
                let open = is_cut(row, &all, &group)
                    || is_among_others(&field.kind, row, &all.range())
                    || group.end() == row.text.len() && runs_on(field, &glyphs, slice, number, labels);
                found.push(Candidate { row: Row::of(glyphs), whole: true, open, label: None });
            }
        }
    }
    let whole = Joined::of(slices, "\n", "\u{c}");
    for pattern in &field.across {
        if let Some(captures) = pattern.captures(&whole.text) {
            let groups = captures.iter().skip(1).flatten();
            let glyphs = groups.flat_map(|group| whole.glyphs(group.range())).collect();
            found.push(Candidate { row: Row::of(glyphs), whole: true, open: false, label: None });
        }
    }
    found
}

fn labelled(field: &FieldSpec, slices: &[Slice], labels: &[&Regex]) -> Vec<Candidate> {
    let mut found = Vec::new();
    for (preference, label) in field.labels.iter().enumerate() {
        for slice in slices {
            for (number, row) in slice.rows.iter().enumerate() {
                for hit in label.find_iter(&row.text) {
                    let is_part = || is_part(&row.text, &hit.range(), labels);
                    let is_short = || is_begun(&row.text, &hit.range(), &field.labels);
                    if !stands_alone(row, hit.start())
                        || goes_on(&row.text, hit.end())
                        || is_part()
                        || is_short()
                    {
                        continue;
                    }
                    let after = past_labels(field, &row.text, hit.end());
                    let end = value_end(field, row, after, labels, &slice.strokes);
                    let mut glyphs = span(row, after, end).to_vec();
                    if field.wraps && !glyphs.is_empty() {
                        run_on(&mut glyphs, slice, number, labels);
                    }
                    if glyphs.is_empty() {
                        glyphs = beside(field, (row, hit.range()), slice, number, labels);
                    }
                    // Beside the head of a column stands the next one's.
                    let is_told = field.kind.is_figures() || field.kind == Kind::Code;
                    let is_head = || is_told && !glyphs.iter().any(is_digit);
                    let under = (field.below && (glyphs.is_empty() || is_head()))
                        .then(|| below(row, hit.start(), hit.end(), slice, number))
                        // What begins with a label of its own is another field's.
                        .filter(|under| !begins_with_a_label(under, labels));
                    for part in [Some(glyphs), under].into_iter().flatten().filter(|part| !part.is_empty()) {
                        let open = runs_on(field, &part, slice, number, labels);
                        found.push(Candidate {
                            row: Row::of(part),
                            whole: false,
                            open,
                            label: Some(preference),
                        });
                    }
                }
            }
        }
    }
    found
}

fn is_digit(glyph: &Glyph) -> bool {
    glyph.printed.is_numeric()
}

fn begins_with_a_label(glyphs: &[Glyph], labels: &[&Regex]) -> bool {
    let text = Row::of(glyphs.to_vec()).text;
    labels.iter().any(|label| label.find(&text).is_some_and(|hit| hit.start() == 0))
}

/// A stretch of a text with all the figures that stand together with it: a pattern that fits a part of an amount
/// does not make it one.
fn whole_figures(text: &str, range: std::ops::Range<usize>) -> std::ops::Range<usize> {
    let run = |behind: &mut dyn Iterator<Item = char>| {
        let (mut length, mut seen) = (0, 0);
        for letter in behind {
            seen += letter.len_utf8();
            match letter {
                '0'..='9' => length = seen,
                '.' | ',' => {}
                _ => break,
            }
        }
        length
    };
    let before = run(&mut text.get(..range.start).unwrap_or_default().chars().rev());
    let behind = run(&mut text.get(range.end..).unwrap_or_default().chars());
    range.start - before..range.end + behind
}

/// Past a label and what follows it, and past the same label in another language: 证书编号 Certificate No.
///
/// A value may begin with the words of a label in its own script, and is whole with them.
fn past_labels(field: &FieldSpec, text: &str, from: usize) -> usize {
    let after = skip(text, from);
    let after = if field.kind.is_money() { past_brackets(text, after) } else { after };
    let rest = text.get(after..).unwrap_or_default();
    let is_latin = |c: Option<char>| c.is_some_and(|c| c.is_ascii_alphanumeric() || c == '.');
    let label = text.get(..from).unwrap_or_default();
    if is_latin(label.chars().next_back()) == is_latin(rest.chars().next()) {
        return after;
    }
    let again = field.labels.iter().filter_map(|label| label.find(rest));
    // Of labels that begin alike the longest stands there.
    let longest =
        again.filter(|hit| hit.start() == 0 && !goes_on(rest, hit.end())).map(|hit| hit.end()).max();
    longest.map_or(after, |end| skip(text, after + end))
}

/// Past words in brackets behind the label of an amount: 订单总额(人民币), TOTAL DUE (USD).
fn past_brackets(text: &str, from: usize) -> usize {
    let rest = text.get(from..).unwrap_or_default();
    let inside = rest.strip_prefix('(').and_then(|rest| rest.split_once(')'));
    let words = inside.filter(|(words, _)| words.chars().count() <= BRACKETS && !is_amount(words));
    words.map_or(from, |(_, behind)| skip(text, text.len() - behind.len()))
}

/// So long are words in brackets behind a label at most.
const BRACKETS: usize = 16;

/// Whether an amount stands in a text: `(1,200.00)` is one.
fn is_amount(text: &str) -> bool {
    text.contains(['.', ',']) && text.contains(|c: char| c.is_ascii_digit())
}

fn fact(field: &FieldSpec, candidate: &Candidate) -> Option<Fact> {
    let Read { value, from, to, checked } = kind::read(&field.kind, &candidate.row.text)?;
    // A value that a label points at begins near the label; further along it is another field's.
    let lead = candidate.row.text.get(..from)?;
    if !candidate.whole && lead.chars().count() > 12 {
        return None;
    }
    // A share of what the label names is not what it names.
    if field.kind == Kind::Money && !candidate.whole && lead.contains(['的', '即', '%']) {
        return None;
    }
    let glyphs = span(&candidate.row, from, to);
    let (value, checked) = match (value, checked) {
        // Only a recogniser may take one character for another; what is printed wrong is wrong.
        (Value::Code(code), Some(false)) if seen(glyphs).is_some() => {
            let (code, valid) = code::uscc_as_read(&code);
            (Value::Code(code), Some(valid))
        }
        as_it_is => as_it_is,
    };
    let clear = !candidate.open && is_clear(&field.kind, &value, &candidate.row.text, (from, to));
    let mut fact = value_fact(value, checked, glyphs);
    fact.evidence.clear = clear || checked == Some(true);
    if field.kind == Kind::MoneyInBoxes {
        // Whether a box was overlooked shows only in what else says the amount.
        fact.problem = fact.problem.or(Some(SEPARATORS));
    }
    Some(fact)
}

/// A fact from a value and the characters it was read from.
pub(super) fn value_fact(value: Value, checked: Option<bool>, glyphs: &[Glyph]) -> Fact {
    let row = Row::of(glyphs.to_vec());
    let has_signs = row.text.contains(['.', ',']);
    // What is printed abroad has other signs.
    let plain = || money::parse_figures(&row.text).is_some();
    let abroad = || kind::read(&Kind::MoneyAbroad, &row.text).is_some_and(|read| read.value == value);
    let mended = matches!(value, Value::Money(_)) && has_signs && !plain() && !abroad();
    // Only a recogniser mixes up points and commas.
    if mended && seen(glyphs).is_none() {
        return unreadable(&row);
    }
    let mut readings = vec![reading(glyphs, Some(value.clone()))];
    let mut confidence = sureness(glyphs);
    let is_figures = matches!(value, Value::Money(_) | Value::Date(_) | Value::Code(_));
    let mut problem = flaw(glyphs).filter(|_| is_figures).or(mended.then_some(SEPARATORS));
    match checked {
        Some(true) => {
            confidence = confidence.max(EXACT);
            problem = None;
            readings.push(Reading::new(CHECK, Some(value.clone())));
        }
        Some(false) => {
            confidence = confidence.min(0.4);
            readings.push(Reading::new(CHECK, None));
        }
        None => {}
    }
    Fact {
        id: FactId::default(),
        value: Some(value),
        problem: if checked == Some(false) { Some(CHECK_DIGIT) } else { problem },
        evidence: evidence(row.text, glyphs, confidence, readings),
    }
}

/// A fact of which only the place is known: what stands there does not read as what it should be.
pub(super) fn unreadable(row: &Row) -> Fact {
    let raw = row.text.trim().to_owned();
    let nothing = reading(&row.glyphs, None);
    let readings = if nothing.seen.is_some() { vec![nothing] } else { Vec::new() };
    Fact {
        id: FactId::default(),
        value: None,
        problem: Some(UNREADABLE),
        evidence: evidence(raw, &row.glyphs, 0.0, readings),
    }
}

/// What makes recognised figures doubtful, with the problem that says so, the gravest first.
fn flaw(glyphs: &[Glyph]) -> Option<&'static str> {
    let Flaws { sealed, touched, uneven, .. } = seen(glyphs)?.flaws;
    FLAWS.iter().zip([touched, sealed, uneven]).find(|(_, is)| *is).map(|(code, _)| *code)
}

/// A value as it was read the first time, or that nothing could be read.
pub(super) fn reading(glyphs: &[Glyph], value: Option<Value>) -> Reading {
    let by = match glyphs.first().map(|glyph| glyph.origin) {
        Some(Origin::Recognized { engine, .. }) => engine,
        _ => "text",
    };
    Reading { seen: seen(glyphs), ..Reading::new(by, value) }
}

/// How characters were seen; `None` where none of them was recognised.
fn seen(glyphs: &[Glyph]) -> Option<Seen> {
    let each = glyphs.iter().filter_map(|glyph| match glyph.origin {
        Origin::Recognized { score, flaws, .. } => Some(Seen { score, flaws }),
        Origin::Printed => None,
    });
    each.reduce(|all, one| Seen { score: all.score.min(one.score), flaws: all.flaws.or(one.flaws) })
}

/// How surely characters were read: a text layer well. A recogniser's score stands until it is known what
/// else speaks for the value.
pub(super) fn sureness(glyphs: &[Glyph]) -> f32 {
    glyphs
        .iter()
        .map(|glyph| match glyph.origin {
            Origin::Printed if glyph.printed == '\u{fffd}' => 0.3,
            Origin::Printed => PRINTED,
            Origin::Recognized { score, .. } => score,
        })
        .fold(PRINTED, f32::min)
}

/// Evidence with one box for each row of each page the characters stand on.
pub(super) fn evidence(raw: String, glyphs: &[Glyph], confidence: f32, readings: Vec<Reading>) -> Evidence {
    let mut anchors: Vec<(u32, Rect)> = Vec::new();
    for glyph in glyphs {
        match anchors.last_mut() {
            Some((page, bounds))
                if *page == glyph.page && bounds.overlap_y(&glyph.bounds) > glyph.bounds.height() * 0.3 =>
            {
                *bounds = bounds.union(&glyph.bounds);
            }
            _ => anchors.push((glyph.page, glyph.bounds)),
        }
    }
    Evidence {
        raw,
        anchors: anchors.into_iter().map(|(page, bounds)| Anchor::Box { page, bounds }).collect(),
        method: Method::Located,
        confidence,
        clear: false,
        accepted: false,
        readings,
    }
}
