//! The inputs of the action, and how either face reaches the workspace: read, checked and typed.

use std::fmt;
use std::time::Duration;

use crate::desired::Template;
use crate::diagnostic::{Error, Result, Severity};
use crate::env::{self, Env};
use crate::pipeline::Adopt;
use crate::plan::Allowed;
use crate::route::RouteOptions;
use crate::secret::{Secret, Secrets};

/// An input of the action: its id, its default, and what it means. `action.yml` and README say the same.
#[derive(Clone, Copy, Debug)]
pub struct ActionInput {
    /// Its name under `with:`.
    pub id: &'static str,
    /// Its default, as in `action.yml`.
    pub default: &'static str,
}

const fn input(id: &'static str, default: &'static str) -> ActionInput {
    ActionInput { id, default }
}

/// All inputs of the action.
pub const INPUTS: &[ActionInput] = &[
    input("mode", "auto"),
    input("environments", ""),
    input("environment", ""),
    input("working-directory", "."),
    input("workflows", ""),
    input("all", "false"),
    input("as-individual", "auto"),
    input("preview-name", "[{environment}_{user}] {name}"),
    input("on-close", "destroy"),
    input("prune", "report"),
    input("timeout", "30m"),
    input("comment", "auto"),
    input("fail-on", "error"),
    input("allow-recreate", "false"),
    input("drop-tables", "false"),
    input("confirm", "false"),
    input("github-token", "${{ github.token }}"),
    input("databricks-host", ""),
    input("databricks-workspace-id", ""),
    input("databricks-token", ""),
    input("adopt", ""),
];

/// The inputs of the action.
#[derive(Clone, Debug)]
pub struct Inputs {
    /// What determines the route.
    pub route: RouteOptions,
    /// Folder of `dltflow.yml`, relative to the checkout.
    pub working_directory: String,
    /// Globs of spec files, relative to the folder of `dltflow.yml`; empty for the project's own folder of specs.
    pub workflows: Vec<String>,
    /// How previews are named.
    pub preview_name: Template,
    /// How long the run may take.
    pub timeout: Duration,
    /// Whether a pull request gets a comment.
    pub comment: bool,
    /// The least severe finding that fails the run.
    pub fail_on: Severity,
    /// What plans may contain.
    pub allowed: Allowed,
    /// Pipelines that a deployment takes over.
    pub adopt: Vec<Adopt>,
    /// Token for the GitHub API.
    pub github_token: Option<Secret>,
    /// How the workspace is reached.
    pub connection: Connection,
}

/// Address and credentials of the workspace, from a trusted place.
#[derive(Clone, Debug)]
pub struct Connection {
    /// Its address.
    pub host: Option<String>,
    /// Which workspace of the host, where it serves several.
    pub workspace_id: Option<GivenId>,
    /// Personal access token, or any bearer token.
    pub token: Option<Secret>,
}

/// The id of a workspace as it was given.
#[derive(Clone, Debug)]
pub struct GivenId {
    /// The text.
    pub text: String,
    /// The input or variable that it comes from.
    pub from: &'static str,
}

impl Inputs {
    /// Reads the inputs, with address and token of the workspace from the environment if no input gives them.
    ///
    /// # Errors
    /// Kind `Input`, naming the input as it is written under `with:`.
    pub fn read(env: &Env, secrets: &Secrets) -> Result<Self> {
        Ok(Self {
            route: RouteOptions {
                mode: read(env, "mode")?,
                environment: text(env, "environment"),
                environments: text(env, "environments"),
                as_individual: read(env, "as-individual")?,
                user: None,
                on_close: read(env, "on-close")?,
                all: flag(env, "all")?,
                confirm: flag(env, "confirm")?,
            },
            working_directory: text(env, "working-directory").unwrap_or_else(|| ".".to_owned()),
            workflows: lines(env, "workflows"),
            preview_name: env
                .input("preview-name")
                .map_or(Ok(Template::default()), Template::parse)
                .map_err(|bad| wrong("preview-name", bad))?,
            timeout: env.input("timeout").map_or(Ok(TIMEOUT), duration).map_err(|bad| wrong("timeout", bad))?,
            comment: one_of(env, "comment", &[("auto", true), ("never", false)])?,
            fail_on: one_of(env, "fail-on", &[("error", Severity::Error), ("warning", Severity::Warning)])?,
            allowed: Allowed {
                recreate: flag(env, "allow-recreate")?,
                prune: read(env, "prune")?,
                drop_tables: flag(env, "drop-tables")?,
            },
            adopt: adopt(env)?,
            github_token: secret_input(env, "github-token", secrets)?,
            connection: Connection {
                host: text(env, "databricks-host").or_else(|| env.get(env::DATABRICKS_HOST).map(str::to_owned)),
                workspace_id: text(env, WORKSPACE_ID)
                    .map(|text| GivenId { text, from: WORKSPACE_ID })
                    .or_else(|| id_of_environment(env)),
                token: match secret_input(env, "databricks-token", secrets)? {
                    Some(token) => Some(token),
                    None => token_of_environment(env, secrets)?,
                },
            },
        })
    }
}

