//! The identity that a pipeline runs as: shown beside its settings, and only if it was set explicitly.
//!
//! An edit without one keeps the identity that stands (databricks/cli, its test server; unverified in the cloud).

use serde_json::{Value, json};

use super::FieldChange;
use super::spelling::Spelling;
use crate::observe::ExistingPipeline;
use crate::pipeline::Settings;

/// The path of its field.
pub(super) const PATH: &str = "run_as";

/// The change to the identity of `desired`, where the service shows another one that was set explicitly.
pub(super) fn change(desired: &Settings, is: &Settings) -> Option<FieldChange> {
    let (to, from) = (desired.run_as()?, is.run_as()?);
    (!same(to, from)).then(|| changed(Some(from.clone()), to))
}

/// The same where the service shows no explicit identity: the one that it names may be spelled otherwise, so this is no
/// reason for an edit.
pub(super) fn presumed_change(desired: &Settings, existing: &ExistingPipeline) -> Option<FieldChange> {
    let (to, name) = (desired.run_as()?, existing.runs_as.as_ref()?);
    let named = to.as_object()?.values().filter_map(Value::as_str).any(|to| to.eq_ignore_ascii_case(name));
    (existing.settings.run_as().is_none() && !named).then(|| changed(Some(json!(name)), to))
}

/// The name of the identity that stays though `desired` has none.
pub(super) fn kept(desired: &Settings, existing: &ExistingPipeline) -> Option<String> {
    let stands = existing.settings.run_as().filter(|_| desired.run_as().is_none())?;
    let name = stands.as_object()?.values().find_map(Value::as_str)?;
    let is_creator = existing.creator.as_ref().is_some_and(|creator| creator.eq_ignore_ascii_case(name));
    (!is_creator).then(|| name.to_owned())
}

fn same(to: &Value, from: &Value) -> bool {
    let spelling = Spelling { unity: false };
    let written = to.as_object().into_iter().flatten();
    written.into_iter().all(|(kind, name)| spelling.same(&format!("{PATH}.{kind}"), name, from.get(kind)))
}

fn changed(from: Option<Value>, to: &Value) -> FieldChange {
    FieldChange { path: PATH.to_owned(), from, to: Some(to.clone()) }
}
