//! XML files that are data: invoices as the tax bureaus issue them, vouchers in XBRL, anything else.
//!
//! The tree becomes a list of leaves with their paths. What a path means is for the document types.

use std::sync::Arc;

use super::Content;
use crate::{
    container::xml::{Element, XmlLimits, XmlTrouble, parse},
    model::{
        limits::Limits,
        payload::{Node, Payload},
        problem::Problem,
    },
};

/// Reads a file that is data itself.
pub(super) fn read(bytes: &Arc<[u8]>, limits: &Limits) -> Content {
    let mut content = Content::default();
    let (root, trouble) = parse(bytes, XmlLimits::of(limits));
    let payload = root.as_ref().map(payload);
    match trouble {
        Some(trouble) if payload.is_none() => content.problems.push(unreadable(&trouble)),
        Some(XmlTrouble::Roots) => content.problems.push(several()),
        Some(trouble) => {
            content.problems.push(super::text::of_xml(&trouble).unwrap_or_else(|| broken(&trouble)));
        }
        None => {}
    }
    content.payloads.extend(payload);
    content
}

/// The leaves of a tree. What has no text and no elements gives its attributes.
pub(super) fn payload(root: &Element) -> Payload {
    let mut payload = Payload { kind: root.name.clone(), ..Payload::default() };
    leaves(root, &root.name, &mut payload.nodes);
    payload
}

fn leaves(element: &Element, path: &str, into: &mut Vec<Node>) {
    let mut inner = false;
    for (step, one) in element.numbered() {
        inner = true;
        leaves(one, &format!("{path}/{step}"), into);
    }
    if inner {
        return;
    }
    let text = element.text().trim().to_owned();
    if !text.is_empty() {
        into.push(Node { path: path.to_owned(), text, places: Vec::new() });
        return;
    }
    for (name, value) in element.attributes.iter().filter(|(_, value)| !value.trim().is_empty()) {
        let path = format!("{path}/@{name}");
        into.push(Node { path, text: value.trim().to_owned(), places: Vec::new() });
    }
}

fn unreadable(trouble: &XmlTrouble) -> Problem {
    Problem::new(
        "xml-unreadable",
        format!("XML 文件无法读取（{trouble}）；请从开票平台重新下载后提交"),
        format!("the XML file cannot be read ({trouble}); download it again from where it was issued"),
    )
}

fn broken(trouble: &XmlTrouble) -> Problem {
    Problem::new(
        "xml-damaged",
        format!("XML 文件已损坏或不完整（{trouble}），只读取了损坏处之前的内容；请重新下载后提交"),
        format!(
            "the XML file is damaged or cut off ({trouble}) and was read as far as that; download it again"
        ),
    )
}

fn several() -> Problem {
    Problem::new(
        "xml-damaged",
        "XML 文件有不止一个根元素，只读取了第一个；请分别提交，或重新下载后提交",
        "the XML file has more than one root element and only the first was read; hand them in one by one",
    )
}
