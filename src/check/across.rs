//! The same document in several applications: who uses what, who else does, and how rules see it.
//!
//! A pack says what names a document (`[[identity]]`). What several applications have in common is
//! handed to the examination of each as an input, like its files, so that it too is the same twice.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
};

use crate::{
    model::{
        fact::{Fact, Record},
        paper::Paper,
        reuse::Use,
        value::Value,
    },
    rulebook::{Identity, Pack},
};

use super::{
    Facts, doubt,
    index::Index,
    names::folded,
    values::{Cell, Kind, Node},
};

/// The kind under which declarations are held against each other.
const DECLARATION: &str = "declaration";

/// Longer values name nothing: what databases take as a key has a bound.
const LONGEST: usize = 200;
/// Of more applications that use one document one needs to know no more.
const MOST: usize = 20;

/// What an application uses that another might, too; the first is the application itself.
#[must_use]
pub fn uses(facts: &Facts<'_>, pack: &Pack, folder: &str) -> Vec<Use> {
    let declared = |field: &str| {
        let applicant = facts.declaration.groups.get("applicant");
        let value = plain(applicant?.text(field)?);
        (!value.is_empty()).then_some(value)
    };
    let id = facts.declaration.text("case_id").map(plain).filter(|id| !id.is_empty());
    let category = facts.category.unwrap_or("?");
    let itself = Use {
        call: pack.id.clone(),
        application: id.unwrap_or_else(|| plain(&format!("{folder} [{category}]"))),
        applicant_name: declared("name"),
        applicant_uscc: declared("uscc").map(|code| folded(&code)).filter(|code| !code.is_empty()),
        ..Use::default()
    };
    let one =
        |kind: &str, record: &Record, key| Use { key, facts: shown(pack, kind, record), ..itself.clone() };
    let own = declared_key(facts.declaration, pack).map(|key| one(DECLARATION, facts.declaration, key));
    let papers = facts.papers.iter().filter_map(|paper| {
        let found = one(&paper.document_type, &paper.record, paper_key(paper, pack)?);
        Some(Use { file: Some(plain(&paper.file)), page: Some(paper.pages.0), ..found })
    });
    [itself.clone()].into_iter().chain(own).chain(papers).collect()
}

/// For each of several applications, what others use of what it uses: the others of the batch, and
/// earlier ones. One application under several versions has nothing in common with itself. Of more than
/// twenty others that use one document the first twenty are named.
#[must_use]
pub fn compare(batch: &[Vec<Use>], earlier: &[Use]) -> Vec<Vec<Use>> {
    let mut of_key: BTreeMap<&str, BTreeSet<&Use>> = BTreeMap::new();
    for one in batch.iter().flatten().chain(earlier).filter(|one| !one.key.is_empty()) {
        of_key.entry(&one.key).or_default().insert(one);
    }
    let others = |own: &Vec<Use>| {
        let keys: BTreeSet<&str> = own.iter().map(|mine| mine.key.as_str()).collect();
        let mut found: Vec<Use> = Vec::new();
        for of_key in keys.into_iter().filter_map(|key| of_key.get(key)) {
            let itself = |other: &Use| own.first().is_some_and(|mine| mine.is_of_one_application(other));
            let others = of_key.iter().filter(|other| !itself(other));
            // Where another uses the same twice, once is enough to say; a copy that says something else
            // is not the same.
            let mut others: Vec<&Use> = others.copied().collect();
            others.dedup_by(|a, b| a.is_of_one_application(b) && a.facts == b.facts);
            found.extend(others.into_iter().take(MOST).cloned());
        }
        found
    };
    batch.iter().map(others).collect()
}

/// A text as it can be kept anywhere: without control characters, and not endless.
fn plain(text: &str) -> String {
    text.trim().chars().map(|c| if c.is_control() { '\u{fffd}' } else { c }).take(LONGEST).collect()
}

