//! Signed PDFs and OFDs as small as they can be, and what is done to them afterwards.

use std::io::{Read, Write};

use base64::{Engine as _, engine::general_purpose::STANDARD};

use super::keys::{
    MAKER, Over, Party, algorithm, bits, der, ia5, integer, octets, oid, sequence, set, time, utf8,
};

pub(super) const SIGNED_AT: &str = "20230301020304Z";

/// Signed data over bytes that are not in it (RFC 5652).
pub(super) fn cms(signer: &Party, over: Over, with_attributes: bool, bytes: &[u8]) -> Vec<u8> {
    Cms { with_attributes, ..Cms::new(signer, over) }.over(bytes)
}

/// Makes a time stamp on a signature.
pub(super) type Stamping<'p> = Box<dyn Fn(&[u8]) -> Vec<u8> + 'p>;

/// What is in signed data.
pub(super) struct Cms<'p> {
    pub(super) signer: &'p Party,
    pub(super) over: Over,
    pub(super) with_attributes: bool,
    pub(super) signed_at: &'static str,
    /// How many times the signer signs.
    pub(super) signers: usize,
    /// The kind of content, and the content where it lies in it.
    pub(super) content: (&'static str, Option<Vec<u8>>),
    /// Who sets a time stamp on the signature.
    pub(super) stamp: Option<Stamping<'p>>,
}

impl<'p> Cms<'p> {
    pub(super) fn new(signer: &'p Party, over: Over) -> Self {
        let content = ("1.2.840.113549.1.7.1", None);
        Self { signer, over, with_attributes: true, signed_at: SIGNED_AT, signers: 1, content, stamp: None }
    }

    pub(super) fn over(&self, bytes: &[u8]) -> Vec<u8> {
        let Self { signer, over, .. } = self;
        let attribute = |kind: &str, value: Vec<u8>| sequence(&[oid(kind), set(&[value])]);
        let (kind, content) = &self.content;
        let attributes = [
            attribute("1.2.840.113549.1.9.3", oid(kind)),
            attribute("1.2.840.113549.1.9.5", time(self.signed_at)),
            attribute("1.2.840.113549.1.9.4", octets(&over.of(bytes))),
        ];
        let signature = match self.with_attributes {
            true => signer.key.sign(*over, &set(&attributes)),
            false => signer.key.sign(*over, bytes),
        };
        let mut information = vec![
            integer(&[1]),
            sequence(&[signer.issuer.clone(), integer(&signer.serial)]),
            algorithm(over.oid()),
        ];
        if self.with_attributes {
            information.push(der(0xa0, &attributes.concat()));
        }
        information.extend([signer.key.signing(), octets(&signature)]);
        if let Some(stamp) = &self.stamp {
            information.push(der(0xa1, &attribute("1.2.840.113549.1.9.16.2.14", stamp(&signature))));
        }
        let mut inside = vec![oid(kind)];
        inside.extend(content.as_ref().map(|content| der(0xa0, &octets(content))));
        let data = sequence(&[
            integer(&[1]),
            set(&[algorithm(over.oid())]),
            sequence(&inside),
            der(0xa0, &signer.certificate),
            set(&vec![sequence(&information); self.signers]),
        ]);
        sequence(&[oid("1.2.840.113549.1.7.2"), der(0xa0, &data)])
    }
}

/// A time stamp on a signature (RFC 3161, 2.4.2).
pub(super) fn stamp(authority: &Party, at: &str, signature: &[u8]) -> Vec<u8> {
    let over = authority.key.over();
    let imprint = sequence(&[algorithm(over.oid()), octets(&over.of(signature))]);
    let content = sequence(&[integer(&[1]), oid("1.2.3.4"), imprint, integer(&[1]), time(at)]);
    let content_of = ("1.2.840.113549.1.9.16.1.4", Some(content.clone()));
    Cms { content: content_of, ..Cms::new(authority, over) }.over(&content)
}

/// Which edition of the standard a seal is made after.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Edition {
    /// GM/T 0031-2014.
    First,
    /// The same, with the digest of the document standing for all that is signed, as one maker has it.
    FirstOfDigest,
    /// GB/T 38540-2020.
    Fourth,
}

/// A seal for `holder`, set by `signer` on some bytes.
pub(super) fn seal(edition: Edition, holder: &Party, signer: &Party, bytes: &[u8]) -> Vec<u8> {
    let digest = match edition {
        Edition::FirstOfDigest => keyed(signer, bytes),
        _ => Over::Sm3.of(bytes),
    };
    seal_with(edition, made(edition, &MAKER, holder), signer, (bytes, &digest))
}

