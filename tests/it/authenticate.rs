//! Signatures and seals: what holds, what was changed, what was added, what cannot be told.

mod drawn;
mod forged_ofd;
mod forged_pdf;
mod keys;
mod worth;

use std::{fs, path::Path};

use heyan::{
    authenticate::{Trust, attest, authenticate},
    model::{
        anchor::Anchor,
        document::{Document, DocumentId, Format},
        fact::Record,
        limits::Limits,
        paper::{Content, Paper},
        signature::{
            Signature,
            Verdict::{self, AlteredAfterSigning, Broken, IssuerUnknown, NotCheckable, Valid},
        },
    },
};

use drawn::{Edition, Pdf, cms, find, ofd, seal, unzipped, zipped};
use keys::{Over, ROOT, RSA, SM2, STRANGER};

fn checked(bytes: &[u8], trust: &Trust) -> Vec<Signature> {
    let mut document = Document { bytes: bytes.into(), ..Document::default() };
    authenticate(&mut document, trust, &Limits::default());
    assert!(document.problems.is_empty(), "{:?}", document.problems);
    document.signatures
}

fn signatures(bytes: &[u8]) -> Vec<Signature> {
    checked(bytes, &Trust::default())
}

fn verdicts(bytes: &[u8]) -> Vec<Verdict> {
    signatures(bytes).iter().map(|one| one.verdict).collect()
}

/// A PDF signed by the firm.
fn signed() -> Pdf {
    let mut pdf = Pdf::new("Total 100.00");
    pdf.sign("adbe.pkcs7.detached", "250 20 380 100", &[], |bytes| cms(&RSA, Over::Sha256, true, bytes));
    pdf
}

/// A PDF signed by the office with SM2.
fn signed_sm2() -> Pdf {
    let mut pdf = Pdf::new("Total 100.00");
    pdf.sign("adbe.pkcs7.detached", "0 0 0 0", &[], |bytes| cms(&SM2, Over::Sm3, true, bytes));
    pdf
}

/// A PDF with a seal of the tax office's kind.
fn sealed() -> Pdf {
    let mut pdf = Pdf::new("Total 100.00");
    pdf.sign("GM.sm2seal", "250 20 380 100", &[], |bytes| seal(Edition::Fourth, &SM2, &SM2, bytes));
    pdf
}

fn sealed_ofd(edition: Edition) -> Vec<(String, Vec<u8>)> {
    let value = |bytes: &[u8]| seal(edition, &SM2, &SM2, bytes);
    match edition {
        Edition::FirstOfDigest => ofd("1.2.156.10197.1.401.2", |bytes| drawn::keyed(&SM2, bytes), value),
        _ => ofd("1.2.156.10197.1.401", |bytes| Over::Sm3.of(bytes), value),
    }
}

/// A file that is kept as a fixture: its path below `fixtures/formats`, its bytes, and what is found.
type Kept = (&'static str, Vec<u8>, &'static [Verdict]);

/// The fixtures, each named by its defect.
fn kept() -> Vec<Kept> {
    let mut appended = signed();
    appended.update(&[(4, Pdf::content("Total 900.00"))]);
    let mut twice = signed();
    twice.sign("ETSI.CAdES.detached", "20 20 150 100", &[], |bytes| cms(&SM2, Over::Sm3, true, bytes));
    let mut wrong = signed().bytes;
    let at = find(&wrong, b"(Total 100.00)");
    wrong[at + 7] = b'9';
    let mut changed = sealed_ofd(Edition::Fourth);
    changed[2].1 = String::from_utf8(changed[2].1.clone()).unwrap().replace("100.00", "900.00").into_bytes();
    let mut added = sealed_ofd(Edition::Fourth);
    added.push(("Doc_0/Annots/Annotations.xml".to_owned(), b"<ofd:Annotations/>".to_vec()));
    vec![
        ("pdf/signed-with-rsa.pdf", signed().bytes, &[IssuerUnknown]),
        ("pdf/signed-with-sm2.pdf", signed_sm2().bytes, &[IssuerUnknown]),
        ("pdf/sealed-as-the-tax-office-does.pdf", sealed().bytes, &[IssuerUnknown]),
        ("pdf/signed-by-two.pdf", twice.bytes, &[IssuerUnknown, IssuerUnknown]),
        ("pdf/signed-and-an-amount-replaced-behind.pdf", appended.bytes, &[AlteredAfterSigning]),
        ("pdf/signed-and-a-byte-changed.pdf", wrong, &[Broken]),
        ("ofd/sealed-after-gbt-38540.ofd", zipped(&sealed_ofd(Edition::Fourth)), &[IssuerUnknown]),
        ("ofd/sealed-after-gmt-0031.ofd", zipped(&sealed_ofd(Edition::First)), &[IssuerUnknown]),
        ("ofd/sealed-and-a-file-changed.ofd", zipped(&changed), &[Broken]),
        ("ofd/sealed-and-a-file-added.ofd", zipped(&added), &[AlteredAfterSigning]),
    ]
}

