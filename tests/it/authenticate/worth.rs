//! What signatures are worth: whose time counts, who made the seal, which digests prove something.

use heyan::{
    authenticate::Trust,
    model::signature::Verdict::{Broken, IssuerUnknown, NotCheckable, Valid},
};

use super::{
    checked,
    drawn::{Cms, Edition, Pdf, made, ofd, seal_with, stamp, zipped},
    keys::{
        EXPIRED, MAKER, OWN_STAMPER, Over, Party, ROOT, RSA, SM2, STAMPER, TRUSTED_MAKER, der, integer, oid,
        sequence,
    },
    sealed_ofd, signatures, signed, verdicts,
};

fn root() -> Trust {
    let mut trust = Trust::default();
    assert_eq!(trust.add(&ROOT.certificate), 1);
    trust
}

/// A PDF signed with what `make` gives.
fn signed_with(make: impl Fn(&[u8]) -> Vec<u8>) -> Vec<u8> {
    let mut pdf = Pdf::new("Total 100.00");
    pdf.sign("adbe.pkcs7.detached", "0 0 0 0", &[], make);
    pdf.bytes
}

#[test]
fn a_time_counts_if_who_says_it_is_known() {
    let stamped = |authority: &'static Party, at: &'static str| {
        let cms = Cms {
            stamp: Some(Box::new(move |value| stamp(authority, at, value))),
            ..Cms::new(&EXPIRED, Over::Sm3)
        };
        signed_with(|bytes| cms.over(bytes))
    };
    let before = "20200601000000Z";
    for (authority, verdict, at) in [
        (&*STAMPER, Valid, "2020-06-01T08:00:00+08:00"),
        (&*OWN_STAMPER, IssuerUnknown, "2023-03-01T10:03:04+08:00"),
        // Under the root, but not for setting times.
        (&*TRUSTED_MAKER, IssuerUnknown, "2023-03-01T10:03:04+08:00"),
    ] {
        let found = checked(&stamped(authority, before), &root()).remove(0);
        assert_eq!((found.verdict, found.signed_at.as_deref()), (verdict, Some(at)), "{found:#?}");
        assert_eq!(found.message.en.contains("nobody here vouches"), verdict != Valid, "{:?}", found.message);
    }
    // Where nobody is trusted, the signer's own clock is all there is.
    let found = signatures(&stamped(&STAMPER, before)).remove(0);
    assert_eq!(found.signed_at.as_deref(), Some("2023-03-01T10:03:04+08:00"));
}

#[test]
fn stamps_on_stamps_do_not_pile_up() {
    let mut token = stamp(&STAMPER, "20230301000000Z", b"");
    for _ in 0..500 {
        // Each token beside the next: whoever looks into all of them runs out of room.
        let attribute = sequence(&[oid("1.2.840.113549.1.9.16.2.14"), der(0x31, &token)]);
        let Some(next) = with_unsigned(&attribute) else { break };
        token = next;
    }
    let with = [oid("1.2.840.113549.1.9.16.2.14"), der(0x31, &token)];
    let value = with_unsigned(&sequence(&with)).unwrap();
    let file = ofd("sm3", |bytes| Over::Sm3.of(bytes), |_| value.clone());
    assert_eq!(verdicts(&zipped(&file)).len(), 1);
}

/// Signed data of the firm with an attribute that is not signed.
fn with_unsigned(attribute: &[u8]) -> Option<Vec<u8>> {
    let information = sequence(&[
        integer(&[1]),
        sequence(&[RSA.issuer.clone(), integer(&RSA.serial)]),
        sequence(&[oid(Over::Sha256.oid())]),
        RSA.key.signing(),
        der(4, b"no signature"),
        der(0xa1, attribute),
    ]);
    let data = sequence(&[
        integer(&[1]),
        der(0x31, &[]),
        sequence(&[oid("1.2.840.113549.1.7.1")]),
        der(0xa0, &RSA.certificate),
        der(0x31, &information),
    ]);
    let whole = sequence(&[oid("1.2.840.113549.1.7.2"), der(0xa0, &data)]);
    (whole.len() < 8 << 20).then_some(whole)
}

