//! Which files of a package say that it is signed, and what they name. Whether any of it holds is not
//! asked here.

use super::Files;
use crate::container::xml::{self, Element, XmlLimits};

/// What the list of a document's signatures names.
#[derive(Debug)]
pub struct SignatureList {
    /// Where the list lies.
    pub path: String,
    /// Whether it is what it should be, told from its root element.
    pub is_list: bool,
    /// The signature files, in its order.
    pub files: Vec<SignatureFile>,
    /// Signature files that are not there, as they are named.
    pub missing: Vec<String>,
}

/// A signature file, and the files that it names.
#[derive(Debug)]
pub struct SignatureFile {
    /// Where it lies.
    pub path: String,
    /// What stands in it; `None` where it cannot be read.
    pub tree: Option<Element>,
    /// The file with the signature's value.
    pub value: Option<String>,
    /// The file with the seal, where it lies apart.
    pub seal: Option<String>,
}

impl SignatureFile {
    /// What was signed, as the file puts it.
    #[must_use]
    pub fn information(&self) -> Option<&Element> {
        self.tree.as_ref()?.child("SignedInfo")
    }
}

impl Files {
    /// The list of signatures that `OFD.xml` names, as far as `most` of its signatures; `None` where it
    /// is not there.
    #[must_use]
    pub fn signatures(&self, reference: &str, limits: XmlLimits, most: usize) -> Option<SignatureList> {
        let path = self.find("", "", reference)?;
        let tree = xml::parse(self.get(&path)?, limits).0?;
        let is_list = tree.name == "Signatures";
        let (mut files, mut missing) = (Vec::new(), Vec::new());
        for one in tree.named("Signature").take(most) {
            let location = one.attribute("BaseLoc").unwrap_or_default();
            match self.find(&path, "", location) {
                Some(file) => files.push(self.signature(&file, limits)),
                None => missing.push(location.to_owned()),
            }
        }
        Some(SignatureList { path, is_list, files, missing })
    }

    /// A signature file.
    #[must_use]
    pub fn signature(&self, path: &str, limits: XmlLimits) -> SignatureFile {
        let tree = self.get(path).and_then(|bytes| xml::parse(bytes, limits).0);
        let named = |steps: &[&str]| self.find(path, "", &tree.as_ref()?.at(steps)?.text());
        let (value, seal) = (named(&["SignedValue"]), named(&["SignedInfo", "Seal", "BaseLoc"]));
        SignatureFile { path: path.to_owned(), value, seal, tree }
    }
}
