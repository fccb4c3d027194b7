//! What to ship: the project's files → a [`Release`]: one wheel, one generated notebook a workflow, content hashes.
//!
//! Pure: bytes in, bytes out. The same files give the same bytes under the same names, and another content another
//! name; so an object that is there is never written again.

mod arguments;
mod closure;
mod digest;
mod install;
mod layout;
mod literal;
mod names;
mod notebook;
mod runtime;
mod version;
mod wheel;

use std::collections::BTreeMap;

use serde_json::{Value, json};

pub use self::closure::Closure;
pub use self::install::Packages;
pub use self::layout::{DATA, OUTSIDE};
pub use self::names::ReleaseName;
use crate::codebase::Codebase;
use crate::diagnostic::{Error, Result};
use crate::project::Project;
use crate::rules::Validated;
use crate::source::RepoPath;
use crate::spec::{Dependency, Workflow};

/// Everything that a deployment uploads, and what each pipeline refers to.
#[derive(Clone, Debug, PartialEq)]
pub struct Release {
    /// The workspace folder of all of it, flat: absolute, without `/Workspace` and a slash at its end.
    pub folder: String,
    /// Code, configuration and authoring runtime of the project.
    pub wheel: Artifact,
    /// Wheels of the repository that workflows depend on, ordered by name.
    pub local_wheels: Vec<Artifact>,
    /// What each workflow needs, in the order of the workflows.
    pub units: Vec<Unit>,
}

/// One object to upload.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Artifact {
    /// Name of the object in the release's folder; a notebook's has no extension.
    pub name: String,
    /// What it is to the service.
    pub kind: ArtifactKind,
    /// Its content.
    pub bytes: Vec<u8>,
}

/// What an object is to the service.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ArtifactKind {
    /// A workspace file.
    Wheel,
    /// A notebook in source format, language Python.
    Notebook,
}

/// What one workflow needs of a release.
#[derive(Clone, Debug, PartialEq)]
pub struct Unit {
    /// Its name as the spec writes it.
    pub workflow: String,
    /// Its generated notebook.
    pub notebook: Artifact,
    /// Names of the objects that it needs in the folder: its notebook, the project's wheel, local wheels.
    pub artifacts: Vec<String>,
    /// `libraries` of its pipeline.
    pub libraries: Value,
    /// `environment` of its pipeline: the spec's own, with the wheels and packages, if they are installed that way.
    pub environment: Option<Value>,
    /// The wheels and packages that it is installed with, whichever way that is done.
    pub packages: Packages,
    /// Hash of everything that is its own.
    pub closure: Closure,
}

impl Release {
    /// Every object of the release, each once.
    pub fn artifacts(&self) -> impl Iterator<Item = &Artifact> {
        let notebooks: BTreeMap<&str, &Artifact> =
            self.units.iter().map(|unit| (unit.notebook.name.as_str(), &unit.notebook)).collect();
        [&self.wheel].into_iter().chain(&self.local_wheels).chain(notebooks.into_values())
    }

    /// The local wheels among what `unit` needs.
    pub fn local_wheels_of<'a>(&'a self, unit: &'a Unit) -> impl Iterator<Item = &'a Artifact> {
        self.local_wheels.iter().filter(|wheel| unit.artifacts.contains(&wheel.name))
    }

    /// The path of an object as the Workspace API names it.
    pub fn path(&self, name: &str) -> String {
        object_path(&self.folder, name)
    }
}

/// The release of `workflows` into `folder` (absolute, without `/Workspace`, no slash at its end).
///
/// `codebase` holds the project's files: code, configuration, local wheels, `pyproject.toml`.
///
/// # Errors
/// Of kind `Input`: two files on one path of the wheel, a wheel over the service's limit of 10 MiB, a local wheel that
/// is missing or misnamed, a dependency that is not one requirement.
pub fn build(
    project: &Project,
    workflows: &[Validated<Workflow>],
    codebase: &Codebase,
    folder: &str,
) -> Result<Release> {
    assemble(project, &workflows.iter().map(Validated::get).collect::<Vec<_>>(), codebase, folder)
}

/// As [`build`], of workflows that the caller answers for.
pub fn assemble(project: &Project, workflows: &[&Workflow], codebase: &Codebase, folder: &str) -> Result<Release> {
    let named = workflows.iter().flat_map(|workflow| arguments::named_files(workflow, codebase)).collect();
    let contents = layout::contents(codebase, &named)?;
    let wheel = wheel::pack(&project.name, &version::of_project(codebase), &contents)?;
    let local = local_wheels(workflows, codebase)?;
    let parts = Parts { project, codebase, folder, contents: &contents, wheel: &wheel.name, local: &local };
    let units = workflows.iter().map(|workflow| parts.unit(workflow)).collect::<Result<_>>()?;
    let by_name: BTreeMap<String, Artifact> = local.into_values().map(|wheel| (wheel.name.clone(), wheel)).collect();
    Ok(Release { folder: folder.to_owned(), wheel, local_wheels: by_name.into_values().collect(), units })
}

