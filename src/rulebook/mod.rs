//! The only code that knows the files under `rules/`: what they may say, and what is wrong with them.
//!
//! Nothing here is evaluated and nothing is read from a disk: texts come in, checked rules go out.

pub mod confidence;
pub mod coverage;
pub mod declared;
pub mod diff;
pub mod error;
pub mod expr;
pub mod folded;
pub mod functions;
mod idle;
pub mod limits;
pub mod packs;
pub mod payload;
pub mod rule;
mod type_error;
mod type_file;
pub mod types;
mod written;

pub use confidence::Confidence;
pub use error::PackError;
pub use functions::{FUNCTIONS, Function};
pub use packs::{Identity, Pack, embedded, load};
pub use rule::{Combine, Dimension, Each, Note, Rule, When};
