//! `preview-fixed-place`: what a configuration writes to a fixed place, the shared pipeline and the preview would both
//! write to.

use crate::diagnostic::{Diagnostic, Diagnostics, Rule};
use crate::project::Project;
use crate::source::{Files, RepoPath, Source, Span};
use crate::spec::Workflow;
use crate::yaml::{self, Entry, Node, Value};

/// Keys whose value names a dataset: fixed where it is qualified with a schema.
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

pub(super) fn check(project: &Project, workflow: &Workflow, files: &Files, found: &mut Diagnostics) {
    let Some(rules) = project.target(&workflow.environment).map(|target| &target.preview) else { return };
    if !rules.isolate || rules.allow.iter().any(|allowed| allowed == "fixed-names") {
        return;
    }
    for path in workflow.items.iter().filter_map(|item| item.config_file(&project.folder, files)) {
        let Some(config) = read(&path, files) else { continue };
        for (key, span) in config.get("dlt").map(|entry| fixed_places(&entry.node)).unwrap_or_default() {
            let message =
                format!("`{key}` names a fixed place, so the preview would write where the shared pipeline does");
            let allow = format!("`targets.{}.preview.allow: [fixed-names]`", workflow.environment);
            let help =
                format!("leave the schema out of the name and the path out of the options, or waive it by {allow}");
            found.push(Diagnostic::of(Rule::PreviewFixedPlace, &path, span, message).help(help));
        }
    }
}

fn read(path: &RepoPath, files: &Files) -> Option<Node> {
    let text = String::from_utf8(files.get(path)?.to_vec()).ok()?;
    yaml::parse(&Source { path: path.clone(), text }).0
}

/// `section` is one dataset or a list of them.
fn fixed_places(section: &Node) -> Vec<(&'static str, Span)> {
    let written = |keys: &[&'static str]| -> Vec<(&'static str, &Entry)> {
        keys.iter().flat_map(|key| entries(section, key).into_iter().map(|entry| (*key, entry))).collect()
    };
    let names =
        written(&NAMES).into_iter().filter(|(_, entry)| entry.node.text().is_some_and(|name| name.contains('.')));
    let places = written(&PLACES).into_iter().filter(|(_, entry)| entry.node.value != Value::Null);
    names.chain(places).map(|(key, entry)| (key, entry.key.span)).collect()
}

/// The entries at a dotted key; of a list, those of each item.
fn entries<'a>(node: &'a Node, key: &str) -> Vec<&'a Entry> {
    match (&node.value, key.split_once('.')) {
        (Value::List(items), _) => items.iter().flat_map(|item| entries(item, key)).collect(),
        (_, Some((outer, inner))) => node.get(outer).map(|entry| entries(&entry.node, inner)).unwrap_or_default(),
        _ => node.get(key).into_iter().collect(),
    }
}
