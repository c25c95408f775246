//! Which items of two lists belong to each other: by number, else by amount, day and name, else as a sum.

use std::collections::{BTreeMap, BTreeSet};

use rust_decimal::Decimal;

use super::{Band, Item, assign::assigned, subsets};

/// By what items belong to each other.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum By {
    /// They bear one number.
    Number,
    /// They are of one amount, and nothing better is known for either.
    Amount,
    /// One is the sum of the others, of the same party.
    Sum,
}

/// Items of the first list with those of the second that they are the same as, by their places. One to one,
/// one to many or many to one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Group {
    /// In the first list.
    pub left: Vec<usize>,
    /// In the second list.
    pub right: Vec<usize>,
    /// By what.
    pub by: By,
    /// Whether another pairing would have been as good.
    pub ambiguous: bool,
}

/// What belongs to what. Every item stands in one place of it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Matching {
    /// What belongs together, in the order of the first list.
    pub groups: Vec<Group>,
    /// Items of the first list that belong to none.
    pub left: Vec<usize>,
    /// Items of the second list that belong to none.
    pub right: Vec<usize>,
}

/// What the days of two items that are the same may be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Dates {
    /// One day, where both have one: an invoice and the line that lists it.
    Same,
    /// Any: an invoice and its payment.
    Any,
}

/// Of one item no more than so many of the other list are considered by amount, nearest days first.
const MOST: usize = 48;
/// Larger groups that hang together are not assigned as a whole but best pair first.
const LARGEST: usize = 48;
/// Weights: a day says more than a name, and a number that is another speaks against.
const OF_AMOUNT: i64 = 10;
const OF_DAY: i64 = 6;
const OF_PARTY: i64 = 3;
const OTHER_NUMBER: i64 = 4;

/// Finds what belongs together. Nothing is matched twice. Grows as n log n with the length of the lists.
#[must_use]
pub fn matched(left: &[Item], right: &[Item], dates: Dates) -> Matching {
    let mut open = Open { left: (0..left.len()).collect(), right: (0..right.len()).collect() };
    let mut groups = by_number(left, right, &mut open);
    groups.extend(by_amount(left, right, dates, &mut open));
    groups.extend(by_sum(left, right, &mut open));
    groups.sort_by(|a, b| (&a.left, &a.right).cmp(&(&b.left, &b.right)));
    Matching { groups, left: open.left.into_iter().collect(), right: open.right.into_iter().collect() }
}

/// What belongs to nothing yet.
struct Open {
    left: BTreeSet<usize>,
    right: BTreeSet<usize>,
}

impl Open {
    fn close(&mut self, group: &Group) {
        group.left.iter().for_each(|at| {
            self.left.remove(at);
        });
        group.right.iter().for_each(|at| {
            self.right.remove(at);
        });
    }
}

/// The items with a number, each with its side and place.
fn numbered(items: &[Item], is_right: bool) -> impl Iterator<Item = (&str, bool, usize)> {
    let numbered = items.iter().enumerate().filter(|(_, item)| !item.number.is_empty());
    numbered.map(move |(at, item)| (item.number.as_str(), is_right, at))
}

fn by_number(left: &[Item], right: &[Item], open: &mut Open) -> Vec<Group> {
    let mut all: Vec<(&str, bool, usize)> = numbered(left, false).chain(numbered(right, true)).collect();
    all.sort_unstable();
    let mut groups = Vec::new();
    for run in all.chunk_by(|(number, ..), (other, ..)| number == other) {
        let places = |side: bool| run.iter().filter(move |one| one.1 == side).map(|one| one.2);
        let (mut of_left, mut of_right) =
            (places(false).collect::<Vec<_>>(), places(true).collect::<Vec<_>>());
        if of_left.is_empty() || of_right.is_empty() {
            continue;
        }
        let group =
            |left: Vec<usize>, right: Vec<usize>| Group { left, right, by: By::Number, ambiguous: false };
        let mut found = Vec::new();
        // The same amount again is a second count, and no second part.
        of_left.retain(|at| {
            let same = of_right.iter().position(|other| left[*at].is_of_amount(&right[*other]));
            found.extend(same.map(|place| group(vec![*at], vec![of_right.remove(place)])));
            same.is_none()
        });
        // What is left over is in parts where one stands against several, and says something else otherwise.
        if found.is_empty() && !of_left.is_empty() && !of_right.is_empty() {
            let parts = of_left.len() == 1 || of_right.len() == 1;
            let take = |from: Vec<usize>| if parts { from } else { from.into_iter().take(1).collect() };
            found.push(group(take(of_left), take(of_right)));
        }
        found.iter().for_each(|one| open.close(one));
        groups.extend(found);
    }
    groups
}

