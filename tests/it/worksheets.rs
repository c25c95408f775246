//! Worksheets of audit samples: written, filled in, read back; those that were changed; and the command.

use std::{
    fs,
    path::{Path, PathBuf},
    sync::Arc,
};

use heyan::{
    model::{
        case::MadeWith,
        limits::Limits,
        page::{Cell, CellValue, Sheet},
    },
    read,
    report::sample::workbook,
    sample::{
        Answer, Found, Method, Population, Sample, Verdict, evaluate,
        worksheet::{self, ANSWER, BOOK, Head},
    },
};
use proptest::prelude::*;
use rust_decimal::Decimal;
use serde_json::Value as Json;

use super::{
    cli::heyan,
    formats::zipped,
    sample::{items, order},
};

const AMOUNTS: [&str; 6] = ["100.10", "2000.25", "30.07", "4000000.99", "512.00", "60000.33"];

fn sample(method: Method, tolerable: &str) -> Sample {
    Sample::draw(order(method, tolerable, "0", 11), Population::new(items(&AMOUNTS))).unwrap()
}

fn head() -> Head {
    Head { case: "某申报".to_owned(), of: "audit".to_owned(), basis: "net".to_owned() }
}

/// The sheets of a sample's worksheet as they are read back.
fn sheets(sample: &Sample) -> Vec<Sheet> {
    let bytes = workbook(sample, &head(), &MadeWith::default()).unwrap();
    let document = read::read("worksheet.xlsx", Arc::from(bytes), &Limits::default());
    assert_eq!(document.problems, []);
    document.sheets
}

fn number(amount: &str) -> Cell {
    Cell { text: amount.to_owned(), value: CellValue::Number(amount.parse().unwrap()) }
}

fn text(text: &str) -> Cell {
    Cell { text: text.to_owned(), value: CellValue::Text }
}

/// Puts a cell into a sheet by its name, at a row and column from 0.
fn put(sheets: &mut [Sheet], name: &str, row: usize, column: usize, cell: Cell) {
    let rows = &mut sheets.iter_mut().find(|sheet| sheet.name == name).unwrap().rows;
    let cells = &mut rows[row];
    cells.resize(cells.len().max(column + 1), Cell::default());
    cells[column] = cell;
}

/// What is said of a worksheet after something was done to it: places and English words.
fn faults(sample: &Sample, change: impl Fn(&mut Vec<Sheet>)) -> Vec<String> {
    let mut sheets = sheets(sample);
    change(&mut sheets);
    let faults = worksheet::read(&sheets).unwrap_err();
    faults.into_iter().map(|fault| format!("{}: {}", fault.at, fault.message.en)).collect()
}

#[test]
fn a_worksheet_is_read_back_as_it_was_written() {
    let drawn = sample(Method::Mus, "3000000");
    assert!(!drawn.plan.whole && drawn.plan.interval.is_some());
    let mut sheets = sheets(&drawn);
    let read = worksheet::read(&sheets).unwrap();
    assert_eq!((&read.head, &read.sample.drawn), (&head(), &drawn.drawn));
    assert_eq!((read.sample.plan, read.answers.len()), (drawn.plan.clone(), 0));
    for row in 1..=drawn.drawn.len() {
        put(&mut sheets, worksheet::SAMPLE, row, ANSWER, number("99.99"));
    }
    // Typed as text it is the same amount; rows may be sorted.
    put(&mut sheets, worksheet::SAMPLE, 1, ANSWER, text("1,234.50"));
    let rows = &mut sheets.iter_mut().find(|sheet| sheet.name == worksheet::SAMPLE).unwrap().rows;
    rows[1..].reverse();
    let read = worksheet::read(&sheets).unwrap();
    assert_eq!(read.answers.len(), drawn.drawn.len());
    assert_eq!(read.answers[&drawn.drawn[0]], Answer::Audited("1234.5".parse().unwrap()));
}

#[test]
fn deviations_are_read_in_both_languages() {
    let drawn = sample(Method::Random, "30");
    assert!(drawn.drawn.len() >= 4, "{:?}", drawn.plan);
    let mut sheets = sheets(&drawn);
    for (row, word) in ["是", "否", "Yes", "no"].into_iter().enumerate() {
        put(&mut sheets, worksheet::SAMPLE, row + 1, ANSWER, text(word));
    }
    let read = worksheet::read(&sheets).unwrap();
    let found: Vec<Answer> = drawn.drawn[..4].iter().map(|number| read.answers[number]).collect();
    assert_eq!(found, [true, false, true, false].map(Answer::Deviates));
    let said = faults(&drawn, |sheets| put(sheets, worksheet::SAMPLE, 1, ANSWER, text("也许")));
    assert!(said[0].contains("!I2") && said[0].contains("也许") && said[0].contains("yes"), "{said:?}");
}

