//! A deployment, or the plan of one: release, what should be, what is there, what to do, doing it.

use crate::databricks::ApiError;
use crate::deploy::{self, Outcome};
use crate::desired::{Place, Run};
use crate::diagnostic::{Error, Kind, Result};
use crate::event::{Event, Reference};
use crate::github;
use crate::observe::{self, Deployed, Observed, Query};
use crate::plan::{self, Action, Allowed, Plan};
use crate::release::{self, Artifact};
use crate::report::{Status, Verdict};
use crate::route::{Destination, Identity, Purpose};

use super::desk::Desk;
use super::draft::Draft;
use super::select::{self, Selection};
use super::{Stage, Trigger, retire};

/// The run is not the newest of its branch or pull request any more.
const SUPERSEDED: &str = "superseded";
/// The pull request was closed while the run was under way.
const CLOSED_MEANWHILE: &str = "pull-request-closed";

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
    let mut plan = Plan::nothing(&folder);
    if !desired.is_empty() || preview_user.is_some() {
        let names = desired.iter().map(|desired| desired.name.clone()).collect();
        let observed = look(desk, &owner, Query { folder: folder.clone(), names, preview_user }).await?;
        plan = plan::plan(&folder, &desired, &observed, Allowed { recreate: stage.job.settings.allow_recreate });
    }
    draft.planned(&plan, |id| desk.page(id));
    if stage.destination.purpose == Purpose::Plan {
        return planned(&plan, draft);
    }
    carry_out(stage, desk, &plan, &release.artifacts().collect::<Vec<_>>(), draft).await?;
    memory.write(stage, desk, &selection, &plan, draft).await;
    close_if_closed(stage, desk, draft).await
}

/// Looks what is there.
pub(super) async fn look(desk: &Desk, owner: &crate::desired::Owner, query: Query) -> Result<Observed> {
    observe::observe(&desk.workspace, owner, &query).await.map_err(|error| error.ending_run("look what is deployed"))
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

/// Carries a plan out, once it is sure that nothing newer is to be deployed.
pub(super) async fn carry_out(
    stage: &Stage<'_>,
    desk: &Desk,
    plan: &Plan,
    artifacts: &[&Artifact],
    draft: &mut Draft,
) -> Result<()> {
    if plan.writes() && !is_current(stage, draft).await? {
        return Ok(());
    }
    let fingerprint = plan.fingerprint();
    let consent = stage
        .destination
        .consent(&fingerprint)
        .ok_or_else(|| Error::new(Kind::Internal, "this route gives no consent to write"))?;
    let outcome = deploy::deploy(&desk.workspace, &stage.owner(), plan, artifacts, &consent).await?;
    draft.done(&outcome, &desk.me, |id| desk.page(id));
    ended(stage, &outcome, draft)
}

fn ended(stage: &Stage<'_>, outcome: &Outcome, draft: &mut Draft) -> Result<()> {
    let total = outcome.steps.len();
    if let Some(kind) = outcome.trouble() {
        let failed = outcome.steps.iter().filter(|step| step.is_err()).count();
        let rest = if outcome.changed() { "the others stand as the table says" } else { "nothing was changed" };
        let message = if failed == 0 {
            "the preview's folder could not be removed".to_owned()
        } else {
            format!("{failed} of {total} pipelines failed; {rest}")
        };
        return Err(Error::new(kind, message));
    }
    let changed = outcome.changed();
    let verdict = match stage.destination.purpose {
        Purpose::Destroy => Verdict::Destroyed,
        _ if changed => Verdict::Deployed,
        _ => Verdict::Unchanged,
    };
    draft.verdict(
        verdict,
        match (verdict, total) {
            (Verdict::Destroyed, 0) => "no pipeline was there".to_owned(),
            (Verdict::Destroyed, 1) => "1 pipeline is gone".to_owned(),
            (Verdict::Destroyed, _) => format!("{total} pipelines are gone"),
            (_, 0) => "no workflow is touched".to_owned(),
            (Verdict::Unchanged, _) => "everything stands as it should".to_owned(),
            (_, 1) => "1 pipeline stands as it should now".to_owned(),
            (_, _) => format!("{total} pipelines stand as they should now"),
        },
    );
    Ok(())
}

/// Reads the live head of the branch or pull request; says why the run writes nothing where it is another.
async fn is_current(stage: &Stage<'_>, draft: &mut Draft) -> Result<bool> {
    let (Trigger::Event(event), Some(github)) = (&stage.job.trigger, &stage.world.github) else { return Ok(true) };
    let superseded = match live_head(event, stage.destination.purpose, github).await {
        Ok(superseded) => superseded,
        Err(error) => {
            let hint = error.hint().map(|hint| format!("; {hint}")).unwrap_or_default();
            draft.note("head-unknown", format!("whether something newer was pushed could not be read: {error}{hint}"));
            None
        }
    };
    let Some((reason, why)) = superseded else { return Ok(true) };
    draft
        .report
        .workflows
        .iter_mut()
        .filter(|row| row.status == Status::Planned)
        .for_each(|row| row.status = Status::Skipped);
    draft.skip(reason, why);
    Ok(false)
}

/// Why the event is not the newest of its branch or pull request any more; `None` where it is.
async fn live_head(
    event: &Event,
    purpose: Purpose,
    github: &github::Client,
) -> Result<Option<(&'static str, String)>, github::Error> {
    if let Some(pull) = event.pull_request() {
        let live = github.pull(pull.number).await?;
        return Ok(match purpose {
            Purpose::Destroy if live.open => Some((SUPERSEDED, format!("pull request #{} was reopened", pull.number))),
            Purpose::Destroy => None,
            _ if !live.open => Some((CLOSED_MEANWHILE, format!("pull request #{} was closed", pull.number))),
            _ if live.head != pull.head => Some((
                SUPERSEDED,
                format!("`{}` was pushed to pull request #{} meanwhile", live.head.short(), pull.number),
            )),
            _ => None,
        });
    }
    let Event::Push(push) = event else { return Ok(None) };
    let (Reference::Branch(branch), Some(after)) = (&push.reference, &push.after) else { return Ok(None) };
    Ok(match github.branch(branch).await? {
        Some(live) if live == *after => None,
        Some(live) => Some((SUPERSEDED, format!("`{}` was pushed to `{branch}` meanwhile", live.short()))),
        None => Some((SUPERSEDED, format!("the branch `{branch}` is gone, or the job lacks `contents: read`"))),
    })
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
            draft.report.reason = Some(CLOSED_MEANWHILE);
            Ok(())
        }
        Ok(_) => Ok(()),
        Err(error) => {
            draft.note("head-unknown", format!("whether the pull request is still open could not be read: {error}"));
            Ok(())
        }
    }
}