/// How well two items go together; nothing where they cannot be the same.
fn weight(own: &Item, other: &Item, dates: Dates) -> i64 {
    let days = own.date.zip(other.date);
    let same_day = days.is_some_and(|(a, b)| a == b);
    if !own.is_of_amount(other) || (dates == Dates::Same && days.is_some() && !same_day) {
        return 0;
    }
    let known = |a: &str, b: &str| !a.is_empty() && !b.is_empty();
    let same_party = known(&own.party, &other.party) && own.party == other.party;
    let other_number = known(&own.number, &other.number);
    // Of two numbers that differ one may be misread, but then something besides the amount has to agree.
    if other_number && !same_day && !same_party {
        return 0;
    }
    OF_AMOUNT + OF_DAY * i64::from(same_day) + OF_PARTY * i64::from(same_party)
        - OTHER_NUMBER * i64::from(other_number)
}

fn by_amount(left: &[Item], right: &[Item], dates: Dates, open: &mut Open) -> Vec<Group> {
    let edges = edges(left, right, dates, open);
    let mut groups = Vec::new();
    for part in parts(&edges) {
        let rows: Vec<usize> = part.iter().copied().collect();
        let columns: Vec<usize> = rows
            .iter()
            .flat_map(|row| edges[row].keys().copied())
            .collect::<BTreeSet<usize>>()
            .into_iter()
            .collect();
        let of = |row: usize, column: usize| edges[&row].get(&column).copied().unwrap_or(0);
        let is_whole = rows.len() <= LARGEST && columns.len() <= LARGEST;
        let pairs: Vec<(usize, usize)> = if is_whole {
            let weights: Vec<Vec<i64>> =
                rows.iter().map(|row| columns.iter().map(|column| of(*row, *column)).collect()).collect();
            let given = assigned(&weights);
            rows.iter().zip(given).filter_map(|(row, place)| Some((*row, columns[place?]))).collect()
        } else {
            greedy(&rows, &edges)
        };
        let owner: BTreeMap<usize, usize> = pairs.iter().map(|(row, column)| (*column, *row)).collect();
        for (row, column) in pairs {
            let own = of(row, column);
            // As good: another that is free, or that its owner would give for this one; of many, of whom not all
            // are looked at, any other of the same weight.
            let ambiguous = edges[&row].iter().any(|(other, weight)| {
                *other != column
                    && match owner.get(other).filter(|_| is_whole) {
                        None => *weight == own,
                        Some(holder) => *weight + of(*holder, column) == own + of(*holder, *other),
                    }
            });
            let group = Group { left: vec![row], right: vec![column], by: By::Amount, ambiguous };
            open.close(&group);
            groups.push(group);
        }
    }
    groups
}

type Edges = BTreeMap<usize, BTreeMap<usize, i64>>;

/// For each open item of the first list the open ones of the second it may be.
fn edges(left: &[Item], right: &[Item], dates: Dates, open: &Open) -> Edges {
    let mut of_amount: BTreeMap<(bool, Decimal), Vec<usize>> = BTreeMap::new();
    let mut widest = Decimal::ZERO;
    for at in &open.right {
        for (with_tax, band) in [(false, right[*at].net), (true, right[*at].gross)] {
            if let Some(band) = band {
                of_amount.entry((with_tax, band.yuan)).or_default().push(*at);
                widest = widest.max(band.half);
            }
        }
    }
    // By day, so that those of one day stand together.
    of_amount.values_mut().for_each(|places| places.sort_by_key(|at| right[*at].date));
    let mut edges = Edges::new();
    for at in &open.left {
        let own = &left[*at];
        let Some((with_tax, band)) = own.net.map(|net| (false, net)).or(own.gross.map(|gross| (true, gross)))
        else {
            continue;
        };
        let bases = [Some((with_tax, band)), own.gross.filter(|_| !with_tax).map(|gross| (true, gross))];
        let near: BTreeSet<usize> = bases
            .into_iter()
            .flatten()
            .flat_map(|(with_tax, band)| {
                let reach = band.half + widest;
                let range = (with_tax, band.yuan - reach)..=(with_tax, band.yuan + reach);
                of_amount.range(range).flat_map(|(_, places)| nearest(*at, own, right, places))
            })
            .collect();
        let of_own: BTreeMap<usize, i64> = near
            .into_iter()
            .map(|other| (other, weight(own, &right[other], dates)))
            .filter(|(_, weight)| *weight > 0)
            .collect();
        if !of_own.is_empty() {
            edges.insert(*at, of_own);
        }
    }
    edges
}