#[test]
fn the_signed_fixtures_are_as_drawn_and_checked() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/formats");
    for (name, bytes, wanted) in kept() {
        let path = root.join(name);
        if std::env::var_os("UPDATE").is_some() {
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(&path, &bytes).unwrap();
        }
        assert!(fs::read(&path).is_ok_and(|kept| kept == bytes), "{name} is another; UPDATE=1 writes it");
        let found = signatures(&bytes);
        let verdicts: Vec<Verdict> = found.iter().map(|one| one.verdict).collect();
        assert_eq!(verdicts, wanted, "{name}: {found:#?}");
    }
}

#[test]
fn every_way_of_signing_is_checked() {
    for over in [Over::Sha1, Over::Sha256, Over::Sha384, Over::Sha512, Over::Sm3] {
        for with_attributes in [true, false] {
            for signer in [&RSA, &SM2] {
                if matches!(signer.key, keys::Key::Sm2(_)) && over != Over::Sm3 {
                    continue;
                }
                let mut pdf = Pdf::new("Total 100.00");
                pdf.sign("adbe.pkcs7.detached", "0 0 0 0", &[], |bytes| {
                    cms(signer, over, with_attributes, bytes)
                });
                let found = signatures(&pdf.bytes);
                assert_eq!(found.len(), 1);
                assert_eq!(found[0].verdict, IssuerUnknown, "{over:?} {with_attributes}: {found:#?}");
                assert!(found[0].covers_whole_file);
                assert_eq!(found[0].signed_at.as_deref(), Some("2023-03-01T10:03:04+08:00"));
            }
        }
    }
}

#[test]
fn a_signature_says_whose_it_is_and_where() {
    let found = signatures(&signed().bytes).remove(0);
    assert_eq!(found.kind.name(), "pkcs7");
    assert_eq!(found.signer.as_deref(), Some("江苏测试科技有限公司"));
    assert_eq!(found.issuer.as_deref(), Some("核验测试根证书"));
    assert_eq!(found.certificate_valid, Some(("2020-01-01".to_owned(), "2040-01-01".to_owned())));
    let [(page, bounds)] = found.places.as_slice() else { panic!("{:?}", found.places) };
    assert_eq!(
        (*page, bounds.left, bounds.top, bounds.right, bounds.bottom),
        (1, 250.0, 200.0, 380.0, 280.0)
    );
    let mut turned = Pdf::new("Total 100.00");
    let page =
        "<< /Type /Page /Parent 2 0 R /MediaBox [0 0 400 300] /Rotate 90 /Contents 4 0 R /Annots [5 0 R] >>";
    turned.sign("adbe.pkcs7.detached", "250 20 380 100", &[(3, page.to_owned())], |bytes| {
        cms(&RSA, Over::Sha256, true, bytes)
    });
    let (_, bounds) = signatures(&turned.bytes).remove(0).places[0];
    assert_eq!((bounds.left, bounds.top, bounds.right, bounds.bottom), (20.0, 250.0, 100.0, 380.0));
    let found = signatures(&zipped(&sealed_ofd(Edition::Fourth))).remove(0);
    assert_eq!((found.kind.name(), found.seal.as_deref()), ("ses_v4", Some("测试发票监制章")));
    let [(page, bounds)] = found.places.as_slice() else { panic!("{:?}", found.places) };
    assert_eq!((*page, bounds.left.round(), bounds.bottom.round()), (1, 255.0, 79.0));
    let found = signatures(&zipped(&sealed_ofd(Edition::First))).remove(0);
    assert_eq!(found.kind.name(), "ses_v1");
}

