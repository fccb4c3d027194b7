//! Integration tests: one binary, a module a theme.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test fails by panicking")]
#![allow(clippy::disallowed_methods, reason = "tests are the outside world of the program")]

mod support;

mod architecture;
mod bad_input;
mod cases;
mod changes;
mod commands;
mod contract;
mod engine;
mod events;
mod github;
mod github_over_git;
mod hostile;
mod impacts;
mod incoming;
mod pull_request;
mod release;
mod release_content;
mod report;
mod routes;
mod serve;
mod shared;
mod specs;
mod unity;
