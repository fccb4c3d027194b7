//! Which files go into the wheel, and where.

use std::collections::{BTreeMap, BTreeSet};

use super::runtime;
use crate::diagnostic::{Error, Result};
use crate::project::Project;
use crate::python::Module;
use crate::source::{Files, RepoPath};

/// The folder of the wheel that holds the configuration, at its paths relative to `dltflow.yml`.
pub const DATA: &str = "_dltflow_data";

/// What the wheel holds, by path in the wheel.
pub(super) type Contents<'a> = BTreeMap<String, &'a [u8]>;

/// Where a file of the project lies in the wheel; `None` for what is never shipped: hidden files, caches, what lies
/// outside the project, and what is not there.
pub(super) fn shipped_as(file: &RepoPath, project: &Project, files: &Files) -> Option<String> {
    if !files.contains(file) || !is_kept(file, project) {
        None
    } else if file.is_within(&project.code) && !file.is_within(&project.conf) && !is_spec(file, project) {
        Some(code_path(file, project, files))
    } else {
        Some(format!("{DATA}/{}", file.below(&project.folder)?))
    }
}

/// The code, the configuration, the files that parameters name, and the authoring runtime.
///
/// # Errors
/// Two files on one path of the wheel, and a file where another one needs a folder.
pub(super) fn contents<'a>(project: &'a Project, named: &BTreeSet<RepoPath>, files: &'a Files) -> Result<Contents<'a>> {
    let mut placed = BTreeMap::new();
    for (path, text) in runtime::FILES {
        place(&mut placed, (*path).to_owned(), text.as_bytes(), "the authoring runtime".to_owned())?;
    }
    let is_code = |file: &RepoPath| is_kept(file, project) && !is_spec(file, project);
    for (file, bytes) in files.below(&project.code).filter(|(file, _)| is_code(file)) {
        place(&mut placed, code_path(file, project, files), bytes, format!("`{file}`"))?;
    }
    let conf = files.below(&project.conf).map(|(file, _)| file);
    for file in conf.chain(named).collect::<BTreeSet<_>>() {
        if let Some(path) = shipped_as(file, project, files).filter(|path| is_data(path)) {
            place(&mut placed, path, files.get(file).unwrap_or_default(), format!("`{file}`"))?;
        }
    }
    refuse_files_as_folders(&placed)?;
    Ok(placed.into_iter().map(|(path, (bytes, _))| (path, bytes)).collect())
}

/// Whether a file of the wheel is configuration, and not code that every workflow may import.
pub(super) fn is_data(path: &str) -> bool {
    path.strip_prefix(DATA).is_some_and(|rest| rest.starts_with('/'))
}

fn is_kept(file: &RepoPath, project: &Project) -> bool {
    let hidden = |part: &str| part.starts_with('.') || part == "__pycache__";
    let below = file.below(&project.folder);
    below.is_some_and(|below| !below.split('/').any(hidden)) && !["pyc", "pyo"].contains(&file.extension())
}

/// Whether a file of the code folder says what is deployed and is nothing that runs: a change of one spec is none of the
/// code of all. Where specs and code lie in one folder, which of them a file is cannot be told.
fn is_spec(file: &RepoPath, project: &Project) -> bool {
    let apart = project.workflows != project.code && file.is_within(&project.workflows);
    *file == project.file || apart && ["json", "yaml", "yml"].contains(&file.extension())
}

fn code_path(file: &RepoPath, project: &Project, files: &Files) -> String {
    let root = Module::of(file, &project.folder, files).root;
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
