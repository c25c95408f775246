//! What has to hold for every value, tried on many: the rules here are written independently of the
//! code they judge.
//!
//! The gate tries the same values each time. `PROPTEST_CASES=10000` tries more of them, and
//! `PROPTEST_RNG_SEED` others.

use std::sync::{Arc, LazyLock};

use chrono::{Datelike, NaiveDate};
use heyan::{
    arrange::arrange,
    classify::classify,
    draw,
    extract::{extract, extract_sheets},
    model::{
        document::Document,
        geometry::{Rect, Size},
        limits::Limits,
        page::{Origin, Page, Word},
        value::{
            code,
            date::{self, Period},
            fold, money, words,
        },
    },
    read,
    rulebook::types::{self, DocumentType},
};
use proptest::{
    prelude::*,
    sample::{Index, select},
    test_runner::RngSeed,
};
use rust_decimal::Decimal;

use super::formats::{pdf, zipped};

/// So many times the usual number of values.
fn times(factor: u32) -> ProptestConfig {
    let usual = ProptestConfig::default();
    let rng_seed = match usual.rng_seed {
        RngSeed::Random => RngSeed::Fixed(20_230_331),
        chosen => chosen,
    };
    ProptestConfig { cases: usual.cases * factor, rng_seed, failure_persistence: None, ..usual }
}

/// An amount in words as 《正确填写票据和结算凭证的基本规定》 has it: digit by digit, 零 for digits that are
/// skipped, 万 and 亿 behind groups of four.
fn in_words(fen: u64, yuan_sign: char, whole_after_jiao: bool) -> String {
    let digit = |d: u64| "零壹贰叁肆伍陆柒捌玖".chars().nth(usize::try_from(d).unwrap()).unwrap();
    let (yuan, jiao, last) = (fen / 100, fen / 10 % 10, fen % 10);
    let mut text = String::new();
    let (mut skipped, mut group_written) = (false, false);
    for place in (0..16).rev() {
        let d = yuan / 10_u64.pow(place) % 10;
        if d == 0 {
            skipped = true;
        } else {
            if skipped && !text.is_empty() {
                text.push('零');
            }
            text.push(digit(d));
            text.push_str(["", "拾", "佰", "仟"][(place % 4) as usize]);
            (skipped, group_written) = (false, true);
        }
        if place % 4 == 0 {
            if group_written {
                text.push_str(["", "万", "亿", "万"][(place / 4) as usize]);
            }
            group_written = false;
        }
    }
    if yuan > 0 || fen == 0 {
        text.push_str(if fen == 0 { "零" } else { "" });
        text.push(yuan_sign);
    }
    if jiao > 0 {
        text.push_str(&format!("{}角", digit(jiao)));
    } else if last > 0 && yuan > 0 {
        text.push('零');
    }
    if last > 0 {
        text.push_str(&format!("{}分", digit(last)));
    } else if jiao == 0 || whole_after_jiao {
        text.push('整');
    }
    text
}

/// 1234567 as 1,234,567.
fn grouped(whole: u64) -> String {
    let plain = whole.to_string();
    let mut text = String::new();
    for (at, c) in plain.chars().enumerate() {
        if at > 0 && (plain.len() - at).is_multiple_of(3) {
            text.push(',');
        }
        text.push(c);
    }
    text
}

fn day() -> impl Strategy<Value = NaiveDate> {
    let (first, last) = (NaiveDate::from_ymd_opt(1950, 1, 1), NaiveDate::from_ymd_opt(2099, 12, 31));
    (first.unwrap().num_days_from_ce()..=last.unwrap().num_days_from_ce())
        .prop_map(|days| NaiveDate::from_num_days_from_ce_opt(days).unwrap())
}

/// 31 as 三十一.
fn numeral(number: u32) -> String {
    let digit = |d: u32| "〇一二三四五六七八九".chars().nth(d as usize).unwrap();
    match (number / 10, number % 10) {
        (0, ones) => digit(ones).to_string(),
        (tens, ones) => {
            let tens = if tens > 1 { digit(tens).to_string() } else { String::new() };
            tens + "十" + &if ones > 0 { digit(ones).to_string() } else { String::new() }
        }
    }
}

const MONTHS: [&str; 12] = [
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
];

