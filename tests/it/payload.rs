//! Invoices as data: each family read to the same fields, by itself or beside the page it belongs to.

use std::sync::{Arc, LazyLock};

use heyan::{
    arrange, classify, extract,
    model::{
        anchor::Anchor,
        document::Document,
        fact::{Fact, Method, Record},
        limits::Limits,
        paper::Paper,
        value::{Value, code},
    },
    read,
    rulebook::types::{self, DocumentType},
};

use super::{
    formats::zipped,
    ofd::{ROOT, package, text},
};

pub(super) fn document(name: &str, bytes: impl AsRef<[u8]>) -> Document {
    let mut document = read::read(name, Arc::from(bytes.as_ref()), &Limits::default());
    document.pages.iter_mut().for_each(arrange::arrange);
    document
}

static TYPES: LazyLock<Vec<DocumentType>> = LazyLock::new(|| types::embedded().unwrap());

pub(super) fn papers(document: &Document) -> Vec<Paper> {
    extract::papers(document, &classify::classify(&document.pages, &TYPES), &TYPES)
}

pub(super) fn only(document: &Document) -> Paper {
    let mut papers = papers(document);
    assert_eq!(papers.len(), 1, "{papers:?}");
    papers.remove(0)
}

pub(super) fn wire(record: &Record, field: &str) -> Option<String> {
    record.value(field).map(Value::wire)
}

pub(super) fn fact<'p>(paper: &'p Paper, field: &str) -> &'p Fact {
    paper.record.fields.get(field).unwrap_or_else(|| panic!("no {field} in {:?}", paper.record.fields.keys()))
}

/// A credit code with the right check character.
fn uscc(first: &str) -> String {
    format!("{first}{}", code::uscc_check(first).unwrap())
}

fn buyer() -> String {
    uscc("91320500MA1ABCDE2")
}

fn seller() -> String {
    uscc("91320100MA2KLMNP3")
}

/// The first family, of tax-controlled invoices.
pub(super) fn tax_controlled(number: &str, net: &str) -> String {
    format!(
        r#"<?xml version="1.0" encoding="utf-8"?><fp:eInvoice xmlns:fp="http://www.edrm.org.cn/schema/e-invoice/2019">
        <fp:InvoiceCode>032002200111</fp:InvoiceCode><fp:InvoiceNo>{number}</fp:InvoiceNo>
        <fp:IssueDate>2022年08月05日</fp:IssueDate><fp:InvoiceCheckCode>12345 67890 12345 67890</fp:InvoiceCheckCode>
        <fp:MachineNo>661234567890</fp:MachineNo>
        <fp:Buyer><fp:BuyerName>苏州虚构精密机械(集团)有限公司</fp:BuyerName><fp:BuyerTaxID>{}</fp:BuyerTaxID></fp:Buyer>
        <fp:Seller><fp:SellerName>南京虚构软件有限公司</fp:SellerName><fp:SellerTaxID>{}</fp:SellerTaxID></fp:Seller>
        <fp:TaxInclusiveTotalAmount>106.00</fp:TaxInclusiveTotalAmount><fp:TaxTotalAmount>6.00</fp:TaxTotalAmount>
        <fp:TaxExclusiveTotalAmount>{net}</fp:TaxExclusiveTotalAmount><fp:Note></fp:Note>
        <fp:GoodsInfos><fp:GoodsInfo><fp:Item>*软件*管控系统</fp:Item><fp:Quantity>1</fp:Quantity><fp:Amount>60.00</fp:Amount>
        <fp:TaxScheme>6%</fp:TaxScheme><fp:TaxAmount>3.60</fp:TaxAmount></fp:GoodsInfo>
        <fp:GoodsInfo><fp:Item>*软件*咨询</fp:Item><fp:Amount>40.00</fp:Amount><fp:TaxScheme>6%</fp:TaxScheme>
        <fp:TaxAmount>2.40</fp:TaxAmount></fp:GoodsInfo></fp:GoodsInfos></fp:eInvoice>"#,
        buyer(),
        seller()
    )
}

