//! Do it: a plan, what it ships, and the consent to it → [`Outcome`].
//!
//! The request that makes or edits a pipeline is its commit point: what fails before it leaves the pipeline as it was.

mod pipeline;
mod schema;

use std::collections::BTreeMap;

use futures_util::future::{join, join_all};

use crate::databricks::{ApiError, Trouble, Workspace};
use crate::desired::{Owner, Schema};
use crate::diagnostic::{Error, Kind, Result};
use crate::observe::{DEPLOYED_FILE, Deployed};
use crate::plan::{Action, Plan, Step};
use crate::release::{Artifact, ArtifactKind};
use crate::route::Consent;

use pipeline::Hands;

/// What came of a plan.
#[derive(Clone, Debug, Default)]
pub struct Outcome {
    /// What came of each step, in the plan's order.
    pub steps: Vec<Result<Done, StepError>>,
    /// Why the preview's folder could not be removed, where it had to be.
    pub folder: Option<StepError>,
    /// A sentence for each schema of the preview that could not go with it, as something is in it.
    pub schemas_left: Vec<String>,
}

/// What was done to one pipeline.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Done {
    /// It was made.
    Created {
        /// Its id.
        id: String,
    },
    /// It was edited.
    Updated {
        /// Its id.
        id: String,
    },
    /// It was as it should be.
    Kept {
        /// Its id.
        id: String,
    },
    /// It was deleted.
    Destroyed {
        /// The id that it had.
        id: String,
    },
}

/// Why a step was not done, or not to its end.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StepError {
    /// The sort of trouble.
    pub kind: Kind,
    /// What happened.
    pub message: String,
    /// What to do.
    pub hint: Option<String>,
    /// Whether the workspace was changed before it failed, or may have been.
    pub changed: bool,
}

impl StepError {
    fn new(kind: Kind, message: impl Into<String>, hint: Option<&str>) -> Self {
        Self { kind, message: message.into(), hint: hint.map(str::to_owned), changed: false }
    }

    fn of(error: &ApiError, doing: &str) -> Self {
        let kind = match error {
            _ if error.is_stop() => Kind::Stopped(0),
            _ if matches!(error.trouble(), Some(Trouble::Unauthenticated | Trouble::Forbidden | Trouble::NotAnApi)) => {
                Kind::Refused
            }
            _ => Kind::Failed,
        };
        Self::new(kind, format!("cannot {doing}: {error}"), error.hint())
    }

    /// Of a request that may have been done, where looking failed too.
    fn unknown(error: &ApiError, cause: &ApiError, doing: &str) -> Self {
        let changed = error.may_be_done();
        let error = Self::of(error, doing);
        let message = format!("{}; whether it was done could not be read: {cause}", error.message);
        let hint = "run this again: it looks what stands there before it does anything";
        Self { message, hint: Some(hint.to_owned()), changed, ..error }
    }
}

impl Outcome {
    /// Whether any pipeline was made, edited or deleted; uploads alone change nothing that runs.
    pub fn changed(&self) -> bool {
        self.steps.iter().any(|step| match step {
            Ok(done) => !matches!(done, Done::Kept { .. }),
            Err(error) => error.changed,
        })
    }

    /// The sort of trouble of the whole, `None` where every step was done.
    pub fn trouble(&self) -> Option<Kind> {
        let errors: Vec<&StepError> =
            self.steps.iter().filter_map(|step| step.as_ref().err()).chain(&self.folder).collect();
        if errors.is_empty() {
            return None;
        }
        let refused = errors.iter().all(|error| error.kind == Kind::Refused);
        Some(if self.changed() {
            Kind::Partial
        } else if refused {
            Kind::Refused
        } else {
            Kind::Failed
        })
    }
}

/// Carries `plan` out: folder, uploads, pipelines side by side, and last what goes as a whole.
///
/// # Errors
/// Only where `consent` is not for this plan; what fails in the workspace is in the [`Outcome`].
pub async fn deploy(
    workspace: &Workspace,
    owner: &Owner,
    plan: &Plan,
    artifacts: &[&Artifact],
    consent: &Consent,
) -> Result<Outcome> {
    if consent.fingerprint() != plan.fingerprint() {
        return Err(Error::new(Kind::Internal, "the plan is not the one that was consented to"));
    }
    let (uploads, schemas) =
        join(upload(workspace, plan, artifacts), schema::make(workspace, owner, &plan.schemas)).await;
    let failed = Failed { uploads, schemas };
    let hands = Hands { workspace, owner };
    let steps = join_all(plan.steps.iter().map(|step| one(&hands, step, &failed))).await;
    let folder = if steps.iter().all(Result::is_ok) { drop_folder(workspace, plan).await } else { None };
    let schemas_left = schema::drop_ours(workspace, owner, &schema::unused(plan, &steps)).await;
    Ok(Outcome { steps, folder, schemas_left })
}

