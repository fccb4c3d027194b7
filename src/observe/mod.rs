//! What exists: the pipelines of those names or of this preview, and the objects of the release's folder.

mod pattern;
mod preview_folder;
mod survey;
mod together;

use std::collections::{BTreeMap, BTreeSet};

use futures_util::FutureExt as _;

use crate::databricks::{ApiError, Listed, ObjectKind, Pipeline, Refusal, Workspace};
use crate::pipeline::ownership::{Claim, Owner};
use crate::pipeline::{KeptFields, Settings};

use pattern::patterns;
pub use preview_folder::{PreviewFolder, PreviewNote};
pub use survey::{Survey, SurveyedFolder, survey, survey_pipelines};
pub use together::together;

/// What to look for.
#[derive(Clone, Debug)]
pub struct Query {
    /// Workspace folder of the release.
    pub folder: String,
    /// Names of the desired pipelines.
    pub names: Vec<String>,
    /// `{user}` of a preview, or what it ends in: every pipeline with it in its name is looked at, desired or not.
    pub preview_user: Option<String>,
}

/// What exists of that in a workspace.
#[derive(Clone, Debug, Default)]
pub struct Observed {
    /// The pipelines found, each with whose it is; ordered by name and id.
    pub pipelines: Vec<ExistingPipeline>,
    /// Shared pipelines whose workflow no spec of the project has any more.
    pub leftovers: Vec<ExistingPipeline>,
    /// The objects in the folder; `None` if the folder is missing.
    pub objects: Option<Objects>,
    /// By the name of a pipeline: what is known to be stored in another way than it was written.
    pub kept: BTreeMap<String, KeptFields>,
}

/// The objects in a folder, by name.
pub type Objects = BTreeMap<String, ObjectKind>;

/// A pipeline that exists in the workspace.
#[derive(Clone, Debug, PartialEq)]
pub struct ExistingPipeline {
    /// Its id.
    pub id: String,
    /// Its name.
    pub name: String,
    /// Its settings as they came back.
    pub settings: Settings,
    /// The name of the identity that it runs as, explicitly or not.
    pub runs_as: Option<String>,
    /// The name of who created it.
    pub creator: Option<String>,
    /// When it was last changed, in milliseconds.
    pub last_modified: Option<i64>,
    /// Whether an update of it is running.
    pub running: bool,
    /// Whose it is.
    pub claim: Claim,
}

/// One listing (of a preview, of the names) beside that of the folder, then one `GET` per pipeline found.
pub async fn observe(workspace: &Workspace, owner: &Owner, query: &Query) -> Result<Observed, ApiError> {
    let patterns = match &query.preview_user {
        Some(user) => vec![format!("%{user}%")],
        None => patterns(&query.names.iter().map(String::as_str).collect()),
    };
    let lists = patterns.iter().map(|pattern| async { Ok(Found::Rows(workspace.list_pipelines(pattern).await?)) });
    let folder = async { Ok(Found::Folder(objects(workspace, &query.folder).await?)) };
    let look_ups = lists.map(futures_util::FutureExt::left_future).chain([folder.right_future()]);
    let (mut rows, mut objects) = (Vec::new(), None);
    for found in together(workspace, look_ups).await? {
        match found {
            Found::Rows(page) => rows.extend(page.into_iter().filter(|row| query.asks_for(row))),
            Found::Folder(listed) => objects = listed,
        }
    }
    Ok(Observed { pipelines: read(workspace, owner, rows).await?, objects, ..Observed::default() })
}

/// What one look-up found.
enum Found {
    Rows(Vec<Listed>),
    Folder(Option<Objects>),
}

/// The objects in a folder; `None` if it is missing.
pub async fn objects(workspace: &Workspace, folder: &str) -> Result<Option<Objects>, ApiError> {
    let objects = workspace.list_folder(folder).await?;
    Ok(objects.map(|objects| objects.into_iter().map(|object| (object.name, object.kind)).collect()))
}

/// The pipelines of those exact names, by one listing where the names have something in common.
pub async fn list(workspace: &Workspace, names: &BTreeSet<String>) -> Result<Vec<Listed>, ApiError> {
    let patterns = patterns(&names.iter().map(String::as_str).collect());
    let rows = together(workspace, patterns.iter().map(|pattern| workspace.list_pipelines(pattern))).await?;
    Ok(rows.into_iter().flatten().filter(|row| names.contains(&row.name)).collect())
}

