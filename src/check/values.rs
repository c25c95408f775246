//! Our values as CEL sees them: amounts, days, periods, and records that note what is read of them.

use std::{any::Any, cmp::Ordering, collections::BTreeMap, sync::Arc};

use cel::{
    ExecutionError,
    common::{
        traits::{Adder, Comparer, Indexer, Subtractor},
        types::{CelBool, CelInt, CelString, Type},
        value::{CowVal, StaticVal, Val},
    },
};
use chrono::NaiveDate;
use rust_decimal::{Decimal, prelude::ToPrimitive};

use crate::model::{
    support::COMPUTED,
    value::{Money, Period, Value},
};

use super::rows::{Rows, Trace};

static AMOUNT: Type = Type::new_unspecified_type("money");
static DAY: Type = Type::new_unspecified_type("date");
static SPAN: Type = Type::new_unspecified_type("period");
static RECORD: Type = Type::new_unspecified_type("record");

/// An amount in yuan and half its last printed digit.
#[derive(Clone, Copy, Debug)]
pub(super) struct Amount(pub(super) Decimal, pub(super) Decimal);
/// A civil date.
#[derive(Clone, Copy, Debug)]
pub(super) struct Day(pub(super) NaiveDate);
/// A period, both ends included.
#[derive(Clone, Copy, Debug)]
pub(super) struct Span(pub(super) Period);

/// What a record's missing field means.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    /// Part of the declaration: the applicant did not say.
    Declared,
    /// Part of a document: it was not read.
    Paper,
    /// A document that was not supplied.
    Absent,
    /// Constants and computed records.
    Own,
}

/// A field with its place in the case's index of facts.
#[derive(Clone, Debug)]
pub(super) struct Cell {
    pub(super) value: Option<Value>,
    pub(super) at: Option<usize>,
    /// What is known against it.
    pub(super) problem: Option<&'static str>,
}

/// A record. Reading one of its fields writes to the trace.
#[derive(Clone, Debug)]
pub(super) struct Node {
    pub(super) path: String,
    pub(super) kind: Kind,
    pub(super) fields: BTreeMap<String, Cell>,
    pub(super) groups: BTreeMap<String, Arc<Node>>,
    pub(super) rows: BTreeMap<String, Vec<Arc<Node>>>,
    pub(super) trace: Trace,
}

/// A record as a value.
#[derive(Clone, Debug)]
pub(super) struct Rec(pub(super) Arc<Node>);

/// Lists that are empty, and not unread, where a record does not have them.
const LISTS: &[&str] = &[
    "items",
    "usage",
    "invoices",
    "certificates",
    "services",
    "payments",
    "previous_recognition",
    "attachments",
];

impl Node {
    /// The value of a field, noted as read.
    ///
    /// # Errors
    ///
    /// A missing field, with what its absence means.
    pub(super) fn read(&self, field: &str) -> Result<&Value, ExecutionError> {
        if let Some(cell) = self.fields.get(field) {
            self.trace.read(cell.at);
            if let Some(value) = &cell.value {
                return Ok(value);
            }
        }
        let path = if self.path.is_empty() { field.to_owned() } else { format!("{}.{field}", self.path) };
        Err(ExecutionError::no_such_key(&match self.kind {
            Kind::Absent => format!("absent {}", self.path),
            Kind::Declared => format!("undeclared {path}"),
            Kind::Paper | Kind::Own => format!("unread {path}"),
        }))
    }

    /// The value of a field without noting that it was read: what is passed over is no evidence.
    pub(super) fn peek(&self, field: &str) -> Option<&Value> {
        self.fields.get(field)?.value.as_ref()
    }

    /// The same where it is a text.
    pub(super) fn peek_text(&self, field: &str) -> Option<&str> {
        match self.peek(field)? {
            Value::Text(text) | Value::Code(text) => Some(text),
            _ => None,
        }
    }

    /// Notes those fields as read that are there, so that they are cited; their values are known already.
    pub(super) fn note(&self, fields: &[&str]) {
        for field in fields.iter().filter(|field| self.fields.contains_key(**field)) {
            let _ = self.read(field);
        }
    }

    /// Whether a field is there without a value. Noted as read: that it is unread is the finding.
    pub(super) fn is_unread(&self, field: &str) -> bool {
        self.fields.get(field).is_some_and(|cell| cell.value.is_none()) && self.read(field).is_err()
    }

    /// Whether a value was not read but computed from a term.
    pub(super) fn is_computed(&self, field: &str) -> bool {
        self.fields.get(field).is_some_and(|cell| cell.problem == Some(COMPUTED))
    }