#[test]
fn nobody_is_trusted_but_the_roots_that_are_handed_in() {
    let mut trust = Trust::default();
    assert_eq!(trust.add(&ROOT.certificate), 1);
    assert_eq!(checked(&signed().bytes, &trust)[0].verdict, Valid);
    // The office's certificate leads elsewhere.
    assert_eq!(checked(&signed_sm2().bytes, &trust)[0].verdict, IssuerUnknown);
    let mut other = Trust::default();
    let dense = base64::Engine::encode(&base64::engine::general_purpose::STANDARD, &SM2.certificate);
    let pem = format!("-----BEGIN CERTIFICATE-----\n{dense}\n-----END CERTIFICATE-----\n");
    assert_eq!(other.add(pem.as_bytes()), 1);
    assert_eq!(checked(&signed_sm2().bytes, &other)[0].verdict, Valid);
    assert_eq!(checked(&signed().bytes, &other)[0].verdict, IssuerUnknown);
    assert_eq!(other.add(b"no certificate"), 0);
}

#[test]
fn one_changed_byte_is_caught_wherever_it_is() {
    for (name, pdf) in [("rsa", signed()), ("sm2", signed_sm2()), ("seal", sealed())] {
        trials(name, &pdf.bytes);
    }
    for edition in [Edition::Fourth, Edition::First, Edition::FirstOfDigest] {
        let files = sealed_ofd(edition);
        assert_eq!(verdicts(&zipped(&files)), [IssuerUnknown], "{edition:?}");
        for at in 0..100 {
            let mut files = files.clone();
            // The list of signatures protects nothing and is protected by nothing.
            let file = at % 4;
            let bytes = &mut files[file].1;
            let place = at * 7_919 % bytes.len();
            bytes[place] ^= 1;
            let found = verdicts(&zipped(&files));
            assert!(is_caught(&found), "{edition:?}: byte {place} of {}: {found:?}", files[file].0);
        }
    }
}

/// Changes one byte of what the first signature covers, a hundred times at another place.
fn trials(name: &str, bytes: &[u8]) {
    let [before, after] = covered(bytes);
    let count = before + (bytes.len() - after);
    for at in 0..100 {
        let place = at * (count - 1) / 99;
        let place = if place < before { place } else { after + place - before };
        let mut changed = bytes.to_vec();
        changed[place] ^= 1 << (at % 7);
        let found = verdicts(&changed);
        assert!(is_caught(&found), "{name}: byte {place} of {}: {found:?}", bytes.len());
    }
}

/// Where the place of the signature itself begins and ends.
fn covered(bytes: &[u8]) -> [usize; 2] {
    let range = &bytes[find(bytes, b"/ByteRange")..];
    let numbers = String::from_utf8_lossy(&range[find(range, b"[") + 1..find(range, b"]")]).into_owned();
    let numbers: Vec<usize> = numbers.split_whitespace().map(|one| one.parse().unwrap()).collect();
    [numbers[1], numbers[2]]
}

/// A signature that nobody sees any more was not caught, but lost.
fn is_caught(found: &[Verdict]) -> bool {
    !found.is_empty() && found.iter().all(|one| !matches!(one, Valid | IssuerUnknown))
}

#[test]
fn what_is_added_behind_a_signature_is_said() {
    let whole = signed();
    let with = |tail: &[u8]| [&whole.bytes[..], tail].concat();
    assert_eq!(verdicts(&with(b"\r\n \0\0")), [IssuerUnknown]);
    assert_eq!(verdicts(&with(b"% remark\n")), [AlteredAfterSigning]);
    let found = signatures(&with(b"% remark\n")).remove(0);
    assert!(!found.covers_whole_file);
    assert!(found.message.zh.contains('9') && found.message.en.contains("9 bytes"), "{:?}", found.message);
    // An object that no table leads to may be shown by who mends tables.
    assert_eq!(
        verdicts(&with(b"4 0 obj\n<< /Length 0 >>\nstream\n\nendstream\nendobj\n")),
        [AlteredAfterSigning]
    );
    let mut annotated = whole.clone();
    annotated.update(&[(4, Pdf::content("Total 900.00"))]);
    assert_eq!(verdicts(&annotated.bytes), [AlteredAfterSigning]);
}

