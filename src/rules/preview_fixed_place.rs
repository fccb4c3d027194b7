//! `preview-fixed-place`: what a configuration writes to a fixed place, the shared pipeline and the preview would both
//! write to.

use std::collections::BTreeSet;

use crate::codebase::Codebase;
use crate::diagnostic::{Diagnostic, Diagnostics, Rule};
use crate::project::Project;
use crate::spec::Workflow;

pub(super) fn check(project: &Project, workflows: &[Workflow], codebase: &Codebase, found: &mut Diagnostics) {
    let mut seen = BTreeSet::new();
    for workflow in workflows.iter().filter(|workflow| forbids(project, workflow)) {
        for (path, config) in codebase.all_configurations(workflow) {
            if !seen.insert((&workflow.environment, path)) {
                continue;
            }
            for place in &config.fixed_places {
                let key = place.key;
                let message =
                    format!("`{key}` names a fixed place, so the preview would write where the shared pipeline does");
                let allow = format!("`targets.{}.preview.allow: [fixed-names]`", workflow.environment);
                let help =
                    format!("leave the schema out of the name and the path out of the options, or waive it by {allow}");
                found.push(Diagnostic::of(Rule::PreviewFixedPlace, path, place.span, message).help(help));
            }
        }
    }
}

/// Whether previews of the workflow may write to places of their own only.
fn forbids(project: &Project, workflow: &Workflow) -> bool {
    let rules = project.target(&workflow.environment).map(|target| &target.preview);
    rules.is_some_and(|rules| rules.isolate && !rules.allow.iter().any(|allowed| allowed == "fixed-names"))
}
