//! Sealed OFD packages in which something else is put where a reader looks.

use heyan::{
    authenticate::Trust,
    contain::{Here, Opener},
    model::{document::Document, limits::Limits, signature::Verdict::IssuerUnknown},
};

use super::{
    drawn::{self, Edition, find, ofd_covering, seal, zipped},
    is_caught,
    keys::{Over, SM2},
    sealed_ofd, signatures, verdicts,
};

const PAGE: &str = "Doc_0/Pages/Page_0/Content.xml";

type Files = Vec<(String, Vec<u8>)>;

fn whole() -> Files {
    sealed_ofd(Edition::Fourth)
}

/// The page with another amount on it.
fn forged(files: &Files) -> Vec<u8> {
    let (_, page) = files.iter().find(|(name, _)| name == PAGE).unwrap();
    String::from_utf8(page.clone()).unwrap().replace("100.00", "900.00").into_bytes()
}

fn read(bytes: &[u8]) -> Document {
    Here.read("a.ofd", bytes.into(), &Limits::default(), &Trust::default())
}

fn words(document: &Document) -> String {
    document.pages.iter().flat_map(|page| &page.words).map(|word| word.text.as_str()).collect()
}

#[test]
fn a_file_that_stands_twice_holds_nothing_however_it_is_spelt() {
    for name in [
        "Doc_0/./Pages/Page_0/Content.xml",
        "/Doc_0/Pages/Page_0/Content.xml",
        "Doc_0/X/../Pages/Page_0/Content.xml",
        "\\Doc_0\\Pages\\Page_0\\Content.xml",
        "doc_0/pages/page_0/CONTENT.XML",
    ] {
        for at_front in [true, false] {
            let mut files = whole();
            let other = (name.to_owned(), forged(&files));
            let place = if at_front { 0 } else { files.len() };
            files.insert(place, other);
            let found = signatures(&zipped(&files));
            let verdicts: Vec<_> = found.iter().map(|one| one.verdict).collect();
            assert!(is_caught(&verdicts), "{name}, at the front: {at_front}: {found:#?}");
        }
        // The same file once more says nothing else.
        let mut files = whole();
        let page = files.iter().find(|(own, _)| own == PAGE).unwrap().1.clone();
        files.insert(0, (name.to_owned(), page));
        assert_eq!(verdicts(&zipped(&files)), [IssuerUnknown], "{name}");
    }
}

#[test]
fn two_files_of_one_name_are_found_whatever_the_directory_counts() {
    let mut files = whole();
    let other = (PAGE.replace("Content", "Zontent"), forged(&files));
    files.insert(0, other);
    let mut bytes = zipped(&files);
    for _ in 0..2 {
        let at = find(&bytes, b"Zontent");
        bytes[at] = b'C';
    }
    assert!(is_caught(&verdicts(&bytes)));
    // A second end of the directory, in the comment of the first, that counts one file less.
    let end = find(&bytes, b"PK\x05\x06");
    let mut second = bytes[end..].to_vec();
    for at in [8, 10] {
        second[at] -= 1;
    }
    bytes[end + 20] = second.len() as u8;
    bytes.extend(second);
    let found = verdicts(&bytes);
    assert!(is_caught(&found), "{found:?}");
    // An end that says the count stands elsewhere.
    let mut bytes = zipped(&files);
    for _ in 0..2 {
        let at = find(&bytes, b"Zontent");
        bytes[at] = b'C';
    }
    bytes[end + 8..end + 12].fill(0xff);
    let found = verdicts(&bytes);
    assert!(found.iter().all(|one| *one != IssuerUnknown), "{found:?}");
}

#[test]
fn packages_are_checked_however_their_files_are_packed() {
    for front in ["invoice/", "/", "\\", "./"] {
        let packed = |files: &Files| {
            let renamed = files.iter().map(|(name, bytes)| (format!("{front}{name}"), bytes.clone()));
            zipped(&renamed.collect::<Vec<_>>())
        };
        let mut files = whole();
        assert_eq!(verdicts(&packed(&files)), [IssuerUnknown], "{front}");
        assert!(words(&read(&packed(&files))).contains("100.00"), "{front}");
        files[2].1 = forged(&files);
        assert!(is_caught(&verdicts(&packed(&files))), "{front}");
    }
}

