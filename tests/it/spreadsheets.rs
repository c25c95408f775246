//! Workbooks of every kind: what stands in them, what they hide, and sums that are not what they say.

use std::sync::Arc;

use heyan::{
    extract::extract_sheets,
    model::{
        document::{Document, Format},
        limits::Limits,
        page::{CellValue, MergedCells},
        value::Value,
    },
    read,
    rulebook::types,
};

use super::formats::zipped;

fn document(bytes: impl AsRef<[u8]>) -> Document {
    read::read("a", Arc::from(bytes.as_ref()), &Limits::default())
}

pub(super) fn codes(document: &Document) -> Vec<&str> {
    document.problems.iter().map(|problem| problem.code).collect()
}

fn fixture(path: &str) -> Vec<u8> {
    let path = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/formats").join(path);
    std::fs::read(path).unwrap()
}

/// The texts of a sheet, row by row.
pub(super) fn texts(document: &Document, sheet: usize) -> Vec<Vec<&str>> {
    let rows = document.sheets[sheet].rows.iter();
    rows.map(|row| row.iter().map(|cell| cell.text.as_str()).collect()).collect()
}

/// A workbook of sheets with a name, attributes for the list of sheets, and what stands in `worksheet`.
pub(super) fn xlsx(sheets: &[(&str, &str, &str)]) -> Vec<u8> {
    let main = "http://schemas.openxmlformats.org/spreadsheetml/2006/main";
    let office = "http://schemas.openxmlformats.org/officeDocument/2006/relationships";
    let package = "http://schemas.openxmlformats.org/package/2006/relationships";
    let mut list = String::new();
    let mut relations = String::new();
    for (at, (name, attributes, _)) in (1..).zip(sheets) {
        list += &format!(r#"<sheet name="{name}" sheetId="{at}" {attributes} r:id="r{at}"/>"#);
        relations += &format!(
            r#"<Relationship Id="r{at}" Type="{office}/worksheet" Target="worksheets/sheet{at}.xml"/>"#
        );
    }
    let book = format!(r#"<workbook xmlns="{main}" xmlns:r="{office}"><sheets>{list}</sheets></workbook>"#);
    let relations = format!(r#"<Relationships xmlns="{package}">{relations}</Relationships>"#);
    let root = format!(
        r#"<Relationships xmlns="{package}"><Relationship Id="r1" Type="{office}/officeDocument" Target="xl/workbook.xml"/></Relationships>"#
    );
    let mut files = vec![
        ("[Content_Types].xml".to_owned(), "<Types/>".to_owned()),
        ("_rels/.rels".to_owned(), root),
        ("xl/workbook.xml".to_owned(), book),
        ("xl/_rels/workbook.xml.rels".to_owned(), relations),
    ];
    for (at, (_, _, inside)) in (1..).zip(sheets) {
        files.push((
            format!("xl/worksheets/sheet{at}.xml"),
            format!(r#"<worksheet xmlns="{main}">{inside}</worksheet>"#),
        ));
    }
    let files: Vec<(&str, &[u8])> =
        files.iter().map(|(name, text)| (name.as_str(), text.as_bytes())).collect();
    zipped(&files)
}

/// `worksheet` of one column of cells: `=formula|value`, a number, or a text.
pub(super) fn column(cells: &[&str]) -> String {
    let mut rows = String::new();
    for (at, cell) in (1..).zip(cells) {
        let inside = match cell.strip_prefix('=').and_then(|rest| rest.rsplit_once('|')) {
            Some((formula, "")) => format!(r#"<c r="A{at}"><f>{formula}</f></c>"#),
            Some((formula, value)) => format!(r#"<c r="A{at}"><f>{formula}</f><v>{value}</v></c>"#),
            None if cell.parse::<f64>().is_ok() => format!(r#"<c r="A{at}"><v>{cell}</v></c>"#),
            None => format!(r#"<c r="A{at}" t="inlineStr"><is><t>{cell}</t></is></c>"#),
        };
        rows += &format!(r#"<row r="{at}">{inside}</row>"#);
    }
    format!("<sheetData>{rows}</sheetData>")
}

#[test]
fn numbers_are_what_a_spreadsheet_keeps() {
    // As written, as shown.
    let table = [
        ("19956800.000000004", "19956800"),
        ("0.1", "0.1"),
        ("0.30000000000000004", "0.3"),
        ("-1234.5600000000001", "-1234.56"),
        ("1E-7", "0.0000001"),
        ("8.8817841970012523E-16", "0.0000000000000008881784197001"),
        ("123456789012345", "123456789012345"),
        // A code that a program wrote as a number is all there; one that a spreadsheet kept is not.
        ("25317000002228021821", "25317000002228021821"),
        ("2.5317000002228E+19", "2.5317000002228E+19"),
    ];
    let cells: Vec<&str> = table.iter().map(|(written, _)| *written).collect();
    let read = document(xlsx(&[("S", "", &column(&cells))]));
    assert_eq!(codes(&read), [""; 0]);
    for (row, (written, shown)) in read.sheets[0].rows.iter().zip(table) {
        assert_eq!(row[0].text, shown, "{written}");
        assert!(matches!(row[0].value, CellValue::Number(_)), "{written}");
    }
}

#[test]
fn what_is_hidden_is_read_and_said() {
    let inside = r#"<cols><col min="2" max="2" hidden="1"/><col min="5" max="9" width="0"/></cols><sheetData>
        <row r="1"><c r="A1"><v>1</v></c><c r="B1"><v>2</v></c></row>
        <row r="2" hidden="1"><c r="A2"><v>3</v></c></row>
        <row r="3" ht="0" customHeight="1"><c r="A3"><v>4</v></c></row>
        <row r="4" hidden="1"/>
        </sheetData><mergeCells><mergeCell ref="C1:D2"/></mergeCells>"#;
    let empty = "<sheetData/>";
    let one = column(&["9"]);
    let read = document(xlsx(&[
        ("开放", "", inside),
        ("隐藏", r#"state="hidden""#, &one),
        ("极隐", r#"state="veryHidden""#, &one),
        ("空", r#"state="hidden""#, empty),
    ]));
    assert_eq!(codes(&read), ["hidden-rows", "hidden-columns", "hidden-sheet", "hidden-sheet"]);
    let sheet = &read.sheets[0];
    // The fourth row has no cell, so there is nothing in it that could be hidden.
    assert_eq!((&sheet.hidden_rows[..], &sheet.hidden_columns[..]), (&[2, 3][..], &[2][..]));
    assert_eq!(sheet.merged, [MergedCells { top: 1, left: 3, bottom: 2, right: 4 }]);
    assert_eq!(texts(&read, 0), [vec!["1", "2"], vec!["3"], vec!["4"]]);
    assert_eq!(read.sheets.iter().map(|sheet| sheet.hidden).collect::<Vec<_>>(), [false, true, true, true]);
    let said = &read.problems[0].message;
    assert!(said.zh.contains("2–3") && said.en.contains("2–3"), "{said:?}");
}

#[test]
fn values_under_merged_cells_are_said() {
    let inside = r#"<sheetData><row r="1"><c r="A1"><v>1</v></c><c r="B1"><v>77</v></c></row></sheetData>
        <mergeCells><mergeCell ref="A1:B1"/></mergeCells>"#;
    let read = document(xlsx(&[("S", "", inside)]));
    assert_eq!(codes(&read), ["covered-cells"]);
    assert!(read.problems[0].message.en.contains("B1"));
    assert_eq!(texts(&read, 0), [["1", "77"]]);
}

#[test]
fn sums_are_added_up_again() {
    // Cells of column A, and what is said of them.
    let table: &[(&[&str], &[&str])] = &[
        (&["0.1", "0.2", "=SUM(A1:A2)|0.30000000000000004"], &[]),
        (&["1", "2", "=SUM(A1:A2)|4"], &["cached-sum-differs"]),
        (&["1", "2", "=A1+A2|3"], &[]),
        (&["1", "2", "=A1+$A$2-0.5|3"], &["cached-sum-differs"]),
        (&["1.005", "2", "=ROUND(SUM(A1:A2),2)|3.01"], &[]),
        (&["1", "2", "=SUM(A1,A2,5)+A1|9"], &[]),
        (&["1", "文字", "=SUM(A1:A2)|1"], &[]),
        // What is no plain sum is left alone.
        (&["1", "2", "=A1*A2|99"], &[]),
        (&["1", "2", "=IF(A1+A2,1,0)|99"], &[]),
        (&["1", "=SUM(A1:A2)|5"], &[]),
        (&["1", "2", "=SUM(A1:A2)|"], &["formula-without-value"]),
        (&["1", "=A1+1|", "=SUM(A1:A2)|9"], &["formula-without-value"]),
        (&["1", "2", "=SUM(另一张!A1:A2)|30"], &[]),
        (&["1", "2", "=SUM('另一张'!A1:A2)|31"], &["cached-sum-differs"]),
    ];
    let other = column(&["10", "20"]);
    for (cells, wanted) in table {
        let read = document(xlsx(&[("S", "", &column(cells)), ("另一张", "", &other)]));
        assert_eq!(codes(&read), *wanted, "{cells:?}: {:?}", read.problems);
    }
    let read = document(xlsx(&[("账", "", &column(&["1", "2", "=SUM(A1:A2)|4"]))]));
    let said = &read.problems[0].message.en;
    assert!(["A3", "shows 4", "add up to 3"].iter().all(|part| said.contains(part)), "{said}");
}

#[test]
fn shared_formulas_are_added_up_in_their_own_place() {
    let inside = r#"<sheetData><row r="1"><c r="A1"><v>1</v></c><c r="B1"><v>2</v></c><c r="C1"><f t="shared" ref="C1:C2" si="0">A1+B1</f><v>3</v></c></row>
        <row r="2"><c r="A2"><v>5</v></c><c r="B2"><v>6</v></c><c r="C2"><f t="shared" si="0"/><v>12</v></c></row></sheetData>"#;
    let read = document(xlsx(&[("S", "", inside)]));
    assert_eq!(codes(&read), ["cached-sum-differs"]);
    assert!(read.problems[0].message.en.contains("C2"));
}

#[test]
fn errors_of_newer_programs_end_no_sheet() {
    let inside = r##"<sheetData><row r="1"><c r="A1"><v>1</v></c><c r="B1" t="e"><v>#SPILL!</v></c><c r="C1"><v>3</v></c></row></sheetData>"##;
    let read = document(xlsx(&[("S", "", inside)]));
    assert_eq!(texts(&read, 0), [["1", "#SPILL!", "3"]]);
    assert_eq!(read.sheets[0].rows[0][1].value, CellValue::Error);
}

#[test]
fn old_workbooks_hide_the_same_ways() {
    let bytes = fixture("xls/hidden-rows-columns-and-sheets.xls");
    let read = document(&bytes);
    assert_eq!(read.format, Format::Xls);
    // Its sum was never computed by the program that wrote it.
    let wanted = ["hidden-rows", "hidden-columns", "formula-without-value", "hidden-sheet", "hidden-sheet"];
    assert_eq!(codes(&read), wanted);
    let sheet = &read.sheets[0];
    assert_eq!((&sheet.hidden_rows[..], &sheet.hidden_columns[..]), (&[3][..], &[3][..]));
    assert_eq!(sheet.merged, [MergedCells { top: 1, left: 1, bottom: 1, right: 3 }]);
    assert_eq!(texts(&read, 0)[2], ["乙", "800.25", "A-2"]);
    assert_eq!(texts(&read, 3), [["2022-03-01"]]);
    assert_eq!(texts(&document(fixture("xls/dates-from-1904.xls")), 0)[0], ["2022-03-01"]);

    // The record of the writer's name becomes one that says the rest is encrypted.
    let at = bytes.windows(4).position(|four| four == [0x5c, 0, 0x70, 0]).unwrap();
    let mut locked = bytes.clone();
    locked[at] = 0x2f;
    assert_eq!(codes(&document(&locked)), ["workbook-encrypted"]);
    for part in 1..16 {
        let cut = document(&bytes[..bytes.len() * part / 16]);
        assert!(!cut.sheets.is_empty() || !cut.problems.is_empty(), "cut to {part}/16");
    }
}

#[test]
fn chains_that_run_in_circles_end() {
    let plain = fixture("xls/hidden-rows-columns-and-sheets.xls");
    let number = |at: usize| u32::from_le_bytes(plain[at..at + 4].try_into().unwrap());
    let table = (number(76) as usize + 1) * 512;
    // The last sector of the directory leads to its first.
    let first = number(48);
    let mut last = first as usize;
    while number(table + 4 * last) < 0xffff_fffa {
        last = number(table + 4 * last) as usize;
    }
    let mut circle = plain.clone();
    circle[table + 4 * last..table + 4 * last + 4].copy_from_slice(&first.to_le_bytes());
    let (whole, read) = (document(&plain), document(&circle));
    assert_eq!((texts(&read, 0), codes(&read)), (texts(&whole, 0), codes(&whole)));
    // A stream that is longer than what is there of it is not half a workbook.
    let name: Vec<u8> = "Workbook".encode_utf16().flat_map(u16::to_le_bytes).collect();
    let entry = plain.windows(name.len()).position(|window| window == name).unwrap();
    let mut long = plain.clone();
    long[entry + 120..entry + 124].copy_from_slice(&0x00ff_ffff_u32.to_le_bytes());
    let read = document(&long);
    assert!(read.sheets.is_empty(), "{:?}", read.sheets);
    assert_eq!(codes(&read), ["workbook-unreadable"]);
}

#[test]
fn a_hostile_claim_of_size_makes_no_room() {
    let mut bytes = fixture("xls/hidden-rows-columns-and-sheets.xls");
    let at = bytes.windows(4).position(|four| four == [0x00, 0x02, 0x0e, 0x00]).unwrap();
    bytes[at + 8..at + 12].copy_from_slice(&[0xff; 4]);
    assert_eq!(codes(&document(&bytes)), ["too-many-cells"]);
}

/// A record of a binary workbook.
fn record(kind: u8, data: &[u8]) -> Vec<u8> {
    [&[kind, u8::try_from(data.len()).unwrap()], data].concat()
}

fn wide(text: &str) -> Vec<u8> {
    let units: Vec<u16> = text.encode_utf16().collect();
    let length = u32::try_from(units.len()).unwrap().to_le_bytes();
    length.into_iter().chain(units.iter().flat_map(|unit| unit.to_le_bytes())).collect()
}

#[test]
fn binary_workbooks_hide_the_same_ways() {
    let long = |numbers: &[u32]| numbers.iter().flat_map(|n| n.to_le_bytes()).collect::<Vec<u8>>();
    let row = |row: u32, hidden: u8| record(0, &[long(&[row, 0]), vec![0x2c, 1, 0, hidden, 0]].concat());
    let number =
        |column: u32, value: f64| record(5, &[long(&[column, 0]), value.to_le_bytes().to_vec()].concat());
    let two_bytes = |kind: u16, data: &[u8]| {
        let [low, high] = [(kind & 0x7f) as u8 | 0x80, (kind >> 7) as u8];
        [&[low, high, u8::try_from(data.len()).unwrap()], data].concat()
    };
    let sheet = [
        two_bytes(129, &[]),
        two_bytes(148, &long(&[0, 1, 0, 2])),
        two_bytes(390, &[]),
        record(60, &[long(&[2, 2, 256, 0]), vec![1, 0]].concat()),
        two_bytes(391, &[]),
        two_bytes(145, &[]),
        row(0, 0),
        number(0, 1.5),
        number(2, 9.0),
        row(1, 0x10),
        number(0, 2.5),
        // A formula that came to #N/A.
        record(11, &[long(&[1, 0]), vec![0x2a, 0, 0], long(&[0]), long(&[0])].concat()),
        two_bytes(146, &[]),
        two_bytes(176, &long(&[0, 0, 0, 1])),
        two_bytes(130, &[]),
    ]
    .concat();
    let book = two_bytes(156, &[long(&[1, 1]), wide("r1"), wide("账")].concat());
    let relation = |kind: &str, target: &str| {
        format!(
            r#"<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships"><Relationship Id="r1" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/{kind}" Target="{target}"/></Relationships>"#
        )
    };
    let bytes = zipped(&[
        ("[Content_Types].xml", b"<Types/>"),
        ("_rels/.rels", relation("officeDocument", "xl/workbook.bin").as_bytes()),
        (
            "xl/workbook.bin",
            &[two_bytes(131, &[]), two_bytes(143, &[]), book, two_bytes(144, &[]), two_bytes(132, &[])]
                .concat(),
        ),
        ("xl/_rels/workbook.bin.rels", relation("worksheet", "worksheets/sheet1.bin").as_bytes()),
        ("xl/worksheets/sheet1.bin", &sheet),
    ]);
    let read = document(bytes);
    assert_eq!(read.format, Format::Xlsb);
    assert_eq!(codes(&read), ["hidden-sheet", "hidden-rows", "hidden-columns"], "{:?}", read.problems);
    assert_eq!(texts(&read, 0), [vec!["1.5", "", "9"], vec!["2.5", "#N/A"]]);
    assert_eq!(read.sheets[0].merged, [MergedCells { top: 1, left: 1, bottom: 1, right: 2 }]);
}

/// An Open Document workbook with these automatic styles and tables.
pub(super) fn ods(styles: &str, tables: &str) -> Vec<u8> {
    let content = format!(
        r#"<?xml version="1.0"?><office:document-content xmlns:office="o" xmlns:style="s" xmlns:table="t" xmlns:text="x" xmlns:calcext="c"><office:automatic-styles>{styles}</office:automatic-styles><office:body><office:spreadsheet>{tables}</office:spreadsheet></office:body></office:document-content>"#
    );
    zipped(&[
        ("mimetype", b"application/vnd.oasis.opendocument.spreadsheet"),
        ("content.xml", content.as_bytes()),
    ])
}

#[test]
fn open_document_workbooks_hide_the_same_ways() {
    let cell = |value: &str| {
        format!(
            r#"<table:table-cell office:value-type="float" office:value="{value}"><text:p>x</text:p></table:table-cell>"#
        )
    };
    let tables = format!(
        r#"<table:table table:name="账" table:style-name="off"><table:table-column table:number-columns-repeated="2"/><table:table-column table:visibility="collapse"/>
        <table:table-row>{}<table:table-cell table:number-columns-spanned="2" office:value-type="string"><text:p>a<text:s text:c="2"/>b</text:p><text:p>c</text:p></table:table-cell><table:covered-table-cell/></table:table-row>
        <table:table-row table:visibility="filter" table:number-rows-repeated="2">{}{}{}</table:table-row>
        <table:table-row table:number-rows-repeated="1000000"><table:table-cell table:number-columns-repeated="16000"/></table:table-row>
        <table:table-row><table:table-cell table:formula="of:=SUM([.A1:.A3])" office:value-type="float" office:value="70"/></table:table-row>
        </table:table>"#,
        cell("12345678901234.5"),
        cell("2"),
        cell("0.30000000000000004"),
        cell("5"),
    );
    let styles = r#"<style:style style:name="off" style:family="table"><style:table-properties table:display="false"/></style:style>"#;
    let read = document(ods(styles, &tables));
    assert_eq!(read.format, Format::Ods);
    let wanted = ["hidden-sheet", "hidden-rows", "hidden-columns", "cached-sum-differs"];
    assert_eq!(codes(&read), wanted, "{:?}", read.problems);
    let first = &texts(&read, 0)[..3];
    assert_eq!(first, [vec!["12345678901234.5", "a  b\nc"], vec!["2", "0.3", "5"], vec!["2", "0.3", "5"]]);
    let sheet = &read.sheets[0];
    assert_eq!((&sheet.hidden_rows[..], &sheet.hidden_columns[..]), (&[2, 3][..], &[3][..]));
    assert_eq!(sheet.merged, [MergedCells { top: 1, left: 2, bottom: 1, right: 3 }]);

    let manifest = br#"<manifest:manifest xmlns:manifest="m"><manifest:file-entry manifest:full-path="content.xml"><manifest:encryption-data/></manifest:file-entry></manifest:manifest>"#;
    let locked =
        zipped(&[("mimetype", b"m"), ("content.xml", b"\x01\x02"), ("META-INF/manifest.xml", manifest)]);
    assert_eq!(codes(&document(locked)), ["workbook-encrypted"]);
}

#[test]
fn tables_that_call_themselves_workbooks_are_read() {
    let html = "<html><head><meta charset=utf-8><title>不读</title><style>td{color:red}</style></head><body><p>某公司账单</p><table><tr><th rowspan=2>名称<th colspan=2>金额</tr><tr><td>含税</td><td>不含税</td></tr><tr style='display: none'><td>甲&nbsp;&amp;&#20057;<td>1,200.50</td><td></td></tr></table></body></html>";
    let read = document(html);
    assert_eq!((read.format, codes(&read)), (Format::HtmlTable, vec!["hidden-rows"]));
    assert_eq!(
        texts(&read, 0),
        [vec!["某公司账单"], vec!["名称", "金额"], vec!["", "含税", "不含税"], vec!["甲 &乙", "1,200.50"]]
    );
    let xml = r#"<?xml version="1.0"?><?mso-application progid="Excel.Sheet"?><Workbook xmlns="urn:schemas-microsoft-com:office:spreadsheet" xmlns:ss="urn:schemas-microsoft-com:office:spreadsheet"><Worksheet ss:Name="账"><Table><Column ss:Index="2" ss:Hidden="1"/><Row ss:Index="2"><Cell ss:MergeAcross="1"><Data ss:Type="String">00123</Data></Cell><Cell ss:Index="4"><Data ss:Type="Number">1.50</Data></Cell></Row><Row><Cell ss:Index="2"><Data ss:Type="DateTime">2022-05-01T00:00:00.000</Data></Cell></Row></Table></Worksheet></Workbook>"#;
    let read = document(xml);
    assert_eq!((read.format, codes(&read)), (Format::SpreadsheetXml, vec!["hidden-columns"]));
    assert_eq!(texts(&read, 0), [vec![], vec!["00123", "", "", "1.5"], vec!["", "2022-05-01"]]);
}

#[test]
fn separated_text_in_utf_16_needs_no_mark() {
    for (name, bytes) in [
        (
            "little",
            "金额\t名称\r\n1.5\t甲\r\n".encode_utf16().flat_map(u16::to_le_bytes).collect::<Vec<u8>>(),
        ),
        ("big", "金额\t名称\r\n1.5\t甲\r\n".encode_utf16().flat_map(u16::to_be_bytes).collect()),
        ("marked", "\u{feff}金额\t名称\r\n1.5\t甲\r\n".encode_utf16().flat_map(u16::to_le_bytes).collect()),
    ] {
        let read = document(bytes);
        assert_eq!(read.format, Format::Csv, "{name}");
        assert_eq!(texts(&read, 0), [["金额", "名称"], ["1.5", "甲"]], "{name}");
    }
}

#[test]
fn an_encrypted_package_needs_its_password() {
    // A compound file whose directory names one stream.
    let mut bytes = vec![0_u8; 512 * 3];
    bytes[..8].copy_from_slice(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1");
    bytes[30] = 9;
    bytes[32] = 6;
    bytes[44] = 1;
    bytes[48..52].copy_from_slice(&1_u32.to_le_bytes());
    bytes[60..64].copy_from_slice(&[0xfe, 0xff, 0xff, 0xff]);
    bytes[68..72].copy_from_slice(&[0xfe, 0xff, 0xff, 0xff]);
    bytes[76..512].fill(0xff);
    bytes[76..80].copy_from_slice(&0_u32.to_le_bytes());
    bytes[512..1024].fill(0xff);
    bytes[512..516].copy_from_slice(&[0xfd, 0xff, 0xff, 0xff]);
    bytes[516..520].copy_from_slice(&[0xfe, 0xff, 0xff, 0xff]);
    for (at, (name, kind, child)) in
        [("Root Entry", 5, 1_u32), ("EncryptedPackage", 2, u32::MAX)].iter().enumerate()
    {
        let entry = &mut bytes[1024 + at * 128..][..128];
        let units: Vec<u8> = name.encode_utf16().flat_map(u16::to_le_bytes).collect();
        entry[..units.len()].copy_from_slice(&units);
        entry[64] = u8::try_from(units.len() + 2).unwrap();
        entry[66] = *kind;
        entry[68..76].fill(0xff);
        entry[76..80].copy_from_slice(&child.to_le_bytes());
        entry[116..120].copy_from_slice(&[0xfe, 0xff, 0xff, 0xff]);
    }
    let read = document(bytes);
    assert_eq!(codes(&read), ["workbook-encrypted"]);
}

#[test]
fn headings_may_reach_over_rows() {
    // A bill whose heading stands in two rows below a preamble; the month is merged over two services.
    let cell =
        |place: &str, text: &str| format!(r#"<c r="{place}" t="inlineStr"><is><t>{text}</t></is></c>"#);
    let row = |at: u32, cells: &[(&str, &str)]| {
        let cells: String = cells.iter().map(|(column, text)| cell(&format!("{column}{at}"), text)).collect();
        format!(r#"<row r="{at}">{cells}</row>"#)
    };
    let inside = [
        "<sheetData>".to_owned(),
        row(1, &[("A", "阿里云账单")]),
        row(2, &[("A", "账期"), ("B", "产品名称"), ("C", "金额")]),
        row(3, &[("C", "应付金额"), ("D", "现金支付")]),
        row(4, &[("A", "2022-05"), ("B", "云服务器"), ("C", "100.50"), ("D", "90")]),
        row(5, &[("B", "对象存储"), ("C", "20"), ("D", "20")]),
        row(6, &[("A", "合计"), ("C", "120.50"), ("D", "110")]),
        "</sheetData>".to_owned(),
        r#"<mergeCells><mergeCell ref="A2:A3"/><mergeCell ref="B2:B3"/><mergeCell ref="C2:D2"/><mergeCell ref="A4:A5"/></mergeCells>"#
            .to_owned(),
    ]
    .concat();
    let read = document(xlsx(&[("账单", "", &inside)]));
    let papers = extract_sheets(&read, &types::embedded().unwrap());
    assert_eq!(papers[0].document_type, "cloud_bill");
    let usage = &papers[0].record.rows["usage"];
    assert_eq!(usage.len(), 2);
    assert_eq!(usage[0].value("period"), usage[1].value("period"));
    assert!(usage[1].value("period").is_some());
    let total = papers[0].record.value("total").and_then(|value| match value {
        Value::Money(money) => Some(money.yuan.to_string()),
        _ => None,
    });
    assert_eq!(total.as_deref(), Some("120.50"));
}
