//! What a run reads from the checkout first: `dltflow.yml` and the specs.

use std::collections::BTreeSet;

use glob::{MatchOptions, Pattern};

use crate::app::context::Face;
use crate::app::record::Record;
use crate::app::subject::Subject;
use crate::diagnostic::{Diagnostic, Diagnostics, Error, Result, Rule};
use crate::fs::{Checkout, ReadError, Walk};
use crate::project::Project;
use crate::source::{RepoPath, Sources};
use crate::spec::{self, SpecFile};

use super::template;

/// The file that makes a folder a project.
pub(in crate::app) const PROJECT_FILE: &str = "dltflow.yml";
/// Limit of one spec, and of `dltflow.yml`.
const SPEC_LIMIT: usize = 1 << 20;
/// Limit of all specs together.
const SPECS_LIMIT: usize = 64 << 20;

/// The specs of a project, as far as they could be read.
#[derive(Default)]
pub(super) struct Specs {
    /// Those that the run is about.
    pub(super) files: Vec<SpecFile>,
    /// Findings about them as a whole.
    pub(super) broken: Vec<Broken>,
    /// The others, which the run's own choice of files leaves out.
    pub(super) left_out: Vec<SpecFile>,
    /// Where workflows of the project may be that were not read: specs with mistakes, or the folder of specs.
    pub(super) unread: BTreeSet<RepoPath>,
    /// The texts of all of them.
    pub(super) sources: Sources,
}

/// What is wrong with a spec beside its workflows.
pub(super) struct Broken {
    pub(super) path: RepoPath,
    /// The environment that it is about, if not the whole file.
    pub(super) environment: Option<String>,
    pub(super) findings: Diagnostics,
}

/// Reads `dltflow.yml` in `folder`, which the user knows as `typed`; findings go to the record.
pub(in crate::app) fn project(
    checkout: &Checkout,
    folder: &RepoPath,
    typed: &str,
    face: Face,
    record: &mut Record,
) -> Result<Project> {
    let path = folder.join(PROJECT_FILE).map_err(Error::input)?;
    let source = checkout.read_text(&path, SPEC_LIMIT).map_err(|error| match error {
        ReadError::Missing => {
            Error::input(format!("there is no `{PROJECT_FILE}` in the folder `{typed}`")).hint(match face {
                Face::Action => "set `working-directory` to its folder, and run `actions/checkout` before this step",
                Face::CommandLine => "name the folder that holds it with `--working-directory`",
            })
        }
        error => Error::input(format!("`{path}` {error}"))
            .hint("commit it as a regular file in UTF-8, in a folder of the checkout itself"),
    })?;
    if let Some(required) = Project::unmet_version(&source) {
        let message = format!("`{path}` requires dltflow `{required}`, and this is {}", env!("CARGO_PKG_VERSION"));
        return Err(Error::input(message).hint(match face {
            Face::Action => "name a release that meets it in the `uses:` of this step",
            Face::CommandLine => "install a release that meets it",
        }));
    }
    let (project, found) = Project::decode(&source);
    record.source(source);
    record.findings(found);
    let invalid = || Error::input(format!("`{path}` is not valid")).hint("fix the errors above: all are listed");
    Ok(Project { repository: checkout.repository(folder), ..project.ok_or_else(invalid)? })
}

/// Reads the specs that are named, or all in the project's folder of specs; then also those of that folder that are not
/// named, whose mistakes are not this run's.
pub(super) fn specs(subject: &Subject, face: Face) -> Result<Specs> {
    let Subject { checkout, project, globs, .. } = subject;
    let mut specs = Specs::default();
    let mut left = SPECS_LIMIT;
    let Walk { files: chosen, left_out } = spec_paths(checkout, project, globs, face)?;
    for (path, error) in left_out {
        specs.broken.push(Broken { findings: unreadable(&path, &error), environment: None, path: path.clone() });
        specs.unread.insert(path);
    }
    for path in &chosen {
        if template::is_one(path) {
            specs.broken.push(Broken { path: path.clone(), environment: None, findings: template::finding(path) });
            continue;
        }
        let findings = match specs.read(subject, path, &mut left) {
            Ok((file, found)) => {
                specs.files.push(file);
                found
            }
            Err(ReadError::TooLarge { limit: SPECS_LIMIT }) => {
                return Err(Error::input(format!("the specs have more than {SPECS_LIMIT} bytes together"))
                    .hint("name fewer of them, or make them smaller"));
            }
            Err(error) => unreadable(path, &error),
        };
        if !findings.is_empty() {
            specs.broken.push(Broken { path: path.clone(), environment: None, findings });
        }
    }
    if !globs.is_empty() {
        specs.read_left_out(subject, &chosen.into_iter().collect(), &mut left);
    }
    if !checkout.exists(&project.workflows) {
        specs.unread.insert(project.workflows.clone());
    }
    Ok(specs)
}

impl Specs {
    /// Reads the specs of the project that are not among the `chosen` ones.
    fn read_left_out(&mut self, subject: &Subject, chosen: &BTreeSet<RepoPath>, left: &mut usize) {
        let Ok(Walk { files, left_out }) = all_specs(&subject.checkout, &subject.project) else {
            self.unread.insert(subject.project.workflows.clone());
            return;
        };
        self.unread.extend(left_out.into_iter().map(|(path, _)| path));
        for path in files.iter().filter(|path| !chosen.contains(path) && !template::is_one(path)) {
            if let Ok((file, _)) = self.read(subject, path, left) {
                self.left_out.push(file);
            }
        }
    }

