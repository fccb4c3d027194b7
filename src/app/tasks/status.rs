//! `status`: what is deployed, whose it is, and how old. Nothing is written.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use crate::app::context::Context;
use crate::app::record::{Conclusion, Record};
use crate::app::session::Session;
use crate::app::steps::address::GivenAddress;
use crate::app::steps::sign_in::sign_in;
use crate::app::subject::Subject;
use crate::clock;
use crate::diagnostic::Result;
use crate::observe::{self, ExistingPipeline, Survey};
use crate::pipeline::ownership::{Owner, OwnershipKey};
use crate::project::Target;
use crate::report::{DeploymentStatus, PipelineStatus};
use crate::route::Preview;

/// Show what is deployed in one environment, or in all.
pub(in crate::app) struct Status {
    pub(in crate::app) subject: Arc<Subject>,
    /// The environment that was asked for.
    pub(in crate::app) environment: Option<String>,
}

impl Status {
    pub(super) async fn run(&self, context: &Context, record: &mut Record) -> Result<()> {
        let given = GivenAddress::read(context)?;
        let named = |target: &&Target| self.environment.as_ref().is_none_or(|name| *name == target.name);
        let targets: Vec<&Target> = self.subject.project.targets.iter().filter(named).collect();
        // A token is one workspace's: where only targets name workspaces, the first one is looked at.
        let first = targets.iter().copied().find(|target| given.elsewhere(target).is_none());
        let given = match first {
            Some(target) => given.of_target(target)?,
            None => given,
        };
        let (here, elsewhere): (Vec<&Target>, Vec<&Target>) =
            targets.into_iter().partition(|target| given.elsewhere(target).is_none());
        let mut deployments = Vec::new();
        if let Some(first) = here.first() {
            let session = sign_in(context, first, record).await?;
            let survey = observe::survey_pipelines(&session.workspace, &self.subject.owner).await;
            let survey = survey.map_err(|error| error.ending_run("read what is deployed"))?;
            deployments.extend(here.iter().flat_map(|target| self.deployments(&session, &survey, target)));
        }
        deployments.extend(elsewhere.into_iter().map(|target| {
            let why = given.elsewhere(target).zip(target.address.as_ref());
            let why = why.map(|(given, named)| format!("it is in `{named}`, and {given}"));
            DeploymentStatus { environment: target.name.clone(), not_looked_at: why, ..DeploymentStatus::default() }
        }));
        record.deployed(deployments);
        record.conclude(Conclusion::Looked);
        Ok(())
    }

    /// The environment itself, and its previews.
    fn deployments(&self, session: &Session, survey: &Survey, target: &Target) -> Vec<DeploymentStatus> {
        let mut groups: BTreeMap<Option<&str>, Vec<&ExistingPipeline>> = BTreeMap::from([(None, Vec::new())]);
        for existing in &survey.pipelines {
            let preview = existing.settings.owned(OwnershipKey::Preview);
            let owner = Owner {
                environment: target.name.clone(),
                preview: preview.map(str::to_owned),
                ..self.subject.owner.clone()
            };
            if existing.claimed_by(&owner).claim.is_of_preview() {
                groups.entry(preview).or_default().push(existing);
            }
        }
        let status = |(preview, pipelines): (Option<&str>, Vec<&ExistingPipeline>)| DeploymentStatus {
            environment: target.name.clone(),
            preview: preview.map(str::to_owned),
            pull_request: preview.and_then(Preview::number_of),
            ..status(session, survey, &pipelines)
        };
        groups.into_iter().map(status).collect()
    }
}

/// What the pipelines say of a deployment.
fn status(session: &Session, survey: &Survey, pipelines: &[&ExistingPipeline]) -> DeploymentStatus {
    let now = i64::try_from(clock::unix_time()).unwrap_or(i64::MAX);
    let age = |changed: i64| u64::try_from(now - changed / 1_000).unwrap_or(0);
    let last = pipelines.iter().max_by_key(|existing| existing.last_modified);
    let owned = |key| last.and_then(|existing| existing.settings.owned(key)).map(str::to_owned);
    let times = || pipelines.iter().filter_map(|existing| existing.last_modified);
    let creators: BTreeSet<&String> =
        pipelines.iter().filter_map(|existing| survey.creators.get(&existing.id)).filter(|it| !it.is_empty()).collect();
    let shown = |existing: &&ExistingPipeline| PipelineStatus {
        name: existing.name.clone(),
        id: existing.id.clone(),
        url: session.page(&existing.id),
    };
    DeploymentStatus {
        project: owned(OwnershipKey::Project),
        repository: owned(OwnershipKey::Repository),
        creators: creators.into_iter().cloned().collect(),
        age: times().max().map(age),
        oldest: times().min().map(age),
        commit: owned(OwnershipKey::Commit),
        run: owned(OwnershipKey::Run),
        pipelines: pipelines.iter().map(shown).collect(),
        ..DeploymentStatus::default()
    }
}
