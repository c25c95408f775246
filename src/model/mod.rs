//! The common language of all stages: plain data and the arithmetic that belongs to it.
//!
//! Nothing in here reads a file, asks the clock or knows another layer. Stages hand these types to
//! each other, and only `pipeline` knows in which order.

pub mod anchor;
pub mod case;
pub mod document;
pub mod fact;
pub mod finding;
pub mod geometry;
pub mod limits;
pub mod look;
pub mod name;
pub mod page;
pub mod paper;
pub mod payload;
pub mod problem;
pub mod reuse;
pub mod segment;
pub mod signature;
pub mod support;
pub mod text;
pub mod value;
pub mod warp;
