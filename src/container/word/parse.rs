//! A docx package to what stands in it: paragraphs, tables, pictures, sections.

use std::collections::{BTreeMap, BTreeSet};

use super::{
    Hidden, Laid, WordLimits,
    blocks::{Block, Cell, Edge, Paragraph, Piece, Row, Section, Table},
    colour::{self, Ground},
    layout,
    numbering::{Follows, Numbering},
    styles::{Style, Styles, list_of, size_of, switch},
};
use crate::container::{
    archive::ArchiveTrouble,
    package::{Package, joined},
    xml::{self, Element, XmlLimits, XmlTrouble},
    zip,
};

/// What kept a document from being read whole.
#[derive(Clone, Debug, thiserror::Error, PartialEq, Eq)]
pub enum Trouble {
    /// The package or a part of it cannot be unpacked.
    #[error(transparent)]
    Archive(#[from] ArchiveTrouble),
    /// A part is damaged; what stands before was read.
    #[error("{0}: {1}")]
    Part(String, XmlTrouble),
    /// There is no text in the package.
    #[error("no part with text")]
    NoText,
    /// A file of another kind stands in the text and was not read.
    #[error("a file in the text was not read")]
    Inserted,
    /// Tables, boxes or marks inside each other, deeper than is followed.
    #[error("nested too deep")]
    TooDeep,
}

/// Tables in tables, and text boxes in them, deeper than this end.
const BLOCKS: u32 = 12;
/// Marks round text, such as links and fields, deeper than this end.
const MARKS: u32 = 60;

/// The parts that hold a header or footer, by the type that a section names: `default`, `first`, `even`.
type EdgeParts = BTreeMap<String, String>;

/// Opens a document and lays it out.
///
/// # Errors
///
/// Where nothing of it can be read.
pub fn open(bytes: &[u8], limits: &WordLimits) -> Result<Laid, Trouble> {
    zip::measure(bytes, limits.archive)?;
    let package = Package::new(bytes, limits.archive, xml_limits(limits));
    let main = package.main().unwrap_or_else(|| "word/document.xml".to_owned());
    let mut reading = Reading {
        relations: package.relations(&main),
        package,
        limits: *limits,
        styles: Styles::default(),
        numbering: Numbering::default(),
        notes: Vec::new(),
        troubles: Vec::new(),
        parts: BTreeSet::new(),
        even: false,
        ground: colour::PAPER,
    };
    reading.read_styles(&main);
    if let Some(root) = reading.beside(&main, "numbering.xml") {
        reading.numbering = Numbering::read(&root);
    }
    if let Some(root) = reading.beside(&main, "settings.xml") {
        reading.even = switch(&root, "evenAndOddHeaders").unwrap_or(false);
    }
    let root = reading.tree(&main).ok_or(Trouble::NoText)?;
    let body = root.child("body").ok_or(Trouble::NoText)?;
    let sections = reading.sections(body, &main);
    let (pages, cut) = layout::pages(&sections, limits);
    let pictures = std::mem::take(&mut reading.parts);
    let pictures = pictures
        .into_iter()
        .filter_map(|part| reading.package.part(&part).map(|bytes| (part, bytes)))
        .collect();
    Ok(Laid { pages, pictures, troubles: reading.troubles, cut })
}

/// The bounds of one part. Elements nest deeper than in data: each table in a table takes four of them.
const fn xml_limits(limits: &WordLimits) -> XmlLimits {
    XmlLimits { bytes: limits.archive.total_bytes, nodes: limits.nodes, depth: 200 }
}

struct Reading<'b> {
    package: Package<'b>,
    relations: BTreeMap<String, String>,
    limits: WordLimits,
    styles: Styles,
    numbering: Numbering,
    /// Identifiers of footnotes and endnotes, in the order of the text.
    notes: Vec<(&'static str, String)>,
    troubles: Vec<Trouble>,
    /// Parts that hold pictures.
    parts: BTreeSet<String>,
    /// Whether pages with even numbers have headers and footers of their own.
    even: bool,
    /// What the text that is being read stands on.
    ground: Ground,
}

impl Reading<'_> {
    fn tree(&mut self, path: &str) -> Option<Element> {
        let bytes = self.package.part(path)?;
        let (root, trouble) = xml::parse(&bytes, xml_limits(&self.limits));
        self.troubles.extend(trouble.map(|trouble| Trouble::Part(path.to_owned(), trouble)));
        root
    }

