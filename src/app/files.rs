//! What a run reads from the checkout: `dltflow.yml`, the specs, and what a release is made from.

use glob::{MatchOptions, Pattern};

use crate::diagnostic::{Diagnostic, Diagnostics, Error, Kind, Result, Severity};
use crate::fs::{Checkout, ReadError};
use crate::project::Project;
use crate::source::{Files, RepoPath, Sources};
use crate::spec::{self, Dependency, SpecFile, Workflow};

/// The file that makes a folder a project.
pub(super) const PROJECT_FILE: &str = "dltflow.yml";
/// Most that is read of one spec, and of `dltflow.yml`.
const SPEC_LIMIT: usize = 1 << 20;
/// Most that is read of one file of code or configuration: what a workspace takes as one file.
const FILE_LIMIT: usize = 10 << 20;

/// The specs of a project, as far as they could be read.
pub(super) struct Specs {
    /// Those that were read.
    pub(super) files: Vec<SpecFile>,
    /// What is wrong with files as a whole, by file.
    pub(super) broken: Vec<(RepoPath, Diagnostics)>,
}

/// Reads `dltflow.yml` in `folder`; what is wrong in it goes to `findings`.
pub(super) fn project(
    checkout: &Checkout,
    folder: &RepoPath,
    sources: &mut Sources,
    findings: &mut Diagnostics,
) -> Result<Project> {
    let path = folder.join(PROJECT_FILE).map_err(Error::input)?;
    let source = checkout.read_text(&path, SPEC_LIMIT).map_err(|error| match error {
        ReadError::Missing => Error::input(format!("there is no `{PROJECT_FILE}` in the folder `{folder}`"))
            .hint("set `working-directory` to the folder that holds it; the checkout has to come before this step"),
        error => Error::input(format!("`{path}` {error}")),
    })?;
    let (project, found) = Project::decode(&source);
    sources.insert(source);
    findings.extend(found);
    project.ok_or_else(|| {
        Error::input(format!("`{path}` is not valid"))
            .hint("correct what is listed with its place; all of it is listed")
    })
}

/// Reads the specs that `globs` (below the project's folder) name, or all in the project's folder of specs.
pub(super) fn specs(checkout: &Checkout, project: &Project, globs: &[String], sources: &mut Sources) -> Result<Specs> {
    let mut specs = Specs { files: Vec::new(), broken: Vec::new() };
    for path in spec_paths(checkout, project, globs)? {
        match checkout.read_text(&path, SPEC_LIMIT) {
            Ok(source) => {
                let (file, found) = spec::decode(&source, project);
                sources.insert(source);
                specs.files.push(file);
                if !found.is_empty() {
                    specs.broken.push((path, found));
                }
            }
            Err(error) => specs.broken.push((path.clone(), unreadable(&path, &error))),
        }
    }
    Ok(specs)
}

/// The files that a release is made from: code, configuration, `pyproject.toml` and local wheels.
///
/// A file that no workspace takes is an error only where a release is to be made, that is, where any is `selected`.
pub(super) fn release_files(
    checkout: &Checkout,
    project: &Project,
    selected: &[Workflow],
    others: &[Workflow],
) -> Result<Files> {
    let mut files = Files::default();
    let mut paths = Vec::new();
    for folder in [&project.code, &project.conf] {
        paths.extend(
            checkout.walk(folder).map_err(|error| Error::input(format!("the folder `{folder}` {error}")))?.files,
        );
    }
    paths.extend(selected.iter().chain(others).flat_map(|workflow| named_files(project, workflow)));
    paths.extend(project.folder.join("pyproject.toml"));
    for path in paths {
        match checkout.read(&path, FILE_LIMIT) {
            Ok(bytes) => files.insert(path, bytes),
            // What is missing, or no file, is told by the rules where something names it.
            Err(ReadError::Missing | ReadError::Link | ReadError::NotAFile) => {}
            Err(_) if selected.is_empty() => {}
            Err(error) => {
                return Err(Error::input(format!("`{path}` {error}"))
                    .hint("move it out of the folders of code and configuration: all of them is shipped"));
            }
        }
    }
    Ok(files)
}

