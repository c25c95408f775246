//! What lies beside the pages: annotations, attached files, and names given to objects.

use std::collections::BTreeMap;

use super::{OfdTrouble, Package};
use crate::container::xml::Element;

/// A file that travels with a document.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Attachment {
    /// Where it lies in the package.
    pub path: String,
}

/// A name given to what is drawn by some objects: `Buyer/BuyerName` and where that stands.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Tag {
    /// Names from below the root, joined by `/`; from the second of one name on with its number in
    /// brackets.
    pub path: String,
    /// The objects, in order.
    pub objects: Vec<ObjectRef>,
}

/// An object on a page.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ObjectRef {
    /// Identifier of the page.
    pub page: String,
    /// Identifier of the object.
    pub object: String,
}

impl Package {
    /// Files with annotations, by the page they belong to.
    pub(super) fn annotations(
        &self,
        from: &str,
        reference: &str,
        troubles: &mut Vec<OfdTrouble>,
    ) -> BTreeMap<String, Vec<String>> {
        let mut found: BTreeMap<String, Vec<String>> = BTreeMap::new();
        let Some(list) = self.named(from, reference, troubles) else { return found };
        let Some(tree) = self.xml(&list, troubles) else { return found };
        for page in tree.named("Page") {
            let id = page.attribute("PageID").unwrap_or_default().trim().to_owned();
            for file in page.named("FileLoc") {
                if let Some(path) = self.named(&list, &file.text(), troubles) {
                    found.entry(id.clone()).or_default().push(path);
                }
            }
        }
        found
    }

    pub(super) fn attachments(
        &self,
        from: &str,
        reference: &str,
        troubles: &mut Vec<OfdTrouble>,
    ) -> Vec<Attachment> {
        let mut found = Vec::new();
        let Some(list) = self.named(from, reference, troubles) else { return found };
        let Some(tree) = self.xml(&list, troubles) else { return found };
        for one in tree.named("Attachment") {
            let file = one.child("FileLoc").map(Element::text).unwrap_or_default();
            if let Some(path) = self.named(&list, &file, troubles) {
                found.push(Attachment { path });
            }
        }
        found
    }

    pub(super) fn tags(&self, from: &str, reference: &str, troubles: &mut Vec<OfdTrouble>) -> Vec<Tag> {
        let mut found = Vec::new();
        let Some(list) = self.named(from, reference, troubles) else { return found };
        let Some(tree) = self.xml(&list, troubles) else { return found };
        for one in tree.named("CustomTag") {
            let file = one.child("FileLoc").map(Element::text).unwrap_or_default();
            if let Some(path) = self.named(&list, &file, troubles)
                && let Some(root) = self.xml(&path, troubles)
            {
                collect(&root, "", &mut found);
            }
        }
        found
    }
}

/// The elements below one that point at objects.
fn collect(element: &Element, path: &str, found: &mut Vec<Tag>) {
    let objects: Vec<ObjectRef> = element
        .named("ObjectRef")
        .map(|one| ObjectRef {
            page: one.attribute("PageRef").unwrap_or_default().trim().to_owned(),
            object: one.text().trim().to_owned(),
        })
        .collect();
    if !objects.is_empty() && !path.is_empty() {
        found.push(Tag { path: path.to_owned(), objects });
    }
    for (step, inner) in element.numbered() {
        if inner.name != "ObjectRef" {
            let path = if path.is_empty() { step } else { format!("{path}/{step}") };
            collect(inner, &path, found);
        }
    }
}
