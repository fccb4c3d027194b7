//! Carries a plan out: what deployments and destructions have in common.

use std::collections::BTreeSet;

use crate::app::context::Context;
use crate::app::record::Record;
use crate::deploy::{self, Outcome};
use crate::diagnostic::{Error, Result};
use crate::observe::Observed;
use crate::pipeline::Schema;
use crate::plan::Plan;
use crate::release::Artifact;
use crate::route::Permit;

use super::deployment_record::Recorded;
use super::freshness::{self, Freshness};
use super::untouched::left_alone;
use crate::app::session::Session;
use crate::app::subject::Subject;

/// A plan, and what is needed to carry it out.
pub(in crate::app) struct ToApply<'a> {
    pub(in crate::app) subject: &'a Subject,
    pub(in crate::app) permit: Permit,
    /// How new the run has to be.
    pub(in crate::app) freshness: Freshness,
    pub(in crate::app) plan: &'a Plan,
    pub(in crate::app) observed: &'a Observed,
    /// What is recorded of a shared environment.
    pub(in crate::app) recorded: &'a mut Recorded,
    pub(in crate::app) artifacts: Vec<&'a Artifact>,
    /// Names of the workflows that the change does not affect.
    pub(in crate::app) untouched: &'a BTreeSet<String>,
}

/// What happened.
pub(in crate::app) enum Applied {
    /// All of it was done.
    Done {
        /// Whether that changed any pipeline.
        changed: bool,
    },
    /// Nothing was written, as something newer will be deployed.
    Superseded,
}

/// Carries a plan out, unless something newer will be deployed.
///
/// # Errors
/// If any step of it failed; the record has the outcome.
pub(in crate::app) async fn apply(
    context: &Context,
    session: &Session,
    to_apply: ToApply<'_>,
    record: &mut Record,
) -> Result<Applied> {
    let ToApply { subject, permit, freshness, plan, observed, recorded, artifacts, untouched } = to_apply;
    if plan.writes() && !freshness::is_current(context, subject, freshness, record).await? {
        return Ok(Applied::Superseded);
    }
    if plan.writes() && subject.is_shared() {
        recorded.begin(subject, session, observed).await?;
    }
    let consent = permit.consent(&plan.fingerprint());
    let mut outcome = deploy::deploy(&session.workspace, &subject.owner, plan, &artifacts, &consent).await?;
    for (name, error) in outcome.leave_unseen(untouched) {
        record.note("left-alone", left_alone(name, &error.message, error.hint.as_deref().unwrap_or_default()));
    }
    let (changed, total) = (outcome.changed(), outcome.pipelines().count());
    let failed = outcome.pipelines().filter(|(_, outcome)| outcome.is_err()).count();
    record.applied(&outcome);
    recorded.keep(subject, session, &outcome, observed, record).await;
    let first = outcome.steps().find_map(|(_, outcome)| outcome.as_ref().err());
    match (outcome.failure(), first) {
        (None, _) => Ok(Applied::Done { changed }),
        (Some(kind), Some(error)) if failed == 0 => Err(Error::new(kind, error.message.clone())),
        (Some(kind), _) => Err(Error::new(kind, format!("{failed} of {total} pipelines failed; {}", rest(&outcome)))),
    }
}

/// What became of the rest, of a plan of which some pipelines failed.
fn rest(outcome: &Outcome<'_>) -> String {
    let named = |schemas: Vec<&Schema>, verb: &str| {
        let names: Vec<String> = schemas.iter().map(|schema| format!("`{}`", schema.full_name())).collect();
        (!names.is_empty()).then(|| format!("the schemas {verb}: {}", names.join(", ")))
    };
    let schemas = [
        named(outcome.schemas_made().collect(), "that were made"),
        named(outcome.schemas_dropped().collect(), "that were dropped"),
    ];
    let others = outcome.changed_pipelines().then(|| "the others are listed with their state".to_owned());
    let parts: Vec<String> = others.into_iter().chain(schemas.into_iter().flatten()).collect();
    match parts.as_slice() {
        [] if outcome.changed() => "something may have been changed".to_owned(),
        [] => "nothing was changed".to_owned(),
        parts => parts.join("; "),
    }
}
