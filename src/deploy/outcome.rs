//! The outcome of a plan, step by step.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use crate::databricks::ApiError;
use crate::diagnostic::Kind;
use crate::pipeline::Schema;
use crate::plan::{Action, FieldChange, FolderAction, ObjectAction, PipelineStep, Plan, Resource, Step, StepId};

/// The outcome of a plan.
#[derive(Clone, Debug)]
pub struct Outcome<'p> {
    plan: &'p Plan,
    steps: BTreeMap<StepId, Result<StepDone, StepError>>,
}

/// What was done in a step.
#[derive(Clone, Debug, PartialEq)]
pub enum StepDone {
    /// Something to a pipeline.
    Pipeline(Done),
    /// The folder, object or schema was created.
    Made,
    /// The folder, object or schema was deleted.
    Removed,
    /// Nothing: the schema that was to be created exists, or the one that was to be dropped does not, or is not ours.
    Unchanged,
    /// The folder, object or schema was left, which is not a failure.
    Left {
        /// Why, in a sentence.
        why: String,
        /// The step that it needed, directly or through others, and that was left; `None` if it was tried.
        cause: Option<StepId>,
    },
}

/// What was done to a pipeline.
#[derive(Clone, Debug, PartialEq)]
pub enum Done {
    /// It was created.
    Created {
        /// Its id.
        id: String,
    },
    /// It was edited.
    Updated {
        /// Its id.
        id: String,
        /// What the service stores in another way than it was written, though that was just sent.
        kept: Vec<FieldChange>,
    },
    /// It was up to date.
    Kept {
        /// Its id.
        id: String,
    },
    /// It was deleted.
    Destroyed {
        /// The id that it had.
        id: String,
    },
    /// Nothing: its name is that of a pipeline that the token cannot see.
    Unseen,
}

/// Why a step was not done, or not completely.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StepError {
    /// The sort of failure.
    pub kind: Kind,
    /// What happened.
    pub message: String,
    /// What to do.
    pub hint: Option<String>,
    /// Whether the workspace was changed before it failed, or may have been.
    pub changed: bool,
    /// Whether the name of the pipeline is that of one that the token cannot see.
    pub unseen: bool,
    /// The failed step that it needed, directly or through others, and whose error this is; `None` if it was tried.
    pub cause: Option<StepId>,
}

impl StepDone {
    /// Of something that was tried and left.
    pub(super) fn left(why: String) -> Self {
        Self::Left { why, cause: None }
    }

    /// The outcome of a step that needed `step`, of which this is the outcome; `None` if it can be tried.
    pub(super) fn passed_on(&self, step: StepId) -> Option<Self> {
        match self {
            Self::Left { why, cause } => Some(Self::Left { why: why.clone(), cause: Some(cause.unwrap_or(step)) }),
            Self::Pipeline(_) | Self::Made | Self::Removed | Self::Unchanged => None,
        }
    }
}

impl StepError {
    pub(super) fn new(kind: Kind, message: impl Into<String>, hint: Option<&str>) -> Self {
        let (message, hint) = (message.into(), hint.map(str::to_owned));
        Self { kind, message, hint, changed: false, unseen: false, cause: None }
    }

    pub(super) fn of(error: &ApiError, doing: &str) -> Self {
        let kind = if error.is_stop() { Kind::Stopped(0) } else { error.kind() };
        Self::new(kind, format!("cannot {doing}: {error}"), error.hint())
    }

    /// Of a request that may have taken effect, if looking does not tell, either.
    pub(super) fn unknown(error: &ApiError, cause: &impl fmt::Display, doing: &str) -> Self {
        let changed = error.may_be_done();
        let error = Self::of(error, doing);
        let message = format!("{}; whether it was done could not be read: {cause}", error.message);
        let hint = "run this again: it looks at what exists first";
        Self { message, hint: Some(hint.to_owned()), changed, ..error }
    }

    /// The error of a step that needed `step`, whose error this is.
    pub(super) fn passed_on(&self, step: StepId) -> Self {
        Self { changed: false, cause: Some(self.cause.unwrap_or(step)), ..self.clone() }
    }
}

impl<'p> Outcome<'p> {
    pub(super) fn new(plan: &'p Plan, steps: BTreeMap<StepId, Result<StepDone, StepError>>) -> Self {
        Self { plan, steps }
    }

    /// Makes it no failure that pipelines of the `untouched` workflows were not created, as their names are those of pipelines
    /// that the token cannot see. Gives the name and the error of each.
    pub fn leave_unseen(&mut self, untouched: &BTreeSet<String>) -> Vec<(&'p str, StepError)> {
        let plan = self.plan;
        let pipelines = plan.steps.iter().filter_map(|step| Some((step.id, step.pipeline()?)));
        let mut left = Vec::new();
        for (id, pipeline) in pipelines.filter(|(_, pipeline)| untouched.contains(&pipeline.workflow)) {
            let Some(Err(error)) = self.steps.get(&id) else { continue };
            if error.unseen && !error.changed {
                left.push((pipeline.name.as_str(), error.clone()));
                self.steps.insert(id, Ok(StepDone::Pipeline(Done::Unseen)));
            }
        }
        left
    }

    /// Each step and its outcome, in the plan's order.
    pub fn steps(&self) -> impl Iterator<Item = (&'p Step, &Result<StepDone, StepError>)> {
        self.plan.steps.iter().filter_map(|step| Some((step, self.steps.get(&step.id)?)))
    }

