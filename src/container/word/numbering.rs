//! Numbers of lists and headings, which a document does not write down but has counted.

use std::collections::BTreeMap;

use crate::container::xml::Element;

/// Levels that a list may have.
const LEVELS: usize = 9;

/// The lists of a document with how far each was counted.
#[derive(Default)]
pub(super) struct Numbering {
    /// Levels of each abstract list.
    lists: BTreeMap<String, Vec<Level>>,
    /// The abstract list of each list, and the starts it sets itself.
    numbers: BTreeMap<String, (String, BTreeMap<usize, u32>)>,
    /// What was counted, by abstract list.
    counted: BTreeMap<String, [Option<u32>; LEVELS]>,
    /// Lists whose own starts were taken.
    begun: Vec<String>,
}

#[derive(Clone, Default)]
struct Level {
    start: u32,
    format: String,
    text: String,
    follows: Follows,
}

/// What stands between a number and its text.
#[derive(Clone, Copy, Default, PartialEq, Eq)]
pub(super) enum Follows {
    #[default]
    Tab,
    Blank,
    Nothing,
}

impl Numbering {
    pub(super) fn read(root: &Element) -> Self {
        let mut numbering = Self::default();
        for list in root.named("abstractNum") {
            let Some(id) = list.attribute("abstractNumId") else { continue };
            let mut levels = vec![Level::default(); LEVELS];
            for told in list.named("lvl") {
                if let Some(place) = level_of(told).and_then(|at| levels.get_mut(at)) {
                    *place = level(told);
                }
            }
            numbering.lists.insert(id.to_owned(), levels);
        }
        for number in root.named("num") {
            let list = number.child("abstractNumId").and_then(|one| one.attribute("val"));
            let (Some(id), Some(list)) = (number.attribute("numId"), list) else { continue };
            let start = |one: &Element| {
                Some((level_of(one)?, one.child("startOverride")?.attribute("val")?.parse().ok()?))
            };
            let starts = number.named("lvlOverride").filter_map(start).collect();
            numbering.numbers.insert(id.to_owned(), (list.to_owned(), starts));
        }
        numbering
    }

    /// The number of the next paragraph of a list at a level, and what follows it.
    pub(super) fn next(&mut self, id: &str, level: usize) -> Option<(String, Follows)> {
        let (list, starts) = self.numbers.get(id)?;
        let levels = self.lists.get(list)?;
        let own = levels.get(level)?;
        let counted = self.counted.entry(list.clone()).or_default();
        if !starts.is_empty() && !self.begun.iter().any(|one| one == id) {
            self.begun.push(id.to_owned());
            starts.keys().filter_map(|at| counted.get_mut(*at).map(|one| *one = None)).for_each(drop);
        }
        let first = |at: usize| {
            starts.get(&at).copied().unwrap_or_else(|| levels.get(at).map_or(1, |level| level.start))
        };
        let place = counted.get_mut(level)?;
        *place = Some(place.map_or_else(|| first(level), |number| number.saturating_add(1)));
        counted.iter_mut().skip(level + 1).for_each(|deeper| *deeper = None);
        let mut text = String::new();
        let mut characters = own.text.chars().peekable();
        while let Some(character) = characters.next() {
            let digit = characters.peek().and_then(|next| next.to_digit(10)).filter(|_| character == '%');
            let Some(at) = digit.and_then(|digit| (digit as usize).checked_sub(1)) else {
                text.push(character);
                continue;
            };
            characters.next();
            let number = counted.get(at).copied().flatten().unwrap_or_else(|| first(at));
            text.push_str(&written(number, levels.get(at).map_or("", |level| level.format.as_str())));
        }
        if own.format == "bullet" {
            // Bullets are signs of symbol fonts, whose numbers mean nothing elsewhere.
            text = "•".to_owned();
        }
        Some((text, own.follows))
    }
}

fn level_of(told: &Element) -> Option<usize> {
    told.attribute("ilvl")?.parse().ok()
}

fn level(told: &Element) -> Level {
    let value = |name: &str| told.child(name).and_then(|one| one.attribute("val"));
    Level {
        start: value("start").and_then(|start| start.parse().ok()).unwrap_or(0),
        format: value("numFmt").unwrap_or("decimal").to_owned(),
        text: value("lvlText").unwrap_or_default().to_owned(),
        follows: match value("suff") {
            Some("space") => Follows::Blank,
            Some("nothing") => Follows::Nothing,
            _ => Follows::Tab,
        },
    }
}

/// A number in one of the formats of ECMA-376, part 1, 17.18.59; others are written with digits.
fn written(number: u32, format: &str) -> String {
    match format {
        "none" => String::new(),
        "decimalZero" => format!("{number:02}"),
        "upperLetter" => letters(number, b'A'),
        "lowerLetter" => letters(number, b'a'),
        "upperRoman" => roman(number),
        "lowerRoman" => roman(number).to_lowercase(),
        "decimalEnclosedCircle" | "decimalEnclosedCircleChinese" if (1..=20).contains(&number) => {
            char::from_u32(0x2460 + number - 1).map(String::from).unwrap_or_default()
        }
        "chineseCounting"
        | "chineseCountingThousand"
        | "japaneseCounting"
        | "taiwaneseCounting"
        | "taiwaneseCountingThousand"
        | "ideographDigital"
            if (1..100).contains(&number) =>
        {
            chinese(number)
        }
        _ => number.to_string(),
    }
}

/// `a`, `b`, … `z`, `aa`, `bb`.
fn letters(number: u32, first: u8) -> String {
    let Some(at) = number.checked_sub(1) else { return String::new() };
    let letter = char::from(first + u8::try_from(at % 26).unwrap_or(0));
    std::iter::repeat_n(letter, (at / 26 + 1).min(20) as usize).collect()
}

fn roman(number: u32) -> String {
    const SIGNS: [(u32, &str); 13] = [
        (1000, "M"),
        (900, "CM"),
        (500, "D"),
        (400, "CD"),
        (100, "C"),
        (90, "XC"),
        (50, "L"),
        (40, "XL"),
        (10, "X"),
        (9, "IX"),
        (5, "V"),
        (4, "IV"),
        (1, "I"),
    ];
    let mut rest = number.min(4000);
    let mut text = String::new();
    for (value, sign) in SIGNS {
        while rest >= value {
            text.push_str(sign);
            rest -= value;
        }
    }
    text
}

/// 1 to 99: 一, 十, 十一, 二十.
fn chinese(number: u32) -> String {
    const DIGITS: [&str; 10] = ["", "一", "二", "三", "四", "五", "六", "七", "八", "九"];
    let digit = |at: u32| DIGITS.get(at as usize).copied().unwrap_or_default();
    match number / 10 {
        0 => digit(number).to_owned(),
        1 => format!("十{}", digit(number % 10)),
        tens => format!("{}十{}", digit(tens), digit(number % 10)),
    }
}
