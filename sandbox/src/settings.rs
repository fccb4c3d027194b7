//! What a sandbox is started with, and what can be changed while it runs.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::dressing::Dressing;

/// How a sandbox starts. The ports and the base path are fixed from then on.
#[derive(Debug, Clone, Default)]
pub struct Settings {
    /// Port of the Databricks side; 0 takes a free one.
    pub databricks_port: u16,
    /// Port of the GitHub side; 0 takes a free one.
    pub github_port: u16,
    /// Path before every GitHub route, such as `/api/v3` on GitHub Enterprise Server; empty on github.com.
    pub github_base_path: String,
    /// Where the behaviour starts, and what a reset returns to.
    pub behaviour: Behaviour,
}

/// Everything that `PUT /_sandbox/settings` can change.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Behaviour {
    /// Bearer tokens that the Databricks side accepts.
    pub databricks_tokens: Vec<String>,
    /// Tokens that the GitHub side accepts.
    pub github_tokens: Vec<String>,
    /// Who the Databricks tokens belong to.
    pub user: User,
    /// The workspace's number, sent as `X-Databricks-Org-Id`.
    pub workspace_id: u64,
    /// Whether the host serves several workspaces, of which this is one. A request to the API that does not name this one in
    /// `X-Databricks-Workspace-Id` is answered with a web page. (That header, and the page without it, are what the official
    /// clients were seen to send and to get; what another workspace's number gets is unverified.)
    pub serves_several: bool,
    /// Milliseconds before each request is handled.
    pub latency_ms: u64,
    /// How many listings of pipelines do not show a new pipeline yet.
    pub list_lag: u32,
    /// Status of the refusal of a name that is taken: 409, or 400 (both are in the test servers of the official CLI).
    pub taken_name_status: u16,
    /// Most rows in a page of pipelines, whatever was asked for; pages may be shorter than asked.
    pub page_limit: Option<usize>,
    /// How many `GET`s show a stopped pipeline as `STOPPING` before it is `IDLE`.
    pub stop_lag: u32,
    /// For how many more looks a deleted pipeline is still there, and its tables with it: a `GET` of it is one, and so is
    /// a refused deletion of the schema that they are in.
    pub delete_lag: u32,
    /// Ways in which a pipeline is shown otherwise than it was sent, one after the other.
    pub dressing: Vec<Dressing>,
    /// JSON pointer into the answer to a `GET` of a pipeline → what stands there whatever was sent, if anything does: a
    /// service that keeps its own value.
    pub keeps: BTreeMap<String, Value>,
    /// Most requests a second on the Databricks side; more are answered 429.
    pub requests_per_second: Option<u32>,
    /// Value of `Retry-After` (seconds) on those 429 answers; Databricks documents none.
    pub retry_after: Option<u32>,
    /// Requests an hour on the GitHub side; more are answered 403.
    pub github_rate_limit: u32,
    /// The author of what the GitHub token writes.
    pub author: Author,
    /// What the GitHub token may do; a name that is not here is `none`.
    pub permissions: BTreeMap<String, Permission>,
    /// The kind of the GitHub tokens, which decides how a refusal reads.
    pub github_token: Token,
    /// Whether what may not be read of a private repository is reported as missing (404) or refused (403). GitHub
    /// documents the first; reports of workflows whose token lacks a permission show the second as well.
    pub hides_private: bool,
}

impl Default for Behaviour {
    fn default() -> Self {
        let permissions =
            [("contents", Permission::Read), ("metadata", Permission::Read), ("pull-requests", Permission::Write)];
        Self {
            databricks_tokens: vec!["sandbox-token".into()],
            github_tokens: vec!["sandbox-token".into()],
            user: User::default(),
            workspace_id: 1_234_567_890_123_456,
            serves_several: false,
            latency_ms: 0,
            list_lag: 0,
            taken_name_status: 409,
            page_limit: None,
            stop_lag: 1,
            delete_lag: 0,
            dressing: Vec::new(),
            keeps: BTreeMap::new(),
            requests_per_second: None,
            retry_after: None,
            github_rate_limit: 1000,
            author: Author::default(),
            github_token: Token::default(),
            hides_private: true,
            permissions: permissions.map(|(name, level)| (name.to_owned(), level)).into(),
        }
    }
}

/// The caller on the Databricks side. For a service principal `user_name` is its application id (a UUID).
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct User {
    /// SCIM id, a number as text.
    pub id: String,
    /// `userName`: a mail address, or an application id.
    pub user_name: String,
    /// `displayName`: the human name.
    pub display_name: String,
}

impl Default for User {
    fn default() -> Self {
        Self {
            id: "7000000000000001".into(),
            user_name: "octocat@github.com".into(),
            display_name: "Mona Lisa Octocat".into(),
        }
    }
}

/// The author of what the GitHub token writes.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Author {
    /// Account name, with `[bot]` for an app.
    pub login: String,
    /// Account number.
    pub id: u64,
    /// `Bot` or `User`.
    #[serde(rename = "type")]
    pub kind: String,
    /// The app behind a bot; shown as `performed_via_github_app` and the reason why `GET /user` is refused.
    pub app: Option<String>,
}

impl Default for Author {
    /// The identity of a workflow's own token.
    fn default() -> Self {
        Self {
            login: "github-actions[bot]".into(),
            id: 41_898_282,
            kind: "Bot".into(),
            app: Some("github-actions".into()),
        }
    }
}

/// A kind of GitHub token.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Token {
    /// An app's, such as a workflow's own.
    #[default]
    Installation,
    /// A person's, with permissions of its own.
    FineGrained,
    /// A person's, with scopes: what they do not reach is reported as missing.
    Classic,
}

/// A level of one permission of a token.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Permission {
    /// Nothing.
    None,
    /// Reading.
    Read,
    /// Reading and writing.
    Write,
}
