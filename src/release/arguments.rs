//! The items of a workflow as calls: module, parameters, config file.

use std::collections::BTreeSet;

use super::layout;
use crate::codebase::{Codebase, Parameter, PathKind};
use crate::diagnostic::{Error, Result};
use crate::project::Project;
use crate::source::RepoPath;
use crate::spec::{Item, Workflow};

/// One item as the generated notebook launches it.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct LaunchCall {
    /// The module to import.
    pub(super) module: String,
    /// Its `sys.argv[1:]`.
    pub(super) parameters: Vec<Argument>,
    /// Path in the wheel of its config file.
    pub(super) config: Option<String>,
}

/// One parameter.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Argument {
    /// Passed on as it is.
    Text(String),
    /// A file or folder, made absolute where the wheel is installed.
    Shipped {
        /// The text before the path: `--conf=`, or empty.
        prefix: String,
        /// Its path in the wheel.
        path: String,
        /// The slash with which a folder was written, or empty.
        suffix: &'static str,
    },
}

/// The files that the parameters of `workflow` name, including those in folders that they name.
pub(super) fn named_files(workflow: &Workflow, codebase: &Codebase) -> BTreeSet<RepoPath> {
    let items = workflow.items.iter().map(|item| codebase.item(item));
    let mut files = BTreeSet::new();
    for parameter in items.flat_map(|item| item.parameters) {
        match parameter.named() {
            Some(named) if named.kind == PathKind::Folder => {
                files.extend(codebase.files().below(&named.path).map(|(file, _)| file.clone()));
            }
            Some(named) => _ = files.insert(named.path.clone()),
            None => {}
        }
    }
    files
}

/// The calls of `workflow`, in its order.
///
/// # Errors
/// A Python file that the wheel does not hold.
pub(super) fn calls(workflow: &Workflow, project: &Project, codebase: &Codebase) -> Result<Vec<LaunchCall>> {
    workflow.items.iter().map(|item| call(item, workflow, project, codebase)).collect()
}

fn call(item: &Item, workflow: &Workflow, project: &Project, codebase: &Codebase) -> Result<LaunchCall> {
    let files = codebase.item(item);
    let file = files.python_file;
    if !codebase.contains(file) || !codebase.is_code(file) {
        let (spec, code) = (&workflow.spec, &project.code);
        return Err(Error::input(format!("`{file}`, which `{spec}` names, is not a file of the code folder `{code}`"))
            .hint("move it there, or change `include.code.name` in `dltflow.yml`"));
    }
    Ok(LaunchCall {
        module: codebase.module(file).name,
        parameters: files.parameters.iter().map(|parameter| argument(parameter, codebase)).collect(),
        config: files.configuration.and_then(|file| layout::shipped_as(&file, codebase)),
    })
}

fn argument(parameter: &Parameter<'_>, codebase: &Codebase) -> Argument {
    let shipped = parameter.carried().and_then(|named| {
        let (path, suffix) = match named.kind {
            PathKind::Folder if named.text.ends_with('/') => (layout::folder_shipped_as(&named.path, codebase)?, "/"),
            PathKind::Folder => (layout::folder_shipped_as(&named.path, codebase)?, ""),
            _ => (layout::shipped_as(&named.path, codebase)?, ""),
        };
        Some(Argument::Shipped { prefix: named.prefix.to_owned(), path, suffix })
    });
    shipped.unwrap_or_else(|| Argument::Text(parameter.text.to_owned()))
}
