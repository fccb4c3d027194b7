//! Schemas that come and go with a preview.

use std::collections::BTreeSet;

use crate::desired::{Claim, Desired, Schema};
use crate::observe::Observed;

use super::{Action, Step};

/// The schemas of what is made, or moves to another one, each once; `steps` begins with those of `desired`.
pub(super) fn to_make(desired: &[Desired], steps: &[Step]) -> Vec<Schema> {
    let moves = |action: &Action| match action {
        Action::Create(_) | Action::Recreate { .. } => true,
        Action::Update { changes, .. } => {
            changes.iter().any(|change| ["catalog", "schema", "target"].contains(&change.path.as_str()))
        }
        Action::Keep { .. } | Action::Destroy { .. } | Action::Blocked { .. } => false,
    };
    let moving = desired.iter().zip(steps).filter(|(_, step)| moves(&step.action));
    let schemas: BTreeSet<Schema> = moving.filter_map(|(desired, _)| desired.schema.clone()).collect();
    schemas.into_iter().collect()
}

/// The schemas of what is ours, each once; that they are ours, too, is looked at before they are dropped.
pub(super) fn to_drop(observed: &Observed) -> Vec<Schema> {
    let ours = observed.pipelines.iter().filter(|standing| standing.claim == Claim::Ours);
    let schemas: BTreeSet<Schema> = ours.filter_map(|standing| Schema::of(&standing.settings)).collect();
    schemas.into_iter().collect()
}
