//! The deployment record: it belongs to one project and environment, is advice only, and is written before pipelines are.

use serde_json::{Value, json};

use crate::support::{Repo, Runner, Stage};

const MAIN: &str = "refs/heads/main";
/// Why a workflow is in a run, if nothing is recorded that would say what changed.
const UNKNOWN: &str = "no complete deployment of this version is known";

/// A project in `folder` with one workflow; `names` is what its `dltflow.yml` says of its name.
fn project(repo: &Repo, folder: &str, names: &str, workflow: &str) {
    let targets = "targets:\n  dev: {workspace: {root_path: /Shared/.dltflow}, deploy: {branches: [main]}}\n  \
                   prod: {workspace: {root_path: /Shared/.dltflow}, deploy: {tags: ['v*']}}\n";
    let include = "include: {code: {name: stock}, conf: {name: conf}}\n";
    repo.write(&format!("{folder}/dltflow.yml"), format!("dltflow: {names}\n{include}{targets}"));
    repo.write(&format!("{folder}/stock/orders.py"), "class Orders:\n    pass\n");
    repo.write(&format!("{folder}/conf/orders.json"), r#"{"dlt": {"func_name": "orders", "kind": "table"}}"#);
    let section = json!({"workflows": [{
        "name": workflow, "target": "shop", "storage": format!("/mnt/lake/{workflow}"), "edition": "PRO",
        "tasks": {"items": [{"python_file": "stock/orders.py", "parameters": ["--conf", "conf/orders.json"]}]},
    }]});
    repo.write(&format!("{folder}/workflows/orders.json"), json!({"dev": section, "prod": section}).to_string());
}

/// Two projects in one repository, below one root.
fn two(first: &str, second: &str) -> Stage {
    let repo = Repo::new();
    project(&repo, "a", first, "a-orders");
    project(&repo, "b", second, "b-orders");
    repo.commit("first");
    Stage::with(repo)
}

fn push(stage: &Stage, folder: &str, before: Option<&str>) -> Runner {
    let mut runner = stage.on_push(MAIN, before);
    runner.input("working-directory", folder);
    runner
}

fn refuse(stage: &Stage, method: &str, path: &str, times: u64) {
    stage.control(
        "POST",
        "faults",
        &json!({"method": method, "path": path, "action": "respond", "status": 400, "times": times}),
    );
}

fn edition(stage: &Stage, name: &str) -> String {
    let pipelines = stage.pipelines();
    let found = pipelines.iter().find(|pipeline| pipeline["spec"]["name"] == name);
    found.map_or("none", |found| found["spec"]["edition"].as_str().unwrap()).to_owned()
}

/// Paths of the records in the workspace.
fn records(stage: &Stage) -> Vec<String> {
    stage.objects().into_iter().filter(|path| path.contains("/deployed-")).collect()
}

/// The content of the only record.
fn record(stage: &Stage) -> Value {
    let [path] = &records(stage)[..] else { panic!("{:?}", stage.objects()) };
    let all = stage.sandbox.state();
    let objects = all["databricks"]["objects"].as_array().unwrap();
    let object = objects.iter().find(|object| object["path"] == path.as_str()).unwrap();
    object["content"].clone()
}

#[test]
fn projects_that_share_a_root_are_deployed_each_by_its_own_record() {
    for (case, first, second) in [
        ("two names", "{name: a}", "{name: b}"),
        ("one name, two ids", "{name: shop, id: one}", "{name: shop, id: two}"),
        ("one name in two folders", "{name: shop}", "{name: shop}"),
        ("an id that is the other's name", "{name: shop}", "{name: other, id: stock}"),
    ] {
        let stage = two(first, second);
        stage.run(&push(&stage, "a", None)).ended(0, "deployed");
        let ran = stage.run(&push(&stage, "b", None));
        assert_eq!((ran.output("result"), ran.output("created")), ("deployed", "1"), "{case}: {}", ran.stderr);
        assert_eq!(ran.reasons(), [format!("b-orders: {UNKNOWN}")], "{case}");
        assert_eq!(records(&stage).len(), 2, "{case}");
    }
}

#[test]
fn a_failed_run_is_made_good_although_another_project_was_deployed_since() {
    for (case, names) in [
        ("two names", ["{name: a}", "{name: b}"]),
        ("two ids", ["{name: s, id: a}", "{name: s, id: b}"]),
        ("two folders", ["{name: s}", "{name: s}"]),
    ] {
        let stage = two(names[0], names[1]);
        for folder in ["a", "b"] {
            stage.run(&push(&stage, folder, None)).ended(0, "deployed");
        }
        let before = stage.repo.head();
        stage.repo.replace("a/workflows/orders.json", "PRO", "ADVANCED").replace(
            "b/workflows/orders.json",
            "PRO",
            "CORE",
        );
        let broken = stage.repo.commit("editions");
        refuse(&stage, "PUT", "/api/2.0/pipelines/*", 1);
        stage.run(&push(&stage, "a", Some(&before))).ended(4, "failed");
        stage.run(&push(&stage, "b", Some(&before))).ended(0, "deployed");
        stage.repo.write("notes.md", "nothing to deploy").commit("notes");
        let ran = stage.run(&push(&stage, "a", Some(&broken)));
        assert_eq!((ran.output("result"), ran.output("updated")), ("deployed", "1"), "{case}: {}", ran.stderr);
        assert_eq!(ran.reasons(), [format!("a-orders: {UNKNOWN}")], "{case}: it is not only what stands that tells");
        assert_eq!(edition(&stage, "a-orders"), "ADVANCED", "{case}");
    }
}

/// The kind: another environment of the same project below the same root.
#[test]
fn a_failed_run_is_made_good_although_another_environment_was_deployed_since() {
    let repo = Repo::new();
    project(&repo, ".", "{name: a}", "a-orders");
    repo.replace(
        "workflows/orders.json",
        r#""prod":{"workflows":[{"edition":"PRO","name":"a-orders""#,
        r#""prod":{"workflows":[{"edition":"PRO","name":"a-orders-prod""#,
    );
    repo.commit("first");
    let stage = Stage::with(repo);
    stage.run(&stage.on_push(MAIN, None)).ended(0, "deployed");
    let before = stage.repo.head();
    let broken = stage.repo.replace("workflows/orders.json", "PRO", "ADVANCED").commit("editions");
    refuse(&stage, "PUT", "/api/2.0/pipelines/*", 1);
    stage.run(&stage.on_push(MAIN, Some(&before))).ended(4, "failed");
    stage.repo.git(&["tag", "v1"]);
    stage.run(&stage.on_push("refs/tags/v1", None)).ended(0, "deployed");
    stage.repo.write("notes.md", "nothing to deploy").commit("notes");
    let ran = stage.run(&stage.on_push(MAIN, Some(&broken)));
    assert_eq!(ran.ended(0, "deployed").reasons(), [format!("a-orders: {UNKNOWN}")]);
    assert_eq!(edition(&stage, "a-orders"), "ADVANCED");
}

#[test]
fn a_record_names_the_pipelines_before_they_are_created_and_the_commit_once_all_are() {
    let stage = Stage::new();
    refuse(&stage, "POST", "/api/2.0/pipelines", 2);
    stage.run(&stage.on_push(MAIN, None)).ended(4, "failed");
    let begun = record(&stage);
    assert_eq!(begun["pipelines"], json!(["shop-orders", "shop-returns"]));
    assert_eq!(begun["commit"], Value::Null);
    stage.run(&stage.on_push(MAIN, None)).ended(0, "deployed");
    let complete = record(&stage);
    assert_eq!(complete["commit"], stage.repo.head().as_str());
    assert_eq!(complete["pipelines"], begun["pipelines"]);
}

#[test]
fn no_pipeline_is_created_whose_name_could_not_be_recorded() {
    let stage = Stage::new();
    refuse(&stage, "POST", "/api/2.0/workspace-files/*deployed-*", 1);
    let ran = stage.run(&stage.on_push(MAIN, None));
    ran.ended(4, "failed");
    assert!(ran.stderr.contains("cannot record that a deployment has begun"), "{}", ran.stderr);
    assert!(stage.pipelines().is_empty());
}

#[test]
fn a_deployment_of_one_spec_keeps_what_is_recorded_of_the_others() {
    let stage = Stage::new();
    stage.run(&stage.on_push(MAIN, None)).ended(0, "deployed");
    let seen = record(&stage)["seen"].clone();
    stage.repo.replace("workflows/orders.yml", "max_workers: 2", "max_workers: 4").commit("bigger");
    stage.run(stage.on_push(MAIN, None).input("workflows", "workflows/orders.yml")).ended(0, "deployed");
    let record = record(&stage);
    assert_eq!((&record["commit"], &record["pipelines"]), (&Value::Null, &json!(["shop-orders", "shop-returns"])));
    let earlier = seen.as_object().unwrap().iter();
    assert!(earlier.clone().all(|(name, time)| record["seen"][name] == *time), "{seen} {record}");
}

#[test]
fn a_record_that_says_nonsense_is_no_record_and_is_replaced() {
    let texts = [
        String::new(),
        "{".to_owned(),
        "null".to_owned(),
        json!({"commit": "HEAD", "version": env!("CARGO_PKG_VERSION")}).to_string(),
        json!({"commit": "a".repeat(40), "version": "0.0.1"}).to_string(),
        json!({"pipelines": {"shop-orders": 1}}).to_string(),
        json!({"pipelines": [format!("{}\n", "x".repeat(5000)), "'; %", "%"]}).to_string(),
        json!({"kept": {"shop-orders": {"edition": "PRO"}}, "seen": {"x": "yesterday"}}).to_string(),
    ];
    for text in texts {
        let stage = Stage::new();
        stage.run(&stage.on_push(MAIN, None)).ended(0, "deployed");
        let path = records(&stage).remove(0);
        stage.write_by_hand(&path, &text);
        stage.repo.write("notes.md", "nothing to deploy").commit("notes");
        let ran = stage.run(&stage.on_push(MAIN, None));
        assert_eq!((ran.output("result"), ran.output("unchanged")), ("unchanged", "2"), "{text}: {}", ran.stderr);
        assert_eq!(record(&stage)["commit"], stage.repo.head().as_str(), "{text}");
    }
}

/// The file of the build before, which all projects below a root share, says nothing any more, whatever is in it.
#[test]
fn the_record_of_the_build_before_hides_nothing() {
    let stage = Stage::new();
    stage.run(&stage.on_push(MAIN, None)).ended(0, "deployed");
    let head = stage.repo.head();
    // What stands is compared anyway: why it is tells whether a record was believed.
    for version in [env!("CARGO_PKG_VERSION"), "0.0.1"] {
        stage.remove_by_hand(&records(&stage)[0]);
        let old = json!({"commit": head, "version": version, "pipelines": ["shop-orders", "shop-returns"]}).to_string();
        stage.write_by_hand("/Shared/.dltflow/shop/dev/deployed.json", &old);
        let ran = stage.run(&stage.on_push(MAIN, Some(&head)));
        assert_eq!(ran.ended(0, "unchanged").output("unchanged"), "2", "{version}: {}", ran.stderr);
        assert_eq!(
            ran.reasons(),
            ["shop-orders", "shop-returns"].map(|name| format!("{name}: {UNKNOWN}")),
            "{version}"
        );
        assert_eq!(records(&stage).len(), 1, "{version}: it has one of its own again");
    }
}
