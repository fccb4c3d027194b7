//! Pipelines of a preview that leave the folder in which they run: their project has another identity or root by now.

use std::collections::BTreeSet;

use serde_json::json;

use super::{Action, Allowed, Definition, FieldChange, PipelineStep, Removal};
use crate::desired::DesiredPipeline;
use crate::observe::{ExistingPipeline, Observed};
use crate::pipeline::Made;
use crate::pipeline::ownership::{Claim, OwnershipKey};

/// The preview's folders that `steps` take pipelines out of.
pub(super) fn left(steps: &[PipelineStep], observed: &Observed) -> BTreeSet<Made> {
    let leaves = |step: &PipelineStep| !matches!(step.action, Action::Keep { .. } | Action::Blocked { .. });
    let ids: BTreeSet<&str> =
        steps.iter().filter(|step| leaves(step)).filter_map(|step| step.action.pipeline_id()).collect();
    let leaving = observed.pipelines.iter().filter(|existing| ids.contains(existing.id.as_str()));
    leaving
        .filter(|existing| existing.claim.is_of_preview())
        .flat_map(|existing| Made::folders(&existing.settings))
        .collect()
}

/// Whether two folders are in one.
pub(super) fn are_beside(one: &str, other: &str) -> bool {
    let above = |path: &str| path.rsplit_once('/').map(|(above, _)| above.to_owned());
    above(one) == above(other)
}

/// The action that puts the preview of `desired` in the place of the one that its project had under its former identity, if
/// `existing` is that: a preview may be recreated.
pub(super) fn replace(desired: &DesiredPipeline, existing: &ExistingPipeline, allowed: Allowed) -> Option<Action> {
    if !matches!(existing.claim, Claim::Former(_)) || desired.settings.owned(OwnershipKey::Preview).is_none() {
        return None;
    }
    let change = |(key, path): (OwnershipKey, &str)| {
        let [from, to] =
            [&existing.settings, &desired.settings].map(|settings| settings.owned(key).map(|text| json!(text)));
        (from != to).then(|| FieldChange { path: path.to_owned(), from, to })
    };
    let keys = [(OwnershipKey::Project, "project"), (OwnershipKey::Folder, "folder of the project")];
    Some(Action::Recreate {
        id: existing.id.clone(),
        definition: Definition::of(desired),
        changes: keys.into_iter().filter_map(change).collect(),
        removal: Removal::of(existing, allowed),
    })
}

#[cfg(test)]
mod tests;
