//! Support for integration tests: real git repositories, the sandbox, and a runner that starts the real program.

mod canary;
mod cancel;
mod checkout;
mod commands;
mod container;
mod corpus;
mod document;
mod masked;
mod material;
mod page;
mod payload;
mod person;
mod repo;
mod runner;
mod stage;
mod tally;
mod tree;
mod wheel;
mod wire;

pub(crate) use canary::Canary;
pub(crate) use cancel::{Cancelled, ended, send};
pub(crate) use checkout::may_give_away;
pub(crate) use commands::{Command, parse_commands, parse_outputs};
pub(crate) use container::{Container, docker};
pub(crate) use corpus::{Case, Marker, corpus, hostile_texts, markers};
pub(crate) use document::{block, documents};
pub(crate) use masked::masked;
pub(crate) use material::material;
pub(crate) use page::{Page, acts, assert_ours};
pub(crate) use repo::Repo;
pub(crate) use runner::{Ran, Runner};
pub(crate) use stage::Stage;
pub(crate) use tally::tally;
pub(crate) use tree::Tree;
pub(crate) use wheel::{archive, wheel};
pub(crate) use wire::{Proxy, Tls};

/// The token that the sandbox accepts for Databricks; no output of the process may contain it.
pub(crate) const DATABRICKS_TOKEN: &str = "dapi0123456789abcdef0123456789canary";
/// The same for GitHub.
pub(crate) const GITHUB_TOKEN: &str = "ghs_canary0123456789abcdefghijklmnopqrstuv";
/// What actions/checkout keeps in the runner's folder for temporary files.
const CHECKOUT_TOKEN: &str = "eC1hY2Nlc3MtdG9rZW46Y2hlY2tvdXQtY2FuYXJ5";
/// Credentials of the job that every container action is handed.
const JOB_TOKENS: [(&str, &str); 6] = [
    ("ACTIONS_RUNTIME_URL", "https://pipelines.canary.invalid/runtime/"),
    ("ACTIONS_RUNTIME_TOKEN", "eyJhbGciOiJSUzI1NiJ9.eyJvcmNoIjoicnVudGltZSJ9.cnVudGltZS1jYW5hcnk"),
    ("ACTIONS_RESULTS_URL", "https://results.canary.invalid/"),
    ("ACTIONS_CACHE_URL", "https://cache.canary.invalid/"),
    ("ACTIONS_ID_TOKEN_REQUEST_URL", "https://token.canary.invalid/"),
    ("ACTIONS_ID_TOKEN_REQUEST_TOKEN", "eyJhbGciOiJSUzI1NiJ9.eyJvcmNoIjoib2lkYyJ9.b2lkYy1jYW5hcnk"),
];
