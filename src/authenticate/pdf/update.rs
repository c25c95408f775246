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

/// All that a further signature shows of itself takes no more square points: a stamp, not a page.
const STAMP: f64 = 40_000.0;

/// What a step from one state of a file to the next does to what was signed.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Effect {
    /// Nothing.
    None,
    /// It cannot be told: there is more than may be compared.
    Untold,
    /// It changes it, or may.
    Change,
}

/// The states of a file between its signatures, each step between two looked at once.
pub(super) struct Steps<'b> {
    bytes: &'b [u8],
    /// The ends of all signatures that hold.
    signed: Vec<usize>,
    known: BTreeMap<(usize, usize), Effect>,
    /// Bytes that may still be compared; none once there was too much.
    left: Option<u64>,
}

impl<'b> Steps<'b> {
    /// A file, where the signatures that hold end in it, and how many bytes of its states are compared.
    pub(super) const fn new(bytes: &'b [u8], signed: Vec<usize>, most: u64) -> Self {
        Self { bytes, signed, known: BTreeMap::new(), left: Some(most) }
    }

    /// Whether there was more than is compared.
    pub(super) const fn is_spent(&self) -> bool {
        self.left.is_none()
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
        let (mut from, mut worst) = (end, Effect::None);
        for to in ends {
            worst = worst.max(self.effect(from, to));
            from = to;
        }
        let count = tail.len();
        match worst {
            Effect::Change => coverage.added.say(
                format!("签名后文件又增加了 {count} 字节，内容可能已被改动"),
                format!("{count} bytes were added after signing, which may change what the file shows"),
            ),
            Effect::Untold => coverage.untold.say(
                format!("签名后文件又增加了 {count} 字节，因文件过大未能判断内容是否被改动"),
                format!(
                    "{count} bytes were added after signing, and the file is too large to tell whether they change what it shows"
                ),
            ),
            Effect::None if further > 0 => coverage.notes.say(
                format!("其后只增加了另外 {further} 个签名"),
                format!("only {further} further signature(s) were added afterwards"),
            ),
            Effect::None => coverage.notes.say(
                "其后只增加了供长期验证用的数据",
                "only data for checking it in later years was added afterwards",
            ),
        }
    }

    fn effect(&mut self, from: usize, to: usize) -> Effect {
        if self.bytes[from..to].iter().all(|byte| is_blank(*byte)) {
            return Effect::None;
        }
        if let Some(known) = self.known.get(&(from, to)) {
            return *known;
        }
        self.left = self.left.and_then(|left| left.checked_sub(to as u64));
        let effect = match self.left {
            None => Effect::Untold,
            Some(_) if is_harmless(self.bytes, from, to, self.signed.contains(&to)) => Effect::None,
            Some(_) => Effect::Change,
        };
        self.known.insert((from, to), effect);
        effect
    }
}

/// Whether one step from a revision to the next adds signatures or data to check them, and no more.
fn is_harmless(bytes: &[u8], from: usize, to: usize, is_signed: bool) -> bool {
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
    let step = Step::new(&old, &new, is_signed.then_some(to));
    let may_differ = old.objects.iter().all(|(id, before)| match new.objects.get(id) {
        None => is_container(before),
        Some(after) => is_same(before, after) || step.may_change(*id, before, after),
    });
    may_differ && step.shown() <= STAMP
}

/// From one revision to the next.
struct Step<'p> {
    old: &'p Pdf,
    new: &'p Pdf,
    /// Where the new revision ends, if a signature that holds ends there.
    signed: Option<usize>,
    /// Objects of the old revision of which nothing is shown.
    unseen: BTreeSet<ObjectId>,
    /// Arrays of the old revision that list fields or annotations.
    lists: BTreeSet<ObjectId>,
}

impl<'p> Step<'p> {
    fn new(old: &'p Pdf, new: &'p Pdf, signed: Option<usize>) -> Self {
        Self { old, new, signed, unseen: unseen(old), lists: lists(old) }
    }