    pub(super) fn text(&self, field: &str) -> Result<&str, ExecutionError> {
        match self.read(field)? {
            Value::Text(text) | Value::Code(text) => Ok(text),
            other => Err(wrong(field, &other.wire(), "text")),
        }
    }

    pub(super) fn day(&self, field: &str) -> Result<NaiveDate, ExecutionError> {
        match self.read(field)? {
            Value::Date(day) => Ok(*day),
            other => Err(wrong(field, &other.wire(), "a date")),
        }
    }

    pub(super) fn amount(&self, field: &str) -> Result<Decimal, ExecutionError> {
        match self.read(field)? {
            Value::Money(money) => Ok(money.yuan),
            Value::Number(number) => Ok(*number),
            other => Err(wrong(field, &other.wire(), "an amount")),
        }
    }

    pub(super) fn list(&self, name: &str) -> &[Arc<Node>] {
        self.rows.get(name).map_or(&[], Vec::as_slice)
    }
}

/// The error for a value of another kind than wanted.
pub(super) fn wrong(what: &str, found: &str, wanted: &str) -> ExecutionError {
    ExecutionError::function_error(what, format!("found {found}, wanted {wanted}"))
}

/// A value of the model for CEL.
pub(super) fn lift(value: &Value) -> Box<dyn Val> {
    match value {
        Value::Text(text) | Value::Code(text) => Box::new(CelString::from(text.clone())),
        Value::Number(number) => match number.to_i64().filter(|_| number.fract().is_zero()) {
            Some(whole) => Box::new(CelInt::from(whole)),
            None => Box::new(Amount(*number, Decimal::ZERO)),
        },
        Value::Money(money) => Box::new(Amount(money.yuan, money.half_unit())),
        Value::Date(day) => Box::new(Day(*day)),
        Value::Period(period) => Box::new(Span(*period)),
        Value::Bool(value) => Box::new(CelBool::from(*value)),
    }
}

/// A value of CEL for the model; `None` for lists and records.
pub(super) fn lower(value: &dyn Val) -> Option<Value> {
    if let Some(Amount(yuan, _)) = value.downcast_ref() {
        return Some(Value::Money(Money::yuan(*yuan)));
    }
    if let Some(Day(day)) = value.downcast_ref() {
        return Some(Value::Date(*day));
    }
    if let Some(Span(period)) = value.downcast_ref() {
        return Some(Value::Period(*period));
    }
    if let Some(text) = value.downcast_ref::<CelString<'_>>() {
        return Some(Value::Text(text.inner().to_owned()));
    }
    if let Some(number) = value.downcast_ref::<CelInt>() {
        return Some(Value::Number(Decimal::from(*number.inner())));
    }
    value.downcast_ref::<CelBool>().map(|value| Value::Bool(*value.inner()))
}

fn unlike(value: &dyn Val, want: &str) -> ExecutionError {
    ExecutionError::UnexpectedType { got: value.get_type().name().to_owned(), want: want.to_owned() }
}

/// A whole number counts as an amount of so many yuan.
fn decimal(value: &dyn Val) -> Result<Amount, ExecutionError> {
    if let Some(amount) = value.downcast_ref::<Amount>() {
        return Ok(*amount);
    }
    value
        .downcast_ref::<CelInt>()
        .map(|whole| Amount(Decimal::from(*whole.inner()), Decimal::ZERO))
        .ok_or_else(|| unlike(value, "money"))
}

fn combined(
    a: Amount,
    b: &dyn Val,
    with: impl Fn(Decimal, Decimal) -> Option<Decimal>,
) -> Result<Amount, ExecutionError> {
    let b = decimal(b)?;
    let overflow = || ExecutionError::function_error("money", "overflow");
    Ok(Amount(with(a.0, b.0).ok_or_else(overflow)?, a.1.checked_add(b.1).ok_or_else(overflow)?))
}