/// A day in every form that documents print.
fn printed(on: NaiveDate) -> Vec<String> {
    let (y, m, d) = (on.year(), on.month(), on.day());
    let month = MONTHS[m as usize - 1];
    let year: String =
        y.to_string().chars().map(|c| numeral(c.to_digit(10).unwrap())).collect::<Vec<_>>().concat();
    let mut forms = vec![
        format!("{y}年{m}月{d}日"),
        format!("{y}年{m:02}月{d:02}日"),
        format!("{y} 年 {m:02} 月 {d:02} 日"),
        format!("{y}-{m:02}-{d:02}"),
        format!("{y}.{m}.{d}"),
        format!("{y}/{m}/{d}"),
        format!("{y}{m:02}{d:02}"),
        format!("{year}年{}月{}日", numeral(m), numeral(d)),
        format!("{}年{}月{}日", year.replace('〇', "零"), numeral(m), numeral(d)),
        format!("{} {d:02}, {y}", month[..3].to_uppercase()),
        format!("{month} {d}, {y}"),
        format!("{d} {month} {y}"),
        format!("{d} {month}, {y}"),
        format!("{d:02}-{}-{y}", &month[..3]),
    ];
    // With a day up to twelve nobody can tell it from the month.
    if d > 12 || d == m {
        forms.push(format!("{d:02}-{m:02}-{y}"));
    }
    forms
}

fn credit_code() -> impl Strategy<Value = String> {
    let letters: Vec<char> = LETTERS.chars().collect();
    prop::collection::vec(select(letters), 17).prop_map(|letters| {
        let head: String = letters.into_iter().collect();
        let check = code::uscc_check(&head).unwrap();
        head + &check.to_string()
    })
}

/// The letters of a credit code, in alphabetical order.
const LETTERS: &str = "0123456789ABCDEFGHJKLMNPQRTUWXY";

