//! What two applications can have in common, told by what names it beyond its own case.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

/// A document, or a declaration, in an application.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Use {
    /// What it is the same by: its kind, and the values that name it, with tabs between. Empty for the
    /// application itself, which is the first of what it uses.
    pub key: String,
    /// The call for applications, by its pack.
    pub call: String,
    /// The application: its declared identifier, else the name of its folder with its category, since
    /// folders of one name may hold several applications of a firm.
    pub application: String,
    /// Declared.
    pub applicant_name: Option<String>,
    /// Declared.
    pub applicant_uscc: Option<String>,
    /// The file it stands in; `None` for what was declared.
    pub file: Option<String>,
    /// The page it begins on.
    pub page: Option<u32>,
    /// What else it says that was read surely, in wire form, to tell a copy from another document of
    /// the same number.
    pub facts: BTreeMap<String, String>,
}

impl Use {
    /// What the document is called: the values that name it.
    #[must_use]
    pub fn name(&self) -> String {
        self.key.split('\t').skip(1).collect::<Vec<_>>().join(" ")
    }

    /// Whether another stands in the same application, of whichever day: one identifier in one call, and
    /// an applicant whose code or name is the same, or not known to be another. A code or name that was
    /// corrected makes no other application.
    #[must_use]
    pub fn is_of_one_application(&self, other: &Self) -> bool {
        let agree = |a: &Option<String>, b: &Option<String>| a.as_ref().zip(b.as_ref()).map(|(a, b)| a == b);
        let applicant = [
            agree(&self.applicant_uscc, &other.applicant_uscc),
            agree(&self.applicant_name, &other.applicant_name),
        ];
        self.application == other.application
            && self.call == other.call
            && (applicant.contains(&Some(true)) || !applicant.contains(&Some(false)))
    }
}
