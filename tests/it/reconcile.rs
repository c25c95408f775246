//! What belongs to what, and what makes up a difference.

use std::collections::BTreeSet;

use chrono::NaiveDate;
use heyan::reconcile::{Band, By, Candidate, Dates, Group, Item, made_up, matched, slip, subsets};
use proptest::prelude::*;
use rust_decimal::Decimal;

fn yuan(text: &str) -> Decimal {
    text.parse().unwrap()
}

fn day(text: &str) -> Option<NaiveDate> {
    Some(text.parse().unwrap())
}

/// An item with a number, a gross amount, a day and a party; `-` for what was not read.
fn item(number: &str, gross: &str, date: &str, party: &str) -> Item {
    let known = |text: &str| if text == "-" { String::new() } else { text.to_owned() };
    Item {
        number: known(number),
        net: None,
        gross: (gross != "-").then(|| Band::exact(yuan(gross))),
        date: if date == "-" { None } else { day(date) },
        party: known(party),
    }
}

fn groups(left: &[Item], right: &[Item], dates: Dates) -> Vec<(Vec<usize>, Vec<usize>, By, bool)> {
    let found = matched(left, right, dates);
    found.groups.into_iter().map(|one| (one.left, one.right, one.by, one.ambiguous)).collect()
}

#[test]
fn numbers_come_before_amounts() {
    let left = [item("A1", "10.00", "2022-01-01", "-"), item("A2", "10.00", "2022-01-01", "-")];
    let right = [item("A2", "10.00", "2022-01-01", "-"), item("A1", "10.00", "2022-01-01", "-")];
    let wanted = [(vec![0], vec![1], By::Number, false), (vec![1], vec![0], By::Number, false)];
    assert_eq!(groups(&left, &right, Dates::Same), wanted);
}

#[test]
fn one_number_in_parts_is_one_group_and_a_second_count_is_none() {
    let invoice = [item("A1", "30.00", "2022-01-01", "-")];
    let parts = [item("A1", "10.00", "-", "-"), item("A1", "20.00", "-", "-")];
    assert_eq!(groups(&invoice, &parts, Dates::Same), [(vec![0], vec![0, 1], By::Number, false)]);
    assert_eq!(groups(&parts, &invoice, Dates::Same), [(vec![0, 1], vec![0], By::Number, false)]);
    let again = [item("A1", "30.00", "-", "-"), item("A1", "30.00", "-", "-")];
    let found = matched(&invoice, &again, Dates::Same);
    assert_eq!(found.groups.len(), 1);
    assert_eq!(found.right, [1]);
}

#[test]
fn one_number_with_two_amounts_is_one_pair() {
    let found = matched(
        &[item("A1", "30.00", "2022-01-01", "-")],
        &[item("A1", "31.00", "2022-01-01", "-")],
        Dates::Same,
    );
    assert_eq!(found.groups, [Group { left: vec![0], right: vec![0], by: By::Number, ambiguous: false }]);
}

#[test]
fn amounts_need_the_same_day_where_both_have_one() {
    let left = [item("-", "10.00", "2022-01-01", "-")];
    let right = [item("-", "10.00", "2022-01-02", "-")];
    assert!(groups(&left, &right, Dates::Same).is_empty());
    assert_eq!(groups(&left, &right, Dates::Any), [(vec![0], vec![0], By::Amount, false)]);
}

#[test]
fn another_number_needs_more_than_the_amount() {
    let left = [item("A1", "10.00", "-", "-")];
    assert!(groups(&left, &[item("B7", "10.00", "-", "-")], Dates::Same).is_empty());
    let on_a_day = [item("A1", "10.00", "2022-01-01", "-")];
    let misread = [item("A7", "10.00", "2022-01-01", "-")];
    assert_eq!(groups(&on_a_day, &misread, Dates::Same), [(vec![0], vec![0], By::Amount, false)]);
}

#[test]
fn the_best_assignment_is_of_all_and_not_of_the_first() {
    // The first could have either; the second only the first's better one.
    let left = [item("-", "10.00", "-", "甲"), item("-", "10.00", "2022-03-01", "甲")];
    let right = [item("-", "10.00", "2022-03-01", "甲"), item("-", "10.00", "2022-04-01", "甲")];
    let wanted = [(vec![0], vec![1], By::Amount, false), (vec![1], vec![0], By::Amount, false)];
    assert_eq!(groups(&left, &right, Dates::Same), wanted);
}