proptest! {
    #![proptest_config(times(8))]

    /// Plain characters take a shorter way, and one that is not plain sends the whole text the longer one.
    #[test]
    fn a_name_folds_alike_whichever_way_it_takes(name in "[ -~一-龥]{0,24}") {
        let longer = fold::folded(&format!("{name}Ａ"));
        prop_assert_eq!(longer, fold::folded(&name) + "A");
    }

    #[test]
    fn words_and_figures_say_the_same(
        fen in prop_oneof![0..1_000_u64, 0..100_000_000_u64, 0..100_000_000_000_000_u64],
        zeros in 0..9_u32,
        sign in select(vec!['元', '圆']),
        whole in any::<bool>(),
    ) {
        // Round amounts are the usual ones, and the ones with 零 in them.
        let fen = fen / 10_u64.pow(zeros) * 10_u64.pow(zeros);
        let text = in_words(fen, sign, whole);
        prop_assert_eq!(words::parse(&text), Ok(Decimal::new(i64::try_from(fen).unwrap(), 2)), "{}", text);
    }

    #[test]
    fn an_amount_lost_in_words_is_noticed(fen in 1..100_000_000_000_000_u64, at in any::<Index>()) {
        // A numeral that is not read leaves its unit alone; what is still an amount is another one.
        let text: Vec<char> = in_words(fen, '元', true).chars().collect();
        let numerals: Vec<usize> = (0..text.len()).filter(|i| "壹贰叁肆伍陆柒捌玖".contains(text[*i])).collect();
        let lost = numerals[at.index(numerals.len())];
        let rest: String = text.iter().enumerate().filter(|(i, _)| *i != lost).map(|(_, c)| c).collect();
        let amount = Decimal::new(i64::try_from(fen).unwrap(), 2);
        // 壹拾 is printed without its 壹 as well and means the same.
        let same = text[lost] == '壹' && text.get(lost + 1) == Some(&'拾');
        prop_assert!(same || words::parse(&rest) != Ok(amount), "{rest}");
    }

    #[test]
    fn figures_come_back(fen in 0..1_000_000_000_000_000_u64, negative in any::<bool>()) {
        let (whole, fraction) = (fen / 100, fen % 100);
        let amount = Decimal::new(i64::try_from(fen).unwrap(), 2);
        let amount = if negative { -amount } else { amount };
        let minus = if negative { "-" } else { "" };
        for text in [
            format!("{minus}{whole}.{fraction:02}"),
            format!("{minus}{}.{fraction:02}", grouped(whole)),
            format!("¥{minus}{}.{fraction:02}", grouped(whole)),
            format!("￥ {minus} {}.{fraction:02} 元", grouped(whole)),
            if negative { format!("({}.{fraction:02})", grouped(whole)) } else { money::wire(amount) },
        ] {
            prop_assert_eq!(money::parse_figures(&text), Some(amount), "{}", text);
        }
    }

    #[test]
    fn a_broken_group_is_no_amount(whole in 1_000_000..1_000_000_000_000_u64, at in any::<Index>(), how in 0..4) {
        let whole = grouped(whole);
        let commas: Vec<usize> = whole.match_indices(',').map(|(i, _)| i).collect();
        let comma = commas[at.index(commas.len())];
        let broken = match how {
            // One digit read too few, or one too many, in a group behind a separator.
            0 => format!("{}{}", &whole[..comma + 1], &whole[comma + 2..]),
            1 => format!("{}7{}", &whole[..comma + 1], &whole[comma + 1..]),
            // The head was lost, or one of several separators.
            2 => whole[comma..].to_owned(),
            _ => format!("{}{}", &whole[..comma], &whole[comma + 1..]),
        };
        for text in [broken.clone(), format!("¥{broken}.00"), format!("-{broken}.50")] {
            prop_assert_eq!(money::parse_figures(&text), None, "{}", text);
        }
    }

    #[test]
    fn printed_dates_come_back(on in day()) {
        for text in printed(on) {
            prop_assert_eq!(date::parse_day(&text), Some(on), "{}", text);
        }
    }

    #[test]
    fn a_changed_credit_code_is_noticed(code in credit_code(), at in 0..18_usize, other in any::<char>(), letter in any::<Index>()) {
        prop_assert!(code::uscc_is_valid(&code));
        let change = |to: char| -> String {
            code.chars().enumerate().map(|(i, c)| if i == at { to } else { c }).collect()
        };
        for to in [other, LETTERS.chars().nth(letter.index(LETTERS.len())).unwrap(), 'O', 'I', 'z'] {
            let changed = change(to);
            prop_assert!(changed == code || !code::uscc_is_valid(&changed), "{code} and {changed}");
        }
        let mut swapped: Vec<char> = code.chars().collect();
        swapped.swap(at, (at + 1) % 18);
        let swapped: String = swapped.into_iter().collect();
        // The first and the last letter do not stand beside each other.
        prop_assert!(at == 17 || swapped == code || !code::uscc_is_valid(&swapped), "{code} and {swapped}");
        let longer = code.clone() + "0";
        prop_assert!(!code::uscc_is_valid(&code[1..]) && !code::uscc_is_valid(&longer));
    }

    #[test]
    fn months_later_is_the_same_day_or_the_last(on in day(), months in -1200..1200_i32) {
        let leap = |y: i32| y % 4 == 0 && (y % 100 != 0 || y % 400 == 0);
        let count = on.year() * 12 + on.month0() as i32 + months;
        let (year, month) = (count.div_euclid(12), count.rem_euclid(12) as usize);
        let longest = [31, if leap(year) { 29 } else { 28 }, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31][month];
        let wanted = NaiveDate::from_ymd_opt(year, month as u32 + 1, on.day().min(longest));
        prop_assert_eq!(date::add_months(on, months), wanted);
        prop_assert_eq!(date::add_years(on, months / 12), date::add_months(on, months / 12 * 12));
    }

    #[test]
    fn a_clipped_period_lies_inside_both(days in prop::array::uniform4(day())) {
        let period = |a: NaiveDate, b: NaiveDate| Period::new(a.min(b), a.max(b)).unwrap();
        let (one, other) = (period(days[0], days[1]), period(days[2], days[3]));
        let both = one.clipped(&other);
        prop_assert_eq!(both, other.clipped(&one));
        if let Some(both) = both {
            prop_assert!(one.covers(&both) && other.covers(&both));
        }
        for on in days {
            prop_assert_eq!(both.is_some_and(|both| both.contains(on)), one.contains(on) && other.contains(on));
        }
    }

    #[test]
    fn no_text_is_too_odd_for_a_value(text in any::<String>(), salt in "[0-9零壹拾万元角整年月日.,()¥ -]{0,12}") {
        for text in [&text, &salt, &format!("{salt}{text}{salt}")] {
            let _ = (money::parse_figures(text), words::parse(text), date::parse(text));
            let _ = (code::uscc_is_valid(text), code::organisation_code_is_valid(text));
        }
    }
}

