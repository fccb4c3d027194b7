//! Signing in to the workspace.

use std::sync::Arc;

use crate::app::context::{Context, Face};
use crate::app::record::Record;
use crate::app::session::Session;
use crate::databricks::{GivenToken, Refusal, Workspace};
use crate::diagnostic::{Error, Result};
use crate::project::Target;

use super::address::GivenAddress;

/// Finds address and token and asks the workspace whose token it is, so that what is wrong with either is reported before
/// anything is written; the session that is open already is used again.
pub(in crate::app) async fn sign_in(context: &Context, target: &Target, record: &mut Record) -> Result<Arc<Session>> {
    let given = GivenAddress::read(context)?.of_target(target)?;
    if let Some(session) = record.session().filter(|session| *session.workspace.address() == given.address) {
        return Ok(session);
    }
    let token = context.connection.token.clone().ok_or_else(|| {
        Error::input("no token for the workspace was given").hint(match context.face {
            Face::Action => "set `databricks-token`, or `DATABRICKS_TOKEN` in the step's `env:`, from a secret",
            Face::CommandLine => "set the environment variable `DATABRICKS_TOKEN`",
        })
    })?;
    let workspace = Workspace::new(context.http.clone(), given.address.clone(), Arc::new(GivenToken(token)));
    let me = workspace.me().await.map_err(|error| {
        let hint = (error.refusal() == Some(Refusal::NotAnApi)).then(|| given.when_no_workspace_answers(context.face));
        let error = error.ending_run(&format!("sign in to `{}`", workspace.address()));
        hint.into_iter().fold(error, Error::hint)
    })?;
    tracing::info!("signed in to `{}` as `{}`", workspace.address(), me.user_name);
    given.overruled().into_iter().for_each(|sentence| record.note("workspace-id", sentence));
    given
        .other_than(me.workspace_id.as_ref())
        .into_iter()
        .for_each(|sentence| record.note("other-workspace", sentence));
    let session = Arc::new(Session { workspace, me });
    record.signed_in(Arc::clone(&session));
    Ok(session)
}
