//! The names under which a preview stands, which the files alone do not tell.

use crate::app::session::Session;
use crate::app::subject::Subject;
use crate::desired::Deployment;
use crate::diagnostic::Result;
use crate::observe::{ExistingPipeline, Query};
use crate::pipeline::ownership::{Claim, OwnershipKey};
use crate::route::{Identity, Preview};

use super::look;

/// The identity of the subject; for a pull request whose author is not known, with the user in the names of its pipelines,
/// and for a preview that was deployed before the folder of a project counted, with the suffix that it has.
pub(super) async fn identity(subject: &Subject, session: &Session) -> Result<Identity> {
    let Identity::Preview(preview) = &subject.destination.identity else { return Ok(Identity::Shared) };
    let former = former(subject, session, preview).await?;
    if preview.user != preview.key && former.is_none() {
        return Ok(Identity::Preview(preview.clone()));
    }
    let query = Query { folder: subject.folder(), names: Vec::new(), preview_user: Some(preview.key.clone()) };
    let pipelines = look(session, &subject.owner, query).await?.pipelines;
    let user = if preview.user == preview.key { user(subject, &pipelines) } else { None };
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
    pipelines.iter().find_map(|existing| {
        let workflow = existing.settings.owned(OwnershipKey::Workflow)?;
        subject.template.user_in(&subject.target.name, workflow, &existing.name)
    })
}
