//! The sums printed among and below the lines of a list: which lines each is of, what foots, and which
//! fields stand there once more.

use rust_decimal::Decimal;

use super::{
    audit::UNKNOWN,
    schedule::{ARITHMETIC, COLUMNS, prove, proves},
};
use crate::{
    extract::confirm,
    model::{
        anchor::Anchor,
        fact::{Fact, Reading, Record},
        support::INK_BESIDE,
        value::{Money, Value, money::plausible},
    },
    rulebook::types::{DocumentType, FieldSpec, RowsSpec},
};

/// By whom a field is confirmed that stands as a sum of a list as well.
const SUM: &str = "subtotal";
/// The columns that a report's amounts may be the sums of.
const SUMMED: [&str; 2] = ["net", "gross"];
/// No list has more sums; what has is not compared.
const MOST: usize = 200;

/// A sum, or what a sum is of.
#[derive(Clone, Copy)]
enum Part {
    Line(usize),
    Sum(usize),
}

/// Confirms the amounts of lines and sums that foot, column by column. A figure misread in one of them would
/// not; but what hides the head of a line may hide that of its sum, and then the rest foots all the same. So
/// a sum beside which something may be hidden vouches for no line beside which something may be.
///
/// Amounts are printed to the `usual` digit, a power of ten of a yuan. One of which only the figures could be
/// read, and not its separators, is known where it foots with others that were read.
pub(super) fn foot(lines: &mut [Record], sums: &mut [Record], usual: i32) {
    if sums.len() > MOST {
        return;
    }
    let relations = relations(lines, sums);
    for column in COLUMNS {
        // What one sum vouches for may make another one sure.
        let mut open = relations.clone();
        loop {
            let before = open.len();
            open.retain(|relation| !prove_all(relation, lines, sums, column, usual));
            if open.len() == before {
                break;
            }
        }
    }
}

/// Whether a sum and its parts foot in a column; if so, all are set and proved.
fn prove_all(relation: &[Part], lines: &mut [Record], sums: &mut [Record], column: &str, usual: i32) -> bool {
    let facts: Option<Vec<&Fact>> =
        relation.iter().map(|part| part.of(lines, sums).fields.get(column)).collect();
    let Some(amounts) = facts.and_then(|facts| footing(&facts, usual)) else { return false };
    for (part, amount) in relation.iter().zip(amounts) {
        if let Some(fact) = part.of_mut(lines, sums).fields.get_mut(column) {
            set(fact, amount);
        }
    }
    true
}

/// The amounts of a sum and its parts if the parts are the sum, and something may be hidden only beside it or
/// only beside them. Those of which nobody knows the unit are none.
fn footing(facts: &[&Fact], usual: i32) -> Option<Vec<Money>> {
    if facts.iter().any(|fact| fact.problem == Some(UNKNOWN)) || facts.iter().all(|fact| fact.value.is_none())
    {
        return None;
    }
    let amounts: Vec<Money> = facts.iter().map(|fact| amount(fact, usual)).collect::<Option<_>>()?;
    let (whole, parts) = amounts.split_first()?;
    let (sum, others) = facts.split_first()?;
    let slack = amounts.iter().map(Money::half_unit).sum::<Decimal>();
    let apart = (parts.iter().map(|part| part.yuan).sum::<Decimal>() - whole.yuan).abs();
    let is_hidden = may_hide(sum) && others.iter().any(|fact| may_hide(fact));
    (apart <= slack && proves(whole.yuan, slack) && !is_hidden).then_some(amounts)
}

/// What was read as it is usually printed; where nothing could be, what the figures that an engine read are
/// if their separators are the usual ones.
fn amount(fact: &Fact, usual: i32) -> Option<Money> {
    match &fact.value {
        Some(Value::Money(money)) => return (money.last_digit == usual).then_some(*money),
        Some(_) => return None,
        None => {}
    }
    fact.evidence.readings.first()?.seen?;
    let raw = fact.evidence.raw.as_str();
    let figures: String = raw.chars().filter(char::is_ascii_digit).collect();
    let is_amount = raw.chars().all(|c| c.is_ascii_digit() || ",. ".contains(c)) && !figures.starts_with('0');
    let number = Decimal::from(figures.parse::<u64>().ok().filter(|_| is_amount)?);
    let unit = Decimal::from(10_u64.checked_pow(usual.unsigned_abs())?);
    let yuan = if usual < 0 { number.checked_div(unit) } else { number.checked_mul(unit) }?;
    Some(Money { yuan: plausible(yuan)?, last_digit: usual })
}

