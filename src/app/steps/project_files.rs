//! The files of a release: folders of code and configuration, and what workflows name beside them.

use std::collections::BTreeSet;
use std::sync::Arc;

use crate::codebase::{self, Folder, ToRead};
use crate::diagnostic::{Diagnostic, Diagnostics, Error, Result, Rule};
use crate::fs::{Checkout, Index, ReadError, Walk};
use crate::project::Project;
use crate::source::{Absent, Files, RepoPath, is_hidden, is_incidental};
use crate::spec::Workflow;

use super::files::RENAME;
use super::sparse::is_sparse;

/// Limit of one file of code or configuration, which is that of a file in a workspace.
const FILE_LIMIT: usize = 10 << 20;
/// Limit of all files of a release together: they are held in memory, and packed they must fit into one such file.
const RELEASE_LIMIT: usize = 128 << 20;
/// The files of a codebase, as far as they could be read.
pub(super) struct ProjectFiles {
    /// The files; one that is too large is empty.
    pub(super) files: Files,
    /// Why they cannot be released, if one of them is too large.
    pub(super) refused: Option<Error>,
    /// Findings about what a release leaves out, such as links and devices.
    pub(super) left_out: Diagnostics,
    /// What was looked for.
    paths: BTreeSet<RepoPath>,
    /// The code folder.
    code: RepoPath,
    /// Bytes that further files may have.
    left: usize,
    /// In a sparse checkout, the root of the repository and what git tracks in it.
    sparse: Option<Arc<(RepoPath, Index)>>,
}

/// Reads the files that a codebase of `project` with `workflows` consists of.
pub(super) fn read(checkout: &Checkout, project: &Project, workflows: &[Workflow]) -> Result<ProjectFiles> {
    let to_read = codebase::to_read(project, workflows);
    let mut files = to_read.files.clone();
    let repository = project.repository.as_ref().filter(|root| is_sparse(checkout, root));
    let sparse = repository.map(|root| Arc::new((root.clone(), checkout.index(root))));
    let mut read = ProjectFiles {
        files: Files::default(),
        refused: None,
        left_out: Diagnostics::default(),
        paths: BTreeSet::new(),
        code: project.code.clone(),
        left: RELEASE_LIMIT,
        sparse,
    };
    let input = project.local_input();
    for Folder { path, hidden } in &to_read.folders {
        let skips = if *hidden { is_incidental } else { is_hidden };
        let walk = checkout.walk_unignored(path, skips).map_err(|error| unreadable(path, &error))?;
        files.extend(walk.files.into_iter().filter(|path| !input.contains(path)));
        read.left_out.extend(walk.left_out.iter().map(|(path, error)| left_out(path, error)));
    }
    read.read(checkout, ToRead { files, ..to_read });
    Ok(read)
}

