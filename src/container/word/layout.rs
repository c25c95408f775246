//! Blocks to pages: lines are broken, tables ruled, and strips of them put one below the other.

use super::{
    Cut, Hidden, LaidPage, LaidPicture, LaidWord, Place, WordLimits,
    blocks::{Block, Edge, Paragraph, Piece, Row, Section, Table},
};
use crate::container::width;

/// Height of a line, as a share of the size of its text.
const LEADING: f64 = 1.5;
/// Room between a ruling and the text beside it.
const PADDING: f64 = 4.0;
/// Thickness of a ruling.
const RULING: f64 = 0.5;
/// Where tabs stop.
const TAB: f64 = 21.0;

/// Something that is never torn apart by the end of a page: a line, a picture, a row of a table.
#[derive(Default)]
struct Strip {
    height: f64,
    words: Vec<LaidWord>,
    strokes: Vec<Place>,
    pictures: Vec<LaidPicture>,
    /// Whether a page begins here.
    new_page: bool,
    /// Rulings that are drawn only where the strip stands first on its page: a merged cell goes on.
    at_top: Vec<Place>,
}

/// The header or footer that each page of a section gets, as strips.
struct Edges {
    first: Option<Vec<Strip>>,
    even: Option<Vec<Strip>>,
    usual: Vec<Strip>,
}

impl Edges {
    fn of(edge: &Edge, across: f64, left: &mut usize, left_out: &mut bool) -> Self {
        let mut laid = |blocks: &Vec<Block>| strips(blocks, across, left, left_out);
        Self {
            first: edge.first.as_ref().map(&mut laid),
            even: edge.even.as_ref().map(&mut laid),
            usual: laid(&edge.usual),
        }
    }

    /// That of the page of this number, from 1, in the document and in its section.
    fn on(&self, page: usize, in_section: usize) -> &[Strip] {
        let first = self.first.as_ref().filter(|_| in_section == 1);
        let even = self.even.as_ref().filter(|_| page.is_multiple_of(2));
        first.or(even).unwrap_or(&self.usual)
    }
}

/// Lays out all sections; the second value tells what was left out, if anything was.
pub(super) fn pages(sections: &[Section], limits: &WordLimits) -> (Vec<LaidPage>, Option<Cut>) {
    let mut pages: Vec<LaidPage> = Vec::new();
    let mut left = limits.words;
    let mut y = 0.0;
    for (at, section) in sections.iter().enumerate() {
        let [side, top, right, bottom] = section.margins;
        let across = (section.width - side - right).max(60.0);
        let mut left_out = false;
        let headers = Edges::of(&section.header, across, &mut left, &mut left_out);
        let footers = Edges::of(&section.footer, across, &mut left, &mut left_out);
        let before = pages.len();
        // A header that is higher than the margin pushes the text down.
        let below = |header: &[Strip]| top.max(42.0 + header.iter().map(|strip| strip.height).sum::<f64>());
        let mut start = below(&headers.usual);
        let page = |pages: &mut Vec<LaidPage>| {
            let header = headers.on(pages.len() + 1, pages.len() + 1 - before);
            let mut page = LaidPage { width: section.width, height: section.height, ..LaidPage::default() };
            put_all(&mut page, header, side, 36.0_f64.min(top));
            pages.push(page);
            below(header)
        };
        let foot = |pages: &mut Vec<LaidPage>, y: f64| {
            let footer = footers.on(pages.len(), pages.len().saturating_sub(before));
            finish(pages.last_mut(), footer, side, section.height - bottom, y);
        };
        if at == 0 || !section.continues || pages.is_empty() {
            start = page(&mut pages);
            y = start;
        }
        for strip in strips(&section.blocks, across, &mut left, &mut left_out) {
            let end = (section.height - bottom).max(start + 40.0);
            let full = y + strip.height > end && y > start;
            if strip.new_page && y > start || full {
                foot(&mut pages, y);
                if pages.len() >= limits.pages {
                    return (pages, Some(Cut::Pages));
                }
                start = page(&mut pages);
                y = start;
            }
            if let Some(page) = pages.last_mut() {
                let top = y <= start;
                y = put(page, &strip, side, y, top);
            }
        }
        let goes_on = sections.get(at + 1).is_some_and(|next| next.continues);
        if !goes_on {
            foot(&mut pages, y);
        }
        if left_out {
            return (pages, Some(Cut::Words));
        }
    }
    (pages, None)
}

