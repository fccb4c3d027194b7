//! What is there: the pipelines of those names or of this preview, and the objects of the release's folder.

mod deployed;

use std::collections::BTreeSet;

use futures_util::future::try_join_all;
use serde_json::{Map, Value};

use crate::databricks::{ApiError, Listed, Pipeline, Trouble, Workspace};
use crate::desired::{Claim, Owner};

pub use deployed::{Deployed, FILE as DEPLOYED_FILE};

/// What to look for.
#[derive(Clone, Debug)]
pub struct Query {
    /// Workspace folder of the release.
    pub folder: String,
    /// Names of pipelines that are wanted.
    pub names: Vec<String>,
    /// `{user}` of a preview, or what it ends in: every pipeline with it in its name is looked at, wanted or not.
    pub preview_user: Option<String>,
}

/// What a workspace holds of that.
#[derive(Clone, Debug, Default)]
pub struct Observed {
    /// The pipelines found, each with whose it is; ordered by name and id.
    pub pipelines: Vec<Standing>,
    /// Names of the objects in the folder; `None` where the folder is missing.
    pub objects: Option<BTreeSet<String>>,
}

/// A pipeline that stands in the workspace.
#[derive(Clone, Debug, PartialEq)]
pub struct Standing {
    /// Its id.
    pub id: String,
    /// Its name.
    pub name: String,
    /// Its settings as they came back.
    pub settings: Map<String, Value>,
    /// When it was last changed, in milliseconds.
    pub last_modified: Option<i64>,
    /// Whether an update of it is under way.
    pub running: bool,
    /// Whose it is.
    pub claim: Claim,
}

/// Looks: one list a name (one for a whole preview), one `GET` a pipeline that was found, one listing of the folder.
pub async fn observe(workspace: &Workspace, owner: &Owner, query: &Query) -> Result<Observed, ApiError> {
    let (rows, objects) =
        futures_util::future::try_join(candidates(workspace, query), workspace.list_folder(&query.folder)).await?;
    let found = try_join_all(rows.iter().map(|row| standing(workspace, owner, row))).await?;
    let mut pipelines: Vec<Standing> = found.into_iter().flatten().collect();
    pipelines.sort_by(|a, b| (&a.name, &a.id).cmp(&(&b.name, &b.id)));
    let objects = objects.map(|objects| objects.into_iter().map(|object| object.name).collect());
    Ok(Observed { pipelines, objects })
}

/// The pipelines of that exact name.
pub async fn look_up(workspace: &Workspace, owner: &Owner, name: &str) -> Result<Vec<Standing>, ApiError> {
    let rows = workspace.list_pipelines(name).await?;
    let exact = rows.iter().filter(|row| row.name == name);
    let found = try_join_all(exact.map(|row| standing(workspace, owner, row))).await?;
    Ok(found.into_iter().flatten().collect())
}

async fn candidates(workspace: &Workspace, query: &Query) -> Result<Vec<Listed>, ApiError> {
    let patterns = match &query.preview_user {
        Some(user) => vec![format!("%{user}%")],
        None => query.names.clone(),
    };
    let pages = try_join_all(patterns.iter().map(|pattern| workspace.list_pipelines(pattern))).await?;
    let in_question = |row: &Listed| {
        query.names.contains(&row.name) || query.preview_user.as_ref().is_some_and(|user| names(&row.name, user))
    };
    let mut rows: Vec<Listed> = pages.into_iter().flatten().filter(in_question).collect();
    rows.sort_by(|a, b| a.id.cmp(&b.id));
    rows.dedup();
    Ok(rows)
}

/// Whether the name has `user` in it, not as the beginning of a longer number: `pr4` is not in `pr42`.
fn names(name: &str, user: &str) -> bool {
    let ends = |(at, found): (usize, &str)| !name[at + found.len()..].starts_with(|c: char| c.is_ascii_digit());
    name.match_indices(user).any(ends)
}

/// The pipeline of a row; `None` where it went away since it was listed.
async fn standing(workspace: &Workspace, owner: &Owner, row: &Listed) -> Result<Option<Standing>, ApiError> {
    match workspace.pipeline(&row.id).await {
        Ok(pipeline) => Ok(Some(Standing::of(pipeline, owner))),
        Err(error) if error.trouble() == Some(Trouble::Missing) => Ok(None),
        Err(error) if error.trouble() == Some(Trouble::Forbidden) => Ok(Some(Standing::hidden(row))),
        Err(error) => Err(error),
    }
}

impl Standing {
    fn of(pipeline: Pipeline, owner: &Owner) -> Self {
        let claim = owner.claim(&pipeline.name, &pipeline.settings);
        let running = !matches!(pipeline.state.as_str(), "IDLE" | "FAILED" | "DELETED" | "");
        let Pipeline { id, name, settings, last_modified, .. } = pipeline;
        Self { id, name, settings, last_modified, running, claim }
    }

    fn hidden(row: &Listed) -> Self {
        let Listed { id, name } = row.clone();
        Self { id, name, settings: Map::new(), last_modified: None, running: false, claim: Claim::Hidden }
    }

    /// Whether it is a Unity Catalog pipeline; only their tables can be dropped with them.
    pub fn on_unity_catalog(&self) -> bool {
        self.settings.get("catalog").and_then(Value::as_str).is_some_and(|catalog| !catalog.is_empty())
    }
}
