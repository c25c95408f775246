//! The sums printed among and below the lines of a list: which lines each is of, whether it foots, and which
//! fields stand there once more.

use rust_decimal::Decimal;

use super::{
    audit::UNKNOWN,
    schedule::{COLUMNS, prove, proves},
};
use crate::{
    extract::confirm,
    model::{
        anchor::Anchor,
        fact::{Fact, Reading, Record},
        support::INK_BESIDE,
        value::{Money, Value},
    },
    rulebook::types::{DocumentType, FieldSpec, RowsSpec},
};

/// By whom a field is confirmed that stands as a sum of a list as well.
const SUM: &str = "subtotal";
/// The column that a report's amounts are the sums of, by what it says of the tax in them.
const BASIS: [(&str, &str); 2] = [("excl", "net"), ("incl", "gross")];

/// A sum, or what a sum is of.
#[derive(Clone, Copy)]
enum Part {
    Line(usize),
    Sum(usize),
}

/// Confirms the amounts of lines and sums that foot, column by column. One of several misread amounts would
/// not; but what hides the head of a line may hide that of its sum, and then the rest foots all the same. So
/// a sum of which something may be hidden vouches for no line of which something may be.
///
/// Amounts are printed to the `usual` digit, a power of ten of a yuan. One of which only the figures could be
/// read, and not its separators, is known where it foots.
pub(super) fn foot(lines: &mut [Record], sums: &mut [Record], usual: i32) {
    let relations = relations(lines, sums);
    for column in COLUMNS {
        // What one sum vouches for may make another one sure.
        for _ in 0..sums.len() {
            for relation in &relations {
                let facts: Option<Vec<&Fact>> =
                    relation.iter().map(|part| part.of(lines, sums).fields.get(column)).collect();
                let Some(amounts) = facts.and_then(|facts| footing(&facts, usual)) else { continue };
                for (part, amount) in relation.iter().zip(amounts) {
                    if let Some(fact) = part.of_mut(lines, sums).fields.get_mut(column) {
                        set(fact, amount);
                    }
                }
            }
        }
    }
}

/// The amounts of a sum and its parts if the parts are the sum, and only it or only they may have a hidden
/// head.
fn footing(facts: &[&Fact], usual: i32) -> Option<Vec<Money>> {
    let amounts: Vec<Money> = facts.iter().map(|fact| amount(fact, usual)).collect::<Option<_>>()?;
    let (whole, parts) = amounts.split_first()?;
    let slack = amounts.iter().map(Money::half_unit).sum::<Decimal>();
    let apart = (parts.iter().map(|part| part.yuan).sum::<Decimal>() - whole.yuan).abs();
    let hidden =
        facts.split_first().map(|(sum, parts)| may_hide(sum) && parts.iter().any(|one| may_hide(one)));
    (apart <= slack && proves(whole.yuan, slack) && hidden == Some(false)).then_some(amounts)
}

/// What was read, or what the figures that an engine read are if their separators are the usual ones.
fn amount(fact: &Fact, usual: i32) -> Option<Money> {
    if let Some(Value::Money(money)) = fact.value
        && money.last_digit == usual
    {
        return Some(money);
    }
    fact.evidence.readings.first()?.seen?;
    let raw = fact.evidence.raw.as_str();
    let figures: String = raw.chars().filter(char::is_ascii_digit).collect();
    let is_amount = raw.chars().all(|c| c.is_ascii_digit() || ",. ".contains(c));
    let number = Decimal::from(figures.parse::<u64>().ok().filter(|_| is_amount)?);
    let unit = Decimal::from(10_u64.checked_pow(usual.unsigned_abs())?);
    let yuan = if usual < 0 { number.checked_div(unit) } else { number.checked_mul(unit) }?;
    Some(Money { yuan, last_digit: usual })
}

/// Whether something stands beside what was read of an amount. A seal over figures may change one, but what it
/// leaves unread of them stays as ink that no word accounts for.
fn may_hide(fact: &Fact) -> bool {
    let seen = fact.evidence.readings.first().and_then(|reading| reading.seen);
    fact.problem.is_some() && seen.is_some_and(|seen| seen.flaws.touched)
}

/// An amount that foots.
fn set(fact: &mut Fact, amount: Money) {
    fact.value = Some(Value::Money(amount));
    if let Some(first) = fact.evidence.readings.first_mut() {
        first.value.clone_from(&fact.value);
    }
    prove(fact);
}

impl Part {
    fn of<'a>(self, lines: &'a [Record], sums: &'a [Record]) -> &'a Record {
        match self {
            Self::Line(at) => &lines[at],
            Self::Sum(at) => &sums[at],
        }
    }

    fn of_mut<'a>(self, lines: &'a mut [Record], sums: &'a mut [Record]) -> &'a mut Record {
        match self {
            Self::Line(at) => &mut lines[at],
            Self::Sum(at) => &mut sums[at],
        }
    }
}