/// Puts the footer below the text, and makes room where a row was higher than the page.
fn finish(page: Option<&mut LaidPage>, footer: &[Strip], x: f64, end: f64, y: f64) {
    let Some(page) = page else { return };
    let foot: f64 = footer.iter().map(|strip| strip.height).sum();
    let start = (end + 8.0).max(y + 4.0);
    put_all(page, footer, x, start);
    page.height = page.height.max(start + foot + 10.0);
}

fn put_all(page: &mut LaidPage, strips: &[Strip], x: f64, y: f64) {
    strips.iter().fold(y, |y, strip| put(page, strip, x, y, false));
}

/// Puts a strip on a page and says where it ends.
fn put(page: &mut LaidPage, strip: &Strip, x: f64, y: f64, top: bool) -> f64 {
    page.words.extend(strip.words.iter().map(|word| moved(word, x, y)));
    page.strokes.extend(strip.strokes.iter().map(|stroke| stroke.moved(x, y)));
    if top {
        page.strokes.extend(strip.at_top.iter().map(|stroke| stroke.moved(x, y)));
    }
    let pictures = strip.pictures.iter();
    page.pictures
        .extend(pictures.map(|one| LaidPicture { part: one.part.clone(), place: one.place.moved(x, y) }));
    y + strip.height
}

fn moved(word: &LaidWord, x: f64, y: f64) -> LaidWord {
    LaidWord {
        place: word.place.moved(x, y),
        edges: word.edges.iter().map(|edge| edge + x).collect(),
        ..word.clone()
    }
}

/// Blocks as strips of a given width; `left` words may still be made.
fn strips(blocks: &[Block], across: f64, left: &mut usize, left_out: &mut bool) -> Vec<Strip> {
    let mut strips = Vec::new();
    for block in blocks {
        if *left == 0 {
            *left_out = true;
            break;
        }
        match block {
            Block::Paragraph(paragraph) => lines(paragraph, across, left, &mut strips),
            Block::Table(table) => rows(table, across, left, left_out, &mut strips),
        }
        // Whether the words ran out inside the block or behind it, nobody knows.
        *left_out |= *left == 0;
    }
    strips
}

/// The line that is being filled.
struct Line {
    strip: Strip,
    x: f64,
    /// The largest text in it.
    size: f64,
    /// The word that is being made: characters with their left edges, the largest size, and whether it
    /// is hidden.
    text: String,
    edges: Vec<f64>,
    kind: (f64, Option<Hidden>),
}

impl Line {
    fn new() -> Self {
        let kind = (0.0, None);
        Self { strip: Strip::default(), x: 0.0, size: 0.0, text: String::new(), edges: Vec::new(), kind }
    }

    /// The word ends.
    fn flush(&mut self, left: &mut usize) {
        if self.text.is_empty() {
            return;
        }
        let (size, hidden) = (std::mem::take(&mut self.kind.0), self.kind.1);
        let mut edges = std::mem::take(&mut self.edges);
        edges.push(self.x);
        let start = edges.first().copied().unwrap_or(0.0);
        // Boxes stand on the base line of the line, which is not known before its end.
        let place = Place { left: start, top: -size, right: self.x, bottom: size * 0.2 };
        let text = std::mem::take(&mut self.text);
        if *left > 0 {
            *left -= 1;
            self.strip.words.push(LaidWord { text, place, edges, hidden });
        }
    }

    /// The line ends; its words move down to the base line.
    fn end(mut self, plain: f64, left: &mut usize) -> Strip {
        self.flush(left);
        let size = if self.size > 0.0 { self.size } else { plain };
        let base = size * 1.2;
        for word in &mut self.strip.words {
            word.place = word.place.moved(0.0, base);
        }
        self.strip.height = size * LEADING;
        self.strip
    }
}

