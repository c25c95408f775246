//! Structured data to facts, and what they agree on with what the pages say.
//!
//! Data comes first and the page is the second reading of it: agreement makes a value surer,
//! disagreement keeps both, so that nothing is decided on either alone.

use std::{
    borrow::Cow,
    collections::{BTreeMap, BTreeSet},
};

use unicode_normalization::UnicodeNormalization;

use super::{
    custom, kind,
    merge::{Merged, merge},
};
use crate::{
    model::{
        anchor::Anchor,
        document::Document,
        fact::{Evidence, Fact, FactId, Method, Reading, Record},
        geometry::Rect,
        payload::{Node, Payload},
        segment::{Segment, Slice},
        text::Row,
        value::Value,
    },
    rulebook::{
        payload::{PayloadRows, PayloadSpec},
        types::{DocumentType, Kind},
    },
};

/// How surely data is read: it is exact, but it may have been written by anybody.
pub(super) const EXACT: f32 = 0.99;

/// The type of pages that were not recognised.
const OTHER: &str = "other";

/// How surely data tells what it is.
pub(super) const TYPE_CONFIDENCE: f32 = 0.99;

/// What data says, by the document on the pages that it belongs to.
pub(super) struct Assigned<'t> {
    /// By number of the segment, with the lists of which two pieces of data have different rows.
    by_segment: BTreeMap<usize, Merged>,
    /// Documents that no page shows.
    pub(super) alone: Vec<(&'t DocumentType, Merged)>,
}

impl<'t> Assigned<'t> {
    /// Gives every piece of data of a file to the document it belongs to. One invoice must not become
    /// two because its data lies beside its page.
    ///
    /// A page that was not recognised and shows the number that the data states is of the data's type,
    /// unless a page that was recognised shows it too: a covering letter is no second invoice.
    pub(super) fn of(document: &Document, segments: &mut Vec<Segment>, types: &'t [DocumentType]) -> Self {
        let mut assigned = Self { by_segment: BTreeMap::new(), alone: Vec::new() };
        let told: Vec<(&DocumentType, Vec<Told>)> =
            types.iter().map(|kind| (kind, told(&document.payloads, kind))).collect();
        // Data is given to segments by their numbers, so that they are cut before.
        for (kind, told) in &told {
            told.iter().filter(|one| one.alone).for_each(|one| one.names_its_page(kind, segments));
        }
        for (kind, told) in told {
            assigned.add(kind, told, segments);
        }
        assigned
    }

    /// What data says of a segment.
    pub(super) fn take(&mut self, segment: usize) -> Option<Merged> {
        self.by_segment.remove(&segment)
    }

    fn add(&mut self, kind: &'t DocumentType, told: Vec<Told>, segments: &mut [Segment]) {
        let stated: BTreeSet<String> =
            told.iter().filter(|one| one.alone).filter_map(|one| one.key(kind)).map(str::to_owned).collect();
        for key in &stated {
            let stands = |segment: &Segment| {
                let of_key = told.iter().filter(|one| one.key(kind) == Some(key.as_str()));
                of_key.into_iter().any(|one| segment.slices.iter().any(|slice| one.stands_on(slice)))
            };
            let mut own = segments.iter().filter(|one| one.document_type == kind.id);
            let known = own.any(|one| shows(one, key) || stands(one));
            let mut others = segments.iter_mut().filter(|one| one.document_type == OTHER);
            if let Some(segment) = others.find(|one| !known && shows(one, key)) {
                segment.document_type.clone_from(&kind.id);
                segment.confidence = TYPE_CONFIDENCE;
            }
        }
        let own: Vec<usize> =
            (0..segments.len()).filter(|at| segments[*at].document_type == kind.id).collect();
        let mut left: Vec<Told> = Vec::new();
        let mut served: BTreeSet<usize> = BTreeSet::new();
        for one in told {
            let shows_key = |at: &&usize| one.key(kind).is_some_and(|key| shows(&segments[**at], key));
            // Where documents share the page, the number tells before the place in which it was cut.
            let here = || own.iter().filter(|at| one.is_on_page_of(&segments[**at]));
            let on_page = here()
                .find(shows_key)
                .or_else(|| here().find(|at| segments[**at].slices.iter().any(|slice| one.stands_on(slice))));
            let by_key = || own.iter().find(shows_key);
            let only = || match own.as_slice() {
                // Two pieces of data that state different documents cannot both be the one page.
                [only] if !one.alone || stated.len() < 2 => Some(only),
                _ => None,
            };
            // A code says of the page it stands on, and of no other.
            let elsewhere = || if one.is_code { None } else { by_key().or_else(only) };
            match on_page.or_else(elsewhere) {
                Some(at) => {
                    if one.alone {
                        served.insert(*at);
                    }
                    let merged = self.by_segment.entry(*at).or_default();
                    merged.disbelieved.extend(one.disbelieved);
                    merge(merged, one.record, kind);
                }
                None => left.push(one),
            }
        }
        // What is left over is paired in order where there is as much of either.
        let mut groups: Vec<(Option<String>, Merged)> = Vec::new();
        for one in left.into_iter().filter(|one| one.alone && !one.is_code) {
            let key = one.key(kind).map(str::to_owned);
            match groups.iter_mut().find(|(own, _)| *own == key) {
                Some((_, merged)) => merge(merged, one.record, kind),
                None => groups.push((key, Merged::of(one.record))),
            }
        }
        let unserved: Vec<usize> = own.iter().copied().filter(|at| !served.contains(at)).collect();
        let paired = groups.len() == unserved.len();
        for (at, (_, mut merged)) in groups.into_iter().enumerate() {
            if paired {
                let own = self.by_segment.entry(unserved[at]).or_default();
                own.differing.append(&mut merged.differing);
                merge(own, merged.record, kind);
            } else {
                custom::run(kind, &Segment::default(), &mut merged.record);
                self.alone.push((kind, merged));
            }
        }
        for at in own {
            if let Some(merged) = self.by_segment.get_mut(&at) {
                custom::run(kind, &Segment::default(), &mut merged.record);
            }
        }
    }
}

