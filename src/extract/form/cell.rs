//! What one cell of a form says: a label, or a value of a kind.

use std::{ops::Range, sync::LazyLock};

use regex::Regex;

use super::{
    super::{
        kind::{self, Figures, Read},
        locate, reach,
    },
    grid::{self, At, Grid},
};
use crate::{
    model::{
        fact::Fact,
        page::CellValue,
        text::Row,
        value::{Money, Value, money},
    },
    rulebook::types::Kind,
};

/// The problem of an amount of which no unit is known.
pub(super) const NO_UNIT: &str = "unit-unknown";
/// The problem of an amount whose own unit is not its label's.
pub(super) const UNITS_DIFFER: &str = "units-differ";
/// The problem of a field of which several values are filled in or ticked.
pub(super) const SEVERAL: &str = "several-values";

/// Numbers and stars before a label.
static BEFORE: LazyLock<Option<Regex>> = LazyLock::new(|| {
    Regex::new(r"^(?:[*★☆●]\s*|\(?[一二三四五六七八九十\d]{1,3}\)?\s*[、.)]\s*|\d{1,2}\s+|其中:?\s*)*").ok()
});
/// Remarks behind a label, a colon, and what stands behind it.
static BEHIND: LazyLock<Option<Regex>> = LazyLock::new(|| {
    Regex::new(r"^\s*(?P<remark>(?:[(\[][^()\[\]]*[)\]]\s*)*)(?P<colon>:?)\s*(?P<rest>.*)$").ok()
});
/// A unit in a remark or a caption.
static UNIT: LazyLock<Option<Regex>> = LazyLock::new(|| {
    Regex::new(r"(?:[(\[/,、:;]|单\s*位|人民币)\s*(?:单\s*位\s*:?|人民币)?\s*(?P<unit>亿元|万元|千元|元)(?:[)\]/,、;]|人民币|\s|$)").ok()
});
/// A heading over a part of a form: 三、申报项目.
static HEADING: LazyLock<Option<Regex>> = LazyLock::new(|| {
    Regex::new(r"^\s*(?:[一二三四五六七八九十]{1,3}\s*、|\([一二三四五六七八九十]{1,3}\)|附\s*件|附\s*表)")
        .ok()
});
static TITLE: LazyLock<Option<Regex>> = LazyLock::new(|| Regex::new(r"申\s*[报请]\s*[书表]").ok());
/// A column whose figures are the whole of the others.
static WHOLE: LazyLock<Option<Regex>> = LazyLock::new(|| Regex::new(r"合\s*计|总\s*[计额]|小\s*计").ok());

/// A cell's text as a label.
pub(super) struct Label {
    /// What is said in brackets behind it, such as a unit.
    pub(super) remark: String,
    /// Where the value begins, if it stands in the same cell.
    pub(super) value_from: Option<usize>,
}

impl Label {
    /// The text as one of a field's labels, if it is nothing else.
    pub(super) fn of(label: &Regex, text: &str) -> Option<Self> {
        let from = BEFORE.as_ref()?.find(text).map_or(0, |hit| hit.end());
        let hit = label.find_at(text, from).or_else(|| label.find(text))?;
        if hit.start() != from && hit.start() != 0 {
            return None;
        }
        let behind = text.get(hit.end()..)?;
        let parts = BEHIND.as_ref()?.captures(behind)?;
        let rest = parts.name("rest")?;
        let has_colon = parts.name("colon").is_some_and(|colon| !colon.is_empty());
        if !rest.is_empty() && !has_colon {
            return None;
        }
        let value_from = (!rest.is_empty()).then(|| hit.end() + rest.start());
        Some(Self {
            remark: parts.name("remark").map_or("", |remark| remark.as_str()).to_owned(),
            value_from,
        })
    }
}

/// Where a value begins behind a label that ends at `from`, past remarks and the colon; `None` without one.
pub(super) fn behind_colon(text: &str, from: usize) -> Option<usize> {
    let parts = BEHIND.as_ref()?.captures(text.get(from..)?)?;
    parts.name("colon").filter(|colon| !colon.is_empty())?;
    let rest = parts.name("rest").filter(|rest| !rest.is_empty())?;
    Some(from + rest.start())
}

/// Whether a row may be the title of a form.
pub(super) fn is_title(text: &str) -> bool {
    TITLE.as_ref().is_some_and(|title| title.is_match(text))
}

/// Whether a text is a heading over a part of a form.
pub(super) fn is_heading(text: &str) -> bool {
    HEADING.as_ref().is_some_and(|heading| heading.is_match(text))
}

