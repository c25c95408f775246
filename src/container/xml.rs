//! XML as a tree, read leniently and within bounds.
//!
//! Names are kept without their namespace prefix: the writers of invoices and layouts use many prefixes
//! for one vocabulary. Entities of a document type are never expanded, so none can grow or lead out.

use std::{borrow::Cow, collections::HashMap};

use memchr::memmem;
use quick_xml::{
    Reader, XmlVersion,
    events::{BytesRef, Event},
};

use super::charset;

/// How much of one XML file is taken.
#[derive(Clone, Copy, Debug)]
pub struct XmlLimits {
    /// Bytes of the file.
    pub bytes: u64,
    /// Elements and stretches of text.
    pub nodes: usize,
    /// Elements inside elements.
    pub depth: usize,
}

/// An element with what stands in it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Element {
    /// Its name without a prefix.
    pub name: String,
    /// Attributes by name without a prefix, in the order of the file.
    pub attributes: Vec<(String, String)>,
    /// Elements and text, in the order of the file.
    pub children: Vec<Node>,
}

/// What stands in an element.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Node {
    /// Another element.
    Element(Element),
    /// Characters, entities resolved; white space as it stands.
    Text(String),
}

impl Element {
    /// An attribute by its name without a prefix.
    #[must_use]
    pub fn attribute(&self, name: &str) -> Option<&str> {
        self.attributes.iter().find(|(own, _)| own == name).map(|(_, value)| value.as_str())
    }

    /// The elements in this one.
    pub fn elements(&self) -> impl Iterator<Item = &Self> {
        self.children.iter().filter_map(|node| match node {
            Node::Element(element) => Some(element),
            Node::Text(_) => None,
        })
    }

    /// The elements in this one, taken out of it.
    pub fn into_elements(self) -> impl Iterator<Item = Self> {
        self.children.into_iter().filter_map(|node| match node {
            Node::Element(element) => Some(element),
            Node::Text(_) => None,
        })
    }

    /// The first element of this name in this one.
    #[must_use]
    pub fn child(&self, name: &str) -> Option<&Self> {
        self.elements().find(|element| element.name == name)
    }

    /// The elements of this name in this one.
    pub fn named<'e>(&'e self, name: &'e str) -> impl Iterator<Item = &'e Self> {
        self.elements().filter(move |element| element.name == name)
    }

    /// The elements in this one with the step that leads to each: its name, from the second of one name
    /// on with its number in brackets.
    pub fn numbered(&self) -> impl Iterator<Item = (String, &Self)> {
        let mut seen: HashMap<&str, usize> = HashMap::new();
        self.elements().map(move |element| {
            let count = seen.entry(element.name.as_str()).or_default();
            *count += 1;
            let step = if *count > 1 { format!("{}[{count}]", element.name) } else { element.name.clone() };
            (step, element)
        })
    }

    /// The first element that these names lead to.
    #[must_use]
    pub fn at(&self, path: &[&str]) -> Option<&Self> {
        path.iter().try_fold(self, |element, name| element.child(name))
    }

    /// Calls `visit` for this element and all below it, in the order of the file.
    pub fn walk<'e>(&'e self, visit: &mut impl FnMut(&'e Self)) {
        visit(self);
        self.elements().for_each(|element| element.walk(visit));
    }

    /// All characters in this element and below, in the order of the file.
    #[must_use]
    pub fn text(&self) -> String {
        fn add(element: &Element, text: &mut String) {
            for node in &element.children {
                match node {
                    Node::Element(inner) => add(inner, text),
                    Node::Text(own) => text.push_str(own),
                }
            }
        }
        let mut text = String::new();
        add(self, &mut text);
        text
    }
}

