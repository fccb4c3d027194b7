//! Signing in to the workspace.

use std::sync::Arc;

use crate::app::context::{Context, Face};
use crate::app::record::Record;
use crate::app::session::Session;
use crate::databricks::{GivenToken, Workspace};
use crate::diagnostic::{Error, Result};
use crate::host::Host;
use crate::project::Target;

/// Finds address and token and asks the workspace whose token it is, so that what is wrong with either is reported before
/// anything is written; the session that is open already is used again.
pub(in crate::app) async fn sign_in(context: &Context, target: &Target, record: &mut Record) -> Result<Arc<Session>> {
    let host = trusted_host(context, target)?;
    if let Some(session) = record.session().filter(|session| *session.workspace.host() == host) {
        return Ok(session);
    }
    let token = context.connection.token.clone().ok_or_else(|| {
        Error::input("no token for the workspace was given").hint(match context.face {
            Face::Action => "set `databricks-token`, or `DATABRICKS_TOKEN` in the step's `env:`, from a secret",
            Face::CommandLine => "set the environment variable `DATABRICKS_TOKEN`",
        })
    })?;
    let workspace = Workspace::new(context.http.clone(), host, Arc::new(GivenToken(token)));
    let me = workspace.me().await.map_err(|error| error.ending_run(&format!("sign in to `{}`", workspace.host())))?;
    tracing::info!("signed in to `{}` as `{}`", workspace.host(), me.user_name);
    let session = Arc::new(Session { workspace, me });
    record.signed_in(Arc::clone(&session));
    Ok(session)
}

/// The address from the input or the environment. A file of the repository cannot name another one: with a pull request
/// it could collect the token.
pub(in crate::app) fn given_host(context: &Context) -> Result<Host> {
    let given = context.connection.host.as_deref().ok_or_else(|| {
        Error::input("no address of the workspace was given").hint(match context.face {
            Face::Action => {
                "set `databricks-host`, or `DATABRICKS_HOST` in the step's `env:`; `dltflow.yml` alone is not trusted with it"
            }
            Face::CommandLine => {
                "set the environment variable `DATABRICKS_HOST`; `dltflow.yml` alone is not trusted with it"
            }
        })
    })?;
    Host::pasted(given).map_err(|bad| {
        Error::input(format!("`DATABRICKS_HOST` {bad}"))
            .hint("copy it from the browser while the workspace is open, up to the first `/` after the name")
    })
}

/// That address, unless the target names another one.
fn trusted_host(context: &Context, target: &Target) -> Result<Host> {
    let host = given_host(context)?;
    match &target.host {
        Some(named) if *named != host => Err(Error::input(format!(
            "the target `{}` names the host `{named}`, but `DATABRICKS_HOST` is `{host}`",
            target.name
        ))
        .hint("make `workspace.host` in `dltflow.yml` and `DATABRICKS_HOST` the same; nothing was sent to either")),
        _ => Ok(host),
    }
}