/// Whether a row of a document shows a text, such as an invoice's number: all of it, and not inside a
/// longer one. White space inside it is wide type, white space beside it parts it from its neighbours.
fn shows(segment: &Segment, text: &str) -> bool {
    let in_row = |row: &Row| {
        let mut dense = String::new();
        // Places in the dense text before which another word begins.
        let mut starts = BTreeSet::from([0]);
        for piece in row.text.split_whitespace() {
            dense.push_str(piece);
            starts.insert(dense.len());
        }
        let parted = |at: usize, beside: Option<char>| {
            starts.contains(&at) || beside.is_none_or(|c| !c.is_ascii_alphanumeric())
        };
        dense.match_indices(text).any(|(from, found)| {
            let to = from + found.len();
            parted(from, dense[..from].chars().next_back()) && parted(to, dense[to..].chars().next())
        })
    };
    !text.is_empty() && segment.slices.iter().flat_map(|slice| &slice.rows).any(in_row)
}

/// What one piece of data says of a document of a type.
struct Told {
    record: Record,
    /// Where the same is printed, where the data says so.
    places: Vec<(u32, Rect)>,
    /// Whether it is a document even where no page shows it.
    alone: bool,
    /// Whether it is a code on a page.
    is_code: bool,
    /// By whom it was read, if its checksum is wrong; nothing is taken from it then.
    disbelieved: Option<&'static str>,
}

impl Told {
    /// Whether a document has a part of the page on which it stands.
    fn is_on_page_of(&self, segment: &Segment) -> bool {
        let has = |page: u32| segment.slices.iter().any(|slice| slice.page == page);
        self.places.iter().any(|(page, _)| has(*page))
    }

    /// Whether a part of a page shows it.
    fn stands_on(&self, slice: &Slice) -> bool {
        self.places.iter().any(|(page, place)| {
            let middle = Rect::new(place.center_x(), place.center_y(), place.center_x(), place.center_y());
            *page == slice.page && slice.bounds.holds(&middle)
        })
    }

    /// A page that was not recognised and on which it stands, such as a code on an unreadable scan, is a
    /// document of its type.
    fn names_its_page(&self, kind: &DocumentType, segments: &mut Vec<Segment>) {
        let here = |segment: &Segment| segment.slices.iter().position(|slice| self.stands_on(slice));
        let Some((at, slice)) = segments.iter().enumerate().find_map(|(at, one)| Some((at, here(one)?)))
        else {
            return;
        };
        if segments[at].document_type != OTHER {
            return;
        }
        let mut rest = segments[at].slices.split_off(slice);
        let behind = rest.split_off(1);
        let other = |slices| Segment { slices, ..segments[at].clone() };
        let (before, behind) = (other(segments[at].slices.clone()), other(behind));
        let own = Segment { document_type: kind.id.clone(), confidence: TYPE_CONFIDENCE, slices: rest };
        let parts = [before, own, behind].into_iter().filter(|part| !part.slices.is_empty());
        segments.splice(at..=at, parts);
    }

