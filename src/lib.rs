//! dltflow: preview, deploy and retire Databricks declarative pipelines from pull requests, branches and tags.
//!
//! The modules stand in the order in which the data takes its way; a module uses only what stands before it.
//! `tests/it/architecture.rs` reads the sources and refuses anything else.

// The ground: text, places in it, what can be wrong with it.
pub mod source;
pub mod diagnostic;
pub mod secret;
pub mod host;
pub mod yaml;

// The shells: the only modules that touch the outside world. The services never see each other.
pub mod clock;
pub mod env;
pub mod fs;
pub mod git;
pub mod http;
pub mod databricks;
pub mod github;
pub mod local;

// The way: each stage takes the values of the stages before it and gives one of its own.
pub mod event;
pub mod project;
pub mod route;
pub mod change;
pub mod spec;
pub mod config;
pub mod python;
pub mod impact;
pub mod rules;
pub mod release;
pub mod desired;
pub mod observe;
pub mod plan;
pub mod deploy;
pub mod report;

// The face: what a run is told, and the one place that knows the whole sequence.
pub mod settings;
pub mod cli;
pub mod app;
