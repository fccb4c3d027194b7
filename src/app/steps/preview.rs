//! Under which names a preview stands, and where: the files alone do not tell.

use std::collections::BTreeSet;

use crate::app::session::Session;
use crate::app::subject::Subject;
use crate::databricks::{ApiError, ObjectKind};
use crate::desired::Deployment;
use crate::diagnostic::{Error, Result};
use crate::observe::{self, ExistingPipeline, Observed, PreviewFolder, Query};
use crate::pipeline::Made;
use crate::pipeline::ownership::{Claim, OwnershipKey};
use crate::route::{Identity, Preview};

use super::look;

/// The identity of the subject; for a pull request whose author is not known, with the user in the names of its pipelines,
/// and for a preview that was deployed before the folder of a project counted, with the suffix that it has.
pub(super) async fn identity(subject: &Subject, session: &Session) -> Result<Identity> {
    let Identity::Preview(preview) = &subject.destination.identity else { return Ok(Identity::Shared) };
    let former = former(subject, session, preview).await?;
    // An individual's user is the key as well, and is known.
    let is_unknown = preview.pull_request().is_some() && preview.user == preview.key;
    if !is_unknown && former.is_none() {
        return Ok(Identity::Preview(preview.clone()));
    }
    let query = Query { folder: subject.folder(), names: Vec::new(), preview_user: Some(preview.key.clone()) };
    let pipelines = look(session, &subject.owner, query).await?.pipelines;
    let user = if is_unknown { user(subject, &pipelines) } else { None };
    let stands = |folder: &str| pipelines.iter().any(|it| it.claim == Claim::Ours && it.settings.runs_in(folder));
    let former = former.filter(|(_, folder)| stands(folder)).map(|(former, _)| former);
    let preview = former.unwrap_or_else(|| preview.clone());
    Ok(Identity::Preview(Preview { user: user.unwrap_or_else(|| preview.user.clone()), ..preview }))
}

/// The preview under its former suffix and its folder, if there is one.
async fn former(subject: &Subject, session: &Session, preview: &Preview) -> Result<Option<(Preview, String)>> {
    let Some(former) = preview.before_folders(&subject.project) else { return Ok(None) };
    let identity = Identity::Preview(former.clone());
    let root = subject.target.artifact_root(&subject.project);
    let folder = Deployment { identity: &identity, ..subject.deployment() }.folder(&root);
    let listed = session.workspace.list_folder(&folder).await;
    let listed = listed.map_err(|error| error.ending_run("read what is deployed"))?;
    Ok(listed.map(|_| (former, folder)))
}

/// The user in the names of the preview's pipelines.
fn user(subject: &Subject, pipelines: &[ExistingPipeline]) -> Option<String> {
    pipelines.iter().filter(|existing| existing.claim.is_of_preview()).find_map(|existing| {
        let workflow = existing.settings.owned(OwnershipKey::Workflow)?;
        subject.template.user_in(&subject.target.name, workflow, &existing.name)
    })
}

/// Most folders of one preview that are looked at.
const MAX_FOLDERS: usize = 50;

/// The folders of the preview whose own is `own`, to take all of it down: that one, those in which its pipelines run, those
/// that are noted in one of them, and what is beside any of them. One is the preview's if it is its own, if one of its
/// pipelines runs in it, or if it holds a note of ours.
pub(in crate::app) async fn folders(
    subject: &Subject,
    session: &Session,
    (own, observed): (&str, &Observed),
) -> Result<Vec<PreviewFolder>> {
    let mut search = FolderSearch::new(subject, session, own);
    let mut found = search.own(own, observed).await?;
    let told = told(observed);
    let mut next = told.clone();
    next.extend(found.iter().flat_map(PreviewFolder::noted).map(str::to_owned));
    next.extend(search.beside(own).await?);
    while let Some(path) = next.pop_first().filter(|_| found.len() < MAX_FOLDERS) {
        next.extend(search.beside(&path).await?);
        let Some(folder) = search.look(&path).await? else { continue };
        if told.contains(&path) || folder.ours().next().is_some() {
            next.extend(folder.noted().map(str::to_owned));
            found.push(folder);
        }
    }
    Ok(found)
}

