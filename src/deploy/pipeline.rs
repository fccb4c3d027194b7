//! Creates, edits or deletes one pipeline; what is in doubt is settled by looking at what exists.

use std::iter;
use std::time::Duration;

use crate::databricks::{ApiError, Pipeline, Refusal};
use crate::diagnostic::Kind;
use crate::observe::{self, ExistingPipeline};
use crate::pipeline::Settings;
use crate::pipeline::ownership::Claim;
use crate::plan::{Action, Basis, Definition, FieldChange, Removal};

use super::{Done, Executor, StepError};

/// A new pipeline may take a while to be listed.
const LOOK_UPS: [Duration; 4] =
    [Duration::ZERO, Duration::from_millis(300), Duration::from_secs(1), Duration::from_secs(3)];
/// Between look-ups of a pipeline that must exist, and how often: for a minute.
const PATIENT_PAUSE: Duration = Duration::from_secs(1);
const PATIENT_LOOK_UPS: usize = 60;
/// A stop is asynchronous: how often, and how far apart, the pipeline is asked whether it has stopped.
const STOP_CHECKS: usize = 30;
const STOP_PAUSE: Duration = Duration::from_secs(1);

impl Executor<'_> {
    pub(super) async fn pipeline(&self, name: &str, action: &Action) -> Result<Done, StepError> {
        match action {
            Action::Keep { id, .. } => Ok(Done::Kept { id: id.clone() }),
            Action::Create { definition } => self.create(name, definition).await.map(|id| Done::Created { id }),
            Action::Update { id, definition, basis, drift, .. } => {
                self.edit(id, name, definition, basis).await?;
                let kept = if *drift { self.kept(id, definition, basis).await } else { Vec::new() };
                Ok(Done::Updated { id: id.clone(), kept })
            }
            Action::Recreate { id, definition, removal, .. } => {
                self.destroy(id, name, *removal).await?;
                // Its name is taken until it is gone.
                self.wait_until_gone(id).await;
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
    /// name up. Only if nothing is listed under it, the request is sent again: names are unique, so a second one is refused
    /// at worst, and if it is, there is something to be found.
    async fn create(&self, name: &str, definition: &Definition) -> Result<String, StepError> {
        tracing::info!("creating `{name}`");
        let doing = format!("create `{name}`");
        let (mut attempts, mut lost) = (self.workspace.attempts(), None);
        loop {
            let error = match self.workspace.create_pipeline(&definition.settings).await {
                Ok(id) => return Ok(id),
                Err(error) => error,
            };
            let taken = error.refusal() == Some(Refusal::Conflict);
            if !taken && !error.may_be_done() {
                return Err(not_created(&error, lost.as_ref(), &doing));
            }
            if taken && lost.is_none() {
                match self.wait_for_name(name).await {
                    Some(true) => continue,
                    Some(false) => return Err(being_deleted(name, &error)),
                    None => {}
                }
            }
            let again = !taken && attempts.pause(error.ended()).await;
            let found = match &lost {
                Some(_) if taken => self.settle(name, patiently()).await,
                _ => self.settle(name, LOOK_UPS).await,
            };
            let in_doubt = lost.as_ref().unwrap_or(&error);
            match found.map_err(|cause| StepError::unknown(in_doubt, &cause, &doing))? {
                Some(existing) => return self.take(existing, definition).await,
                None if taken && lost.is_none() => return Err(unseen(name, &error)),
                None if !again => return Err(unlisted(in_doubt, &doing)),
                None => lost = Some(error),
            }
        }
    }

    /// Edits a pipeline. If the reply is lost, or says that it was changed since, it is read. If it
    /// has our definition, the edit is done, by this run or by another one of the same commit; if it is what the edit is based on,
    /// the edit is sent again; anything else is a change by somebody else and is left alone.
    async fn edit(&self, id: &str, name: &str, definition: &Definition, basis: &Basis) -> Result<(), StepError> {
        tracing::info!("updating `{name}`");
        let doing = format!("update `{name}`");
        let (mut attempts, mut last_modified, mut lost) = (self.workspace.attempts(), basis.last_modified, None);
        loop {
            let error = match self.workspace.edit_pipeline(id, &definition.settings, last_modified).await {
                Ok(()) => return Ok(()),
                Err(error) => error,
            };
            let may_be_done = error.may_be_done();
            let repeatable = may_be_done || error.refusal() == Some(Refusal::Conflict);
            if !repeatable && lost.is_none() {
                return Err(StepError::of(&error, &doing));
            }
            let again = repeatable && attempts.pause(error.ended()).await;
            let in_doubt = if may_be_done { Some(&error) } else { lost.as_ref() };
            let now = self.workspace.pipeline(id).await;
            let now = now.map_err(|cause| StepError::unknown(in_doubt.unwrap_or(&error), &cause, &doing))?;
            if is_done(definition, &basis.settings, &now, in_doubt.is_some()) {
                return Ok(());
            }
            if now.settings != basis.settings {
                return Err(changed_meanwhile(name, &error, in_doubt, &doing));
            }
            if !again {
                return Err(StepError::of(&error, &doing));
            }
            last_modified = now.last_modified;
            lost = if may_be_done { Some(error) } else { lost };
        }
    }

    /// What the service stores in another way than it was sent in an edit of what somebody had changed. Only a look that
    /// shows that edit tells; none is no failure.
    async fn kept(&self, id: &str, definition: &Definition, basis: &Basis) -> Vec<FieldChange> {
        let Ok(now) = self.workspace.pipeline(id).await else { return Vec::new() };
        let is_edited = now.last_modified > basis.last_modified && definition.was_sent(&now.settings);
        if is_edited { definition.kept_otherwise(&now.settings, id) } else { Vec::new() }
    }

    /// Deletes a pipeline; an update that runs is stopped first.
    async fn destroy(&self, id: &str, name: &str, removal: Removal) -> Result<(), StepError> {
        tracing::info!("destroying `{name}`, which {}", removal.tables.effect());
        if removal.running {
            self.stop(id).await.map_err(|error| StepError::of(&error, &format!("stop `{name}`")))?;
        }
        let doing = format!("delete `{name}`");
        let Err(error) = self.workspace.delete_pipeline(id, removal.tables.cascade()).await else { return Ok(()) };
        let failed = StepError { changed: removal.running, ..StepError::of(&error, &doing) };
        if !error.may_be_done() {
            return Err(failed);
        }
        match self.workspace.pipeline(id).await {
            Ok(pipeline) if pipeline.is_deleted() => Ok(()),
            Ok(_) => Err(failed),
            Err(cause) if cause.refusal() == Some(Refusal::Missing) => Ok(()),
            Err(cause) => Err(StepError::unknown(&error, &cause, &doing)),
        }
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

    /// What exists under `name` now; looked up after each of `pauses`, as a list may lag behind.
    async fn settle(
        &self,
        name: &str,
        pauses: impl IntoIterator<Item = Duration>,
    ) -> Result<Option<ExistingPipeline>, ApiError> {
        for pause in pauses {
            self.workspace.pause(pause).await;
            if let Some(existing) = observe::look_up(self.workspace, self.owner, name).await?.into_iter().next() {
                return Ok(Some(existing));
            }
        }
        Ok(None)
    }

    /// Takes over what exists instead of creating it, edited if it differs; never what is not ours.
    async fn take(&self, existing: ExistingPipeline, definition: &Definition) -> Result<String, StepError> {
        let ExistingPipeline { id, name, settings, claim, .. } = &existing;
        if *claim != Claim::Ours {
            let message = format!(
                "the name `{name}` is taken by the pipeline `{id}`, which dltflow has not made for this environment"
            );
            return Err(StepError::new(
                Kind::Failed,
                message,
                Some("rename the workflow, or rename or delete that pipeline"),
            ));
        }
        if !definition.was_sent(settings) {
            self.edit(id, name, definition, &Basis::of(&existing)).await?;
        }
        Ok(id.clone())
    }
}

/// When a pipeline is looked up that must exist, as its name is taken and a reply was lost.
fn patiently() -> impl Iterator<Item = Duration> {
    iter::once(Duration::ZERO).chain(iter::repeat_n(PATIENT_PAUSE, PATIENT_LOOK_UPS))
}

/// Whether an edit in doubt was done, by what the pipeline is `now`; `lost` says whether one was sent whose reply was lost.
///
/// An edit that takes back what somebody changed by hand sends what was sent last: that alone does not show that it was done.
fn is_done(definition: &Definition, before: &Settings, now: &Pipeline, lost: bool) -> bool {
    let first_sent = !definition.was_sent(before);
    let changed_by_it = lost && now.settings != *before;
    definition.was_sent(&now.settings) && (first_sent || changed_by_it || definition.stands(&now.settings, &now.id))
}

/// Of an edit of a pipeline that is neither what the edit is based on nor what was sent.
fn changed_meanwhile(name: &str, error: &ApiError, in_doubt: Option<&ApiError>, doing: &str) -> StepError {
    if let Some(lost) = in_doubt {
        return StepError::unknown(lost, &"somebody else has changed it since", doing);
    }
    let message = format!("`{name}` was changed by somebody else meanwhile: {error}");
    let hint = "nothing was overwritten; run this again to compare with what is there now";
    StepError::new(Kind::Failed, message, Some(hint))
}

/// Of a create that had no effect. If the reply to an earlier one was lost, that one may have had one, unless the request
/// itself is refused.
fn not_created(error: &ApiError, lost: Option<&ApiError>, doing: &str) -> StepError {
    match lost {
        Some(lost) if error.refusal() != Some(Refusal::Rejected) => unlisted(lost, doing),
        _ => StepError::of(error, doing),
    }
}

/// Of a create whose reply was lost, and of which nothing is listed: it may be listed later.
fn unlisted(lost: &ApiError, doing: &str) -> StepError {
    StepError::unknown(lost, &"no pipeline of this name is listed yet", doing)
}

fn being_deleted(name: &str, error: &ApiError) -> StepError {
    let message = format!("the name `{name}` is taken by a pipeline whose deletion goes on: {error}");
    StepError::new(Kind::Failed, message, Some("run this again later"))
}

fn unseen(name: &str, error: &ApiError) -> StepError {
    let message = format!("the name `{name}` is taken by a pipeline that this token cannot see: {error}");
    let hint = "ask a workspace admin to grant `CAN_VIEW` on it, or rename the workflow";
    StepError { unseen: true, ..StepError::new(Kind::Failed, message, Some(hint)) }
}
