//! The steps of a plan: each is one resource, what happens to it, and the steps that it needs.

use std::collections::BTreeMap;

use serde::Serialize;
use serde_json::Value;

use super::{FieldChange, Removal, Tables};
use crate::pipeline::{Made, Schema, Settings};
use crate::source::RepoPath;

/// A step's place in its plan.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(transparent)]
pub struct StepId(usize);

/// One resource and what happens to it.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Step {
    /// Its place in the plan.
    pub id: StepId,
    /// The resource, with the actions that there are for one of its kind.
    #[serde(flatten)]
    pub resource: Resource,
    /// The steps that have to be done first; they are earlier in the plan.
    pub needs: Vec<StepId>,
}

/// What a step is about.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(tag = "resource", rename_all = "snake_case")]
pub enum Resource {
    /// The workspace folder of the release.
    Folder {
        /// Its path, absolute and without `/Workspace`.
        path: String,
        /// What happens to it.
        #[serde(flatten)]
        action: FolderAction,
    },
    /// An object in a folder of ours.
    Object {
        /// The folder's path, absolute and without `/Workspace`.
        folder: String,
        /// Its name.
        name: String,
        /// What happens to it.
        #[serde(flatten)]
        action: ObjectAction,
    },
    /// A schema that a preview has for itself.
    Schema {
        /// Which one.
        #[serde(flatten)]
        schema: Schema,
        /// What happens to it.
        #[serde(flatten)]
        action: SchemaAction,
    },
    /// A pipeline.
    Pipeline(PipelineStep),
}

/// What happens to a folder.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(tag = "action", rename_all = "snake_case")]
pub enum FolderAction {
    /// It is created.
    Create,
    /// It is deleted with everything in it.
    Destroy {
        /// Ids of pipelines that use it and are not part of this plan, such as another environment's: it is kept while
        /// one of them exists.
        unless_used_by: Vec<String>,
        /// Names of the notes in it that are not ours: it is kept while one of them is there.
        unless_noted: Vec<String>,
    },
}

/// What happens to an object.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(tag = "action", rename_all = "snake_case")]
pub enum ObjectAction {
    /// It is uploaded from the release.
    Upload,
    /// It is written, as the note of what is made.
    Note {
        /// What is noted.
        made: Made,
    },
    /// It is deleted.
    Destroy,
}

/// What happens to a schema.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(tag = "action", rename_all = "snake_case")]
pub enum SchemaAction {
    /// It is created, unless it exists.
    Create,
    /// It is dropped if it is ours, once it is empty.
    Destroy {
        /// Ids of the pipelines whose tables are in it and go with them.
        after: Vec<String>,
    },
}

/// What happens to one pipeline.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct PipelineStep {
    /// The workflow's name as written, or as recorded in the pipeline.
    pub workflow: String,
    /// Its file, if it still exists.
    pub spec: Option<RepoPath>,
    /// The pipeline's name.
    pub name: String,
    /// What is done.
    #[serde(flatten)]
    pub action: Action,
    /// By path: what exists beside what is written, which no edit is made for. It is the service's own, or somebody's.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub unmanaged: BTreeMap<String, Value>,
}

/// What is done to one pipeline.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(tag = "action", rename_all = "snake_case")]
pub enum Action {
    /// No pipeline has that name.
    Create {
        /// What is created.
        definition: Definition,
    },
    /// It exists and differs.
    Update {
        /// Its id.
        #[serde(rename = "pipeline_id")]
        id: String,
        /// Its new definition.
        definition: Definition,
        /// What the edit is based on.
        #[serde(flatten)]
        basis: Basis,
        /// The fields that differ.
        changes: Vec<FieldChange>,
        /// Whether somebody else changed some of it: it is not what was last sent.
        drift: bool,
        /// Whether the edit restarts a running update.
        restarts: bool,
        /// If it is taken over: whose it was, as a clause.
        #[serde(skip_serializing_if = "Option::is_none")]
        adopts: Option<String>,
        /// The name of the identity that it runs as afterwards, though the spec names none: an edit cannot take it back.
        #[serde(skip_serializing_if = "Option::is_none")]
        identity_kept: Option<String>,
    },
    /// It is up to date.
    Keep {
        /// Its id.
        #[serde(rename = "pipeline_id")]
        id: String,
        /// Names of the objects that it uses; those that somebody deleted are uploaded again.
        artifacts: Vec<String>,
    },
    /// An immutable field differs, and recreating was allowed: it is deleted and created again.
    Recreate {
        /// Its id; the new one gets another.
        #[serde(rename = "pipeline_id")]
        id: String,
        /// Its new definition.
        definition: Definition,
        /// The fields that differ.
        changes: Vec<FieldChange>,
        /// How it is deleted.
        removal: Removal,
    },
    /// It is deleted.
    Destroy {
        /// Its id.
        #[serde(rename = "pipeline_id")]
        id: String,
        /// What cannot be deleted with it: schema and storage of a Hive pipeline.
        left_behind: Option<String>,
        /// The schema of Unity Catalog that it publishes to.
        schema: Option<Schema>,
        /// Why it is deleted, in a sentence.
        why: String,
        /// How it is deleted.
        removal: Removal,
    },
    /// Nothing can be done, which is a failure.
    Blocked {
        /// Its id, if known.
        #[serde(rename = "pipeline_id")]
        id: Option<String>,
        /// Ids of the pipelines that have its name, if several do.
        #[serde(skip_serializing_if = "Vec::is_empty")]
        twins: Vec<String>,
        /// What prevents it.
        why: String,
        /// What to do.
        hint: String,
    },
}

