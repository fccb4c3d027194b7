//! What a deployment costs: requests to the workspace, bytes sent to it and those of the wheel among them, requests to
//! GitHub. Each number is counted in the log of the sandbox, to which the real program deploys as a step of a workflow.
//!
//! `cargo bench --bench requests` counts for up to 100 workflows and 300 files of code; `cargo test --bench requests` does
//! it for few. Both fail where a bound is broken.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a benchmark fails by panicking")]
#![allow(clippy::disallowed_methods, reason = "it is the outside world of the program")]
#![expect(clippy::print_stdout, reason = "its table is its result")]

#[path = "../tests/it/support/mod.rs"]
#[expect(dead_code, unused_imports, reason = "shared with the tests, which need all of it")]
mod support;

use std::path::Path;
use std::process::ExitCode;

use serde_json::Value;
use support::{Repo, Runner, Stage};

/// Most requests to the workspace that the first preview of one workflow may take, whatever the number of files.
const FIRST_PREVIEW: usize = 8;
/// Most requests to the workspace for one workflow that is as it should be: who asks, what is listed, what is in the
/// folder, the pipeline; and for a shared one what is recorded of earlier deployments.
const UNCHANGED: [(Whose, usize); 2] = [(Whose::Preview, 4), (Whose::Shared, 5)];
/// The example project's own folders: code, configuration, notebooks.
const FOLDERS: usize = 3;

/// How large a project is.
#[derive(Clone, Copy)]
struct Size {
    workflows: usize,
    files: usize,
}

/// Whose pipelines are deployed.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Whose {
    Preview,
    Shared,
}

/// What a run finds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Step {
    First,
    Unchanged,
    OneChanged,
}

/// What a run sent.
struct Cost {
    workspace: usize,
    writes: usize,
    bytes: u64,
    wheel: u64,
    github: usize,
}