    /// A part that lies beside the text.
    fn beside(&mut self, main: &str, name: &str) -> Option<Element> {
        let folder = main.rsplit_once('/').map_or("", |(folder, _)| folder);
        self.tree(&joined(folder, name))
    }

    fn read_styles(&mut self, main: &str) {
        if let Some(root) = self.beside(main, "styles.xml") {
            self.styles = Styles::read(&root);
        }
    }

    fn sections(&mut self, body: &Element, main: &str) -> Vec<Section> {
        let mut sections = Vec::new();
        let mut blocks = Vec::new();
        let mut edges = (EdgeParts::new(), EdgeParts::new());
        for child in body.elements() {
            let end = if child.name == "sectPr" { Some(child) } else { child.at(&["pPr", "sectPr"]) };
            self.block(child, &mut blocks, 0);
            if let Some(end) = end {
                sections.push(self.section(end, std::mem::take(&mut blocks), &mut edges));
            }
        }
        if !blocks.is_empty() || sections.is_empty() {
            let plain = Element::default();
            sections.push(self.section(&plain, blocks, &mut edges));
        }
        let notes = self.notes(main);
        if let Some(last) = sections.last_mut() {
            last.blocks.extend(notes);
        }
        sections
    }

    /// A section with its paper; a header that is not told is that of the section before.
    fn section(&mut self, told: &Element, blocks: Vec<Block>, edges: &mut (EdgeParts, EdgeParts)) -> Section {
        let points = |element: Option<&Element>, name: &str| {
            let twips: f64 = element?.attribute(name)?.parse().ok()?;
            Some(twips / 20.0)
        };
        let (paper, margin) = (told.child("pgSz"), told.child("pgMar"));
        let extent =
            |name, usual| points(paper, name).filter(|e| (70.0..5000.0).contains(e)).unwrap_or(usual);
        let (width, height) = (extent("w", 595.3), extent("h", 841.9));
        let edge = |name, most: f64| points(margin, name).map_or(72.0, f64::abs).min(most * 0.3);
        let margins =
            [edge("left", width), edge("top", height), edge("right", width), edge("bottom", height)];
        for (kind, known) in [("headerReference", &mut edges.0), ("footerReference", &mut edges.1)] {
            for one in told.named(kind) {
                if let Some(path) = one.attribute("id").and_then(|id| self.relations.get(id)) {
                    known.insert(one.attribute("type").unwrap_or("default").to_owned(), path.clone());
                }
            }
        }
        let first = switch(told, "titlePg").unwrap_or(false);
        Section {
            blocks,
            width,
            height,
            margins,
            header: self.edge(&edges.0, first),
            footer: self.edge(&edges.1, first),
            continues: told.child("type").and_then(|one| one.attribute("val")) == Some("continuous"),
        }
    }

    /// What the parts of a header or footer say. Where a page is to have one of its own and none is
    /// named, it has none.
    fn edge(&mut self, parts: &EdgeParts, first: bool) -> Edge {
        let mut blocks = |kind: &str| self.other_part(parts.get(kind));
        let (usual, first) = (blocks("default"), first.then(|| blocks("first")));
        let even = self.even.then(|| self.other_part(parts.get("even")));
        Edge { first, even, usual }
    }

    /// The blocks of a header or footer, which has relations of its own.
    fn other_part(&mut self, path: Option<&String>) -> Vec<Block> {
        let Some(path) = path else { return Vec::new() };
        let Some(root) = self.tree(path) else { return Vec::new() };
        let own = self.package.relations(path);
        let relations = std::mem::replace(&mut self.relations, own);
        let mut blocks = Vec::new();
        root.elements().for_each(|child| self.block(child, &mut blocks, 0));
        self.relations = relations;
        blocks
    }

