//! What a list comes to, where the paper says it as well and says otherwise: a line was not read, or was misread, or
//! the paper does not add up.

use rust_decimal::Decimal;

use super::custom::sums;
use crate::{
    model::{
        anchor::Anchor,
        fact::{Fact, Record},
        problem::Problem,
        value::{Money, Value},
    },
    rulebook::types::{DocumentType, Kind, RowsSpec},
};

/// What does not foot in the lists of a document, each on the page of its sum.
pub(super) fn problems(kind: &DocumentType, record: &Record) -> Vec<Problem> {
    kind.rows.iter().flat_map(|list| of_list(kind, list, record)).collect()
}

fn of_list(kind: &DocumentType, list: &RowsSpec, record: &Record) -> Vec<Problem> {
    let rows = |name: &str| record.rows.get(name).map_or(&[][..], Vec::as_slice);
    let lines = rows(&list.name);
    let mut found = Vec::new();
    for (column, field) in &list.foots {
        let Some(said) = record.fields.get(field).filter(|_| !lines.is_empty()) else { continue };
        let parts = lines.iter().map(|line| line.fields.get(column));
        let amounts: Option<Vec<Money>> =
            std::iter::once(Some(said)).chain(parts).map(|fact| sums::read(fact?)).collect();
        if let Some(sum) = amounts.and_then(|amounts| sums::unfooting(&amounts)) {
            found.push(problem(kind, list, column, sum, said));
        }
    }
    if let Some(sums) = list.sums.as_deref().map(rows) {
        let amounts = list.columns.iter().filter(|column| column.kind == Kind::Money);
        let columns: Vec<&str> = amounts.map(|column| column.name.as_str()).collect();
        for (at, column, sum) in sums::unfooted(&columns, lines, sums) {
            if let Some(said) = sums[at].fields.get(column) {
                found.push(problem(kind, list, column, sum, said));
            }
        }
    }
    found
}

fn problem(kind: &DocumentType, list: &RowsSpec, column: &str, sum: Decimal, said: &Fact) -> Problem {
    let (title, id, list, printed) = (&kind.title, &kind.id, &list.name, &said.evidence.raw);
    let sum = Value::Money(Money::yuan(sum)).wire();
    let problem = Problem::new(
        "table-does-not-foot",
        format!(
            "{title}：明细 {list} 的 {column} 相加为 {sum} 元，表中合计为 {printed}；可能有行漏读或误读，也可能原件本身不平，请对照原件"
        ),
        format!(
            "{id}: {column} of {list} adds up to {sum} yuan, and its sum says {printed}; a line may not have been read, or was misread, or the paper itself does not add up: compare it with the original"
        ),
    );
    match said.evidence.anchors.iter().find_map(page) {
        Some(page) => problem.on_page(page),
        None => problem,
    }
}

const fn page(anchor: &Anchor) -> Option<u32> {
    match anchor {
        Anchor::Box { page, .. } => Some(*page),
        _ => None,
    }
}
