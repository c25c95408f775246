//! A page beside its data: what the two agree on, what they do not, and which page is meant.

use heyan::model::{fact::Fact, paper::Paper};

use super::{
    formats::zipped,
    ofd::{ROOT, content, layout, package, text},
    payload::{ATTACHMENTS, LIST, document, face, papers, tax_controlled},
};

/// What is special, two pages, and the papers with their first pages.
type Pages<'t> = (&'t str, &'t str, &'t str, &'t [(&'t str, u32)]);

/// What is special, the rows of a page, whether their number is said, and columns of the second that differ.
type Listed<'t> = (&'t str, &'t [[&'t str; 6]], bool, &'t [&'t str]);

/// An OFD of one page with this beside it.
fn beside(page: &str, xml: &str) -> Vec<Paper> {
    let files: [(&str, &[u8]); 2] =
        [("Doc_0/Attachs/Attachments.xml", LIST), ("Doc_0/Attachs/original_invoice.xml", xml.as_bytes())];
    papers(&document("a.ofd", package("", ATTACHMENTS, page, &files)))
}

fn fact<'p>(paper: &'p Paper, field: &str) -> &'p Fact {
    paper.record.fields.get(field).unwrap_or_else(|| panic!("no {field}"))
}

#[test]
fn a_piece_of_a_value_is_another_value() {
    let buyer = "苏州虚构精密机械（集团）有限公司";
    let data_buyer = "苏州虚构精密机械(集团)有限公司";
    // What the page prints and the data says instead; whether the two differ, and are found the same.
    let table: &[(&str, &str, &str, &str, &str, bool, bool)] = &[
        ("the same", "buyer_name", buyer, buyer, data_buyer, false, true),
        (
            "a branch on the page",
            "buyer_name",
            buyer,
            "苏州虚构精密机械（集团）有限公司南京分公司",
            data_buyer,
            true,
            false,
        ),
        (
            "a branch in the data",
            "buyer_name",
            buyer,
            buyer,
            "苏州虚构精密机械(集团)有限公司南京分公司",
            true,
            false,
        ),
        (
            "cut where the row ends",
            "buyer_name",
            buyer,
            "苏州虚构精密机械（集团）有",
            data_buyer,
            false,
            false,
        ),
        ("without its head", "buyer_name", buyer, "虚构精密机械（集团）有限公司", data_buyer, true, false),
    ];
    for (what, field, printed, prints, says, differs, same) in table {
        let page = face("12345678", "100.00", 10, 2.0).replace(printed, prints);
        let xml = tax_controlled("12345678", "100.00").replace(data_buyer, says);
        let found = beside(&page, &xml);
        assert_eq!(found.len(), 1, "{what}");
        let fact = fact(&found[0], field);
        assert_eq!(
            fact.problem,
            differs.then_some("readings-differ"),
            "{what}: {:?}",
            fact.evidence.readings
        );
        let confirmed = fact.evidence.readings.iter().any(|one| one.by == "text" && one.value == fact.value);
        assert_eq!(confirmed, *same, "{what}: {:?}", fact.evidence.readings);
        // What was looked at is in the record, whatever came of it.
        assert!(fact.evidence.readings.iter().any(|one| one.by == "text"), "{what}");
    }
}

#[test]
fn amounts_in_words_are_compared_as_amounts() {
    // The words of the page, and whether they are other ones than 壹佰零陆圆整 in the data.
    let data = super::payload::digital();
    for (words, differs) in
        [("壹佰零陆圆整", false), ("壹佰零陆元整", false), ("贰拾壹万壹佰零陆圆整", true), ("陆圆整", true)]
    {
        let page = face("23322000000012345678", "100.00", 10, 2.0).replace("壹佰零陆圆整", words);
        let found = beside(&page, &data);
        assert_eq!(found.len(), 1, "{words}");
        assert_eq!(
            fact(&found[0], "gross_in_words").problem.is_some(),
            differs,
            "{words}: {:?}",
            fact(&found[0], "gross_in_words")
        );
    }
}

