//! The commands as people run them: the real program, started in a real repository, against the sandbox.

mod beside;
mod check;
mod configuration;
mod deploys_nothing;
mod destroy;
mod faults;
mod help;
mod init;
mod output;
mod place;
mod plan;
mod readers;
mod reproduce;
mod seed;
mod shipping;
mod status;
mod sweep;
mod tables;

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use serde_json::{Value, json};

use crate::support::{DATABRICKS_TOKEN, Stage};

/// A shell in a folder, with or without a workspace to sign in to.
struct Shell<'a> {
    stage: &'a Stage,
    folder: PathBuf,
    online: bool,
}

/// What a command said.
#[derive(Debug)]
struct Said {
    code: i32,
    stdout: String,
    stderr: String,
}

impl<'a> Shell<'a> {
    /// In the root of the repository, with the workspace's address and token in its environment.
    fn of(stage: &'a Stage) -> Self {
        Self { stage, folder: stage.repo.path().to_owned(), online: true }
    }

    fn offline(stage: &'a Stage) -> Self {
        Self { online: false, ..Self::of(stage) }
    }

    /// In a folder that is no part of the repository.
    fn elsewhere(stage: &'a Stage, folder: &Path) -> Self {
        Self { folder: folder.to_owned(), ..Self::of(stage) }
    }

    fn at(stage: &'a Stage, folder: impl AsRef<Path>) -> Self {
        Self { folder: stage.repo.path().join(folder), ..Self::of(stage) }
    }

    fn command(&self, program: &str) -> Command {
        let mut command = Command::new(program);
        command.current_dir(&self.folder).env_clear().env("PATH", std::env::var_os("PATH").unwrap());
        if self.online {
            command.env("DATABRICKS_HOST", self.stage.sandbox.databricks_url());
            command.env("DATABRICKS_TOKEN", DATABRICKS_TOKEN);
        }
        command.stdin(Stdio::null());
        command
    }

    /// Runs `dltflow` with the words of `line`.
    fn run(&self, line: &str) -> Said {
        self.said(self.command(env!("CARGO_BIN_EXE_dltflow")).args(line.split_whitespace()))
    }

    /// The same on a terminal, which is both streams.
    fn on_terminal(&self, line: &str, variables: &[(&str, &str)]) -> Said {
        let mut command = self.terminal("", line);
        self.said(command.envs(variables.iter().copied()))
    }

    /// The same, where somebody types that once the program asks.
    fn answering(&self, line: &str, typed: &str) -> Said {
        self.said(&mut self.terminal(typed, line))
    }

    fn terminal(&self, typed: &str, line: &str) -> Command {
        let terminal = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/it/commands/terminal.py");
        let mut command = self.command("python3");
        command.arg(terminal).arg(typed).arg(env!("CARGO_BIN_EXE_dltflow")).args(line.split_whitespace());
        command
    }

    fn said(&self, command: &mut Command) -> Said {
        let output = command.output().unwrap();
        let [stdout, stderr] = [output.stdout, output.stderr].map(|bytes| String::from_utf8(bytes).unwrap());
        let sent = self.stage.sandbox.log().to_string();
        assert!(![&stdout, &stderr, &sent].into_iter().any(|text| text.contains(DATABRICKS_TOKEN)), "the token is out");
        Said { code: output.status.code().unwrap_or(-1), stdout, stderr }
    }
}

impl Said {
    /// The command as it must have ended, or all that it said.
    #[track_caller]
    fn ended(self, code: i32) -> Self {
        assert_eq!(self.code, code, "\n{}\n{}", self.stderr, self.stdout);
        self
    }

    /// It said that, to people.
    #[track_caller]
    fn told(self, words: &[&str]) -> Self {
        let said = self.all();
        for word in words {
            assert!(said.contains(word), "`{word}` is not in:\n{said}");
        }
        self
    }

    /// Both streams.
    fn all(&self) -> String {
        format!("{}{}", self.stderr, self.stdout)
    }

    #[track_caller]
    fn json(&self) -> Value {
        let report: Value = serde_json::from_str(&self.stdout).unwrap_or_else(|error| panic!("{error}: {self:?}"));
        assert_eq!(report["schema"], 1);
        report
    }
}

/// Requests to the workspace since the last call that are no reads.
fn writes(stage: &Stage) -> Vec<String> {
    stage.requests().into_iter().filter(|request| !request.starts_with("GET ")).collect()
}

/// Names of the pipelines, sorted.
fn names(stage: &Stage) -> Vec<String> {
    let name = |pipeline: &Value| pipeline["spec"]["name"].as_str().unwrap().to_owned();
    let mut names: Vec<String> = stage.pipelines().iter().map(name).collect();
    names.sort();
    names
}

/// The pipeline of that name.
#[track_caller]
fn pipeline(stage: &Stage, name: &str) -> Value {
    let found = stage.pipelines().into_iter().find(|pipeline| pipeline["spec"]["name"] == name);
    found.unwrap_or_else(|| panic!("no pipeline `{name}` among {:?}", names(stage)))
}

/// Changes a pipeline behind our back.
fn tamper(stage: &Stage, name: &str, changes: &Value) {
    let id = pipeline(stage, name)["pipeline_id"].as_str().unwrap().to_owned();
    stage.control("PUT", &format!("databricks/pipelines/{id}"), changes);
}

/// Gives a pipeline other marks; with `null` it has none and is one that a person made.
fn remark(stage: &Stage, name: &str, key: &str, value: &Value) {
    let mut marks = pipeline(stage, name)["spec"]["configuration"].clone();
    if value.is_null() {
        marks = json!({"team": "analysts"});
    } else {
        marks[key] = value.clone();
    }
    tamper(stage, name, &json!({"spec": {"configuration": marks}}));
}
