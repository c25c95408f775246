//! Cloud services: for how long each was used, and what was paid for it.

use std::{collections::BTreeMap, sync::Arc};

use cel::ExecutionError;
use chrono::{Days, NaiveDate};
use rust_decimal::Decimal;

use crate::model::value::{Period, Value, date::add_months};

use super::{
    apart::{self, Item, Sorted},
    index::Index,
    invoices::add,
    matches,
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
    // Rows of other services are passed over without being noted as read, so that they are not cited.
    let named = |same: &dyn Fn(&str) -> bool| -> Vec<Arc<Node>> {
        let is = |row: &&Arc<Node>| match row.fields.get("service").and_then(|cell| cell.value.as_ref()) {
            Some(Value::Text(name) | Value::Code(name)) => same(name),
            _ => false,
        };
        all().filter(is).filter(|row| row.read("service").is_ok()).map(Arc::clone).collect()
    };
    let exact = named(&|name| folded(name) == folded(service));
    let found = if exact.is_empty() { named(&|name| same_service(name, service)) } else { exact };
    if found.is_empty() {
        return Err(ExecutionError::no_such_key(&format!("absent cloud_bill ({service})")));
    }
    Ok(found)
}

/// The days a row bills: as stated, else the months it names (`true`).
fn period(row: &Node) -> Result<(Period, bool), ExecutionError> {
    if let (Ok(from), Ok(to)) = (row.day("start"), row.day("end")) {
        return Period::new(from, to).map(|period| (period, false)).ok_or_else(|| backwards(row));
    }
    if let Ok(Value::Period(month)) = row.read("start") {
        let to = match row.read("end") {
            Ok(Value::Period(last)) => last.to,
            Ok(Value::Date(day)) => *day,
            _ => month.to,
        };
        return Period::new(month.from, to).map(|period| (period, true)).ok_or_else(|| backwards(row));
    }
    // The month of the bill, for want of anything nearer.
    if let Ok(Value::Period(period)) = row.read("period") {
        return Ok((*period, true));
    }
    Err(row.day("start").and(row.day("end")).err().unwrap_or_else(|| backwards(row)))
}

fn backwards(row: &Node) -> ExecutionError {
    ExecutionError::no_such_key(&format!("unread {}.end", row.path))
}

/// The rows of a service that bill use: refunds and lines of nothing do not. Of an amount that could
/// not be read nobody knows; leaving its row out would cut a run short.
fn used(case: &Index, service: &str) -> Result<Vec<Arc<Node>>, ExecutionError> {
    let is_use = |row: &Arc<Node>| -> Result<bool, ExecutionError> {
        Ok(!row.fields.contains_key("payable") || row.amount("payable")? > Decimal::ZERO)
    };
    rows(case, service)?
        .into_iter()
        .filter_map(|row| is_use(&row).map(|is_use| is_use.then_some(row)).transpose())
        .collect()
}

