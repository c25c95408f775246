//! A case made ready for rules: records that note what is read of them, and where each fact comes from.

use std::{
    any::Any,
    collections::{BTreeMap, BTreeSet},
    sync::{Arc, Mutex, PoisonError},
};

use cel::{
    ExecutionError,
    common::{
        types::Type,
        value::{StaticVal, Val},
    },
};
use rust_decimal::Decimal;

use crate::{
    model::{
        fact::{Fact, FactId, Record},
        value::{Period, Value, code},
    },
    rulebook::{
        Pack,
        packs::{Cost, Tiers},
    },
};

use super::{
    Facts,
    across::Shared,
    doubt,
    names::{far, folded},
    rows::{Trace, Traced},
    values::{Cell, Kind, Node},
};

/// The list of cities and counties that an operator keeps.
pub(super) const COUNTIES: &str = "counties";

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

/// Which sum was asked for: its function, the window and the basis of tax.
type Asked = (&'static str, Period, String);

/// What it came to, and the facts it rests on.
type Answered = (Result<Decimal, ExecutionError>, Vec<usize>);

/// A case, indexed.
#[derive(Debug)]
pub(super) struct Index {
    pub(super) declaration: Arc<Node>,
    pub(super) papers: Vec<(String, Arc<Node>)>,
    pub(super) config: Arc<Node>,
    pub(super) sources: Arc<Vec<Source>>,
    pub(super) counties: Arc<Vec<(String, String)>>,
    pub(super) tiers: Arc<Vec<Tiers>>,
    pub(super) costs: Arc<Vec<Cost>>,
    pub(super) trace: Trace,
    pub(super) shared: Arc<Shared>,
    /// Every file that something was read in, or nothing understood.
    pub(super) files: Arc<BTreeSet<String>>,
    /// Where among the sources the facts of each paper end.
    ends: Arc<Vec<usize>>,
    /// The document of each type that goes by the type's name, as far as it was asked for.
    firsts: Mutex<BTreeMap<String, Arc<Node>>>,
    /// Sums over many papers that were asked for, with what they rest on.
    known: Mutex<BTreeMap<Asked, Answered>>,
    /// Who a party is, by name and code, as far as it was asked for.
    parties: Mutex<BTreeMap<(String, String), &'static str>>,
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
    pub(super) fn new(facts: &Facts<'_>, pack: &Pack) -> Self {
        let trace: Trace = Arc::new(Traced::default());
        let mut sources = Vec::new();
        let mut build = Build { sources: &mut sources, trace: &trace };
        let declaration = build.node(facts.declaration, String::new(), Kind::Declared);
        let (mut papers, mut ends) = (Vec::new(), vec![build.sources.len()]);
        for paper in facts.papers {
            let path = paper.document_type.clone();
            papers.push((path.clone(), build.node(&paper.record, path, Kind::Paper)));
            ends.push(build.sources.len());
        }
        let files = facts.papers.iter().map(|paper| &paper.file).chain(facts.not_understood);
        Self {
            declaration,
            papers,
            config: own(&trace, "config", pack.config.clone()),
            sources: Arc::new(sources),
            counties: Arc::new(counties(facts, pack)),
            tiers: Arc::new(pack.tiers.clone()),
            costs: Arc::new(pack.costs.clone()),
            trace,
            shared: Arc::new(Shared::of(facts, pack)),
            files: Arc::new(files.cloned().collect()),
            ends: Arc::new(ends),
            firsts: Mutex::default(),
            known: Mutex::default(),
            parties: Mutex::default(),
        }
    }

    /// As it would be if facts, by their place among the sources, said something else. Only what holds them is
    /// made anew.
    pub(super) fn with(&self, instead: &BTreeMap<usize, Option<Value>>) -> Self {
        let mut changed = Self {
            declaration: Arc::clone(&self.declaration),
            papers: self.papers.clone(),
            config: Arc::clone(&self.config),
            sources: Arc::clone(&self.sources),
            counties: Arc::clone(&self.counties),
            tiers: Arc::clone(&self.tiers),
            costs: Arc::clone(&self.costs),
            trace: Arc::clone(&self.trace),
            shared: Arc::clone(&self.shared),
            files: Arc::clone(&self.files),
            ends: Arc::clone(&self.ends),
            firsts: Mutex::default(),
            known: Mutex::default(),
            parties: Mutex::default(),
        };
        for at in instead.keys() {
            // The declaration comes first, and each paper behind the one before.
            match self.ends.partition_point(|end| end <= at).checked_sub(1) {
                None => changed.declaration = replaced(&changed.declaration, instead),
                Some(place) => {
                    if let Some((_, node)) = changed.papers.get_mut(place) {
                        *node = replaced(node, instead);
                    }
                }
            }
        }
        changed
    }

    /// All documents of a type.
    pub(super) fn of<'a>(&'a self, kind: &'a str) -> impl Iterator<Item = &'a Arc<Node>> {
        self.papers.iter().filter(move |(is, _)| is == kind).map(|(_, node)| node)
    }

    /// The document of a type: the applicant's own, the first of all where none is, or a stand-in that
    /// says it was not supplied.
    pub(super) fn the(&self, kind: &str) -> Arc<Node> {
        let known = || self.firsts.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(first) = known().get(kind) {
            return Arc::clone(first);
        }
        let own = self.own_of(kind, "name");
        let first = own.first().map_or_else(|| self.absent(kind), |node| Arc::clone(node));
        known().insert(kind.to_owned(), Arc::clone(&first));
        first
    }

    /// The documents of a type that name the applicant in `holder`, by name or code; where none does, all but
    /// those of firms that sell on an invoice.
    pub(super) fn own_of<'a>(&'a self, kind: &'a str, holder: &str) -> Vec<&'a Arc<Node>> {
        let party = |node: &Node| {
            let name = node.peek_text(holder)?;
            self.party(name, node.peek_text("uscc").unwrap_or_default()).ok()
        };
        let with = |is: &[&str]| -> Vec<&Arc<Node>> {
            self.of(kind).filter(|node| party(node).is_some_and(|who| is.contains(&who))).collect()
        };
        // What a seller hands along of its own is nobody else's, however alone it lies there.
        let others: Vec<&Arc<Node>> = self
            .of(kind)
            .filter(|node| !node.peek_text(holder).is_some_and(|name| self.sells(name)))
            .collect();
        [with(&["same"]), with(&["unsure", "former"]), others]
            .into_iter()
            .find(|found| !found.is_empty())
            .unwrap_or_default()
    }

    /// Whether a firm sells on one of the invoices.
    fn sells(&self, name: &str) -> bool {
        let name = folded(name);
        self.of("vat_invoice")
            .any(|invoice| invoice.peek_text("seller_name").is_some_and(|own| folded(own) == name))
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
                .find(|row| row.peek_text("path") == Some(file.as_str()))
                .and_then(|row| row.peek_text("kind"));
            match said {
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
            let code = node.peek_text("uscc").unwrap_or_default();
            node.peek_text(holder).is_some_and(|name| self.party(name, code).is_ok_and(|is| is == "same"))
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

    /// A sum, computed once: rules ask for the same under several readings. What it rests on is noted each time.
    pub(super) fn sum(
        &self,
        function: &'static str,
        window: Period,
        basis: &str,
        compute: impl Fn(&Self, Period, &str) -> Result<Decimal, ExecutionError>,
    ) -> Result<Decimal, ExecutionError> {
        let known = || self.known.lock().unwrap_or_else(PoisonError::into_inner);
        let asked = (function, window, basis.to_owned());
        if let Some((sum, reads)) = known().get(&asked) {
            self.trace.read_again(reads);
            return sum.clone();
        }
        let before = self.take_reads();
        let sum = compute(self, window, basis);
        let reads: BTreeSet<usize> = self.take_reads().into_iter().collect();
        let reads: Vec<usize> = reads.into_iter().collect();
        self.trace.read_again(&before);
        self.trace.read_again(&reads);
        known().insert(asked, (sum.clone(), reads));
        sum
    }

    /// Whether a field was read, and not by one engine alone in a picture.
    pub(super) fn is_sure(&self, record: &Node, field: &str) -> bool {
        let source = record.fields.get(field).and_then(|cell| self.sources.get(cell.at?));
        source.is_some_and(|source| !source.weak)
    }

    /// Who a named party is: `same` as the applicant, `former` name, `unsure`, or `differs`.
    pub(super) fn party(&self, name: &str, code: &str) -> Result<&'static str, ExecutionError> {
        let empty = Node { kind: Kind::Declared, ..bare(&self.trace, "applicant") };
        let applicant = self.declaration.groups.get("applicant").map_or(&empty, |group| group);
        // What it rests on is noted each time, what it comes to is found once.
        let own = applicant.text("name")?;
        let uscc = if code.is_empty() { "" } else { applicant.text("uscc")? };
        let by_name = code.is_empty() || code::is_miswritten(&folded(code));
        let former = applicant.list("former_names").iter().take(if by_name { usize::MAX } else { 0 });
        let former: Vec<&str> = former.filter_map(|row| row.text("value").ok()).collect();
        let key = (name.to_owned(), code.to_owned());
        let known = || self.parties.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(who) = known().get(&key) {
            return Ok(who);
        }
        let who = party(own, uscc, &former, name, code);
        known().insert(key, who);
        Ok(who)
    }
}

fn party(own: &str, uscc: &str, former: &[&str], name: &str, code: &str) -> &'static str {
    let (own, name, code) = (folded(own), folded(name), folded(code));
    let alike = own == name || (own.chars().count() > 5 && far(&own, &name) <= 1);
    if !code.is_empty() {
        let uscc = folded(uscc);
        // The old taxpayer number is the middle of the credit code.
        if code == uscc || (code.len() == 15 && uscc.get(2..17) == Some(&code)) {
            return "same";
        }
        // One whose check character is wrong was misread or mistyped, and says nothing of whose it is.
        if !code::is_miswritten(&code) {
            return if alike { "unsure" } else { "differs" };
        }
    }
    if own == name {
        "same"
    } else if former.iter().any(|one| folded(one) == name) {
        "former"
    } else if alike {
        "unsure"
    } else {
        "differs"
    }
}

/// The cities and counties of the province: the pack's, and those of the operator's list of them. A list that has only
/// some says nothing against the others.
fn counties(facts: &Facts<'_>, pack: &Pack) -> Vec<(String, String)> {
    let lists = facts.papers.iter().filter(|paper| paper.document_type == COUNTIES);
    let lines = lists.flat_map(|list| list.record.rows.get("places").into_iter().flatten());
    let place = |line: &Record| Some((folded(line.text("city")?), folded(line.text("county")?)));
    pack.counties.iter().cloned().chain(lines.filter_map(place)).collect()
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

/// A record with other values for some of its facts.
fn replaced(node: &Arc<Node>, instead: &BTreeMap<usize, Option<Value>>) -> Arc<Node> {
    let mut changed = Node::clone(node);
    for cell in changed.fields.values_mut() {
        if let Some(value) = cell.at.and_then(|at| instead.get(&at)) {
            cell.value.clone_from(value);
        }
    }
    for group in changed.groups.values_mut() {
        *group = replaced(group, instead);
    }
    for row in changed.rows.values_mut().flatten() {
        *row = replaced(row, instead);
    }
    Arc::new(changed)
}

struct Build<'a> {
    sources: &'a mut Vec<Source>,
    trace: &'a Trace,
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
        Cell { value: own(), at: Some(at), problem: fact.problem }
    }
}

/// Problems of amounts that were read but are not known in yuan: nothing to compare with.
const NO_YUAN: &[&str] = &["foreign-currency", "unit-unknown"];