/// Why an XML file was not read, or not to its end.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum XmlTrouble {
    /// The bytes are no text in any charset.
    #[error("not text")]
    NotText,
    /// Not well-formed; where, and what the reader says.
    #[error("not well-formed at byte {at}: {why}")]
    Malformed {
        /// The byte of the decoded text.
        at: u64,
        /// What the reader says.
        why: String,
    },
    /// There is no element in it.
    #[error("no element in it")]
    Empty,
    /// It was read in another charset than it names.
    #[error("not in {named:?}, as it says")]
    Charset {
        /// What it names.
        named: String,
    },
    /// Some bytes are no characters; everything else was read.
    #[error("{lost} pieces are no characters")]
    Bytes {
        /// How many.
        lost: usize,
    },
    /// Something stands behind the root element.
    #[error("more than one root element")]
    Roots,
    /// More than the limits allow.
    #[error("more than {allowed} {what}")]
    TooMuch {
        /// What there is too much of: `bytes`, `nodes`, `levels`.
        what: &'static str,
        /// How much is allowed.
        allowed: u64,
    },
}

/// The root element, and what kept the file from being read whole.
///
/// A file that breaks off gives what stood before the break. `None` only where nothing could be read.
#[must_use]
pub fn parse(bytes: &[u8], limits: XmlLimits) -> (Option<Element>, Option<XmlTrouble>) {
    if bytes.len() as u64 > limits.bytes {
        return (None, Some(XmlTrouble::TooMuch { what: "bytes", allowed: limits.bytes }));
    }
    let Some((text, odd)) = text(bytes) else { return (None, Some(XmlTrouble::NotText)) };
    let mut tree = Tree { limits, nodes: 0, open: Vec::new(), root: None, roots: 0 };
    let mut reader = Reader::from_str(&text);
    reader.config_mut().check_end_names = false;
    reader.config_mut().allow_unmatched_ends = true;
    reader.config_mut().allow_dangling_amp = true;
    let trouble = loop {
        let event = match reader.read_event() {
            Ok(event) => event,
            Err(error) => {
                let at = reader.error_position();
                break Some(XmlTrouble::Malformed { at, why: error.to_string() });
            }
        };
        match tree.take(event) {
            Ok(true) => {}
            Ok(false) => break None,
            Err(trouble) => break Some(trouble),
        }
    };
    let cut = !tree.open.is_empty();
    // What stands right before the break may be half a value, which is worse than none.
    if let Some(Node::Text(_)) = tree.open.last().and_then(|element| element.children.last())
        && let Some(element) = tree.open.last_mut()
    {
        element.children.pop();
    }
    while !tree.open.is_empty() {
        tree.close();
    }
    let end =
        || XmlTrouble::Malformed { at: text.len() as u64, why: "the file ends inside an element".into() };
    let several = (tree.roots > 1).then_some(XmlTrouble::Roots);
    let trouble = trouble.or_else(|| cut.then(end)).or(several).or(odd);
    match tree.root {
        Some(root) => (Some(root), trouble),
        None => (None, Some(trouble.unwrap_or(XmlTrouble::Empty))),
    }
}

/// The text of a file, and what is odd about its bytes: by its mark of order, by what its declaration says
/// so far as the bytes bear that out, else by a guess.
pub(super) fn text(bytes: &[u8]) -> Option<(Cow<'_, str>, Option<XmlTrouble>)> {
    let marked = bytes.starts_with(b"\xef\xbb\xbf")
        || bytes.starts_with(b"\xff\xfe")
        || bytes.starts_with(b"\xfe\xff");
    let named = declared(bytes).filter(|_| !marked);
    let (read, differs) = match named {
        Some(name) => charset::declared(name, bytes)?,
        None => (charset::read(bytes)?, false),
    };
    let differs = named.filter(|_| differs).map(|name| XmlTrouble::Charset { named: name.to_owned() });
    let trouble = differs.or_else(|| (read.lost > 0).then_some(XmlTrouble::Bytes { lost: read.lost }));
    Some((read.text, trouble))
}

