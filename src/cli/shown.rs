//! What was read, for programs: `heyan show --format json`. Names stay, further ones may come.

use serde_json::{Value, json};

use crate::model::{
    document::{Document, Properties},
    geometry::Rect,
    page::{Concealment, Origin, Page, Sheet, TextLayer, Word},
};

/// Documents with all pages, or with one page of each.
pub(super) fn json(documents: &[Document], only: Option<u32>) -> Value {
    json!({ "documents": documents.iter().map(|document| of(document, only)).collect::<Vec<_>>() })
}

fn of(document: &Document, only: Option<u32>) -> Value {
    let pages = document.pages.iter().filter(|page| only.is_none_or(|only| only == page.number));
    let problems = document.problems.iter().map(|problem| {
        json!({
            "code": problem.code,
            "page": problem.page,
            "message": { "zh": problem.message.zh, "en": problem.message.en },
        })
    });
    json!({
        "name": document.name,
        "format": document.format.name(),
        "sha256": document.id.0,
        "properties": properties(&document.properties),
        "problems": problems.collect::<Vec<_>>(),
        "pages": pages.map(page).collect::<Vec<_>>(),
        "sheets": document.sheets.iter().map(sheet).collect::<Vec<_>>(),
    })
}

fn properties(properties: &Properties) -> Value {
    json!({
        "producer": properties.producer,
        "creator": properties.creator,
        "created": properties.created,
        "modified": properties.modified,
        "revisions": properties.revisions,
    })
}

fn page(page: &Page) -> Value {
    let layer = match page.layer {
        TextLayer::None => "none",
        TextLayer::Trusted => "trusted",
        TextLayer::Doubtful => "doubtful",
    };
    let hidden = page.hidden.iter().map(|word| {
        let why = match word.concealment {
            Concealment::Invisible => "invisible",
            Concealment::GroundColour => "ground_colour",
            Concealment::Covered => "covered",
            Concealment::OffPage => "off_page",
        };
        json!({ "text": word.text, "box": edges(&word.bounds), "why": why })
    });
    json!({
        "number": page.number,
        "width": page.size.width,
        "height": page.size.height,
        "turn": page.turn,
        "text_layer": layer,
        "words": page.words.iter().map(word).collect::<Vec<_>>(),
        "doubtful": page.doubtful.iter().map(edges).collect::<Vec<_>>(),
        "hidden": hidden.collect::<Vec<_>>(),
    })
}

fn word(word: &Word) -> Value {
    let mut value = json!({ "text": word.text, "box": edges(&word.bounds), "edges": rounded(&word.edges) });
    if let Origin::Recognized { engine, score } = word.origin {
        value["engine"] = json!(engine);
        value["score"] = json!(score);
    }
    value
}

fn sheet(sheet: &Sheet) -> Value {
    let rows = sheet.rows.iter().map(|row| row.iter().map(|cell| cell.text.as_str()).collect::<Vec<_>>());
    json!({
        "name": sheet.name,
        "hidden": sheet.hidden,
        "hidden_rows": sheet.hidden_rows,
        "hidden_columns": sheet.hidden_columns,
        "rows": rows.collect::<Vec<_>>(),
    })
}

/// Left, top, right, bottom in points.
fn edges(bounds: &Rect) -> Vec<f64> {
    rounded(&[bounds.left, bounds.top, bounds.right, bounds.bottom])
}

fn rounded(values: &[f64]) -> Vec<f64> {
    values.iter().map(|value| (value * 100.0).round() / 100.0).collect()
}
