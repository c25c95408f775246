//! Characters with their boxes, and which of them nobody sees.

use super::letters::Letters;
use super::shapes::{CLEAR, GROUNDS, Shapes, around, clip};
use crate::{
    container::ofd::{Character, Colour, Document as Layout, Drawing, Item, Layer, Package, Text},
    model::{
        geometry::{Rect, Size},
        page::{Concealment, Page},
        problem::Problem,
    },
    read::{hidden::SPECK, pdf::Mark},
};

/// Share of the size above the base line; full-width characters reach a little below it.
const ASCENT: f64 = 0.86;
const DESCENT: f64 = 0.14;
/// Digits and signs are at most so wide, in sizes, whatever room they are given.
const NARROW: f64 = 0.62;
/// Colours that differ by less than this, over red, green and blue, are one to the eye.
const SAME: i32 = 48;

/// What stands on a page.
#[derive(Default)]
pub(super) struct Found {
    /// Its characters, seen or not.
    pub(super) marks: Vec<Mark>,
    /// Where something else is drawn than the file says.
    pub(super) doubtful: Vec<Rect>,
    /// What the objects of the page itself print, by identifier.
    pub(super) printed: Vec<(String, Printed)>,
}

/// What an object prints.
#[derive(Clone, Debug, Default)]
pub(super) struct Printed {
    /// Its characters that are seen.
    pub(super) text: String,
    /// The box round them.
    pub(super) bounds: Rect,
    /// Whether some of its characters are not seen or not believed: what is left is no value.
    pub(super) broken: bool,
}

/// The characters of a page of `size` points; transforms of items lead to points.
pub(super) fn of(
    items: &[Item],
    (package, layout): (&Package, &Layout),
    letters: &mut Letters,
    shapes: &Shapes,
    size: Size,
) -> Found {
    let mut found = Found::default();
    let sheet = Rect::new(0.0, 0.0, size.width, size.height);
    for (at, item) in items.iter().enumerate() {
        let mut printed = Printed::default();
        let named = !item.id.is_empty() && item.layer == Layer::Content;
        let Drawing::Text(text) = &item.drawing else {
            // A tag may point at a picture or ruling too, which prints nothing.
            found.printed.extend(named.then(|| (item.id.clone(), printed)));
            continue;
        };
        let window = Window { sheet, clip: clip(item) };
        let mut last_run = 0;
        for (index, character) in text.characters.iter().enumerate() {
            let Some(mut mark) = mark(item, text, index, character) else {
                printed.broken = true;
                continue;
            };
            if !character.character.is_whitespace() {
                mark.concealed = concealment((item, at), text, &mark, shapes, &window);
                if mark.concealed.is_some() {
                    found.marks.push(mark);
                    printed.broken = true;
                    continue;
                }
                if letters.contradict(package, layout, &text.font, character) {
                    found.doubtful.push(mark.bounds);
                    printed.broken = true;
                    continue;
                }
                printed.bounds =
                    if printed.text.is_empty() { mark.bounds } else { printed.bounds.union(&mark.bounds) };
            }
            if character.run != last_run && !printed.text.is_empty() {
                printed.text.push(' ');
            }
            last_run = character.run;
            printed.text.push(character.character);
            found.marks.push(mark);
        }
        found.printed.extend(named.then(|| (item.id.clone(), printed)));
    }
    found
}

fn mark(item: &Item, text: &Text, index: usize, character: &Character) -> Option<Mark> {
    let size = text.size;
    let (sin, cos) = text.turn.to_radians().sin_cos();
    let width = width(text, index, character, [cos, sin]);
    let corner = |[x, y]: [f64; 2]| {
        let [left, base] = character.origin;
        item.transform.at([left + x * cos - y * sin, base + x * sin + y * cos])
    };
    let (top, bottom) = (-ASCENT * size, DESCENT * size);
    let bounds = around(&[[0.0, top], [width, top], [0.0, bottom], [width, bottom]].map(corner))?;
    let [from, to] = [corner([0.0, 0.0]), corner([1.0, 0.0])];
    let angle = (to[1] - from[1]).atan2(to[0] - from[0]).to_degrees();
    let (_, down) = item.transform.scale();
    Some(Mark::plain(character.character.encode_utf8(&mut [0; 4]), bounds, size * down, angle))
}

