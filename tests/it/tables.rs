//! Tables that are text: separated text, HTML, the XML of Excel 2003; and the charsets text comes in.

use std::sync::Arc;

use heyan::{
    model::{
        document::{Document, Format},
        limits::Limits,
        page::CellValue,
    },
    read,
};

fn document(bytes: impl AsRef<[u8]>) -> Document {
    read::read("a", Arc::from(bytes.as_ref()), &Limits::default())
}

fn codes(document: &Document) -> Vec<&str> {
    document.problems.iter().map(|problem| problem.code).collect()
}

/// The texts of the first sheet, row by row.
fn texts(document: &Document) -> Vec<Vec<&str>> {
    let rows = document.sheets.iter().take(1).flat_map(|sheet| &sheet.rows);
    rows.map(|row| row.iter().map(|cell| cell.text.as_str()).collect()).collect()
}

/// What is special about a file, the file, its cells, and what is said of it.
type Row<'t> = (&'t str, &'t str, &'t [&'t [&'t str]], &'t [&'t str]);

fn check(table: &[Row<'_>], file: impl Fn(&str) -> String) {
    for (what, inside, cells, said) in table {
        let read = document(file(inside));
        assert_eq!(texts(&read), *cells, "{what}");
        assert_eq!(codes(&read), *said, "{what}: {:?}", read.problems);
    }
}

#[test]
fn workbooks_of_2003_keep_cells_and_columns() {
    let data = r#"<Cell><Data ss:Type="Number">100</Data></Cell>"#;
    let commented = r#"<Row><Cell><Data ss:Type="Number">100</Data><Comment ss:Author="a"><ss:Data xmlns="html"><B>原为</B> 200</ss:Data></Comment></Cell></Row>"#;
    let only_comment = format!(r#"<Row><Cell><Comment><ss:Data>200</ss:Data></Comment></Cell>{data}</Row>"#);
    let merged =
        format!(r#"<Row><Cell ss:MergeAcross="2"><Data ss:Type="String">合计</Data></Cell>{data}</Row>"#);
    let codes = r#"<Row><Cell><Data ss:Type="Number">3.2012319800101101E+17</Data></Cell><Cell><Data ss:Type="Number">320123198001011012</Data></Cell><Cell><Data ss:Type="Number">1.2E3</Data></Cell></Row>"#;
    let formula = format!(
        r#"<Row>{data}<Cell ss:Formula="=RC[-1]*2"/><Cell ss:Formula="=RC[-2]"><Data ss:Type="Number">100</Data></Cell></Row>"#
    );
    let times = r#"<Row><Cell><Data ss:Type="DateTime">1899-12-31T08:30:00.000</Data></Cell><Cell><Data ss:Type="DateTime">2022-05-01T08:30:00.000</Data></Cell></Row>"#;
    let table: &[Row<'_>] = &[
        ("a comment is no value", commented, &[&["100"]], &[]),
        ("nor where there is none", &only_comment, &[&["", "100"]], &[]),
        ("what stands behind merged cells", &merged, &[&["合计", "", "", "100"]], &[]),
        ("digits that were lost", codes, &[&["3.20123198001011E+17", "320123198001011012", "1200"]], &[]),
        ("a formula without a result", &formula, &[&["100", "", "100"]], &["formula-without-value"]),
        ("a time of day", times, &[&["08:30:00", "2022-05-01 08:30:00"]], &[]),
    ];
    check(table, |rows| {
        format!(
            r#"<?xml version="1.0"?><Workbook xmlns="urn:schemas-microsoft-com:office:spreadsheet" xmlns:ss="urn:schemas-microsoft-com:office:spreadsheet"><Worksheet ss:Name="账"><Table>{rows}</Table></Worksheet></Workbook>"#
        )
    });
}

#[test]
fn html_shows_what_a_browser_shows() {
    let hidden = &["hidden-text"][..];
    let table: &[Row<'_>] = &[
        (
            "a caption",
            "<table><caption>单位：万元</caption><tr><td>1</table>",
            &[&["单位：万元"], &["1"]],
            &[],
        ),
        ("a cell", "<table><tr><td>1<td style='display:none'>9<td>2</table>", &[&["1", "2"]], hidden),
        (
            "a cell with its end",
            "<table><tr><td hidden>9</td><td>2</td></tr><tr><td>3</table>",
            &[&["2"], &["3"]],
            hidden,
        ),
        (
            "a piece of a cell",
            "<table><tr><td>1<span style=\"DISPLAY : none\">9<b>9</b></span>2</td></tr></table>",
            &[&["12"]],
            hidden,
        ),
        (
            "a whole table",
            "<table style='display:none'><tr><td>9<table><tr><td>9</table></table><table><tr><td>1</table>",
            &[&["1"]],
            hidden,
        ),
        (
            "what lies round a table",
            "<div hidden><div>9</div><table><tr><td>9</table></div><table><tr><td>1</table>",
            &[&["1"]],
            hidden,
        ),
        (
            "a body of a table",
            "<table><tbody style='visibility:hidden'><tr><td>9<tbody><tr><td>1</table>",
            &[&["1"]],
            hidden,
        ),
        (
            "a column",
            "<table><col><col style='display:none'><tr><td>1<td>9</table>",
            &[&["1", "9"]],
            &["hidden-columns"],
        ),
        (
            "a row by its attribute",
            "<table><tr hidden><td>9<tr><td>1</table>",
            &[&["9"], &["1"]],
            &["hidden-rows"],
        ),
        ("nothing in it", "<table><tr><td>1<span hidden> </span></table>", &[&["1"]], &[]),
        (
            "no end of its own",
            "<table><tr><td><p hidden>9</table><table><tr><td>1</table>",
            &[&[], &["1"]],
            hidden,
        ),
        ("an element without content", "<table><tr><td>1<br hidden>2</table>", &[&["1\n2"]], &[]),
        (
            "names that only look alike",
            "<table><tr><td data-style='display:none' class=hidden>1</table>",
            &[&["1"]],
            &[],
        ),
        ("a script", "<table><tr><td>1<SCRIPT>if (a < b) c()</SCRIPT>2</table>", &[&["12"]], &[]),
    ];
    check(table, |body| format!("<html><body>{body}</body></html>"));
}

#[test]
fn long_html_is_read_in_time() {
    let row = |piece: &str| format!("<table><tr><td>{}</td></tr></table>", piece.repeat(100_000));
    let start = std::time::Instant::now();
    for piece in ["<script></script>", "<a", "&", "<a b='&"] {
        assert!(!document(format!("<html>{}", row(piece))).sheets.is_empty(), "{piece}");
    }
    // Each took minutes where the rest of the file was gone through again for every piece.
    assert!(start.elapsed().as_secs() < 60, "{:?}", start.elapsed());
}

/// What is special, the bytes, the last row, and what is said.
type Bytes<'t> = (&'t str, Vec<u8>, [&'t str; 2], &'t [&'t str]);

/// 金额,名称 and a row of 甲 in GBK.
const GBK: &[u8] = b"\xbd\xf0\xb6\xee,\xc3\xfb\xb3\xc6\n1,\xbc\xd7\n";

#[test]
fn separated_text_survives_single_bytes() {
    let long = |middle: &[u8]| {
        let mut bytes = b"a,b\n".to_vec();
        bytes.extend(b"1,2\n".repeat(1500));
        bytes.extend(middle);
        bytes
    };
    let utf8 = |middle: &[u8]| [&"金额,名称\n".repeat(40).into_bytes()[..], middle].concat();
    let table: Vec<Bytes<'_>> = vec![
        ("the mark of an old end of file", long(b"3,4\n\x1a"), ["3", "4"], &[]),
        ("the same in a short file", b"a,b\n3,4\n\x1a".to_vec(), ["3", "4"], &[]),
        ("a zero far down", long(b"3,4\x00\n"), ["3", "4\u{fffd}"], &["text-damaged"]),
        ("one bad byte in UTF-8", utf8(b"\xe7\x94\xb2\xff,1\n"), ["甲\u{fffd}", "1"], &["text-damaged"]),
        ("one byte too few", utf8(b"\xe7\x94,1\n"), ["\u{fffd}", "1"], &["text-damaged"]),
        ("GBK", GBK.to_vec(), ["1", "甲"], &[]),
    ];
    for (what, bytes, last, said) in table {
        let read = document(bytes);
        assert_eq!(read.format, Format::Csv, "{what}");
        assert_eq!(texts(&read).last().map(Vec::as_slice), Some(&last[..]), "{what}");
        assert_eq!(codes(&read), said, "{what}");
    }
}

#[test]
fn a_named_charset_is_not_believed_against_the_bytes() {
    let utf8 = "金额".as_bytes();
    let gbk = b"\xbd\xf0\xb6\xee";
    let (none, said) = (&[][..], &["charset-differs"][..]);
    let table: [(&str, &str, &[u8], &[&str]); 8] = [
        ("what it is", "utf-8", utf8, none),
        ("what it is, in the old charset", "GBK", gbk, none),
        ("another name of it", "gb2312", gbk, none),
        ("UTF-8 all the same", "GBK", utf8, none),
        ("the old charset all the same", "UTF-8", gbk, said),
        ("pairs of bytes, which ASCII is not", "utf-16", utf8, none),
        ("the same in the old charset", "UTF-16LE", gbk, none),
        ("a name that nobody knows", "x-none", utf8, none),
    ];
    for (what, name, bytes, said) in table {
        let xml =
            [format!("<?xml version=\"1.0\" encoding=\"{name}\"?><a><b>").as_bytes(), bytes, b"</b></a>"]
                .concat();
        let read = document(&xml);
        let found =
            read.payloads.first().and_then(|payload| payload.nodes.first()).map(|node| node.text.as_str());
        assert_eq!(found, Some("金额"), "{what}");
        assert_eq!(codes(&read), said, "{what}");
        let html = [
            format!("<html><meta charset=\"{name}\"><table><tr><td>").as_bytes(),
            bytes,
            b"</td></tr></table>",
        ]
        .concat();
        let read = document(&html);
        let found = read.sheets[0].rows.first().map(|row| row[0].text.as_str());
        assert_eq!(found, Some("金额"), "{what}");
        assert_eq!(codes(&read), said, "{what}");
    }
    // One short word may be right in both charsets: 元 in GBK are the bytes of another letter in UTF-8.
    let short = b"<?xml version=\"1.0\" encoding=\"GBK\"?><a><b>\xd4\xaa</b></a>";
    assert_eq!(document(short).payloads[0].nodes[0].text, "元");
}

#[test]
fn an_apostrophe_before_a_code_is_a_mark_only_in_text() {
    let read = document("编号,金额\n'00123,\"=\"\"00456\"\"\"\n");
    assert_eq!(texts(&read)[1], ["00123", "00456"]);
    assert_eq!(read.sheets[0].rows[1][0].value, CellValue::Text);
    assert_eq!(texts(&document("<table><tr><td>'00123</table>")), [["00123"]]);
}

#[test]
fn a_second_root_is_said() {
    let read = document("<?xml version=\"1.0\"?><a><b>1</b></a><a><b>2</b></a>");
    assert_eq!((read.payloads[0].nodes.len(), codes(&read)), (1, vec!["xml-damaged"]));
}
