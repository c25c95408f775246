//! The published schema, `heyan.report/1`. Model types are free to change; these are not.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::Serialize;

/// A report about one case.
#[derive(Debug, Serialize, JsonSchema)]
#[schemars(title = "heyan.report/1")]
pub struct Report {
    /// Always `heyan.report/1`.
    pub schema: &'static str,
    /// Which case.
    pub case: Case,
    /// Versions and inputs.
    pub made_with: MadeWith,
    /// `pass`, `fail`, `manual_review` or `missing_evidence`: the worst finding decides.
    pub outcome: &'static str,
    /// Number of findings by outcome; all five are there.
    pub counts: BTreeMap<&'static str, usize>,
    /// What the rules found, in the order of the pack.
    pub findings: Vec<Finding>,
    /// What a person has to judge; outside the outcome.
    pub judgement: Vec<Judgement>,
    /// The facts that are cited, by their identifier (`e7`).
    pub evidence: BTreeMap<String, Evidence>,
    /// The documents found in the files.
    pub documents: Vec<Document>,
    /// The sums that should agree, side by side: by cost category or service, and in total.
    pub reconciliation: Vec<Reconciled>,
    /// Sums in yuan, by name.
    pub totals: BTreeMap<String, String>,
    /// What could not be read or understood.
    pub problems: Vec<Problem>,
    /// What no offline check can tell.
    pub not_checked: Vec<String>,
}

/// What one part of a case comes to, by who says so.
#[derive(Debug, Serialize, JsonSchema)]
pub struct Reconciled {
    /// A cost category, a service's name, `unlisted` (invoices of no audited line, or of no known category), or `total`.
    pub part: String,
    /// In yuan, by source: `declared`, `audited`, `scheduled`, `invoiced`, `payments`, `paid`.
    pub sums: BTreeMap<String, String>,
}

/// Which case was examined.
#[derive(Debug, Serialize, JsonSchema)]
pub struct Case {
    /// Declared identifier, else the folder's name.
    pub id: String,
    /// The folder's or archive's name.
    pub name: String,
    /// `platform`, `benchmark_factory` or `star_cloud`; null where none was declared.
    pub category: Option<String>,
    /// Who applies.
    pub applicant: Applicant,
}

/// Who applies, as declared.
#[derive(Debug, Serialize, JsonSchema)]
pub struct Applicant {
    /// Name.
    pub name: Option<String>,
    /// Unified social credit code.
    pub uscc: Option<String>,
}

/// Versions and inputs that produced the report.
#[derive(Debug, Serialize, JsonSchema)]
pub struct MadeWith {
    /// Version of the program.
    pub heyan: String,
    /// Identifier of the pack.
    pub pack: String,
    /// Version of the pack.
    pub pack_version: String,
    /// The day that counted as today, ISO.
    pub today: String,
    /// Engines that read pictures, with their versions.
    pub engines: BTreeMap<String, String>,
}

/// What a rule found.
#[derive(Debug, Serialize, JsonSchema)]
pub struct Finding {
    /// The rule's name, numbered from the second of one rule on; stable between runs.
    pub id: String,
    /// The rule's name.
    pub rule: String,
    /// The rule's code, such as `FAC-04`.
    pub code: String,
    /// The clause it rests on.
    pub clause: Clause,
    /// `pass`, `fail`, `manual_review`, `missing_evidence` or `not_applicable`.
    pub outcome: &'static str,
    /// `high`, `medium`, `low` or `info`.
    pub severity: &'static str,
    /// Upper-case reason codes.
    pub reasons: Vec<String>,
    /// Notes that do not change the outcome.
    pub notes: Vec<String>,
    /// What to tell the reviewer.
    pub message: Message,
    /// What was declared.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub declared: Option<Shown>,
    /// What was found.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub found: Option<Shown>,
    /// Found minus declared, in yuan.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub difference: Option<String>,
    /// What the sums leave out or net, and what makes up the difference.
    pub explanation: Vec<Explanation>,
    /// Keys of the report's `evidence`.
    pub evidence: Vec<String>,
    /// Where something was looked for and not found: names of files, and `declaration`. Absent where nothing is
    /// missing.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub searched: Vec<String>,
}