    /// The outcome of each pipeline, in the order of [`Plan::pipelines`].
    pub fn pipelines(&self) -> impl Iterator<Item = (&'p PipelineStep, Result<&Done, &StepError>)> {
        self.steps().filter_map(|(step, outcome)| match outcome {
            Ok(StepDone::Pipeline(done)) => Some((step.pipeline()?, Ok(done))),
            Ok(StepDone::Made | StepDone::Removed | StepDone::Unchanged | StepDone::Left { .. }) => None,
            Err(error) => Some((step.pipeline()?, Err(error))),
        })
    }

    /// What the service stores in another way than it was written, by pipeline.
    pub fn kept(&self) -> impl Iterator<Item = (&'p PipelineStep, &[FieldChange])> {
        self.pipelines().filter_map(|(step, outcome)| match outcome {
            Ok(Done::Updated { kept, .. }) if !kept.is_empty() => Some((step, kept.as_slice())),
            _ => None,
        })
    }

    /// Why the folder of the preview could not be removed, if that was tried.
    pub fn folder_left(&self) -> Option<&StepError> {
        self.steps().find_map(|(step, outcome)| match &step.resource {
            Resource::Folder { action: FolderAction::Destroy { .. }, .. } => {
                outcome.as_ref().err().filter(|error| error.cause.is_none())
            }
            _ => None,
        })
    }

    /// A sentence for each schema of the preview that could not be dropped.
    pub fn schemas_left(&self) -> impl Iterator<Item = &str> {
        self.schemas().filter_map(|(_, outcome)| match outcome {
            Ok(StepDone::Left { why, .. }) => Some(why.as_str()),
            _ => None,
        })
    }

    /// The schemas that were created.
    pub fn schemas_made(&self) -> impl Iterator<Item = &'p Schema> {
        self.schemas().filter(|(_, outcome)| matches!(outcome, Ok(StepDone::Made))).map(|(schema, _)| schema)
    }

    /// The schemas that were dropped.
    pub fn schemas_dropped(&self) -> impl Iterator<Item = &'p Schema> {
        self.schemas().filter(|(_, outcome)| matches!(outcome, Ok(StepDone::Removed))).map(|(schema, _)| schema)
    }

    fn schemas(&self) -> impl Iterator<Item = (&'p Schema, &Result<StepDone, StepError>)> {
        self.steps().filter_map(|(step, outcome)| match &step.resource {
            Resource::Schema { schema, .. } => Some((schema, outcome)),
            _ => None,
        })
    }

    /// Whether any pipeline was created, edited or deleted.
    pub fn changed_pipelines(&self) -> bool {
        self.pipelines().any(|(_, outcome)| match outcome {
            Ok(done) => !matches!(done, Done::Kept { .. } | Done::Unseen),
            Err(error) => error.changed,
        })
    }

    /// Whether any pipeline or schema was changed; uploads alone change nothing that runs.
    pub fn changed(&self) -> bool {
        let is_changed = |outcome: &Result<StepDone, StepError>| match outcome {
            Ok(done) => matches!(done, StepDone::Made | StepDone::Removed),
            Err(error) => error.changed,
        };
        self.changed_pipelines() || self.schemas().any(|(_, outcome)| is_changed(outcome))
    }

    /// Whether anything stands, or may, of what the plan is about: what was made or kept, or what stood before and was not
    /// removed. Whatever stands has a folder, so without one to create there was something.
    pub fn leaves_something(&self) -> bool {
        let own = || {
            self.steps().filter(|(step, _)| !matches!(&step.resource, Resource::Pipeline(step) if matches!(step.action, Action::Blocked { .. })))
        };
        let stands = |outcome: &Result<StepDone, StepError>| match outcome {
            Ok(StepDone::Pipeline(done)) => !matches!(done, Done::Destroyed { .. }),
            Ok(done) => matches!(done, StepDone::Made | StepDone::Left { .. }),
            Err(error) => error.changed,
        };
        let is_gone = |step: &Step, outcome: &Result<StepDone, StepError>| match &step.resource {
            Resource::Folder { action: FolderAction::Create, .. } => true,
            Resource::Folder { .. } => outcome == &Ok(StepDone::Removed),
            _ => false,
        };
        own().any(|(_, outcome)| stands(outcome))
            || own().next().is_some() && !own().any(|(step, outcome)| is_gone(step, outcome))
    }

    /// How many objects were uploaded.
    pub fn uploaded(&self) -> usize {
        let uploaded = |(step, outcome): &(&Step, &Result<StepDone, StepError>)| {
            matches!(
                (&step.resource, outcome),
                (Resource::Object { action: ObjectAction::Upload, .. }, Ok(StepDone::Made))
            )
        };
        self.steps().filter(uploaded).count()
    }

    /// The kind of failure of the whole, `None` if every step was done.
    pub fn failure(&self) -> Option<Kind> {
        let kinds: Vec<Kind> = self.steps.values().filter_map(|outcome| Some(outcome.as_ref().err()?.kind)).collect();
        if kinds.is_empty() {
            return None;
        }
        Some(if self.changed() {
            Kind::Partial
        } else if kinds.iter().all(|kind| *kind == Kind::Refused) {
            Kind::Refused
        } else {
            Kind::Failed
        })
    }
}
