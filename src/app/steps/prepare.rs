//! From the specs to a plan: what is desired, what exists, and the difference. Nothing is written.

use std::sync::Arc;

use crate::app::context::Context;
use crate::app::record::Record;
use crate::app::subject::Subject;
use crate::desired::Deployment;
use crate::diagnostic::Result;
use crate::observe::{Observed, Query};
use crate::pipeline::ownership::OwnershipKey;
use crate::plan::{self, Allowed, Plan};
use crate::release::{self, Release};
use crate::route::{Identity, Preview};

use super::deployment_record::Recorded;
use super::look;
use super::select::{self, Selection};
use super::validate;
use crate::app::session::Session;

/// A plan, and what it was made from.
pub(in crate::app) struct Prepared {
    pub(in crate::app) selection: Arc<Selection>,
    pub(in crate::app) release: Arc<Release>,
    pub(in crate::app) observed: Arc<Observed>,
    pub(in crate::app) plan: Plan,
    pub(in crate::app) recorded: Recorded,
}

/// Selects and checks the workflows, packs their release, looks at what exists, and compares.
pub(in crate::app) async fn prepare(
    context: &Context,
    subject: &Arc<Subject>,
    session: &Session,
    allowed: Allowed,
    record: &mut Record,
) -> Result<Prepared> {
    let folder = subject.folder();
    let mut recorded = Recorded::read(subject, session).await?;
    let selection = select::select(context, subject, recorded.commit(subject), record).await?;
    recorded.expect(selection.workflows.iter().chain(&selection.untouched).map(|workflow| workflow.name.value.clone()));
    let validated = Arc::new(validate::validate(context, subject, &selection, record).await?.selected);
    record.selected(&selection.workflows, &selection.affected);
    let (on, chosen, workflows, to) =
        (Arc::clone(subject), Arc::clone(&selection), Arc::clone(&validated), folder.clone());
    let release = context
        .compute("packing the release", move || release::build(&on.project, &workflows, &chosen.codebase, &to))
        .await??;
    let release = Arc::new(release);
    let identity = identity(subject, session).await?;
    let desired = Deployment { identity: &identity, ..subject.deployment() }.desired(&validated, &release);
    let preview_user = subject.preview_of_pull_request().map(|_| user_of(&identity));
    let mut observed = Observed::default();
    if !desired.is_empty() || preview_user.is_some() {
        let names = desired.iter().map(|desired| desired.name.clone()).collect();
        observed = look(session, &subject.owner, Query { folder: folder.clone(), names, preview_user }).await?;
    }
    let observed = Arc::new(observed);
    let existing = Arc::clone(&observed);
    let plan = context
        .compute("comparing with the workspace", move || plan::plan(&folder, &desired, &existing, allowed))
        .await?;
    record.planned(&plan);
    Ok(Prepared { selection, release, observed, plan, recorded })
}

/// The identity of the subject; for a pull request whose author is not known, with the user in the names of its pipelines.
async fn identity(subject: &Subject, session: &Session) -> Result<Identity> {
    let identity = &subject.destination.identity;
    let Identity::Preview(preview) = identity else { return Ok(identity.clone()) };
    if preview.user != preview.key {
        return Ok(identity.clone());
    }
    let query = Query { folder: subject.folder(), names: Vec::new(), preview_user: Some(preview.key.clone()) };
    let observed = look(session, &subject.owner, query).await?;
    let mut users = observed.pipelines.iter().filter_map(|existing| {
        let workflow = existing.settings.owned(OwnershipKey::Workflow)?;
        subject.template.user_in(&subject.target.name, workflow, &existing.name)
    });
    let user = users.next().unwrap_or_else(|| preview.user.clone());
    Ok(Identity::Preview(Preview { user, ..preview.clone() }))
}

fn user_of(identity: &Identity) -> String {
    match identity {
        Identity::Shared => String::new(),
        Identity::Preview(preview) => preview.user.clone(),
    }
}