fn runs(case: &Index, service: &str, window: Period, bridge: i64) -> Result<Vec<Run>, ExecutionError> {
    let mut all = Vec::new();
    for row in used(case, service)? {
        let (period, monthly) = period(&row)?;
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
pub(super) fn longest_run(
    case: &Index,
    service: &str,
    window: Period,
    months: i32,
) -> Result<Node, ExecutionError> {
    let strict = runs(case, service, window, 0)?;
    let bridged = runs(case, service, window, GAP)?;
    let longest = |runs: &[Run]| runs.iter().copied().max_by_key(|run| run.period.to - run.period.from);
    let (Some(best), Some(bridged)) = (longest(&strict), longest(&bridged)) else {
        return Err(ExecutionError::no_such_key(&format!("absent cloud_bill ({service})")));
    };
    let earlier =
        strict.last().is_some_and(|last| last.period.to > best.period.to && !long(last.period, months));
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
    found
        .fields
        .insert("earlier".to_owned(), Cell { value: Some(Value::Bool(earlier)), at: None, problem: None });
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
    for row in used(case, service)? {
        last = last.max(Some(period(&row)?.0.to));
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

/// Which services were used too briefly for what was paid for them to count.
struct Short(Vec<Arc<Node>>);

impl Short {
    fn has(&self, name: &str) -> bool {
        self.0.iter().any(|one| one.text("name").is_ok_and(|own| same_service(own, name)))
    }
}

/// The receipts, each counted or set apart.
fn receipts<'a>(case: &'a Index, window: Period, short: &Short) -> Result<Vec<Sorted<'a>>, ExecutionError> {
    let mut seen: Vec<(String, &Arc<Node>)> = Vec::new();
    let mut sorted = Vec::new();
    for paper in case.of("bank_receipt") {
        let number = paper.text("receipt_number").ok().map(folded);
        let first = seen.iter().find(|(known, _)| Some(known) == number.as_ref()).map(|(_, first)| *first);
        let apart = if first.is_some() {
            Some(apart::DOUBLED)
        } else if case.party(paper.text("payer_name")?, "")? == "differs" {
            let back =
                paper.text("payee_name").is_ok_and(|name| case.party(name, "").is_ok_and(|is| is == "same"));
            Some(if back { apart::REFUND } else { apart::WRONG_PAYER })
        } else {
            let (day, amount) = (paper.day("paid_on")?, paper.amount("amount")?);
            if !window.contains(day) {
                Some(apart::OUTSIDE)
            } else {
                paid_for(case, paper, day, amount)
                    .is_some_and(|name| short.has(&name))
                    .then_some(apart::SHORT_SERVICE)
            }
        };
        seen.extend(number.map(|number| (number, paper)));
        sorted.push(Sorted { paper, apart, first });
    }
    Ok(sorted)
}

/// The rows of the bills, each counted or set apart. What is billed counts in the month it is used.
fn billed<'a>(case: &'a Index, window: Period, short: &Short) -> Result<Vec<Sorted<'a>>, ExecutionError> {
    let rows = case.of("cloud_bill").flat_map(|bill| bill.list("usage"));
    rows.map(|paper| {
        let apart = if short.has(paper.text("service")?) {
            Some(apart::SHORT_SERVICE)
        } else {
            (!window.contains(period(paper)?.0.from)).then_some(apart::OUTSIDE)
        };
        Ok(Sorted { paper, apart, first: None })
    })
    .collect()
}

/// What the applicant paid in the window: by receipts, or by the cash column of the bills where
/// there are none. Vouchers, and what was paid for services used too briefly, do not count.
pub(super) fn paid(case: &Index, window: Period, months: i32) -> Result<Decimal, ExecutionError> {
    let short = Short(short(case, window, months)?);
    let mut sum = Decimal::ZERO;
    if case.of("bank_receipt").next().is_some() {
        for one in receipts(case, window, &short)? {
            match one.apart {
                None => sum = add(sum, one.paper.amount("amount")?)?,
                Some(apart::REFUND) if window.contains(one.paper.day("paid_on")?) => {
                    sum = add(sum, -one.paper.amount("amount")?.abs())?;
                }
                Some(_) => {}
            }
        }
        return Ok(sum);
    }
    if case.of("cloud_bill").next().is_none() {
        return Err(ExecutionError::no_such_key("absent bank_receipt"));
    }
    for one in billed(case, window, &short)?.iter().filter(|one| one.apart.is_none()) {
        sum = add(sum, one.paper.amount("cash_paid")?)?;
        if one.paper.fields.contains_key("refund") {
            sum = add(sum, -one.paper.amount("refund")?.abs())?;
        }
    }
    Ok(sum)
}

/// The cash column of the bills in the window.
pub(super) fn cash_billed(case: &Index, window: Period) -> Result<Decimal, ExecutionError> {
    if case.of("cloud_bill").next().is_none() {
        return Err(ExecutionError::no_such_key("absent cloud_bill"));
    }
    let rows = billed(case, window, &Short(Vec::new()))?.into_iter().filter(|one| one.apart.is_none());
    rows.map(|one| one.paper.amount("cash_paid")).try_fold(Decimal::ZERO, |sum, cash| add(sum, cash?))
}

