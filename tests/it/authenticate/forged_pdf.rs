//! Signed PDFs behind which more is written, so that they show something else.

use std::io::Write as _;

use heyan::model::signature::Verdict::{self, AlteredAfterSigning, Broken, IssuerUnknown, NotCheckable};

use super::{
    drawn::{Pdf, cms},
    keys::{Over, RSA, SM2},
    signatures, signed, verdicts,
};

/// A form that draws an amount over what stands there.
const STAMP: &str = "<< /Type /XObject /Subtype /Form /BBox [0 0 200 40] /Length 67 /Resources << /Font << /F1 << /Type /Font /Subtype /Type1 /BaseFont /Helvetica >> >> >> >>\nstream\n1 g 0 0 200 40 re f 0 g BT /F1 14 Tf 4 10 Td (Total 900.00) Tj ET   \nendstream";

const PAGE: &str = "<< /Type /Page /Parent 2 0 R /MediaBox [0 0 400 300] /Contents 4 0 R /Resources << /Font << /F1 \
     << /Type /Font /Subtype /Type1 /BaseFont /Helvetica >> >> >> /Annots ";

fn catalog(fields: &str, more: &str) -> (usize, String) {
    let form = format!("<< /Fields [{fields}] /SigFlags 3 >>");
    (1, format!("<< /Type /Catalog /Pages 2 0 R /AcroForm {form}{more} >>"))
}

fn page(annotations: &str) -> (usize, String) {
    (3, format!("{PAGE}[{annotations}] >>"))
}

fn widget(rectangle: &str, more: &str) -> String {
    format!(
        "<< /Type /Annot /Subtype /Widget /FT /Sig /T (More) /F 132 /Rect [{rectangle}] /P 3 0 R{more} >>"
    )
}

fn sign(pdf: &mut Pdf, rectangle: &str, more: &[(usize, String)]) {
    pdf.sign("adbe.pkcs7.detached", rectangle, more, |bytes| cms(&SM2, Over::Sm3, true, bytes));
}

fn holds_as(pdf: &Pdf, wanted: &[Verdict]) {
    let found = signatures(&pdf.bytes);
    let verdicts: Vec<Verdict> = found.iter().map(|one| one.verdict).collect();
    assert_eq!(verdicts, wanted, "{found:#?}");
}

#[test]
fn a_field_that_borrows_an_old_signature_is_a_change() {
    // The signature is object 6, its field 5.
    let mut pdf = signed();
    pdf.update(&[
        catalog("5 0 R 7 0 R", ""),
        page("5 0 R 7 0 R"),
        (7, widget("36 195 236 235", " /V 6 0 R /AP << /N 8 0 R >>")),
        (8, STAMP.to_owned()),
    ]);
    holds_as(&pdf, &[AlteredAfterSigning]);
    // The same in a field that was there and empty when the file was signed.
    let mut pdf = Pdf::new("Total 100.00");
    let empty = widget("36 195 236 235", "");
    let more = [catalog("5 0 R 7 0 R", ""), page("5 0 R 7 0 R"), (7, empty)];
    pdf.sign("adbe.pkcs7.detached", "250 20 380 100", &more, |bytes| cms(&RSA, Over::Sha256, true, bytes));
    holds_as(&pdf, &[IssuerUnknown]);
    pdf.update(&[(7, widget("36 195 236 235", " /V 6 0 R /AP << /N 8 0 R >>")), (8, STAMP.to_owned())]);
    holds_as(&pdf, &[AlteredAfterSigning]);
}

#[test]
fn the_stamps_of_one_signature_are_no_page_together() {
    let mut pdf = signed();
    let fields = "5 0 R 7 0 R 9 0 R";
    let other = |rectangle: &str| (9, widget(rectangle, " /V 8 0 R"));
    sign(&mut pdf, "0 150 200 300", &[catalog(fields, ""), page(fields), other("0 0 10 10")]);
    holds_as(&pdf, &[IssuerUnknown, IssuerUnknown]);
    let mut pdf = signed();
    sign(&mut pdf, "0 150 200 300", &[catalog(fields, ""), page(fields), other("200 150 400 300")]);
    holds_as(&pdf, &[AlteredAfterSigning, IssuerUnknown]);
}

#[test]
fn a_page_is_no_field() {
    let mut pdf = Pdf::new("Total 100.00");
    pdf.update(&[(2, "<< /Type /Pages /Kids 9 0 R /Count 1 >>".to_owned()), (9, "[3 0 R]".to_owned())]);
    sign(&mut pdf, "0 0 0 0", &[]);
    holds_as(&pdf, &[IssuerUnknown]);
    // The second signature's field and value are objects 12 and 13.
    let second = "<< /Type /Page /Parent 2 0 R /MediaBox [0 0 400 300] /FT /Sig /V 13 0 R >>";
    sign(&mut pdf, "0 0 0 0", &[(9, "[3 0 R 14 0 R]".to_owned()), (14, second.to_owned())]);
    holds_as(&pdf, &[AlteredAfterSigning, IssuerUnknown]);
}

