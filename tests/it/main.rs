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
mod askew;
mod authenticate;
mod batches;
mod calls;
mod cases;
mod cited;
mod cli;
mod codes;
mod confidence;
mod contain;
mod coverage;
mod documents;
mod emails;
mod engines;
mod flaws;
mod formats;
mod forms;
mod forms_open;
mod hostile;
mod kept;
mod limits;
mod lists;
mod mutants;
mod ofd;
mod ofd_looks;
mod office;
mod own_types;
mod packs;
mod payload;
mod pdf;
mod pdf_fonts;
mod pdf_hidden;
mod pictures;
mod properties;
mod readings;
mod recognize;
mod reconcile;
mod report;
mod reuse;
mod rings;
mod rule_files;
mod rule_tables;
mod rulings;
mod sample;
mod servers;
mod spreadsheets;
mod start;
mod steps;
mod store;
mod subtotals;
mod tables;
mod tidy;
mod values;
mod word;
mod wording;
mod workbooks;
mod worksheets;
