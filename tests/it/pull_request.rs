//! The main job, end to end: a pull request deploys what it touched and says so, and leaves nothing when it is closed.

use serde_json::Value;

use crate::support::Stage;

const ORDERS: &str = "[dev_octocat_pr42] shop-orders";

/// A pull request that gives the orders another cluster.
fn opened() -> Stage {
    let stage = Stage::new();
    stage.repo.branch("bigger").replace("workflows/orders.yml", "max_workers: 2", "max_workers: 4").commit("bigger");
    stage
}

fn body(stage: &Stage) -> String {
    let comments = stage.comments(42);
    assert_eq!(comments.len(), 1, "{comments:?}");
    comments[0]["body"].as_str().unwrap().to_owned()
}

#[test]
fn a_pull_request_deploys_exactly_what_it_touches_beside_the_shared_pipelines() {
    let stage = opened();
    let ran = stage.run(&stage.on_pull_request("opened", 42, "bigger"));
    ran.ended(0, "deployed");
    let pipelines = stage.pipelines();
    assert_eq!(pipelines.len(), 1, "{pipelines:?}");
    let spec = &pipelines[0]["spec"];
    assert_eq!(spec["name"], ORDERS);
    let suffix = spec["target"].as_str().unwrap().strip_prefix("shop_dev_").unwrap().to_owned();
    assert!(suffix.starts_with("pr42_"), "{suffix}");
    assert_eq!(spec["storage"], format!("/mnt/lake/shop/dev/orders_{suffix}"));
    assert_eq!(spec["development"], true);
    assert_eq!(spec["clusters"][0]["autoscale"]["max_workers"], 4);
    let url = ran.outputs["pipeline-urls"].clone();
    let urls: Value = serde_json::from_str(&url).unwrap();
    let url = urls["shop-orders"].as_str().unwrap();
    assert!(body(&stage).contains(url), "{}", body(&stage));
    assert!(ran.summary.contains(url));
    assert_eq!((ran.output("created"), ran.output("environment")), ("1", "dev"));
}

#[test]
fn a_second_run_of_the_same_commit_writes_nothing_and_says_nothing() {
    let stage = opened();
    stage.run(&stage.on_pull_request("opened", 42, "bigger")).ended(0, "deployed");
    let (said, first) = (body(&stage), stage.requests());
    stage.run(&stage.on_pull_request("reopened", 42, "bigger")).ended(0, "unchanged");
    let second = stage.requests();
    assert!(first.len() <= 8, "{first:#?}");
    assert!(second.len() <= 4 && second.iter().all(|request| request.starts_with("GET ")), "{second:#?}");
    assert_eq!(body(&stage), said);
}

#[test]
fn closing_leaves_nothing_of_the_preview_behind() {
    let stage = opened();
    let before = stage.objects();
    stage.run(&stage.on_pull_request("opened", 42, "bigger")).ended(0, "deployed");
    assert!(stage.objects().iter().any(|path| path.contains("/previews/pr42_")));
    stage.run(&stage.on_pull_request("closed", 42, "bigger")).ended(0, "destroyed");
    assert_eq!(stage.pipelines(), Vec::<Value>::new());
    let left: Vec<String> = stage.objects().into_iter().filter(|path| path.contains("pr42")).collect();
    assert_eq!(left, Vec::<String>::new(), "{before:?}");
    assert!(body(&stage).contains("destroyed"));
    stage.run(&stage.on_pull_request("closed", 42, "bigger")).ended(0, "destroyed");
}