/// Damage to a file: bits turned, a stretch lost, a stretch doubled, the end cut off.
#[derive(Clone, Debug)]
enum Damage {
    Bits(Vec<(Index, u8)>),
    Lost(Index, usize),
    Doubled(Index, usize),
    Cut(Index),
}

fn damage() -> impl Strategy<Value = Damage> {
    prop_oneof![
        prop::collection::vec((any::<Index>(), 1..=255_u8), 1..12).prop_map(Damage::Bits),
        (any::<Index>(), 1..40_usize).prop_map(|(at, length)| Damage::Lost(at, length)),
        (any::<Index>(), 1..200_usize).prop_map(|(at, length)| Damage::Doubled(at, length)),
        any::<Index>().prop_map(Damage::Cut),
    ]
}

fn damaged(bytes: &[u8], damage: &Damage) -> Vec<u8> {
    let mut bytes = bytes.to_vec();
    let stretch = |at: &Index, length: usize| {
        let from = at.index(bytes.len());
        from..(from + length).min(bytes.len())
    };
    match damage {
        Damage::Bits(flips) => flips.iter().for_each(|(at, mask)| {
            let at = at.index(bytes.len());
            bytes[at] ^= mask;
        }),
        Damage::Lost(at, length) => drop(bytes.drain(stretch(at, *length))),
        Damage::Doubled(at, length) => {
            let range = stretch(at, *length);
            let again = bytes[range.clone()].to_vec();
            bytes.splice(range.start..range.start, again);
        }
        Damage::Cut(at) => bytes.truncate(at.index(bytes.len())),
    }
    bytes
}

