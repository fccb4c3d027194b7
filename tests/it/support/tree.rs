//! Listings of folders, to see afterwards what a step left there.

use std::collections::{BTreeMap, BTreeSet};
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};

/// Everything below some folders, by path.
#[derive(Debug)]
pub(crate) struct Tree(BTreeMap<PathBuf, Entry>);

/// Type and mode, owner and group, and the bytes of a file or where a link leads.
#[derive(Debug, PartialEq, Eq)]
struct Entry {
    mode: u32,
    owner: (u32, u32),
    bytes: Vec<u8>,
}

impl Tree {
    /// Everything in `folders`, including themselves.
    pub(crate) fn of<'a>(folders: impl IntoIterator<Item = &'a Path>) -> Self {
        let mut found = BTreeMap::new();
        let mut paths: Vec<PathBuf> = folders.into_iter().map(Path::to_owned).collect();
        while let Some(path) = paths.pop() {
            let metadata = path.symlink_metadata().unwrap();
            let bytes = match metadata.file_type() {
                kind if kind.is_file() => std::fs::read(&path).unwrap(),
                kind if kind.is_symlink() => path.read_link().unwrap().into_os_string().into_encoded_bytes(),
                kind => {
                    let below = kind.is_dir().then(|| std::fs::read_dir(&path).unwrap());
                    paths.extend(below.into_iter().flatten().map(|entry| entry.unwrap().path()));
                    Vec::new()
                }
            };
            found.insert(path, Entry { mode: metadata.mode(), owner: (metadata.uid(), metadata.gid()), bytes });
        }
        Self(found)
    }

    /// Paths of what was added, changed or removed since, the files in `written` aside where only their bytes changed.
    pub(crate) fn changed(&self, after: &Self, written: &[PathBuf]) -> Vec<PathBuf> {
        let same = |path: &PathBuf| match (self.0.get(path), after.0.get(path)) {
            (Some(before), Some(after)) if written.contains(path) => {
                (before.mode, before.owner) == (after.mode, after.owner)
            }
            (before, after) => before == after,
        };
        let paths: BTreeSet<&PathBuf> = self.0.keys().chain(after.0.keys()).collect();
        paths.into_iter().filter(|path| !same(path)).cloned().collect()
    }

    /// Mode and owner of one file.
    pub(crate) fn permissions(&self, path: &Path) -> (u32, (u32, u32)) {
        let entry = &self.0[path];
        (entry.mode & 0o7777, entry.owner)
    }
}
