//! heyan (核验) reads what applicants hand in and checks it, clause by clause, against what they
//! declared.
//!
//! Modules in the order a file goes through them; [`model`] is what they hand to each other.

pub mod container;
pub mod draw;
pub mod model;
pub mod rulebook;

pub mod arrange;
pub mod classify;
pub mod extract;
pub mod read;
pub mod recognize;
pub mod report;
pub mod check;
