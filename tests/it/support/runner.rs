//! The runner: starts the real program as a step of a workflow, with nothing of ours in its environment, and reads what it
//! left the way the runner does. The same step runs as a bare process, in a container, or under an emulator.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::{Child, Output, Stdio};

use serde_json::Value;
use tempfile::TempDir;

use super::container::{Container, inputs};
use super::tree::Tree;
use super::{CHECKOUT_TOKEN, Command, JOB_TOKENS, parse_commands, parse_outputs};

/// The folders of a step as tests name them, and where the runner has them: inside the one for temporary files.
const FOLDERS: [(&str, &str); 4] = [
    ("home", "_temp/_github_home"),
    ("workflow", "_temp/_github_workflow"),
    ("file_commands", "_temp/_runner_file_commands"),
    ("runner_temp", "_temp"),
];

/// Variables of each step whatever its event, after the allow-list of the actions/runner source; the rest names files, or
/// comes from the repository and the event.
const VARIABLES: [(&str, &str); 22] = [
    ("CI", "true"),
    ("GITHUB_ACTIONS", "true"),
    ("GITHUB_ACTION", "__octo-org_dltflow-action"),
    ("GITHUB_ACTION_PATH", "/home/runner/work/_actions/octo-org/dltflow-action/v1"),
    ("GITHUB_ACTION_REF", "v1"),
    ("GITHUB_ACTION_REPOSITORY", "octo-org/dltflow-action"),
    ("GITHUB_ACTOR", "octocat"),
    ("GITHUB_ACTOR_ID", "1"),
    ("GITHUB_JOB", "deploy"),
    ("GITHUB_REF_PROTECTED", "false"),
    ("GITHUB_REPOSITORY_OWNER", "octo-org"),
    ("GITHUB_REPOSITORY_OWNER_ID", "7"),
    ("GITHUB_RETENTION_DAYS", "90"),
    ("GITHUB_RUN_ATTEMPT", "1"),
    ("GITHUB_RUN_ID", "101"),
    ("GITHUB_RUN_NUMBER", "11"),
    ("GITHUB_TRIGGERING_ACTOR", "octocat"),
    ("GITHUB_WORKFLOW", "dltflow"),
    ("RUNNER_ARCH", "X64"),
    ("RUNNER_ENVIRONMENT", "github-hosted"),
    ("RUNNER_OS", "Linux"),
    ("RUNNER_TOOL_CACHE", "/opt/hostedtoolcache"),
];

/// How the program of a step is run.
enum Form {
    /// As a process of this machine.
    Process,
    /// As the runner runs the image of an action.
    Container(Box<Container>),
    /// By the words of a command line, such as that of an emulator.
    Through(Vec<String>),
}

/// Each a file that `GITHUB_…` names.
const COMMAND_FILES: [&str; 5] = ["OUTPUT", "STEP_SUMMARY", "ENV", "PATH", "STATE"];
/// A secret of another step's that the job hands to all.
const BYSTANDER: (&str, &str) = ("AWS_SECRET_ACCESS_KEY", "wJalr+Canary/K7MDENG0bPxRfiCYq3T8vLm2Xw6");
/// Where jobs keep credentials: of `actions/checkout`, of git, of other programs.
const CREDENTIAL_FILES: [&str; 4] =
    ["runner_temp/git-credentials-5f0c.config", "home/.git-credentials", "home/.netrc", "home/.databrickscfg"];
const FILE_SECRET: &str = "ghs_fileCanary0123456789abcdefghijklmnop";

