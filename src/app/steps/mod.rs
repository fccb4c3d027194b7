//! Steps that tasks share.

pub(super) mod address;
mod adopt;
pub(super) mod apply;
pub(super) mod confirm;
pub(super) mod deployment_record;
mod elsewhere;
pub(super) mod files;
pub(super) mod freshness;
mod leftovers;
pub(super) mod origin;
pub(super) mod prepare;
pub(super) mod preview;
mod prune;
mod project_files;
pub(super) mod projects;
pub(super) mod select;
pub(super) mod sign_in;
mod sparse;
mod specified;
mod standing;
mod template;
mod untouched;
pub(super) mod validate;

use crate::diagnostic::Result;
use crate::observe::{self, Observed, Query};
use crate::pipeline::ownership::Owner;

use super::session::Session;

/// Looks at what exists.
pub(super) async fn look(session: &Session, owner: &Owner, query: Query) -> Result<Observed> {
    observe::observe(&session.workspace, owner, &query).await.map_err(|error| error.ending_run("read what is deployed"))
}
