//! Stopping a run: whichever request is under way when the signal comes, nothing new is begun, what is told is true, and
//! the next run ends where an undisturbed one does.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use serde_json::{Value, json};

use crate::support::{Cancelled, Repo, Runner, Stage, ended, send, tally};

/// A step that is still there then has been forgotten by its runner.
pub(crate) const MOST: Duration = Duration::from_secs(7);
/// Requests wait most of the time; the processors are few.
const SIDE_BY_SIDE: usize = 12;

/// What a run does: what comes before it, and the run itself.
#[derive(Clone, Copy)]
pub(crate) struct Scene {
    pub(crate) name: &'static str,
    before: fn(&Stage),
    run: fn(&Stage) -> Runner,
}

/// A preview of two pipelines, one of either kind: made, changed so that one goes and one comes, taken down; and a shared
/// deployment, also with a workflow that was renamed.
pub(crate) const SCENES: [Scene; 5] = [
    Scene { name: "first preview", before: |_| {}, run: |stage| stage.on_pull_request("opened", 42, "more") },
    Scene { name: "changed preview", before: changed, run: |stage| stage.on_pull_request("synchronize", 42, "more") },
    Scene { name: "closed preview", before: made, run: |stage| stage.on_pull_request("closed", 42, "more") },
    Scene { name: "shared deployment", before: deployed, run: |stage| stage.on_push("refs/heads/main", None) },
    Scene { name: "pruned deployment", before: left, run: pruning },
];

fn spec(names: &[&str], workers: u8) -> String {
    let head = format!(
        "dev:\n  workflows:\n    - &hive {{name: hive, target: shop, tasks: {{items: [{{python_file: \
         shop/pipelines/orders.py, parameters: [--conf, conf/orders.json]}}]}}, clusters: [{{label: default, num_workers: {workers}}}]}}\n"
    );
    names.iter().fold(head, |spec, name| spec + &format!("    - {{<<: *hive, name: {name}, catalog: main}}\n"))
}

fn made(stage: &Stage) {
    stage.run(&(SCENES[0].run)(stage)).ended(0, "deployed");
}

fn changed(stage: &Stage) {
    made(stage);
    stage.repo.write("workflows/more.yml", spec(&["other"], 2)).commit("changed");
}

fn deployed(stage: &Stage) {
    stage.repo.branch("main");
    stage.run(&stage.on_push("refs/heads/main", None)).ended(0, "deployed");
    stage.repo.git(&["merge", "--quiet", "--ff-only", "more"]);
}

/// A workflow renamed since it was deployed.
fn left(stage: &Stage) {
    deployed(stage);
    stage.run(&stage.on_push("refs/heads/main", None)).ended(0, "deployed");
    stage.repo.replace("workflows/more.yml", "name: unity,", "name: renamed,").commit("renamed");
}

fn pruning(stage: &Stage) -> Runner {
    let mut runner = stage.on_push("refs/heads/main", None);
    runner.input("prune", "destroy");
    runner
}

impl Scene {
    fn stage(self) -> Stage {
        let repo = Repo::of("examples/shop");
        repo.branch("more").write("workflows/more.yml", spec(&["unity"], 1)).commit("more");
        let stage = Stage::with(repo);
        (self.before)(&stage);
        stage.control("DELETE", "log", &Value::Null);
        stage
    }

    /// The requests of an undisturbed run, and what stands then.
    pub(crate) fn undisturbed(self) -> (Vec<String>, Standing) {
        let stage = self.stage();
        let ran = stage.run(&(self.run)(&stage));
        assert_eq!(ran.code, 0, "{}", ran.stderr);
        (stage.sent(), Standing::of(&stage))
    }

