//! Work waiting and work being done: cases handed to workers one by one, and what is kept between
//! them. The clock is asked here, for leases and for the times in the store.

mod handed_in;
mod local;
mod queue;
mod record;
mod shelf;
mod worker;

use std::time::{SystemTime, UNIX_EPOCH};

pub use self::{
    handed_in::{hand_in, handed_in},
    local::Local,
    queue::{Queue, Stored},
    record::record,
    shelf::Kept,
    worker::{Ended, Further, work},
};

/// Milliseconds since 1970.
#[must_use]
pub fn now() -> i64 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    i64::try_from(since.as_millis()).unwrap_or(i64::MAX)
}