#[test]
fn data_for_checking_leads_to_no_page() {
    let mut pdf = signed();
    let fields = "5 0 R 7 0 R";
    sign(&mut pdf, "0 0 0 0", &[catalog(fields, " /DSS << /Certs [4 0 R 3 0 R] >>")]);
    holds_as(&pdf, &[IssuerUnknown, IssuerUnknown]);
    let mut content = pdf.clone();
    content.update(&[(4, Pdf::content("Total 900.00"))]);
    holds_as(&content, &[AlteredAfterSigning, AlteredAfterSigning]);
    let mut other = pdf.clone();
    other.update(&[
        (3, page("5 0 R 7 0 R").1.replace("/Contents 4", "/Contents 9")),
        (9, Pdf::content("Total 900.00")),
    ]);
    holds_as(&other, &[AlteredAfterSigning, AlteredAfterSigning]);
}

#[test]
fn what_is_said_of_the_file_leads_to_no_page() {
    let mut pdf = signed();
    pdf.trailer = " /Info 3 0 R";
    sign(&mut pdf, "0 0 0 0", &[]);
    holds_as(&pdf, &[IssuerUnknown, IssuerUnknown]);
    pdf.update(&[
        (3, page("5 0 R 7 0 R").1.replace("/Contents 4", "/Contents 9")),
        (9, Pdf::content("Total 900.00")),
    ]);
    holds_as(&pdf, &[AlteredAfterSigning, AlteredAfterSigning]);
}

#[test]
fn data_for_checking_may_grow() {
    let stream = |text: &str| format!("<< /Length {} >>\nstream\n{text}\nendstream", text.len());
    let mut pdf = signed();
    sign(
        &mut pdf,
        "0 0 0 0",
        &[
            catalog("5 0 R 7 0 R", " /DSS 10 0 R"),
            (10, "<< /Type /DSS /Certs 11 0 R /VRI << >> >>".to_owned()),
            (11, "[12 0 R]".to_owned()),
            (12, stream("one")),
        ],
    );
    let mut grown = pdf.clone();
    grown.update(&[
        (10, "<< /Type /DSS /Certs 11 0 R /VRI << /AB << /Cert [12 0 R] >> >> >>".to_owned()),
        (11, "[12 0 R 13 0 R]".to_owned()),
        (13, stream("two")),
    ]);
    holds_as(&grown, &[IssuerUnknown, IssuerUnknown]);
    let mut replaced = pdf.clone();
    replaced.update(&[(12, stream("two"))]);
    holds_as(&replaced, &[AlteredAfterSigning, AlteredAfterSigning]);
}

/// A file whose objects 1 to 4 lie packed in object 5, as a program leaves them that saves a file anew.
fn saved_anew(contents: &str) -> Vec<u8> {
    let signature = format!(
        "<< /Type /Sig /SubFilter /adbe.pkcs7.detached /ByteRange [0 10 20 30] /Contents <{contents}> >>"
    );
    let objects = [
        "<< /Type /Catalog /Pages 2 0 R /AcroForm << /Fields [<< /FT /Sig /T (S) /V 4 0 R >>] >> >>",
        "<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
        "<< /Type /Page /Parent 2 0 R /MediaBox [0 0 400 300] >>",
        &signature,
    ];
    let packed = |bytes: &[u8]| {
        let mut packer = flate2::write::ZlibEncoder::new(Vec::new(), flate2::Compression::default());
        packer.write_all(bytes).unwrap();
        packer.finish().unwrap()
    };
    let (mut head, mut body) = (String::new(), String::new());
    for (number, object) in (1..).zip(objects) {
        head += &format!("{number} {} ", body.len());
        body += &format!("{object}\n");
    }
    let stream = packed(format!("{head}{body}").as_bytes());
    let mut bytes = b"%PDF-1.7\n".to_vec();
    let at = bytes.len();
    let length = stream.len();
    bytes.extend(
        format!(
            "5 0 obj\n<< /Type /ObjStm /N 4 /First {} /Filter /FlateDecode /Length {length} >>\nstream\n",
            head.len()
        )
        .bytes(),
    );
    bytes.extend(stream);
    bytes.extend(b"\nendstream\nendobj\n");
    let table = bytes.len();
    let mut entries = vec![0, 0, 0, 0];
    for index in 0..4 {
        entries.extend([2, 0, 5, index]);
    }
    entries.extend([1, 0, at as u8, 0]);
    entries.extend([1, (table >> 8) as u8, table as u8, 0]);
    bytes.extend(
        format!(
            "6 0 obj\n<< /Type /XRef /Size 7 /W [1 2 1] /Root 1 0 R /Length {} >>\nstream\n",
            entries.len()
        )
        .bytes(),
    );
    bytes.extend(entries);
    bytes.extend(format!("\nendstream\nendobj\nstartxref\n{table}\n%%EOF\n").bytes());
    bytes
}

#[test]
fn a_signed_file_that_was_saved_anew_is_not_unsigned() {
    let found = signatures(&saved_anew("3003020101"));
    assert_eq!(found.iter().map(|one| one.verdict).collect::<Vec<_>>(), [Broken], "{found:#?}");
    assert!(found[0].message.en.contains("saved anew"), "{:?}", found[0].message);
    // A place for a signature that was never filled is no signature.
    assert_eq!(verdicts(&saved_anew("000000")), [NotCheckable]);
    assert_eq!(verdicts(&Pdf::new("Total 100.00").bytes), []);
}