/// A step about to run: folders of its own, and the variables that the runner sets.
pub(crate) struct Runner {
    folder: TempDir,
    variables: BTreeMap<String, String>,
    form: Form,
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
        let mut runner = Self { folder: TempDir::new().unwrap(), variables: BTreeMap::new(), form: Form::Process };
        for (name, _) in FOLDERS {
            std::fs::create_dir_all(runner.file(name)).unwrap();
        }
        for name in COMMAND_FILES {
            let file = runner.file(&format!("file_commands/{name}"));
            std::fs::write(&file, "").unwrap();
            runner.set(&format!("GITHUB_{name}"), file.to_str().unwrap());
        }
        runner.set("GITHUB_WORKSPACE", workspace.to_str().unwrap());
        let [temp, home] = ["runner_temp", "home"].map(|name| runner.file(name).to_str().unwrap().to_owned());
        let event = runner.file("workflow/event.json").to_str().unwrap().to_owned();
        // By its name the processes of a step are found again.
        let name = runner.label();
        let here = [("RUNNER_TEMP", &temp), ("HOME", &home), ("GITHUB_EVENT_PATH", &event), ("RUNNER_NAME", &name)];
        let values = VARIABLES.into_iter().chain(JOB_TOKENS).chain(here.map(|(name, value)| (name, value.as_str())));
        values.for_each(|(name, value)| _ = runner.set(name, value));
        runner.set(BYSTANDER.0, BYSTANDER.1);
        for name in CREDENTIAL_FILES {
            std::fs::write(runner.file(name), format!("https://octocat:{FILE_SECRET}@github.com\n")).unwrap();
        }
        runner
    }

    /// The same step in a container of `image`; the variables of the action's inputs are those that `action.yml` sets.
    pub(crate) fn in_container(&mut self, image: &str) -> &mut Container {
        for (name, value) in inputs() {
            self.variables.entry(name).or_insert(value);
        }
        self.form = Form::Container(Box::new(Container::new(image, &self.label())));
        let Form::Container(container) = &mut self.form else { unreachable!() };
        container
    }

    /// The same step by another command line, without its argument.
    pub(crate) fn emulated(&mut self, line: &str) -> &mut Self {
        self.form = Form::Through(line.split_whitespace().map(str::to_owned).collect());
        self
    }

    /// Six hex digits of this runner's own, as the runner marks its containers.
    pub(crate) fn label(&self) -> String {
        let bytes = self.folder.path().as_os_str().as_encoded_bytes();
        let hash = bytes
            .iter()
            .fold(0xcbf2_9ce4_8422_2325, |hash: u64, byte| (hash ^ u64::from(*byte)).wrapping_mul(0x0100_0000_01b3));
        format!("{:06x}", hash >> 40)
    }

    /// A place of the step: one of its own folders, or something in them.
    pub(crate) fn file(&self, name: &str) -> PathBuf {
        let (folder, rest) = name.split_once('/').unwrap_or((name, "."));
        let place = FOLDERS.iter().find(|(short, _)| *short == folder).map_or(folder, |(_, place)| place);
        self.folder.path().join(place).join(rest).components().collect()
    }

    pub(crate) fn variable(&self, name: &str) -> &str {
        self.variables.get(name).map_or("", String::as_str)
    }

    /// The checkout.
    pub(crate) fn workspace(&self) -> PathBuf {
        self.variable("GITHUB_WORKSPACE").into()
    }

    /// Everything that the step can reach and later steps share.
    pub(crate) fn tree(&self) -> Tree {
        Tree::of([self.workspace().as_path(), &self.file("runner_temp")])
    }

    /// Fails where a step left anything but outputs, summary and the report that it names, or where another owner or mode
    /// keeps later steps from them.
    #[track_caller]
    pub(crate) fn assert_untouched(&self, before: &Tree, ran: &Ran) {
        let after = self.tree();
        let written = ["OUTPUT", "STEP_SUMMARY"].map(|name| self.file(&format!("file_commands/{name}")));
        let report = ran.outputs.get("report-path").filter(|path| !path.is_empty());
        let report = report.map(|path| self.file("runner_temp").join(path));
        let left = before.changed(&after, &written);
        assert_eq!(left, report.iter().cloned().collect::<Vec<_>>(), "left by the step, beside what the runner reads");
        if let Some(report) = report {
            let owner = after.permissions(&self.file("runner_temp")).1;
            assert_eq!(after.permissions(&report), (0o644, owner), "the report is for later steps");
        }
    }

    pub(crate) fn set(&mut self, name: &str, value: &str) -> &mut Self {
        self.variables.insert(name.to_owned(), value.to_owned());
        self
    }

    /// What the step was given, or could read, and must keep to itself.
    pub(crate) fn secrets(&self) -> Vec<String> {
        let secret = |name: &str| ["TOKEN", "SECRET", "PASSWORD"].iter().any(|word| name.to_uppercase().contains(word));
        // What a header cannot carry is refused and never was a secret.
        let usable = |value: &str| {
            value.len() >= 8
                && !value.starts_with("https://")
                && !value.contains(|c: char| c.is_control() || !c.is_ascii())
        };
        let given = self.variables.iter().filter(|(name, value)| secret(name) && usable(value));
        given.map(|(_, value)| value.clone()).chain([FILE_SECRET, CHECKOUT_TOKEN].map(str::to_owned)).collect()
    }

    /// Takes a variable out of the environment.
    pub(crate) fn unset(&mut self, name: &str) -> &mut Self {
        self.variables.remove(name);
        self
    }

    /// Those of `values` that occur in a variable.
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
        let (memory, seconds) = (format!("--as={}", megabytes << 20), seconds.to_string());
        // glibc reserves address space for each thread, which musl, in the program that is shipped, does not.
        let arenas = "MALLOC_ARENA_MAX=1";
        let program = env!("CARGO_BIN_EXE_dltflow");
        let words = ["prlimit", &memory, "env", arenas, "timeout", "--signal=KILL", &seconds, program];
        self.form = Form::Through(words.map(str::to_owned).to_vec());
        self
    }

    /// Starts `dltflow action`, as a step with command files of its own, and does not wait for it.
    pub(crate) fn start(&self) -> Child {
        for name in COMMAND_FILES {
            std::fs::write(self.file(&format!("file_commands/{name}")), "").unwrap();
        }
        let mut command = match &self.form {
            Form::Process => program(&[env!("CARGO_BIN_EXE_dltflow").to_owned()]),
            Form::Through(words) => program(words),
            Form::Container(container) => container.command(self),
        };
        if !matches!(self.form, Form::Container(_)) {
            command.arg("action").env_clear().envs(&self.variables).current_dir(self.workspace());
        }
        command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap()
    }

    /// The variables that the step is given.
    pub(crate) fn variables(&self) -> impl Iterator<Item = (&str, &str)> {
        self.variables.iter().map(|(name, value)| (name.as_str(), value.as_str()))
    }

    /// Runs `dltflow action` to its end.
    pub(crate) fn run(&self) -> Ran {
        self.read(self.start().wait_with_output().unwrap())
    }

    /// Fails if a process or the container of the step is still running.
    #[track_caller]
    pub(crate) fn assert_gone(&self) {
        assert_eq!(self.processes(), Vec::<String>::new());
        if let Form::Container(container) = &self.form {
            assert_eq!(container.left(), "", "the engine still knows the container");
        }
    }

    fn processes(&self) -> Vec<String> {
        let mark = format!("RUNNER_NAME={}\0", self.label());
        let folders = std::fs::read_dir("/proc").unwrap().map(|entry| entry.unwrap().path());
        let holds = |folder: &PathBuf| {
            // A process may end while this looks.
            let environment = std::fs::read(folder.join("environ")).unwrap_or_default();
            environment.windows(mark.len()).any(|part| part == mark.as_bytes())
        };
        folders
            .filter(holds)
            .map(|folder| std::fs::read_to_string(folder.join("cmdline")).unwrap_or_default())
            .collect()
    }

    /// Reads what a step left, as the runner does.
    pub(crate) fn read(&self, output: Output) -> Ran {
        let text = |name: &str| std::fs::read_to_string(self.file(&format!("file_commands/{name}"))).unwrap();
        for name in ["ENV", "PATH", "STATE"] {
            assert_eq!(text(name), "", "GITHUB_{name} is never written");
        }
        let outputs = parse_outputs(&text("OUTPUT")).unwrap();
        let report = outputs.get("report-path").filter(|path| !path.is_empty()).map_or(Value::Null, |path| {
            serde_json::from_slice(&std::fs::read(self.file("runner_temp").join(path)).unwrap()).unwrap()
        });
        let [stdout, stderr] = [output.stdout, output.stderr].map(|bytes| String::from_utf8(bytes).unwrap());
        let commands = parse_commands(&format!("{stdout}\n{stderr}"));
        let code = output.status.code().unwrap_or(-1);
        Ran { code, stdout, stderr, commands, outputs, summary: text("STEP_SUMMARY"), report }
    }
}