fn main() -> ExitCode {
    // `cargo bench` says so, `cargo test` does not.
    let full = std::env::args().any(|argument| argument == "--bench");
    let (workflows, files): (&[usize], &[usize]) = if full { (&[1, 10, 100], &[1, 300]) } else { (&[1, 3], &[1, 30]) };
    println!(
        "Hive pipelines, deployed by the action. `bundles`: requests of `databricks bundle deploy` on a fresh runner,"
    );
    println!("not measured but counted from the order of its requests: 20 + files + folders + 2 a pipeline.");
    println!();
    println!("whose    workflows  files  run          workspace   bytes sent   wheel  github  bundles  ratio");
    let mut broken = Vec::new();
    for whose in [Whose::Preview, Whose::Shared] {
        for &workflows in workflows {
            for &files in files {
                let size = Size { workflows, files };
                for (step, cost) in costs(whose, size) {
                    println!("{}", line(whose, size, step, &cost));
                    broken.extend(broken_bound(whose, size, step, &cost));
                }
            }
        }
    }
    for bound in &broken {
        println!("\nbound broken: {bound}");
    }
    if broken.is_empty() { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

fn line(whose: Whose, size: Size, step: Step, cost: &Cost) -> String {
    let whose = if whose == Whose::Preview { "preview" } else { "shared" };
    let step = match step {
        Step::First => "first",
        Step::Unchanged => "unchanged",
        Step::OneChanged => "one changed",
    };
    // Beside the code each workflow has a configuration and a notebook.
    let files = size.files + 2 * size.workflows;
    let bundles = 20 + files + FOLDERS + 2 * size.workflows;
    let tenths = bundles * 10 / cost.workspace;
    format!(
        "{whose:<7}  {:>9}  {:>5}  {step:<11}  {:>9}  {:>11}  {:>6}  {:>6}  {bundles:>7}  {:>3}.{}",
        size.workflows,
        size.files,
        cost.workspace,
        cost.bytes,
        cost.wheel,
        cost.github,
        tenths / 10,
        tenths % 10
    )
}

fn broken_bound(whose: Whose, size: Size, step: Step, cost: &Cost) -> Option<String> {
    let Size { workflows, files } = size;
    let most = match step {
        Step::First if whose == Whose::Preview && workflows == 1 => FIRST_PREVIEW,
        Step::Unchanged if workflows == 1 => {
            UNCHANGED.into_iter().find(|(of, _)| *of == whose).map_or(0, |(_, most)| most)
        }
        _ => usize::MAX,
    };
    let what = format!("{step:?} run, {workflows} workflows, {files} files");
    if cost.workspace > most {
        return Some(format!("{what}: {} requests, at most {most} are allowed", cost.workspace));
    }
    (step == Step::Unchanged && cost.writes > 0).then(|| format!("{what}: {} writes", cost.writes))
}

/// What each run costs, one after the other in the same repository.
fn costs(whose: Whose, size: Size) -> Vec<(Step, Cost)> {
    let stage = Stage::with(project(size));
    let head = stage.repo.head();
    if whose == Whose::Preview {
        stage.repo.branch("change").write("shop/file_0.py", "RATE = 2\n").commit("code that every workflow uses");
    }
    let run = |before: Option<&str>| -> Runner {
        match whose {
            Whose::Preview => stage.on_pull_request("synchronize", 42, "change"),
            Whose::Shared => stage.on_push("refs/heads/main", before),
        }
    };
    let first = cost(&stage, &run(None), "deployed");
    let unchanged = cost(&stage, &run(Some(&head)), "unchanged");
    stage.repo.replace("workflows/workflow_0.json", "PRO", "ADVANCED").commit("one workflow");
    let one_changed = cost(&stage, &run(Some(&head)), "deployed");
    vec![(Step::First, first), (Step::Unchanged, unchanged), (Step::OneChanged, one_changed)]
}

/// Runs a step and counts what it sent.
fn cost(stage: &Stage, runner: &Runner, result: &str) -> Cost {
    stage.control("DELETE", "log", &Value::Null);
    stage.run(runner).ended(0, result);
    let log = stage.sandbox.log();
    let (workspace, github): (Vec<&Value>, Vec<&Value>) =
        log.as_array().unwrap().iter().partition(|entry| entry["service"] == "databricks");
    let length = |entry: &&Value| entry["headers"]["content-length"].as_str().and_then(|text| text.parse::<u64>().ok());
    let wheel = |entry: &&&Value| {
        let path = Path::new(entry["path"].as_str().unwrap());
        entry["method"] == "POST" && path.extension().is_some_and(|extension| extension == "whl")
    };
    Cost {
        workspace: workspace.len(),
        writes: workspace.iter().filter(|entry| entry["method"] != "GET").count(),
        bytes: workspace.iter().filter_map(length).sum(),
        wheel: workspace.iter().filter(wheel).filter_map(length).sum(),
        github: github.len(),
    }
}

/// A project of that size: a spec and a configuration a workflow, and files of code that have some two thousand bytes.
fn project(size: Size) -> Repo {
    let repo = Repo::new();
    repo.write(
        "dltflow.yml",
        "dltflow: {name: shop}\n\
         include: {code: {name: shop}, conf: {name: conf}, workflows: {name: workflows}}\n\
         targets: {dev: {deploy: {pull_requests: true, branches: [main]}}}\n",
    );
    for index in 0..size.files {
        let constants: Vec<String> = (0..100).map(|number| format!("RATE_{index}_{number} = {number}\n")).collect();
        repo.write(&format!("shop/file_{index}.py"), format!("class Orders:\n    pass\n\n\n{}", constants.concat()));
    }
    for index in 0..size.workflows {
        repo.write(&format!("conf/workflow_{index}.json"), r#"{"dlt": {"func_name": "orders", "kind": "table"}}"#);
        let spec = serde_json::json!({"dev": {"workflows": [{
            "name": format!("workflow-{index}"), "target": "shop", "storage": format!("/mnt/lake/shop/{index}"), "edition": "PRO",
            "tasks": {"items": [{"python_file": "shop/file_0.py", "parameters": ["--conf", format!("conf/workflow_{index}.json")]}]},
        }]}});
        repo.write(&format!("workflows/workflow_{index}.json"), format!("{spec:#}\n"));
    }
    repo.commit("first");
    repo
}