/// The second family, as the tax bureau issues it.
pub(super) fn digital() -> String {
    format!(
        r#"<EInvoice><Header><EIid>23322000000012345678</EIid><InherentLabel><GeneralOrSpecialVAT><LabelCode>01</LabelCode>
        <LabelName>增值税专用发票</LabelName></GeneralOrSpecialVAT></InherentLabel></Header>
        <EInvoiceData><SellerInformation><SellerIdNum>{}</SellerIdNum><SellerName>南京虚构软件有限公司</SellerName></SellerInformation>
        <BuyerInformation><BuyerIdNum>{}</BuyerIdNum><BuyerName>苏州虚构精密机械（集团）有限公司</BuyerName></BuyerInformation>
        <BasicInformation><TotalAmWithoutTax>100.00</TotalAmWithoutTax><TotalTaxAm>6.00</TotalTaxAm>
        <TotalTax-includedAmount>106.00</TotalTax-includedAmount>
        <TotalTax-includedAmountInChinese>壹佰零陆圆整</TotalTax-includedAmountInChinese></BasicInformation>
        <IssuItemInformation><ItemName>*软件*管控系统</ItemName><Quantity>1</Quantity><UnPrice>60</UnPrice><Amount>60.00</Amount>
        <TaxRate>0.06</TaxRate><ComTaxAm>3.60</ComTaxAm></IssuItemInformation>
        <IssuItemInformation><ItemName>*软件*咨询</ItemName><Amount>40.00</Amount><ComTaxAm>2.40</ComTaxAm></IssuItemInformation>
        <AdditionalInformation><Remark>合同号 7</Remark></AdditionalInformation></EInvoiceData>
        <TaxSupervisionInfo><InvoiceNumber>23322000000012345678</InvoiceNumber><IssueTime>2022-08-05 10:11:12</IssueTime></TaxSupervisionInfo>
        </EInvoice>"#,
        seller(),
        buyer()
    )
}

/// The voucher of the finance ministry's standard.
fn voucher() -> String {
    format!(
        r#"<xbrl xmlns="http://www.xbrl.org/2003/instance" xmlns:inv="urn:inv"><link:schemaRef xlink:href="inv.xsd"/>
        <context id="now"><entity><identifier scheme="uscc">{buyer}</identifier></entity><period><instant>2022-08-05</instant></period></context>
        <inv:TypeOfInvoice contextRef="now">增值税电子普通发票</inv:TypeOfInvoice>
        <inv:CodeOfInvoice contextRef="now">032002200111</inv:CodeOfInvoice><inv:NumberOfInvoice contextRef="now">12345678</inv:NumberOfInvoice>
        <inv:DateOfIssue contextRef="now">2022-08-05</inv:DateOfIssue>
        <inv:NameOfPurchaser contextRef="now">苏州虚构精密机械（集团）有限公司</inv:NameOfPurchaser>
        <inv:TaxpayerIdentificationNumberUnifiedSocialCreditCodeOfPurchaser contextRef="now">{buyer}</inv:TaxpayerIdentificationNumberUnifiedSocialCreditCodeOfPurchaser>
        <inv:NameOfSeller contextRef="now">南京虚构软件有限公司</inv:NameOfSeller>
        <inv:TaxpayerIdentificationNumberUnifiedSocialCreditCodeOfSeller contextRef="now">{seller}</inv:TaxpayerIdentificationNumberUnifiedSocialCreditCodeOfSeller>
        <inv:TotalAmountExcludingTax contextRef="now" unitRef="CNY" decimals="2">100.00</inv:TotalAmountExcludingTax>
        <inv:TotalTaxAmount contextRef="now">6.00</inv:TotalTaxAmount><inv:TaxIncludedAmountInFigures contextRef="now">106.00</inv:TaxIncludedAmountInFigures>
        <inv:Remarks contextRef="now" xsi:nil="true"/>
        <inv:InformationOfTaxableGoodsOrServicesDetailItemsTuple><inv:NameOfTaxableGoodsOrServices>*软件*管控系统</inv:NameOfTaxableGoodsOrServices>
        <inv:AmountExcludingTax>60.00</inv:AmountExcludingTax><inv:TaxAmount>3.60</inv:TaxAmount></inv:InformationOfTaxableGoodsOrServicesDetailItemsTuple>
        <inv:InformationOfTaxableGoodsOrServicesDetailItemsTuple><inv:NameOfTaxableGoodsOrServices>*软件*咨询</inv:NameOfTaxableGoodsOrServices>
        <inv:AmountExcludingTax>40.00</inv:AmountExcludingTax><inv:TaxAmount>2.40</inv:TaxAmount></inv:InformationOfTaxableGoodsOrServicesDetailItemsTuple>
        </xbrl>"#,
        buyer = buyer(),
        seller = seller()
    )
}

