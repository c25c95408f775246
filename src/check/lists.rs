//! What earlier recognitions and the authorities' lists say of the applicant.

use std::{collections::BTreeSet, sync::Arc};

use cel::ExecutionError;
use chrono::{Datelike, NaiveDate};

use crate::model::value::Period;

use super::{
    index::{COUNTIES, Index},
    names::folded,
    values::Node,
};

/// Whether a paper is a decision on what a word names: what is only announced, or yet to be decided, is none.
fn decides(paper: &Node, word: &str) -> bool {
    paper.peek_text("title").is_some_and(|title| {
        folded(title).contains(word) && ["公示", "拟"].iter().all(|open| !title.contains(open))
    })
}

/// How many earlier recognitions with a word in their title the applicant declares.
pub(super) fn claimed(case: &Index, word: &str) -> usize {
    let rows = case.declaration.list("previous_recognition").iter();
    let of_word = rows.filter(|row| row.peek_text("title").is_some_and(|title| folded(title).contains(word)));
    of_word.inspect(|row| row.note(&["title", "year", "document_no"])).count()
}

/// How many decisions with a word in their title name the applicant, papers by themselves and lines of lists: surely,
/// or with a name or code that is not quite the applicant's.
pub(super) fn shown(case: &Index, word: &str, surely: bool) -> Result<usize, ExecutionError> {
    let single = case.of("recognition").filter(|paper| decides(paper, word)).map(|paper| (paper, None));
    let lists = case.of("recognition_list").filter(|list| decides(list, word));
    let lines = lists.flat_map(|list| list.list("firms").iter().map(move |line| (line, Some(list))));
    let mut count = 0;
    for (row, list) in single.chain(lines) {
        let Some(holder) = row.peek_text("holder") else { continue };
        let who = case.party(holder, row.peek_text("uscc").unwrap_or(""))?;
        let is_meant = if surely { matches!(who, "same" | "former") } else { who == "unsure" };
        if is_meant {
            row.note(&["title", "holder", "uscc", "level", "year"]);
            list.into_iter().for_each(|list| list.note(&["title", "issued_on"]));
            count += 1;
        }
    }
    Ok(count)
}

/// The operator's lists of a programme: those that say which years they cover.
fn held<'a>(case: &'a Index, word: &'a str) -> impl Iterator<Item = &'a Arc<Node>> {
    let of_word = case.of("recognition_list").filter(move |list| decides(list, word));
    of_word.filter(|list| list.fields.contains_key("covers_from"))
}

/// Whether the operator has lists of recognitions at all, of whatever programme.
pub(super) fn has_lists(case: &Index) -> bool {
    held(case, "").next().is_some()
}

/// The years of a period that no list of the programme covers, where the operator has lists at all; none otherwise.
pub(super) fn gap(case: &Index, word: &str, period: Period) -> String {
    let mut open: BTreeSet<i32> = (period.from.year()..=period.to.year()).collect();
    for list in held(case, word) {
        list.note(&["title", "covers_from", "covers_to"]);
        if let (Ok(from), Ok(to)) = (list.day("covers_from"), list.day("covers_to")) {
            open.retain(|year| !(from.year()..=to.year()).contains(year));
        }
    }
    if !has_lists(case) {
        return String::new();
    }
    open.iter().map(i32::to_string).collect::<Vec<_>>().join(" ")
}

/// The last day a city sets for applications, by a list of them.
pub(super) fn closing_date(case: &Index, city: &str) -> Option<NaiveDate> {
    let city = folded(city);
    let rows = case.of("closing_dates").flat_map(|list| list.list("cities"));
    let mut own = rows.filter(|row| row.peek_text("city").is_some_and(|name| folded(name) == city));
    own.find_map(|row| {
        row.note(&["city"]);
        row.day("closes_on").ok()
    })
}

/// Notes the lines of the operator's own list of counties that an address names.
pub(super) fn note_counties(case: &Index, address: &str) {
    let address = folded(address);
    for list in case.of(COUNTIES) {
        let names = |row: &Arc<Node>, field: &str| {
            let name = row.peek_text(field).map(folded).unwrap_or_default();
            !name.is_empty() && address.contains(name.trim_end_matches('市'))
        };
        let find = |fields: &[&str]| {
            list.list("places").iter().find(|row| fields.iter().all(|field| names(row, field)))
        };
        // Several cities have a county of one name.
        let nearest = [&["city", "county"][..], &["city"], &["county"]].into_iter().find_map(find);
        if let Some(line) = nearest {
            list.note(&["title"]);
            line.note(&["city", "county"]);
        }
    }
}

/// The papers of a type that name the applicant as their holder, and the lines of its lists that do.
pub(super) fn lines_of(case: &Index, kind: &str) -> Result<Vec<Arc<Node>>, ExecutionError> {
    let mut lines = Vec::new();
    for list in case.of(kind) {
        list.note(&["title"]);
        for row in [list].into_iter().chain(list.list("firms")) {
            let Some(holder) = row.peek_text("holder") else { continue };
            if case.party(holder, row.peek_text("uscc").unwrap_or(""))? != "differs" {
                row.note(&["holder", "uscc", "category", "chain"]);
                lines.push(Arc::clone(row));
            }
        }
    }
    Ok(lines)
}