/// The unit that a text names as such.
pub(super) fn unit_in(text: &str) -> Option<&'static str> {
    let dense: String = text.chars().filter(|c| *c != ' ').collect();
    let found = UNIT.as_ref()?.captures(&dense)?.name("unit")?.as_str().to_owned();
    money::UNITS.iter().map(|(name, _)| *name).find(|name| *name == found)
}

/// How what is filled in is to be read.
pub(super) struct Source<'s> {
    pub(super) field_kind: &'s Kind,
    pub(super) choices: &'s [(Regex, String)],
    /// Whether the last of several values counts.
    pub(super) last: bool,
}

/// A value in a text, or what keeps it from being one; and the bytes it was read from.
pub(super) enum Told {
    Value(Value, Option<bool>, Range<usize>),
    Trouble(&'static str),
}

impl<'s> Source<'s> {
    /// Reads a text; `None` where it says nothing of the kind.
    pub(super) fn read(&self, text: &str, unit: Option<&'static str>) -> Option<Told> {
        match self.field_kind {
            Kind::Amount => {
                let Figures { amount, unit: own, from, to } = kind::figures(text)?;
                if goes_on(text.get(to..)?) {
                    return Some(Told::Trouble(locate::UNREADABLE));
                }
                if own.zip(unit).is_some_and(|(own, unit)| own != unit) {
                    return Some(Told::Trouble(UNITS_DIFFER));
                }
                let Some(unit) = own.or(unit) else { return Some(Told::Trouble(NO_UNIT)) };
                Some(Told::Value(Value::Money(Money::in_unit(amount, unit)?), None, from..to))
            }
            Kind::Choice => self.choice(text),
            // A code is all that is filled in, or it is not read: half of one is another's.
            Kind::Code => {
                let read = kind::read(&Kind::Code, text)?;
                let rest = [text.get(..read.from)?, text.get(read.to..)?];
                rest.iter().all(|rest| rest.trim().is_empty()).then(|| plain(read))?
            }
            Kind::YesNo => match ticked(text) {
                None if text.contains('是') && text.trim_end().ends_with('否') => {
                    Some(Told::Trouble(SEVERAL))
                }
                None => plain(kind::read(&Kind::YesNo, text)?),
                Some(ticked) => match ticked.as_slice() {
                    [] => None,
                    [one] => {
                        let Told::Value(value, ..) = plain(kind::read(&Kind::YesNo, one)?)? else {
                            return None;
                        };
                        Some(Told::Value(value, None, 0..text.len()))
                    }
                    _ => Some(Told::Trouble(SEVERAL)),
                },
            },
            Kind::Date if self.last => {
                let mut found = None;
                let mut from = 0;
                while let Some(read) = text.get(from..).and_then(|rest| kind::read(&Kind::Date, rest)) {
                    let (start, end) = (from + read.from, from + read.to);
                    found = Some(Told::Value(read.value, read.checked, start..end));
                    from = end;
                }
                found
            }
            kind => plain(kind::read(kind, text)?),
        }
    }

