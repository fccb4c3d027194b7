//! Previews whose pull request is closed.

use serde_json::{Value, json};

use super::{MAIN, PULLS, close_unheard, confirmed, listed, schemas, sweep, things, why, writes};
use crate::support::Stage;

const SPEC: &str = "
dev:
  workflows:
    - name: arrivals
      catalog: main
      schema: harbour
      serverless: true
      tasks:
        items: [{python_file: shop/pipelines/orders.py, parameters: [--conf, conf/orders.json]}]
prod:
  workflows:
    - name: arrivals-prod
      catalog: main
      schema: harbour_prod
      serverless: true
      tasks:
        items: [{python_file: shop/pipelines/orders.py, parameters: [--conf, conf/orders.json]}]
";

/// A workspace with the preview of pull request 42, which makes a schema.
fn deployed() -> Stage {
    let stage = Stage::new();
    stage.repo.branch("harbour").write("workflows/harbour.yml", SPEC).commit("harbour");
    stage.run(&stage.on_pull_request("opened", 42, "harbour")).ended(0, "deployed");
    stage.repo.branch("main");
    stage
}

/// The folder of that preview.
fn folder(stage: &Stage) -> String {
    let path = stage.objects().into_iter().find(|path| path.contains("/previews/pr42_") && path.ends_with("any.whl"));
    path.unwrap().rsplit_once('/').unwrap().0.to_owned()
}

/// All that is there of previews: pipelines, schemas, objects.
fn left(stage: &Stage) -> (usize, usize, usize) {
    let objects = stage.objects().into_iter().filter(|path| path.contains("/previews/pr")).count();
    (stage.pipelines().len(), schemas(stage).len(), objects)
}

#[test]
fn a_preview_of_a_closed_pull_request_is_listed_and_goes_once_that_is_confirmed() {
    let stage = deployed();
    let before = left(&stage);
    close_unheard(&stage, 42);
    let ran = listed(&stage);
    let folder = folder(&stage).rsplit_once('/').unwrap().1.to_owned();
    let schema = schemas(&stage).remove(0);
    let expected = |fate: &str| {
        ["pipeline [dev_octocat_pr42] arrivals", &format!("schema {schema}"), &format!("folder {folder}")]
            .map(|thing| format!("{fate} {thing}"))
    };
    assert_eq!((things(&ran), left(&stage)), (expected("to delete").to_vec(), before));
    assert!(ran.summary.contains("its pull request was closed"), "{}", ran.summary);
    let ran = stage.run(&confirmed(&stage));
    ran.ended(0, "destroyed");
    assert_eq!((things(&ran), left(&stage)), (expected("deleted").to_vec(), (0, 0, 0)));
    assert_eq!(things(&listed(&stage)), Vec::<String>::new());
}

#[test]
fn a_preview_stays_where_nothing_says_that_its_pull_request_is_closed() {
    let stage = deployed();
    let before = left(&stage);
    let stays = |reason: &str| {
        stage.requests();
        let ran = stage.run(&confirmed(&stage));
        ran.ended(0, "destroyed");
        assert_eq!((things(&ran), writes(&stage)), (vec!["stays preview pr42".to_owned()], Vec::new()));
        assert!(why(&ran, "pr42").contains(reason), "{}", why(&ran, "pr42"));
        assert_eq!(left(&stage), before);
    };
    stays("pull request #42 is open");
    for (status, reason) in [(404, "could not be read"), (403, "could not be read")] {
        let fault = json!({"service": "github", "path": "*/pulls/42", "action": "respond", "status": status});
        stage.control("POST", "faults", &fault);
        stays(reason);
    }
}

#[test]
fn without_a_token_for_github_previews_are_only_listed() {
    let stage = deployed();
    close_unheard(&stage, 42);
    let mut runner = confirmed(&stage);
    runner.unset("INPUT_GITHUB-TOKEN");
    stage.requests();
    let ran = stage.run(&runner);
    assert_eq!((things(&ran), writes(&stage)), (vec!["stays preview pr42".to_owned()], Vec::new()));
    assert!(why(&ran, "pr42").contains("not known without a token for GitHub"), "{}", why(&ran, "pr42"));
}

#[test]
fn what_a_run_left_half_done_is_found_by_its_notes() {
    let stage = deployed();
    close_unheard(&stage, 42);
    stage.delete_by_hand("[dev_octocat_pr42] arrivals");
    while !stage.pipelines().is_empty() {
        stage.requests();
        listed(&stage);
    }
    assert_eq!(left(&stage).1, 1);
    stage.run(&confirmed(&stage)).ended(0, "destroyed");
    assert_eq!(left(&stage), (0, 0, 0));
}

#[test]
fn a_folder_in_which_nothing_says_whose_it_is_stays() {
    let stage = deployed();
    close_unheard(&stage, 42);
    let previews = folder(&stage).rsplit_once('/').unwrap().0.to_owned();
    for name in ["pr42_0000", "pr7_abcd", "octocat_abcd"] {
        stage.by_hand("POST", "/api/2.0/workspace/mkdirs", &json!({"path": format!("{previews}/{name}")}));
        stage.write_by_hand(&format!("{previews}/{name}/notes.txt"), "mine");
    }
    // One whose note nobody understands.
    stage.write_by_hand(&format!("{previews}/pr7_abcd/made-0123456789abcdef.json"), "{}");
    let ran = stage.run(&confirmed(&stage));
    ran.ended(0, "destroyed");
    for name in ["pr42_0000", "pr7_abcd", "octocat_abcd"] {
        assert_eq!(why(&ran, name), "nothing in it says whose it is");
        assert!(stage.objects().contains(&format!("{previews}/{name}/notes.txt")), "{:?}", stage.objects());
    }
}