/// A paragraph as lines.
fn lines(paragraph: &Paragraph, across: f64, left: &mut usize, strips: &mut Vec<Strip>) {
    let first = strips.len();
    let mut line = Line::new();
    let mut plain = 10.5;
    let mut next_page = paragraph.new_page;
    for piece in &paragraph.pieces {
        match piece {
            Piece::Text { text, size, hidden } => {
                plain = *size;
                // Hidden characters are a word of their own; a size may change inside a word.
                if line.kind.1 != *hidden {
                    line.flush(left);
                    line.kind.1 = *hidden;
                }
                let mut rest = text.as_str();
                while let Some(character) = rest.chars().next() {
                    if *left == 0 {
                        break;
                    }
                    if character.is_whitespace() {
                        line.flush(left);
                        // A blank of Chinese is as wide as its signs.
                        let share = if character == '\u{3000}' { 1.0 } else { width::of(' ') };
                        line.x += share * size;
                        rest = &rest[character.len_utf8()..];
                        continue;
                    }
                    let length = unit(rest);
                    let (unit, after) = rest.split_at(length);
                    let wide: f64 = unit.chars().map(|c| width::of(c) * size).sum();
                    if line.x + wide > across && line.x > 0.0 {
                        close(&mut line, &mut next_page, left, plain, strips);
                        line.kind.1 = *hidden;
                    }
                    for c in unit.chars() {
                        let wide = width::of(c) * size;
                        // A unit wider than the line is broken wherever it has to.
                        if line.x + wide > across && line.x > 0.0 {
                            close(&mut line, &mut next_page, left, plain, strips);
                            line.kind.1 = *hidden;
                        }
                        line.edges.push(line.x);
                        line.text.push(c);
                        line.x += wide;
                        line.size = line.size.max(*size);
                        line.kind.0 = line.kind.0.max(*size);
                    }
                    rest = after;
                }
            }
            Piece::Tab => {
                line.flush(left);
                // At least a blank, so that what stands before and behind keeps apart.
                line.x = ((line.x + 3.0) / TAB).ceil() * TAB;
            }
            Piece::Line => close(&mut line, &mut next_page, left, plain, strips),
            Piece::Page => {
                if line.x > 0.0 {
                    close(&mut line, &mut next_page, left, plain, strips);
                }
                next_page = true;
            }
            Piece::Picture { part, width, height } => {
                if line.x > 0.0 {
                    close(&mut line, &mut next_page, left, plain, strips);
                }
                let (mut wide, mut high) = (width.clamp(0.0, 5000.0), height.clamp(0.0, 5000.0));
                if wide < 1.0 || high < 1.0 {
                    (wide, high) = (across, across * 0.7);
                }
                let scale = (across / wide).min(640.0 / high).min(1.0);
                line.strip.pictures.push(LaidPicture {
                    part: part.clone(),
                    place: Place { left: 0.0, top: 0.0, right: wide * scale, bottom: high * scale },
                });
                let mut strip = std::mem::replace(&mut line, Line::new()).end(plain, left);
                strip.height = high * scale + 4.0;
                strip.new_page = std::mem::take(&mut next_page);
                strips.push(strip);
            }
        }
    }
    if line.x > 0.0 || next_page {
        close(&mut line, &mut next_page, left, plain, strips);
    }
    // An empty paragraph is an empty line.
    if strips.len() == first {
        strips.push(Strip { height: plain * LEADING, ..Strip::default() });
    }
}

/// The line ends, and the next begins.
fn close(line: &mut Line, next_page: &mut bool, left: &mut usize, plain: f64, strips: &mut Vec<Strip>) {
    let mut strip = std::mem::replace(line, Line::new()).end(plain, left);
    strip.new_page = std::mem::take(next_page);
    strips.push(strip);
}

/// The length of what is not broken: one wide sign, or Latin letters and digits up to a blank.
fn unit(text: &str) -> usize {
    let mut characters = text.char_indices();
    match characters.next() {
        Some((_, first)) if width::is_wide(first) => first.len_utf8(),
        _ => {
            characters.find(|(_, c)| c.is_whitespace() || width::is_wide(*c)).map_or(text.len(), |(at, _)| at)
        }
    }
}

