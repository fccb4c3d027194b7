//! What a run was told: the action's inputs, or the flags of the command line, read, checked and typed.

use std::fmt;
use std::time::Duration;

use crate::desired::Template;
use crate::diagnostic::{Error, Result, Severity};
use crate::env::{self, Env};
use crate::route::Options;
use crate::secret::Secret;

/// An input of the action: its id, its default, and what it means. `action.yml` and README say the same.
#[derive(Clone, Copy, Debug)]
pub struct Input {
    /// As it stands under `with:`.
    pub id: &'static str,
    /// What counts where it is not given, as `action.yml` has it.
    pub default: &'static str,
}

const fn input(id: &'static str, default: &'static str) -> Input {
    Input { id, default }
}

/// All inputs of the action.
pub const INPUTS: &[Input] = &[
    input("mode", "auto"),
    input("environments", ""),
    input("environment", ""),
    input("working-directory", "."),
    input("workflows", ""),
    input("all", "false"),
    input("as-individual", "auto"),
    input("preview-name", "[{environment}_{user}] {name}"),
    input("on-close", "destroy"),
    input("timeout", "30m"),
    input("comment", "auto"),
    input("fail-on", "error"),
    input("allow-recreate", "false"),
    input("github-token", "${{ github.token }}"),
    input("databricks-host", ""),
    input("databricks-token", ""),
];

/// What a run was told.
#[derive(Clone, Debug)]
pub struct Settings {
    /// What takes part in the route.
    pub route: Options,
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
    /// The lightest finding that fails the run.
    pub fail_on: Severity,
    /// Whether a pipeline may be dropped and made anew.
    pub allow_recreate: bool,
    /// Token for the GitHub API.
    pub github_token: Option<Secret>,
    /// Address of the workspace, from a trusted place.
    pub databricks_host: Option<String>,
    /// Token for the workspace.
    pub databricks_token: Option<Secret>,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            route: Options::default(),
            working_directory: ".".to_owned(),
            workflows: Vec::new(),
            preview_name: Template::default(),
            timeout: Duration::from_mins(30),
            comment: true,
            fail_on: Severity::Error,
            allow_recreate: false,
            github_token: None,
            databricks_host: None,
            databricks_token: None,
        }
    }
}

impl Settings {
    /// The action's inputs, with the workspace's address and token from the environment where no input gives them.
    ///
    /// # Errors
    /// Kind `Input`, naming the input as it stands under `with:`.
    pub fn from_inputs(env: &Env) -> Result<Self> {
        Ok(Self {
            route: Options {
                mode: read(env, "mode")?,
                environment: text(env, "environment"),
                environments: text(env, "environments"),
                as_individual: read(env, "as-individual")?,
                user: None,
                on_close: read(env, "on-close")?,
                all: flag(env, "all")?,
            },
            working_directory: text(env, "working-directory").unwrap_or_else(|| ".".to_owned()),
            workflows: lines(env, "workflows"),
            preview_name: env
                .input("preview-name")
                .map_or(Ok(Template::default()), Template::parse)
                .map_err(|bad| wrong("preview-name", bad))?,
            timeout: env
                .input("timeout")
                .map_or(Ok(Duration::from_mins(30)), duration)
                .map_err(|bad| wrong("timeout", bad))?,
            comment: one_of(env, "comment", &[("auto", true), ("never", false)])?,
            fail_on: one_of(env, "fail-on", &[("error", Severity::Error), ("warning", Severity::Warning)])?,
            allow_recreate: flag(env, "allow-recreate")?,
            github_token: env.input("github-token").map(|text| secret("github-token", text)).transpose()?,
            databricks_host: text(env, "databricks-host").or_else(|| env.get(env::DATABRICKS_HOST).map(str::to_owned)),
            databricks_token: databricks_token(env)?,
        })
    }

    /// The same, from the environment alone: what a command finds before its flags are read.
    pub fn from_environment(env: &Env) -> Result<Self> {
        let databricks_host = env.get(env::DATABRICKS_HOST).map(str::to_owned);
        Ok(Self { databricks_host, databricks_token: databricks_token(env)?, comment: false, ..Self::default() })
    }

    /// The secrets among them, for masks and redaction.
    pub fn secrets(&self) -> impl Iterator<Item = &Secret> {
        [&self.github_token, &self.databricks_token].into_iter().flatten()
    }
}

/// Reads a length of time: `90s`, `30m`, `2h`.
pub fn duration(text: &str) -> Result<Duration, String> {
    let bad = || format!("`{text}` is no length of time: write `90s`, `30m` or `2h`");
    let (digits, unit) = text.split_at(text.find(|c: char| !c.is_ascii_digit()).ok_or_else(bad)?);
    let factor = match unit.trim() {
        "s" => 1,
        "m" => 60,
        "h" => 3600,
        _ => return Err(bad()),
    };
    let seconds = digits.parse::<u64>().ok().and_then(|number| number.checked_mul(factor));
    seconds
        .filter(|seconds| (1..=24 * 3600).contains(seconds))
        .map(Duration::from_secs)
        .ok_or_else(|| format!("`{text}` is not between a second and a day"))
}

fn databricks_token(env: &Env) -> Result<Option<Secret>> {
    let given = env.input("databricks-token").map(|text| ("databricks-token", text));
    let given = given.or_else(|| env.get(env::DATABRICKS_TOKEN).map(|text| (env::DATABRICKS_TOKEN, text)));
    given.map(|(name, text)| secret(name, text)).transpose()
}

fn secret(name: &'static str, text: &str) -> Result<Secret> {
    Secret::new(text)
        .ok_or_else(|| wrong(name, "it holds characters that no token has (is it two lines, or not ASCII?)"))
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

/// The choice that the input names; the first where it is not given.
fn one_of<T: Copy>(env: &Env, id: &str, choices: &[(&str, T)]) -> Result<T> {
    let text = env.input(id).unwrap_or(choices[0].0);
    let words = || choices.iter().map(|(word, _)| format!("`{word}`")).collect::<Vec<_>>().join(", ");
    let found = choices.iter().find(|(word, _)| *word == text).map(|(_, value)| *value);
    found.ok_or_else(|| wrong(id, format!("`{text}` is none of {}", words())))
}

#[cfg(test)]
mod tests {
    use super::{Duration, duration};

    #[test]
    fn lengths_of_time_carry_a_unit() {
        for (text, wanted) in [("90s", Some(90)), ("30m", Some(1800)), ("2h", Some(7200))] {
            assert_eq!(duration(text).ok(), wanted.map(Duration::from_secs));
        }
        for bad in ["30", "m", "1d", "0s", "25h", "99999999999999999999h", "-1m"] {
            assert!(duration(bad).is_err(), "{bad}");
        }
    }
}