    /// What tells it apart from another one of its type.
    fn key(&self, kind: &DocumentType) -> Option<&str> {
        kind.key.as_deref().and_then(|field| self.record.text(field))
    }
}

/// What all data of a file says of documents of a type, the surest first.
fn told(payloads: &[Payload], kind: &DocumentType) -> Vec<Told> {
    let mut found = Vec::new();
    for spec in &kind.payloads {
        for payload in payloads.iter().filter(|payload| payload.kind == spec.kind) {
            let Some(Apart { nodes, holds }) = taken_apart(payload, spec) else { continue };
            let places = nodes.iter().flat_map(|node| node.places.iter().copied()).collect();
            let is_code = spec.pattern.is_some();
            if !holds {
                let disbelieved = Some(spec.by);
                let record = Record::default();
                found.push(Told { record, places, alone: false, is_code, disbelieved });
                continue;
            }
            let record = record(&nodes, spec, kind);
            let told = Told { record, places, alone: spec.alone, is_code, disbelieved: None };
            // Data without the one field that tells documents apart is of another type.
            if kind.key.is_none() || told.key(kind).is_some() || !spec.alone {
                found.push(told);
            }
        }
    }
    found.retain(|told| !told.record.fields.is_empty() || told.disbelieved.is_some());
    found
}

/// The leaves of a piece of data, and whether its checksum is right or it has none.
struct Apart<'p> {
    nodes: Cow<'p, [Node]>,
    holds: bool,
}

/// A text that stands for data is taken apart into the named parts of its family's pattern; `None` where
/// it is of another family.
fn taken_apart<'p>(payload: &'p Payload, spec: &PayloadSpec) -> Option<Apart<'p>> {
    let Some(pattern) = &spec.pattern else {
        return Some(Apart { nodes: Cow::Borrowed(&payload.nodes), holds: true });
    };
    let whole = payload.nodes.first()?;
    let parts = pattern.captures(&whole.text)?;
    let node = |name: &str| {
        let text = parts.name(name)?.as_str();
        let path = format!("{}/{name}", payload.kind);
        (!text.is_empty()).then(|| Node { path, text: text.to_owned(), places: whole.places.clone() })
    };
    let holds = spec.checksum.is_none_or(|checksum| {
        let stated = parts.name("checksum");
        stated.is_some_and(|stated| (checksum.holds)(&whole.text[..stated.start()], stated.as_str()))
    });
    Some(Apart { nodes: pattern.capture_names().flatten().filter_map(node).collect(), holds })
}

fn record(nodes: &[Node], spec: &PayloadSpec, kind: &DocumentType) -> Record {
    // Where a value stands once, its path carries no number on the way.
    let mut by_path: BTreeMap<String, Vec<&Node>> = BTreeMap::new();
    for node in nodes {
        by_path.entry(unnumbered(below(&node.path))).or_default().push(node);
    }
    let mut record = Record::default();
    for (field, paths) in &spec.fields {
        // What no page prints at a known place, such as a remark, is running text.
        let wanted = kind.fields.iter().find(|own| own.name == *field).map_or(&Kind::Text, |own| &own.kind);
        let nodes = paths.iter().find_map(|path| by_path.get(path.as_str()));
        if let Some(fact) = nodes.and_then(|nodes| fact(spec, wanted, nodes)) {
            record.fields.insert(field.clone(), fact);
        }
    }
    for (field, choices) in &spec.choices {
        let choice = choices.iter().find_map(|(path, pattern, value)| {
            let nodes = by_path.get(path.as_str())?;
            let node = nodes.first().filter(|_| nodes.iter().all(|node| node.text == nodes[0].text))?;
            pattern.is_match(&node.text).then(|| known(spec, &[node], Value::Text(value.clone())))
        });
        if let Some(fact) = choice {
            record.fields.insert(field.clone(), fact);
        }
    }
    for (name, list) in &spec.rows {
        let rows = rows(nodes, spec, kind, name, list);
        if !rows.is_empty() {
            record.rows.insert(name.clone(), rows);
        }
    }
    record
}

/// A path without the root it begins with.
fn below(path: &str) -> &str {
    path.split_once('/').map_or("", |(_, rest)| rest)
}

/// A path without the numbers of its steps.
fn unnumbered(path: &str) -> String {
    let steps: Vec<&str> = path.split('/').map(|step| step.split('[').next().unwrap_or(step)).collect();
    steps.join("/")
}

