//! A workflow's part of the report.

use std::iter;

use serde::Serialize;
use serde_json::Value;

use super::words::words;
use crate::secret::hide;

words! {
    /// What a workflow's pipeline needs.
    Change {
        /// There is none yet.
        Create = "create",
        /// It differs.
        Update = "update",
        /// It differs in a field that cannot be changed.
        Recreate = "recreate",
        /// It stands as it should.
        Unchanged = "unchanged",
        /// It has to go.
        Destroy = "destroy",
        /// Not known or not asked.
        None = "none",
    }
}

words! {
    /// How far a workflow came; worst first, the order in which tables show them.
    Status {
        /// Tried and not done.
        Failed = "failed",
        /// Not tried: a rule of the plan forbids it.
        Blocked = "blocked",
        /// Not tried: the run ended before.
        Skipped = "skipped",
        /// Would be done.
        Planned = "planned",
        /// Done, or nothing to do.
        Done = "done",
    }
}

/// A workflow and its pipeline.
#[derive(Clone, Debug, Serialize)]
pub struct Row {
    /// The workflow's name as its spec gives it.
    pub name: String,
    /// The spec's path; for a pipeline whose spec is gone, as its mark remembers it.
    pub spec: String,
    /// The pipeline's id, where there is one.
    pub pipeline_id: Option<String>,
    /// The pipeline's name in the workspace.
    pub pipeline_name: String,
    /// What it needs.
    pub change: Change,
    /// How far that came.
    pub status: Status,
    /// Address of the pipeline's page.
    pub url: Option<String>,
    /// Why it was looked at, a sentence each.
    pub reasons: Vec<String>,
    /// What differs between the workspace and the spec.
    pub fields: Vec<Field>,
    /// Whether the change restarts something that runs.
    pub restarts: bool,
    /// Whether somebody changed the pipeline by hand.
    pub drift: bool,
    /// Why it failed or is blocked.
    pub error: Option<Failure>,
}

/// One differing field; whatever looks secret is hidden before it is kept.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Field {
    path: String,
    from: Option<String>,
    to: Option<String>,
}

/// Why one workflow failed.
#[derive(Clone, Debug, Default, Serialize)]
pub struct Failure {
    /// What happened.
    pub message: String,
    /// What to do, one step each.
    pub hints: Vec<String>,
}

impl Row {
    /// A workflow that is known by name and spec only.
    pub fn new(name: impl Into<String>, spec: impl Into<String>, change: Change, status: Status) -> Self {
        let name = name.into();
        Self {
            pipeline_name: name.clone(),
            name,
            spec: spec.into(),
            pipeline_id: None,
            change,
            status,
            url: None,
            reasons: Vec::new(),
            fields: Vec::new(),
            restarts: false,
            drift: false,
            error: None,
        }
    }

    /// Whether the pipeline was there and is no more.
    pub fn is_gone(&self) -> bool {
        self.change == Change::Destroy && self.status == Status::Done
    }

    /// Every text that came from outside.
    pub(super) fn texts(&mut self) -> Vec<&mut String> {
        let mut texts = vec![&mut self.name, &mut self.spec, &mut self.pipeline_name];
        texts.extend([&mut self.pipeline_id, &mut self.url].into_iter().flatten());
        texts.extend(&mut self.reasons);
        texts.extend(self.error.iter_mut().flat_map(|error| iter::once(&mut error.message).chain(&mut error.hints)));
        for Field { path, from, to } in &mut self.fields {
            texts.push(path);
            texts.extend([from, to].into_iter().flatten());
        }
        texts
    }
}

impl Field {
    /// The field at `path` (dots and brackets), its value there and its value in the spec.
    pub fn new(path: impl Into<String>, from: Option<&Value>, to: Option<&Value>) -> Self {
        let path = path.into();
        let shown = |value: Option<&Value>| value.map(|value| hide(&path, value).to_string());
        Self { from: shown(from), to: shown(to), path }
    }

    /// Where it is.
    pub fn path(&self) -> &str {
        &self.path
    }

    /// Its value in the workspace as JSON text; `None` where it is not set.
    pub fn from(&self) -> Option<&str> {
        self.from.as_deref()
    }

    /// Its value in the spec as JSON text; `None` where it is not set.
    pub fn to(&self) -> Option<&str> {
        self.to.as_deref()
    }
}
