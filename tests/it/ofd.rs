//! OFD packages: what stands where, what is attached and tagged, what is said of broken ones.

use std::sync::Arc;

use heyan::{
    draw,
    model::{
        document::{Document, Format},
        geometry::{Rect, Size, Turn},
        limits::Limits,
        page::{Concealment, TextLayer},
    },
    read,
};

use super::formats::zipped;

/// Words and where they stand.
type Places = Vec<(&'static str, Rect)>;

/// What is wrong with a package, the package, its words and its problems.
type Broken = (&'static str, Vec<u8>, &'static [&'static str], &'static [&'static str]);

/// Points in a millimetre.
const POINTS: f64 = 72.0 / 25.4;

pub(super) fn document(bytes: impl AsRef<[u8]>) -> Document {
    read::read("a.ofd", Arc::from(bytes.as_ref()), &Limits::default())
}

pub(super) fn codes(document: &Document) -> Vec<&'static str> {
    document.problems.iter().map(|problem| problem.code).collect()
}

pub(super) fn words(document: &Document, page: usize) -> Vec<&str> {
    document.pages[page].words.iter().map(|word| word.text.as_str()).collect()
}

/// `OFD.xml` for one document.
pub(super) const ROOT: &str = r#"<?xml version="1.0" encoding="UTF-8"?>
<ofd:OFD xmlns:ofd="http://www.ofdspec.org/2016" Version="1.0" DocType="OFD"><ofd:DocBody>
<ofd:DocInfo><ofd:Creator>a program</ofd:Creator><ofd:CreationDate>2023-01-02</ofd:CreationDate></ofd:DocInfo>
<ofd:DocRoot>Doc_0/Document.xml</ofd:DocRoot></ofd:DocBody></ofd:OFD>"#;

/// `Document.xml` of one page of 100 by 50 mm, with more in `CommonData` and behind the pages.
pub(super) fn layout(common: &str, more: &str) -> String {
    format!(
        r#"<Document><CommonData><PageArea><PhysicalBox>0 0 100 50</PhysicalBox></PageArea>{common}</CommonData>
        <Pages><Page ID="1" BaseLoc="Pages/Page_0/Content.xml"/></Pages>{more}</Document>"#
    )
}

/// A page's `Content.xml` with these objects in its only layer.
pub(super) fn content(objects: &str) -> String {
    format!("<Page><Content><Layer ID=\"2\">{objects}</Layer></Content></Page>")
}

/// A package of one page with these objects, and more files.
pub(super) fn package(common: &str, more: &str, objects: &str, files: &[(&str, &[u8])]) -> Vec<u8> {
    let (layout, content) = (layout(common, more), content(objects));
    let mut all: Vec<(&str, &[u8])> = vec![
        ("OFD.xml", ROOT.as_bytes()),
        ("Doc_0/Document.xml", layout.as_bytes()),
        ("Doc_0/Pages/Page_0/Content.xml", content.as_bytes()),
    ];
    all.extend(files);
    zipped(&all)
}

/// A text object at the place, 4 mm high, its characters 2 mm apart.
pub(super) fn text(id: u32, left: f64, top: f64, text: &str, attributes: &str) -> String {
    let step = if text.is_ascii() { 2 } else { 4 };
    let count = text.chars().count().max(1) - 1;
    format!(
        r#"<TextObject ID="{id}" Boundary="{left} {top} 60 5" Font="9" Size="4" {attributes}>
        <TextCode X="0" Y="4" DeltaX="g {count} {step}">{text}</TextCode></TextObject>"#
    )
}

#[test]
fn text_stands_where_the_package_says() {
    let at = |left: f64, right: f64, base: f64, size: f64| {
        Rect::new(left, base - 0.86 * size, right, base + 0.14 * size).scaled(POINTS, POINTS)
    };
    let table: Vec<(&str, String, Places)> = vec![
        ("a run of offsets", text(3, 10.0, 20.0, "12.50", ""), vec![("12.50", at(10.0, 20.0, 24.0, 4.0))]),
        (
            "offsets one by one",
            r#"<TextObject Boundary="10 20 50 5" Size="4"><TextCode X="1" Y="4" DeltaX="4 2 2">合12元</TextCode></TextObject>"#.into(),
            vec![("合12元", at(11.0, 23.0, 24.0, 4.0))],
        ),
        (
            "a map of its own",
            r#"<TextObject Boundary="10 20 50 5" Size="8" CTM="0.5 0 0 0.5 0 0"><TextCode X="0" Y="8" DeltaX="4">12</TextCode></TextObject>"#.into(),
            vec![("12", at(10.0, 14.0, 24.0, 4.0))],
        ),
        (
            "objects that touch are one word",
            text(3, 10.0, 20.0, "4197", "") + &text(4, 18.0, 20.0, ".17", ""),
            vec![("4197.17", at(10.0, 24.0, 24.0, 4.0))],
        ),
        (
            "a wide offset parts words",
            r#"<TextObject Boundary="10 20 50 5" Size="4"><TextCode X="0" Y="4" DeltaX="2 8 2">1234</TextCode></TextObject>"#.into(),
            vec![("12", at(10.0, 14.48, 24.0, 4.0)), ("34", at(20.0, 24.0, 24.0, 4.0))],
        ),
        (
            "without offsets characters stand side by side",
            r#"<TextObject Boundary="10 20 50 5" Size="4"><TextCode X="0" Y="4">合12</TextCode></TextObject>"#.into(),
            vec![("合12", at(10.0, 18.0, 24.0, 4.0))],
        ),
        (
            "a column of characters",
            r#"<TextObject Boundary="10 20 5 20" Size="4"><TextCode X="0" Y="4" DeltaX="0 0" DeltaY="5 5">购买方</TextCode></TextObject>"#.into(),
            vec![
                ("购", at(10.0, 14.0, 24.0, 4.0)),
                ("买", at(10.0, 14.0, 29.0, 4.0)),
                ("方", at(10.0, 14.0, 34.0, 4.0)),
            ],
        ),
        (
            "entities and white space",
            r#"<TextObject Boundary="10 20 50 5" Size="4"><TextCode X="0" Y="4" DeltaX="g 5 2">A&amp;B &#67;D</TextCode></TextObject>"#.into(),
            vec![("A&B", at(10.0, 16.0, 24.0, 4.0)), ("CD", at(18.0, 22.0, 24.0, 4.0))],
        ),
        (
            "a block inside a layer",
            format!("<PageBlock>{}</PageBlock>", text(3, 10.0, 20.0, "12", "")),
            vec![("12", at(10.0, 14.0, 24.0, 4.0))],
        ),
    ];
    for (what, objects, wanted) in table {
        let read = document(package("", "", &objects, &[]));
        assert_eq!((read.format, codes(&read)), (Format::Ofd, vec![]), "{what}");
        let page = &read.pages[0];
        assert_eq!(page.size, Size { width: 100.0 * POINTS, height: 50.0 * POINTS });
        let found: Vec<&str> = page.words.iter().map(|word| word.text.as_str()).collect();
        assert_eq!(found, wanted.iter().map(|(text, _)| *text).collect::<Vec<_>>(), "{what}");
        for (word, (_, bounds)) in page.words.iter().zip(&wanted) {
            let near = |a: f64, b: f64| (a - b).abs() < 0.2;
            let own = word.bounds;
            assert!(
                near(own.left, bounds.left)
                    && near(own.right, bounds.right)
                    && near(own.top, bounds.top)
                    && near(own.bottom, bounds.bottom),
                "{what}: {} stands at {own:?}, not {bounds:?}",
                word.text
            );
            assert_eq!(word.edges.len(), word.text.chars().count() + 1, "{what}");
        }
        assert_eq!((page.layer, page.turn), (TextLayer::Trusted, Turn::None), "{what}");
    }
}

#[test]
fn pages_are_made_of_templates_units_and_annotations() {
    let common =
        r#"<TemplatePage ID="7" BaseLoc="Tpls/Tpl_0/Content.xml"/><PublicRes>Public Res.xml</PublicRes>"#;
    let resources = format!(
        r#"<Res><CompositeGraphicUnits><CompositeGraphicUnit ID="30"><Content>{}</Content></CompositeGraphicUnit>
        <CompositeGraphicUnit ID="31"><Content><CompositeObject ResourceID="31" Boundary="0 0 9 9"/></Content>
        </CompositeGraphicUnit></CompositeGraphicUnits></Res>"#,
        text(0, 0.0, 0.0, "unit", "")
    );
    let page = format!(
        r#"<Page><Area><PhysicalBox>10 10 100 50</PhysicalBox></Area><Template TemplateID="7" ZOrder="Background"/>
        <Content><Layer>{}<CompositeObject Boundary="50 30 20 5" ResourceID="30"/>
        <CompositeObject Boundary="0 0 9 9" ResourceID="31"/></Layer></Content></Page>"#,
        text(3, 20.0, 30.0, "body", "")
    );
    let annotation = format!(
        r#"<PageAnnot><Annot Type="Stamp"><Appearance Boundary="60 40 30 6">{}</Appearance></Annot>
        <Annot Type="Stamp" Visible="false"><Appearance Boundary="60 20 30 6">{}</Appearance></Annot></PageAnnot>"#,
        text(0, 0.0, 0.0, "note", ""),
        text(0, 0.0, 0.0, "gone", "")
    );
    let read = document(zipped(&[
        ("OFD.xml", ROOT.as_bytes()),
        (
            "Doc_0/Document.xml",
            layout(common, "<Annotations>Annots/Annotations.xml</Annotations>").as_bytes(),
        ),
        ("Doc_0/Public Res.xml", resources.as_bytes()),
        ("Doc_0/Tpls/Tpl_0/Content.xml", content(&text(1, 20.0, 20.0, "form", "")).as_bytes()),
        ("Doc_0/Pages/Page_0/Content.xml", page.as_bytes()),
        (
            "Doc_0/Annots/Annotations.xml",
            b"<Annotations><Page PageID=\"1\"><FileLoc>Page_0/Annotation.xml</FileLoc></Page></Annotations>",
        ),
        ("Doc_0/Annots/Page_0/Annotation.xml", annotation.as_bytes()),
    ]));
    assert_eq!(words(&read, 0), ["form", "body", "unit", "note"]);
    // The sheet begins at 10, 10.
    let left: Vec<f64> = read.pages[0].words.iter().map(|word| (word.bounds.left / POINTS).round()).collect();
    assert_eq!(left, [10.0, 10.0, 40.0, 50.0]);
    let hidden: Vec<_> =
        read.pages[0].hidden.iter().map(|word| (word.text.as_str(), word.concealment)).collect();
    assert_eq!(hidden, [("gone", Concealment::Invisible)]);
    // One of the units leans on itself.
    assert_eq!(codes(&read), ["ofd-too-deep", "hidden-text"]);
}

#[test]
fn rulings_and_pictures_are_seen() {
    let path = |boundary: &str, data: &str, more: &str| {
        format!(
            r#"<PathObject Boundary="{boundary}" LineWidth="0.25" {more}><AbbreviatedData>{data}</AbbreviatedData></PathObject>"#
        )
    };
    let table = [
        ("a stroked line", path("10 20 50 0.4", "M 0 0.2 L 50 0.2", "")),
        (
            "a thin filled box",
            path("10 20 50 1", "M 0 0 L 50 0 L 50 0.4 L 0 0.4 C", "Fill=\"true\" Stroke=\"false\"")
                .replace("<Abbr", "<FillColor Value=\"9 9 9\"/><Abbr"),
        ),
        ("begun with S", path("10 20.2 50 1", "S 0 0 L 50 0 C", "")),
    ];
    for (what, objects) in table {
        let read = document(package("", "", &objects, &[]));
        let [stroke, ..] = read.pages[0].strokes.as_slice() else { panic!("{what}: no ruling") };
        let near = |a: f64, b: f64| (a / POINTS - b).abs() < 0.01;
        assert!(near(stroke.left, 10.0) && near(stroke.right, 60.0), "{what}: {stroke:?}");
        assert!((stroke.center_y() / POINTS - 20.2).abs() < 0.05, "{what}: {stroke:?}");
    }
    let picture = r#"<ImageObject Boundary="10 10 20 30" CTM="20 0 0 30 0 0" ResourceID="5"/>"#;
    let read = document(package("", "", picture, &[]));
    let [place] = read.pages[0].pictures.as_slice() else { panic!("no picture") };
    let wanted = Rect::new(10.0, 10.0, 30.0, 40.0).scaled(POINTS, POINTS);
    assert!(wanted.grown(0.01).union(place) == wanted.grown(0.01) && place.width() > 56.6, "{place:?}");
    assert_eq!(read.pages[0].layer, TextLayer::None, "a page of a picture has no text of its own");
}

#[test]
fn parts_are_found_however_they_are_spelt() {
    let page = content(&text(3, 10.0, 20.0, "found", ""));
    let layout = layout("", "");
    let table: Vec<(&str, Vec<(&str, &str)>)> = vec![
        (
            "other case",
            vec![
                ("ofd.XML", ROOT),
                ("DOC_0/document.xml", &layout),
                ("doc_0/pages/page_0/CONTENT.xml", &page),
            ],
        ),
        (
            "backslashes",
            vec![
                ("OFD.xml", ROOT),
                ("Doc_0\\Document.xml", &layout),
                ("Doc_0\\Pages\\Page_0\\Content.xml", &page),
            ],
        ),
        (
            "from the root",
            vec![
                ("/OFD.xml", ROOT),
                ("/Doc_0/Document.xml", &layout),
                ("/Doc_0/Pages/Page_0/Content.xml", &page),
            ],
        ),
        (
            "in a folder",
            vec![
                ("x/OFD.xml", ROOT),
                ("x/Doc_0/Document.xml", &layout),
                ("x/Doc_0/Pages/Page_0/Content.xml", &page),
            ],
        ),
        (
            "stray prefix",
            vec![
                ("./OFD.xml", ROOT),
                ("./Doc_0/Document.xml", &layout),
                ("./Doc_0/Pages/Page_0/Content.xml", &page),
            ],
        ),
    ];
    for (what, files) in table {
        let files: Vec<(&str, &[u8])> = files.iter().map(|(name, text)| (*name, text.as_bytes())).collect();
        let read = document(zipped(&files));
        assert_eq!((read.format, codes(&read)), (Format::Ofd, vec![]), "{what}");
        assert_eq!(words(&read, 0), ["found"], "{what}");
    }
}

#[test]
fn what_is_missing_or_broken_is_said_and_the_rest_read() {
    let page = text(3, 10.0, 20.0, "rest", "");
    let whole = package("", "", &page, &[]);
    assert_eq!(document(&whole).properties.creator.as_deref(), Some("a program"));
    let broken = content(&page).replace("</Layer></Content></Page>", &text(4, 10.0, 30.0, "7", ""));
    let broken = broken.get(..broken.len() - 20).unwrap().to_owned();
    let root = ROOT.as_bytes();
    let layout_file = layout("", "");
    let table: Vec<Broken> = vec![
        (
            "no page file",
            zipped(&[("OFD.xml", root), ("Doc_0/Document.xml", layout_file.as_bytes())]),
            &[],
            &["ofd-part-missing"],
        ),
        ("no document", zipped(&[("OFD.xml", root)]), &[], &["ofd-part-missing", "ofd-unreadable"]),
        ("no list of documents", zipped(&[("OFD.xml", b"<OFD/>")]), &[], &["ofd-unreadable"]),
        (
            "no template",
            zipped(&[
                ("OFD.xml", root),
                ("Doc_0/Document.xml", layout_file.as_bytes()),
                (
                    "Doc_0/Pages/Page_0/Content.xml",
                    format!("<Page><Template TemplateID=\"8\"/>{}", &content(&page)[6..]).as_bytes(),
                ),
            ]),
            &["rest"],
            &["ofd-part-missing"],
        ),
        (
            "a page that breaks off",
            zipped(&[
                ("OFD.xml", root),
                ("Doc_0/Document.xml", layout_file.as_bytes()),
                ("Doc_0/Pages/Page_0/Content.xml", broken.as_bytes()),
            ]),
            &["rest"],
            &["ofd-part-damaged"],
        ),
        (
            "a resource that is not there",
            package("<PublicRes>PublicRes.xml</PublicRes>", "", &page, &[]),
            &["rest"],
            &["ofd-part-missing"],
        ),
    ];
    for (what, bytes, wanted, problems) in table {
        let read = document(bytes);
        let found: Vec<&str> =
            read.pages.iter().flat_map(|page| &page.words).map(|word| word.text.as_str()).collect();
        assert_eq!((found.as_slice(), codes(&read).as_slice()), (wanted, problems), "{what}");
    }
    for part in 1..64 {
        let cut = document(&whole[..whole.len() * part / 64]);
        assert!(!cut.problems.is_empty(), "cut to {part}/64");
    }
}

#[test]
fn several_documents_are_numbered_through() {
    let root = ROOT.replace(
        "</ofd:DocBody>",
        "</ofd:DocBody><ofd:DocBody><ofd:DocRoot>Doc_1/Document.xml</ofd:DocRoot></ofd:DocBody>",
    );
    let layout = layout("", "");
    let read = document(zipped(&[
        ("OFD.xml", root.as_bytes()),
        ("Doc_0/Document.xml", layout.as_bytes()),
        ("Doc_0/Pages/Page_0/Content.xml", content(&text(3, 10.0, 20.0, "first", "")).as_bytes()),
        ("Doc_1/Document.xml", layout.as_bytes()),
        ("Doc_1/Pages/Page_0/Content.xml", content(&text(3, 10.0, 20.0, "second", "")).as_bytes()),
    ]));
    assert_eq!(codes(&read), ["ofd-several-documents"]);
    assert_eq!(read.pages.iter().map(|page| page.number).collect::<Vec<_>>(), [1, 2]);
    assert_eq!((words(&read, 0), words(&read, 1)), (vec!["first"], vec!["second"]));
    for number in [1, 2] {
        assert!(draw::page(&read.bytes, read.format, number, Turn::None, 72.0).is_ok(), "page {number}");
    }
    assert!(draw::page(&read.bytes, read.format, 3, Turn::None, 72.0).is_err());
}

#[test]
fn attachments_are_read_and_data_among_them_is_no_document() {
    let list = br#"<Attachments><Attachment Name="original_invoice"><FileLoc>original_invoice.xml</FileLoc></Attachment>
        <Attachment Name="list"><FileLoc>/Doc_0/Attachs/list.csv</FileLoc></Attachment>
        <Attachment Name="again"><FileLoc>list.csv</FileLoc></Attachment>
        <Attachment Name="gone"><FileLoc>gone.txt</FileLoc></Attachment></Attachments>"#;
    let read = document(package(
        "",
        "<Attachments>Attachs/Attachments.xml</Attachments>",
        &text(3, 10.0, 20.0, "body", ""),
        &[
            ("Doc_0/Attachs/Attachments.xml", list),
            ("Doc_0/Attachs/original_invoice.xml", b"<eInvoice><InvoiceNo>1</InvoiceNo></eInvoice>"),
            ("Doc_0/Attachs/list.csv", b"a,b\n1,2\n3,4\n"),
        ],
    ));
    assert_eq!(codes(&read), ["ofd-part-missing"]);
    let parts: Vec<(&str, Format)> =
        read.parts.iter().map(|part| (part.name.as_str(), part.format)).collect();
    assert_eq!(parts, [("a.ofd/Doc_0/Attachs/list.csv", Format::Csv)]);
    let [payload] = read.payloads.as_slice() else { panic!("{:?}", read.payloads) };
    assert_eq!(
        (payload.kind.as_str(), payload.part.as_str()),
        ("eInvoice", "Doc_0/Attachs/original_invoice.xml")
    );
    assert_eq!((payload.nodes[0].path.as_str(), payload.nodes[0].text.as_str()), ("eInvoice/InvoiceNo", "1"));
}

#[test]
fn tags_say_where_their_values_stand() {
    let objects = text(21, 10.0, 10.0, "12345678", "")
        + &text(22, 10.0, 20.0, "99.00", "")
        + &text(23, 10.0, 30.0, "hidden", "Visible=\"false\"")
        + &text(24, 10.0, 40.0, "twice", "")
        + &text(24, 60.0, 40.0, "twice", "");
    // Writers leave prefixes undeclared, or empty.
    let tags = br#"<:eInvoice xmlns:=""><InvoiceNo><ofd:ObjectRef PageRef="1">21</ofd:ObjectRef></InvoiceNo>
        <Goods><Good><Amount><ofd:ObjectRef PageRef="1">22</ofd:ObjectRef></Amount></Good>
        <Good><Amount><ofd:ObjectRef PageRef="1">23</ofd:ObjectRef></Amount></Good>
        <Good><Amount><ofd:ObjectRef PageRef="1">24</ofd:ObjectRef></Amount></Good></Goods></:eInvoice>"#;
    let read = document(package(
        "",
        "<CustomTags>Tags/CustomTags.xml</CustomTags>",
        &objects,
        &[
            (
                "Doc_0/Tags/CustomTags.xml",
                b"<CustomTags><CustomTag><FileLoc>CustomTag.xml</FileLoc></CustomTag></CustomTags>",
            ),
            ("Doc_0/Tags/CustomTag.xml", tags),
        ],
    ));
    let [payload] = read.payloads.as_slice() else { panic!("{:?}", read.payloads) };
    let nodes: Vec<(&str, &str)> = payload.nodes.iter().map(|n| (n.path.as_str(), n.text.as_str())).collect();
    assert_eq!(nodes, [("CustomTag/InvoiceNo", "12345678"), ("CustomTag/Goods/Good/Amount", "99.00")]);
    let [(1, bounds)] = payload.nodes[0].places.as_slice() else { panic!("no place") };
    let word = &read.pages[0].words[0];
    assert!(word.text == "12345678" && word.bounds.holds(bounds), "{bounds:?}");
}
