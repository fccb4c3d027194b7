//! Service: a repository on GitHub, through the REST API. Callers see the types below, never the JSON of the API.

mod client;
pub mod comment;
mod error;
mod pulls;

pub use client::Client;
pub use error::Error;
pub use pulls::{ChangedFile, Comparison, Pull, Relation};
