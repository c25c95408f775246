//! E-mails: what hangs on them comes out as it was sent, and what they say is kept.

use heyan::model::document::Format;

use crate::archives::{document, replaced, told};

/// An e-mail as programs write it: lines end in CR LF.
fn mail(lines: &[&str]) -> Vec<u8> {
    lines.join("\r\n").into_bytes()
}

pub(super) const HEADERS: &[&str] = &[
    "From: =?GBK?B?1cXI/Q==?= <zhang@example.com>",
    "To: li@example.com",
    "Subject: =?UTF-8?B?5Y+R56Wo?=",
    "Date: Mon, 6 Mar 2023 10:00:00 +0800",
    "MIME-Version: 1.0",
];

pub(super) fn with(headers: &[&str], rest: &[&str]) -> Vec<u8> {
    mail(&[headers, rest].concat())
}

#[test]
fn what_hangs_on_an_email_comes_out() {
    let bytes = with(
        HEADERS,
        &[
            "Content-Type: multipart/mixed; boundary=\"b1\"",
            "",
            "--b1",
            "Content-Type: multipart/alternative; boundary=b2",
            "",
            "--b2",
            "Content-Type: text/plain; charset=GBK",
            "Content-Transfer-Encoding: base64",
            "",
            "x+u/tLi9vP6how==",
            "--b2",
            "Content-Type: text/html; charset=utf-8",
            "",
            "<p>the same</p>",
            "--b2--",
            "--b1",
            // RFC 2047 inside a parameter, which is not allowed and what Chinese programs write.
            "Content-Type: text/csv; name=\"=?GBK?B?1cu1pS5jc3Y=?=\"",
            "Content-Disposition: attachment; filename=\"=?GBK?B?1cu1pS5jc3Y=?=\"",
            "Content-Transfer-Encoding: base64",
            "",
            // A table in GBK: it must come out as it was sent.
            "1cu6xSy98Lbu",
            "CjEsMi41MAo=",
            "--b1",
            // RFC 2231, in two pieces.
            "Content-Type: application/octet-stream",
            "Content-Disposition: attachment;",
            " filename*0*=GBK''%B7%A2%C6%B1;",
            " filename*1*=%B6%FE.csv",
            "Content-Transfer-Encoding: quoted-printable",
            "",
            "a,b=0A1,=",
            "2=0A",
            "--b1",
            "Content-Type: message/rfc822",
            "",
            "From: wang@example.com",
            "To: zhang@example.com",
            "Subject: inner",
            "MIME-Version: 1.0",
            "Content-Type: multipart/mixed; boundary=b3",
            "",
            "--b3",
            "Content-Type: application/octet-stream; name=\"../deep.csv\"",
            "Content-Transfer-Encoding: base64",
            "",
            "YSxiCjEsMgo=",
            "--b3--",
            "--b1--",
            "",
        ],
    );
    let read = document("m.eml", &bytes);
    assert_eq!(read.format, Format::Mail);
    let wanted =
        ["m.eml/账单.csv: 4", "m.eml/发票二.csv: 4", "m.eml/inner.eml/.._deep.csv: 4"].map(str::to_owned);
    assert_eq!(told(&read), wanted);
    assert_eq!(
        read.parts[0].bytes.as_ref(),
        b"\xd5\xcb\xba\xc5,\xbd\xf0\xb6\xee\n1,2.50\n",
        "as it was sent"
    );
    assert_eq!(read.parts[0].sheets[0].rows[0][1].text, "金额");
    let said: Vec<(&str, &str)> =
        read.payloads[0].nodes.iter().map(|node| (node.path.as_str(), node.text.as_str())).collect();
    let wanted = [
        ("Mail/From", "张三 <zhang@example.com>"),
        ("Mail/To", "li@example.com"),
        ("Mail/Date", "2023-03-06T10:00:00+08:00"),
        ("Mail/Subject", "发票"),
        ("Mail/Text", "请看附件。"),
    ];
    assert_eq!(said, wanted);
}

#[test]
fn damaged_and_odd_emails_are_said() {
    let part = &["Content-Type: multipart/mixed; boundary=b1", "", "--b1"];
    let csv = &["Content-Type: text/csv; name=a.csv", "Content-Disposition: attachment", "", "a,b", "1,2"];
    let whole = with(HEADERS, &[part.as_slice(), csv, &["--b1--", ""]].concat());
    assert_eq!(told(&document("m.eml", &whole)), ["m.eml/a.csv: 4"]);
    let cut = document("m.eml", &with(HEADERS, &[part.as_slice(), csv].concat()));
    assert!(told(&cut).contains(&"m.eml! mail-cut-off".to_owned()), "{:?}", told(&cut));
    // A name in plain GBK bytes, as old programs wrote it.
    let named = whole.clone();
    let named = replaced(&named, b"name=a.csv", b"name=\xd5\xcb.x ");
    assert_eq!(document("m.eml", &named).parts[0].name, "m.eml/账.x");
    // A body of markup alone is kept as its text.
    let markup = with(HEADERS, &["Content-Type: text/html; charset=utf-8", "", "<p>合计<b>12.50</b></p>"]);
    let read = document("m.eml", &markup);
    assert!(read.payloads[0].nodes.iter().any(|node| node.text == "合计12.50"), "{:?}", read.payloads);
    // A page saved by a browser is an e-mail in form.
    let saved = with(
        &[
            "From: <Saved by a browser>",
            "Subject: page",
            "Date: Mon, 6 Mar 2023 10:00:00 +0800",
            "MIME-Version: 1.0",
        ],
        &[
            "Content-Type: multipart/related; type=\"text/html\"; boundary=\"b1\"",
            "",
            "--b1",
            "Content-Type: text/html",
            "Content-Location: https://example.com/",
            "",
            "<p>shown</p>",
            "--b1",
            "Content-Type: text/csv",
            "Content-Location: https://example.com/table.csv",
            "",
            "a,b",
            "1,2",
            "--b1--",
            "",
        ],
    );
    let read = document("m.mht", &saved);
    assert_eq!((read.format, read.parts.len()), (Format::Mail, 1), "{:?}", told(&read));
    // A table whose first line looks like a field is a table.
    let table = document("t.csv", b"From: a,b\nTo: 1,2\n");
    assert_eq!(table.format, Format::Csv);
    // Depth.
    let mut nested = whole;
    for _ in 0..4 {
        let inner = String::from_utf8(nested).unwrap();
        nested = with(HEADERS, &["Content-Type: message/rfc822", "", &inner]);
    }
    assert!(told(&document("m.eml", &nested)).iter().any(|line| line.ends_with("! archive-too-deep")));
}