/// The charset that the declaration names. The declaration itself is ASCII in all of them.
fn declared(bytes: &[u8]) -> Option<&str> {
    let head = bytes.get(..bytes.len().min(200))?.trim_ascii_start();
    let head = head.strip_prefix(b"<?xml")?;
    let end = memmem::find(head, b"?>")?;
    let declaration = std::str::from_utf8(head.get(..end)?).ok()?;
    let (_, rest) = declaration.split_once("encoding")?;
    let rest = rest.trim_start().strip_prefix('=')?.trim_start();
    let quote = rest.chars().next().filter(|c| matches!(c, '"' | '\''))?;
    rest[1..].split(quote).next()
}

/// The tree as far as it was read.
struct Tree {
    limits: XmlLimits,
    nodes: usize,
    open: Vec<Element>,
    root: Option<Element>,
    /// Elements that stand in none: one is right.
    roots: usize,
}

impl Tree {
    /// Takes one event; `false` at the end of the file.
    fn take(&mut self, event: Event<'_>) -> Result<bool, XmlTrouble> {
        match event {
            Event::Start(start) => self.start(&start)?,
            Event::Empty(start) => {
                self.start(&start)?;
                self.close();
            }
            Event::End(end) => {
                // An end that fits no open element is passed over.
                let name = end.local_name();
                if self.open.iter().any(|element| element.name == name.as_ref()) {
                    while self.open.last().is_some_and(|element| element.name != name.as_ref()) {
                        self.close();
                    }
                    self.close();
                }
            }
            Event::Text(text) => self.add(&text.xml10_content())?,
            Event::CData(data) => self.add(&data.xml10_content())?,
            Event::GeneralRef(reference) => self.add(&resolved(&reference))?,
            Event::Eof => return Ok(false),
            Event::Decl(_) | Event::PI(_) | Event::DocType(_) | Event::Comment(_) => {}
        }
        Ok(true)
    }

    fn count(&mut self) -> Result<(), XmlTrouble> {
        self.nodes += 1;
        if self.nodes > self.limits.nodes {
            return Err(XmlTrouble::TooMuch { what: "nodes", allowed: self.limits.nodes as u64 });
        }
        Ok(())
    }

    fn start(&mut self, start: &quick_xml::events::BytesStart<'_>) -> Result<(), XmlTrouble> {
        self.count()?;
        if self.open.len() >= self.limits.depth {
            return Err(XmlTrouble::TooMuch { what: "levels", allowed: self.limits.depth as u64 });
        }
        let name = start.local_name().as_ref().to_owned();
        let attributes = start
            .attributes()
            .with_checks(false)
            .filter_map(Result::ok)
            .map(|attribute| {
                let raw = attribute.value.to_string();
                let value = attribute.normalized_value(XmlVersion::Implicit1_0);
                (attribute.key.local_name().as_ref().to_owned(), value.map_or(raw, Cow::into_owned))
            })
            .collect();
        self.open.push(Element { name, attributes, children: Vec::new() });
        Ok(())
    }

    fn add(&mut self, text: &str) -> Result<(), XmlTrouble> {
        let Some(element) = self.open.last_mut() else { return Ok(()) };
        if let Some(Node::Text(own)) = element.children.last_mut() {
            own.push_str(text);
            return Ok(());
        }
        element.children.push(Node::Text(text.to_owned()));
        self.count()
    }

    fn close(&mut self) {
        let Some(element) = self.open.pop() else { return };
        match self.open.last_mut() {
            Some(outer) => outer.children.push(Node::Element(element)),
            None => {
                self.roots += 1;
                self.root.get_or_insert(element);
            }
        }
    }
}

/// The character a reference means, or the reference as it stands where nobody knows it.
pub(super) fn resolved(reference: &BytesRef<'_>) -> String {
    let character = reference.resolve_char_ref().ok().flatten();
    let known = || match &**reference {
        "lt" => Some('<'),
        "gt" => Some('>'),
        "amp" => Some('&'),
        "quot" => Some('"'),
        "apos" => Some('\''),
        _ => None,
    };
    character.or_else(known).map_or_else(|| format!("&{};", &**reference), String::from)
}