/// What a document is the same by: the first identity of its type whose values were all read, else the
/// bytes of its file and its pages in it. `None` for types that are not held against each other.
fn paper_key(paper: &Paper, pack: &Pack) -> Option<String> {
    let mut own = identities(pack, &paper.document_type).peekable();
    own.peek()?;
    let named = own.find_map(|identity| key(identity, &paper.record));
    let (first, last) = paper.pages;
    Some(
        named.unwrap_or_else(|| {
            format!("{}\tsha256:{}\tp.{first}-{last}", paper.document_type, paper.document.0)
        }),
    )
}

fn declared_key(declaration: &Record, pack: &Pack) -> Option<String> {
    identities(pack, DECLARATION).find_map(|identity| key(identity, declaration))
}

fn identities<'a>(pack: &'a Pack, of: &str) -> impl Iterator<Item = &'a Identity> {
    pack.identities.iter().filter(move |identity| identity.of == of)
}

fn key(identity: &Identity, record: &Record) -> Option<String> {
    let mut key = identity.of.clone();
    for field in &identity.by {
        let value = folded(&value(record, field)?.wire());
        let length = value.chars().count();
        let fits = identity.length.is_none_or(|wanted| length == wanted);
        if value.is_empty() || length > LONGEST || value.contains(char::is_control) || !fits {
            return None;
        }
        key = format!("{key}\t{value}");
    }
    Some(key)
}

/// A fact by its path, groups before dots.
fn fact<'a>(record: &'a Record, path: &str) -> Option<&'a Fact> {
    match path.split_once('.') {
        Some((group, rest)) => fact(record.groups.get(group)?, rest),
        None => record.fields.get(path),
    }
}

fn value<'a>(record: &'a Record, path: &str) -> Option<&'a Value> {
    fact(record, path)?.value.as_ref()
}

/// What a document of a kind shows besides its name, as far as it was read surely.
fn shown(pack: &Pack, kind: &str, record: &Record) -> BTreeMap<String, String> {
    let sure = |fact: &&Fact| !doubt::is_weak(fact) && !doubt::is_disputed(fact);
    let fields = identities(pack, kind).flat_map(|identity| &identity.shows);
    let facts = fields.filter_map(|path| {
        let value = fact(record, path).filter(sure)?.value.as_ref()?;
        Some((last(path).to_owned(), plain(&value.wire())))
    });
    facts.collect()
}

/// The last name of a path.
fn last(path: &str) -> &str {
    path.rsplit('.').next().unwrap_or(path)
}

/// Documents of a kind that others use too, once for each other: the document's own record with one
/// more group, `other`, that tells where.
pub(super) fn shared(index: &Index, kind: &str) -> Vec<Arc<Node>> {
    let own: Vec<(&Arc<Node>, &str, &BTreeMap<String, String>)> = if kind == DECLARATION {
        let key = index.shared.declared.as_ref();
        key.map(|(key, shown)| (&index.declaration, key.as_str(), shown)).into_iter().collect()
    } else {
        let all = index.papers.iter().zip(&index.shared.papers);
        all.filter(|((is, _), _)| is == kind)
            .filter_map(|((_, node), key)| key.as_ref().map(|(key, shown)| (node, key.as_str(), shown)))
            .collect()
    };
    let mut found = Vec::new();
    for (node, key, shown) in own {
        for other in index.shared.elsewhere.iter().filter(|one| one.key == key) {
            let group = Arc::new(record(index, node, (kind, shown), other));
            let groups = node.groups.clone().into_iter().chain([("other".to_owned(), group)]).collect();
            found.push(Arc::new(Node { groups, ..Node::clone(node) }));
        }
    }
    found
}

