//! The step in a real container, started as the runner starts it over a checkout as actions/checkout leaves it.
//!
//! The image is the one that `DLTFLOW_IMAGE` names; where it names none, or where files cannot be given to another user,
//! these tests say that they did not run.

mod emulated;
mod events;
mod failures;
mod image;
mod inputs;
mod network;
mod stop;
mod surroundings;

use std::os::unix::net::UnixListener;
use std::sync::Mutex;

use crate::support::{Container, Ran, Runner, Stage, may_give_away, tally};

/// Runs in containers so far.
static RAN: Mutex<usize> = Mutex::new(0);

/// The image under test.
struct Image(String);

impl Image {
    fn given() -> Option<Self> {
        setting("containers", "DLTFLOW_IMAGE").map(Self)
    }

    /// Makes a runner's step one in a container, over a checkout of its own.
    fn contain<'a>(&self, stage: &Stage, runner: &'a mut Runner) -> &'a mut Container {
        if runner.workspace() == stage.repo.path() {
            runner.check_out(stage.repo.path());
        }
        let mut ran = RAN.lock().unwrap();
        *ran += 1;
        tally("containers", &format!("{ran} runs"));
        runner.in_container(&self.0)
    }

    /// Runs a step in a container; see [`Stage::run`] for what holds then.
    fn run(&self, stage: &Stage, runner: &mut Runner) -> Ran {
        self.contain(stage, runner);
        stage.run(runner)
    }

    /// The same with a container that is not quite the runner's.
    fn run_where(&self, stage: &Stage, runner: &mut Runner, change: impl FnOnce(&mut Container)) -> Ran {
        change(self.contain(stage, runner));
        stage.run(runner)
    }

    /// The same over a socket of ours where the engine's belongs: nobody may open it.
    fn run_watched(&self, stage: &Stage, runner: &mut Runner) -> Ran {
        let socket = runner.file("docker.sock");
        let engine = UnixListener::bind(&socket).unwrap();
        engine.set_nonblocking(true).unwrap();
        let ran = self.run_where(stage, runner, |container| _ = container.socket(socket));
        assert!(engine.accept().is_err(), "the engine's socket was opened");
        ran
    }
}

/// What `variable` says; where it says nothing, or this is not root, it is told that `theme` did not run.
fn setting(theme: &str, variable: &str) -> Option<String> {
    let set = std::env::var(variable).ok().filter(|value| !value.is_empty());
    if set.is_none() {
        did_not_run(theme, &format!("`{variable}` is not set"));
    }
    set.filter(|_| is_root(theme))
}

/// Whether files can be given to the runner's user; where not, it is told that `theme` did not run.
fn is_root(theme: &str) -> bool {
    let may = may_give_away();
    if !may {
        did_not_run(theme, "only root may give files to the runner's user");
    }
    may
}

#[expect(clippy::print_stderr, reason = "what was not tested has to be seen")]
fn did_not_run(theme: &str, why: &str) {
    eprintln!("{theme} did not run: {why}");
    tally(theme, &format!("did not run: {why}"));
}

/// A stage with a branch `bigger` that gives the orders another cluster.
fn opened() -> Stage {
    let stage = Stage::new();
    stage.repo.branch("bigger").replace("workflows/orders.yml", "max_workers: 2", "max_workers: 4").commit("bigger");
    stage
}

/// A run for that branch's pull request.
fn preview(stage: &Stage) -> Runner {
    stage.on_pull_request("opened", 42, "bigger")
}
