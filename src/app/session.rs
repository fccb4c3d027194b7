//! The workspace that a run works with: its client, and whose token it is.

use crate::databricks::{CurrentUser, Workspace};
use crate::report::WorkspaceInfo;

/// A workspace that has answered.
pub(super) struct Session {
    /// The workspace.
    pub(super) workspace: Workspace,
    /// Whose token it is.
    pub(super) me: CurrentUser,
}

impl Session {
    /// Where it is, and as whom, for people.
    pub(super) fn describe(&self) -> WorkspaceInfo {
        WorkspaceInfo { host: self.workspace.host().to_string(), user: self.me.user_name.clone() }
    }

    /// The page of a pipeline.
    pub(super) fn page(&self, pipeline: &str) -> String {
        self.workspace.page(pipeline, self.me.workspace_id.as_ref())
    }
}