impl Val for Amount {
    fn get_type(&self) -> &Type {
        &AMOUNT
    }
    fn cel_type() -> &'static Type {
        &AMOUNT
    }
    fn equals(&self, other: &dyn Val) -> bool {
        self.compare(other) == Ok(Ordering::Equal)
    }
    fn clone_as_boxed<'v>(&self) -> Box<dyn Val + 'v> {
        Box::new(*self)
    }
    fn as_any(&self) -> Option<&dyn Any> {
        Some(self)
    }
    fn as_adder<'b, 'v>(&'b self) -> Option<&'b (dyn Adder + 'v)>
    where
        Self: 'v,
    {
        Some(self)
    }
    fn as_subtractor<'b, 'v>(&'b self) -> Option<&'b (dyn Subtractor + 'v)>
    where
        Self: 'v,
    {
        Some(self)
    }
    fn as_comparer(&self) -> Option<&dyn Comparer> {
        Some(self)
    }
}
impl StaticVal for Amount {}
impl Adder for Amount {
    fn add<'b, 'v>(&'b self, other: &(dyn Val + 'v)) -> Result<CowVal<'b, 'v>, ExecutionError>
    where
        Self: 'v,
    {
        Ok(CowVal::owned(combined(*self, other, Decimal::checked_add)?))
    }
}
impl Subtractor for Amount {
    fn sub<'b, 'v>(&'b self, other: &(dyn Val + 'v)) -> Result<CowVal<'b, 'v>, ExecutionError>
    where
        Self: 'v,
    {
        Ok(CowVal::owned(combined(*self, other, Decimal::checked_sub)?))
    }
}
impl Comparer for Amount {
    fn compare(&self, other: &dyn Val) -> Result<Ordering, ExecutionError> {
        Ok(self.0.cmp(&decimal(other)?.0))
    }
}

impl Val for Day {
    fn get_type(&self) -> &Type {
        &DAY
    }
    fn cel_type() -> &'static Type {
        &DAY
    }
    fn equals(&self, other: &dyn Val) -> bool {
        other.downcast_ref::<Self>().is_some_and(|day| day.0 == self.0)
    }
    fn clone_as_boxed<'v>(&self) -> Box<dyn Val + 'v> {
        Box::new(*self)
    }
    fn as_any(&self) -> Option<&dyn Any> {
        Some(self)
    }
    fn as_comparer(&self) -> Option<&dyn Comparer> {
        Some(self)
    }
}
impl StaticVal for Day {}
impl Comparer for Day {
    fn compare(&self, other: &dyn Val) -> Result<Ordering, ExecutionError> {
        other.downcast_ref::<Self>().map(|day| self.0.cmp(&day.0)).ok_or_else(|| unlike(other, "date"))
    }
}

impl Val for Span {
    fn get_type(&self) -> &Type {
        &SPAN
    }
    fn cel_type() -> &'static Type {
        &SPAN
    }
    fn equals(&self, other: &dyn Val) -> bool {
        other.downcast_ref::<Self>().is_some_and(|period| period.0 == self.0)
    }
    fn clone_as_boxed<'v>(&self) -> Box<dyn Val + 'v> {
        Box::new(*self)
    }
    fn as_any(&self) -> Option<&dyn Any> {
        Some(self)
    }
}
impl StaticVal for Span {}

impl Val for Rec {
    fn get_type(&self) -> &Type {
        &RECORD
    }
    fn cel_type() -> &'static Type {
        &RECORD
    }
    fn clone_as_boxed<'v>(&self) -> Box<dyn Val + 'v> {
        Box::new(self.clone())
    }
    fn as_any(&self) -> Option<&dyn Any> {
        Some(self)
    }
    fn as_indexer<'b, 'v>(&'b self) -> Option<&'b (dyn Indexer + 'v)>
    where
        Self: 'v,
    {
        Some(self)
    }
    fn into_indexer<'v>(self: Box<Self>) -> Option<Box<dyn Indexer + 'v>>
    where
        Self: 'v,
    {
        Some(self)
    }
}
impl StaticVal for Rec {}

impl Rec {
    fn pick<'v>(&self, index: &dyn Val) -> Result<Box<dyn Val + 'v>, ExecutionError> {
        let field = index.downcast_ref::<CelString<'_>>().ok_or_else(|| unlike(index, "field name"))?.inner();
        if let Some(group) = self.0.groups.get(field) {
            return Ok(Box::new(Self(Arc::clone(group))));
        }
        if self.0.rows.contains_key(field) || (LISTS.contains(&field) && self.0.kind != Kind::Absent) {
            return Ok(Box::new(Rows::new(self.0.list(field), &self.0.trace)));
        }
        Ok(lift(self.0.read(field)?))
    }
}

impl Indexer for Rec {
    fn get<'b, 'v>(&'b self, index: &dyn Val) -> Result<CowVal<'b, 'v>, ExecutionError>
    where
        Self: 'v,
    {
        Ok(CowVal::Owned(self.pick(index)?))
    }
    fn steal<'v>(self: Box<Self>, index: &dyn Val) -> Result<Box<dyn Val + 'v>, ExecutionError>
    where
        Self: 'v,
    {
        self.pick(index)
    }
}
