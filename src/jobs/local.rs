//! Jobs of one run that nobody else works on and nothing outlives.

use std::sync::{Mutex, PoisonError};

use super::Queue;
use crate::store::{Job, Lease, State, StoreError};

/// A queue in memory. Its leases do not run out: who holds one lives as long as the queue.
#[derive(Debug, Default)]
pub struct Local {
    jobs: Mutex<Vec<(Job, Lease)>>,
}

impl Local {
    /// A queue of these jobs, each with its name and what is to be done, handed out in this order,
    /// those that failed behind the others.
    pub fn new(jobs: impl IntoIterator<Item = (String, String)>) -> Self {
        let job = |(key, body): (String, String)| {
            let lease = Lease { key: key.clone(), body, ..Lease::default() };
            (Job { key, state: State::Waiting, leased_by: String::new(), said: String::new() }, lease)
        };
        Self { jobs: Mutex::new(jobs.into_iter().map(job).collect()) }
    }

    fn held<T>(&self, lease: &Lease, change: impl FnOnce(&mut Job, &mut Lease) -> T) -> Option<T> {
        let mut jobs = self.jobs.lock().unwrap_or_else(PoisonError::into_inner);
        let found = jobs.iter_mut().find(|(job, held)| job.state == State::Leased && held.key == lease.key);
        found.map(|(job, held)| change(job, held))
    }
}

impl Queue for Local {
    fn lease(&self, by: &str, _: i64, _: i64) -> Result<Option<Lease>, StoreError> {
        let mut jobs = self.jobs.lock().unwrap_or_else(PoisonError::into_inner);
        let waiting = jobs.iter_mut().filter(|(job, _)| job.state == State::Waiting);
        let next = waiting.min_by_key(|(_, lease)| lease.delivered);
        Ok(next.map(|(job, lease)| {
            job.state = State::Leased;
            by.clone_into(&mut job.leased_by);
            lease.delivered += 1;
            lease.clone()
        }))
    }

    fn beat(&self, lease: &Lease, _: i64, further: bool) -> Result<bool, StoreError> {
        let kept = self.held(lease, |_, held| held.delivered = if further { 1 } else { held.delivered });
        Ok(kept.is_some())
    }

    fn end(&self, lease: &Lease, state: State, _: i64, said: &str) -> Result<bool, StoreError> {
        let ended = self.held(lease, |job, _| {
            job.state = state;
            job.leased_by.clear();
            said.clone_into(&mut job.said);
        });
        Ok(ended.is_some())
    }

    fn give_back(&self, lease: &Lease) -> Result<bool, StoreError> {
        let given = self.held(lease, |job, held| {
            job.state = State::Waiting;
            job.leased_by.clear();
            held.delivered -= 1;
        });
        Ok(given.is_some())
    }

    fn take_back(&self, _: &str) -> Result<(), StoreError> {
        Ok(())
    }

    fn jobs(&self) -> Result<Vec<Job>, StoreError> {
        let jobs = self.jobs.lock().unwrap_or_else(PoisonError::into_inner);
        Ok(jobs.iter().map(|(job, _)| job.clone()).collect())
    }
}