    /// Footnotes and endnotes stand behind the text, in its order.
    fn notes(&mut self, main: &str) -> Vec<Block> {
        let mut blocks = Vec::new();
        for kind in ["footnotes", "endnotes"] {
            let wanted: Vec<String> =
                self.notes.iter().filter(|(own, _)| *own == kind).map(|(_, id)| id.clone()).collect();
            let part = format!("{kind}.xml");
            let Some(root) = (!wanted.is_empty()).then(|| self.beside(main, &part)).flatten() else {
                continue;
            };
            for id in &wanted {
                let note = root.elements().find(|note| note.attribute("id") == Some(id));
                note.into_iter()
                    .flat_map(Element::elements)
                    .for_each(|child| self.block(child, &mut blocks, 0));
            }
        }
        blocks
    }

    fn block(&mut self, element: &Element, blocks: &mut Vec<Block>, depth: u32) {
        if depth > BLOCKS {
            self.too_deep();
            return;
        }
        match element.name.as_str() {
            "p" => self.paragraph(element, blocks, depth),
            "tbl" => {
                let table = self.table(element, depth);
                blocks.push(Block::Table(table));
            }
            "del" | "moveFrom" | "sectPr" | "pPr" | "tblPr" | "tcPr" => {}
            "altChunk" if !self.troubles.contains(&Trouble::Inserted) => {
                self.troubles.push(Trouble::Inserted);
            }
            "AlternateContent" => {
                if let Some(one) = element.child("Choice").or_else(|| element.child("Fallback")) {
                    one.elements().for_each(|child| self.block(child, blocks, depth + 1));
                }
            }
            "sdt" => {
                if let Some(content) = element.child("sdtContent") {
                    content.elements().for_each(|child| self.block(child, blocks, depth));
                }
            }
            "ins" | "moveTo" | "customXml" => {
                element.elements().for_each(|child| self.block(child, blocks, depth));
            }
            _ => {}
        }
    }

    fn too_deep(&mut self) {
        if !self.troubles.contains(&Trouble::TooDeep) {
            self.troubles.push(Trouble::TooDeep);
        }
    }

    fn paragraph(&mut self, element: &Element, blocks: &mut Vec<Block>, depth: u32) {
        let told = element.child("pPr");
        let style = self.styles.of(told.and_then(|told| told.child("pStyle")?.attribute("val")));
        let mut paragraph = Paragraph {
            new_page: told.and_then(|told| switch(told, "pageBreakBefore")).unwrap_or(false),
            ..Paragraph::default()
        };
        let own = told.map_or((None, None), list_of);
        let list = own.0.or_else(|| style.list.0.clone());
        let level = own.1.or(style.list.1).unwrap_or(0);
        if let Some((number, follows)) = list.and_then(|list| self.numbering.next(&list, level)) {
            let size = style.size.unwrap_or(self.styles.plain).clamp(4.0, 72.0);
            let text = if follows == Follows::Blank { format!("{number} ") } else { number };
            paragraph.pieces.push(Piece::Text { text, size, hidden: None });
            paragraph.pieces.extend((follows == Follows::Tab).then_some(Piece::Tab));
        }
        let mut boxes = Vec::new();
        let ground = told.and_then(colour::ground).or(style.ground).unwrap_or(self.ground);
        let under = std::mem::replace(&mut self.ground, ground);
        self.runs(element, &style, &mut paragraph.pieces, &mut boxes, depth);
        self.ground = under;
        blocks.push(Block::Paragraph(paragraph));
        // What stands in text boxes is told beside the paragraph they hang on.
        blocks.extend(boxes);
    }

