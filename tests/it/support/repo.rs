//! A real git repository in a folder of its own.

use std::path::{Path, PathBuf};
use std::process::Command;

use tempfile::TempDir;

/// A repository with a work tree; every commit has the same author and time.
pub(crate) struct Repo {
    folder: TempDir,
}

impl Repo {
    /// An empty repository on `main`.
    pub(crate) fn new() -> Self {
        let repo = Self { folder: TempDir::new().unwrap() };
        repo.git(&["init", "--quiet", "--initial-branch=main", "--object-format=sha1"]);
        repo
    }

    /// A repository whose first commit has the files in `folder` of this package.
    pub(crate) fn of(folder: &str) -> Self {
        let repo = Self::new();
        copy(&Path::new(env!("CARGO_MANIFEST_DIR")).join(folder), repo.path());
        repo.commit("first");
        repo
    }

    pub(crate) fn path(&self) -> &Path {
        self.folder.path()
    }

    pub(crate) fn write(&self, path: &str, text: impl AsRef<[u8]>) -> &Self {
        let path = self.path().join(path);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, text).unwrap();
        self
    }

    pub(crate) fn read(&self, path: &str) -> String {
        std::fs::read_to_string(self.path().join(path)).unwrap()
    }

    /// Replaces a text that must be there.
    pub(crate) fn replace(&self, path: &str, from: &str, to: &str) -> &Self {
        let text = self.read(path);
        assert!(text.contains(from), "`{from}` is not in {path}");
        self.write(path, text.replace(from, to))
    }

    /// Commits everything and gives the commit.
    pub(crate) fn commit(&self, message: &str) -> String {
        self.git(&["add", "--all"]);
        self.git(&["commit", "--quiet", "--allow-empty", "--message", message]);
        self.head()
    }

    pub(crate) fn head(&self) -> String {
        self.rev("HEAD")
    }

    pub(crate) fn rev(&self, revision: &str) -> String {
        self.git(&["rev-parse", revision])
    }

    /// Copies the files of a folder over the existing ones; its file `.delete` lists what to delete, one per line.
    pub(crate) fn lay_over(&self, folder: &Path) -> &Self {
        copy(folder, self.path());
        let list = self.path().join(".delete");
        if list.exists() {
            let gone = std::fs::read_to_string(&list).unwrap();
            gone.lines().for_each(|path| std::fs::remove_file(self.path().join(path)).unwrap());
            std::fs::remove_file(list).unwrap();
        }
        self
    }

    /// Switches to a branch, creating it if it is new.
    pub(crate) fn branch(&self, name: &str) -> &Self {
        let known = self.try_git(&["rev-parse", "--verify", "--quiet", &format!("refs/heads/{name}")]).is_ok();
        let arguments: &[&str] =
            if known { &["checkout", "--quiet", name] } else { &["checkout", "--quiet", "-b", name] };
        self.git(arguments);
        self
    }

    /// Runs git and returns its output.
    pub(crate) fn git(&self, arguments: &[&str]) -> String {
        self.try_git(arguments).unwrap_or_else(|error| panic!("git {arguments:?}: {error}"))
    }

    fn try_git(&self, arguments: &[&str]) -> Result<String, String> {
        git(self.path(), arguments)
    }
}

/// Runs git in a folder and returns its output, or its error.
pub(super) fn git(folder: &Path, arguments: &[&str]) -> Result<String, String> {
    let mut command = Command::new("git");
    command.current_dir(folder).args(arguments).env_clear().env("PATH", std::env::var_os("PATH").unwrap());
    command.envs([("GIT_CONFIG_NOSYSTEM", "1"), ("GIT_CONFIG_GLOBAL", "/dev/null"), ("HOME", "/nonexistent")]);
    for role in ["AUTHOR", "COMMITTER"] {
        command.env(format!("GIT_{role}_NAME"), "octocat").env(format!("GIT_{role}_EMAIL"), "octocat@github.com");
        command.env(format!("GIT_{role}_DATE"), "2026-03-01T12:00:00Z");
    }
    let output = command.output().unwrap();
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).trim_end().to_owned();
    if output.status.success() { Ok(text(&output.stdout)) } else { Err(text(&output.stderr)) }
}

fn copy(from: &Path, to: &Path) {
    for entry in std::fs::read_dir(from).unwrap() {
        let from = entry.unwrap().path();
        let to: PathBuf = to.join(from.file_name().unwrap());
        if from.is_dir() {
            if from.file_name().is_some_and(|name| name == "__pycache__") {
                continue;
            }
            std::fs::create_dir_all(&to).unwrap();
            copy(&from, &to);
        } else {
            std::fs::copy(&from, &to).unwrap();
        }
    }
}