/// Every sum, followed by what it is the sum of: its lines, or the sums of parts of them. A sum of one line
/// says nothing that the line does not.
fn relations(lines: &[Record], sums: &[Record]) -> Vec<Vec<Part>> {
    let of = covered(lines, sums);
    let mut all: Vec<Vec<Part>> = Vec::new();
    for (at, covered) in of.iter().enumerate() {
        let whole = || std::iter::once(Part::Sum(at));
        all.push(whole().chain(covered.iter().copied().map(Part::Line)).collect());
        let smaller = (0..at).filter(|other| of[*other].len() < covered.len()).map(Part::Sum);
        all.push(whole().chain(smaller).collect());
    }
    all.retain(|relation| relation.len() > 2);
    all
}

/// The lines that each sum is of: those since the sum above it, or all where it stands right below another.
fn covered(lines: &[Record], sums: &[Record]) -> Vec<Vec<usize>> {
    let above = |sum: &Record| -> Vec<usize> {
        let end = place(sum);
        (0..lines.len()).filter(|at| is_before(place(&lines[*at]), end)).collect()
    };
    let mut last: Vec<usize> = Vec::new();
    let each = sums.iter().map(|sum| {
        let all = above(sum);
        let since: Vec<usize> = all.iter().copied().filter(|at| !last.contains(at)).collect();
        last.clone_from(&all);
        if since.is_empty() { all } else { since }
    });
    each.collect()
}

/// The page and the height on it where the amounts of a line or a sum stand.
fn place(record: &Record) -> Option<(u32, f64)> {
    COLUMNS.iter().filter_map(|column| record.fields.get(*column)).find_map(|fact| {
        match fact.evidence.anchors.first()? {
            Anchor::Box { page, bounds } => Some((*page, bounds.center_y())),
            _ => None,
        }
    })
}

fn is_before(one: Option<(u32, f64)>, other: Option<(u32, f64)>) -> bool {
    one.zip(other).is_some_and(|(one, other)| one < other)
}

/// Lays the fields that a list's sums say as well beside those sums. One that was not read, or of which only a
/// part was, is read there; what says the same is confirmed, unless both were seen badly.
pub(super) fn compare(kind: &DocumentType, record: &mut Record) {
    let basis = BASIS.iter().find(|(basis, _)| record.text("tax_basis") == Some(basis));
    let Some((_, column)) = basis else { return };
    for list in &kind.rows {
        let Some(name) = &list.sums else { continue };
        let Some(mut sums) = record.rows.remove(name) else { continue };
        for field in &kind.fields {
            let lines = record.rows.get(&list.name).map_or(&[][..], Vec::as_slice);
            let Some(sum) = sum_of(field, list, lines, &sums) else { continue };
            let Some(sum) = sums[sum].fields.get_mut(*column).filter(|sum| sum.value.is_some()) else {
                continue;
            };
            match record.fields.get_mut(&field.name) {
                Some(own) if own.value.is_some() && !is_part(own, sum) => agree(own, sum),
                _ => {
                    record.fields.insert(field.name.clone(), sum.clone());
                }
            }
        }
        record.rows.insert(name.clone(), sums);
    }
}

/// Whether figures beside which more stand are a part of a sum's that was seen well.
fn is_part(own: &Fact, sum: &Fact) -> bool {
    let figures =
        |fact: &Fact| -> String { fact.evidence.raw.chars().filter(char::is_ascii_digit).collect() };
    let (own_figures, figures) = (figures(own), figures(sum));
    own.problem == Some(INK_BESIDE)
        && sum.problem.is_none()
        && own_figures.len() < figures.len()
        && figures.ends_with(&own_figures)
}

/// The one sum of exactly the lines that a field is of.
fn sum_of(field: &FieldSpec, list: &RowsSpec, lines: &[Record], sums: &[Record]) -> Option<usize> {
    let (wanted, group) = (field.sum_of.as_ref()?, list.group.as_ref()?);
    let is_of = |at: &usize| lines[*at].text(group).is_some_and(|text| wanted.is_match(text));
    let of: Vec<usize> = (0..lines.len()).filter(is_of).collect();
    let covered = covered(lines, sums);
    let mut found = (0..sums.len()).filter(|at| covered[*at] == of && !of.is_empty());
    let sum = found.next()?;
    found.next().is_none().then_some(sum)
}

/// Confirms a field and a sum that say the same, unless both were seen badly. If one is known to be in yuan,
/// both are.
fn agree(own: &mut Fact, sum: &mut Fact) {
    let (Some(Value::Money(one)), Some(Value::Money(other))) = (&own.value, &sum.value) else { return };
    let is_same = one.yuan == other.yuan && proves(one.yuan, one.half_unit());
    if !is_same || (own.problem.is_some() && sum.problem.is_some()) {
        return;
    }
    for fact in [own, sum] {
        fact.problem = fact.problem.filter(|problem| *problem != UNKNOWN);
        confirm(fact);
        if !fact.evidence.readings.iter().any(|reading| reading.by == SUM) {
            fact.evidence.readings.push(Reading::new(SUM, fact.value.clone()));
        }
    }
}