/// A workbook, the damage done to its sheet before it is packed, where a checksum would find it.
fn workbook(harm: impl Fn(&[u8]) -> Vec<u8>) -> Vec<u8> {
    let sheet = harm(br#"<?xml version="1.0"?><worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><sheetData><row r="1"><c r="A1" t="inlineStr"><is><t>Cost</t></is></c><c r="B1" t="s"><v>0</v></c></row><row r="2"><c r="A2"><v>12.5</v></c><c r="B2" t="e"><v>#N/A</v></c></row></sheetData></worksheet>"#);
    zipped(&[
        ("[Content_Types].xml", br#"<?xml version="1.0"?><Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types"><Default Extension="xml" ContentType="application/xml"/></Types>"#),
        ("_rels/.rels", br#"<?xml version="1.0"?><Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships"><Relationship Id="r1" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/officeDocument" Target="xl/workbook.xml"/></Relationships>"#),
        ("xl/workbook.xml", br#"<?xml version="1.0"?><workbook xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main" xmlns:r="http://schemas.openxmlformats.org/officeDocument/2006/relationships"><sheets><sheet name="S" sheetId="1" r:id="r1"/></sheets></workbook>"#),
        ("xl/_rels/workbook.xml.rels", br#"<?xml version="1.0"?><Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships"><Relationship Id="r1" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/worksheet" Target="worksheets/sheet1.xml"/><Relationship Id="r2" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/sharedStrings" Target="sharedStrings.xml"/></Relationships>"#),
        ("xl/sharedStrings.xml", br#"<?xml version="1.0"?><sst xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><si><t>Date</t></si></sst>"#),
        ("xl/worksheets/sheet1.xml", &sheet),
    ])
}

/// Their patterns take longer to make than a page takes to read.
static TYPES: LazyLock<Vec<DocumentType>> = LazyLock::new(|| types::embedded().unwrap());

/// Reads a file as far as it goes and says what it is found to be; whatever it is, it is a document.
fn survived(name: &str, bytes: Vec<u8>) -> Document {
    let mut document = read::read(name, Arc::from(bytes), &Limits::default());
    document.pages.iter_mut().for_each(arrange);
    for segment in classify(&document.pages, &TYPES) {
        let _ = extract(&document, &segment, &TYPES);
    }
    let _ = extract_sheets(&document, &TYPES);
    document
}

#[test]
fn the_undamaged_files_are_whole() {
    let found = survived("a.xlsx", workbook(<[u8]>::to_vec));
    assert!(found.problems.is_empty(), "{:?}", found.problems);
    assert_eq!(found.sheets[0].rows[1][0].text, "12.5");
}

proptest! {
    #![proptest_config(times(2))]

    #[test]
    fn damage_is_survived(harm in damage()) {
        let text = pdf("BT /F 12 Tf 1 0 0 1 40 200 Tm (Invoice No 1234) Tj 0 -20 Td [(ke) -80 (rned)] TJ ET 1 w 9 9 m 90 9 l S");
        let picture = draw::png(&image::RgbImage::from_fn(24, 16, |x, y| image::Rgb([x as u8, y as u8, 90])));
        let archive = zipped(&[("a.csv", "金额,名称\n1.5,甲\n".as_bytes()), ("b/c.pdf", &text)]);
        let found = [
            survived("a.pdf", damaged(&text, &harm)),
            survived("a.png", damaged(&picture, &harm)),
            survived("a.zip", damaged(&archive, &harm)),
            survived("a.xlsx", damaged(&workbook(<[u8]>::to_vec), &harm)),
            survived("a.xlsx", workbook(|sheet| damaged(sheet, &harm))),
            survived("a.csv", damaged("账期,产品,金额\n2022-01,\"云\",1.50\n".as_bytes(), &harm)),
        ];
        for document in found {
            let said = |code: &str| document.problems.iter().any(|problem| problem.code == code);
            // A decoder of others may fail, and is caught; text is taken apart by our own code.
            prop_assert!(document.name != "a.csv" || !said("reader-crashed"), "{harm:?}");
            let nothing = document.pages.is_empty() && document.sheets.is_empty() && document.parts.is_empty();
            prop_assert!(!nothing || !document.problems.is_empty(), "{} is silent", document.name);
        }
    }

    #[test]
    fn any_heap_of_words_is_taken_apart(
        words in prop::collection::vec((select(WORDS.to_vec()), 0.0..600.0, 0.0..800.0, 0.0..90.0, 0.0..40.0), 0..60),
        lines in prop::collection::vec((0.0..600.0, 0.0..800.0, 0.0..600.0, 0.0..2.0), 0..20),
    ) {
        let mut page = Page { number: 1, size: Size { width: 595.0, height: 842.0 }, ..Page::default() };
        page.words = words
            .into_iter()
            .map(|(text, left, top, width, height): (&str, f64, f64, f64, f64)| Word {
                text: text.to_owned(),
                bounds: Rect::new(left, top, left + width, top + height),
                edges: Vec::new(),
                origin: Origin::Printed,
            })
            .collect();
        page.strokes = lines.into_iter().map(|(x, y, w, h)| Rect::new(x, y, x + w, y + h)).collect();
        arrange(&mut page);
        let taken: usize = page.lines.iter().map(|line| line.words.len()).sum();
        prop_assert_eq!(taken, page.words.len(), "every word stands in one line");
        let mut document = read::read("a.pdf", Arc::from(*b"%PDF-"), &Limits::default());
        document.pages = vec![page];
            for segment in classify(&document.pages, &TYPES) {
            let paper = extract(&document, &segment, &TYPES);
            paper.record.for_each("", &mut |path, fact| {
                assert!(!fact.evidence.anchors.is_empty(), "{path} has no place");
            });
        }
    }
}

/// Words that mean something to a document type, and some that do not.
const WORDS: &[&str] = &[
    "营业执照",
    "名称",
    "类型",
    "成立日期",
    "统一社会信用代码",
    "登记机关",
    "增值税电子普通发票",
    "价税合计",
    "(大写)",
    "(小写)",
    "¥12.50",
    "合计",
    "项目名称",
    "金额",
    "税率",
    "税额",
    "单价",
    "数量",
    "审计报告",
    "会计师事务所",
    "注册会计师",
    "单位:万元",
    "不含税金额",
    "序号",
    "供应商",
    "回单",
    "付款人",
    "收款人",
    "银行",
    "两化融合管理体系",
    "评定证书",
    "有效期三年",
    "颁证日期",
    "2022年12月31日",
    "壹仟元整",
    "一二三",
    "Certificate",
    "No.",
    "Co.,Ltd.",
    "\u{301}",
    "ﬁ",
    "㎡",
    "１２",
    ":",
    "***",
];
