//! Changes from the lists of GitHub and git.

use super::{ChangeSet, FileChange, FileStatus};
use crate::git::Difference;
use crate::github::ChangedFile;
use crate::source::RepoPath;

/// A change with unchecked paths; a rename is an addition with an old path.
struct RawChange<'a> {
    path: &'a [u8],
    old_path: Option<&'a [u8]>,
    status: FileStatus,
}

/// Changes from a list of GitHub.
pub(super) fn from_github(files: &[ChangedFile]) -> ChangeSet {
    change_set(files.iter().map(|file| {
        let old_path = file.previous.as_deref().unwrap_or_default().as_bytes();
        let (status, old_path) = match file.status.as_str() {
            "added" | "copied" => (FileStatus::Added, None),
            "removed" => (FileStatus::Removed, None),
            "renamed" => (FileStatus::Added, Some(old_path)),
            // An unknown status means at least that the file differs.
            _ => (FileStatus::Modified, None),
        };
        RawChange { path: file.path.as_bytes(), old_path, status }
    }))
}

/// Changes from a list of git.
pub(super) fn from_git(differences: &[Difference]) -> ChangeSet {
    change_set(differences.iter().map(|difference| {
        let (status, old_path) = match difference.status {
            b'R' => (FileStatus::Added, difference.old_path.as_deref()),
            b'A' | b'C' | b'?' => (FileStatus::Added, None),
            b'D' => (FileStatus::Removed, None),
            _ => (FileStatus::Modified, None),
        };
        RawChange { path: &difference.path, old_path, status }
    }))
}

/// All changes; if a path is unsupported, everything counts as changed.
fn change_set<'a>(changes: impl Iterator<Item = RawChange<'a>>) -> ChangeSet {
    let mut checked = Vec::new();
    for RawChange { path, old_path, status } in changes {
        let old_path = match old_path.map(repo_path).transpose() {
            Ok(old_path) => old_path,
            Err(why) => return ChangeSet::Truncated(why),
        };
        match repo_path(path) {
            Ok(path) => {
                let removed =
                    old_path.clone().map(|path| FileChange { path, status: FileStatus::Removed, old_path: None });
                checked.extend(removed);
                checked.push(FileChange { path, status, old_path });
            }
            Err(why) => return ChangeSet::Truncated(why),
        }
    }
    ChangeSet::Complete(checked)
}

/// The path, unless it is empty or not in normal form.
fn repo_path(bytes: &[u8]) -> Result<RepoPath, String> {
    let path = std::str::from_utf8(bytes).ok().and_then(|text| RepoPath::parse(text).ok());
    path.filter(|path| !path.is_root() && path.as_str().as_bytes() == bytes)
        .ok_or_else(|| format!("the path {:?} of a changed file is not supported", String::from_utf8_lossy(bytes)))
}