impl Ran {
    /// An output, or `""` if it is not set.
    pub(crate) fn output(&self, name: &str) -> &str {
        self.outputs.get(name).map_or("", String::as_str)
    }

    /// Everything that the process printed or wrote.
    pub(crate) fn everything(&self) -> String {
        format!("{}{}{}{:?}{}", self.stdout, self.stderr, self.summary, self.outputs, self.report)
    }

    /// Each workflow that the report shows, and why it is in the run: `name: reason, reason`.
    pub(crate) fn reasons(&self) -> Vec<String> {
        let text = |value: &Value| value.as_str().unwrap().to_owned();
        let row = |row: &Value| {
            let reasons: Vec<String> = row["reasons"].as_array().unwrap().iter().map(text).collect();
            format!("{}: {}", text(&row["name"]), reasons.join(", "))
        };
        self.report["workflows"].as_array().unwrap().iter().map(row).collect()
    }

    /// Checks how the run ended, or fails with its output.
    #[track_caller]
    pub(crate) fn ended(&self, code: i32, result: &str) -> &Self {
        let is = (self.code, self.output("result"));
        assert_eq!(is, (code, result), "\n{}\n{}\n{}", self.stderr, self.stdout, self.report);
        self
    }
}

/// A command line without its last arguments.
fn program(words: &[String]) -> std::process::Command {
    let mut command = std::process::Command::new(&words[0]);
    command.args(&words[1..]);
    command
}
