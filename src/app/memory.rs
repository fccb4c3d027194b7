//! The commit of the last complete deployment of a shared environment, which narrows what is looked at.
//!
//! It is taken back before the first write, whoever writes: what a run leaves half done, or does for some workflows only,
//! is a difference to the specs that no difference between commits shows.

use crate::databricks::ApiError;
use crate::deploy;
use crate::diagnostic::Result;
use crate::observe::{DEPLOYED_FILE, Deployed, Observed};
use crate::plan::Plan;
use crate::report::Verdict;
use crate::route::{Identity, Scope};

use super::desk::Desk;
use super::draft::Draft;
use super::select::Selection;
use super::{Stage, Trigger};

/// What is known of the last complete deployment of a shared environment; a preview has none.
pub(super) struct Memory {
    /// Folder of the shared environment.
    folder: Option<String>,
    /// The deployment, where one is known.
    pub(super) last: Option<Deployed>,
    /// Whether it was looked for: a run that takes everything has no use for it.
    asked: bool,
}

impl Memory {
    pub(super) async fn read(stage: &Stage<'_>, desk: &Desk, folder: String) -> Result<Self> {
        // A pull request deploys what it touches, which is not all that lies between two commits.
        let of_ref = matches!(&stage.job.trigger, Trigger::Event(event) if event.pull_request().is_none());
        if stage.destination.identity != Identity::Shared || !of_ref {
            return Ok(Self { folder: None, last: None, asked: false });
        }
        if stage.destination.scope != Scope::Changed {
            return Ok(Self { folder: Some(folder), last: None, asked: false });
        }
        let last = Deployed::read(&desk.workspace, &folder)
            .await
            .map_err(|error| error.ending_run("read what was deployed last"))?;
        Ok(Self { folder: Some(folder), last, asked: true })
    }

    /// Keeps the commit where the whole project was deployed and that is news; it is advice, so a failure is a note.
    pub(super) async fn write(
        &self,
        stage: &Stage<'_>,
        desk: &Desk,
        selection: &Selection,
        (plan, observed): (&Plan, &Observed),
        draft: &mut Draft,
    ) {
        let (Some(folder), Some(commit)) = (&self.folder, &stage.job.run.commit) else { return };
        let deployed = matches!(draft.report.result, Verdict::Deployed | Verdict::Unchanged);
        let is_there = observed.objects.as_ref().is_some_and(|objects| objects.contains(DEPLOYED_FILE));
        // What was kept and did not tell what changed would not tell it the next time either.
        let of_use = !selection.everything || self.last.as_ref().is_some_and(|last| last.commit == *commit);
        let news = plan.writes() || if self.asked { !of_use } else { !is_there };
        if !deployed || !news || !selection.whole_project || selection.workflows.len() + selection.others.len() == 0 {
            return;
        }
        if let Err(error) = keep(desk, folder, plan.uploads.is_empty() && observed.objects.is_none(), commit).await {
            draft.note(
                "deployed-json",
                format!(
                    "the commit of this deployment could not be kept, so the next run looks at every workflow: {error}"
                ),
            );
        }
    }
}

/// Takes back what is remembered of a shared environment that is about to be written to.
pub(super) async fn take_back(stage: &Stage<'_>, desk: &Desk, folder: &str, observed: &Observed) -> Result<()> {
    let is_there = observed.objects.as_ref().is_some_and(|objects| objects.contains(DEPLOYED_FILE));
    if stage.destination.identity != Identity::Shared || !is_there {
        return Ok(());
    }
    let forgotten = deploy::forget(&desk.workspace, folder).await;
    forgotten.map_err(|error| error.ending_run("take back what is kept of the last deployment"))
}

async fn keep(desk: &Desk, folder: &str, make_folder: bool, commit: &str) -> Result<(), ApiError> {
    if make_folder {
        desk.workspace.make_folder(folder).await?;
    }
    deploy::remember(&desk.workspace, folder, commit).await
}
