//! Service: a Databricks workspace over its REST API. It hands out the types below, never the API's own JSON shapes.

mod client;
mod credentials;
mod error;
mod files;
mod pipelines;
mod schemas;

pub use client::{CurrentUser, Workspace};
pub use credentials::{Credentials, GivenToken};
pub use error::{ApiError, Refusal};
pub use files::{Object, ObjectKind};
pub use pipelines::{Listed, Pipeline};
pub use schemas::Properties;
