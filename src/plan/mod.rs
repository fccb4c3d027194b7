//! What to do: desired and existing pipelines → [`Plan`], a value that can be printed before it is carried out.

mod adopt;
mod builder;
mod compare;
mod comparison;
mod describe;
mod diff;
mod keep;
mod moves;
mod removal;
mod run_as;
mod schema;
mod spelling;
mod step;
pub mod sweep;

use std::collections::BTreeSet;

use serde::Serialize;

use crate::desired::DesiredPipeline;
use crate::observe::{ExistingPipeline, Observed, PreviewFolder};
use crate::pipeline::Schema;
use crate::pipeline::ownership::{Claim, OwnershipKey};
use crate::route::Prune;

use builder::PlanBuilder;
pub use diff::FieldChange;
pub use removal::{Removal, Tables};
pub use step::{
    Action, Basis, Definition, FolderAction, ObjectAction, PipelineStep, Resource, SchemaAction, Step, StepId,
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
    /// Dropping the tables of a shared pipeline that is deleted.
    pub drop_tables: bool,
}

/// Compares what is desired with what exists. Previews of ours in `observed` that are not desired are deleted, as those of
/// a pull request are what it affects now, and what is left over of shared workflows if that is allowed. If a pull request
/// affects nothing any more, its preview is taken down with its `folders`, of which shared pipelines have none.
pub fn plan(
    folder: &str,
    desired: &[DesiredPipeline],
    observed: &Observed,
    folders: &[PreviewFolder],
    allowed: Allowed,
) -> Plan {
    let mut pipelines: Vec<PipelineStep> =
        desired.iter().map(|desired| compare::step(folder, desired, observed, allowed)).collect();
    pipelines.extend(stale(desired, observed, allowed));
    if allowed.prune == Prune::Destroy {
        pipelines.extend(pruned(observed, allowed));
    }
    let made = schema::to_create(desired, &pipelines);
    let left = schema::left(&pipelines, observed);
    let mut builder = PlanBuilder::new(folder, observed, folders);
    builder.upload(missing(&pipelines, observed));
    builder.note(made.iter().chain(left.iter().flatten()).cloned());
    builder.note_moves(&pipelines);
    builder.create_schemas(made);
    builder.pipelines(pipelines, left);
    // What cannot be seen may be ours, and use the folder.
    let is_hidden = |existing: &ExistingPipeline| existing.claim == Claim::Hidden;
    if desired.is_empty() && !observed.pipelines.iter().any(is_hidden) {
        builder.take_down();
    }
    builder.finish()
}

/// The steps that delete previews of ours that are not desired.
fn stale(desired: &[DesiredPipeline], observed: &Observed, allowed: Allowed) -> impl Iterator<Item = PipelineStep> {
    let names: BTreeSet<&str> = desired.iter().map(|desired| desired.name.as_str()).collect();
    let previews = observed.pipelines.iter().filter(|existing| existing.claim == Claim::Ours && is_preview(existing));
    let stale = previews.filter(move |existing| !names.contains(existing.name.as_str()));
    stale.map(move |existing| compare::destroy(existing, "the pull request no longer affects it", allowed))
}

/// The steps that delete what is left over of shared workflows.
fn pruned(observed: &Observed, allowed: Allowed) -> impl Iterator<Item = PipelineStep> + '_ {
    let ours = observed.leftovers.iter().filter(|existing| existing.claim == Claim::Ours && !is_preview(existing));
    ours.map(move |existing| compare::destroy(existing, "no spec of the project has its workflow any more", allowed))
}

fn is_preview(existing: &ExistingPipeline) -> bool {
    existing.settings.owned(OwnershipKey::Preview).is_some()
}

/// Deletes everything of ours, and takes a preview down with its `folders`, of which shared pipelines have none. What
/// cannot be seen may be ours, too: it blocks.
pub fn destroy(folder: &str, observed: &Observed, folders: &[PreviewFolder], why: &str, allowed: Allowed) -> Plan {
    let pipelines = observed.pipelines.iter().filter_map(|existing| {
        let step = compare::destroy(existing, why, allowed);
        match existing.claim {
            Claim::Ours => Some(step),
            Claim::Former(_) => is_preview(existing).then_some(step),
            Claim::Hidden => Some(PipelineStep { action: compare::not_ours(existing)?, ..step }),
            Claim::Adopted(_) | Claim::Unowned | Claim::Foreign(_) => None,
        }
    });
    let pipelines: Vec<PipelineStep> = pipelines.collect();
    let left = schema::left(&pipelines, observed);
    let mut builder = PlanBuilder::new(folder, observed, folders);
    builder.note(left.iter().flatten().cloned());
    builder.note_moves(&pipelines);
    builder.pipelines(pipelines, left);
    builder.take_down();
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
            Resource::Object { name, action: ObjectAction::Upload, .. } => Some(name.as_str()),
            _ => None,
        })
    }

    /// The pipelines that will write to a schema in which the tables of a pipeline that they replace stay, with that schema.
    pub fn beside_kept_tables(&self) -> impl Iterator<Item = (&PipelineStep, Schema)> {
        let kept: BTreeSet<&Schema> = self.pipelines().filter_map(|step| step.action.keeps_tables_in()).collect();
        self.pipelines().filter_map(move |step| {
            let beside = match &step.action {
                Action::Create { definition } => definition.settings.schema().filter(|schema| kept.contains(schema)),
                Action::Recreate { definition, changes, removal, .. } => {
                    let stays = removal.tables == Tables::Kept && !changes.iter().any(schema::is_of_schema);
                    definition.settings.schema().filter(|_| stays)
                }
                _ => None,
            };
            Some((step, beside?))
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

/// Names of the objects that the pipelines need and the folder lacks, each once, in the order of the pipelines.
fn missing(pipelines: &[PipelineStep], observed: &Observed) -> Vec<String> {
    let mut seen = BTreeSet::new();
    let names = pipelines.iter().flat_map(|step| step.action.artifacts());
    names.filter(|name| !observed.has_object(name) && seen.insert(name.as_str())).cloned().collect()
}

#[cfg(test)]
mod tests;
