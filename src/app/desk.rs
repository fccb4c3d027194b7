//! The workspace that a run works at: address, token, and who the token belongs to.

use crate::databricks::{Identity, Workspace};
use crate::diagnostic::{Error, Result};
use crate::host::Host;
use crate::http::Http;
use crate::project::Target;
use crate::settings::Settings;

/// A workspace that has answered.
pub(super) struct Desk {
    /// The workspace.
    pub(super) workspace: Workspace,
    /// Who the token belongs to.
    pub(super) me: Identity,
}

impl Desk {
    /// Finds address and token and asks the workspace who the token belongs to, so that what is wrong with either is
    /// told before anything is written.
    pub(super) async fn open(http: &Http, settings: &Settings, target: &Target) -> Result<Self> {
        let host = trusted_host(settings, target)?;
        let token = settings.databricks_token.clone().ok_or_else(|| {
            Error::input("there is no token for the workspace")
                .hint("set `DATABRICKS_TOKEN`; in a workflow from a secret, in the step's `env:` or as the input `databricks-token`")
        })?;
        let workspace = Workspace::new(http.clone(), host, token);
        let me =
            workspace.me().await.map_err(|error| error.ending_run(&format!("sign in to `{}`", workspace.host())))?;
        Ok(Self { workspace, me })
    }

    /// The page of a pipeline.
    pub(super) fn page(&self, pipeline: &str) -> String {
        self.workspace.page(pipeline, self.me.workspace_id.as_deref())
    }
}

/// The address from the input or the environment. A file of the repository cannot name another one: with a pull request
/// it could collect the token.
fn trusted_host(settings: &Settings, target: &Target) -> Result<Host> {
    let given = settings.databricks_host.as_deref().ok_or_else(|| {
        Error::input("the address of the workspace is not known")
            .hint("set `DATABRICKS_HOST`; in a workflow in the step's `env:` or as the input `databricks-host`. `dltflow.yml` alone is not trusted with it")
    })?;
    let host = Host::pasted(given).map_err(|bad| {
        Error::input(format!("`DATABRICKS_HOST` {bad}"))
            .hint("copy it from the browser while the workspace is open, up to the first `/` after the name")
    })?;
    match &target.host {
        Some(named) if *named != host => Err(Error::input(format!(
            "the target `{}` names the host `{named}`, but `DATABRICKS_HOST` is `{host}`",
            target.name
        ))
        .hint("make `workspace.host` in `dltflow.yml` and `DATABRICKS_HOST` the same; nothing was sent to either")),
        _ => Ok(host),
    }
}
