//! Sums printed in a schedule: what foots with them, and the fields that stand there once more.

use std::collections::BTreeMap;

use heyan::model::{
    anchor::Anchor,
    fact::{Fact, Record},
    value::Value,
};

use super::documents::{report, schedule};

/// A report whose schedule has sums, with words seen otherwise: what a line of the file says, and what it
/// says instead, with ink beside it where it begins with `touched`.
fn summed_up(otherwise: &[(&str, &str)]) -> Record {
    report("schedule-with-subtotals", |text| {
        let line = |line: &str| match otherwise.iter().find(|(from, _)| line.contains(from)) {
            Some((_, "")) => String::new(),
            Some((from, to)) => match to.strip_prefix("touched ") {
                Some(to) => format!("origin ppocr touched\n{}\norigin ppocr\n", line.replace(from, to)),
                None => format!("{}\n", line.replace(from, to)),
            },
            None => format!("{line}\n"),
        };
        text.lines().map(line).collect()
    })
}

#[test]
fn what_foots_with_a_printed_sum_is_confirmed() {
    // What is seen otherwise, and an amount: its value, what is said of it, and whether arithmetic confirms it.
    type Seen = &'static [(&'static str, &'static str)];
    type Said = (&'static str, &'static str, Option<&'static str>, bool);
    let table: [(Seen, &[Said]); 8] = [
        (&[], &[("items[0].paid", "630000.21", None, true), ("subtotals[3].paid", "3580751.09", None, true)]),
        // The figures are all there, and their separators are not.
        (&[("630,000.21", "630,00021")], &[("items[0].paid", "630000.21", None, true)]),
        (&[("630,000.21", "touched 630.000.21")], &[("items[0].paid", "630000.21", None, true)]),
        // A figure is wrong, or some are hidden: neither the line nor its sum is sure by this sum.
        (&[("630,000.21", "680,000.21")], &[("items[0].paid", "680000.21", None, false)]),
        (&[("630,000.21", "680,00021")], &[("items[0].paid", "", Some("unreadable"), false)]),
        // Nobody knows the unit of any amount: that they foot does not say it.
        (
            &[("690.0 60.0", ""), ("480.0 150.0", ""), ("630,000.21", "630,00021")],
            &[("items[0].paid", "", Some("unreadable"), false)],
        ),
        // Amounts to another digit are none of this list's.
        (
            &[("630,000.21", "630,000"), ("1,430,000.44", "1,430,000")],
            &[("items[0].paid", "630000.00", Some("figures-cut"), false)],
        ),
        // The same figure is hidden in a line and in its sum, and what is left foots.
        (
            &[("1,080,270.31", "touched 80,270.31"), ("1,880,570.56", "touched 880,570.56")],
            &[
                ("items[2].paid", "80270.31", Some("ink-beside-figures"), false),
                ("subtotals[1].paid", "880570.56", Some("ink-beside-figures"), false),
            ],
        ),
    ];
    for (otherwise, wanted) in table {
        let mut said = BTreeMap::new();
        summed_up(otherwise).for_each("", &mut |path, fact| {
            let value = fact.value.as_ref().map_or_else(String::new, Value::wire);
            let proved = fact.evidence.readings.iter().any(|reading| reading.by == "arithmetic");
            said.insert(path, (value, fact.problem, proved));
        });
        for (path, value, problem, proved) in wanted {
            assert_eq!(said[*path], ((*value).to_owned(), *problem, *proved), "{path} with {otherwise:?}");
        }
    }
}

#[test]
fn a_field_may_stand_as_a_sum_of_the_schedule() {
    // What is seen otherwise on the first page, and the field: its value, what is said of it, and its page.
    let table = [
        (&[][..], "1500000.46", None, 1),
        (&[("380.0 200.0", "")], "1500000.46", None, 2),
        (
            &[("380.0 200.0 440.0 210.0] 1,500,000.46", "touched 380.0 200.0 440.0 210.0] 000.46")],
            "1500000.46",
            None,
            2,
        ),
        // Nobody knows the unit of the first table, but the same amount stands in one whose unit is known.
        (&[("480.0 150.0", "")], "1500000.46", None, 1),
        // Another amount is no part of the sum.
        (
            &[("380.0 200.0 440.0 210.0] 1,500,000.46", "touched 380.0 200.0 440.0 210.0] 1,600,000.46")],
            "1600000.46",
            Some("ink-beside-figures"),
            1,
        ),
    ];
    for (otherwise, value, problem, page) in table {
        let record = summed_up(otherwise);
        let fact = &record.fields["development"];
        assert_eq!(fact.value.as_ref().map(Value::wire).as_deref(), Some(value), "{otherwise:?}");
        assert_eq!(fact.problem, problem, "{otherwise:?}");
        let own = matches!(fact.evidence.anchors[0], Anchor::Box { page: own, .. } if own == page);
        assert!(own, "{otherwise:?}: {:?}", fact.evidence.anchors);
    }
}

#[test]
fn a_field_and_a_sum_confirm_each_other_and_its_own_reading_stays() {
    let by = |fact: &Fact| fact.evidence.readings.iter().map(|one| one.by).collect::<Vec<_>>();
    let record = summed_up(&[]);
    assert!(by(&record.fields["development"]).contains(&"subtotal"));
    assert!(by(&record.rows["subtotals"][0].fields["net"]).contains(&"subtotal"));
    // The end of an amount is read in its own place, and the amount in the schedule.
    let end = ("380.0 200.0 440.0 210.0] 1,500,000.46", "touched 380.0 200.0 440.0 210.0] 500,000.46");
    let record = summed_up(&[end]);
    let fact = &record.fields["development"];
    assert_eq!(fact.value.as_ref().map(Value::wire).as_deref(), Some("1500000.46"));
    let read: Vec<Option<String>> =
        fact.evidence.readings.iter().map(|one| one.value.as_ref().map(Value::wire)).collect();
    assert!(read.contains(&Some("500000.46".to_owned())), "{read:?}");
    // Where nothing foots with it, the sum is no better.
    let record = summed_up(&[end, ("700,000.23", "760,000.23"), ("3,800,801.16", "3,900,801.16")]);
    let fact = &record.fields["development"];
    assert_eq!(fact.value.as_ref().map(Value::wire).as_deref(), Some("500000.46"));
    assert_eq!(fact.problem, Some("ink-beside-figures"));
}

#[test]
fn a_total_that_its_parts_do_not_make_is_said() {
    let words = (
        "80.0 306.0 248.0 318.0] 虞山清和会计师事务所有限公司",
        "80.0 290.0 290.0 300.0] 人民币大写：叁佰捌拾万零捌佰零壹元壹角陆分",
    );
    let misread = |with: &'static str| ("380.0 200.0 440.0 210.0] 1,500,000.46", with);
    let (clear, touched) =
        ("380.0 200.0 440.0 210.0] 1,600,000.46", "touched 380.0 200.0 440.0 210.0] 1,600,000.46");
    // Whether words say the total, a part, and what is said of the total.
    for (said, part, problem) in [
        (false, clear, Some("readings-differ")),
        (false, touched, Some("readings-differ")),
        (true, clear, Some("readings-differ")),
        // The part was seen badly and the words are clear.
        (true, touched, None),
    ] {
        let seen = if said { vec![misread(part), words] } else { vec![misread(part)] };
        let record = summed_up(&seen);
        let total = &record.fields["total"];
        assert_eq!(total.problem, problem, "{said}, {part}");
        let differs =
            total.evidence.readings.iter().any(|one| one.by == "arithmetic" && one.differs_from(total));
        assert!(differs, "{said}, {part}: what the parts make is among the readings");
    }
}

#[test]
fn heads_hidden_beside_a_total_and_a_part_leave_both_in_doubt() {
    let cut = [
        ("380.0 200.0 440.0 210.0] 1,500,000.46", "touched 380.0 200.0 440.0 210.0] 500,000.46"),
        ("3,800,801.16", "touched 2,800,801.16"),
        ("1,500,000.46", ""),
    ];
    let record = summed_up(&cut);
    for field in ["development", "total"] {
        assert_eq!(record.fields[field].problem, Some("ink-beside-figures"), "{field}");
    }
}

#[test]
fn a_sum_read_in_one_place_does_not_confirm_itself() {
    let confirmed =
        |fact: &Fact| fact.evidence.readings.iter().any(|one| ["subtotal", "arithmetic"].contains(&one.by));
    // The category's amount is hidden, and its sum misread: what is read is that sum, and nobody else says it.
    let sum = ("530.0 154.0 584.0 163.0] 1,500,000.46", "530.0 154.0 584.0 163.0] 1,600,000.46");
    let record = summed_up(&[("380.0 200.0", ""), sum]);
    let fact = &record.fields["development"];
    assert_eq!(fact.value.as_ref().map(Value::wire).as_deref(), Some("1600000.46"));
    assert!(!confirmed(fact), "{fact:?}");
    // The total is printed in the schedule alone.
    let record = schedule(|text| text.replace("1,845,501.26", "1,945,501.26"));
    let total = &record.fields["total"];
    assert_eq!(total.value.as_ref().map(Value::wire).as_deref(), Some("1945501.26"));
    assert!(!confirmed(total) && !confirmed(&record.rows["subtotals"][0].fields["net"]), "{total:?}");
}
