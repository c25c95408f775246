//! Records as items of lists, and which of them belong to each other. Nothing is noted as read here: what is
//! found cites what it rests on itself.

use std::{collections::BTreeMap, sync::Arc};

use rust_decimal::Decimal;

use crate::{
    model::value::Value,
    reconcile::{Band, By, Dates, Item, Matching, matched},
};

use super::{index::Index, names::folded, values::Node};

/// Under which names a kind of record has what items are told by.
struct Names {
    number: &'static str,
    net: &'static str,
    gross: &'static str,
    date: &'static str,
    party: &'static str,
}

const PAPER: Names =
    Names { number: "invoice_number", net: "net", gross: "gross", date: "issued_on", party: "seller_name" };
const LINE: Names =
    Names { number: "invoice_number", net: "net", gross: "gross", date: "invoiced_on", party: "supplier" };
const DECLARED: Names =
    Names { number: "number", net: "net", gross: "gross", date: "issued_on", party: "seller" };
const RECEIPT: Names = Names { number: "", net: "", gross: "amount", date: "paid_on", party: "payee_name" };

/// Fewer characters are the number of a line and no invoice's.
const SHORTEST: usize = 6;

fn item(node: &Node, names: &Names) -> Item {
    let text = |field: &str| node.peek_text(field).map(folded).unwrap_or_default();
    let number = text(names.number);
    Item {
        number: if number.chars().count() < SHORTEST { String::new() } else { number },
        net: band(node, names.net),
        gross: band(node, names.gross),
        date: match node.peek(names.date) {
            Some(Value::Date(day)) => Some(*day),
            _ => None,
        },
        party: text(names.party),
    }
}

/// An amount of a record with its printed precision.
pub(super) fn band(node: &Node, field: &str) -> Option<Band> {
    match node.peek(field)? {
        Value::Money(money) => Some(Band { yuan: money.yuan, half: money.half_unit() }),
        Value::Number(number) => Some(Band::exact(*number)),
        _ => None,
    }
}

/// Two lists of records with what belongs to what.
pub(super) struct Matched {
    pub(super) left: Vec<Arc<Node>>,
    pub(super) right: Vec<Arc<Node>>,
    pub(super) matching: Matching,
}

impl Matched {
    fn of(left: (Vec<Arc<Node>>, &Names), right: (Vec<Arc<Node>>, &Names), dates: Dates) -> Self {
        let items = |(nodes, names): &(Vec<Arc<Node>>, &Names)| -> Vec<Item> {
            nodes.iter().map(|node| item(node, names)).collect()
        };
        let matching = matched(&items(&left), &items(&right), dates);
        Self { left: left.0, right: right.0, matching }
    }

    /// Those of the first list that belong to none.
    pub(super) fn only_left(&self) -> impl Iterator<Item = &Arc<Node>> {
        self.matching.left.iter().filter_map(|at| self.left.get(*at))
    }

    /// Those of the second list that belong to none.
    pub(super) fn only_right(&self) -> impl Iterator<Item = &Arc<Node>> {
        self.matching.right.iter().filter_map(|at| self.right.get(*at))
    }

    /// Pairs that bear one number and differ in an amount, with by how much the second is the greater.
    pub(super) fn differing(&self, field: &str) -> Vec<(&Arc<Node>, &Arc<Node>, Decimal)> {
        let groups = self.matching.groups.iter().filter(|group| group.by == By::Number);
        let pairs = groups.filter_map(|group| match (group.left.as_slice(), group.right.as_slice()) {
            ([left], [right]) => Some((self.left.get(*left)?, self.right.get(*right)?)),
            _ => None,
        });
        let differ = pairs.filter_map(|(left, right)| {
            let (own, other) = (band(left, field)?, band(right, field)?);
            (!own.meets(other)).then(|| Some((left, right, other.yuan.checked_sub(own.yuan)?)))?
        });
        differ.collect()
    }
}

/// The invoices that were handed in, with the audit's lines.
pub(super) fn papers_and_lines(papers: Vec<Arc<Node>>, lines: Vec<Arc<Node>>) -> Matched {
    Matched::of((papers, &PAPER), (lines, &LINE), Dates::Same)
}

/// The declared invoices, with the audit's lines.
pub(super) fn declared_and_lines(declared: Vec<Arc<Node>>, lines: Vec<Arc<Node>>) -> Matched {
    Matched::of((declared, &DECLARED), (lines, &LINE), Dates::Same)
}

/// The declared invoices, with those that were handed in.
pub(super) fn declared_and_papers(declared: Vec<Arc<Node>>, papers: Vec<Arc<Node>>) -> Matched {
    Matched::of((declared, &DECLARED), (papers, &PAPER), Dates::Same)
}

/// Declared payments, with receipts.
pub(super) fn payments_and_receipts(payments: Vec<Arc<Node>>, receipts: Vec<Arc<Node>>) -> Matched {
    Matched::of((payments, &RECEIPT), (receipts, &RECEIPT), Dates::Same)
}

/// The invoices that were handed in, with the payments to their sellers: one to one, or one payment for several
/// invoices, or several for one.
pub(super) fn papers_and_receipts(case: &Index) -> Matched {
    let papers = case.of("vat_invoice").map(Arc::clone).collect();
    let receipts = case.of("bank_receipt").map(Arc::clone).collect();
    Matched::of((papers, &PAPER), (receipts, &RECEIPT), Dates::Any)
}

/// How invoices and payments go together, for rules: how many there are (`count`), how many of them are `unpaid`, how
/// many payments are `others` that pay for none, and how many pairs could be others (`ambiguous`).
pub(super) fn payments_of_invoices(case: &Index) -> Node {
    let found = papers_and_receipts(case);
    for (nodes, fields) in [
        (found.only_left().collect::<Vec<_>>(), ["invoice_number", "gross"]),
        (found.only_right().collect::<Vec<_>>(), ["payee_name", "amount"]),
    ] {
        for node in nodes {
            // What pays for nothing, or is paid by nothing, is what a note is about.
            node.note(&fields);
        }
    }
    let ambiguous = found.matching.groups.iter().filter(|group| group.ambiguous).count();
    let count = |number: usize| Value::Number(Decimal::from(number));
    case.computed(
        "payments",
        BTreeMap::from([
            ("count".to_owned(), count(found.left.len())),
            ("unpaid".to_owned(), count(found.matching.left.len())),
            ("others".to_owned(), count(found.matching.right.len())),
            ("ambiguous".to_owned(), count(ambiguous)),
        ]),
    )
}
