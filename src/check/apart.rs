//! What a sum leaves out, item by item: each with why, how much, and the facts that show it; and which of these
//! items make up the difference of two sums.

use std::{any::Any, collections::BTreeSet, sync::Arc};

use cel::common::{
    types::Type,
    value::{StaticVal, Val},
};
use rust_decimal::Decimal;

use crate::{
    model::{
        fact::FactId,
        finding::Explanation,
        value::{Value, money},
    },
    reconcile::{Band, Candidate, made_up, slip},
};

use super::{index::Source, values::Node};

/// Every reason for which an item is set apart.
pub const APART: &[&str] = &[
    AMOUNT_DIFFERS,
    CATEGORY_DIFFERS,
    "digits_swapped",
    DOUBLED,
    IN_SEQUENCE,
    ISSUED_LATE,
    MISSING,
    NO_RECEIPT,
    NOT_AUDITED,
    NOT_CASH,
    NOT_DECLARED,
    OUTSIDE,
    PARTS_DIFFER,
    RED_LETTER,
    REFUND,
    RELATED_SELLER,
    SHORT_SERVICE,
    TAX_BASIS,
    "unit_slip",
    USED_ELSEWHERE,
    WRONG_BUYER,
    WRONG_PAYER,
];
pub(super) const AMOUNT_DIFFERS: &str = "amount_differs";
pub(super) const CATEGORY_DIFFERS: &str = "category_differs";
pub(super) const DOUBLED: &str = "doubled_item";
pub(super) const IN_SEQUENCE: &str = "in_sequence";
pub(super) const ISSUED_LATE: &str = "issued_late";
pub(super) const MISSING: &str = "missing_item";
pub(super) const NO_RECEIPT: &str = "no_receipt";
pub(super) const NOT_AUDITED: &str = "not_audited";
pub(super) const NOT_CASH: &str = "not_cash";
pub(super) const NOT_DECLARED: &str = "not_declared";
pub(super) const OUTSIDE: &str = "outside_period";
pub(super) const RED_LETTER: &str = "red_letter";
pub(super) const PARTS_DIFFER: &str = "parts_differ";
pub(super) const REFUND: &str = "refund";
pub(super) const RELATED_SELLER: &str = "related_seller";
pub(super) const SHORT_SERVICE: &str = "short_service";
pub(super) const TAX_BASIS: &str = "tax_basis";
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
    /// By how much it makes the first of two sums the greater; its amount, unless told otherwise.
    adds: Option<Decimal>,
    /// Whether it only counts where nothing nearer makes up a difference: a category beside its items.
    coarse: bool,
    /// The explanations it is part of, from 1.
    alternatives: Vec<u32>,
}

impl Item {
    /// An item with its amount and the fields of a record that show it.
    pub(super) fn new(kind: &'static str, amount: Option<Decimal>, record: &Node, fields: &[&str]) -> Self {
        let facts = BTreeSet::new();
        let (elsewhere, alternatives) = (None, Vec::new());
        Self { kind, amount, facts, elsewhere, adds: amount, coarse: false, alternatives }
            .with(record, fields)
    }

    pub(super) fn kind(&self) -> &'static str {
        self.kind
    }

    /// With further facts.
    pub(super) fn with(mut self, record: &Node, fields: &[&str]) -> Self {
        self.facts.extend(fields.iter().filter_map(|field| record.fields.get(*field)?.at));
        self
    }

    /// Something that the second of two sums counts and the first does not.
    pub(super) fn of_the_second(mut self) -> Self {
        self.adds = self.amount.map(|amount| -amount);
        self
    }

    /// What is only looked at where nothing nearer makes up a difference.
    pub(super) fn coarse(mut self) -> Self {
        self.coarse = true;
        self
    }

    /// With where it is in another application.
    pub(super) fn in_another(mut self, place: &str) -> Self {
        self.elsewhere = Some(place.to_owned());
        self
    }

    /// With what another item of the same kind adds.
    pub(super) fn joined(mut self, other: Self) -> Self {
        let sum = |a: Option<Decimal>, b: Option<Decimal>| a.zip(b).and_then(|(a, b)| a.checked_add(b));
        self.amount = sum(self.amount, other.amount);
        self.adds = sum(self.adds, other.adds);
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
            alternatives: self.alternatives.clone(),
        }
    }
}

