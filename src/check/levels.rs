//! Star levels: what the declaration says is held, and what recognitions of the applicant show.

use std::sync::Arc;

use cel::ExecutionError;

use super::{index::Index, names::folded, values::Node};

/// The number a level is written as: `3`, `三星级`, `2021年三星级上云企业`.
pub(super) fn number(text: &str) -> Option<i64> {
    let text = folded(text);
    let digit = |c: char| {
        let place = "零一二三四五六七八九".chars().position(|one| one == c);
        c.to_digit(10).map(i64::from).or_else(|| i64::try_from(place?).ok())
    };
    match text.split_once('星') {
        Some((before, _)) => before.chars().last().and_then(digit),
        None => text.chars().find_map(digit),
    }
}

/// The star level of a recognition, claimed or supplied; none for one of another programme.
fn level(row: &Node) -> Option<i64> {
    let title = row.peek_text("title").unwrap_or("上云");
    if !title.contains("上云") {
        return None;
    }
    row.peek("level").and_then(|value| number(&value.wire())).or_else(|| number(title))
}

/// The level of a list that is of one level.
fn sole(list: &Node) -> Option<i64> {
    let title = list.peek_text("title")?;
    let is_one =
        title.matches('星').count() == 1 && number(title).is_some_and(|level| (3..=5).contains(&level));
    level(list).filter(|_| is_one)
}

fn noted(row: &Node) {
    row.note(&["title", "level", "holder", "uscc"]);
}

/// A recognition, or a line of a list of recognised firms with the list.
type Shown<'a> = (i64, [Option<&'a Arc<Node>>; 2]);

/// The highest level among recognitions of the applicant, by themselves or in lists: final ones, or only announced
/// (公示) ones. A list without the applicant says nothing of it.
fn shown(case: &Index, announced: bool) -> Result<Option<Shown<'_>>, ExecutionError> {
    let (mut best, mut unread): (Option<Shown>, _) = (None, None);
    // What is announced, or yet to be decided, is none.
    let is_meant = |paper: &&Arc<Node>| {
        paper.peek_text("title").is_some_and(|title| ["公示", "拟"].iter().any(|word| title.contains(word)))
            == announced
    };
    let single = case.of("recognition").filter(is_meant).map(|paper| (paper, None));
    // A list of another programme has stars of another.
    let lists = case.of("recognition_list").filter(is_meant);
    let lists = lists.filter(|list| list.peek_text("title").is_some_and(|title| title.contains("上云")));
    let lines = lists.flat_map(|list| list.list("firms").iter().map(move |line| (line, Some(list))));
    for (row, list) in single.chain(lines) {
        let Some(holder) = row.peek_text("holder") else {
            unread = row.text("holder").err().or(unread);
            continue;
        };
        let own = case.party(holder, row.peek_text("uscc").unwrap_or(""))? != "differs";
        if let Some(level) = level(row).or_else(|| sole(list?)).filter(|_| own)
            && best.is_none_or(|(known, _)| known < level)
        {
            best = Some((level, [Some(row), list]));
        }
    }
    match (best, unread) {
        (None, Some(error)) => Err(error),
        (best, _) => Ok(best),
    }
}

/// The level the declaration says is held; 0 for none.
fn claimed(case: &Index) -> i64 {
    let own = case.declaration.groups.get("star_cloud");
    let held = own.and_then(|group| number(&group.read("level_held").ok()?.wire()));
    let earlier = case.declaration.list("previous_recognition").iter();
    let earlier = earlier.filter_map(|row| Some((level(row)?, row))).max_by_key(|(level, _)| *level);
    if let Some((_, row)) = earlier {
        noted(row);
    }
    held.max(earlier.map(|(level, _)| level)).unwrap_or(0)
}

/// The highest level held: as declared, or as a supplied recognition shows where that is higher.
pub(super) fn held(case: &Index) -> Result<i64, ExecutionError> {
    let claimed = claimed(case);
    match shown(case, false)? {
        Some((level, shown)) if level > claimed => {
            shown.into_iter().flatten().for_each(|row| noted(row));
            Ok(level)
        }
        _ => Ok(claimed),
    }
}

/// The highest level a supplied recognition shows; 0 for none.
pub(super) fn proven(case: &Index, announced: bool) -> Result<i64, ExecutionError> {
    Ok(shown(case, announced)?.map_or(0, |(level, shown)| {
        shown.into_iter().flatten().for_each(|row| noted(row));
        level
    }))
}
