//! How much of anything from outside is taken in. Every reader is handed these; none has its own.
//!
//! What is no amount stays where it is used: how deep a format or the values in it nest, how long a name,
//! a key, a list in one attribute or a chain of certificates may be before it is none, and from which
//! size on a ratio is looked at. Nobody meets those with a file that was not made to be met.

use std::time::Duration;

use serde::{Deserialize, Serialize};

use super::name::Name;

/// Upper bounds for hostile or broken input.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Limits {
    /// Bytes of one file.
    pub file_bytes: u64,
    /// Bytes of one declaration, which is read before anything else.
    pub declaration_bytes: u64,
    /// Pages of one file that are read.
    pub pages: usize,
    /// Pixels of one picture (width × height) that are decoded, and of one page that is drawn.
    pub pixels: u64,
    /// Pixels of one picture inside a PDF: a large drawing scanned in black and white has many.
    pub inner_pixels: u64,
    /// Files inside one archive, those of archives in it with them.
    pub archive_entries: usize,
    /// Bytes that all files of one archive, and of archives in it, may unpack to together.
    pub archive_bytes: u64,
    /// Archives inside archives.
    pub archive_depth: usize,
    /// How many bytes a packed byte of an archive may unpack to, once a file has more than 8 MiB.
    pub archive_ratio: u64,
    /// Bytes of memory that an unpacker may ask for: the dictionaries of LZMA and the like.
    pub unpacker_memory: u64,
    /// Bytes that all parts of one workbook or OFD may unpack to together.
    pub workbook_bytes: u64,
    /// Bytes of one XML file.
    pub xml_bytes: u64,
    /// Elements and stretches of text of one XML file.
    pub xml_nodes: usize,
    /// Elements inside elements of one XML file.
    pub xml_depth: usize,
    /// Sheets of one workbook that are read.
    pub sheets: usize,
    /// Cells of one workbook that are read.
    pub cells: usize,
    /// Bytes of text that are taken from the cells of one workbook.
    pub cell_text: usize,
    /// Merged ranges of one workbook.
    pub merged_cells: usize,
    /// Places between the first and the last cells of all sheets of an old workbook.
    pub sparse_cells: u64,
    /// Bytes of all sheets of one workbook, those counted again that are named twice.
    pub sheet_bytes: u64,
    /// Cells that are looked at while sums of one workbook are added up again, and under merged cells.
    pub formula_steps: usize,
    /// Words of one page that are kept, and rulings and pictures as many.
    pub words: usize,
    /// Glyphs of one page that are made into words.
    pub glyphs: usize,
    /// Words, rulings and pictures of all pages of one file together.
    pub file_words: usize,
    /// Glyphs, paths, pictures and clips that are looked at in one file.
    pub file_steps: usize,
    /// Signatures of one file that are checked.
    pub signatures: usize,
    /// Bytes of the states of one signed PDF that are compared to tell what was added after signing.
    pub revision_bytes: u64,
    /// How long one file may be read, and one page drawn, by the process that does nothing else.
    pub time: Duration,
    /// Bytes of memory that this process may take for it.
    pub memory_bytes: u64,
    /// Bytes that this process may answer with, beside the files it unpacked.
    pub answer_bytes: u64,
}

impl Limits {
    /// What holds where nothing else was asked for.
    pub const DEFAULT: Self = Self {
        file_bytes: 200 << 20,
        declaration_bytes: 16 << 20,
        pages: 600,
        pixels: 100_000_000,
        inner_pixels: 600_000_000,
        archive_entries: 2_000,
        archive_bytes: 1 << 30,
        archive_depth: 3,
        archive_ratio: 200,
        unpacker_memory: 256 << 20,
        workbook_bytes: 200 << 20,
        xml_bytes: 64 << 20,
        xml_nodes: 1_000_000,
        xml_depth: 100,
        sheets: 600,
        cells: 2_000_000,
        cell_text: 64 << 20,
        merged_cells: 200_000,
        sparse_cells: 24_000_000,
        sheet_bytes: 6 << 30,
        formula_steps: 20_000_000,
        words: 50_000,
        glyphs: 200_000,
        file_words: 2_000_000,
        file_steps: 10_000_000,
        signatures: 32,
        revision_bytes: 64 << 20,
        time: Duration::from_secs(60),
        memory_bytes: 1_400 << 20,
        answer_bytes: 256 << 20,
    };

