//! The same document in several applications: who uses what, who else does, and how rules see it.
//!
//! What several applications have in common is handed to the examination of each as an input, like its
//! files, so that it too is the same twice.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
};

use crate::{
    model::{document::Format, look::Look, reuse::Use, value::Value},
    rulebook::Pack,
};

use super::{
    Facts,
    index::Index,
    named::{self, Named, PICTURE, last, plain},
    names::folded,
    values::{Cell, Kind, Node},
};

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
    let one = |named: Named| {
        let (page, look) = named.look.unzip();
        let mut facts = named.shows;
        facts.extend(look.map(|look| (LOOK.to_owned(), look.text())));
        Use { key: named.key, page, facts, ..itself.clone() }
    };
    let own = named::declaration(facts.declaration, pack).into_iter().map(one);
    let papers = facts.papers.iter().flat_map(|paper| {
        named::paper(paper, pack).into_iter().map(|named| {
            let found = one(named);
            Use { file: Some(plain(&paper.file)), page: found.page.or(Some(paper.pages.0)), ..found }
        })
    });
    [itself.clone()].into_iter().chain(own).chain(papers).collect()
}

/// Under what a use says what its page looks like.
const LOOK: &str = "look";

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
        let mut mine: BTreeMap<&str, Vec<&Use>> = BTreeMap::new();
        for one in own {
            mine.entry(&one.key).or_default().push(one);
        }
        let mut found: Vec<Use> = Vec::new();
        // Pictures share several of their parts, and are named once.
        let mut pictures: BTreeSet<(&str, &Option<String>, Option<u32>)> = BTreeSet::new();
        for (key, mine) in mine {
            let Some(of_key) = of_key.get(key) else { continue };
            let itself = |other: &Use| own.first().is_some_and(|one| one.is_of_one_application(other));
            let like = |other: &Use| mine.iter().any(|one| may_be_one(one, other));
            let others = of_key.iter().filter(|other| !itself(other) && like(other));
            let mut others: Vec<&Use> = others.copied().collect();
            others.retain(|one| {
                !one.facts.contains_key(LOOK) || pictures.insert((&one.application, &one.file, one.page))
            });
            // Where another uses the same twice, once is enough to say; a copy that says something else
            // is not the same.
            others.dedup_by(|a, b| a.is_of_one_application(b) && a.facts == b.facts);
            found.extend(others.into_iter().take(MOST).cloned());
        }
        found
    };
    batch.iter().map(others).collect()
}

/// Whether two uses of one key are of one thing: of pictures a part that is the same is not enough.
fn may_be_one(one: &Use, other: &Use) -> bool {
    match (look(one), look(other)) {
        (Some(one), Some(other)) => one.is_like(&other),
        _ => true,
    }
}

fn look(one: &Use) -> Option<Look> {
    Look::parsed(one.facts.get(LOOK)?)
}

/// Documents that others use too, by what they have in common (`kind`), once for each other: the document's
/// own record with one more group, `other`, that tells where.
pub(super) fn shared(index: &Index, kind: &str) -> Vec<Arc<Node>> {
    let declared = index.shared.declared.iter().map(|named| (&index.declaration, named));
    let papers = index.papers.iter().zip(&index.shared.papers);
    let papers = papers.flat_map(|((_, node), named)| named.iter().map(move |named| (node, named)));
    let mut found = Vec::new();
    for (node, named) in declared.chain(papers).filter(|(_, named)| named.kind == kind) {
        let same = index.shared.elsewhere.iter().filter(|other| {
            let picture = || named.look.as_ref().zip(look(other)).is_some_and(|((_, a), b)| a.is_like(&b));
            other.key == named.key && (kind != PICTURE || picture())
        });
        for other in same {
            let drawn = named.look.as_ref().is_some_and(|(_, look)| look.drawn);
            let seen = Seen { name: &other.name(), place: &written(other), facts: &other.facts, drawn };
            let mut group = record(index, node, named, &seen);
            let text =
                |value: &String| Cell { value: Some(Value::Text(value.clone())), at: None, problem: None };
            group.fields.insert("application".to_owned(), text(&other.application));
            let same_call = Value::Bool(other.call == index.shared.call);
            group
                .fields
                .insert("same_call".to_owned(), Cell { value: Some(same_call), at: None, problem: None });
            let applicant = [("applicant", &other.applicant_name), ("uscc", &other.applicant_uscc)];
            for (name, value) in
                applicant.into_iter().filter_map(|(name, value)| Some((name, value.as_ref()?)))
            {
                group.fields.insert(name.to_owned(), text(value));
            }
            found.push(with_other(node, group));
        }
    }
    found
}

/// Papers of one type in the case of which pages look the same, though they are not the same file: the one
/// with the other as its group `other`, like those of [`shared`].
pub(super) fn alike(index: &Index) -> Vec<Arc<Node>> {
    let pages: Vec<(usize, &Named, &Look)> = index
        .shared
        .looks
        .iter()
        .enumerate()
        .flat_map(|(at, paper)| {
            paper.iter().filter_map(move |named| Some((at, named, &named.look.as_ref()?.1)))
        })
        .collect();
    let mut found = Vec::new();
    let mut done = BTreeSet::new();
    for (place, (at, named, look)) in pages.iter().enumerate() {
        for (other_at, other, other_look) in pages.iter().take(place) {
            let ((kind, node), (other_kind, _)) = (&index.papers[*at], &index.papers[*other_at]);
            let one_file = index.shared.files[*at].0 == index.shared.files[*other_at].0;
            let pair = kind == other_kind && !one_file && look.is_like(other_look);
            if pair && done.insert((*at, *other_at)) {
                let page = other.look.as_ref().map_or(1, |(page, _)| *page);
                let place = format!("{} · p. {page}", index.shared.files[*other_at].1);
                let name = index.shared.files[*other_at].1.as_str();
                let seen = Seen { name, place: &place, facts: &other.shows, drawn: look.drawn };
                found.push(with_other(node, record(index, node, named, &seen)));
            }
        }
    }
    found
}

