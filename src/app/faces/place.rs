//! Where a command is started, and the project that it is about.

use std::path::{Path, PathBuf};

use crate::app::steps::files::PROJECT_FILE;
use crate::diagnostic::{Error, ErrorContext as _, Kind, Result};
use crate::env;
use crate::fs;
use crate::source::RepoPath;

/// Where a command is started, and the project that it is about.
pub(super) struct StartingPoint {
    /// The checkout, as the file system names it.
    pub(super) root: PathBuf,
    /// Folder of `dltflow.yml`: the one that the command is started in, or the nearest above it.
    pub(super) project: RepoPath,
    /// Folder that the command is started in.
    here: RepoPath,
}

impl StartingPoint {
    pub(super) fn find(working_directory: &str) -> Result<Self> {
        let started = env::current_folder().or_kind(Kind::Input, "cannot find out the current folder")?;
        let here = fs::resolve(&started.join(working_directory))
            .or_kind(Kind::Input, format!("cannot open the folder `{working_directory}`"))?;
        let project = fs::nearest_with(PROJECT_FILE, &here).ok_or_else(|| {
            Error::input(format!("there is no `{PROJECT_FILE}` in `{}` or above it", here.display()))
                .hint("go to the project's folder, or name it with `--working-directory`")
        })?;
        let root = fs::checkout_root(&project);
        Ok(Self { project: below(&project, &root)?, here: below(&here, &root)?, root })
    }

    /// The folder that the command is started in, as the file system names it.
    pub(super) fn here(&self) -> PathBuf {
        self.root.join(self.here.as_str())
    }

    /// A path or glob as it was typed, relative to the project's folder.
    pub(super) fn below_project(&self, typed: &str) -> Result<String> {
        let path = match Path::new(typed) {
            path if path.is_absolute() => below(&resolved(path), &self.root)?,
            _ => self.here.join(typed).map_err(|bad| Error::input(format!("the spec file `{typed}` {bad}")))?,
        };
        path.below(&self.project).map(str::to_owned).ok_or_else(|| {
            Error::input(format!("the spec file `{typed}` is outside the project's folder `{}`", self.project))
        })
    }
}

/// The path with the links of its folder resolved; itself it may be one, or nothing.
fn resolved(path: &Path) -> PathBuf {
    let folder = path.parent().and_then(|folder| fs::resolve(folder).ok());
    folder.zip(path.file_name()).map_or_else(|| path.to_owned(), |(folder, name)| folder.join(name))
}

fn below(path: &Path, root: &Path) -> Result<RepoPath> {
    let outside = || Error::input(format!("`{}` is outside the checkout `{}`", path.display(), root.display()));
    let text = path.strip_prefix(root).map_err(|_| outside())?.to_str();
    let text = text.ok_or_else(|| Error::input(format!("the path `{}` is not UTF-8", path.display())))?;
    RepoPath::parse(text).map_err(|bad| Error::input(format!("the path `{text}` {bad}")))
}