    fn runs(
        &mut self,
        element: &Element,
        style: &Style,
        pieces: &mut Vec<Piece>,
        boxes: &mut Vec<Block>,
        depth: u32,
    ) {
        if depth > MARKS {
            self.too_deep();
            return;
        }
        for child in element.elements() {
            match child.name.as_str() {
                "r" => self.run(child, style, pieces, boxes, depth),
                // Text that was deleted or moved away is no text of the document.
                "del" | "moveFrom" | "pPr" | "rPr" => {}
                "AlternateContent" => {
                    if let Some(one) = child.child("Choice").or_else(|| child.child("Fallback")) {
                        self.runs(one, style, pieces, boxes, depth + 1);
                    }
                }
                // Hyperlinks, insertions, fields, controls: their runs lie deeper.
                _ => self.runs(child, style, pieces, boxes, depth + 1),
            }
        }
    }

    fn run(
        &mut self,
        run: &Element,
        style: &Style,
        pieces: &mut Vec<Piece>,
        boxes: &mut Vec<Block>,
        depth: u32,
    ) {
        let told = run.child("rPr");
        let own = self.styles.of(told.and_then(|told| told.child("rStyle")?.attribute("val")));
        let size = told.and_then(size_of).or(own.size).or(style.size).unwrap_or(self.styles.plain);
        let vanish = told.and_then(|told| switch(told, "vanish")).or(own.hidden).or(style.hidden);
        let ink = told.and_then(colour::ink).or(own.ink).or(style.ink).flatten();
        // White on a dark ground is meant to be seen.
        let ground = told.and_then(colour::ground).or(own.ground).unwrap_or(self.ground);
        let hidden = if vanish == Some(true) {
            Some(Hidden::Marked)
        } else {
            (!colour::is_seen(ink, ground)).then_some(Hidden::Ground)
        };
        let text = |text: String| Piece::Text { text, size: size.clamp(4.0, 72.0), hidden };
        for child in run.elements() {
            match child.name.as_str() {
                "t" => pieces.push(text(child.text())),
                "tab" | "ptab" => pieces.push(Piece::Tab),
                "br" => pieces.push(match child.attribute("type") {
                    Some("page") => Piece::Page,
                    _ => Piece::Line,
                }),
                "cr" => pieces.push(Piece::Line),
                "noBreakHyphen" => pieces.push(text("-".to_owned())),
                // The reading of rare signs stands above them, in small letters.
                "ruby" => {
                    if let Some(base) = child.child("rubyBase") {
                        self.runs(base, style, pieces, boxes, depth + 1);
                    }
                }
                "sym" => pieces.push(text(sign(child).to_string())),
                "footnoteReference" | "endnoteReference" => {
                    let kind = if child.name == "footnoteReference" { "footnotes" } else { "endnotes" };
                    self.notes.extend(child.attribute("id").map(|id| (kind, id.to_owned())));
                }
                "drawing" | "pict" | "object" => self.drawing(child, pieces, boxes, depth),
                "AlternateContent" => {
                    if let Some(one) = child.child("Choice").or_else(|| child.child("Fallback")) {
                        one.elements().for_each(|inner| self.drawing(inner, pieces, boxes, depth));
                    }
                }
                _ => {}
            }
        }
    }

    /// A picture, or a text box with blocks in it.
    fn drawing(&mut self, drawing: &Element, pieces: &mut Vec<Piece>, boxes: &mut Vec<Block>, depth: u32) {
        let mut size = (0.0, 0.0);
        let mut pictures = Vec::new();
        let mut texts = Vec::new();
        drawing.walk(&mut |element| match element.name.as_str() {
            "extent" => {
                // English Metric Units: 12,700 a point.
                let of = |name| element.attribute(name).and_then(|value| value.parse::<f64>().ok());
                if let (Some(across), Some(down)) = (of("cx"), of("cy")) {
                    size = (across / 12_700.0, down / 12_700.0);
                }
            }
            "blip" => pictures.extend(element.attribute("embed").map(str::to_owned)),
            "imagedata" => pictures.extend(element.attribute("id").map(str::to_owned)),
            "txbxContent" => texts.push(element),
            _ => {}
        });
        for picture in pictures {
            let Some(part) = self.relations.get(&picture).cloned() else { continue };
            self.parts.insert(part.clone());
            pieces.push(Piece::Picture { part, width: size.0, height: size.1 });
        }
        // What fills a shape is told in many ways.
        let under = self.ground.take();
        for text in texts {
            text.elements().for_each(|child| self.block(child, boxes, depth + 1));
        }
        self.ground = under;
    }

