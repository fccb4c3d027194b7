//! The container of a step, started by the runner's own `docker run` line, after the actions/runner source.

use std::path::PathBuf;
use std::process::Command;

use serde_json::Value;

use super::{GITHUB_TOKEN, Runner};

/// An image and how a container of it is started.
///
/// There is one departure from the runner: `--network host`, so that services on loopback are reached from within.
pub(crate) struct Container {
    image: String,
    label: String,
    /// What is mounted in place of the engine's socket.
    socket: PathBuf,
    /// Container paths that cannot be written to.
    read_only: Vec<&'static str>,
    /// Further mounts, host path and container path.
    more: Vec<(PathBuf, &'static str)>,
}

impl Container {
    pub(super) fn new(image: &str, label: &str) -> Self {
        let socket = "/var/run/docker.sock".into();
        Self { image: image.to_owned(), label: label.to_owned(), socket, read_only: Vec::new(), more: Vec::new() }
    }

    /// Mounts another socket in place of the engine's.
    pub(crate) fn socket(&mut self, socket: PathBuf) -> &mut Self {
        self.socket = socket;
        self
    }

    /// Mounts what the runner mounts there, but read-only.
    pub(crate) fn read_only(&mut self, place: &'static str) -> &mut Self {
        self.read_only.push(place);
        self
    }

    /// Mounts one more thing.
    pub(crate) fn mount(&mut self, from: PathBuf, to: &'static str) -> &mut Self {
        self.more.push((from, to));
        self
    }

    /// `docker run` as the runner calls it: values of variables go through the environment of the docker program, paths of
    /// the host in them rewritten; the first mount that fits counts.
    pub(super) fn command(&self, runner: &Runner) -> Command {
        let mounts = [
            (runner.file("home"), "/github/home"),
            (runner.file("workflow"), "/github/workflow"),
            (runner.file("file_commands"), "/github/file_commands"),
            (runner.workspace(), "/github/workspace"),
            (runner.file("runner_temp"), "/github/runner_temp"),
        ];
        let mut command = Command::new("docker");
        command.env_clear().env("PATH", std::env::var_os("PATH").unwrap());
        let image: String = self.image.chars().filter(char::is_ascii_alphanumeric).collect();
        command.args(["run", "--name", &format!("{image}_{}", self.label), "--label", &self.label]);
        command.args(["--workdir", "/github/workspace", "--rm"]);
        for (name, value) in runner.variables().filter(|(name, _)| !["GITHUB_ACTIONS", "CI"].contains(name)) {
            command.args(["-e", name]).env(name, inside(value, &mounts));
        }
        command.args(["-e", "GITHUB_ACTIONS=true", "-e", "CI=true", "--network", "host"]);
        let socket = (self.socket.clone(), "/var/run/docker.sock");
        for (from, to) in [socket].into_iter().chain(mounts).chain(self.more.iter().cloned()) {
            let only = if self.read_only.contains(&to) { ":ro" } else { "" };
            command.arg("-v").arg(format!("{}:{to}{only}", from.display()));
        }
        command.arg(&self.image).args(arguments());
        command
    }

    /// What the engine lists of this container: nothing, once the step has ended.
    pub(super) fn left(&self) -> String {
        docker(&["ps", "--all", "--quiet", "--filter", &format!("label={}", self.label)])
    }
}

/// Calls the engine, and fails if it does not answer.
pub(crate) fn docker(arguments: &[&str]) -> String {
    let output = Command::new("docker").args(arguments).output().unwrap();
    assert!(output.status.success(), "docker {arguments:?}: {}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).unwrap().trim_end().to_owned()
}

/// A value as the container sees it: a path of the host becomes that of its mount.
fn inside(value: &str, mounts: &[(PathBuf, &str)]) -> String {
    let rewritten = mounts.iter().find_map(|(from, to)| {
        let rest = value.strip_prefix(from.to_str().unwrap())?;
        (rest.is_empty() || rest.starts_with('/')).then(|| format!("{to}{rest}"))
    });
    rewritten.unwrap_or_else(|| value.to_owned())
}

fn action() -> Value {
    serde_saphyr::from_str(include_str!("../../../action.yml")).unwrap()
}

/// The variables of all inputs of `action.yml` with their defaults.
pub(super) fn inputs() -> Vec<(String, String)> {
    let action = action();
    let value = |input: &Value| match input["default"].as_str().unwrap_or_default() {
        "${{ github.token }}" => GITHUB_TOKEN.to_owned(),
        text => text.to_owned(),
    };
    let inputs = action["inputs"].as_object().unwrap();
    inputs.iter().map(|(id, input)| (format!("INPUT_{}", id.to_uppercase()), value(input))).collect()
}

/// What `action.yml` has the image called with.
fn arguments() -> Vec<String> {
    let arguments = action()["runs"]["args"].clone();
    arguments.as_array().unwrap().iter().map(|argument| argument.as_str().unwrap().to_owned()).collect()
}
