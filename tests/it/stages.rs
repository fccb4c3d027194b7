//! Stopping a run in the middle of each stage, also of those that compute and send no request, through both faces.
//!
//! Two stages have no point here: `dltflow.yml` has at most 1 MB and is decoded at once, and a workflow that runs locally
//! is stopped in `local::child`. `stop` has a point for every request.

use std::io::{BufRead, BufReader, Read};
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::process::{Child, Command, Output, Stdio};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::mpsc::{RecvTimeoutError, channel};
use std::sync::{LazyLock, Mutex};
use std::thread;
use std::time::{Duration, Instant};

use serde_json::json;
use tempfile::TempDir;

use crate::stop::MOST;
use crate::support::{DATABRICKS_TOKEN, Repo, Runner, Stage, send, tally};

/// Workflows of the project `many`, and in how many spec files.
const WORKFLOWS: (usize, usize) = (1_000, 20);
/// Entries of the configuration of the project `large`.
const ENTRIES: usize = 2_000;
/// Modules of the project `large`, and bytes of the file beside them, which no wheel compresses.
const CODE: (usize, usize) = (1_000, 9 << 20);
/// Bytes of the largest payload that GitHub sends.
const PAYLOAD: usize = 24 << 20;
/// Stages compute, and processors are few.
const SIDE_BY_SIDE: usize = 3;
/// How often a signal may come when its stage is over already, on a machine that does other things, too.
const ATTEMPTS: usize = 20;

/// The line with which the report begins, whatever the run came to.
const REPORT: &str = "writing the report";

/// Ends a run whose report takes longer than the runner waits.
const BACKSTOP: &str = "error: the run was asked to stop and did not end in time; run it again\n";

/// A stage in which a run is stopped.
struct Point {
    /// The line with which it begins.
    stage: &'static str,
    /// The line with which the next stage begins, where it has one of its own; a plan ends with the comparison.
    next: Option<&'static str>,
    /// The project that is large enough for it.
    project: &'static str,
}

const EVENT: Point = Point { stage: "reading the event", next: Some(SPECS.stage), project: "large" };
const SPECS: Point = Point { stage: "reading the specs", next: Some(FILES.stage), project: "many" };
const FILES: Point =
    Point { stage: "reading the code and the configuration", next: Some(RULES.stage), project: "large" };
const RULES: Point = Point { stage: "checking the workflows", next: Some(PACKING.stage), project: "many" };
const PACKING: Point = Point { stage: "packing the release", next: Some(COMPARING.stage), project: "large" };
const COMPARING: Point = Point { stage: "comparing with the workspace", next: None, project: "many" };
const WRITING: Point = Point { stage: REPORT, next: None, project: "many" };
const GIT: Point = Point { stage: "asking git what changed", next: Some(FILES.stage), project: "large" };

const ACTION: [Point; 7] = [EVENT, SPECS, FILES, RULES, PACKING, COMPARING, WRITING];
const COMMAND_LINE: [Point; 7] = [GIT, SPECS, FILES, RULES, PACKING, COMPARING, WRITING];
const SIGNALS: [(&str, i32); 2] = [("INT", 130), ("TERM", 143)];

/// One repository for all points, with a pull request that touches every workflow of both projects.
static STAGE: LazyLock<Stage> = LazyLock::new(|| {
    let repo = Repo::new();
    for project in ["many", "large"] {
        let settings = "dltflow: {name: shop}\n\
             include: {code: {name: shop}, conf: {name: conf}, workflows: {name: workflows}}\n\
             targets: {dev: {default: true, workspace: {root_path: /Shared/.dltflow/shop}, deploy: {pull_requests: true}}}\n";
        repo.write(&format!("{project}/dltflow.yml"), settings)
            .write(&format!("{project}/shop/flow.py"), "class Flow:\n    pass\n");
    }
    many(&repo);
    large(&repo);
    repo.commit("everything");
    repo.branch("more");
    for project in ["many", "large"] {
        repo.write(&format!("{project}/shop/flow.py"), "class Flow:\n    rows = 1\n");
    }
    repo.commit("more");
    Stage::with(repo)
});

fn many(repo: &Repo) {
    let (workflows, files) = WORKFLOWS;
    for file in 0..files {
        let spec = (0..workflows / files).fold("dev:\n  workflows:\n".to_owned(), |spec, index| {
            spec + &format!(
                "    - {{name: flow-{file}-{index}, target: shop, catalog: main, tasks: {{items: [{{python_file: shop/flow.py}}]}}}}\n"
            )
        });
        repo.write(&format!("many/workflows/file_{file}.yml"), spec);
    }
}