#[test]
fn a_further_signature_changes_nothing_and_hides_nothing() {
    let sign = |pdf: &mut Pdf, rectangle: &str, more: &[(usize, String)]| {
        pdf.sign("adbe.pkcs7.detached", rectangle, more, |bytes| cms(&SM2, Over::Sm3, true, bytes));
    };
    let mut twice = signed();
    sign(&mut twice, "20 20 150 100", &[]);
    let found = signatures(&twice.bytes);
    assert_eq!(found.iter().map(|one| one.verdict).collect::<Vec<_>>(), [IssuerUnknown, IssuerUnknown]);
    assert!(!found[0].covers_whole_file && found[1].covers_whole_file);
    assert!(found[0].message.zh.contains("另外 1 个签名"), "{:?}", found[0].message);
    // Together with a second signature, anything may come along.
    let mut changed = signed();
    sign(&mut changed, "20 20 150 100", &[(4, Pdf::content("Total 900.00"))]);
    assert_eq!(verdicts(&changed.bytes), [AlteredAfterSigning, IssuerUnknown]);
    // A stamp as large as the page covers what was signed.
    let mut covered = signed();
    sign(&mut covered, "0 0 400 300", &[]);
    assert_eq!(verdicts(&covered.bytes), [AlteredAfterSigning, IssuerUnknown]);
    // A second signature that does not hold explains nothing.
    let mut forged = signed();
    forged.sign("adbe.pkcs7.detached", "0 0 0 0", &[], |_| cms(&SM2, Over::Sm3, true, b"something else"));
    assert_eq!(verdicts(&forged.bytes), [AlteredAfterSigning, Broken]);
    // Data for checking in later years.
    let mut kept = signed();
    let catalog = "<< /Type /Catalog /Pages 2 0 R /AcroForm << /Fields [5 0 R] /SigFlags 3 >> /DSS 7 0 R >>";
    kept.update(&[(1, catalog.to_owned()), (7, "<< /Type /DSS >>".to_owned())]);
    let found = signatures(&kept.bytes);
    assert_eq!(found[0].verdict, IssuerUnknown, "{found:#?}");
    assert!(found[0].message.zh.contains("长期验证"), "{:?}", found[0].message);
}

#[test]
fn a_range_that_leaves_out_more_than_the_signature_is_broken() {
    let bytes = signed().bytes;
    let [before, after] = covered(&bytes);
    let at = find(&bytes, b"/ByteRange [0 ") + b"/ByteRange [0 ".len();
    let with = |range: String| {
        let mut changed = bytes.clone();
        assert_eq!(range.len(), 32);
        changed[at..at + 32].copy_from_slice(range.as_bytes());
        verdicts(&changed)
    };
    let rest = bytes.len() - after;
    for range in [
        format!("{:010} {after:010} {rest:010}", before - 20),
        format!("{before:010} {:010} {:010}", after + 20, rest - 20),
        format!("{before:010} {after:010} {:010}", rest + 1),
        format!("{after:010} {before:010} {rest:010}"),
        format!("{before:010} {after:010} 9999999999"),
        format!("{before:010} {after:010}{:11}", ""),
    ] {
        assert_eq!(with(range.clone()), [Broken], "{range}");
    }
    // The signed bytes moved behind something else, as a forger wraps them.
    let mut wrapped = Pdf::new("Total 900.00").bytes;
    wrapped.extend(&bytes);
    assert_eq!(verdicts(&wrapped), [Broken]);
}

#[test]
fn seals_set_by_a_stranger_or_on_something_else_are_broken() {
    let stolen =
        ofd("sm3", |bytes| Over::Sm3.of(bytes), |bytes| seal(Edition::Fourth, &SM2, &STRANGER, bytes));
    assert_eq!(verdicts(&zipped(&stolen)), [Broken]);
    let moved = ofd("sm3", |bytes| Over::Sm3.of(bytes), |_| seal(Edition::Fourth, &SM2, &SM2, b"another"));
    assert_eq!(verdicts(&zipped(&moved)), [Broken]);
    let plain = ofd("SHA1", |bytes| Over::Sha1.of(bytes), |bytes| cms(&RSA, Over::Sha256, true, bytes));
    let found = signatures(&zipped(&plain)).remove(0);
    assert_eq!((found.kind.name(), found.verdict), ("ofd_signature", IssuerUnknown));
}