#[test]
fn every_family_says_the_same() {
    let table = [
        (
            "tax-controlled",
            tax_controlled("12345678", "100.00"),
            "e_general",
            "12345678",
            "eInvoice/InvoiceNo",
        ),
        (
            "digital",
            digital(),
            "digital_special",
            "23322000000012345678",
            "EInvoice/TaxSupervisionInfo/InvoiceNumber",
        ),
        ("voucher", voucher(), "e_general", "12345678", "xbrl/NumberOfInvoice"),
    ];
    for (what, xml, kind, number, path) in table {
        let paper = only(&document("a.xml", &xml));
        assert_eq!(paper.document_type, "vat_invoice", "{what}");
        assert!(paper.problems.is_empty(), "{what}: {:?}", paper.problems);
        for (field, wanted) in [
            ("invoice_kind", kind),
            ("invoice_number", number),
            ("issued_on", "2022-08-05"),
            ("buyer_name", "苏州虚构精密机械（集团）有限公司"),
            ("buyer_tax_id", buyer().as_str()),
            ("seller_name", "南京虚构软件有限公司"),
            ("seller_tax_id", seller().as_str()),
            ("net", "100.00"),
            ("tax", "6.00"),
            ("gross", "106.00"),
            ("red_letter", "false"),
        ] {
            assert_eq!(wire(&paper.record, field).as_deref(), Some(wanted), "{what}: {field}");
            let fact = fact(&paper, field);
            assert_eq!((fact.evidence.method, fact.problem), (Method::Payload, None), "{what}: {field}");
            assert!(fact.evidence.confidence >= 0.99, "{what}: {field}");
        }
        assert_eq!(fact(&paper, "invoice_number").evidence.anchors, [Anchor::Node { path: path.to_owned() }]);
        let items = &paper.record.rows["items"];
        let amounts: Vec<_> = items.iter().map(|item| wire(item, "amount").unwrap()).collect();
        let names: Vec<_> = items.iter().map(|item| wire(item, "name").unwrap()).collect();
        assert_eq!(
            (amounts, names),
            (
                vec!["60.00".to_owned(), "40.00".to_owned()],
                vec!["*软件*管控系统".to_owned(), "*软件*咨询".to_owned()]
            ),
            "{what}"
        );
        // Net and tax add up to gross, which is a reading of its own.
        assert!(
            fact(&paper, "gross").evidence.readings.iter().any(|reading| reading.by == "arithmetic"),
            "{what}"
        );
    }
    assert_eq!(wire(&only(&document("a.xml", digital())).record, "remark").as_deref(), Some("合同号7"));
}

#[test]
fn what_data_does_not_say_for_certain_is_no_value() {
    let table = [
        ("half an amount", "<net>", Some("unreadable")),
        ("an amount in two pieces", "100 00", Some("unreadable")),
        ("a power of ten", "1.0E+2", Some("unreadable")),
        ("nothing", "", None),
    ];
    for (what, net, problem) in table {
        let paper = only(&document("a.xml", tax_controlled("12345678", &net.replace('<', "&lt;"))));
        let found = paper.record.fields.get("net");
        assert_eq!(found.and_then(|fact| fact.value.as_ref()), None, "{what}");
        assert_eq!(found.and_then(|fact| fact.problem), problem, "{what}");
    }
    let twice = tax_controlled("12345678", "100.00")
        .replace("</fp:TaxTotalAmount>", "</fp:TaxTotalAmount><fp:TaxTotalAmount>7.00</fp:TaxTotalAmount>");
    let paper = only(&document("a.xml", twice));
    assert_eq!((wire(&paper.record, "tax"), fact(&paper, "tax").problem), (None, Some("several-values")));
    let wrong_digit = tax_controlled("12345678", "100.00").replace(&buyer(), &format!("{}X", &buyer()[..17]));
    let paper = only(&document("a.xml", wrong_digit));
    assert_eq!(fact(&paper, "buyer_tax_id").problem, Some("check-digit-wrong"));
}