    fn may_change(&self, id: ObjectId, before: &Object, after: &Object) -> bool {
        let root = self.old.trailer.get(b"Root").and_then(Object::as_reference).ok();
        if is_container(before) {
            return true;
        }
        match (before, after) {
            (Object::Dictionary(before), Object::Dictionary(after)) if root == Some(id) => {
                self.catalog(before, after)
            }
            // What names certificates and answers may name more; they themselves stay.
            (Object::Dictionary(_), Object::Dictionary(_)) if self.unseen.contains(&id) => true,
            (Object::Array(before), Object::Array(after)) if self.unseen.contains(&id) => {
                after.starts_with(before)
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
            (Object::Array(_), Object::Array(_)) => {
                self.lists.contains(&id) && self.grown(Some(before), Some(after))
            }
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

    /// Whether something new is a field of the signature that ends this step, and nothing else.
    fn is_signature(&self, field: &Object) -> bool {
        let Ok(Object::Dictionary(own)) = self.new.dereference(field).map(|(_, field)| field) else {
            return false;
        };
        let is = |key: &[u8], wanted: &[u8]| {
            own.get(key).is_err() || own.get(key).and_then(Object::as_name).ok() == Some(wanted)
        };
        let is_new = field.as_reference().is_ok_and(|id| !self.old.objects.contains_key(&id));
        is_new
            && own.get(b"FT").and_then(Object::as_name).ok() == Some(b"Sig")
            && is(b"Type", b"Annot")
            && is(b"Subtype", b"Widget")
            && own.get(b"Kids").is_err()
            && self.is_signed(own)
    }

    /// Whether a field's value is new in this step and is the signature that ends it. The value of
    /// another step proves nothing of this one: anyone may point at it.
    fn is_signed(&self, field: &Dictionary) -> bool {
        let Ok(value) = field.get(b"V") else { return false };
        if value.as_reference().is_ok_and(|id| self.old.objects.contains_key(&id)) {
            return false;
        }
        let range = self
            .new
            .dereference(value)
            .ok()
            .and_then(|(_, value)| value.as_dict().ok()?.get(b"ByteRange").ok()?.as_array().ok());
        let numbers: Vec<i64> = range.into_iter().flatten().filter_map(|one| one.as_i64().ok()).collect();
        let [_, _, after, rest] = numbers.as_slice() else { return false };
        let end = after.checked_add(*rest).and_then(|end| usize::try_from(end).ok());
        end.is_some() && end == self.signed
    }

    /// Whether an empty field of a signature was filled.
    fn is_filled(&self, before: &Dictionary, after: &Dictionary) -> bool {
        before.get(b"FT").and_then(Object::as_name).ok() == Some(b"Sig")
            && before.get(b"V").is_err()
            && only(before, after, &[b"V", b"AP", b"M", b"F", b"MK", b"AS"])
            && self.is_signed(after)
    }

    /// How much of the pages all fields take that this step added or filled, in square points.
    fn shown(&self) -> f64 {
        let is_same =
            |id: &ObjectId, one: &Object| self.old.objects.get(id).is_some_and(|old| is_same(old, one));
        let changed = self.new.objects.iter().filter(|(id, one)| !is_same(id, one));
        let fields = changed.filter_map(|(_, one)| one.as_dict().ok().filter(|one| one.has(b"FT")));
        fields.map(|field| area(self.new, field)).sum()
    }
}

/// The objects that hold data for checking signatures (ISO 32000-2, 12.8.4.3), or say by whom and when
/// the file was made, and that nothing else leads to: nothing is shown of them whatever they hold.
fn unseen(pdf: &Pdf) -> BTreeSet<ObjectId> {
    let Ok(catalog) = pdf.catalog() else { return BTreeSet::new() };
    let (store, others): (Vec<_>, Vec<_>) = catalog.iter().partition(|(key, _)| key.as_slice() == b"DSS");
    let trailer = pdf.trailer.iter().filter(|(key, _)| key.as_slice() != b"Root");
    let (information, beside): (Vec<_>, Vec<_>) = trailer.partition(|(key, _)| key.as_slice() == b"Info");
    let hidden = reached(pdf, store.into_iter().chain(information).map(|(_, value)| value));
    let shown = reached(pdf, others.into_iter().chain(beside).map(|(_, value)| value));
    hidden.difference(&shown).copied().collect()
}

/// All objects that some values lead to.
fn reached<'p>(pdf: &'p Pdf, from: impl Iterator<Item = &'p Object>) -> BTreeSet<ObjectId> {
    let mut found = BTreeSet::new();
    let mut open: Vec<&Object> = from.collect();
    while let Some(object) = open.pop() {
        match object {
            Object::Reference(id) if found.insert(*id) => open.extend(pdf.get_object(*id).ok()),
            Object::Array(values) => open.extend(values),
            Object::Dictionary(dictionary) => open.extend(dictionary.iter().map(|(_, value)| value)),
            Object::Stream(stream) => open.extend(stream.dict.iter().map(|(_, value)| value)),
            _ => {}
        }
    }
    found
}

/// The arrays that list the fields of the form, or the annotations of a page.
fn lists(pdf: &Pdf) -> BTreeSet<ObjectId> {
    let id = |list: &Object| list.as_reference().ok();
    let form = pdf.catalog().ok().and_then(|one| pdf.dereference(one.get(b"AcroForm").ok()?).ok());
    let fields = form.and_then(|(_, form)| id(form.as_dict().ok()?.get(b"Fields").ok()?));
    let pages = pdf.objects.values().filter_map(|one| one.as_dict().ok()).filter(|one| one.has_type(b"Page"));
    pages.filter_map(|page| id(page.get(b"Annots").ok()?)).chain(fields).collect()
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
