//! What to do: desired and existing pipelines → [`Plan`], a value that can be printed before it is carried out.

mod adopt;
mod compare;
mod describe;
mod diff;
mod keep;
mod schema;
mod step;

use std::collections::{BTreeMap, BTreeSet};

use serde::Serialize;

use crate::desired::DesiredPipeline;
use crate::observe::{ExistingPipeline, Observed};
use crate::pipeline::Schema;
use crate::pipeline::ownership::{Claim, OwnershipKey};
use crate::route::Prune;

pub use diff::FieldChange;
use step::Steps;
pub use step::{
    Action, Basis, Definition, FolderAction, ObjectAction, PipelineStep, Removal, Resource, SchemaAction, Step, StepId,
};

/// Version of a plan's JSON form; it changes when a field changes its meaning or is removed, not when one is added.
pub const VERSION: u32 = 1;

/// All that a run will do.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Plan {
    /// [`VERSION`].
    pub version: u32,
    /// Workspace folder of the release, absolute and without `/Workspace`.
    pub folder: String,
    /// The steps; each comes after those that it needs. Pipelines of workflows are in the order of these, then come those
    /// that are deleted.
    pub steps: Vec<Step>,
}

/// What a plan may contain.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Allowed {
    /// Deleting and creating a pipeline again if an immutable field changes.
    pub recreate: bool,
    /// Deleting shared pipelines whose workflow no spec has any more.
    pub prune: Prune,
}

/// Compares what is desired with what exists. Previews of ours in `observed` that are not desired are deleted, as those of
/// a pull request are what it affects now, and what is left over of shared workflows if that is allowed.
pub fn plan(folder: &str, desired: &[DesiredPipeline], observed: &Observed, allowed: Allowed) -> Plan {
    let mut pipelines: Vec<PipelineStep> =
        desired.iter().map(|desired| compare::step(folder, desired, observed, allowed)).collect();
    let names: BTreeSet<&str> = desired.iter().map(|desired| desired.name.as_str()).collect();
    let previews = observed.pipelines.iter().filter(|existing| existing.claim == Claim::Ours && is_preview(existing));
    let stale = previews.filter(|existing| !names.contains(existing.name.as_str()));
    pipelines.extend(stale.map(|existing| compare::destroy(existing, "the pull request no longer affects it")));
    if allowed.prune == Prune::Destroy {
        pipelines.extend(pruned(observed));
    }
    let mut builder = PlanBuilder::new(folder);
    builder.upload(missing(&pipelines, observed), observed.objects.is_none());
    builder.create_schemas(schema::to_create(desired, &pipelines));
    let last = observed.objects.is_some()
        && !pipelines.is_empty()
        && observed.leftovers.is_empty()
        && pipelines.iter().all(|step| matches!(step.action, Action::Destroy { .. }));
    builder.pipelines(pipelines);
    if last {
        builder.destroy_schemas(schema::to_destroy(observed));
        builder.destroy_folder(observed);
    }
    builder.finish()
}

/// The steps that delete what is left over of shared workflows.
fn pruned(observed: &Observed) -> impl Iterator<Item = PipelineStep> + '_ {
    let ours = observed.leftovers.iter().filter(|existing| existing.claim == Claim::Ours && !is_preview(existing));
    ours.map(|existing| compare::destroy(existing, "no spec of the project has its workflow any more"))
}

fn is_preview(existing: &ExistingPipeline) -> bool {
    existing.settings.owned(OwnershipKey::Preview).is_some()
}

/// Deletes everything of ours, and the folder if it is a preview's own. What cannot be seen may be ours, too: it blocks.
pub fn destroy(folder: &str, observed: &Observed, why: &str, own_folder: bool) -> Plan {
    let pipelines = observed.pipelines.iter().filter_map(|existing| {
        let step = compare::destroy(existing, why);
        match existing.claim {
            Claim::Ours => Some(step),
            Claim::Former(_) => own_folder.then_some(step),
            Claim::Hidden => Some(PipelineStep { action: compare::not_ours(existing)?, ..step }),
            Claim::Adopted(_) | Claim::Unowned | Claim::Foreign(_) => None,
        }
    });
    let mut builder = PlanBuilder::new(folder);
    builder.pipelines(pipelines.collect());
    if own_folder {
        builder.destroy_schemas(schema::to_destroy(observed));
        if observed.objects.is_some() {
            builder.destroy_folder(observed);
        }
    }
    builder.finish()
}

impl Plan {
    /// Whether it writes to the workspace at all.
    pub fn writes(&self) -> bool {
        self.steps.iter().any(Step::writes)
    }

    /// What happens to each pipeline.
    pub fn pipelines(&self) -> impl Iterator<Item = &PipelineStep> {
        self.steps.iter().filter_map(Step::pipeline)
    }

