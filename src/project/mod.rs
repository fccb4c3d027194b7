//! The project: `dltflow.yml` → [`Project`].

mod decode;
mod folder;
mod identity;
mod local_input;
mod name;
mod version;

pub use folder::BadFolder;
pub use local_input::{LOCAL_INPUT, LocalInput};
pub use name::{BadName, plain_name, target_name};

use std::collections::BTreeMap;

use crate::diagnostic::{Diagnostics, Rule, Severity};
use crate::host::Address;
use crate::pipeline::ProjectIdentity;
use crate::ref_filter::RefFilter;
use crate::source::{RepoPath, Source};

/// What `dltflow.yml` says.
#[derive(Clone, Debug)]
pub struct Project {
    /// Folder of `dltflow.yml`, relative to the root of the checkout.
    pub folder: RepoPath,
    /// `dltflow.yml` itself, relative to the root of the checkout.
    pub file: RepoPath,
    /// Root of the repository that it is in, relative to the root of the checkout; `None` where no repository was found.
    pub repository: Option<RepoPath>,
    /// `dltflow.name`.
    pub name: String,
    /// `dltflow.id`: written once when the project was made, survives renames.
    pub id: Option<String>,
    /// Folder of the code, relative to the root of the checkout.
    pub code: RepoPath,
    /// Folder of the configuration, relative to the root of the checkout.
    pub conf: RepoPath,
    /// Folder of the workflow specs, relative to the root of the checkout.
    pub workflows: RepoPath,
    /// Method to call on classes without `DLTMetaMixin`.
    pub launch_method: Option<String>,
    /// How packages reach the pipeline.
    pub install: Install,
    /// `check:`: severity by rule; `None` turns the rule off.
    pub checks: BTreeMap<Rule, Option<Severity>>,
    /// The targets in the order of the file.
    pub targets: Vec<Target>,
}

impl Project {
    /// Reads `dltflow.yml`; `None` if there is an error in it. All errors are reported. Where the repository begins, no file
    /// says.
    pub fn decode(source: &Source) -> (Option<Self>, Diagnostics) {
        decode::project(source)
    }

    /// The findings with the severity that `check:` gives their rules; those of rules that are off are removed.
    pub fn apply_severities(&self, mut findings: Diagnostics) -> Diagnostics {
        findings.retain(|finding| match self.checks.get(&finding.rule) {
            Some(Some(severity)) => {
                finding.severity = *severity;
                true
            }
            Some(None) => false,
            None => true,
        });
        findings
    }

    /// What its pipelines are known by: the `id`, else the name, with its folder in the repository.
    pub fn identity(&self) -> ProjectIdentity {
        identity::of(self.id.as_deref(), &self.name, &self.folder, self.repository.as_ref())
    }

    /// The target of that name.
    pub fn target(&self, name: &str) -> Option<&Target> {
        self.targets.iter().find(|target| target.name == name)
    }
}

/// How the wheel and the dependencies are installed on a pipeline.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Install {
    /// By the pipeline's environment on Unity Catalog, by the notebook on Hive.
    #[default]
    Auto,
    /// `environment.dependencies`.
    Environment,
    /// A `%pip` cell of its own.
    Notebook,
}

/// One entry of `targets`: an environment to deploy to.
#[derive(Clone, Debug)]
pub struct Target {
    /// Its name: the environment of specs, and the original's profile.
    pub name: String,
    /// `mode: production`; else development.
    pub production: bool,
    /// `default: true`.
    pub default: bool,
    /// `workspace.host`; must equal the trusted one. It may name the workspace that is meant.
    pub address: Option<Address>,
    /// `workspace.root_path`, an absolute workspace path without `/Workspace`, no slash at its end.
    pub root_path: Option<String>,
    /// `workspace.artifact_path`: where wheels and notebooks go; by default the root path.
    pub artifact_path: Option<String>,
    /// `deploy`: which events go here.
    pub deploy: DeployRules,
    /// `preview`: what previews of this target may and may not do.
    pub preview: PreviewRules,
}

impl Target {
    /// The folder that holds releases: absolute, without `/Workspace`, no slash at its end.
    pub fn artifact_root(&self, project: &Project) -> String {
        self.artifact_path
            .clone()
            .or_else(|| self.root_path.clone())
            .unwrap_or_else(|| format!("/Shared/.dltflow/{}", project.name))
    }
}

/// `deploy` of a target.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct DeployRules {
    /// Pull requests get a preview here.
    pub pull_requests: bool,
    /// Branches that are deployed here.
    pub branches: RefFilter,
    /// Tags that are deployed here.
    pub tags: RefFilter,
}

/// `preview` of a target.
#[derive(Clone, Debug, PartialEq)]
pub struct PreviewRules {
    /// Whether previews get a schema, storage and event log of their own; true by default.
    pub isolate: bool,
    /// Errors of isolation that this target waives (`fixed-names`, `run-as`).
    pub allow: Vec<String>,
    /// Identity that previews run as, as the pipelines API takes it.
    pub run_as: Option<serde_json::Value>,
    /// Fields that replace those of each cluster of a preview.
    pub clusters: serde_json::Map<String, serde_json::Value>,
}