/// Of many places alike some, those of the item's own day first. Each item begins elsewhere, so that not all want
/// the same few. The places stand in the order of their days.
fn nearest(at: usize, own: &Item, right: &[Item], places: &[usize]) -> Vec<usize> {
    if places.len() <= MOST {
        return places.to_vec();
    }
    let from = places.partition_point(|place| right[*place].date < own.date);
    let to = places.partition_point(|place| right[*place].date <= own.date);
    let some = |of: &[usize], most: usize| -> Vec<usize> {
        (0..of.len().min(most)).map(|step| of[(at + step) % of.len()]).collect()
    };
    let mut near = some(&places[from..to], MOST);
    near.extend(some(places, MOST - near.len()));
    near
}

/// The parts of the graph that hang together, by the places in the first list.
fn parts(edges: &Edges) -> Vec<BTreeSet<usize>> {
    let mut of_right: BTreeMap<usize, Vec<usize>> = BTreeMap::new();
    for (row, of_row) in edges {
        for column in of_row.keys() {
            of_right.entry(*column).or_default().push(*row);
        }
    }
    let mut seen: BTreeSet<usize> = BTreeSet::new();
    let mut seen_right: BTreeSet<usize> = BTreeSet::new();
    let mut parts = Vec::new();
    for first in edges.keys() {
        if !seen.insert(*first) {
            continue;
        }
        let (mut part, mut next) = (BTreeSet::new(), vec![*first]);
        while let Some(row) = next.pop() {
            part.insert(row);
            for column in edges[&row].keys().filter(|column| seen_right.insert(**column)) {
                next.extend(of_right[column].iter().copied().filter(|other| seen.insert(*other)));
            }
        }
        parts.push(part);
    }
    parts
}

/// The best pair first, then the best of the rest; of equals the first.
fn greedy(rows: &[usize], edges: &Edges) -> Vec<(usize, usize)> {
    let mut all: Vec<(i64, usize, usize)> = rows
        .iter()
        .flat_map(|row| edges[row].iter().map(move |(column, weight)| (-weight, *row, *column)))
        .collect();
    all.sort_unstable();
    let (mut taken, mut given) = (BTreeSet::new(), BTreeSet::new());
    let free = |(_, row, column): &(i64, usize, usize)| {
        if taken.contains(row) || given.contains(column) {
            return false;
        }
        taken.insert(*row) && given.insert(*column)
    };
    all.into_iter().filter(free).map(|(_, row, column)| (row, column)).collect()
}

/// One item that is the sum of several of the same party: one payment for three invoices, or three for one.
fn by_sum(left: &[Item], right: &[Item], open: &mut Open) -> Vec<Group> {
    let mut groups = Vec::new();
    for turned in [false, true] {
        let (ones, many) = if turned { (left, right) } else { (right, left) };
        let (of_ones, of_many) = if turned { (&open.left, &open.right) } else { (&open.right, &open.left) };
        let mut of_party: BTreeMap<&str, Vec<usize>> = BTreeMap::new();
        for at in of_many.iter().filter(|at| !many[**at].party.is_empty() && many[**at].sum().is_some()) {
            of_party.entry(&many[*at].party).or_default().push(*at);
        }
        let mut found = Vec::new();
        for one in of_ones {
            let Some(sum) = ones[*one].sum() else { continue };
            let Some(places) = of_party.get_mut(ones[*one].party.as_str()) else { continue };
            let Some((parts, ambiguous)) = parts_of(sum, many, places) else { continue };
            places.retain(|at| !parts.contains(at));
            let (left, right) = if turned { (vec![*one], parts) } else { (parts, vec![*one]) };
            found.push(Group { left, right, by: By::Sum, ambiguous });
        }
        found.iter().for_each(|group| open.close(group));
        groups.extend(found);
    }
    groups
}

/// At least two of the places that add up to a sum, and whether others do as well.
fn parts_of(sum: Band, items: &[Item], places: &[usize]) -> Option<(Vec<usize>, bool)> {
    let amounts: Vec<Decimal> =
        places.iter().map(|at| items[*at].sum().map_or(Decimal::ZERO, |band| band.yuan)).collect();
    let found = subsets(&amounts, sum, 2);
    let first = found.first().filter(|set| set.len() > 1)?;
    Some((first.iter().map(|place| places[*place]).collect(), found.len() > 1))
}