/// The definition of a pipeline.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Definition {
    /// The body of the request.
    pub settings: Settings,
    /// Names of the objects that it uses.
    pub artifacts: Vec<String>,
}

/// A pipeline as a plan saw it, which an edit is based on: what differs from that later was changed by somebody else.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct Basis {
    /// When it was last changed; an edit is refused if it changed since.
    pub last_modified: Option<i64>,
    /// Its settings, which are no part of what is consented to.
    #[serde(skip)]
    pub settings: Settings,
}

/// Steps while a plan is made. A step can only need what is in it already, so there are no cycles.
#[derive(Default)]
pub(super) struct Steps(Vec<Step>);

impl Steps {
    pub(super) fn push(&mut self, resource: Resource, needs: Vec<StepId>) -> StepId {
        let id = StepId(self.0.len());
        self.0.push(Step { id, resource, needs });
        id
    }

    pub(super) fn into_vec(self) -> Vec<Step> {
        self.0
    }
}

impl Step {
    /// Whether it writes to the workspace.
    pub fn writes(&self) -> bool {
        match &self.resource {
            Resource::Pipeline(step) => !matches!(step.action, Action::Keep { .. } | Action::Blocked { .. }),
            Resource::Folder { .. } | Resource::Object { .. } | Resource::Schema { .. } => true,
        }
    }

    /// What happens to a pipeline, if it is about one.
    pub fn pipeline(&self) -> Option<&PipelineStep> {
        if let Resource::Pipeline(step) = &self.resource { Some(step) } else { None }
    }
}

impl Action {
    /// The new definition of the pipeline, if it gets one.
    pub fn definition(&self) -> Option<&Definition> {
        match self {
            Self::Create { definition } | Self::Update { definition, .. } | Self::Recreate { definition, .. } => {
                Some(definition)
            }
            Self::Keep { .. } | Self::Destroy { .. } | Self::Blocked { .. } => None,
        }
    }

    /// Names of the objects that the pipeline uses afterwards.
    pub fn artifacts(&self) -> &[String] {
        match self {
            Self::Keep { artifacts, .. } => artifacts,
            other => other.definition().map_or(&[], |definition| &definition.artifacts),
        }
    }

    /// The id of the pipeline, if there is one yet.
    pub fn pipeline_id(&self) -> Option<&str> {
        match self {
            Self::Create { .. } => None,
            Self::Update { id, .. } | Self::Keep { id, .. } | Self::Recreate { id, .. } | Self::Destroy { id, .. } => {
                Some(id)
            }
            Self::Blocked { id, .. } => id.as_deref(),
        }
    }

    /// The name of the identity that an edit leaves, though the spec names none.
    pub fn identity_kept(&self) -> Option<&str> {
        match self {
            Self::Update { identity_kept, .. } => identity_kept.as_deref(),
            _ => None,
        }
    }

    /// How the pipeline is deleted, if it is.
    pub fn removal(&self) -> Option<Removal> {
        match self {
            Self::Recreate { removal, .. } | Self::Destroy { removal, .. } => Some(*removal),
            _ => None,
        }
    }

    /// The schema in which the tables of a deleted pipeline stay.
    pub fn keeps_tables_in(&self) -> Option<&Schema> {
        match self {
            Self::Destroy { schema, removal, .. } if removal.tables == Tables::Kept => schema.as_ref(),
            _ => None,
        }
    }

    /// Where data of a deleted pipeline is left behind.
    pub fn left_behind(&self) -> Option<&str> {
        match self {
            Self::Destroy { left_behind, .. } => left_behind.as_deref(),
            _ => None,
        }
    }
}
