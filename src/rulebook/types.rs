//! Document types: how one is recognised and where its fields stand, as data.
//!
//! One file a type under `rules/documents/`. This only loads and checks them; `classify` and
//! `extract` use them.

use std::collections::BTreeMap;

use regex::Regex;

pub use super::type_error::TypeError;
use super::{
    payload::{self, PayloadSpec},
    type_file,
};
use crate::model::{fact::Record, segment::Segment};

/// The files of `rules/documents/` by name, without their ending: the type each is for.
const EMBEDDED: &[(&str, &str)] = include!(concat!(env!("OUT_DIR"), "/document_types.rs"));

/// What a field holds, and so how its characters are read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Kind {
    /// Running text to the end of its place.
    Text,
    /// Name of a company or authority.
    Organisation,
    /// Name of a person.
    Person,
    /// Unified social credit code, with its check digit.
    Uscc,
    /// Taxpayer number: a credit code or one of the older kinds.
    TaxId,
    /// Digits, of one of these lengths; white space between them does not count.
    Digits(Vec<usize>),
    /// Letters, digits and dashes.
    Code,
    /// Name of a standard, such as `GB/T 23001-2017`.
    Standard,
    /// An amount in figures.
    Money,
    /// An amount in figures that stand in a box each, down to the fen, without a point.
    MoneyInBoxes,
    /// An amount in another currency, with a point or a comma before its decimals.
    MoneyAbroad,
    /// An amount in words.
    Words,
    /// A date to the day.
    Date,
    /// Two days with or without something between them, the first and the last; or a month.
    Period,
    /// One of a closed list; see [`FieldSpec::choices`].
    Choice,
    /// An amount in figures with its unit behind it or, in a form, in its label, heading or caption.
    Amount,
    /// A count, with or without what is counted behind it.
    Number,
    /// Yes or no.
    YesNo,
    /// Several texts in one place, such as names with 、 between them or options of which some are ticked.
    Texts,
}

impl Kind {
    /// Whether it is written in figures that mean something by themselves.
    #[must_use]
    pub const fn is_figures(&self) -> bool {
        matches!(
            self,
            Self::Money
                | Self::MoneyInBoxes
                | Self::MoneyAbroad
                | Self::Amount
                | Self::Number
                | Self::Date
                | Self::Period
                | Self::Digits(_)
        )
    }

    /// Whether it is an amount in figures.
    #[must_use]
    pub const fn is_money(&self) -> bool {
        matches!(self, Self::Money | Self::MoneyInBoxes | Self::MoneyAbroad | Self::Amount)
    }

    fn named(name: &str) -> Option<Self> {
        Some(match name {
            "text" => Self::Text,
            "organisation" => Self::Organisation,
            "person" => Self::Person,
            "uscc" => Self::Uscc,
            "tax_id" => Self::TaxId,
            "code" => Self::Code,
            "standard" => Self::Standard,
            "money" => Self::Money,
            "money_abroad" => Self::MoneyAbroad,
            "money_in_boxes" => Self::MoneyInBoxes,
            "words" => Self::Words,
            "date" => Self::Date,
            "period" => Self::Period,
            "choice" => Self::Choice,
            "amount" => Self::Amount,
            "number" => Self::Number,
            "yes_no" => Self::YesNo,
            "texts" => Self::Texts,
            _ => {
                let lengths = name.strip_prefix("digits:")?;
                Self::Digits(lengths.split('|').map(str::parse).collect::<Result<_, _>>().ok()?)
            }
        })
    }
}

/// A sign that a page is of a type.
#[derive(Debug)]
pub struct Mark {
    /// What has to stand on the page.
    pub pattern: Regex,
    /// How much it says; the weights of all marks found are added. Negative speaks against.
    pub weight: f64,
    /// How far down the page it may stand, as a share of the height.
    pub above: f64,
}

/// A part of a page that belongs to one party or block, bounded by what is printed round it.
#[derive(Debug)]
pub struct Region {
    /// Left edge as a share of the page's width.
    pub left: f64,
    /// Right edge as a share of the page's width.
    pub right: f64,
    /// It ends above the first row that matches.
    pub above: Option<Regex>,
    /// It begins below the first row that matches.
    pub below: Option<Regex>,
}

