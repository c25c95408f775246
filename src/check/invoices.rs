//! Invoices against the audit: which count, which are doubled, which audited line has none.

use std::{collections::BTreeMap, sync::Arc};

use cel::ExecutionError;
use chrono::NaiveDate;
use rust_decimal::Decimal;

use crate::model::value::{Period, Value};

use super::{index::Index, names::folded, values::Node};

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

/// Sum of the invoices that count. Red letters are negative and net themselves.
pub(super) fn accepted(case: &Index, window: Period, basis: &str) -> Result<Decimal, ExecutionError> {
    if case.of("vat_invoice").next().is_none() {
        return Err(ExecutionError::no_such_key("absent vat_invoice"));
    }
    let mut seen: Vec<Key> = Vec::new();
    let mut sum = Decimal::ZERO;
    for invoice in case.of("vat_invoice") {
        let buyer = invoice.text("buyer_name")?;
        let key = Key::of(invoice)?;
        if case.party(buyer, invoice.text("buyer_tax_id").unwrap_or(""))? == "differs"
            || seen.iter().any(|one| one.is_same(&key))
        {
            continue;
        }
        seen.push(key);
        if window.contains(invoice.day("issued_on")?) {
            sum = add(sum, invoice.amount(column(basis))?)?;
        }
    }
    Ok(sum)
}

/// How many invoices were supplied more than once, or audited more than once.
pub(super) fn doubled(case: &Index) -> i64 {
    let keys: Vec<Key> = case.of("vat_invoice").filter_map(|invoice| Key::of(invoice).ok()).collect();
    let is_first = |at: usize| !keys.iter().take(at).any(|before| before.is_same(&keys[at]));
    let again = |at: usize| keys.iter().skip(at + 1).any(|after| after.is_same(&keys[at]));
    let supplied = (0..keys.len()).filter(|at| is_first(*at) && again(*at)).count();
    let mut audited: BTreeMap<(String, String), i64> = BTreeMap::new();
    for line in lines(case) {
        // One invoice may be split over lines; the same amount again is a second count.
        if let (Ok(number), Ok(net)) =
            (line.text("invoice_number"), line.amount("net").or_else(|_| line.amount("gross")))
        {
            *audited.entry((folded(number), net.normalize().to_string())).or_default() += 1;
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
