//! `<<`: what a mapping takes from others.

use std::collections::HashMap;

use super::fault::Fault;
use super::node::{Entry, Node, Value};
use super::oddity::{Oddity, OddityKind};
use crate::source::Span;

/// The entries of a mapping with those that it merges after its own: of several values for a key the first counts.
pub(super) fn merged(
    own: Vec<Entry>,
    merges: Vec<(Span, Node)>,
    oddities: &mut Vec<Oddity>,
) -> Result<Vec<Entry>, Fault> {
    if merges.is_empty() {
        return Ok(own);
    }
    let mut taken: HashMap<String, Option<usize>> = own.iter().map(|entry| (entry.key.text.clone(), None)).collect();
    let mut entries = own;
    for (at, node) in merges {
        for entry in sources(at, node)? {
            match taken.get(&entry.key.text) {
                None => {
                    taken.insert(entry.key.text.clone(), Some(entries.len()));
                    entries.push(entry);
                }
                Some(Some(first)) if !same(&entries[*first].node, &entry.node) => {
                    let kind = OddityKind::MergedTwice(entry.key.text.clone());
                    oddities.push(Oddity { span: at, kind });
                }
                Some(_) => {}
            }
        }
    }
    Ok(entries)
}

/// The entries of a mapping, or of each mapping of a list.
fn sources(at: Span, node: Node) -> Result<Vec<Entry>, Fault> {
    let wrong = || Fault::at(at, "only mappings can be merged by `<<`");
    match node.value {
        Value::Map(entries) => Ok(entries),
        Value::List(items) => {
            let mut all = Vec::new();
            for item in items {
                let Value::Map(entries) = item.value else { return Err(wrong()) };
                all.extend(entries);
            }
            Ok(all)
        }
        _ => Err(wrong()),
    }
}

/// Whether two values are equal, wherever they are written.
fn same(one: &Node, other: &Node) -> bool {
    match (&one.value, &other.value) {
        (Value::List(one), Value::List(other)) => {
            one.len() == other.len() && one.iter().zip(other).all(|(one, other)| same(one, other))
        }
        (Value::Map(one), Value::Map(other)) => {
            let pairs = one.iter().zip(other);
            one.len() == other.len()
                && pairs.into_iter().all(|(one, other)| one.key.text == other.key.text && same(&one.node, &other.node))
        }
        (one, other) => one == other,
    }
}
