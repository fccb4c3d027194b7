//! What should stand in the workspace: one [`Desired`] a workflow, named, isolated where it is a preview, and marked.

mod isolation;
mod marks;
mod name;

use serde_json::{Map, Value, json};

use crate::project::Target;
use crate::release::{Release, Unit};
use crate::route::Identity;
use crate::rules::Validated;
use crate::source::RepoPath;
use crate::spec::Workflow;

pub use marks::{CLOSURE, Claim, DEFINITION, Owner, RELEASE, Run, comparable, definition, mark, read};
pub use name::{BadTemplate, Template};

/// One pipeline as it should be.
#[derive(Clone, Debug, PartialEq)]
pub struct Desired {
    /// The workflow's name as written.
    pub workflow: String,
    /// The file that holds it.
    pub spec: RepoPath,
    /// The pipeline's name.
    pub name: String,
    /// The body of its `POST` or `PUT`, marks included.
    pub settings: Map<String, Value>,
    /// Names of the objects that it needs in the release's folder.
    pub artifacts: Vec<String>,
    /// The schema of its own that a preview on Unity Catalog writes to.
    pub schema: Option<Schema>,
}

/// A schema of Unity Catalog.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Schema {
    /// Its catalog.
    pub catalog: String,
    /// Its name within the catalog.
    pub name: String,
}

impl Schema {
    /// The schema that those settings publish to, where they name one of Unity Catalog.
    pub fn of(settings: &Map<String, Value>) -> Option<Self> {
        let text =
            |key: &str| settings.get(key).and_then(Value::as_str).filter(|text| !text.is_empty()).map(str::to_owned);
        Some(Self { catalog: text("catalog")?, name: text("schema").or_else(|| text("target"))? })
    }

    /// `catalog.schema`.
    pub fn full_name(&self) -> String {
        format!("{}.{}", self.catalog, self.name)
    }
}

/// Where and for whom a release is meant.
#[derive(Clone, Debug)]
pub struct Place<'a> {
    /// The target that is deployed to.
    pub target: &'a Target,
    /// The shared pipelines, or a preview's.
    pub identity: &'a Identity,
    /// Whose pipelines they are, as their marks say.
    pub owner: &'a Owner,
    /// What names previews.
    pub template: &'a Template,
    /// Commit and run, marks that are no part of equality.
    pub run: &'a Run,
}

impl Place<'_> {
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
    pub fn desired(&self, workflows: &[Validated<Workflow>], release: &Release) -> Vec<Desired> {
        let unit_of = |workflow: &Workflow| release.units.iter().find(|unit| unit.workflow == workflow.name.value);
        workflows
            .iter()
            .map(Validated::get)
            .filter_map(|workflow| Some(self.one(workflow, unit_of(workflow)?)))
            .collect()
    }

    fn one(&self, workflow: &Workflow, unit: &Unit) -> Desired {
        let name = self.name_of(&workflow.name.value);
        let mut settings = workflow.settings.clone();
        settings.insert("name".to_owned(), json!(name));
        settings.insert("libraries".to_owned(), unit.libraries.clone());
        settings.extend(unit.environment.clone().map(|environment| ("environment".to_owned(), environment)));
        if let Identity::Preview(preview) = self.identity {
            isolation::isolate(&mut settings, preview, &self.target.preview);
        }
        self.owner.mark(&mut settings, &name, workflow, self.run);
        mark(&mut settings, CLOSURE, unit.closure.as_str());
        mark(&mut settings, RELEASE, &unit.artifacts.join(","));
        let definition = definition(&settings);
        mark(&mut settings, DEFINITION, &definition);
        let own_schema = matches!(self.identity, Identity::Preview(_)) && self.target.preview.isolate;
        Desired {
            workflow: workflow.name.value.clone(),
            spec: workflow.spec.clone(),
            schema: own_schema.then(|| Schema::of(&settings)).flatten(),
            name,
            settings,
            artifacts: unit.artifacts.clone(),
        }
    }
}