#[test]
fn pairs_that_could_be_others_are_said_to_be_so() {
    let left = [item("-", "10.00", "-", "甲")];
    let right = [item("-", "10.00", "-", "甲"), item("-", "10.00", "-", "甲")];
    assert_eq!(groups(&left, &right, Dates::Any), [(vec![0], vec![0], By::Amount, true)]);
}

#[test]
fn payments_of_several_invoices_are_found_by_their_sum() {
    let invoices = [
        item("A1", "10.00", "2022-01-01", "甲"),
        item("A2", "20.00", "2022-01-02", "甲"),
        item("A3", "40.00", "2022-01-03", "乙"),
        item("A4", "25.00", "2022-01-03", "甲"),
    ];
    let payments = [item("-", "30.00", "2022-02-01", "甲"), item("-", "40.00", "2022-02-01", "丙")];
    let found = matched(&invoices, &payments, Dates::Any);
    // What is of one amount goes together by that, whoever was paid; the day and name were not the same.
    let sum = Group { left: vec![0, 1], right: vec![0], by: By::Sum, ambiguous: false };
    assert!(found.groups.contains(&sum), "{found:?}");
    assert_eq!(found.left, [3]);
}

#[test]
fn printed_precision_counts() {
    let band = |value: &str, half: &str| Band { yuan: yuan(value), half: yuan(half) };
    let line = Item { net: Some(band("20356700", "50")), ..Item::default() };
    let near = Item { net: Some(Band::exact(yuan("20356738.00"))), ..Item::default() };
    let far = Item { net: Some(Band::exact(yuan("20356780.00"))), ..Item::default() };
    assert_eq!(groups(std::slice::from_ref(&line), &[near], Dates::Same).len(), 1);
    assert!(groups(&[line], &[far], Dates::Same).is_empty());
}

#[test]
fn many_alike_are_matched_once_each() {
    let left: Vec<Item> = (0..3_000).map(|_| item("-", "10.00", "2022-01-01", "甲")).collect();
    let found = matched(&left, &left, Dates::Same);
    let taken: BTreeSet<usize> = found.groups.iter().flat_map(|group| group.right.clone()).collect();
    assert_eq!(taken.len(), left.len());
    assert!(found.groups.iter().all(|group| group.ambiguous), "any other would be as good");
}

/// Among so many some pair adds up to almost anything.
#[test]
fn of_a_party_with_many_open_items_no_sums_are_looked_for() {
    let parts = |count: usize| -> Vec<Item> {
        (0..count).map(|at| item("", &format!("{}.00", 1_000 + at), "2022-03-01", "甲")).collect()
    };
    let payment = [item("", "2001.00", "2022-03-20", "甲")];
    let found = |count: usize| groups(&parts(count), &payment, Dates::Any);
    assert_eq!(found(2), [(vec![0, 1], vec![0], By::Sum, false)]);
    assert!(matches!(found(48).as_slice(), [(_, _, By::Sum, false)]), "{:?}", found(48));
    assert!(found(49).is_empty(), "{:?}", found(49));
}

#[test]
fn a_difference_is_one_item_or_all_of_a_kind_or_a_few() {
    let of = |kind, amount: &str| Candidate { kind, amount: yuan(amount) };
    let all = [of("doubled", "120"), of("outside", "70"), of("outside", "30"), of("missing", "100")];
    let made = |amount: &str| made_up(Band::exact(yuan(amount)), &all);
    assert_eq!(made("120"), [[0]]);
    // One item, or all that are outside: the simpler comes first and alone.
    assert_eq!(made("100"), [[3]]);
    assert_eq!(made("320"), [[0, 1, 2, 3]]);
    assert_eq!(made("220"), [vec![0, 3]]);
    assert!(made("55").is_empty());
    let two = [of("doubled", "120"), of("missing", "120")];
    assert_eq!(made_up(Band::exact(yuan("120")), &two), [[0], [1]], "several are all shown");
    // The band of what was printed in 万元.
    let band = Band { yuan: yuan("1200000"), half: yuan("50") };
    assert_eq!(made_up(band, &[of("doubled", "1199960.00")]), [[0]]);
}

