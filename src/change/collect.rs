//! Changes from what the services name.

use super::{Change, ChangeSet, Status};
use crate::git::Difference;
use crate::github::ChangedFile;
use crate::source::RepoPath;

/// A change as a service names it; a rename is an addition with an old path.
struct Named<'a> {
    path: &'a [u8],
    old_path: Option<&'a [u8]>,
    status: Status,
}

/// The changes that GitHub lists.
pub(super) fn from_github(files: &[ChangedFile]) -> ChangeSet {
    change_set(files.iter().map(|file| {
        let old_path = file.previous.as_deref().unwrap_or_default().as_bytes();
        let (status, old_path) = match file.status.as_str() {
            "added" | "copied" => (Status::Added, None),
            "removed" => (Status::Removed, None),
            "renamed" => (Status::Added, Some(old_path)),
            // A word of a new kind says at least that something is different.
            _ => (Status::Modified, None),
        };
        Named { path: file.path.as_bytes(), old_path, status }
    }))
}

/// The changes that git lists.
pub(super) fn from_git(differences: &[Difference]) -> ChangeSet {
    change_set(differences.iter().map(|difference| {
        let (status, old_path) = match difference.status {
            b'R' => (Status::Added, difference.old_path.as_deref()),
            b'A' | b'C' | b'?' => (Status::Added, None),
            b'D' => (Status::Removed, None),
            _ => (Status::Modified, None),
        };
        Named { path: &difference.path, old_path, status }
    }))
}

/// All of them, unless one has a path that cannot be told from another: then everything counts as changed.
fn change_set<'a>(named: impl Iterator<Item = Named<'a>>) -> ChangeSet {
    let mut changes = Vec::new();
    for Named { path, old_path, status } in named {
        let old_path = match old_path.map(repo_path).transpose() {
            Ok(old_path) => old_path,
            Err(why) => return ChangeSet::Truncated(why),
        };
        match repo_path(path) {
            Ok(path) => {
                let removed = old_path.clone().map(|path| Change { path, status: Status::Removed, old_path: None });
                changes.extend(removed);
                changes.push(Change { path, status, old_path });
            }
            Err(why) => return ChangeSet::Truncated(why),
        }
    }
    ChangeSet::Complete(changes)
}

/// The path, which has to be one as it stands: an empty one, or one that reads as another, is none.
fn repo_path(bytes: &[u8]) -> Result<RepoPath, String> {
    let path = std::str::from_utf8(bytes).ok().and_then(|text| RepoPath::parse(text).ok());
    path.filter(|path| !path.is_root() && path.as_str().as_bytes() == bytes)
        .ok_or_else(|| format!("the path {:?} of a changed file is not a portable one", String::from_utf8_lossy(bytes)))
}