/// A package whose seal leaves its root out, as some signers have it.
fn rootless(more: &str) -> Files {
    ofd_covering(
        |name| name != "OFD.xml",
        more,
        ("1.2.156.10197.1.401", |bytes: &[u8]| Over::Sm3.of(bytes)),
        |bytes| seal(Edition::Fourth, &SM2, &SM2, bytes),
    )
}

#[test]
fn a_new_root_leads_to_nothing_that_is_not_covered() {
    assert_eq!(verdicts(&zipped(&rootless(""))), [IssuerUnknown]);
    let mut files = rootless("");
    let document = String::from_utf8(files[1].1.clone()).unwrap();
    let document = document.replace("Pages/Page_0/Content.xml", "/Evil/Content.xml");
    let page = String::from_utf8(forged(&files)).unwrap();
    // Two bodies that make the forged files lists of signatures, and the genuine list.
    files[0].1 = b"<ofd:OFD xmlns:ofd=\"http://www.ofdspec.org/2016\">\
         <ofd:DocBody><ofd:DocRoot>Evil/Document.xml</ofd:DocRoot><ofd:Signatures>Evil/Document.xml</ofd:Signatures></ofd:DocBody>\
         <ofd:DocBody><ofd:Signatures>Evil/Content.xml</ofd:Signatures></ofd:DocBody>\
         <ofd:DocBody><ofd:Signatures>Doc_0/Signs/Signatures.xml</ofd:Signatures></ofd:DocBody></ofd:OFD>"
        .to_vec();
    files.push(("Evil/Document.xml".to_owned(), document.clone().into_bytes()));
    files.push(("Evil/Content.xml".to_owned(), page.clone().into_bytes()));
    let found = verdicts(&zipped(&files));
    assert!(is_caught(&found), "{found:?}");
    // Under the root elements that signing files have, a document is one all the same.
    let at = files.len();
    files[at - 2].1 = document
        .replace("ofd:Document ", "ofd:Signatures ")
        .replace("/ofd:Document>", "/ofd:Signatures>")
        .into_bytes();
    files[at - 1].1 =
        page.replace("ofd:Page ", "ofd:Signatures ").replace("/ofd:Page>", "/ofd:Signatures>").into_bytes();
    let bytes = zipped(&files);
    assert!(words(&read(&bytes)).contains("900.00"));
    let found = verdicts(&bytes);
    assert!(is_caught(&found), "{found:?}");
}

#[test]
fn what_a_strangers_signature_names_is_covered_by_nobody() {
    let mut files = whole();
    let value = "Doc_0/Annots/Annotations.xml";
    let signature = format!(
        "<ofd:Signature><ofd:SignedInfo/><ofd:SignedValue>/{value}</ofd:SignedValue></ofd:Signature>"
    );
    files.push(("X/Signature.xml".to_owned(), signature.into_bytes()));
    files.push((value.to_owned(), b"<ofd:Annotations/>".to_vec()));
    let found = verdicts(&zipped(&files));
    assert!(is_caught(&found), "{found:?}");
    // Neither is text behind something that looks like a seal.
    let at = files.len() - 1;
    files[at].1 = [&drawn::seal(Edition::Fourth, &SM2, &SM2, b"x")[..], b"<ofd:Annotations/>"].concat();
    let found = verdicts(&zipped(&files));
    assert!(is_caught(&found), "{found:?}");
}

#[test]
fn data_in_a_root_that_is_not_covered_is_not_used() {
    let more =
        "<ofd:CustomDatas><ofd:CustomData Name=\"InvoiceNo\">12345678</ofd:CustomData></ofd:CustomDatas>";
    let has_data = |document: &Document| document.payloads.iter().any(|one| one.kind == "CustomData");
    let bare = read(&zipped(&rootless(more)));
    assert_eq!(bare.signatures[0].verdict, IssuerUnknown);
    assert!(!has_data(&bare) && bare.signatures[0].message.en.contains("OFD.xml"), "{:?}", bare.signatures);
    let covered = ofd_covering(
        |_| true,
        more,
        ("1.2.156.10197.1.401", |bytes: &[u8]| Over::Sm3.of(bytes)),
        |bytes| seal(Edition::Fourth, &SM2, &SM2, bytes),
    );
    assert!(has_data(&read(&zipped(&covered))));
    let unsigned: Files = covered.into_iter().filter(|(name, _)| !name.contains("Signs")).collect();
    assert!(has_data(&read(&zipped(&unsigned))));
}