#[test]
fn what_was_changed_is_named_with_its_cell() {
    let drawn = sample(Method::Mus, "3000000");
    let only = |change: &dyn Fn(&mut Vec<Sheet>), parts: &[&str]| {
        let said = faults(&drawn, change);
        assert_eq!(said.len(), 1, "{said:?}");
        for part in parts {
            assert!(said[0].contains(part), "no `{part}` in {said:?}");
        }
    };
    let in_sample = |row, column, cell: Cell| {
        move |sheets: &mut Vec<Sheet>| put(sheets, worksheet::SAMPLE, row, column, cell.clone())
    };
    only(&in_sample(1, ANSWER, text("about 100")), &["样本 Sample!I2", "about 100", "1234.50"]);
    only(&in_sample(1, ANSWER, number("-1")), &["!I2", "-1"]);
    only(&in_sample(1, BOOK, number("100.11")), &["样本 Sample!E2", "100.11", "put it back"]);
    only(&in_sample(1, 2, text("12345678")), &["!C2", "12345678"]);
    only(&in_sample(0, ANSWER, text("Amount")), &["!I1", "审定金额"]);
}

#[test]
fn rows_that_are_gone_doubled_or_of_nobody_are_said() {
    let drawn = sample(Method::Mus, "3000000");
    let rows = |sheets: &mut Vec<Sheet>, change: &dyn Fn(&mut Vec<Vec<Cell>>)| {
        change(&mut sheets.iter_mut().find(|sheet| sheet.name == worksheet::SAMPLE).unwrap().rows);
    };
    let gone = faults(&drawn, |sheets| rows(sheets, &|rows| drop(rows.remove(1))));
    assert!(gone.len() == 1 && gone[0].contains(&format!("item {} is gone", drawn.drawn[0])), "{gone:?}");
    let emptied = faults(&drawn, |sheets| rows(sheets, &|rows| rows.truncate(1)));
    assert_eq!(emptied.len(), drawn.drawn.len());
    let unnumbered = faults(&drawn, |sheets| put(sheets, worksheet::SAMPLE, 1, 0, text("?")));
    assert!(unnumbered.len() == 2 && unnumbered[0].contains("!A2") && unnumbered[1].contains("is gone"));
    let twice = faults(&drawn, |sheets| rows(sheets, &|rows| rows.extend_from_within(1..2)));
    assert!(twice.len() == 1 && twice[0].contains("twice"), "{twice:?}");
    let missing = faults(&drawn, |sheets| sheets.retain(|sheet| sheet.name != worksheet::PLAN));
    assert!(missing[0].contains("no such sheet"), "{missing:?}");
    assert!(worksheet::read(&[]).is_err());
}

#[test]
fn another_population_or_another_plan_is_refused() {
    let drawn = sample(Method::Mus, "3000000");
    let raised = faults(&drawn, |sheets| put(sheets, worksheet::POPULATION, 2, BOOK, number("2000.26")));
    assert!(raised[0].contains("not the population"), "{raised:?}");
    let cut = faults(&drawn, |sheets| {
        let population = sheets.iter_mut().find(|sheet| sheet.name == worksheet::POPULATION).unwrap();
        population.rows.pop();
    });
    assert!(cut[0].contains("not the population"), "{cut:?}");
    let row_of = |key: &str| {
        let sheets = sheets(&drawn);
        let plan = sheets.into_iter().find(|sheet| sheet.name == worksheet::PLAN).unwrap();
        plan.rows.iter().position(|row| row[0].text == key).unwrap()
    };
    let tolerable = row_of(worksheet::TOLERABLE);
    let softer = faults(&drawn, |sheets| put(sheets, worksheet::PLAN, tolerable, 3, text("many")));
    assert!(softer[0].contains("计划 Plan!D") && softer[0].contains("many"), "{softer:?}");
    // Less is tolerated: more items would have been drawn than stand there.
    let harder = faults(&drawn, |sheets| put(sheets, worksheet::PLAN, tolerable, 3, text("5.00")));
    assert!(harder.iter().all(|said| said.contains("is gone")), "{harder:?}");
    let method = row_of(worksheet::METHOD);
    assert!(
        faults(&drawn, |sheets| put(sheets, worksheet::PLAN, method, 3, text("guess")))[0].contains("guess")
    );
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 48, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn every_text_and_amount_comes_back(
        rows in prop::collection::vec(("\\PC{0,12}", "[=\"'_x0-9A-F ]{0,12}", 1_i64..1_000_000_000_000_000), 1..12),
        seed in any::<u64>(),
    ) {
        let found = rows.iter().map(|(name, number, fen)| Found {
            name: name.clone(),
            number: number.clone(),
            amount: Some(Decimal::new(*fen, 2)),
            file: name.clone(),
            ..Found::default()
        });
        let population = Population::new(found.collect());
        let drawn = Sample::draw(order(Method::Mus, "0.01", "0", seed), population).unwrap();
        prop_assert!(drawn.plan.whole);
        let read = worksheet::read(&sheets(&drawn));
        prop_assert_eq!(read.map(|read| read.sample.population.items), Ok(drawn.population.items));
    }
}

