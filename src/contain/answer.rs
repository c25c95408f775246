//! Answers of a process that read a hostile file: put together again, and believed as far as checked.

use std::{
    io::{self, Read},
    sync::Arc,
};

use super::frame::{Piece, nonsense, take_bytes};
use crate::{
    model::{
        document::Document,
        geometry::{Rect, Size},
        limits::Limits,
        page::Page,
    },
    read,
};

/// Parts are never so deep in each other, whatever the limit of archives: what is nested is also let
/// go one in the other.
const DEEPEST: u32 = 64;

/// How many bytes the files of one answer may have together.
pub(super) const fn most_bytes(limits: &Limits) -> u64 {
    limits.archive_bytes.saturating_add(limits.file_bytes)
}

/// A document out of its pieces and the bytes that follow them. What is known here anyway (name,
/// bytes, hash) is not taken from the answer.
pub(super) fn document(
    mut pieces: Vec<Piece>,
    from: &mut impl Read,
    name: &str,
    bytes: Arc<[u8]>,
    limits: &Limits,
) -> io::Result<Document> {
    let first = pieces.first_mut().ok_or_else(|| nonsense("no document"))?;
    name.clone_into(&mut first.document.name);
    first.document.bytes = bytes;
    let mut left = most_bytes(limits);
    for piece in pieces.iter_mut().skip(1) {
        let bytes = take_bytes(from, left)?;
        left -= bytes.len() as u64;
        piece.document.bytes = bytes.into();
    }
    let mut depths = Vec::with_capacity(pieces.len());
    for place in 0..pieces.len() {
        let above = pieces.get(place).map_or(0, |piece| piece.within as usize);
        let lies_in = (place > 0).then(|| pieces.get(above).map(|piece| piece.document.name.clone()));
        let depth = lies_in.as_ref().map_or(0, |_| depths.get(above).map_or(0, |depth| depth + 1));
        depths.push(depth);
        let Some(piece) = pieces.get_mut(place) else { continue };
        let document = &mut piece.document;
        document.id = read::id(&document.bytes);
        match lies_in.map(Option::unwrap_or_default) {
            Some(outer) if above >= place || depth > DEEPEST || !lies_below(&document.name, &outer) => {
                return Err(nonsense("a part that lies in nothing"));
            }
            _ => believable(document).map_err(nonsense)?,
        }
    }
    // From the last on: a part stands behind what it lies in, and takes its own parts along.
    while let Some(mut piece) = pieces.pop() {
        piece.document.parts.reverse();
        match pieces.get_mut(piece.within as usize) {
            Some(outer) => outer.document.parts.push(piece.document),
            None => return Ok(piece.document),
        }
    }
    Err(nonsense("no document"))
}

/// The files of an archive by the names that came before them.
pub(super) fn unpacked(
    names: Vec<String>,
    from: &mut impl Read,
    limits: &Limits,
) -> io::Result<Vec<read::Unpacked>> {
    let mut left = most_bytes(limits);
    let mut files = Vec::new();
    for name in names {
        let bytes = take_bytes(from, left)?;
        left -= bytes.len() as u64;
        files.push((name, Arc::from(bytes)));
    }
    Ok(files)
}

/// Whether a part is named as what lies in `outer`.
fn lies_below(name: &str, outer: &str) -> bool {
    name.strip_prefix(outer).is_some_and(|rest| rest.starts_with('/'))
}

/// Whether a document is one that a reader could have made.
fn believable(document: &Document) -> Result<(), &'static str> {
    let places = document.payloads.iter().flat_map(|payload| &payload.nodes).flat_map(|node| &node.places);
    let seals = document.signatures.iter().flat_map(|signature| &signature.places);
    if !places.chain(seals).all(|(_, bounds)| is_box(bounds)) {
        return Err("a box that is none");
    }
    document.pages.iter().try_for_each(page)
}

fn page(page: &Page) -> Result<(), &'static str> {
    if !is_size(page.size) || !page.dpi.is_finite() {
        return Err("a page without a size");
    }
    if page.flat.is_some() {
        return Err("a page laid flat, which readers do not do");
    }
    let words = page.words.iter().chain(&page.seals).map(|word| &word.bounds);
    let hidden = page.hidden.iter().map(|word| &word.bounds);
    let drawn = page.strokes.iter().chain(&page.pictures).chain(&page.doubtful);
    let lines = page.lines.iter().map(|line| &line.bounds);
    let tables = page.tables.iter().map(|table| &table.bounds);
    let cells = || page.tables.iter().flat_map(|table| &table.cells);
    let boxes = words.chain(hidden).chain(drawn).chain(lines).chain(tables);
    if !boxes.chain(cells().map(|cell| &cell.bounds)).all(is_box) {
        return Err("a box that is none");
    }
    if !page.words.iter().flat_map(|word| &word.edges).all(|edge| edge.is_finite()) {
        return Err("a word without edges");
    }
    let named = page.lines.iter().flat_map(|line| &line.words).chain(cells().flat_map(|cell| &cell.words));
    if named.into_iter().any(|at| *at >= page.words.len()) {
        return Err("a line of words that are not there");
    }
    Ok(())
}

fn is_box(bounds: &Rect) -> bool {
    [bounds.left, bounds.top, bounds.right, bounds.bottom].iter().all(|edge| edge.is_finite())
}

fn is_size(size: Size) -> bool {
    size.width.is_finite() && size.height.is_finite() && size.width >= 0.0 && size.height >= 0.0
}
