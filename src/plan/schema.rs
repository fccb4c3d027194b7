//! Schemas that a preview has for itself.

use std::collections::{BTreeMap, BTreeSet};

use crate::desired::DesiredPipeline;
use crate::observe::{ExistingPipeline, Observed};
use crate::pipeline::Made;

use super::{Action, FieldChange, PipelineStep};

/// The schemas of pipelines that are created or moved to another schema, each once; `steps` begins with those of `desired`.
pub(super) fn to_create(desired: &[DesiredPipeline], steps: &[PipelineStep]) -> BTreeSet<Made> {
    let moves = |action: &Action| match action {
        Action::Create { .. } | Action::Recreate { .. } => true,
        Action::Update { changes, .. } => changes.iter().any(is_of_schema),
        Action::Keep { .. } | Action::Destroy { .. } | Action::Blocked { .. } => false,
    };
    let moving = desired.iter().zip(steps).filter(|(_, step)| moves(&step.action));
    moving.filter_map(|(desired, _)| Made::of(&desired.settings)).collect()
}

/// The schema of its own that each of `steps` takes a pipeline of ours out of.
pub(super) fn left(steps: &[PipelineStep], observed: &Observed) -> Vec<Option<Made>> {
    let ours = observed.pipelines.iter().filter(|existing| existing.claim.is_of_preview());
    let ours: BTreeMap<&str, &ExistingPipeline> = ours.map(|existing| (existing.id.as_str(), existing)).collect();
    let leaves = |action: &Action| {
        let made = Made::of(&ours.get(action.pipeline_id()?)?.settings)?;
        let stays = match action {
            Action::Keep { .. } | Action::Blocked { .. } => true,
            other => other.definition().and_then(|after| after.settings.schema()).as_ref() == made.schema(),
        };
        (!stays).then_some(made)
    };
    steps.iter().map(|step| leaves(&step.action)).collect()
}

/// Whether a change is one of the schema that a pipeline publishes to.
pub(super) fn is_of_schema(change: &FieldChange) -> bool {
    ["catalog", "schema", "target"].contains(&change.path.as_str())
}
