//! The workspace folder of a release.

use crate::databricks::Refusal;
use crate::plan::FolderAction;

use super::{Executor, StepDone, StepError};

impl Executor<'_> {
    pub(super) async fn folder(&self, path: &str, action: &FolderAction) -> Result<StepDone, StepError> {
        match action {
            FolderAction::Create => {
                let made = self.workspace.make_folder(path).await;
                made.map(|()| StepDone::Made)
                    .map_err(|error| StepError::of(&error, &format!("create the folder `{path}`")))
            }
            FolderAction::Destroy { unless_used_by } => self.destroy_folder(path, unless_used_by).await,
        }
    }

    /// Runs of two environments may close one pull request at once: whoever comes last finds no other user.
    async fn destroy_folder(&self, path: &str, users: &[String]) -> Result<StepDone, StepError> {
        for id in users {
            let gone = self.workspace.pipeline(id).await.is_err_and(|error| error.refusal() == Some(Refusal::Missing));
            if !gone {
                return Ok(StepDone::Left { why: format!("the folder `{path}` is used by the pipeline `{id}`") });
            }
        }
        tracing::info!("removing the folder `{path}`");
        let removed = self.workspace.delete_object(path).await;
        removed
            .map(|()| StepDone::Removed)
            .map_err(|error| StepError::of(&error, &format!("remove the folder `{path}`")))
    }
}