    /// Names of the objects that are uploaded.
    pub fn uploads(&self) -> impl Iterator<Item = &str> {
        self.steps.iter().filter_map(|step| match &step.resource {
            Resource::Object { name, action: ObjectAction::Upload } => Some(name.as_str()),
            Resource::Folder { .. } | Resource::Schema { .. } | Resource::Pipeline(_) => None,
        })
    }

    /// Names of the objects that somebody deleted, although an unchanged pipeline uses them.
    pub fn restored(&self) -> impl Iterator<Item = &str> {
        let kept: BTreeSet<&str> = self
            .pipelines()
            .filter(|step| matches!(step.action, Action::Keep { .. }))
            .flat_map(|step| step.action.artifacts())
            .map(String::as_str)
            .collect();
        self.uploads().filter(move |name| kept.contains(name))
    }
}

/// A plan while it is made: the needs of a step are found among the resources of earlier ones.
struct PlanBuilder<'a> {
    folder: &'a str,
    steps: Steps,
    uploads: BTreeMap<String, StepId>,
    schemas: BTreeMap<Schema, StepId>,
    pipelines: Vec<(StepId, Option<Schema>)>,
}

impl<'a> PlanBuilder<'a> {
    fn new(folder: &'a str) -> Self {
        let steps = Steps::default();
        Self { folder, steps, uploads: BTreeMap::new(), schemas: BTreeMap::new(), pipelines: Vec::new() }
    }

    fn upload(&mut self, names: Vec<String>, without_folder: bool) {
        let mut needs = Vec::new();
        if without_folder && !names.is_empty() {
            let folder = Resource::Folder { path: self.folder.to_owned(), action: FolderAction::Create };
            needs.push(self.steps.push(folder, Vec::new()));
        }
        for name in names {
            let object = Resource::Object { name: name.clone(), action: ObjectAction::Upload };
            self.uploads.insert(name, self.steps.push(object, needs.clone()));
        }
    }

    fn create_schemas(&mut self, schemas: BTreeSet<Schema>) {
        for schema in schemas {
            let resource = Resource::Schema { schema: schema.clone(), action: SchemaAction::Create };
            self.schemas.insert(schema, self.steps.push(resource, Vec::new()));
        }
    }

    /// A pipeline needs the objects that it uses and the schema that it publishes to.
    fn pipelines(&mut self, pipelines: Vec<PipelineStep>) {
        for step in pipelines {
            let objects = step.action.artifacts().iter().filter_map(|name| self.uploads.get(name));
            let schema = step.action.definition().and_then(|definition| definition.settings.schema());
            let schema = schema.and_then(|schema| self.schemas.get(&schema));
            let needs = objects.chain(schema).copied().collect();
            let leaves = if let Action::Destroy { schema, .. } = &step.action { schema.clone() } else { None };
            let id = self.steps.push(Resource::Pipeline(step), needs);
            self.pipelines.push((id, leaves));
        }
    }

    /// A schema is dropped after the pipelines that publish to it.
    fn destroy_schemas(&mut self, schemas: BTreeSet<Schema>) {
        for schema in schemas {
            let users = self.pipelines.iter().filter(|(_, leaves)| leaves.as_ref() == Some(&schema));
            let needs = users.map(|(id, _)| *id).collect();
            self.steps.push(Resource::Schema { schema, action: SchemaAction::Destroy }, needs);
        }
    }

    /// The folder is deleted after every pipeline of the plan.
    fn destroy_folder(&mut self, observed: &Observed) {
        let action = FolderAction::Destroy { unless_used_by: users(self.folder, observed) };
        let needs = self.pipelines.iter().map(|(id, _)| *id).collect();
        self.steps.push(Resource::Folder { path: self.folder.to_owned(), action }, needs);
    }

    fn finish(self) -> Plan {
        Plan { version: VERSION, folder: self.folder.to_owned(), steps: self.steps.into_vec() }
    }
}

/// Ids of the pipelines that are not ours and whose notebooks are in the folder.
fn users(folder: &str, observed: &Observed) -> Vec<String> {
    let inside = |path: &str| {
        let path = path.strip_prefix("/Workspace").unwrap_or(path);
        path.strip_prefix(folder).is_some_and(|rest| rest.starts_with('/'))
    };
    let others = observed.pipelines.iter().filter(|existing| existing.claim != Claim::Ours);
    others.filter(|existing| existing.settings.notebooks().any(inside)).map(|existing| existing.id.clone()).collect()
}

/// Names of the objects that the pipelines need and the folder lacks, each once, in the order of the pipelines.
fn missing(pipelines: &[PipelineStep], observed: &Observed) -> Vec<String> {
    let mut seen = BTreeSet::new();
    let names = pipelines.iter().flat_map(|step| step.action.artifacts());
    names.filter(|name| !observed.has_object(name) && seen.insert(name.as_str())).cloned().collect()
}

#[cfg(test)]
mod tests;
