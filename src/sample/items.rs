//! The investment items of a case: which documents and rows they are, and what each was booked with.

use std::collections::BTreeSet;

use rust_decimal::Decimal;

use crate::model::{
    anchor::{Anchor, column_letters},
    case::Examination,
    fact::{Fact, FactId, Record},
    paper::Paper,
    value::Value,
};

use super::{Found, Population};

/// What is sampled.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Of {
    /// The lines of the latest audit report's schedule.
    Audit,
    /// The invoices that were handed in.
    Invoices,
    /// The invoices that were declared.
    Declared,
    /// The bank receipts or, where there are none, the rows of the cloud bills.
    Payments,
}

/// What can be sampled: (name, kind, Chinese, English).
pub const OF: &[(&str, Of, &str, &str)] = &[
    ("audit", Of::Audit, "审计明细", "lines of the audit's schedule"),
    ("invoices", Of::Invoices, "提交的发票", "invoices that were handed in"),
    ("declared", Of::Declared, "申报的发票", "invoices that were declared"),
    ("payments", Of::Payments, "付款", "payments"),
];

impl Of {
    /// The kind of a name.
    #[must_use]
    pub fn named(name: &str) -> Option<Self> {
        OF.iter().find(|row| row.0 == name).map(|row| row.1)
    }
}

/// Which amount of an item counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Basis {
    /// Without tax.
    Net,
    /// With tax.
    Gross,
}

/// The bases: (name, basis, as documents call it, Chinese, English).
pub const BASES: &[(&str, Basis, &str, &str, &str)] = &[
    ("net", Basis::Net, "excl", "不含税", "without tax"),
    ("gross", Basis::Gross, "incl", "含税", "with tax"),
];

impl Basis {
    /// The basis of a name.
    #[must_use]
    pub fn named(name: &str) -> Option<Self> {
        BASES.iter().find(|row| row.0 == name).map(|row| row.1)
    }

    const fn column(self) -> &'static str {
        match self {
            Self::Net => "net",
            Self::Gross => "gross",
        }
    }
}

/// What is sampled of a case where nobody says: payments of a cloud case, else the audited lines, else the
/// invoices.
#[must_use]
pub fn usual(case: &Examination) -> Of {
    match (case.category.as_deref(), audit(case)) {
        (Some("star_cloud"), _) => Of::Payments,
        (_, Some(report)) if report.record.rows.contains_key("items") => Of::Audit,
        _ => Of::Invoices,
    }
}

/// The amounts that count where nobody says: as the audit report says, else as declared, else without tax, which
/// is the stricter reading.
#[must_use]
pub fn basis(case: &Examination) -> Basis {
    let audited = audit(case).and_then(|report| report.record.text("tax_basis"));
    let declared = investment(case).and_then(|record| record.text("tax_basis"));
    let known = |text: &str| BASES.iter().find(|row| row.2 == text).map(|row| row.1);
    audited.and_then(known).or_else(|| declared.and_then(known)).unwrap_or(Basis::Net)
}

/// How far a total lies above a threshold, in yuan: what may be wrong with it before it does not reach it. The
/// total is the declared one or what the items come to, whichever is less. `None` for a case without one.
#[must_use]
pub fn headroom(case: &Examination, population: &Population, threshold: Decimal) -> Option<Decimal> {
    if case.category.as_deref() != Some("benchmark_factory") {
        return None;
    }
    let declared = investment(case).and_then(|record| amount(record, "total"));
    let total = declared.map_or_else(|| population.net(), |declared| declared.min(population.net()));
    Some(total - threshold)
}

/// The items of a case.
#[must_use]
pub fn found(case: &Examination, of: Of, basis: Basis) -> Vec<Found> {
    let column = basis.column();
    match of {
        Of::Audit => {
            let lines = audit(case).into_iter().flat_map(|report| rows(report, "items"));
            lines.map(|(paper, row)| item(Some(paper), row, &[column], &LINE)).collect()
        }
        Of::Invoices => {
            let apart = Told::of(case, &["doubled_item", "wrong_buyer"]);
            let invoices = papers(case, "vat_invoice").map(|paper| (paper, &paper.record));
            invoices
                .map(|(paper, record)| apart.told(record, item(Some(paper), record, &[column], &INVOICE)))
                .collect()
        }
        Of::Declared => {
            let factory = case.declaration.groups.get("benchmark_factory");
            let listed = factory.and_then(|record| record.rows.get("invoices")).into_iter().flatten();
            let form = case.declared_in.and_then(|at| case.papers.get(at));
            listed.map(|row| item(form, row, &[column], &DECLARED)).collect()
        }
        Of::Payments => {
            let kinds = ["doubled_item", "wrong_payer", "refund", "outside_period", "short_service"];
            let apart = Told::of(case, &kinds);
            let receipts: Vec<Found> = papers(case, "bank_receipt")
                .map(|paper| {
                    apart.told(&paper.record, item(Some(paper), &paper.record, &["amount"], &RECEIPT))
                })
                .collect();
            if !receipts.is_empty() {
                return receipts;
            }
            let rows = papers(case, "cloud_bill").flat_map(|bill| rows(bill, "usage"));
            rows.map(|(bill, row)| apart.told(row, item(Some(bill), row, &["cash_paid", "refund"], &USAGE)))
                .collect()
        }
    }
}

