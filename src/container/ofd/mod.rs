//! OFD packages (GB/T 33190-2016): what is drawn where, as plain data in millimetres.
//!
//! Reads leniently: what is missing or broken is left out and said. Nothing in here knows what a
//! document means, and nothing is drawn; the origin is the page's top left corner, y runs down.

mod files;
mod page;
mod resources;
mod seals;
mod signing;
mod tags;
mod values;

pub use files::{Files, is_package, is_root};
pub use page::Page;
pub use resources::{Media, Resources};
pub use seals::Seal;
pub use signing::{SignatureFile, SignatureList};
pub use tags::{Attachment, ObjectRef, Tag};

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
};

use memchr::memmem;

use super::{
    archive::{ArchiveLimits, ArchiveTrouble},
    xml::{self, Element, XmlLimits, XmlTrouble},
};

/// How much of one package is taken.
#[derive(Clone, Copy, Debug)]
pub struct OfdLimits {
    /// Files and bytes.
    pub archive: ArchiveLimits,
    /// Each XML file.
    pub xml: XmlLimits,
    /// Signatures of one document whose seals are shown.
    pub signatures: usize,
    /// Objects drawn on one page, and characters on it.
    pub objects: usize,
    /// Pieces of all paths on one page.
    pub pieces: usize,
}

/// Why a package, or a part of it, was not read.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum OfdTrouble {
    /// Something in the archive.
    #[error(transparent)]
    Archive(ArchiveTrouble),
    /// An XML file is broken.
    #[error("{path}: {trouble}")]
    Xml {
        /// The file in the package.
        path: String,
        /// What is wrong with it.
        trouble: XmlTrouble,
    },
    /// A file that another one names is not there.
    #[error("{path} is missing")]
    Missing {
        /// What was asked for.
        path: String,
    },
    /// Objects inside objects, deeper than allowed.
    #[error("objects nested more than {allowed} deep")]
    TooDeep {
        /// How deep they are taken.
        allowed: usize,
    },
    /// More objects than allowed on a page.
    #[error("more than {allowed} objects on a page")]
    TooMuch {
        /// How many are taken.
        allowed: usize,
    },
}

/// A box in millimetres.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Area {
    /// Left edge.
    pub left: f64,
    /// Top edge.
    pub top: f64,
    /// Extent to the right.
    pub width: f64,
    /// Extent downwards.
    pub height: f64,
}

/// An affine map: `x' = a x + c y + e`, `y' = b x + d y + f`, in the order a, b, c, d, e, f.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Matrix(pub [f64; 6]);

impl Matrix {
    /// The map that changes nothing.
    pub const IDENTITY: Self = Self([1.0, 0.0, 0.0, 1.0, 0.0, 0.0]);

    /// The map that moves.
    #[must_use]
    pub const fn moved(x: f64, y: f64) -> Self {
        Self([1.0, 0.0, 0.0, 1.0, x, y])
    }

    /// First `inner`, then this.
    #[must_use]
    pub fn after(&self, inner: &Self) -> Self {
        let ([a, b, c, d, e, f], [ia, ib, ic, id, ie, jf]) = (self.0, inner.0);
        Self([
            a * ia + c * ib,
            b * ia + d * ib,
            a * ic + c * id,
            b * ic + d * id,
            a * ie + c * jf + e,
            b * ie + d * jf + f,
        ])
    }

    /// Where a point comes to lie.
    #[must_use]
    pub fn at(&self, [x, y]: [f64; 2]) -> [f64; 2] {
        let [a, b, c, d, e, f] = self.0;
        [a * x + c * y + e, b * x + d * y + f]
    }

    /// How much lengths grow, across and down.
    #[must_use]
    pub fn scale(&self) -> (f64, f64) {
        let [a, b, c, d, ..] = self.0;
        (a.hypot(b), c.hypot(d))
    }
}

/// A colour.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Colour {
    /// Red, green, blue.
    pub rgb: [u8; 3],
    /// 0 cannot be seen, 1 covers.
    pub alpha: f64,
}

impl Colour {
    /// What is drawn with where nothing is said.
    pub const BLACK: Self = Self { rgb: [0; 3], alpha: 1.0 };
}

/// How something is drawn.
#[derive(Clone, Debug, PartialEq)]
pub struct Style {
    /// Inside; where nothing is said, letters are black and paths clear (GB/T 33190-2016, 9.1).
    pub fill: Option<Colour>,
    /// Outline.
    pub stroke: Colour,
    /// Width of the outline, in the object's own units.
    pub line_width: f64,
    /// `Butt`, `Round` or `Square`.
    pub cap: &'static str,
    /// `Miter`, `Round` or `Bevel`.
    pub join: &'static str,
    /// Lengths of dashes and gaps; empty for a whole line.
    pub dashes: Vec<f64>,
}

impl Default for Style {
    fn default() -> Self {
        Self {
            fill: None,
            stroke: Colour::BLACK,
            line_width: 0.353,
            cap: "Butt",
            join: "Miter",
            dashes: Vec::new(),
        }
    }
}

