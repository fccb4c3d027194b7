//! `run-local`: the real program in a real repository, with fakes for the programs that it starts, and with Spark.

mod child;
mod environment;
mod refusals;
mod spark;

pub(crate) use spark::spark;

use std::fmt::Write as _;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

use serde_json::{Value, json};
use tempfile::TempDir;

use crate::support::Repo;

/// Stands for a Python: notes what it is asked, each argument on a line of its own, and does what `venv` and `pip` would
/// leave behind. As `python -m dltflow run` it does what `$RUN` says.
const PYTHON: &str = r#"#!/bin/sh
{ echo "* ${0##*/}"; printf '%s\n' "$@"; } >> "$RECORD"
case "$1 $2" in
  "-c import pyspark") test -z "$NO_PYSPARK" || { echo "No module named 'pyspark'" >&2; exit 1; } ;;
  "-c "*) echo "version ${VERSION:-3 12}" ;;
  "-m venv") /bin/mkdir -p "$3/bin" && /bin/cp "$0" "$3/bin/python" ;;
  "-m pip") test -z "$NO_INDEX" || { echo "no such package" >&2; exit 1; } ;;
  "-m dltflow") eval "$RUN" ;;
  *) exit 99 ;;
esac
"#;
/// Stands for uv.
const UV: &str = r#"#!/bin/sh
{ echo "* uv"; printf '%s\n' "$@"; } >> "$RECORD"
test "$1" != venv || { /bin/mkdir -p "$4/bin" && /bin/cp "$PYTHON_OF_UV" "$4/bin/python"; }
"#;
const JAVA: &str = "#!/bin/sh\necho \"openjdk version \\\"${JAVA_IS:-17.0.13}\\\" 2024-10-15\" >&2\n";

/// A report with nothing in it, as the authoring runtime prints it.
fn report() -> Value {
    json!({"engine": "spark", "datasets": [], "failed": [], "folder": "/tables"})
}

/// A laptop: a project, the programs on `PATH`, a cache, and what is set beside.
struct Laptop {
    repo: Repo,
    folder: TempDir,
    variables: Vec<(String, String)>,
}

impl Laptop {
    /// With Java and a Python of our own making, and the shop as its project.
    fn new() -> Self {
        let laptop = Self { repo: Repo::of("examples/shop"), folder: TempDir::new().unwrap(), variables: Vec::new() };
        for (name, script) in [("python3", PYTHON), ("java", JAVA)] {
            laptop.has(name, script);
        }
        laptop.set("RUN", &format!("echo '{}'", report()))
    }

    fn has(&self, name: &str, script: &str) -> &Self {
        let program = self.path(&format!("bin/{name}"));
        std::fs::create_dir_all(program.parent().unwrap()).unwrap();
        std::fs::write(&program, script).unwrap();
        std::fs::set_permissions(program, PermissionsExt::from_mode(0o755)).unwrap();
        self
    }

    fn lacks(&self, name: &str) -> &Self {
        std::fs::remove_file(self.path(&format!("bin/{name}"))).unwrap();
        self
    }

    fn set(mut self, name: &str, value: &str) -> Self {
        self.variables.retain(|(other, _)| other != name);
        self.variables.push((name.to_owned(), value.to_owned()));
        self
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    fn command(&self, line: &str) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_dltflow"));
        command.arg("run-local").args(line.split_whitespace()).current_dir(self.repo.path()).env_clear();
        command.env("PATH", self.path("bin")).env("HOME", self.path("home")).env("XDG_CACHE_HOME", self.path("cache"));
        command.env("RECORD", self.path("record")).env("PYTHON_OF_UV", self.path("bin/python3"));
        command.envs(self.variables.iter().map(|(name, value)| (name, value))).stdin(Stdio::null());
        command
    }

    /// Runs the workflow of the orders, with more flags.
    fn orders(&self, more: &str) -> Finished {
        self.run(&format!("--workflow shop-orders --engine spark {more}"))
    }

    fn run(&self, line: &str) -> Finished {
        Finished::of(self.command(line).output().unwrap())
    }

    /// What was asked of programs, one call a line, less what differs from test to test.
    fn record(&self) -> String {
        let record = std::fs::read_to_string(self.path("record")).unwrap_or_default();
        let record = record.replace(self.folder.path().to_str().unwrap(), "~");
        let record = record.replace(self.repo.path().to_str().unwrap(), "@");
        record.lines().fold(String::new(), |mut calls, line| {
            match line.strip_prefix("* ") {
                Some(program) if calls.is_empty() => calls.push_str(program),
                Some(program) => _ = write!(calls, "\n{program}"),
                None => _ = write!(calls, " {line}"),
            }
            calls
        })
    }

    /// Folders of the existing environments.
    fn environments(&self) -> Vec<PathBuf> {
        let entries = std::fs::read_dir(self.path("cache/dltflow/environments")).into_iter().flatten();
        entries.map(|entry| entry.unwrap().path()).filter(|path| path.is_dir()).collect()
    }
}

/// The output of the program.
#[derive(Debug)]
struct Finished {
    code: i32,
    stdout: String,
    stderr: String,
}

impl Finished {
    fn of(output: Output) -> Self {
        let [stdout, stderr] = [output.stdout, output.stderr].map(|bytes| String::from_utf8(bytes).unwrap());
        Self { code: output.status.code().unwrap_or(-1), stdout, stderr }
    }

    /// Checks its exit code and the words in its output.
    #[track_caller]
    fn ended(self, code: i32, words: &[&str]) -> Self {
        assert_eq!(self.code, code, "\n{}\n{}", self.stderr, self.stdout);
        let said = format!("{}{}", self.stderr, self.stdout);
        for word in words {
            assert!(said.contains(word), "`{word}` is not in:\n{said}");
        }
        self
    }

    #[track_caller]
    fn json(&self) -> Value {
        serde_json::from_str(&self.stdout).unwrap_or_else(|error| panic!("{error}: {self:?}"))
    }
}

/// A folder of the package, such as one that `scripts/test` fills.
fn here(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join(name)
}
