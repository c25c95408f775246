//! How sure values from pictures are: by what speaks for them, as the table of confidences says.

use heyan::{
    model::{
        fact::{Evidence, Fact, FactId, Method, Reading, Seen},
        page::Flaws,
        support::{PRINTED, Sort, Support, support},
        value::{Money, Value},
    },
    rulebook::Confidence,
};

/// What is special, what others read, what is said of the value, and what speaks for it.
type Case = (&'static str, &'static [(&'static str, Option<i64>)], Option<&'static str>, Support);

/// An amount that an engine saw with this score, and what others read.
fn amount(score: f32, others: &[(&'static str, Option<i64>)], problem: Option<&'static str>) -> Fact {
    let yuan = |amount: i64| Value::Money(Money::yuan(amount.into()));
    let seen = Some(Seen { score, flaws: Flaws::default() });
    let first = Reading { seen, ..Reading::new("ppocr", Some(yuan(100))) };
    let others = others.iter().map(|(by, read)| Reading::new(by, read.map(yuan)));
    Fact {
        id: FactId::default(),
        value: Some(yuan(100)),
        problem,
        evidence: Evidence {
            raw: "100".to_owned(),
            anchors: Vec::new(),
            method: Method::Located,
            confidence: 0.5,
            clear: true,
            accepted: false,
            readings: [first].into_iter().chain(others).collect(),
        },
    }
}

#[test]
fn support_is_told_from_the_readings() {
    let table: &[Case] = &[
        ("nobody else", &[], None, Support::Alone),
        ("another engine found nothing", &[("tesseract", None)], None, Support::Alone),
        ("another engine agrees", &[("tesseract", Some(100))], None, Support::Agreed),
        ("another engine reads otherwise", &[("tesseract", Some(700))], None, Support::Disputed),
        ("it adds up", &[("arithmetic", Some(100))], None, Support::Proved),
        (
            "it adds up, an engine or not",
            &[("arithmetic", Some(100)), ("tesseract", Some(700))],
            None,
            Support::Proved,
        ),
        (
            "something is wrong with it",
            &[("tesseract", Some(100))],
            Some("ink-beside-figures"),
            Support::Flawed,
        ),
        (
            "something is wrong with it, and another engine reads otherwise",
            &[("tesseract", Some(700))],
            Some("ink-beside-figures"),
            Support::Contested,
        ),
        ("computed from what was read", &[], Some("computed-from-term"), Support::Alone),
        ("it does not add up", &[("arithmetic", Some(700))], Some("readings-differ"), Support::Refuted),
    ];
    for (name, others, problem, wanted) in table {
        assert_eq!(support(&amount(0.99, others, *problem)), Some((0.99, *wanted)), "{name}");
    }
    let mut printed = amount(0.99, &[], None);
    printed.evidence.readings = vec![Reading::new("text", printed.value.clone())];
    assert_eq!(support(&printed), None, "it was not read in a picture");
}

#[test]
fn what_was_seen_in_few_pixels_wants_somebody_else() {
    let small = |others| {
        let mut fact = amount(0.99, others, None);
        let seen = fact.evidence.readings[0].seen.as_mut().unwrap();
        seen.flaws.small = true;
        support(&fact).unwrap().1
    };
    assert_eq!(small(&[]), Support::Flawed);
    assert_eq!(small(&[("tesseract", Some(100))]), Support::Agreed);
    assert_eq!(small(&[("tesseract", Some(200))]), Support::Contested);
}

#[test]
fn what_a_file_has_as_characters_is_sure_until_something_is_said_of_it() {
    let table = Confidence::embedded().unwrap();
    let mut printed = amount(0.0, &[], None);
    let evidence = &mut printed.evidence;
    evidence.readings = vec![Reading::new("text", printed.value.clone())];
    evidence.confidence = PRINTED;
    let sure = table.of(&printed).unwrap();
    printed.evidence.confidence = sure;
    assert!(sure > PRINTED && table.accepts(&printed), "{sure}");

    let unknown =
        Fact { evidence: Evidence { confidence: 0.3, ..printed.evidence.clone() }, ..printed.clone() };
    assert_eq!(table.of(&unknown), None, "a character of it is not known");
    let contradicted = Fact {
        evidence: Evidence {
            readings: vec![
                Reading::new("text", printed.value.clone()),
                Reading::new("words", Some(Value::Money(Money::yuan(7.into())))),
            ],
            confidence: 0.4,
            ..printed.evidence.clone()
        },
        problem: Some("readings-differ"),
        ..printed.clone()
    };
    assert_eq!(table.of(&contradicted), None);
    assert!(!table.accepts(&contradicted));
    let abroad = Fact { problem: Some("foreign-currency"), ..printed.clone() };
    assert!(table.accepts(&abroad), "what is no yuan is read as surely");
    let nothing = Fact { value: None, ..printed };
    assert!(!table.accepts(&nothing), "nothing was read");
}

#[test]
fn what_might_be_meant_by_another_field_is_not_accepted_however_well_it_was_read() {
    let table = Confidence::embedded().unwrap();
    let open = |mut fact: Fact| {
        fact.evidence.clear = false;
        fact.evidence.confidence = fact.evidence.confidence.max(PRINTED);
        fact.evidence.confidence = table.of(&fact).unwrap();
        fact
    };
    let mut printed = amount(0.0, &[], None);
    printed.evidence.readings = vec![Reading::new("text", printed.value.clone())];
    let footed = amount(0.99, &[("arithmetic", Some(100))], None);
    assert!(table.of(&footed).unwrap() >= table.auto_accept(Sort::Amount), "clear, it is accepted");
    for (name, fact) in [("printed", open(printed)), ("in a column that foots", open(footed))] {
        assert!(!table.accepts(&fact), "{name}");
    }
}

#[test]
fn the_more_speaks_for_a_value_the_surer_it_is() {
    let table = Confidence::embedded().unwrap();
    let sure = |score, others: &[_], problem| table.of(&amount(score, others, problem)).unwrap();
    let proved = sure(0.99, &[("arithmetic", Some(100))], None);
    let agreed = sure(0.99, &[("tesseract", Some(100))], None);
    let alone = sure(0.99, &[], None);
    let disputed = sure(0.99, &[("tesseract", Some(700))], None);
    let flawed = sure(0.99, &[], Some("ink-beside-figures"));
    assert!(proved >= agreed && agreed > alone && alone > disputed.max(flawed));
    let accepted = table.auto_accept(Sort::Amount);
    assert!(agreed >= accepted && alone < accepted, "one engine's reading is no proof of an amount");
    assert!(sure(0.5, &[], None) <= alone);
}

#[test]
fn mistakes_in_the_table_are_said() {
    let whole = include_str!("../../rules/confidence.toml");
    assert!(Confidence::load(whole).is_ok());
    let first = whole.find("proved = [").unwrap();
    let end = first + whole[first..].find('\n').unwrap();
    let instead = |steps: &str| format!("{}proved = {steps}{}", &whole[..first], &whole[end..]);
    let table: &[(&str, String, &str)] = &[
        ("no steps", instead("[]"), "amount.proved"),
        ("not down to 0", instead("[{ score = 0.9, confidence = 0.9 }]"), "amount.proved"),
        ("certain", instead("[{ score = 0.0, confidence = 1.0 }]"), "amount.proved"),
        (
            "not going down",
            instead("[{ score = 0.9, confidence = 0.8 }, { score = 0.0, confidence = 0.9 }]"),
            "amount.proved",
        ),
        ("no score", instead("[{ confidence = 0.9 }]"), "score"),
        ("an unknown word", format!("{whole}\nsure = 1\n"), "sure"),
        ("a kind left out", whole.replace("[text]", "[words]"), "words"),
    ];
    for (name, text, wanted) in table {
        let said = Confidence::load(text).unwrap_err().to_string();
        assert!(said.starts_with("rules/confidence.toml") && said.contains(wanted), "{name}: {said}");
    }
}
