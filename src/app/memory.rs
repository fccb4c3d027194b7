//! The commit of the last complete deployment of a shared environment, which narrows what is looked at.

use crate::databricks::ApiError;
use crate::deploy;
use crate::diagnostic::Result;
use crate::observe::Deployed;
use crate::plan::Plan;
use crate::report::Verdict;
use crate::route::Identity;

use super::desk::Desk;
use super::draft::Draft;
use super::select::Selection;
use super::{Stage, Trigger};

/// What is known of the last complete deployment of a shared environment; a preview has none.
pub(super) struct Memory {
    folder: Option<String>,
    pub(super) last: Option<Deployed>,
}

impl Memory {
    pub(super) async fn read(stage: &Stage<'_>, desk: &Desk, folder: String) -> Result<Self> {
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
    pub(super) async fn write(
        &self,
        stage: &Stage<'_>,
        desk: &Desk,
        selection: &Selection,
        plan: &Plan,
        draft: &mut Draft,
    ) {
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