    /// The one of a closed list that is ticked, or written where there is nothing to tick.
    fn choice(&self, text: &str) -> Option<Told> {
        let meant = |text: &str| {
            let found = self.choices.iter().find(|(pattern, _)| pattern.is_match(text));
            found.map(|(_, value)| value.clone())
        };
        let Some(ticked) = ticked(text) else {
            let found = |(pattern, value): &'s (Regex, String)| Some((pattern.find(text)?.range(), value));
            let mut all = self.choices.iter().filter_map(found);
            let (range, value) = all.next()?;
            // Where the boxes were not read, all options stand there.
            let apart = |other: &Range<usize>| other.end <= range.start || range.end <= other.start;
            let is_word =
                |other: &Range<usize>| text.get(other.clone()).is_some_and(|text| text.chars().count() > 1);
            if all.any(|(other, another)| another != value && apart(&other) && is_word(&other)) {
                return Some(Told::Trouble(SEVERAL));
            }
            return Some(Told::Value(Value::Text(value.clone()), None, range));
        };
        let mut values: Vec<String> = ticked.iter().filter_map(|option| meant(option)).collect();
        values.dedup();
        match values.as_slice() {
            [] => None,
            [one] => Some(Told::Value(Value::Text(one.clone()), None, 0..text.len())),
            _ => Some(Told::Trouble(SEVERAL)),
        }
    }
}

/// Whether figures stand right behind an amount: they may be its own.
fn goes_on(behind: &str) -> bool {
    behind.trim_start().trim_start_matches(['.', ',']).trim_start().starts_with(|c: char| c.is_ascii_digit())
}

#[expect(clippy::unnecessary_wraps, reason = "as all readings are given")]
fn plain(read: Read) -> Option<Told> {
    Some(Told::Value(read.value, read.checked, read.from..read.to))
}

/// Boxes that are ticked, and boxes that are not.
const TICKED: &str = "☑☒✓✔√■●◉";
const OPEN: &str = "□☐○◯";

/// A text with a box for every way to print one.
fn with_boxes(text: &str) -> String {
    text.replace("(√)", "☑").replace("( )", "☐").replace("()", "☐")
}

/// Whether every option has a box and none is ticked: the field was left open. An option without a box may be
/// the one that is ticked.
fn is_unticked(text: &str) -> bool {
    let plain = with_boxes(text);
    let boxed = plain.trim().trim_matches(|c| OPEN.contains(c)).len() < plain.trim().len();
    boxed && !plain.contains(|c| TICKED.contains(c))
}

/// The options that are ticked; `None` where there is nothing to tick.
fn ticked(text: &str) -> Option<Vec<String>> {
    let is_box = |c: char| TICKED.contains(c) || OPEN.contains(c);
    let plain = with_boxes(text);
    if !plain.contains(is_box) {
        return None;
    }
    // A tick alone says yes.
    if plain.trim().chars().all(|c| TICKED.contains(c)) {
        return Some(vec!["是".to_owned()]);
    }
    let leads = plain.trim_start().starts_with(is_box);
    let mut options: Vec<(char, String)> = Vec::new();
    let mut before = String::new();
    for c in plain.chars() {
        if !is_box(c) {
            before.push(c);
        } else if leads {
            if let Some(last) = options.last_mut() {
                last.1 = std::mem::take(&mut before);
            }
            before.clear();
            options.push((c, String::new()));
        } else {
            options.push((c, std::mem::take(&mut before)));
        }
    }
    if let Some(last) = options.last_mut().filter(|_| leads) {
        last.1 = before;
    }
    let ends = |c: char| c.is_whitespace() || "、,;/|".contains(c);
    let ticked = options.into_iter().filter(|(c, _)| TICKED.contains(*c));
    Some(ticked.map(|(_, text)| text.trim_matches(ends).to_owned()).filter(|text| !text.is_empty()).collect())
}

/// What is filled in beside a label's cell, or behind it in the same cell.
pub(super) fn beside(
    source: &Source,
    grid: &Grid,
    at: At,
    label: &Label,
    text: &str,
    labels: &[&Regex],
) -> Vec<Fact> {
    let is_label = |at: &At| {
        let text = grid.text(*at);
        labels.iter().any(|label| Label::of(label, &text).is_some_and(|label| label.value_from.is_none()))
    };
    if let Some(from) = label.value_from {
        let unit = unit_in(&label.remark).or_else(|| unit_in(&grid.caption));
        return in_cell(source, grid, at, from, unit.filter(|_| text.len() > from));
    }
    let cells: Vec<At> = grid.right_of(at).into_iter().take_while(|at| !is_label(at)).collect();
    if *source.field_kind == Kind::Texts {
        return cells.first().map(|at| texts(grid, *at)).unwrap_or_default();
    }
    let unit_of = |cell: At| {
        unit_in(&label.remark)
            .or_else(|| grid.above(cell).find_map(|text| unit_in(&text)))
            .or_else(|| unit_in(&grid.caption))
            .or_else(|| {
                grid.places().find_map(|at| unit_in(&grid.text(at)).filter(|_| is_caption(&grid.text(at))))
            })
    };
    let read = |cell: &At| (*cell, in_cell(source, grid, *cell, 0, unit_of(*cell)));
    let mut found: Vec<(At, Vec<Fact>)> =
        cells.iter().map(read).filter(|(_, facts)| !facts.is_empty()).collect();
    if !source.field_kind.is_figures() {
        found.truncate(1);
    }
    if found.is_empty() {
        let is_filled = |at: &&At| *source.field_kind != Kind::Text && !is_unticked(&grid.text(**at));
        let written = cells.first().filter(is_filled);
        return written.map(|at| vec![grid.unreadable(*at, locate::UNREADABLE)]).unwrap_or_default();
    }
    let same = found.windows(2).all(|pair| pair[0].1[0].value == pair[1].1[0].value);
    if found.len() > 1 && !same {
        // Years side by side, and their sum: the sum is what is asked for.
        let is_whole =
            |at: &At| grid.above(*at).any(|text| WHOLE.as_ref().is_some_and(|whole| whole.is_match(&text)));
        let whole: Vec<usize> = (0..found.len()).filter(|number| is_whole(&found[*number].0)).collect();
        let [one] = whole.as_slice() else {
            return vec![grid.unreadable(found[0].0, SEVERAL)];
        };
        return found.swap_remove(*one).1;
    }
    found.swap_remove(0).1
}

/// Whether a cell says nothing but the unit of the table.
fn is_caption(text: &str) -> bool {
    text.chars().filter(|c| !c.is_whitespace()).count() <= 12 && text.contains('单')
}

/// What a cell says from a byte on.
pub(super) fn in_cell(
    source: &Source,
    grid: &Grid,
    at: At,
    from: usize,
    unit: Option<&'static str>,
) -> Vec<Fact> {
    if from == 0 && grid.is_held_as(at, source.field_kind) {
        return held(source, grid, at, unit).into_iter().collect();
    }
    let text = grid.text(at);
    let Some(told) = text.get(from..).and_then(|text| source.read(text, unit)) else { return Vec::new() };
    vec![match told {
        Told::Value(value, checked, range) => {
            let range = from + range.start..from + range.end;
            let value = match value {
                Value::Text(_) if *source.field_kind == Kind::Text => {
                    Value::Text(kind::tidy(&grid.printed(at, range.clone())))
                }
                value => value,
            };
            grid.fact(at, value, checked, range)
        }
        Told::Trouble(problem) => grid.unreadable(at, problem),
    }]
}

/// A number, a day or a truth that a sheet holds as such.
fn held(source: &Source, grid: &Grid, at: At, unit: Option<&'static str>) -> Option<Fact> {
    let value = match (grid.held(at)?, source.field_kind) {
        (CellValue::Number(number), Kind::Amount) => {
            let Some(unit) = unit else { return Some(grid.unreadable(at, NO_UNIT)) };
            Value::Money(Money::in_unit(number.normalize(), unit)?)
        }
        (CellValue::Number(number), _) => Value::Number(number.normalize()),
        (CellValue::DateTime(time), _) => Value::Date(time.date()),
        (CellValue::Bool(truth), _) => Value::Bool(*truth),
        _ => return None,
    };
    let end = grid.text(at).len();
    Some(grid.fact(at, value, None, 0..end))
}

/// What a row outside all tables says in a stretch of it; `remark` may name the unit.
pub(super) fn in_row(source: &Source, row: &Row, range: Range<usize>, remark: &str) -> Vec<Fact> {
    let Some(text) = row.text.get(range.clone()) else { return Vec::new() };
    if *source.field_kind == Kind::Texts {
        let parts = split(text).into_iter().map(|(from, to)| range.start + from..range.start + to);
        return parts.map(|part| row_text(row, part)).collect();
    }
    match source.read(text, unit_in(remark)) {
        Some(Told::Value(value, checked, inner)) => {
            let inner = range.start + inner.start..range.start + inner.end;
            let value = match value {
                Value::Text(_) if *source.field_kind == Kind::Text => {
                    Value::Text(kind::tidy(&grid::printed(row, inner.clone())))
                }
                value => value,
            };
            vec![row_fact(row, value, checked, inner)]
        }
        Some(Told::Trouble(problem)) => {
            let glyphs = reach::span(row, range.start, range.end).to_vec();
            vec![Fact { problem: Some(problem), ..locate::unreadable(&Row::of(glyphs)) }]
        }
        None => Vec::new(),
    }
}

/// A value read from some bytes of a row.
pub(super) fn row_fact(row: &Row, value: Value, checked: Option<bool>, bytes: Range<usize>) -> Fact {
    locate::value_fact(value, checked, reach::span(row, bytes.start, bytes.end))
}

fn row_text(row: &Row, bytes: Range<usize>) -> Fact {
    let text = row.text.get(bytes.clone()).unwrap_or_default();
    row_fact(row, Value::Text(kind::tidy(text.trim())), None, bytes)
}

/// The texts in a cell: the options that are ticked, else what stands between separators.
fn texts(grid: &Grid, at: At) -> Vec<Fact> {
    let text = grid.text(at);
    if let Some(ticked) = ticked(&grid.lines(at).join(" ")) {
        let fact = |option: String| grid.fact(at, Value::Text(kind::tidy(&option)), None, 0..text.len());
        return ticked.into_iter().map(fact).collect();
    }
    let part = |(from, to): (usize, usize)| {
        let value = text.get(from..to).unwrap_or_default();
        grid.fact(at, Value::Text(kind::tidy(value.trim())), None, from..to)
    };
    split(&text).into_iter().map(part).collect()
}

/// Where the parts of a text begin and end that 、 and the like stand between.
fn split(text: &str) -> Vec<(usize, usize)> {
    let mut parts = Vec::new();
    let mut from = 0;
    for part in text.split(['、', ';', ',', '\n', '。']) {
        let lead = part.len() - part.trim_start().len();
        let whole = part.trim();
        if !whole.is_empty() && whole != "无" && whole != "/" {
            parts.push((from + lead, from + lead + whole.len()));
        }
        // All separators but 、 and 。 are one byte long.
        from += part.len();
        from += text.get(from..).and_then(|rest| rest.chars().next()).map_or(0, char::len_utf8);
    }
    parts
}
