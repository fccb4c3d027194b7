//! dltflow: preview, deploy and destroy Databricks declarative pipelines from pull requests, branches and tags.
//!
//! The modules are listed in the order in which the data passes them; a module uses only those above it.
//! `tests/it/architecture.rs` reads the sources and refuses anything else.

// The ground: values that know nothing of a run, and what can be wrong with them.
pub mod source;
pub mod diagnostic;
pub mod secret;
pub mod host;
pub mod pipeline;
pub mod yaml;
pub mod schema;
pub mod ref_filter;
pub mod quartz;

// The shells: the only modules that touch the outside world. The services never see each other.
pub mod clock;
pub mod signals;
pub mod env;
pub mod fs;
pub mod git;
pub mod http;
pub mod databricks;
pub mod github;
pub mod local;

// The stages: each takes the values of those before it and returns one of its own.
pub mod event;
pub mod project;
pub mod route;
pub mod change;
pub mod spec;
pub mod config;
pub mod python;
pub mod codebase;
pub mod impact;
pub mod rules;
pub mod release;
pub mod desired;
pub mod observe;
pub mod plan;
pub mod deploy;
pub mod report;

// The face: inputs, command line, the files of a new project, and the one module that knows the whole sequence.
pub mod inputs;
pub mod scaffold;
pub mod cli;
pub mod app;
