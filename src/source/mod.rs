//! Texts of the checkout, locations in them, and paths that cannot leave it.
//!
//! Pure: files are read by `fs`, which returns [`Source`]s.

mod conflict;
mod files;
mod hash;
mod lfs;
mod path;
mod sha;
mod text;

pub use conflict::conflict_marker;
pub use files::{Absent, Files};
pub use hash::hash;
pub use lfs::is_lfs_pointer;
pub use path::{BadPath, RepoPath, is_hidden, is_incidental};
pub use sha::Sha;
pub use text::{Cursor, Location, Source, Sources, Span};
