//! Which items of two lists belong to each other: by number, else by amount, day and name, else as a sum.

use std::collections::{BTreeMap, BTreeSet};

use chrono::NaiveDate;
use rust_decimal::Decimal;

use super::{
    Item,
    assign::assigned,
    subsets::{fen, sets_of},
};

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
/// Larger groups that hang together are not assigned as a whole but best pair first, and of a party with more open
/// items no sums are looked for.
const LARGEST: usize = 48;
/// Weights: a day says more than a name, and a number that is another speaks against.
const OF_AMOUNT: i64 = 10;
const OF_DAY: i64 = 6;
const OF_PARTY: i64 = 3;
const OTHER_NUMBER: i64 = 4;

/// Finds what belongs together. Nothing is matched twice. Grows as n log n with the length of the lists.
#[must_use]
pub fn matched(left: &[Item], right: &[Item], dates: Dates) -> Matching {
    let mut open = Open { left: vec![true; left.len()], right: vec![true; right.len()] };
    let mut groups = by_number(left, right, &mut open);
    groups.extend(by_amount(left, right, dates, &mut open));
    groups.extend(by_sum(left, right, &mut open));
    groups.sort_by(|a, b| (&a.left, &a.right).cmp(&(&b.left, &b.right)));
    Matching { groups, left: open.left().collect(), right: open.right().collect() }
}

/// Which items belong to nothing yet, by their places.
struct Open {
    left: Vec<bool>,
    right: Vec<bool>,
}

impl Open {
    fn left(&self) -> impl Iterator<Item = usize> {
        places(&self.left)
    }

    fn right(&self) -> impl Iterator<Item = usize> {
        places(&self.right)
    }

    fn close(&mut self, group: &Group) {
        group.left.iter().for_each(|at| self.left[*at] = false);
        group.right.iter().for_each(|at| self.right[*at] = false);
    }
}

fn places(open: &[bool]) -> impl Iterator<Item = usize> {
    open.iter().enumerate().filter(|(_, is_open)| **is_open).map(|(at, _)| at)
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
    for (rows, columns) in parts(&edges, right.len()) {
        let is_whole = rows.len() <= LARGEST && columns.len() <= LARGEST;
        let pairs: Vec<(usize, usize)> = if let ([row], [column]) = (rows.as_slice(), columns.as_slice()) {
            vec![(*row, *column)]
        } else if is_whole {
            let weights: Vec<Vec<i64>> = rows
                .iter()
                .map(|row| columns.iter().map(|column| edges.weight(*row, *column)).collect())
                .collect();
            let given = assigned(&weights);
            rows.iter().zip(given).filter_map(|(row, place)| Some((*row, columns[place?]))).collect()
        } else {
            greedy(&rows, &edges)
        };
        let owner: BTreeMap<usize, usize> = pairs.iter().map(|(row, column)| (*column, *row)).collect();
        for (row, column) in pairs {
            let own = edges.weight(row, column);
            // As good: another that is free, or that its owner would give for this one; of many, of whom not all
            // are looked at, any other of the same weight.
            let ambiguous = edges.of(row).iter().any(|(other, weight)| {
                *other != column
                    && match owner.get(other).filter(|_| is_whole) {
                        None => *weight == own,
                        Some(holder) => {
                            *weight + edges.weight(*holder, column) == own + edges.weight(*holder, *other)
                        }
                    }
            });
            let group = Group { left: vec![row], right: vec![column], by: By::Amount, ambiguous };
            open.close(&group);
            groups.push(group);
        }
    }
    groups
}

/// For each item of the first list, by its place, those of the second it may be, with their weights, in order: all
/// behind each other, and where those of each item begin and the last ones end.
struct Edges {
    all: Vec<(usize, i64)>,
    bounds: Vec<usize>,
}

impl Edges {
    fn of(&self, row: usize) -> &[(usize, i64)] {
        &self.all[self.bounds[row]..self.bounds[row + 1]]
    }

    fn rows(&self) -> usize {
        self.bounds.len() - 1
    }

    fn weight(&self, row: usize, column: usize) -> i64 {
        let of_row = self.of(row);
        of_row.binary_search_by_key(&column, |(other, _)| *other).map_or(0, |place| of_row[place].1)
    }
}

/// For each open item of the first list the open ones of the second it may be.
fn edges(left: &[Item], right: &[Item], dates: Dates, open: &Open) -> Edges {
    // By basis and amount, then by day, so that those of one day stand together.
    let mut of_amount: Vec<(bool, Decimal, Option<NaiveDate>, usize)> = Vec::with_capacity(2 * right.len());
    let mut widest = Decimal::ZERO;
    for at in open.right() {
        let item = &right[at];
        for (with_tax, band) in [(false, item.net), (true, item.gross)] {
            if let Some(band) = band {
                of_amount.push((with_tax, band.yuan, item.date, at));
                widest = widest.max(band.half);
            }
        }
    }
    of_amount.sort_unstable();
    let (mut all, mut bounds) = (Vec::new(), vec![0]);
    let mut near: Vec<usize> = Vec::new();
    for (at, own) in left.iter().enumerate() {
        let bases = [(false, own.net), (true, own.gross)].into_iter().filter(|_| open.left[at]);
        near.clear();
        for (with_tax, band) in bases.filter_map(|(with_tax, band)| Some((with_tax, band?))) {
            let reach = band.half + widest;
            let (least, most) = ((with_tax, band.yuan - reach), (with_tax, band.yuan + reach));
            let from = of_amount.partition_point(|one| (one.0, one.1) < least);
            let of_reach = &of_amount[from..];
            let to = of_reach.partition_point(|one| (one.0, one.1) <= most);
            for alike in of_reach[..to].chunk_by(|one, other| one.1 == other.1) {
                nearest(at, own, alike, &mut near);
            }
        }
        near.sort_unstable();
        near.dedup();
        let weighed = near.iter().map(|other| (*other, weight(own, &right[*other], dates)));
        all.extend(weighed.filter(|(_, weight)| *weight > 0));
        bounds.push(all.len());
    }
    Edges { all, bounds }
}

