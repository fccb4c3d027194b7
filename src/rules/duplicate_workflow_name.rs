//! `duplicate-workflow-name`: pipelines are found by their name, so two of one name would be one.

use std::collections::BTreeMap;

use crate::diagnostic::{Diagnostic, Diagnostics, Rule};
use crate::spec::Workflow;

pub(super) fn check(selected: &[Workflow], found: &mut Diagnostics) {
    let mut seen: BTreeMap<(&str, &str), &Workflow> = BTreeMap::new();
    for workflow in selected {
        let name = workflow.name.value.as_str();
        let Some(first) = seen.insert((workflow.environment.as_str(), name), workflow) else { continue };
        let message = format!("`{name}` is the name of another workflow of `{}`", workflow.environment);
        let finding = Diagnostic::of(Rule::DuplicateWorkflowName, &workflow.spec, workflow.name.span, message);
        found.push(finding.related(&first.spec, first.name.span, "the other one").help("give each its own name"));
    }
}
