//! A deployment, or the plan of one: release, what should be, what is there, what to do, doing it.

use crate::desired::{Place, Run};
use crate::diagnostic::{Error, Kind, Result};
use crate::observe::{Observed, Query};
use crate::plan::{self, Action, Allowed, Plan};
use crate::release;
use crate::report::{Status, Verdict};
use crate::route::reason::PULL_REQUEST_CLOSED;
use crate::route::{Destination, Identity, Purpose};

use super::apply::{carry_out, look};
use super::desk::Desk;
use super::draft::Draft;
use super::memory::Memory;
use super::select;
use super::{Stage, Trigger, retire};

/// Deploys the workflows that are selected, or shows what that would do.
pub(super) async fn ship(stage: &Stage<'_>, desk: &Desk, draft: &mut Draft) -> Result<()> {
    let owner = stage.owner();
    let run = Run { commit: stage.job.run.commit.clone(), run: stage.job.run_id.clone() };
    let template = &stage.job.settings.preview_name;
    let place =
        Place { target: stage.target, identity: &stage.destination.identity, owner: &owner, template, run: &run };
    let folder = place.folder(&stage.target.artifact_root(stage.project));
    let memory = Memory::read(stage, desk, folder.clone()).await?;
    let selection = select::select(stage, memory.last.as_ref(), draft).await?;
    let validated = select::validate(stage, &selection, draft)?;
    draft.selected(&selection.workflows, &selection.affected, Status::Skipped);
    let release = release::build(stage.project, &validated, &selection.files, &folder)?;
    let desired = place.desired(&validated, &release);
    let preview_user = preview_of_pull_request(stage);
    let mut observed = Observed::default();
    if !desired.is_empty() || preview_user.is_some() {
        let names = desired.iter().map(|desired| desired.name.clone()).collect();
        observed = look(desk, &owner, Query { folder: folder.clone(), names, preview_user }).await?;
    }
    let plan = plan::plan(&folder, &desired, &observed, Allowed { recreate: stage.job.settings.allow_recreate });
    draft.planned(&plan, |id| desk.page(id));
    if stage.destination.purpose == Purpose::Plan {
        return planned(&plan, draft);
    }
    carry_out(stage, desk, (&plan, &observed), &release.artifacts().collect::<Vec<_>>(), draft).await?;
    memory.write(stage, desk, &selection, (&plan, &observed), draft).await;
    close_if_closed(stage, desk, draft).await
}

/// `{user}` of a pull request's preview, whose set of pipelines is what the pull request touches now.
fn preview_of_pull_request(stage: &Stage<'_>) -> Option<String> {
    match (&stage.job.trigger, &stage.destination.identity) {
        (Trigger::Event(event), Identity::Preview(preview)) if event.pull_request().is_some() => {
            Some(preview.user.clone())
        }
        _ => None,
    }
}

fn planned(plan: &Plan, draft: &mut Draft) -> Result<()> {
    let blocked = plan.steps.iter().filter(|step| matches!(step.action, Action::Blocked { .. })).count();
    let changes =
        plan.steps.iter().filter(|step| !matches!(step.action, Action::Keep { .. } | Action::Blocked { .. })).count();
    if blocked > 0 {
        return Err(Error::new(
            Kind::Failed,
            format!("{blocked} of {} pipelines cannot be deployed as they are", plan.steps.len()),
        ));
    }
    draft.verdict(Verdict::Planned, format!("{changes} of {} pipelines would change", plan.steps.len()));
    Ok(())
}

/// A preview that was made while its pull request was closed has nobody left to destroy it but this run.
async fn close_if_closed(stage: &Stage<'_>, desk: &Desk, draft: &mut Draft) -> Result<()> {
    let (Trigger::Event(event), Some(github)) = (&stage.job.trigger, &stage.world.github) else { return Ok(()) };
    let Some(pull) = event.pull_request().filter(|_| draft.report.wrote() && preview_of_pull_request(stage).is_some())
    else {
        return Ok(());
    };
    match github.pull(pull.number).await {
        Ok(live) if !live.open => {
            let destination = Destination { purpose: Purpose::Destroy, ..stage.destination.clone() };
            retire::retire(&Stage { destination: &destination, ..*stage }, desk, draft).await?;
            draft.report.reason = Some(PULL_REQUEST_CLOSED);
            Ok(())
        }
        Ok(_) => Ok(()),
        Err(error) => {
            let told = error.describe();
            draft.note("head-unknown", format!("whether the pull request is still open could not be read: {told}"));
            Ok(())
        }
    }
}
