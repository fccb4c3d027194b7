//! What changed between two commits: from the GitHub API in the action, from the `git` program on the command line.

mod collect;

use std::path::Path;

use crate::diagnostic::Result;
use crate::git;
use crate::github::{self, Relation};
use crate::source::{RepoPath, Sha};

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

/// GitHub lists at most this many files of a comparison (GitHub docs, compare two commits).
const MOST_COMPARED: usize = 300;
/// GitHub lists at most this many files of a pull request (GitHub docs, list pull requests files).
const MOST_OF_PULL_REQUEST: usize = 3000;

/// What the pull request `number` changes against its merge base, as GitHub sees it now.
///
/// `expected` is its `changed_files`, with which the list has to agree. What GitHub does not say is no error: it makes
/// everything count as changed.
pub async fn of_pull_request(client: &github::Client, number: u64, expected: u64) -> ChangeSet {
    let files = match client.pull_files(number).await {
        Ok(files) => files,
        Err(error) => return unknown("the files of the pull request are not known", &error),
    };
    let listed = files.len();
    if listed >= MOST_OF_PULL_REQUEST {
        return ChangeSet::Truncated(format!("GitHub lists at most {MOST_OF_PULL_REQUEST} files of a pull request"));
    }
    if listed as u64 != expected {
        let why = format!("GitHub lists {listed} files of the pull request, but it changes {expected}");
        return ChangeSet::Truncated(why);
    }
    collect::from_github(&files)
}

/// What changed from `base`, the commit that was deployed last, up to `head`; as with pull requests, what GitHub does
/// not say makes everything count as changed.
pub async fn since(client: &github::Client, base: &Sha, head: &Sha) -> ChangeSet {
    let comparison = match client.compare(base, head).await {
        Ok(comparison) => comparison,
        Err(error) if error.is_not_found() => {
            return ChangeSet::Truncated(format!(
                "the commit `{}` that was deployed last is not in this repository any more, or `contents: read` is \
                 missing in the job's `permissions:`",
                base.short()
            ));
        }
        Err(error) => return unknown("what changed since the last deployment is not known", &error),
    };
    match comparison.relation {
        Relation::Identical => ChangeSet::Complete(Vec::new()),
        // GitHub compares with the merge base, so what only the deployed commit has would be missed.
        Relation::Apart => ChangeSet::Truncated(format!(
            "the commit `{}` that was deployed last is no ancestor of `{}`",
            base.short(),
            head.short()
        )),
        Relation::Ahead if comparison.files.len() >= MOST_COMPARED => {
            ChangeSet::Truncated(format!("GitHub lists at most {MOST_COMPARED} files of a comparison"))
        }
        Relation::Ahead => collect::from_github(&comparison.files),
    }
}

/// What differs between `revision` and the working tree around `root`, the root of the checkout.
///
/// # Errors
/// Kind `Input` where git cannot say; see [`git::Error`].
pub fn of_working_tree(root: &Path, revision: &str) -> Result<ChangeSet> {
    Ok(collect::from_git(&git::changed_since(root, revision)?))
}

fn unknown(what: &str, error: &github::Error) -> ChangeSet {
    ChangeSet::Truncated(format!("{what}: {}", error.describe()))
}