/// Papers that stand in the case once more, by what names them: each with the first one as its group `other`, like
/// those of [`shared`].
pub(super) fn repeated(index: &Index) -> Vec<Arc<Node>> {
    let mut first: BTreeMap<&str, (usize, &Named)> = BTreeMap::new();
    let mut found = Vec::new();
    for (at, ((kind, node), named)) in index.papers.iter().zip(&index.shared.papers).enumerate() {
        let Some(own) = named.iter().find(|one| one.kind == *kind) else { continue };
        let Some((known, other_named)) = first.get(own.key.as_str()) else {
            first.insert(&own.key, (at, own));
            continue;
        };
        let name = own.key.split('\t').skip(1).collect::<Vec<_>>().join(" ");
        let seen = Seen {
            name: &name,
            place: &index.shared.files[*known].1,
            facts: &other_named.shows,
            drawn: false,
        };
        let mut other = record(index, node, own, &seen);
        // The first stands in this case, too, and is cited as well.
        let (_, node_of_first) = &index.papers[*known];
        let own_place = other.fields.get_mut("place");
        own_place.into_iter().for_each(|cell| cell.at = naming(node_of_first, other_named));
        let twin = Value::Bool(index.shared.are_twins(at, *known));
        other.fields.insert("twin".to_owned(), Cell { value: Some(twin), at: None, problem: None });
        found.push(with_other(node, other));
    }
    found
}

fn with_other(node: &Arc<Node>, other: Node) -> Arc<Node> {
    let groups = node.groups.clone().into_iter().chain([("other".to_owned(), Arc::new(other))]).collect();
    Arc::new(Node { groups, ..Node::clone(node) })
}

/// What is known of another use.
struct Seen<'a> {
    name: &'a str,
    place: &'a str,
    facts: &'a BTreeMap<String, String>,
    drawn: bool,
}

/// The fact that names a document, else any of its own.
fn naming(own: &Node, named: &Named) -> Option<usize> {
    let by = named.by.iter().find_map(|path| place(own, path));
    by.or_else(|| own.fields.values().find_map(|cell| cell.at))
}

/// What rules may know of another use. What names the document leads to where it stands in this one.
fn record(index: &Index, own: &Node, named: &Named, other: &Seen<'_>) -> Node {
    let at = |path: &str| place(own, path);
    let differing: Vec<&str> = named
        .shows
        .iter()
        .filter(|(field, value)| {
            other.facts.get(*field).is_some_and(|theirs| folded(theirs) != folded(value))
        })
        .map(|(field, _)| field.as_str())
        .collect();
    let compared = named.shows.keys().filter(|field| other.facts.contains_key(*field)).count();
    let few = !differing.is_empty() && 2 * differing.len() <= compared;
    let cell = |value: Value, at: Option<usize>| Cell { value: Some(value), at, problem: None };
    let text = |value: &str, at: Option<usize>| cell(Value::Text(value.to_owned()), at);
    let cited = naming(own, named);
    let mut fields = BTreeMap::from([
        ("name".to_owned(), text(other.name, cited)),
        ("place".to_owned(), text(other.place, None)),
        // Who makes one paper into another changes little of it.
        ("few".to_owned(), cell(Value::Bool(few), None)),
        ("drawn".to_owned(), cell(Value::Bool(other.drawn), None)),
        // What differs is shown where it stands in this document.
        (
            "differing".to_owned(),
            text(
                &differing.join(" "),
                named.fields.iter().find(|path| differing.contains(&last(path))).and_then(|path| at(path)),
            ),
        ),
    ]);
    for path in &named.fields {
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

/// What an index keeps of a case to hold it against others: what names each document, and what it shows.
#[derive(Debug, Default)]
pub(super) struct Shared {
    call: String,
    elsewhere: Vec<Use>,
    declared: Vec<Named>,
    papers: Vec<Vec<Named>>,
    /// Each paper's pages that are pictures, once each.
    looks: Vec<Vec<Named>>,
    /// The hash, the name and the format of each paper's file.
    files: Vec<(String, String, Format)>,
}

impl Shared {
    /// Whether two papers lie in files of different formats in which electronic originals are issued, so that one
    /// original may have been handed in as both.
    pub(super) fn are_twins(&self, one: usize, other: usize) -> bool {
        let format = |at: usize| self.files.get(at).map(|file| file.2);
        let is_issued = |at: usize| matches!(format(at), Some(Format::Pdf | Format::Ofd | Format::Xml));
        is_issued(one) && is_issued(other) && format(one) != format(other)
    }

    pub(super) fn of(facts: &Facts<'_>, pack: &Pack) -> Self {
        let papers: Vec<Vec<Named>> = facts.papers.iter().map(|paper| named::paper(paper, pack)).collect();
        let pictures = |named: &Vec<Named>| -> Vec<Named> {
            let mut pages: Vec<Named> = named.iter().filter(|one| one.kind == PICTURE).cloned().collect();
            pages.dedup_by_key(|one| one.look.as_ref().map(|(page, _)| *page));
            pages
        };
        let looks = papers.iter().map(pictures).collect();
        let files = facts
            .papers
            .iter()
            .map(|paper| (paper.document.0.clone(), paper.file.clone(), paper.format))
            .collect();
        Self {
            call: pack.id.clone(),
            elsewhere: facts.elsewhere.to_vec(),
            declared: named::declaration(facts.declaration, pack),
            papers,
            looks,
            files,
        }
    }
}