/// What the sum of payments leaves out or nets. Rows of bills are joined by service.
pub(super) fn set_apart(case: &Index, window: Period, months: i32) -> Result<Vec<Item>, ExecutionError> {
    let short = Short(short(case, window, months)?);
    let mut items = Vec::new();
    for one in receipts(case, window, &short)? {
        let Some(kind) = one.apart else { continue };
        let amount = apart::amount(one.paper, "amount");
        let fields = ["receipt_number", "paid_on", "payer_name", "purpose", "amount"];
        let item = Item::new(kind, amount, one.paper, &fields);
        items.push(match one.first {
            Some(first) => item.with(first, &["receipt_number"]),
            None => item,
        });
    }
    let by_bills = case.of("bank_receipt").next().is_none();
    let mut joined: Vec<(&str, &'static str, Item)> = Vec::new();
    for one in billed(case, window, &short)? {
        let row = one.paper;
        let cash = apart::amount(row, "cash_paid");
        let not_cash =
            apart::amount(row, "voucher").or_else(|| apart::amount(row, "payable")?.checked_sub(cash?));
        let refund = apart::amount(row, "refund").map(|amount| amount.abs());
        let above_zero = |amount: Option<Decimal>| amount.filter(|amount| *amount > Decimal::ZERO);
        let item = |kind, amount, fields: &[&str]| Item::new(kind, amount, row, fields);
        let found = [
            // Where there are receipts they say what was paid; bills still say what never was cash.
            one.apart
                .filter(|_| by_bills)
                .map(|kind| item(kind, cash, &["start", "end", "period", "cash_paid"])),
            above_zero(not_cash)
                .filter(|_| one.apart != Some(apart::OUTSIDE))
                .map(|amount| item(apart::NOT_CASH, Some(amount), &["voucher", "payable", "cash_paid"])),
            above_zero(refund)
                .filter(|_| by_bills && one.apart.is_none())
                .map(|amount| item(apart::REFUND, Some(amount), &["refund"])),
        ];
        let service = row.text("service")?;
        for item in found.into_iter().flatten() {
            let kind = item.kind();
            match joined.iter().position(|(known, is, _)| *known == service && *is == kind) {
                Some(at) => joined[at].2 = joined[at].2.clone().joined(item),
                None => joined.push((service, kind, item)),
            }
        }
    }
    items.extend(joined.into_iter().map(|(_, _, item)| item));
    if !by_bills {
        items.extend(unpaid(case));
    }
    items.extend(declared_parts(case));
    Ok(items)
}

/// Where the declared total is another than its services come to, or a service's amount than its payments.
fn declared_parts(case: &Index) -> Vec<Item> {
    let Some(own) = case.declaration.groups.get("star_cloud") else { return Vec::new() };
    let services = own.list("services");
    let parts: Vec<(&Node, &str)> = services.iter().map(|one| (&**one, "amount_paid")).collect();
    let of_service = |service: &Arc<Node>| {
        let payments: Vec<(&Node, &str)> =
            service.list("payments").iter().map(|one| (&**one, "amount")).collect();
        apart::of_parts((service, "amount_paid"), &payments)
    };
    apart::of_parts((own, "total_paid"), &parts)
        .into_iter()
        .chain(services.iter().filter_map(of_service))
        .collect()
}

/// Declared payments for which there is no receipt, or one of another amount.
fn unpaid(case: &Index) -> Vec<Item> {
    let services = services(case);
    let payments = services.iter().flat_map(|service| service.list("payments").to_vec()).collect();
    let receipts = case.of("bank_receipt").map(Arc::clone).collect();
    let found = matches::payments_and_receipts(payments, receipts);
    let item = |row: &Arc<Node>| {
        Item::new(apart::NO_RECEIPT, apart::amount(row, "amount"), row, &["paid_on", "amount"])
    };
    found.only_left().map(item).collect()
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