/// What is known of the last complete deployment of a shared environment; a preview has none.
struct Memory {
    folder: Option<String>,
    last: Option<Deployed>,
}

impl Memory {
    async fn read(stage: &Stage<'_>, desk: &Desk, folder: String) -> Result<Self> {
        let shared = matches!((&stage.destination.identity, &stage.job.trigger), (Identity::Shared, Trigger::Event(_)));
        if !shared {
            return Ok(Self { folder: None, last: None });
        }
        let last = Deployed::read(&desk.workspace, &folder)
            .await
            .map_err(|error| error.ending_run("read what was deployed last"))?;
        Ok(Self { folder: Some(folder), last })
    }

    /// Keeps the commit where the whole project was deployed and that is news; it is advice, so a failure is a note.
    async fn write(&self, stage: &Stage<'_>, desk: &Desk, selection: &Selection, plan: &Plan, draft: &mut Draft) {
        let (Some(folder), Some(commit)) = (&self.folder, &stage.job.run.commit) else { return };
        let deployed = matches!(draft.report.result, Verdict::Deployed | Verdict::Unchanged);
        let news = self.last.is_none() || plan.writes();
        if !deployed || !news || !selection.whole_project || selection.workflows.len() + selection.others.len() == 0 {
            return;
        }
        if let Err(error) = self.keep(desk, folder, plan, commit).await {
            draft.note(
                "deployed-json",
                format!(
                    "the commit of this deployment could not be kept, so the next run looks at every workflow: {error}"
                ),
            );
        }
    }

    async fn keep(&self, desk: &Desk, folder: &str, plan: &Plan, commit: &str) -> Result<(), ApiError> {
        if plan.uploads.is_empty() && self.last.is_none() {
            desk.workspace.make_folder(folder).await?;
        }
        deploy::remember(&desk.workspace, folder, commit).await
    }
}