fn fact(spec: &PayloadSpec, kind: &Kind, nodes: &[&Node]) -> Option<Fact> {
    let first = nodes.first()?;
    let several = nodes.iter().any(|node| node.text != first.text);
    let stated = if several { None } else { stated(kind, &first.text) };
    let Some((value, checked)) = stated else {
        // Nobody can tell which of several values is meant, and what does not read as what it should be
        // is no value.
        let raw = nodes.iter().map(|node| node.text.as_str()).collect::<Vec<_>>().join(" ");
        return (several || *kind != Kind::Text).then(|| Fact {
            id: FactId::default(),
            value: None,
            problem: Some(if several { "several-values" } else { "unreadable" }),
            evidence: evidence(nodes, raw, 0.0, Vec::new()),
        });
    };
    let mut fact = known(spec, &[first], value.clone());
    match checked {
        Some(true) => {
            fact.evidence.readings.push(Reading::new("check_digit", Some(value)));
        }
        Some(false) => {
            fact.problem = Some("check-digit-wrong");
            fact.evidence.readings.push(Reading::new("check_digit", None));
        }
        None => {}
    }
    Some(fact)
}

fn known(spec: &PayloadSpec, nodes: &[&Node], value: Value) -> Fact {
    let raw = nodes.iter().map(|node| node.text.as_str()).collect();
    let readings = vec![Reading::new(spec.by, Some(value.clone()))];
    let evidence = evidence(nodes, raw, EXACT, readings);
    Fact { id: FactId::default(), value: Some(value), problem: None, evidence }
}

/// Boxes where the same is printed, then the nodes.
fn evidence(nodes: &[&Node], raw: String, confidence: f32, readings: Vec<Reading>) -> Evidence {
    let boxes = nodes.iter().flat_map(|node| &node.places);
    let boxes = boxes.map(|(page, bounds)| Anchor::Box { page: *page, bounds: *bounds });
    let paths = nodes.iter().map(|node| Anchor::Node { path: node.path.clone() });
    Evidence {
        raw,
        anchors: boxes.chain(paths).collect(),
        method: Method::Payload,
        confidence,
        clear: false,
        accepted: false,
        readings,
    }
}

/// The value that a text states, all of it: data has no neighbours that could run into it.
fn stated(kind: &Kind, text: &str) -> Option<(Value, Option<bool>)> {
    let text: String = text.nfkc().collect();
    let text = text.trim();
    match kind {
        Kind::Text | Kind::Organisation | Kind::Person => {
            let value = kind::tidy(text);
            (!value.is_empty()).then_some((Value::Text(value), None))
        }
        _ => {
            let read = kind::read(kind, text)?;
            // White space behind what was read belongs to what follows.
            let end = read.from + text.get(read.from..read.to)?.trim_end().len();
            let (before, rest) = (text.get(..read.from)?, text.get(end..)?);
            // A date may carry the time of day behind it, an amount its currency on either side.
            let whole = match kind {
                Kind::Date => before.is_empty() && (rest.is_empty() || rest.starts_with([' ', 'T'])),
                Kind::Money => "¥元".contains(before.trim()) && ["", "元"].contains(&rest.trim()),
                Kind::Words => true,
                _ => before.is_empty() && rest.is_empty(),
            };
            whole.then_some((read.value, read.checked))
        }
    }
}

/// The rows of a list, each with the values below its own step.
fn rows(
    nodes: &[Node],
    spec: &PayloadSpec,
    kind: &DocumentType,
    name: &str,
    list: &PayloadRows,
) -> Vec<Record> {
    let Some(columns) = kind.rows.iter().find(|own| own.name == name) else { return Vec::new() };
    let depth = list.each.split('/').count();
    let mut order: Vec<String> = Vec::new();
    let mut found: BTreeMap<String, Vec<&Node>> = BTreeMap::new();
    for node in nodes {
        let steps: Vec<&str> = below(&node.path).split('/').collect();
        let Some(head) = steps.get(..depth).map(|steps| steps.join("/")) else { continue };
        if unnumbered(&head) == list.each {
            if !found.contains_key(&head) {
                order.push(head.clone());
            }
            found.entry(head).or_default().push(node);
        }
    }
    let mut rows = Vec::new();
    for head in order {
        let mut record = Record::default();
        for (column, path) in &list.columns {
            let Some(wanted) = columns.columns.iter().find(|own| own.name == *column) else { continue };
            let inside = |node: &&&Node| {
                below(&node.path).get(head.len() + 1..).map(unnumbered).as_ref() == Some(path)
            };
            let nodes: Vec<&Node> = found.get(&head).into_iter().flatten().filter(inside).copied().collect();
            if let Some(fact) = fact(spec, &wanted.kind, &nodes) {
                record.fields.insert(column.clone(), fact);
            }
        }
        if !record.fields.is_empty() {
            rows.push(record);
        }
    }
    rows
}
