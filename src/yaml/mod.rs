//! Text → a tree in which every key and value knows its place.
//!
//! YAML and JSON are read by the same parser, JSON being YAML in flow style. All use of the YAML library stays here.

mod fault;
mod node;
#[cfg(test)]
mod tests;

pub use node::{Entry, Key, Node, Value, pointer};

use std::collections::BTreeMap;

use serde_saphyr::options::DuplicateKeyPolicy;

use crate::diagnostic::{Diagnostic, Diagnostics, Rule};
use crate::source::{Source, Span};

/// Bytes beyond which a file is not a configuration written by hand; it is refused unread.
pub const MAX_BYTES: usize = 1024 * 1024;

/// Levels of nesting beyond which a file is refused: reading recurses, and a spec has ten.
const MAX_DEPTH: usize = 24;

/// Nodes that a file may hold, and nodes that its aliases may repeat.
const MAX_NODES: usize = 100_000;

/// Reads a file; `None` if it is not a single document with a value.
///
/// A syntax error ends the reading and is reported once, at its place. What can be read around is reported completely:
/// each duplicate key, at both places. Aliases and merge keys are expanded within bounds; `no`, `off` and `010` are strings;
/// tags are refused.
pub fn parse(source: &Source) -> (Option<Node>, Diagnostics) {
    let mut found = Diagnostics::default();
    if source.text.len() > MAX_BYTES {
        let message = format!("the file has {} bytes, more than the {MAX_BYTES} that are allowed", source.text.len());
        found.push(Diagnostic::of(Rule::Syntax, &source.path, None, message));
        return (None, found);
    }
    match serde_saphyr::from_str_with_options::<node::Raw>(&source.text, options()) {
        Err(error) => {
            found.push(fault::diagnostic(source, &error));
            (None, found)
        }
        Ok(raw) => {
            let node = raw.into_node(source, &mut found);
            refuse_duplicates(&node, source, &mut found);
            if node.value == Value::Null {
                let empty = Diagnostic::of(Rule::Syntax, &source.path, Span::default(), "the file is empty");
                found.push(empty.help(fault::EMPTY));
                return (None, found);
            }
            (Some(node), found)
        }
    }
}

fn options() -> serde_saphyr::Options {
    serde_saphyr::options! {
        budget: serde_saphyr::budget! {
            max_depth: MAX_DEPTH,
            max_nodes: MAX_NODES,
            max_merge_keys: 1_000,
            max_documents: 2,
            // One cluster that a hundred workflows share is not an attack; what aliases repeat is bounded below.
            enforce_alias_anchor_ratio: false,
        },
        alias_limits: serde_saphyr::alias_limits! {
            max_total_replayed_events: MAX_NODES,
            max_replay_stack_depth: 16,
        },
        // All duplicates are reported, with both places: they are looked for in the tree.
        duplicate_keys: DuplicateKeyPolicy::PassThrough,
        leading_zero_numbers_as_strings: true,
        underscored_numbers_as_strings: true,
        strict_booleans: true,
        reject_unsupported_tags: true,
        non_finite_float_policy: serde_saphyr::options::NonFiniteFloatPolicy::AsString,
        with_snippet: false,
    }
}

fn refuse_duplicates(node: &Node, source: &Source, found: &mut Diagnostics) {
    match &node.value {
        Value::List(items) => items.iter().for_each(|item| refuse_duplicates(item, source, found)),
        Value::Map(entries) => {
            let mut seen = BTreeMap::new();
            for Entry { key, node } in entries {
                if let Some(first) = seen.insert(&key.text, key.span) {
                    let twice = Diagnostic::of(
                        Rule::DuplicateKey,
                        &source.path,
                        key.span,
                        format!("`{}` is given twice", key.text),
                    );
                    found.push(twice.related(&source.path, first, "first here").help("keep one of the two"));
                }
                refuse_duplicates(node, source, found);
            }
        }
        _ => {}
    }
}
