//! The ground: texts of the checkout, places in them, and paths that cannot leave it.
//!
//! Pure: nothing here reads a file; `fs` does, and gives [`Source`]s.

mod hash;
mod path;
mod sha;
mod text;

pub use hash::hash;
pub use path::{BadPath, RepoPath};
pub use sha::Sha;
pub use text::{Cursor, Files, Location, Source, Sources, Span};