    /// Every limit as it is shown to a person, in the order of the fields.
    #[must_use]
    pub fn table(&self) -> Vec<Bound> {
        // Without `..`: a limit that is not shown does not compile.
        let Self {
            file_bytes,
            declaration_bytes,
            pages,
            pixels,
            inner_pixels,
            archive_entries,
            archive_bytes,
            archive_depth,
            archive_ratio,
            unpacker_memory,
            workbook_bytes,
            xml_bytes,
            xml_nodes,
            xml_depth,
            sheets,
            cells,
            cell_text,
            merged_cells,
            sparse_cells,
            sheet_bytes,
            formula_steps,
            words,
            glyphs,
            file_words,
            file_steps,
            signatures,
            revision_bytes,
            time,
            memory_bytes,
            answer_bytes,
        } = self;
        let count = |number: usize| counted(number as u64);
        let row = |name, value, bounds, code| Bound { name, value, bounds, code };
        vec![
            row("file_bytes", in_bytes(*file_bytes), "one file", "file-too-large"),
            row(
                "declaration_bytes",
                in_bytes(*declaration_bytes),
                "one declaration",
                "declaration-too-large",
            ),
            row("pages", count(*pages), "pages of one file", "too-many-pages"),
            row("pixels", counted(*pixels), "pixels of a picture or drawn page", "picture-too-large"),
            row("inner_pixels", counted(*inner_pixels), "pixels of a picture in a PDF", "picture-too-large"),
            row("archive_entries", count(*archive_entries), "files in one archive", "archive-too-many-files"),
            row("archive_bytes", in_bytes(*archive_bytes), "all files of one archive", "archive-bomb"),
            row("archive_depth", count(*archive_depth), "archives inside archives", "archive-too-deep"),
            row("archive_ratio", counted(*archive_ratio), "bytes unpacked from one byte", "archive-bomb"),
            row(
                "unpacker_memory",
                in_bytes(*unpacker_memory),
                "memory of one unpacker",
                "archive-entry-damaged",
            ),
            row("workbook_bytes", in_bytes(*workbook_bytes), "one workbook or OFD, unpacked", "archive-bomb"),
            row("xml_bytes", in_bytes(*xml_bytes), "one XML file", "xml-unreadable"),
            row("xml_nodes", count(*xml_nodes), "elements of one XML file", "xml-damaged"),
            row("xml_depth", count(*xml_depth), "elements inside elements", "xml-damaged"),
            row("sheets", count(*sheets), "sheets of one workbook", "too-many-sheets"),
            row("cells", count(*cells), "cells of one file", "too-many-cells"),
            row("cell_text", in_bytes(*cell_text as u64), "text in the cells of one file", "too-much-text"),
            row(
                "merged_cells",
                count(*merged_cells),
                "merged ranges of one workbook",
                "too-many-merged-cells",
            ),
            row("sparse_cells", counted(*sparse_cells), "places of one old workbook", "too-many-cells"),
            row("sheet_bytes", in_bytes(*sheet_bytes), "all sheets of one workbook", "too-many-sheets"),
            row("formula_steps", count(*formula_steps), "cells added up again", "sums-not-all-checked"),
            row("words", count(*words), "words of one page", "too-many-words"),
            row("glyphs", count(*glyphs), "glyphs of one page", "too-many-words"),
            row("file_words", count(*file_words), "words of one file", "too-many-words"),
            row("file_steps", count(*file_steps), "marks drawn in one file", "too-many-words"),
            row("signatures", count(*signatures), "signatures of one file", "too-many-signatures"),
            row(
                "revision_bytes",
                in_bytes(*revision_bytes),
                "states of one signed PDF",
                "revisions-too-large",
            ),
            row("time", format!("{} s", time.as_secs_f64()), "reading one file", "reader-timeout"),
            row("memory_bytes", in_bytes(*memory_bytes), "memory for one file", "reader-out-of-memory"),
            row("answer_bytes", in_bytes(*answer_bytes), "what was read of one file", "reader-killed"),
        ]
    }
}

impl Default for Limits {
    fn default() -> Self {
        Self::DEFAULT
    }
}

/// A limit as it is shown to a person.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Bound {
    /// The name of the field.
    pub name: Name,
    /// How much is allowed, with its unit.
    pub value: String,
    /// What is bounded.
    pub bounds: Name,
    /// The problem that says so where there is more.
    pub code: Name,
}

/// A number of bytes in the largest unit that gives a whole number.
fn in_bytes(bytes: u64) -> String {
    const UNITS: &[&str] = &["B", "KiB", "MiB", "GiB"];
    let steps = (bytes.trailing_zeros() / 10).min(3);
    let unit = UNITS.get(steps as usize).copied().unwrap_or_default();
    format!("{} {unit}", counted(bytes >> (steps * 10)))
}

/// A number with its thousands parted.
fn counted(number: u64) -> String {
    let digits = number.to_string();
    let mut parted = String::new();
    for (at, digit) in digits.chars().enumerate() {
        if at > 0 && (digits.len() - at).is_multiple_of(3) {
            parted.push(',');
        }
        parted.push(digit);
    }
    parted
}
