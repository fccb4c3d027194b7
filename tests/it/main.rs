//! Integration tests: one binary, a module a theme.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test fails by panicking")]
#![allow(clippy::disallowed_methods, reason = "tests are the outside world of the program")]

mod support;

mod adopt;
mod architecture;
mod bad_input;
mod bug;
mod cases;
mod changes;
mod commands;
mod compared;
mod container;
mod convergence;
mod comments;
mod configurations;
mod contract;
mod credentials;
mod corpora;
mod cycles;
mod deployment_record;
mod doubt;
mod engine;
mod enterprise;
mod events;
mod github;
mod github_over_git;
mod hostile;
mod identity;
mod impacts;
mod leftovers;
mod incoming;
mod lives;
mod local;
mod named_files;
mod permissions;
mod pull_request;
mod refusals;
mod release;
mod release_content;
mod renamed;
mod report;
mod routes;
mod samples;
mod serve;
mod shared;
mod situations;
mod specs;
mod stages;
mod stop;
mod strangers;
mod sweep;
mod unity;
mod upgrade;
mod whole_project;
