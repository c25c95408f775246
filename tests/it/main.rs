//! One test binary: everything that is checked is checked here, and `make test` runs it.

mod architecture;
mod formats;
mod recognize;
mod report;
mod packs;
