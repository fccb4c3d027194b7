//! Workflow specs: from text to [`Workflow`]s and diagnostics; decoding never stops at the first mistake.

mod decode;
mod tasks;
mod texts;

pub use decode::decode;

use std::collections::BTreeMap;

use crate::diagnostic::{Diagnostic, Diagnostics};
use crate::pipeline::Settings;
use crate::source::{RepoPath, Span};

/// What one spec file says.
#[derive(Clone, Debug, Default)]
pub struct SpecFile {
    /// The file.
    pub path: RepoPath,
    /// Its environments in the order of the file.
    pub environments: Vec<Environment>,
}

impl SpecFile {
    /// The environment of that name.
    pub fn environment(&self, name: &str) -> Option<&Environment> {
        self.environments.iter().find(|environment| environment.name.value == name)
    }
}

/// One environment of a spec file.
#[derive(Clone, Debug)]
pub struct Environment {
    /// Its name, which is that of a target.
    pub name: Spanned<String>,
    /// Its workflows in the order of the file, also those in which something is wrong.
    pub workflows: Vec<Workflow>,
    /// What is wrong with it beside its workflows, such as a workflow without a name.
    pub findings: Diagnostics,
}

impl Environment {
    /// What was found in it and in its workflows.
    pub fn all_findings(&self) -> impl Iterator<Item = &Diagnostic> {
        let within = self.workflows.iter().flat_map(|workflow| workflow.findings.iter());
        self.findings.iter().chain(within)
    }
}

/// A value and where it was written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Spanned<T> {
    /// The value.
    pub value: T,
    /// Where it is in its file.
    pub span: Span,
}

/// One workflow of one environment: what becomes one pipeline.
#[derive(Clone, Debug)]
pub struct Workflow {
    /// Its name as written.
    pub name: Spanned<String>,
    /// The environment that it belongs to.
    pub environment: String,
    /// The file that holds it.
    pub spec: RepoPath,
    /// Fields of the pipelines API with today's names and types, without `name` and `libraries` of ours;
    /// the keys and shapes are those of `POST /api/2.0/pipelines`.
    pub settings: Settings,
    /// The place of each setting: JSON pointer into `settings` (`/clusters/0/autoscale`) → span of its key or value.
    pub places: BTreeMap<String, Span>,
    /// `tasks.items`, in order.
    pub items: Vec<Item>,
    /// `tasks.dependencies`, in order, without those that the platform or the release provides.
    pub dependencies: Vec<Dependency>,
    /// Findings of reading it, which count if the workflow is selected.
    pub findings: Diagnostics,
}

impl Workflow {
    /// The place of the setting at a JSON pointer, else of the workflow's name.
    pub fn place(&self, pointer: &str) -> Span {
        self.places.get(pointer).copied().unwrap_or(self.name.span)
    }
}

/// One Python file of a workflow and its arguments.
#[derive(Clone, Debug)]
pub struct Item {
    /// The file, relative to the root of the checkout.
    pub python_file: Spanned<RepoPath>,
    /// Its `sys.argv[1:]`.
    pub parameters: Vec<Spanned<String>>,
}

/// A package that a workflow needs beside the project's own code.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Dependency {
    /// A requirement of an index, such as `requests==2.32`.
    Package {
        /// The requirement as pip reads it.
        requirement: Spanned<String>,
        /// URL of the index to take it from, if the spec names one.
        index: Option<String>,
    },
    /// A wheel of the repository, which is uploaded with the release.
    LocalWheel(Spanned<RepoPath>),
    /// A wheel that is there already: a workspace, volume or `/dbfs` path, or a URL.
    RemoteWheel(Spanned<String>),
}
