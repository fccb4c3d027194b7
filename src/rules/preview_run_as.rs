//! `preview-run-as`: who opens a pull request must not borrow the rights of the shared pipeline.

use crate::diagnostic::{Diagnostic, Diagnostics, Rule};
use crate::project::Project;
use crate::spec::Workflow;

pub(super) fn check(project: &Project, workflow: &Workflow, found: &mut Diagnostics) {
    let rules = project.target(&workflow.environment).map(|target| &target.preview);
    let settled =
        rules.is_some_and(|rules| rules.run_as.is_some() || rules.allow.iter().any(|allowed| allowed == "run-as"));
    if workflow.settings.run_as().is_some() && !settled {
        let message = "a preview cannot take `run_as` from the workflow";
        let finding = Diagnostic::of(Rule::PreviewRunAs, &workflow.spec, workflow.place("/run_as"), message);
        let preview = format!("targets.{}.preview", workflow.environment);
        found.push(finding.help(format!(
            "name an identity for previews in `{preview}.run_as`, or allow `run-as` in `{preview}.allow`"
        )));
    }
}
