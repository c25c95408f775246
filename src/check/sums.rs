//! The sums that should agree, side by side: for a factory each cost category as declared, audited, listed, invoiced
//! and paid; for cloud services each service as declared, billed and paid.

use std::{collections::BTreeMap, sync::Arc};

use rust_decimal::Decimal;

use crate::{model::finding::Sums, rulebook::packs::Cost};

use super::{apart, index::Index, invoices, matches, values::Node};

/// A total beside its parts.
const TOTAL: &str = "total";
/// Invoices that belong to no line of the audit, or to one of no known category.
const UNLISTED: &str = "unlisted";

/// The sums of a case, its parts first; none where nothing was declared or audited.
pub(super) fn sums(case: &Index) -> Vec<Sums> {
    let mut found = factory(case);
    found.extend(cloud(case));
    // What looking cost is no evidence of a rule.
    case.take_reads();
    found
}

type BySource = BTreeMap<&'static str, Option<Decimal>>;

fn row(part: &str, sums: BySource) -> Option<Sums> {
    let known: BTreeMap<String, Decimal> =
        sums.into_iter().filter_map(|(source, sum)| Some((source.to_owned(), sum?))).collect();
    (!known.is_empty()).then(|| Sums { part: part.to_owned(), sums: known })
}

fn factory(case: &Index) -> Vec<Sums> {
    let report = case.latest("audit_report", "reported_on");
    let column = if report.text("tax_basis") == Ok("incl") { "gross" } else { "net" };
    let own = case.declaration.groups.get("benchmark_factory");
    let own = own.and_then(|group| group.groups.get("investment"));
    let lines = report.list("items");
    // A line of no known category may belong to any.
    let all_told = lines.iter().all(|line| invoices::category(case, line).is_some());
    let of_lines = |category: Option<&str>, column: &str| {
        if category.is_some() && !all_told {
            return None;
        }
        let of_category = lines.iter().filter(|line| category.is_none_or(|wanted| is_of(case, line, wanted)));
        let mut amounts = of_category.map(|line| apart::amount(line, column)).peekable();
        amounts.peek()?;
        amounts.try_fold(Decimal::ZERO, |sum, amount| sum.checked_add(amount?))
    };
    let invoiced = invoiced(case, lines, column);
    let mut found: Vec<Sums> = case
        .costs
        .iter()
        .filter_map(|Cost { declared, audited, .. }| {
            row(
                audited,
                BTreeMap::from([
                    ("declared", own.and_then(|own| apart::amount(own, declared))),
                    ("audited", apart::amount(&report, audited)),
                    ("scheduled", of_lines(Some(audited), column)),
                    ("invoiced", invoiced.get(audited.as_str()).copied().flatten()),
                    ("paid", of_lines(Some(audited), "paid")),
                ]),
            )
        })
        .collect();
    found.extend(row(UNLISTED, BTreeMap::from([("invoiced", invoiced.get(UNLISTED).copied().flatten())])));
    let all = invoiced.values().try_fold(Decimal::ZERO, |sum, one| sum.checked_add((*one)?));
    found.extend(row(
        TOTAL,
        BTreeMap::from([
            ("declared", own.and_then(|own| apart::amount(own, TOTAL))),
            ("audited", apart::amount(&report, TOTAL)),
            ("scheduled", of_lines(None, column)),
            ("invoiced", all.filter(|_| !invoiced.is_empty())),
            ("paid", of_lines(None, "paid")),
        ]),
    ));
    if own.is_some() || !report.fields.is_empty() {
        return found;
    }
    if case.declaration.groups.contains_key("star_cloud") {
        return Vec::new();
    }
    // A platform's invoices are held against what was paid for them.
    let pairs = matches::papers_and_receipts(case);
    let receipts = pairs.matching.groups.iter().flat_map(|group| &group.right);
    let mut amounts = receipts.filter_map(|at| apart::amount(pairs.right.get(*at)?, "amount"));
    let paid = amounts.try_fold(Decimal::ZERO, |sum, amount| sum.checked_add(amount));
    let papers = invoices::counted(case);
    let mut amounts = papers.iter().filter_map(|paper| apart::amount(paper, "gross"));
    let with_tax = amounts.try_fold(Decimal::ZERO, |sum, amount| sum.checked_add(amount));
    let known = !papers.is_empty() && !pairs.right.is_empty();
    row(TOTAL, BTreeMap::from([("invoiced", with_tax), ("paid", paid)]))
        .filter(|_| known)
        .into_iter()
        .collect()
}

fn is_of(case: &Index, line: &Node, category: &str) -> bool {
    invoices::category(case, line) == Some(category)
}

/// What the invoices that count come to, by the category of the line they belong to; `None` where the amount of one
/// was not read.
fn invoiced<'c>(case: &'c Index, lines: &[Arc<Node>], column: &str) -> BTreeMap<&'c str, Option<Decimal>> {
    let found = matches::papers_and_lines(invoices::counted(case), lines.to_vec());
    let mut sums: BTreeMap<&'c str, Option<Decimal>> = BTreeMap::new();
    let mut add = |category: &'c str, paper: &Node| {
        let sum = sums.entry(category).or_insert(Some(Decimal::ZERO));
        *sum = sum.zip(apart::amount(paper, column)).and_then(|(sum, amount)| sum.checked_add(amount));
    };
    for group in &found.matching.groups {
        let line = group.right.first().and_then(|at| found.right.get(*at));
        let category = line.and_then(|line| invoices::category(case, line)).unwrap_or(UNLISTED);
        for paper in group.left.iter().filter_map(|at| found.left.get(*at)) {
            add(category, paper);
        }
    }
    found.only_left().for_each(|paper| add(UNLISTED, paper));
    sums
}

fn cloud(case: &Index) -> Vec<Sums> {
    let Some(own) = case.declaration.groups.get("star_cloud") else { return Vec::new() };
    let receipts: Vec<Arc<Node>> = case.of("bank_receipt").map(Arc::clone).collect();
    let payments = own.list("services").iter().flat_map(|one| one.list("payments").to_vec()).collect();
    let found = matches::payments_and_receipts(payments, receipts.clone());
    let paid: Vec<&Arc<Node>> = found
        .matching
        .groups
        .iter()
        .flat_map(|group| &group.left)
        .filter_map(|at| found.left.get(*at))
        .collect();
    let sum = |nodes: &mut dyn Iterator<Item = &Arc<Node>>, field: &str| {
        let mut amounts = nodes.map(|node| apart::amount(node, field)).peekable();
        amounts.peek()?;
        amounts.try_fold(Decimal::ZERO, |sum, amount| sum.checked_add(amount?))
    };
    let of_service = |service: &Arc<Node>| {
        let name = service.text("name").ok()?;
        let own_paid = service.list("payments");
        let mut proven = paid.iter().copied().filter(|one| own_paid.iter().any(|own| Arc::ptr_eq(own, one)));
        row(
            name,
            BTreeMap::from([
                ("declared", apart::amount(service, "amount_paid")),
                ("payments", sum(&mut own_paid.iter(), "amount")),
                ("paid", sum(&mut proven, "amount")),
            ]),
        )
    };
    let mut rows: Vec<Sums> = own.list("services").iter().filter_map(of_service).collect();
    let all: Vec<Arc<Node>> =
        own.list("services").iter().flat_map(|one| one.list("payments").to_vec()).collect();
    rows.extend(row(
        TOTAL,
        BTreeMap::from([
            ("declared", apart::amount(own, "total_paid")),
            ("payments", sum(&mut all.iter(), "amount")),
            ("paid", sum(&mut receipts.iter(), "amount")),
        ]),
    ));
    rows
}
