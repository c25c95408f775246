//! Audit samples: figures of published tables and textbooks, and what has to hold for every population.
//!
//! Oracles A, B and C are exercises of textbooks; their tables round factors up to two decimals.

use std::collections::BTreeMap;

use heyan::sample::{
    Answer, Factors, Figures, Found, Generator, Method, Order, Population, Sample, SampleError, Verdict,
    attribute, evaluate, expansion,
    monetary::{self, Misstatement},
};
use proptest::prelude::*;
use rust_decimal::Decimal;

fn decimal(text: &str) -> Decimal {
    text.parse().unwrap()
}

/// The factors of a table at 95 %.
fn printed(table: &[&str]) -> Factors {
    Factors::printed(decimal("95"), &table.iter().map(|factor| decimal(factor)).collect::<Vec<_>>())
}

fn errors(pairs: &[(&str, &str)]) -> Vec<(usize, Decimal, Decimal)> {
    (1..).zip(pairs).map(|(number, (book, audited))| (number, decimal(book), decimal(audited))).collect()
}

fn near(found: Decimal, wanted: &str, by: &str) {
    assert!((found - decimal(wanted)).abs() <= decimal(by), "{found} is not {wanted} within {by}");
}

/// Items of these amounts.
pub(super) fn items(amounts: &[&str]) -> Vec<Found> {
    let found = |(at, amount): (usize, &&str)| Found {
        name: format!("设备{at}"),
        number: format!("{at:08}"),
        date: "2022-05-01".to_owned(),
        amount: Some(decimal(amount)),
        file: "attachments/a.pdf".to_owned(),
        document: "00".to_owned(),
        place: format!("p. 1 [72.0, {at}.0, 200.0, 112.0]"),
        numbered: false,
        apart: None,
    };
    amounts.iter().enumerate().map(found).collect()
}

pub(super) fn order(method: Method, tolerable: &str, expected: &str, seed: u64) -> Order {
    let (tolerable, expected) = (decimal(tolerable), decimal(expected));
    Order { method, confidence: decimal("95"), tolerable, expected, seed }
}

fn misstated(sample: &Sample, answers: &BTreeMap<usize, Answer>) -> Misstatement {
    match evaluate(sample, answers).figures {
        Some(Figures::Monetary { over, .. }) => over,
        other => panic!("not in yuan: {other:?}"),
    }
}

#[test]
fn factors_are_those_of_the_poisson_distribution() {
    for (confidence, wanted) in [
        ("90", ["2.3026", "3.8897", "5.3223", "6.6808", "7.9936", "9.2747"]),
        ("95", ["2.9957", "4.7439", "6.2958", "7.7537", "9.1535", "10.5130"]),
        ("99", ["4.6052", "6.6384", "8.4059", "10.0451", "11.6046", "13.1085"]),
    ] {
        let factors = Factors::exact(decimal(confidence));
        let found: Vec<Decimal> = (0..6).map(|errors| factors.at(errors).round_dp(4)).collect();
        assert_eq!(found, wanted.map(decimal), "{confidence} %");
    }
    // Far beyond any table it is near the normal distribution: k + 1.645 √k.
    near(Factors::exact(decimal("95")).at(10_000), "10166", "5");
    for (confidence, wanted) in
        [("95", Some("1.6")), ("90", Some("1.5")), ("99", Some("1.9")), ("93", Some("1.6")), ("99.5", None)]
    {
        assert_eq!(expansion(decimal(confidence)), wanted.map(decimal), "{confidence} %");
    }
}

#[test]
fn oracle_a_size_interval_and_limit_without_errors() {
    let (book, factors) = (decimal("2500000"), printed(&["3.0"]));
    // The source rounds 93.0004 down.
    let points = monetary::points(book, decimal("125000"), decimal("27722"), decimal("1.6"), &factors);
    assert_eq!(points, Some(94));
    let interval = monetary::interval(book, 93);
    near(interval, "26882", "0.5");
    near(monetary::overstated(&[], Some(interval), &factors).upper_limit, "80646", "1");
}

