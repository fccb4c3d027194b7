//! Fixed places in a configuration: names and paths outside the schema of its pipeline.

use crate::source::Span;
use crate::yaml::{Entry, Node, Value};

/// Keys whose value names a dataset: fixed if it is qualified with a schema.
const NAMES: [&str; 7] = [
    "name",
    "write_opts.name",
    "append_config.target",
    "apply_cdc_config.target",
    "apply_chg_config.target",
    "apply_snapshot_config.target",
    "quarantine.table",
];
/// Keys that name a place outside the preview's schema by themselves.
const PLACES: [&str; 4] = ["write_opts.path", "write_opts.database", "quarantine.path", "sink"];

/// A key of the `dlt` section that names a place outside the schema of the pipeline.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FixedPlace {
    /// The key, dotted, as `write_opts.path`.
    pub key: &'static str,
    /// Where it is written.
    pub span: Span,
}

/// The fixed places of the `dlt` section of a file, which is one dataset or a list of them.
pub(super) fn fixed_places(file: &Node) -> Vec<FixedPlace> {
    file.get("dlt").map(|entry| of_section(&entry.node)).unwrap_or_default()
}

fn of_section(section: &Node) -> Vec<FixedPlace> {
    let written = |keys: &[&'static str]| -> Vec<(&'static str, &Entry)> {
        keys.iter().flat_map(|key| entries(section, key).into_iter().map(|entry| (*key, entry))).collect()
    };
    let names =
        written(&NAMES).into_iter().filter(|(_, entry)| entry.node.text().is_some_and(|name| name.contains('.')));
    let places = written(&PLACES).into_iter().filter(|(_, entry)| entry.node.value != Value::Null);
    names.chain(places).map(|(key, entry)| FixedPlace { key, span: entry.key.span }).collect()
}

/// The entries at a dotted key; of a list, those of each item.
fn entries<'a>(node: &'a Node, key: &str) -> Vec<&'a Entry> {
    match (&node.value, key.split_once('.')) {
        (Value::List(items), _) => items.iter().flat_map(|item| entries(item, key)).collect(),
        (_, Some((outer, inner))) => node.get(outer).map(|entry| entries(&entry.node, inner)).unwrap_or_default(),
        _ => node.get(key).into_iter().collect(),
    }
}
