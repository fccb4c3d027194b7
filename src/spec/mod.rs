//! Workflow specs: from text to [`Workflow`]s and diagnostics; decoding never stops at the first mistake.

use std::collections::BTreeMap;

use serde_json::{Map, Value};

use crate::source::{RepoPath, Span};

/// A value and where it was written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Spanned<T> {
    /// The value.
    pub value: T,
    /// Where it stands in its file.
    pub span: Span,
}

/// One workflow of one environment: what becomes one pipeline.
#[derive(Clone, Debug)]
pub struct Workflow {
    /// Its name as written.
    pub name: Spanned<String>,
    /// The environment under which it stands.
    pub environment: String,
    /// The file that holds it.
    pub spec: RepoPath,
    /// Fields of the pipelines API with today's names and types, without `name` and `libraries` of ours;
    /// the keys and shapes are those of `POST /api/2.0/pipelines`.
    pub settings: Map<String, Value>,
    /// Where each setting stands: JSON pointer into `settings` (`/clusters/0/autoscale`) → span of its key or value.
    pub places: BTreeMap<String, Span>,
    /// `tasks.items`, in order.
    pub items: Vec<Item>,
    /// `tasks.dependencies`, in order, without those that the platform or the release provides.
    pub dependencies: Vec<Dependency>,
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
        /// URL of the index to take it from, where the spec names one.
        index: Option<String>,
    },
    /// A wheel of the repository, which is uploaded with the release.
    LocalWheel(Spanned<RepoPath>),
    /// A wheel that is there already: a workspace, volume or `/dbfs` path, or a URL.
    RemoteWheel(Spanned<String>),
}
