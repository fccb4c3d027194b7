//! What has to be read before a codebase can be built.

use std::collections::BTreeSet;

use super::item::{PossiblePath, candidates, mistaken};
use crate::project::Project;
use crate::source::RepoPath;
use crate::spec::{Dependency, Workflow};

/// Folders and files of the checkout that a codebase consists of; any of them may be missing.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ToRead {
    /// Folders to read with all their files: code and configuration.
    pub folders: Vec<Folder>,
    /// Files in any folder: Python files and possible configurations of items, local wheels, `pyproject.toml`.
    pub files: BTreeSet<RepoPath>,
    /// Other paths that parameters may name: files, folders, or nothing at all.
    pub named: BTreeSet<RepoPath>,
    /// Paths of which only has to be known whether they exist, as parameters may have been meant to name them.
    pub mistaken: BTreeSet<RepoPath>,
}

/// A folder to read with its files, except for what git ignores.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Folder {
    /// The folder.
    pub path: RepoPath,
    /// Whether what is hidden in it is read, too.
    pub hidden: bool,
}

/// Lists what to read for the codebase of `project` with `workflows`.
pub fn to_read<'w>(project: &Project, workflows: impl IntoIterator<Item = &'w Workflow>) -> ToRead {
    let hidden = !project.folder.is_within(&project.conf);
    let folders =
        vec![Folder { path: project.code.clone(), hidden: false }, Folder { path: project.conf.clone(), hidden }];
    let mut to_read = ToRead { folders, files: BTreeSet::new(), named: BTreeSet::new(), mistaken: BTreeSet::new() };
    to_read.files.extend(project.folder.join("pyproject.toml"));
    for workflow in workflows {
        let wheels = workflow.dependencies.iter().filter_map(|dependency| match dependency {
            Dependency::LocalWheel(path) => Some(path.value.clone()),
            Dependency::Package { .. } | Dependency::RemoteWheel(_) => None,
        });
        to_read.files.extend(wheels);
        to_read.files.extend(workflow.items.iter().map(|item| item.python_file.value.clone()));
        let parameters = workflow.items.iter().flat_map(|item| &item.parameters);
        let texts = parameters.clone().map(|parameter| parameter.value.as_str());
        to_read.mistaken.extend(texts.flat_map(|text| mistaken(text, &project.folder)));
        let named = parameters.flat_map(|parameter| candidates(&parameter.value, &project.folder));
        for PossiblePath { path, .. } in named {
            let may_be_configuration = matches!(path.extension(), "json" | "toml" | "yaml" | "yml");
            if may_be_configuration { &mut to_read.files } else { &mut to_read.named }.insert(path);
        }
    }
    to_read
}
