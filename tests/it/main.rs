//! One test binary: everything that is checked is checked here, and `make test` runs it.

mod architecture;
mod formats;
mod packs;
mod recognize;
mod report;
