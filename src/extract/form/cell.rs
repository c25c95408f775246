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
/// What may stand before an amount or a count that is all its cell says.
static LEAD: LazyLock<Option<Regex>> =
    LazyLock::new(|| Regex::new(r"^\s*(?:人民币|RMB|CNY|约|共计?|合计)?\s*:?\s*$").ok());
/// What may stand behind an amount: its unit, a remark.
static TAIL: LazyLock<Option<Regex>> =
    LazyLock::new(|| Regex::new(r"^\s*(?:亿元|万元|千元|元)?\s*(?:整|人民币)?\s*[。,;]?\s*(?:\(.*)?$").ok());
/// Signs between the two ends of a period, and what stands before an end alone.
static UNTIL: LazyLock<Option<Regex>> = LazyLock::new(|| Regex::new(r"(?:至|到|止|截止?)\s*:?\s*$").ok());
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
        let hit = label.find_at(text, from).filter(|hit| hit.start() == from)?;
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
                // An amount is all that is filled in: of a year and an amount either may be taken for it.
                let is_all = |pattern: &LazyLock<Option<Regex>>, text: &str| {
                    pattern.as_ref().is_some_and(|pattern| pattern.is_match(text))
                };
                if !is_all(&LEAD, text.get(..from)?) || !is_all(&TAIL, text.get(to..)?) {
                    return Some(Told::Trouble(locate::UNREADABLE));
                }
                if own.zip(unit).is_some_and(|(own, unit)| own != unit) {
                    return Some(Told::Trouble(UNITS_DIFFER));
                }
                let Some(unit) = own.or(unit) else { return Some(Told::Trouble(NO_UNIT)) };
                Some(Told::Value(Value::Money(Money::in_unit(amount, unit)?), None, from..to))
            }
            Kind::Number => {
                let read = kind::read(&Kind::Number, text)?;
                let leads = LEAD.as_ref().is_some_and(|lead| lead.is_match(&text[..read.from]));
                leads.then(|| plain(read))?
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
                Some(ticked) => match ticked.as_deref() {
                    Some([]) => None,
                    Some([one]) => {
                        let read = kind::read(&Kind::YesNo, one)?;
                        Some(Told::Value(read.value, None, 0..text.len()))
                    }
                    Some(_) => Some(Told::Trouble(SEVERAL)),
                    None => Some(Told::Trouble(locate::UNREADABLE)),
                },
            },
            Kind::Date => self.day(text),
            kind => plain(kind::read(kind, text)?),
        }
    }

    /// The day that is filled in or, of a period, the one of its two ends that is meant.
    fn day(&self, text: &str) -> Option<Told> {
        let mut days = Vec::new();
        let mut from = 0;
        while let Some(read) = text.get(from..).and_then(|rest| kind::read(&Kind::Date, rest)) {
            let (start, end) = (from + read.from, from + read.to);
            days.push((read.value, start..end));
            from = end;
        }
        let is_end = |range: &Range<usize>| {
            UNTIL.as_ref().is_some_and(|until| until.is_match(text.get(..range.start).unwrap_or_default()))
        };
        let (value, range) = if self.last {
            // An end alone may be either.
            days.pop().filter(|_| !days.is_empty())?
        } else {
            days.into_iter().next().filter(|(_, range)| !is_end(range))?
        };
        Some(Told::Value(value, None, range))
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
        let Some(ticked) = ticked else { return Some(Told::Trouble(locate::UNREADABLE)) };
        let mut values: Vec<Option<String>> = ticked.iter().map(|option| meant(option)).collect();
        values.dedup();
        match values.as_slice() {
            [] | [None] => None,
            [Some(one)] => Some(Told::Value(Value::Text(one.clone()), None, 0..text.len())),
            _ => Some(Told::Trouble(SEVERAL)),
        }
    }
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

fn is_box(c: char) -> bool {
    TICKED.contains(c) || OPEN.contains(c)
}

/// Whether nothing is filled in: blanks for a day, or a box for every option and none of them ticked. An option
/// without a box may be the one that is ticked.
fn is_blank(text: &str) -> bool {
    let plain = with_boxes(text);
    if plain.chars().all(|c| c.is_whitespace() || "年月日至-_/.".contains(c)) {
        return true;
    }
    let options = plain.split(|c: char| c.is_whitespace() || is_box(c)).filter(|option| !option.is_empty());
    let boxes = plain.chars().filter(|c| is_box(*c)).count();
    boxes > 0 && options.count() <= boxes && !plain.contains(|c| TICKED.contains(c))
}

