//! Rulings of tables in a picture: thin level and upright lines that meet.
//!
//! A ruling is a ridge: darker than what lies a few pixels to both sides of it, so that shade and large dark
//! areas are none. Ridges are runs of pixels that go on from row to row, since pages are never quite level.
//! Strokes of characters are ridges, too; what makes a line a ruling is that it crosses others.

use image::RgbImage;

use crate::model::geometry::Rect;

/// How much darker than its surroundings a ruling is, of 255.
const DARKER: u8 = 24;
/// Pixels across a picture for each pixel that lies between a ridge and its surroundings.
const ACROSS: u32 = 330;
/// Runs with fewer pixels are strokes of characters.
const RUN: usize = 20;
/// So many pixels may be missing in a run.
const MISSING: usize = 2;
/// Lines shorter than this share of the picture's width are no level rulings.
const LEVEL: f64 = 0.03;
/// Nor upright ones shorter than this.
const UPRIGHT: f64 = 0.009;
/// How far a ruling may end from the one it meets, in surroundings.
const MEETS: f64 = 1.2;
/// How steep a line may be.
const STEEP: f64 = 0.02;
/// No page has more; a picture of noise may.
const MOST: usize = 4_000;

/// A line from its left to its right end, or from its upper to its lower one.
#[derive(Clone, Copy, Debug)]
struct Line {
    from: (f64, f64),
    to: (f64, f64),
}

impl Line {
    fn bounds(&self) -> Rect {
        let ((a, b), (c, d)) = (self.from, self.to);
        Rect::new(a.min(c), b.min(d), a.max(c), b.max(d))
    }

    /// How far it sinks on its way.
    fn lean(&self) -> f64 {
        (self.to.1 - self.from.1) / (self.to.0 - self.from.0).max(1.0)
    }

    const fn turned(self) -> Self {
        Self { from: (self.from.1, self.from.0), to: (self.to.1, self.to.0) }
    }
}

/// The rulings of all tables, in pixels, as thin boxes. What is left of a page's lean is taken out of them
/// about the middle of their table, so that parts of one ruling stand on one height.
#[must_use]
pub fn rulings(image: &RgbImage) -> Vec<Rect> {
    let (width, height) = (image.width() as usize, image.height() as usize);
    let beside = (image.width() / ACROSS).max(3) as usize;
    if width <= 2 * beside || height <= 2 * beside {
        return Vec::new();
    }
    let grey: Vec<u8> = image.pixels().map(|pixel| darkest(pixel.0)).collect();
    let mut turned = vec![0; grey.len()];
    for (y, row) in grey.chunks_exact(width).enumerate() {
        for (x, value) in row.iter().enumerate() {
            turned[x * height + y] = *value;
        }
    }
    let reach = |least: f64| (width as f64 * least).max(RUN as f64);
    let level = lines(&grey, width, beside, reach(LEVEL));
    let upright: Vec<Line> =
        lines(&turned, height, beside, reach(UPRIGHT)).into_iter().map(Line::turned).collect();
    if level.len() > MOST || upright.len() > MOST {
        return Vec::new();
    }
    let near = MEETS * beside as f64;
    let (level, upright) = crossing(level, upright, near);
    tables(&level, &upright, near)
        .iter()
        .flat_map(|(level, upright)| straight(level, upright, near))
        .collect()
}

/// A seal's ink is gone, and coloured rulings are as good as black ones.
fn darkest([red, green, blue]: [u8; 3]) -> u8 {
    red.min(green).min(blue)
}

/// Level lines of at least this length.
fn lines(grey: &[u8], width: usize, beside: usize, least: f64) -> Vec<Line> {
    let rows = grey.len() / width;
    let mut found: Vec<Growing> = Vec::new();
    // Lines that reach into the row before.
    let mut open: Vec<usize> = Vec::new();
    for y in beside..rows - beside {
        let row = |y: usize| &grey[y * width..(y + 1) * width];
        let mut next = Vec::new();
        for run in runs(row(y), row(y - beside), row(y + beside)) {
            let touches = |at: &&usize| {
                let last = found[**at].last;
                last.0 <= run.1 + MISSING && run.0 <= last.1 + MISSING
            };
            let at = open.iter().find(touches).copied().unwrap_or_else(|| {
                found.push(Growing::default());
                found.len() - 1
            });
            found[at].add(y, run);
            if !next.contains(&at) {
                next.push(at);
            }
        }
        for at in &next {
            found[*at].last = std::mem::take(&mut found[*at].here).unwrap_or_default();
        }
        open = next;
    }
    let is_line = |line: &Line| {
        let bounds = line.bounds();
        bounds.width() >= least && bounds.height() <= (STEEP * bounds.width()).max(beside as f64)
    };
    found.iter().filter_map(|line| line.ends).map(|(from, to)| Line { from, to }).filter(is_line).collect()
}

/// A line as it grows from row to row.
#[derive(Default)]
struct Growing {
    /// Its extent in the last row and in this one.
    last: (usize, usize),
    here: Option<(usize, usize)>,
    /// Its left and its right end.
    ends: Option<((f64, f64), (f64, f64))>,
}

impl Growing {
    fn add(&mut self, y: usize, (from, to): (usize, usize)) {
        self.here = Some(self.here.map_or((from, to), |(left, right)| (left.min(from), right.max(to))));
        let (left, right) = ((from as f64, y as f64), (to as f64, y as f64));
        self.ends = Some(self.ends.map_or((left, right), |(first, last)| {
            (if left.0 < first.0 { left } else { first }, if right.0 > last.0 { right } else { last })
        }));
    }
}