#[test]
fn slips_of_the_pen_are_told() {
    let exact = |text: &str| Band::exact(yuan(text));
    let wan = |text: &str| Band { yuan: yuan(text), half: yuan("50") };
    assert_eq!(slip(exact("20356700"), exact("2035.67")), Some("unit_slip"));
    assert_eq!(slip(exact("20536700.00"), exact("20356700.00")), Some("digits_swapped"));
    assert_eq!(slip(wan("20536700"), exact("20356738.00")), Some("digits_swapped"));
    assert_eq!(slip(exact("20356700.00"), exact("20756700.00")), None, "any difference is another digit");
    assert_eq!(slip(exact("20356700"), exact("2040.00")), None, "nearly in another unit is not in it");
    assert_eq!(slip(exact("20356700.00"), exact("19156700.00")), None);
    assert_eq!(slip(exact("100.00"), exact("99.99")), None);
}

#[test]
fn sets_of_amounts_are_the_smallest() {
    let amounts = ["10", "20", "30", "40"].map(yuan);
    assert_eq!(subsets(&amounts, Band::exact(yuan("50")), 5), [[0, 3], [1, 2]]);
    assert_eq!(subsets(&amounts, Band::exact(yuan("100")), 5), [[0, 1, 2, 3]]);
    assert!(subsets(&amounts, Band::exact(yuan("5")), 5).is_empty());
    let many: Vec<Decimal> = (1..=1_000).map(|at| Decimal::from(at * at)).collect();
    assert_eq!(subsets(&many, Band::exact(yuan("999999")), 5), Vec::<Vec<usize>>::new());
    assert_eq!(subsets(&many, Band::exact(yuan("1000001")), 5), [[0, 999], [198, 979]]);
}

proptest! {
    /// Whatever the lists: every item stands in one place, and groups are of what may go together.
    #[test]
    fn nothing_is_matched_twice(
        left in prop::collection::vec((0..6_u8, 1..6_u8, 0..4_u8, 0..3_u8), 0..24),
        right in prop::collection::vec((0..6_u8, 1..6_u8, 0..4_u8, 0..3_u8), 0..24),
    ) {
        let made = |list: &[(u8, u8, u8, u8)]| -> Vec<Item> {
            let one = |(number, amount, day, party): &(u8, u8, u8, u8)| Item {
                number: if *number == 0 { String::new() } else { number.to_string() },
                net: None,
                gross: Some(Band::exact(Decimal::from(*amount))),
                date: NaiveDate::from_ymd_opt(2022, 1, u32::from(*day)),
                party: if *party == 0 { String::new() } else { party.to_string() },
            };
            list.iter().map(one).collect()
        };
        let (left, right) = (made(&left), made(&right));
        for dates in [Dates::Same, Dates::Any] {
            let found = matched(&left, &right, dates);
            let mut lefts: Vec<usize> = found.groups.iter().flat_map(|group| group.left.clone()).collect();
            let mut rights: Vec<usize> = found.groups.iter().flat_map(|group| group.right.clone()).collect();
            lefts.extend(&found.left);
            rights.extend(&found.right);
            lefts.sort_unstable();
            rights.sort_unstable();
            prop_assert_eq!(lefts, (0..left.len()).collect::<Vec<_>>());
            prop_assert_eq!(rights, (0..right.len()).collect::<Vec<_>>());
            for group in &found.groups {
                prop_assert!(group.left.len() == 1 || group.right.len() == 1);
                if group.by == By::Amount {
                    prop_assert!(left[group.left[0]].is_of_amount(&right[group.right[0]]));
                }
            }
            prop_assert_eq!(matched(&left, &right, dates), found);
        }
    }

    /// What is said to make up a difference does.
    #[test]
    fn what_makes_up_a_difference_adds_up(amounts in prop::collection::vec(-50..50_i64, 0..12), sum in -80..80_i64) {
        let candidates: Vec<Candidate> =
            amounts.iter().map(|amount| Candidate { kind: "doubled", amount: Decimal::from(*amount) }).collect();
        for set in made_up(Band::exact(Decimal::from(sum)), &candidates) {
            prop_assert_eq!(set.iter().map(|at| amounts[*at]).sum::<i64>(), sum);
        }
    }
}
