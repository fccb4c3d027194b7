//! The Databricks workspace: pipelines, workspace objects, schemas, the caller.
//!
//! `state` and what it holds (`pipeline`, `catalog`, `tree`) know of no request; handlers work on them, `routes` leads to
//! the handlers.

mod catalog;
mod fields;
mod identity;
pub(crate) mod limits;
mod listing;
mod objects;
mod pipeline;
mod pipelines;
pub(crate) mod replies;
mod request;
pub(crate) mod routes;
mod rules;
pub(crate) mod state;
mod tree;
mod unity;
mod updates;
