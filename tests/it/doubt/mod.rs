//! Doubt and conflict: a request that fails is repeated at one pace, a reply that is lost or refused is settled by what
//! stands, and what is told names what it speaks of.

mod creates;
mod edits;
mod pauses;
mod words;

use serde_json::Value;

use crate::support::{Ran, Repo, Runner, Stage};

/// A workflow on Unity Catalog, whose preview has a schema of its own.
const SPEC: &str = "
dev:
  workflows:
    - name: arrivals
      catalog: main
      schema: harbour
      tasks:
        items: [{python_file: shop/pipelines/orders.py, parameters: [--conf, conf/orders.json]}]
";
const NAME: &str = "[dev_octocat_pr42] arrivals";
const PIPELINES: &str = "/api/2.0/pipelines";
const SCHEMAS: &str = "/api/2.1/unity-catalog/schemas";

/// A pull request that adds a workflow.
fn opened() -> Stage {
    let stage = Stage::with(Repo::of("examples/shop"));
    stage.repo.branch("harbour").write("workflows/harbour.yml", SPEC).commit("harbour");
    stage
}

/// Its preview stands, and a new commit changes the workflow.
fn changed() -> Stage {
    let stage = opened();
    stage.run(&preview(&stage)).ended(0, "deployed");
    stage.repo.write("workflows/harbour.yml", format!("{SPEC}      photon: true\n")).commit("faster");
    stage.control("DELETE", "log", &Value::Null);
    stage
}

fn preview(stage: &Stage) -> Runner {
    stage.on_pull_request("synchronize", 42, "harbour")
}

fn closed(stage: &Stage) -> Runner {
    stage.on_pull_request("closed", 42, "harbour")
}

/// The shared pipeline stands, and a new commit on its branch changes the workflow.
fn pushed() -> Stage {
    let stage = Stage::with(Repo::of("examples/shop"));
    stage.repo.write("workflows/harbour.yml", SPEC).commit("harbour");
    stage.run(&push(&stage)).ended(0, "deployed");
    stage.repo.write("workflows/harbour.yml", format!("{SPEC}      photon: true\n")).commit("faster");
    stage.control("DELETE", "log", &Value::Null);
    stage
}

fn push(stage: &Stage) -> Runner {
    stage.on_push("refs/heads/main", Some(&stage.repo.rev("HEAD~")))
}

fn fault(stage: &Stage, fault: &Value) {
    stage.control("POST", "faults", fault);
}

/// The only pipeline, as the service shows it.
fn only(stage: &Stage) -> Value {
    let pipelines = stage.pipelines();
    assert_eq!(pipelines.len(), 1, "{pipelines:?}");
    pipelines[0].clone()
}

fn id(stage: &Stage) -> String {
    only(stage)["pipeline_id"].as_str().unwrap().to_owned()
}

/// How many requests of that method there were, for a path that begins so, in all since the log was cleared.
fn count(stage: &Stage, method: &str, path: &str) -> usize {
    stage.sent().iter().filter(|request| request.starts_with(&format!("{method} {path}"))).count()
}

/// All that a run told of its workflows: messages and hints.
fn told(ran: &Ran) -> String {
    ran.report["workflows"].as_array().unwrap().iter().map(|row| row["error"].to_string()).collect()
}

/// Does the work for each item, many at once: it mostly waits.
fn at_once<T: Sync>(items: &[T], work: impl Fn(&T) + Sync) {
    for some in items.chunks(8) {
        std::thread::scope(|scope| {
            for item in some {
                scope.spawn(|| work(item));
            }
        });
    }
}