/// A PDF that carries a seal set on it.
fn sealed_with(seal: &[u8], signer: &Party, digest: impl Fn(&[u8]) -> Vec<u8>) -> Vec<u8> {
    let mut pdf = Pdf::new("Total 100.00");
    pdf.sign("GM.sm2seal", "0 0 0 0", &[], |bytes| {
        seal_with(Edition::Fourth, seal.to_vec(), signer, (bytes, &digest(bytes)))
    });
    pdf.bytes
}

#[test]
fn a_seal_is_worth_what_its_maker_is() {
    let sm3 = |bytes: &[u8]| Over::Sm3.of(bytes);
    let by = |maker: &Party| sealed_with(&made(Edition::Fourth, maker, &TRUSTED_MAKER), &TRUSTED_MAKER, sm3);
    assert_eq!(checked(&by(&TRUSTED_MAKER), &root())[0].verdict, Valid);
    let found = checked(&by(&MAKER), &root()).remove(0);
    assert_eq!(found.verdict, IssuerUnknown);
    assert!(found.message.en.contains("maker"), "{:?}", found.message);
    // A seal that nobody signed, in one part, in three, and in a group of two.
    let whole = made(Edition::Fourth, &MAKER, &SM2);
    let information = &whole[4..];
    let length = 4 + usize::from(information[2]) * 256 + usize::from(information[3]);
    let information = information[..length].to_vec();
    for seal in [
        sequence(std::slice::from_ref(&information)),
        sequence(&[information.clone(), integer(&[1]), integer(&[1])]),
        sequence(&[information.clone(), sequence(&[integer(&[1]), integer(&[1])])]),
    ] {
        assert_eq!(verdicts(&sealed_with(&seal, &SM2, sm3)), [NotCheckable]);
    }
}

#[test]
fn a_digest_in_a_seal_is_known_by_its_length() {
    let seal = made(Edition::Fourth, &MAKER, &SM2);
    let with = |digest: &dyn Fn(&[u8]) -> Vec<u8>| sealed_with(&seal, &SM2, digest);
    for over in [Over::Sha1, Over::Sha256, Over::Sha384, Over::Sha512, Over::Sm3] {
        assert_eq!(verdicts(&with(&|bytes| over.of(bytes))), [IssuerUnknown], "{over:?}");
        assert_eq!(verdicts(&with(&|_| over.of(b"another"))), [Broken], "{over:?}");
    }
    for length in [0, 1, 16, 40] {
        assert_eq!(verdicts(&with(&|_| vec![0; length])), [NotCheckable], "{length}");
    }
    // RSA that names no digest.
    let seal = made(Edition::Fourth, &RSA, &RSA);
    for over in [Over::Sha256, Over::Sm3] {
        let bytes = sealed_with(&seal, &RSA, |bytes| over.of(bytes));
        let wanted = if over == RSA.key.over() { IssuerUnknown } else { Broken };
        assert_eq!(verdicts(&bytes), [wanted], "{over:?}");
    }
}

#[test]
fn a_seal_that_is_not_signed_sets_no_time() {
    let found = signatures(&zipped(&sealed_ofd(Edition::FirstOfDigest))).remove(0);
    assert_eq!(found.verdict, IssuerUnknown);
    // What the signed list says, by a clock without a zone.
    assert_eq!(found.signed_at.as_deref(), Some("2023-03-01T10:03:04"));
    assert!(found.message.en.contains("neither the seal itself"), "{:?}", found.message);
}

#[test]
fn places_for_signatures_and_several_signers_are_not_broken() {
    let field = "<< /Type /Sig /Filter /Adobe.PPKLite /ByteRange [0 0 0 0] /Contents <0000> >>";
    let mut pdf = Pdf::new("Total 100.00");
    pdf.update(&[(5, field.to_owned())]);
    assert_eq!(verdicts(&pdf.bytes), [NotCheckable]);
    // The place as it is while something is signed, and an update behind it.
    let mut pdf = Pdf::new("Total 100.00");
    pdf.sign("adbe.pkcs7.detached", "0 0 0 0", &[], |_| Vec::new());
    assert_eq!(verdicts(&pdf.bytes), [NotCheckable]);
    pdf.update(&[(4, Pdf::content("Total 900.00"))]);
    assert_eq!(verdicts(&pdf.bytes), [NotCheckable]);
    for signers in [0, 2] {
        let cms = Cms { signers, ..Cms::new(&SM2, Over::Sm3) };
        assert_eq!(verdicts(&signed_with(|bytes| cms.over(bytes))), [NotCheckable], "{signers}");
    }
}