/// A piece of a path.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Segment {
    /// Begin here.
    Move([f64; 2]),
    /// A straight line.
    Line([f64; 2]),
    /// A curve with one point that pulls.
    Quadratic([f64; 2], [f64; 2]),
    /// A curve with two points that pull.
    Cubic([f64; 2], [f64; 2], [f64; 2]),
    /// A piece of an ellipse.
    Arc {
        /// Half axes.
        radii: [f64; 2],
        /// Turn of the ellipse, degrees.
        angle: f64,
        /// Whether it is the longer way.
        large: bool,
        /// Whether it runs clockwise.
        sweep: bool,
        /// Where it ends.
        to: [f64; 2],
    },
    /// Back to the beginning.
    Close,
}

/// Paths in millimetres of the page; what lies inside any of them is drawn.
pub type Clip = Vec<Vec<Segment>>;

/// A font as declared.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Font {
    /// Its name.
    pub name: String,
    /// Its family.
    pub family: String,
    /// Whether it has serifs.
    pub serif: bool,
    /// Whether it is bold.
    pub bold: bool,
    /// Whether it is slanted.
    pub italic: bool,
    /// The font file in the package, where it is embedded.
    pub file: Option<String>,
}

/// Something drawn on a page.
#[derive(Clone, Debug, PartialEq)]
pub struct Item {
    /// The identifier of the object; empty where it has none.
    pub id: String,
    /// What it belongs to.
    pub layer: Layer,
    /// From the object's own coordinates to millimetres of the page.
    pub transform: Matrix,
    /// Where the object may draw at all, in millimetres of the page.
    pub boundary: Area,
    /// Drawn only inside all of these.
    pub clips: Vec<Arc<Clip>>,
    /// 0 cannot be seen, 1 covers.
    pub alpha: f64,
    /// Whether it only darkens what lies under it, as seals do.
    pub darkens: bool,
    /// Whether the file says it is to be seen.
    pub visible: bool,
    /// Colours and lines.
    pub style: Style,
    /// What it is.
    pub drawing: Drawing,
}

/// What an item belongs to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Layer {
    /// The form that pages share.
    Template,
    /// The page itself.
    Content,
    /// What was put on the page afterwards.
    Annotation,
}

/// What is drawn.
#[derive(Clone, Debug, PartialEq)]
pub enum Drawing {
    /// Characters.
    Text(Text),
    /// A path.
    Path {
        /// Its pieces.
        segments: Vec<Segment>,
        /// Whether the inside is filled.
        fill: bool,
        /// Whether the outline is drawn.
        stroke: bool,
        /// Whether overlapping parts cancel out.
        even_odd: bool,
    },
    /// A picture, in the square from 0,0 to 1,1 of the object's coordinates.
    Picture {
        /// Identifier in [`Resources::media`].
        media: String,
    },
}

/// Characters with one font.
#[derive(Clone, Debug, PartialEq)]
pub struct Text {
    /// Identifier in [`Resources::fonts`].
    pub font: String,
    /// Size of the letters, in the object's units.
    pub size: f64,
    /// How much letters are widened.
    pub widened: f64,
    /// 400 is regular, 700 bold.
    pub weight: f64,
    /// Whether the letters are slanted.
    pub italic: bool,
    /// How each letter is turned, degrees clockwise.
    pub turn: f64,
    /// Whether the inside is filled.
    pub fill: bool,
    /// Whether the outline is drawn.
    pub stroke: bool,
    /// The characters in the order of the file.
    pub characters: Vec<Character>,
}

/// A character and where its base line begins.
#[derive(Clone, Debug, PartialEq)]
pub struct Character {
    /// The character.
    pub character: char,
    /// Left end of its base line, in the object's coordinates.
    pub origin: [f64; 2],
    /// How far the next one stands, along the line; estimated for the last.
    pub advance: f64,
    /// Glyphs of the font that are drawn for it, where the file names them; none where the character
    /// before it is drawn for both.
    pub glyphs: Option<Vec<u32>>,
    /// Number of its `TextCode` within the object: what stands in two of them need not belong together.
    pub run: u32,
}

/// An opened package.
#[derive(Debug)]
pub struct Package {
    /// Its files.
    pub files: Files,
    /// Its documents, in the order of `OFD.xml`.
    pub documents: Vec<Document>,
    limits: OfdLimits,
}

/// One document of a package; most packages have one.
#[derive(Debug, Default)]
pub struct Document {
    /// Its root file in the package.
    pub path: String,
    /// What `OFD.xml` says of it: `Creator`, `CreationDate` and so on.
    pub info: BTreeMap<String, String>,
    /// Named values beside it, in the order of the file.
    pub custom: Vec<(String, String)>,
    /// Identifiers of its pages and their files, in order.
    pub pages: Vec<(String, String)>,
    /// What pages refer to.
    pub resources: Resources,
    /// Files that travel with it.
    pub attachments: Vec<Attachment>,
    /// Names given to objects on its pages.
    pub tags: Vec<Tag>,
    /// Seals that show on its pages.
    pub seals: Vec<Seal>,
    area: Option<Area>,
    templates: BTreeMap<String, String>,
    /// Files with annotations, by page.
    annotations: BTreeMap<String, Vec<String>>,
}

