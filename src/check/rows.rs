//! Lists as CEL sees them, with a bound on how far rules go through them.
//!
//! CEL has no budget: comprehensions inside each other over thousands of documents would take hours.
//! Whoever goes through a list takes a step for each element; when all steps are taken, every list
//! ends at once, and the rule is broken instead of decided.

use std::{
    any::Any,
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicUsize, Ordering},
    },
};

use cel::{
    ExecutionError,
    common::{
        traits::{self, Adder, Container, Indexer, Iterable, Sizer},
        types::{CelInt, CelList, LIST_TYPE, Type},
        value::{CowVal, StaticVal, Val},
    },
};

use crate::rulebook::limits::STEPS;

use super::values::{Node, Rec};

/// What was read of a case, and how many steps were taken, since somebody last asked.
#[derive(Debug, Default)]
pub(super) struct Traced {
    /// Facts by their place in the case's index.
    reads: Mutex<Vec<usize>>,
    steps: AtomicUsize,
}

/// Shared by all records and lists of a case.
pub(super) type Trace = Arc<Traced>;

impl Traced {
    pub(super) fn read(&self, at: Option<usize>) {
        self.reads.lock().unwrap_or_else(PoisonError::into_inner).extend(at);
    }

    /// Notes again what was read before.
    pub(super) fn read_again(&self, reads: &[usize]) {
        self.reads.lock().unwrap_or_else(PoisonError::into_inner).extend_from_slice(reads);
    }

    pub(super) fn take_reads(&self) -> Vec<usize> {
        std::mem::take(&mut *self.reads.lock().unwrap_or_else(PoisonError::into_inner))
    }

    /// Takes steps; answers whether they were still to be had.
    fn step(&self, steps: usize) -> bool {
        self.steps.fetch_add(steps, Ordering::Relaxed).saturating_add(steps) <= STEPS.most
    }

    /// Begins to count anew.
    pub(super) fn rest(&self) {
        self.steps.store(0, Ordering::Relaxed);
    }

    /// Whether more steps were wanted than there are.
    pub(super) fn is_exhausted(&self) -> bool {
        self.steps.load(Ordering::Relaxed) > STEPS.most
    }
}

/// A list whose elements are counted as they are gone through.
#[derive(Clone, Debug)]
pub(super) struct Rows {
    rows: Arc<CelList<'static>>,
    trace: Trace,
}

impl Rows {
    /// Records as a list. To make it costs a part of what it costs to go through it.
    pub(super) fn new(records: &[Arc<Node>], trace: &Trace) -> Self {
        let own = if trace.step(records.len() / 16) { records } else { &[] };
        let boxed = own.iter().map(|one| Box::new(Rec(Arc::clone(one))) as Box<dyn Val>);
        Self { rows: Arc::new(CelList::from(boxed.collect::<Vec<_>>())), trace: Arc::clone(trace) }
    }
}

/// A value as a name may carry it: lists that CEL made are counted from then on, too.
pub(super) fn counted(value: Box<dyn Val>, trace: &Trace) -> Box<dyn Val> {
    match value.downcast_ref::<CelList<'_>>() {
        Some(list) => {
            let own: Vec<Box<dyn Val>> = list.inner().to_vec();
            Box::new(Rows { rows: Arc::new(CelList::from(own)), trace: Arc::clone(trace) })
        }
        None => value,
    }
}

impl Val for Rows {
    fn get_type(&self) -> &Type {
        &LIST_TYPE
    }
    fn cel_type() -> &'static Type {
        &LIST_TYPE
    }
    fn equals(&self, other: &dyn Val) -> bool {
        let other = match other.downcast_ref::<Self>() {
            Some(other) => &*other.rows,
            None => match other.downcast_ref::<CelList<'_>>() {
                Some(other) => other,
                None => return false,
            },
        };
        let (own, other) = (self.rows.inner(), other.inner());
        own.len() == other.len() && own.iter().zip(other).all(|(a, b)| a.equals(&**b))
    }
    fn clone_as_boxed<'v>(&self) -> Box<dyn Val + 'v> {
        Box::new(self.clone())
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
    fn as_container(&self) -> Option<&dyn Container> {
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
    fn as_iterable<'b, 'v>(&'b self) -> Option<&'b (dyn Iterable + 'v)>
    where
        Self: 'v,
    {
        Some(self)
    }
    fn as_sizer(&self) -> Option<&dyn Sizer> {
        Some(self)
    }
}
impl StaticVal for Rows {}

impl Adder for Rows {
    fn add<'b, 'v>(&'b self, other: &(dyn Val + 'v)) -> Result<CowVal<'b, 'v>, ExecutionError>
    where
        Self: 'v,
    {
        self.rows.add(other)
    }
}

impl Container for Rows {
    fn contains(&self, value: &dyn Val) -> Result<bool, ExecutionError> {
        self.rows.contains(value)
    }
}

impl Indexer for Rows {
    fn get<'b, 'v>(&'b self, index: &dyn Val) -> Result<CowVal<'b, 'v>, ExecutionError>
    where
        Self: 'v,
    {
        self.rows.get(index)
    }
    fn steal<'v>(self: Box<Self>, index: &dyn Val) -> Result<Box<dyn Val + 'v>, ExecutionError>
    where
        Self: 'v,
    {
        Ok(self.rows.get(index)?.into_owned())
    }
}

impl Sizer for Rows {
    fn size(&self) -> CelInt {
        self.rows.size()
    }
}

impl Iterable for Rows {
    fn iter<'b, 'v>(&'b self) -> Box<dyn traits::Iterator<'b, 'v> + 'b>
    where
        Self: 'v,
    {
        Box::new(Steps { left: self.rows.inner(), trace: &self.trace })
    }
}

/// Goes through a list, a step for each element.
struct Steps<'b> {
    left: &'b [Box<dyn Val>],
    trace: &'b Traced,
}

impl<'b, 'v> traits::Iterator<'b, 'v> for Steps<'b> {
    fn next(&mut self) -> Option<&'b (dyn Val + 'v)> {
        let (first, left) = self.left.split_first()?;
        self.left = left;
        self.trace.step(1).then_some(&**first)
    }
}
