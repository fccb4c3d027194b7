//! Texts of the checkout, locations in them, and paths that cannot leave it.
//!
//! Pure: files are read by `fs`, which returns [`Source`]s.

mod conflict;
mod hash;
mod path;
mod sha;
mod text;

pub use conflict::conflict_marker;
pub use hash::hash;
pub use path::{BadPath, RepoPath, is_hidden};
pub use sha::Sha;
pub use text::{Cursor, Files, Location, Source, Sources, Span};