/// What a person has to look at.
#[derive(Debug, Serialize, JsonSchema)]
pub struct Judgement {
    /// The rule's name.
    pub rule: String,
    /// The rule's code.
    pub code: String,
    /// The clause it rests on.
    pub clause: Clause,
    /// `missing_evidence` where nothing was found to judge, else `manual_review`.
    pub outcome: &'static str,
    /// Upper-case reason codes.
    pub reasons: Vec<String>,
    /// What is to be judged.
    pub message: Message,
    /// Notes for the person.
    pub notes: Vec<String>,
    /// Keys of the report's `evidence`.
    pub evidence: Vec<String>,
}

/// The words of the call.
#[derive(Debug, Serialize, JsonSchema)]
pub struct Clause {
    /// Such as `三(三)2`.
    pub number: String,
    /// The quoted text.
    pub text: String,
}

/// A sentence in both languages.
#[derive(Debug, Serialize, JsonSchema)]
pub struct Message {
    /// Chinese.
    pub zh: String,
    /// English.
    pub en: String,
}

/// A value in wire form: plain decimal, ISO date, text.
#[derive(Debug, Serialize, JsonSchema)]
pub struct Shown {
    /// The value.
    pub value: String,
    /// `元` for money.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub unit: Option<String>,
}

/// An item that a sum leaves out or nets, and why.
#[derive(Debug, Serialize, JsonSchema)]
pub struct Explanation {
    /// Such as `doubled_item`.
    pub kind: String,
    /// Its amount, in yuan; absent where it was not read.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub amount: Option<String>,
    /// Keys of the report's `evidence`.
    pub evidence: Vec<String>,
    /// Where it is in another application, where that is why.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub elsewhere: Option<String>,
    /// The explanations of the difference that it is part of, from 1: all items of one number together make
    /// it up. Absent where it is part of none.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub alternatives: Vec<u32>,
}

/// A cited fact: in a document of the report, or in the declaration.
#[derive(Debug, Serialize, JsonSchema)]
pub struct Evidence {
    /// Identifier of the document; absent for the declaration.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub document: Option<String>,
    /// The file; absent for the declaration.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub file: Option<String>,
    /// Where it stands first.
    #[serde(flatten)]
    pub anchor: Anchor,
    /// Further places of the same value.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub more_anchors: Vec<Anchor>,
    /// The characters as they stand there.
    pub raw: String,
    /// Path of the field inside the document or the declaration.
    pub field: String,
    /// The value; null where it could not be read.
    pub value: Option<String>,
    /// Why the value is missing or doubtful.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub problem: Option<&'static str>,
}

/// A place: page and box, sheet and cell, a node of structured data, or a field of the declaration.
#[derive(Debug, Default, Serialize, JsonSchema)]
pub struct Anchor {
    /// Page from 1.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub page: Option<u32>,
    /// Left, top, right, bottom in points; origin top left of the upright page.
    #[serde(rename = "box", skip_serializing_if = "Option::is_none")]
    pub bounds: Option<[f64; 4]>,
    /// Name of the sheet.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub sheet: Option<String>,
    /// Row from 1.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub row: Option<u32>,
    /// Letters of the column.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub column: Option<String>,
    /// Path of a node.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub path: Option<String>,
    /// Path of a field of the declaration.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub form: Option<String>,
}

/// A document found in a file.
#[derive(Debug, Serialize, JsonSchema)]
pub struct Document {
    /// Identifier inside the report, such as `d4`; absent in the output of `extract`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub id: Option<String>,
    /// The file, as named in the case.
    pub file: String,
    /// SHA-256 of the file's bytes.
    pub sha256: String,
    /// The file's format.
    pub format: &'static str,
    /// First and last page (or sheet), from 1; `[0, 0]` for a file without any.
    pub pages: [u32; 2],
    /// Identifier of the document type; `other` where none was recognised.
    pub document_type: String,
    /// How surely the type was told, 0 to 1.
    pub type_confidence: f64,
    /// Whether a picture did not say its resolution and 72 pixels an inch were assumed.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub assumed_dpi: bool,
    /// Single values by name.
    pub fields: BTreeMap<String, Field>,
    /// Objects inside the document.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub groups: BTreeMap<String, Record>,
    /// Lists by name.
    pub rows: BTreeMap<String, Vec<BTreeMap<String, Field>>>,
    /// Signatures and seals of the file it stands in.
    pub signatures: Vec<Signature>,
    /// What the file says about itself; absent where it says nothing.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub properties: Option<Properties>,
    /// What could not be read or understood in it.
    pub problems: Vec<DocumentProblem>,
}