#[test]
fn a_number_on_another_page_makes_no_second_invoice() {
    let root = ROOT.replace(
        "</ofd:DocBody>",
        "</ofd:DocBody><ofd:DocBody><ofd:DocRoot>Doc_1/Document.xml</ofd:DocRoot></ofd:DocBody>",
    );
    let with = |first: &str, second: &str| {
        let (own, other) = (layout("", ATTACHMENTS), layout("", ""));
        let pages = [first, second].map(content);
        papers(&document(
            "a.ofd",
            zipped(&[
                ("OFD.xml", root.as_bytes()),
                ("Doc_0/Document.xml", own.as_bytes()),
                ("Doc_0/Pages/Page_0/Content.xml", pages[0].as_bytes()),
                ("Doc_1/Document.xml", other.as_bytes()),
                ("Doc_1/Pages/Page_0/Content.xml", pages[1].as_bytes()),
                ("Doc_0/Attachs/Attachments.xml", LIST),
                ("Doc_0/Attachs/original_invoice.xml", tax_controlled("12345678", "100.00").as_bytes()),
            ]),
        ))
    };
    let invoice = face("12345678", "100.00", 10, 2.0);
    let (cover, longer) = (text(3, 10.0, 20.0, "12345678", ""), text(3, 10.0, 20.0, "9123456780", ""));
    let (apart, nothing) =
        (text(3, 5.0, 20.0, "1234", "") + &text(4, 20.0, 20.0, "5678", ""), text(3, 10.0, 20.0, "0", ""));
    let table: &[Pages<'_>] = &[
        ("a cover before it", &cover, &invoice, &[("other", 1), ("vat_invoice", 2)]),
        ("a list behind it, which goes on with it", &invoice, &cover, &[("vat_invoice", 1)]),
        ("two that were not recognised", &cover, &cover, &[("vat_invoice", 1)]),
        ("part of a longer number", &longer, &nothing, &[("other", 1), ("vat_invoice", 1)]),
        ("a number in two pieces", &apart, &nothing, &[("vat_invoice", 1)]),
    ];
    for (what, first, second, wanted) in table {
        let found = with(first, second);
        let found: Vec<(&str, u32)> =
            found.iter().map(|paper| (paper.document_type.as_str(), paper.pages.0)).collect();
        assert_eq!(found, *wanted, "{what}");
    }
}

#[test]
fn rows_of_page_and_data_are_held_against_each_other() {
    let line = |at: u32, cells: &[(f64, &str)]| -> String {
        let top = 0.5 + 4.4 * f64::from(at);
        (0..).zip(cells).map(|(column, (left, cell))| text(at * 10 + column, *left, top, cell, "")).collect()
    };
    let page = |rows: &[[&str; 6]]| {
        let heads = [
            (2.0, "项目名称"),
            (24.0, "数量"),
            (34.0, "单价"),
            (48.0, "金额"),
            (64.0, "税率"),
            (78.0, "税额"),
        ];
        let mut lines = vec![
            line(0, &[(2.0, "江苏增值税电子普通发票")]),
            line(1, &[(2.0, "发票代码:"), (24.0, "032002200111")]),
            line(2, &[(2.0, "发票号码:"), (24.0, "12345678")]),
            line(3, &[(2.0, "开票日期:"), (24.0, "2022年08月05日")]),
            line(4, &heads),
        ];
        for (at, row) in (5..).zip(rows) {
            let cells: Vec<(f64, &str)> =
                heads.iter().map(|(left, _)| *left).zip(row.iter().copied()).collect();
            lines.push(line(at, &cells));
        }
        lines.push(line(9, &[(2.0, "合 计"), (48.0, "¥100.00"), (78.0, "¥6.00")]));
        lines.concat()
    };
    let first = ["系统", "1", "60.00", "60.00", "6%", "3.60"];
    let second = ["咨询", "1", "40.00", "40.00", "6%", "2.40"];
    let [mut taxed, mut other] = [second, second];
    (taxed[5], other[3]) = ("2.50", "41.00");
    let half = ["详见清单", "1", "100.00", "100.00", "6%", "6.00"];
    let table: [Listed<'_>; 6] = [
        ("the same", &[first, second], false, &[]),
        ("another tax", &[first, taxed], false, &["tax"]),
        ("another amount", &[first, other], false, &["amount"]),
        ("one row is missing", &[first], true, &[]),
        ("one row for all of them", &[half], false, &[]),
        ("the same before all of them", &[half, first, second], false, &[]),
    ];
    for (what, rows, said, differing) in table {
        let found = beside(&page(rows), &tax_controlled("12345678", "100.00"));
        assert_eq!(found.len(), 1, "{what}");
        assert_eq!(found[0].problems.iter().any(|one| one.code == "rows-differ"), said, "{what}");
        let second = &found[0].record.rows["items"][1];
        let own: Vec<&str> = second
            .fields
            .iter()
            .filter(|(_, fact)| fact.problem.is_some())
            .map(|(name, _)| name.as_str())
            .collect();
        assert_eq!(own, differing, "{what}");
    }
}
