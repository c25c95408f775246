//! Invoices against the audit: which count, which are doubled, which audited line has none.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
};

use cel::ExecutionError;
use chrono::NaiveDate;
use rust_decimal::Decimal;

use crate::{
    model::value::{Period, Value},
    reconcile::Band,
    rulebook::packs::Cost,
};

use super::{
    apart::{self, Item, Sorted},
    index::Index,
    matches,
    names::folded,
    values::{Cell, Node},
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

/// Invoices that were seen, by number: those of one number differ in their codes.
#[derive(Default)]
struct Seen<'a>(BTreeMap<String, Vec<(Key, &'a Arc<Node>)>>);

impl<'a> Seen<'a> {
    fn first(&self, key: &Key) -> Option<&'a Arc<Node>> {
        self.0.get(&key.number)?.iter().find(|(one, _)| one.is_same(key)).map(|(_, first)| *first)
    }

    fn add(&mut self, key: Key, paper: &'a Arc<Node>) {
        self.0.entry(key.number.clone()).or_default().push((key, paper));
    }
}

/// The invoices, each counted or set apart.
fn sorted(case: &Index, window: Period) -> Result<Vec<Sorted<'_>>, ExecutionError> {
    let mut seen = Seen::default();
    let mut sorted = Vec::new();
    for paper in case.of("vat_invoice") {
        let buyer = paper.text("buyer_name")?;
        let key = Key::of(paper)?;
        let first = seen.first(&key);
        let apart = if case.party(buyer, paper.text("buyer_tax_id").unwrap_or(""))? == "differs" {
            Some(apart::WRONG_BUYER)
        } else if first.is_some() {
            Some(apart::DOUBLED)
        } else {
            seen.add(key, paper);
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

/// The invoices that count, whatever their day; none where it cannot be told which do.
pub(super) fn counted(case: &Index) -> Vec<Arc<Node>> {
    let any = Period { from: NaiveDate::MIN, to: NaiveDate::MAX };
    let sorted = sorted(case, any).unwrap_or_default().into_iter();
    sorted.filter(|one| one.apart.is_none()).map(|one| Arc::clone(one.paper)).collect()
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
    let (supported, beyond) = supported(case);
    items.extend(beyond.iter().map(|line| {
        Item::new(apart::AMOUNT_DIFFERS, apart::amount(line, column), line, &["invoice_number", column])
    }));
    for line in supported.only_right() {
        let inside = line.day("invoiced_on").map_or(true, |day| window.contains(day));
        let kind = if inside { apart::MISSING } else { apart::OUTSIDE };
        let amount = apart::amount(line, column);
        items.push(Item::new(kind, amount, line, &["invoice_number", "invoiced_on", column]));
    }
    items.extend(
        supported.differing(column).into_iter().map(|(paper, line, by)| differs(by, line, paper, column)),
    );
    Ok(items)
}

/// Two records of one invoice with another amount: by how much the first is the greater.
fn differs(by: Decimal, first: &Node, second: &Node, column: &str) -> Item {
    let fields = ["invoice_number", "number", column];
    Item::new(apart::AMOUNT_DIFFERS, Some(by), first, &fields).with(second, &fields)
}

/// Lines that audit an invoice again which was not also supplied again.
fn audited_again(case: &Index, sorted: &[Sorted<'_>], column: &str) -> Vec<Item> {
    let mut supplied: BTreeMap<String, usize> = BTreeMap::new();
    for one in sorted.iter().filter(|one| one.apart == Some(apart::DOUBLED)) {
        if let Ok(number) = one.paper.text("invoice_number") {
            *supplied.entry(folded(number)).or_default() += 1;
        }
    }
    let mut seen: BTreeMap<(String, String), Arc<Node>> = BTreeMap::new();
    let mut items = Vec::new();
    for line in lines(case) {
        let Some(key) = counted_as(&line) else { continue };
        let Some(first) = seen.get(&key) else {
            seen.insert(key, line);
            continue;
        };
        if let Some(left) = supplied.get_mut(&key.0).filter(|left| **left > 0) {
            *left -= 1;
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

/// What makes a declared total another than the audit's: declared invoices that the audit does not list, and the
/// other way round, invoices of another amount, categories, and the basis of tax.
pub(super) fn unlisted(case: &Index, basis: &str) -> Vec<Item> {
    let column = column(basis);
    let (declared, lines) = (declared(case), lines(case));
    let mut items = categories(case);
    let report = case.latest("audit_report", "reported_on");
    // On the other basis of tax the same costs come to another total.
    let sum = |column: &str| {
        lines.iter().try_fold(Decimal::ZERO, |sum, line| sum.checked_add(apart::amount(line, column)?))
    };
    let other = sum(if column == "net" { "gross" } else { "net" });
    let by_tax = other.zip(sum(column)).and_then(|(other, own)| other.checked_sub(own));
    items.extend(
        by_tax
            .filter(|by| !by.is_zero())
            .map(|by| Item::new(apart::TAX_BASIS, Some(by), &report, &["total", "tax_basis"]).coarse()),
    );
    if declared.is_empty() || lines.is_empty() {
        return items;
    }
    let found = matches::declared_and_lines(declared, lines);
    items.extend(
        found
            .only_left()
            .map(|row| Item::new(apart::NOT_AUDITED, apart::amount(row, column), row, &["number", column])),
    );
    items.extend(found.only_right().map(|row| {
        Item::new(apart::NOT_DECLARED, apart::amount(row, column), row, &["invoice_number", column])
            .of_the_second()
    }));
    items.extend(found.differing(column).into_iter().map(|(row, line, by)| differs(-by, row, line, column)));
    items
}

/// The declared invoices.
fn declared(case: &Index) -> Vec<Arc<Node>> {
    let factory = case.declaration.groups.get("benchmark_factory");
    factory.map_or_else(Vec::new, |group| group.list("invoices").to_vec())
}

/// The kind of costs of an audited line, as the audit's field for it is called: that of the word that stands last, as
/// what a thing is does; none for a text without any.
pub(super) fn category<'c>(case: &'c Index, line: &Node) -> Option<&'c str> {
    let text = folded(line.text("category").ok()?);
    let last = |cost: &Cost| cost.words.iter().filter_map(|word| text.rfind(word.as_str())).max();
    let named = case.costs.iter().filter_map(|cost| Some((last(cost)?, cost)));
    let exact = case.costs.iter().find(|cost| cost.audited.eq_ignore_ascii_case(&text));
    let cost = exact.or_else(|| named.max_by_key(|(place, _)| *place).map(|(_, cost)| cost));
    cost.map(|cost| cost.audited.as_str())
}

/// Categories that are declared with another amount than the audit names; one that either leaves out is nothing.
fn categories(case: &Index) -> Vec<Item> {
    let report = case.latest("audit_report", "reported_on");
    let own = case.declaration.groups.get("benchmark_factory");
    let Some(own) = own.and_then(|group| group.groups.get("investment")) else { return Vec::new() };
    let zero = || Band::exact(Decimal::ZERO);
    let differs = |Cost { declared, audited, .. }: &Cost| {
        let (first, second) = (matches::band(own, declared), matches::band(&report, audited));
        if first.is_none() && second.is_none() {
            return None;
        }
        let (first, second) = (first.unwrap_or_else(zero), second.unwrap_or_else(zero));
        let by = first.yuan.checked_sub(second.yuan).filter(|_| !first.meets(second))?;
        let item = Item::new(apart::CATEGORY_DIFFERS, Some(by), own, &[declared]);
        Some(item.with(&report, &[audited]).coarse())
    };
    let parts: Vec<(&Node, &str)> = case
        .costs
        .iter()
        .map(|cost| (&**own, cost.declared.as_str()))
        .filter(|(own, name)| own.fields.contains_key(*name))
        .collect();
    let of_parts = apart::of_parts((own, "total"), &parts);
    case.costs.iter().filter_map(differs).chain(of_parts).collect()
}

/// How the audit's categories differ from the sums of its own lines in them.
pub(super) fn audited_categories(case: &Index, basis: &str) -> Vec<Item> {
    let column = column(basis);
    let report = case.latest("audit_report", "reported_on");
    let mut sums: BTreeMap<&str, Decimal> = BTreeMap::new();
    for line in report.list("items") {
        let (Some(category), Some(amount)) = (category(case, line), apart::amount(line, column)) else {
            return Vec::new();
        };
        let sum = sums.entry(category).or_default();
        let Some(more) = sum.checked_add(amount) else { return Vec::new() };
        *sum = more;
    }
    if sums.is_empty() {
        return Vec::new();
    }
    let differs = |Cost { audited, .. }: &Cost| {
        let own = matches::band(&report, audited)?;
        let sum = Band::exact(sums.get(audited.as_str()).copied().unwrap_or_default());
        let by = own.yuan.checked_sub(sum.yuan).filter(|_| !own.meets(sum))?;
        Some(Item::new(apart::CATEGORY_DIFFERS, Some(by), &report, &[audited]))
    };
    case.costs.iter().filter_map(differs).collect()
}

/// The declared invoices, each with a group `paper`, the invoice that was handed in for it, and `supplied`.
pub(super) fn declared_with_papers(case: &Index) -> Vec<Arc<Node>> {
    let papers: Vec<Arc<Node>> = case.of("vat_invoice").map(Arc::clone).collect();
    let found = matches::declared_and_papers(declared(case), papers);
    let of_left: BTreeMap<usize, &[usize]> = found
        .matching
        .groups
        .iter()
        .flat_map(|group| group.left.iter().map(|at| (*at, group.right.as_slice())))
        .collect();
    let with = |(at, row): (usize, &Arc<Node>)| {
        let places = of_left.get(&at).copied().unwrap_or_default();
        let paper = places.first().and_then(|place| found.right.get(*place));
        let mut node = Node::clone(row);
        let supplied = Cell { value: Some(Value::Bool(paper.is_some())), at: None, problem: None };
        node.fields.insert("supplied".to_owned(), supplied);
        node.groups.extend(paper.map(|paper| ("paper".to_owned(), Arc::clone(paper))));
        Arc::new(node)
    };
    found.left.iter().enumerate().map(with).collect()
}

/// How many invoices were supplied more than once, other than in another format, or audited more than once.
pub(super) fn doubled(case: &Index) -> i64 {
    let mut seen = Seen::default();
    let mut again: BTreeSet<*const Node> = BTreeSet::new();
    let mut places: BTreeMap<*const Node, usize> = BTreeMap::new();
    for (at, (_, paper)) in case.papers.iter().enumerate().filter(|(_, (kind, _))| kind == "vat_invoice") {
        let Ok(key) = Key::of(paper) else { continue };
        places.insert(Arc::as_ptr(paper), at);
        let Some(first) = seen.first(&key) else {
            seen.add(key, paper);
            continue;
        };
        // One original in two formats is counted once, and nothing is wrong with it.
        let twins = places.get(&Arc::as_ptr(first)).is_some_and(|first| case.shared.are_twins(at, *first));
        if !twins {
            again.insert(Arc::as_ptr(first));
        }
    }
    let supplied = again.len();
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

/// The invoices that were handed in, with the audited lines they support; and lines that bear the number of an
/// invoice and audit it beyond its amount. A line that audits an invoice again supports nothing, and one of
/// which neither number nor amount was read cannot be told.
fn supported(case: &Index) -> (matches::Matched, Vec<Arc<Node>>) {
    let mut seen: BTreeMap<(String, String), usize> = BTreeMap::new();
    let mut papers_of: BTreeMap<String, usize> = BTreeMap::new();
    for paper in case.of("vat_invoice") {
        if let Ok(number) = paper.text("invoice_number") {
            *papers_of.entry(folded(number)).or_default() += 1;
        }
    }
    let counts = |line: &Arc<Node>| {
        if let Some(key) = counted_as(line) {
            let again = seen.entry(key.clone()).or_default();
            *again += 1;
            if *again > papers_of.get(&key.0).copied().unwrap_or(0).max(1) {
                return false;
            }
        }
        let known = |field: &str| line.fields.get(field).is_some_and(|cell| cell.value.is_some());
        ["invoice_number", "net", "gross"].into_iter().any(known)
    };
    let lines = lines(case).into_iter().filter(counts).collect();
    let mut found = matches::papers_and_lines(case.of("vat_invoice").map(Arc::clone).collect(), lines);
    let is_known = |at: &usize| {
        let number = found.right.get(*at).and_then(|line| line.peek_text("invoice_number"));
        number.is_some_and(|number| papers_of.contains_key(&folded(number)))
    };
    let (known, missing): (Vec<usize>, Vec<usize>) = found.matching.right.iter().partition(|at| is_known(at));
    found.matching.right = missing;
    let beyond = known.into_iter().filter_map(|at| found.right.get(at).map(Arc::clone)).collect();
    (found, beyond)
}

/// Audited lines for which no invoice was supplied: neither its number nor its amount and date.
pub(super) fn unsupported(case: &Index) -> Vec<Arc<Node>> {
    let (found, _) = supported(case);
    let lines: Vec<Arc<Node>> = found.only_right().map(Arc::clone).collect();
    for line in &lines {
        // What is missing is what the line says.
        let _ = line.text("invoice_number");
    }
    lines
}

/// How many of these bear no number that an invoice of this country has: 8 figures, or 20.
pub(super) fn without_number(case: &Index) -> usize {
    let is_domestic = |line: &Arc<Node>| {
        let number = line.text("invoice_number").map(folded).unwrap_or_default();
        matches!(number.len(), 8 | 20) && number.bytes().all(|byte| byte.is_ascii_digit())
    };
    unsupported(case).iter().filter(|line| !is_domestic(line)).count()
}

/// How many audited lines bear the number of an invoice of another amount, or audit it beyond its own.
pub(super) fn lines_differ(case: &Index, basis: &str) -> usize {
    let (found, beyond) = supported(case);
    found.differing(column(basis)).len() + beyond.len()
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