/// How wide a character is, in the object's units: as far as to the next one on its line, and no wider
/// than characters are.
fn width(text: &Text, index: usize, character: &Character, [cos, sin]: [f64; 2]) -> f64 {
    let size = text.size * text.widened;
    let along = |one: &Character, next: &Character| {
        let (dx, dy) = (next.origin[0] - one.origin[0], next.origin[1] - one.origin[1]);
        let (forth, aside) = (dx * cos + dy * sin, dy * cos - dx * sin);
        (one.run == next.run && forth > 0.0 && aside.abs() < 0.5 * text.size).then_some(forth)
    };
    let signs = |c: char| c.is_ascii() && !c.is_ascii_alphabetic();
    let most = if signs(character.character) { NARROW * size } else { size };
    if let Some(forth) = text.characters.get(index + 1).and_then(|next| along(character, next)) {
        return forth.min(most);
    }
    // The last of a line is as wide as one of its kind before it.
    let before = index.checked_sub(1).and_then(|at| text.characters.get(at));
    before
        .filter(|before| before.character.is_ascii_digit() && character.character.is_ascii_digit())
        .and_then(|before| along(before, character))
        .unwrap_or(character.advance)
        .min(most)
}

/// Where an object may be seen at all.
struct Window {
    sheet: Rect,
    clip: Option<Rect>,
}

/// Why a character is not seen, if it is not.
fn concealment(
    (item, at): (&Item, usize),
    text: &Text,
    mark: &Mark,
    shapes: &Shapes,
    window: &Window,
) -> Option<Concealment> {
    let style = &item.style;
    let inked = [(text.fill, style.fill.unwrap_or(Colour::BLACK)), (text.stroke, style.stroke)];
    let seen: Vec<[u8; 3]> = inked
        .iter()
        .filter(|(drawn, colour)| *drawn && colour.alpha * item.alpha > CLEAR)
        .map(|(_, colour)| colour.rgb)
        .collect();
    let (across, down) = item.transform.scale();
    let speck = (text.size * down).min(text.size * text.widened * across) < SPECK;
    if !item.visible || seen.is_empty() || speck {
        return Some(Concealment::Invisible);
    }
    let bounds = &mark.bounds;
    let place = item.boundary;
    let frame = Rect::new(place.left, place.top, place.left + place.width, place.top + place.height)
        .scaled(super::POINTS, super::POINTS)
        .grown(mark.size);
    let framed = place.width <= 0.0 || place.height <= 0.0 || frame.holds(bounds);
    if !window.sheet.holds(bounds)
        || !framed
        || window.clip.is_some_and(|clip| !clip.grown(1.0).holds(bounds))
    {
        return Some(Concealment::OffPage);
    }
    let holds = |ground: &&super::shapes::Ground| {
        let over = ground.bounds.grown(0.5);
        over.left <= bounds.left + 0.1 * bounds.width()
            && over.right >= bounds.right - 0.1 * bounds.width()
            && over.top <= bounds.top + 0.2 * bounds.height()
            && over.bottom >= bounds.bottom - 0.2 * bounds.height()
    };
    if shapes.grounds.iter().any(|ground| ground.at > at && holds(&ground)) {
        return Some(Concealment::Covered);
    }
    let under = shapes.grounds.iter().rev().filter(|ground| ground.at < at).find(holds);
    let ground = match under {
        Some(ground) => ground.colour?,
        None => [255; 3],
    };
    let same = |colour: &[u8; 3]| {
        colour.iter().zip(ground).map(|(a, b)| (i32::from(*a) - i32::from(b)).abs()).sum::<i32>() < SAME
    };
    // A picture that may be clear in places hides and shows nothing for certain.
    let pictured =
        || under.is_none() && shapes.pictures.iter().take(GROUNDS).any(|picture| picture.holds(bounds));
    (seen.iter().all(same) && !pictured()).then_some(Concealment::GroundColour)
}

/// What to say where letters are drawn that the text of the file does not name.
pub(super) fn disguised(page: &Page) -> Option<Problem> {
    (!page.doubtful.is_empty()).then(|| {
        let count = page.doubtful.len();
        Problem::new(
            "letters-differ",
            format!("本页有 {count} 个字符，文件所载文字与显示的字形不一致，未采用；请核对文件来源"),
            format!(
                "{count} characters of this page are drawn as others than the text of the file names; they were not used; check where the file comes from"
            ),
        )
    })
}