/// What rules may know of another use. What names the document leads to where it stands in this one.
fn record(index: &Index, own: &Node, (kind, shown): (&str, &BTreeMap<String, String>), other: &Use) -> Node {
    let at = |path: &str| place(own, path);
    let identities = || index.shared.identities.iter().filter(|identity| identity.of == kind);
    let named = place_of_name(index, kind, own);
    let differing: Vec<&str> = shown
        .iter()
        .filter(|(field, value)| {
            other.facts.get(*field).is_some_and(|theirs| folded(theirs) != folded(value))
        })
        .map(|(field, _)| field.as_str())
        .collect();
    let cell = |value: Value, at: Option<usize>| Cell { value: Some(value), at, problem: None };
    let text = |value: &str, at: Option<usize>| cell(Value::Text(value.to_owned()), at);
    let mut fields = BTreeMap::from([
        ("name".to_owned(), text(&other.name(), named)),
        ("same_call".to_owned(), cell(Value::Bool(other.call == index.shared.call), None)),
        ("application".to_owned(), text(&other.application, None)),
        ("place".to_owned(), text(&written(other), None)),
        ("differing".to_owned(), text(&differing.join(" "), None)),
    ]);
    let applicant = [("applicant", &other.applicant_name), ("uscc", &other.applicant_uscc)];
    for (name, value) in applicant.into_iter().filter_map(|(name, value)| Some((name, value.as_ref()?))) {
        fields.insert(name.to_owned(), text(value, None));
    }
    for path in identities().flat_map(|identity| &identity.shows) {
        if let Some(value) = other.facts.get(last(path)) {
            fields.insert(last(path).to_owned(), text(value, at(path)));
        }
    }
    Node {
        path: format!("{}.other", own.path),
        kind: Kind::Own,
        fields,
        groups: BTreeMap::new(),
        rows: BTreeMap::new(),
        trace: Arc::clone(&index.trace),
    }
}

/// Where what names a document stands among the sources of the case, or anything else of the document.
pub(super) fn place_of_name(index: &Index, kind: &str, own: &Node) -> Option<usize> {
    let identities = index.shared.identities.iter().filter(|identity| identity.of == kind);
    let mut named = identities.flat_map(|identity| &identity.by).filter_map(|path| place(own, path));
    named.next().or_else(|| own.fields.values().find_map(|cell| cell.at))
}

/// The values in a key, which name a document.
pub(super) fn name(key: &str) -> String {
    Use { key: key.to_owned(), ..Use::default() }.name()
}

/// Where a fact stands among the sources of the case.
fn place(node: &Node, path: &str) -> Option<usize> {
    match path.split_once('.') {
        Some((group, rest)) => place(node.groups.get(group)?, rest),
        None => node.fields.get(path)?.at,
    }
}

/// Where another use is, for a reviewer who looks for it.
fn written(other: &Use) -> String {
    let page = other.page.map(|page| format!("p. {page}"));
    let parts = [Some(other.application.clone()), other.applicant_name.clone(), other.file.clone(), page];
    parts.into_iter().flatten().collect::<Vec<_>>().join(" · ")
}

/// What an index keeps of a case to hold it against others: the key of each document and what it shows.
#[derive(Debug, Default)]
pub(super) struct Shared {
    call: String,
    elsewhere: Vec<Use>,
    identities: Vec<Identity>,
    declared: Option<Keyed>,
    pub(super) papers: Vec<Option<Keyed>>,
}

type Keyed = (String, BTreeMap<String, String>);

impl Shared {
    pub(super) fn of(facts: &Facts<'_>, pack: &Pack) -> Self {
        let paper =
            |paper: &Paper| Some((paper_key(paper, pack)?, shown(pack, &paper.document_type, &paper.record)));
        let declared = declared_key(facts.declaration, pack);
        Self {
            call: pack.id.clone(),
            elsewhere: facts.elsewhere.to_vec(),
            identities: pack.identities.clone(),
            declared: declared.map(|key| (key, shown(pack, DECLARATION, facts.declaration))),
            papers: facts.papers.iter().map(paper).collect(),
        }
    }
}