#[test]
fn a_cut_never_gives_half_a_value() {
    let whole = tax_controlled("12345678", "98765.43");
    let full = only(&document("a.xml", &whole));
    for (at, _) in whole.char_indices().skip(50) {
        let read = document("a.xml", &whole[..at]);
        assert!(read.problems.iter().any(|problem| problem.code.starts_with("xml-")), "cut at {at}");
        for paper in papers(&read) {
            for field in ["net", "tax", "gross", "invoice_number", "issued_on", "buyer_name", "seller_tax_id"]
            {
                let found = wire(&paper.record, field);
                assert!(
                    found.is_none() || found == wire(&full.record, field),
                    "cut at {at}: {field} {found:?}"
                );
            }
        }
    }
}

#[test]
fn data_of_no_known_kind_says_so() {
    let read = document("a.xml", "<Order><Number>7</Number></Order>");
    assert!(read.problems.is_empty());
    let paper = only(&read);
    assert_eq!(paper.document_type, "other");
    assert_eq!(
        paper.problems.iter().map(|problem| problem.code).collect::<Vec<_>>(),
        ["data-not-understood"]
    );
    // A family that states no number is no invoice.
    assert_eq!(
        only(&document("a.xml", "<EInvoice><Header/><Total>1</Total></EInvoice>")).document_type,
        "other"
    );
    for (what, bytes, code) in [
        ("no element", "<?xml version=\"1.0\"?>  <!-- -->", "xml-unreadable"),
        ("broken off", "<Order><Number>7</Number", "xml-damaged"),
    ] {
        let codes: Vec<_> = document("a.xml", bytes).problems.iter().map(|problem| problem.code).collect();
        assert_eq!(codes, [code], "{what}");
    }
}

/// The objects of a page that prints the tax-controlled invoice.
pub(super) fn face(number: &str, net: &str, from: u32, top: f64) -> String {
    let lines = [
        "江苏增值税电子普通发票".to_owned(),
        "发票代码:032002200111".to_owned(),
        format!("发票号码:{number}"),
        "开票日期:2022年08月05日".to_owned(),
        "名称:苏州虚构精密机械（集团）有限公司".to_owned(),
        format!("合计¥{net} ¥6.00"),
        "价税合计（大写）壹佰零陆圆整（小写）¥106.00".to_owned(),
        "名称:南京虚构软件有限公司".to_owned(),
    ];
    (from..).zip(&lines).map(|(id, line)| spread(id, top + 5.0 * f64::from(id - from), line)).collect()
}

/// A line of wide and narrow characters, 3 mm high.
fn spread(id: u32, top: f64, line: &str) -> String {
    let steps: Vec<&str> = line.chars().map(|c| if c.is_ascii() || c == '¥' { "1.5" } else { "3" }).collect();
    format!(
        r#"<TextObject ID="{id}" Boundary="2 {top} 96 4" Size="3"><TextCode X="0" Y="3" DeltaX="{}">{line}</TextCode></TextObject>"#,
        steps.join(" ")
    )
}

pub(super) const ATTACHMENTS: &str = "<Attachments>Attachs/Attachments.xml</Attachments>";
pub(super) const LIST: &[u8] =
    b"<Attachments><Attachment Name=\"original_invoice\"><FileLoc>original_invoice.xml</FileLoc></Attachment></Attachments>";

