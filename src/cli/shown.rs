//! What `heyan show --format json` prints: documents as they were read, for other programs to compare.

use serde_json::{Value, json};

use crate::model::{
    document::Document,
    geometry::Rect,
    page::{CellValue, Concealment, Page, Sheet, TextLayer},
    problem::Problem,
};

/// All documents, with the pages that are wanted.
pub(super) fn json(documents: &[Document], only: Option<u32>) -> Value {
    documents.iter().map(|document| one(document, only)).collect()
}

fn one(document: &Document, only: Option<u32>) -> Value {
    let pages = document.pages.iter().filter(|page| only.is_none_or(|only| only == page.number));
    json!({
        "file": document.name,
        "format": document.format.name(),
        "sha256": document.id.0,
        "pages": pages.map(page).collect::<Vec<_>>(),
        "sheets": document.sheets.iter().map(sheet).collect::<Vec<_>>(),
        "parts_of": document.parts.iter().map(|part| part.name.as_str()).collect::<Vec<_>>(),
        "problems": document.problems.iter().map(problem).collect::<Vec<_>>(),
    })
}

fn page(page: &Page) -> Value {
    let words = page
        .words
        .iter()
        .map(|word| json!({ "text": word.text, "box": corners(&word.bounds), "edges": word.edges }));
    let seals = page.seals.iter().map(|word| json!({ "text": word.text, "box": corners(&word.bounds) }));
    let hidden = page.hidden.iter().map(|word| {
        let why = match word.concealment {
            Concealment::Invisible => "invisible",
            Concealment::GroundColour => "ground_colour",
            Concealment::Covered => "covered",
            Concealment::OffPage => "off_page",
        };
        json!({ "text": word.text, "box": corners(&word.bounds), "why": why })
    });
    json!({
        "number": page.number,
        "size": [page.size.width, page.size.height],
        "turn": page.turn,
        "layer": match page.layer {
            TextLayer::None => "none",
            TextLayer::Trusted => "trusted",
            TextLayer::Doubtful => "doubtful",
        },
        "words": words.collect::<Vec<_>>(),
        "seals": seals.collect::<Vec<_>>(),
        "hidden": hidden.collect::<Vec<_>>(),
        "doubtful": page.doubtful.iter().map(corners).collect::<Vec<_>>(),
    })
}

fn sheet(sheet: &Sheet) -> Value {
    let kind = |value: &CellValue| match value {
        CellValue::Empty => "empty",
        CellValue::Text => "text",
        CellValue::Number(_) => "number",
        CellValue::DateTime(_) => "date",
        CellValue::Bool(_) => "bool",
        CellValue::Error => "error",
    };
    let rows = sheet.rows.iter().map(|row| {
        row.iter().map(|cell| json!({ "text": cell.text, "kind": kind(&cell.value) })).collect::<Vec<_>>()
    });
    let merged = sheet.merged.iter().map(|one| json!([one.top, one.left, one.bottom, one.right]));
    json!({
        "name": sheet.name,
        "hidden": sheet.hidden,
        "hidden_rows": sheet.hidden_rows,
        "hidden_columns": sheet.hidden_columns,
        "merged": merged.collect::<Vec<_>>(),
        "rows": rows.collect::<Vec<_>>(),
    })
}

fn problem(problem: &Problem) -> Value {
    json!({ "code": problem.code, "page": problem.page, "message": problem.message.en })
}

/// Left, top, right, bottom, in points.
fn corners(bounds: &Rect) -> Value {
    json!([bounds.left, bounds.top, bounds.right, bounds.bottom])
}