#[test]
fn digests_that_can_be_forged_prove_nothing() {
    let found = signatures(&signed_with(|bytes| Cms::new(&RSA, Over::Sha1).over(bytes))).remove(0);
    assert_eq!(found.verdict, IssuerUnknown);
    assert!(found.message.en.contains("SHA-1"), "{:?}", found.message);
    assert!(!signatures(&signed().bytes)[0].message.en.contains("SHA-1"));
    let found = signatures(&signed_with(|bytes| Cms::new(&RSA, Over::Md5).over(bytes))).remove(0);
    assert_eq!(found.verdict, NotCheckable);
    assert!(found.message.en.contains("MD5"), "{:?}", found.message);
    // The standard's own choice where a list of files names none.
    let sealed = |method: &str| {
        let value = |bytes: &[u8]| super::seal(Edition::Fourth, &SM2, &SM2, bytes);
        zipped(&ofd(method, |bytes| Over::Md5.of(bytes), value))
    };
    for method in ["", "MD5"] {
        assert_eq!(verdicts(&sealed(method)), [NotCheckable], "{method}");
    }
}

#[test]
fn many_elements_in_a_signature_are_walked_once() {
    let inside = "<Signature/>".repeat(200_000);
    let xml = format!(
        "<EInvoice><Signature>{inside}<Value>abc</Value></Signature><Signature>x</Signature></EInvoice>"
    );
    let started = std::time::Instant::now();
    assert_eq!(verdicts(xml.as_bytes()), [NotCheckable, NotCheckable]);
    assert!(started.elapsed() < std::time::Duration::from_secs(20));
}

#[test]
fn a_file_too_large_to_compare_is_not_called_altered() {
    let mut pdf = signed();
    pdf.sign("adbe.pkcs7.detached", "0 0 0 0", &[], |bytes| Cms::new(&SM2, Over::Sm3).over(bytes));
    let limits = heyan::model::limits::Limits { revision_bytes: 1_000, ..Default::default() };
    let mut document = heyan::model::document::Document { bytes: pdf.bytes.into(), ..Default::default() };
    heyan::authenticate::authenticate(&mut document, &Trust::default(), &limits);
    let found: Vec<_> = document.signatures.iter().map(|one| one.verdict).collect();
    assert_eq!(found, [NotCheckable, IssuerUnknown]);
    assert!(document.signatures[0].message.en.contains("too large"), "{:?}", document.signatures[0].message);
    assert_eq!(document.problems[0].code, "revisions-too-large");
}

#[test]
fn a_file_among_the_roots_that_is_none_is_said() {
    let folder = tempfile::tempdir().unwrap();
    let (case, roots) = (folder.path().join("case"), folder.path().join("roots"));
    std::fs::create_dir_all(case.join("attachments")).unwrap();
    std::fs::create_dir_all(&roots).unwrap();
    std::fs::write(case.join("attachments/a.csv"), "a,b\n1,2\n").unwrap();
    std::fs::write(roots.join("root.der"), &ROOT.certificate).unwrap();
    std::fs::write(roots.join("other.pfx"), "no certificate").unwrap();
    let output = std::process::Command::new(env!("CARGO_BIN_EXE_heyan"))
        .args(["verify", "--today", "2023-03-01", "--trust"])
        .arg(&roots)
        .arg("--out")
        .arg(folder.path().join("out"))
        .arg(&case)
        .env("HEYAN_MODELS", "no-such-folder")
        .output()
        .unwrap();
    let said = String::from_utf8(output.stderr).unwrap();
    assert!(said.contains("no certificate in") && said.contains("other.pfx"), "{said}");
    assert!(!said.contains("root.der"), "{said}");
}