fn case(name: &str) -> String {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/cases").join(name).display().to_string()
}

/// Fills in every answer of a worksheet on disk, as an office program would.
fn filled_in(file: &Path, answer: impl Fn(usize) -> String) -> PathBuf {
    let (parts, _) = read::unpack(&fs::read(file).unwrap(), &Limits::default());
    let fill = |xml: &str| {
        let mut pieces = xml.split("<c r=\"I");
        let mut filled = pieces.next().unwrap().to_owned();
        for piece in pieces {
            let (row, rest) = piece.split_once('"').unwrap();
            let row: usize = row.parse().unwrap();
            match rest.split_once("/>").filter(|(style, _)| row > 1 && !style.contains('>')) {
                Some((style, rest)) => {
                    filled += &format!("<c r=\"I{row}\"{style}><v>{}</v></c>{rest}", answer(row));
                }
                None => filled += &format!("<c r=\"I{row}\"{rest}"),
            }
        }
        filled
    };
    let parts: Vec<(String, Vec<u8>)> = parts
        .into_iter()
        .map(|(name, bytes)| match name.ends_with("worksheets/sheet2.xml") {
            true => (name, fill(std::str::from_utf8(&bytes).unwrap()).into_bytes()),
            false => (name, bytes.to_vec()),
        })
        .collect();
    let out = file.with_extension("filled.xlsx");
    let parts: Vec<(&str, &[u8])> = parts.iter().map(|(name, bytes)| (name.as_str(), &bytes[..])).collect();
    fs::write(&out, zipped(&parts)).unwrap();
    out
}

#[test]
fn a_shipped_case_is_sampled_filled_in_and_evaluated() {
    let folder = tempfile::tempdir().unwrap();
    let out = folder.path().join("worksheet.xlsx");
    let (out_text, factory) = (out.to_str().unwrap(), case("factory-planted"));
    let words = ["sample", &factory, "--seed", "7", "--tolerable", "15000000", "--today", "2023-03-01"];
    let draw = |more: &[&str]| heyan(&[&words, more].concat());
    let ran = draw(&["--format", "json", "--out", out_text]);
    // Pages without a reader are open points.
    assert_eq!(ran.code, 1, "{}", ran.err);
    let drawn: Json = serde_json::from_str(&ran.out).unwrap();
    assert_eq!(drawn["plan"]["needed"], "5", "ceil(22903200 × 2.99573227 / 15000000)");
    assert_eq!((&drawn["plan"]["of"], &drawn["plan"]["basis"]), (&Json::from("audit"), &Json::from("net")));
    assert_eq!(drawn["plan"]["population_book"], "22903200.00", "the audited total");
    let items = drawn["drawn"].as_array().unwrap();
    assert!(items.iter().all(|item| item["place"].as_str().unwrap().starts_with("p. 4 [")), "{items:?}");
    assert_eq!(draw(&["--format", "json"]).out, ran.out, "the same seed draws the same");
    let written = fs::read(&out).unwrap();
    draw(&["--out", out_text]);
    assert!(fs::read(&out).unwrap() == written, "and writes the same bytes");

    let empty = heyan(&["sample", "--evaluate", out_text, "--lang", "en"]);
    assert_eq!(empty.code, 1, "{}", empty.err);
    assert!(empty.out.contains(&format!("not examined: {}", items.len())), "{}", empty.out);
    let book = |row: usize| items[row - 2]["book"].as_str().unwrap().to_owned();
    let right = filled_in(&out, book);
    let right = heyan(&["sample", &factory, "--evaluate", right.to_str().unwrap(), "--format", "json"]);
    let found: Json =
        serde_json::from_str(&right.out).unwrap_or_else(|_| panic!("{}{}", right.out, right.err));
    assert_eq!((right.code, &found["verdict"]), (0, &Json::from("supported")), "{}", right.out);
    // 2.99573227 × 4580640.00
    assert_eq!(found["figures"]["overstatement"]["upper_limit"], "13722371.07");
    let wrong = filled_in(&out, |row| if row == 3 { "0".to_owned() } else { book(row) });
    let wrong = heyan(&["sample", "--evaluate", wrong.to_str().unwrap(), "--lang", "en"]);
    assert_eq!(wrong.code, 1, "{}", wrong.err);
    assert!(wrong.out.contains("does not support"), "{}", wrong.out);
}

