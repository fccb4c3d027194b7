//! One workflow in the report.

use std::iter;

use serde::Serialize;
use serde_json::Value;

use super::words::words;
use crate::secret::hide;

words! {
    /// The change that a workflow's pipeline needs.
    Change {
        /// It does not exist yet.
        Create = "create",
        /// It differs.
        Update = "update",
        /// It differs in a field that cannot be changed.
        Recreate = "recreate",
        /// It is up to date.
        Unchanged = "unchanged",
        /// It is to be deleted.
        Destroy = "destroy",
        /// Not known, or not applicable.
        None = "none",
    }
}

words! {
    /// The status of a workflow; worst first, as in tables.
    Status {
        /// It was tried and failed.
        Failed = "failed",
        /// Not tried: the plan does not allow it.
        Blocked = "blocked",
        /// Not tried: the run ended before it.
        Skipped = "skipped",
        /// Would be done.
        Planned = "planned",
        /// Done, or nothing to do.
        Done = "done",
    }
}

words! {
    /// What becomes of the tables of a pipeline that is deleted.
    TableFate {
        /// They stay.
        Kept = "kept",
        /// They are dropped.
        Dropped = "dropped",
    }
}

/// A workflow and its pipeline.
#[derive(Clone, Debug, Serialize)]
pub struct Row {
    /// The workflow's name in its spec.
    pub name: String,
    /// The path of the spec; for a pipeline whose spec was deleted, the path that its ownership records.
    pub spec: String,
    /// The pipeline's id, if it exists.
    pub pipeline_id: Option<String>,
    /// The pipeline's name in the workspace.
    pub pipeline_name: String,
    /// The change that it needs.
    pub change: Change,
    /// The status of that change.
    pub status: Status,
    /// URL of the pipeline's page.
    pub url: Option<String>,
    /// Why it was selected, a sentence each.
    pub reasons: Vec<String>,
    /// What differs between the workspace and the spec.
    pub fields: Vec<Field>,
    /// Whether the change restarts a running pipeline.
    pub restarts: bool,
    /// Whether the pipeline was changed by hand.
    pub drift: bool,
    /// Whether the change gives the pipeline another identity to run as.
    pub changes_identity: bool,
    /// What becomes of its tables, if it is deleted or recreated.
    pub tables: Option<TableFate>,
    /// Its environments, where the report is about several.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub environments: Vec<String>,
    /// Why it failed or is blocked.
    pub error: Option<Failure>,
}

/// One field that differs; what looks like a secret is hidden before it is stored.
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
    /// The pipelines that stand in the way, if there are several.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub twins: Vec<Twin>,
}

/// One of several pipelines with one name.
#[derive(Clone, Debug, Serialize)]
pub struct Twin {
    /// Its id.
    pub id: String,
    /// URL of its page.
    pub url: String,
}

impl Row {
    /// A workflow of which only name and spec are known.
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
            changes_identity: false,
            tables: None,
            environments: Vec::new(),
            error: None,
        }
    }

    /// Whether the pipeline was deleted.
    pub fn is_gone(&self) -> bool {
        self.change == Change::Destroy && self.status == Status::Done
    }

    /// The fields that people are shown: of a pipeline that was made, the page has them.
    pub(super) fn shown_fields(&self) -> &[Field] {
        if self.change == Change::Create && self.status == Status::Done { &[] } else { &self.fields }
    }

    /// Every untrusted text.
    pub(super) fn texts(&mut self) -> Vec<&mut String> {
        let mut texts = vec![&mut self.name, &mut self.spec, &mut self.pipeline_name];
        texts.extend([&mut self.pipeline_id, &mut self.url].into_iter().flatten());
        texts.extend(&mut self.environments);
        texts.extend(&mut self.reasons);
        if let Some(Failure { message, hints, twins }) = &mut self.error {
            texts.extend(iter::once(message).chain(hints));
            texts.extend(twins.iter_mut().flat_map(|twin| [&mut twin.id, &mut twin.url]));
        }
        for Field { path, from, to } in &mut self.fields {
            texts.push(path);
            texts.extend([from, to].into_iter().flatten());
        }
        texts
    }
}

impl Field {
    /// The field at `path` (dots and brackets), its value in the workspace and its value in the spec.
    pub fn new(path: impl Into<String>, from: Option<&Value>, to: Option<&Value>) -> Self {
        let path = path.into();
        let shown = |value: Option<&Value>| value.map(|value| hide(&path, value).to_string());
        Self { from: shown(from), to: shown(to), path }
    }

    /// Its path.
    pub fn path(&self) -> &str {
        &self.path
    }

    /// Its value in the workspace as JSON; `None` if it is not set.
    pub fn from(&self) -> Option<&str> {
        self.from.as_deref()
    }

    /// Its value in the spec as JSON; `None` if it is not set.
    pub fn to(&self) -> Option<&str> {
        self.to.as_deref()
    }
}
