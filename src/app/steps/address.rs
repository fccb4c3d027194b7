//! Which workspace is reached: its host, and its id where the host serves several.

use crate::app::context::{Context, Face};
use crate::diagnostic::{Error, Result};
use crate::env::{DATABRICKS_HOST, DATABRICKS_WORKSPACE_ID};
use crate::host::{Address, BadHost, WorkspaceId};
use crate::inputs::GivenId;
use crate::project::Target;

/// The address from inputs and environment. A file of the repository cannot name another one: with a pull request it could
/// collect the token.
pub(in crate::app) struct GivenAddress {
    pub(in crate::app) address: Address,
    /// What names the workspace, where anything does.
    from: &'static str,
    /// The workspace that the host names, where the input or variable names another one, which counts.
    overruled: Option<WorkspaceId>,
}

impl GivenAddress {
    /// Reads it: the id from the input, else from the variable, else from the query of the host.
    pub(in crate::app) fn read(context: &Context) -> Result<Self> {
        let given = context.connection.host.as_deref().ok_or_else(|| no_host(context.face))?;
        let Address { host, workspace: named } = Address::pasted(given).map_err(|bad| bad_host(&bad))?;
        let by_itself = context.connection.workspace_id.as_ref().map(read_id).transpose()?.flatten();
        let (workspace, from) = match by_itself {
            Some((id, from)) => (Some(id), from),
            None => (named.clone(), DATABRICKS_HOST),
        };
        let overruled = named.filter(|named| workspace.as_ref() != Some(named));
        Ok(Self { address: Address { host, workspace }, from, overruled })
    }

    /// The address with the workspace that `target` names, where nothing else names one.
    pub(in crate::app) fn of_target(self, target: &Target) -> Result<Self> {
        let Some(named) = &target.address else { return Ok(self) };
        if let Some(given) = self.elsewhere(target) {
            let given_by = if named.host == self.address.host { self.from } else { DATABRICKS_HOST };
            return Err(Error::input(format!("the target `{}` names the host `{named}`, but {given}", target.name))
                .hint(format!(
                    "make `workspace.host` in `dltflow.yml` and `{given_by}` the same; nothing was sent to either"
                )));
        }
        match &named.workspace {
            Some(_) if self.address.workspace.is_none() => {
                Ok(Self { address: named.clone(), from: "dltflow.yml", ..self })
            }
            _ => Ok(self),
        }
    }

    /// What was given, if the target's address is another one.
    pub(in crate::app) fn elsewhere(&self, target: &Target) -> Option<String> {
        let (named, given) = (target.address.as_ref()?, &self.address);
        if named.host != given.host {
            return Some(format!("`{DATABRICKS_HOST}` is `{}`", given.host));
        }
        let (_, given) =
            named.workspace.as_ref().zip(given.workspace.as_ref()).filter(|(named, given)| named != given)?;
        Some(format!("`{}` names the workspace `{given}`", self.from))
    }

    /// A sentence about the workspace that does not count, where two are named.
    pub(super) fn overruled(&self) -> Option<String> {
        let (id, other) = self.address.workspace.as_ref().zip(self.overruled.as_ref())?;
        Some(format!(
            "the workspace is `{id}`, from `{}`; `?o={other}` in `{DATABRICKS_HOST}` does not count",
            self.from
        ))
    }

    /// A sentence about the workspace that `answered`, where it is not the one that was asked for.
    pub(super) fn other_than(&self, answered: Option<&WorkspaceId>) -> Option<String> {
        let (asked, answered) = self.address.workspace.as_ref().zip(answered).filter(|(asked, it)| asked != it)?;
        Some(format!("the workspace `{answered}` answered, but `{}` names `{asked}`; correct it", self.from))
    }

    /// What to do where the host answers as no workspace does.
    pub(super) fn when_no_workspace_answers(&self, face: Face) -> String {
        match (&self.address.workspace, face) {
            (Some(id), _) => {
                format!("check that the workspace `{id}`, from `{}`, is one of this host", self.from)
            }
            (None, Face::Action) => format!("{SEVERAL}: set `databricks-workspace-id` {NUMBER}"),
            (None, Face::CommandLine) => {
                format!("{SEVERAL}: set the environment variable `{DATABRICKS_WORKSPACE_ID}` {NUMBER}")
            }
        }
    }
}

const SEVERAL: &str = "if the host serves several workspaces, the id of one is missing";
const NUMBER: &str = "to the number after `?o=` in the browser's address";

fn read_id(given: &GivenId) -> Result<Option<(WorkspaceId, &'static str)>> {
    // The text is not repeated, as it may be a secret in the wrong place.
    let id = WorkspaceId::given(&given.text).map_err(|bad| {
        Error::input(format!("`{}` {bad}", given.from))
            .hint(format!("set it {NUMBER} while the workspace is open, or leave it out"))
    })?;
    Ok(id.map(|id| (id, given.from)))
}

fn no_host(face: Face) -> Error {
    Error::input("no address of the workspace was given").hint(match face {
        Face::Action => {
            "set `databricks-host`, or `DATABRICKS_HOST` in the step's `env:`; `dltflow.yml` alone is not trusted with it"
        }
        Face::CommandLine => {
            "set the environment variable `DATABRICKS_HOST`; `dltflow.yml` alone is not trusted with it"
        }
    })
}

fn bad_host(bad: &BadHost) -> Error {
    Error::input(format!("`{DATABRICKS_HOST}` {bad}"))
        .hint("copy it from the browser while the workspace is open, up to the first `/` after the name")
}