/// Those of a pull request that affects nothing any more: its own, and what is noted there and no pipeline runs in.
pub(super) async fn unused_folders(
    subject: &Subject,
    session: &Session,
    (own, observed): (&str, &Observed),
) -> Result<Vec<PreviewFolder>> {
    let mut search = FolderSearch::new(subject, session, own);
    let mut found = search.own(own, observed).await?;
    let mut next: BTreeSet<String> = found.iter().flat_map(PreviewFolder::noted).map(str::to_owned).collect();
    while let Some(path) = next.pop_first().filter(|_| found.len() < MAX_FOLDERS) {
        let Some(folder) = search.look(&path).await? else { continue };
        let is_used = observed.pipelines.iter().any(|existing| existing.settings.runs_in(&path));
        if !is_used && folder.ours().next().is_some() {
            next.extend(folder.noted().map(str::to_owned));
            found.push(folder);
        }
    }
    Ok(found)
}

/// Those beside its own in which pipelines of the preview run.
pub(super) async fn other_folders(
    subject: &Subject,
    session: &Session,
    (own, observed): (&str, &Observed),
) -> Result<Vec<PreviewFolder>> {
    let mut search = FolderSearch::new(subject, session, own);
    let mut found = Vec::new();
    for path in told(observed).into_iter().take(MAX_FOLDERS) {
        found.extend(search.look(&path).await?);
    }
    Ok(found)
}

/// The folders in which pipelines of the preview run.
fn told(observed: &Observed) -> BTreeSet<String> {
    let ours = observed.pipelines.iter().filter(|existing| existing.claim.is_of_preview());
    let made = ours.flat_map(|existing| Made::folders(&existing.settings));
    made.filter_map(|made| made.preview_folder().map(str::to_owned)).collect()
}

/// A search for the folders of a preview.
struct FolderSearch<'a> {
    subject: &'a Subject,
    session: &'a Session,
    /// Paths that were looked at.
    seen: BTreeSet<String>,
    /// Folders of previews that were listed.
    above: BTreeSet<String>,
}

impl<'a> FolderSearch<'a> {
    fn new(subject: &'a Subject, session: &'a Session, own: &str) -> Self {
        Self { subject, session, seen: BTreeSet::from([own.to_owned()]), above: BTreeSet::new() }
    }

    /// The preview's own folder with its notes, if it exists.
    async fn own(&self, own: &str, observed: &Observed) -> Result<Vec<PreviewFolder>> {
        let Some(objects) = &observed.objects else { return Ok(Vec::new()) };
        let read = PreviewFolder::read(&self.session.workspace, &self.subject.owner, own, objects).await;
        read.map(|folder| vec![folder]).map_err(unread)
    }

    /// Another folder with its notes, if it exists and was not looked at before.
    async fn look(&mut self, path: &str) -> Result<Option<PreviewFolder>> {
        if !self.seen.insert(path.to_owned()) {
            return Ok(None);
        }
        PreviewFolder::look(&self.session.workspace, &self.subject.owner, path).await.map_err(unread)
    }

    /// The folders beside `path` that are of a preview with this key, whichever project's.
    async fn beside(&mut self, path: &str) -> Result<Vec<String>> {
        let Identity::Preview(preview) = &self.subject.destination.identity else { return Ok(Vec::new()) };
        let (Some((above, _)), Some((stem, _))) = (path.rsplit_once('/'), preview.suffix.rsplit_once('_')) else {
            return Ok(Vec::new());
        };
        if !self.above.insert(above.to_owned()) {
            return Ok(Vec::new());
        }
        let listed = observe::objects(&self.session.workspace, above).await;
        let listed = listed.map_err(unread)?.unwrap_or_default();
        let is_same = |name: &str| name.rsplit_once('_').is_some_and(|(other, _)| other == stem);
        let folders = listed.iter().filter(|(name, kind)| **kind == ObjectKind::Folder && is_same(name));
        Ok(folders.map(|(name, _)| format!("{above}/{name}")).collect())
    }
}

fn unread(error: ApiError) -> Error {
    error.ending_run("read what the preview made")
}
