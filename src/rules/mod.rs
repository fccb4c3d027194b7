//! Is it right: workflows and the project's files → diagnostics. Only here is a [`Validated`] made.
//!
//! A rule is a file here with one function, one line in `CHECKS`, and one line in the catalogue
//! ([`Rule`]) with its code, severity and reason.

mod autoscale_range;
mod bad_wheel_name;
mod continuous_trigger;
mod dash_in_target;
mod dbfs_dependency;
mod dotted_target;
mod duplicate_dataset;
mod duplicate_workflow_name;
mod exclusive_fields;
mod invalid_config;
mod missing_config_file;
mod missing_python_file;
mod missing_wheel;
mod module_collision;
mod preview_fixed_place;
mod preview_run_as;
mod python_file_outside_code;
mod relative_storage;
mod run_as_identity;
mod stray_quote;
mod too_many_tags;

use std::collections::BTreeMap;

use serde_json::Value;

use crate::config::{self, Config};
use crate::diagnostic::{Diagnostic, Diagnostics, Rule};
use crate::project::Project;
use crate::source::{Files, RepoPath, Span};
use crate::spec::Workflow;

/// Something that passed every rule; only this module makes one, and only such a thing is released or planned.
#[derive(Clone, Debug)]
pub struct Validated<T>(T);

impl<T> Validated<T> {
    /// What passed.
    pub fn get(&self) -> &T {
        &self.0
    }
}

/// What a rule looks at.
struct Subject<'a> {
    project: &'a Project,
    workflow: &'a Workflow,
    files: &'a Files,
    /// What the configurations of its items say, by file.
    configs: BTreeMap<RepoPath, Config>,
}

type Check = fn(&Subject<'_>, &mut Diagnostics);

/// The rules about one workflow.
const CHECKS: &[Check] = &[
    stray_quote::check,
    missing_python_file::check,
    python_file_outside_code::check,
    module_collision::check,
    missing_config_file::check,
    invalid_config::check,
    duplicate_dataset::check,
    missing_wheel::check,
    bad_wheel_name::check,
    dbfs_dependency::check,
    exclusive_fields::check,
    continuous_trigger::check,
    relative_storage::check,
    dotted_target::check,
    dash_in_target::check,
    autoscale_range::check,
    too_many_tags::check,
    run_as_identity::check,
];

/// Checks the workflows that a run has selected, alone and together.
///
/// `findings` is what is known so far about what was selected, such as what a spec file as a whole has wrong, or
/// [`preview`]. It is given back with what reading the workflows found and what the rules find. One error among them,
/// and nothing is validated: a run deploys all that it selected, or nothing.
pub fn check(
    project: &Project,
    selected: &[Workflow],
    files: &Files,
    mut findings: Diagnostics,
) -> (Vec<Validated<Workflow>>, Diagnostics) {
    for workflow in selected {
        findings.extend(examine(project, workflow, files));
    }
    duplicate_workflow_name::check(selected, &mut findings);
    let validated = if findings.has_errors() { Vec::new() } else { selected.iter().cloned().map(Validated).collect() };
    (validated, findings)
}

/// Everything that can be said about one workflow by itself: what reading it found, and the rules.
///
/// For a workflow that the run did not select, [`Diagnostics::downgraded`] makes it worth knowing only.
pub fn examine(project: &Project, workflow: &Workflow, files: &Files) -> Diagnostics {
    let subject = Subject { project, workflow, files, configs: configs(project, workflow, files) };
    let mut found = Diagnostics::default();
    for check in CHECKS {
        check(&subject, &mut found);
    }
    let mut findings = workflow.findings.clone();
    findings.extend(project.apply_severities(found));
    findings
}

/// The configurations of the items of `workflow`, as far as they are there.
fn configs(project: &Project, workflow: &Workflow, files: &Files) -> BTreeMap<RepoPath, Config> {
    let paths = workflow.items.iter().filter_map(|item| item.config_file(&project.folder, files));
    let paths = paths.filter(|path| matches!(path.extension(), "json" | "yaml" | "yml"));
    let read = paths.filter_map(|path| {
        // An empty file has nothing to say, and stands for one that is not read where nothing is released.
        let bytes = files.get(&path).filter(|bytes| !bytes.is_empty())?;
        let config = config::decode_bytes(&path, bytes);
        Some((path, config))
    });
    read.collect()
}

/// What speaks against a preview of a workflow.
pub fn preview(project: &Project, workflow: &Workflow, files: &Files) -> Diagnostics {
    let mut found = Diagnostics::default();
    preview_run_as::check(project, workflow, &mut found);
    preview_fixed_place::check(project, workflow, files, &mut found);
    project.apply_severities(found)
}

impl Subject<'_> {
    /// A finding of `rule` at `span` of the spec.
    fn finding(&self, rule: Rule, span: Span, message: String) -> Diagnostic {
        Diagnostic::of(rule, &self.workflow.spec, span, message)
    }

    /// A finding of `rule` at the setting of a JSON pointer.
    fn at(&self, rule: Rule, pointer: &str, message: String) -> Diagnostic {
        self.finding(rule, self.workflow.place(pointer), message)
    }

    fn setting(&self, field: &str) -> Option<&Value> {
        self.workflow.settings.get(field)
    }

    fn text(&self, field: &str) -> Option<&str> {
        self.setting(field).and_then(Value::as_str)
    }

    fn is_on(&self, field: &str) -> bool {
        self.setting(field) == Some(&Value::Bool(true))
    }

    /// The clusters, each with its JSON pointer.
    fn clusters(&self) -> impl Iterator<Item = (String, &Value)> {
        let clusters = self.setting("clusters").and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default();
        clusters.iter().enumerate().map(|(index, cluster)| (format!("/clusters/{index}"), cluster))
    }
}

#[cfg(test)]
mod tests;
