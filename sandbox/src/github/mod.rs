//! The GitHub API over repositories that lie on disk: comments, pull requests, comparisons, references.
//!
//! `state` and `repository` know of no request; handlers work on them, `routes` leads to the handlers.

mod access;
mod comments;
mod commits;
mod diff;
mod git;
pub(crate) mod limits;
mod mention;
mod paging;
mod pulls;
mod refs;
pub(crate) mod replies;
mod repository;
pub(crate) mod routes;
pub(crate) mod state;
mod users;
