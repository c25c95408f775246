//! Where jobs wait: the one thing a worker asks, whatever stands behind it.

use crate::store::{Job, Lease, State, Store, StoreError};

/// Hands out jobs of a batch, each to one worker at a time.
pub trait Queue: Sync {
    /// The next job that nobody has, for `by`, until `until`; see [`Store::lease`].
    fn lease(&self, by: &str, now: i64, until: i64) -> Result<Option<Lease>, StoreError>;
    /// Keeps a lease; answers whether it is still the worker's. See [`Store::beat`].
    fn beat(&self, lease: &Lease, until: i64, further: bool) -> Result<bool, StoreError>;
    /// Ends a lease; answers whether it was still the worker's. See [`Store::end`].
    fn end(&self, lease: &Lease, state: State, at: i64, said: &str) -> Result<bool, StoreError>;
    /// Ends a lease as if the job had not been handed out. See [`Store::give_back`].
    fn give_back(&self, lease: &Lease) -> Result<bool, StoreError>;
    /// Takes all jobs back from a worker that is known to be dead.
    fn take_back(&self, from: &str) -> Result<(), StoreError>;
    /// All jobs, in their order.
    fn jobs(&self) -> Result<Vec<Job>, StoreError>;
}

/// The jobs of a batch in a store: they outlive the program, and several programs share them.
#[derive(Clone, Copy, Debug)]
pub struct Stored<'s> {
    /// The store.
    pub store: &'s Store,
    /// The batch.
    pub batch: &'s str,
}

impl Queue for Stored<'_> {
    fn lease(&self, by: &str, now: i64, until: i64) -> Result<Option<Lease>, StoreError> {
        self.store.lease(self.batch, by, now, until)
    }

    fn beat(&self, lease: &Lease, until: i64, further: bool) -> Result<bool, StoreError> {
        self.store.beat(lease, until, further)
    }

    fn end(&self, lease: &Lease, state: State, at: i64, said: &str) -> Result<bool, StoreError> {
        self.store.end(lease, state, at, said)
    }

    fn give_back(&self, lease: &Lease) -> Result<bool, StoreError> {
        self.store.give_back(lease)
    }

    fn take_back(&self, from: &str) -> Result<(), StoreError> {
        self.store.take_back(self.batch, from)
    }

    fn jobs(&self) -> Result<Vec<Job>, StoreError> {
        self.store.jobs(self.batch)
    }
}