/// Whether something stands beside what was read of an amount. A seal over figures may change one, but what it
/// leaves unread of them stays as ink that no word accounts for.
pub(super) fn may_hide(fact: &Fact) -> bool {
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

/// The sums that nothing above them adds up to, by their places, with the column and what their lines come to. A sum
/// of which a part could not be read is none of them.
pub(in crate::extract) fn unfooted<'c>(
    columns: &[&'c str],
    lines: &[Record],
    sums: &[Record],
) -> Vec<(usize, &'c str, Decimal)> {
    if sums.len() > MOST {
        return Vec::new();
    }
    let relations = candidates(lines, sums);
    let amounts = |relation: &[Part], column: &str| -> Option<Vec<Money>> {
        relation.iter().map(|part| read(part.of(lines, sums).fields.get(column)?)).collect()
    };
    // What a sum right below another is of cannot be told, unless it is the last.
    let places: Vec<Option<(u32, f64)>> = lines.iter().map(place).collect();
    let follows_a_sum = |at: usize| {
        let last = at.checked_sub(1).and_then(|before| place(&sums[before]));
        last.is_some()
            && !places.iter().any(|line| is_before(last, *line) && is_before(*line, place(&sums[at])))
    };
    let mut found = Vec::new();
    for at in (0..sums.len()).filter(|at| at + 1 == sums.len() || !follows_a_sum(*at)) {
        let own = || relations.iter().filter(|relation| matches!(relation[0], Part::Sum(sum) if sum == at));
        for column in columns {
            let all: Option<Vec<Vec<Money>>> = own().map(|relation| amounts(relation, column)).collect();
            let apart: Option<Vec<Decimal>> =
                all.unwrap_or_default().iter().map(|all| unfooting(all)).collect();
            if let Some(sum) = apart.unwrap_or_default().first() {
                found.push((at, *column, *sum));
            }
        }
    }
    found
}

/// What parts come to if that is not what stands before them.
pub(in crate::extract) fn unfooting(amounts: &[Money]) -> Option<Decimal> {
    let (whole, parts) = amounts.split_first()?;
    let slack = amounts.iter().map(Money::half_unit).sum::<Decimal>();
    let sum = parts.iter().map(|part| part.yuan).sum::<Decimal>();
    ((sum - whole.yuan).abs() > slack).then_some(sum)
}

/// An amount of which nothing is wrong.
pub(in crate::extract) fn read(fact: &Fact) -> Option<Money> {
    match &fact.value {
        Some(Value::Money(money)) if fact.problem.is_none() => Some(*money),
        _ => None,
    }
}

/// What can prove something: a sum of one line says nothing that the line does not.
fn relations(lines: &[Record], sums: &[Record]) -> Vec<Vec<Part>> {
    let mut all = candidates(lines, sums);
    all.retain(|relation| relation.len() > 2);
    all
}

/// Every sum, followed by what it may be the sum of: its lines, the sums of parts of them, or all lines above it.
fn candidates(lines: &[Record], sums: &[Record]) -> Vec<Vec<Part>> {
    let of = covered(lines, sums);
    let places: Vec<Option<(u32, f64)>> = lines.iter().map(place).collect();
    let mut all: Vec<Vec<Part>> = Vec::new();
    for (at, covered) in of.iter().enumerate() {
        let whole = || std::iter::once(Part::Sum(at));
        all.push(whole().chain(covered.iter().copied().map(Part::Line)).collect());
        let smaller = (0..at).filter(|other| of[*other].len() < covered.len()).map(Part::Sum);
        all.push(whole().chain(smaller).collect());
        let end = place(&sums[at]);
        let above: Vec<usize> = (0..lines.len()).filter(|line| is_before(places[*line], end)).collect();
        if above.len() > covered.len() {
            all.push(whole().chain(above.into_iter().map(Part::Line)).collect());
        }
    }
    all.retain(|relation| relation.len() > 1);
    all
}

/// The lines that each sum is of: those since the sum above it, or all where it stands right below another.
fn covered(lines: &[Record], sums: &[Record]) -> Vec<Vec<usize>> {
    let places: Vec<Option<(u32, f64)>> = lines.iter().map(place).collect();
    let mut last = None;
    let each = sums.iter().map(|sum| {
        let end = place(sum);
        let all: Vec<usize> = (0..lines.len()).filter(|at| is_before(places[*at], end)).collect();
        let since: Vec<usize> = all.iter().copied().filter(|at| !is_before(places[*at], last)).collect();
        last = end;
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

/// Lays the fields that a list's sums say as well beside those sums: what says the same in another place is
/// confirmed, unless both were seen badly. In the column in which one does, a field that was not read is read
/// there, and one of which only a part was; what was read of it stays among its readings.
pub(super) fn compare(kind: &DocumentType, record: &mut Record) {
    for list in &kind.rows {
        let Some(name) = &list.sums else { continue };
        let Some(mut sums) = record.rows.remove(name) else { continue };
        let lines = record.rows.get(&list.name).map_or(&[][..], Vec::as_slice);
        if sums.len() <= MOST {
            let named: Vec<(&FieldSpec, usize)> = kind
                .fields
                .iter()
                .filter_map(|field| Some((field, sum_of(field, list, lines, &sums)?)))
                .collect();
            for column in SUMMED {
                compare_column(&named, column, &mut sums, record);
            }
        }
        record.rows.insert(name.clone(), sums);
    }
}

fn compare_column(named: &[(&FieldSpec, usize)], column: &str, sums: &mut [Record], record: &mut Record) {
    let mut is_summed = false;
    for (field, sum) in named {
        if let (Some(own), Some(sum)) =
            (record.fields.get_mut(&field.name), sums[*sum].fields.get_mut(column))
        {
            is_summed |= agree(own, sum);
        }
    }
    for (field, sum) in named.iter().filter(|_| is_summed) {
        let Some(sum) = sums[*sum].fields.get(column).filter(|sum| sum.value.is_some()) else { continue };
        match record.fields.get_mut(&field.name) {
            None => {
                record.fields.insert(field.name.clone(), sum.clone());
            }
            Some(own) if is_part(own, sum) => {
                let mut whole = sum.clone();
                whole.evidence.readings.append(&mut own.evidence.readings);
                whole.evidence.anchors.append(&mut own.evidence.anchors);
                *own = whole;
            }
            Some(_) => {}
        }
    }
}

/// Whether figures that were read in a picture are none, or have more beside them, and are the end of a sum
/// that foots.
fn is_part(own: &Fact, sum: &Fact) -> bool {
    let figures =
        |fact: &Fact| -> String { fact.evidence.raw.chars().filter(char::is_ascii_digit).collect() };
    let (own_figures, figures) = (figures(own), figures(sum));
    let is_seen = own.evidence.readings.first().is_some_and(|reading| reading.seen.is_some());
    let is_proved =
        sum.problem.is_none() && sum.evidence.readings.iter().any(|reading| reading.by == ARITHMETIC);
    is_seen
        && is_proved
        && (own.value.is_none() || own.problem == Some(INK_BESIDE))
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

/// Whether a field and a sum that stand apart say the same. If so they are confirmed, unless both were seen
/// badly, and if one is known to be in yuan, both are.
fn agree(own: &mut Fact, sum: &mut Fact) -> bool {
    let (Some(Value::Money(one)), Some(Value::Money(other))) = (&own.value, &sum.value) else { return false };
    let is_same = one.yuan == other.yuan && proves(one.yuan, one.half_unit());
    if !is_same || overlap(own, sum) || (own.problem.is_some() && sum.problem.is_some()) {
        return false;
    }
    for fact in [own, sum] {
        fact.problem = fact.problem.filter(|problem| *problem != UNKNOWN);
        confirm(fact);
        if !fact.evidence.readings.iter().any(|reading| reading.by == SUM) {
            fact.evidence.readings.push(Reading::new(SUM, fact.value.clone()));
        }
    }
    true
}

/// Whether two facts were read from the same print.
fn overlap(one: &Fact, other: &Fact) -> bool {
    one.evidence.anchors.iter().any(|anchor| {
        other.evidence.anchors.iter().any(|other| {
            matches!((anchor, other), (Anchor::Box { page: a, bounds: own }, Anchor::Box { page: b, bounds })
            if a == b && own.overlap_x(bounds) > 0.0 && own.overlap_y(bounds) > 0.0)
        })
    })
}
