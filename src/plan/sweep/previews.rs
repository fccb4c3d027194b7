//! The previews of pull requests that a survey found.

use std::collections::BTreeSet;

use crate::desired::Deployment;
use crate::observe::{ExistingPipeline, Observed, PreviewFolder, PreviewNote, Survey, SurveyedFolder};
use crate::pipeline::ownership::{Claim, Owner, OwnershipKey};
use crate::plan::{self, Allowed, Plan};
use crate::project::Project;
use crate::route::{Identity, Preview};

/// What became of the pull request, in the words of a plan.
const WHY: &str = "its pull request was closed";

/// The previews of pull requests, and the folders that belong to none of them.
#[derive(Clone, Debug, Default)]
pub struct SweptPreviews {
    /// Those of this project, by number.
    pub found: Vec<SweptPreview>,
    /// Paths of the other folders, and why they stay.
    pub others: Vec<(String, &'static str)>,
}

/// The preview of a pull request, as it was found.
#[derive(Clone, Debug)]
pub struct SweptPreview {
    /// The number of the pull request.
    pub number: u64,
    /// Whose it is.
    pub owner: Owner,
    /// Names of pipelines that may be part of it, and that the token cannot read.
    pub hidden: Vec<String>,
    /// The folder of its release.
    folder: String,
    /// All pipelines that can be read, with whose they are, and the objects in that folder.
    observed: Observed,
    /// Its folders: one, unless its project was renamed or moved meanwhile.
    folders: Vec<PreviewFolder>,
}

impl SweptPreview {
    /// What closing the pull request does.
    pub fn plan(&self) -> Plan {
        plan::destroy(&self.folder, &self.observed, &self.folders, WHY, Allowed::default())
    }
}

/// The previews of pull requests that belong to the project of `shared`, the deployment of an environment's own pipelines
/// into the folder `root`.
///
/// A number means something in its repository alone: what does not say which one deployed it belongs to no preview here,
/// unless our own is not known either. A folder belongs to a preview if its name has the number, and a note in it or a
/// pipeline that uses it is the preview's.
pub fn previews(survey: &Survey, project: &Project, shared: &Deployment<'_>, root: &str) -> SweptPreviews {
    let mut swept = SweptPreviews::default();
    for number in numbers(survey) {
        let identity = Identity::Preview(Preview::of_number(number, project));
        let owner = Owner { preview: Some(format!("pr{number}")), ..shared.owner.clone() };
        let deployment = Deployment { identity: &identity, owner: &owner, ..shared.clone() };
        swept.found.extend(preview(survey, number, &deployment, root));
    }
    let taken: BTreeSet<&str> =
        swept.found.iter().flat_map(|preview| &preview.folders).map(|folder| folder.path.as_str()).collect();
    let others = survey.folders.iter().filter(|folder| !taken.contains(folder.path.as_str()));
    let others = others.map(|folder| (folder.path.clone(), stays(folder, survey))).collect();
    SweptPreviews { others, ..swept }
}

/// The numbers of pull requests that pipelines and notes speak of.
fn numbers(survey: &Survey) -> BTreeSet<u64> {
    let pipelines = survey.pipelines.iter().filter_map(|existing| existing.settings.owned(OwnershipKey::Preview));
    let pipelines = pipelines.filter_map(Preview::number_of);
    let notes = survey.folders.iter().flat_map(|folder| folder.notes.values().flatten());
    let notes = notes.filter_map(|made| Preview::number_of(made.properties().get(OwnershipKey::Preview.text())?));
    pipelines.chain(notes).collect()
}

/// The preview of that number; `None` if nothing of it is there.
fn preview(survey: &Survey, number: u64, deployment: &Deployment<'_>, root: &str) -> Option<SweptPreview> {
    let owner = deployment.owner;
    let (hidden, pipelines): (Vec<ExistingPipeline>, Vec<ExistingPipeline>) =
        survey.pipelines.iter().map(|existing| claimed(existing, owner)).partition(is_hidden);
    let ours: Vec<&ExistingPipeline> = pipelines.iter().filter(|existing| is_ours(existing)).collect();
    let folders = survey.folders.iter().filter(|folder| number_of(folder) == Some(number));
    let folders: Vec<(&SurveyedFolder, PreviewFolder)> = folders
        .map(|folder| (folder, noted(folder, owner)))
        .filter(|(folder, seen)| seen.ours().next().is_some() || ours.iter().any(|existing| uses(existing, folder)))
        .collect();
    if ours.is_empty() && folders.is_empty() {
        return None;
    }
    let first = folders.first().map(|(folder, _)| *folder);
    let folder = first.map_or_else(|| free(survey, deployment, root), |folder| folder.path.clone());
    let objects = first.map(|folder| folder.objects.clone());
    let hidden = hidden.into_iter().map(|existing| existing.name).filter(|name| deployment.may_name(name));
    Some(SweptPreview {
        number,
        owner: owner.clone(),
        hidden: hidden.collect(),
        folder,
        folders: folders.into_iter().map(|(_, seen)| seen).collect(),
        observed: Observed { pipelines, objects, ..Observed::default() },
    })
}

/// The path of a folder for a preview that has none. It is made and deleted again, so it must not be there: what lies where
/// the folder once was may be anything.
fn free(survey: &Survey, deployment: &Deployment<'_>, root: &str) -> String {
    let usual = deployment.folder(root);
    let stem = usual.rsplit_once('_').map_or(usual.as_str(), |(stem, _)| stem);
    let others = (0..=u16::MAX).map(|tag| format!("{stem}_{tag:04x}"));
    let is_free = |path: &String| survey.folders.iter().all(|folder| folder.path != *path);
    std::iter::once(usual.clone()).chain(others).find(is_free).unwrap_or_default()
}

/// The pipeline with whose it is; one that does not say which repository deployed it is not ours, if we know our own.
fn claimed(existing: &ExistingPipeline, owner: &Owner) -> ExistingPipeline {
    let claimed = existing.claimed_by(owner);
    let tells = existing.settings.owned(OwnershipKey::Repository).is_some();
    match claimed.claim {
        Claim::Ours | Claim::Former(_) if owner.repository.is_some() && !tells => {
            let key = OwnershipKey::Repository.text();
            ExistingPipeline { claim: Claim::Foreign(format!("its `{key}` is not set")), ..claimed }
        }
        _ => claimed,
    }
}

/// The notes in a folder; the same holds for these.
fn noted(folder: &SurveyedFolder, owner: &Owner) -> PreviewFolder {
    let mut seen = folder.of(owner);
    for note in seen.notes.values_mut() {
        let PreviewNote::Ours(made) = note else { continue };
        if owner.repository.is_some() && !made.properties().contains_key(OwnershipKey::Repository.text()) {
            *note = PreviewNote::Anothers;
        }
    }
    seen
}

fn is_ours(existing: &ExistingPipeline) -> bool {
    existing.claim.is_of_preview()
}

fn is_hidden(existing: &ExistingPipeline) -> bool {
    existing.claim == Claim::Hidden
}

/// Whether a notebook of the pipeline is in the folder.
fn uses(existing: &ExistingPipeline, folder: &SurveyedFolder) -> bool {
    existing.settings.notebooks().any(|path| {
        let path = path.strip_prefix("/Workspace").unwrap_or(path);
        path.strip_prefix(&folder.path).is_some_and(|rest| rest.starts_with('/'))
    })
}

/// The number in the name of a preview's folder, which is that of [`Preview::suffix`].
fn number_of(folder: &SurveyedFolder) -> Option<u64> {
    let (key, tag) = folder.name().split_once('_')?;
    let is_tag = tag.len() == 4 && tag.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'));
    Preview::number_of(key).filter(|_| is_tag)
}

/// Why a folder that belongs to no preview here stays.
fn stays(folder: &SurveyedFolder, survey: &Survey) -> &'static str {
    let is_anothers = folder.notes.values().any(Option::is_some) || survey.pipelines.iter().any(|it| uses(it, folder));
    if is_anothers {
        "what is in it, or uses it, is a user's, or another project's, environment's or repository's"
    } else {
        "nothing in it says whose it is"
    }
}
