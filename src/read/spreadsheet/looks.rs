//! Which styles of a workbook show nothing of what stands in a cell (ECMA-376, part 1, 18.8).
//!
//! Looked at are formats of numbers that print nothing, and white letters on no fill. Styles of tables,
//! conditional formats, and the fonts of xls and xlsb are not followed.

use std::collections::{BTreeMap, BTreeSet};

use crate::container::xml::Element;

/// A format of numbers that prints nothing of any of them, nor of text.
fn prints_nothing(format: &str) -> bool {
    format.chars().filter(|c| *c == ';').count() >= 3 && format.chars().all(|c| c == ';' || c.is_whitespace())
}

/// White by its value, by the old palette, or by the first colour of the theme, which is the ground.
fn is_white(colour: &Element) -> bool {
    let tinted = colour.attribute("tint").is_some_and(|tint| tint.parse() != Ok(0.0));
    let named = |name: &str| colour.attribute(name);
    named("rgb")
        .is_some_and(|rgb| rgb.eq_ignore_ascii_case("ffffffff") || rgb.eq_ignore_ascii_case("00ffffff"))
        || matches!(named("indexed"), Some("1" | "9"))
        || !tinted && named("theme") == Some("0")
}

/// The numbers of the formats of cells that show nothing.
pub(super) fn unseen(styles: &Element) -> BTreeSet<usize> {
    let list = |name: &'static str, inner: &'static str| {
        styles.child(name).into_iter().flat_map(move |list| list.named(inner))
    };
    let blank: BTreeMap<&str, bool> = list("numFmts", "numFmt")
        .filter_map(|one| Some((one.attribute("numFmtId")?, prints_nothing(one.attribute("formatCode")?))))
        .collect();
    let white: Vec<bool> =
        list("fonts", "font").map(|font| font.child("color").is_some_and(is_white)).collect();
    let plain = |fill: &Element| {
        fill.child("patternFill")
            .is_some_and(|pattern| matches!(pattern.attribute("patternType"), None | Some("none")))
    };
    let clear: Vec<bool> = list("fills", "fill").map(plain).collect();
    let shows_nothing = |format: &Element| {
        let number = |name: &str| format.attribute(name).and_then(|at| at.parse::<usize>().ok()).unwrap_or(0);
        let is_blank = format.attribute("numFmtId").and_then(|id| blank.get(id)).copied().unwrap_or(false);
        let at = |list: &[bool], name: &str| list.get(number(name)).copied().unwrap_or(false);
        is_blank || at(&white, "fontId") && at(&clear, "fillId")
    };
    (0..).zip(list("cellXfs", "xf")).filter(|(_, format)| shows_nothing(format)).map(|(at, _)| at).collect()
}