/// An object inside a document.
#[derive(Debug, Serialize, JsonSchema)]
pub struct Record {
    /// Single values by name.
    pub fields: BTreeMap<String, Field>,
}

/// A value with its evidence.
#[derive(Debug, Serialize, JsonSchema)]
pub struct Field {
    /// The value; null where the field is there but could not be read.
    pub value: Option<String>,
    /// Why the value is missing or doubtful.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub problem: Option<&'static str>,
    /// The characters as they stand.
    pub raw: String,
    /// How surely the value was read, 0 to 1.
    pub confidence: f64,
    /// Whether nobody needs to look at the value again: its confidence is at or above `auto_accept` of its
    /// kind, and nothing is said of it.
    pub accepted: bool,
    /// `declared`, `payload`, `located`, `custom` or `computed`.
    pub method: &'static str,
    /// Where it stands.
    pub anchors: Vec<Anchor>,
    /// Independent readings, the one that was taken first.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub readings: Vec<Reading>,
}

/// One reading of a field.
#[derive(Debug, Serialize, JsonSchema)]
pub struct Reading {
    /// Who read it.
    pub by: &'static str,
    /// What was read.
    pub value: Option<String>,
    /// The engine's own score, if it was read in a picture; it is not a probability of being right.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub score: Option<f64>,
}

/// A signature or seal.
#[derive(Debug, Serialize, JsonSchema)]
pub struct Signature {
    /// `pkcs7`, `sm2_seal`, `ses_v1`, `ses_v4`, `ofd_signature`, `xml_signature` or `unknown`.
    pub kind: &'static str,
    /// `valid`, `valid_issuer_unknown`, `not_checkable`, `altered_after_signing` or `broken`.
    pub verdict: &'static str,
    /// Whether nothing of the file stands outside it.
    pub covers_whole_file: bool,
    /// Who signed, as the certificate says.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub signer: Option<String>,
    /// Who issued the certificate.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub issuer: Option<String>,
    /// First and last day of the certificate, ISO.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub certificate_valid: Option<[String; 2]>,
    /// When it was signed, ISO; by the signer's own clock unless the message names a time stamp.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub signed_at: Option<String>,
    /// Name of the seal.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub seal: Option<String>,
    /// What was found, for a person.
    pub message: String,
    /// Where it shows.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub anchors: Vec<Anchor>,
}

/// What a file says about itself. Anyone can write anything there.
#[derive(Debug, Serialize, JsonSchema)]
pub struct Properties {
    /// The program that wrote the file.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub producer: Option<String>,
    /// The program in which it was composed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub creator: Option<String>,
    /// When it was created, as it stands in the file.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub created: Option<String>,
    /// When it was last changed, as it stands in the file.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub modified: Option<String>,
    /// How often the file was written to; 0 where unknown.
    pub revisions: u32,
    /// What is worth a look about it.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub remarks: Vec<String>,
}

/// What could not be read in a document.
#[derive(Debug, Serialize, JsonSchema)]
pub struct DocumentProblem {
    /// Stable kebab-case code.
    pub code: &'static str,
    /// Page from 1.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub page: Option<u32>,
    /// What was found and what was wanted.
    pub message: String,
}

/// What could not be read or understood in a case.
#[derive(Debug, Serialize, JsonSchema)]
pub struct Problem {
    /// Stable kebab-case code.
    pub code: &'static str,
    /// The file; absent for the case as a whole.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub file: Option<String>,
    /// Page from 1.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub page: Option<u32>,
    /// What was found and what was wanted.
    pub message: Message,
}
