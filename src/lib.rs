//! heyan (核验) reads what applicants hand in and checks it, clause by clause, against what they
//! declared.
//!
//! Modules in the order a file goes through them; [`model`] is what they hand to each other.

pub mod arrange;
pub mod authenticate;
pub mod check;
pub mod classify;
pub mod cli;
pub mod contain;
pub mod container;
pub mod draw;
pub mod extract;
pub mod jobs;
pub mod lists;
pub mod model;
pub mod pipeline;
pub mod read;
pub mod recognize;
pub mod reconcile;
pub mod report;
pub mod rulebook;
pub mod sample;
pub mod store;
