//! A pipeline that is taken over: it gets our ownership whatever else is to be done, and is not recreated, being somebody's.

use super::{Action, Allowed, Basis, Definition, FieldChange};
use crate::desired::DesiredPipeline;
use crate::observe::ExistingPipeline;
use crate::pipeline::ownership::{Claim, OwnershipKey};

/// What may be done to `existing`.
pub(super) fn allowed(existing: &ExistingPipeline, allowed: Allowed) -> Allowed {
    let is_adopted = matches!(existing.claim, Claim::Adopted(_));
    Allowed { recreate: allowed.recreate && !is_adopted, ..allowed }
}

/// The action, as one that takes `existing` over if that was asked for.
pub(super) fn take_over(mut action: Action, existing: &ExistingPipeline, desired: &DesiredPipeline) -> Action {
    if let (Claim::Unowned, None, Action::Blocked { hint, .. }) =
        (&existing.claim, desired.settings.owned(OwnershipKey::Preview), &mut action)
    {
        hint.push_str("; or take it over, with its exact name in `adopt`");
    }
    let Claim::Adopted(whose) = &existing.claim else { return action };
    if matches!(action, Action::Keep { .. }) {
        let (id, definition) = (existing.id.clone(), Definition::of(desired));
        let restarts = existing.settings.is_continuous() || definition.settings.is_continuous();
        let changes = vec![FieldChange { path: "whose it is".to_owned(), from: None, to: None }];
        let basis = Basis::of(existing);
        action = Action::Update {
            id,
            definition,
            basis,
            changes,
            drift: false,
            restarts,
            adopts: None,
            identity_kept: None,
        };
    }
    match &mut action {
        Action::Update { drift, adopts, .. } => (*drift, *adopts) = (false, Some(whose.clone())),
        Action::Blocked { hint, .. } => {
            "write in the spec what it has: a pipeline that is taken over is not recreated".clone_into(hint);
        }
        _ => {}
    }
    action
}