#[test]
fn a_page_and_its_data_are_one_paper() {
    let with = |page: &str, xml: &str| {
        document(
            "a.ofd",
            package(
                "",
                ATTACHMENTS,
                page,
                &[
                    ("Doc_0/Attachs/Attachments.xml", LIST),
                    ("Doc_0/Attachs/original_invoice.xml", xml.as_bytes()),
                ],
            ),
        )
    };
    let by = |paper: &Paper, field: &str| -> Vec<(&'static str, String)> {
        let readings = &fact(paper, field).evidence.readings;
        readings.iter().filter_map(|r| Some((r.by, r.value.as_ref()?.wire()))).collect()
    };
    let agreeing = only(&with(&face("12345678", "100.00", 10, 2.0), &tax_controlled("12345678", "100.00")));
    let net = fact(&agreeing, "net");
    assert_eq!((net.evidence.method, net.problem), (Method::Payload, None));
    assert!(by(&agreeing, "net").starts_with(&[("xml", "100.00".to_owned())]));
    assert!(by(&agreeing, "net").contains(&("text", "100.00".to_owned())));
    assert!(
        matches!(net.evidence.anchors.first(), Some(Anchor::Box { page: 1, .. })),
        "the place on the page first"
    );
    assert!(
        net.evidence.anchors.contains(&Anchor::Node { path: "eInvoice/TaxExclusiveTotalAmount".to_owned() })
    );

    let differing = only(&with(&face("12345678", "900.00", 10, 2.0), &tax_controlled("12345678", "100.00")));
    let net = fact(&differing, "net");
    assert_eq!(
        (wire(&differing.record, "net").as_deref(), net.problem),
        (Some("100.00"), Some("readings-differ"))
    );
    assert!(by(&differing, "net").contains(&("text", "900.00".to_owned())), "{:?}", by(&differing, "net"));
    assert!(net.evidence.confidence <= 0.5);

    // Even where the page shows another number it is one paper, and the number is in doubt.
    let renumbered = only(&with(&face("87654321", "100.00", 10, 2.0), &tax_controlled("12345678", "100.00")));
    assert_eq!(fact(&renumbered, "invoice_number").problem, Some("readings-differ"));

    // A page that says nothing by itself shows the number, so it is the data's page.
    let bare = only(&with(&text(3, 10.0, 20.0, "12345678", ""), &tax_controlled("12345678", "100.00")));
    assert_eq!((bare.document_type.as_str(), bare.pages), ("vat_invoice", (1, 1)));
}

#[test]
fn tags_and_named_values_are_readings_too() {
    let objects = face("12345678", "100.00", 10, 2.0) + &text(30, 60.0, 44.0, "100.00", "");
    let tags = br#"<root><InvoiceNo><ObjectRef PageRef="1">31</ObjectRef></InvoiceNo>
        <TaxExclusiveTotalAmount><ObjectRef PageRef="1">30</ObjectRef></TaxExclusiveTotalAmount></root>"#;
    let root = ROOT.replace(
        "</ofd:DocInfo>",
        r#"<ofd:CustomDatas><ofd:CustomData Name="发票号码">12345678</ofd:CustomData><ofd:CustomData Name="合计税额">7.00</ofd:CustomData></ofd:CustomDatas></ofd:DocInfo>"#,
    );
    let layout = super::ofd::layout("", "<CustomTags>Tags/CustomTags.xml</CustomTags>");
    let content = super::ofd::content(&(objects + &text(31, 60.0, 40.0, "12345678", "")));
    let read = document(
        "a.ofd",
        zipped(&[
            ("OFD.xml", root.as_bytes()),
            ("Doc_0/Document.xml", layout.as_bytes()),
            ("Doc_0/Pages/Page_0/Content.xml", content.as_bytes()),
            (
                "Doc_0/Tags/CustomTags.xml",
                b"<CustomTags><CustomTag><FileLoc>t.xml</FileLoc></CustomTag></CustomTags>",
            ),
            ("Doc_0/Tags/t.xml", tags),
        ]),
    );
    let paper = only(&read);
    let net = fact(&paper, "net");
    assert_eq!(net.evidence.readings[0].by, "tag");
    assert!(matches!(net.evidence.anchors[0], Anchor::Box { page: 1, bounds } if bounds.left > 160.0));
    let tax = fact(&paper, "tax");
    let by: Vec<_> = tax.evidence.readings.iter().map(|reading| reading.by).collect();
    assert!(by.contains(&"data") && by.contains(&"text"), "{by:?}");
    assert_eq!(tax.problem, Some("readings-differ"), "7.00 beside 6.00");
}

