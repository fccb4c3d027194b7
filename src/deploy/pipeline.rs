//! One pipeline made, edited or deleted, with a lost reply settled by looking what stands there.

use std::time::Duration;

use serde_json::{Map, Value};

use crate::databricks::{ApiError, Trouble, Workspace};
use crate::desired::{Claim, DEFINITION, Owner, read};
use crate::diagnostic::Kind;
use crate::observe::{self, Standing};
use crate::plan::{Removal, Wanted};

use super::StepError;

/// A new pipeline may take a while to be listed.
const LOOK_UPS: [Duration; 4] =
    [Duration::ZERO, Duration::from_millis(300), Duration::from_secs(1), Duration::from_secs(3)];
const POSTS: usize = 3;
/// A stop is asynchronous: how often, and how far apart, the pipeline is asked whether it has stopped.
const STOP_CHECKS: usize = 30;
const STOP_PAUSE: Duration = Duration::from_secs(1);

/// What a step works with.
pub(super) struct Hands<'a> {
    pub(super) workspace: &'a Workspace,
    pub(super) owner: &'a Owner,
}

impl Hands<'_> {
    /// Makes a pipeline and gives its id. A reply that is lost, or says that the name is taken, is settled by looking the
    /// name up; only when nothing is there is it sent again, which a taken name makes safe.
    pub(super) async fn create(&self, name: &str, wanted: &Wanted) -> Result<String, StepError> {
        tracing::info!("creating `{name}`");
        let mut last = None;
        for _ in 0..POSTS {
            let error = match self.workspace.create_pipeline(&wanted.settings).await {
                Ok(id) => return Ok(id),
                Err(error) => error,
            };
            let taken = error.trouble() == Some(Trouble::Conflict);
            if !taken && !error.may_be_done() {
                return Err(StepError::of(&error, &format!("create `{name}`")));
            }
            let looked = self.settle(name).await;
            match looked.map_err(|cause| StepError::unknown(&error, &cause, &format!("create `{name}`")))? {
                Some(standing) => return self.take(standing, wanted).await,
                None if taken => return Err(unseen(name, &error)),
                None if !error.may_pass() => return Err(StepError::of(&error, &format!("create `{name}`"))),
                None => last = Some(error),
            }
        }
        let message = last.map_or_else(String::new, |error| format!(": {error}"));
        Err(StepError::new(Kind::Failed, format!("cannot create `{name}`{message}"), Some("run this again")))
    }

    /// Edits a pipeline. After a lost reply the edit is done where the pipeline carries our definition.
    pub(super) async fn edit(
        &self,
        id: &str,
        name: &str,
        wanted: &Wanted,
        last_modified: Option<i64>,
    ) -> Result<(), StepError> {
        tracing::info!("updating `{name}`");
        let doing = format!("update `{name}`");
        for attempt in 0..POSTS {
            let error = match self.workspace.edit_pipeline(id, &wanted.settings, last_modified).await {
                Ok(()) => return Ok(()),
                Err(error) => error,
            };
            let conflict = error.trouble() == Some(Trouble::Conflict);
            // The edit whose reply was lost may have been done late, and be what is in conflict with this one.
            if conflict && attempt > 0 && self.has(id, wanted).await.is_ok_and(|has| has) {
                return Ok(());
            }
            if conflict {
                let hint = "nothing was overwritten; run this again to compare with what stands there now";
                return Err(StepError::new(
                    Kind::Failed,
                    format!("`{name}` was changed by somebody else meanwhile: {error}"),
                    Some(hint),
                ));
            }
            if !error.may_be_done() {
                return Err(StepError::of(&error, &doing));
            }
            if self.has(id, wanted).await.map_err(|cause| StepError::unknown(&error, &cause, &doing))? {
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
    pub(super) async fn destroy(&self, id: &str, name: &str, removal: Removal) -> Result<(), StepError> {
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
            Err(cause) if cause.trouble() == Some(Trouble::Missing) => Ok(()),
            Err(cause) => Err(StepError::unknown(&error, &cause, &doing)),
        }
    }

    /// Whether the pipeline is what was sent.
    async fn has(&self, id: &str, wanted: &Wanted) -> Result<bool, ApiError> {
        Ok(is_sent(&self.workspace.pipeline(id).await?.settings, wanted))
    }

    async fn stop(&self, id: &str) -> Result<(), ApiError> {
        self.workspace.stop_pipeline(id).await?;
        for _ in 0..STOP_CHECKS {
            match self.workspace.pipeline(id).await {
                Ok(pipeline) if pipeline.state != "IDLE" && pipeline.state != "FAILED" => {}
                Ok(_) => return Ok(()),
                Err(error) if error.trouble() == Some(Trouble::Missing) => return Ok(()),
                Err(error) => return Err(error),
            }
            self.workspace.pause(STOP_PAUSE).await;
        }
        Ok(())
    }

    /// What stands under `name` now; looked up several times, as a list may lag behind.
    async fn settle(&self, name: &str) -> Result<Option<Standing>, ApiError> {
        for pause in LOOK_UPS {
            self.workspace.pause(pause).await;
            if let Some(standing) = observe::look_up(self.workspace, self.owner, name).await?.into_iter().next() {
                return Ok(Some(standing));
            }
        }
        Ok(None)
    }

    /// Takes what stands there for what was to be made: as it is, or edited; never what is not ours.
    async fn take(&self, standing: Standing, wanted: &Wanted) -> Result<String, StepError> {
        let Standing { id, name, settings, last_modified, claim, .. } = standing;
        if claim != Claim::Ours {
            let message =
                format!("the name `{name}` is taken by a pipeline that dltflow has not made for this environment");
            return Err(StepError::new(
                Kind::Failed,
                message,
                Some("rename the workflow, or rename or delete that pipeline"),
            ));
        }
        if !is_sent(&settings, wanted) {
            self.edit(&id, &name, wanted, last_modified).await?;
        }
        Ok(id)
    }
}

fn is_sent(settings: &Map<String, Value>, wanted: &Wanted) -> bool {
    read(settings, DEFINITION).is_some() && read(settings, DEFINITION) == read(&wanted.settings, DEFINITION)
}

fn unseen(name: &str, error: &ApiError) -> StepError {
    let message = format!("the name `{name}` is taken by a pipeline that this token cannot see: {error}");
    StepError::new(
        Kind::Failed,
        message,
        Some("ask a workspace admin to grant `CAN_VIEW` on it, or rename the workflow"),
    )
}
