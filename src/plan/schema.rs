//! Schemas that are created and dropped with a preview.

use std::collections::BTreeSet;

use crate::desired::DesiredPipeline;
use crate::observe::Observed;
use crate::pipeline::Schema;
use crate::pipeline::ownership::Claim;

use super::{Action, PipelineStep};

/// The schemas of pipelines that are created or moved to another schema, each once; `steps` begins with those of `desired`.
pub(super) fn to_create(desired: &[DesiredPipeline], steps: &[PipelineStep]) -> BTreeSet<Schema> {
    let moves = |action: &Action| match action {
        Action::Create { .. } | Action::Recreate { .. } => true,
        Action::Update { changes, .. } => {
            changes.iter().any(|change| ["catalog", "schema", "target"].contains(&change.path.as_str()))
        }
        Action::Keep { .. } | Action::Destroy { .. } | Action::Blocked { .. } => false,
    };
    let moving = desired.iter().zip(steps).filter(|(_, step)| moves(&step.action));
    moving.filter_map(|(desired, _)| desired.schema.clone()).collect()
}

/// The schemas of what is ours, each once; whether they are ours, too, is read before they are dropped.
pub(super) fn to_destroy(observed: &Observed) -> BTreeSet<Schema> {
    let ours = observed.pipelines.iter().filter(|existing| existing.claim == Claim::Ours);
    ours.filter_map(|existing| existing.settings.schema()).collect()
}
