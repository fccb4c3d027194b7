//! Objects in folders of ours: those of a release, uploaded once, as other content has another name, and notes.

use crate::databricks::ApiError;
use crate::diagnostic::Kind;
use crate::plan::ObjectAction;
use crate::release::{Artifact, ArtifactKind};

use super::{Executor, StepDone, StepError};

impl Executor<'_> {
    pub(super) async fn object(&self, folder: &str, name: &str, action: &ObjectAction) -> Result<StepDone, StepError> {
        let path = format!("{folder}/{name}");
        match action {
            ObjectAction::Upload => self.upload(&path, name).await,
            ObjectAction::Note { made } => {
                tracing::info!("noting {} in `{path}`", made.title());
                done(self.workspace.upload_file(&path, made.text().into_bytes()).await, StepDone::Made, "write", &path)
            }
            ObjectAction::Destroy => {
                tracing::info!("deleting `{path}`");
                done(self.workspace.delete_object(&path).await, StepDone::Removed, "delete", &path)
            }
        }
    }

    async fn upload(&self, path: &str, name: &str) -> Result<StepDone, StepError> {
        let Some(Artifact { bytes, kind, .. }) = self.artifacts.iter().find(|artifact| artifact.name == name) else {
            // A plan that was made elsewhere, or of other files.
            let message = format!("cannot upload `{path}`: it is not part of this release");
            return Err(StepError::new(Kind::Failed, message, None));
        };
        tracing::info!("uploading `{path}` ({} bytes)", bytes.len());
        let uploaded = match kind {
            ArtifactKind::Wheel => self.workspace.upload_file(path, bytes.clone()).await,
            ArtifactKind::Notebook => self.workspace.upload_notebook(path, bytes).await,
        };
        done(uploaded, StepDone::Made, "upload", path)
    }
}

fn done(outcome: Result<(), ApiError>, done: StepDone, verb: &str, path: &str) -> Result<StepDone, StepError> {
    outcome.map(|()| done).map_err(|error| StepError::of(&error, &format!("{verb} `{path}`")))
}
