//! The runner: starts the real program as a step of a workflow, as a bare process with nothing of ours in its
//! environment, and reads what it left the way the runner does.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::{Child, Output, Stdio};

use serde_json::Value;
use tempfile::TempDir;

use super::{Command, parse_commands, parse_outputs};

/// Each a file that `GITHUB_…` names.
const COMMAND_FILES: [&str; 5] = ["OUTPUT", "STEP_SUMMARY", "ENV", "PATH", "STATE"];
/// Secrets in the environment of a job that no step of ours needs.
const BYSTANDERS: [(&str, &str); 3] = [
    ("ACTIONS_RUNTIME_TOKEN", "eyJhbGciOiJSUzI1NiJ9.eyJvcmNoIjoicnVudGltZSJ9.cnVudGltZS1jYW5hcnk"),
    ("ACTIONS_ID_TOKEN_REQUEST_TOKEN", "eyJhbGciOiJSUzI1NiJ9.eyJvcmNoIjoib2lkYyJ9.b2lkYy1jYW5hcnk"),
    ("AWS_SECRET_ACCESS_KEY", "wJalr+Canary/K7MDENG0bPxRfiCYq3T8vLm2Xw6"),
];
/// Where jobs keep credentials: of `actions/checkout`, of git, of other programs.
const CREDENTIAL_FILES: [&str; 4] =
    ["runner_temp/git-credentials-5f0c.config", "home/.git-credentials", "home/.netrc", "home/.databrickscfg"];
const FILE_SECRET: &str = "ghs_fileCanary0123456789abcdefghijklmnop";

/// A step about to run: folders of its own, and the variables that the runner sets.
pub(crate) struct Runner {
    folder: TempDir,
    variables: BTreeMap<String, String>,
}

/// A step that ran.
#[derive(Debug)]
pub(crate) struct Ran {
    pub(crate) code: i32,
    pub(crate) stdout: String,
    pub(crate) stderr: String,
    pub(crate) commands: Vec<Command>,
    pub(crate) outputs: BTreeMap<String, String>,
    pub(crate) summary: String,
    pub(crate) report: Value,
}

impl Runner {
    /// A runner whose checkout is `workspace`.
    pub(crate) fn new(workspace: &Path) -> Self {
        let folder = TempDir::new().unwrap();
        for name in ["home", "workflow", "file_commands", "runner_temp"] {
            std::fs::create_dir(folder.path().join(name)).unwrap();
        }
        let mut runner = Self { folder, variables: BTreeMap::new() };
        for name in COMMAND_FILES {
            let file = runner.file(&format!("file_commands/{name}"));
            runner.set(&format!("GITHUB_{name}"), file.to_str().unwrap());
        }
        runner.set("GITHUB_WORKSPACE", workspace.to_str().unwrap());
        let [temp, home] = ["runner_temp", "home"].map(|name| runner.file(name).to_str().unwrap().to_owned());
        let event = runner.file("workflow/event.json").to_str().unwrap().to_owned();
        let fixed = [
            ("RUNNER_TEMP", temp.as_str()),
            ("HOME", &home),
            ("GITHUB_EVENT_PATH", &event),
            ("GITHUB_ACTIONS", "true"),
        ];
        let more = [("CI", "true"), ("GITHUB_RUN_ID", "101"), ("GITHUB_RUN_ATTEMPT", "1"), ("GITHUB_ACTOR", "octocat")];
        fixed.into_iter().chain(more).chain(BYSTANDERS).for_each(|(name, value)| _ = runner.set(name, value));
        for name in CREDENTIAL_FILES {
            std::fs::write(runner.file(name), format!("https://octocat:{FILE_SECRET}@github.com\n")).unwrap();
        }
        runner
    }

