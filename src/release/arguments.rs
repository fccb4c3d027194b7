//! The items of a workflow as calls: module, parameters, config file.

use std::collections::BTreeSet;

use super::layout;
use crate::diagnostic::{Error, Result};
use crate::project::Project;
use crate::python::Module;
use crate::source::{Files, RepoPath};
use crate::spec::{Item, Workflow};

/// One item as the generated notebook launches it.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Call {
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
    /// A file of the project, made absolute where the wheel is installed.
    File {
        /// What stands before the path: `--conf=`, or nothing.
        prefix: String,
        /// Its path in the wheel.
        path: String,
    },
}

/// The files of the project that the parameters of `workflow` name.
pub(super) fn named_files(workflow: &Workflow, project: &Project, files: &Files) -> BTreeSet<RepoPath> {
    let parameters = workflow.items.iter().flat_map(|item| &item.parameters);
    parameters.filter_map(|parameter| Some(named(&parameter.value, project, files)?.file)).collect()
}

/// The calls of `workflow`, in its order.
///
/// # Errors
/// A Python file that the wheel does not hold.
pub(super) fn calls(workflow: &Workflow, project: &Project, files: &Files) -> Result<Vec<Call>> {
    workflow.items.iter().map(|item| call(item, workflow, project, files)).collect()
}

fn call(item: &Item, workflow: &Workflow, project: &Project, files: &Files) -> Result<Call> {
    let file = &item.python_file.value;
    if !file.is_within(&project.code) || layout::shipped_as(file, project, files).is_none() {
        let (spec, code) = (&workflow.spec, &project.code);
        return Err(Error::input(format!("`{file}`, which `{spec}` names, is no file of the code folder `{code}`"))
            .hint("move it there, or change `include.code.name` in `dltflow.yml`"));
    }
    let argument = |text: &str| match named(text, project, files) {
        Some(Named { prefix, path, .. }) => Argument::File { prefix: prefix.to_owned(), path },
        None => Argument::Text(text.to_owned()),
    };
    Ok(Call {
        module: Module::of(file, &project.folder, files).name,
        parameters: item.parameters.iter().map(|parameter| argument(&parameter.value)).collect(),
        config: item.config_file(&project.folder, files).and_then(|file| layout::shipped_as(&file, project, files)),
    })
}

/// A parameter that names a file of the project.
struct Named<'a> {
    prefix: &'a str,
    file: RepoPath,
    path: String,
}

/// Reads `conf/a.json` and `--conf=conf/a.json`, relative to the folder of `dltflow.yml`.
fn named<'a>(text: &'a str, project: &Project, files: &Files) -> Option<Named<'a>> {
    let assigned = text.find('=').filter(|_| text.starts_with('-')).map_or(0, |equals| equals + 1);
    let (prefix, value) = text.split_at(assigned);
    let file = project.folder.join(value).ok()?;
    let path = layout::shipped_as(&file, project, files)?;
    Some(Named { prefix, file, path })
}
