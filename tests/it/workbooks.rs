//! Workbooks: what their styles keep from being seen, and what repeated pieces of them cost.

use std::sync::Arc;

use heyan::{
    model::{document::Document, limits::Limits},
    read,
};

use super::{
    formats::zipped,
    spreadsheets::{codes, column, ods, texts, xlsx},
};

fn document(bytes: Vec<u8>, limits: &Limits) -> Document {
    read::read("a", Arc::from(bytes), limits)
}

/// A package with one more part in it.
fn with(package: &[u8], name: &str, text: &str) -> Vec<u8> {
    let (files, _) = read::unpack(package, &Limits::default());
    let mut files: Vec<(&str, &[u8])> =
        files.iter().map(|(name, bytes)| (name.as_str(), &bytes[..])).collect();
    files.push((name, text.as_bytes()));
    zipped(&files)
}

#[test]
fn styles_that_show_nothing_are_said() {
    let styles = r#"<styleSheet><numFmts><numFmt numFmtId="170" formatCode=";;;"/><numFmt numFmtId="171" formatCode="0.00;;;@"/></numFmts>
        <fonts><font/><font><color rgb="FFFFFFFF"/></font><font><color theme="0"/></font><font><color theme="0" tint="-0.5"/></font></fonts>
        <fills><fill><patternFill patternType="none"/></fill><fill><patternFill patternType="solid"><fgColor rgb="FF1F3864"/></patternFill></fill></fills>
        <cellXfs><xf/><xf numFmtId="170"/><xf fontId="1"/><xf fontId="2" fillId="0"/><xf fontId="1" fillId="1"/><xf fontId="3"/><xf numFmtId="171"/></cellXfs></styleSheet>"#;
    // The style of a cell, and whether its value is seen.
    for (style, seen) in [(0, true), (1, false), (2, false), (3, false), (4, true), (5, true), (6, true)] {
        let sheet = format!(
            r#"<sheetData><row r="1"><c r="A1"><v>7</v></c><c r="B1" s="{style}"><v>9</v></c><c r="C1" s="{style}"/></row></sheetData>"#
        );
        let read = document(with(&xlsx(&[("S", "", &sheet)]), "xl/styles.xml", styles), &Limits::default());
        assert_eq!(codes(&read), if seen { vec![] } else { vec!["unseen-cells"] }, "style {style}");
        assert_eq!(texts(&read, 0), [["7", "9"]], "what is hidden is read, as hidden rows are");
        assert!(seen || read.problems[0].message.en.contains("cells B1 of"), "{:?}", read.problems);
    }
    let style = |name: &str, inside: &str| {
        format!(r#"<style:style style:name="{name}" style:family="table-cell">{inside}</style:style>"#)
    };
    let white = r##"<style:text-properties fo:color="#FFFFFF"/>"##;
    let dark = r##"<style:table-cell-properties fo:background-color="#1f3864"/>"##;
    let styles = style("white", white) + &style("dark", &format!("{dark}{white}"));
    for (name, seen) in [("none", true), ("white", false), ("dark", true)] {
        let cell = format!(
            r#"<table:table table:name="S"><table:table-row><table:table-cell table:style-name="{name}" office:value-type="float" office:value="9"/></table:table-row></table:table>"#
        );
        let read = document(ods(&styles, &cell), &Limits::default());
        assert_eq!(
            (texts(&read, 0), codes(&read)),
            (vec![vec!["9"]], if seen { vec![] } else { vec!["unseen-cells"] }),
            "{name}"
        );
    }
}

#[test]
fn repeated_pieces_cost_what_they_hold() {
    let limits = Limits { cell_text: 1_000, ..Limits::default() };
    let text = "字".repeat(30);
    let rows = format!(
        r#"<table:table table:name="S"><table:table-row table:number-rows-repeated="1000"><table:table-cell office:value-type="string"><text:p>{text}</text:p></table:table-cell></table:table-row></table:table>"#
    );
    let read = document(ods("", &rows), &limits);
    assert_eq!(codes(&read), ["too-much-text"]);
    assert!(read.sheets[0].rows.len() < 12, "{} rows", read.sheets[0].rows.len());

    let sums: Vec<String> = (0..200).map(|_| "=SUM(B1:B2)+SUM(C1:C2)|0".to_owned()).collect();
    let sums: Vec<&str> = sums.iter().map(String::as_str).collect();
    assert_eq!(codes(&document(xlsx(&[("S", "", &column(&sums))]), &limits)), ["too-much-text"]);
}

#[test]
fn spans_that_overlap_count_once() {
    let cells: String =
        ["A", "B", "C", "D", "E", "F"].map(|at| format!(r#"<c r="{at}1"><v>1</v></c>"#)).concat();
    let spans = r#"<col min="2" max="3" hidden="1"/><col min="3" max="5" hidden="1"/><col min="1" max="1" hidden="1"/><col min="2" max="2" hidden="1"/>"#;
    let many = spans.repeat(20_000);
    let sheet = format!(r#"<cols>{many}</cols><sheetData><row r="1">{cells}</row></sheetData>"#);
    let read = document(xlsx(&[("S", "", &sheet)]), &Limits::default());
    assert_eq!(
        (codes(&read), &read.sheets[0].hidden_columns[..]),
        (vec!["hidden-columns"], &[1, 2, 3, 4, 5][..])
    );
}

#[test]
fn what_was_not_looked_at_under_merged_cells_is_said() {
    let sheet = r#"<sheetData><row r="1"><c r="A1"><v>1</v></c></row><row r="2"><c r="A2"><v>2</v></c></row></sheetData><mergeCells><mergeCell ref="A1:A2"/></mergeCells>"#;
    let limits = Limits { formula_steps: 1, ..Limits::default() };
    let read = document(xlsx(&[("S", "", sheet)]), &limits);
    assert!(
        codes(&read).contains(&"covered-cells") && read.problems[0].message.en.contains('…'),
        "{:?}",
        read.problems
    );
}

#[test]
fn an_apostrophe_of_a_workbook_is_seen() {
    let read = document(xlsx(&[("S", "", &column(&["'00123"]))]), &Limits::default());
    assert_eq!(texts(&read, 0), [["'00123"]]);
}
