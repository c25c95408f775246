//! One table in every kind of office file under `fixtures/formats`: read the same from each.

use std::{fs, path::Path, sync::Arc};

use heyan::{
    arrange::arrange,
    model::{document::Document, limits::Limits},
    read,
};

use super::spreadsheets::{codes, texts};

const TABLE: [[&str; 3]; 4] = [
    ["名称", "数量", "金额"],
    ["云服务器", "2", "1200.5"],
    ["对象存储", "1", "99.25"],
    ["合计", "3", "1299.75"],
];

fn fixture(name: &str) -> Document {
    let bytes = fs::read(Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/formats").join(name)).unwrap();
    read::read(name.rsplit('/').next().unwrap(), Arc::from(bytes), &Limits::default())
}

#[test]
fn a_table_is_the_same_in_every_workbook() {
    for (name, format, said) in [
        ("csv/in-utf-16.csv", "csv", vec![]),
        ("xls/of-excel-2003.xls", "xml-spreadsheet", vec![]),
        ("xls/table-of-a-web-page.xls", "html", vec!["hidden-text"]),
        ("xlsb/plain.xlsb", "xlsb", vec![]),
        ("xlsx/sums-and-a-hidden-row.xlsx", "xlsx", vec!["hidden-rows"]),
        ("ods/a-hidden-row.ods", "ods", vec!["hidden-rows"]),
    ] {
        let read = fixture(name);
        assert_eq!((read.format.name(), codes(&read)), (format, said), "{name}");
        assert_eq!(texts(&read, 0)[..4], TABLE, "{name}");
    }
}

#[test]
fn a_table_in_a_word_document_keeps_its_cells() {
    let mut read = fixture("docx/table-header-and-hidden-text.docx");
    assert_eq!((read.format.name(), codes(&read)), ("docx", vec!["hidden-text"]));
    let page = &mut read.pages[0];
    arrange(page);
    let words = |at: &[usize]| at.iter().map(|at| page.words[*at].text.as_str()).collect::<String>();
    let mut cells = vec![vec![String::new(); 3]; 4];
    for cell in &page.tables[0].cells {
        cells[cell.row as usize][cell.column as usize] = words(&cell.words);
    }
    assert_eq!(cells, TABLE);
    let all: String = page.words.iter().map(|word| word.text.as_str()).collect();
    assert!(all.starts_with("页眉项目申报书") && !all.contains("删去"), "{all}");
}

#[test]
fn what_hangs_on_an_e_mail_is_read() {
    let read = fixture("eml/a-table-and-a-mail.eml");
    assert_eq!((read.format.name(), codes(&read)), ("eml", vec![]));
    let said = |document: &Document, path: &str| {
        let nodes = document.payloads.iter().flat_map(|payload| &payload.nodes);
        nodes.filter(|node| node.path == path).map(|node| node.text.clone()).collect::<String>()
    };
    assert_eq!(said(&read, "Mail/Subject"), "账单");
    assert_eq!(said(&read, "Mail/Text").trim(), "附件为账单，请查收。");
    let [table, mail] = read.parts.as_slice() else { panic!("{:?}", read.parts) };
    assert_eq!(table.name, "a-table-and-a-mail.eml/bill.csv");
    assert_eq!(texts(table, 0)[..4], TABLE);
    assert_eq!(said(mail, "Mail/Subject"), "notice");
}
