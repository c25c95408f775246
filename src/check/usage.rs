//! Cloud services: for how long each was used, and what was paid for it.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
};

use cel::ExecutionError;
use chrono::{Days, NaiveDate};
use rust_decimal::Decimal;

use crate::model::value::{Period, Value, date::add_months};

use super::{
    index::Index,
    invoices::add,
    names::{folded, same_service},
    values::{Cell, Node},
};

/// Days without a bill that may be the billing's fault and not an end of use.
const GAP: i64 = 3;

/// A stretch of use; `monthly` where an end of it is only known to the month.
#[derive(Clone, Copy)]
struct Run {
    period: Period,
    gap: i64,
    monthly: bool,
}

fn rows(case: &Index, service: &str) -> Result<Vec<Arc<Node>>, ExecutionError> {
    if case.of("cloud_bill").next().is_none() {
        return Err(ExecutionError::no_such_key("absent cloud_bill"));
    }
    let all = || case.of("cloud_bill").flat_map(|bill| bill.list("usage"));
    let named = |same: &dyn Fn(&str) -> bool| -> Vec<Arc<Node>> {
        all().filter(|row| row.text("service").is_ok_and(same)).map(Arc::clone).collect()
    };
    let exact = named(&|name| folded(name) == folded(service));
    let found = if exact.is_empty() { named(&|name| same_service(name, service)) } else { exact };
    if found.is_empty() {
        return Err(ExecutionError::no_such_key(&format!("absent cloud_bill ({service})")));
    }
    Ok(found)
}

fn period(row: &Node) -> Result<(Period, bool), ExecutionError> {
    if let Ok(Value::Period(period)) = row.read("period") {
        return Ok((*period, true));
    }
    if let Ok(Value::Period(month)) = row.read("start") {
        let to = match row.read("end") {
            Ok(Value::Period(last)) => last.to,
            Ok(Value::Date(day)) => *day,
            _ => month.to,
        };
        return Period::new(month.from, to).map(|period| (period, true)).ok_or_else(|| backwards(row));
    }
    let period = Period::new(row.day("start")?, row.day("end")?);
    period.map(|period| (period, false)).ok_or_else(|| backwards(row))
}

fn backwards(row: &Node) -> ExecutionError {
    ExecutionError::no_such_key(&format!("unread {}.end", row.path))
}

/// Whether a row bills use: refunds and lines of nothing do not.
fn is_use(row: &Node) -> bool {
    row.amount("payable").is_ok_and(|payable| payable > Decimal::ZERO) || !row.fields.contains_key("payable")
}

fn runs(case: &Index, service: &str, window: Period, bridge: i64) -> Result<Vec<Run>, ExecutionError> {
    let mut all = Vec::new();
    for row in rows(case, service)?.iter().filter(|row| is_use(row)) {
        let (period, monthly) = period(row)?;
        all.extend(period.clipped(&window).map(|period| Run { period, gap: 0, monthly }));
    }
    all.sort_by_key(|run| run.period);
    let mut merged: Vec<Run> = Vec::new();
    for next in all {
        if let Some(last) = merged.last_mut() {
            let apart = (next.period.from - last.period.to).num_days() - 1;
            if apart <= bridge {
                last.gap += apart.max(0);
                last.period.to = last.period.to.max(next.period.to);
                last.monthly |= next.monthly;
                continue;
            }
        }
        merged.push(next);
    }
    Ok(merged)
}

/// The longest stretch of use in the window, with what it would be if short gaps were none.
pub(super) fn longest_run(case: &Index, service: &str, window: Period) -> Result<Node, ExecutionError> {
    let strict = runs(case, service, window, 0)?;
    let bridged = runs(case, service, window, GAP)?;
    let longest = |runs: &[Run]| runs.iter().copied().max_by_key(|run| run.period.to - run.period.from);
    let (Some(best), Some(bridged)) = (longest(&strict), longest(&bridged)) else {
        return Err(ExecutionError::no_such_key(&format!("absent cloud_bill ({service})")));
    };
    let earlier = strict.last().is_some_and(|last| last.period.to > best.period.to && !long(last.period, 3));
    let node = |run: Run| {
        case.computed(
            "run",
            BTreeMap::from([
                ("from".to_owned(), Value::Date(run.period.from)),
                ("to".to_owned(), Value::Date(run.period.to)),
                ("gap".to_owned(), Value::Number(Decimal::from(run.gap))),
                ("monthly".to_owned(), Value::Bool(run.monthly)),
            ]),
        )
    };
    let mut found = node(best);
    found.fields.insert("earlier".to_owned(), Cell { value: Some(Value::Bool(earlier)), at: None });
    found.groups.insert("bridged".to_owned(), Arc::new(node(bridged)));
    Ok(found)
}

/// Whether a period is so many months long, its first day counted as billing periods are.
pub(super) fn long(period: Period, months: i32) -> bool {
    add_months(period.from, months)
        .and_then(|day| day.checked_sub_days(Days::new(1)))
        .is_some_and(|needed| period.to >= needed)
}