#[test]
fn files_taken_out_of_or_put_into_a_package_are_said() {
    let whole = sealed_ofd(Edition::Fourth);
    let mut without = whole.clone();
    without.remove(2);
    assert_eq!(verdicts(&zipped(&without)), [Broken]);
    // The seal is gone and the package still says that it was there.
    let bare: Vec<_> = whole.iter().filter(|(name, _)| !name.contains("Signs")).cloned().collect();
    assert_eq!(verdicts(&zipped(&bare)), [NotCheckable]);
    let no_value: Vec<_> = whole.iter().filter(|(name, _)| !name.ends_with(".dat")).cloned().collect();
    assert_eq!(verdicts(&zipped(&no_value)), [NotCheckable]);
    // No list names it, and it is found all the same.
    let unlisted: Vec<_> =
        whole.iter().filter(|(name, _)| !name.ends_with("Signatures.xml")).cloned().collect();
    assert_eq!(verdicts(&zipped(&unlisted)), [IssuerUnknown, NotCheckable]);
    assert_eq!(verdicts(&zipped(&[("a.txt".to_owned(), b"text".to_vec())])), []);
}

#[test]
fn what_cannot_be_checked_says_why() {
    let with = |contents: &[u8]| {
        let mut pdf = Pdf::new("Total 100.00");
        pdf.sign("adbe.pkcs7.detached", "0 0 0 0", &[], |_| contents.to_vec());
        signatures(&pdf.bytes).remove(0)
    };
    for contents in [&[][..], b"0\x03abc", b"nothing of the kind"] {
        let found = with(contents);
        assert_eq!(found.verdict, NotCheckable, "{found:?}");
        assert!(!found.message.zh.is_empty() && !found.message.en.is_empty());
    }
    // A curve that is not SM2.
    let own = cms(&SM2, Over::Sm3, true, b"bytes");
    let curve = keys::oid("1.2.156.10197.1.301");
    let at = find(&own, &curve);
    let mut other = own.clone();
    other[at + curve.len() - 1] ^= 1;
    let found = with(&other);
    assert!(found.message.en.contains("ECDSA"), "{:?}", found.message);
    // The marks of a signature whose dictionary is destroyed.
    let mut torn = signed().bytes;
    let at = find(&torn, b"/ByteRange");
    torn[at + 1] = b'X';
    assert_eq!(verdicts(&torn), [NotCheckable]);
    let xml = b"<?xml version=\"1.0\"?><EInvoice><TaxBureauSignature><SignatureTime>2023-03-01 10:03:04</SignatureTime><Value>abc</Value></TaxBureauSignature></EInvoice>";
    let found = signatures(xml).remove(0);
    assert_eq!((found.kind.name(), found.verdict), ("xml_signature", NotCheckable));
    assert_eq!(found.signed_at.as_deref(), Some("2023-03-01T10:03:04"));
    assert_eq!(signatures(b"<EInvoice><Header/></EInvoice>"), []);
}

#[test]
fn base64_and_open_lengths_are_read() {
    let mut pdf = Pdf::new("Total 100.00");
    pdf.sign("adbe.pkcs7.detached", "0 0 0 0", &[], |bytes| {
        let der = cms(&RSA, Over::Sha256, true, bytes);
        base64::Engine::encode(&base64::engine::general_purpose::STANDARD, der).into_bytes()
    });
    assert_eq!(verdicts(&pdf.bytes), [IssuerUnknown]);
    let mut pdf = Pdf::new("Total 100.00");
    pdf.sign("adbe.pkcs7.detached", "0 0 0 0", &[], |bytes| {
        let der = cms(&RSA, Over::Sha256, true, bytes);
        // The outermost sequence without its length, ended by two zeros.
        let head = 2 + usize::from(der[1] & 0x7f);
        [&[0x30, 0x80], &der[head..], &[0, 0]].concat()
    });
    assert_eq!(verdicts(&pdf.bytes), [IssuerUnknown]);
}

#[test]
fn hostile_bytes_bring_nothing_down() {
    let files: Vec<Vec<u8>> = kept().into_iter().map(|(_, bytes, _)| bytes).collect();
    for bytes in &files {
        for cut in (0..bytes.len()).step_by(bytes.len() / 40 + 1) {
            let _ = signatures(&bytes[..cut]);
        }
    }
    let deep = [b"%PDF-1.7 /ByteRange\n1 0 obj\n".to_vec(), b"[".repeat(100_000)].concat();
    assert_eq!(verdicts(&deep), [NotCheckable]);
    let many =
        [b"%PDF-1.7\n1 0 obj\n[".to_vec(), b"<< /ByteRange [0 1] >>".repeat(2_000), b"]".to_vec()].concat();
    let mut overfull = Document { bytes: many.into(), ..Document::default() };
    authenticate(&mut overfull, &Trust::default(), &Limits::default());
    assert_eq!(overfull.signatures.len(), Limits::default().signatures + 1);
    assert_eq!(overfull.problems[0].code, "too-many-signatures");
    // Values that are never closed, each of which leads to the end of the file.
    let open = [b"%PDF-1.7 /ByteRange\n".to_vec(), b"1 0 obj(<<".repeat(100_000)].concat();
    assert_eq!(verdicts(&open), [NotCheckable]);
    let unended = [b"%PDF-1.7 /ByteRange\n".to_vec(), b"1 0 obj<<>>stream ".repeat(100_000)].concat();
    assert_eq!(verdicts(&unended), [NotCheckable]);
}