/// What is said of a difference, for the notes of a finding.
const EXPLAINED: &str = "DIFFERENCE_EXPLAINED";
const SEVERAL: &str = "SEVERAL_EXPLANATIONS";
const UNEXPLAINED: &str = "DIFFERENCE_UNEXPLAINED";

/// Marks the items that make up the difference of two sums, each with the number of the explanation it is part
/// of, and says whether there is one explanation, several, or none. A slip of the pen is an explanation of
/// its own, which cites the facts the sums rest on. Sums that agree need none.
pub(super) fn explained(
    mut items: Vec<Item>,
    (first, second): (Band, Band),
    facts: &BTreeSet<usize>,
) -> (Vec<Item>, Option<&'static str>) {
    let Some(difference) = first.yuan.checked_sub(second.yuan).filter(|_| !first.meets(second)) else {
        items.retain(|item| !item.coarse);
        return (items, None);
    };
    let band = Band { yuan: difference, half: first.half + second.half };
    let mut found = mark(&mut items, band, false, 0);
    // A slip of the pen in the whole makes its parts differ as well, and is the nearer reason.
    let slip = slip(first, second);
    if found == 0 && slip.is_none() {
        found = mark(&mut items, band, true, 0);
    }
    if let Some(kind) = slip {
        found += 1;
        items.push(Item {
            kind,
            amount: Some(difference),
            facts: facts.clone(),
            elsewhere: None,
            adds: Some(difference),
            coarse: false,
            alternatives: vec![found],
        });
    }
    items.retain(|item| !item.coarse || !item.alternatives.is_empty());
    (
        items,
        Some(match found {
            0 => UNEXPLAINED,
            1 => EXPLAINED,
            _ => SEVERAL,
        }),
    )
}

/// Marks the near or the coarse items that make up a difference, with numbers that go on from those there are;
/// answers how many there are then.
fn mark(items: &mut [Item], difference: Band, coarse: bool, mut found: u32) -> u32 {
    let places: Vec<usize> =
        (0..items.len()).filter(|at| items[*at].coarse == coarse && items[*at].adds.is_some()).collect();
    let candidates: Vec<Candidate> = places
        .iter()
        .filter_map(|at| Some(Candidate { kind: items[*at].kind, amount: items[*at].adds? }))
        .collect();
    for set in made_up(difference, &candidates) {
        found += 1;
        set.into_iter().for_each(|place| items[places[place]].alternatives.push(found));
    }
    found
}

/// How a declared total differs from the sum of its declared parts; nothing where a part was not declared.
pub(super) fn of_parts(whole: (&Node, &str), parts: &[(&Node, &str)]) -> Option<Item> {
    let amounts = parts.iter().map(|(node, field)| super::matches::band(node, field));
    let sum = amounts.into_iter().try_fold(Band::exact(Decimal::ZERO), |sum, part| {
        let part = part?;
        Some(Band { yuan: sum.yuan.checked_add(part.yuan)?, half: sum.half.checked_add(part.half)? })
    })?;
    let total = super::matches::band(whole.0, whole.1)?;
    let by = total.yuan.checked_sub(sum.yuan).filter(|_| !parts.is_empty() && !total.meets(sum))?;
    let item = Item::new(PARTS_DIFFER, Some(by), whole.0, &[whole.1]);
    Some(parts.iter().fold(item, |item, (node, field)| item.with(node, &[field])).coarse())
}

/// An amount of a record that may not have been read; not noted, because the item cites it itself.
pub(super) fn amount(record: &Node, field: &str) -> Option<Decimal> {
    match record.peek(field)? {
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
