//! Shell: the environment of the process. Every variable that the program reads is named here.
#![expect(clippy::disallowed_methods, reason = "the one place that reads the environment")]

use std::collections::BTreeMap;
use std::path::PathBuf;

/// Commit of the run: the pushed tip, the tag's commit, or a pull request's test merge.
pub const GITHUB_SHA: &str = "GITHUB_SHA";
/// Name of the event, such as `pull_request`.
pub const GITHUB_EVENT_NAME: &str = "GITHUB_EVENT_NAME";
/// File with the event's payload.
pub const GITHUB_EVENT_PATH: &str = "GITHUB_EVENT_PATH";
/// Full ref of the run, such as `refs/heads/main`.
pub const GITHUB_REF: &str = "GITHUB_REF";
/// `branch` or `tag`.
pub const GITHUB_REF_TYPE: &str = "GITHUB_REF_TYPE";
/// `owner/name` of the repository.
pub const GITHUB_REPOSITORY: &str = "GITHUB_REPOSITORY";
/// Numeric id of the repository; names can be reused, ids cannot.
pub const GITHUB_REPOSITORY_ID: &str = "GITHUB_REPOSITORY_ID";
/// Login of who started the run.
pub const GITHUB_ACTOR: &str = "GITHUB_ACTOR";
/// Id of the run.
pub const GITHUB_RUN_ID: &str = "GITHUB_RUN_ID";
/// Attempt of the run, from 1.
pub const GITHUB_RUN_ATTEMPT: &str = "GITHUB_RUN_ATTEMPT";
/// Base URL of the REST API; GitHub Enterprise Server has a path in it.
pub const GITHUB_API_URL: &str = "GITHUB_API_URL";
/// Base URL of the web pages.
pub const GITHUB_SERVER_URL: &str = "GITHUB_SERVER_URL";
/// Folder of the job, which a repository is checked out into or below.
pub const GITHUB_WORKSPACE: &str = "GITHUB_WORKSPACE";
/// File that step outputs are appended to.
pub const GITHUB_OUTPUT: &str = "GITHUB_OUTPUT";
/// File that the step summary is appended to.
pub const GITHUB_STEP_SUMMARY: &str = "GITHUB_STEP_SUMMARY";
/// Folder for temporary files of the job.
pub const RUNNER_TEMP: &str = "RUNNER_TEMP";
/// `1` when debug logging is on.
pub const RUNNER_DEBUG: &str = "RUNNER_DEBUG";
/// URL of the workspace.
pub const DATABRICKS_HOST: &str = "DATABRICKS_HOST";
/// Id of the workspace, where the host serves several.
pub const DATABRICKS_WORKSPACE_ID: &str = "DATABRICKS_WORKSPACE_ID";
/// Personal access token, or any bearer token, for the workspace.
pub const DATABRICKS_TOKEN: &str = "DATABRICKS_TOKEN";
/// PEM file with additional certificate authorities.
pub const SSL_CERT_FILE: &str = "SSL_CERT_FILE";
/// Folders with programs.
pub const PATH: &str = "PATH";
/// The user's home folder.
pub const HOME: &str = "HOME";
/// Folder for caches; defaults to `.cache` in the home folder.
pub const XDG_CACHE_HOME: &str = "XDG_CACHE_HOME";
/// Folder for temporary files; defaults to `/tmp`.
pub const TMPDIR: &str = "TMPDIR";
/// Folder of the Java installation.
pub const JAVA_HOME: &str = "JAVA_HOME";
/// Folders with Python modules.
pub const PYTHONPATH: &str = "PYTHONPATH";
/// Set by people who want no colours.
pub const NO_COLOR: &str = "NO_COLOR";
/// Kind of the terminal.
pub const TERM: &str = "TERM";

const NAMES: &[&str] = &[
    GITHUB_SHA,
    GITHUB_EVENT_NAME,
    GITHUB_EVENT_PATH,
    GITHUB_REF,
    GITHUB_REF_TYPE,
    GITHUB_REPOSITORY,
    GITHUB_REPOSITORY_ID,
    GITHUB_ACTOR,
    GITHUB_RUN_ID,
    GITHUB_RUN_ATTEMPT,
    GITHUB_API_URL,
    GITHUB_SERVER_URL,
    GITHUB_WORKSPACE,
    GITHUB_OUTPUT,
    GITHUB_STEP_SUMMARY,
    RUNNER_TEMP,
    RUNNER_DEBUG,
    DATABRICKS_HOST,
    DATABRICKS_WORKSPACE_ID,
    DATABRICKS_TOKEN,
    SSL_CERT_FILE,
    PATH,
    HOME,
    XDG_CACHE_HOME,
    TMPDIR,
    JAVA_HOME,
    PYTHONPATH,
    NO_COLOR,
    TERM,
];

/// The environment variables that the program uses, read once; empty ones count as unset.
#[derive(Clone, Default)]
pub struct Env(BTreeMap<String, String>);

impl Env {
    /// Reads the variables named in this module, and inputs.
    pub fn read() -> Self {
        let is_used = |name: &str| NAMES.contains(&name) || name.starts_with("INPUT_");
        let texts =
            std::env::vars_os().filter_map(|(name, value)| Some((name.into_string().ok()?, value.into_string().ok()?)));
        Self(texts.filter(|(name, value)| is_used(name) && !value.trim().is_empty()).collect())
    }

    /// The value of `name`, one of this module's constants.
    pub fn get(&self, name: &str) -> Option<&str> {
        self.0.get(name).map(String::as_str)
    }

    /// The value of the input `id`, trimmed: the runner sets `INPUT_` and the id in upper case, hyphens kept.
    pub fn input(&self, id: &str) -> Option<&str> {
        self.get(&format!("INPUT_{}", id.to_uppercase())).map(str::trim)
    }
}

/// The current working directory.
pub fn current_folder() -> std::io::Result<PathBuf> {
    std::env::current_dir()
}
