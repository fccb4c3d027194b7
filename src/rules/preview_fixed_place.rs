//! `preview-fixed-place`: what a configuration writes to a fixed place, the shared pipeline and the preview would both
//! write to.

use crate::diagnostic::{Diagnostic, Diagnostics};
use crate::project::Project;
use crate::source::{Files, RepoPath, Source, Span};
use crate::spec::Workflow;
use crate::yaml::{self, Entry, Node, Value};

/// Keys whose value names a dataset: fixed where it is qualified with a schema.
const NAMES: [&str; 6] = [
    "name",
    "write_opts.name",
    "append_config.target",
    "apply_cdc_config.target",
    "apply_chg_config.target",
    "quarantine.table",
];
/// Keys that name a place outside the preview's schema by themselves.
const PLACES: [&str; 3] = ["write_opts.path", "write_opts.database", "sink"];

pub(super) fn check(project: &Project, workflow: &Workflow, files: &Files, found: &mut Diagnostics) {
    let Some(rules) = project.target(&workflow.environment).map(|target| &target.preview) else { return };
    if !rules.isolate || rules.allow.iter().any(|allowed| allowed == "fixed-names") {
        return;
    }
    for path in workflow.items.iter().filter_map(|item| item.config_file(&project.folder, files)) {
        let Some(config) = read(&path, files) else { continue };
        for (key, span) in datasets(&config).iter().flat_map(|dataset| fixed_places(dataset)) {
            let message =
                format!("`{key}` names a fixed place, so the preview would write where the shared pipeline does");
            let allow = format!("`targets.{}.preview.allow: [fixed-names]`", workflow.environment);
            let help =
                format!("leave the schema out of the name and the path out of the options, or waive it by {allow}");
            found.push(Diagnostic::of("preview-fixed-place", &path, span, message).help(help));
        }
    }
}

fn read(path: &RepoPath, files: &Files) -> Option<Node> {
    let text = String::from_utf8(files.get(path)?.to_vec()).ok()?;
    yaml::parse(&Source { path: path.clone(), text }).0
}

/// The entries of `dlt`: one mapping, or a list of them.
fn datasets(config: &Node) -> Vec<&Node> {
    match config.get("dlt").map(|entry| &entry.node) {
        Some(Node { value: Value::List(entries), .. }) => entries.iter().collect(),
        Some(entry) => vec![entry],
        None => Vec::new(),
    }
}

fn fixed_places(dataset: &Node) -> Vec<(&'static str, Span)> {
    let qualified = |node: &Node| matches!(&node.value, Value::Text(name) if name.contains('.'));
    let names = NAMES
        .into_iter()
        .filter_map(|key| Some((key, entry(dataset, key)?)))
        .filter(|(_, entry)| qualified(&entry.node));
    let places = PLACES.into_iter().filter_map(|key| Some((key, entry(dataset, key)?)));
    let places = places.filter(|(_, entry)| entry.node.value != Value::Null);
    names.chain(places).map(|(key, entry)| (key, entry.key.span)).collect()
}

/// The entry at a dotted key.
fn entry<'a>(node: &'a Node, key: &str) -> Option<&'a Entry> {
    match key.split_once('.') {
        Some((outer, inner)) => node.get(outer)?.node.get(inner),
        None => node.get(key),
    }
}
