//! Service: a repository on GitHub over the REST API. It hands out the types below, never the API's own JSON shapes.

mod client;
pub mod comment;
mod error;
mod pulls;

pub use client::Client;
pub use error::Error;
pub use pulls::{ChangedFile, Comparison, Pull, Relation};
