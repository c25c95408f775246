//! Invoices against the audit: which count, which are doubled, which audited line has none.

use std::{collections::BTreeMap, sync::Arc};

use cel::ExecutionError;
use chrono::NaiveDate;
use rust_decimal::Decimal;

use crate::model::value::{Period, Value};

use super::{
    apart::{self, Item, Sorted},
    index::Index,
    names::folded,
    values::Node,
};

/// What tells invoices apart: code and number, or the 20 digits of a digital one.
#[derive(Clone, Debug)]
struct Key {
    code: String,
    number: String,
}

impl Key {
    fn of(invoice: &Node) -> Result<Self, ExecutionError> {
        let number = folded(invoice.text("invoice_number")?);
        let code = if number.len() == 20 {
            String::new()
        } else {
            folded(invoice.text("invoice_code").unwrap_or(""))
        };
        Ok(Self { code, number })
    }

    /// A code that was not read on one copy must not make one invoice count as two.
    fn is_same(&self, other: &Self) -> bool {
        self.number == other.number
            && (self.code == other.code || self.code.is_empty() || other.code.is_empty())
    }
}

fn column(basis: &str) -> &'static str {
    if basis == "incl" { "gross" } else { "net" }
}

/// The invoices, each counted or set apart.
fn sorted(case: &Index, window: Period) -> Result<Vec<Sorted<'_>>, ExecutionError> {
    let mut seen: Vec<(Key, &Arc<Node>)> = Vec::new();
    let mut sorted = Vec::new();
    for paper in case.of("vat_invoice") {
        let buyer = paper.text("buyer_name")?;
        let key = Key::of(paper)?;
        let first = seen.iter().find(|(one, _)| one.is_same(&key)).map(|(_, first)| *first);
        let apart = if case.party(buyer, paper.text("buyer_tax_id").unwrap_or(""))? == "differs" {
            Some(apart::WRONG_BUYER)
        } else if first.is_some() {
            Some(apart::DOUBLED)
        } else {
            seen.push((key, paper));
            (!window.contains(paper.day("issued_on")?)).then_some(apart::OUTSIDE)
        };
        sorted.push(Sorted { paper, apart, first });
    }
    if sorted.is_empty() { Err(ExecutionError::no_such_key("absent vat_invoice")) } else { Ok(sorted) }
}

/// Sum of the invoices that count. Red letters are negative and net themselves.
pub(super) fn accepted(case: &Index, window: Period, basis: &str) -> Result<Decimal, ExecutionError> {
    let counted = sorted(case, window)?.into_iter().filter(|one| one.apart.is_none());
    counted.into_iter().try_fold(Decimal::ZERO, |sum, one| add(sum, one.paper.amount(column(basis))?))
}

/// What the sum of invoices leaves out or nets, and what the audit counts without an invoice.
pub(super) fn set_apart(case: &Index, window: Period, basis: &str) -> Result<Vec<Item>, ExecutionError> {
    let column = column(basis);
    let sorted = sorted(case, window)?;
    let mut items = Vec::new();
    for one in &sorted {
        let amount = apart::amount(one.paper, column);
        let item = |kind, amount, fields: &[&str]| {
            Item::new(kind, amount, one.paper, &["invoice_number", column]).with(one.paper, fields)
        };
        match (one.apart, one.first) {
            (Some(apart::WRONG_BUYER), _) => {
                items.push(item(apart::WRONG_BUYER, amount, &["buyer_name", "buyer_tax_id"]));
            }
            (Some(kind), Some(first)) => items.push(item(kind, amount, &[]).with(first, &["invoice_number"])),
            (Some(kind), None) => items.push(item(kind, amount, &["issued_on"])),
            (None, _) if amount.is_some_and(|amount| amount < Decimal::ZERO) => {
                items.push(item(apart::RED_LETTER, amount.map(|amount| -amount), &["red_letter", "remark"]));
            }
            (None, _) => {}
        }
    }
    items.extend(audited_again(case, &sorted, column));
    for line in unsupported(case) {
        let inside = line.day("invoiced_on").map_or(true, |day| window.contains(day));
        let kind = if inside { apart::MISSING } else { apart::OUTSIDE };
        let amount = apart::amount(&line, column);
        items.push(Item::new(kind, amount, &line, &["invoice_number", "invoiced_on", column]));
    }
    Ok(items)
}