/// The pipelines that run one of those notebooks.
pub async fn list_users(workspace: &Workspace, notebooks: &[String]) -> Result<Vec<Listed>, ApiError> {
    let rows = together(workspace, notebooks.iter().map(|path| workspace.list_pipelines_of(path))).await?;
    Ok(rows.into_iter().flatten().collect())
}

/// The pipelines of those rows, ordered by name and id; without those that are gone since they were listed.
pub async fn read(
    workspace: &Workspace,
    owner: &Owner,
    mut rows: Vec<Listed>,
) -> Result<Vec<ExistingPipeline>, ApiError> {
    rows.sort_by(|a, b| a.id.cmp(&b.id));
    rows.dedup();
    let found = together(workspace, rows.iter().map(|row| read_one(workspace, owner, row))).await?;
    let mut pipelines: Vec<ExistingPipeline> = found.into_iter().flatten().collect();
    pipelines.sort_by(|a, b| (&a.name, &a.id).cmp(&(&b.name, &b.id)));
    Ok(pipelines)
}

/// The pipelines of that exact name.
pub async fn look_up(workspace: &Workspace, owner: &Owner, name: &str) -> Result<Vec<ExistingPipeline>, ApiError> {
    let rows = workspace.list_pipelines(name).await?;
    read(workspace, owner, rows.into_iter().filter(|row| row.name == name).collect()).await
}

impl Query {
    /// Whether a row that was listed is one in question: a pattern matches more than it names.
    fn asks_for(&self, row: &Listed) -> bool {
        self.names.contains(&row.name) || self.preview_user.as_ref().is_some_and(|user| names(&row.name, user))
    }
}

impl Observed {
    /// Whether the folder holds an object of that name.
    pub fn has_object(&self, name: &str) -> bool {
        self.objects.as_ref().is_some_and(|objects| objects.contains_key(name))
    }

    /// Names of the notebooks in the folder.
    pub fn notebooks(&self) -> impl Iterator<Item = &str> {
        let notebooks = self.objects.iter().flatten().filter(|(_, kind)| **kind == ObjectKind::Notebook);
        notebooks.map(|(name, _)| name.as_str())
    }
}

/// Whether the name has `user` in it, not as the beginning of a longer number: `pr4` is not in `pr42`.
fn names(name: &str, user: &str) -> bool {
    let ends = |(at, found): (usize, &str)| !name[at + found.len()..].starts_with(|c: char| c.is_ascii_digit());
    name.match_indices(user).any(ends)
}

/// The pipeline of a row; `None` if it was deleted, which goes on in the background, or is gone since it was listed.
async fn read_one(workspace: &Workspace, owner: &Owner, row: &Listed) -> Result<Option<ExistingPipeline>, ApiError> {
    match workspace.pipeline(&row.id).await {
        Ok(pipeline) if pipeline.is_deleted() => Ok(None),
        Ok(pipeline) => Ok(Some(ExistingPipeline::of(pipeline, owner))),
        Err(error) if error.refusal() == Some(Refusal::Missing) => Ok(None),
        Err(error) if error.refusal() == Some(Refusal::Forbidden) => Ok(Some(ExistingPipeline::hidden(row))),
        Err(error) => Err(error),
    }
}

impl ExistingPipeline {
    fn of(pipeline: Pipeline, owner: &Owner) -> Self {
        let claim = owner.claim(&pipeline.name, &pipeline.settings);
        let running = !matches!(pipeline.state.as_str(), "IDLE" | "FAILED" | "DELETED" | "");
        let Pipeline { id, name, settings, runs_as, creator, last_modified, .. } = pipeline;
        Self { id, name, settings, runs_as, creator, last_modified, running, claim }
    }

    fn hidden(row: &Listed) -> Self {
        let Listed { id, name, .. } = row.clone();
        let settings = Settings::default();
        let (runs_as, creator, last_modified) = (None, None, None);
        Self { id, name, settings, runs_as, creator, last_modified, running: false, claim: Claim::Hidden }
    }
}
