//! Carries a plan out: the plan, its artifacts and the consent to it → [`Outcome`].
//!
//! The request that creates or edits a pipeline is its commit point: a failure before it leaves the pipeline as it was.

mod deletion;
mod deployment_record;
mod folder;
mod object;
mod outcome;
mod pipeline;
mod schema;

use std::collections::BTreeMap;

use futures_util::stream::{FuturesUnordered, StreamExt as _};

use crate::databricks::Workspace;
use crate::diagnostic::{Error, Kind, Result};
use crate::pipeline::ownership::Owner;
use crate::plan::{Plan, Resource, Step, StepId};
use crate::release::Artifact;
use crate::route::Consent;

pub use deployment_record::DeploymentRecord;
pub use outcome::{Done, Outcome, StepDone, StepError};

/// Carries `plan` out: each step as soon as those that it needs are done, concurrently with whatever else is ready. A
/// failed step fails those that need it, and nothing else.
///
/// # Errors
/// Only where `consent` is not for this plan; what fails in the workspace is in the [`Outcome`].
pub async fn deploy<'p>(
    workspace: &Workspace,
    owner: &Owner,
    plan: &'p Plan,
    artifacts: &[&Artifact],
    consent: &Consent,
) -> Result<Outcome<'p>> {
    if consent.fingerprint() != plan.fingerprint() {
        return Err(Error::new(Kind::Internal, "the plan is not the one that was consented to"));
    }
    let executor = Executor { workspace, owner, artifacts };
    let mut progress = Progress { waiting: plan.steps.iter().collect(), settled: BTreeMap::new() };
    let mut running = FuturesUnordered::new();
    loop {
        let ready = progress.take_ready();
        running.extend(ready.into_iter().map(async |step| (step.id, executor.carry_out(&step.resource).await)));
        let Some((id, outcome)) = running.next().await else { break };
        progress.settled.insert(id, outcome);
    }
    Ok(Outcome::new(plan, progress.settled))
}

/// How far a plan has come.
struct Progress<'p> {
    /// Steps that have not begun, in the plan's order.
    waiting: Vec<&'p Step>,
    settled: BTreeMap<StepId, Result<StepDone, StepError>>,
}

impl<'p> Progress<'p> {
    /// Takes out the steps whose needs are all done. If one of these failed, the step is settled by its error, and if one was
    /// left, so is the step; in the order of the plan, so that it reaches whatever needs the step.
    fn take_ready(&mut self) -> Vec<&'p Step> {
        let mut ready = Vec::new();
        for step in std::mem::take(&mut self.waiting) {
            if !step.needs.iter().all(|need| self.settled.contains_key(need)) {
                self.waiting.push(step);
                continue;
            }
            match self.passed_on(step) {
                Some(outcome) => _ = self.settled.insert(step.id, outcome),
                None => ready.push(step),
            }
        }
        ready
    }

    /// What the needs of a step, which are settled, make of it without its being tried.
    fn passed_on(&self, step: &Step) -> Option<Result<StepDone, StepError>> {
        let needs = || step.needs.iter().filter_map(|need| Some((*need, self.settled.get(need)?)));
        let failed = needs().find_map(|(need, outcome)| Some(Err(outcome.as_ref().err()?.passed_on(need))));
        failed.or_else(|| needs().find_map(|(need, outcome)| Some(Ok(outcome.as_ref().ok()?.passed_on(need)?))))
    }
}

/// What steps are carried out with; each resource has a file of its own.
struct Executor<'a> {
    workspace: &'a Workspace,
    owner: &'a Owner,
    artifacts: &'a [&'a Artifact],
}

impl Executor<'_> {
    async fn carry_out(&self, resource: &Resource) -> Result<StepDone, StepError> {
        match resource {
            Resource::Folder { path, action } => self.folder(path, action).await,
            Resource::Object { folder, name, action } => self.object(folder, name, action).await,
            Resource::Schema { schema, action } => self.schema(schema, action).await,
            Resource::Pipeline(step) => self.pipeline(&step.name, &step.action).await.map(StepDone::Pipeline),
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::{BTreeMap, Kind, Plan, Progress, StepDone, StepError, StepId};
    use crate::desired::DesiredPipeline;
    use crate::observe::Observed;
    use crate::plan::{Allowed, plan};

    /// Two pipelines that share a wheel, in a folder that does not exist yet.
    fn shared() -> Plan {
        let desired = ["orders", "returns"].map(|name| DesiredPipeline {
            workflow: name.to_owned(),
            spec: crate::source::RepoPath::default(),
            name: name.to_owned(),
            settings: serde_json::from_value(json!({"name": name})).unwrap(),
            artifacts: vec![name.to_owned(), "wheel".to_owned()],
        });
        plan("/x", &desired, &Observed::default(), &[], Allowed::default())
    }

    /// Carries a plan out in waves, where the steps with the numbers in `failing` fail.
    fn waves<'p>(plan: &'p Plan, failing: &[usize]) -> (Vec<Vec<StepId>>, Progress<'p>) {
        let mut progress = Progress { waiting: plan.steps.iter().collect(), settled: BTreeMap::new() };
        let mut waves = Vec::new();
        loop {
            let ready: Vec<StepId> = progress.take_ready().into_iter().map(|step| step.id).collect();
            if ready.is_empty() {
                return (waves, progress);
            }
            for id in &ready {
                let fails = failing.iter().any(|number| plan.steps[*number].id == *id);
                let error = StepError::new(Kind::Failed, format!("{id:?}"), None);
                progress.settled.insert(*id, if fails { Err(error) } else { Ok(StepDone::Made) });
            }
            waves.push(ready);
        }
    }

    #[test]
    fn steps_begin_once_what_they_need_is_done() {
        let plan = shared();
        let ids: Vec<StepId> = plan.steps.iter().map(|step| step.id).collect();
        // Folder; orders, wheel, returns; the two pipelines.
        assert_eq!(waves(&plan, &[]).0, [&ids[..1], &ids[1..4], &ids[4..]]);
    }

    #[test]
    fn a_failed_step_fails_what_needs_it_and_nothing_else() {
        let plan = shared();
        let failed = |failing: usize| -> Vec<Option<StepId>> {
            let (_, progress) = waves(&plan, &[failing]);
            assert!(progress.waiting.is_empty());
            let causes = plan.steps.iter().map(|step| progress.settled[&step.id].as_ref().err());
            causes.map(|error| error.map(|error| error.cause.unwrap_or(plan.steps[failing].id))).collect()
        };
        let ids: Vec<StepId> = plan.steps.iter().map(|step| step.id).collect();
        assert_eq!(failed(0), vec![Some(ids[0]); 6], "through the uploads, with the folder as the cause");
        assert_eq!(failed(1), [None, Some(ids[1]), None, None, Some(ids[1]), None]);
        assert_eq!(failed(2), [None, None, Some(ids[2]), None, Some(ids[2]), Some(ids[2])]);
    }
}
