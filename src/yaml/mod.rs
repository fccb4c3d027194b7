//! Text → a tree in which every key and value knows its place.
//!
//! YAML is read from the events of a parser, JSON by a strict reader of its own; both give one tree. All use of the two
//! libraries stays here.

mod build;
mod fault;
mod json;
mod merge;
mod node;
mod oddity;
mod scalar;
#[cfg(test)]
mod tests;
pub mod yaml_1_1;

pub use node::{Entry, Key, Node, Value, pointer};
pub use oddity::{Oddity, OddityKind};

use std::collections::BTreeMap;

use crate::diagnostic::{Diagnostic, Diagnostics, Rule};
use crate::source::{RepoPath, Source, Span, conflict_marker};

/// Digits of a whole number beyond which Python refuses to read it.
pub const MOST_DIGITS: usize = 4_300;

/// How large a file may be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// Bytes; a larger file is refused unread.
    pub bytes: usize,
    /// Levels of nesting.
    pub depth: usize,
    /// Values, those that aliases repeat included.
    pub nodes: usize,
}

impl Limits {
    /// Of what is written by hand: a spec has ten levels.
    pub const SPEC: Self = Self { bytes: 1 << 20, depth: 24, nodes: 100_000 };
    /// Of a configuration, whose sections beside `dlt` hold what the author's own tools make.
    pub const CONFIGURATION: Self = Self { bytes: 16 << 20, depth: 128, nodes: 2_000_000 };
}

/// By which version of YAML scalars without quotes are taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Resolution {
    /// 1.2, without what people do not mean.
    Core,
    /// 1.1, as `PyYAML` has it.
    Yaml11,
}

/// What a file was read as.
#[derive(Debug, Default)]
pub struct Parsed {
    /// The tree; `None` if the file is not a single document with a value.
    pub node: Option<Node>,
    /// What is wrong.
    pub findings: Diagnostics,
    /// What another reader takes otherwise, or not at all.
    pub oddities: Vec<Oddity>,
}

/// Reads a file of ours; `None` if it is not a single document with a value.
///
/// A syntax error ends the reading and is reported once, at its place. What can be read around is reported completely:
/// each duplicate key, at both places. Aliases and merge keys are expanded within bounds; `no`, `off` and `010` are strings;
/// tags are refused: a tag changes what a value is, behind the back of who reads the field.
pub fn parse(source: &Source) -> (Option<Node>, Diagnostics) {
    let Parsed { node, mut findings, oddities } = read(source, Limits::SPEC, Resolution::Core);
    findings.extend(oddities.iter().filter_map(|oddity| oddity.refused(source)));
    (node, findings)
}

/// Reads any file: JSON if its name says so, else YAML.
pub fn read(source: &Source, limits: Limits, resolution: Resolution) -> Parsed {
    let mut parsed = Parsed::default();
    if source.text.len() > limits.bytes {
        let most = limits.bytes;
        let message = format!("the file has {} bytes, more than the {most} that are allowed", source.text.len());
        parsed.findings.push(Diagnostic::of(Rule::Syntax, &source.path, None, message));
        return parsed;
    }
    if let Some(span) = conflict_marker(&source.text) {
        parsed.findings.push(unfinished_merge(&source.path, span));
        return parsed;
    }
    let is_json = source.path.extension().eq_ignore_ascii_case("json");
    let tree = if is_json {
        json::tree(source, limits, &mut parsed.oddities)
    } else {
        build::tree(source, (limits, resolution), &mut parsed.findings, &mut parsed.oddities)
    };
    match tree {
        Err(fault) => {
            parsed.findings = Diagnostics::default();
            parsed.findings.push(fault.into_finding(source));
        }
        Ok(node) if node.value == Value::Null => parsed.findings.push(fault::empty().into_finding(source)),
        Ok(node) => {
            refuse_duplicates(&node, source, &mut parsed.findings);
            parsed.node = Some(node);
        }
    }
    parsed
}

/// The finding of a file that git could not merge; `span` is the first line of what it left.
pub fn unfinished_merge(path: &RepoPath, span: Span) -> Diagnostic {
    let finding = Diagnostic::of(Rule::UnfinishedMerge, path, span, "a merge was not finished here");
    finding.help("keep one side, and remove the lines that begin with `<<<<<<<`, `=======` and `>>>>>>>`")
}

fn refuse_duplicates(node: &Node, source: &Source, found: &mut Diagnostics) {
    match &node.value {
        Value::List(items) => items.iter().for_each(|item| refuse_duplicates(item, source, found)),
        Value::Map(entries) => {
            let mut seen = BTreeMap::new();
            for Entry { key, node } in entries {
                if let Some(first) = seen.insert(&key.text, key.span) {
                    found.push(twice(source, &key.text, key.span, first));
                }
                refuse_duplicates(node, source, found);
            }
        }
        _ => {}
    }
}

/// The finding of a key that is in its mapping at `first` already.
fn twice(source: &Source, key: &str, span: Span, first: Span) -> Diagnostic {
    let twice = Diagnostic::of(Rule::DuplicateKey, &source.path, span, format!("`{key}` is given twice"));
    twice.related(&source.path, first, "first here").help("keep one of the two")
}
