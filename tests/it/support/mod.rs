//! What integration tests stand on: real git repositories, the sandbox, and a runner that starts the real program.

mod canary;
mod commands;
mod corpus;
mod document;
mod masked;
mod page;
mod payload;
mod repo;
mod runner;
mod stage;
mod tally;
mod tree;

pub(crate) use canary::Canary;
pub(crate) use commands::{Command, parse_commands, parse_outputs};
pub(crate) use corpus::{Case, Marker, corpus, hostile_texts, markers};
pub(crate) use document::{block, document};
pub(crate) use masked::masked;
pub(crate) use page::{Page, acts, assert_ours};
pub(crate) use repo::Repo;
pub(crate) use runner::{Ran, Runner};
pub(crate) use stage::Stage;
pub(crate) use tally::tally;

/// The token that the sandbox's Databricks side is told to accept; nothing that leaves the process may contain it.
pub(crate) const DATABRICKS_TOKEN: &str = "dapi0123456789abcdef0123456789canary";
/// The same for the GitHub side.
pub(crate) const GITHUB_TOKEN: &str = "ghs_canary0123456789abcdefghijklmnopqrstuv";