/// Keeps `commit` as the last complete deployment of the environment in `folder`.
pub async fn remember(workspace: &Workspace, folder: &str, commit: &str) -> Result<(), ApiError> {
    let text = serde_json::to_vec(&Deployed::by_this_version(commit)).unwrap_or_default();
    workspace.upload_file(&format!("{folder}/{DEPLOYED_FILE}"), text).await
}

/// Takes back what is kept in `folder` as the last complete deployment. Overwritten, as who may edit a file may not
/// always delete it.
pub async fn forget(workspace: &Workspace, folder: &str) -> Result<(), ApiError> {
    workspace.upload_file(&format!("{folder}/{DEPLOYED_FILE}"), b"{}".to_vec()).await
}

/// What pipelines need and could not be had, by name.
struct Failed {
    uploads: BTreeMap<String, StepError>,
    schemas: BTreeMap<String, StepError>,
}

impl Failed {
    /// Why a pipeline that needs those things cannot be deployed.
    fn for_want_of(&self, action: &Action) -> Option<&StepError> {
        let schema = action.wanted().and_then(|wanted| Schema::of(&wanted.settings));
        let missing = schema.and_then(|schema| self.schemas.get(&schema.full_name()));
        action.artifacts().iter().find_map(|name| self.uploads.get(name)).or(missing)
    }
}

/// Uploads what is missing and gives what failed.
async fn upload(workspace: &Workspace, plan: &Plan, artifacts: &[&Artifact]) -> BTreeMap<String, StepError> {
    if plan.make_folder
        && let Err(error) = workspace.make_folder(&plan.folder).await
    {
        let error = StepError::of(&error, &format!("make the folder `{}`", plan.folder));
        return plan.uploads.iter().map(|name| (name.clone(), error.clone())).collect();
    }
    let wanted = artifacts.iter().filter(|artifact| plan.uploads.contains(&artifact.name));
    let outcomes = join_all(wanted.map(|artifact| upload_one(workspace, &plan.folder, artifact))).await;
    outcomes.into_iter().filter_map(Result::err).collect()
}

async fn upload_one(workspace: &Workspace, folder: &str, artifact: &Artifact) -> Result<(), (String, StepError)> {
    let path = format!("{folder}/{}", artifact.name);
    tracing::info!("uploading `{path}` ({} bytes)", artifact.bytes.len());
    let outcome = match artifact.kind {
        ArtifactKind::Wheel => workspace.upload_file(&path, artifact.bytes.clone()).await,
        ArtifactKind::Notebook => workspace.upload_notebook(&path, &artifact.bytes).await,
    };
    outcome.map_err(|error| (artifact.name.clone(), StepError::of(&error, &format!("upload `{path}`"))))
}

async fn one(hands: &Hands<'_>, step: &Step, failed: &Failed) -> Result<Done, StepError> {
    if let Some(error) = failed.for_want_of(&step.action) {
        return Err(error.clone());
    }
    match &step.action {
        Action::Keep { id, .. } => Ok(Done::Kept { id: id.clone() }),
        Action::Create(wanted) => hands.create(&step.name, wanted).await.map(|id| Done::Created { id }),
        Action::Update { id, wanted, last_modified, .. } => {
            hands.edit(id, &step.name, wanted, *last_modified).await.map(|()| Done::Updated { id: id.clone() })
        }
        Action::Recreate { id, wanted, removal, .. } => {
            hands.destroy(id, &step.name, *removal).await?;
            let made = hands.create(&step.name, wanted).await;
            made.map(|id| Done::Created { id }).map_err(|error| StepError { changed: true, ..error })
        }
        Action::Destroy { id, removal, .. } => {
            hands.destroy(id, &step.name, *removal).await.map(|()| Done::Destroyed { id: id.clone() })
        }
        Action::Blocked { why, hint, .. } => Err(StepError::new(Kind::Failed, why.clone(), Some(hint))),
    }
}

/// The folder of a preview goes once nothing uses it any more.
async fn drop_folder(workspace: &Workspace, plan: &Plan) -> Option<StepError> {
    if !plan.drop_folder {
        return None;
    }
    // Runs of two environments may close one pull request at once: whoever comes last finds nothing else there.
    for id in &plan.folder_users {
        let gone = workspace.pipeline(id).await.is_err_and(|error| error.trouble() == Some(Trouble::Missing));
        if !gone {
            return None;
        }
    }
    tracing::info!("removing the folder `{}`", plan.folder);
    let error = workspace.delete_object(&plan.folder).await.err()?;
    Some(StepError::of(&error, &format!("remove the folder `{}`", plan.folder)))
}