/// The seal itself, as `maker` makes it for `holder`.
pub(super) fn made(edition: Edition, maker: &Party, holder: &Party) -> Vec<u8> {
    let fourth = edition == Edition::Fourth;
    let mut property = vec![integer(&[3]), utf8("测试发票监制章")];
    if fourth {
        property.push(integer(&[1]));
    }
    property.push(sequence(&[octets(&holder.certificate)]));
    property.extend(["20200101000000Z", "20200101000000Z", "20391231235959Z"].map(time));
    let information = sequence(&[
        sequence(&[ia5("ES"), integer(&[if fourth { 4 } else { 1 }]), ia5("heyan")]),
        ia5("32000000000001"),
        sequence(&property),
        sequence(&[ia5("ofd"), octets(b"picture"), integer(&[30]), integer(&[20])]),
    ]);
    let (over, signing) = (maker.key.over(), oid(maker.key.signing_oid()));
    let certificate = octets(&maker.certificate);
    if fourth {
        let signature = bits(&maker.key.sign(over, &information));
        sequence(&[information, certificate, signing, signature])
    } else {
        let signed = sequence(&[information.clone(), certificate.clone(), signing.clone()]);
        let signature = bits(&maker.key.sign(over, &signed));
        sequence(&[information, sequence(&[certificate, signing, signature])])
    }
}

/// A seal that `signer` sets on some bytes, with the digest that is to stand in it.
pub(super) fn seal_with(
    edition: Edition,
    seal: Vec<u8>,
    signer: &Party,
    (bytes, digest): (&[u8], &[u8]),
) -> Vec<u8> {
    let fourth = edition == Edition::Fourth;
    let (over, signing) = (signer.key.over(), oid(signer.key.signing_oid()));
    let certificate = octets(&signer.certificate);
    let mut signed = vec![integer(&[if fourth { 4 } else { 1 }]), seal, time(SIGNED_AT), bits(digest)];
    signed.push(ia5("/Doc_0/Signs/Sign_0/Signature.xml"));
    if !fourth {
        signed.extend([certificate.clone(), signing.clone()]);
    }
    let signed = sequence(&signed);
    let value = match edition {
        // SM2 over bytes starts with the very digest that is kept here.
        Edition::FirstOfDigest => signer.key.sign(over, bytes),
        _ => signer.key.sign(over, &signed),
    };
    if fourth {
        sequence(&[signed, certificate, signing, bits(&value)])
    } else {
        sequence(&[signed, bits(&value)])
    }
}

/// SM3 with the signer's identity and key before the bytes (GB/T 32918.2-2016, 5.5).
pub(super) fn keyed(signer: &Party, bytes: &[u8]) -> Vec<u8> {
    const CURVE: [&str; 4] = [
        "fffffffeffffffffffffffffffffffffffffffff00000000fffffffffffffffc",
        "28e9fa9e9d9f5e344d5a9e4bcf6509a7f39789f515ab8f92ddbcbd414d940e93",
        "32c4ae2c1f1981195f9904466a39c9948fe30bbff2660be1715a4589334c74c7",
        "bc3736a2f4f6779c59bdcee36b692153d0a9877cc62a474002df32e52139f0a0",
    ];
    let curve = CURVE.concat();
    let curve: Vec<u8> =
        (0..curve.len() / 2).map(|at| u8::from_str_radix(&curve[at * 2..at * 2 + 2], 16).unwrap()).collect();
    let identity =
        Over::Sm3.of(&[&[0, 0x80], &b"1234567812345678"[..], &curve, &signer.key.point()[1..]].concat());
    Over::Sm3.of(&[&identity[..], bytes].concat())
}

/// A PDF that is written in steps.
#[derive(Clone)]
pub(super) struct Pdf {
    pub(super) bytes: Vec<u8>,
    table: usize,
    next: usize,
    fields: Vec<usize>,
    /// What stands in the trailers of further steps besides.
    pub(super) trailer: &'static str,
}

/// Bytes kept free for a signature.
const ROOM: usize = 6_000;

impl Pdf {
    /// One page with a sentence.
    pub(super) fn new(sentence: &str) -> Self {
        let mut pdf =
            Self { bytes: b"%PDF-1.7\n".to_vec(), table: 0, next: 5, fields: Vec::new(), trailer: "" };
        pdf.update(&[
            (1, "<< /Type /Catalog /Pages 2 0 R >>".to_owned()),
            (2, "<< /Type /Pages /Kids [3 0 R] /Count 1 >>".to_owned()),
            (3, Self::page("")),
            (4, Self::content(sentence)),
        ]);
        pdf
    }