    /// The spec at `path`, and what is wrong with it as a whole; `left` is how many bytes all further ones may have.
    fn read(
        &mut self,
        subject: &Subject,
        path: &RepoPath,
        left: &mut usize,
    ) -> Result<(SpecFile, Diagnostics), ReadError> {
        let read = subject.checkout.read_text(path, SPEC_LIMIT).and_then(|source| {
            *left = left.checked_sub(source.text.len()).ok_or(ReadError::TooLarge { limit: SPECS_LIMIT })?;
            Ok(source)
        });
        let source = read.inspect_err(|_| _ = self.unread.insert(path.clone()))?;
        let (file, found) = spec::decode(&source, &subject.project);
        self.sources.insert(source);
        if found.has_errors() || !is_read(&file, subject) {
            self.unread.insert(path.clone());
        }
        Ok((file, found))
    }
}

/// Whether the spec at `path` has that workflow in the run's environment, as far as can be known: also where it cannot be
/// read.
pub(super) fn may_have(subject: &Subject, path: &RepoPath, workflow: &str) -> bool {
    let source = match subject.checkout.read_text(path, SPEC_LIMIT) {
        Ok(source) => source,
        Err(error) => return !matches!(error, ReadError::Missing),
    };
    let (file, found) = spec::decode(&source, &subject.project);
    let sections = file.environments.iter().filter(|found| found.name.value == subject.destination.environment);
    let mut workflows = sections.flat_map(|found| &found.workflows);
    found.has_errors() || !is_read(&file, subject) || workflows.any(|found| found.name.value == workflow)
}

/// Whether all workflows of the run's environment in the file are known: an environment without a target may be a misspelt
/// one.
fn is_read(file: &SpecFile, subject: &Subject) -> bool {
    file.environments.iter().all(|environment| {
        let name = &environment.name.value;
        let is_own = *name == subject.destination.environment;
        subject.project.target(name).is_some() && !(is_own && environment.findings.has_errors())
    })
}

fn walk(checkout: &Checkout, folder: &RepoPath) -> Result<Walk> {
    checkout.walk(folder).map_err(|error| {
        Error::input(format!("the folder `{folder}` {error}")).hint(
            "folders of code, configuration and specs must be in the checkout itself and contain only what is deployed",
        )
    })
}

/// The selected specs, sorted. A link is reported rather than left out: somebody expects it to be
/// deployed, and one without an extension may lead to a folder of specs.
fn spec_paths(checkout: &Checkout, project: &Project, globs: &[String], face: Face) -> Result<Walk> {
    if globs.is_empty() {
        return all_specs(checkout, project);
    }
    Ok(Walk { files: matching(checkout, project, globs, face)?, left_out: Vec::new() })
}

fn all_specs(checkout: &Checkout, project: &Project) -> Result<Walk> {
    let is_spec = |path: &RepoPath| matches!(path.extension(), "yml" | "yaml" | "json");
    let mut walk = walk(checkout, &project.workflows)?;
    walk.files.retain(|path| is_spec(path) || template::is_one(path));
    walk.left_out
        .retain(|(path, error)| is_spec(path) || path.extension().is_empty() || matches!(error, ReadError::Name(_)));
    Ok(walk)
}

/// The files that `globs` name, including links, which are reported when they are read.
fn matching(checkout: &Checkout, project: &Project, globs: &[String], face: Face) -> Result<Vec<RepoPath>> {
    let mut found = Vec::new();
    let mut walked = None;
    for glob in globs {
        // A path without wildcards is taken as it is, so that a missing one is reported by its name.
        if !is_pattern(glob) {
            found.push(named(checkout, project, glob, face)?);
            continue;
        }
        let pattern =
            Pattern::new(glob).map_err(|error| Error::input(format!("`{glob}` is not a valid glob: {error}")))?;
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
            return Err(Error::input(format!("no file matches `{glob}`")).hint(relative_to(face)));
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

fn named(checkout: &Checkout, project: &Project, text: &str, face: Face) -> Result<RepoPath> {
    let path = project.folder.join(text).map_err(|bad| Error::input(format!("the spec file `{text}` {bad}")))?;
    if checkout.exists(&path) || !matches!(checkout.read(&path, 0), Err(ReadError::Missing)) {
        return Ok(path);
    }
    Err(Error::input(format!("the spec file `{path}` does not exist")).hint(relative_to(face)))
}

/// Where paths and globs of specs begin.
fn relative_to(face: Face) -> &'static str {
    match face {
        Face::Action => "paths in `workflows` are relative to the folder of `dltflow.yml`",
        Face::CommandLine => "paths are relative to the working directory",
    }
}

fn unreadable(path: &RepoPath, error: &ReadError) -> Diagnostics {
    let mut found = Diagnostics::default();
    let help = match error {
        ReadError::Link => "commit the spec itself",
        ReadError::TooLarge { .. } => "split it into several specs",
        ReadError::NotText { .. } => "save it as UTF-8",
        ReadError::Pointer => FETCH,
        ReadError::Name(_) => RENAME,
        _ => "make it a regular file that can be read",
    };
    let what = if matches!(error, ReadError::Name(_)) { "the folder" } else { "the spec" };
    found.push(Diagnostic::of(Rule::UnreadableSpec, path, None, format!("{what} {error}")).help(help));
    found
}

/// What to do about a file that Git LFS did not fetch.
const FETCH: &str = "fetch it: `lfs: true` of `actions/checkout`, or `git lfs pull`";

/// What to do about a name that is not portable.
pub(super) const RENAME: &str = "rename it: letters, digits, `-`, `_` and `.` do everywhere";
