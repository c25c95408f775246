//! A case made ready for rules: records that note what is read of them, and where each fact comes from.

use std::{any::Any, collections::BTreeMap, sync::Arc};

use cel::{
    ExecutionError,
    common::{
        types::Type,
        value::{StaticVal, Val},
    },
};

use crate::{
    model::{
        fact::{Fact, FactId, Record},
        value::Value,
    },
    rulebook::{Pack, packs::Tiers},
};

use super::{
    Facts,
    across::Shared,
    doubt,
    names::{far, folded},
    rows::{Trace, Traced},
    values::{Cell, Kind, Node},
};

static CASE: Type = Type::new_unspecified_type("case");

/// What a finding needs to know of a fact.
#[derive(Clone, Debug)]
pub(super) struct Source {
    pub(super) id: FactId,
    /// Read from a picture, by one engine, without certainty.
    pub(super) weak: bool,
    /// Its readings contradict each other.
    pub(super) disputed: bool,
    /// What it would say by its other readings, where they are worth asking; `None` is unread.
    pub(super) others: Vec<Option<Value>>,
}

/// A case, indexed.
#[derive(Debug)]
pub(super) struct Index {
    pub(super) declaration: Arc<Node>,
    pub(super) papers: Vec<(String, Arc<Node>)>,
    pub(super) config: Arc<Node>,
    pub(super) sources: Vec<Source>,
    pub(super) counties: Vec<(String, String)>,
    pub(super) tiers: Vec<Tiers>,
    pub(super) trace: Trace,
    pub(super) shared: Shared,
}

/// An indexed case as a value of CEL.
#[derive(Clone, Debug)]
pub(super) struct Case(pub(super) Arc<Index>);

impl Val for Case {
    fn get_type(&self) -> &Type {
        &CASE
    }
    fn cel_type() -> &'static Type {
        &CASE
    }
    fn clone_as_boxed<'v>(&self) -> Box<dyn Val + 'v> {
        Box::new(self.clone())
    }
    fn as_any(&self) -> Option<&dyn Any> {
        Some(self)
    }
}
impl StaticVal for Case {}

impl Index {
    /// With `instead`, as it would be if facts, by their place among the sources, said something else.
    pub(super) fn new(facts: &Facts<'_>, pack: &Pack, instead: &BTreeMap<usize, Option<Value>>) -> Self {
        let trace: Trace = Arc::new(Traced::default());
        let mut sources = Vec::new();
        let mut build = Build { sources: &mut sources, trace: &trace, instead };
        let declaration = build.node(facts.declaration, String::new(), Kind::Declared);
        let papers = facts
            .papers
            .iter()
            .map(|paper| {
                let path = paper.document_type.clone();
                (path.clone(), build.node(&paper.record, path, Kind::Paper))
            })
            .collect();
        let config = own(&trace, "config", pack.config.clone());
        let shared = Shared::of(facts, pack);
        let (counties, tiers) = (pack.counties.clone(), pack.tiers.clone());
        Self { declaration, papers, config, sources, counties, tiers, trace, shared }
    }

    /// All documents of a type.
    pub(super) fn of<'a>(&'a self, kind: &'a str) -> impl Iterator<Item = &'a Arc<Node>> {
        self.papers.iter().filter(move |(is, _)| is == kind).map(|(_, node)| node)
    }

    /// The document of a type: the applicant's own, the first of all where none is, or a stand-in that
    /// says it was not supplied.
    pub(super) fn the(&self, kind: &str) -> Arc<Node> {
        self.own_of(kind, "name").first().map_or_else(|| self.absent(kind), |node| Arc::clone(node))
    }

