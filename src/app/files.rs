//! What a run reads from the checkout: `dltflow.yml`, the specs, and what a release is made from.

use glob::{MatchOptions, Pattern};

use crate::diagnostic::{Diagnostic, Diagnostics, Error, Kind, Result, Rule};
use crate::fs::{Checkout, ReadError, Walk};
use crate::project::Project;
use crate::source::{Files, RepoPath, Sources};
use crate::spec::{self, Dependency, SpecFile, Workflow};

/// The file that makes a folder a project.
pub(super) const PROJECT_FILE: &str = "dltflow.yml";
/// Most that is read of one spec, and of `dltflow.yml`.
const SPEC_LIMIT: usize = 1 << 20;
/// Most that is read of one file of code or configuration: what a workspace takes as one file.
const FILE_LIMIT: usize = 10 << 20;
/// Most that is read of all files of a release: they are held in memory, and packed they have to fit in one such file.
const RELEASE_LIMIT: usize = 128 << 20;
/// Most that is read of all specs.
const SPECS_LIMIT: usize = 64 << 20;

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
        error => Error::input(format!("`{path}` {error}"))
            .hint("commit it as a regular file in UTF-8, in a folder of the checkout itself"),
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
    let Walk { files, left_out } = spec_paths(checkout, project, globs)?;
    specs.broken.extend(left_out.into_iter().map(|(path, error)| (path.clone(), unreadable(&path, &error))));
    let mut bytes = 0;
    for path in files {
        match checkout.read_text(&path, SPEC_LIMIT) {
            Ok(source) => {
                bytes += source.text.len();
                if bytes > SPECS_LIMIT {
                    return Err(Error::input(format!("the specs have more than {SPECS_LIMIT} bytes together"))
                        .hint("name those that are meant with `workflows`, or make them smaller"));
                }
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
/// A file that no workspace takes is an error only where a release is to be made, that is, where any is `selected`. What
/// no release holds (a link, a device) is told in `found`.
pub(super) fn release_files(
    checkout: &Checkout,
    project: &Project,
    selected: &[Workflow],
    others: &[Workflow],
    found: &mut Diagnostics,
) -> Result<Files> {
    let mut paths = Vec::new();
    for folder in [&project.code, &project.conf] {
        let walk = walk(checkout, folder)?;
        paths.extend(walk.files);
        found.extend(walk.left_out.iter().map(|(path, error)| left_out(path, error)));
    }
    paths.extend(selected.iter().chain(others).flat_map(|workflow| named_files(project, workflow)));
    paths.extend(project.folder.join("pyproject.toml"));
    paths.sort();
    paths.dedup();
    read_all(checkout, paths, selected.is_empty())
}

/// The bytes of `paths`; where no release `is_none` made of them, of those that are too large the name alone.
fn read_all(checkout: &Checkout, paths: Vec<RepoPath>, is_none: bool) -> Result<Files> {
    let refused = |path: &RepoPath, error: &dyn std::fmt::Display| {
        Error::input(format!("`{path}` {error}"))
            .hint("move it out of the folders of code and configuration: all of them is shipped")
    };
    let mut files = Files::default();
    let mut left = RELEASE_LIMIT;
    for path in paths {
        match checkout.read(&path, FILE_LIMIT) {
            Ok(bytes) if bytes.len() <= left => {
                left -= bytes.len();
                files.insert(path, bytes);
            }
            // What is missing, or no file, is told by the rules where something names it.
            Err(ReadError::Missing | ReadError::Link | ReadError::NotAFile) => {}
            _ if is_none => files.insert(path, Vec::new()),
            Ok(_) => {
                return Err(refused(
                    &path,
                    &format!("and the files before it have more than {RELEASE_LIMIT} bytes together"),
                ));
            }
            Err(error) => return Err(refused(&path, &error)),
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

fn walk(checkout: &Checkout, folder: &RepoPath) -> Result<Walk> {
    checkout.walk(folder).map_err(|error| {
        Error::input(format!("the folder `{folder}` {error}")).hint(
            "a folder of code, configuration or specs lies in the checkout itself and holds what is deployed alone",
        )
    })
}

/// The specs that are meant, ordered. A link is told as what it is, rather than left out: somebody expects it to be
/// deployed, and one without an extension may lead to a folder of specs.
fn spec_paths(checkout: &Checkout, project: &Project, globs: &[String]) -> Result<Walk> {
    if globs.is_empty() {
        let is_spec = |path: &RepoPath| matches!(path.extension(), "yml" | "yaml" | "json");
        let mut walk = walk(checkout, &project.workflows)?;
        walk.files.retain(is_spec);
        walk.left_out.retain(|(path, error)| {
            is_spec(path) || path.extension().is_empty() || matches!(error, ReadError::Name(_))
        });
        return Ok(walk);
    }
    Ok(Walk { files: matching(checkout, project, globs)?, left_out: Vec::new() })
}

/// The files that `globs` name; links among them, so that reading them tells what they are.
fn matching(checkout: &Checkout, project: &Project, globs: &[String]) -> Result<Vec<RepoPath>> {
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
        if walked.is_none() {
            let Walk { files, left_out } = walk(checkout, &project.folder)?;
            walked = Some(files.into_iter().chain(left_out.into_iter().map(|(path, _)| path)).collect::<Vec<_>>());
        }
        let all = walked.iter().flatten();
        let options = MatchOptions { require_literal_separator: true, ..MatchOptions::new() };
        let matches =
            |path: &&RepoPath| path.below(&project.folder).is_some_and(|below| pattern.matches_with(below, options));
        let before = found.len();
        found.extend(all.filter(matches).cloned());
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
        ReadError::Name(_) => RENAME,
        _ => "make it a regular file that can be read",
    };
    let what = if matches!(error, ReadError::Name(_)) { "the folder" } else { "the spec" };
    found.push(Diagnostic::of(Rule::UnreadableSpec, path, None, format!("{what} {error}")).help(help));
    found
}

/// What to do about a name that no path has.
const RENAME: &str = "rename it: letters, digits, `-`, `_` and `.` do everywhere";

fn left_out(path: &RepoPath, error: &ReadError) -> Diagnostic {
    let (what, help) = match error {
        ReadError::Name(_) => ("the folder", RENAME),
        _ => ("it", "replace it by the file itself, or move it out of the folders of code and configuration"),
    };
    Diagnostic::of(Rule::LeftOut, path, None, format!("{what} {error}, so it is not shipped")).help(help)
}

/// The error of a run of which selected files or workflows are wrong.
pub(super) fn invalid(errors: usize) -> Error {
    let (noun, verb) = if errors == 1 { ("finding", "stands") } else { ("findings", "stand") };
    Error::new(Kind::Invalid, format!("{errors} {noun} {verb} in the way, so nothing is deployed"))
}