/// Where a row is a ridge: beginnings and ends of runs.
fn runs(row: &[u8], above: &[u8], below: &[u8]) -> Vec<(usize, usize)> {
    let mut found: Vec<(usize, usize)> = Vec::new();
    let ridge = |x: usize| row[x] < above[x].min(below[x]).saturating_sub(DARKER);
    let mut x = 0;
    while x < row.len() {
        if !ridge(x) {
            x += 1;
            continue;
        }
        let from = x;
        while x < row.len() && ridge(x) {
            x += 1;
        }
        match found.last_mut() {
            Some((_, to)) if from - *to <= MISSING => *to = x,
            _ => found.push((from, x)),
        }
    }
    found.retain(|(from, to)| to - from >= RUN);
    found
}

/// Whether a level and an upright line meet.
fn meet(across: &Line, down: &Line, near: f64) -> bool {
    let x = f64::midpoint(down.from.0, down.to.0);
    let y = across.from.1 + across.lean() * (x - across.from.0);
    (across.from.0 - near..=across.to.0 + near).contains(&x)
        && (down.from.1 - near..=down.to.1 + near).contains(&y)
}

/// Level and upright lines that meet at least two of each other.
fn crossing(mut level: Vec<Line>, mut upright: Vec<Line>, near: f64) -> (Vec<Line>, Vec<Line>) {
    // An upright line ends at level ones; strokes of characters do not.
    let ends = |point| level.iter().any(|across| meet(across, &Line { from: point, to: point }, near));
    upright.retain(|down| ends(down.from) && ends(down.to));
    level.retain(|across| upright.iter().filter(|down| meet(across, down, near)).count() > 1);
    upright.retain(|down| level.iter().filter(|across| meet(across, down, near)).count() > 1);
    (level, upright)
}

/// Lines that hang together, directly or through others.
fn tables(level: &[Line], upright: &[Line], near: f64) -> Vec<(Vec<Line>, Vec<Line>)> {
    let mut left: Vec<Line> = upright.to_vec();
    let mut rest: Vec<Line> = level.to_vec();
    let mut found = Vec::new();
    while let Some(first) = rest.pop() {
        let (mut across, mut down) = (vec![first], Vec::new());
        let mut at = 0;
        while let Some(one) = across.get(at).copied() {
            let (met, apart): (Vec<Line>, Vec<Line>) =
                left.into_iter().partition(|line| meet(&one, line, near));
            left = apart;
            for line in met {
                let (met, apart): (Vec<Line>, Vec<Line>) =
                    rest.into_iter().partition(|other| meet(other, &line, near));
                rest = apart;
                across.extend(met);
                down.push(line);
            }
            at += 1;
        }
        found.push((across, down));
    }
    found
}

/// The lines of a table, straightened, as thin boxes.
fn straight(level: &[Line], upright: &[Line], near: f64) -> Vec<Rect> {
    let Some(whole) = Rect::around(level.iter().chain(upright).map(Line::bounds).collect::<Vec<_>>().iter())
    else {
        return Vec::new();
    };
    let mut leans: Vec<(f64, f64)> =
        level.iter().map(|line| (line.lean(), line.to.0 - line.from.0)).collect();
    leans.sort_by(|a, b| a.0.total_cmp(&b.0));
    // The middle one by length: long lines say best how the table leans.
    let half = leans.iter().map(|(_, length)| length).sum::<f64>() / 2.0;
    let mut passed = 0.0;
    let middle = leans.iter().find(|(_, length)| {
        passed += length;
        passed >= half
    });
    let lean = middle.map_or(0.0, |(lean, _)| *lean);
    let (x, y) = (whole.center_x(), whole.center_y());
    let even = |(a, b): (f64, f64)| (a + lean * (b - y), b - lean * (a - x));
    let evened = |line: &Line| Line { from: even(line.from), to: even(line.to) };
    let level: Vec<Line> = level.iter().map(evened).collect();
    let upright: Vec<Line> = upright.iter().map(|line| evened(line).turned()).collect();
    let thin = |line: Line| {
        let height = f64::midpoint(line.from.1, line.to.1);
        Rect::new(line.from.0, height - 0.5, line.to.0, height + 0.5)
    };
    let across = on_one_height(level, near).into_iter().map(thin);
    let down = on_one_height(upright, near).into_iter().map(thin);
    across.chain(down.map(|one| Rect::new(one.top, one.left, one.bottom, one.right))).collect()
}

/// Lines on nearly one height, brought to the mean of it.
fn on_one_height(mut lines: Vec<Line>, near: f64) -> Vec<Line> {
    let height = |line: &Line| f64::midpoint(line.from.1, line.to.1);
    lines.sort_by(|a, b| height(a).total_cmp(&height(b)));
    for group in lines.chunk_by_mut(|a, b| height(b) - height(a) < near) {
        let length: f64 = group.iter().map(|line| line.to.0 - line.from.0).sum();
        let mean =
            group.iter().map(|line| height(line) * (line.to.0 - line.from.0)).sum::<f64>() / length.max(1.0);
        for line in group {
            (line.from.1, line.to.1) = (mean, mean);
        }
    }
    lines
}