    fn page(more: &str) -> String {
        format!(
            "<< /Type /Page /Parent 2 0 R /MediaBox [0 0 400 300] /Contents 4 0 R /Resources << /Font << /F1 \
             << /Type /Font /Subtype /Type1 /BaseFont /Helvetica >> >> >>{more} >>"
        )
    }

    pub(super) fn content(sentence: &str) -> String {
        let text = format!("BT /F1 14 Tf 40 200 Td ({sentence}) Tj ET");
        format!("<< /Length {} >>\nstream\n{text}\nendstream", text.len())
    }

    /// Writes objects behind what is there, with a table of their own.
    pub(super) fn update(&mut self, objects: &[(usize, String)]) {
        let mut entries = String::new();
        if self.table == 0 {
            entries += "0 1\n0000000000 65535 f \n";
        }
        for (number, text) in objects {
            entries += &format!("{number} 1\n{:010} 00000 n \n", self.bytes.len());
            self.bytes.extend(format!("{number} 0 obj\n{text}\nendobj\n").bytes());
            self.next = self.next.max(number + 1);
        }
        let previous = if self.table == 0 { String::new() } else { format!(" /Prev {}", self.table) };
        self.table = self.bytes.len();
        let (size, more) = (self.next, self.trailer);
        self.bytes.extend(
            format!(
                "xref\n{entries}trailer\n<< /Size {size} /Root 1 0 R{more}{previous} >>\nstartxref\n{}\n%%EOF\n",
                self.table
            )
            .bytes(),
        );
    }

    /// Adds a signature, with `more` objects in the same step; `make` signs what it is given.
    pub(super) fn sign(
        &mut self,
        way: &str,
        rectangle: &str,
        more: &[(usize, String)],
        make: impl Fn(&[u8]) -> Vec<u8>,
    ) {
        let start = self.bytes.len();
        let (field, value) = (self.next, self.next + 1);
        self.fields.push(field);
        let fields = self.fields.iter().map(|one| format!("{one} 0 R")).collect::<Vec<_>>().join(" ");
        let form = format!("<< /Fields [{fields}] /SigFlags 3 >>");
        let mut objects = vec![
            (1, format!("<< /Type /Catalog /Pages 2 0 R /AcroForm {form} >>")),
            (3, Self::page(&format!(" /Annots [{fields}]"))),
            (
                field,
                format!(
                    "<< /Type /Annot /Subtype /Widget /FT /Sig /T (S{field}) /F 132 /Rect [{rectangle}] /P 3 0 R /V {value} 0 R >>"
                ),
            ),
            (
                value,
                format!(
                    "<< /Type /Sig /Filter /Adobe.PPKLite /SubFilter /{way} /ByteRange [0 0000000000 0000000000 0000000000] \
                     /M (D:20230301100304+08'00') /Contents <{}> >>",
                    "0".repeat(2 * ROOM)
                ),
            ),
        ];
        objects.retain(|(number, _)| more.iter().all(|(own, _)| own != number));
        objects.extend(more.iter().cloned());
        self.update(&objects);
        let zeros = vec![b'0'; 2 * ROOM];
        let inside = start + find(&self.bytes[start..], &zeros);
        let (before, after) = (inside - 1, inside + zeros.len() + 1);
        let range = format!("{before:010} {after:010} {:010}", self.bytes.len() - after);
        let at = start + find(&self.bytes[start..], b"0000000000 0000000000 0000000000");
        self.bytes[at..at + range.len()].copy_from_slice(range.as_bytes());
        let signature = make(&[&self.bytes[..before], &self.bytes[after..]].concat());
        assert!(signature.len() <= ROOM, "{} bytes are wanted for a signature", signature.len());
        let digits: String = signature.iter().map(|byte| format!("{byte:02x}")).collect();
        self.bytes[inside..inside + digits.len()].copy_from_slice(digits.as_bytes());
    }
}

pub(super) fn find(bytes: &[u8], word: &[u8]) -> usize {
    bytes.windows(word.len()).position(|window| window == word).unwrap()
}

/// An archive with these files, in this order, the same bytes every time.
pub(super) fn zipped(files: &[(String, Vec<u8>)]) -> Vec<u8> {
    let mut writer = zip::ZipWriter::new(std::io::Cursor::new(Vec::new()));
    let options = zip::write::SimpleFileOptions::default()
        .compression_method(zip::CompressionMethod::Deflated)
        .last_modified_time(zip::DateTime::default());
    for (name, bytes) in files {
        writer.start_file(name.as_str(), options).unwrap();
        writer.write_all(bytes).unwrap();
    }
    writer.finish().unwrap().into_inner()
}