impl ProjectFiles {
    /// The files that a codebase with further `workflows` has beside these: none that was looked for is again.
    pub(super) fn further<'w>(
        &self,
        checkout: &Checkout,
        project: &Project,
        workflows: impl IntoIterator<Item = &'w Workflow>,
    ) -> Self {
        let to_read = codebase::to_read(project, workflows);
        let without = |paths: &BTreeSet<RepoPath>| paths - &self.paths;
        let (files, named) = (without(&to_read.files), without(&to_read.named));
        let mut further = Self {
            files: Files::default(),
            refused: None,
            left_out: Diagnostics::default(),
            paths: BTreeSet::new(),
            code: self.code.clone(),
            left: self.left,
            sparse: self.sparse.clone(),
        };
        further.read(checkout, ToRead { files, named, ..to_read });
        further
    }

    /// Reads the files, which are all released, and what is named beside them.
    fn read(&mut self, checkout: &Checkout, ToRead { files, named, mistaken, .. }: ToRead) {
        let (of_git, files): (BTreeSet<_>, BTreeSet<_>) = files.into_iter().partition(RepoPath::is_of_git);
        for path in &files {
            self.read_file(checkout, path);
        }
        for path in named.difference(&files).filter(|path| !path.is_of_git()) {
            self.read_named(checkout, path);
        }
        let git = "is git's own, of which nothing is shipped";
        for path in of_git.iter().chain(named.iter().filter(|path| path.is_of_git())) {
            if checkout.exists(path) {
                self.files.note(path.clone(), Absent::Withheld(git.to_owned()));
            }
        }
        for path in mistaken.difference(&named).filter(|path| checkout.exists(path)) {
            self.files.note(path.clone(), Absent::Unnamed);
        }
        self.paths.extend(files.into_iter().chain(named));
    }

    fn read_file(&mut self, checkout: &Checkout, path: &RepoPath) {
        let why = match checkout.read(path, FILE_LIMIT) {
            Ok(bytes) if bytes.len() <= self.left => {
                self.left -= bytes.len();
                return self.files.insert(path.clone(), bytes);
            }
            // The rules report paths that are named and are no files.
            Err(error @ (ReadError::Missing | ReadError::Link | ReadError::NotAFile)) => {
                return self.read_other(checkout, path, &error);
            }
            Ok(_) => format!("and the files before it have more than {RELEASE_LIMIT} bytes together"),
            Err(error) => error.to_string(),
        };
        self.left_out.push(
            Diagnostic::of(Rule::LeftOut, path, None, format!("it {why}, so nothing can be released")).help(MOVE_OUT),
        );
        self.refused.get_or_insert_with(|| refused(path, why));
        self.files.insert(path.clone(), Vec::new());
    }

    fn read_named(&mut self, checkout: &Checkout, path: &RepoPath) {
        if self.files.contains(path) {
            return;
        }
        match checkout.read(path, FILE_LIMIT.min(self.left)) {
            Ok(bytes) => {
                self.left -= bytes.len();
                self.files.insert(path.clone(), bytes);
            }
            Err(error) => self.read_other(checkout, path, &error),
        }
    }

    /// Reads what is at `path`, of which `error` says that it is no file: a folder, or the reason why there is nothing.
    fn read_other(&mut self, checkout: &Checkout, path: &RepoPath, error: &ReadError) {
        let why = match error {
            ReadError::Missing => match checkout.other_form(path) {
                Some(found) => Absent::OtherForm(found),
                None if self.is_left_out(path) => Absent::NotCheckedOut,
                None => return,
            },
            // It is read already, and what is hidden in it is no code.
            ReadError::NotAFile if *path == self.code => return,
            ReadError::NotAFile => match checkout.walk_unignored(path, is_incidental) {
                Ok(walk) if walk.files.is_empty() => Absent::Empty,
                Ok(walk) => return self.read_folder(checkout, walk),
                Err(error) => Absent::Withheld(error.to_string()),
            },
            error => Absent::Withheld(error.to_string()),
        };
        self.files.note(path.clone(), why);
    }

    fn read_folder(&mut self, checkout: &Checkout, walk: Walk) {
        self.left_out.extend(walk.left_out.iter().map(|(path, error)| left_out(path, error)));
        for path in walk.files.into_iter().filter(|path| !self.files.contains(path)).collect::<Vec<_>>() {
            match checkout.read(&path, FILE_LIMIT.min(self.left)) {
                Ok(bytes) => {
                    self.left -= bytes.len();
                    self.files.insert(path, bytes);
                }
                Err(error) => self.left_out.push(left_out(&path, &error)),
            }
        }
    }

    fn is_left_out(&self, path: &RepoPath) -> bool {
        let below = |(root, index): &(RepoPath, Index)| path.below(root).is_some_and(|path| index.leaves_out(path));
        self.sparse.as_deref().is_some_and(below)
    }
}

/// What to do about a file that is too large.
const MOVE_OUT: &str = "move it out of the folders of code and configuration: everything in them is shipped";

fn refused(path: &RepoPath, why: impl std::fmt::Display) -> Error {
    Error::input(format!("`{path}` {why}")).hint(MOVE_OUT)
}

fn unreadable(folder: &RepoPath, error: &ReadError) -> Error {
    Error::input(format!("the folder `{folder}` {error}"))
        .hint("folders of code and configuration must be in the checkout itself and contain only what is deployed")
}

fn left_out(path: &RepoPath, error: &ReadError) -> Diagnostic {
    let (what, help) = match error {
        ReadError::Name(_) => ("the folder", RENAME),
        ReadError::TooLarge { .. } => ("it", "name a smaller file, or one that the pipeline finds where it runs"),
        _ => ("it", "replace it by the file itself, or move it out of the folders of code and configuration"),
    };
    Diagnostic::of(Rule::LeftOut, path, None, format!("{what} {error}, so it is not shipped")).help(help)
}