#[test]
fn oracle_b_five_errors_of_which_two_were_certain() {
    let found =
        errors(&[("1500", "1000"), ("2400", "1200"), ("8200", "7500"), ("6000", "5400"), ("9000", "8000")]);
    let interval = monetary::interval(decimal("720000"), 90);
    assert_eq!(interval, decimal("8000"));
    let over = monetary::overstated(&found, Some(interval), &printed(&["3.00", "4.75", "6.30", "7.76"]));
    let certain: Decimal =
        over.errors.iter().filter(|error| error.certain).map(|error| error.projected).sum();
    assert_eq!(certain, decimal("1700"));
    near(over.projected, "9166.67", "0.005");
    assert_eq!(over.basic_precision, decimal("24000"));
    near(over.incremental, "4834.67", "0.005");
    near(over.upper_limit, "38001.33", "0.005");
    let under = monetary::understated(&found, Some(interval));
    assert_eq!((under.known, under.projected), (Decimal::ZERO, Decimal::ZERO));
}

#[test]
fn oracle_c_by_printed_and_by_exact_factors() {
    let found = errors(&[("15000", "12500"), ("10000", "4000"), ("3000", "2000")]);
    let interval = Some(decimal("12300"));
    let over = monetary::overstated(&found, interval, &printed(&["3.00", "4.75", "6.30"]));
    near(over.projected, "13980", "0.005");
    near(over.basic_precision, "36900", "0.005");
    near(over.incremental, "7790", "0.005");
    near(over.upper_limit, "58670", "0.005");
    let exact = monetary::overstated(&found, interval, &Factors::exact(decimal("95")));
    near(exact.upper_limit, "58611.63", "0.005");
}

#[test]
fn the_headroom_of_a_factory_takes_seventeen_points() {
    let factors = Factors::exact(decimal("95"));
    let points =
        monetary::points(decimal("24500000"), decimal("4500000"), Decimal::ZERO, Decimal::ONE, &factors);
    assert_eq!(points, Some(17));
}

#[test]
fn sizes_of_attribute_samples_are_those_of_tables() {
    let size = |confidence, tolerable, expected| {
        let size = attribute::size(decimal(confidence), decimal(tolerable), decimal(expected)).unwrap();
        (size.items, size.allowed)
    };
    assert_eq!(size("95", "5", "0"), (59, 0));
    assert_eq!(size("95", "10", "0"), (29, 0));
    assert_eq!(size("95", "5", "1"), (93, 1));
    assert_eq!(size("95", "5", "2"), (181, 4));
    assert_eq!(size("90", "5", "0"), (45, 0));
    assert_eq!(attribute::size(decimal("95"), decimal("5"), decimal("4.9")), None);
    // Two of ten may not deviate: 8 items miss both with chance 1/45, 7 with 8/120.
    assert_eq!(
        attribute::size_of(decimal("95"), decimal("10"), Decimal::ZERO, 10).map(|size| size.items),
        Some(8)
    );
    assert_eq!(attribute::upper_count(decimal("95"), 0, 8, 10), 1);
    assert_eq!(attribute::upper_count(decimal("95"), 0, 7, 10), 2);
    assert_eq!(attribute::upper_count(decimal("95"), 3, 10, 10), 3);
    // With one certain to deviate out of ten nothing less than all will do.
    assert_eq!(attribute::size_of(decimal("95"), decimal("5"), Decimal::ZERO, 10), None);
    // Printed limits are rounded up to a tenth of a percent.
    for (found, size, wanted) in
        [(0, 25, "11.3"), (1, 25, "17.7"), (0, 60, "4.9"), (0, 100, "3.0"), (1, 100, "4.7"), (5, 100, "10.3")]
    {
        let rate = attribute::upper_rate(decimal("95"), found, size);
        assert_eq!((rate * Decimal::TEN).ceil() / Decimal::TEN, decimal(wanted), "{found} of {size}");
    }
    assert_eq!(attribute::upper_rate(decimal("95"), 4, 4), decimal("100"));
}

