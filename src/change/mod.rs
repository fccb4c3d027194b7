//! Changed files: from the GitHub API in the action, from `git` on the command line.

mod collect;

use std::path::Path;

use crate::diagnostic::Result;
use crate::git;
use crate::github::{self, Relation};
use crate::source::{RepoPath, Sha};

/// How a file changed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FileStatus {
    /// It was added.
    Added,
    /// Its content, mode or type changed.
    Modified,
    /// It was removed.
    Removed,
}

/// One changed file; a rename removes the old path and adds the new one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FileChange {
    /// Path relative to the root of the repository.
    pub path: RepoPath,
    /// How it changed.
    pub status: FileStatus,
    /// Path before a rename.
    pub old_path: Option<RepoPath>,
}

/// The files that a run considers changed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ChangeSet {
    /// The list of changed files is complete.
    Complete(Vec<FileChange>),
    /// The list is incomplete or unknown: everything counts as changed. The text says why.
    Truncated(String),
    /// Every workflow is included on purpose; the text says why (a tag, `all: true`, the first deployment).
    Everything(String),
}

impl ChangeSet {
    /// Whether the file at `path` counts as changed.
    pub fn touches(&self, path: &RepoPath) -> bool {
        match self {
            Self::Complete(changes) => changes.iter().any(|change| change.path == *path),
            Self::Truncated(_) | Self::Everything(_) => true,
        }
    }

    /// The changes where what is looked at lies in the repository at `root`, which may be a submodule: then only the commit
    /// that it is at is listed, under the path of the submodule or of one around it.
    #[must_use]
    pub fn in_repository(self, root: &RepoPath) -> Self {
        match self {
            Self::Complete(changes) if changes.iter().any(|change| root.is_within(&change.path)) => Self::Truncated(
                format!("the submodule `{root}` is at another commit, whose files GitHub does not list"),
            ),
            changes => changes,
        }
    }
}

/// GitHub lists at most this many files of a comparison (GitHub docs, compare two commits).
const MAX_COMPARED: usize = 300;
/// GitHub lists at most this many files of a pull request (GitHub docs, list pull requests files).
const MAX_OF_PULL_REQUEST: usize = 3000;

/// The files that pull request `number` changes relative to its merge base, as GitHub lists them now.
///
/// `expected` is its `changed_files`, which the list must agree with. A failed request is not an error: everything
/// counts as changed.
pub async fn of_pull_request(client: &github::Client, number: u64, expected: u64) -> ChangeSet {
    let files = match client.pull_files(number).await {
        Ok(files) => files,
        Err(error) => return unknown("cannot determine the files of the pull request", &error),
    };
    let listed = files.len();
    if listed >= MAX_OF_PULL_REQUEST {
        return ChangeSet::Truncated(format!("GitHub lists at most {MAX_OF_PULL_REQUEST} files of a pull request"));
    }
    if listed as u64 != expected {
        let why = format!("GitHub lists {listed} files of the pull request, but it changes {expected}");
        return ChangeSet::Truncated(why);
    }
    collect::from_github(&files)
}

/// The files that changed from `base`, the last deployed commit, to `head`; as with pull requests, everything counts as
/// changed if GitHub does not list them.
pub async fn since(client: &github::Client, base: &Sha, head: &Sha) -> ChangeSet {
    let comparison = match client.compare(base, head).await {
        Ok(comparison) => comparison,
        Err(error) if error.is_not_found() => {
            return ChangeSet::Truncated(format!(
                "the last deployed commit `{}` is no longer in this repository, or `contents: read` is missing in the \
                 job's `permissions:`",
                base.short()
            ));
        }
        Err(error) => return unknown("cannot determine what changed since the last deployment", &error),
    };
    match comparison.relation {
        Relation::Identical => ChangeSet::Complete(Vec::new()),
        // GitHub compares with the merge base, which would miss what only the deployed commit has.
        Relation::Diverged => ChangeSet::Truncated(format!(
            "the last deployed commit `{}` is not an ancestor of `{}`",
            base.short(),
            head.short()
        )),
        Relation::Ahead if comparison.files.len() >= MAX_COMPARED => {
            ChangeSet::Truncated(format!("GitHub lists at most {MAX_COMPARED} files of a comparison"))
        }
        Relation::Ahead => collect::from_github(&comparison.files),
    }
}

/// The files that differ between the commit where `HEAD` forked from `revision` and the working tree at `root`, the root
/// of the checkout.
///
/// # Errors
/// Kind `Input` if git fails; see [`git::Error`].
pub fn of_working_tree(root: &Path, revision: &str) -> Result<ChangeSet> {
    Ok(collect::from_git(&git::changed_since(root, revision)?))
}

fn unknown(what: &str, error: &github::Error) -> ChangeSet {
    ChangeSet::Truncated(format!("{what}: {}", error.describe()))
}