/// One way a type is laid out.
#[derive(Debug)]
pub struct Layout {
    /// Its name.
    pub name: String,
    /// What has to stand on the page for it; the first layout that fits is taken.
    pub when: Regex,
    /// Required fields that papers laid out so do not have.
    pub lacks: Vec<String>,
    /// Its regions by name.
    pub regions: BTreeMap<String, Region>,
}

/// Where a field's value stands and how it is read.
#[derive(Debug)]
pub struct FieldSpec {
    /// Canonical name.
    pub name: String,
    /// What it holds.
    pub kind: Kind,
    /// Labels in order of preference, white space inside them optional.
    pub labels: Vec<Regex>,
    /// Patterns over a row's text whose first group is the value, tried before the labels.
    pub patterns: Vec<Regex>,
    /// Patterns over the whole text, rows joined by line feeds and pages by form feeds; the value
    /// is all their groups.
    pub across: Vec<Regex>,
    /// Patterns over what is written round a seal, whose first group is the value; tried before labels.
    pub in_seals: Vec<Regex>,
    /// Which lines of a list it may also stand as the sum of: those whose [`RowsSpec::group`] matches.
    pub sum_of: Option<Regex>,
    /// What a pattern finds and this matches is something else, such as the certifier's own name.
    pub except: Option<Regex>,
    /// For [`Kind::Choice`]: what to find, and the value it means; the first found is taken.
    pub choices: Vec<(Regex, String)>,
    /// The region it stands in, where layouts have one of that name.
    pub region: Option<String>,
    /// What some cell says of the table of a form that it stands in.
    pub in_table: Option<Regex>,
    /// Whether the value may stand in the row below its label.
    pub below: bool,
    /// Whether the value may run on in the next row.
    pub wraps: bool,
    /// Whether the last match counts instead of the first.
    pub last: bool,
    /// Whether its absence is worth saying.
    pub required: bool,
    /// White space that ends the value, in letter heights.
    pub max_gap: f64,
}

/// A column of a list.
#[derive(Debug)]
pub struct Column {
    /// Canonical name.
    pub name: String,
    /// What it holds.
    pub kind: Kind,
    /// What its heading says, in order of preference.
    pub headings: Vec<Regex>,
    /// For [`Kind::Choice`]: as in [`FieldSpec::choices`].
    pub choices: Vec<(Regex, String)>,
}

/// A list with a heading row.
#[derive(Debug)]
pub struct RowsSpec {
    /// Canonical name of the list.
    pub name: String,
    /// Its columns.
    pub columns: Vec<Column>,
    /// The column whose value makes a row.
    pub key: String,
    /// How many columns a heading row has to name.
    pub least: usize,
    /// A row that matches ends the list.
    pub stop: Option<Regex>,
    /// A row that matches is no line of the list (subtotals).
    pub skip: Option<Regex>,
    /// What the list of such rows with amounts is called.
    pub sums: Option<String>,
    /// The column that says which lines are summed up together, or belong together below a heading.
    pub group: Option<String>,
    /// A row that matches heads the lines below it: its first group is their [`RowsSpec::group`].
    pub heads: Option<Regex>,
    /// In a form, the column that says under which line of another list, whose name this one's begins with,
    /// a line belongs.
    pub under: Option<String>,
    /// Columns, and the fields that say what all lines of the column come to.
    pub foots: Vec<(String, String)>,
}

/// A document type.
#[derive(Debug)]
pub struct DocumentType {
    /// Identifier, such as `vat_invoice`.
    pub id: String,
    /// What to call it, Chinese.
    pub title: String,
    /// Signs of a page that starts one.
    pub marks: Vec<Mark>,
    /// Sum of weights from which a page counts as one.
    pub threshold: f64,
    /// Whether pages of no type of their own, after it, belong to it.
    pub continues: bool,
    /// Whether a sheet of a workbook that has the columns of one of its lists is such a document.
    pub sheets: bool,
    /// What stands at the head of each document where several share a page.
    pub repeats: Option<Regex>,
    /// What tells two documents of the type apart, its first group, such as an invoice's number: a
    /// page with the same one goes on, a page with another begins a new document.
    pub identity: Option<Regex>,
    /// What stands on the last page that begins like a document: pages without it are parts.
    pub ends: Option<Regex>,
    /// What one document prints once: where it stands twice, a second one was not told apart.
    pub once: Option<Regex>,
    /// How it is laid out.
    pub layouts: Vec<Layout>,
    /// Its fields.
    pub fields: Vec<FieldSpec>,
    /// Its lists.
    pub rows: Vec<RowsSpec>,
    /// Further words that end a value.
    pub stops: Vec<Regex>,
    /// Named functions run after the fields were located.
    pub custom: Vec<String>,
    /// The field that tells two documents of the type apart in structured data.
    pub key: Option<String>,
    /// How its fields stand in structured data, the surest first.
    pub payloads: Vec<PayloadSpec>,
    /// Whether it is a form: values stand in cells beside their labels' cells.
    pub form: bool,
}

