//! What names documents and declarations beyond their own case: what a pack says (`[[identity]]`), their
//! bytes, and for some types what their pages look like and say.

use std::collections::BTreeMap;

use sha2::{Digest, Sha256};

use crate::{
    model::{
        fact::{Fact, Record},
        look::Look,
        paper::Paper,
        value::Value,
    },
    rulebook::{Identity, Pack, packs::LIKENESSES},
};

use super::{doubt, names::folded};

/// The kind under which declarations are held against each other.
pub(super) const DECLARATION: &str = "declaration";
/// The kinds under which documents of whatever type are held against each other by what they are like.
pub(super) const PICTURE: &str = LIKENESSES[0];
pub(super) const WORDING: &str = LIKENESSES[1];
pub(super) const SCHEDULE: &str = LIKENESSES[2];

/// Longer values name nothing: what databases take as a key has a bound.
pub(super) const LONGEST: usize = 200;
/// Fewer lines of a schedule may be the same by chance.
const LINES: usize = 5;

/// One thing that a document or declaration may have in common with others.
#[derive(Clone, Debug)]
pub(super) struct Named {
    /// Under what rules ask for it.
    pub(super) kind: String,
    /// What it is the same by.
    pub(super) key: String,
    /// The fields that name it.
    pub(super) by: Vec<String>,
    /// The fields that tell a copy from another, groups before dots.
    pub(super) fields: Vec<String>,
    /// What of these was read surely, by their last names.
    pub(super) shows: BTreeMap<String, String>,
    /// The page, where it is the picture of one, and what it looks like.
    pub(super) look: Option<(u32, Look)>,
}

/// A text as it can be kept anywhere: without control characters, and not endless.
pub(super) fn plain(text: &str) -> String {
    text.trim().chars().map(|c| if c.is_control() { '\u{fffd}' } else { c }).take(LONGEST).collect()
}

/// What names a declaration.
pub(super) fn declaration(record: &Record, pack: &Pack) -> Vec<Named> {
    by_identities(DECLARATION, record, pack)
}

/// What names a document: for each kind of its type's identities the first of which all values were read,
/// for the type itself else the bytes of its file and its pages in it; and what it is like.
pub(super) fn paper(paper: &Paper, pack: &Pack) -> Vec<Named> {
    let of = paper.document_type.as_str();
    let mut named = by_identities(of, &paper.record, pack);
    if named.iter().all(|one| one.kind != of) && identities(pack, of, of).next().is_some() {
        let (first, last) = paper.pages;
        let key = format!("{of}\tsha256:{}\tp.{first}-{last}", paper.document.0);
        named.push(by_identity(of, of, key, &paper.record, pack));
    }
    named.extend(alike(paper, pack));
    named
}

fn identities<'a>(pack: &'a Pack, of: &'a str, kind: &'a str) -> impl Iterator<Item = &'a Identity> {
    pack.identities.iter().filter(move |identity| identity.of == of && identity.kind == kind)
}

fn by_identities(of: &str, record: &Record, pack: &Pack) -> Vec<Named> {
    let mut named: Vec<Named> = Vec::new();
    for identity in pack.identities.iter().filter(|identity| identity.of == of && !identity.alike) {
        if named.iter().all(|one| one.kind != identity.kind)
            && let Some(key) = key(identity, record)
        {
            named.push(by_identity(of, &identity.kind, key, record, pack));
        }
    }
    named
}

fn by_identity(of: &str, kind: &str, key: String, record: &Record, pack: &Pack) -> Named {
    let all = || identities(pack, of, kind);
    let gathered =
        |fields: fn(&Identity) -> &[String]| -> Vec<String> { all().flat_map(fields).cloned().collect() };
    let fields = gathered(|identity| &identity.shows);
    let shows = shown(&fields, record);
    Named { kind: kind.to_owned(), key, by: gathered(|identity| &identity.by), fields, shows, look: None }
}

/// What a document is like, for the types of which the pack says that it names them.
fn alike(paper: &Paper, pack: &Pack) -> Vec<Named> {
    let mut identities = pack.identities.iter();
    let Some(fields) =
        identities.find(|one| one.of == paper.document_type && one.alike).map(|one| &one.shows)
    else {
        return Vec::new();
    };
    let shows = shown(fields, &paper.record);
    let one = |kind: &str, what: &str| Named {
        kind: kind.to_owned(),
        key: format!("{kind}\t{}\t{what}", paper.document_type),
        by: fields.clone(),
        fields: fields.clone(),
        shows: shows.clone(),
        look: None,
    };
    let looks = paper.content.looks.iter().flat_map(|(page, look)| {
        let band = move |band: String| Named { look: Some((*page, look.clone())), ..one(PICTURE, &band) };
        look.bands().into_iter().map(band).collect::<Vec<_>>()
    });
    let wording = paper.content.wording.iter().map(|hash| one(WORDING, hash));
    let schedule = schedule(&paper.record);
    looks.chain(wording).chain(schedule.iter().map(|hash| one(SCHEDULE, hash))).collect()
}

/// The hash of a schedule's lines by number, day and amount; `None` where there are few, or one of the
/// amounts was not read.
fn schedule(record: &Record) -> Option<String> {
    let lines = record.rows.get("items").filter(|lines| lines.len() >= LINES)?;
    let mut all = String::new();
    for line in lines {
        let wire = |field: &str| line.fields.get(field).and_then(|fact| fact.value.as_ref()).map(Value::wire);
        let amount = wire("net").or_else(|| wire("gross"))?;
        let (number, day) = (wire("invoice_number"), wire("invoiced_on"));
        all += &format!("{}\t{}\t{amount}\n", number.unwrap_or_default(), day.unwrap_or_default());
    }
    Some(Sha256::digest(all.as_bytes()).iter().map(|byte| format!("{byte:02x}")).collect())
}

fn key(identity: &Identity, record: &Record) -> Option<String> {
    let mut key = identity.kind.clone();
    for field in &identity.by {
        let value = folded(&fact(record, field)?.value.as_ref()?.wire());
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

/// What a document shows besides its name, as far as it was read surely.
pub(super) fn shown(fields: &[String], record: &Record) -> BTreeMap<String, String> {
    let sure = |fact: &&Fact| !doubt::is_weak(fact) && !doubt::is_disputed(fact);
    let facts = fields.iter().filter_map(|path| {
        let value = fact(record, path).filter(sure)?.value.as_ref()?;
        Some((last(path).to_owned(), plain(&value.wire())))
    });
    facts.collect()
}

/// The last name of a path.
pub(super) fn last(path: &str) -> &str {
    path.rsplit('.').next().unwrap_or(path)
}
