//! The files of a folder.

use std::ffi::CStr;
use std::rc::Rc;

use rustix::fs::{Dir, FileType, OFlags};

use super::ignored::Level;
use super::{Checkout, MAX_FILES, ReadError, kind};
use crate::source::{RepoPath, is_hidden};

/// Longest name that a message quotes, in characters.
const MAX_NAME: usize = 100;

/// The result of a walk.
#[derive(Debug, Default)]
pub struct Walk {
    /// Regular files.
    pub files: Vec<RepoPath>,
    /// What is left out, and why: links, pipes, sockets and devices; for an unsupported name, its folder.
    pub left_out: Vec<(RepoPath, ReadError)>,
}

impl Checkout {
    /// The files in `folder`, sorted; hidden files and Python's caches are skipped, and links are not followed.
    ///
    /// A folder that does not exist is empty.
    pub fn walk(&self, folder: &RepoPath) -> Result<Walk, ReadError> {
        self.walk_without(folder, is_hidden, None)
    }

    /// The same without what git ignores, and without the names that are to be skipped.
    pub fn walk_unignored(&self, folder: &RepoPath, skips: fn(&[u8]) -> bool) -> Result<Walk, ReadError> {
        self.walk_without(folder, skips, Some(Level::of(self, folder)))
    }

    fn walk_without(
        &self,
        folder: &RepoPath,
        skips: fn(&[u8]) -> bool,
        level: Option<Rc<Level>>,
    ) -> Result<Walk, ReadError> {
        let mut walk = Walk::default();
        let mut folders = vec![(folder.clone(), level)];
        let mut entries = 0;
        while let Some((folder, level)) = folders.pop() {
            if level.as_ref().is_some_and(|level| level.is_ignored(self)) {
                continue;
            }
            let directory = match self.open_beneath(&folder, OFlags::RDONLY | OFlags::DIRECTORY) {
                Err(ReadError::Missing) => continue,
                directory => directory?,
            };
            for entry in Dir::read_from(&directory)? {
                let entry = entry?;
                if matches!(entry.file_name().to_bytes(), b"." | b"..") || skips(entry.file_name().to_bytes()) {
                    continue;
                }
                let Some(path) = entry.file_name().to_str().ok().and_then(|name| folder.join(name).ok()) else {
                    walk.left_out.push((folder.clone(), ReadError::Name(quoted(entry.file_name()))));
                    continue;
                };
                let kind = kind(&directory, &entry)?;
                if kind != FileType::Directory && level.as_ref().is_some_and(|level| level.ignores(self, &path)) {
                    continue;
                }
                entries += 1;
                if entries > MAX_FILES {
                    return Err(ReadError::TooMany);
                }
                match kind {
                    FileType::Directory => {
                        let level = level.as_ref().map(|level| level.below(self, path.clone()));
                        folders.push((path, level));
                    }
                    FileType::RegularFile => walk.files.push(path),
                    FileType::Symlink => walk.left_out.push((path, ReadError::Link)),
                    _ => walk.left_out.push((path, ReadError::NotAFile)),
                }
            }
        }
        walk.files.sort();
        walk.left_out.sort_by(|(a, _), (b, _)| a.cmp(b));
        Ok(walk)
    }
}

/// A name for a message, with invisible characters escaped.
fn quoted(name: &CStr) -> String {
    let name = name.to_string_lossy();
    name.chars().take(MAX_NAME).flat_map(char::escape_debug).collect()
}
