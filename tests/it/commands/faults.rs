//! The engine's proof: whatever goes wrong with whichever request, what is told is true, and the next run makes it good.

use serde_json::{Value, json};

use super::{Shell, writes};
use crate::support::{Repo, Stage};

const SMALL: &str = "sizes/small.yml";
const LARGE: &str = "sizes/large.yml";
const MAKE: &str = "deploy --environment dev --as-individual --deployment-file sizes/small.yml";
const CHANGE: &str = "deploy --environment dev --as-individual --deployment-file sizes/large.yml";
const DESTROY: &str = "destroy --environment dev --as-individual";

/// One pipeline of either kind, with a schema of its own for the one on Unity Catalog.
fn stage() -> Stage {
    let repo = Repo::of("examples/shop");
    let spec = |workers: u8, file: &str| {
        format!(
            "dev:\n  workflows:\n\
             \x20   - &hive {{name: hive, target: shop, tasks: {{items: [{{python_file: shop/pipelines/{file}.py, parameters: [--conf, conf/{file}.json]}}]}},\n\
             \x20      clusters: [{{label: default, num_workers: {workers}}}]}}\n\
             \x20   - {{<<: *hive, name: unity, catalog: main}}\n"
        )
    };
    repo.write(SMALL, spec(1, "orders")).write(LARGE, spec(2, "returns")).commit("two sizes");
    Stage::with(repo)
}

/// What stands in the workspace, without what a run gives by chance.
fn standing(stage: &Stage) -> Value {
    let mut pipelines: Vec<Value> = stage.pipelines().iter().map(|pipeline| pipeline["stored"].clone()).collect();
    pipelines.sort_by_key(|spec| spec["name"].to_string());
    let schemas = &stage.sandbox.state()["databricks"]["schemas"];
    let name = |schema: &Value| schema["full_name"].clone();
    let schemas: Vec<Value> = schemas.as_array().unwrap().iter().map(name).collect();
    json!({"pipelines": pipelines, "objects": stage.objects(), "schemas": schemas})
}

/// Disturbs each request of each phase in turn by `fault`.
fn every_request(fault: &Value) {
    for (before, line) in [(None, MAKE), (Some(MAKE), CHANGE), (Some(MAKE), DESTROY)] {
        let (undisturbed, count) = run(before, line, None);
        assert!(count >= 8, "{count} requests of `{line}`");
        for index in 0..count {
            let mut fault = fault.clone();
            fault["skip"] = index.into();
            assert_eq!(run(before, line, Some(&fault)).0, undisturbed, "request {index} of `{line}`");
        }
    }
}

/// Runs `line` after `before`, disturbed where there is a fault and once more then: what stands, and how many requests
/// the first run took.
fn run(before: Option<&str>, line: &str, fault: Option<&Value>) -> (Value, usize) {
    let stage = stage();
    let shell = Shell::of(&stage);
    if let Some(line) = before {
        shell.run(line).ended(0);
    }
    let pipelines = standing(&stage)["pipelines"].clone();
    stage.requests();
    if let Some(fault) = fault {
        stage.control("POST", "faults", fault);
    }
    let said = shell.run(line);
    let count = stage.requests().len();
    stage.control("DELETE", "faults", &Value::Null);
    match said.code {
        0 => {}
        4 | 6 => assert_eq!(standing(&stage)["pipelines"], pipelines, "nothing was changed, it said:\n{}", said.stderr),
        5 => assert!(fault.is_some(), "{}", said.stderr),
        code => panic!("exit code {code}:\n{}", said.stderr),
    }
    let stands = standing(&stage);
    shell.run(line).ended(0);
    assert!(said.code != 0 || stands == standing(&stage), "it said that all was done:\n{}", said.stderr);
    stage.requests();
    shell.run(line).ended(0);
    assert_eq!(writes(&stage), Vec::<String>::new(), "a run that has nothing to do");
    (standing(&stage), count)
}

#[test]
fn a_refused_request_is_made_good_by_the_next_run() {
    every_request(&json!({"service": "databricks", "action": "respond", "status": 403, "when": "before"}));
}

#[test]
fn a_request_that_fails_is_made_good() {
    every_request(&json!({"service": "databricks", "action": "respond", "status": 503, "when": "before"}));
}

#[test]
fn a_request_whose_reply_is_lost_is_made_good() {
    every_request(&json!({"service": "databricks", "action": "drop", "when": "after"}));
}

#[test]
fn a_request_whose_reply_is_another_web_page_is_made_good() {
    let page = json!({"action": "respond", "status": 200, "body": "<html>sign in</html>", "when": "before"});
    every_request(&page);
}

#[test]
fn a_request_whose_reply_cannot_be_read_is_made_good() {
    let garbage = json!({"action": "respond", "status": 200, "body": "{\"pipeli", "content_type": "application/json", "when": "after"});
    every_request(&garbage);
}