#[test]
fn the_generator_is_the_one_that_was_published() {
    let mut generator = Generator::new(1_234_567);
    let found: Vec<u64> = (0..5).map(|_| generator.bits()).collect();
    let wanted = [
        6_457_827_717_110_365_317,
        3_203_168_211_198_807_973,
        9_817_491_932_198_370_423,
        4_593_380_528_125_082_431,
        16_408_922_859_458_223_821,
    ];
    assert_eq!(found, wanted);
    assert!((0..1000).map(|_| generator.below(7)).all(|number| number < 7));
    assert_eq!(generator.below(0), 0);
}

#[test]
fn large_items_are_drawn_more_often_and_random_ones_alike() {
    let amounts = ["100.00", "200.00", "300.00", "400.00"];
    let (mut by_money, mut by_item) = ([0_u32; 4], [0_u32; 4]);
    for seed in 0..4000 {
        let draw = |order| Sample::draw(order, Population::new(items(&amounts))).unwrap();
        // CF₀ × 1000 / 1500 is two points: an interval of 500 yuan.
        let sample = draw(order(Method::Mus, "1500", "0", seed));
        assert_eq!((sample.plan.needed, sample.plan.interval), (Some(2), Some(decimal("500"))));
        sample.drawn.iter().for_each(|number| by_money[number - 1] += 1);
        let sample = draw(order(Method::Random, "60", "0", seed));
        assert_eq!((sample.plan.needed, sample.drawn.len()), (Some(2), 2));
        sample.drawn.iter().for_each(|number| by_item[number - 1] += 1);
    }
    // Chances of 0.2, 0.4, 0.6 and 0.8; and of one half each. Five standard deviations are 158.
    for (found, wanted) in
        by_money.iter().zip([800_u32, 1600, 2400, 3200]).chain(by_item.iter().zip([2000; 4]))
    {
        assert!(found.abs_diff(wanted) < 158, "{by_money:?} {by_item:?}");
    }
}

#[test]
fn what_cannot_be_drawn_is_set_apart_and_said() {
    let mut found = items(&["100.004", "0.00", "-5.00", "0.004", "99999999999999"]);
    found.push(Found { amount: None, ..Found::default() });
    found.push(Found { amount: Some(decimal("7")), apart: Some("doubled_item"), ..Found::default() });
    let population = Population::new(found);
    assert_eq!(population.items.len(), 1);
    assert_eq!((population.book(), population.net()), (decimal("100.00"), decimal("95.00")));
    let mut reasons: Vec<&str> = population.apart.iter().map(|apart| apart.reason).collect();
    reasons.sort_unstable();
    assert_eq!(reasons, ["doubled_item", "negative", "too_large", "unread", "zero", "zero"]);
    assert_eq!(population.unread(), 2);
    let none = Sample::draw(order(Method::Mus, "5", "0", 1), Population::default());
    assert_eq!(none, Err(SampleError::Empty));
}

#[test]
fn a_copy_of_an_invoice_is_drawn_once_whichever_of_them_was_told_before() {
    let copies = |numbered, told: [Option<&'static str>; 2]| {
        let copy = |(at, apart): (usize, Option<&'static str>)| Found {
            numbered,
            apart,
            document: at.to_string(),
            ..items(&["5.00"]).remove(0)
        };
        Population::new(told.into_iter().enumerate().map(copy).collect()).items.len()
    };
    assert_eq!(copies(true, [None, None]), 1);
    assert_eq!(copies(true, [Some("doubled_item"), None]), 1);
    assert_eq!(copies(true, [None, Some("doubled_item")]), 1);
    assert_eq!(copies(false, [None, None]), 2, "lines of a schedule");
}

