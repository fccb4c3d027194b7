//! What is touched: changed files and workflows → the workflows to look at, each with its reasons.
//!
//! Paths are compared as they are named, not as files that exist: a deleted one touches, too.

use std::fmt;

use crate::change::ChangeSet;
use crate::project::Project;
use crate::source::RepoPath;
use crate::spec::{Dependency, Workflow};

/// A workflow that the change touches.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Affected {
    /// Its place among the workflows that were asked about.
    pub index: usize,
    /// Why, at least one, each once.
    pub reasons: Vec<Reason>,
}

/// Why a workflow is looked at.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Reason {
    /// Every workflow is; the text says why.
    All(String),
    /// The file that it is written in changed.
    Spec,
    /// This file of its code changed.
    Code(RepoPath),
    /// This file, which one of its parameters names, changed.
    Config(RepoPath),
    /// This wheel, which it depends on, changed.
    Wheel(RepoPath),
    /// This file, which speaks for the whole project, changed.
    Project(RepoPath),
}

impl fmt::Display for Reason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::All(why) => f.write_str(why),
            Self::Spec => f.write_str("its spec changed"),
            Self::Code(path) | Self::Project(path) => write!(f, "`{path}` changed"),
            Self::Config(path) => write!(f, "its configuration `{path}` changed"),
            Self::Wheel(path) => write!(f, "its wheel `{path}` changed"),
        }
    }
}

/// The workflows that `changes` touch, in the order of `workflows`.
///
/// Any file of the code folder counts for every workflow: which of them a workflow imports is not asked here.
pub fn affected(changes: &ChangeSet, project: &Project, workflows: &[Workflow]) -> Vec<Affected> {
    let touched = |workflow: &Workflow| match changes {
        ChangeSet::Truncated(why) | ChangeSet::Everything(why) => vec![Reason::All(why.clone())],
        ChangeSet::Complete(changes) => {
            let mut reasons: Vec<Reason> = Vec::new();
            for reason in changes.iter().filter_map(|change| reason(&change.path, project, workflow)) {
                if !reasons.contains(&reason) {
                    reasons.push(reason);
                }
            }
            reasons
        }
    };
    let all = workflows.iter().enumerate().map(|(index, workflow)| Affected { index, reasons: touched(workflow) });
    all.filter(|affected| !affected.reasons.is_empty()).collect()
}

/// Why a change of `path` touches `workflow`; the nearest reason where there are several.
fn reason(path: &RepoPath, project: &Project, workflow: &Workflow) -> Option<Reason> {
    let is_item = |path: &RepoPath| workflow.items.iter().any(|item| item.python_file.value == *path);
    let is_wheel = |dependency: &Dependency| matches!(dependency, Dependency::LocalWheel(at) if at.value == *path);
    if *path == workflow.spec {
        Some(Reason::Spec)
    } else if is_item(path) {
        Some(Reason::Code(path.clone()))
    } else if parameters(project, workflow).any(|named| path.is_within(&named)) {
        Some(Reason::Config(path.clone()))
    } else if workflow.dependencies.iter().any(is_wheel) {
        Some(Reason::Wheel(path.clone()))
    } else if *path == project.file || project.folder.join("pyproject.toml").is_ok_and(|file| file == *path) {
        Some(Reason::Project(path.clone()))
    } else {
        is_code(path, project).then(|| Reason::Code(path.clone()))
    }
}

/// A file or folder of the project that a parameter names, also as `--conf=path`; the project as a whole is not meant.
fn parameters<'a>(project: &'a Project, workflow: &'a Workflow) -> impl Iterator<Item = RepoPath> + 'a {
    let texts = workflow.items.iter().flat_map(|item| &item.parameters).map(|parameter| parameter.value.as_str());
    let values = texts.flat_map(|text| std::iter::once(text).chain(text.split_once('=').map(|(_, value)| value)));
    let paths = values.filter_map(|value| project.folder.join(value).ok());
    paths.filter(|path| path.is_within(&project.folder) && *path != project.folder)
}

/// Whether `path` is in the code folder, and no spec where the specs lie inside it.
fn is_code(path: &RepoPath, project: &Project) -> bool {
    let specs_inside = project.workflows.is_within(&project.code) && project.workflows != project.code;
    path.is_within(&project.code) && !(specs_inside && path.is_within(&project.workflows))
}
