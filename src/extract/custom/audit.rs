//! Audit reports print amounts in 万元 or 元, and the two may differ between text and table.

use std::sync::LazyLock;

use regex::Regex;

use super::{
    agreement::{confirm_words, money, words},
    schedule::{self, ARITHMETIC, COLUMNS},
    sums,
};
use crate::{
    extract::{confirm, confirm_figures},
    model::{
        anchor::Anchor,
        fact::{Fact, Reading, Record},
        geometry::Rect,
        segment::Segment,
        support::COMPUTED,
        text::{Glyph, Row},
        value::{Money, Value, date},
    },
    rulebook::types::DocumentType,
};

static UNIT: LazyLock<Option<Regex>> = LazyLock::new(|| {
    // Beside the word for it, in the head of a column, or behind the caption of a table.
    Regex::new(r"单\s*位\s*:?\s*(?:人民币)?\s*(亿元|万元|千元|元)|(?:金额|款)\s*\((亿元|万元|千元|元)\)|(?:表|汇总|明细|情况)\s*\((?:人民币)?(亿元|万元|千元|元)\)\s*$").ok()
});
static INLINE: LazyLock<Option<Regex>> = LazyLock::new(|| Regex::new(r"^\)?\s*(亿元|万元|千元|元)").ok());
static TERM: LazyLock<Option<Regex>> =
    LazyLock::new(|| Regex::new(r"有效期\s*(?:为|:)?\s*([一二三四五1-5])\s*年").ok());

/// The problem of an amount of which nobody knows whether it is in yuan.
pub(super) const UNKNOWN: &str = "unit-unknown";

/// Fields of an audit report that hold amounts.
const AMOUNTS: [&str; 5] = ["total", "development", "equipment", "testing_consulting", "other"];

/// Puts amounts into yuan by the unit printed right behind them, or above their table.
pub(super) fn units(kind: &DocumentType, segment: &Segment, record: &mut Record) {
    let rows = rows(segment);
    for field in AMOUNTS {
        if let Some(fact) = record.fields.get_mut(field) {
            in_yuan(fact, &rows);
        }
    }
    for line in record.rows.values_mut().flatten() {
        for field in COLUMNS {
            if let Some(fact) = line.fields.get_mut(field) {
                in_yuan(fact, &rows);
            }
        }
    }
    let is_whole = record.fields.get("total").is_some_and(|total| !sums::may_hide(total));
    let total = money(record, "total").filter(|_| is_whole);
    on_lists(kind, record, |lines, sums, usual| schedule::agree(lines, sums, usual, total));
    // Fields say what sums are, sums what fields are, and both what lines are.
    sums::compare(kind, record);
    agree(record);
    sums::compare(kind, record);
    on_lists(kind, record, sums::foot);
}

/// Puts the amount of a contract into yuan in the same way.
pub(super) fn amount(_: &DocumentType, segment: &Segment, record: &mut Record) {
    let rows = rows(segment);
    if let Some(fact) = record.fields.get_mut("amount") {
        in_yuan(fact, &rows);
    }
}

/// All rows with their pages.
fn rows(segment: &Segment) -> Vec<(u32, &Row)> {
    segment.slices.iter().flat_map(|slice| slice.rows.iter().map(|row| (slice.page, row))).collect()
}

/// Does something with the lines and sums of each list, and the digit that most of its amounts end with.
fn on_lists(kind: &DocumentType, record: &mut Record, what: impl Fn(&mut [Record], &mut [Record], i32)) {
    for list in &kind.rows {
        let mut sums = list.sums.as_ref().and_then(|name| record.rows.remove(name)).unwrap_or_default();
        if let Some(lines) = record.rows.get_mut(&list.name)
            && let Some(usual) = schedule::last_digit(lines)
        {
            what(lines, &mut sums, usual);
        }
        if let (Some(name), false) = (&list.sums, sums.is_empty()) {
            record.rows.insert(name.clone(), sums);
        }
    }
}

fn in_yuan(fact: &mut Fact, rows: &[(u32, &Row)]) {
    let Some(Value::Money(printed)) = fact.value else { return };
    let Some(Anchor::Box { page, bounds }) = fact.evidence.anchors.first().cloned() else { return };
    let own =
        rows.iter().position(|(p, row)| *p == page && row.glyphs.iter().any(|g| bounds.holds(&g.bounds)));
    let unit = own.and_then(|own| {
        let row = rows.get(own)?.1;
        unit_behind(row, &bounds).or_else(|| sign(row, &bounds)).or_else(|| unit_above(rows, own))
    });
    match unit.and_then(|unit| Money::in_unit(printed.yuan, &unit)) {
        Some(money) => {
            fact.value = Some(Value::Money(money));
            if let Some(first) = fact.evidence.readings.first_mut() {
                first.value = Some(Value::Money(money));
            }
        }
        // 2290.32 may be yuan or 万元: ten thousand times apart is nothing to guess about.
        None => {
            fact.problem = Some(UNKNOWN);
            fact.evidence.confidence = fact.evidence.confidence.min(0.5);
        }
    }
}

fn unit_behind(row: &Row, amount: &Rect) -> Option<String> {
    let last = row.glyphs.iter().rposition(|g| amount.holds(&g.bounds))?;
    let after = row.glyph_at.iter().position(|at| *at == last + 1)?;
    INLINE.as_ref()?.captures(row.text.get(after..)?).map(|found| found[1].to_owned())
}

