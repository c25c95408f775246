//! One test binary: everything that is checked is checked here, and `make test` runs it.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::print_stderr,
    clippy::print_stdout,
    reason = "a test may fail by panicking and say what it skipped"
)]

mod architecture;
mod archives;
mod cases;
mod cli;
mod documents;
mod formats;
mod hostile;
mod ofd;
mod ofd_looks;
mod packs;
mod payload;
mod properties;
mod recognize;
mod report;
mod tidy;
mod values;
mod wording;
