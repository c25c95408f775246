//! What a sum leaves out, item by item: each with why, how much, and the facts that show it.
//!
//! Only what the sums themselves leave out or net. Whether items add up to a difference is not
//! searched for.

use std::{any::Any, collections::BTreeSet, sync::Arc};

use cel::common::{
    types::Type,
    value::{StaticVal, Val},
};
use rust_decimal::Decimal;

use crate::model::{
    fact::FactId,
    finding::Explanation,
    value::{Value, money},
};

use super::{index::Source, values::Node};

/// Every reason for which an item is set apart.
pub const APART: &[&str] = &[
    DOUBLED,
    IN_SEQUENCE,
    ISSUED_LATE,
    MISSING,
    NOT_AUDITED,
    NOT_CASH,
    NOT_DECLARED,
    OUTSIDE,
    RED_LETTER,
    REFUND,
    RELATED_SELLER,
    SHORT_SERVICE,
    USED_ELSEWHERE,
    WRONG_BUYER,
    WRONG_PAYER,
];
pub(super) const DOUBLED: &str = "doubled_item";
pub(super) const IN_SEQUENCE: &str = "in_sequence";
pub(super) const ISSUED_LATE: &str = "issued_late";
pub(super) const MISSING: &str = "missing_item";
pub(super) const NOT_AUDITED: &str = "not_audited";
pub(super) const NOT_CASH: &str = "not_cash";
pub(super) const NOT_DECLARED: &str = "not_declared";
pub(super) const OUTSIDE: &str = "outside_period";
pub(super) const RED_LETTER: &str = "red_letter";
pub(super) const REFUND: &str = "refund";
pub(super) const RELATED_SELLER: &str = "related_seller";
pub(super) const SHORT_SERVICE: &str = "short_service";
pub(super) const USED_ELSEWHERE: &str = "used_elsewhere";
pub(super) const WRONG_BUYER: &str = "wrong_buyer";
pub(super) const WRONG_PAYER: &str = "wrong_payer";

static APART_TYPE: Type = Type::new_unspecified_type("items set apart");

/// A paper or row of a sum: counted, or set apart for a reason.
pub(super) struct Sorted<'a> {
    pub(super) paper: &'a Arc<Node>,
    pub(super) apart: Option<&'static str>,
    /// The one it repeats, where it is doubled.
    pub(super) first: Option<&'a Arc<Node>>,
}

/// One item set apart.
#[derive(Clone, Debug)]
pub(super) struct Item {
    kind: &'static str,
    amount: Option<Decimal>,
    facts: BTreeSet<usize>,
    elsewhere: Option<String>,
}

impl Item {
    /// An item with its amount and the fields of a record that show it.
    pub(super) fn new(kind: &'static str, amount: Option<Decimal>, record: &Node, fields: &[&str]) -> Self {
        Self { kind, amount, facts: BTreeSet::new(), elsewhere: None }.with(record, fields)
    }

    pub(super) fn kind(&self) -> &'static str {
        self.kind
    }

    /// With further facts.
    pub(super) fn with(mut self, record: &Node, fields: &[&str]) -> Self {
        self.facts.extend(fields.iter().filter_map(|field| record.fields.get(*field)?.at));
        self
    }

    /// With where it is in another application.
    pub(super) fn in_another(mut self, place: &str) -> Self {
        self.elsewhere = Some(place.to_owned());
        self
    }

    /// With what another item of the same kind adds.
    pub(super) fn joined(mut self, other: Self) -> Self {
        self.amount = self.amount.zip(other.amount).and_then(|(a, b)| a.checked_add(b));
        self.facts.extend(other.facts);
        self
    }

    /// As a finding carries it.
    pub(super) fn explanation(&self, sources: &[Source]) -> Explanation {
        let evidence: BTreeSet<FactId> =
            self.facts.iter().filter_map(|at| sources.get(*at)).map(|source| source.id).collect();
        Explanation {
            kind: self.kind.to_owned(),
            amount: self.amount,
            evidence: evidence.into_iter().collect(),
            elsewhere: self.elsewhere.clone(),
        }
    }
}

/// An amount of a record that may not have been read; not noted, because the item cites it itself.
pub(super) fn amount(record: &Node, field: &str) -> Option<Decimal> {
    match record.fields.get(field)?.value.as_ref()? {
        Value::Money(money) => Some(money.yuan),
        Value::Number(number) => Some(*number),
        _ => None,
    }
}

/// An explanation as tests write it: `doubled_item 1200000.00`.
pub(super) fn written(one: &Explanation) -> String {
    let amount = one.amount.map_or_else(|| "?".to_owned(), money::wire);
    format!("{} {amount}", one.kind)
}

/// Items set apart as a value of CEL, which rules can only hand on.
#[derive(Clone, Debug)]
pub(super) struct Apart(pub(super) Vec<Item>);

impl Val for Apart {
    fn get_type(&self) -> &Type {
        &APART_TYPE
    }
    fn cel_type() -> &'static Type {
        &APART_TYPE
    }
    fn clone_as_boxed<'v>(&self) -> Box<dyn Val + 'v> {
        Box::new(self.clone())
    }
    fn as_any(&self) -> Option<&dyn Any> {
        Some(self)
    }
}
impl StaticVal for Apart {}
