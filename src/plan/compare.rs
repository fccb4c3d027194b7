//! One desired pipeline and what exists under its name → what is done.

use std::collections::BTreeMap;

use serde_json::Value;

use super::comparison::PipelineComparison;
use super::{Action, Allowed, Basis, Definition, FieldChange, PipelineStep, Removal, adopt, keep, moves};
use crate::desired::DesiredPipeline;
use crate::observe::{ExistingPipeline, Observed};
use crate::pipeline::Settings;
use crate::pipeline::ownership::{Claim, OwnershipKey};

/// What becomes of a desired pipeline.
pub(super) fn step(folder: &str, desired: &DesiredPipeline, observed: &Observed, allowed: Allowed) -> PipelineStep {
    let named: Vec<&ExistingPipeline> =
        observed.pipelines.iter().filter(|existing| existing.name == desired.name).collect();
    let (action, unmanaged) = match named.as_slice() {
        [] => (Action::Create { definition: Definition::of(desired) }, BTreeMap::new()),
        [existing] => {
            if let Some(replaced) = moves::replace(desired, existing, allowed) {
                (replaced, BTreeMap::new())
            } else {
                let allowed = adopt::allowed(existing, allowed);
                let (action, unmanaged) = compare(folder, desired, existing, observed, allowed);
                (adopt::take_over(action, existing, desired), unmanaged)
            }
        }
        several => (twins(&desired.name, several), BTreeMap::new()),
    };
    PipelineStep {
        workflow: desired.workflow.clone(),
        spec: Some(desired.spec.clone()),
        name: desired.name.clone(),
        action,
        unmanaged,
    }
}

fn twins(name: &str, several: &[&ExistingPipeline]) -> Action {
    let ids: Vec<String> = several.iter().map(|existing| existing.id.clone()).collect();
    Action::Blocked {
        id: None,
        why: format!("{} pipelines have the name `{name}`: `{}`", ids.len(), ids.join("`, `")),
        twins: ids,
        hint: "rename or delete all but one of them in the workspace".to_owned(),
    }
}

/// The step that deletes a pipeline.
pub(super) fn destroy(existing: &ExistingPipeline, why: &str, allowed: Allowed) -> PipelineStep {
    let workflow = existing.settings.owned(OwnershipKey::Workflow).unwrap_or(&existing.name);
    let places = existing.settings.hive_places();
    let action = Action::Destroy {
        id: existing.id.clone(),
        left_behind: (!places.is_empty()).then(|| places.join(", ")),
        schema: existing.settings.schema(),
        why: why.to_owned(),
        removal: Removal::of(existing, allowed),
    };
    let (workflow, name) = (workflow.to_owned(), existing.name.clone());
    PipelineStep { workflow, spec: None, name, action, unmanaged: BTreeMap::new() }
}

/// Why nothing is done to a pipeline that is not ours.
pub(super) fn not_ours(existing: &ExistingPipeline) -> Option<Action> {
    let former;
    let (why, hint) = match &existing.claim {
        Claim::Ours | Claim::Adopted(_) => return None,
        Claim::Former(project) => {
            let name = existing.settings.owned(OwnershipKey::Project).unwrap_or_default();
            former =
                format!("carry its pipelines over with `adopt: \"project: {name}\"`, or undo the change of identity");
            (
                format!(
                    "the pipeline of this name was deployed by the project {project}, which the repository no longer has: \
                     it was renamed, moved or given an `id`"
                ),
                former.as_str(),
            )
        }
        Claim::Unowned => (
            "a pipeline of this name exists that dltflow has not made".to_owned(),
            "rename the workflow, or rename or delete the pipeline in the workspace",
        ),
        Claim::Foreign(how) => (
            format!("a pipeline of this name belongs to another project, environment or repository: {how}"),
            "environments and projects that share a workspace need names of their own: rename the workflow in one of them; if the \
             project was renamed or moved, take its pipelines over with `adopt`",
        ),
        Claim::Hidden => (
            "a pipeline of this name exists, but its settings cannot be read with this token".to_owned(),
            "give the token's owner `CAN_VIEW` on it, or deploy as the principal that made it",
        ),
    };
    Some(Action::Blocked { id: Some(existing.id.clone()), twins: Vec::new(), why, hint: hint.to_owned() })
}

impl Definition {
    pub(super) fn of(desired: &DesiredPipeline) -> Self {
        Self { settings: desired.settings.clone(), artifacts: desired.artifacts.clone() }
    }

    /// Whether it is what was last sent to a pipeline with those settings.
    pub fn was_sent(&self, observed: &Settings) -> bool {
        let sent = observed.owned(OwnershipKey::Definition);
        sent.is_some() && sent == self.settings.owned(OwnershipKey::Definition)
    }
}

impl Basis {
    /// A pipeline as it was found.
    pub fn of(existing: &ExistingPipeline) -> Self {
        Self { last_modified: existing.last_modified, settings: existing.settings.clone() }
    }
}

/// What becomes of a pipeline that exists, and what there is beside what is written.
fn compare(
    folder: &str,
    desired: &DesiredPipeline,
    existing: &ExistingPipeline,
    observed: &Observed,
    allowed: Allowed,
) -> (Action, BTreeMap<String, Value>) {
    if let Some(blocked) = not_ours(existing) {
        return (blocked, BTreeMap::new());
    }
    let desired = &keep::with_place(desired, existing);
    let id = existing.id.clone();
    let definition = keep::with_existing_code(folder, desired, existing, observed);
    let sent = keep::last_sent(folder, desired, existing);
    let kept = observed.kept.get(&existing.name);
    let PipelineComparison { changes, drift, immutable, identity_kept, unmanaged } =
        PipelineComparison::of(&definition, sent.as_ref(), existing, kept);
    let removal = Removal::of(existing, allowed);
    let action = match immutable {
        Some(change) if !allowed.recreate => cannot_change(id, &changes, &change, removal),
        Some(_) => Action::Recreate { id, definition, changes, removal },
        None if changes.is_empty() => Action::Keep { id, artifacts: definition.artifacts },
        None => {
            let restarts = existing.settings.is_continuous() || definition.settings.is_continuous();
            let basis = Basis::of(existing);
            Action::Update { id, definition, basis, changes, drift, restarts, adopts: None, identity_kept }
        }
    };
    (action, unmanaged)
}

fn cannot_change(id: String, changes: &[FieldChange], change: &FieldChange, removal: Removal) -> Action {
    let show = |value: &Option<Value>| value.as_ref().map_or("nothing".to_owned(), |value| format!("`{value}`"));
    let catalog = changes.iter().find(|change| change.path == "catalog");
    let why = match catalog.map(|catalog| (&catalog.from, &catalog.to)) {
        Some((None, _)) => "a Hive pipeline cannot move to a `catalog` once it exists".to_owned(),
        Some((_, None)) => "a pipeline of Unity Catalog cannot lose its `catalog` once it exists".to_owned(),
        _ => format!(
            "`{}` cannot be changed from {} to {} once a pipeline exists",
            change.path,
            show(&change.from),
            show(&change.to)
        ),
    };
    Action::Blocked {
        id: Some(id),
        twins: Vec::new(),
        why,
        hint: format!(
            "restore it, or allow the pipeline to be recreated (`allow-recreate`), which {}",
            removal.when_recreated()
        ),
    }
}
