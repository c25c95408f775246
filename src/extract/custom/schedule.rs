//! The amounts of a schedule of invoices vouch for each other: by their tax, by what was paid, by their sum.

use std::collections::BTreeMap;

use rust_decimal::Decimal;

use super::{agreement::money, sums};
use crate::{
    extract::{FLAWS, confirm, locate::UNREADABLE},
    model::{
        fact::{Fact, Reading, Record},
        value::Money,
    },
};

/// Rates of value-added tax in percent since 2016, those of small taxpayers among them.
const RATES: [i64; 10] = [17, 16, 13, 11, 10, 9, 6, 5, 3, 1];
/// Columns of the schedule that hold amounts.
pub(super) const COLUMNS: [&str; 3] = ["net", "gross", "paid"];
/// The problem of an amount that does not end with the digit that most end with.
const CUT: &str = "figures-cut";
/// The problem of amounts of a line that no rate of tax brings together, where most lines have one.
const UNFIT: &str = "figures-do-not-fit";
/// By whom an amount is vouched for.
pub(super) const ARITHMETIC: &str = "arithmetic";
/// A relation proves something between amounts so many times larger than what it is off by: a misread amount
/// fits by chance once in so many, for each of the rates that are tried.
const CHANCE: i64 = 20_000;

/// Confirms amounts that could not fit if one of them were misread: net and gross that are a rate apart, what
/// was paid if it is such a gross amount, a column whose sum is the total, and lines whose sum is printed. That
/// gross and paid are the same proves nothing by itself: what hides a figure of one may hide it of the other.
///
/// Amounts of a schedule are printed to one digit. One that ends before or behind it was cut or misread: it
/// vouches for nothing, and is said to be doubtful if it was read in a picture. So are net and gross that no
/// rate brings together where most lines have one: two engines may misread a coarse figure alike.
pub(super) fn agree(rows: &mut [Record], printed: &mut [Record], usual: i32, total: Option<Money>) {
    for row in rows.iter_mut().chain(printed.iter_mut()) {
        for column in COLUMNS {
            if money(row, column).is_some_and(|amount| amount.last_digit != usual) {
                doubt(row, column, CUT);
            }
        }
    }
    let amount = |row: &Record, column: &str| money(row, column).filter(|amount| amount.last_digit == usual);
    let mut unfit = Vec::new();
    let mut taxed = 0;
    for (at, row) in rows.iter_mut().enumerate() {
        let [net, gross, paid] = COLUMNS.map(|column| amount(row, column));
        let Some((net, gross)) = net.zip(gross) else { continue };
        if net.yuan != gross.yuan && !RATES.iter().any(|rate| is_taxed(net, gross, *rate)) {
            unfit.push(at);
            continue;
        }
        taxed += 1;
        if net.yuan != gross.yuan && proves(gross.yuan, slack_of_tax(net, gross)) {
            vouch(row, &["net", "gross"]);
            if paid.is_some_and(|paid| paid.yuan == gross.yuan) {
                vouch(row, &["paid"]);
            }
        }
    }
    let nets: Option<Vec<Money>> = rows.iter().map(|row| amount(row, "net")).collect();
    if let Some((nets, total)) = nets.zip(total) {
        let sum: Decimal = nets.iter().map(|net| net.yuan).sum();
        let slack = nets.iter().map(Money::half_unit).sum::<Decimal>() + total.half_unit();
        if nets.len() > 1 && (sum - total.yuan).abs() <= slack && proves(total.yuan, slack) {
            rows.iter_mut().for_each(|row| vouch(row, &["net"]));
        }
    }
    sums::foot(rows, printed, usual);
    // Where most lines are a rate apart, one that is not was misread, or is a case of its own.
    if taxed > unfit.len() {
        for at in unfit {
            ["net", "gross"].iter().for_each(|column| doubt(&mut rows[at], column, UNFIT));
        }
    }
}

/// Says what is wrong with an amount that was read in a picture, unless something vouches for it or worse is
/// said of it.
fn doubt(row: &mut Record, column: &str, problem: &'static str) {
    let Some(fact) = row.fields.get_mut(column) else { return };
    let readings = &fact.evidence.readings;
    let is_seen = readings.iter().any(|reading| reading.seen.is_some());
    let is_vouched = readings.iter().any(|reading| reading.by == ARITHMETIC);
    if is_seen && !is_vouched && fact.problem.is_none_or(|said| FLAWS.contains(&said)) {
        fact.problem = Some(problem);
    }
}

/// The last digit that most of the amounts are printed to, as a power of ten of a yuan.
pub(super) fn last_digit(rows: &[Record]) -> Option<i32> {
    let all = rows.iter().flat_map(|row| COLUMNS.iter().filter_map(|column| money(row, column)));
    let mut counts: BTreeMap<i32, usize> = BTreeMap::new();
    all.for_each(|amount| *counts.entry(amount.last_digit).or_default() += 1);
    let whole: usize = counts.values().sum();
    counts.into_iter().find(|(_, count)| 2 * count > whole).map(|(digit, _)| digit)
}

/// Whether the gross amount is the net one with tax, as printed.
fn is_taxed(net: Money, gross: Money, rate: i64) -> bool {
    (gross.yuan - net.yuan * Decimal::new(100 + rate, 2)).abs() <= slack_of_tax(net, gross)
}

/// How far amounts a rate apart may be off: tax is rounded to the fen.
fn slack_of_tax(net: Money, gross: Money) -> Decimal {
    Decimal::new(1, 2) + net.half_unit() * Decimal::TWO + gross.half_unit()
}

/// Whether a difference as small as this would hardly come about by chance.
pub(super) fn proves(amount: Decimal, slack: Decimal) -> bool {
    amount.abs() > (slack + Decimal::new(1, 2)) * Decimal::from(CHANCE)
}

fn vouch(row: &mut Record, columns: &[&str]) {
    for column in columns {
        if let Some(fact) = row.fields.get_mut(*column) {
            prove(fact);
        }
    }
}

/// Arithmetic says the same.
pub(super) fn prove(fact: &mut Fact) {
    confirm(fact);
    fact.problem = fact.problem.filter(|problem| ![CUT, UNFIT, UNREADABLE].contains(problem));
    if !fact.evidence.readings.iter().any(|reading| reading.by == ARITHMETIC) {
        fact.evidence.readings.push(Reading::new(ARITHMETIC, fact.value.clone()));
    }
}
