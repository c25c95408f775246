//! What styles say of text and paragraphs, so far as it changes what is shown.

use std::collections::BTreeMap;

use super::colour::{self, Ground, Ink};
use crate::container::xml::Element;

/// What a style says of its text.
#[derive(Clone, Default)]
pub(super) struct Style {
    based_on: Option<String>,
    pub(super) size: Option<f64>,
    pub(super) hidden: Option<bool>,
    /// The colour of its text, where one is told.
    pub(super) ink: Option<Ink>,
    /// What its text or paragraphs stand on, where that is told.
    pub(super) ground: Option<Ground>,
    /// Whether it shades pieces of a table, which is not followed.
    pub(super) shades: bool,
    /// The list that its paragraphs are numbered in, and the level.
    pub(super) list: (Option<String>, Option<usize>),
}

/// All styles of a document.
pub(super) struct Styles {
    known: BTreeMap<String, Style>,
    /// Size of text of which nothing is said.
    pub(super) plain: f64,
}

impl Default for Styles {
    fn default() -> Self {
        Self { known: BTreeMap::new(), plain: 10.5 }
    }
}

impl Styles {
    pub(super) fn read(root: &Element) -> Self {
        let size = root.at(&["docDefaults", "rPrDefault", "rPr"]).and_then(size_of);
        let mut styles = Self { known: BTreeMap::new(), plain: size.unwrap_or(10.0) };
        for style in root.named("style") {
            let Some(id) = style.attribute("styleId") else { continue };
            let runs = style.child("rPr");
            let told = Style {
                based_on: style.child("basedOn").and_then(|one| one.attribute("val")).map(str::to_owned),
                size: runs.and_then(size_of),
                hidden: runs.and_then(|runs| switch(runs, "vanish")),
                ink: runs.and_then(colour::ink),
                ground: runs.and_then(colour::ground).or_else(|| style.child("pPr").and_then(colour::ground)),
                shades: style.attribute("type") == Some("table") && colour::shades(style),
                list: style.child("pPr").map_or((None, None), list_of),
            };
            let plain =
                style.attribute("default") == Some("1") && style.attribute("type") == Some("paragraph");
            if let Some(size) = told.size.filter(|_| plain) {
                styles.plain = size;
            }
            styles.known.insert(id.to_owned(), told);
        }
        styles
    }

    /// What a style and those it is based on say.
    pub(super) fn of(&self, id: Option<&str>) -> Style {
        let mut told = Style::default();
        let mut next = id.map(str::to_owned);
        let mut steps = 0;
        while let Some(style) = next.and_then(|id| self.known.get(&id)).filter(|_| steps < 20) {
            told.size = told.size.or(style.size);
            told.hidden = told.hidden.or(style.hidden);
            told.ink = told.ink.or(style.ink);
            told.ground = told.ground.or(style.ground);
            told.shades |= style.shades;
            told.list = (told.list.0.or(style.list.0.clone()), told.list.1.or(style.list.1));
            next = style.based_on.clone();
            steps += 1;
        }
        told
    }
}

/// The size of text in points; the file counts half points.
pub(super) fn size_of(runs: &Element) -> Option<f64> {
    runs.child("sz")?.attribute("val")?.parse::<f64>().ok().map(|half| half / 2.0)
}

/// The list a paragraph is numbered in, and the level.
pub(super) fn list_of(told: &Element) -> (Option<String>, Option<usize>) {
    let Some(number) = told.child("numPr") else { return (None, None) };
    let value = |name: &str| number.child(name).and_then(|one| one.attribute("val"));
    (value("numId").map(str::to_owned), value("ilvl").and_then(|level| level.parse().ok()))
}

/// A switch such as `<w:vanish/>` or `<w:vanish w:val="0"/>`.
pub(super) fn switch(told: &Element, name: &str) -> Option<bool> {
    let value = told.child(name)?.attribute("val");
    Some(!matches!(value, Some("0" | "false" | "off")))
}
