//! XML tag by tag, for files too large to be held as a tree: sheets of workbooks.
//!
//! Names are handed on without their namespace prefix, entities of a document type are not expanded.

use std::borrow::Cow;

use quick_xml::{
    Reader, XmlVersion,
    events::{BytesStart, Event as Raw},
};

use super::xml::{self, XmlTrouble};

/// What comes next in the file.
pub enum Event<'t> {
    /// An element begins. One without content begins and ends.
    Open(&'t Tag<'t>),
    /// The element of this name ends.
    Close(&'t str),
    /// Characters, entities resolved; those of one element may come in pieces.
    Text(Cow<'t, str>),
}

/// The beginning of an element.
pub struct Tag<'t>(BytesStart<'t>);

impl Tag<'_> {
    /// The element's name without a prefix.
    #[must_use]
    pub fn name(&self) -> &str {
        self.0.local_name().into_inner()
    }

    /// Whether these characters stand anywhere in the tag: quicker than looking for an attribute.
    #[must_use]
    pub fn mentions(&self, word: &str) -> bool {
        self.0.contains(word)
    }

    /// An attribute by its name without a prefix.
    #[must_use]
    pub fn attribute(&self, name: &str) -> Option<String> {
        let mut attributes = self.0.attributes();
        let mut attributes = attributes.with_checks(false).filter_map(Result::ok);
        let found = attributes.find(|one| one.key.local_name().as_ref() == name)?;
        let raw = found.value.to_string();
        Some(found.normalized_value(XmlVersion::Implicit1_0).map_or(raw, Cow::into_owned))
    }
}

/// Hands the file on piece by piece until `visit` answers `false` or the file ends; says what kept it
/// from being read to its end.
pub fn stream(bytes: &[u8], mut visit: impl FnMut(Event<'_>) -> bool) -> Option<XmlTrouble> {
    let Some((text, odd)) = xml::text(bytes) else { return Some(XmlTrouble::NotText) };
    let mut reader = Reader::from_str(&text);
    reader.config_mut().check_end_names = false;
    reader.config_mut().allow_unmatched_ends = true;
    reader.config_mut().allow_dangling_amp = true;
    let mut open = 0_u64;
    loop {
        let event = match reader.read_event() {
            Ok(event) => event,
            Err(error) => {
                return Some(XmlTrouble::Malformed { at: reader.error_position(), why: error.to_string() });
            }
        };
        let goes_on = match event {
            Raw::Start(start) => {
                open += 1;
                visit(Event::Open(&Tag(start)))
            }
            Raw::Empty(start) => {
                let tag = Tag(start);
                visit(Event::Open(&tag)) && visit(Event::Close(tag.name()))
            }
            Raw::End(end) => {
                open = open.saturating_sub(1);
                visit(Event::Close(end.local_name().into_inner()))
            }
            Raw::Text(text) => visit(Event::Text(text.xml10_content())),
            Raw::CData(data) => visit(Event::Text(data.xml10_content())),
            Raw::GeneralRef(reference) => visit(Event::Text(Cow::Owned(xml::resolved(&reference)))),
            Raw::Eof => {
                let why = "the file ends inside an element".to_owned();
                return (open > 0).then_some(XmlTrouble::Malformed { at: text.len() as u64, why }).or(odd);
            }
            Raw::Decl(_) | Raw::PI(_) | Raw::DocType(_) | Raw::Comment(_) => true,
        };
        if !goes_on {
            return None;
        }
    }
}