/// Lines that audit an invoice again which was not also supplied again.
fn audited_again(case: &Index, sorted: &[Sorted<'_>], column: &str) -> Vec<Item> {
    let mut supplied: Vec<String> = sorted
        .iter()
        .filter(|one| one.apart == Some(apart::DOUBLED))
        .filter_map(|one| one.paper.text("invoice_number").ok().map(folded))
        .collect();
    let mut seen: BTreeMap<(String, String), Arc<Node>> = BTreeMap::new();
    let mut items = Vec::new();
    for line in lines(case) {
        let Some(key) = counted_as(&line) else { continue };
        let Some(first) = seen.get(&key) else {
            seen.insert(key, line);
            continue;
        };
        if let Some(at) = supplied.iter().position(|number| *number == key.0) {
            supplied.remove(at);
            continue;
        }
        let fields = ["invoice_number", column];
        let item = Item::new(apart::DOUBLED, apart::amount(&line, column), &line, &fields);
        items.push(item.with(first, &["invoice_number"]));
    }
    items
}

/// What tells the lines of an audit apart: one invoice may be split over lines, and the same amount
/// again is a second count.
fn counted_as(line: &Node) -> Option<(String, String)> {
    let net = line.amount("net").or_else(|_| line.amount("gross")).ok()?;
    Some((folded(line.text("invoice_number").ok()?), net.normalize().to_string()))
}

/// Declared invoices that the audit does not list, and the other way round.
pub(super) fn unlisted(case: &Index, basis: &str) -> Vec<Item> {
    let column = column(basis);
    let factory = case.declaration.groups.get("benchmark_factory");
    let declared = factory.map_or(&[][..], |group| group.list("invoices"));
    let lines = lines(case);
    let same = |invoice: &Node, line: &Node| match (invoice.text("number"), line.text("invoice_number")) {
        (Ok(a), Ok(b)) => folded(a) == folded(b),
        // Without a number the amount has to do.
        _ => ["net", "gross"].iter().any(|field| {
            let amount = apart::amount(invoice, field);
            amount.is_some() && amount == apart::amount(line, field)
        }),
    };
    if declared.is_empty() || lines.is_empty() {
        return Vec::new();
    }
    let not_audited = declared
        .iter()
        .filter(|invoice| !lines.iter().any(|line| same(invoice, line)))
        .map(|row| Item::new(apart::NOT_AUDITED, apart::amount(row, column), row, &["number", column]));
    let not_declared =
        lines.iter().filter(|line| !declared.iter().any(|invoice| same(invoice, line))).map(|row| {
            Item::new(apart::NOT_DECLARED, apart::amount(row, column), row, &["invoice_number", column])
        });
    not_audited.chain(not_declared).collect()
}

/// How many invoices were supplied more than once, or audited more than once.
pub(super) fn doubled(case: &Index) -> i64 {
    let keys: Vec<Key> = case.of("vat_invoice").filter_map(|invoice| Key::of(invoice).ok()).collect();
    let is_first = |at: usize| !keys.iter().take(at).any(|before| before.is_same(&keys[at]));
    let again = |at: usize| keys.iter().skip(at + 1).any(|after| after.is_same(&keys[at]));
    let supplied = (0..keys.len()).filter(|at| is_first(*at) && again(*at)).count();
    let mut audited: BTreeMap<(String, String), i64> = BTreeMap::new();
    for line in lines(case) {
        if let Some(key) = counted_as(&line) {
            *audited.entry(key).or_default() += 1;
        }
    }
    let audited = audited.into_values().filter(|count| *count > 1).count();
    i64::try_from(supplied.max(audited)).unwrap_or(i64::MAX)
}

fn lines(case: &Index) -> Vec<Arc<Node>> {
    case.latest("audit_report", "reported_on").list("items").to_vec()
}

fn tried<T>(found: Result<T, ExecutionError>) -> Option<T> {
    found.ok()
}

/// Audited lines for which no invoice was supplied: neither its number nor its amount and date.
pub(super) fn unsupported(case: &Index) -> Vec<Arc<Node>> {
    let invoices: Vec<&Arc<Node>> = case.of("vat_invoice").collect();
    let supplied = |line: &Node| {
        let number = tried(line.text("invoice_number")).map(folded).filter(|number| number.len() > 5);
        let amounts = [tried(line.amount("net")), tried(line.amount("gross"))];
        if number.is_none() && amounts.iter().all(Option::is_none) {
            return true;
        }
        invoices.iter().any(|invoice| {
            let same_number = number.is_some() && tried(invoice.text("invoice_number")).map(folded) == number;
            let own = [tried(invoice.amount("net")), tried(invoice.amount("gross"))];
            let same_amount = amounts.iter().zip(&own).any(|(a, b)| a.is_some() && a == b);
            let (paid, issued) = (tried(line.day("invoiced_on")), tried(invoice.day("issued_on")));
            same_number || (same_amount && (paid.is_none() || issued.is_none() || paid == issued))
        })
    };
    lines(case).into_iter().filter(|line| !supplied(line)).collect()
}

/// Sum of the audited lines without an invoice.
pub(super) fn unsupported_sum(case: &Index, window: Period, basis: &str) -> Result<Decimal, ExecutionError> {
    let mut sum = Decimal::ZERO;
    for line in unsupported(case) {
        if line.day("invoiced_on").is_ok_and(|day| window.contains(day)) {
            sum = add(sum, line.amount(column(basis))?)?;
        }
    }
    Ok(sum)
}

/// What the audit report counts in a window.
///
/// A report whose whole period lies in the window counts as a whole, so that one line that could
/// not be read does not hide its total; else the lines outside are taken off.
pub(super) fn audited(case: &Index, window: Period, basis: &str) -> Result<Decimal, ExecutionError> {
    let report = case.latest("audit_report", "reported_on");
    let total = report.amount("total")?;
    let lines = lines(case);
    let sum_of = |column: &str| -> Result<Decimal, ExecutionError> {
        lines.iter().try_fold(Decimal::ZERO, |sum, line| add(sum, line.amount(column)?))
    };
    let own = match report.text("tax_basis") {
        Ok("incl") => "gross",
        Ok("excl") => "net",
        _ if sum_of("gross").is_ok_and(|sum| sum == total) => "gross",
        _ => "net",
    };
    let inside = |day: NaiveDate| window.contains(day);
    let whole =
        [report.day("period_start"), report.day("period_end")].into_iter().all(|day| day.is_ok_and(inside));
    if column(basis) == own {
        if whole || lines.is_empty() {
            return Ok(total);
        }
        let mut rest = total;
        for line in &lines {
            if !inside(line.day("invoiced_on")?) {
                rest = add(rest, -line.amount(own)?)?;
            }
        }
        return Ok(rest);
    }
    // The other basis is only known from the lines, and only if all of them were read.
    let half = match report.read("total")? {
        Value::Money(money) => money.half_unit(),
        _ => Decimal::ZERO,
    };
    if lines.is_empty() || (sum_of(own)? - total).abs() > half {
        return Err(ExecutionError::no_such_key("unread audit_report.items"));
    }
    let mut sum = Decimal::ZERO;
    for line in &lines {
        if whole || inside(line.day("invoiced_on")?) {
            sum = add(sum, line.amount(column(basis))?)?;
        }
    }
    Ok(sum)
}

/// Exact addition that says when it cannot.
pub(super) fn add(a: Decimal, b: Decimal) -> Result<Decimal, ExecutionError> {
    a.checked_add(b).ok_or_else(|| ExecutionError::function_error("sum", "overflow"))
}