#[test]
fn verdicts_are_facts_with_a_place() {
    let attested = |bytes: &[u8], format: Format| {
        let mut document = Document { bytes: bytes.into(), format, ..Document::default() };
        document.pages = vec![heyan::model::page::Page { number: 1, ..Default::default() }];
        authenticate(&mut document, &Trust::default(), &Limits::default());
        let mut paper = Paper {
            file: String::new(),
            document: DocumentId::default(),
            format,
            pages: (1, 1),
            document_type: "vat_invoice".to_owned(),
            type_confidence: 1.0,
            record: Record::default(),
            problems: Vec::new(),
            assumed_dpi: false,
            content: Content::default(),
        };
        attest(&mut paper, &document);
        paper.record
    };
    let mut appended = signed();
    appended.update(&[(4, Pdf::content("Total 900.00"))]);
    for (bytes, wanted) in [
        (signed().bytes, "valid_issuer_unknown"),
        (appended.bytes, "altered_after_signing"),
        (Pdf::new("Total 100.00").bytes, "unsigned"),
    ] {
        let record = attested(&bytes, Format::Pdf);
        assert_eq!(record.text("signature"), Some(wanted));
        let anchors = &record.fields["signature"].evidence.anchors;
        assert!(matches!(anchors.as_slice(), [Anchor::Box { page: 1, .. }]), "{anchors:?}");
    }
    assert!(attested(b"\x89PNG\r\n\x1a\n", Format::Png).fields.is_empty());
}

/// Real files are not part of the project. `HEYAN_CORPUS` names a folder of them.
#[test]
fn one_changed_byte_is_caught_in_real_files() {
    let Some(folder) = std::env::var_os("HEYAN_CORPUS") else {
        println!("skipped: HEYAN_CORPUS names no folder with signed PDF files");
        return;
    };
    let mut open = vec![std::path::PathBuf::from(folder)];
    while let Some(path) = open.pop() {
        if path.is_dir() {
            open.extend(fs::read_dir(&path).unwrap().map(|entry| entry.unwrap().path()));
            continue;
        }
        let bytes = fs::read(&path).unwrap();
        let name = path.file_name().unwrap().to_string_lossy();
        let ending = path.extension().and_then(|ending| ending.to_str()).unwrap_or_default();
        if !["pdf", "ofd"].contains(&ending) || verdicts(&bytes) != [IssuerUnknown] {
            continue;
        }
        if ending == "ofd" {
            package_trials(&name, &bytes);
        } else {
            trials(&name, &bytes);
            let appended = [&bytes[..], b"% more\n"].concat();
            assert_eq!(verdicts(&appended), [AlteredAfterSigning], "{name}");
        }
        println!("{name}: 100 of 100 changes caught");
    }
}

/// Changes one byte of the files that a package's signature lists, a hundred times at another place.
fn package_trials(name: &str, bytes: &[u8]) {
    let files = unzipped(bytes);
    let list = files.iter().find(|(name, _)| name.ends_with("Signature.xml")).unwrap().1.clone();
    let list = String::from_utf8_lossy(&list).into_owned();
    let covered: Vec<usize> = (0..files.len())
        .filter(|at| list.contains(&format!("/{}\"", files[*at].0)) && !files[*at].1.is_empty())
        .collect();
    for at in 0..100 {
        let mut changed = files.clone();
        let file = covered[at % covered.len()];
        let place = at * 7_919 % changed[file].1.len();
        changed[file].1[place] ^= 1;
        let found = verdicts(&zipped(&changed));
        assert!(is_caught(&found), "{name}: byte {place} of {}: {found:?}", files[file].0);
    }
}