fn large(repo: &Repo) {
    let (modules, bytes) = CODE;
    let entry = |index: usize| json!({"func_name": format!("table_{index}"), "kind": "table"});
    let entries: Vec<_> = (0..ENTRIES).map(entry).collect();
    repo.write("large/conf/many.json", json!({"dlt": entries}).to_string());
    let spec = "dev:\n  workflows:\n    - {name: large, target: shop, catalog: main, tasks: {items: [{python_file: shop/flow.py, \
                parameters: [--conf, conf/many.json]}]}}\n";
    repo.write("large/workflows/large.yml", spec);
    for index in 0..modules {
        repo.write(&format!("large/shop/part_{}/module_{index}.py", index / 50), format!("VALUE = {index}\n"));
    }
    let mut state = 1_u64;
    let noise = std::iter::repeat_with(|| {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (state >> 33).to_le_bytes()[0]
    });
    repo.write("large/shop/noise.bin", noise.take(bytes).collect::<Vec<u8>>());
}

/// A run that was stopped.
struct Stopped {
    output: Output,
    took: Duration,
}

/// Reads what the program prints, sends the signal once `line` is there, and waits for the end.
fn stop(mut child: Child, line: &str, signal: &str) -> Stopped {
    let (lines, read) = channel();
    let (stderr, mut stdout) = (child.stderr.take().unwrap(), child.stdout.take().unwrap());
    let printed = thread::spawn(move || {
        let mut bytes = Vec::new();
        stdout.read_to_end(&mut bytes).unwrap();
        bytes
    });
    thread::spawn(move || BufReader::new(stderr).lines().try_for_each(|line| lines.send(line.unwrap())));
    let (mut text, mut signalled) = (String::new(), None);
    loop {
        let limit = signalled.map_or(Duration::from_mins(1), |at: Instant| MOST.saturating_sub(at.elapsed()));
        match read.recv_timeout(limit) {
            Ok(next) => {
                if signalled.is_none() && next == line {
                    send(&child, signal);
                    signalled = Some(Instant::now());
                }
                text = text + &next + "\n";
            }
            // The end of what it prints is the end of the program.
            Err(RecvTimeoutError::Disconnected) => break,
            Err(RecvTimeoutError::Timeout) => {
                child.kill().unwrap();
                panic!("{signal} at `{line}` did not end the program:\n{text}");
            }
        }
    }
    let status = child.wait().unwrap();
    let took = signalled.unwrap_or_else(|| panic!("`{line}` never came:\n{text}")).elapsed();
    let stdout = printed.join().unwrap();
    Stopped { output: Output { status, stdout, stderr: text.into_bytes() }, took }
}

impl Point {
    /// A step for a pull request; preparing one needs the repository for itself.
    fn step(&self) -> Runner {
        static REPOSITORY: Mutex<()> = Mutex::new(());
        let alone = REPOSITORY.lock().unwrap();
        let mut runner = STAGE.on_pull_request("synchronize", 42, "more");
        drop(alone);
        runner.set("RUNNER_DEBUG", "1").input("working-directory", self.project);
        // Where the signal comes after the comparison, nothing is written.
        if self.next.is_none() {
            runner.input("mode", "plan");
        }
        if self.stage == EVENT.stage {
            let file = runner.file("workflow/event.json");
            let payload = std::fs::read_to_string(&file).unwrap();
            let long = format!("\"commits\":[{}0],\"action\":", "1234567,".repeat(PAYLOAD / 8));
            let text = payload.replacen("\"action\":", &long, 1);
            assert!(text.len() > PAYLOAD, "the payload has no action");
            std::fs::write(&file, text).unwrap();
        }
        runner
    }

    /// Stops a step; gives how long it took, or `None` where the stage was over before the signal came.
    fn stop_step(&self, (signal, code): (&str, i32)) -> Option<Duration> {
        let runner = self.step();
        let Stopped { output, took } = stop(runner.start(), self.stage, signal);
        let ran = runner.read(output);
        if self.is_over(&ran.stderr) {
            return None;
        }
        assert_eq!(ran.code, code, "the action in `{}`:\n{}", self.stage, ran.stderr);
        runner.assert_gone();
        if self.stage != REPORT && !ran.stderr.contains(BACKSTOP) {
            assert_eq!(ran.output("result"), "failed", "the action in `{}`:\n{}", self.stage, ran.stderr);
            assert!(ran.stderr.contains("the run was asked to stop"), "{}", ran.stderr);
            assert!(ran.summary.contains("the run was asked to stop"), "{}", ran.summary);
        }
        Some(took)
    }

