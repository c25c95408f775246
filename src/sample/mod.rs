//! Audit samples: which items to examine, and what those that were examined say of all.
//!
//! Pure: a population and a seed in, a sample out; no disk, no clock. Money is decimal throughout. Only
//! chances are binary fractions, and what is computed from them becomes a decimal before it meets money.
//!
//! Sources: AICPA, Audit Guide "Audit Sampling" (monetary-unit sampling, attribute sampling, expansion
//! factors); C. Clopper and E. Pearson, Biometrika 26 (1934), for the limit of a rate.

pub mod attribute;
mod chance;
mod draw;
mod evaluate;
mod factor;
mod items;
pub mod monetary;
mod order;
mod population;
pub mod worksheet;

pub use draw::Generator;
pub use evaluate::{Answer, Evaluation, Figures, Verdict, evaluate};
pub use factor::{EXPANSION, Factors, expansion};
pub use items::{BASES, Basis, OF, Of, basis, found, headroom, usual};
pub use order::{Method, Order, Plan, Sample, SampleError};
pub use population::{APART, Apart, Found, Item, Population, fen};