impl Package {
    /// Opens a package; what is broken in it is said.
    #[must_use]
    pub fn open(bytes: &[u8], limits: OfdLimits) -> (Self, Vec<OfdTrouble>) {
        let (files, troubles) = Files::open(bytes, limits.archive);
        let mut troubles: Vec<OfdTrouble> = troubles.into_iter().map(OfdTrouble::Archive).collect();
        let mut package = Self { files, documents: Vec::new(), limits };
        let Some(root) = package.xml("OFD.xml", &mut troubles) else { return (package, troubles) };
        let mut documents = Vec::new();
        for body in root.into_elements().filter(|element| element.name == "DocBody") {
            documents.extend(package.document(&body, &mut troubles));
        }
        package.documents = documents;
        (package, troubles)
    }

    /// The tree of an XML file in the package.
    pub(super) fn xml(&self, path: &str, troubles: &mut Vec<OfdTrouble>) -> Option<Element> {
        let Some(bytes) = self.files.get(path) else {
            troubles.push(OfdTrouble::Missing { path: path.to_owned() });
            return None;
        };
        let (root, trouble) = xml::parse(bytes, self.limits.xml);
        troubles.extend(trouble.map(|trouble| OfdTrouble::Xml { path: path.to_owned(), trouble }));
        root
    }

    /// A file that an element names, whose text is where it lies.
    fn named(&self, from: &str, reference: &str, troubles: &mut Vec<OfdTrouble>) -> Option<String> {
        if reference.trim().is_empty() {
            return None;
        }
        let found = self.files.find(from, "", reference);
        if found.is_none() {
            troubles.push(OfdTrouble::Missing { path: reference.trim().to_owned() });
        }
        found
    }

    /// The resource files that a page names for itself (GB/T 33190-2016, 7.7). Their identifiers are unique
    /// in the document, so they stand beside the document's own.
    fn page_resources(&self, page: &str, resources: &mut Vec<(String, String)>) {
        let Some(bytes) = self.files.get(page) else { return };
        if memmem::find(bytes, b"PageRes").is_some()
            // What is wrong with the page is said when it is read.
            && let Some(root) = self.xml(page, &mut Vec::new())
        {
            resources.extend(root.named("PageRes").map(|one| (page.to_owned(), one.text())));
        }
    }

    fn document(&self, body: &Element, troubles: &mut Vec<OfdTrouble>) -> Option<Document> {
        let root = body.child("DocRoot").map(Element::text).unwrap_or_default();
        let path = self.named("", &root, troubles)?;
        let mut document = Document { path: path.clone(), ..Document::default() };
        for one in body.child("DocInfo").into_iter().flat_map(Element::elements) {
            if one.name == "CustomDatas" {
                document.custom.extend(one.named("CustomData").filter_map(|data| {
                    Some((data.attribute("Name")?.trim().to_owned(), data.text().trim().to_owned()))
                }));
            } else {
                document.info.insert(one.name.clone(), one.text().trim().to_owned());
            }
        }
        let tree = self.xml(&path, troubles)?;
        // The resource files, each with the file that names it.
        let mut resources: Vec<(String, String)> = Vec::new();
        for one in tree.child("CommonData").into_iter().flat_map(Element::elements) {
            match one.name.as_str() {
                "PageArea" => document.area = page::area(one),
                "PublicRes" | "DocumentRes" => resources.push((path.clone(), one.text())),
                "TemplatePage" => {
                    let place = one.attribute("BaseLoc").unwrap_or_default();
                    if let (Some(id), Some(file)) = (one.attribute("ID"), self.named(&path, place, troubles))
                    {
                        document.templates.insert(id.trim().to_owned(), file);
                    }
                }
                _ => {}
            }
        }
        for page in tree.child("Pages").into_iter().flat_map(|pages| pages.named("Page")) {
            let place = page.attribute("BaseLoc").unwrap_or_default();
            let id = page.attribute("ID").unwrap_or_default().trim().to_owned();
            // A page without its file is still a page, and its absence is said when it is read.
            let file = self.files.find(&path, "", place).unwrap_or_else(|| place.trim().to_owned());
            self.page_resources(&file, &mut resources);
            document.pages.push((id, file));
        }
        let mut read: BTreeSet<String> = BTreeSet::new();
        for (from, reference) in resources {
            if let Some(file) =
                self.named(&from, &reference, troubles).filter(|file| read.insert(file.clone()))
                && let Some(tree) = self.xml(&file, troubles)
            {
                document.resources.add(tree, &file, &self.files);
            }
        }
        let listed = |name: &str| tree.child(name).map(Element::text).unwrap_or_default();
        document.annotations = self.annotations(&path, &listed("Annotations"), troubles);
        document.attachments = self.attachments(&path, &listed("Attachments"), troubles);
        let signatures = body.child("Signatures").map(Element::text).unwrap_or_default();
        document.seals = self.seals(&signatures);
        document.tags = self.tags(&path, &listed("CustomTags"), troubles);
        Some(document)
    }
}