impl DocumentType {
    /// The first layout that a row of a document speaks for.
    #[must_use]
    pub fn layout(&self, segment: &Segment) -> Option<&Layout> {
        let rows = || segment.slices.iter().flat_map(|slice| &slice.rows);
        self.layouts.iter().find(|layout| rows().any(|row| layout.when.is_match(&row.text)))
    }

    /// The required fields that are not among those found in a document.
    #[must_use]
    pub fn missing(&self, segment: &Segment, found: &Record) -> Vec<&FieldSpec> {
        let lacks = self.layout(segment).map_or(&[][..], |layout| &layout.lacks);
        let is_found = |field: &FieldSpec| found.fields.contains_key(&field.name);
        let missing = self.fields.iter().filter(|field| field.required && !is_found(field));
        missing.filter(|field| !lacks.contains(&field.name)).collect()
    }

    /// Whether marks that weigh so much make a page of this type.
    #[must_use]
    pub fn is_reached(&self, score: f64) -> bool {
        score + ROUNDING >= self.threshold
    }
}

/// Loads the built-in document types, in a fixed order.
///
/// # Errors
///
/// The first file that is not as it should be, with its place.
pub fn embedded() -> Result<Vec<DocumentType>, TypeError> {
    EMBEDDED.iter().map(|(id, text)| load(id, text)).collect()
}

