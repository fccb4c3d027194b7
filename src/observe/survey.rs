//! A survey: every pipeline that the token can list, an environment's own folder, and those of its previews.

use std::collections::{BTreeMap, BTreeSet};

use futures_util::FutureExt as _;

use crate::databricks::{ApiError, Object, ObjectKind, Workspace};
use crate::pipeline::Made;
use crate::pipeline::ownership::{Claim, Owner};

use super::preview_folder::read_note;
use super::{ExistingPipeline, Objects, PreviewFolder, PreviewNote, objects, read, together};

/// All that a sweep looks at.
#[derive(Clone, Debug, Default)]
pub struct Survey {
    /// Every pipeline that the token can list, with whose it is as a shared one; ordered by name and id.
    pub pipelines: Vec<ExistingPipeline>,
    /// Who made each pipeline, by its id.
    pub creators: BTreeMap<String, String>,
    /// The files in the environment's own folder by name, with when they were last written, in seconds since 1970.
    pub files: BTreeMap<String, Option<u64>>,
    /// Names of the notebooks in it; a listing has no times of these.
    pub notebooks: BTreeSet<String>,
    /// The folders of previews.
    pub folders: Vec<SurveyedFolder>,
}

/// The folder of a preview, before it is known whose.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct SurveyedFolder {
    /// Its path, absolute and without `/Workspace`.
    pub path: String,
    /// The objects in it, by name.
    pub objects: Objects,
    /// The notes in it, by name; `None` for one that cannot be understood.
    pub notes: BTreeMap<String, Option<Made>>,
}

/// Every pipeline that the token can list, by one listing; `owner` is that of shared ones. Without folders.
pub async fn survey_pipelines(workspace: &Workspace, owner: &Owner) -> Result<Survey, ApiError> {
    let rows = workspace.list_all_pipelines().await?;
    let creators = rows.iter().map(|row| (row.id.clone(), row.creator.clone())).collect();
    Ok(Survey { pipelines: read(workspace, owner, rows).await?, creators, ..Survey::default() })
}

/// The same, with the `folder` of the environment, and those in the folder `previews`.
pub async fn survey(
    workspace: &Workspace,
    owner: &Owner,
    (folder, previews): (&str, &str),
) -> Result<Survey, ApiError> {
    let pipelines = async { Ok(SurveyPart::Pipelines(survey_pipelines(workspace, owner).await?)) };
    let listed = async { Ok(SurveyPart::Objects(workspace.list_folder(folder).await?.unwrap_or_default())) };
    let folders = async { Ok(SurveyPart::Folders(folders(workspace, previews).await?)) };
    let look_ups = [pipelines.boxed(), listed.boxed(), folders.boxed()];
    let mut survey = Survey::default();
    for found in together(workspace, look_ups).await? {
        match found {
            SurveyPart::Pipelines(Survey { pipelines, creators, .. }) => {
                (survey.pipelines, survey.creators) = (pipelines, creators);
            }
            SurveyPart::Objects(objects) => objects.into_iter().for_each(|object| survey.add(object)),
            SurveyPart::Folders(folders) => survey.folders = folders,
        }
    }
    Ok(survey)
}

/// What one look-up found.
enum SurveyPart {
    Pipelines(Survey),
    Objects(Vec<Object>),
    Folders(Vec<SurveyedFolder>),
}

/// The folders in the folder `root`.
async fn folders(workspace: &Workspace, root: &str) -> Result<Vec<SurveyedFolder>, ApiError> {
    let listed = workspace.list_folder(root).await?.unwrap_or_default();
    let folders = listed.into_iter().filter(|object| object.kind == ObjectKind::Folder);
    let paths: Vec<String> = folders.map(|object| format!("{root}/{}", object.name)).collect();
    let found = together(workspace, paths.iter().map(|path| look_into(workspace, path))).await?;
    Ok(found.into_iter().flatten().collect())
}

/// The folder at `path`; `None` if it is gone since it was listed.
async fn look_into(workspace: &Workspace, path: &str) -> Result<Option<SurveyedFolder>, ApiError> {
    let Some(objects) = objects(workspace, path).await? else { return Ok(None) };
    let notes = objects.keys().filter(|name| Made::is_note(name)).map(|name| read_note(workspace, path, name));
    let notes = together(workspace, notes).await?.into_iter().flatten().collect();
    Ok(Some(SurveyedFolder { path: path.to_owned(), objects, notes }))
}

impl Survey {
    fn add(&mut self, Object { name, kind, modified }: Object) {
        match kind {
            ObjectKind::Notebook => _ = self.notebooks.insert(name),
            ObjectKind::File => {
                let seconds = modified.and_then(|milliseconds| u64::try_from(milliseconds / 1_000).ok());
                self.files.insert(name, seconds);
            }
            ObjectKind::Folder | ObjectKind::Other => {}
        }
    }
}

impl SurveyedFolder {
    /// Its last name.
    pub fn name(&self) -> &str {
        self.path.rsplit('/').next().unwrap_or_default()
    }

    /// The folder as `owner` sees it.
    pub fn of(&self, owner: &Owner) -> PreviewFolder {
        let notes = self.notes.iter().map(|(name, made)| (name.clone(), PreviewNote::of(owner, made.clone())));
        PreviewFolder { path: self.path.clone(), notes: notes.collect() }
    }
}

impl ExistingPipeline {
    /// The same, with whose it is to another owner.
    #[must_use]
    pub fn claimed_by(&self, owner: &Owner) -> Self {
        let claim = match self.claim {
            Claim::Hidden => Claim::Hidden,
            _ => owner.claim(&self.name, &self.settings),
        };
        Self { claim, ..self.clone() }
    }
}
