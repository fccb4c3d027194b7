//! The ground: texts of the checkout, places in them, and paths that cannot leave it.
//!
//! Pure: nothing here reads a file; `fs` does, and gives [`Source`]s.

mod path;
mod text;

pub use path::{BadPath, RepoPath};
pub use text::{Cursor, Files, Location, Source, Sources, Span};
