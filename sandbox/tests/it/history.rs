//! Real git repositories in a temporary folder.

use std::path::Path;
use std::process::Command;

use sandbox::Sandbox;
use serde_json::json;
use tempfile::TempDir;

use crate::client::start;

/// A repository whose commits have fixed dates.
pub(crate) struct History(TempDir);

impl History {
    /// GitHub's repositories use SHA-1, whatever the default of this version of `git` is.
    pub(crate) fn new() -> Self {
        let history = Self(TempDir::new().unwrap());
        history.git(&["init", "-q", "-b", "main", "--object-format=sha1"]);
        history
    }

    pub(crate) fn path(&self) -> &Path {
        self.0.path()
    }

    pub(crate) fn git(&self, arguments: &[&str]) -> String {
        let output = Command::new("git")
            .current_dir(self.path())
            .args([
                "-c",
                "user.name=Mona Lisa Octocat",
                "-c",
                "user.email=octocat@github.com",
                "-c",
                "commit.gpgSign=false",
            ])
            .args(arguments)
            .envs([("GIT_CONFIG_GLOBAL", "/dev/null"), ("GIT_CONFIG_NOSYSTEM", "1")])
            .envs([("GIT_AUTHOR_DATE", "2026-01-01T00:00:00Z"), ("GIT_COMMITTER_DATE", "2026-01-01T01:00:00+01:00")])
            .output()
            .unwrap();
        assert!(output.status.success(), "git {arguments:?}: {}", String::from_utf8_lossy(&output.stderr));
        String::from_utf8(output.stdout).unwrap().trim().to_owned()
    }

    pub(crate) fn write(&self, path: &str, text: &str) {
        let path = self.path().join(path);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, text).unwrap();
    }

    /// Commits everything and returns the commit.
    pub(crate) fn commit(&self, message: &str) -> String {
        self.git(&["add", "-A"]);
        self.git(&["commit", "-q", "--allow-empty", "-m", message]);
        self.git(&["rev-parse", "HEAD"])
    }

    /// A sandbox that knows this repository as `octocat/hello`, number 77.
    pub(crate) fn sandbox(&self) -> Sandbox {
        let sandbox = start();
        self.register(&sandbox, false);
        sandbox
    }

    pub(crate) fn register(&self, sandbox: &Sandbox, private: bool) {
        let fields = json!({"id": 77, "path": self.path(), "private": private, "default_branch": "main"});
        sandbox.control("PUT", "github/repositories/octocat/hello", &fields).unwrap();
    }
}
