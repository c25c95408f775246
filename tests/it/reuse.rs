//! What pages look like: one picture is known again, another of the same form is not, and the index finds it.

use chrono::NaiveDate;
use heyan::{
    check::{Facts, compare, uses},
    model::{
        document::{DocumentId, Format},
        fact::Method,
        look::{COARSE, FINE, Look},
        paper::{Content, Paper},
        reuse::Use,
    },
    recognize::look,
    rulebook::{Pack, embedded, load},
    store::Store,
};
use heyan_fixtures::{
    dice::Dice,
    documents::bank_receipt::{self, BankReceipt},
    money::Fen,
    names::{Company, JIANGSU, MANUFACTURERS, PILOT, SOFTWARE},
    scene::{font::Fonts, scan::Scan},
};
use image::{
    DynamicImage, RgbImage,
    codecs::jpeg::JpegEncoder,
    imageops::{self, FilterType},
};

/// Receipts of one bank's form that differ in number, day, amount and payee.
fn receipts(count: usize) -> Vec<BankReceipt> {
    let mut dice = Dice::new(4711);
    let payer = Company::invent(&mut dice, &JIANGSU, &MANUFACTURERS);
    let one = |at: usize| {
        let payee = Company::invent(&mut dice, &PILOT, &SOFTWARE);
        let day = NaiveDate::from_ymd_opt(2022, 3, 1 + at as u32).unwrap();
        let amount = Fen::yuan(6_000 + 731 * at as i64);
        let mut receipt = BankReceipt::invent(&mut dice, &payer, &payee, day, amount, "云服务费用");
        receipt.bank = 0;
        receipt
    };
    (0..count).map(one).collect()
}

/// A scan of a receipt that lies so far askew; two of one lie are as if one was made of the other.
fn scan(receipt: &BankReceipt, skew: f32) -> RgbImage {
    let page = bank_receipt::together(std::slice::from_ref(receipt), Fonts::load().unwrap());
    let mut dice = Dice::new(17);
    Scan { skew, ..Scan::office(&mut dice) }.take(&page, &mut dice).unwrap()
}

fn saved(image: &RgbImage, quality: u8) -> RgbImage {
    let mut bytes = Vec::new();
    JpegEncoder::new_with_quality(&mut bytes, quality).encode_image(image).unwrap();
    image::load_from_memory(&bytes).unwrap().to_rgb8()
}

fn scaled(image: &RgbImage, percent: u32) -> RgbImage {
    let (width, height) = image.dimensions();
    imageops::resize(image, width * percent / 100, height * percent / 100, FilterType::Triangle)
}

#[test]
fn one_picture_is_known_again_and_another_of_its_form_is_not() {
    let receipts = receipts(4);
    let lies = [0.5, 0.2, -0.1, 0.9];
    let scans: Vec<RgbImage> = receipts.iter().zip(lies).map(|(receipt, skew)| scan(receipt, skew)).collect();
    let looks: Vec<Look> = scans.iter().map(|scan| look(scan).unwrap()).collect();
    assert!(looks.iter().all(|look| !look.drawn));
    for (scan, own) in scans.iter().zip(&looks).take(1) {
        let lighter = DynamicImage::ImageRgb8(scan.clone()).brighten(6).to_rgb8();
        let (width, height) = scan.dimensions();
        let cut = imageops::crop_imm(scan, 6, 6, width - 12, height - 12).to_image();
        for (what, other) in [
            ("saved anew", saved(scan, 70)),
            ("saved badly", saved(scan, 35)),
            ("half the size", scaled(scan, 50)),
            ("a little smaller", saved(&scaled(scan, 83), 80)),
            ("lighter", lighter),
            ("its margins cut", cut),
        ] {
            let other = look(&other).unwrap();
            println!("{what}: {} bits differ", own.far(&other));
            assert!(own.is_like(&other), "{what}: {} bits differ", own.far(&other));
            let shared = own.bands().iter().filter(|band| other.bands().contains(band)).count();
            assert!(shared > 0, "{what}: nothing leads to it");
        }
    }
    for (at, one) in looks.iter().enumerate() {
        for other in &looks[..at] {
            println!("two scans of one form: {} bits differ", one.far(other));
            assert!(!one.is_like(other), "two scans of one form, {} bits", one.far(other));
        }
    }
    // One sheet with another number and amount on it.
    let mut made = receipts[0].clone();
    made.receipt_number = receipts[1].receipt_number.clone();
    made.amount = Fen::yuan(9_000);
    let made = look(&scan(&made, lies[0])).unwrap();
    assert!(looks[0].is_like(&made), "{} bits differ", looks[0].far(&made));
}