/// Files that a workflow names, wherever they lie: the rules tell one that is missing from one that is in the wrong place.
fn named_files(project: &Project, workflow: &Workflow) -> Vec<RepoPath> {
    let is_config = |path: &RepoPath| matches!(path.extension(), "json" | "toml" | "yaml" | "yml");
    let wheels = workflow.dependencies.iter().filter_map(|dependency| match dependency {
        Dependency::LocalWheel(path) => Some(path.value.clone()),
        _ => None,
    });
    let of_items = workflow.items.iter().flat_map(|item| {
        let configs = item.named_paths(&project.folder).filter(is_config);
        std::iter::once(item.python_file.value.clone()).chain(configs)
    });
    wheels.chain(of_items).collect()
}

fn spec_paths(checkout: &Checkout, project: &Project, globs: &[String]) -> Result<Vec<RepoPath>> {
    let inside = |folder: &RepoPath| {
        let walk = checkout.walk(folder).map_err(|error| Error::input(format!("the folder `{folder}` {error}")))?;
        // A link is told as what it is, rather than left out: somebody expects it to be deployed.
        let mut paths: Vec<RepoPath> = walk.files.into_iter().chain(walk.links).collect();
        paths.sort();
        Ok::<_, Error>(paths)
    };
    if globs.is_empty() {
        let is_spec = |path: &RepoPath| matches!(path.extension(), "yml" | "yaml" | "json");
        return Ok(inside(&project.workflows)?.into_iter().filter(is_spec).collect());
    }
    let mut found = Vec::new();
    let mut walked = None;
    for glob in globs {
        // A path without wildcards is taken as it is, so that a missing one is told by its name.
        if !is_pattern(glob) {
            found.push(named(checkout, project, glob)?);
            continue;
        }
        let pattern =
            Pattern::new(glob).map_err(|error| Error::input(format!("`workflows`: `{glob}` is no glob: {error}")))?;
        let all = match &walked {
            Some(all) => all,
            None => walked.insert(inside(&project.folder)?),
        };
        let options = MatchOptions { require_literal_separator: true, ..MatchOptions::new() };
        let matches =
            |path: &&RepoPath| path.below(&project.folder).is_some_and(|below| pattern.matches_with(below, options));
        let before = found.len();
        found.extend(all.iter().filter(matches).cloned());
        if found.len() == before {
            return Err(Error::input(format!("`workflows`: no file matches `{glob}`")).hint(
                "globs are relative to the folder of `dltflow.yml`, on the command line to the working directory",
            ));
        }
    }
    found.sort();
    found.dedup();
    Ok(found)
}

/// Whether the text has wildcards.
pub(super) fn is_pattern(glob: &str) -> bool {
    glob.contains(['*', '?', '['])
}

fn named(checkout: &Checkout, project: &Project, text: &str) -> Result<RepoPath> {
    let path = project.folder.join(text).map_err(|bad| Error::input(format!("the spec file `{text}` {bad}")))?;
    if checkout.exists(&path) || !matches!(checkout.read(&path, 0), Err(ReadError::Missing)) {
        return Ok(path);
    }
    Err(Error::input(format!("the spec file `{path}` does not exist"))
        .hint("paths are relative to the folder of `dltflow.yml`, on the command line to the working directory"))
}

fn unreadable(path: &RepoPath, error: &ReadError) -> Diagnostics {
    let mut found = Diagnostics::default();
    let help = match error {
        ReadError::Link => "commit the spec itself",
        ReadError::TooLarge { .. } => "split it: a spec has no use for so much text",
        ReadError::NotText { .. } => "save it as UTF-8",
        _ => "make it a regular file that can be read",
    };
    found.push(Diagnostic::new("unreadable-spec", Severity::Error, path, None, format!("the spec {error}")).help(help));
    found
}

/// The error of a run of which selected files or workflows are wrong.
pub(super) fn invalid(errors: usize) -> Error {
    let (noun, verb) = if errors == 1 { ("finding", "stands") } else { ("findings", "stand") };
    Error::new(Kind::Invalid, format!("{errors} {noun} {verb} in the way, so nothing is deployed"))
}