/// Of many alike some, those of the item's own day first. Each item begins elsewhere, so that not all want
/// the same few. They stand in the order of their days.
fn nearest(
    at: usize,
    own: &Item,
    alike: &[(bool, Decimal, Option<NaiveDate>, usize)],
    near: &mut Vec<usize>,
) {
    if alike.len() <= MOST {
        near.extend(alike.iter().map(|one| one.3));
        return;
    }
    let from = alike.partition_point(|one| one.2 < own.date);
    let to = alike.partition_point(|one| one.2 <= own.date);
    let of_day = &alike[from..to];
    let days = of_day.len().min(MOST);
    near.extend((0..days).map(|step| of_day[(at + step) % of_day.len()].3));
    near.extend((days..MOST).map(|step| alike[(at + step) % alike.len()].3));
}

/// The parts of the graph that hang together: their places in the first list and in the second, in order.
fn parts(edges: &Edges, columns: usize) -> Vec<(Vec<usize>, Vec<usize>)> {
    let turned = |row: usize| edges.of(row).iter().map(move |(column, _)| (*column, row));
    let mut turned: Vec<(usize, usize)> = (0..edges.rows()).flat_map(turned).collect();
    turned.sort_unstable();
    let of_column = |column: usize| {
        let from = turned.partition_point(|one| one.0 < column);
        turned[from..].iter().take_while(move |one| one.0 == column).map(|one| one.1)
    };
    let (mut seen, mut seen_column) = (vec![false; edges.rows()], vec![false; columns]);
    let mut parts = Vec::new();
    for first in 0..edges.rows() {
        if edges.of(first).is_empty() || std::mem::replace(&mut seen[first], true) {
            continue;
        }
        let (mut of_rows, mut of_columns, mut next) = (Vec::new(), Vec::new(), vec![first]);
        while let Some(row) = next.pop() {
            of_rows.push(row);
            for (column, _) in edges.of(row) {
                if std::mem::replace(&mut seen_column[*column], true) {
                    continue;
                }
                of_columns.push(*column);
                next.extend(of_column(*column).filter(|row| !std::mem::replace(&mut seen[*row], true)));
            }
        }
        of_rows.sort_unstable();
        of_columns.sort_unstable();
        parts.push((of_rows, of_columns));
    }
    parts
}

/// The best pair first, then the best of the rest; of equals the first.
fn greedy(rows: &[usize], edges: &Edges) -> Vec<(usize, usize)> {
    let mut all: Vec<(i64, usize, usize)> = rows
        .iter()
        .flat_map(|row| edges.of(*row).iter().map(move |(column, weight)| (-weight, *row, *column)))
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

/// One item that is the sum of several of the same party: one payment for three invoices, or three for one. Among
/// more than 48 of a party that belong to nothing some pair adds up to almost anything, and none is taken.
fn by_sum(left: &[Item], right: &[Item], open: &mut Open) -> Vec<Group> {
    let mut groups = Vec::new();
    for turned in [false, true] {
        let (ones, many) = if turned { (left, right) } else { (right, left) };
        let (of_ones, of_many) = if turned { (&open.left, &open.right) } else { (&open.right, &open.left) };
        let mut of_party: BTreeMap<&str, Vec<(usize, i128)>> = BTreeMap::new();
        for at in places(of_many).filter(|at| !many[*at].party.is_empty()) {
            let fen = many[at].sum().and_then(|sum| fen(sum.yuan));
            of_party.entry(&many[at].party).or_default().extend(fen.map(|fen| (at, fen)));
        }
        of_party.retain(|_, places| places.len() <= LARGEST);
        let mut found = Vec::new();
        for one in places(of_ones) {
            let Some(sum) = ones[one].sum() else { continue };
            let Some(places) = of_party.get_mut(ones[one].party.as_str()) else { continue };
            let sets = sets_of(places, sum, 2);
            let Some(parts) = sets.first().filter(|set| set.len() > 1).cloned() else { continue };
            let ambiguous = sets.len() > 1;
            places.retain(|(at, _)| !parts.contains(at));
            let (left, right) = if turned { (vec![one], parts) } else { (parts, vec![one]) };
            found.push(Group { left, right, by: By::Sum, ambiguous });
        }
        found.iter().for_each(|group| open.close(group));
        groups.extend(found);
    }
    groups
}
