//! `heyan show`: what was read before any meaning.

use std::{collections::BTreeMap, fmt::Write, path::PathBuf};

use anyhow::{Context, Result, bail};
use clap::Args;

use super::{Ending, extract, say, shown, tools, whole::whole};
use crate::{
    draw,
    model::{anchor::column_letters, document::Document, geometry::Rect, page::Page},
    pipeline, report,
};

/// Prints what was read before any meaning: pages, words with boxes, tables, sheets, problems.
#[derive(Args)]
pub(super) struct Show {
    /// The file.
    #[arg(value_name = "FILE")]
    file: PathBuf,
    /// Only this page, from 1.
    #[arg(long, value_name = "N")]
    page: Option<u32>,
    /// Writes the page (the first if none is named) as a PNG with its boxes drawn.
    #[arg(long, value_name = "OUT.png")]
    image: Option<PathBuf>,
    /// text or json.
    #[arg(long, default_value = "text", value_parser = ["text", "json"])]
    format: String,
    /// Leaves pictures unread: shows what files say without any recogniser.
    #[arg(long)]
    no_ocr: bool,
    /// How many pages are read side by side.
    #[arg(long, value_name = "N")]
    jobs: Option<usize>,
}

/// Colours of boxes: lines of words, and cells of tables.
const LINE: [u8; 3] = [20, 90, 200];
const CELL: [u8; 3] = [0, 150, 60];

impl Show {
    pub(super) fn run(self) -> Result<Ending> {
        let name = self.file.display().to_string();
        let files = BTreeMap::from([(name, extract::bytes(&self.file)?)]);
        let tools = if self.no_ocr { tools::without_engines(self.jobs)? } else { tools::open(self.jobs)? };
        let documents = pipeline::open(&files, &tools, &|_| {});
        if self.format == "json" {
            say::result(&shown::json(&documents, self.page).to_string());
        } else {
            let mut text = String::new();
            for document in &documents {
                describe(document, self.page, &mut text);
            }
            say::result(&report::text::printable(&text));
        }
        let number = self.page.unwrap_or(1);
        let found = documents.iter().find_map(|d| Some((d, d.pages.iter().find(|p| p.number == number)?)));
        if found.is_none() && (self.page.is_some() || self.image.is_some()) {
            let pages = documents.iter().map(|d| d.pages.len()).max().unwrap_or(0);
            bail!("there is no page {number}; {} has {pages}", self.file.display());
        }
        if let (Some(out), Some((document, page))) = (&self.image, found) {
            let dpi = (1400.0 / (page.size.width.max(1.0) / 72.0)).min(200.0);
            let mut image = tools
                .opener
                .draw(document, number, page.turn, dpi)
                .with_context(|| format!("page {number} cannot be drawn"))?;
            let mut boxes: Vec<(Rect, [u8; 3])> = page.lines.iter().map(|line| (line.bounds, LINE)).collect();
            boxes.extend(page.tables.iter().flat_map(|t| &t.cells).map(|cell| (cell.bounds, CELL)));
            draw::boxes(&mut image, page.size, &boxes);
            whole(out, &draw::png(&image))?;
        }
        Ok(if documents.iter().any(|d| !d.problems.is_empty()) { Ending::Findings } else { Ending::Fine })
    }
}

fn describe(document: &Document, only: Option<u32>, out: &mut String) {
    let _ = writeln!(out, "{}: {}, sha256 {}", document.name, document.format.name(), document.id.0);
    for problem in &document.problems {
        let page = problem.page.map_or_else(String::new, |page| format!(" page {page}"));
        let _ = writeln!(out, "  problem {}{page}: {}", problem.code, problem.message.en);
    }
    for signature in &document.signatures {
        let (kind, verdict) = (signature.kind.name(), signature.verdict.name());
        let signer = signature.signer.as_deref().unwrap_or("?");
        let _ = writeln!(out, "  signature {kind} {verdict} by {signer}: {}", signature.message.en);
    }
    for page in document.pages.iter().filter(|page| only.is_none_or(|only| only == page.number)) {
        describe_page(page, out);
    }
    for payload in &document.payloads {
        let _ = writeln!(out, "data {} {}: {} values", payload.kind, payload.part, payload.nodes.len());
        for node in payload.nodes.iter().take(200) {
            let _ = writeln!(out, "  {}: {}", node.path, node.text);
        }
    }
    for sheet in &document.sheets {
        let _ = writeln!(out, "sheet {}: {} rows", sheet.name, sheet.rows.len());
        if sheet.hidden {
            let _ = writeln!(out, "  the sheet is hidden");
        }
        for (what, which) in [("rows", &sheet.hidden_rows), ("columns", &sheet.hidden_columns)] {
            if !which.is_empty() {
                let _ = writeln!(out, "  hidden {what}: {which:?}");
            }
        }
        for (at, row) in sheet.rows.iter().enumerate().take(200) {
            for (column, cell) in row.iter().enumerate().filter(|(_, cell)| !cell.text.is_empty()) {
                let letters = column_letters(u32::try_from(column + 1).unwrap_or(u32::MAX));
                let _ = write!(out, "  {letters}{}: {}", at + 1, cell.text);
            }
            out.push('\n');
        }
    }
}

fn describe_page(page: &Page, out: &mut String) {
    let (width, height) = (page.size.width, page.size.height);
    let _ = writeln!(
        out,
        "page {}: {width:.1} × {height:.1} pt, turn {:?}, text layer {:?}, {} words, {} lines, {} tables",
        page.number,
        page.turn,
        page.layer,
        page.words.len(),
        page.lines.len(),
        page.tables.len()
    );
    for line in &page.lines {
        let words: Vec<&str> =
            line.words.iter().filter_map(|at| page.words.get(*at)).map(|word| word.text.as_str()).collect();
        let b = line.bounds;
        let _ = writeln!(
            out,
            "  [{:.1} {:.1} {:.1} {:.1}] {}",
            b.left,
            b.top,
            b.right,
            b.bottom,
            words.join(" ")
        );
    }
    for word in &page.seals {
        let _ = writeln!(out, "  round a seal: {}", word.text);
    }
    for word in &page.hidden {
        let _ = writeln!(out, "  hidden, {:?}: {}", word.concealment, word.text);
    }
    for table in &page.tables {
        let _ = writeln!(out, "  table {} rows × {} columns", table.rows, table.columns);
        for cell in table.cells.iter().filter(|cell| !cell.words.is_empty()) {
            let words: Vec<&str> = cell
                .words
                .iter()
                .filter_map(|at| page.words.get(*at))
                .map(|word| word.text.as_str())
                .collect();
            let _ = writeln!(out, "    {},{}: {}", cell.row + 1, cell.column + 1, words.join(" "));
        }
    }
}
