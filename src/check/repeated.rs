//! Papers that stand in one case more than once, by what names them.

use std::{collections::BTreeMap, sync::Arc};

use crate::model::value::Value;

use super::{
    across,
    index::Index,
    names::folded,
    values::{Cell, Kind, Node},
};

/// The second and further ones of papers that are named the same, each with one more group, `first`: the name
/// both go by, and what they say otherwise.
pub(super) fn repeated(index: &Index) -> Vec<Arc<Node>> {
    let mut first: BTreeMap<&str, &BTreeMap<String, String>> = BTreeMap::new();
    let mut found = Vec::new();
    for ((kind, node), keyed) in index.papers.iter().zip(&index.shared.papers) {
        let Some((key, shown)) = keyed else { continue };
        let Some(known) = first.get(key.as_str()) else {
            first.insert(key, shown);
            continue;
        };
        let differing: Vec<&str> = shown
            .iter()
            .filter(|(field, value)| known.get(*field).is_some_and(|own| folded(own) != folded(value)))
            .map(|(field, _)| field.as_str())
            .collect();
        let named = across::place_of_name(index, kind, node);
        let cell = |text: String, at| Cell { value: Some(Value::Text(text)), at, problem: None };
        let fields = BTreeMap::from([
            ("name".to_owned(), cell(across::name(key), named)),
            ("differing".to_owned(), cell(differing.join(" "), None)),
        ]);
        let group = Node {
            path: format!("{}.first", node.path),
            kind: Kind::Own,
            fields,
            groups: BTreeMap::new(),
            rows: BTreeMap::new(),
            trace: Arc::clone(&index.trace),
        };
        let groups = node.groups.clone().into_iter().chain([("first".to_owned(), Arc::new(group))]).collect();
        found.push(Arc::new(Node { groups, ..Node::clone(node) }));
    }
    found
}
