//! What many invoices look like together: their numbers against their days, when they were issued, and the
//! figures of their amounts (domain.md, section 5).
//!
//! None of it proves anything: rules make reviews and notes of it, and never failures. A figure that was
//! misread would make a pattern of its own, so that only what was read surely is looked at.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
};

use cel::ExecutionError;
use chrono::NaiveDate;
use rust_decimal::Decimal;

use crate::model::value::{Money, Value};

use super::{
    index::Index,
    invoices::add,
    names::folded,
    values::{Cell, Kind, Node},
};

/// So far apart at most, two numbers of a seller come from one pad or one hour: several machines of a firm
/// number their invoices side by side, and numbers that are far from each other say nothing of order.
const NEAR: u64 = 100;
/// So many numbers behind each other at least make a run.
const RUN: usize = 3;
/// How many of a million amounts begin with 1, 2, … 9, where they are spread over several powers of ten.
const BENFORD: [i64; 9] = [301_030, 176_091, 124_939, 96_910, 79_181, 66_947, 57_992, 51_153, 45_757];
const MILLION: i64 = 1_000_000;

/// The value of a field that was read surely; not noted as read.
pub(super) fn sure<'a>(case: &Index, record: &'a Node, field: &str) -> Option<&'a Value> {
    let cell = record.fields.get(field)?;
    let source = case.sources.get(cell.at?)?;
    cell.value.as_ref().filter(|_| !source.weak && !source.disputed)
}

/// A text or code that was read surely, folded.
pub(super) fn sure_text(case: &Index, record: &Node, field: &str) -> Option<String> {
    match sure(case, record, field)? {
        Value::Text(text) | Value::Code(text) => Some(folded(text)).filter(|text| !text.is_empty()),
        _ => None,
    }
}

fn sure_day(case: &Index, record: &Node, field: &str) -> Option<NaiveDate> {
    match sure(case, record, field)? {
        Value::Date(day) => Some(*day),
        _ => None,
    }
}

fn sure_amount(case: &Index, record: &Node, field: &str) -> Option<Decimal> {
    match sure(case, record, field)? {
        Value::Money(money) => Some(money.yuan),
        _ => None,
    }
}

/// The invoices, each number once.
fn distinct(case: &Index) -> Vec<&Arc<Node>> {
    let mut seen = BTreeSet::new();
    let mut distinct: Vec<&Arc<Node>> = case.of("vat_invoice").collect();
    distinct.retain(|invoice| {
        let name = |field| sure_text(case, invoice, field);
        name("invoice_number").is_none_or(|number| seen.insert((name("invoice_code"), number)))
    });
    distinct
}

/// An invoice whose place among its seller's others is known.
struct Numbered<'a> {
    invoice: &'a Arc<Node>,
    number: u64,
    day: NaiveDate,
}

/// Invoices by seller and what their numbers count on in: the code, or the first five digits of a digital
/// one (year, region, channel).
fn by_series<'a>(case: &Index, invoices: &[&'a Arc<Node>]) -> BTreeMap<(String, String), Vec<Numbered<'a>>> {
    let mut series: BTreeMap<(String, String), Vec<Numbered<'_>>> = BTreeMap::new();
    for invoice in invoices {
        let text = |field| sure_text(case, invoice, field);
        let placed = || {
            let seller = text("seller_tax_id").or_else(|| text("seller_name"))?;
            let number = text("invoice_number")?;
            let (of, counted) = match (number.len(), text("invoice_code")) {
                (20, _) => (number.get(..5)?.to_owned(), number.get(5..)?.to_owned()),
                (8, Some(code)) => (code, number),
                _ => return None,
            };
            let day = sure_day(case, invoice, "issued_on")?;
            Some(((seller, of), Numbered { invoice, number: counted.parse().ok()?, day }))
        };
        if let Some((of, numbered)) = placed() {
            series.entry(of).or_default().push(numbered);
        }
    }
    series.values_mut().for_each(|all| all.sort_by_key(|one| one.number));
    series
}

