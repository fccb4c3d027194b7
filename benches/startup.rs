//! What starting the program costs over a static program that only exits, as a process and as a container.
//!
//! `scripts/static x86_64 && cargo bench --bench startup` measures; `cargo test --bench startup` shows in a few rounds
//! that it still measures something. Containers are measured where `DLTFLOW_IMAGE` names the image. The programs take
//! turns, so that what else the machine does falls on all of them; shown are medians.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a benchmark fails by panicking")]
#![allow(clippy::disallowed_methods, reason = "it is the outside world of the program")]
#![expect(clippy::print_stdout, reason = "its table is its result")]

use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode, Stdio};
use std::time::{Duration, Instant};

use tempfile::TempDir;

const TARGET: &str = "x86_64-unknown-linux-musl";
const ROOT: &str = env!("CARGO_MANIFEST_DIR");
/// Most that the program may take longer to start than one that only exits.
const BOUND: Duration = Duration::from_millis(50);

/// One of the programs that take turns.
struct Turn {
    name: &'static str,
    command: Command,
    took: Vec<Duration>,
}

fn main() -> ExitCode {
    // `cargo bench` says so, `cargo test` does not.
    let full = std::env::args().any(|argument| argument == "--bench");
    let folder = TempDir::new().unwrap();
    let Some(program) = program() else {
        println!("did not run: no static program is built (`scripts/static x86_64`)");
        return ExitCode::SUCCESS;
    };
    let exit = exit_only(folder.path());
    let event = folder.path().join("event.json");
    std::fs::write(&event, "{}").unwrap();
    println!("started as   program            median      over\n");
    let mut slow = measure("process", if full { 401 } else { 21 }, processes(&program, &exit, &event));
    if let Some(image) = std::env::var_os("DLTFLOW_IMAGE") {
        let image = image.to_str().unwrap();
        let exit = exit_image(folder.path());
        slow |= measure("container", if full { 31 } else { 3 }, containers(image, &exit, &event));
        Command::new("docker").args(["rmi", "--force", &exit]).stdout(Stdio::null()).status().unwrap();
    }
    // A few rounds on a machine that does other things prove nothing, so only the full measurement fails.
    if full && slow { ExitCode::FAILURE } else { ExitCode::SUCCESS }
}

/// The static program, where one is built.
fn program() -> Option<PathBuf> {
    let target = std::env::var_os("CARGO_TARGET_DIR").map_or_else(|| Path::new(ROOT).join("target"), PathBuf::from);
    Some(target.join("static/x86_64/dltflow")).filter(|path| path.exists())
}

/// Builds the program that only exits.
fn exit_only(folder: &Path) -> PathBuf {
    let built = folder.join("exit");
    let mut rustc = Command::new("rustc");
    rustc.args(["--edition=2024", "-Copt-level=3", "-Cpanic=abort", "-Cstrip=symbols", "--target", TARGET, "-o"]);
    assert!(rustc.arg(&built).arg(Path::new(ROOT).join("benches/startup/exit.rs")).status().unwrap().success());
    built
}

/// An image that holds that program, as `Dockerfile` makes ours.
fn exit_image(folder: &Path) -> String {
    let context = folder.join("image");
    std::fs::create_dir(&context).unwrap();
    std::fs::copy(folder.join("exit"), context.join("exit")).unwrap();
    std::fs::write(context.join("Dockerfile"), "FROM scratch\nCOPY exit /exit\nENTRYPOINT [\"/exit\"]\n").unwrap();
    let name = format!("dltflow-exit:{}", std::process::id());
    let built = Command::new("docker").args(["build", "--quiet", "--tag", &name]).arg(context).output().unwrap();
    assert!(built.status.success(), "{}", String::from_utf8_lossy(&built.stderr));
    name
}

fn processes(program: &Path, exit: &Path, event: &Path) -> [Turn; 3] {
    let skipped = [("GITHUB_EVENT_PATH", event.to_str().unwrap()), ("GITHUB_WORKSPACE", ROOT)];
    let mut action = Command::new(program);
    action.arg("action").envs(variables().into_iter().chain(skipped));
    let mut version = Command::new(program);
    version.arg("--version");
    turns(Command::new(exit), version, action)
}

fn containers(image: &str, exit: &str, event: &Path) -> [Turn; 3] {
    let run = |image: &str, argument: &str| {
        let mut docker = Command::new("docker");
        docker.args(["run", "--rm", "--network", "host", "--workdir", "/github/workspace"]);
        docker.arg("-v").arg(format!("{ROOT}:/github/workspace:ro"));
        docker.arg("-v").arg(format!("{}:/github/workflow", event.parent().unwrap().display()));
        docker.args([
            "-e",
            "GITHUB_WORKSPACE=/github/workspace",
            "-e",
            "GITHUB_EVENT_PATH=/github/workflow/event.json",
        ]);
        for (name, value) in variables() {
            docker.arg("-e").arg(format!("{name}={value}"));
        }
        docker.args([image, argument]);
        docker
    };
    turns(run(exit, "--version"), run(image, "--version"), run(image, "action"))
}

/// A step that has nothing to do: it reads inputs, event and project, and says so.
fn variables() -> [(&'static str, &'static str); 6] {
    [
        ("GITHUB_EVENT_NAME", "watch"),
        ("GITHUB_REF", "refs/heads/main"),
        ("GITHUB_REF_TYPE", "branch"),
        ("GITHUB_SHA", "1111111111111111111111111111111111111111"),
        ("GITHUB_REPOSITORY", "octocat/shop"),
        ("INPUT_WORKING-DIRECTORY", "examples/shop"),
    ]
}

fn turns(exit: Command, version: Command, action: Command) -> [Turn; 3] {
    let named = [("only exits", exit), ("--version", version), ("a skipped event", action)];
    named.map(|(name, command)| Turn { name, command, took: Vec::new() })
}

/// Lets the programs take turns, prints what they took, and says whether one is over the bound.
fn measure(form: &str, rounds: usize, mut turns: [Turn; 3]) -> bool {
    for _ in 0..rounds {
        for turn in &mut turns {
            let began = Instant::now();
            let ended =
                turn.command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::piped()).output().unwrap();
            turn.took.push(began.elapsed());
            assert!(ended.status.success(), "{}: {}", turn.name, String::from_utf8_lossy(&ended.stderr));
        }
    }
    let medians = turns.each_mut().map(|turn| {
        turn.took.sort_unstable();
        (turn.name, turn.took[rounds / 2])
    });
    let least = medians[0].1;
    for (name, median) in medians {
        println!(
            "{form:<11}  {name:<15}  {:>7.1} ms  {:>5.1} ms",
            millis(median),
            millis(median.saturating_sub(least))
        );
    }
    println!();
    medians.iter().any(|(_, median)| median.saturating_sub(least) > BOUND)
}

fn millis(duration: Duration) -> f64 {
    duration.as_secs_f64() * 1000.0
}