/// Loads one document type.
///
/// # Errors
///
/// What is wrong with it, with its place.
pub fn load(id: &str, text: &str) -> Result<DocumentType, TypeError> {
    let raw: type_file::Type = toml::from_str(text)
        .map_err(|source| TypeError::Shape { file: id.to_owned(), source: Box::new(source) })?;
    let pattern = |pattern: &str| {
        Regex::new(pattern).map_err(|source| TypeError::Pattern {
            file: id.to_owned(),
            pattern: pattern.to_owned(),
            source: Box::new(source),
        })
    };
    let patterns = |list: &[String]| list.iter().map(|p| pattern(p)).collect::<Result<Vec<_>, _>>();
    let labels = |list: &[String]| list.iter().map(|l| pattern(&spaced(l))).collect::<Result<Vec<_>, _>>();
    let maybe = |p: &Option<String>| p.as_deref().map(pattern).transpose();
    let idle = |what: String| TypeError::Idle { file: id.to_owned(), what };
    let choices = |list: &[(String, String)]| {
        list.iter()
            .map(|(find, value)| Ok((pattern(find)?, value.clone())))
            .collect::<Result<Vec<_>, TypeError>>()
    };
    let kind = |field: &str, name: &str| {
        Kind::named(name).ok_or_else(|| TypeError::Kind {
            file: id.to_owned(),
            field: field.to_owned(),
            kind: name.to_owned(),
        })
    };
    let marks = raw
        .marks
        .iter()
        .map(|m| Ok(Mark { pattern: pattern(&m.pattern)?, weight: m.weight, above: m.above.unwrap_or(1.0) }))
        .collect::<Result<Vec<_>, TypeError>>()?;
    let mut layouts = Vec::new();
    for layout in &raw.layouts {
        let mut regions = BTreeMap::new();
        for (name, region) in &layout.regions {
            let (left, right) = (region.left.unwrap_or(0.0), region.right.unwrap_or(1.0));
            let (above, below) = (maybe(&region.above)?, maybe(&region.below)?);
            regions.insert(name.clone(), Region { left, right, above, below });
        }
        let is_required =
            |name: &&String| raw.fields.iter().any(|field| field.required && field.name == **name);
        if let Some(field) = layout.lacks.iter().find(|name| !is_required(name)) {
            return Err(TypeError::Lacks {
                file: id.to_owned(),
                layout: layout.name.clone(),
                field: field.clone(),
            });
        }
        let lacks = layout.lacks.clone();
        layouts.push(Layout { name: layout.name.clone(), when: pattern(&layout.when)?, lacks, regions });
    }
    let mut fields = Vec::new();
    for field in &raw.fields {
        if let Some(region) = &field.region
            && !layouts.iter().any(|layout| layout.regions.contains_key(region))
        {
            return Err(TypeError::Region {
                file: id.to_owned(),
                field: field.name.clone(),
                region: region.clone(),
            });
        }
        let spec = FieldSpec {
            name: field.name.clone(),
            kind: kind(&field.name, &field.kind)?,
            labels: labels(&field.labels)?,
            patterns: patterns(&field.patterns)?,
            across: patterns(&field.across)?,
            in_seals: patterns(&field.in_seals)?,
            sum_of: maybe(&field.sum_of)?,
            except: maybe(&field.except)?,
            choices: choices(&field.choices)?,
            region: field.region.clone(),
            in_table: maybe(&field.in_table)?,
            below: field.below,
            wraps: field.wraps,
            last: field.last,
            required: field.required,
            max_gap: field.max_gap.unwrap_or(3.0),
        };
        if let Some(what) = spec.idle(raw.form, !raw.payloads.is_empty()) {
            return Err(idle(format!("field `{}` {what}", field.name)));
        }
        fields.push(spec);
    }
    let most: f64 = marks.iter().map(|mark| mark.weight.max(0.0)).sum();
    // A type without any is told by its lists or by structured data alone.
    if most > 0.0 && most + ROUNDING < raw.threshold {
        let threshold = raw.threshold;
        return Err(idle(format!(
            "the weights of all marks come to {most}, which is less than the threshold of {threshold}; no page can be of this type"
        )));
    }
    let mut rows = Vec::new();
    for list in &raw.rows {
        if let Some(what) = list.cannot_foot(&raw.fields) {
            return Err(idle(what));
        }
        let mut columns = Vec::new();
        for column in &list.columns {
            columns.push(Column {
                name: column.name.clone(),
                kind: kind(&column.name, &column.kind)?,
                headings: labels(&column.headings)?,
                choices: choices(&column.choices)?,
            });
        }
        rows.push(RowsSpec {
            name: list.name.clone(),
            columns,
            key: list.key.clone(),
            least: list.least,
            stop: maybe(&list.stop)?,
            skip: maybe(&list.skip)?,
            sums: list.sums.clone(),
            group: list.group.clone(),
            heads: maybe(&list.heads)?,
            under: list.under.clone(),
            foots: list.foots.clone(),
        });
    }
    Ok(DocumentType {
        id: id.to_owned(),
        title: raw.title,
        marks,
        threshold: raw.threshold,
        continues: raw.continues,
        sheets: raw.sheets,
        repeats: maybe(&raw.repeats)?,
        identity: maybe(&raw.identity)?,
        ends: maybe(&raw.ends)?,
        once: maybe(&raw.once)?,
        layouts,
        fields,
        rows,
        stops: labels(&raw.stops)?,
        custom: raw.custom,
        key: raw.key,
        payloads: payload::loaded(id, raw.payloads)?,
        form: raw.form,
    })
}

/// Sums of weights are not exact.
const ROUNDING: f64 = 1e-9;

/// A label as a pattern: white space is optional between its characters, and case does not count.
fn spaced(label: &str) -> String {
    let mut out = "(?i)".to_owned();
    // A word in Latin letters is not the end of another: total, subtotal.
    if label.starts_with(|c: char| c.is_ascii_alphabetic()) {
        out.push_str(r"(?-u:\b{start-half})");
    }
    for (at, c) in label.chars().filter(|c| !c.is_whitespace()).enumerate() {
        if at > 0 {
            out.push_str(r"\s*");
        }
        out.push_str(&regex::escape(&c.to_string()));
    }
    out
}
