//! Which files go into the wheel, and where.

use std::collections::{BTreeMap, BTreeSet};

use super::runtime;
use crate::codebase::Codebase;
use crate::diagnostic::{Error, Result};
use crate::source::RepoPath;

/// The folder of the wheel that holds the configuration, at its paths relative to `dltflow.yml`.
pub const DATA: &str = "_dltflow_data";

/// The folder of the wheel that holds each configuration as it was read: its path in the wheel, and `.json`.
pub(super) const READ: &str = "_dltflow_read";

/// What the wheel holds, by path in the wheel.
pub(super) type Contents<'a> = BTreeMap<String, &'a [u8]>;

/// Where a file of the project lies in the wheel; `None` for what is never shipped: hidden files, caches, what lies
/// outside the project, and what is not there. Configuration inside the code folder is named as configuration.
pub(super) fn shipped_as(file: &RepoPath, codebase: &Codebase) -> Option<String> {
    if !codebase.contains(file) || !codebase.may_be_shipped(file) {
        None
    } else if codebase.is_code(file) && !codebase.is_conf(file) {
        Some(code_path(file, codebase))
    } else {
        Some(format!("{DATA}/{}", codebase.as_written(file)?))
    }
}

/// The code, the configuration, the files that parameters name, and the authoring runtime.
///
/// # Errors
/// Two files on one path of the wheel, and a file where another one needs a folder.
pub(super) fn contents<'a>(codebase: &'a Codebase, named: &BTreeSet<RepoPath>) -> Result<Contents<'a>> {
    let mut placed = BTreeMap::new();
    for (path, text) in runtime::FILES {
        place(&mut placed, (*path).to_owned(), text.as_bytes(), "the authoring runtime".to_owned())?;
    }
    for (file, bytes) in codebase.code() {
        place(&mut placed, code_path(file, codebase), bytes, format!("`{file}`"))?;
    }
    let conf = codebase.conf().map(|(file, _)| file);
    for file in conf.chain(named).collect::<BTreeSet<_>>() {
        if let Some(path) = shipped_as(file, codebase).filter(|path| is_data(path)) {
            place(&mut placed, path, codebase.get(file).unwrap_or_default(), format!("`{file}`"))?;
        }
    }
    for (file, config) in codebase.read_configurations().filter(|(file, _)| named.contains(*file)) {
        if let (Some(path), Some(read)) = (shipped_as(file, codebase), config.carried()) {
            place(&mut placed, read_path(&path), read, format!("`{file}`, as it was read,"))?;
        }
    }
    refuse_files_as_folders(&placed)?;
    Ok(placed.into_iter().map(|(path, (bytes, _))| (path, bytes)).collect())
}

/// Whether a file of the wheel is configuration, and not code that every workflow may import.
pub(super) fn is_data(path: &str) -> bool {
    [DATA, READ].iter().any(|folder| path.strip_prefix(folder).is_some_and(|rest| rest.starts_with('/')))
}

/// Where the wheel has the configuration at `path` of it as it was read.
pub(super) fn read_path(path: &str) -> String {
    format!("{READ}/{path}.json")
}

fn code_path(file: &RepoPath, codebase: &Codebase) -> String {
    let root = codebase.import_root(file);
    file.below(&root).unwrap_or(file.as_str()).to_owned()
}

type Placed<'a> = BTreeMap<String, (&'a [u8], String)>;

fn place<'a>(placed: &mut Placed<'a>, path: String, bytes: &'a [u8], origin: String) -> Result<()> {
    if let Some((_, other)) = placed.get(&path) {
        return Err(Error::input(format!("{other} and {origin} are both `{path}` in the wheel of the project"))
            .hint("rename one of the two, or the package that holds it"));
    }
    placed.insert(path, (bytes, origin));
    Ok(())
}

fn refuse_files_as_folders(placed: &Placed<'_>) -> Result<()> {
    for (path, (_, origin)) in placed {
        for (slash, _) in path.match_indices('/') {
            if let Some((_, file)) = placed.get(&path[..slash]) {
                let folder = &path[..slash];
                return Err(Error::input(format!("{file} is a file where {origin} needs the folder `{folder}`"))
                    .hint("rename one of the two, or the package that holds it"));
            }
        }
    }
    Ok(())
}
