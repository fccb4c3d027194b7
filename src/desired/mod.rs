//! What the workspace should have: one [`DesiredPipeline`] per workflow, named, owned, and isolated if it is a preview.

mod isolation;
mod name;

use crate::pipeline::Settings;
use crate::pipeline::ownership::{Owner, OwnershipKey, Provenance};
use crate::project::Target;
use crate::release::{Release, Unit};
use crate::route::Identity;
use crate::rules::Validated;
use crate::source::RepoPath;
use crate::spec::Workflow;

pub use name::{BadTemplate, Template};

/// One pipeline as it should be.
#[derive(Clone, Debug, PartialEq)]
pub struct DesiredPipeline {
    /// The workflow's name as written.
    pub workflow: String,
    /// The file that holds it.
    pub spec: RepoPath,
    /// The pipeline's name.
    pub name: String,
    /// The body of its `POST` or `PUT`, ownership included.
    pub settings: Settings,
    /// Names of the objects that it needs in the release's folder.
    pub artifacts: Vec<String>,
}

/// Where a release goes, for whom, and under which names.
#[derive(Clone, Debug)]
pub struct Deployment<'a> {
    /// The target that is deployed to.
    pub target: &'a Target,
    /// The shared pipelines, or a preview's.
    pub identity: &'a Identity,
    /// Whose pipelines they are.
    pub owner: &'a Owner,
    /// What previews are named by.
    pub template: &'a Template,
    /// Commit and run, which are not compared.
    pub run: &'a Provenance,
}

impl Deployment<'_> {
    /// The name of the pipeline of that workflow.
    pub fn name_of(&self, workflow: &str) -> String {
        match self.identity {
            Identity::Shared => workflow.to_owned(),
            Identity::Preview(preview) => self.template.render(&self.target.name, &preview.user, workflow),
        }
    }

    /// Whether `name` may be that of one of its pipelines.
    pub fn may_name(&self, name: &str) -> bool {
        match self.identity {
            Identity::Shared => true,
            Identity::Preview(preview) => self.template.covers(&self.target.name, &preview.user, name),
        }
    }

    /// The workspace folder of the release: flat, one an identity, absolute and without `/Workspace`. The previews that one
    /// pull request has in two environments with one root share it.
    pub fn folder(&self, artifact_root: &str) -> String {
        match self.identity {
            Identity::Shared => format!("{artifact_root}/{}", self.target.name),
            Identity::Preview(preview) => format!("{artifact_root}/previews/{}", preview.suffix),
        }
    }

    /// The pipelines that `release` and `workflows` ask for, in the order of the workflows.
    pub fn desired(&self, workflows: &[Validated<Workflow>], release: &Release) -> Vec<DesiredPipeline> {
        let unit_of = |workflow: &Workflow| release.units.iter().find(|unit| unit.workflow == workflow.name.value);
        workflows
            .iter()
            .map(Validated::get)
            .filter_map(|workflow| Some(self.one(workflow, unit_of(workflow)?)))
            .collect()
    }

    fn one(&self, workflow: &Workflow, unit: &Unit) -> DesiredPipeline {
        let name = self.name_of(&workflow.name.value);
        let mut settings = workflow.settings.clone();
        settings.set_name(&name);
        settings.set_libraries(unit.libraries.clone());
        if let Some(environment) = &unit.environment {
            settings.set_environment(environment.clone());
        }
        if let Identity::Preview(preview) = self.identity {
            isolation::isolate(&mut settings, preview, &self.target.preview);
        }
        let source = (workflow.name.value.as_str(), workflow.spec.as_str());
        self.owner.claim_settings(&mut settings, &name, source, self.run);
        settings.own(OwnershipKey::Closure, unit.closure.as_str());
        settings.own(OwnershipKey::Release, &unit.artifacts.join(","));
        settings.seal();
        DesiredPipeline {
            workflow: workflow.name.value.clone(),
            spec: workflow.spec.clone(),
            name,
            settings,
            artifacts: unit.artifacts.clone(),
        }
    }
}
