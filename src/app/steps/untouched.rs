//! The workflows of a shared environment that a change does not affect: what stands for them is made so, too.

use std::collections::BTreeSet;

use crate::app::record::Record;
use crate::app::subject::Subject;
use crate::desired::DesiredPipeline;
use crate::observe::Observed;
use crate::plan::{self, Action, Allowed};
use crate::rules::Validated;
use crate::spec::Workflow;

use super::standing::Standing;

/// Workflows of an environment at most for all of its pipelines to be read on every run.
const MAX_READ: usize = 200;

/// Which of the valid `workflows`, of `total` in the environment, are planned: all, or in a large environment those
/// without a pipeline. A pull request and a command are about what they name.
pub(super) fn planned(
    subject: &Subject,
    mut workflows: Vec<Validated<Workflow>>,
    total: usize,
    standing: &Standing,
    record: &mut Record,
) -> Vec<Validated<Workflow>> {
    if !subject.is_of_ref() {
        return Vec::new();
    }
    if total > MAX_READ && !workflows.is_empty() {
        workflows.retain(|workflow| !standing.has(&workflow.get().name.value));
        record.note(
            "not-compared",
            format!(
                "the environment has {total} workflows, more than {MAX_READ}: the pipelines of those that the change does \
                 not affect were not compared with their specs, only looked for; `workflow_dispatch`, a schedule, a tag or \
                 `all: true` compares them"
            ),
        );
    }
    workflows
}

/// Leaves out what cannot be done for workflows that the change does not affect: it is no failure of this run. Nothing of
/// theirs is recreated either.
pub(super) fn leave_blocked(
    folder: &str,
    names: &BTreeSet<String>,
    desired: &mut Vec<DesiredPipeline>,
    observed: &mut Observed,
) -> Vec<String> {
    let untouched: Vec<DesiredPipeline> =
        desired.iter().filter(|desired| names.contains(&desired.workflow)).cloned().collect();
    let trial = plan::plan(folder, &untouched, observed, &[], Allowed::default());
    let mut sentences = Vec::new();
    for step in trial.pipelines() {
        let Action::Blocked { why, hint, .. } = &step.action else { continue };
        desired.retain(|desired| desired.name != step.name);
        observed.pipelines.retain(|existing| existing.name != step.name);
        sentences.push(left_alone(&step.name, why, hint));
    }
    sentences
}

/// That nothing was done for the pipeline of a workflow that the change does not affect.
pub(super) fn left_alone(name: &str, why: &str, hint: &str) -> String {
    format!("`{name}`, which the change does not affect, was left as it is: {why}; {hint}")
}