#[test]
fn what_the_rules_set_apart_is_not_drawn() {
    let set_apart = |name: &str, of: &str| -> Vec<(String, String)> {
        let words = ["--tolerable", "50000", "--today", "2023-03-01", "--format", "json", "--of", of];
        let ran = heyan(&[&["sample", &case(name), "--seed", "1"], &words[..]].concat());
        let drawn: Json = serde_json::from_str(&ran.out).unwrap_or_else(|_| panic!("{}", ran.err));
        let text = |item: &Json, key: &str| item[key].as_str().unwrap().to_owned();
        let apart = drawn["set_apart"].as_array().unwrap();
        apart.iter().map(|item| (text(item, "reason"), text(item, "amount"))).collect()
    };
    let pair = |reason: &str, amount: &str| (reason.to_owned(), amount.to_owned());
    assert_eq!(set_apart("cloud-planted", "payments"), [pair("short_service", "60482.73")]);
    // The copy of an invoice that was planted; its line in the schedule is a second phase.
    assert!(set_apart("factory-planted", "invoices").contains(&pair("doubled_item", "1742100.00")));
    assert_eq!(set_apart("factory-planted", "audit"), []);
}

#[test]
fn worksheets_of_other_cases_and_files_that_are_none_are_refused() {
    let folder = tempfile::tempdir().unwrap();
    let out = folder.path().join("worksheet.xlsx");
    let out = out.to_str().unwrap();
    let cloud = case("cloud-clean");
    let ran = heyan(&[
        "sample",
        &cloud,
        "--seed",
        "1",
        "--method",
        "random",
        "--tolerable",
        "30%",
        "--out",
        out,
        "--lang",
        "en",
    ]);
    assert!(ran.out.contains("payments") && ran.code < 2, "{}{}", ran.out, ran.err);
    for (arguments, said) in [
        (vec!["sample", &case("platform-clean"), "--evaluate", out], vec!["another population", "hint: "]),
        (
            vec!["sample", "--evaluate", &format!("{cloud}/declaration.json")],
            vec!["is not the worksheet", "计划 Plan"],
        ),
        (
            vec!["sample", &cloud, "--seed", "1"],
            vec!["no total that cloud-clean has to reach", "hint: give --tolerable"],
        ),
        (
            vec!["sample", &cloud, "--seed", "1", "--of", "audit"],
            vec!["cloud-clean has no lines of the audit", "--of payments"],
        ),
        (
            vec!["sample", &cloud, "--seed", "1", "--tolerable", "5%"],
            vec!["--tolerable 5% is no amount", "4500000"],
        ),
        (
            vec!["sample", &cloud, "--seed", "1", "--method", "random", "--tolerable", "5"],
            vec!["no share of the items", "5%"],
        ),
        (
            vec!["sample", &cloud, "--seed", "1", "--confidence", "100"],
            vec!["--confidence 100", "such as 95"],
        ),
        (vec!["sample", &cloud], vec!["--seed"]),
        (vec!["sample", "fixtures/cases", "--seed", "1"], vec!["holds 6 cases", "name one of them"]),
    ] {
        let ran = heyan(&arguments);
        assert_eq!(ran.code, 2, "{arguments:?}: {}{}", ran.out, ran.err);
        for part in said {
            assert!(ran.err.contains(part), "{arguments:?}: no `{part}` in\n{}", ran.err);
        }
    }
}

#[test]
fn a_sample_from_a_case_supports_itself_once_examined() {
    let drawn = sample(Method::Mus, "3000000");
    let answers =
        drawn.drawn.iter().map(|number| (*number, Answer::Audited(drawn.population.items[number - 1].book)));
    assert_eq!(evaluate(&drawn, &answers.collect()).verdict, Verdict::Supported);
}