#[test]
fn orders_that_make_no_sense_are_refused() {
    let draw = |order| Sample::draw(order, Population::new(items(&["5.00"]))).map(|sample| sample.drawn);
    assert_eq!(draw(order(Method::Mus, "0", "0", 1)), Err(SampleError::Tolerable(decimal("0"))));
    assert_eq!(draw(order(Method::Random, "100", "0", 1)), Err(SampleError::Tolerable(decimal("100"))));
    assert_eq!(draw(order(Method::Mus, "5", "5", 1)), Err(SampleError::Expected(decimal("5"))));
    let confidence =
        |text, expected| Order { confidence: decimal(text), ..order(Method::Mus, "5", expected, 1) };
    assert_eq!(draw(confidence("100", "0")), Err(SampleError::Confidence(decimal("100"))));
    assert_eq!(draw(confidence("49", "0")), Err(SampleError::Confidence(decimal("49"))));
    assert_eq!(draw(confidence("99.5", "1")), Err(SampleError::Expansion(decimal("99.5"))));
    assert_eq!(draw(confidence("99.5", "0")), Ok(vec![1]));
}

#[test]
fn what_is_not_examined_is_never_taken_for_right() {
    let population = Population::new(items(&["100.00", "200.00", "300.00", "400.00"]));
    for (method, tolerable, right, wrong) in [
        (Method::Mus, "1500", None, Answer::Audited(Decimal::ZERO)),
        (Method::Random, "60", Some(Answer::Deviates(false)), Answer::Deviates(true)),
    ] {
        let sample = Sample::draw(order(method, tolerable, "0", 3), population.clone()).unwrap();
        let as_booked =
            |number: usize| right.unwrap_or(Answer::Audited(sample.population.items[number - 1].book));
        let mut answers = BTreeMap::new();
        let open = evaluate(&sample, &answers);
        assert_eq!((open.verdict, open.missing, open.figures), (Verdict::Open, sample.drawn.clone(), None));
        for number in &sample.drawn {
            answers.insert(*number, as_booked(*number));
        }
        let done = evaluate(&sample, &answers);
        assert_eq!((done.verdict, done.missing.len()), (Verdict::Supported, 0), "{method:?}");
        let last = sample.drawn[1];
        answers.insert(last, wrong);
        assert_eq!(evaluate(&sample, &answers).verdict, Verdict::Exceeded, "{method:?}");
        // An answer to the other question is none.
        let other = if right.is_some() { Answer::Audited(Decimal::ONE) } else { Answer::Deviates(false) };
        answers.insert(last, other);
        assert_eq!(evaluate(&sample, &answers).missing, [last]);
    }
}

