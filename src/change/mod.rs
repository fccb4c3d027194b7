//! What changed between two commits: from the GitHub API in the action, from the `git` program on the command line.

use crate::source::RepoPath;

/// How a file changed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Status {
    /// It is new.
    Added,
    /// Its content, mode or kind is another.
    Modified,
    /// It is gone.
    Removed,
}

/// One file that changed; a rename is its old path removed and its new path added.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Change {
    /// Path relative to the root of the repository.
    pub path: RepoPath,
    /// How it changed.
    pub status: Status,
    /// Where a renamed file was before.
    pub old_path: Option<RepoPath>,
}

/// The files that a run has to look at.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ChangeSet {
    /// All files that differ are known.
    Complete(Vec<Change>),
    /// The list was cut off, unknown or forbidden: everything counts as changed. The text says why.
    Truncated(String),
    /// Everything was asked for; the text says by whom (a tag, `all: true`, the first deployment).
    Everything(String),
}
