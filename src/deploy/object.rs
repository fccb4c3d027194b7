//! The objects of a release: uploaded once, as other content has another name.

use crate::diagnostic::Kind;
use crate::plan::ObjectAction;
use crate::release::ArtifactKind;

use super::{Executor, StepDone, StepError};

impl Executor<'_> {
    pub(super) async fn object(&self, name: &str, action: ObjectAction) -> Result<StepDone, StepError> {
        match action {
            ObjectAction::Upload => self.upload(name).await,
        }
    }

    async fn upload(&self, name: &str) -> Result<StepDone, StepError> {
        let path = format!("{}/{name}", self.folder);
        let Some(artifact) = self.artifacts.iter().find(|artifact| artifact.name == name) else {
            // A plan that was made elsewhere, or of other files.
            let message = format!("cannot upload `{path}`: it is not part of this release");
            return Err(StepError::new(Kind::Failed, message, None));
        };
        tracing::info!("uploading `{path}` ({} bytes)", artifact.bytes.len());
        let uploaded = match artifact.kind {
            ArtifactKind::Wheel => self.workspace.upload_file(&path, artifact.bytes.clone()).await,
            ArtifactKind::Notebook => self.workspace.upload_notebook(&path, &artifact.bytes).await,
        };
        uploaded.map(|()| StepDone::Made).map_err(|error| StepError::of(&error, &format!("upload `{path}`")))
    }
}
