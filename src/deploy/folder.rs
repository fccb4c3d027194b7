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
            FolderAction::Destroy { unless_used_by, unless_noted } => {
                match self.user_of(path, unless_used_by, unless_noted).await? {
                    Some(user) => Ok(StepDone::left(format!("the folder `{path}` is used by {user}"))),
                    None => self.destroy_folder(path).await,
                }
            }
        }
    }

    /// Who uses the folder still, of those who did when the plan was made. Runs of two environments may close one pull request
    /// at once: whoever comes last finds no other user.
    async fn user_of(&self, path: &str, ids: &[String], notes: &[String]) -> Result<Option<String>, StepError> {
        for id in ids {
            let gone = self.workspace.pipeline(id).await.is_err_and(|error| error.refusal() == Some(Refusal::Missing));
            if !gone {
                return Ok(Some(format!("the pipeline `{id}`")));
            }
        }
        if notes.is_empty() {
            return Ok(None);
        }
        let listed = self.workspace.list_folder(path).await;
        let listed = listed.map_err(|error| StepError::of(&error, &format!("list the folder `{path}`")))?;
        let left = listed.into_iter().flatten().find(|object| notes.contains(&object.name));
        Ok(left.map(|object| format!("what `{}` in it says", object.name)))
    }

    async fn destroy_folder(&self, path: &str) -> Result<StepDone, StepError> {
        tracing::info!("removing the folder `{path}`");
        let removed = self.workspace.delete_object(path).await;
        removed
            .map(|()| StepDone::Removed)
            .map_err(|error| StepError::of(&error, &format!("remove the folder `{path}`")))
    }
}
