//! Named functions for what labels and places cannot say. The table shows how many there are.

mod abroad;
mod accountants;
mod agreement;
mod audit;
mod remark;
mod schedule;
pub(super) mod sums;

use crate::{
    model::{fact::Record, segment::Segment},
    rulebook::types::DocumentType,
};

/// A function that works on a located record.
pub struct Custom {
    /// Name, as document types use it.
    pub name: &'static str,
    /// What it does.
    pub what: &'static str,
    run: fn(&DocumentType, &Segment, &mut Record),
}

/// All of them.
pub const CUSTOM: &[Custom] = &[
    Custom {
        name: "invoice_arithmetic",
        what: "net + tax = gross = amount in words",
        run: agreement::invoice,
    },
    Custom {
        name: "digital_kind",
        what: "a number of 20 digits makes an invoice a digital one",
        run: agreement::kind,
    },
    Custom { name: "amount_in_words", what: "amount in figures = amount in words", run: agreement::amount },
    Custom { name: "gross_in_words", what: "gross in figures = gross in words", run: agreement::gross },
    Custom {
        name: "audit_units",
        what: "amounts of an audit report in the unit of their table, and whether they fit each other",
        run: audit::units,
    },
    Custom { name: "amount_unit", what: "an amount in the unit behind it or above it", run: audit::amount },
    Custom {
        name: "signing_accountants",
        what: "how many accountants sign an audit report",
        run: accountants::count,
    },
    Custom { name: "invoice_remark", what: "what stands beside 备注", run: remark::invoice },
    Custom {
        name: "date_order",
        what: "days that can be read in two ways, as the paper writes others",
        run: abroad::days,
    },
    Custom { name: "gross_abroad", what: "net + tax = gross in any currency", run: abroad::gross },
    Custom {
        name: "sum_of_till",
        what: "what was given less what came back, or a sum that is printed twice",
        run: abroad::till,
    },
    Custom { name: "certificate_term", what: "end of validity from a term in years", run: audit::term },
];

/// Runs the functions that a type names, in the order named.
pub(super) fn run(kind: &DocumentType, segment: &Segment, record: &mut Record) {
    for name in &kind.custom {
        if let Some(custom) = CUSTOM.iter().find(|custom| custom.name == name) {
            (custom.run)(kind, segment, record);
        }
    }
}
