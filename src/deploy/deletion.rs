//! The deletion of a pipeline goes on in the background, and so does that of its tables.

use std::time::Duration;

use super::Executor;

/// How long a deletion may go on.
pub(super) const PATIENCE: Duration = Duration::from_mins(1);

impl Executor<'_> {
    /// Waits for the end of a pipeline's deletion; false if it takes too long.
    pub(super) async fn wait_until_gone(&self, id: &str) -> bool {
        let mut patience = self.workspace.patience(PATIENCE);
        while self.workspace.pipeline(id).await.is_ok() {
            if !patience.pause().await {
                return false;
            }
        }
        true
    }

    /// Waits for the ends of the deletions of pipelines that are called `name`; `None` if there is none, false if it takes too
    /// long.
    pub(super) async fn wait_for_name(&self, name: &str) -> Option<bool> {
        let rows = self.workspace.list_pipelines(name).await.unwrap_or_default();
        let mut gone = None;
        for row in rows.iter().filter(|row| row.name == name) {
            if self.workspace.pipeline(&row.id).await.is_ok_and(|pipeline| pipeline.is_deleted()) {
                gone = Some(gone.unwrap_or(true) && self.wait_until_gone(&row.id).await);
            }
        }
        gone
    }

    /// Whether one of the pipelines is seen as if it were not deleted. One that is seen as deleted may have tables still:
    /// whether they are gone, the schema tells.
    pub(super) async fn are_seen(&self, ids: &[String]) -> bool {
        for id in ids {
            if self.workspace.pipeline(id).await.is_ok_and(|pipeline| !pipeline.is_deleted()) {
                return true;
            }
        }
        false
    }
}