    fn table(&mut self, element: &Element, depth: u32) -> Table {
        let twips = |one: &Element| one.attribute("w").and_then(|w| w.parse::<f64>().ok()).unwrap_or(0.0);
        let grid = element.child("tblGrid");
        let grid = grid.map(|grid| grid.named("gridCol").map(|one| twips(one) / 20.0).collect());
        let mut table = Table { grid: grid.unwrap_or_default(), rows: Vec::new() };
        let told = element.child("tblPr");
        let style = self.styles.of(told.and_then(|told| told.child("tblStyle")?.attribute("val")));
        let shaded = if style.shades { None } else { self.ground };
        let ground = told.and_then(colour::ground).unwrap_or(shaded);
        let under = std::mem::replace(&mut self.ground, ground);
        self.rows(element, &mut table, depth);
        self.ground = under;
        table
    }

    fn rows(&mut self, element: &Element, table: &mut Table, depth: u32) {
        for child in element.elements() {
            match child.name.as_str() {
                "tr" if child.at(&["trPr", "del"]).is_none() => {
                    let before =
                        child.at(&["trPr", "gridBefore"]).and_then(|one| one.attribute("val")?.parse().ok());
                    let mut row = Row { before: before.unwrap_or(0).min(200), cells: Vec::new() };
                    self.cells(child, &mut row, depth);
                    table.rows.push(row);
                }
                "sdt" | "sdtContent" | "customXml" | "ins" => self.rows(child, table, depth),
                _ => {}
            }
        }
    }

    fn cells(&mut self, element: &Element, row: &mut Row, depth: u32) {
        for child in element.elements() {
            match child.name.as_str() {
                "tc" => {
                    let told = child.child("tcPr");
                    let span = told.and_then(|told| told.child("gridSpan")?.attribute("val")?.parse().ok());
                    let merge = told.and_then(|told| told.child("vMerge"));
                    let continues = merge.is_some_and(|merge| merge.attribute("val") != Some("restart"));
                    let mut blocks = Vec::new();
                    let ground = told.and_then(colour::ground).unwrap_or(self.ground);
                    let under = std::mem::replace(&mut self.ground, ground);
                    child.elements().for_each(|inner| self.block(inner, &mut blocks, depth + 1));
                    self.ground = under;
                    row.cells.push(Cell { span: span.unwrap_or(1).clamp(1, 200), continues, blocks });
                }
                "sdt" | "sdtContent" | "customXml" | "ins" => self.cells(child, row, depth),
                _ => {}
            }
        }
    }
}

/// A sign of a symbol font; those that tick boxes in forms are known by their numbers.
fn sign(symbol: &Element) -> char {
    let code = symbol.attribute("char").and_then(|code| u32::from_str_radix(code, 16).ok()).unwrap_or(0);
    let second = symbol.attribute("font").is_some_and(|font| font.contains('2'));
    match (second, code & 0xff) {
        (false, 0xfe) | (true, 0x52 | 0x53) => '☑',
        (false, 0xfd) | (true, 0x51 | 0x54) => '☒',
        (false, 0xa8 | 0x6f | 0x71 | 0x72) | (true, 0xa3 | 0x30 | 0x2a) => '☐',
        (false, 0xfc) | (true, 0x50) => '✓',
        (false, 0xfb) | (true, 0x4f) => '✗',
        _ => char::from_u32(code).filter(|c| !c.is_control()).unwrap_or('□'),
    }
}