impl Connection {
    /// Reads the environment alone, as the command line does.
    ///
    /// # Errors
    /// Kind `Input` for a token that no header can carry.
    pub fn of_environment(env: &Env, secrets: &Secrets) -> Result<Self> {
        let host = env.get(env::DATABRICKS_HOST).map(str::to_owned);
        Ok(Self { host, workspace_id: id_of_environment(env), token: token_of_environment(env, secrets)? })
    }
}

/// The default time limit of a run.
pub const TIMEOUT: Duration = Duration::from_mins(30);
const LONGEST_TIMEOUT: Duration = Duration::from_hours(24);

/// Reads a length of time between a second and a day: `90s`, `30m`, `2h`, `1h 30m`.
pub fn duration(text: &str) -> Result<Duration, String> {
    let parsed = humantime::parse_duration(text)
        .map_err(|_| format!("`{text}` is not a valid duration: write `90s`, `30m` or `2h`"))?;
    if (Duration::from_secs(1)..=LONGEST_TIMEOUT).contains(&parsed) {
        Ok(parsed)
    } else {
        Err(format!("`{text}` is not between a second and a day"))
    }
}

/// What is wrong with a token, whichever way it came.
const BAD_TOKEN: &str = "it contains characters that no token has (is it more than one line, or not ASCII?)";

const WORKSPACE_ID: &str = "databricks-workspace-id";

fn id_of_environment(env: &Env) -> Option<GivenId> {
    let text = env.get(env::DATABRICKS_WORKSPACE_ID)?.to_owned();
    Some(GivenId { text, from: env::DATABRICKS_WORKSPACE_ID })
}

fn token_of_environment(env: &Env, secrets: &Secrets) -> Result<Option<Secret>> {
    let admit = |text| {
        secrets.admit(text).ok_or_else(|| {
            Error::input(format!("`{}`: {BAD_TOKEN}", env::DATABRICKS_TOKEN))
                .hint(format!("set the environment variable `{}` to the token alone", env::DATABRICKS_TOKEN))
        })
    };
    env.get(env::DATABRICKS_TOKEN).map(admit).transpose()
}

fn secret_input(env: &Env, id: &'static str, secrets: &Secrets) -> Result<Option<Secret>> {
    env.input(id).map(|text| secrets.admit(text).ok_or_else(|| wrong(id, BAD_TOKEN))).transpose()
}

fn wrong(name: &str, what: impl fmt::Display) -> Error {
    let default = INPUTS.iter().find(|input| input.id == name).map_or("", |input| input.default);
    let otherwise = if default.is_empty() { String::new() } else { format!(", or leave it out for `{default}`") };
    Error::input(format!("`{name}`: {what}")).hint(format!("correct `{name}` in the workflow file{otherwise}"))
}

fn text(env: &Env, id: &str) -> Option<String> {
    env.input(id).map(str::to_owned)
}

fn lines(env: &Env, id: &str) -> Vec<String> {
    let lines = env.input(id).unwrap_or_default().lines().map(str::trim);
    lines.filter(|line| !line.is_empty()).map(str::to_owned).collect()
}

fn adopt(env: &Env) -> Result<Vec<Adopt>> {
    let lines = lines(env, "adopt").into_iter();
    lines.map(|line| line.parse().map_err(|bad| wrong("adopt", format!("`{line}` {bad}")))).collect()
}

fn read<T: Default + std::str::FromStr<Err: fmt::Display>>(env: &Env, id: &str) -> Result<T> {
    env.input(id).map_or(Ok(T::default()), str::parse).map_err(|bad| wrong(id, bad))
}

fn flag(env: &Env, id: &str) -> Result<bool> {
    one_of(
        env,
        id,
        &[("false", false), ("true", true), ("False", false), ("True", true), ("FALSE", false), ("TRUE", true)],
    )
}

/// The choice that the input names; the first if it is not given.
fn one_of<T: Copy>(env: &Env, id: &str, choices: &[(&str, T)]) -> Result<T> {
    let text = env.input(id).unwrap_or(choices[0].0);
    let words = || choices.iter().map(|(word, _)| format!("`{word}`")).collect::<Vec<_>>().join(", ");
    let found = choices.iter().find(|(word, _)| *word == text).map(|(_, value)| *value);
    found.ok_or_else(|| wrong(id, format!("`{text}` is not one of {}", words())))
}

#[cfg(test)]
mod tests {
    use super::{Duration, duration};

    #[test]
    fn durations_carry_a_unit_and_have_bounds() {
        for (text, seconds) in [("90s", 90), ("30m", 1800), ("2h", 7200), ("1h 30m", 5400), ("1d", 86_400)] {
            assert_eq!(duration(text), Ok(Duration::from_secs(seconds)), "{text}");
        }
        for bad in ["30", "m", "500ms", "0s", "25h", "2d", "99999999999999999999h", "-1m", ""] {
            assert!(duration(bad).is_err(), "{bad}");
        }
    }
}