/// Local wheels by their path in the checkout.
type LocalWheels = BTreeMap<RepoPath, Artifact>;

/// What the units of a release have in common.
struct Parts<'a> {
    project: &'a Project,
    codebase: &'a Codebase,
    folder: &'a str,
    contents: &'a layout::Contents<'a>,
    wheel: &'a str,
    local: &'a LocalWheels,
}

impl Parts<'_> {
    fn unit(&self, workflow: &Workflow) -> Result<Unit> {
        let calls = arguments::calls(workflow, self.project, self.codebase)?;
        let cell = notebook::launch_cell(&calls, self.project.launch_method.as_deref());
        let wheels: Vec<&str> = [self.wheel].into_iter().chain(self.local_names(workflow)).collect();
        let paths: Vec<String> = wheels.iter().map(|name| installed_path(self.folder, name)).collect();
        let packages = Packages::of(workflow, &paths)?;
        let own = workflow.settings.environment();
        let by_environment = install::by_environment(workflow, self.project);
        let (line, environment) = if by_environment {
            (None, Some(packages.environment(&workflow.settings)))
        } else {
            (Some(packages.pip_line()?), own.cloned())
        };
        let name = &workflow.name.value;
        let notebook = notebook::render(name, line.as_deref(), &cell);
        Ok(Unit {
            workflow: name.clone(),
            artifacts: [notebook.name.as_str()].into_iter().chain(wheels).map(str::to_owned).collect(),
            libraries: json!([{"notebook": {"path": object_path(self.folder, &notebook.name)}}]),
            environment,
            packages,
            closure: self.closure(workflow, &cell, by_environment),
            notebook,
        })
    }

    fn local_names<'b>(&'b self, workflow: &'b Workflow) -> impl Iterator<Item = &'b str> {
        local_paths(workflow).filter_map(|path| Some(self.local.get(path)?.name.as_str()))
    }

    fn closure(&self, workflow: &Workflow, cell: &str, by_environment: bool) -> Closure {
        let named = arguments::named_files(workflow, self.codebase);
        let named = named.iter().filter_map(|file| layout::shipped_as(file, self.codebase));
        let named = named.flat_map(|path| [layout::read_path(&path), path]).collect();
        let local = self.local_names(workflow).collect::<Vec<_>>();
        Closure::of(workflow, cell, by_environment, &local, self.contents, &named)
    }
}

fn local_paths(workflow: &Workflow) -> impl Iterator<Item = &RepoPath> {
    workflow.dependencies.iter().filter_map(|dependency| match dependency {
        Dependency::LocalWheel(path) => Some(&path.value),
        Dependency::Package { .. } | Dependency::RemoteWheel(_) => None,
    })
}

fn local_wheels(workflows: &[&Workflow], codebase: &Codebase) -> Result<LocalWheels> {
    let paths = workflows.iter().flat_map(|workflow| local_paths(workflow).map(|path| (path, &workflow.spec)));
    let wheel = |(path, spec): (&RepoPath, &RepoPath)| {
        let missing =
            || Error::input(format!("the wheel `{path}`, which `{spec}` depends on, is not in the repository"));
        Ok((path.clone(), wheel::local(path.file_name(), codebase.get(path).ok_or_else(missing)?)?))
    };
    paths.map(wheel).collect()
}

/// What the names of the notebooks of `workflow` begin with; other workflows may share it.
pub fn notebook_stem(workflow: &str) -> String {
    notebook::object_name(workflow)
}

/// What the name of a notebook begins with; `None` for what is no notebook of a release.
pub fn stem_of(name: &str) -> Option<&str> {
    notebook::stem_of(name)
}

fn object_path(folder: &str, name: &str) -> String {
    format!("{folder}/{name}")
}

/// What pip installs an object of `folder` by.
pub fn requirement(folder: &str, name: &str) -> String {
    install::at_path(&installed_path(folder, name))
}

/// Where a program on the cluster finds an object: workspace files are mounted at `/Workspace`, volumes at `/Volumes`.
fn installed_path(folder: &str, name: &str) -> String {
    let root = if folder.starts_with("/Volumes/") { "" } else { "/Workspace" };
    format!("{root}{}", object_path(folder, name))
}
