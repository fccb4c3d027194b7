//! Shell: the program `git`, for the command line; the action asks GitHub instead.
//!
//! The configuration of a repository can name programs (file system monitor, hooks, filters, external diffs, transport
//! helpers). None of them is run: features are switched off, filters are emptied one by one, and the child inherits no
//! variables, so no token either.
#![expect(clippy::disallowed_methods, reason = "the one place that starts a program")]

use std::ffi::OsString;
use std::io::ErrorKind;
use std::path::Path;
use std::process::{Command, Output};

use crate::diagnostic;
use crate::source::Sha;

/// A file that differs between a commit and the working tree.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Difference {
    /// git's status letter: `A`, `M`, `D`, `R`, `C`, `T`, `U`; `?` for an untracked file.
    pub status: u8,
    /// Path relative to the folder in question, as bytes.
    pub path: Vec<u8>,
    /// Path before a rename or copy.
    pub old_path: Option<Vec<u8>>,
}

/// Why git failed.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// `git` is not installed.
    #[error("`git` is not on `PATH`")]
    Missing,
    /// It cannot be started.
    #[error("cannot start `git`: {0}")]
    Start(std::io::Error),
    /// The folder is not in a working tree that git accepts.
    #[error("`{folder}` is not in a git working tree: {message}")]
    NotARepository {
        /// The folder.
        folder: String,
        /// The message of git.
        message: String,
    },
    /// The revision is not a commit of this repository.
    #[error("revision `{0}` is not a commit of this repository")]
    UnknownRevision(String),
    /// It failed for another reason.
    #[error("`git {command}` failed: {message}")]
    Failed {
        /// Its subcommand.
        command: String,
        /// The message of git.
        message: String,
    },
    /// Its output is not in the documented format.
    #[error("cannot parse the output of `git {0}`")]
    Answer(String),
}

impl From<Error> for diagnostic::Error {
    fn from(error: Error) -> Self {
        let hint = match &error {
            Error::Missing => Some("install git, or omit `--changed-since` to include every workflow"),
            Error::UnknownRevision(_) => Some("fetch it: a shallow clone has only the latest commits"),
            Error::NotARepository { .. } => Some("run this inside the repository, or omit `--changed-since`"),
            Error::Start(_) | Error::Failed { .. } | Error::Answer(_) => None,
        };
        let kind = diagnostic::Kind::Input;
        Self { kind, cause: error.into(), hints: hint.into_iter().map(str::to_owned).collect() }
    }
}

/// Files below `root` that differ between `revision` and the working tree, including uncommitted and untracked ones,
/// but not ignored ones. Where HEAD forked from the revision, the comparison is with that point, as in a pull request.
///
/// # Errors
/// See [`Error`].
pub fn changed_since(root: &Path, revision: &str) -> Result<Vec<Difference>, Error> {
    let git = Git::open(root)?;
    let commit = git.commit(revision)?;
    let base = git.fork_point(&commit)?;
    let mut differences = git.differences(base.as_ref().unwrap_or(&commit))?;
    let untracked = git.run(&["ls-files", "--others", "--exclude-standard", "-z"])?;
    let untracked = untracked.split(|byte| *byte == 0).filter(|path| !path.is_empty());
    differences.extend(untracked.map(|path| Difference { status: b'?', path: path.to_vec(), old_path: None }));
    Ok(differences)
}

/// Whether `commit` is `HEAD` of the working tree at `root`, or one that it descends from.
///
/// # Errors
/// See [`Error`]; a commit that the repository lacks is one, as a shallow clone does not tell.
pub fn head_contains(root: &Path, commit: &Sha) -> Result<bool, Error> {
    let git = Git::open(root)?;
    let commit = git.commit(commit.as_str())?;
    Ok(git.output(&["merge-base", "--is-ancestor", commit.as_str(), "HEAD"])?.status.success())
}

/// Variables that git needs to run and to find the user's configuration.
const INHERITED: [&str; 3] = ["PATH", "HOME", "XDG_CONFIG_HOME"];

/// No system-wide configuration, no prompts, no locks, no fetching of missing objects, messages in English.
const VARIABLES: [(&str, &str); 5] = [
    ("GIT_CONFIG_NOSYSTEM", "1"),
    ("GIT_TERMINAL_PROMPT", "0"),
    ("GIT_OPTIONAL_LOCKS", "0"),
    ("GIT_NO_LAZY_FETCH", "1"),
    ("LC_ALL", "C"),
];

/// Settings that override those of the repository.
const SETTINGS: [(&str, &str); 4] = [
    ("core.fsmonitor", "false"),
    ("core.hooksPath", "/dev/null"),
    ("core.attributesFile", "/dev/null"),
    ("protocol.allow", "never"),
];

struct Git {
    root: OsString,
    settings: Vec<(OsString, OsString)>,
}

