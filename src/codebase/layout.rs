//! What a file of the project is, judged by its path alone: code, configuration, a spec, or not part of a release.

use super::Codebase;
use crate::project::{LocalInput, Project};
use crate::python::ImportRoots;
use crate::source::{Files, RepoPath, is_hidden, is_incidental};

/// The folders of a project.
#[derive(Clone, Debug)]
pub(super) struct Layout {
    pub(super) folder: RepoPath,
    file: RepoPath,
    code: RepoPath,
    conf: RepoPath,
    workflows: RepoPath,
    input: LocalInput,
}

impl Layout {
    pub(super) fn of(project: &Project) -> Self {
        let Project { folder, file, code, conf, workflows, .. } = project;
        Self {
            folder: folder.clone(),
            file: file.clone(),
            code: code.clone(),
            conf: conf.clone(),
            workflows: workflows.clone(),
            input: project.local_input(),
        }
    }

    /// The import roots of the code.
    pub(super) fn roots(&self, files: &Files) -> ImportRoots {
        ImportRoots::of(&self.folder, &self.code, files)
    }

    /// Whether a file in the code folder is a spec rather than code, so that a change to one spec does not affect all
    /// workflows. If specs and code share one folder, they cannot be told apart and count as code.
    fn is_spec(&self, path: &RepoPath) -> bool {
        let apart = self.workflows != self.code && path.is_within(&self.workflows);
        *path == self.file || apart && ["json", "yaml", "yml"].contains(&path.extension())
    }

    fn is_code(&self, path: &RepoPath) -> bool {
        let plain = |name: &[u8]| !is_hidden(name) && !is_incidental(name);
        is_in(&self.code, path, plain) && !self.is_spec(path) && !self.input.contains(path)
    }

    fn is_conf(&self, path: &RepoPath) -> bool {
        let skips = skipped_in_conf(&self.conf, &self.folder);
        is_in(&self.conf, path, |name| !skips(name) && !is_incidental(name)) && !self.input.contains(path)
    }
}

/// The names that the configuration folder does not bring along. A folder that holds the whole project is not one of
/// configuration only: what is hidden in it belongs to other tools.
pub(super) fn skipped_in_conf(conf: &RepoPath, project: &RepoPath) -> fn(&[u8]) -> bool {
    if project.is_within(conf) { is_hidden } else { is_incidental }
}

/// Whether `path` is in `folder`, with names that are `taken` below it.
fn is_in(folder: &RepoPath, path: &RepoPath, taken: impl Fn(&[u8]) -> bool) -> bool {
    path.below(folder).is_some_and(|below| below.split('/').all(|name| taken(name.as_bytes())))
}

impl Codebase {
    /// Whether `path`, which need not exist, is code: part of every release, and importable by every workflow.
    pub fn is_code(&self, path: &RepoPath) -> bool {
        self.layout.is_code(path)
    }

    /// Whether `path`, which need not exist, is in the configuration folder and part of every release.
    pub fn is_conf(&self, path: &RepoPath) -> bool {
        self.layout.is_conf(path)
    }

    /// Whether `path` configures the whole project: `dltflow.yml` or the `pyproject.toml` next to it.
    pub fn is_of_project(&self, path: &RepoPath) -> bool {
        *path == self.layout.file || self.pyproject().is_some_and(|file| file == *path)
    }

    /// `path` relative to the folder of `dltflow.yml`, as in specs.
    pub fn as_written(&self, path: &RepoPath) -> String {
        let (up, rest) = self.from_project(path);
        format!("{}{rest}", "../".repeat(up))
    }

    /// `path` as it is reached from the folder of `dltflow.yml`: how many folders up, and the rest.
    pub fn from_project<'p>(&self, path: &'p RepoPath) -> (usize, &'p str) {
        path.from(&self.layout.folder)
    }

    /// The code files, sorted by path.
    pub fn code(&self) -> impl Iterator<Item = (&RepoPath, &[u8])> {
        self.files.below(&self.layout.code).filter(|(path, _)| self.layout.is_code(path))
    }

    /// The files of the configuration folder, sorted by path.
    pub fn conf(&self) -> impl Iterator<Item = (&RepoPath, &[u8])> {
        self.files.below(&self.layout.conf).filter(|(path, _)| self.layout.is_conf(path))
    }

    /// Path of the `pyproject.toml` next to `dltflow.yml`.
    pub fn pyproject(&self) -> Option<RepoPath> {
        self.layout.folder.join("pyproject.toml").ok()
    }
}
