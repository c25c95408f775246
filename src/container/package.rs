//! Office packages: parts, and what they are related to (ECMA-376, part 2).

use std::collections::BTreeMap;

use super::{
    archive::ArchiveLimits,
    xml::{self, Element, XmlLimits},
    zip,
};

/// Parts of a package by path, within bounds.
pub struct Package<'b> {
    bytes: &'b [u8],
    limits: ArchiveLimits,
    xml: XmlLimits,
}

impl<'b> Package<'b> {
    /// A package in these bytes.
    #[must_use]
    pub const fn new(bytes: &'b [u8], limits: ArchiveLimits, xml: XmlLimits) -> Self {
        Self { bytes, limits, xml }
    }

    /// The bytes of a part; `None` where it is not there or cannot be unpacked.
    #[must_use]
    pub fn part(&self, path: &str) -> Option<Vec<u8>> {
        zip::part(self.bytes, path, self.limits).ok().flatten()
    }

    /// A part as a tree.
    #[must_use]
    pub fn tree(&self, path: &str) -> Option<Element> {
        xml::parse(&self.part(path)?, self.xml).0
    }

    /// A part that lies beside the document itself, as a tree.
    #[must_use]
    pub fn beside_main(&self, name: &str) -> Option<Element> {
        let main = self.main()?;
        let folder = main.rsplit_once('/').map_or("", |(folder, _)| folder);
        self.tree(&joined(folder, name))
    }

    /// The path of the part that is the document itself.
    #[must_use]
    pub fn main(&self) -> Option<String> {
        let relations = self.tree("_rels/.rels")?;
        let main = relations
            .named("Relationship")
            .find(|one| one.attribute("Type").is_some_and(|kind| kind.ends_with("/officeDocument")))?;
        Some(joined("", main.attribute("Target")?))
    }

    /// What a part is related to, by identifier.
    #[must_use]
    pub fn relations(&self, path: &str) -> BTreeMap<String, String> {
        let (folder, file) = path.rsplit_once('/').unwrap_or(("", path));
        let rels = joined(folder, &format!("_rels/{file}.rels"));
        let Some(relations) = self.tree(&rels) else { return BTreeMap::new() };
        let pair =
            |one: &Element| Some((one.attribute("Id")?.to_owned(), joined(folder, one.attribute("Target")?)));
        relations.named("Relationship").filter_map(pair).collect()
    }

    /// The parts of the sheets by their names, in a workbook whose list of sheets is XML.
    #[must_use]
    pub fn sheets(&self) -> BTreeMap<String, String> {
        let found = || {
            let path = self.main()?;
            let relations = self.relations(&path);
            let book = self.tree(&path)?;
            let part = |sheet: &Element| {
                Some((sheet.attribute("name")?.to_owned(), relations.get(sheet.attribute("id")?)?.clone()))
            };
            Some(book.child("sheets")?.named("sheet").filter_map(part).collect())
        };
        found().unwrap_or_default()
    }
}

/// A path from the root of the package, with `/` only and without empty steps, `.` and `..`: a target is
/// meant from the folder of the part that names it.
#[must_use]
pub fn joined(folder: &str, target: &str) -> String {
    let start = if target.starts_with(['/', '\\']) { "" } else { folder };
    let mut steps: Vec<&str> = Vec::new();
    for step in start.split('/').chain(target.split(['/', '\\'])) {
        match step {
            "" | "." => {}
            ".." => {
                steps.pop();
            }
            step => steps.push(step),
        }
    }
    steps.join("/")
}