    pub(crate) fn file(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    pub(crate) fn set(&mut self, name: &str, value: &str) -> &mut Self {
        self.variables.insert(name.to_owned(), value.to_owned());
        self
    }

    /// What the step was given, or could read, and must keep to itself.
    pub(crate) fn secrets(&self) -> Vec<String> {
        let secret = |name: &str| ["TOKEN", "SECRET", "PASSWORD"].iter().any(|word| name.to_uppercase().contains(word));
        // What a header cannot carry is refused and never was a secret.
        let usable = |value: &str| value.len() >= 8 && !value.contains(|c: char| c.is_control() || !c.is_ascii());
        let given = self.variables.iter().filter(|(name, value)| secret(name) && usable(value));
        given.map(|(_, value)| value.clone()).chain([FILE_SECRET.to_owned()]).collect()
    }

    /// Takes a variable out of the environment.
    pub(crate) fn unset(&mut self, name: &str) -> &mut Self {
        self.variables.remove(name);
        self
    }

    /// Those of `values` that some variable holds.
    pub(crate) fn given<'a>(&self, values: &[&'a str]) -> Vec<&'a str> {
        values.iter().filter(|value| self.variables.values().any(|held| held == *value)).copied().collect()
    }

    /// Sets an input as `with:` does.
    pub(crate) fn input(&mut self, id: &str, value: &str) -> &mut Self {
        self.set(&format!("INPUT_{}", id.to_uppercase()), value)
    }

    /// Writes the event's payload.
    pub(crate) fn event(&mut self, name: &str, payload: &Value) -> &mut Self {
        std::fs::write(self.file("workflow/event.json"), payload.to_string()).unwrap();
        self.set("GITHUB_EVENT_NAME", name)
    }

    /// Changes one field of the payload, named by its JSON pointer.
    pub(crate) fn payload(&mut self, pointer: &str, value: Value) -> &mut Self {
        let file = self.file("workflow/event.json");
        let mut payload: Value = serde_json::from_slice(&std::fs::read(&file).unwrap()).unwrap();
        *payload.pointer_mut(pointer).expect(pointer) = value;
        std::fs::write(file, payload.to_string()).unwrap();
        self
    }

    /// Starts `dltflow action`, as a step with command files of its own, and does not wait for it.
    pub(crate) fn start(&self) -> Child {
        for name in COMMAND_FILES {
            std::fs::write(self.file(&format!("file_commands/{name}")), "").unwrap();
        }
        let mut command = std::process::Command::new(env!("CARGO_BIN_EXE_dltflow"));
        command.arg("action").env_clear().envs(&self.variables).current_dir(&self.variables["GITHUB_WORKSPACE"]);
        command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap()
    }

    /// Runs `dltflow action` to its end.
    pub(crate) fn run(&self) -> Ran {
        self.read(self.start().wait_with_output().unwrap())
    }

    /// Reads what a step left, as the runner does.
    pub(crate) fn read(&self, output: Output) -> Ran {
        let text = |name: &str| std::fs::read_to_string(self.file(&format!("file_commands/{name}"))).unwrap();
        for name in ["ENV", "PATH", "STATE"] {
            assert_eq!(text(name), "", "GITHUB_{name} is never written");
        }
        let outputs = parse_outputs(&text("OUTPUT")).unwrap();
        let report = outputs.get("report-path").map_or(Value::Null, |path| {
            serde_json::from_slice(&std::fs::read(self.file("runner_temp").join(path)).unwrap()).unwrap()
        });
        let [stdout, stderr] = [output.stdout, output.stderr].map(|bytes| String::from_utf8(bytes).unwrap());
        let commands = parse_commands(&format!("{stdout}\n{stderr}"));
        let code = output.status.code().unwrap_or(-1);
        Ran { code, stdout, stderr, commands, outputs, summary: text("STEP_SUMMARY"), report }
    }
}

impl Ran {
    /// An output, `""` where it was not set.
    pub(crate) fn output(&self, name: &str) -> &str {
        self.outputs.get(name).map_or("", String::as_str)
    }

    /// Everything that the process printed or wrote.
    pub(crate) fn everything(&self) -> String {
        format!("{}{}{}{:?}{}", self.stdout, self.stderr, self.summary, self.outputs, self.report)
    }

    /// The run as it must have ended, or all that it said.
    #[track_caller]
    pub(crate) fn ended(&self, code: i32, result: &str) -> &Self {
        let is = (self.code, self.output("result"));
        assert_eq!(is, (code, result), "\n{}\n{}\n{}", self.stderr, self.stdout, self.report);
        self
    }
}
