//! What is written under `rules/`, loaded and checked.

pub mod types;
