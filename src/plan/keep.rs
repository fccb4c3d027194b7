//! What a pipeline keeps: the wheel and the notebook that it has, where nothing of its workflow changed though the project's
//! wheel is a new one, and the marks of what this run does not know.

use crate::desired::DesiredPipeline;
use crate::observe::{ExistingPipeline, Observed};
use crate::pipeline::ownership::{Claim, OwnershipKey};
use crate::release;

use super::Definition;

/// What is desired, with the repository and folder that deployed the pipeline where this run knows none, as on a laptop: without
/// them it would be any repository's.
pub(super) fn with_place(desired: &DesiredPipeline, existing: &ExistingPipeline) -> DesiredPipeline {
    let mut desired = desired.clone();
    for key in [OwnershipKey::Repository, OwnershipKey::Folder] {
        let kept = existing.settings.owned(key).filter(|_| existing.claim == Claim::Ours);
        if let (None, Some(kept)) = (desired.settings.owned(key), kept) {
            desired.settings.own(key, kept);
        }
    }
    desired
}

/// What the pipeline becomes: with the code that it runs now where its closure is equal and the objects of that code
/// still exist, else with the new code.
pub(super) fn with_existing_code(
    folder: &str,
    desired: &DesiredPipeline,
    existing: &ExistingPipeline,
    observed: &Observed,
) -> Definition {
    let equal = existing.settings.owned(OwnershipKey::Closure) == desired.settings.owned(OwnershipKey::Closure);
    let kept = with_code_of(folder, desired, existing).filter(|_| equal);
    let is_there = |definition: &Definition| definition.artifacts.iter().all(|name| observed.has_object(name));
    kept.filter(is_there).unwrap_or_else(|| Definition::of(desired))
}

/// What was last sent to the pipeline, if nothing but its code has changed since.
pub(super) fn last_sent(folder: &str, desired: &DesiredPipeline, existing: &ExistingPipeline) -> Option<Definition> {
    let sent = with_code_of(folder, desired, existing)?;
    sent.was_sent(&existing.settings).then_some(sent)
}

/// What is desired, with the code that the pipeline runs now; `None` if that is of another number of objects.
fn with_code_of(folder: &str, desired: &DesiredPipeline, existing: &ExistingPipeline) -> Option<Definition> {
    let release = existing.settings.owned(OwnershipKey::Release)?;
    let artifacts: Vec<String> = release.split(',').map(str::to_owned).collect();
    if artifacts.len() != desired.artifacts.len() {
        return None;
    }
    let mut settings = desired.settings.clone();
    for (new, old) in desired.artifacts.iter().zip(&artifacts) {
        settings.rewrite_texts(&|text| rename(text, folder, new, old));
    }
    settings.own(OwnershipKey::Closure, existing.settings.owned(OwnershipKey::Closure)?);
    settings.own(OwnershipKey::Release, release);
    settings.seal();
    Some(Definition { settings, artifacts })
}

/// Names another object where the whole text stands for one, as a path or as what pip installs.
fn rename(text: &mut String, folder: &str, from: &str, to: &str) {
    let object = format!("{folder}/{from}");
    if text.strip_prefix("/Workspace").unwrap_or(text) == object {
        *text = text.replace(&object, &format!("{folder}/{to}"));
    } else if *text == release::requirement(folder, from) {
        *text = release::requirement(folder, to);
    }
}