/// The last day for which use is billed.
pub(super) fn used_until(case: &Index, service: &str) -> Result<NaiveDate, ExecutionError> {
    let mut last = None;
    for row in rows(case, service)?.iter().filter(|row| is_use(row)) {
        last = last.max(Some(period(row)?.0.to));
    }
    last.ok_or_else(|| ExecutionError::no_such_key(&format!("absent cloud_bill ({service})")))
}

/// The last day that any bill with the service covers.
pub(super) fn billed_until(case: &Index, service: &str) -> Result<NaiveDate, ExecutionError> {
    let with = case.of("cloud_bill").filter(|bill| {
        bill.list("usage").iter().any(|row| row.text("service").is_ok_and(|name| same_service(name, service)))
    });
    let mut last = Some(used_until(case, service)?);
    for bill in with {
        last = last.max(bill.day("billing_to").ok());
        for row in bill.list("usage") {
            last = last.max(period(row).ok().map(|(period, _)| period.to));
        }
    }
    last.ok_or_else(|| ExecutionError::no_such_key("unread cloud_bill.billing_to"))
}

/// Whether the term of a contract of the applicant's covers a day. A contract is for the service if
/// it names it, or if the declaration names the contract.
pub(super) fn contract_covers(case: &Index, service: &str, day: NaiveDate) -> bool {
    let declared = services(case).into_iter().find(|one| one.text("name").is_ok_and(|name| name == service));
    let number = declared.and_then(|one| one.text("contract_no").ok().map(folded));
    case.of("cloud_contract").any(|contract| {
        let named = contract.text("services").is_ok_and(|text| same_service(text, service))
            || contract.text("contract_number").is_ok_and(|own| Some(folded(own)) == number);
        named
            && contract
                .text("buyer_name")
                .is_ok_and(|name| case.party(name, "").is_ok_and(|is| is != "differs"))
            && contract.day("ends_on").is_ok_and(|end| end >= day)
            && contract.day("starts_on").map_or(true, |start| start <= day)
    })
}

/// The declared services.
fn services(case: &Index) -> Vec<Arc<Node>> {
    case.declaration.groups.get("star_cloud").map_or_else(Vec::new, |group| group.list("services").to_vec())
}

/// The declared services used for less than so many months. One without bills is not known to be
/// short.
pub(super) fn short(case: &Index, window: Period, months: i32) -> Result<Vec<Arc<Node>>, ExecutionError> {
    let mut found = Vec::new();
    for service in services(case) {
        let is_long = runs(case, service.text("name")?, window, GAP)
            .map(|runs| runs.iter().any(|run| long(run.period, months)));
        if matches!(is_long, Ok(false)) {
            found.push(service);
        }
    }
    Ok(found)
}

/// What the applicant paid in the window: by receipts, or by the cash column of the bills where
/// there are none. Vouchers, and what was paid for services used too briefly, do not count.
pub(super) fn paid(case: &Index, window: Period, months: i32) -> Result<Decimal, ExecutionError> {
    let short = short(case, window, months)?;
    let is_short =
        |name: &str| short.iter().any(|one| one.text("name").is_ok_and(|own| same_service(own, name)));
    let mut sum = Decimal::ZERO;
    if case.of("bank_receipt").next().is_some() {
        let mut seen = BTreeSet::new();
        for receipt in case.of("bank_receipt") {
            let again = receipt.text("receipt_number").is_ok_and(|number| !seen.insert(folded(number)));
            if again || case.party(receipt.text("payer_name")?, "")? == "differs" {
                continue;
            }
            let (day, amount) = (receipt.day("paid_on")?, receipt.amount("amount")?);
            if window.contains(day)
                && !paid_for(case, receipt, day, amount).is_some_and(|name| is_short(&name))
            {
                sum = add(sum, amount)?;
            }
        }
        return Ok(sum);
    }
    if case.of("cloud_bill").next().is_none() {
        return Err(ExecutionError::no_such_key("absent bank_receipt"));
    }
    for row in case.of("cloud_bill").flat_map(|bill| bill.list("usage")) {
        if is_short(row.text("service")?) || !window.contains(period(row)?.0.from) {
            continue;
        }
        sum = add(sum, row.amount("cash_paid")?)?;
        if row.fields.contains_key("refund") {
            sum = add(sum, -row.amount("refund")?.abs())?;
        }
    }
    Ok(sum)
}

/// Which declared service a receipt pays for: its purpose names it, or the declaration lists it.
fn paid_for(case: &Index, receipt: &Node, day: NaiveDate, amount: Decimal) -> Option<String> {
    let services = services(case);
    let name = |service: &Arc<Node>| service.text("name").ok().map(str::to_owned);
    let purpose = folded(receipt.text("purpose").unwrap_or(""));
    let named = services.iter().find(|one| one.text("name").is_ok_and(|own| purpose.contains(&folded(own))));
    let listed = || {
        services.iter().find(|one| {
            let mut payments = one.list("payments").iter();
            payments.any(|it| it.day("paid_on").ok() == Some(day) && it.amount("amount").ok() == Some(amount))
        })
    };
    named.or_else(listed).and_then(name)
}