impl Git {
    /// The repository that contains `root`, with the filters of its configuration emptied.
    fn open(root: &Path) -> Result<Self, Error> {
        let root = root.canonicalize().unwrap_or_else(|_| root.to_owned()).into_os_string();
        let mut settings: Vec<(OsString, OsString)> = Vec::new();
        settings.extend(SETTINGS.map(|(key, value)| (key.into(), value.into())));
        // In a container the checkout belongs to another user; git refuses it unless the folder is listed as safe.
        settings.push(("safe.directory".into(), root.clone()));
        let mut git = Self { root, settings };
        let inside = git.output(&["rev-parse", "--show-toplevel"])?;
        if !inside.status.success() {
            let folder = git.root.to_string_lossy().into_owned();
            return Err(Error::NotARepository { folder, message: first_line(&inside.stderr) });
        }
        let filters = git.output(&["config", "--null", "--name-only", "--get-regexp", r"^filter\."])?;
        for key in String::from_utf8_lossy(&filters.stdout).split('\0').filter(|key| !key.is_empty()) {
            let value = if key.ends_with(".required") { "false" } else { "" };
            git.settings.push((key.into(), value.into()));
        }
        Ok(git)
    }

    fn commit(&self, revision: &str) -> Result<Sha, Error> {
        let commit = format!("{revision}^{{commit}}");
        let output = self.output(&["rev-parse", "--verify", "--quiet", "--end-of-options", &commit])?;
        let text = String::from_utf8_lossy(&output.stdout);
        let sha = Sha::parse(text.trim()).filter(|_| output.status.success());
        sha.ok_or_else(|| Error::UnknownRevision(revision.to_owned()))
    }

    /// The best common ancestor of `commit` and HEAD; `None` without one, as in a shallow clone or before a first commit.
    fn fork_point(&self, commit: &Sha) -> Result<Option<Sha>, Error> {
        let output = self.output(&["merge-base", "--end-of-options", commit.as_str(), "HEAD"])?;
        Ok(Sha::parse(String::from_utf8_lossy(&output.stdout).trim()).filter(|_| output.status.success()))
    }

    fn differences(&self, commit: &Sha) -> Result<Vec<Difference>, Error> {
        let raw = self.run(&[
            "diff",
            "--raw",
            "-z",
            "--no-abbrev",
            "--find-renames",
            "--relative",
            "--no-ext-diff",
            "--no-textconv",
            "--ignore-submodules=dirty",
            "--end-of-options",
            commit.as_str(),
            "--",
        ])?;
        parse_raw(&raw).ok_or_else(|| Error::Answer("diff".to_owned()))
    }

    /// The output of a command that must succeed.
    fn run(&self, arguments: &[&str]) -> Result<Vec<u8>, Error> {
        let output = self.output(arguments)?;
        if output.status.success() {
            return Ok(output.stdout);
        }
        let command = arguments.first().copied().unwrap_or_default().to_owned();
        Err(Error::Failed { command, message: first_line(&output.stderr) })
    }

    fn output(&self, arguments: &[&str]) -> Result<Output, Error> {
        let mut command = Command::new("git");
        command
            .env_clear()
            .envs(std::env::vars_os().filter(|(name, _)| INHERITED.iter().any(|inherited| name == inherited)));
        command.envs(VARIABLES).env("GIT_CONFIG_COUNT", self.settings.len().to_string());
        for (index, (key, value)) in self.settings.iter().enumerate() {
            command.env(format!("GIT_CONFIG_KEY_{index}"), key).env(format!("GIT_CONFIG_VALUE_{index}"), value);
        }
        command.arg("--no-pager").arg("-C").arg(&self.root).args(arguments);
        command.output().map_err(|error| match error.kind() {
            ErrorKind::NotFound => Error::Missing,
            _ => Error::Start(error),
        })
    }
}

/// Reads `git diff --raw -z`: `:modes ids status` NUL path NUL, and one more path NUL for renames and copies.
fn parse_raw(raw: &[u8]) -> Option<Vec<Difference>> {
    let mut tokens = raw.strip_suffix(b"\0").unwrap_or(raw).split(|byte| *byte == 0).filter(|token| !token.is_empty());
    let mut differences = Vec::new();
    while let Some(header) = tokens.next() {
        let status = *header.strip_prefix(b":")?.rsplit(|byte| *byte == b' ').next()?.first()?;
        let first = tokens.next()?.to_vec();
        let (path, old_path) = match status {
            b'R' | b'C' => (tokens.next()?.to_vec(), Some(first)),
            _ => (first, None),
        };
        differences.push(Difference { status, path, old_path });
    }
    Some(differences)
}

fn first_line(stderr: &[u8]) -> String {
    String::from_utf8_lossy(stderr).lines().next().unwrap_or("no reason given").to_owned()
}
