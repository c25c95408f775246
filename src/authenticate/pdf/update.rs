//! What was added to a PDF behind what a signature covers.
//!
//! A second signature and the data to check the first one for years are added that way and change
//! nothing that was signed. Everything else does, or may: what cannot be told counts as a change.

use std::collections::{BTreeMap, BTreeSet};

use lopdf::{Dictionary, Document as Pdf, Object, ObjectId, xref::XrefEntry};

use super::{
    super::Coverage,
    places::{area, load},
    syntax::{self, is_blank},
};

/// Files larger than this are not taken apart to tell what was added.
const LARGEST: usize = 32 << 20;
/// Steps from one state of a file to the next that are looked at.
const MOST_STEPS: usize = 12;
/// A further signature may show itself on so many square points: a stamp, not a page.
const STAMP: f64 = 40_000.0;

/// The states of a file between its signatures, each step between two looked at once.
pub(super) struct Steps<'b> {
    bytes: &'b [u8],
    /// The ends of all signatures that hold.
    signed: Vec<usize>,
    known: BTreeMap<(usize, usize), bool>,
}

impl<'b> Steps<'b> {
    /// A file, and where the signatures that hold end in it.
    pub(super) const fn new(bytes: &'b [u8], signed: Vec<usize>) -> Self {
        Self { bytes, signed, known: BTreeMap::new() }
    }

    /// Says in `coverage` what stands behind the end of a signature.
    pub(super) fn added(&mut self, end: usize, coverage: &mut Coverage) {
        let tail = self.bytes.get(end..).unwrap_or_default();
        if tail.iter().all(|byte| is_blank(*byte)) {
            coverage.whole = true;
            return;
        }
        let mut ends: BTreeSet<usize> = self.signed.iter().copied().filter(|other| *other > end).collect();
        let further = ends.len();
        ends.insert(self.bytes.len());
        let mut from = end;
        let harmless = ends.into_iter().all(|to| {
            let harmless = self.is_harmless(from, to);
            from = to;
            harmless
        });
        let count = tail.len();
        if !harmless {
            coverage.added.say(
                format!("签名后文件又增加了 {count} 字节，内容可能已被改动"),
                format!("{count} bytes were added after signing, which may change what the file shows"),
            );
        } else if further > 0 {
            coverage.notes.say(
                format!("其后只增加了另外 {further} 个签名"),
                format!("only {further} further signature(s) were added afterwards"),
            );
        } else {
            coverage.notes.say(
                "其后只增加了供长期验证用的数据",
                "only data for checking it in later years was added afterwards",
            );
        }
    }

    fn is_harmless(&mut self, from: usize, to: usize) -> bool {
        if self.bytes[from..to].iter().all(|byte| is_blank(*byte)) {
            return true;
        }
        if let Some(known) = self.known.get(&(from, to)) {
            return *known;
        }
        let is_bearable = self.bytes.len() <= LARGEST && self.known.len() < MOST_STEPS;
        let harmless = is_bearable && is_harmless(self.bytes, from, to, &self.signed);
        self.known.insert((from, to), harmless);
        harmless
    }
}

/// Whether one step from a revision to the next adds signatures or data to check them, and no more.
fn is_harmless(bytes: &[u8], from: usize, to: usize, signed: &[usize]) -> bool {
    let appended = syntax::objects(&bytes[from..to]);
    // Where one object is written twice, readers differ in which one they take.
    let mut numbers = BTreeSet::new();
    if appended.is_empty() || !appended.iter().all(|object| numbers.insert(object.number)) {
        return false;
    }
    let (Some(old), Some(new)) = (load(&bytes[..from]), load(&bytes[..to])) else { return false };
    let sound = |pdf: &Pdf| pdf.xref_recovery.is_none();
    let same = |key: &[u8]| old.trailer.get(key).ok() == new.trailer.get(key).ok();
    if !sound(&old) || !sound(&new) || !same(b"Root") || !same(b"Encrypt") {
        return false;
    }
    let step = Step { old: &old, new: &new, signed };
    // What is written there and is not what the file's own table leads to may be shown all the same.
    let is_known = |object: &syntax::Object| {
        let is_table = object.value.get(b"Type").and_then(|kind| kind.text()) == Some(b"XRef");
        let offset = match new.reference_table.get(object.number) {
            Some(XrefEntry::Normal { offset, .. }) => usize::try_from(*offset).ok(),
            _ => None,
        };
        is_table || offset == Some(from + object.start)
    };
    if !appended.iter().all(is_known) {
        return false;
    }
    let validation = step.validation();
    old.objects.iter().all(|(id, before)| match new.objects.get(id) {
        None => is_container(before),
        Some(after) => {
            is_same(before, after) || validation.contains(id) || step.may_change(*id, before, after)
        }
    })
}

/// From one revision to the next.
struct Step<'p> {
    old: &'p Pdf,
    new: &'p Pdf,
    signed: &'p [usize],
}

