//! The runner: starts the real program as a step of a workflow, as a bare process with nothing of ours in its
//! environment, and reads what it left the way the runner does.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::{Child, Output, Stdio};

use serde_json::Value;
use tempfile::TempDir;

use super::{Command, parse_commands, parse_outputs};

/// A step about to run: folders of its own, and the variables that the runner sets.
pub(crate) struct Runner {
    folder: TempDir,
    variables: BTreeMap<String, String>,
    bounds: Option<Bounds>,
}

/// What a step may take.
struct Bounds {
    megabytes: u64,
    seconds: u64,
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
        let mut runner = Self { folder, variables: BTreeMap::new(), bounds: None };
        for name in ["OUTPUT", "STEP_SUMMARY", "ENV", "PATH", "STATE"] {
            let file = runner.file(&format!("file_commands/{name}"));
            std::fs::write(&file, "").unwrap();
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
        fixed.into_iter().chain(more).for_each(|(name, value)| _ = runner.set(name, value));
        runner
    }

    pub(crate) fn file(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    pub(crate) fn set(&mut self, name: &str, value: &str) -> &mut Self {
        self.variables.insert(name.to_owned(), value.to_owned());
        self
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

    /// Bounds the address space of the step, whose allocations fail beyond it, and its time, after which it is killed.
    pub(crate) fn bounded(&mut self, megabytes: u64, seconds: u64) -> &mut Self {
        self.bounds = Some(Bounds { megabytes, seconds });
        self
    }

    /// Starts `dltflow action` and does not wait for it.
    pub(crate) fn start(&self) -> Child {
        let program = env!("CARGO_BIN_EXE_dltflow");
        let mut command = std::process::Command::new(if self.bounds.is_some() { "prlimit" } else { program });
        if let Some(Bounds { megabytes, seconds }) = &self.bounds {
            let (memory, seconds) = (format!("--as={}", megabytes << 20), seconds.to_string());
            command.args([memory.as_str(), "timeout", "--signal=KILL", &seconds, program]);
        }
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