/// The fields that name an item: what it is, its number, its day; the first that was read counts.
struct Names {
    name: &'static [&'static str],
    number: &'static [&'static str],
    date: &'static [&'static str],
    /// Whether the number names one item alone; an invoice may be split over lines of a schedule.
    numbered: bool,
}

const LINE: Names = Names {
    name: &["name", "supplier", "category"],
    number: &["invoice_number"],
    date: &["invoiced_on"],
    numbered: false,
};
const INVOICE: Names =
    Names { name: &["seller_name"], number: &["invoice_number"], date: &["issued_on"], numbered: true };
const DECLARED: Names =
    Names { name: &["item", "seller"], number: &["number"], date: &["issued_on"], numbered: false };
const RECEIPT: Names = Names {
    name: &["purpose", "payee_name"],
    number: &["receipt_number"],
    date: &["paid_on"],
    numbered: true,
};
const USAGE: Names = Names { name: &["service"], number: &[], date: &["start", "period"], numbered: false };

/// An item from a record. Its amount stands in the first of the columns; what stands in the others is taken off.
fn item(paper: Option<&Paper>, record: &Record, columns: &[&str], names: &Names) -> Found {
    let read = |fields: &[&str]| {
        let value = fields.iter().find_map(|field| record.value(field));
        value.map(Value::wire).unwrap_or_default()
    };
    let (first, off) = columns.split_first().map_or(("", columns), |(first, off)| (*first, off));
    let off: Decimal = off.iter().filter_map(|field| amount(record, field)).map(|amount| amount.abs()).sum();
    let shown = columns.iter().chain(names.number).chain(names.name);
    let anchor =
        shown.filter_map(|field| record.fields.get(*field)).find_map(|fact| fact.evidence.anchors.first());
    Found {
        name: read(names.name),
        number: read(names.number),
        date: read(names.date),
        amount: amount(record, first).map(|amount| amount - off),
        file: paper.map_or_else(|| "declaration".to_owned(), |paper| paper.file.clone()),
        document: paper.map(|paper| paper.document.0.clone()).unwrap_or_default(),
        place: anchor.map(place).unwrap_or_default(),
        numbered: names.numbered,
        apart: None,
    }
}

/// Where something stands, alike in both languages: `p. 3 [72.0, 100.0, 200.0, 112.0]`, `Sheet1!C5`.
fn place(anchor: &Anchor) -> String {
    match anchor {
        Anchor::Box { page, bounds } => format!(
            "p. {page} [{:.1}, {:.1}, {:.1}, {:.1}]",
            bounds.left, bounds.top, bounds.right, bounds.bottom
        ),
        Anchor::Cell { sheet, row, column } if sheet.is_empty() => {
            format!("{}{row}", column_letters(*column))
        }
        Anchor::Cell { sheet, row, column } => format!("{sheet}!{}{row}", column_letters(*column)),
        Anchor::Node { path } => path.clone(),
        Anchor::Form { field } => field.clone(),
    }
}

/// What the examination set apart of a sum, for reasons that hold however the sum is read.
struct Told(Vec<(&'static str, BTreeSet<FactId>)>);

impl Told {
    fn of(case: &Examination, reasons: &[&'static str]) -> Self {
        let explained = case.findings.iter().flat_map(|finding| &finding.explanation);
        let told = explained.filter_map(|one| {
            let reason = reasons.iter().find(|reason| **reason == one.kind)?;
            Some((*reason, one.evidence.iter().copied().collect()))
        });
        Self(told.collect())
    }

    /// The item, set apart where its amount was. What an amount is held against is cited by other fields.
    fn told(&self, record: &Record, item: Found) -> Found {
        let amounts =
            ["net", "gross", "amount", "cash_paid"].iter().filter_map(|field| record.fields.get(*field));
        let ids: Vec<FactId> = amounts.map(|fact: &Fact| fact.id).collect();
        let why = self.0.iter().find(|(_, evidence)| ids.iter().any(|id| evidence.contains(id)));
        Found { apart: why.map(|(reason, _)| *reason), ..item }
    }
}

fn investment(case: &Examination) -> Option<&Record> {
    case.declaration.groups.get("benchmark_factory")?.groups.get("investment")
}

/// The latest audit report; of several of one day the last.
fn audit(case: &Examination) -> Option<&Paper> {
    papers(case, "audit_report").max_by_key(|paper| match paper.record.value("reported_on") {
        Some(Value::Date(day)) => Some(*day),
        _ => None,
    })
}

fn papers<'c>(case: &'c Examination, kind: &'static str) -> impl Iterator<Item = &'c Paper> {
    case.papers.iter().filter(move |paper| paper.document_type == kind)
}

fn rows<'p>(paper: &'p Paper, list: &str) -> impl Iterator<Item = (&'p Paper, &'p Record)> {
    paper.record.rows.get(list).into_iter().flatten().map(move |row| (paper, row))
}

fn amount(record: &Record, field: &str) -> Option<Decimal> {
    match record.value(field)? {
        Value::Money(money) => Some(money.yuan),
        Value::Number(number) => Some(*number),
        _ => None,
    }
}
