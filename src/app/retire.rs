//! Taking down what carries the marks of an identity: pipelines first, then the preview's folder.

use crate::desired::{Claim, Owner, Place, Run};
use crate::diagnostic::Result;
use crate::observe::{Observed, Query};
use crate::plan;
use crate::report::Verdict;
use crate::route::Identity;

use super::apply::{carry_out, look};
use super::desk::Desk;
use super::draft::Draft;
use super::select;
use super::{Stage, Trigger};

/// Destroys a whole preview, for which no spec is needed, as its branch may be gone; or the shared pipelines of the
/// specs that were named.
pub(super) async fn retire(stage: &Stage<'_>, desk: &Desk, draft: &mut Draft) -> Result<()> {
    let owner = stage.owner();
    let place = Place {
        target: stage.target,
        identity: &stage.destination.identity,
        owner: &owner,
        template: &stage.job.settings.preview_name,
        run: &Run::default(),
    };
    let folder = place.folder(&stage.target.artifact_root(stage.project));
    let (names, preview_user) = match &stage.destination.identity {
        // Not by its author, whose account may have another name by now, or none.
        Identity::Preview(preview) => (Vec::new(), Some(preview.key.clone())),
        Identity::Shared => {
            let selection = select::select(stage, None, draft).await?;
            (selection.workflows.iter().map(|workflow| workflow.name.value.clone()).collect(), None)
        }
    };
    let mut observed = look(desk, &owner, Query { folder: folder.clone(), names, preview_user }).await?;
    observed.pipelines.retain(|standing| standing.claim != Claim::Hidden || place.may_name(&standing.name));
    let plan =
        plan::teardown(&folder, &observed, why(stage), matches!(stage.destination.identity, Identity::Preview(_)));
    draft.planned(&plan, |id| desk.page(id));
    carry_out(stage, desk, (&plan, &observed), &[], draft).await?;
    if draft.report.result == Verdict::Destroyed {
        hive_data(&plan, draft);
    }
    beyond_targets(stage, &owner, &observed, draft);
    Ok(())
}

/// A preview in an environment that is no target any more is destroyed by no run of this commit.
fn beyond_targets(stage: &Stage<'_>, owner: &Owner, observed: &Observed, draft: &mut Draft) {
    for standing in &observed.pipelines {
        let Some(environment) = owner.elsewhere(&standing.settings) else { continue };
        if stage.project.target(environment).is_none() {
            let (name, file) = (&standing.name, &stage.project.file);
            draft.note(
                "preview-left",
                format!(
                    "`{name}` still stands: its environment `{environment}` is no target of `{file}` any more; run \
                     `dltflow destroy` for it in a commit where it is one"
                ),
            );
        }
    }
}

fn why(stage: &Stage<'_>) -> &'static str {
    match stage.job.trigger {
        Trigger::Event(_) if !stage.job.destroys_by_mode() => "its pull request was closed",
        Trigger::Event(_) | Trigger::Order(_) => "it was asked for",
    }
}

/// Tables of Hive pipelines stay when the pipeline goes; whoever cleans up has to know where they are.
fn hive_data(plan: &plan::Plan, draft: &mut Draft) {
    for place in plan.steps.iter().filter_map(|step| step.action.left_behind()) {
        draft.note("hive-data-left", format!("tables and checkpoints of a Hive pipeline stay: {place}"));
    }
}