    /// The documents of a type that name the applicant in `holder`, by name or code; all where none does.
    pub(super) fn own_of<'a>(&'a self, kind: &'a str, holder: &str) -> Vec<&'a Arc<Node>> {
        let party = |node: &Node| {
            let name = peek(node, holder)?;
            self.party(&name, &peek(node, "uscc").unwrap_or_default()).ok()
        };
        let with = |is: &[&str]| -> Vec<&Arc<Node>> {
            self.of(kind).filter(|node| party(node).is_some_and(|who| is.contains(&who))).collect()
        };
        [with(&["same"]), with(&["unsure", "former"]), self.of(kind).collect()]
            .into_iter()
            .find(|found| !found.is_empty())
            .unwrap_or_default()
    }

    pub(super) fn absent(&self, kind: &str) -> Arc<Node> {
        Arc::new(Node { kind: Kind::Absent, ..bare(&self.trace, kind) })
    }

    /// Whether the declaration lists an attachment of a kind. Only what is of the kind counts as read.
    pub(super) fn is_listed(&self, kind: &str) -> bool {
        let is_of = |row: &&Arc<Node>| {
            let value = row.fields.get("kind").and_then(|cell| cell.value.as_ref());
            matches!(value, Some(Value::Text(text)) if text == kind)
        };
        let found = self.declaration.list("attachments").iter().find(is_of);
        found.is_some_and(|row| {
            // Its path is read to be cited; a list may leave it out.
            let _ = row.read("path");
            row.read("kind").is_ok()
        })
    }

    /// Whether a document of a type may stand in one of the files that were not understood. A file of
    /// which the applicant says that it is something else does not count.
    pub(super) fn may_be_unread(&self, kind: &str, files: &[String]) -> bool {
        let listed = self.declaration.list("attachments");
        files.iter().any(|file| {
            let said = listed
                .iter()
                .find(|row| peek(row, "path").as_ref() == Some(file))
                .and_then(|row| peek(row, "kind"));
            match said.as_deref() {
                None | Some("other") => true,
                Some(said) if kind.is_empty() => !matches!(said, "commitment" | "acceptance"),
                Some(said) => said == kind || kind.ends_with(&format!("_{said}")),
            }
        })
    }

    /// The document of a type whose date in `field` is latest.
    pub(super) fn latest(&self, kind: &str, field: &str) -> Arc<Node> {
        latest_of(self.of(kind), field).map_or_else(|| self.absent(kind), Arc::clone)
    }

    /// The same among the documents that name the applicant in `holder`, where there are any.
    pub(super) fn latest_own(&self, kind: &str, field: &str, holder: &str) -> Arc<Node> {
        let is_own = |node: &&Arc<Node>| {
            let code = peek(node, "uscc").unwrap_or_default();
            peek(node, holder).is_some_and(|name| self.party(&name, &code).is_ok_and(|is| is == "same"))
        };
        latest_of(self.of(kind).filter(is_own), field).map_or_else(|| self.latest(kind, field), Arc::clone)
    }

    /// The row of a table of tiers that a value lies in; a row without anything where it lies in none.
    pub(super) fn tier(&self, table: &str, value: &Value) -> Result<Node, ExecutionError> {
        let found = self.tiers.iter().find(|one| one.name == table);
        let found =
            found.ok_or_else(|| ExecutionError::function_error("tier", format!("no tiers `{table}`")))?;
        let gives = found.row(value).map(|row| row.gives.clone()).unwrap_or_default();
        Ok(self.computed(table, gives))
    }

    /// A record that was computed.
    pub(super) fn computed(&self, path: &str, fields: BTreeMap<String, Value>) -> Node {
        Arc::unwrap_or_clone(own(&self.trace, path, fields))
    }

    /// What was read since the last call.
    pub(super) fn take_reads(&self) -> Vec<usize> {
        self.trace.take_reads()
    }