/// What stands out among the numbers of each seller: two near each other of which the higher is the earlier,
/// and runs of numbers behind each other. `first` and `last` are in the order of numbers.
pub(super) fn number_sequences(case: &Index) -> Vec<Arc<Node>> {
    let mut found = Vec::new();
    for all in by_series(case, &distinct(case)).values() {
        let falls =
            |pair: &&[Numbered<'_>]| matches!(pair, [a, b] if b.number - a.number <= NEAR && b.day < a.day);
        found.extend(all.windows(2).filter(falls).filter_map(|pair| sequence(case, pair)));
        let runs = all.chunk_by(|a, b| b.number - a.number == 1);
        found.extend(runs.filter(|run| run.len() >= RUN).filter_map(|run| sequence(case, run)));
    }
    found
}

fn sequence(case: &Index, run: &[Numbered<'_>]) -> Option<Arc<Node>> {
    let (first, last) = (run.first()?, run.last()?);
    let amounts: Option<BTreeSet<Decimal>> =
        run.iter().map(|one| sure_amount(case, one.invoice, "gross")).collect();
    let own = |one: &Numbered<'_>, field: &str| one.invoice.fields.get(field).cloned();
    let fields = [
        ("first", own(first, "invoice_number")?),
        ("last", own(last, "invoice_number")?),
        ("first_on", own(first, "issued_on")?),
        ("last_on", own(last, "issued_on")?),
        ("count", count(run.len())),
        ("identical", cell(Value::Bool(amounts.is_some_and(|amounts| amounts.len() == 1)))),
    ];
    let invoices = run.iter().map(|one| Arc::clone(one.invoice)).collect();
    Some(record(case, "sequence", fields, invoices))
}

/// The invoices issued after a day: their `count`, their `amount` with tax, and the `total` of all. They are
/// noted as read. What was not read surely counts in the total and is not late.
pub(super) fn issued_after(case: &Index, day: NaiveDate) -> Result<Arc<Node>, ExecutionError> {
    let (mut amount, mut total, mut late) = (Decimal::ZERO, Decimal::ZERO, Vec::new());
    for invoice in distinct(case) {
        let printed = match invoice.fields.get("gross").and_then(|cell| cell.value.as_ref()) {
            Some(Value::Money(money)) => money.yuan,
            _ => Decimal::ZERO,
        };
        total = add(total, printed)?;
        let sure = sure_amount(case, invoice, "gross");
        if sure_day(case, invoice, "issued_on").is_some_and(|on| on > day)
            && let Some(sure) = sure
        {
            invoice.read("issued_on")?;
            invoice.read("gross")?;
            amount = add(amount, sure)?;
            late.push(Arc::clone(invoice));
        }
    }
    let fields = [
        ("count", count(late.len())),
        ("amount", cell(Value::Money(Money::yuan(amount)))),
        ("total", cell(Value::Money(Money::yuan(total)))),
    ];
    Ok(record(case, "issued_late", fields, late))
}

/// The figures of amounts with tax: how many there are (`count`), how many are whole tens of thousands
/// (`round`), and how far their first digits are from Benford's law (`deviation`, the mean over the nine
/// digits, in millionths). Red letters are left out.
pub(super) fn figures(case: &Index) -> Arc<Node> {
    let ten_thousand = Decimal::from(10_000);
    let mut begin = [0_i64; 9];
    let (mut counted, mut round) = (0, 0);
    let amounts = distinct(case).into_iter().filter_map(|invoice| sure_amount(case, invoice, "gross"));
    for amount in amounts.filter(|amount| *amount > Decimal::ZERO) {
        counted += 1;
        round += usize::from((amount % ten_thousand).is_zero());
        let digit = amount.mantissa().to_string().chars().next().and_then(|digit| digit.to_digit(10));
        let place = digit.and_then(|digit| usize::try_from(digit).ok()?.checked_sub(1));
        if let Some(begin) = place.and_then(|place| begin.get_mut(place)) {
            *begin += 1;
        }
    }
    let all: i64 = begin.iter().sum();
    let off: i64 =
        begin.iter().zip(BENFORD).map(|(found, wanted)| (found * MILLION - wanted * all).abs()).sum();
    let deviation = if all == 0 { 0 } else { off / (9 * all) };
    let fields = [
        ("count", count(counted)),
        ("round", count(round)),
        ("deviation", cell(Value::Number(Decimal::from(deviation)))),
    ];
    record(case, "figures", fields, Vec::new())
}

pub(super) fn cell(value: Value) -> Cell {
    Cell { value: Some(value), at: None, problem: None }
}

fn count(number: usize) -> Cell {
    cell(Value::Number(Decimal::from(number)))
}

/// A record that was made here, with the invoices it is about.
pub(super) fn record(
    case: &Index,
    path: &str,
    fields: impl IntoIterator<Item = (&'static str, Cell)>,
    invoices: Vec<Arc<Node>>,
) -> Arc<Node> {
    Arc::new(Node {
        path: path.to_owned(),
        kind: Kind::Own,
        fields: fields.into_iter().map(|(name, cell)| (name.to_owned(), cell)).collect(),
        groups: BTreeMap::new(),
        rows: BTreeMap::from([("invoices".to_owned(), invoices)]),
        trace: Arc::clone(&case.trace),
    })
}
