//! A case as handed in, and what came of examining it.

use std::{collections::BTreeMap, sync::Arc};

use rust_decimal::Decimal;

use super::{
    document::Document,
    fact::Record,
    finding::{Finding, Message, Outcome, Sums},
    paper::Paper,
    problem::Problem,
    reuse::Use,
};

/// The files of one case, already in memory.
#[derive(Clone, Debug, Default)]
pub struct CaseFiles {
    /// The folder's or archive's name.
    pub name: String,
    /// The declaration's bytes and name, if there is one.
    pub declaration: Option<(String, Arc<[u8]>)>,
    /// Attachments by path inside the case (`attachments/a.pdf`), with `/` between folders.
    pub attachments: BTreeMap<String, Arc<[u8]>>,
    /// What went wrong while collecting them.
    pub problems: Vec<Problem>,
    /// What other applications use of what this one may use.
    pub elsewhere: Vec<Use>,
}

/// Which versions and inputs produced an examination; printed on every report.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct MadeWith {
    /// Version of this program.
    pub heyan: String,
    /// Identifier of the pack.
    pub pack: String,
    /// Version of the pack.
    pub pack_version: String,
    /// The day that counted as today, ISO.
    pub today: String,
    /// Engines by name with their version; an engine that was not there is absent.
    pub engines: BTreeMap<String, String>,
}

/// A case after it was examined. There always is one.
#[derive(Clone, Debug)]
pub struct Examination {
    /// The case's identifier: declared, else the folder's name.
    pub id: String,
    /// The folder's or archive's name.
    pub name: String,
    /// Declared category (`platform`, `benchmark_factory`, `star_cloud`), if any.
    pub category: Option<String>,
    /// Declared name of the applicant.
    pub applicant_name: Option<String>,
    /// Declared credit code of the applicant.
    pub applicant_uscc: Option<String>,
    /// Versions and inputs.
    pub made_with: MadeWith,
    /// The worst finding decides.
    pub outcome: Outcome,
    /// One for each rule that was looked at, in the order of the pack.
    pub findings: Vec<Finding>,
    /// What a person has to judge.
    pub judgement: Vec<Finding>,
    /// What the applicant declared, as facts.
    pub declaration: Record,
    /// The paper it stands in, where it is a form; `None` for data.
    pub declared_in: Option<usize>,
    /// The documents found in the files.
    pub papers: Vec<Paper>,
    /// The files themselves, flattened: parts of archives follow their archive.
    pub documents: Vec<Document>,
    /// The sums that should agree, side by side.
    pub sums: Vec<Sums>,
    /// Sums worth showing, in yuan, by name.
    pub totals: BTreeMap<String, Decimal>,
    /// Everything that could not be read or understood.
    pub problems: Vec<Problem>,
    /// What it uses that other applications might, too.
    pub uses: Vec<Use>,
    /// What reasons and notes mean that only this call has.
    pub reasons: BTreeMap<String, Message>,
    /// What no offline check can tell.
    pub not_checked: Vec<Message>,
}
