//! Creates, edits or deletes one pipeline; a lost reply is settled by looking at what exists.

use std::time::Duration;

use crate::databricks::{ApiError, Refusal};
use crate::diagnostic::Kind;
use crate::observe::{self, ExistingPipeline};
use crate::pipeline::Settings;
use crate::pipeline::ownership::{Claim, OwnershipKey};
use crate::plan::{Action, Definition, Removal};

use super::{Done, Executor, StepError};

/// A new pipeline may take a while to be listed.
const LOOK_UPS: [Duration; 4] =
    [Duration::ZERO, Duration::from_millis(300), Duration::from_secs(1), Duration::from_secs(3)];
const POSTS: usize = 3;
/// A stop is asynchronous: how often, and how far apart, the pipeline is asked whether it has stopped.
const STOP_CHECKS: usize = 30;
const STOP_PAUSE: Duration = Duration::from_secs(1);

impl Executor<'_> {
    pub(super) async fn pipeline(&self, name: &str, action: &Action) -> Result<Done, StepError> {
        match action {
            Action::Keep { id, .. } => Ok(Done::Kept { id: id.clone() }),
            Action::Create { definition } => self.create(name, definition).await.map(|id| Done::Created { id }),
            Action::Update { id, definition, last_modified, .. } => {
                self.edit(id, name, definition, *last_modified).await.map(|()| Done::Updated { id: id.clone() })
            }
            Action::Recreate { id, definition, removal, .. } => {
                self.destroy(id, name, *removal).await?;
                let made = self.create(name, definition).await;
                made.map(|id| Done::Created { id }).map_err(|error| StepError { changed: true, ..error })
            }
            Action::Destroy { id, removal, .. } => {
                self.destroy(id, name, *removal).await.map(|()| Done::Destroyed { id: id.clone() })
            }
            Action::Blocked { why, hint, .. } => Err(StepError::new(Kind::Failed, why.clone(), Some(hint))),
        }
    }

    /// Creates a pipeline and returns its id. A reply that is lost, or says that the name is taken, is settled by looking the
    /// name up; only if nothing has it, the request is sent again, which is safe as names are unique.
    async fn create(&self, name: &str, definition: &Definition) -> Result<String, StepError> {
        tracing::info!("creating `{name}`");
        let mut last = None;
        for _ in 0..POSTS {
            let error = match self.workspace.create_pipeline(&definition.settings).await {
                Ok(id) => return Ok(id),
                Err(error) => error,
            };
            let taken = error.refusal() == Some(Refusal::Conflict);
            if !taken && !error.may_be_done() {
                return Err(StepError::of(&error, &format!("create `{name}`")));
            }
            let looked = self.settle(name).await;
            match looked.map_err(|cause| StepError::unknown(&error, &cause, &format!("create `{name}`")))? {
                Some(existing) => return self.take(existing, definition).await,
                None if taken => return Err(unseen(name, &error)),
                None if !error.may_pass() => return Err(StepError::of(&error, &format!("create `{name}`"))),
                None => last = Some(error),
            }
        }
        let message = last.map_or_else(String::new, |error| format!(": {error}"));
        Err(StepError::new(Kind::Failed, format!("cannot create `{name}`{message}"), Some("run this again")))
    }

    /// Edits a pipeline. After a lost reply the edit is done where the pipeline has our definition.
    async fn edit(
        &self,
        id: &str,
        name: &str,
        definition: &Definition,
        last_modified: Option<i64>,
    ) -> Result<(), StepError> {
        tracing::info!("updating `{name}`");
        let doing = format!("update `{name}`");
        for attempt in 0..POSTS {
            let error = match self.workspace.edit_pipeline(id, &definition.settings, last_modified).await {
                Ok(()) => return Ok(()),
                Err(error) => error,
            };
            let conflict = error.refusal() == Some(Refusal::Conflict);
            // The edit whose reply was lost may have been done late, and be what is in conflict with this one.
            if conflict && attempt > 0 && self.has(id, definition).await.is_ok_and(|has| has) {
                return Ok(());
            }
            if conflict {
                let hint = "nothing was overwritten; run this again to compare with what is there now";
                return Err(StepError::new(
                    Kind::Failed,
                    format!("`{name}` was changed by somebody else meanwhile: {error}"),
                    Some(hint),
                ));
            }
            if !error.may_be_done() {
                return Err(StepError::of(&error, &doing));
            }
            if self.has(id, definition).await.map_err(|cause| StepError::unknown(&error, &cause, &doing))? {
                return Ok(());
            }
            if !error.may_pass() {
                return Err(StepError::of(&error, &doing));
            }
        }
        Err(StepError::new(
            Kind::Failed,
            format!("cannot {doing}: the service failed each time"),
            Some("run this again"),
        ))
    }

    /// Deletes a pipeline; an update that runs is stopped first.
    async fn destroy(&self, id: &str, name: &str, removal: Removal) -> Result<(), StepError> {
        tracing::info!("destroying `{name}`");
        if removal.running {
            self.stop(id).await.map_err(|error| StepError::of(&error, &format!("stop `{name}`")))?;
        }
        let doing = format!("delete `{name}`");
        let Err(error) = self.workspace.delete_pipeline(id, removal.cascade).await else { return Ok(()) };
        let failed = StepError { changed: removal.running, ..StepError::of(&error, &doing) };
        if !error.may_be_done() {
            return Err(failed);
        }
        match self.workspace.pipeline(id).await {
            Ok(_) => Err(failed),
            Err(cause) if cause.refusal() == Some(Refusal::Missing) => Ok(()),
            Err(cause) => Err(StepError::unknown(&error, &cause, &doing)),
        }
    }

    /// Whether the pipeline is what was sent.
    async fn has(&self, id: &str, definition: &Definition) -> Result<bool, ApiError> {
        Ok(is_sent(&self.workspace.pipeline(id).await?.settings, definition))
    }

    async fn stop(&self, id: &str) -> Result<(), ApiError> {
        self.workspace.stop_pipeline(id).await?;
        for _ in 0..STOP_CHECKS {
            match self.workspace.pipeline(id).await {
                Ok(pipeline) if pipeline.state != "IDLE" && pipeline.state != "FAILED" => {}
                Ok(_) => return Ok(()),
                Err(error) if error.refusal() == Some(Refusal::Missing) => return Ok(()),
                Err(error) => return Err(error),
            }
            self.workspace.pause(STOP_PAUSE).await;
        }
        Ok(())
    }

    /// What exists under `name` now; looked up several times, as a list may lag behind.
    async fn settle(&self, name: &str) -> Result<Option<ExistingPipeline>, ApiError> {
        for pause in LOOK_UPS {
            self.workspace.pause(pause).await;
            if let Some(existing) = observe::look_up(self.workspace, self.owner, name).await?.into_iter().next() {
                return Ok(Some(existing));
            }
        }
        Ok(None)
    }

    /// Takes over what exists instead of creating it, edited if it differs; never what is not ours.
    async fn take(&self, existing: ExistingPipeline, definition: &Definition) -> Result<String, StepError> {
        let ExistingPipeline { id, name, settings, last_modified, claim, .. } = existing;
        if claim != Claim::Ours {
            let message =
                format!("the name `{name}` is taken by a pipeline that dltflow has not made for this environment");
            return Err(StepError::new(
                Kind::Failed,
                message,
                Some("rename the workflow, or rename or delete that pipeline"),
            ));
        }
        if !is_sent(&settings, definition) {
            self.edit(&id, &name, definition, last_modified).await?;
        }
        Ok(id)
    }
}

fn is_sent(settings: &Settings, definition: &Definition) -> bool {
    let sent = settings.owned(OwnershipKey::Definition);
    sent.is_some() && sent == definition.settings.owned(OwnershipKey::Definition)
}

fn unseen(name: &str, error: &ApiError) -> StepError {
    let message = format!("the name `{name}` is taken by a pipeline that this token cannot see: {error}");
    StepError::new(
        Kind::Failed,
        message,
        Some("ask a workspace admin to grant `CAN_VIEW` on it, or rename the workflow"),
    )
}