    /// Interrupts a run at the request that `fault` hits, checks what holds then, and lets the next run make it good.
    pub(crate) fn interrupt(self, fault: &Value, wanted: &Standing, prepare: impl Fn(&Stage, &mut Runner)) -> Duration {
        let stage = self.stage();
        let place = format!("{} with {fault}", self.name);
        stage.control("POST", "faults", fault);
        let mut runner = (self.run)(&stage);
        prepare(&stage, &mut runner);
        let Cancelled { ran, took, late } = stage.cancel(&runner, &["INT"]);
        assert!(took < MOST, "{place}: {took:?}");
        assert_eq!(ran.code, 130, "{place}:\n{}", ran.stderr);
        assert_eq!(late, Vec::<String>::new(), "{place}: begun after the signal");
        if ran.output("result") == "failed" {
            assert!(ran.stderr.contains("the run was asked to stop"), "{place}:\n{}", ran.stderr);
            assert!(ran.summary.contains("the run was asked to stop"), "{place}:\n{}", ran.summary);
        }
        let stands = Standing::of(&stage);
        assert_told(&ran.report, &stands, wanted, &place);
        let ran = stage.run(&(self.run)(&stage));
        assert_eq!(ran.code, 0, "{place}, the next run:\n{}", ran.stderr);
        assert_eq!(&Standing::of(&stage), wanted, "{place}, after the next run");
        took
    }
}

/// What stands in the workspace and on the pull request, without what a run gives by chance.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Standing {
    pipelines: BTreeMap<String, Value>,
    objects: Vec<String>,
    schemas: Vec<Value>,
    comments: usize,
}

impl Standing {
    fn of(stage: &Stage) -> Self {
        let spec =
            |pipeline: &Value| (pipeline["spec"]["name"].as_str().unwrap().to_owned(), pipeline["stored"].clone());
        let schemas = &stage.sandbox.state()["databricks"]["schemas"];
        Self {
            pipelines: stage.pipelines().iter().map(spec).collect(),
            objects: stage.objects(),
            schemas: schemas.as_array().unwrap().iter().map(|schema| schema["full_name"].clone()).collect(),
            comments: stage.comments(42).len(),
        }
    }
}

/// A pipeline that the report calls done is as it will be, and one that it does not is not, or it is said that nobody knows.
#[track_caller]
fn assert_told(report: &Value, stands: &Standing, wanted: &Standing, place: &str) {
    for row in report["workflows"].as_array().unwrap() {
        if row["change"] == "none" {
            assert_ne!(row["status"], "done", "{place}: {row}");
            continue;
        }
        let name = row["pipeline_name"].as_str().unwrap();
        let right = stands.pipelines.get(name) == wanted.pipelines.get(name);
        let unknown = row["error"]["message"].as_str().is_some_and(|text| text.contains("whether it was done"));
        assert!(right == (row["status"] == "done") || unknown && row["status"] == "failed", "{place}: {row}");
    }
}

/// Interrupts at every request of a scene by a fault; several at once, as they wait most of the time.
fn every_request(scene: Scene, fault: &Value) {
    let (requests, wanted) = scene.undisturbed();
    assert!(requests.len() >= 8, "{requests:#?}");
    let next = AtomicUsize::new(0);
    let work = || {
        let mut longest = Duration::ZERO;
        while let Some(index) = Some(next.fetch_add(1, Ordering::SeqCst)).filter(|index| *index < requests.len()) {
            let mut fault = fault.clone();
            fault["skip"] = index.into();
            longest = longest.max(scene.interrupt(&fault, &wanted, |_, _| {}));
        }
        longest
    };
    let longest = std::thread::scope(|scope| {
        let workers: Vec<_> = (0..SIDE_BY_SIDE).map(|_| scope.spawn(work)).collect();
        workers.into_iter().map(|worker| worker.join().unwrap()).max().unwrap()
    });
    let line = format!("{} points, the longest took {:.1} s to stop", requests.len(), longest.as_secs_f64());
    tally(&format!("stop-{}", scene.name.replace(' ', "-")), &line);
}

/// The request was done and its reply never comes.
fn unanswered() -> Value {
    json!({"action": "hang", "when": "after"})
}