#[test]
fn where_everything_is_examined_nothing_is_projected() {
    let population = Population::new(items(&["100.00", "200.00", "300.00"]));
    let sample = Sample::draw(order(Method::Mus, "10", "0", 3), population).unwrap();
    assert_eq!((sample.plan.whole, sample.plan.interval, sample.drawn.len()), (true, None, 3));
    let audited = |amounts: [&str; 3]| {
        (1..).zip(amounts).map(|(number, amount)| (number, Answer::Audited(decimal(amount)))).collect()
    };
    let answers = audited(["91", "200", "320"]);
    let over = misstated(&sample, &answers);
    assert_eq!((over.projected, over.upper_limit), (decimal("9"), decimal("9")));
    assert_eq!(evaluate(&sample, &answers).verdict, Verdict::Supported);
    let Some(Figures::Monetary { under, .. }) = evaluate(&sample, &answers).figures else {
        panic!("in yuan")
    };
    assert_eq!(
        (under.known, under.errors.len()),
        (decimal("20"), 1),
        "it makes the overstatement no smaller"
    );
    assert_eq!(evaluate(&sample, &audited(["89", "200", "900"])).verdict, Verdict::Exceeded);
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 64, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn draws_hold_for_every_population(
        fen in prop::collection::vec(1_i64..200_000_000, 1..120),
        seed in any::<u64>(),
        share in 1_i64..100,
        turn in any::<prop::sample::Index>(),
    ) {
        let amounts: Vec<String> = fen.iter().map(|fen| Decimal::new(*fen, 2).to_string()).collect();
        let mut found = items(&amounts.iter().map(String::as_str).collect::<Vec<_>>());
        let population = Population::new(found.clone());
        // Neither order nor names of files change what it is.
        let middle = turn.index(found.len());
        found.rotate_left(middle);
        found.iter_mut().for_each(|one| one.file = format!("elsewhere/{}", one.file));
        let turned = Population::new(found);
        prop_assert_eq!(population.fingerprint(), turned.fingerprint());
        let tolerable = (population.book() * Decimal::from(share) / Decimal::ONE_HUNDRED).round_dp(2).max(Decimal::new(1, 2));
        let order = order(Method::Mus, &tolerable.to_string(), "0", seed);
        let sample = Sample::draw(order.clone(), population.clone()).unwrap();
        prop_assert_eq!(&sample.drawn, &Sample::draw(order, turned).unwrap().drawn);
        prop_assert!(sample.drawn.windows(2).all(|pair| pair[0] < pair[1]));
        if let Some(interval) = sample.plan.interval {
            let certain = (1..).zip(&population.items).filter(|(_, item)| item.book >= interval);
            for (number, _) in certain {
                prop_assert!(sample.drawn.contains(&number));
            }
            let points = population.book() / interval;
            prop_assert!(Decimal::from(sample.drawn.len()) <= points.ceil());
        } else {
            prop_assert_eq!(sample.drawn.len(), population.items.len());
        }
    }

    #[test]
    fn limits_hold_for_every_answer(
        pairs in prop::collection::vec((1_i64..5_000_000, 0_i64..=1000), 1..40),
        interval in 1_000_i64..3_000_000,
        worse in any::<prop::sample::Index>(),
        confidence in 50_i64..100,
    ) {
        let factors = Factors::exact(Decimal::from(confidence));
        let interval = Some(Decimal::new(interval, 2));
        let mut examined: Vec<(usize, Decimal, Decimal)> = (1..)
            .zip(&pairs)
            .map(|(number, (fen, kept))| (number, Decimal::new(*fen, 2), Decimal::new(*fen * *kept, 5)))
            .collect();
        let before = monetary::overstated(&examined, interval, &factors);
        prop_assert!(before.upper_limit >= before.projected);
        prop_assert!(before.projected >= before.known.min(before.projected));
        prop_assert!(before.errors.windows(2).all(|pair| pair[0].taint >= pair[1].taint));
        let at = worse.index(examined.len());
        examined[at].2 /= Decimal::TWO;
        let after = monetary::overstated(&examined, interval, &factors);
        // Divisions are rounded at the 28th digit.
        prop_assert!(after.upper_limit + Decimal::new(1, 15) >= before.upper_limit);
        examined.reverse();
        let turned = monetary::overstated(&examined, interval, &factors);
        prop_assert!((turned.upper_limit - after.upper_limit).abs() < Decimal::new(1, 10));
    }

    #[test]
    fn sizes_and_limits_of_rates_fit_each_other(
        all in 1_u64..400,
        tolerable in 1_i64..40,
        expected in 0_i64..10,
        confidence in 50_i64..100,
    ) {
        let (confidence, tolerable, expected) =
            (Decimal::from(confidence), Decimal::from(tolerable), Decimal::new(expected, 1));
        prop_assume!(expected < tolerable);
        let Some(size) = attribute::size_of(confidence, tolerable, expected, all) else { return Ok(()) };
        prop_assert!(size.items < all);
        let tolerated = attribute::tolerated(tolerable, all);
        prop_assert!(attribute::upper_count(confidence, size.allowed, size.items, all) <= tolerated);
        prop_assert!(attribute::upper_count(confidence, size.allowed + 1, size.items, all) > tolerated);
        if size.items > size.allowed + 1 {
            let fewer = attribute::upper_count(confidence, size.allowed, size.items - 1, all);
            prop_assert!(fewer > tolerated, "one item fewer would do");
        }
    }
}