    fn stop_command(&self, (signal, code): (&str, i32)) -> Option<Duration> {
        let git = (self.stage == GIT.stage).then(HungGit::new);
        let mut command = Command::new(env!("CARGO_BIN_EXE_dltflow"));
        let path = git.as_ref().map_or(std::env::var_os("PATH").unwrap(), |git| git.folder.path().into());
        command.current_dir(STAGE.repo.path().join(self.project)).env_clear().env("PATH", path);
        command.env("DATABRICKS_HOST", STAGE.sandbox.databricks_url()).env("DATABRICKS_TOKEN", DATABRICKS_TOKEN);
        command.args(["plan", "--verbose", "--environment", "dev", "--pull-request", "7"]);
        if git.is_some() {
            command.args(["--changed-since", "HEAD"]);
        }
        let child = command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
        let Stopped { output, took } = stop(child, self.stage, signal);
        let stderr = String::from_utf8(output.stderr).unwrap();
        if self.is_over(&stderr) {
            return None;
        }
        assert_eq!(output.status.code(), Some(code), "the command line in `{}`:\n{stderr}", self.stage);
        if self.stage != REPORT && !stderr.contains(BACKSTOP) {
            assert!(stderr.contains("error: the run was asked to stop\n"), "{}:\n{stderr}", self.stage);
            assert!(stderr.lines().next_back().unwrap().starts_with("failed"), "{}:\n{stderr}", self.stage);
        }
        Some(took)
    }

    /// Whether the signal came after the end of the stage; a run that is in its report ends with it.
    fn is_over(&self, stderr: &str) -> bool {
        match self.next {
            Some(next) => stderr.lines().any(|line| line == next),
            None => self.stage != REPORT && !stderr.contains("the run was asked to stop"),
        }
    }

    /// Stops a run in this stage, again where the signal came too late.
    fn stop(&self, face: &str, signal: (&str, i32)) -> Duration {
        let once = |_| if face == "action" { self.stop_step(signal) } else { self.stop_command(signal) };
        let took = (0..ATTEMPTS).find_map(once);
        took.unwrap_or_else(|| panic!("`{}` is never stopped through the {face}: {signal:?}", self.stage))
    }
}

/// A `git` that never answers. Once this is dropped it ends.
struct HungGit {
    folder: TempDir,
    _pipe: std::fs::File,
}

impl HungGit {
    fn new() -> Self {
        let folder = TempDir::new().unwrap();
        let (git, pipe) = (folder.path().join("git"), folder.path().join("pipe"));
        assert!(Command::new("mkfifo").arg(&pipe).status().unwrap().success());
        let cat = ["/bin/cat", "/usr/bin/cat"].into_iter().find(|cat| Path::new(cat).exists()).unwrap();
        std::fs::write(&git, format!("#!/bin/sh\nexec {cat} '{}'\n", pipe.display())).unwrap();
        std::fs::set_permissions(&git, PermissionsExt::from_mode(0o755)).unwrap();
        // Open both ways, it waits for nobody, and keeps its readers waiting.
        let held = std::fs::File::options().read(true).write(true).open(&pipe).unwrap();
        Self { folder, _pipe: held }
    }
}

#[test]
fn a_run_can_be_stopped_in_the_middle_of_each_stage() {
    let points: Vec<(&str, &Point, (&str, i32))> = [("action", &ACTION, 0), ("command line", &COMMAND_LINE, 1)]
        .into_iter()
        .flat_map(|(face, points, first)| {
            let signal = move |index: usize| SIGNALS[(first + index) % SIGNALS.len()];
            points.iter().enumerate().map(move |(index, point)| (face, point, signal(index)))
        })
        .collect();
    LazyLock::force(&STAGE);
    let next = AtomicUsize::new(0);
    let work = || {
        let mut longest = Duration::ZERO;
        while let Some((face, point, signal)) = points.get(next.fetch_add(1, Ordering::SeqCst)) {
            let took = point.stop(face, *signal);
            assert!(took < MOST, "`{}` through the {face}: {took:?}", point.stage);
            longest = longest.max(took);
        }
        longest
    };
    let longest = thread::scope(|scope| {
        let workers: Vec<_> = (0..SIDE_BY_SIDE).map(|_| scope.spawn(work)).collect();
        workers.into_iter().map(|worker| worker.join().unwrap()).max().unwrap()
    });
    let writes: Vec<String> = STAGE.sent().into_iter().filter(|request| !request.starts_with("GET ")).collect();
    assert_eq!(writes, Vec::<String>::new());
    tally("stages", &format!("{} points, the longest took {:.1} s to stop", points.len(), longest.as_secs_f64()));
}