/// The request was done and its reply comes after the signal, but in time.
fn late() -> Value {
    json!({"action": "delay", "delay_ms": 2000})
}

#[test]
fn a_first_preview_can_be_stopped_at_every_request() {
    every_request(SCENES[0], &unanswered());
}

#[test]
fn a_changed_preview_can_be_stopped_at_every_request() {
    every_request(SCENES[1], &late());
}

#[test]
fn a_closed_preview_can_be_stopped_at_every_request() {
    every_request(SCENES[2], &late());
}

#[test]
fn a_shared_deployment_can_be_stopped_at_every_request() {
    every_request(SCENES[3], &late());
}

#[test]
fn a_pruned_deployment_can_be_stopped_at_every_request() {
    every_request(SCENES[4], &late());
}

#[test]
fn the_exit_code_tells_the_first_signal() {
    for (signals, code) in [(["INT", "INT"], 130), (["INT", "TERM"], 130), (["TERM", "INT"], 143)] {
        let stage = SCENES[0].stage();
        stage.control("POST", "faults", &json!({"action": "delay", "delay_ms": 2000, "path": "/api/2.0/pipelines"}));
        let runner = (SCENES[0].run)(&stage);
        let Cancelled { ran, .. } = stage.cancel(&runner, &signals);
        assert_eq!(ran.code, code, "{signals:?}: {}", ran.stderr);
    }
}

/// The event's payload is read before the first request, and so before anything is waited for.
#[test]
fn a_signal_at_the_start_is_not_lost() {
    let stage = SCENES[0].stage();
    let runner = (SCENES[0].run)(&stage);
    let (payload, text) = runner.hold_payload();
    let child = runner.start();
    // Opening waits for the reader, and so until the program has come this far.
    let mut pipe = std::fs::File::options().write(true).open(&payload).unwrap();
    send(&child, "INT");
    std::io::Write::write_all(&mut pipe, &text).unwrap();
    drop(pipe);
    let ran = ended(&runner, child);
    assert_eq!((ran.code, ran.output("result")), (130, "failed"), "{}", ran.stderr);
    let writes: Vec<String> = stage.sent().into_iter().filter(|request| !request.starts_with("GET ")).collect();
    assert_eq!(writes, Vec::<String>::new());
}

/// A lost reply is settled by looking up what stands, with pauses that grow: they end with the grace.
#[test]
fn a_run_that_waits_for_the_service_waits_no_longer_than_the_grace() {
    let stage = SCENES[0].stage();
    stage.control("PUT", "settings", &json!({"list_lag": 99}));
    let lost =
        json!({"method": "POST", "path": "/api/2.0/pipelines", "when": "after", "action": "drop", "delay_ms": 2600});
    stage.control("POST", "faults", &lost);
    let Cancelled { ran, took, .. } = stage.cancel(&(SCENES[0].run)(&stage), &["INT"]);
    assert_eq!(ran.code, 130, "{}", ran.stderr);
    assert!(took < Duration::from_secs(6), "{took:?}");
}

/// More uploads than may be under way at once: those that wait for a place are new ones, too.
#[test]
fn what_waits_for_its_turn_is_not_begun_after_the_signal() {
    let names: Vec<String> = (0..20).map(|index| format!("unity{index}")).collect();
    let stage = SCENES[0].stage();
    let names: Vec<&str> = names.iter().map(String::as_str).collect();
    stage.repo.write("workflows/more.yml", spec(&names, 1)).commit("many");
    let fault = json!({"method": "POST", "path": "/api/2.0/workspace*/import*", "action": "delay", "delay_ms": 2000, "times": 8});
    stage.control("POST", "faults", &fault);
    let Cancelled { ran, late, .. } = stage.cancel(&(SCENES[0].run)(&stage), &["INT"]);
    assert_eq!((ran.code, late), (130, Vec::new()), "{}", ran.stderr);
}
