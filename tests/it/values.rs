//! Amounts, dates and codes as they are printed, against the vectors of the standards.

use heyan::model::value::{Money, code, date, money, words};
use rust_decimal::Decimal;

fn decimal(text: &str) -> Decimal {
    text.parse().unwrap()
}

#[test]
fn amounts_in_words() {
    for (text, fen) in [
        ("壹仟肆佰零玖元伍角", 140_950),
        ("壹仟陆佰捌拾元零叁角贰分", 168_032),
        ("壹仟陆佰捌拾元叁角贰分", 168_032),
        ("壹拾万柒仟元零伍角叁分", 10_700_053),
        ("壹拾万零柒仟元伍角叁分", 10_700_053),
        ("壹万陆仟肆佰零玖元零贰分", 1_640_902),
        ("拾元整", 1_000),
        ("贰仟零叁拾伍万陆仟柒佰元整", 2_035_670_000),
        ("壹亿零伍拾万元整", 10_050_000_000),
        ("伍角整", 50),
        ("（负数）壹万壹仟叁佰圆整", -1_130_000),
        ("叁佰零贰元", 30_200),
        ("壹仟零贰拾元整", 102_000),
        ("壹拾万伍佰元整", 10_050_000),
        ("壹亿伍拾万元整", 10_050_000_000),
    ] {
        assert_eq!(words::parse(text), Ok(Decimal::new(fen, 2)), "{text}");
    }
    // The last ones have lost a unit with its digit: a gap is written 零.
    for text in [
        "贰仟万",
        "伍仟陆仟元整",
        "壹贰元整",
        "元整",
        "壹仟元整壹",
        "壹佰仟元",
        "叁佰贰元",
        "壹仟贰拾元整",
        "壹仟贰元整",
        "贰仟零壹佰贰元整",
        "壹佰贰万元整",
    ] {
        assert!(words::parse(text).is_err(), "{text}");
    }
}

#[test]
fn amounts_in_figures() {
    for (text, amount) in [
        ("¥1,234.50", "1234.50"),
        ("￥-12.00", "-12.00"),
        ("(1,234.50)", "-1234.50"),
        ("20356700", "20356700"),
        ("人民币 1,234.50 元整", "1234.50"),
        ("RMB ¥ -12.00", "-12.00"),
        ("-¥12.00元", "-12.00"),
        ("( ¥12 )", "-12"),
        ("100 CNY", "100"),
        ("1 234.00", "1234.00"),
        ("1, 234, 567.00", "1234567.00"),
        (" 100\n", "100"),
    ] {
        assert_eq!(money::parse_figures(text), Some(decimal(amount)), "{text}");
    }
    for text in [
        "1,23.50",
        ",797.00",
        "12.",
        "1.234,56",
        "",
        "一百",
        "1200\n3400",
        "1,200\n,340",
        "RMB100 RMB200",
        "100元200元",
        "1200 3400",
        "1 2345.00",
        "12 34.00",
        "100 200",
        "1.5 0",
        "1 .50",
        "¥\n100",
        "100-200",
    ] {
        assert_eq!(money::parse_figures(text), None, "{text}");
    }
}

#[test]
fn printed_precision_is_a_band() {
    let declared = Money::in_unit(decimal("2035.67"), "万元").unwrap();
    assert_eq!(declared.yuan, decimal("20356700"));
    assert_eq!(declared.half_unit(), decimal("50"));
    assert_eq!(Money::yuan(decimal("20356738.00")).half_unit(), Decimal::ZERO);
}

#[test]
fn dates_in_every_form() {
    for text in [
        "2023年3月31日",
        "20 23 年0 3月3 1日",
        "2023年03月31日",
        "2023.03.31",
        "2023-3-31",
        "2023/3/31",
        "20230331",
        "二〇二三年三月三十一日",
        "二零二三年三月三十一日",
        "二○二三年三月三十一日",
        "2023 年 03 月 31 日",
        "2023-3-31 0:00",
        "2023/3/31\t8:00",
        "2023.3.31\n10:15",
        "2023-3-31\u{3000}8:00",
        "2023年3月31 0:00",
        "20230331 08:00:00",
        "31-03-2023 8:00",
        "2023年3月3 1日",
        "贰零贰叁年零叁月叁拾壹日",
    ] {
        assert_eq!(date::parse_day(text).map(|d| d.to_string()).as_deref(), Some("2023-03-31"), "{text}");
    }
    for text in
        ["2023年2月30日", "23年3月1日", "长期", "2023年3月", "2023-3-310", "2023 0331", "2023-3 1 8:00"]
    {
        assert_eq!(date::parse_day(text), None, "{text}");
    }
    // A day ends where white space begins.
    for (text, day) in [
        ("2023-1-1 0:00", "2023-01-01"),
        ("2022/5/1 8:00", "2022-05-01"),
        ("2022.5.1\n8", "2022-05-01"),
        ("二〇二二年零壹拾月零贰拾日", "2022-10-20"),
        ("二〇二二年零壹拾壹月零叁日", "2022-11-03"),
    ] {
        assert_eq!(date::parse_day(text).map(|day| day.to_string()).as_deref(), Some(day), "{text}");
    }
    let clamped = date::add_months(date::parse_day("2022-11-30").unwrap(), 3).unwrap();
    assert_eq!(clamped.to_string(), "2023-02-28");
    assert_eq!(date::add_years(date::parse_day("2020-02-29").unwrap(), 3).unwrap().to_string(), "2023-02-28");
}

#[test]
fn credit_codes_and_checksums() {
    for good in ["91350100M000100Y43", "91512081MA62K0260E", "91320100MA1ABC1235", "91320500MAYDGTXM70"] {
        assert!(code::uscc_is_valid(good), "{good}");
    }
    assert!(!code::uscc_is_valid("91350100M000100Y4Z"));
    for (read, code, valid) in [
        ("91350100M000100Y43", "91350100M000100Y43", true),
        ("9I35OlOOm0001OOY43", "91350100M000100Y43", false),
        ("9I35O100MO00100y43", "91350100M000100Y43", true),
        // A letter that no code has is no licence to take any other code.
        ("9I350100M000100Y44", "9I350100M000100Y44", false),
    ] {
        let (found, is_valid) = code::uscc_as_read(read);
        assert_eq!(is_valid, valid, "{read}");
        assert!(!valid && found == read.to_uppercase() || found == code, "{read}: {found}");
    }
    assert!(code::organisation_code_is_valid("91350100M000100Y43"));
    assert_eq!(code::crc16(b"123456789"), 0xFEE8);
    assert_eq!(code::crc16(b"01,31,,24312000000358032546,633.00,20241118,,"), 0x16C0);
}