/// A yuan sign before the amount says it all.
fn sign(row: &Row, amount: &Rect) -> Option<String> {
    let first = row.glyphs.iter().position(|g| amount.holds(&g.bounds))?;
    let before = first.checked_sub(1).and_then(|at| row.glyphs.get(at));
    let is_sign = |glyph: &Glyph| matches!(glyph.printed, '¥' | '￥');
    (row.glyphs.get(first).is_some_and(is_sign) || before.is_some_and(is_sign)).then(|| "元".to_owned())
}

/// The unit named above on the page. On a page that names none, a table may go on from the page
/// before it; that holds only where all tables up to there are in one unit.
fn unit_above(rows: &[(u32, &Row)], own: usize) -> Option<String> {
    let unit = |(page, row): &(u32, &Row)| {
        let found = UNIT.as_ref()?.captures(&row.text)?;
        let unit = found.iter().skip(1).flatten().next()?;
        Some((*page, unit.as_str().to_owned()))
    };
    let (page, _) = rows.get(own)?;
    let named: Vec<(u32, String)> = rows.get(..=own)?.iter().rev().filter_map(unit).collect();
    let (nearest, name) = named.first()?;
    (nearest == page || named.iter().all(|(_, other)| other == name)).then(|| name.clone())
}

/// The words and the categories' sum against the total. Words are in yuan, and what adds up is in one unit.
fn agree(record: &mut Record) {
    let Some(total) = money(record, "total") else { return };
    let adds_up = |other: &Money| (other.yuan - total.yuan).abs() <= total.half_unit() + other.half_unit();
    let words = words(record, "total_in_words");
    let is_said = words.is_some_and(|words| adds_up(&words));
    if is_said {
        in_known_unit(record, "total");
        confirm_words(record, "total", "total_in_words");
    }
    let named: Vec<&str> =
        AMOUNTS.iter().skip(1).copied().filter(|field| money(record, field).is_some()).collect();
    let parts: Vec<Money> = named.iter().filter_map(|field| money(record, field)).collect();
    let sum = (parts.len() >= 3).then(|| Money {
        yuan: parts.iter().map(|part| part.yuan).sum(),
        last_digit: parts.iter().map(|part| part.last_digit).max().unwrap_or(-2),
    });
    let any = |record: &Record, is: fn(&Fact) -> bool| named.iter().any(|field| is(&record.fields[*field]));
    // What is hidden beside the total and beside a part as well leaves figures that add up.
    let is_hidden = !is_said && sums::may_hide(&record.fields["total"]) && any(record, sums::may_hide);
    // Parts that add up to the total confirm each other: one misread would not.
    if sum.is_some_and(|sum| adds_up(&sum)) && !is_hidden {
        let is_unknown = |fact: &Fact| fact.problem == Some(UNKNOWN);
        if !is_unknown(&record.fields["total"]) {
            named.iter().for_each(|field| in_known_unit(record, field));
        } else if !any(record, is_unknown) {
            in_known_unit(record, "total");
        }
        for field in &named {
            if let Some(part) = record.fields.get_mut(*field) {
                confirm_figures(part);
                part.evidence.readings.push(Reading::new(ARITHMETIC, part.value.clone()));
            }
        }
    }
    // A part that was seen badly makes no total doubtful that the words say; that they differ stays to be seen.
    let is_excused = is_said && any(record, |fact| fact.problem.is_some());
    let Some(fact) = record.fields.get_mut("total") else { return };
    for (by, other) in [("words", words), (ARITHMETIC, sum)] {
        let Some(other) = other else { continue };
        fact.evidence.readings.push(Reading::new(by, Some(Value::Money(other))));
        if adds_up(&other) {
            if !is_hidden {
                // A column that foots may be another one than is meant; the words of a total are its own.
                if by == ARITHMETIC { confirm_figures(fact) } else { confirm(fact) }
            }
        } else if !is_excused {
            fact.evidence.confidence = fact.evidence.confidence.min(0.6);
            fact.problem = fact.problem.or(Some("readings-differ"));
        }
    }
}

/// Something in yuan says the same as an amount of which nobody knew whether it is.
fn in_known_unit(record: &mut Record, field: &str) {
    if let Some(fact) = record.fields.get_mut(field) {
        fact.problem = fact.problem.filter(|problem| *problem != UNKNOWN);
    }
}

/// Where only a term in years is printed, the end of validity is the issue date plus the term.
pub(super) fn term(_: &DocumentType, segment: &Segment, record: &mut Record) {
    if record.value("valid_until").is_some() {
        return;
    }
    let Some(Value::Date(issued)) = record.value("issued_on").cloned() else { return };
    let years = segment.slices.iter().flat_map(|slice| &slice.rows).find_map(|row| {
        let found = TERM.as_ref()?.captures(&row.text)?;
        let word = found[1].chars().next()?;
        word.to_digit(10).or_else(|| u32::try_from("一二三四五".chars().position(|c| c == word)? + 1).ok())
    });
    let Some(end) = years.and_then(|years| date::add_years(issued, i32::try_from(years).ok()?)) else {
        return;
    };
    if let Some(mut fact) = record.fields.get("issued_on").cloned() {
        fact.value = Some(Value::Date(end));
        // The last day may be this one or the day before; the rule about it has to know.
        fact.problem = Some(COMPUTED);
        // Whoever read the day of issue stands for the day computed from it.
        for reading in &mut fact.evidence.readings {
            if let Some(Value::Date(read)) = reading.value {
                let end = years.and_then(|years| date::add_years(read, i32::try_from(years).ok()?));
                reading.value = end.map(Value::Date);
            }
        }
        record.fields.insert("valid_until".to_owned(), fact);
    }
}