    /// Who a named party is: `same` as the applicant, `former` name, `unsure`, or `differs`.
    pub(super) fn party(&self, name: &str, code: &str) -> Result<&'static str, ExecutionError> {
        let empty = Node { kind: Kind::Declared, ..bare(&self.trace, "applicant") };
        let applicant = self.declaration.groups.get("applicant").map_or(&empty, |group| group);
        let own = folded(applicant.text("name")?);
        let name = folded(name);
        let alike = own == name || (own.chars().count() > 5 && far(&own, &name) <= 1);
        let code = folded(code);
        if !code.is_empty() {
            let uscc = folded(applicant.text("uscc")?);
            // The old taxpayer number is the middle of the credit code.
            if code == uscc || (code.len() == 15 && uscc.get(2..17) == Some(&code)) {
                return Ok("same");
            }
            return Ok(if alike { "unsure" } else { "differs" });
        }
        let mut former = applicant.list("former_names").iter();
        let former = former.any(|row| row.text("value").is_ok_and(|text| folded(text) == name));
        Ok(if own == name {
            "same"
        } else if former {
            "former"
        } else if alike {
            "unsure"
        } else {
            "differs"
        })
    }
}

/// A text without noting that it was read: what is passed over is no evidence.
fn peek(node: &Node, field: &str) -> Option<String> {
    match node.fields.get(field)?.value.as_ref()? {
        Value::Text(text) | Value::Code(text) => Some(text.clone()),
        _ => None,
    }
}

fn latest_of<'a>(nodes: impl Iterator<Item = &'a Arc<Node>>, field: &str) -> Option<&'a Arc<Node>> {
    nodes.max_by_key(|node| match node.fields.get(field).and_then(|cell| cell.value.as_ref()) {
        Some(Value::Date(day)) => Some(*day),
        _ => None,
    })
}

fn bare(trace: &Trace, path: &str) -> Node {
    Node {
        path: path.to_owned(),
        kind: Kind::Own,
        fields: BTreeMap::new(),
        groups: BTreeMap::new(),
        rows: BTreeMap::new(),
        trace: Arc::clone(trace),
    }
}

fn own(trace: &Trace, path: &str, values: BTreeMap<String, Value>) -> Arc<Node> {
    let fields = values
        .into_iter()
        .map(|(name, value)| (name, Cell { value: Some(value), at: None, problem: None }))
        .collect();
    Arc::new(Node { fields, ..bare(trace, path) })
}

struct Build<'a> {
    sources: &'a mut Vec<Source>,
    trace: &'a Trace,
    instead: &'a BTreeMap<usize, Option<Value>>,
}

impl Build<'_> {
    fn node(&mut self, record: &Record, path: String, kind: Kind) -> Arc<Node> {
        let join = |name: &str| if path.is_empty() { name.to_owned() } else { format!("{path}.{name}") };
        let fields = record.fields.iter().map(|(name, fact)| (name.clone(), self.cell(fact))).collect();
        let groups = record
            .groups
            .iter()
            .map(|(name, one)| (name.clone(), self.node(one, join(name), kind)))
            .collect();
        let rows = record
            .rows
            .iter()
            .map(|(name, rows)| {
                let one = |(at, row)| self.node(row, format!("{}[{at}]", join(name)), kind);
                (name.clone(), rows.iter().enumerate().map(one).collect())
            })
            .collect();
        Arc::new(Node { kind, fields, groups, rows, ..bare(self.trace, &path) })
    }

    fn cell(&mut self, fact: &Fact) -> Cell {
        let at = self.sources.len();
        let others = doubt::others(fact);
        self.sources.push(Source {
            id: fact.id,
            weak: doubt::is_weak(fact),
            disputed: doubt::is_disputed(fact),
            others,
        });
        let own = || fact.value.clone().filter(|_| !fact.problem.is_some_and(|why| NO_YUAN.contains(&why)));
        Cell {
            value: self.instead.get(&at).cloned().unwrap_or_else(own),
            at: Some(at),
            problem: fact.problem,
        }
    }
}

/// Problems of amounts that were read but are not known in yuan: nothing to compare with.
const NO_YUAN: &[&str] = &["foreign-currency", "unit-unknown"];