/// The files of an archive.
pub(super) fn unzipped(bytes: &[u8]) -> Vec<(String, Vec<u8>)> {
    let mut archive = zip::ZipArchive::new(std::io::Cursor::new(bytes)).unwrap();
    let mut files = Vec::new();
    for at in 0..archive.len() {
        let mut entry = archive.by_index(at).unwrap();
        let mut content = Vec::new();
        entry.read_to_end(&mut content).unwrap();
        if entry.is_file() {
            files.push((entry.name().unwrap().to_string(), content));
        }
    }
    files
}

/// The files of an OFD with one page, sealed; `value` sets the seal on the signature file.
pub(super) fn ofd(
    method: &str,
    digest: impl Fn(&[u8]) -> Vec<u8>,
    value: impl Fn(&[u8]) -> Vec<u8>,
) -> Vec<(String, Vec<u8>)> {
    ofd_covering(|_| true, "", (method, digest), value)
}

/// The same with a seal that covers some of the files only, and with more in what `OFD.xml` says of the
/// document.
pub(super) fn ofd_covering(
    covers: impl Fn(&str) -> bool,
    more: &str,
    (method, digest): (&str, impl Fn(&[u8]) -> Vec<u8>),
    value: impl Fn(&[u8]) -> Vec<u8>,
) -> Vec<(String, Vec<u8>)> {
    let ns = "xmlns:ofd=\"http://www.ofdspec.org/2016\"";
    let mut files: Vec<(String, Vec<u8>)> = [
        (
            "OFD.xml",
            format!("<ofd:OFD {ns} DocType=\"OFD\" Version=\"1.0\"><ofd:DocBody><ofd:DocInfo><ofd:DocID>1</ofd:DocID>{more}</ofd:DocInfo><ofd:DocRoot>Doc_0/Document.xml</ofd:DocRoot><ofd:Signatures>Doc_0/Signs/Signatures.xml</ofd:Signatures></ofd:DocBody></ofd:OFD>"),
        ),
        (
            "Doc_0/Document.xml",
            format!("<ofd:Document {ns}><ofd:CommonData><ofd:MaxUnitID>10</ofd:MaxUnitID><ofd:PageArea><ofd:PhysicalBox>0 0 210 140</ofd:PhysicalBox></ofd:PageArea></ofd:CommonData><ofd:Pages><ofd:Page ID=\"7\" BaseLoc=\"Pages/Page_0/Content.xml\"/></ofd:Pages></ofd:Document>"),
        ),
        (
            "Doc_0/Pages/Page_0/Content.xml",
            format!("<ofd:Page {ns}><ofd:Content><ofd:Layer ID=\"8\"><ofd:TextObject ID=\"9\" Boundary=\"20 20 80 8\" Font=\"1\" Size=\"5\"><ofd:TextCode X=\"0\" Y=\"5\">价税合计 100.00</ofd:TextCode></ofd:TextObject></ofd:Layer></ofd:Content></ofd:Page>"),
        ),
    ]
    .map(|(name, text)| (name.to_owned(), text.into_bytes()))
    .to_vec();
    let references: String = files
        .iter()
        .filter(|(name, _)| covers(name))
        .map(|(name, bytes)| {
            let digest = STANDARD.encode(digest(bytes));
            format!(
                "<ofd:Reference FileRef=\"/{name}\"><ofd:CheckValue>{digest}</ofd:CheckValue></ofd:Reference>"
            )
        })
        .collect();
    let signature = format!(
        "<ofd:Signature {ns}><ofd:SignedInfo><ofd:Provider ProviderName=\"heyan\"/><ofd:SignatureMethod>1.2.156.10197.1.501</ofd:SignatureMethod><ofd:SignatureDateTime>20230301100304</ofd:SignatureDateTime><ofd:References CheckMethod=\"{method}\">{references}</ofd:References><ofd:StampAnnot ID=\"1\" PageRef=\"7\" Boundary=\"90 8 30 20\"/></ofd:SignedInfo><ofd:SignedValue>/Doc_0/Signs/Sign_0/SignedValue.dat</ofd:SignedValue></ofd:Signature>"
    )
    .into_bytes();
    let value = value(&signature);
    files.push(("Doc_0/Signs/Sign_0/Signature.xml".to_owned(), signature));
    files.push(("Doc_0/Signs/Sign_0/SignedValue.dat".to_owned(), value));
    let list = format!(
        "<ofd:Signatures {ns}><ofd:MaxSignId>1</ofd:MaxSignId><ofd:Signature ID=\"1\" Type=\"Seal\" BaseLoc=\"Sign_0/Signature.xml\"/></ofd:Signatures>"
    );
    files.push(("Doc_0/Signs/Signatures.xml".to_owned(), list.into_bytes()));
    files
}