#[test]
fn several_invoices_in_one_file_keep_their_own_data() {
    let second = tax_controlled("22222222", "100.00");
    let list = br#"<Attachments><Attachment><FileLoc>b.xml</FileLoc></Attachment><Attachment><FileLoc>a.xml</FileLoc></Attachment></Attachments>"#;
    let root = ROOT.replace(
        "</ofd:DocBody>",
        "</ofd:DocBody><ofd:DocBody><ofd:DocRoot>Doc_1/Document.xml</ofd:DocRoot></ofd:DocBody>",
    );
    let (with, without) = (super::ofd::layout("", ATTACHMENTS), super::ofd::layout("", ""));
    let pages = [face("11111111", "100.00", 10, 2.0), face("22222222", "100.00", 10, 2.0)]
        .map(|objects| super::ofd::content(&objects));
    let read = document(
        "a.ofd",
        zipped(&[
            ("OFD.xml", root.as_bytes()),
            ("Doc_0/Document.xml", with.as_bytes()),
            ("Doc_0/Pages/Page_0/Content.xml", pages[0].as_bytes()),
            ("Doc_1/Document.xml", without.as_bytes()),
            ("Doc_1/Pages/Page_0/Content.xml", pages[1].as_bytes()),
            ("Doc_0/Attachs/Attachments.xml", list),
            ("Doc_0/Attachs/a.xml", tax_controlled("11111111", "100.00").as_bytes()),
            ("Doc_0/Attachs/b.xml", second.as_bytes()),
        ]),
    );
    let papers = papers(&read);
    let found: Vec<_> =
        papers.iter().map(|paper| (paper.pages.0, wire(&paper.record, "invoice_number").unwrap())).collect();
    assert_eq!(found, [(1, "11111111".to_owned()), (2, "22222222".to_owned())]);
    for paper in &papers {
        let number = fact(paper, "invoice_number");
        assert_eq!((number.problem, number.evidence.method), (None, Method::Payload));
    }
}

/// The files under `fixtures/formats/ofd` and `fixtures/formats/xml` beside which lies what they say.
#[test]
fn every_fixture_says_what_its_truth_says() {
    let root = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/formats");
    let mut count = 0;
    for folder in ["ofd", "xml"] {
        let mut files: Vec<_> =
            std::fs::read_dir(root.join(folder)).unwrap().map(|entry| entry.unwrap().path()).collect();
        files.sort();
        for file in files.iter().filter(|file| file.extension().is_some_and(|ending| ending == folder)) {
            let name = file.file_name().unwrap().to_str().unwrap();
            // Files that show something else than what they say are looked at elsewhere.
            let truth = std::fs::read_to_string(root.join(folder).join(format!("{name}.truth.json")));
            let Ok(truth) = truth else { continue };
            count += 1;
            let truth: serde_json::Value = serde_json::from_str(&truth).unwrap();
            let read = document(name, std::fs::read(file).unwrap());
            let paper = only(&read);
            let codes: Vec<_> = read.problems.iter().map(|problem| problem.code).collect();
            let (mut values, mut problems) = (serde_json::Map::new(), serde_json::Map::new());
            for (field, fact) in &paper.record.fields {
                values.extend(fact.value.as_ref().map(|value| (field.clone(), value.wire().into())));
                problems.extend(fact.problem.map(|problem| (field.clone(), problem.into())));
            }
            assert_eq!(paper.document_type, truth["document_type"], "{name}");
            assert_eq!(serde_json::Value::from(values), truth["fields"], "{name}");
            assert_eq!(serde_json::Value::from(problems), truth["problems"], "{name}");
            assert_eq!(serde_json::json!(codes), truth["codes"], "{name}");
            if let Some(items) = truth.get("items") {
                let own: Vec<_> =
                    paper.record.rows["items"].iter().map(|item| wire(item, "amount")).collect();
                assert_eq!(serde_json::json!(own), *items, "{name}");
            }
        }
    }
    assert!(count >= 10, "only {count} fixtures");
}