/// The options that are ticked. `None` where there is nothing to tick, `Some(None)` where it cannot be told to
/// which option a box belongs, as where a box was not read.
fn ticked(text: &str) -> Option<Option<Vec<String>>> {
    let plain = with_boxes(text);
    let plain = plain.trim();
    if !plain.contains(is_box) {
        return None;
    }
    // A tick alone says yes.
    if plain.chars().all(|c| TICKED.contains(c)) {
        return Some(Some(vec!["是".to_owned()]));
    }
    let boxes: Vec<char> = plain.chars().filter(|c| is_box(*c)).collect();
    let ends = |c: char| c.is_whitespace() || "、,;/|".contains(c);
    let options: Vec<&str> = plain.split(is_box).map(|option| option.trim_matches(ends)).collect();
    // Boxes stand before their options or behind them, all of them.
    let options = match options.as_slice() {
        ["", rest @ ..] if rest.iter().all(|option| !option.is_empty()) => rest,
        [rest @ .., ""] if rest.iter().all(|option| !option.is_empty()) => rest,
        _ => return Some(None),
    };
    let ticked = boxes.iter().zip(options).filter(|(c, _)| TICKED.contains(**c));
    Some(Some(ticked.map(|(_, option)| (*option).to_owned()).collect()))
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
        if *source.field_kind == Kind::Texts {
            return texts(grid, at, from);
        }
        let unit = unit_in(&label.remark).or_else(|| caption(grid, at.0));
        let found = in_cell(source, grid, at, from, unit);
        let is_open = found.is_empty() && !is_blank(text.get(from..).unwrap_or_default());
        return if is_open { vec![grid.unreadable(at, locate::UNREADABLE)] } else { found };
    }
    let cells: Vec<At> = grid.right_of(at).into_iter().take_while(|at| !is_label(at)).collect();
    if *source.field_kind == Kind::Texts {
        return cells.first().map(|at| texts(grid, *at, 0)).unwrap_or_default();
    }
    // A column's heading is what stands over its figures, unless figures of its own stand beside it.
    let heading = |cell: At| {
        let mut above = grid.above(cell).filter(|(_, text)| !is_figures(text));
        let beside = |at: &At| grid.in_row(at.0).any(|at| is_figures(&grid.text(at)));
        above.next().filter(|(at, _)| !beside(at)).map(|(_, text)| text)
    };
    let unit_of = |cell: At| {
        let of_heading = || heading(cell).and_then(|text| unit_in(&text));
        unit_in(&label.remark).or_else(of_heading).or_else(|| caption(grid, at.0))
    };
    let read = |cell: &At| (*cell, in_cell(source, grid, *cell, 0, unit_of(*cell)));
    let found = cells.iter().map(read);
    let mut found: Vec<(At, Vec<Fact>)> = if source.field_kind.is_figures() {
        // Figures may stand behind words, and end where words go on.
        found.skip_while(|(_, facts)| facts.is_empty()).take_while(|(_, facts)| !facts.is_empty()).collect()
    } else {
        found.filter(|(_, facts)| !facts.is_empty()).take(1).collect()
    };
    if found.is_empty() {
        // Of boxes that a recogniser read, one may have been a tick.
        let is_filled = |at: &&At| {
            *source.field_kind != Kind::Text && (!is_blank(&grid.text(**at)) || grid.is_recognised(**at))
        };
        let written = cells.first().filter(is_filled);
        return written.map(|at| vec![grid.unreadable(*at, locate::UNREADABLE)]).unwrap_or_default();
    }
    let same = found.windows(2).all(|pair| pair[0].1[0].value == pair[1].1[0].value);
    if found.len() > 1 && !same {
        // Years side by side, and their sum: the sum is what is asked for.
        let is_whole = |at: &At| {
            heading(*at).is_some_and(|text| WHOLE.as_ref().is_some_and(|whole| whole.is_match(&text)))
        };
        let whole: Vec<usize> = (0..found.len()).filter(|number| is_whole(&found[*number].0)).collect();
        let [one] = whole.as_slice() else {
            return vec![grid.unreadable(found[0].0, SEVERAL)];
        };
        return found.swap_remove(*one).1;
    }
    found.swap_remove(0).1
}

/// The unit of what stands in a row of a table: a cell over it says nothing else, or its caption does.
pub(super) fn caption(grid: &Grid, row: usize) -> Option<&'static str> {
    let is_caption = |text: &str| {
        text.chars().filter(|c| !c.is_whitespace()).count() <= 12
            && text.contains('单')
            && text.contains('位')
    };
    let over = grid.said().iter().take_while(|(at, _)| at.0 <= row).filter(|(_, text)| is_caption(text));
    over.filter_map(|(_, text)| unit_in(text)).last().or_else(|| unit_in(&grid.caption))
}

/// Whether a text is nothing but figures, with or without their unit.
fn is_figures(text: &str) -> bool {
    text.contains(|c: char| c.is_ascii_digit())
        && !text.contains(|c: char| c.is_alphabetic() && !"亿万千元整".contains(c))
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
        None if is_blank(text) || *source.field_kind == Kind::Text => Vec::new(),
        None => vec![locate::unreadable(&Row::of(reach::span(row, range.start, range.end).to_vec()))],
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

/// The texts in a cell from a byte on: the options that are ticked, else what stands between separators.
fn texts(grid: &Grid, at: At, from: usize) -> Vec<Fact> {
    let text = grid.text(at);
    let whole = text.get(from..).unwrap_or_default();
    let lines = || if from == 0 { grid.lines(at).join(" ") } else { whole.to_owned() };
    match ticked(&lines()) {
        Some(Some(ticked)) => {
            let fact =
                |option: String| grid.fact(at, Value::Text(kind::tidy(&option)), None, from..text.len());
            ticked.into_iter().map(fact).collect()
        }
        Some(None) => vec![grid.unreadable(at, locate::UNREADABLE)],
        None => {
            let part = |(first, last): (usize, usize)| {
                let range = from + first..from + last;
                let value = text.get(range.clone()).unwrap_or_default();
                grid.fact(at, Value::Text(kind::tidy(value.trim())), None, range)
            };
            split(whole).into_iter().map(part).collect()
        }
    }
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