#[test]
fn previews_of_users_are_never_swept() {
    let stage = deployed();
    close_unheard(&stage, 42);
    let mut runner = stage.on("workflow_dispatch", &json!({"inputs": {}}), MAIN, &stage.repo.rev(MAIN));
    runner.input("as-individual", "always");
    stage.run(&runner).ended(0, "deployed");
    let ours = stage.pipelines().len() - 1;
    let mut runner = confirmed(&stage);
    runner.input("as-individual", "always");
    stage.run(&runner).ended(0, "destroyed");
    assert_eq!(stage.pipelines().len(), ours, "the user's are there still");
}

#[test]
fn a_preview_of_which_not_all_can_be_read_stays_and_the_missing_right_is_named() {
    let stage = deployed();
    close_unheard(&stage, 42);
    let id = stage.id_of("[dev_octocat_pr42] arrivals");
    let other =
        stage.by_hand("POST", "/api/2.0/pipelines", &json!({"name": "[dev_octocat_pr42] orders", "libraries": []}));
    let other = other["pipeline_id"].as_str().unwrap();
    let refuse = json!({"method": "GET", "path": format!("/api/2.0/pipelines/{other}"), "status": 403, "times": 9});
    stage.control("POST", "faults", &refuse);
    stage.requests();
    let ran = stage.run(&confirmed(&stage));
    ran.ended(0, "destroyed");
    assert_eq!(writes(&stage), Vec::<String>::new());
    let why = why(&ran, "pr42");
    assert!(why.contains("`[dev_octocat_pr42] orders`") && why.contains("`CAN_VIEW`"), "{why}");
    assert_eq!(stage.id_of("[dev_octocat_pr42] arrivals"), id);
}

#[test]
fn a_sweep_of_one_environment_leaves_what_the_pull_request_has_in_another() {
    let stage = deployed();
    let mut runner = stage.on_pull_request("synchronize", 42, "harbour");
    runner.input("environment", "prod");
    stage.run(&runner).ended(0, "deployed");
    stage.repo.branch("main");
    close_unheard(&stage, 42);
    let folder = folder(&stage);
    let ran = stage.run(&confirmed(&stage));
    ran.ended(0, "destroyed");
    let names: Vec<Value> = stage.pipelines().iter().map(|found| found["spec"]["name"].clone()).collect();
    assert_eq!(names, ["[prod_octocat_pr42] arrivals-prod"]);
    assert!(stage.objects().iter().any(|path| path.starts_with(&folder)), "the folder of both stays");
    let mut runner = confirmed(&stage);
    runner.input("environment", "prod");
    stage.run(&runner).ended(0, "destroyed");
    assert_eq!(left(&stage), (0, 0, 0));
}

#[test]
fn nothing_is_swept_for_a_pull_request() {
    let stage = deployed();
    close_unheard(&stage, 42);
    let merge_group = json!({"action": "checks_requested", "merge_group": {
        "base_ref": MAIN, "head_ref": "refs/heads/gh-readonly-queue/main/pr-42-abc", "head_sha": stage.repo.rev("main"),
        "base_sha": stage.repo.rev("main")}});
    let mut runners: Vec<_> = ["opened", "synchronize", "closed", "labeled"]
        .map(|action| stage.on_pull_request(action, 43, "harbour"))
        .into();
    runners.push(stage.on(
        "merge_group",
        &merge_group,
        "refs/heads/gh-readonly-queue/main/pr-42-abc",
        &stage.repo.rev("main"),
    ));
    stage.requests();
    for runner in &mut runners {
        runner.input("mode", "sweep").input("confirm", "true");
        let ran = stage.run(runner);
        assert_eq!(ran.ended(0, "skipped").output("reason"), "no-sweep");
    }
    assert_eq!(stage.requests(), Vec::<String>::new());
}

#[test]
fn a_sweep_needs_a_rule_for_its_ref_or_an_environment() {
    let stage = deployed();
    stage.repo.git(&["branch", "side"]);
    let mut runner = sweep(&stage);
    runner.set("GITHUB_REF", "refs/heads/side");
    assert_eq!(stage.run(&runner).ended(0, "skipped").output("reason"), "no-rule");
    runner.input("environment", "dev");
    stage.run(&runner).ended(0, "listed");
}

#[test]
fn what_cannot_be_deleted_fails_the_sweep_and_the_next_one_finishes() {
    for (path, code) in [("/api/2.0/pipelines/*", 6), ("/api/2.0/workspace/delete", 5)] {
        let stage = deployed();
        close_unheard(&stage, 42);
        let method = if code == 6 { "DELETE" } else { "POST" };
        stage.control("POST", "faults", &json!({"method": method, "path": path, "status": 403, "times": 9}));
        let ran = stage.run(&confirmed(&stage));
        ran.ended(code, "failed");
        assert!(things(&ran).iter().any(|thing| thing.starts_with("failed ")), "{:?}", things(&ran));
        stage.control("DELETE", "faults", &Value::Null);
        stage.run(&confirmed(&stage)).ended(0, "destroyed");
        assert_eq!(left(&stage), (0, 0, 0), "{path}");
    }
}

#[test]
fn a_pull_request_of_another_repository_says_nothing_about_ours() {
    let stage = deployed();
    close_unheard(&stage, 42);
    stage.control("PUT", &format!("{PULLS}/42"), &json!({"state": "closed"}));
    let before = left(&stage);
    let mut runner = confirmed(&stage);
    runner.set("GITHUB_REPOSITORY_ID", "4243");
    let ran = stage.run(&runner);
    ran.ended(0, "destroyed");
    assert_eq!(left(&stage), before);
    assert!(things(&ran).iter().all(|thing| thing.starts_with("stays folder")), "{:?}", things(&ran));
}