/// A table as one strip for each of its rows.
fn rows(table: &Table, across: f64, left: &mut usize, left_out: &mut bool, strips: &mut Vec<Strip>) {
    let count = |row: &Row| row.before + row.cells.iter().map(|cell| cell.span).sum::<usize>();
    let columns = table.rows.iter().map(count).max().unwrap_or(0).clamp(1, 400);
    let edges = edges(&table.grid, columns, across);
    let edge = |at: usize| edges.get(at.min(columns)).copied().unwrap_or(across);
    for (at, row) in table.rows.iter().enumerate() {
        if *left == 0 {
            *left_out = true;
            return;
        }
        let mut strip = Strip::default();
        let mut column = row.before;
        let mut sides = Vec::new();
        for cell in &row.cells {
            let (from, to) = (edge(column), edge(column + cell.span));
            let inner = (to - from - 2.0 * PADDING).max(8.0);
            let mut y = PADDING / 2.0;
            for piece in self::strips(&cell.blocks, inner, left, left_out) {
                let x = from + PADDING;
                strip.words.extend(piece.words.iter().map(|word| moved(word, x, y)));
                let strokes = piece.strokes.iter().chain(&piece.at_top);
                strip.strokes.extend(strokes.map(|stroke| stroke.moved(x, y)));
                let pictures = piece.pictures.iter();
                strip.pictures.extend(
                    pictures.map(|one| LaidPicture { part: one.part.clone(), place: one.place.moved(x, y) }),
                );
                strip.new_page |= piece.new_page && at > 0;
                y += piece.height;
            }
            strip.height = strip.height.max(y + PADDING / 2.0);
            sides.push((from, to, column, cell));
            column += cell.span;
        }
        strip.height = strip.height.max(12.0);
        let bottom = strip.height;
        let across_at = |from: f64, to: f64, y: f64| Place {
            left: from,
            top: y - RULING / 2.0,
            right: to,
            bottom: y + RULING / 2.0,
        };
        for (from, to, column, cell) in sides {
            let top = across_at(from, to, 0.0);
            if cell.continues && at > 0 {
                strip.at_top.push(top)
            } else {
                strip.strokes.push(top)
            }
            let goes_on = table.rows.get(at + 1).is_some_and(|next| continues_at(next, column));
            if !goes_on {
                strip.strokes.push(across_at(from, to, bottom));
            }
            for x in [from, to] {
                let (left, right) = (x - RULING / 2.0, x + RULING / 2.0);
                strip.strokes.push(Place { left, top: 0.0, right, bottom });
            }
        }
        strips.push(strip);
    }
    // Tables that follow each other are two.
    strips.push(Strip { height: 8.0, ..Strip::default() });
}

/// Whether the cell that begins at a column goes on with the one above.
fn continues_at(row: &Row, column: usize) -> bool {
    let mut at = row.before;
    for cell in &row.cells {
        if at == column {
            return cell.continues;
        }
        at += cell.span;
    }
    false
}

/// The edges of the columns, scaled to the width there is where the file's do not fit.
fn edges(grid: &[f64], columns: usize, across: f64) -> Vec<f64> {
    let told = |at: usize| grid.get(at).copied().filter(|width| (1.0..5000.0).contains(width));
    let known: Vec<f64> = (0..columns).filter_map(told).collect();
    let sum: f64 = known.iter().sum();
    #[expect(clippy::cast_precision_loss, reason = "a table has few columns")]
    let usual = if known.is_empty() { across / columns as f64 } else { sum / known.len() as f64 };
    let widths: Vec<f64> = (0..columns).map(|at| told(at).unwrap_or(usual)).collect();
    let scale = across / widths.iter().sum::<f64>().max(1.0);
    let mut edges = vec![0.0];
    let mut x = 0.0;
    for width in widths {
        x += width * scale.min(1.0);
        edges.push(x);
    }
    edges
}