#[test]
fn a_page_with_next_to_nothing_on_it_looks_like_nothing() {
    let white = RgbImage::from_pixel(1654, 2339, image::Rgb([255; 3]));
    assert_eq!(look(&white), None);
    let mut number = white.clone();
    imageops::overlay(&mut number, &RgbImage::from_pixel(30, 20, image::Rgb([0; 3])), 800, 2250);
    assert_eq!(look(&number), None);
    assert_eq!(look(&RgbImage::new(0, 0)), None);
    assert_eq!(look(&RgbImage::from_pixel(3, 3, image::Rgb([9; 3]))), None);
}

#[test]
fn what_a_program_drew_is_told_from_a_scan() {
    let page = bank_receipt::together(&receipts(1), Fonts::load().unwrap());
    let mut dice = Dice::new(1);
    let drawn = Scan { noise: 0, blur: 0.0, skew: 0.0, paper: [255; 3], ..Scan::office(&mut dice) };
    assert!(look(&drawn.take(&page, &mut dice).unwrap()).unwrap().drawn);
}

#[test]
fn a_look_is_the_same_when_it_is_read_again() {
    let bits = |count: usize, of: usize| -> Vec<bool> { (0..count).map(|at| at % of == 0).collect() };
    let one = Look::new(&bits(COARSE * COARSE, 3), &bits(FINE * FINE, 5), false);
    let read = Look::parsed(&one.text()).unwrap();
    assert_eq!((read.far(&one), read.drawn), (0, false));
    assert_eq!(one.bands().len(), 8);
    for wrong in ["", "x00", "s0g", "d\u{4e00}"] {
        assert_eq!(Look::parsed(wrong), None, "{wrong}");
    }
    assert!(!Look::parsed("s").unwrap().is_like(&one), "prints of another size are of nothing");
}

/// What an application uses that has one scanned receipt.
fn application(pack: &Pack, id: &str, number: &str, look: Look) -> Vec<Use> {
    let fields = format!("receipt_number = \"{number}\"\npaid_on = \"2022-03-01\"\namount = \"6000.00\"");
    let paper = Paper {
        file: "attachments/receipt.jpg".into(),
        document: DocumentId(id.into()),
        format: Format::Jpeg,
        pages: (1, 1),
        document_type: "bank_receipt".into(),
        type_confidence: 1.0,
        record: heyan::check::record(&fields.parse().unwrap(), Method::Located, &mut 0),
        problems: Vec::new(),
        assumed_dpi: false,
        content: Content { looks: vec![(1, look)], wording: None },
    };
    let declared = format!("case_id = \"{id}\"\napplicant = {{ name = \"{id}\" }}");
    let facts = Facts {
        declaration: &heyan::check::record(&declared.parse().unwrap(), Method::Declared, &mut 0),
        papers: &[paper],
        today: NaiveDate::default(),
        category: None,
        elsewhere: &[],
        not_understood: &[],
    };
    uses(&facts, pack, id)
}

#[test]
fn the_index_finds_pictures_that_are_nearly_the_same() {
    let pack = load("jiangsu-2023", &embedded("jiangsu-2023").unwrap()).unwrap();
    // Seven bits of the coarse print are off, one in each band but the last, and fifteen of the fine one.
    let with = |coarse: usize, fine: usize| {
        let mut bits: Vec<bool> = (0..COARSE * COARSE).map(|at| at % 3 == 0).collect();
        (0..coarse).for_each(|at| bits[at * 32] ^= true);
        let all = (0..FINE * FINE).map(|at| (at % 5 == 0) ^ (at < fine));
        Look::new(&bits, &all.collect::<Vec<_>>(), false)
    };
    let first = application(&pack, "A-1", "1", with(0, 0));
    let near = application(&pack, "A-2", "2", with(7, 15));
    let far = application(&pack, "A-3", "3", with(0, 300));
    let folder = tempfile::tempdir().unwrap();
    let place = |name: &str| folder.path().join(name).to_string_lossy().into_owned();
    let store = Store::open(&place("store.db"), Some(&place("files"))).unwrap();
    for uses in [&near, &far] {
        store.index(uses).unwrap();
    }
    let keys: Vec<&str> = first.iter().map(|one| one.key.as_str()).filter(|key| !key.is_empty()).collect();
    let found = compare(std::slice::from_ref(&first), &store.uses(&keys).unwrap());
    let places: Vec<(&str, Option<u32>)> =
        found[0].iter().map(|one| (one.application.as_str(), one.page)).collect();
    assert_eq!(places, [("A-2", Some(1))], "once, and not what shares a band only");
    assert_eq!(found[0][0].facts["receipt_number"], "2");
}
