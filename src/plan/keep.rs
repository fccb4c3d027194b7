//! A workflow of which nothing changed keeps the wheel and the notebook it has, though the project's wheel is a new one.

use crate::desired::DesiredPipeline;
use crate::observe::{ExistingPipeline, Observed};
use crate::pipeline::ownership::OwnershipKey;

use super::Definition;

/// What the pipeline becomes: with the code that it runs now where its closure is equal and the objects of that code
/// still exist, else with the new code.
pub(super) fn with_existing_code(
    folder: &str,
    desired: &DesiredPipeline,
    existing: &ExistingPipeline,
    observed: &Observed,
) -> Definition {
    if existing.settings.owned(OwnershipKey::Closure) != desired.settings.owned(OwnershipKey::Closure) {
        return Definition::of(desired);
    }
    let release = existing.settings.owned(OwnershipKey::Release).unwrap_or_default();
    let artifacts: Vec<String> = release.split(',').map(str::to_owned).collect();
    if artifacts.len() != desired.artifacts.len() || !artifacts.iter().all(|name| observed.has_object(name)) {
        return Definition::of(desired);
    }
    let mut settings = desired.settings.clone();
    for (new, old) in desired.artifacts.iter().zip(&artifacts) {
        let [new, old] = [new, old].map(|name| format!("{folder}/{name}"));
        settings.rewrite_texts(&|text| replace(text, &new, &old));
    }
    settings.own(OwnershipKey::Release, &artifacts.join(","));
    settings.seal();
    Definition { settings, artifacts }
}

/// Replaces a workspace path, in both of its spellings, where the whole text is that path.
fn replace(text: &mut String, from: &str, to: &str) {
    if text.strip_prefix("/Workspace").unwrap_or(text) == from {
        *text = text.replace(from, to);
    }
}
