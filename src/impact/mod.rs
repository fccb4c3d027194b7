//! What a change affects: changed files and workflows → the affected workflows, each with its reasons.
//!
//! Paths are compared whether or not they exist: a deleted file is a change, too.

use std::collections::BTreeSet;
use std::fmt;

use crate::change::ChangeSet;
use crate::codebase::Codebase;
use crate::source::RepoPath;
use crate::spec::{Dependency, Workflow};

/// A workflow that the change affects.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Affected {
    /// Its index among the given workflows.
    pub index: usize,
    /// Why, at least one, each once.
    pub reasons: Vec<Reason>,
}

/// Why a workflow is affected.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Reason {
    /// Every workflow is, as the text says.
    All(String),
    /// The file that it is written in changed.
    Spec,
    /// This file of its code changed.
    Code(RepoPath),
    /// This file, which one of its parameters names, changed.
    Config(RepoPath),
    /// This wheel, which it depends on, changed.
    Wheel(RepoPath),
    /// This file, which configures the whole project, changed.
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

/// The workflows that `changes` affect, in the order of `workflows`.
///
/// Any file of the code folder counts for every workflow: imports are not analyzed.
pub fn affected(changes: &ChangeSet, codebase: &Codebase, workflows: &[Workflow]) -> Vec<Affected> {
    let changes = match changes {
        ChangeSet::Truncated(why) | ChangeSet::Everything(why) => {
            let all = |index| Affected { index, reasons: vec![Reason::All(why.clone())] };
            return (0..workflows.len()).map(all).collect();
        }
        ChangeSet::Complete(changes) => changes,
    };
    let mut seen = BTreeSet::new();
    let paths = changes.iter().map(|change| &change.path).filter(|path| seen.insert(*path));
    let distinct: Vec<Changed<'_>> = paths.map(|path| Changed { path, of_all: of_all(path, codebase) }).collect();
    let all = workflows.iter().enumerate().map(|(index, workflow)| {
        let names = Names::of(workflow, codebase);
        Affected { index, reasons: distinct.iter().filter_map(|changed| names.reason(changed)).collect() }
    });
    all.filter(|affected| !affected.reasons.is_empty()).collect()
}

/// A path that changed.
struct Changed<'a> {
    path: &'a RepoPath,
    /// Why that affects every workflow, if it does.
    of_all: Option<Reason>,
}

fn of_all(path: &RepoPath, codebase: &Codebase) -> Option<Reason> {
    if codebase.is_of_project(path) {
        Some(Reason::Project(path.clone()))
    } else {
        codebase.is_code(path).then(|| Reason::Code(path.clone()))
    }
}

/// What one workflow names.
struct Names<'a> {
    workflow: &'a Workflow,
    /// Files and folders that its parameters name, in the project or elsewhere in the checkout.
    parameters: Vec<RepoPath>,
}

impl<'a> Names<'a> {
    fn of(workflow: &'a Workflow, codebase: &Codebase) -> Self {
        let items = workflow.items.iter().map(|item| codebase.item(item));
        let paths = items.flat_map(|item| item.parameters).flat_map(|parameter| parameter.paths);
        Self { workflow, parameters: paths.map(|named| named.path).collect() }
    }

    /// Why a change affects the workflow; the nearest of several reasons.
    fn reason(&self, Changed { path, of_all }: &Changed<'_>) -> Option<Reason> {
        let is_wheel = |dependency: &Dependency| matches!(dependency, Dependency::LocalWheel(at) if at.value == **path);
        if **path == self.workflow.spec {
            Some(Reason::Spec)
        } else if self.workflow.items.iter().any(|item| item.python_file.value == **path) {
            Some(Reason::Code((*path).clone()))
        } else if self.parameters.iter().any(|named| path.is_within(named)) {
            Some(Reason::Config((*path).clone()))
        } else if self.workflow.dependencies.iter().any(is_wheel) {
            Some(Reason::Wheel((*path).clone()))
        } else {
            of_all.clone()
        }
    }
}
