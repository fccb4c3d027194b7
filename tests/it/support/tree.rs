//! What lies in a folder, to tell afterwards whether anything changed.

use std::collections::BTreeMap;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};

/// Everything below `folder`: path → mode, and the bytes of a file or where a link leads.
pub(crate) fn tree(folder: &Path) -> BTreeMap<PathBuf, (u32, Vec<u8>)> {
    let mut found = BTreeMap::new();
    let mut folders = vec![folder.to_owned()];
    while let Some(next) = folders.pop() {
        for entry in std::fs::read_dir(next).unwrap() {
            let path = entry.unwrap().path();
            let metadata = path.symlink_metadata().unwrap();
            let bytes = match metadata.file_type() {
                kind if kind.is_file() => std::fs::read(&path).unwrap(),
                kind if kind.is_symlink() => path.read_link().unwrap().into_os_string().into_encoded_bytes(),
                kind => {
                    folders.extend(kind.is_dir().then(|| path.clone()));
                    Vec::new()
                }
            };
            found.insert(path.strip_prefix(folder).unwrap().to_owned(), (metadata.mode(), bytes));
        }
    }
    found
}

/// Fails where something in `folder` was added, changed or removed since `before`.
#[track_caller]
pub(crate) fn assert_untouched(folder: &Path, before: &BTreeMap<PathBuf, (u32, Vec<u8>)>) {
    let after = tree(folder);
    let paths: std::collections::BTreeSet<_> = before.keys().chain(after.keys()).collect();
    let changed: Vec<_> = paths.into_iter().filter(|path| before.get(*path) != after.get(*path)).collect();
    assert!(changed.is_empty(), "{} was touched: {changed:?}", folder.display());
}