impl Step<'_> {
    /// The objects that hold data for checking signatures (ISO 32000-2, 12.8.4.3).
    fn validation(&self) -> BTreeSet<ObjectId> {
        let mut found = BTreeSet::new();
        let store = self.old.catalog().ok().and_then(|catalog| catalog.get(b"DSS").ok());
        let mut open: Vec<&Object> = store.into_iter().collect();
        while let Some(object) = open.pop() {
            match object {
                Object::Reference(id) if found.insert(*id) => open.extend(self.old.get_object(*id).ok()),
                Object::Array(values) => open.extend(values),
                Object::Dictionary(dictionary) => open.extend(dictionary.iter().map(|(_, value)| value)),
                _ => {}
            }
        }
        found
    }

    fn may_change(&self, id: ObjectId, before: &Object, after: &Object) -> bool {
        let root = self.old.trailer.get(b"Root").and_then(Object::as_reference).ok();
        let information = self.old.trailer.get(b"Info").and_then(Object::as_reference).ok();
        if is_container(before) || information == Some(id) {
            return true;
        }
        match (before, after) {
            (Object::Dictionary(before), Object::Dictionary(after)) if root == Some(id) => {
                self.catalog(before, after)
            }
            (Object::Dictionary(before), Object::Dictionary(after)) => {
                let form = self.old.catalog().ok().and_then(|one| one.get(b"AcroForm").ok());
                if form.and_then(|one| one.as_reference().ok()) == Some(id) {
                    self.form(before, after)
                } else if before.has_type(b"Page") {
                    only(before, after, &[b"Annots"])
                        && self.grown(before.get(b"Annots").ok(), after.get(b"Annots").ok())
                } else {
                    self.is_filled(before, after)
                }
            }
            (Object::Array(_), Object::Array(_)) => self.grown(Some(before), Some(after)),
            (Object::Stream(before), Object::Stream(_)) => before.dict.has_type(b"Metadata"),
            _ => false,
        }
    }

    fn catalog(&self, before: &Dictionary, after: &Dictionary) -> bool {
        if !only(before, after, &[b"AcroForm", b"DSS", b"Extensions", b"Metadata"]) {
            return false;
        }
        let of = |pdf: &Pdf, one: &Dictionary| -> Dictionary {
            let form = one.get(b"AcroForm").ok().and_then(|form| pdf.dereference(form).ok());
            form.and_then(|(_, form)| form.as_dict().ok().cloned()).unwrap_or_default()
        };
        self.form(&of(self.old, before), &of(self.new, after))
    }

    fn form(&self, before: &Dictionary, after: &Dictionary) -> bool {
        // Resources that were not there before change no field that was.
        let resources = before.get(b"DR").is_err() || before.get(b"DR").ok() == after.get(b"DR").ok();
        let appearance = before.get(b"DA").is_err() || before.get(b"DA").ok() == after.get(b"DA").ok();
        resources
            && appearance
            && only(before, after, &[b"Fields", b"SigFlags", b"DR", b"DA"])
            && self.grown(before.get(b"Fields").ok(), after.get(b"Fields").ok())
    }

    /// Whether a list of fields or annotations holds what it held, and fields of signatures besides.
    fn grown(&self, before: Option<&Object>, after: Option<&Object>) -> bool {
        let list = |pdf: &Pdf, one: Option<&Object>| -> Option<Vec<Object>> {
            let Some(one) = one else { return Some(Vec::new()) };
            pdf.dereference(one).ok()?.1.as_array().ok().cloned()
        };
        let (Some(before), Some(after)) = (list(self.old, before), list(self.new, after)) else {
            return false;
        };
        after.starts_with(&before) && after[before.len()..].iter().all(|one| self.is_signature(one))
    }

    /// Whether something new is a field of a signature that holds.
    fn is_signature(&self, field: &Object) -> bool {
        let Ok(Object::Dictionary(field)) = self.new.dereference(field).map(|(_, field)| field) else {
            return false;
        };
        field.get(b"FT").and_then(Object::as_name).ok() == Some(b"Sig")
            && field.get(b"Kids").is_err()
            && area(self.new, field) <= STAMP
            && self.is_signed(field)
    }

    fn is_signed(&self, field: &Dictionary) -> bool {
        let value = field.get(b"V").ok().and_then(|value| self.new.dereference(value).ok());
        let range = value
            .and_then(|(_, value)| value.as_dict().ok()?.get(b"ByteRange").ok())
            .and_then(|range| range.as_array().ok());
        let numbers: Vec<i64> = range.into_iter().flatten().filter_map(|one| one.as_i64().ok()).collect();
        let [_, _, after, rest] = numbers.as_slice() else { return false };
        let end = after.checked_add(*rest).and_then(|end| usize::try_from(end).ok());
        end.is_some_and(|end| self.signed.contains(&end))
    }

    /// Whether an empty field of a signature was filled.
    fn is_filled(&self, before: &Dictionary, after: &Dictionary) -> bool {
        before.get(b"FT").and_then(Object::as_name).ok() == Some(b"Sig")
            && before.get(b"V").is_err()
            && only(before, after, &[b"V", b"AP", b"M", b"F", b"MK", b"AS"])
            && area(self.new, after) <= STAMP
            && self.is_signed(after)
    }
}

/// Whether two dictionaries differ in these values only.
fn only(before: &Dictionary, after: &Dictionary, free: &[&[u8]]) -> bool {
    let kept = |one: &Dictionary| -> BTreeMap<Vec<u8>, Object> {
        let kept = one.iter().filter(|(key, _)| !free.contains(&key.as_slice()));
        kept.map(|(key, value)| (key.clone(), value.clone())).collect()
    };
    kept(before) == kept(after)
}

/// Where a stream stands is no part of what it is.
fn is_same(before: &Object, after: &Object) -> bool {
    match (before, after) {
        (Object::Stream(before), Object::Stream(after)) => {
            before.dict == after.dict && before.content == after.content
        }
        _ => before == after,
    }
}

/// Streams that hold objects or the table of them; every revision has its own.
fn is_container(object: &Object) -> bool {
    match object {
        Object::Stream(stream) => stream.dict.has_type(b"XRef") || stream.dict.has_type(b"ObjStm"),
        _ => false,
    }
}