#[test]
fn two_environments_of_one_pull_request_come_and_go_apart() {
    let stage = opened();
    let run = |action: &str, environment: &str, result: &str| {
        let mut runner = stage.on_pull_request(action, 42, "bigger");
        stage.run(runner.input("environment", environment)).ended(0, result);
    };
    run("opened", "dev", "deployed");
    run("opened", "prod", "deployed");
    run("closed", "dev", "destroyed");
    let name = |comment: &Value| comment["body"].as_str().unwrap().lines().nth(2).unwrap().to_owned();
    let said: Vec<String> = stage.comments(42).iter().map(name).collect();
    assert_eq!(said, ["### 🧹 dltflow · `dev` · destroyed", "### ✅ dltflow · `prod` · deployed"]);
    assert_eq!(stage.pipelines()[0]["spec"]["name"], "[prod_octocat_pr42] shop-orders");
    let notebook = stage.pipelines()[0]["spec"]["libraries"][0]["notebook"]["path"].as_str().unwrap().to_owned();
    let wheel = |path: &String| path.contains(".whl");
    let objects = stage.objects();
    assert!(objects.contains(&notebook) && objects.iter().any(wheel), "{objects:?}");
    run("closed", "prod", "destroyed");
    assert!(!stage.objects().iter().any(|path| path.contains("pr42")), "{:?}", stage.objects());
}

#[test]
fn a_preview_goes_whatever_its_author_is_called_by_then() {
    for author in [serde_json::json!({"login": "monalisa"}), Value::Null] {
        let stage = opened();
        stage.run(&stage.on_pull_request("opened", 42, "bigger")).ended(0, "deployed");
        stage.run(&stage.on_pull_request("opened", 421, "bigger")).ended(0, "deployed");
        let mut closed = stage.on_pull_request("closed", 42, "bigger");
        stage.run(closed.payload("/pull_request/user", author)).ended(0, "destroyed");
        let left: Vec<Value> = stage.pipelines().iter().map(|pipeline| pipeline["spec"]["name"].clone()).collect();
        assert_eq!(left, ["[dev_octocat_pr421] shop-orders"]);
    }
}

#[test]
fn a_preview_whose_target_has_another_name_by_then_is_told() {
    let stage = opened();
    stage.run(&stage.on_pull_request("opened", 42, "bigger")).ended(0, "deployed");
    stage.repo.replace("dltflow.yml", "  dev:", "  test:").commit("renamed");
    let ran = stage.run(&stage.on_pull_request("closed", 42, "bigger"));
    ran.ended(0, "destroyed");
    let told = ran.report["notes"][0]["message"].as_str().unwrap();
    assert!(told.contains(ORDERS) && told.contains("`dev` is no longer a target"), "{told}");
}

#[test]
fn a_run_whose_time_is_up_still_says_so() {
    let stage = opened();
    let hang = serde_json::json!({"method": "POST", "path": "/api/2.0/pipelines", "action": "hang"});
    stage.control("POST", "faults", &hang);
    let ran = stage.run(stage.on_pull_request("opened", 42, "bigger").input("timeout", "6s"));
    ran.ended(5, "failed");
    assert!(body(&stage).contains("time limit"), "{}", body(&stage));
}

#[test]
fn the_mode_destroys_the_preview_of_a_pull_request_that_is_open() {
    let stage = opened();
    stage.run(&stage.on_pull_request("opened", 42, "bigger")).ended(0, "deployed");
    let ran = stage.run(stage.on_pull_request("synchronize", 42, "bigger").input("mode", "destroy"));
    ran.ended(0, "destroyed");
    assert_eq!(ran.report["workflows"][0]["reasons"], serde_json::json!(["its destruction was requested"]));
    assert_eq!(stage.pipelines(), Vec::<Value>::new());
}

#[test]
fn a_pull_request_that_was_reopened_meanwhile_keeps_its_preview() {
    let stage = opened();
    stage.run(&stage.on_pull_request("opened", 42, "bigger")).ended(0, "deployed");
    let closed = stage.on_pull_request("closed", 42, "bigger");
    stage.control("PUT", "github/repositories/octo-org/shop/pulls/42", &serde_json::json!({"state": "open"}));
    let ran = stage.run(&closed);
    assert_eq!((ran.ended(0, "skipped").output("reason"), stage.pipelines().len()), ("superseded", 1));
    assert!(!ran.stderr.contains("stay"), "nothing went, so nothing was left behind:\n{}", ran.stderr);
}
